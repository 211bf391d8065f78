//! A rehearsal: requests are written down instead of sent, and answered as their vendor would. What `wirephoto preview` shows.
//!
//! Deliberately unknown here: what is done with the requests afterwards, and any vendor: the answers come from the integration.

use std::{fmt, sync::Mutex};

use alerts::ports::{SendError, SendErrorKind};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use http_body_util::BodyExt as _;
use reqwest::{Request, Url};
use secrecy::SecretString;

use super::{Answer, redact::Redactor};

/// A request as it would have gone out. It holds secrets: show it with [`Rehearsal::concealed`] only.
#[derive(Clone)]
pub struct Rehearsed {
    /// The method.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// The headers; values that are secret are marked as sensitive.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// A mail as it would have been handed in.
#[derive(Clone)]
pub struct RehearsedMail {
    /// The mail server: `host:port`.
    pub server: String,
    /// How the connection would be protected, in words.
    pub protection: &'static str,
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// The mail as it goes over the wire.
    pub bytes: Bytes,
}

/// What a vendor would answer: status and body.
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
}

impl Reply {
    /// 200 with this body.
    pub fn ok(body: impl Into<String>) -> Self {
        Self { status: 200, body: body.into() }
    }

    /// 200 with this JSON.
    pub fn json(body: &serde_json::Value) -> Self {
        Self::ok(body.to_string())
    }
}

/// How a vendor answers when all is well, by the path and body of the request.
pub type Vendor = fn(&Rehearsed) -> Reply;

/// What most vendors say.
pub fn content(_: &Rehearsed) -> Reply {
    Reply::ok("ok")
}

/// Stands in for the network: collects requests, and knows which secrets must not be shown.
#[derive(Default)]
pub struct Rehearsal {
    requests: Mutex<Vec<Rehearsed>>,
    mails: Mutex<Vec<RehearsedMail>>,
    redactor: Mutex<Redactor>,
}

impl Rehearsal {
    /// What has been asked for since the last call.
    pub fn take(&self) -> Vec<Rehearsed> {
        std::mem::take(&mut *self.requests.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// The mails that would have been handed in since the last call.
    pub fn take_mails(&self) -> Vec<RehearsedMail> {
        std::mem::take(&mut *self.mails.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// Remembers a secret: it is not shown, also not as forms, URLs, JSON and logins write it. Of a URL, its parts are not shown.
    pub fn conceal(&self, secret: &SecretString) {
        let secrets = Redactor::default().with_secret_or_url(secret).disguised();
        let mut redactor = self.redactor.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *redactor = redactor.clone().and(secrets);
    }

    /// A text without the secrets.
    pub fn concealed(&self, text: &str) -> String {
        self.redactor.lock().unwrap_or_else(std::sync::PoisonError::into_inner).conceal(text)
    }

    /// Writes down what goes out in another protocol than HTTP, as if it were a request.
    pub(crate) fn note(&self, rehearsed: Rehearsed) {
        self.requests.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(rehearsed);
    }

    /// Writes a mail down, and takes it.
    pub(crate) fn hand_in(&self, mail: RehearsedMail) {
        self.mails.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(mail);
    }

    /// Writes a request down and answers it.
    pub(super) async fn answer(&self, request: Request, vendor: Vendor) -> Result<Answer, SendError> {
        let unreadable =
            |_| SendError::new(SendErrorKind::Rejected, "the body of the request cannot be read in a rehearsal");
        let (method, url, mut headers) = (request.method().clone(), request.url().clone(), request.headers().clone());
        // the client adds these on the way out
        let ours = [(header::ACCEPT, "*/*"), (header::USER_AGENT, super::http::USER_AGENT)];
        for (name, value) in ours {
            headers.entry(name).or_insert(header::HeaderValue::from_static(value));
        }
        let body = match { request }.body_mut().take() {
            Some(body) => body.collect().await.map_err(unreadable)?.to_bytes(),
            None => Bytes::new(),
        };
        let rehearsed = Rehearsed { method, url, headers, body };
        let reply = vendor(&rehearsed);
        self.note(rehearsed);
        let headers =
            HeaderMap::from_iter([(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"))]);
        Ok(Answer { status: StatusCode::from_u16(reply.status).unwrap_or_default(), headers, body: reply.body.into() })
    }
}

impl fmt::Debug for Rehearsal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rehearsal")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_in_every_dress() {
        let rehearsal = Rehearsal::default();
        rehearsal.conceal(&"pass/wörd+\"1\"".into());
        rehearsal.conceal(&"https://hooks.test/T0/long-token?key=a%2Fb%2Fc".into());
        let check = |text: &str, expected: &str| assert_eq!(rehearsal.concealed(text), expected, "{text}");
        check("x pass/wörd+\"1\" y", "x [redacted] y");
        check("p=pass%2Fw%C3%B6rd%2B%221%22&q=1", "p=[redacted]&q=1");
        check(r#"{"p":"pass/wörd+\"1\""}"#, r#"{"p":"[redacted]"}"#);
        check("Basic cGFzcy93w7ZyZCsiMSI=", "Basic [redacted]");
        check("https://hooks.test/T0/long-token?key=a%2Fb%2Fc", "https://hooks.test[redacted]?[redacted]");
        check("long-token, a/b/c", "[redacted], [redacted]");
        check("https://hooks.test/", "https://hooks.test/");
    }
}
