//! Secrets of the providers: in the configuration, or in a file that is read when the store is built.
//!
//! Deliberately unknown here: what they open.

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};

/// The secret, from its key or from the file that its twin names; none where neither says anything. Grafana's files have
/// empty values.
///
/// # Errors
/// When both are there, or the file cannot be read.
pub(super) fn secret(inline: Option<&SecretString>, file: Option<&Path>) -> Result<Option<SecretString>, String> {
    let inline = inline.filter(|secret| !secret.expose_secret().is_empty());
    match (inline, file.filter(|file| !file.as_os_str().is_empty())) {
        (Some(_), Some(_)) => Err("is there twice, itself and as a file: leave one out".to_owned()),
        (Some(secret), None) => Ok(Some(secret.clone())),
        (None, Some(file)) => match std::fs::read_to_string(file) {
            Ok(text) if text.trim().is_empty() => Err(format!("{} is empty", file.display())),
            Ok(text) => Ok(Some(text.trim().to_owned().into())),
            Err(error) => Err(format!("cannot read {}: {error}", file.display())),
        },
        (None, None) => Ok(None),
    }
}
