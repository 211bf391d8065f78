//! The rows. Bodies are measured answers of Alertmanager 0.25, or what its source says of 0.34.
//!
//! Deliberately unknown here: who is asked.

/// A request and the answer that it must get. `LONGAGO`, `PAST`, `NOW`, `SOON` and `LATER` in bodies are times.
pub struct Row {
    pub method: &'static str,
    pub path: &'static str,
    pub content_type: Option<&'static str>,
    pub body: &'static str,
    pub status: u16,
    pub words: Words,
    /// Whether Debian's Alertmanager answers the same.
    pub in_0_25: bool,
}

/// What stands in the body of an answer.
#[derive(Clone, Copy, Debug)]
pub enum Words {
    Any,
    Exactly(&'static str),
    Within(&'static str),
    All(&'static [&'static str]),
}
use Words::{All, Any, Exactly, Within};

const JSON: Option<&str> = Some("application/json");

impl Row {
    const fn new(method: &'static str, path: &'static str, body: &'static str, status: u16, words: Words) -> Self {
        Self { method, path, content_type: JSON, body, status, words, in_0_25: true }
    }

    const fn newer(self) -> Self {
        Self { in_0_25: false, ..self }
    }

    const fn sent_as(self, content_type: Option<&'static str>) -> Self {
        Self { content_type, ..self }
    }
}

const fn alerts(body: &'static str, status: u16, words: Words) -> Row {
    Row::new("POST", "/api/v2/alerts", body, status, words)
}

const fn silences(body: &'static str, status: u16, words: Words) -> Row {
    Row::new("POST", "/api/v2/silences", body, status, words)
}

const fn get(path: &'static str, status: u16, words: Words) -> Row {
    Row::new("GET", path, "", status, words).sent_as(None)
}

/// All rows, in the order in which they are asked.
pub fn rows() -> Vec<Row> {
    [posting_alerts(), reading(), silencing(), one_silence()].into_iter().flatten().collect()
}

fn posting_alerts() -> Vec<Row> {
    vec![
        alerts(r#"[{"labels":{}}]"#, 400, Exactly(r#""at least one label pair required""#)),
        alerts(r#"[{"labels":{"a":""}}]"#, 400, Exactly(r#""at least one label pair required""#)),
        // in the default mode any name will do
        alerts(r#"[{"labels":{"a-b":"c"}}]"#, 200, Exactly("")).newer(),
        alerts(
            r#"[{"labels":{"a":"b"},"startsAt":"SOON","endsAt":"NOW"}]"#,
            400,
            Exactly(r#""start time must be before end time""#),
        ),
        alerts(r"[{}]", 422, Exactly(r#"{"code":602,"message":"0.labels in body is required"}"#)),
        alerts(
            r#"[{"labels":{"a":"b"},"generatorURL":"not a url"}]"#,
            422,
            Exactly(r#"{"code":601,"message":"0.generatorURL in body must be of type uri: \"not a url\""}"#),
        ),
        alerts(
            r#"[{"labels":{"a":"b"},"startsAt":"yesterday"}]"#,
            400,
            Within(r#"{"code":400,"message":"parsing alerts body from \"\" failed, because "#),
        ),
        alerts(
            r#"[{"labels":{"a":1}}]"#,
            400,
            Within(r#"{"code":400,"message":"parsing alerts body from \"\" failed, because "#),
        ),
        alerts("[{", 400, Within(r#"{"code":400,"message":"parsing alerts body from \"\" failed, because "#)),
        alerts("", 422, Exactly(r#"{"code":602,"message":"alerts in body is required"}"#)),
        alerts("[]", 200, Exactly("")),
        alerts("null", 200, Exactly("")),
        alerts("[]", 415, Exactly(r#"{"code":415,"message":"unsupported media type \"text/plain\", only [application/json] are allowed"}"#))
            .sent_as(Some("text/plain")),
        Row::new("PUT", "/api/v2/alerts", "[]", 405, All(&[r#"{"code":405,"message":"method PUT is not allowed, but ["#, "POST", "GET"])),
        // the valid ones of a batch are kept
        alerts(
            r#"[{"labels":{}},{"labels":{"alertname":"kept"}},{"labels":{"a":"b"},"startsAt":"SOON","endsAt":"NOW"}]"#,
            400,
            All(&["at least one label pair required", "start time must be before end time"]),
        ),
        get("/api/v2/alerts?filter=alertname%3Dkept", 200, Within(r#""alertname":"kept""#)),
    ]
}

fn reading() -> Vec<Row> {
    vec![
        get("/api/v2/nope", 404, Exactly(r#"{"code":404,"message":"path /api/v2/nope was not found"}"#)),
        get("/api/v2/alerts?filter=foo", 400, Within("bad matcher format: foo")),
        get("/api/v2/alerts/groups?filter=foo", 400, Within("bad matcher format: foo")),
        get("/api/v2/silences?filter=foo", 400, Within("bad matcher format: foo")),
        get("/api/v2/alerts?receiver=(", 400, Within("failed to parse receiver param: ")),
        get("/api/v2/alerts/groups?receiver=(", 400, Within("failed to parse receiver param: ")),
        // anything but the words for true is false
        get("/api/v2/alerts?active=maybe", 200, Exactly("[]")),
        get("/api/v1/alerts", 410, Within(r#""status":"deprecated""#)).newer(),
        get("/api/v1/status", 410, Within(r#""status":"deprecated""#)).newer(),
    ]
}

fn silencing() -> Vec<Row> {
    vec![
        silences("{}", 422, Exactly(r#"{"code":602,"message":"comment in body is required"}"#)),
        silences(
            r#"{"matchers":[],"startsAt":"NOW","endsAt":"SOON","createdBy":"a","comment":"b"}"#,
            422,
            All(&[r#""code":612"#, "matchers in body should have at least 1 items"]),
        ),
        silences(
            r#"{"matchers":[{"name":"a","value":"b"}],"startsAt":"NOW","endsAt":"SOON","createdBy":"a","comment":"b"}"#,
            422,
            Within("matchers.0.isRegex in body is required"),
        ),
        silences(
            r#"{"matchers":[{"name":"a","value":"","isRegex":false}],"startsAt":"NOW","endsAt":"SOON","createdBy":"a","comment":"b"}"#,
            400,
            Within("at least one matcher must not match the empty string"),
        ),
        silences(
            r#"{"matchers":[{"name":"a","value":"(","isRegex":true}],"startsAt":"NOW","endsAt":"SOON","createdBy":"a","comment":"b"}"#,
            400,
            Within("invalid label matcher 0"),
        ),
        silences(
            r#"{"matchers":[{"name":"a","value":"b","isRegex":false}],"startsAt":"LATER","endsAt":"SOON","createdBy":"a","comment":"b"}"#,
            400,
            Exactly(r#""Failed to create silence: start time must be before end time""#),
        ),
        silences(
            r#"{"matchers":[{"name":"a","value":"b","isRegex":false}],"startsAt":"LONGAGO","endsAt":"PAST","createdBy":"a","comment":"b"}"#,
            400,
            Exactly(r#""Failed to create silence: end time can't be in the past""#),
        ),
        silences(
            r#"{"id":"00000000-0000-4000-8000-000000000000","matchers":[{"name":"a","value":"b","isRegex":false}],"startsAt":"NOW","endsAt":"SOON","createdBy":"a","comment":"b"}"#,
            404,
            Within("silence not found"),
        ),
        // only pages ask for them
        silences(
            r#"{"matchers":[{"name":"a","value":"b","isRegex":false}],"startsAt":"NOW","endsAt":"SOON","createdBy":"","comment":""}"#,
            200,
            Within(r#"{"silenceID":""#),
        ),
        silences("{", 400, Within(r#"{"code":400,"message":"parsing silence body from \"\" failed, because "#)),
    ]
}

fn one_silence() -> Vec<Row> {
    const UNKNOWN: &str = "/api/v2/silence/00000000-0000-4000-8000-000000000000";
    let bad = Within(r#"{"code":601,"message":"silenceID in path must be of type uuid: "#);
    vec![
        get("/api/v2/silence/nope", 422, bad),
        get(UNKNOWN, 404, Exactly("")),
        Row::new("DELETE", "/api/v2/silence/nope", "", 422, bad).sent_as(None),
        // 0.25 answers 500
        Row::new("DELETE", UNKNOWN, "", 404, Any).sent_as(None).newer(),
    ]
}
