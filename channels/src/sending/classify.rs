//! What an HTTP answer that is no success means for the machine.
//!
//! Deliberately unknown here: bodies. Vendors that answer 200 with an error, or say more in words, are read by their channel.

use std::time::Duration;

use alerts::ports::{SendError, SendErrorKind};
use http::{HeaderMap, StatusCode, header};

/// The longest wait that a vendor is granted: the same as the longest pause of a closed destination (DESIGN.md section 8).
pub const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

/// The wait after 429 when the vendor does not name one.
pub const DEFAULT_WAIT: Duration = Duration::from_secs(30);

/// The class of a status that is not 2xx.
pub fn classify(status: StatusCode, headers: &HeaderMap) -> SendErrorKind {
    let wait = retry_after(headers);
    match status.as_u16() {
        429 => SendErrorKind::RetryAfter(wait.unwrap_or(DEFAULT_WAIT)),
        408 | 425 | 500..=599 => wait.map_or(SendErrorKind::Retry, SendErrorKind::RetryAfter),
        // a redirect that was not followed leads elsewhere: the configured address is wrong
        300..=399 | 401 | 403 | 404 | 407 | 410 => SendErrorKind::Unauthorised,
        413 => SendErrorKind::TooLarge,
        _ => SendErrorKind::Rejected,
    }
}

/// `Retry-After` as seconds (with or without decimals) or as a date, at most [`LONGEST_WAIT`]. A date is read against the
/// answer's own `Date`, so that clocks need not agree; without one it is worth [`DEFAULT_WAIT`].
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(LONGEST_WAIT),
        Err(_) => wait_until(httpdate::parse_http_date(text).ok()?, headers),
    };
    Some(wait.min(LONGEST_WAIT))
}

/// A refusal with pictures in the message may be their fault: it is tried without them. Without any, nothing can be taken off.
pub fn blamed_on(pictures: bool, error: SendError) -> SendError {
    let kind = match error.kind {
        SendErrorKind::Rejected if pictures => SendErrorKind::TooLarge,
        SendErrorKind::TooLarge if !pictures => SendErrorKind::Rejected,
        kind => kind,
    };
    SendError { kind, ..error }
}

fn wait_until(end: std::time::SystemTime, headers: &HeaderMap) -> Duration {
    let now = headers.get(header::DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    now.map_or(DEFAULT_WAIT, |now| end.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

    fn check(status: u16, headers: &[(header::HeaderName, &str)], expected: SendErrorKind) {
        let headers: HeaderMap = headers.iter().map(|(n, v)| (n.clone(), v.parse().unwrap())).collect();
        assert_eq!(classify(StatusCode::from_u16(status).unwrap(), &headers), expected, "{status} {headers:?}");
    }

    #[test]
    fn statuses_have_classes() {
        use SendErrorKind::*;
        for status in [401, 403, 404, 410, 301, 307] {
            check(status, &[], Unauthorised);
        }
        for status in [408, 425, 500, 502, 503, 504] {
            check(status, &[], Retry);
        }
        for status in [400, 405, 422] {
            check(status, &[], Rejected);
        }
        check(413, &[], TooLarge);
        check(429, &[], RetryAfter(DEFAULT_WAIT));
    }

    #[test]
    fn vendors_name_their_wait() {
        let wait = |millis| SendErrorKind::RetryAfter(Duration::from_millis(millis));
        check(429, &[(header::RETRY_AFTER, "7")], wait(7_000));
        check(429, &[(header::RETRY_AFTER, "0.25")], wait(250));
        check(503, &[(header::RETRY_AFTER, "3")], wait(3_000));
        check(429, &[(header::RETRY_AFTER, "99999999999999999999")], SendErrorKind::RetryAfter(LONGEST_WAIT));
        check(429, &[(header::RETRY_AFTER, "-5")], wait(0));
        check(429, &[(header::RETRY_AFTER, "NaN")], wait(0));
        check(429, &[(header::RETRY_AFTER, "soon")], SendErrorKind::RetryAfter(DEFAULT_WAIT));
        let later = "Sun, 06 Nov 1994 08:50:07 GMT";
        check(429, &[(header::RETRY_AFTER, later), (header::DATE, DATE)], wait(30_000));
        check(429, &[(header::RETRY_AFTER, DATE), (header::DATE, later)], wait(0));
        check(429, &[(header::RETRY_AFTER, later)], SendErrorKind::RetryAfter(DEFAULT_WAIT));
    }
}
