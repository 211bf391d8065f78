//! What the machine is told about the configuration: validated, built, ready to use.
//!
//! Deliberately unknown here: files, keys, how channels are built.

use std::{sync::Arc, time::Duration};

use alerts::{
    inhibit::InhibitRule,
    interval::TimeIntervals,
    message::IntegrationKey,
    ports::{Channel, Clock, ImageStore, Renderer, Store},
    route::RouteTree,
    silence::SilenceLimits,
};

/// The machine's settings.
#[derive(Clone)]
pub struct Settings {
    /// Which alerts go where.
    pub routes: RouteTree,
    /// All receivers; each that a route names is there.
    pub receivers: Vec<Receiver>,
    /// What mutes what.
    pub inhibit_rules: Vec<InhibitRule>,
    /// The times that routes refer to.
    pub time_intervals: TimeIntervals,
    /// After how long an alert without an end is taken as over unless it is repeated.
    pub resolve_timeout: Duration,
    /// Where the pages are, without a slash at the end.
    pub external_url: String,
    /// Pictures; none: they are switched off.
    pub screenshots: Option<Screenshots>,
    /// How long links to pictures live.
    pub link_lifetime: Duration,
    /// How long pictures are kept after they were last sent.
    pub retention: Duration,
    /// How long a delivery is tried; none: the larger of one hour and its route's repeat interval.
    pub delivery_max_age: Option<Duration>,
    /// The receiver that is told at once what a resting or refusing destination of another receiver was not.
    pub fallback_receiver: Option<String>,
    /// Alerts admitted at once, over all requests.
    pub max_alerts_in_flight: usize,
    /// How long after the start of the machine no group is told about (`--dispatch.start-delay`).
    pub start_delay: Duration,
    /// How many silences there may be, and how large.
    pub silence_limits: SilenceLimits,
    /// Whether it is logged which alerts a silence keeps from being told (`--log.silences`).
    pub log_silences: bool,
    /// How long silences are kept after their end (`--data.retention`).
    pub silence_retention: Duration,
}

/// How pictures are taken.
#[derive(Clone, Debug)]
pub struct Screenshots {
    /// How many are taken at once.
    pub max_concurrent_screenshots: usize,
    /// How long one may take, queueing included.
    pub capture_timeout: Duration,
    /// How long a message waits for its pictures.
    pub image_wait: Duration,
    /// Whether a message that only repeats what was told has pictures as of then.
    pub refresh_on_repeat: bool,
}

/// A receiver and its integrations.
#[derive(Clone)]
pub struct Receiver {
    /// Its name.
    pub name: String,
    /// In the configuration's order.
    pub integrations: Vec<Integration>,
    /// Whether it is told that an alert which it knows to fire is over although the alert is muted by then. Alertmanager does
    /// not tell it, ever.
    pub resolve_muted: bool,
}

/// One integration of a receiver.
#[derive(Clone)]
pub struct Integration {
    /// Its key in the notification log, the outbox, the metrics.
    pub key: IntegrationKey,
    /// The outlet.
    pub channel: Arc<dyn Channel>,
}

impl Integration {
    /// An integration of a receiver; `destination` tells it from the receiver's others of the same type.
    pub fn new(receiver: &str, destination: &str, channel: Arc<dyn Channel>) -> Self {
        let key = IntegrationKey(format!("{receiver}/{}/{destination}", channel.limits().kind).into());
        Self { key, channel }
    }
}

/// How the machine meets the world.
#[derive(Clone)]
pub struct Ports {
    /// The database.
    pub store: Arc<dyn Store>,
    /// The pictures' maker; none: there are no pictures.
    pub renderer: Option<Arc<dyn Renderer>>,
    /// The pictures' keeper.
    pub images: Arc<dyn ImageStore>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}
