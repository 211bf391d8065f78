//! A group's hold on an alert: as long as it lives the table does not forget the alert. Given back when it is dropped, so
//! also when the actor that has it panics.

use std::sync::Arc;

use alerts::{Fingerprint, table::AlertTable};

pub(super) struct Hold {
    table: Arc<AlertTable>,
    fingerprint: Fingerprint,
}

impl Hold {
    /// A hold on an alert; none if the table does not have it.
    pub(super) fn on(table: &Arc<AlertTable>, fingerprint: Fingerprint) -> Option<Self> {
        table.hold(fingerprint).then(|| Self { table: table.clone(), fingerprint })
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.table.release(self.fingerprint);
    }
}
