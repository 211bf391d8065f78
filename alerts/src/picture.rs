//! Pictures: what is known of one, and what a message carries of it.
//!
//! Deliberately unknown here: how a picture is drawn, where its bytes lie.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{
    alert::Transition,
    labels::{Fingerprint, LabelSet},
    time::Time,
};

/// The annotation that names the dashboard of an alert, as Grafana writes it.
pub const DASHBOARD_UID: &str = "__dashboardUid__";
/// The annotation that names the panel on it.
pub const PANEL_ID: &str = "__panelId__";

/// The dashboard and the panel that annotations name; empty where they name none.
pub fn named(annotations: &LabelSet) -> (&str, &str) {
    (annotations.value(DASHBOARD_UID), annotations.value(PANEL_ID))
}

/// The name of a picture in every store: random, hard to guess, without an ending.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PictureId(pub Arc<str>);

impl fmt::Display for PictureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PictureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a picture shows: equal subjects are the same panel with the same variables.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Subject {
    /// The configured name of the source.
    pub source: String,
    /// The panel: a rule's name and expression, a dashboard's panel, or a `[[panels]]` rule.
    pub panel: String,
    /// The variables it is drawn with, printed; empty for a rule's own expression.
    pub variables: String,
}

/// What is known of a picture in the image store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureRecord {
    /// Its name.
    pub id: PictureId,
    /// What it shows.
    pub subject: Subject,
    /// Whether it was taken when alerts fired or when they resolved.
    pub transition: Transition,
    /// The panel's title, for captions.
    pub title: String,
    /// A sentence that says what is to be seen, for those who cannot see it.
    pub alt: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// The size of the PNG file in bytes.
    pub size: u64,
    /// SHA-256 of the bytes in hexadecimal digits.
    pub sha256: String,
    /// When it was taken.
    pub taken_at: Time,
    /// When it was last sent; retention counts from here.
    pub used_at: Time,
    /// Where it was uploaded to, in the image store's words; none where only wirephoto keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uploaded: Option<Arc<str>>,
}

/// A picture on its way into a message.
#[derive(Clone, Debug)]
pub struct Picture {
    /// What is known of it.
    pub record: PictureRecord,
    /// A signed link that will live at least as long as the retention, where the store can make one.
    pub url: Option<String>,
    /// The PNG file, where the channel asked for bytes.
    pub bytes: Option<Bytes>,
    /// The alerts of the message that it belongs to, the most severe first.
    pub alerts: Vec<Fingerprint>,
}
