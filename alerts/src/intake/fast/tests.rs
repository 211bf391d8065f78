//! The fast way against the plain one: the same bytes, the same outcome. And what must go the fast way does.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::{
    intake::{Batch, NameScheme, NotParsed},
    record::AlertRecord,
    table::AlertTable,
};

const NOW: Time = Time::from_secs(1_700_000_000);

/// What Prometheus sends, escapes included; two alerts, of which one has ended.
const PROMETHEUS: &str = r#"[{"annotations":{"description":"\"Disk\" is 91\u0025 full\n\u003e 90\u0026","summary":"é ✓ 😀 \\ \/"},"endsAt":"2023-11-14T22:17:20.123Z","startsAt":"2023-11-14T22:00:00.5Z","generatorURL":"http://prometheus:9090/graph?g0.expr=up+%3D%3D+0\u0026g0.tab=1","labels":{"alertname":"DiskFull","instance":"10.0.0.1:9100","severity":"warning"}},{"annotations":{},"endsAt":"2023-11-14T22:00:00Z","startsAt":"2023-11-14T21:00:00+01:00","generatorURL":"","labels":{"alertname":"x"}}]"#;
/// As vmalert and amtool order it, and with what Python's encoder puts between things.
const OTHERS: &str = " [ { \"startsAt\": \"2023-11-14T22:00:00Z\", \"generatorURL\": \"/graph\", \"endsAt\": \"\", \"labels\": {\"b\": \"1\", \"a\": \"2\", \"c\": \"\"}, \"annotations\": {\"z\": \"\", \"y\": \"1\"} }, {\"labels\":{\"a\":\"b\"}} ]\r\n";

type Way = fn(&[u8], &AlertTable, Time, &Rules) -> Result<Batch, NotParsed>;

/// What becomes of a body that is sent twice: the two answers, and what the table then holds.
fn outcome(way: Way, body: &[u8], rules: &Rules) -> (Vec<Result<Batch, NotParsed>>, Vec<AlertRecord>) {
    let table = AlertTable::new();
    let answers = [0, 30].map(|after| {
        let batch = way(body, &table, NOW.plus(Duration::from_secs(after)), rules);
        for alert in batch.iter().flat_map(|batch| &batch.changed) {
            table.put(alert.record(), 1);
            table.settle(alert.sighting.fingerprint, 1, true);
        }
        batch
    });
    let mut records: Vec<_> = (0..AlertTable::SHARDS).flat_map(|shard| table.records(shard)).collect();
    records.sort_by_key(|record| record.fingerprint);
    (answers.into(), records)
}

/// Both ways agree about `body`; whether it went the fast way.
fn check(body: &[u8]) -> bool {
    for names in [NameScheme::Utf8, NameScheme::Classic] {
        let rules = Rules { names, ..Rules::default() };
        let (either, plain) = (outcome(Batch::of_v2, body, &rules), outcome(Batch::of_v2_plainly, body, &rules));
        assert_eq!(either, plain, "{}", String::from_utf8_lossy(body));
    }
    read(body, NOW, &Rules::default()).is_some()
}

