//! Bodies of Alertmanager's and Grafana's webhooks and what becomes of them.

use proptest::prelude::*;

use super::*;

const NOW: Time = Time::from_secs(1_700_000_000);

/// As Grafana 12 sends it, shortened.
const GRAFANA: &str = r#"{
  "receiver": "wirephoto", "status": "firing", "orgId": 1, "state": "alerting", "version": "1", "truncatedAlerts": 2,
  "externalURL": "https://grafana.test/", "title": "[FIRING:1] DiskFull", "message": "…", "groupKey": "{}:{}",
  "groupLabels": {"alertname": "DiskFull"}, "commonLabels": {}, "commonAnnotations": {},
  "alerts": [{
    "status": "firing",
    "labels": {"alertname": "DiskFull", "instance": "db-1"},
    "annotations": {"summary": "disk of db-1 is full"},
    "startsAt": "2023-11-14T22:00:00+01:00", "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "https://grafana.test/alerting/grafana/r1/view?orgId=1",
    "fingerprint": "57c6d9296de2ad39",
    "silenceURL": "https://grafana.test/alerting/silence/new?alertmanager=grafana",
    "dashboardURL": "https://grafana.test/d/nodes1?orgId=1",
    "panelURL": "https://grafana.test/d/nodes1?orgId=1&viewPanel=4",
    "imageURL": "https://bucket.test/a.png",
    "values": {"B": 97.5, "C": 1}, "valueString": "[ var='B' value=97.5 ]", "orgId": 1, "ruleUID": "r1"
  }]
}"#;

fn parsed(body: &str) -> Result<Payload, String> {
    let body = json(body.as_bytes()).map_err(|error| error.to_string())?;
    parse(&body, NOW).map_err(|error| error.to_string())
}

#[test]
fn grafanas_payload_brings_its_links_and_values() {
    let payload = parsed(GRAFANA).expect("a payload");
    assert_eq!((payload.truncated, payload.external_url.as_str()), (2, "https://grafana.test/"));
    let alert = payload.alerts[0].as_ref().expect("an alert");
    assert_eq!((alert.starts_at, alert.ends_at), (Some(Time::from_secs(1_699_995_600)), None));
    assert_eq!(alert.generator_url, "https://grafana.test/alerting/grafana/r1/view?orgId=1");
    let check = |name: &str, expected: &str| {
        let found = alert.annotations.iter().find(|(known, _)| known == name).map(|(_, value)| &**value);
        assert_eq!(found, Some(expected), "{name}");
    };
    check("summary", "disk of db-1 is full");
    check("__dashboardUid__", "nodes1");
    check("__panelId__", "4");
    check("__dashboardURL__", "https://grafana.test/d/nodes1?orgId=1");
    check("__panelURL__", "https://grafana.test/d/nodes1?orgId=1&viewPanel=4");
    check("__silenceURL__", "https://grafana.test/alerting/silence/new?alertmanager=grafana");
    check("__alert_image_url__", "https://bucket.test/a.png");
    check("image_url", "https://bucket.test/a.png");
    check("__values__", r#"{"B":97.5,"C":1}"#);
    check("__value_string__", "[ var='B' value=97.5 ]");
    check("__orgId__", "1");
}

#[test]
fn the_status_says_whether_it_goes_on() {
    let check = |fields: &str, expected: Option<i64>| {
        let body = format!(r#"{{"alerts":[{{"labels":{{"a":"b"}},{fields}}}]}}"#);
        let payload = parsed(&body).expect(&body);
        assert_eq!(payload.alerts[0].as_ref().expect(&body).ends_at, expected.map(Time::from_secs), "{body}");
    };
    let zero = r#""endsAt":"0001-01-01T00:00:00Z""#;
    check(&format!(r#""status":"firing",{zero}"#), None);
    check(r#""status":"firing","endsAt":"2023-11-14T22:20:00Z""#, None);
    check(r#""status":"resolved","endsAt":"2023-11-14T22:00:00Z""#, Some(1_699_999_200));
    check(r#""status":"resolved","endsAt":"2033-11-14T22:00:00Z""#, Some(1_700_000_000));
    check(&format!(r#""status":"resolved",{zero}"#), Some(1_700_000_000));
    check(zero, None);
    check(r#""endsAt":"2023-11-14T22:00:00Z""#, Some(1_699_999_200));
}

#[test]
fn one_wrong_alert_does_not_lose_the_others() {
    let body = r#"{"alerts":[{"labels":{"a":1}},{"labels":{"a":["b"]}},{"labels":{"a":"b"},"startsAt":"soon"},
                   {"labels":{"a":"b"},"status":"broken"},5,{"labels":{"a":"c"},"annotations":null}]}"#;
    let payload = parsed(body).expect(body);
    let found: Vec<_> =
        payload.alerts.iter().map(|read| read.as_ref().map_or_else(Clone::clone, |_| String::new())).collect();
    let expected = [
        "",
        "labels: the value of \"a\" must be a text",
        "startsAt: parsing time \"soon\"",
        "status: ",
        "must be an object",
        "",
    ];
    assert!(found.iter().zip(expected).all(|(found, expected)| found.starts_with(expected)), "{found:?}");
}

#[test]
fn other_bodies_are_refused() {
    let check = |body: &str, expected: &str| {
        let error = parsed(body).expect_err(body);
        assert!(error.contains(expected), "{body}: {error}");
    };
    check("", "the body is not JSON");
    check("[]", "must be an object with a list of alerts");
    check("{}", "alerts: is missing");
    check(r#"{"alerts":{}}"#, "alerts: must be a list");
}

const TOKENS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"alerts\"",
    "\"labels\"",
    "\"status\"",
    "\"firing\"",
    "\"startsAt\"",
    "1e308",
    "null",
    "\"values\"",
    "\"panelURL\"",
    "\"https://a/d/b?viewPanel=\"",
    "{\"alerts\":[{\"labels\":{\"a\":1}",
    "\"imageURL\"",
    "\"ß\"",
];

proptest! {
    #[test]
    fn no_bytes_panic(body: Vec<u8>) {
        let _ = json(&body).and_then(|body| parse(&body, NOW));
    }

    #[test]
    fn no_tokens_panic(tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..40)) {
        let _ = json(tokens.concat().as_bytes()).and_then(|body| parse(&body, NOW));
    }
}
