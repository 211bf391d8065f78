//! The section `external_image_storage`: Grafana's keys for where pictures are uploaded.
//!
//! Deliberately unknown here: files, `${ENV}` and error positions (the configuration's), whether pictures are uploaded.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, de::Error};
use url::Url;

use super::{Backend, Uploads};
pub use super::{azure::AzureConfig, gcs::GcsConfig, s3::S3Config, webdav::WebdavConfig};
use crate::renderers::Watch;

/// `[external_image_storage]`: where pictures are uploaded with `upload_external_image_storage`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ExternalImageStorage {
    /// Who keeps them.
    pub provider: Provider,
    /// A table without keys, which Grafana's files have.
    pub local: LocalConfig,
    /// Amazon's store.
    pub s3: S3Config,
    /// Google's store.
    pub gcs: GcsConfig,
    /// Azure's store.
    pub azure_blob: AzureConfig,
    /// A WebDAV server.
    pub webdav: WebdavConfig,
}

/// `[external_image_storage.local]`, where there is nothing to say.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalConfig {}

/// Who keeps uploaded pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Provider {
    /// wirephoto itself, under its data directory.
    #[default]
    Local,
    /// Amazon's store and compatible ones.
    S3,
    /// Google's.
    Gcs,
    /// Azure's.
    AzureBlob,
    /// A WebDAV server.
    Webdav,
}

const NAMES: [&str; 5] = ["local", "s3", "gcs", "azure_blob", "webdav"];

impl Provider {
    /// Its name in the configuration, in metrics and in logs.
    pub const fn name(self) -> &'static str {
        NAMES[self as usize]
    }
}

impl<'de> Deserialize<'de> for Provider {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let all = [Provider::Local, Provider::S3, Provider::Gcs, Provider::AzureBlob, Provider::Webdav];
        match all.into_iter().find(|provider| provider.name() == name) {
            Some(provider) => Ok(provider),
            // Grafana's default is the empty text
            None if name.is_empty() => Ok(Provider::Local),
            None => Err(D::Error::unknown_variant(&name, &NAMES)),
        }
    }
}

/// What is wrong with a key of the section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The key below `external_image_storage`: `s3.bucket`.
    pub key: &'static str,
    /// What is wrong.
    pub problem: String,
}

impl Wrong {
    pub(super) fn new(key: &'static str, problem: impl Into<String>) -> Self {
        Self { key, problem: problem.into() }
    }

    pub(super) fn missing(key: &'static str, what: &str) -> Self {
        Self::new(key, format!("is missing: {what}"))
    }
}

/// What is wrong with an address, if there is one.
pub(super) fn address(key: &'static str, text: &str) -> Option<Wrong> {
    if text.is_empty() {
        return None;
    }
    let problem = match Url::parse(text) {
        Ok(url) if !matches!(url.scheme(), "http" | "https") || !url.has_host() => {
            "is not an address with http:// or https://"
        }
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            "has a login in it, which would be in every link: take it out"
        }
        Ok(url) if url.query().is_some() || url.fragment().is_some() => "must end before the ? or #",
        Ok(_) => return None,
        Err(_) => "is not an address with http:// or https://",
    };
    Some(Wrong::new(key, problem))
}

impl ExternalImageStorage {
    /// Everything that is wrong with the provider that is chosen.
    pub fn check(&self) -> Vec<Wrong> {
        match self.provider {
            Provider::Local => Vec::new(),
            Provider::S3 => self.s3.check(),
            Provider::Gcs => self.gcs.check(),
            Provider::AzureBlob => self.azure_blob.check(),
            Provider::Webdav => self.webdav.check(),
        }
    }

    /// The provider that is chosen, on its own; none for `local`.
    ///
    /// # Errors
    /// When the section is wrong: which key, and why.
    pub async fn backend(&self) -> Result<Option<Arc<dyn Backend>>, String> {
        if let Some(Wrong { key, problem }) = self.check().into_iter().next() {
            return Err(format!("external_image_storage.{key} {problem}"));
        }
        Ok(match self.provider {
            Provider::Local => None,
            Provider::S3 => Some(Arc::new(self.s3.backend().await?)),
            Provider::Gcs => Some(Arc::new(self.gcs.backend()?)),
            Provider::AzureBlob => Some(Arc::new(self.azure_blob.backend()?)),
            Provider::Webdav => Some(Arc::new(self.webdav.backend()?)),
        })
    }

    /// The provider that is chosen, with time limits, breakers and metrics; none for `local`.
    ///
    /// # Errors
    /// When the section is wrong: which key, and why.
    pub async fn uploads(&self, watch: Arc<dyn Watch>) -> Result<Option<Arc<Uploads>>, String> {
        let backend = self.backend().await?;
        let uploads = |backend| Arc::new(Uploads::new(self.provider.name(), self.place(), backend, watch));
        Ok(backend.map(uploads))
    }

    /// Where the provider's objects lie, as records of pictures say it.
    pub fn place(&self) -> String {
        match self.provider {
            Provider::Local => "local".to_owned(),
            Provider::S3 => self.s3.place(),
            Provider::Gcs => self.gcs.place(),
            Provider::AzureBlob => self.azure_blob.place(),
            Provider::Webdav => self.webdav.place(),
        }
    }
}

#[cfg(test)]
mod tests;
