//! What the machine says of alerts, in the words of the HTTP layer.

use std::sync::Arc;

use actors::Standings;
use alerts::{Time, record::AlertRecord};

use crate::http::{self, Standing};

/// The machine's standings.
pub(super) struct MachineStandings(pub(super) Arc<Standings>);

impl http::Standings for MachineStandings {
    fn of(&self, alert: &AlertRecord, now: Time) -> Standing {
        let muted = self.0.muted(alert, now);
        Standing {
            receivers: self.0.receivers(alert),
            silenced_by: muted.silenced_by.iter().map(|id| id.0.to_string()).collect(),
            inhibited_by: muted.inhibited_by.into_iter().collect(),
        }
    }
}
