//! The webhook: Alertmanager's payload, Grafana's, or one of the configuration's own, to an address that may depend on the
//! message; pictures as links, inside of the JSON, or as parts beside it; signed, if there is a secret for it.
//!
//! Deliberately unknown here: how payloads look (`payload.rs`, `grafana.rs`, `sending/custom.rs`), how pictures are put into them
//! (`images.rs`), how a signature is made (`signature.rs`).

mod address;
mod body;
mod config;
mod grafana;
pub(crate) mod images;

mod signature;

use alerts::{
    message::{Message, Receipt},
    ports::{Channel, Limits, SendError, SendErrorKind},
};
use async_trait::async_trait;
use http::{Method, StatusCode, header::CONTENT_TYPE};

use self::{address::Address, body::Form, signature::Signature};
pub use self::{
    config::{Config, Format, Verb},
    images::Encoding,
    signature::Hmac,
};
use crate::sending::Http;

struct Webhook {
    limits: Limits,
    address: Address,
    http: Http,
    method: Method,
    form: Form,
    signature: Option<Signature>,
}

#[async_trait]
impl Channel for Webhook {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, _previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let url = self.address.of(message).await?;
        let body = self.form.body(message)?;
        let request = self.http.request(self.method.clone(), url.clone()).await?;
        let mut request =
            request.header(CONTENT_TYPE, &body.media_type).header("Idempotency-Key", &message.idempotency_key);
        let mut secret = None;
        if let Some(signature) = &self.signature {
            let signed = signature.of(&body.bytes).await?;
            request = request.headers(signed.headers);
            secret = Some(signed.secret);
        }
        let answer = self.http.send(request.body(body.bytes), self.limits.timeout).await?;
        if answer.status.is_success() {
            let degraded = (!body.failures.is_empty()).then(|| body.failures.join("; "));
            return Ok(Receipt { degraded, ..Receipt::default() });
        }
        // asked for now: the token may have been renewed on the way
        let redactor = self.http.secrets().await.with_url(&url).with(secret);
        let failure = answer.failure(&redactor);
        // without files the body is plain JSON, which may be what is taken
        let refused_files = body.has_files && answer.status == StatusCode::UNSUPPORTED_MEDIA_TYPE;
        Err(if refused_files { SendError { kind: SendErrorKind::TooLarge, ..failure } } else { failure })
    }
}
