//! What all group actors share: ports, other actors, the configuration.
//!
//! Deliberately unknown here: groups.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use alerts::{
    message::IntegrationKey,
    ports::{Clock, Store},
    route::RouteId,
    table::AlertTable,
    time::Time,
};

use super::{flush::FlushTarget, foreign::ForeignNames, router::Router, state::Timing};
use crate::{
    alert::AlertState, channel::ChannelActor, index::Index, metrics::Metrics, recorder::Recorder, tell::Handle,
};

/// What all group actors share.
pub(crate) struct GroupContext {
    pub(crate) table: Arc<AlertTable>,
    pub(crate) index: Arc<Index>,
    pub(crate) router: Arc<Router>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) recorder: Handle<Recorder>,
    pub(crate) channels: HashMap<IntegrationKey, Handle<ChannelActor>>,
    /// The integrations of each receiver, in its order, and whether they are told of resolved alerts.
    pub(crate) receivers: HashMap<String, Vec<FlushTarget>>,
    pub(crate) alert_states: Vec<Handle<AlertState>>,
    pub(crate) last_delivery: Arc<AtomicU64>,
    /// No group is flushed before: the start of the process and `start_delay`.
    pub(crate) not_before: Time,
    /// What integrations are called in the log of an Alertmanager that was taken over.
    pub(crate) foreign_names: ForeignNames,
    /// Whether it is logged which alerts a silence keeps from being told.
    pub(crate) log_silences: bool,
    /// None: the larger of one hour and the repeat interval.
    pub(crate) delivery_max_age: Option<Duration>,
    /// Where the pages are, without a slash at the end.
    pub(crate) external_url: Arc<str>,
}

impl GroupContext {
    pub(super) fn timing(&self, route: RouteId) -> Timing {
        let route = self.router.tree().route(route);
        Timing { group_wait: route.group_wait, group_interval: route.group_interval }
    }

    pub(super) fn max_age(&self, repeat_interval: Duration) -> Duration {
        self.delivery_max_age.unwrap_or(repeat_interval.max(Duration::from_secs(3600)))
    }
}
