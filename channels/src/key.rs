//! A key that may depend on the message (`routing_key: '{{ .CommonLabels.key }}'`), as Alertmanager's pagers take it.
//!
//! Deliberately unknown here: what the key opens.

use std::path::PathBuf;

use alerts::{
    ports::{SendError, SendErrorKind},
    templates::{Data, TextTemplate},
};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    builder::Builder,
    config::{Secret, is_empty},
    sending::Http,
};

/// A secret, or a template that makes one.
pub(crate) enum Key {
    Fixed(Secret),
    Made { template: TextTemplate, source: String },
}

impl Key {
    /// The key of a configuration; none if it is not given, or not right.
    pub(crate) fn new(
        builder: &mut Builder<'_>,
        key: &str,
        inline: Option<&SecretString>,
        file: Option<&PathBuf>,
    ) -> Option<Self> {
        let secret = builder.secret(key, inline, file)?;
        match &secret {
            Secret::Inline(text) if text.expose_secret().contains("{{") => {
                let source = text.expose_secret().to_owned();
                Some(Key::Made { template: builder.text(key, &source)?, source })
            }
            _ => Some(Key::Fixed(secret)),
        }
    }

    /// What tells this key from others: part of a destination's hash.
    pub(crate) fn identity(&self) -> String {
        match self {
            Key::Fixed(Secret::Inline(secret)) => secret.expose_secret().to_owned(),
            Key::Fixed(Secret::File(path)) => path.display().to_string(),
            Key::Made { source, .. } => source.clone(),
        }
    }

    /// The key for a message.
    ///
    /// # Errors
    /// When its file cannot be read, or nothing comes out of its template.
    pub(crate) async fn of(&self, data: &Data, http: &Http) -> Result<SecretString, SendError> {
        let template = match self {
            Key::Fixed(secret) => {
                return secret.read().await.map_err(|why| SendError::new(SendErrorKind::Unauthorised, why));
            }
            Key::Made { template, .. } => template,
        };
        let rejected = |why: &str| SendError::new(SendErrorKind::Rejected, why);
        // the template's own words may hold a key
        let text = template.render(data).map_err(|_| rejected("the template of the key failed"))?;
        let key = SecretString::from(text.trim());
        if is_empty(&key) {
            return Err(rejected("the key comes out empty for this message"));
        }
        if let Some(rehearsal) = http.rehearsal() {
            rehearsal.conceal(&key);
        }
        Ok(key)
    }
}
