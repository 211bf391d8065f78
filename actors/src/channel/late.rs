//! Pictures that are awaited: before the message is sent, and after it is out.
//!
//! The table says what became of each; this only waits for it to change. Deliberately unknown here: who takes pictures.

use std::{sync::Arc, time::Duration};

use alerts::{Episode, Fingerprint, Transition, message::Delivery, table::AlertTable};
use tokio::sync::watch;

use super::context::ChannelContext;

/// Pictures of a delivery that were asked for and are not settled.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    alerts: Vec<(Fingerprint, Episode, Transition)>,
}

impl Wanted {
    /// The unsettled pictures of a delivery, if there are any. A firing alert's picture is its firing one; a resolved alert's
    /// is its resolved one.
    pub(super) fn unsettled(context: &ChannelContext, delivery: &Delivery) -> Option<Self> {
        let all = delivery.alerts.iter().map(|of| (of.alert.fingerprint, of.alert.episode, of.status));
        let alerts: Vec<_> = all.filter(|wanted| is_wanted(&context.table, *wanted)).collect();
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
                self.alerts.retain(|wanted| is_wanted(&table, *wanted));
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

fn is_wanted(table: &AlertTable, (fingerprint, wanted, transition): (Fingerprint, Episode, Transition)) -> bool {
    table.pictures(fingerprint).is_some_and(|(episode, slots)| episode == wanted && slots.get(transition).is_awaited())
}
