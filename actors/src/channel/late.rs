//! Pictures that are awaited: before the message is sent, and after it is out.
//!
//! The table says what became of each; this only waits for it to change. Deliberately unknown here: who takes pictures.

use std::{sync::Arc, time::Duration};

use alerts::{Alert, Status, Transition, alert::PictureSlot, message::Delivery, table::AlertTable};
use tokio::sync::watch;

use super::actor::ChannelContext;

/// Pictures of a delivery that were asked for and are not settled.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    alerts: Vec<(Alert, Transition)>,
}

impl Wanted {
    /// The unsettled pictures of a delivery, if there are any. A firing alert's picture is its firing one; a resolved alert's
    /// is its resolved one.
    pub(super) fn unsettled(context: &ChannelContext, delivery: &Delivery) -> Option<Self> {
        let alerts: Vec<_> = delivery
            .alerts
            .iter()
            .filter(|message_alert| is_wanted(&context.table, &message_alert.alert, message_alert.status))
            .map(|message_alert| (message_alert.alert.clone(), message_alert.status))
            .collect();
        (!alerts.is_empty()).then_some(Self { alerts })
    }

    /// Waits until all of them are settled, at most `patience`. Says whether they are.
    pub(super) async fn settled(
        mut self,
        table: Arc<AlertTable>,
        mut changed: watch::Receiver<u64>,
        patience: Duration,
    ) -> bool {
        let all = async {
            loop {
                changed.borrow_and_update();
                self.alerts.retain(|(alert, transition)| is_wanted(&table, alert, *transition));
                if self.alerts.is_empty() {
                    return;
                }
                if changed.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::time::timeout(patience, all).await.is_ok()
    }
}

fn is_wanted(table: &AlertTable, alert: &Alert, transition: Status) -> bool {
    table.pictures(alert.fingerprint).is_some_and(|(episode, slots)| {
        episode == alert.episode && *slots.get(transition) == PictureSlot::Wanted
    })
}
