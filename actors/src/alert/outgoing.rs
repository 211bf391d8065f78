//! What the effects of a round become: messages, a commit to wait for, and the renderer's choice of a panel.
//!
//! Deliberately unknown here: what an event means for an alert, when rounds are.

use std::sync::Arc;

use alerts::{
    Alert, Fingerprint, Status, Transition,
    own::OWN_PICTURE,
    picture::{self, Subject},
    ports::{Change, StoreError},
    record::AlertRecord,
    table::AlertTable,
};
use tokio::sync::oneshot;

use super::state::ChoosePanel;
use crate::{
    live::LiveCell,
    messages::{Announcement, Want},
    metrics::Metrics,
    screenshots::LOG,
    supervise::InHand,
};

/// What one round of effects sends out.
pub(super) struct Outgoing {
    pub(super) changes: Vec<Change>,
    pub(super) persisted: Vec<(Fingerprint, u64)>,
    pub(super) wants: Vec<Want>,
    pub(super) announcements: Vec<Vec<Announcement>>,
}

impl Outgoing {
    pub(super) fn new(groups: usize) -> Self {
        Self {
            changes: Vec::new(),
            persisted: Vec::new(),
            wants: Vec::new(),
            announcements: (0..groups).map(|_| Vec::new()).collect(),
        }
    }
}

/// A commit under way, and the alerts of the table that it makes durable.
pub(super) struct Recorded {
    pub(super) table: Arc<AlertTable>,
    pub(super) entries: Vec<(Fingerprint, u64)>,
    pub(super) committed: oneshot::Receiver<Result<(), StoreError>>,
}

impl Recorded {
    pub(super) async fn wait(self) -> Result<(), StoreError> {
        let gone = || Err(StoreError::Failed("the recorder is being rebuilt".into()));
        let outcome = self.committed.await.unwrap_or_else(|_| gone());
        for (fingerprint, sequence) in self.entries {
            self.table.settle(fingerprint, sequence, outcome.is_ok());
            if outcome.is_err() {
                self.table.extension_lost(fingerprint);
            }
        }
        outcome
    }
}

/// The renderer's choice of panel, with the reason why there is none in log and metric.
pub(super) struct Panels {
    pub(super) live: LiveCell,
    pub(super) metrics: Arc<Metrics>,
    pub(super) in_hand: Arc<InHand>,
}

impl ChoosePanel for Panels {
    fn subject(&self, record: &AlertRecord, transition: Transition) -> Option<(Alert, Subject)> {
        let live = self.live.load();
        let renderer = live.renderer.as_ref()?;
        if renderer.only_own() && !record.blob.annotation_pairs().any(|(name, _)| name == OWN_PICTURE) {
            return None;
        }
        // Asked at ends and at replays too: an alert that the renderer panics over does so once, then it has no picture.
        if !self.in_hand.begin(record.fingerprint.0) {
            return None;
        }
        let alert = record.alert();
        match renderer.subject(&alert) {
            Ok(subject) => Some((alert, subject)),
            Err(reason) => {
                self.metrics.pictures_missing.with_label_values(&["no_panel"]).inc();
                // Once in an episode: what is missing when it resolves was missing when it fired.
                if transition == Status::Firing {
                    let (dashboard, panel) = picture::named(&alert.annotations);
                    tracing::debug!(target: LOG, alert = %alert.fingerprint, alertname = alert.name(), dashboard, panel, "{reason}");
                }
                None
            }
        }
    }
}
