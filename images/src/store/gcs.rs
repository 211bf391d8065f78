//! Google Cloud Storage, and what speaks its XML API.
//!
//! Deliberately unknown here: pictures; how requests are made (`object_store` does).

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use object_store::gcp::{GoogleCloudStorage, GoogleCloudStorageBuilder};
use serde::Deserialize;

use super::{
    name::folder,
    objects::{Links, Objects, client_options, retries},
    settings::{Wrong, address},
    words::one_line,
};
use crate::error::chain;

const GOOGLE: &str = "https://storage.googleapis.com";
/// <https://cloud.google.com/storage/docs/access-control/signed-urls>: the longest life of a V4 signature.
const LONGEST_LINK: Duration = Duration::from_secs(7 * 86_400);

/// `[external_image_storage.gcs]`; Grafana's keys, and `endpoint`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GcsConfig {
    /// The key of a service account; without it, the environment's default credentials.
    pub key_file: PathBuf,
    /// The bucket.
    pub bucket: String,
    /// What names of objects begin with.
    pub path: String,
    /// Whether links are signed. Without signatures the bucket has to be readable by everybody.
    pub enable_signed_urls: bool,
    /// The longest that a link works; Google allows seven days.
    #[serde(with = "alerts::duration::text")]
    pub signed_url_expiration: Duration,
    /// Another address than Google's.
    pub endpoint: String,
}

impl Default for GcsConfig {
    fn default() -> Self {
        Self {
            key_file: PathBuf::new(),
            bucket: String::new(),
            path: String::new(),
            enable_signed_urls: true,
            signed_url_expiration: LONGEST_LINK,
            endpoint: String::new(),
        }
    }
}

impl GcsConfig {
    /// What is wrong with it.
    pub(super) fn check(&self) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        if self.bucket.is_empty() {
            wrong.push(Wrong::missing("gcs.bucket", "the bucket for the pictures"));
        }
        wrong.extend(address("gcs.endpoint", &self.endpoint));
        if self.signed_url_expiration.is_zero() || self.signed_url_expiration > LONGEST_LINK {
            wrong.push(Wrong::new(
                "gcs.signed_url_expiration",
                "must be more than 0s and at most 7d: Google signs no longer",
            ));
        }
        // a file that is not there is the configuration's to say
        if wrong.is_empty()
            && self.key_file.exists()
            && let Err(problem) = self.store()
        {
            wrong.push(Wrong::new("gcs.key_file", problem));
        }
        wrong
    }

    /// Where its objects lie.
    pub(super) fn place(&self) -> String {
        format!("gcs {}/{}/{}", self.base(), self.bucket, folder(&self.path))
    }

    pub(super) fn backend(&self) -> Result<Objects<GoogleCloudStorage>, String> {
        let folder = folder(&self.path);
        let links = if self.enable_signed_urls {
            Links::Signed { shortest: Duration::ZERO, longest: self.signed_url_expiration }
        } else {
            Links::Public(format!("{}/{}/", self.base(), self.bucket))
        };
        Ok(Objects { store: self.store()?, folder, links })
    }

    fn base(&self) -> &str {
        if self.endpoint.is_empty() { GOOGLE } else { self.endpoint.trim_end_matches('/') }
    }

    fn store(&self) -> Result<GoogleCloudStorage, String> {
        let mut builder = GoogleCloudStorageBuilder::new()
            .with_bucket_name(&self.bucket)
            .with_base_url(self.base())
            .with_retry(retries())
            .with_client_options(client_options(self.base()));
        if is_set(&self.key_file) {
            builder = builder.with_service_account_path(self.key_file.to_string_lossy());
        } else if let Some(file) = std::env::var_os("GOOGLE_APPLICATION_CREDENTIALS") {
            builder = builder.with_application_credentials(file.to_string_lossy());
        }
        builder.build().map_err(|error| one_line(&chain(&error)))
    }
}

fn is_set(file: &Path) -> bool {
    !file.as_os_str().is_empty()
}
