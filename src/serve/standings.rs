//! What the machine says of alerts and groups, in the words of the HTTP layer.

use std::sync::Arc;

use actors::{GroupAsked, Standings};
use alerts::{Fingerprint, LabelSet, Time, record::AlertRecord, route::RouteId, table::AlertTable};

use crate::http::{self, GroupPlace, Standing};

/// The machine's standings.
pub(super) struct MachineStandings {
    pub(super) standings: Arc<Standings>,
    pub(super) table: Arc<AlertTable>,
    /// Where the pages are: templates of route labels may tell it.
    pub(super) external_url: String,
}

impl http::Standings for MachineStandings {
    fn of(&self, alert: &AlertRecord, now: Time) -> Standing {
        let muted = self.standings.muted(alert, now);
        Standing {
            receivers: self.standings.receivers(alert),
            silenced_by: muted.silenced_by.iter().map(|id| id.0.to_string()).collect(),
            inhibited_by: muted.inhibited_by.into_iter().collect(),
        }
    }

    fn mute_anything(&self, now: Time) -> bool {
        self.standings.mute_anything(now)
    }
}

impl http::Grouping for MachineStandings {
    fn groups(&self, alert: &AlertRecord) -> Vec<GroupPlace> {
        let place = |placement: actors::Placement| GroupPlace {
            route: placement.route.0,
            receiver: placement.receiver,
            labels: placement.group_labels,
        };
        self.standings.placements(alert).into_iter().map(place).collect()
    }

    fn muted_by(&self, group: &GroupPlace, now: Time) -> Vec<String> {
        self.standings.silent(RouteId(group.route), now)
    }

    fn route_labels(&self, group: &GroupPlace, alerts: &[Fingerprint], now: Time) -> LabelSet {
        let (route, external_url) = (RouteId(group.route), self.external_url.as_str());
        let asked = GroupAsked { route, group_labels: &group.labels, external_url, now };
        self.standings.route_labels(&asked, || self.table.snapshot(alerts))
    }
}
