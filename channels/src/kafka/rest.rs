//! Records through a REST proxy (Confluent's interface, v2 and v3). A status of 200 is no success yet: each record has its own.
//!
//! Deliberately unknown here: what is in a record.

use std::time::Duration;

use alerts::ports::{SendError, SendErrorKind};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{
    Method,
    header::{ACCEPT, CONTENT_TYPE},
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use url::Url;

use super::{
    config::ApiVersion,
    record::{Content, Record},
};
use crate::{
    config::Secret,
    sending::{Answer, Http, Redactor, Rehearsed, Reply, classify::DEFAULT_WAIT},
};

/// The code of a partition that has no leader at the moment, among those that begin with 404.
const NO_LEADER: i64 = 40404;

/// A proxy.
pub struct Rest {
    pub http: Http,
    /// Without a slash at the end.
    pub base: Url,
    pub api: Api,
    /// A user and a password; none: what `http_config` says.
    pub login: Option<(String, Secret)>,
    pub timeout: Duration,
}

/// Which interface.
pub enum Api {
    V2,
    V3 { cluster: String },
}

impl Rest {
    /// Hands a record over.
    ///
    /// # Errors
    /// When the proxy, or the broker behind it, does not take it.
    pub async fn put(&self, record: &Record) -> Result<(), SendError> {
        let url = self.url(&record.topic)?;
        let mut redactor = Redactor::default();
        let request = match &self.login {
            None => self.http.request(Method::POST, url.clone()).await?,
            Some((user, password)) => {
                let unauthorised = |why| SendError::new(SendErrorKind::Unauthorised, why);
                let password = password.read().await.map_err(unauthorised)?;
                let pair = STANDARD.encode(format!("{user}:{}", password.expose_secret()));
                redactor = redactor.with([password.clone(), pair.into()]);
                let request = self.http.request_without_login(Method::POST, url.clone()).await?;
                request.basic_auth(user, Some(password.expose_secret()))
            }
        };
        let (media_type, accept, body) = match self.api {
            Api::V2 => v2(record),
            Api::V3 { .. } => ("application/json", "application/json", v3(record)),
        };
        let request = request.header(CONTENT_TYPE, media_type).header(ACCEPT, accept).body(body.to_string());
        let answer = self.http.send(request, self.timeout).await?;
        let redactor = self.http.secrets().await.with_url(&url).and(redactor);
        verdict(&answer, &redactor)
    }

    fn url(&self, topic: &str) -> Result<Url, SendError> {
        let mut url = self.base.clone();
        let parts = match &self.api {
            Api::V2 => vec!["topics", topic],
            Api::V3 { cluster } => vec!["v3", "clusters", cluster, "topics", topic, "records"],
        };
        match url.path_segments_mut() {
            Ok(mut path) => path.pop_if_empty().extend(parts),
            Err(()) => return Err(SendError::new(SendErrorKind::Rejected, "kafka_rest_proxy takes no path")),
        };
        Ok(url)
    }
}

fn v2(record: &Record) -> (&'static str, &'static str, Value) {
    let (media_type, entry) = match &record.content {
        Content::Message(value) => ("application/vnd.kafka.json.v2+json", json!({ "key": record.key, "value": value })),
        Content::File(bytes) => (
            "application/vnd.kafka.binary.v2+json",
            json!({ "key": STANDARD.encode(&record.key), "value": STANDARD.encode(bytes) }),
        ),
    };
    (media_type, "application/vnd.kafka.v2+json", json!({ "records": [entry] }))
}

fn v3(record: &Record) -> Value {
    let value = match &record.content {
        Content::Message(value) => json!({ "type": "JSON", "data": value }),
        Content::File(bytes) => json!({ "type": "BINARY", "data": STANDARD.encode(bytes) }),
    };
    let headers: Vec<Value> =
        record.headers().iter().map(|(name, value)| json!({ "name": name, "value": STANDARD.encode(value) })).collect();
    json!({ "key": { "type": "STRING", "data": record.key }, "headers": headers, "value": value })
}

/// What an answer means: the status, then each record's own code.
fn verdict(answer: &Answer, redactor: &Redactor) -> Result<(), SendError> {
    let bodies: Vec<Value> =
        serde_json::Deserializer::from_slice(&answer.body).into_iter::<Value>().map_while(Result::ok).collect();
    if !answer.status.is_success() {
        let failure = answer.failure(redactor);
        let code = bodies.first().and_then(|body| body["error_code"].as_i64());
        let kind = match code {
            Some(NO_LEADER) => SendErrorKind::Retry,
            _ if says_too_large(&failure.detail) => SendErrorKind::TooLarge,
            _ => failure.kind,
        };
        return Err(SendError { kind, ..failure });
    }
    let refused = bodies.iter().find_map(refused);
    match refused {
        None if bodies.is_empty() => {
            // something else than a proxy answers here
            Err(SendError::new(SendErrorKind::Unauthorised, format!("no proxy's answer: {}", answer.words(redactor))))
        }
        None => Ok(()),
        Some((kind, words)) => {
            let detail = redactor.words(&words);
            let kind = if says_too_large(&detail) { SendErrorKind::TooLarge } else { kind };
            Err(SendError::new(kind, detail))
        }
    }
}

/// The first record that was not stored, of an answer of either version.
fn refused(body: &Value) -> Option<(SendErrorKind, String)> {
    let words = |of: &Value, key: &str| format!("{}: {}", of["error_code"], of[key].as_str().unwrap_or_default());
    if let Some(code) = body["error_code"].as_i64().filter(|code| code / 100 != 2) {
        return Some((of_code(code), words(body, "message")));
    }
    let offsets = body["offsets"].as_array()?;
    let failed = offsets.iter().find(|offset| offset["error_code"].is_i64())?;
    // 1: for good, 2: for now
    let kind = if failed["error_code"] == 2 { SendErrorKind::Retry } else { SendErrorKind::Rejected };
    Some((kind, words(failed, "error")))
}

/// Codes are statuses, with two more digits where they say more.
fn of_code(code: i64) -> SendErrorKind {
    match if code >= 1_000 { code / 100 } else { code } {
        _ if code == NO_LEADER => SendErrorKind::Retry,
        401 | 403 | 404 => SendErrorKind::Unauthorised,
        413 => SendErrorKind::TooLarge,
        429 => SendErrorKind::RetryAfter(DEFAULT_WAIT),
        408 | 500..=599 => SendErrorKind::Retry,
        _ => SendErrorKind::Rejected,
    }
}

/// Kafka's own words: `RecordTooLargeException`, "larger than the max message size".
fn says_too_large(words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    ["recordtoolarge", "message size", "too large"].iter().any(|word| words.contains(word))
}

/// How a proxy answers when all is well.
pub fn vendor(request: &Rehearsed) -> Reply {
    let path = request.url.path();
    if path.contains("/v3/clusters/") {
        let topic = path.split('/').rev().nth(1).unwrap_or_default();
        return Reply::json(&json!({ "error_code": 200, "topic_name": topic, "partition_id": 0, "offset": 1 }));
    }
    Reply::json(&json!({ "offsets": [{ "partition": 0, "offset": 1, "error_code": null, "error": null }] }))
}

impl From<(ApiVersion, Option<String>)> for Api {
    fn from((version, cluster): (ApiVersion, Option<String>)) -> Self {
        match version {
            ApiVersion::V2 => Api::V2,
            ApiVersion::V3 => Api::V3 { cluster: cluster.unwrap_or_default() },
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};

    use super::*;

    fn check(status: u16, body: &str, expected: Option<SendErrorKind>) {
        let answer = Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: body.to_owned().into(),
        };
        let found = verdict(&answer, &Redactor::default()).err().map(|error| error.kind);
        assert_eq!(found, expected, "{status} {body}");
    }

    #[test]
    fn each_record_has_its_own_code() {
        use SendErrorKind::*;
        check(200, r#"{"offsets":[{"partition":2,"offset":100,"error_code":null,"error":null}]}"#, None);
        check(200, r#"{"offsets":[{"error_code":2,"error":"no leader"}]}"#, Some(Retry));
        check(200, r#"{"offsets":[{"error_code":1,"error":"no"}]}"#, Some(Rejected));
        check(200, r#"{"offsets":[{"error_code":1,"error":"RecordTooLargeException"}]}"#, Some(TooLarge));
        check(200, r#"{"error_code":200,"offset":7}"#, None);
        check(200, "{\"error_code\":200}\n{\"error_code\":40301,\"message\":\"no\"}", Some(Unauthorised));
        check(200, r#"{"error_code":40403,"message":"no topic"}"#, Some(Unauthorised));
        check(200, r#"{"error_code":40404,"message":"no leader"}"#, Some(Retry));
        check(200, r#"{"error_code":42902,"message":"slowly"}"#, Some(RetryAfter(DEFAULT_WAIT)));
        check(200, r#"{"error_code":50301,"message":"later"}"#, Some(Retry));
        check(200, r#"{"error_code":413,"message":"no"}"#, Some(TooLarge));
        check(200, r#"{"error_code":422,"message":"no"}"#, Some(Rejected));
        check(200, "<html>log in</html>", Some(Unauthorised));
        check(404, r#"{"error_code":40404,"message":"no leader"}"#, Some(Retry));
        check(404, r#"{"error_code":40401,"message":"no topic"}"#, Some(Unauthorised));
        check(422, r#"{"error_code":42206,"message":"bad"}"#, Some(Rejected));
        check(400, r#"{"error_code":400,"message":"the request is too large"}"#, Some(TooLarge));
        check(503, "", Some(Retry));
    }
}
