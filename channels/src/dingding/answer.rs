//! DingTalk's signatures and answers: an error comes with status 200, and only its code says what it is
//! (<https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages>).
//!
//! Deliberately unknown here: messages.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use alerts::ports::{SendError, SendErrorKind};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sha2::Sha256;
use url::Url;

use crate::sending::{Answer, Redactor, Rehearsed, Reply};

/// How long a robot is not heard that sent too much.
const PENALTY: Duration = Duration::from_secs(10 * 60);

/// Adds time and signature to the robot's address.
pub fn sign(url: &mut Url, secret: &SecretString, now: SystemTime) {
    let millis = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis().to_string();
    let secret = secret.expose_secret();
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes());
    // a key of any length will do, so this never fails
    let signature = mac.map(|mac| mac.chain_update(format!("{millis}\n{secret}")).finalize().into_bytes());
    let signature = signature.map(|bytes| STANDARD.encode(bytes)).unwrap_or_default();
    url.query_pairs_mut().append_pair("timestamp", &millis).append_pair("sign", &signature);
}

/// The failure that the answer is, unless it is a success. `pictures`: whether the message might be taken without them.
pub fn understood(answer: &Answer, redactor: &Redactor, pictures: bool) -> Result<(), SendError> {
    if !answer.status.is_success() {
        return Err(answer.failure(redactor));
    }
    let json: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let Some((json, code)) = json.and_then(|json| json["errcode"].as_i64().map(|code| (json, code))) else {
        let words = format!("not DingTalk's answer: {}", answer.words(redactor));
        return Err(SendError::new(SendErrorKind::Retry, words));
    };
    let kind = match classify(code) {
        None => return Ok(()),
        Some(SendErrorKind::Rejected) if pictures && code != SECURITY => SendErrorKind::TooLarge,
        Some(kind) => kind,
    };
    Err(SendError::new(kind, redactor.words(&format!("{code}: {}", json["errmsg"].as_str().unwrap_or_default()))))
}

/// No keyword in the text, a wrong signature or time, or an address that is not on the list.
const SECURITY: i64 = 310_000;

/// The class of a code; none: a success.
fn classify(code: i64) -> Option<SendErrorKind> {
    Some(match code {
        0 => return None,
        130_101 | 410_100 => SendErrorKind::RetryAfter(PENALTY),
        -1 => SendErrorKind::Retry,
        // token, robot or group: nothing gets through until somebody mends it
        300_001 | 300_005 | 400_013 | 400_101 | 400_102 | 40_014 | 42_001 => SendErrorKind::Unauthorised,
        _ => SendErrorKind::Rejected,
    })
}

/// What DingTalk says when all is well.
pub fn vendor(_: &Rehearsed) -> Reply {
    Reply::json(&json!({ "errcode": 0, "errmsg": "ok" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Python's hmac and base64 make of it.
    #[test]
    fn signatures_are_right() {
        let mut url: Url = "https://oapi.dingtalk.com/robot/send?access_token=a".parse().unwrap();
        sign(&mut url, &SecretString::from("SECabc"), UNIX_EPOCH + Duration::from_millis(1_700_000_000_123));
        let signature = "IqXBU%2FaLfwMA3S%2FtDcfRmHx5vWHw9Y1aOgFLBr1Ti9w%3D";
        assert_eq!(
            url.as_str(),
            format!("https://oapi.dingtalk.com/robot/send?access_token=a&timestamp=1700000000123&sign={signature}")
        );
    }

    #[test]
    fn codes_have_classes() {
        let check = |codes: &[i64], kind| codes.iter().for_each(|code| assert_eq!(classify(*code), kind, "{code}"));
        check(&[0], None);
        check(&[130_101, 410_100], Some(SendErrorKind::RetryAfter(PENALTY)));
        check(&[-1], Some(SendErrorKind::Retry));
        check(&[300_001, 400_101], Some(SendErrorKind::Unauthorised));
        check(&[SECURITY, 460_101, 430_104, 7], Some(SendErrorKind::Rejected));
    }
}
