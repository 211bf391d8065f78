//! What Discord answers: the message that was made, or why not.
//!
//! Codes are those of <https://discord.com/developers/docs/topics/opcodes-and-status-codes#json>.
//!
//! Deliberately unknown here: requests, and what is done about a failure.

use std::time::Duration;

use alerts::ports::{SendError, SendErrorKind};
use serde::Deserialize;
use url::Url;

use crate::sending::{Answer, Redactor, classify::LONGEST_WAIT};

/// The message as Discord keeps it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Made {
    pub id: String,
    pub channel_id: Option<String>,
    attachments: Vec<Attachment>,
    embeds: Vec<Embed>,
}

#[derive(Debug, Deserialize)]
struct Attachment {
    id: String,
    filename: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Embed {
    image: Option<Image>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Image {
    url: String,
}

impl Made {
    /// The number of a file that went along. Files that an embed shows are not among the attachments
    /// (<https://github.com/discord/discord-api-docs/issues/1340>), but their address has it:
    /// `…/attachments/{channel}/{attachment}/{name}`.
    pub fn file(&self, name: &str) -> Option<String> {
        let beside = self.attachments.iter().find(|one| one.filename == name).map(|one| one.id.clone());
        beside.or_else(|| {
            self.embeds.iter().find_map(|embed| {
                let url = Url::parse(&embed.image.as_ref()?.url).ok()?;
                let mut parts = url.path_segments()?.rev();
                let found = parts.next() == Some(name);
                let id = parts.next().filter(|id| found && id.bytes().all(|byte| byte.is_ascii_digit()))?;
                (parts.nth(1) == Some("attachments")).then(|| id.to_owned())
            })
        })
    }
}

/// Why a request failed.
#[derive(Debug)]
pub struct Failure {
    /// For the machine.
    pub error: Box<SendError>,
    /// Discord's own number; 0: none.
    code: u64,
}

impl From<SendError> for Failure {
    fn from(error: SendError) -> Self {
        Self { error: Box::new(error), code: 0 }
    }
}

impl Failure {
    /// The message that was to be edited cannot be: it is gone, another webhook's, or was edited too often.
    pub const fn is_about_the_message(&self) -> bool {
        matches!(self.code, 10_008 | 30_046 | 50_005 | 50_083)
    }

    /// The thread is gone.
    pub const fn is_about_the_thread(&self) -> bool {
        self.code == 10_003
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Words {
    code: u64,
    retry_after: Option<f64>,
}

/// The message, or the failure that the answer is. `with_pictures`: whether some went along.
pub fn understood(answer: &Answer, redactor: &Redactor, with_pictures: bool) -> Result<Made, Failure> {
    if answer.status.is_success() {
        // a server that does not wait has nothing to say
        if answer.body.trim_ascii().is_empty() {
            return Ok(Made::default());
        }
        return serde_json::from_slice(&answer.body).map_err(|_| {
            SendError::new(SendErrorKind::Retry, format!("not Discord's answer: {}", answer.words(redactor))).into()
        });
    }
    let words: Words = serde_json::from_slice(&answer.body).unwrap_or_default();
    let mut error = answer.failure(redactor);
    error.kind = match (error.kind, words.code) {
        (SendErrorKind::RetryAfter(_), _) if words.retry_after.is_some() => {
            SendErrorKind::RetryAfter(wait(words.retry_after.unwrap_or_default()))
        }
        // too slow for the channel: it names no time, the next try does
        (SendErrorKind::Rejected, 20_016 | 20_028) => SendErrorKind::Retry,
        // the webhook, its channel, its thread: nothing gets through until somebody mends it
        (
            SendErrorKind::Rejected,
            10_003 | 10_015 | 40_001 | 50_001 | 50_013 | 50_027 | 50_083 | 160_005 | 220_001 | 220_002 | 220_003,
        ) => SendErrorKind::Unauthorised,
        (SendErrorKind::Rejected | SendErrorKind::TooLarge, _) if with_pictures => SendErrorKind::TooLarge,
        (SendErrorKind::TooLarge, _) => SendErrorKind::Rejected,
        (kind, _) => kind,
    };
    Err(Failure { error: Box::new(error), code: words.code })
}

fn wait(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, StatusCode};
    use serde_json::{Value, json};

    use super::*;

    fn answered(status: u16, body: &Value) -> Answer {
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, headers: HeaderMap::new(), body: body.to_string().into() }
    }

    #[test]
    fn files_are_found_wherever_they_are() {
        let made: Made = serde_json::from_value(json!({
            "id": "1",
            "attachments": [{"id": "7", "filename": "a.png"}],
            "embeds": [
                {"title": "text"},
                {"image": {"url": "https://cdn.discordapp.com/attachments/5/8/b.png?ex=1&hm=2"}},
                {"image": {"url": "https://elsewhere.test/attachments/x/y/c.png"}},
            ],
        }))
        .unwrap();
        assert_eq!(made.file("a.png").as_deref(), Some("7"));
        assert_eq!(made.file("b.png").as_deref(), Some("8"));
        assert_eq!((made.file("c.png"), made.file("d.png")), (None, None));
    }

    #[test]
    fn failures_have_classes() {
        use SendErrorKind::*;
        let check = |status: u16, body: Value, with_pictures: bool, expected: SendErrorKind| {
            let failure = understood(&answered(status, &body), &Redactor::default(), with_pictures).unwrap_err();
            assert_eq!(failure.error.kind, expected, "{status} {body}");
        };
        let code = |code: u64| json!({"message": "…", "code": code});
        check(429, json!({"retry_after": 0.75, "global": false}), false, RetryAfter(Duration::from_millis(750)));
        check(429, json!({"retry_after": 1e9, "global": true}), false, RetryAfter(LONGEST_WAIT));
        check(404, code(10_015), false, Unauthorised);
        check(400, code(220_001), true, Unauthorised);
        check(401, code(50_027), true, Unauthorised);
        check(400, code(50_035), true, TooLarge);
        check(400, code(50_035), false, Rejected);
        check(400, code(40_005), true, TooLarge);
        check(413, code(40_005), true, TooLarge);
        check(413, code(40_005), false, Rejected);
        check(400, code(20_016), false, Retry);
        check(502, json!("<html>"), true, Retry);
    }
}
