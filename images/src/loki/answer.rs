//! The body of Loki's answer to a log query: streams of lines.
//!
//! Deliberately unknown here: how it came, how lines are drawn.

use std::{borrow::Cow, collections::BTreeMap};

use alerts::ports::RenderError;
use charts::LogLine;
use serde::{Deserialize, de::IgnoredAny};

use super::line::{clean, level};
use crate::{
    error::{content, quoted},
    prometheus::answer::data,
};

/// The newest lines of all streams, the newest first, at most so many.
///
/// # Errors
/// When the body is no such answer.
pub(super) fn lines(body: &[u8], most: usize) -> Result<Vec<LogLine>, RenderError> {
    let streams: Streams<'_> = data(body, super::SPEAKS)?;
    if streams.kind != "streams" {
        return Err(content(format!("the source answered a {:?} to a log query", quoted(streams.kind.as_bytes()))));
    }
    let mut entries: Vec<(i64, &str, &Labels)> = Vec::new();
    for stream in &streams.result {
        for Entry(time, line, _) in &stream.values {
            let time: i64 =
                time.parse().map_err(|_| content(format!("{:?} is not a time", quoted(time.as_bytes()))))?;
            entries.push((time, &**line, &stream.labels));
        }
    }
    entries.sort_by_key(|(time, ..)| std::cmp::Reverse(*time));
    entries.truncate(most);
    let line = |(time, line, labels): (i64, &str, &Labels)| LogLine {
        at_ms: time.div_euclid(1_000_000),
        level: level(labels),
        text: clean(line),
    };
    Ok(entries.into_iter().map(line).collect())
}

/// Labels of a stream; Loki 3 has its structured metadata among them.
pub(super) type Labels = BTreeMap<String, String>;

#[derive(Deserialize)]
struct Streams<'a> {
    #[serde(rename = "resultType")]
    kind: String,
    #[serde(borrow)]
    result: Vec<Stream<'a>>,
}

#[derive(Deserialize)]
struct Stream<'a> {
    #[serde(rename = "stream", default)]
    labels: Labels,
    #[serde(borrow, default)]
    values: Vec<Entry<'a>>,
}

#[allow(dead_code, reason = "the last field only lets the server send it")]
/// Nanoseconds since 1970 as a text, the line, and structured metadata where the server tells it apart.
#[derive(Deserialize)]
struct Entry<'a>(#[serde(borrow)] Cow<'a, str>, #[serde(borrow)] Cow<'a, str>, #[serde(default)] Option<IgnoredAny>);

#[cfg(test)]
mod tests {
    use alerts::ports::RenderErrorKind;
    use charts::LogLevel;

    use super::*;

    fn wrapped(kind: &str, result: &str) -> String {
        format!(
            r#"{{"status":"success","data":{{"resultType":"{kind}","result":[{result}],"stats":{{"summary":{{}}}}}}}}"#
        )
    }

    #[test]
    fn streams_become_lines_the_newest_first() {
        let body = wrapped(
            "streams",
            r#"{"stream":{"app":"a","level":"error"},"values":[["1700000002000000000","two"],["1700000000123456789","ze\u001b[31mro"]]},
               {"stream":{"app":"b","detected_level":"info"},"values":[["1700000001000000000","one",{"trace":"x"}]]},
               {"stream":{}}"#,
        );
        let shown = |most| {
            let lines = lines(body.as_bytes(), most).expect("lines");
            lines.into_iter().map(|line| (line.at_ms, line.level, line.text)).collect::<Vec<_>>()
        };
        let all = [
            (1_700_000_002_000, LogLevel::Error, "two".to_owned()),
            (1_700_000_001_000, LogLevel::Info, "one".to_owned()),
            (1_700_000_000_123, LogLevel::Error, "zero".to_owned()),
        ];
        assert_eq!(shown(10), all);
        assert_eq!(shown(2), all[..2]);
        assert!(lines(wrapped("streams", "").as_bytes(), 10).expect("none").is_empty());
    }

    fn check(body: &str, kind: RenderErrorKind, words: &str) {
        let error = lines(body.as_bytes(), 10).map(drop).expect_err(body);
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.detail.contains(words), "{error}");
    }

    #[test]
    fn refuses_the_rest() {
        use RenderErrorKind::{Content, Source};
        check(&wrapped("matrix", ""), Content, "\"matrix\" to a log query");
        check(&wrapped("streams", r#"{"stream":{},"values":[["now","x"]]}"#), Content, "\"now\" is not a time");
        check(&wrapped("streams", r#"{"stream":{},"values":[[1,"x"]]}"#), Content, "did not answer as Loki does");
        check("too many outstanding requests", Content, "did not answer as Loki does");
        check(r#"{"status":"error","errorType":"x","error":"parse error"}"#, Source, "parse error");
    }
}
