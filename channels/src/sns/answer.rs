//! The service's answers, in XML: an id, or an error's code. The status of an error says less than its code.
//!
//! Deliberately unknown here: what was asked.

use alerts::ports::{SendError, SendErrorKind};
use http::StatusCode;

use crate::sending::{
    Answer, Redactor, Rehearsed, Reply,
    classify::{DEFAULT_WAIT, retry_after},
};

/// The failure that the answer is, unless it is a success. `pictures`: whether the message might be taken without them.
pub fn understood(answer: &Answer, redactor: &Redactor, pictures: bool) -> Result<String, SendError> {
    let body = String::from_utf8_lossy(&answer.body);
    if answer.status == StatusCode::OK {
        // a page of some proxy is no receipt
        let id = element(&body, "MessageId").filter(|id| !id.is_empty());
        let missing = || SendError::new(SendErrorKind::Retry, format!("not SNS's answer: {}", answer.words(redactor)));
        return id.map(str::to_owned).ok_or_else(missing);
    }
    let Some(code) = element(&body, "Code") else { return Err(answer.failure(redactor)) };
    let words = redactor.words(&format!("{code}: {}", element(&body, "Message").unwrap_or_default()));
    let kind = match classify(code) {
        SendErrorKind::RetryAfter(wait) => SendErrorKind::RetryAfter(retry_after(&answer.headers).unwrap_or(wait)),
        SendErrorKind::Rejected if answer.status.is_server_error() => SendErrorKind::Retry,
        SendErrorKind::Rejected if pictures => SendErrorKind::TooLarge,
        kind => kind,
    };
    Err(SendError::new(kind, words))
}

/// Whether temporary credentials are over.
pub fn is_expired(error: &SendError) -> bool {
    error.detail.starts_with("ExpiredToken")
}

/// The class of a code (<https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html>, and the errors of `Publish`).
fn classify(code: &str) -> SendErrorKind {
    match code {
        "Throttling"
        | "ThrottlingException"
        | "Throttled"
        | "ThrottledException"
        | "RequestLimitExceeded"
        | "TooManyRequestsException"
        | "KMSThrottling"
        | "KMSThrottlingException" => SendErrorKind::RetryAfter(DEFAULT_WAIT),
        "InternalError"
        | "InternalErrorException"
        | "InternalFailure"
        | "ServiceUnavailable"
        | "RequestTimeout"
        | "ExpiredToken"
        | "ExpiredTokenException" => SendErrorKind::Retry,
        // login, rights, clock or target: nothing gets through until somebody mends it
        "AuthorizationError"
        | "AuthorizationErrorException"
        | "AccessDenied"
        | "AccessDeniedException"
        | "NotAuthorized"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature"
        | "InvalidSignatureException"
        | "MissingAuthenticationToken"
        | "RequestExpired"
        | "OptInRequired"
        | "InvalidSecurity"
        | "NotFound"
        | "NotFoundException"
        | "EndpointDisabled"
        | "EndpointDisabledException"
        | "PlatformApplicationDisabled"
        | "PlatformApplicationDisabledException" => SendErrorKind::Unauthorised,
        code if code.starts_with("KMS") => SendErrorKind::Unauthorised,
        _ => SendErrorKind::Rejected,
    }
}

/// The text of the first element of this name.
fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text.trim())
}

/// What the service says when all is well.
pub fn vendor(_: &Rehearsed) -> Reply {
    Reply::ok(
        "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
         <MessageId>94f20ce6-13c5-43a0-9a9e-ca52d816e90b</MessageId></PublishResult></PublishResponse>",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_classes() {
        let check = |codes: &[&str], kind| codes.iter().for_each(|code| assert_eq!(classify(code), kind, "{code}"));
        check(&["Throttling", "KMSThrottling"], SendErrorKind::RetryAfter(DEFAULT_WAIT));
        check(&["InternalError", "ServiceUnavailable", "ExpiredToken"], SendErrorKind::Retry);
        check(&["AuthorizationError", "NotFound", "KMSDisabled", "SignatureDoesNotMatch"], SendErrorKind::Unauthorised);
        check(&["InvalidParameter", "ParameterValueInvalid", "SomethingNew"], SendErrorKind::Rejected);
    }
}