#[test]
fn ordinary_bodies_go_the_fast_way() {
    let check = |body: &str| assert!(check(body.as_bytes()), "{body}");
    check(PROMETHEUS);
    check(OTHERS);
    check("[]");
    check(" [ ] ");
    check(r#"[{"labels":{"a":"b"},"startsAt":"0001-01-01T00:00:00Z","endsAt":"2023-11-14"}]"#);
    check(
        r#"[{"labels":{"a":"b"}},{"labels":{"a":"c"}},{"labels":{"a":"bcdef"}},{"labels":{"b":""  ,"a":"b"}},{"labels":{"a":"c"}}]"#,
    );
}

#[test]
fn what_is_not_ordinary_goes_the_plain_way() {
    let check = |body: &str| assert!(!check(body.as_bytes()), "{body}");
    check("");
    check("null");
    check("[null]");
    check("[{}]");
    check("[] []");
    check("[]\u{c}");
    check("[\n]");
    check("[\u{7f}]");
    check(r#"[{"labels":{"a":"b"}},]"#);
    check(r#"[{"labels":{"a":"b"},}]"#);
    check(r#"[{"labels":{"a":"b",}}]"#);
    check(r#"[{"labels":{}}]"#);
    check(r#"[{"labels":{"":"b"}}]"#);
    check(r#"[{"labels":{"a":""}}]"#);
    check(r#"[{"labels":{"a":"b","a":"b"}}]"#);
    check(r#"[{"labels":{"a":"b","a":""}}]"#);
    check(r#"[{"labels":{"a":"b"},"labels":{"c":"d"}}]"#);
    check(r#"[{"labels":{"a":"b"},"Labels":{"c":"d"}}]"#);
    check(r#"[{"labels":{"a":"b"},"status":{"state":"active"}}]"#);
    check(r#"[{"labels":{"a":null}}]"#);
    check(r#"[{"labels":{"a":1e999}}]"#);
    check(r#"[{"labels":{"a":99999999999999999999999999999999999999}}]"#);
    check(r#"[{"labels":{"a":"b"},"annotations":null}]"#);
    check(r#"[{"labels":{"a":"b"},"annotations":{"":"b"}}]"#);
    check(r#"[{"labels":{"a":"\ud83d\ude00"}}]"#);
    check(r#"[{"labels":{"a":"\ud83d"}}]"#);
    check(r#"[{"labels":{"a":"\x41"}}]"#);
    check(r#"[{"labels":{"a":"\u00g0"}}]"#);
    check(r#"[{"labels":{"a":"\u+0e4"}}]"#);
    check(r#"[{"labels":{"a":"\u00"}}]"#);
    check(r#"[{"labels":{"a":"b"},"startsAt":"tomorrow"}]"#);
    check(r#"[{"labels":{"a":"b"},"startsAt":1700000000}]"#);
    check(r#"[{"labels":{"a":"b"},"startsAt":"2023-11-14T22:00:00Z","startsAt":"2023-11-14T22:00:01Z"}]"#);
    check(r#"[{"labels":{"a":"b"},"startsAt":"2023-11-14T22:00:00Z","endsAt":"2023-11-14T21:00:00Z"}]"#);
    check(r#"[{"labels":{"a":"b"},"generatorURL":"not a url"}]"#);
    check(r#"[{"labels":{"a":"b"},"generatorURL":"http://h/\u007f"}]"#);
    check(&format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)));
    check(&format!(r#"[{{"labels":{{"a":"1"}},"x":{}{}}}]"#, "[".repeat(1_000), "]".repeat(1_000)));
}

#[test]
fn a_body_may_end_anywhere() {
    for body in [PROMETHEUS.as_bytes(), OTHERS.as_bytes()] {
        for end in 0..body.len() {
            check(&body[..end]);
        }
    }
}

#[test]
fn known_alerts_are_settled_without_an_actor() {
    let many: Vec<_> = (0..200)
        .map(|n| {
            format!(r#"{{"labels":{{"n":"{n}"}},"startsAt":"2023-11-14T22:00:00Z","endsAt":"2023-11-14T23:00:00Z"}}"#)
        })
        .collect();
    let many = format!("[{}]", many.join(","));
    let (answers, records) = outcome(Batch::of_v2, many.as_bytes(), &Rules::default());
    let changed: Vec<_> = answers.into_iter().flatten().map(|batch| batch.changed.len()).collect();
    assert_eq!((changed, records.len()), (vec![200, 0], 200));
    assert!(check(many.as_bytes()));
}

/// What JSON of alerts is made of, and what looks like it.
const TOKENS: &[&str] = &[
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\"",
    " ",
    "\n",
    "\\",
    "\"labels\":",
    "\"annotations\":{",
    "\"startsAt\":",
    "\"endsAt\":",
    "\"generatorURL\":",
    "\"LABELS\":",
    "\"a\":",
    "\"b\":",
    "\"\":",
    "null",
    "1e999",
    "\"\"",
    "\"x\"",
    "\"\\ud800\"",
    "\"\\u0000\"",
    "\"\\u00e4\"",
    "\"\\n\"",
    "\"2023-11-14T22:00:00Z\"",
    "\"2023-11-14T22:00:00.123456789+02:00\"",
    "\"2023-11-14 22:00\"",
    "\"0001-01-01T00:00:00Z\"",
    "\"http://h/%zz\"",
    "\"http://h/?a\"",
    "{\"labels\":{\"a\":\"b\"",
    "\"labels\":{\"b\":\"1\",\"a\":\"2\"}",
    "[{\"labels\":{\"a\":\"b\"}}]",
];

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z]{0,20}",
        2 => "[ -~]{0,40}",
        1 => prop::collection::vec(any::<char>(), 0..12).prop_map(String::from_iter),
    ]
}

fn any_time() -> impl Strategy<Value = String> {
    let text = |seconds: i64, nanos: i64| Time::from_nanos(seconds * 1_000_000_000 + nanos).rfc3339();
    prop_oneof![
        4 => (1_699_000_000i64..1_701_000_000, 0i64..1_000_000_000).prop_map(move |(seconds, nanos)| text(seconds, nanos)),
        1 => "[0-9]{4}-[0-1][0-9]-[0-3][0-9][T t][0-2][0-9]:[0-6][0-9](:[0-6][0-9])?([.,][0-9]{0,10})?(Z|z|[+-][0-2][0-9]:?[0-6][0-9]|)",
        1 => Just(String::new()),
        1 => Just("0001-01-01T00:00:00Z".to_owned()),
    ]
}

fn any_alert() -> impl Strategy<Value = String> {
    let pairs = || prop::collection::vec((any_text(), any_text()), 0..6);
    let url = prop_oneof![Just(String::new()), "http://[a-z]{1,9}(:[0-9]{1,4})?/[a-z?&=%+]{0,20}", any_text()];
    let order = Just([0, 1, 2, 3, 4]).prop_shuffle();
    (pairs(), pairs(), any_time(), any_time(), url, order, 1usize..=5).prop_map(
        |(labels, annotations, starts, ends, url, order, fields)| {
            let json = |text: &str| serde_json::Value::from(text).to_string();
            let object = |pairs: &[(String, String)]| {
                let members: Vec<_> =
                    pairs.iter().map(|(name, value)| format!("{}:{}", json(name), json(value))).collect();
                format!("{{{}}}", members.join(","))
            };
            let all = [
                format!(r#""labels":{}"#, object(&labels)),
                format!(r#""annotations":{}"#, object(&annotations)),
                format!(r#""startsAt":{}"#, json(&starts)),
                format!(r#""endsAt":{}"#, json(&ends)),
                format!(r#""generatorURL":{}"#, json(&url)),
            ];
            let chosen: Vec<_> = order.iter().take(fields).map(|at| all[*at].clone()).collect();
            format!("{{{}}}", chosen.join(","))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes(body: Vec<u8>) {
        check(&body);
    }

    #[test]
    fn any_tokens(tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..40)) {
        check(tokens.concat().as_bytes());
    }

    #[test]
    fn any_alerts(alerts in prop::collection::vec(any_alert(), 0..7)) {
        check(format!("[{}]", alerts.join(",")).as_bytes());
    }

    /// A good body with some bytes changed, dropped or put in.
    #[test]
    fn any_damage(damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..4), 1..4), other: bool) {
        let mut body = if other { OTHERS } else { PROMETHEUS }.as_bytes().to_vec();
        for (at, byte, how) in damage {
            let at = at.index(body.len());
            match how {
                0 => body[at] = byte,
                1 => body[at] ^= 1 << (byte % 8),
                2 => drop(body.remove(at)),
                _ => body.insert(at, byte),
            }
        }
        check(&body);
    }

    /// A good body with a piece of it doubled or cut out.
    #[test]
    fn any_splice(from: prop::sample::Index, to: prop::sample::Index, at: prop::sample::Index, cut: bool) {
        let body = PROMETHEUS.as_bytes();
        let (from, to) = (from.index(body.len()), to.index(body.len()));
        let (piece, mut spliced) = (from.min(to)..from.max(to), body.to_vec());
        if cut {
            spliced.drain(piece);
        } else {
            let at = at.index(body.len());
            spliced.splice(at..at, body[piece].iter().copied());
        }
        check(&spliced);
    }
}
