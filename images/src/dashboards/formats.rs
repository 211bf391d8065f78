//! How the values of a variable are written: Grafana's formats (packages/scenes/src/variables/interpolation/formatRegistry.ts).
//!
//! Deliberately unknown here: what the text that they stand in is.

use jiff::Timestamp;
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use super::Filled;

/// The values in a format; none where there is no such format.
pub(super) fn formatted(format: &str, variable: &Filled) -> Option<String> {
    let values: Vec<&str> = variable.values.iter().map(|(value, _)| value.as_str()).collect();
    let each = |write: &dyn Fn(&str) -> String, between: &str| {
        values.iter().map(|value| write(value)).collect::<Vec<_>>().join(between)
    };
    let (format, arguments) = format.split_once(':').unwrap_or((format, ""));
    Some(match format {
        "raw" | "csv" => values.join(","),
        "pipe" => values.join("|"),
        "join" => values.join(if arguments.is_empty() { "," } else { arguments }),
        "glob" => glob(&values),
        "regex" => alternatives(&values.iter().map(|value| regex_escaped(value)).collect::<Vec<_>>()),
        "json" if values.len() == 1 && !variable.several => values[0].to_owned(),
        "json" => Value::from(values).to_string(),
        "singlequote" => each(&|value| format!("'{}'", value.replace('\'', "\\'")), ","),
        "doublequote" => each(&|value| format!("\"{}\"", value.replace('"', "\\\"")), ","),
        "sqlstring" => each(&|value| format!("'{}'", value.replace('\'', "''").replace('"', "\\\"")), ","),
        "text" => variable.words(),
        "percentencode" => percent(&glob(&values)),
        "queryparam" => each(&|value| format!("var-{}={}", variable.name, percent(value)), "&"),
        "lucene" => lucene(&values),
        "distributed" => each(&str::to_owned, &format!(",{}=", variable.name)),
        _ => return None,
    })
}

/// `a`, or `(a|b)`.
pub(super) fn alternatives(values: &[String]) -> String {
    match values {
        [one] => one.clone(),
        all => format!("({})", all.join("|")),
    }
}

/// A value that a regular expression takes literally.
pub(super) fn regex_escaped(value: &str) -> String {
    let special =
        |c: char| matches!(c, '\\' | '^' | '$' | '*' | '+' | '?' | '.' | '(' | ')' | '|' | '{' | '}' | '[' | ']');
    escaped(value, special)
}

/// A time in milliseconds in the format `date`.
pub(super) fn date(millis: i64, format: &str) -> String {
    match format {
        "seconds" => (millis / 1000).to_string(),
        "ms" => millis.to_string(),
        _ => Timestamp::from_millisecond(millis).map_or_else(|_| millis.to_string(), |time| format!("{time:.3}")),
    }
}

fn glob(values: &[&str]) -> String {
    match values {
        [one] => (*one).to_owned(),
        all => format!("{{{}}}", all.join(",")),
    }
}

fn lucene(values: &[&str]) -> String {
    let special = |c: char| c.is_whitespace() || "!*+-=<>&|()[]{}^~?:\\/\"".contains(c);
    let escape = |value: &str| if value.parse::<f64>().is_ok() { value.to_owned() } else { escaped(value, special) };
    match values {
        [] => "__empty__".to_owned(),
        [one] => escape(one),
        all => {
            let quoted: Vec<String> = all.iter().map(|value| format!("\"{}\"", escape(value))).collect();
            format!("({})", quoted.join(" OR "))
        }
    }
}

fn percent(value: &str) -> String {
    byte_serialize(value.as_bytes()).collect::<String>().replace('+', "%20").replace('*', "%2A")
}

fn escaped(value: &str, special: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(value.len());
    for c in value.chars() {
        if special(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(format: &str, one: &str, two: &str) {
        let of = |values: &[&str]| Filled {
            name: "x".to_owned(),
            values: values.iter().map(|value| ((*value).to_owned(), value.to_uppercase())).collect(),
            ..Filled::default()
        };
        assert_eq!(formatted(format, &of(&["a.'b"])).as_deref(), Some(one), "{format}");
        assert_eq!(formatted(format, &of(&["a b", "c\"d"])).as_deref(), Some(two), "{format}");
    }

    #[test]
    fn formats_are_grafanas() {
        check("raw", "a.'b", "a b,c\"d");
        check("csv", "a.'b", "a b,c\"d");
        check("pipe", "a.'b", "a b|c\"d");
        check("glob", "a.'b", "{a b,c\"d}");
        check("regex", "a\\.'b", "(a b|c\"d)");
        check("json", "a.'b", r#"["a b","c\"d"]"#);
        check("singlequote", "'a.\\'b'", "'a b','c\"d'");
        check("doublequote", "\"a.'b\"", "\"a b\",\"c\\\"d\"");
        check("sqlstring", "'a.''b'", "'a b','c\\\"d'");
        check("text", "A.'B", "A B + C\"D");
        check("percentencode", "a.%27b", "%7Ba%20b%2Cc%22d%7D");
        check("queryparam", "var-x=a.%27b", "var-x=a%20b&var-x=c%22d");
        check("lucene", "a.'b", "(\"a\\ b\" OR \"c\\\"d\")");
        check("distributed", "a.'b", "a b,x=c\"d");
        assert_eq!(formatted("nothing", &Filled::default()), None);
        assert_eq!(date(1_700_000_000_123, "iso"), "2023-11-14T22:13:20.123Z");
        assert_eq!(date(1_700_000_000_123, "seconds"), "1700000000");
    }
}
