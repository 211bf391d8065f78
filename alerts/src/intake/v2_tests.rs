//! Bodies of `POST /api/v2/alerts` and what becomes of them.

use proptest::prelude::*;

use super::*;
use crate::{
    intake::{Batch, NameScheme, Normalised, Rules, normalise},
    table::AlertTable,
    time::Time,
};

const NOW: Time = Time::from_secs(1_700_000_000);

fn batch(body: &str) -> Result<Batch, NotParsed> {
    let text = text(body.as_bytes());
    Ok(Batch::sort_out(parse(&text)?, &AlertTable::new(), NOW, &Rules::default()))
}

/// The one alert of a body.
fn one(body: &str) -> Normalised {
    let mut batch = batch(body).expect(body);
    assert_eq!(batch.invalid, Vec::<String>::new(), "{body}");
    batch.changed.remove(0)
}

#[test]
fn shapes_are_refused_in_go_openapis_words() {
    let check = |body: &str, code: u16, message: &str| {
        let error = batch(body).expect_err(body);
        assert_eq!((error.code(), error.to_string().as_str()), (code, message), "{body}");
    };
    check("", 602, "alerts in body is required");
    check(" \n", 602, "alerts in body is required");
    check(r#"[{"annotations":{}}]"#, 602, "0.labels in body is required");
    check(r#"[{"labels":{"a":"b"}},{"labels":null}]"#, 602, "1.labels in body is required");
    check("[null]", 602, "0 in body is required");
    let uri = r#"[{"labels":{"a":"b"},"generatorURL":"not a url"}]"#;
    check(uri, 601, r#"0.generatorURL in body must be of type uri: "not a url""#);
}

#[test]
fn what_is_not_json_or_has_other_types_is_malformed() {
    let check = |body: &str| {
        let error = batch(body).expect_err(body);
        assert_eq!(error.code(), 400, "{body}: {error}");
        assert!(error.to_string().starts_with("parsing alerts body from \"\" failed, because "), "{error}");
    };
    check("{");
    check("nope");
    check("{}");
    check(r#""text""#);
    check("[1]");
    check(r#"[{"labels":{"a":1}}]"#);
    check(r#"[{"labels":{"a":{"b":"c"}}}]"#);
    check(r#"[{"labels":["a"]}]"#);
    check(r#"[{"labels":{"a":"b"},"startsAt":"tomorrow"}]"#);
    check(r#"[{"labels":{"a":"b"},"startsAt":1700000000}]"#);
    check(r#"[{"labels":{"a":"b"},"generatorURL":5}]"#);
    check(r#"[{"labels":{"a":"b"}}] trailing"#);
    check(r#"[{"nonsense":1},{"labels":"#); // broken JSON is reported before a missing label
}

#[test]
fn what_go_forgives_is_forgiven() {
    let check = |body: &str, labels: &str| assert_eq!(one(body).blob.labels().to_string(), labels, "{body}");
    check(r#"[{"labels":{"b":"1","a":"2"}}]"#, r#"{a="2", b="1"}"#);
    check(r#"[{"labels":{"a":"1","b":"","c":null}}]"#, r#"{a="1"}"#);
    check(r#"[{"labels":{"b":"1","a":"1","b":"2"}}]"#, r#"{a="1", b="2"}"#);
    check(r#"[{"labels":{"b":"1","a":"1","b":""}}]"#, r#"{a="1"}"#);
    check(r#"[{"labels":{"a":"1"},"labels":{"b":"2"}}]"#, r#"{a="1", b="2"}"#);
    check(r#"[{"LABELS":{"a":"1"},"extra":{"deep":[1e999999]}}]"#, r#"{a="1"}"#);
    check(r#"[{"labels":{"a":"\u00e4\n\ud83d"}}]"#, "{a=\"ä\\n\u{fffd}\"}");
    check(r#"[{"labels":{"a":"1"},"startsAt":null,"annotations":null,"generatorURL":null}]"#, r#"{a="1"}"#);
    assert_eq!(batch("null"), Ok(Batch::default()));
    assert_eq!(batch("[]"), Ok(Batch::default()));
    let deep = format!(r#"[{{"labels":{{"a":"1"}},"x":{}{}}}]"#, "[".repeat(200_000), "]".repeat(200_000));
    check(&deep, r#"{a="1"}"#);
}

#[test]
fn missing_times_get_alertmanagers_defaults() {
    let check = |times: &str, start: i64, end: i64, ends_by_timeout: bool| {
        let seen = one(&format!(r#"[{{"labels":{{"a":"b"}}{times}}}]"#)).sighting;
        let expected = (Time::from_secs(start), Time::from_secs(end), ends_by_timeout);
        assert_eq!((seen.starts_at, seen.ends_at, seen.ends_by_timeout), expected, "{times}");
    };
    check("", 1_700_000_000, 1_700_000_300, true);
    check(r#","startsAt":"2023-11-14T22:00:00Z""#, 1_699_999_200, 1_700_000_300, true);
    check(r#","endsAt":"2023-11-14T22:00:00Z""#, 1_699_999_200, 1_699_999_200, false);
    check(r#","startsAt":"","endsAt":"0001-01-01T00:00:00Z""#, 1_700_000_000, 1_700_000_300, true);
}

#[test]
fn invalid_alerts_do_not_take_the_others_with_them() {
    let check = |body: &str, invalid: &[&str], changed: usize| {
        let batch = batch(body).expect(body);
        assert_eq!(
            (batch.invalid.as_slice(), batch.changed.len()),
            (invalid.map_to_strings().as_slice(), changed),
            "{body}"
        );
    };
    check(r#"[{"labels":{}}]"#, &["at least one label pair required"], 0);
    check(r#"[{"labels":{"a":""}}]"#, &["at least one label pair required"], 0);
    check(r#"[{"labels":{"":"b"}}]"#, &[r#"invalid label set: invalid name """#], 0);
    check(r#"[{"labels":{"a":"b"},"annotations":{"":"b"}}]"#, &[r#"invalid annotations: invalid name """#], 0);
    let ends_early = r#"{"labels":{"a":"b"},"startsAt":"2023-01-02T00:00:00Z","endsAt":"2023-01-01T00:00:00Z"}"#;
    check(&format!("[{ends_early}]"), &["start time must be before end time"], 0);
    let mixed = format!(r#"[{{"labels":{{"a":"b"}}}},{ends_early},{{"labels":{{}}}}]"#);
    let expected =
        ["alert 2 of 3: start time must be before end time", "alert 3 of 3: at least one label pair required"];
    check(&mixed, &expected, 1);
}

trait MapToStrings {
    fn map_to_strings(&self) -> Vec<String>;
}

impl MapToStrings for &[&str] {
    fn map_to_strings(&self) -> Vec<String> {
        self.iter().map(|text| (*text).to_owned()).collect()
    }
}

#[test]
fn names_may_be_held_to_the_classic_form() {
    let check = |name: &str, classic: bool| {
        assert_eq!(NameScheme::Classic.allows(name), classic, "{name}");
        assert!(NameScheme::Utf8.allows(name), "{name}");
    };
    check("alertname", true);
    check("_a1", true);
    check("a-b", false);
    check("1a", false);
    check("größe", false);
}

#[test]
fn firing_and_resolved_are_counted_invalid_ones_included() {
    let body = r#"[{"labels":{}},{"labels":{"a":"b"}},{"labels":{"a":"c"},"endsAt":"2023-01-01T00:00:00Z"}]"#;
    let batch = batch(body).expect(body);
    assert_eq!((batch.firing, batch.resolved), (2, 1));
}

#[test]
fn the_packed_alert_is_the_received_one() {
    let body = r#"[{"labels":{"alertname":"x"},"annotations":{"summary":"s"},"generatorURL":"http://p/graph"}]"#;
    let received = one(body);
    assert_eq!(received.sighting.fingerprint.to_string(), "d240efc3896bf266");
    assert_eq!(Normalised::from(&received.alert()), received);
}

const TOKENS: &[&str] = &[
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\"",
    "\"labels\"",
    "\"annotations\"",
    "\"startsAt\"",
    "\"endsAt\"",
    "\"generatorURL\"",
    "null",
    "true",
    "1e999",
    "-0",
    "\"\"",
    "\"a\"",
    "\"\\ud800\"",
    "\"\\u0000\"",
    "\"2023-11-14T22:00:00Z\"",
    "\"http://h/%zz\"",
    "\"http://[::1\"",
    "\\",
    " ",
    "{\"labels\":{\"a\":\"b\"}}",
    "[{\"labels\":{\"a\":\"b\"}}]",
];

proptest! {
    #[test]
    fn no_bytes_panic(body: Vec<u8>) {
        let text = text(&body);
        let _ = parse(&text);
    }

    #[test]
    fn no_tokens_panic(tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..40)) {
        let body = tokens.concat();
        for alert in parse(&text(body.as_bytes())).unwrap_or_default() {
            if let Ok(alert) = normalise(alert, NOW, &Rules::default()) {
                prop_assert!(alert.sighting.starts_at <= alert.sighting.ends_at);
                prop_assert!(!alert.labels.is_empty());
                let _ = alert.into_owned().alert();
            }
        }
    }

    /// A byte of a good body changed, dropped or doubled: never a panic, and whatever is still taken is valid.
    #[test]
    fn no_damage_panics(at in 0usize..200, byte: u8, how in 0u8..3) {
        let good = r#"[{"labels":{"alertname":"x","i":"\u00e4"},"annotations":{"s":"t"},"startsAt":"2023-11-14T22:00:00Z","endsAt":"2023-11-14T23:00:00.5Z","generatorURL":"http://p:9090/graph?g0.expr=up"}]"#;
        let mut body = good.as_bytes().to_vec();
        let at = at % body.len();
        match how {
            0 => body[at] = byte,
            1 => drop(body.remove(at)),
            _ => body.insert(at, body[at]),
        }
        let text = text(&body);
        if let Ok(alerts) = parse(&text) {
            prop_assert!(alerts.len() <= 1);
        }
    }

    /// serde_json's own reading of a label set and ours agree.
    #[test]
    fn any_label_set_is_read_as_serde_json_reads_it(labels: std::collections::BTreeMap<String, String>) {
        let body = serde_json::json!([{ "labels": labels }]).to_string();
        let text = text(body.as_bytes());
        let alerts = parse(&text).expect("it is well formed");
        let read: std::collections::BTreeMap<String, String> =
            alerts[0].labels.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        prop_assert_eq!(read, labels);
    }
}
