//! An alert in the table as it is shown to readers.
//!
//! Deliberately unknown here: locks; whoever hands a view out holds one.

use super::entry::Entry;
use crate::{
    alert::{PictureSlots, Status},
    labels::Fingerprint,
    record::{AlertRecord, Blob},
    time::Time,
};

/// An alert in the table, seen in passing: nothing of it is copied.
#[derive(Clone, Copy, Debug)]
pub struct AlertRecordView<'a> {
    entry: &'a Entry,
    pictures: Option<&'a PictureSlots>,
}

impl<'a> AlertRecordView<'a> {
    pub(super) fn new(entry: &'a Entry, pictures: Option<&'a PictureSlots>) -> Self {
        Self { entry, pictures }
    }

    /// See [`crate::Alert::fingerprint`].
    pub fn fingerprint(&self) -> Fingerprint {
        self.entry.fingerprint
    }

    /// Labels, annotations, generator URL, packed: [`Blob::label_pairs`] reads without building a set.
    pub fn blob(&self) -> &'a Blob {
        &self.entry.blob
    }

    /// See [`crate::Alert::starts_at`].
    pub fn starts_at(&self) -> Time {
        self.entry.starts_at
    }

    /// See [`crate::Alert::ends_at`].
    pub fn ends_at(&self) -> Time {
        self.entry.ends_at
    }

    /// See [`crate::Alert::updated_at`].
    pub fn updated_at(&self) -> Time {
        self.entry.updated_at
    }

    /// Whether any group holds the alert.
    pub fn is_held(&self) -> bool {
        self.entry.holds > 0
    }

    /// Firing or resolved as of `now`.
    pub fn status(&self, now: Time) -> Status {
        self.entry.status(now)
    }

    /// The alert, packed; its blob is shared, not copied.
    pub fn record(&self) -> AlertRecord {
        self.entry.record(self.pictures.cloned().unwrap_or_default())
    }
}
