//! WeCom's answers: an error comes with status 200, and only its code says what it is
//! (<https://developer.work.weixin.qq.com/document/path/90313>).
//!
//! Deliberately unknown here: what was asked.

use std::time::Duration;

use alerts::ports::{SendError, SendErrorKind};
use serde_json::{Value, json};

use crate::sending::{Answer, Redactor, Rehearsed, Reply};

/// Limits are per minute.
const A_MINUTE: Duration = Duration::from_secs(60);

/// The codes of a token that is unknown, missing or over.
const TOKEN: [i64; 4] = [40_014, 41_001, 42_001, 42_007];

/// Why something was not taken.
pub struct Refusal {
    /// The failure.
    pub error: SendError,
    /// Whether a new token may help.
    pub token: bool,
}

fn refused(error: SendError) -> Box<Refusal> {
    Box::new(Refusal { error, token: false })
}

/// The answer, if it is a success.
pub fn understood(answer: &Answer, redactor: &Redactor) -> Result<Value, Box<Refusal>> {
    if !answer.status.is_success() {
        return Err(refused(answer.failure(redactor)));
    }
    let json: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let Some((json, code)) = json.and_then(|json| json["errcode"].as_i64().map(|code| (json, code))) else {
        let words = format!("not WeCom's answer: {}", answer.words(redactor));
        return Err(refused(SendError::new(SendErrorKind::Retry, words)));
    };
    if code == 0 {
        return Ok(json);
    }
    let words = redactor.words(&format!("{code}: {}", json["errmsg"].as_str().unwrap_or_default()));
    Err(Box::new(Refusal { error: SendError::new(classify(code), words), token: TOKEN.contains(&code) }))
}

/// The class of a code.
fn classify(code: i64) -> SendErrorKind {
    match code {
        // too often, too many at once
        45_009 | 45_033 => SendErrorKind::RetryAfter(A_MINUTE),
        // busy; somebody else wrote at the same time
        -1 | 6_000 => SendErrorKind::Retry,
        // secret, company, application, token, rights, address, recipients: nothing gets through until somebody mends it
        40_001 | 40_013 | 40_056 | 40_082 | 40_091 | 41_002 | 41_004 | 41_011 | 48_002 | 48_004 | 50_002 | 50_003
        | 60_011 | 60_020 | 81_013 | 93_000 | 93_004 | 93_008 | 301_002 => SendErrorKind::Unauthorised,
        code if TOKEN.contains(&code) => SendErrorKind::Unauthorised,
        _ => SendErrorKind::Rejected,
    }
}

/// Who of the recipients was not told.
pub fn not_told(answer: &Value) -> Option<String> {
    let names = ["invaliduser", "invalidparty", "invalidtag", "unlicenseduser"].map(|key| answer[key].as_str());
    let names: Vec<&str> = names.into_iter().flatten().filter(|names| !names.is_empty()).collect();
    (!names.is_empty()).then(|| format!("not told, since unknown: {}", names.join("|")))
}

/// What WeCom says when all is well.
pub fn vendor(request: &Rehearsed) -> Reply {
    let path = request.url.path();
    let mut answer = json!({ "errcode": 0, "errmsg": "ok" });
    if path.ends_with("/gettoken") {
        answer["access_token"] = "granted-secret".into();
        answer["expires_in"] = 7_200.into();
    } else if path.ends_with("/media/upload") {
        answer["media_id"] = "3G6_f-7gnbJNxkHNqkRtYF8".into();
    }
    Reply::json(&answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_classes() {
        let check = |codes: &[i64], kind| codes.iter().for_each(|code| assert_eq!(classify(*code), kind, "{code}"));
        check(&[45_009, 45_033], SendErrorKind::RetryAfter(A_MINUTE));
        check(&[-1], SendErrorKind::Retry);
        check(&[40_001, 42_001, 60_020, 81_013, 93_000], SendErrorKind::Unauthorised);
        check(&[40_058, 45_002, 44_004, 123_456], SendErrorKind::Rejected);
    }

    #[test]
    fn unknown_recipients_are_named() {
        let answer = json!({ "invaliduser": "ann|bob", "invalidparty": "", "invalidtag": "7" });
        assert_eq!(not_told(&answer).as_deref(), Some("not told, since unknown: ann|bob|7"));
        assert_eq!(not_told(&json!({})), None);
    }
}
