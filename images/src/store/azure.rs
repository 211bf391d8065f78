//! Azure's blob storage, and what speaks its API.
//!
//! Deliberately unknown here: pictures; how requests are made (`object_store` does).

use std::{path::PathBuf, time::Duration};

use object_store::azure::{MicrosoftAzure, MicrosoftAzureBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{
    objects::{Links, Objects, client_options, retries},
    secret::secret,
    settings::{Wrong, address},
    words::one_line,
};
use crate::error::chain;

const DAY: Duration = Duration::from_secs(86_400);
/// Azure knows no longest life of a signature; this one can be added to every date.
const LONGEST_LINK: Duration = Duration::from_secs(10 * 365 * 86_400);

/// `[external_image_storage.azure_blob]`; Grafana's keys, and `endpoint`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AzureConfig {
    /// The storage account.
    pub account_name: String,
    /// Its key.
    pub account_key: Option<SecretString>,
    /// A file with the key.
    pub account_key_file: Option<PathBuf>,
    /// The container.
    pub container_name: String,
    /// How many days a link works; as long as the retention if not set. -1: links without signatures, for a container that is
    /// readable by everybody.
    pub sas_token_expiration_days: Option<i64>,
    /// Another address than `https://<account_name>.blob.core.windows.net`.
    pub endpoint: String,
}

impl AzureConfig {
    /// What is wrong with it.
    pub(super) fn check(&self) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        if self.account_name.is_empty() {
            wrong.push(Wrong::missing("azure_blob.account_name", "the storage account"));
        }
        if self.container_name.is_empty() {
            wrong.push(Wrong::missing("azure_blob.container_name", "the container for the pictures"));
        }
        wrong.extend(address("azure_blob.endpoint", &self.endpoint));
        if self.sas_token_expiration_days.is_some_and(|days| !matches!(days, -1 | 1..=3_650)) {
            let range = "must be 1 to 3650, or -1 for links without signatures";
            wrong.push(Wrong::new("azure_blob.sas_token_expiration_days", range));
        }
        match self.key() {
            Err(problem) => wrong.push(Wrong::new("azure_blob.account_key", problem)),
            Ok(None) => wrong.push(Wrong::missing("azure_blob.account_key", "a key of the storage account")),
            Ok(Some(_)) => {}
        }
        if wrong.is_empty()
            && let Err(problem) = self.store()
        {
            wrong.push(Wrong::new("azure_blob.account_key", problem));
        }
        wrong
    }

    /// Where its objects lie.
    pub(super) fn place(&self) -> String {
        format!("azure_blob {}/{}/", self.base(), self.container_name)
    }

    pub(super) fn backend(&self) -> Result<Objects<MicrosoftAzure>, String> {
        let links = match self.sas_token_expiration_days.map(u64::try_from) {
            None => Links::Signed { shortest: Duration::ZERO, longest: LONGEST_LINK },
            Some(Ok(days)) => Links::Signed {
                shortest: DAY * u32::try_from(days).unwrap_or(1),
                longest: DAY * u32::try_from(days).unwrap_or(1),
            },
            Some(Err(_)) => Links::Public(format!("{}/{}/", self.base(), self.container_name)),
        };
        Ok(Objects { store: self.store()?, folder: String::new(), links })
    }

    fn key(&self) -> Result<Option<SecretString>, String> {
        secret(self.account_key.as_ref(), self.account_key_file.as_deref())
    }

    fn base(&self) -> String {
        if self.endpoint.is_empty() {
            format!("https://{}.blob.core.windows.net", self.account_name)
        } else {
            self.endpoint.trim_end_matches('/').to_owned()
        }
    }

    fn store(&self) -> Result<MicrosoftAzure, String> {
        let key = self.key()?.ok_or_else(|| "is missing".to_owned())?;
        let endpoint = self.base();
        let builder = MicrosoftAzureBuilder::new()
            .with_account(&self.account_name)
            .with_access_key(key.expose_secret())
            .with_container_name(&self.container_name)
            .with_retry(retries())
            .with_client_options(client_options(&endpoint))
            .with_endpoint(endpoint);
        // object_store's words have the key that it cannot read
        builder.build().map_err(|error| one_line(&chain(&error)).replace(key.expose_secret(), "<the key>"))
    }
}
