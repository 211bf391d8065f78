//! Bodies of `POST /events` and what becomes of them.

use proptest::prelude::*;

use super::*;

const NOW: Time = Time::from_secs(1_700_000_000);

fn events(body: &str) -> Result<Vec<Incoming<'_>>, String> {
    let events = parse(body, NOW).map_err(|error| error.to_string())?;
    Ok(events.into_iter().map(|event| event.alert).collect())
}

#[test]
fn an_event_may_bring_a_picture_or_series() {
    let check = |fields: &str, expected: &str| {
        let body = format!(r#"[{{"labels":{{"a":"b"}}{fields}}}]"#);
        let read = parse(&body, NOW).map_err(|error| error.to_string());
        let found = read.map_or_else(|error| error, |events| format!("{:?}", events[0].picture));
        assert!(found.contains(expected), "{body}: {found}");
    };
    check("", "None");
    check(r#","image":null"#, "None");
    check(r#","image":{"data":"aGVsbG8=","title":"t"}"#, "Some(Image(");
    check(r#","series":{"series":[{"name":"x","points":[[1700000000,1]]}]}"#, "at_ms: 1700000000000");
    check(r#","image":{},"series":{"series":[]}"#, "event 0: image and series exclude each other");
    check(r#","image":{"dat":""}"#, "event 0: unknown field `dat`");
    check(r#","imag":{}"#, r#"did you mean "image"?"#);
}

#[test]
fn one_event_a_list_and_a_wrapped_list_are_the_same() {
    let event = r#"{"labels":{"alertname":"disk full","host":"db1"}}"#;
    let one = events(event).expect(event);
    assert_eq!(one[0].labels[0], ("alertname".into(), "disk full".into()));
    for body in [format!("[{event}]"), format!(r#"{{"events":[{event}]}}"#)] {
        assert_eq!(events(&body).as_ref(), Ok(&one), "{body}");
    }
    assert_eq!(events("[]"), Ok(vec![]));
}

#[test]
fn status_and_times_say_when_it_ends() {
    let check = |fields: &str, start: Option<i64>, end: Option<i64>| {
        let body = format!(r#"{{"labels":{{"a":"b"}}{fields}}}"#);
        let read = events(&body).expect(&body);
        assert_eq!(
            (read[0].starts_at, read[0].ends_at),
            (start.map(Time::from_secs), end.map(Time::from_secs)),
            "{body}"
        );
    };
    check("", None, None);
    check(r#","status":"firing""#, None, None);
    check(r#","status":"resolved""#, None, Some(1_700_000_000));
    check(r#","status":"resolved","endsAt":1699999000"#, None, Some(1_699_999_000));
    check(r#","status":"resolved","endsAt":1800000000"#, None, Some(1_700_000_000));
    check(r#","starts_at":"2023-11-14T22:00:00Z","ends_at":1700000100000"#, Some(1_699_999_200), Some(1_700_000_100));
    check(r#","startsAt":"1699999200""#, Some(1_699_999_200), None);
}

#[test]
fn numbers_are_printed_as_label_values() {
    let body = r#"{"labels":{"port":8080,"up":false,"load":1.5,"gone":null}}"#;
    let read = events(body).expect(body);
    let values: Vec<_> = read[0].labels.iter().map(|(_, value)| &**value).collect();
    assert_eq!(values, ["8080", "false", "1.5", ""]);
}

#[test]
fn errors_say_which_event_and_what_was_meant() {
    let check = |body: &str, expected: &str| {
        let error = events(body).expect_err(body);
        assert!(error.contains(expected), "{body}: {error}");
    };
    check(r#"{"lables":{"a":"b"}}"#, r#"event 0: unknown field "lables", did you mean "labels"?"#);
    check(
        r#"[{"labels":{"a":"b"}},{"labels":{"a":"b"},"end_at":5}]"#,
        r#"event 1: unknown field "end_at", did you mean "ends_at"?"#,
    );
    check(r#"{"labels":{"a":"b"},"zzz":1}"#, "known are labels, annotations, status");
    check(r#"{"labels":{"a":"b"},"status":"broken"}"#, "unknown variant `broken`, expected `firing` or `resolved`");
    check(r#"{"labels":{"a":"b"},"status":"firing","endsAt":5}"#, "status is \"firing\", but endsAt has passed");
    check(r#"{"labels":{"a":"b"},"labels":{}}"#, "is there twice");
    check(r#"{"labels":{"a":"b"},"startsAt":5,"starts_at":6}"#, "is there twice");
    check(r#"{"events":[],"labels":{}}"#, "unknown field \"labels\" beside \"events\"");
    check(r#"{"labels":{"a":["b"]}}"#, "expected a string");
    check("5", "expected an event, a list of events");
    check("", "an event, a list of events, or {\"events\": [...]} is required");
    check("{}", "it is empty");
}

#[test]
fn a_byte_order_mark_is_skipped() {
    assert_eq!(text(b"\xEF\xBB\xBF[]"), "[]");
}

const TOKENS: &[&str] = &[
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\"labels\"",
    "\"events\"",
    "\"status\"",
    "\"starts_at\"",
    "\"endsAt\"",
    "\"firing\"",
    "null",
    "1e999",
    "1e308",
    "-1e308",
    "\"1e308\"",
    "\"startsAt\"",
    "-9223372036854775808",
    "18446744073709551615",
    "\"x\"",
    "{\"labels\":{\"a\":1}}",
    "{\"events\":[",
    "\"image\"",
    "{\"data\":\"aGVsbG8=\"}",
    "\"series\"",
    "{\"series\":[{\"points\":[[1,null],[1e999,1]]}]}",
];

proptest! {
    #[test]
    fn no_bytes_panic(body: Vec<u8>) {
        let text = text(&body);
        let _ = parse(&text, NOW);
    }

    #[test]
    fn no_tokens_panic(tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..40)) {
        let _ = parse(&tokens.concat(), NOW);
    }
}
