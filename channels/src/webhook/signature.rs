//! The signature of a body, as Grafana makes it: HMAC-SHA256 over the bytes that are sent, in hexadecimal digits; with a header for the
//! time, over `time:body`, so that who checks it can refuse what is old.
//!
//! Deliberately unknown here: what is signed.

use std::{
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

use alerts::ports::{SendError, SendErrorKind};
use hmac::Mac as _;
use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha2::Sha256;

use crate::{builder::Builder, config::Secret};

/// What can be configured of signatures.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Hmac {
    /// The secret that the other side knows too.
    pub secret: Option<SecretString>,
    /// A file with it.
    pub secret_file: Option<PathBuf>,
    /// The header with the signature.
    pub header: String,
    /// The header with the time, in seconds since 1970; none: the time is not signed.
    pub timestamp_header: Option<String>,
}

impl Default for Hmac {
    fn default() -> Self {
        Self {
            secret: None,
            secret_file: None,
            header: "X-Grafana-Alerting-Signature".to_owned(),
            timestamp_header: None,
        }
    }
}

/// Signs.
pub struct Signature {
    secret: Secret,
    header: HeaderName,
    timestamp_header: Option<HeaderName>,
}

/// The headers of a signed body, and what must not be shown.
pub struct Signed {
    pub headers: HeaderMap,
    pub secret: SecretString,
}

impl Signature {
    /// The signature of a configuration.
    pub fn new(builder: &mut Builder<'_>, config: &Hmac) -> Option<Self> {
        if config.secret.is_none() && config.secret_file.is_none() {
            builder.required::<()>("hmac.secret", None, "");
        }
        let secret = builder.secret("hmac.secret", config.secret.as_ref(), config.secret_file.as_ref());
        let header = name(builder, "hmac.header", &config.header);
        let time = config.timestamp_header.as_ref().filter(|header| !header.is_empty());
        let timestamp_header = time.map(|header| name(builder, "hmac.timestamp_header", header));
        let timestamp_header = match timestamp_header {
            Some(name) => Some(name?),
            None => None,
        };
        Some(Self { secret: secret?, header: header?, timestamp_header })
    }

    /// The headers for these bytes, as of now.
    ///
    /// # Errors
    /// When the file with the secret cannot be read.
    pub async fn of(&self, body: &[u8]) -> Result<Signed, SendError> {
        let secret = self.secret.read().await.map_err(|why| SendError::new(SendErrorKind::Unauthorised, why))?;
        let mut headers = HeaderMap::new();
        let time = self.timestamp_header.as_ref().map(|header| {
            let seconds = seconds_since_1970();
            headers.insert(header, HeaderValue::from(seconds));
            seconds.to_string()
        });
        let signature = signature(secret.expose_secret(), time.as_deref(), body);
        headers.insert(&self.header, HeaderValue::try_from(signature).expect("digits make a header's value"));
        Ok(Signed { headers, secret })
    }
}

fn signature(secret: &str, time: Option<&str>, body: &[u8]) -> String {
    let mut mac = hmac::Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    if let Some(time) = time {
        mac.update(time.as_bytes());
        mac.update(b":");
    }
    mac.update(body);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// When it is sent, not when the message was made: a repeated attempt must not look like an old one.
#[expect(
    clippy::disallowed_methods,
    reason = "the other side compares it with its own clock, so it is no time of the machine's"
)]
fn seconds_since_1970() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

fn name(builder: &mut Builder<'_>, key: &str, name: &str) -> Option<HeaderName> {
    let found = name.parse().ok();
    if found.is_none() {
        builder.problem(key, "is not a header's name");
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_rfc_4231() {
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signature("Jefe", None, b"what do ya want for nothing?"), expected);
    }

    #[test]
    fn the_time_stands_before_the_body() {
        assert_eq!(signature("key", Some("17"), b"body"), signature("key", None, b"17:body"));
    }
}
