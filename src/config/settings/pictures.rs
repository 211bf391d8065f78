//! The section that Grafana has for the storage of pictures: `external_image_storage`.
//!
//! Deliberately unknown here: how pictures are taken and kept.

use serde::{Deserialize, Deserializer, de::Error};

/// The section `external_image_storage`: where pictures are uploaded with `upload_external_image_storage`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ExternalImageStorage {
    /// Who keeps them.
    pub provider: Provider,
}

/// Who keeps uploaded pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Provider {
    /// wirephoto itself, under its data directory.
    #[default]
    Local,
}

/// Grafana's providers that are still to come.
pub(in super::super) const LATER_PROVIDERS: [&str; 4] = ["s3", "gcs", "azure_blob", "webdav"];

impl<'de> Deserialize<'de> for Provider {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        match name.as_str() {
            // Grafana's default is the empty text
            "" | "local" => Ok(Provider::Local),
            later if LATER_PROVIDERS.contains(&later) => Err(D::Error::custom(later_provider(later))),
            other => Err(D::Error::unknown_variant(other, &["local"])),
        }
    }
}

pub(in super::super) fn later_provider(name: &str) -> String {
    format!(
        "the provider \"{name}\" is not available in this version, cloud image stores come with a later one: use \"local\""
    )
}
