//! What Pushover's answer means: success is a status of 2xx and `status` 1 in the body.
//!
//! Deliberately unknown here: requests.

use std::time::Duration;

use alerts::ports::{SendError, SendErrorKind};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;

use crate::sending::{Answer, Redactor};

/// The shortest pause after a failure of theirs (<https://pushover.net/api#friendly>).
const SHORTEST_PAUSE: Duration = Duration::from_secs(5);

/// The longest pause when the month's messages are used up: more may have been bought, and asking costs nothing.
const LONGEST_PAUSE: Duration = Duration::from_secs(3_600);

/// What was taken.
#[derive(Debug, PartialEq, Eq)]
pub struct Taken {
    /// Their number of the request.
    pub request: Option<String>,
    /// Of an emergency: by which it can be called off.
    pub receipt: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    status: i64,
    request: Option<String>,
    receipt: Option<String>,
    errors: Vec<String>,
    /// `invalid`, if it is.
    token: Option<String>,
    user: Option<String>,
}

/// Whether it was taken. `with_pictures`: it might be taken without them.
pub fn understood(answer: &Answer, redactor: &Redactor, with_pictures: bool) -> Result<Taken, SendError> {
    let body: Option<Body> = serde_json::from_slice(&answer.body).ok();
    match body {
        Some(body) if answer.status.is_success() && body.status == 1 => {
            Ok(Taken { request: body.request, receipt: body.receipt })
        }
        body => Err(refused(answer, &body.unwrap_or_default(), redactor, with_pictures)),
    }
}

fn refused(answer: &Answer, body: &Body, redactor: &Redactor, with_pictures: bool) -> SendError {
    let mut failure = answer.failure(redactor);
    if !body.errors.is_empty() {
        failure.detail = redactor.words(&format!("{}: {}", answer.status, body.errors.join("; ")));
    }
    let words = body.errors.join(" ");
    failure.kind = match failure.kind {
        SendErrorKind::RetryAfter(_) if answer.status == StatusCode::TOO_MANY_REQUESTS => limited(answer, failure.kind),
        SendErrorKind::Retry => SendErrorKind::RetryAfter(SHORTEST_PAUSE),
        SendErrorKind::RetryAfter(wait) => SendErrorKind::RetryAfter(wait.max(SHORTEST_PAUSE)),
        _ if body.token.is_some() || body.user.is_some() => SendErrorKind::Unauthorised,
        SendErrorKind::Rejected if with_pictures && words.contains("attachment") => SendErrorKind::TooLarge,
        SendErrorKind::TooLarge if !with_pictures => SendErrorKind::Rejected,
        kind => kind,
    };
    failure
}

/// The month's messages are used up, or there were too many at once.
fn limited(answer: &Answer, otherwise: SendErrorKind) -> SendErrorKind {
    let number = |name: &str| answer.headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
    if number("x-limit-app-remaining") != Some(0) {
        return otherwise;
    }
    let left = number("x-limit-app-reset").zip(now(&answer.headers)).map(|(reset, now)| reset.saturating_sub(now));
    SendErrorKind::RetryAfter(left.map_or(LONGEST_PAUSE, Duration::from_secs).clamp(SHORTEST_PAUSE, LONGEST_PAUSE))
}

/// Seconds since 1970 by their clock.
fn now(headers: &HeaderMap) -> Option<u64> {
    let date = httpdate::parse_http_date(headers.get(header::DATE)?.to_str().ok()?).ok()?;
    date.duration_since(std::time::UNIX_EPOCH).ok().map(|since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        status: u16,
        body: &'static str,
        headers: &[(&'static str, &'static str)],
        with_pictures: bool,
        expected: SendErrorKind,
    ) {
        let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        let answer = Answer { status: StatusCode::from_u16(status).unwrap(), headers, body: body.into() };
        let error = understood(&answer, &Redactor::default(), with_pictures).unwrap_err();
        assert_eq!(error.kind, expected, "{status} {body}: {error}");
    }

    #[test]
    fn failures_have_classes() {
        use SendErrorKind::*;
        let wait = |seconds| RetryAfter(Duration::from_secs(seconds));
        let attachment = r#"{"attachment":"invalid","errors":["attachment is too large"],"status":0}"#;
        check(400, attachment, &[], true, TooLarge);
        check(400, attachment, &[], false, Rejected);
        check(413, "", &[], true, TooLarge);
        check(413, "", &[], false, Rejected);
        let token = r#"{"token":"invalid","errors":["application token is invalid"],"status":0}"#;
        check(400, token, &[], true, Unauthorised);
        check(
            400,
            r#"{"user":"invalid","errors":["user identifier is not valid"],"status":0}"#,
            &[],
            false,
            Unauthorised,
        );
        check(
            400,
            r#"{"message":"cannot be blank","errors":["message cannot be blank"],"status":0}"#,
            &[],
            false,
            Rejected,
        );
        check(200, r#"{"errors":["something"],"status":0}"#, &[], false, Rejected);
        check(200, "<html>", &[], false, Rejected);
        check(500, "", &[], false, wait(5));
        check(503, "", &[("retry-after", "1")], false, wait(5));
        check(503, "", &[("retry-after", "60")], false, wait(60));
        check(429, "", &[], false, wait(30));
    }

    #[test]
    fn a_used_up_month_rests_until_it_is_over() {
        let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        let used_up = ("x-limit-app-remaining", "0");
        let wait = |seconds| SendErrorKind::RetryAfter(Duration::from_secs(seconds));
        // 784111777 is that date
        check(429, "", &[date, used_up, ("x-limit-app-reset", "784112777")], false, wait(1_000));
        check(429, "", &[date, used_up, ("x-limit-app-reset", "784911777")], false, wait(3_600));
        check(429, "", &[used_up, ("x-limit-app-reset", "784112777")], false, wait(3_600));
        check(429, "", &[date, ("x-limit-app-remaining", "9")], false, wait(30));
    }
}
