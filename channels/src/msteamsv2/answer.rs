//! What a flow's or a connector's answer means. Both can fail with a status that says success.
//!
//! Deliberately unknown here: requests.

use alerts::ports::{SendError, SendErrorKind};
use http::StatusCode;
use serde::Deserialize;

use crate::sending::{Answer, Redactor, classify::classify};

/// What a connector writes into an answer with status 200.
const REFUSED: &str = "returned HTTP error ";

/// What a flow writes: the error of Azure's Logic Apps.
#[derive(Deserialize)]
struct Body {
    error: Problem,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    code: String,
    message: String,
}

/// Whether it was taken. `with_pictures`: it might be taken without them.
pub fn understood(answer: &Answer, redactor: &Redactor, with_pictures: bool) -> Result<(), SendError> {
    let text = String::from_utf8_lossy(&answer.body);
    let problem = serde_json::from_slice::<Body>(&answer.body).ok().map(|body| body.error);
    let told = refused(&text);
    if answer.status.is_success() && problem.is_none() && told.is_none() {
        return Ok(());
    }
    let status = told.unwrap_or(answer.status);
    let mut failure = answer.failure(redactor);
    failure.kind = if status.is_success() { SendErrorKind::Rejected } else { classify(status, &answer.headers) };
    if let Some(problem) = problem {
        failure.kind = refined(failure.kind, &problem.code);
        failure.detail = redactor.words(&format!("{}: {}: {}", answer.status, problem.code, problem.message));
    }
    if failure.kind == SendErrorKind::TooLarge && !with_pictures {
        failure.kind = SendErrorKind::Rejected;
    }
    Err(failure)
}

/// The status that a connector got from Teams and hides in its words.
fn refused(text: &str) -> Option<StatusCode> {
    let (_, rest) = text.split_once(REFUSED)?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// The flow's own words are more precise than its status: 400 may mean that it is switched off.
fn refined(kind: SendErrorKind, code: &str) -> SendErrorKind {
    match code {
        "RequestEntityTooLarge" | "RequestBodyTooLarge" => SendErrorKind::TooLarge,
        "WorkflowTriggerIsNotEnabled"
        | "WorkflowNotFound"
        | "WorkflowDisabled"
        | "FlowNotFound"
        | "DirectApiAuthorizationRequired"
        | "InvalidSignature" => SendErrorKind::Unauthorised,
        _ => kind,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::HeaderMap;

    use super::*;
    use crate::sending::classify::DEFAULT_WAIT;

    fn check(status: u16, body: &'static str, with_pictures: bool, expected: Result<(), SendErrorKind>) {
        let answer = Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: body.as_bytes().into(),
        };
        let found = understood(&answer, &Redactor::default(), with_pictures).map_err(|error| error.kind);
        assert_eq!(found, expected, "{status} {body}");
    }

    #[test]
    fn answers_have_classes() {
        use SendErrorKind::*;
        check(202, "", false, Ok(()));
        check(200, "1", false, Ok(()));
        const BUSY: &str = "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId x";
        check(200, BUSY, false, Err(RetryAfter(DEFAULT_WAIT)));
        check(200, "Microsoft Teams endpoint returned HTTP error 413", true, Err(TooLarge));
        check(200, "Microsoft Teams endpoint returned HTTP error 413", false, Err(Rejected));
        check(200, "Microsoft Teams endpoint returned HTTP error 503", true, Err(Retry));
        check(200, r#"{"error":{"code":"x","message":"y"}}"#, false, Err(Rejected));
        check(400, r#"{"error":{"code":"WorkflowTriggerIsNotEnabled","message":"y"}}"#, false, Err(Unauthorised));
        check(400, r#"{"error":{"code":"TriggerInputSchemaMismatch","message":"y"}}"#, true, Err(Rejected));
        check(413, "", true, Err(TooLarge));
        check(413, "", false, Err(Rejected));
        check(429, "", false, Err(RetryAfter(Duration::from_secs(30))));
    }
}
