//! The whole machine on fakes, along a timeline in virtual time. T = 0 is [`VirtualClock::ZERO`].

use std::{sync::Arc, time::Duration};

use alerts::{
    LabelSet, Status, Time,
    inhibit::InhibitRule,
    intake::{Accept, Normalised, NotAccepted},
    matcher::{MatchOp, Matcher, MatcherSet},
    message::Message,
    ports::{Channel, Clock},
    route::{Names, RouteSettings, RouteTree},
    silence::{Draft, SilenceId},
    table::Refresh,
};
use prometheus::Registry;

use super::{FakeChannel, FakeRenderer, MemoryImages, MemoryStore, VirtualClock};
use crate::{Integration, Machine, Metrics, Ports, Receiver, Screenshots, Settings};

/// Seconds of a timeline as a time.
fn at(seconds: f64) -> Time {
    let nanos = (seconds * 1e9).round() as i64;
    Time::from_nanos(VirtualClock::ZERO.as_nanos() + nanos)
}

/// An alert as a sender would send it.
#[derive(Clone, Debug)]
pub struct AlertSpec {
    labels: LabelSet,
    annotations: LabelSet,
    starts_at: Option<f64>,
    ends_at: Option<f64>,
}

/// An alert with this name that begins when it is posted.
pub fn alert(name: &str) -> AlertSpec {
    let labels = [("alertname", name)].into_iter().collect();
    AlertSpec { labels, annotations: LabelSet::new(), starts_at: None, ends_at: None }
}

impl AlertSpec {
    /// With a label.
    pub fn label(mut self, name: &str, value: &str) -> Self {
        self.labels.set(name, value);
        self
    }

    /// With an annotation.
    pub fn annotation(mut self, name: &str, value: &str) -> Self {
        self.annotations.set(name, value);
        self
    }

    /// Beginning at this second.
    pub fn starts(mut self, seconds: f64) -> Self {
        self.starts_at = Some(seconds);
        self
    }

    /// Ending at this second.
    pub fn ends(mut self, seconds: f64) -> Self {
        self.ends_at = Some(seconds);
        self
    }

    fn normalised(&self, now: Time, resolve_timeout: Duration) -> Normalised {
        let ends_at = self.ends_at.map(at);
        let starts_at = self.starts_at.map(at).or(ends_at.filter(|end| *end < now)).unwrap_or(now);
        Normalised::from(&alerts::Alert {
            fingerprint: self.labels.fingerprint(),
            labels: self.labels.clone(),
            annotations: self.annotations.clone(),
            starts_at,
            ends_at: ends_at.unwrap_or(now.plus(resolve_timeout)),
            ends_by_timeout: ends_at.is_none(),
            updated_at: now,
            generator_url: String::new(),
            episode: alerts::Episode(now),
            pictures: Default::default(),
        })
    }
}

/// What the machine is built of.
#[derive(Clone)]
pub struct Setup {
    /// The root route; its receiver is `default`.
    pub route: RouteSettings,
    /// The channels of the receiver `default`.
    pub channels: Vec<Arc<FakeChannel>>,
    /// Further receivers.
    pub receivers: Vec<(String, Vec<Arc<FakeChannel>>)>,
    /// What mutes what.
    pub inhibit_rules: Vec<InhibitRule>,
    /// See [`Settings::resolve_timeout`].
    pub resolve_timeout: Duration,
    /// How pictures are taken; none: not at all.
    pub screenshots: Option<Screenshots>,
    /// See [`Settings::delivery_max_age`].
    pub delivery_max_age: Option<Duration>,
    /// See [`Settings::fallback_receiver`].
    pub fallback_receiver: Option<String>,
    /// See [`Settings::retention`].
    pub retention: Duration,
    /// See [`Settings::start_delay`].
    pub start_delay: Duration,
    /// See [`Settings::silence_retention`].
    pub silence_retention: Duration,
    /// See [`Receiver::resolve_muted`]; of all receivers.
    pub resolve_muted: bool,
    /// The clock.
    pub clock: Arc<VirtualClock>,
    /// The database: machines built one after the other share it.
    pub store: Arc<MemoryStore>,
    /// The image store.
    pub images: Arc<MemoryImages>,
    /// The renderer.
    pub renderer: Arc<FakeRenderer>,
}

impl Setup {
    /// One receiver with one channel, everything in one group, no pictures. Call it with tokio's clock paused.
    pub fn new(group_wait: f64, group_interval: f64, repeat_interval: f64) -> Self {
        let clock = Arc::new(VirtualClock::new());
        let seconds = |seconds: f64| Some(Duration::from_secs_f64(seconds));
        let route = RouteSettings {
            receiver: Some("default".to_owned()),
            group_by: Some(Vec::new()),
            group_wait: seconds(group_wait),
            group_interval: seconds(group_interval),
            repeat_interval: seconds(repeat_interval),
            ..RouteSettings::default()
        };
        Self {
            route,
            channels: vec![Arc::new(FakeChannel::new("hook", clock.clone()))],
            receivers: Vec::new(),
            inhibit_rules: Vec::new(),
            resolve_timeout: Duration::from_secs(300),
            screenshots: None,
            delivery_max_age: None,
            fallback_receiver: None,
            retention: Duration::from_secs(30 * 24 * 3600),
            start_delay: Duration::ZERO,
            silence_retention: Duration::from_secs(120 * 3600),
            resolve_muted: true,
            store: Arc::default(),
            images: Arc::default(),
            renderer: Arc::default(),
            clock,
        }
    }

    /// Grouped by these labels.
    pub fn group_by(mut self, labels: &[&str]) -> Self {
        self.route.group_by = Some(labels.iter().map(ToString::to_string).collect());
        self
    }

    /// With pictures: five at once, ten seconds each, a wait of two seconds.
    pub fn with_pictures(mut self) -> Self {
        self.screenshots = Some(Screenshots {
            max_concurrent_screenshots: 5,
            capture_timeout: Duration::from_secs(10),
            image_wait: Duration::from_secs(2),
            refresh_on_repeat: false,
        });
        self
    }

    /// With pictures that are taken anew for each repeat.
    pub fn with_fresh_pictures(mut self) -> Self {
        self = self.with_pictures();
        if let Some(screenshots) = &mut self.screenshots {
            screenshots.refresh_on_repeat = true;
        }
        self
    }

    /// Starts a machine on what is there.
    pub async fn start(&self) -> World {
        let metrics = Arc::new(Metrics::new(&Registry::new()).unwrap());
        let ports = Ports {
            store: self.store.clone(),
            renderer: Some(self.renderer.clone()),
            images: self.images.clone(),
            clock: self.clock.clone(),
        };
        let machine = Machine::start(self.settings(), ports, metrics.clone()).await.unwrap();
        World { machine, metrics, setup: self.clone() }
    }

    /// What the machine is told.
    pub fn settings(&self) -> Settings {
        let receiver = |name: &str, channels: &[Arc<FakeChannel>]| Receiver {
            name: name.to_owned(),
            integrations: channels
                .iter()
                .map(|channel| Integration::new(name, &channel.limits().destination, channel.clone()))
                .collect(),
            resolve_muted: self.resolve_muted,
        };
        let mut receivers = vec![receiver("default", &self.channels)];
        receivers.extend(self.receivers.iter().map(|(name, channels)| receiver(name, channels)));
        let names = Names { receivers: receivers.iter().map(|r| &*r.name).collect(), ..Names::default() };
        Settings {
            routes: RouteTree::build(&self.route, &names).unwrap(),
            receivers: receivers.clone(),
            inhibit_rules: self.inhibit_rules.clone(),
            time_intervals: alerts::interval::TimeIntervals::default(),
            resolve_timeout: self.resolve_timeout,
            external_url: "http://wirephoto.test".to_owned(),
            screenshots: self.screenshots.clone(),
            link_lifetime: Duration::from_secs(3600),
            retention: self.retention,
            delivery_max_age: self.delivery_max_age,
            fallback_receiver: self.fallback_receiver.clone(),
            max_alerts_in_flight: 1_000_000,
            start_delay: self.start_delay,
            silence_limits: Default::default(),
            log_silences: false,
            silence_retention: self.silence_retention,
        }
    }
}

/// A running machine and its surroundings.
pub struct World {
    /// The machine.
    pub machine: Machine,
    /// Its metrics.
    pub metrics: Arc<Metrics>,
    /// What it was built of.
    pub setup: Setup,
}

impl World {
    /// Lets time pass until this second of the timeline.
    pub async fn until(&self, seconds: f64) {
        let wait = at(seconds).since(self.setup.clock.now());
        tokio::time::sleep(wait).await;
    }

    /// Posts alerts as the HTTP workers do: what changes nothing is settled in the table, the rest goes to the actors.
    pub async fn post(&self, alerts: &[AlertSpec]) -> Result<(), NotAccepted> {
        let now = self.setup.clock.now();
        let mut changed = Vec::new();
        let mut extend = Vec::new();
        for alert in alerts {
            let alert = alert.normalised(now, self.setup.resolve_timeout);
            match self.machine.table().refresh(&alert.sighting) {
                Refresh::Changed => changed.push(alert),
                Refresh::Extend => extend.push(alert.sighting.fingerprint),
                Refresh::Unchanged => {}
            }
        }
        self.machine.intake().extend(extend);
        self.machine.intake().accept(changed, now).await
    }

    /// Posts alerts at a second of the timeline.
    pub async fn post_at(&self, seconds: f64, alerts: &[AlertSpec]) {
        self.until(seconds).await;
        self.post(alerts).await.unwrap();
    }

    /// Goes on under this setup: routes, receivers, rules; store and clock must be the ones that it was started with.
    pub async fn reload(&mut self, setup: &Setup) {
        self.setup = setup.clone();
        self.machine.reload(setup.settings(), Some(setup.renderer.clone())).await;
    }

    /// Silences alerts by their name (a regular expression), between two seconds of the timeline.
    pub async fn silence(&self, name: &str, from: f64, to: f64) -> SilenceId {
        self.machine.silences().set(self.draft(name, from, to)).await.unwrap()
    }

    /// The same, not asked for yet.
    pub fn draft(&self, name: &str, from: f64, to: f64) -> Draft {
        Draft {
            id: None,
            matchers: MatcherSet::new(vec![Matcher::new("alertname", MatchOp::Regex, name).unwrap()]),
            starts_at: Some(at(from)),
            ends_at: at(to),
            created_by: "timeline".to_owned(),
            comment: String::new(),
            annotations: LabelSet::new(),
        }
    }

    /// What channel number `channel` of the default receiver was told: second, then each alert as
    /// `name{labels}`, `[resolved]` behind those that are.
    pub fn told(&self, channel: usize) -> Vec<(f64, String)> {
        self.setup.channels[channel]
            .messages()
            .iter()
            .map(|(time, message)| (second(*time), summary(message)))
            .collect()
    }

    /// Asserts that a channel was told exactly this, each within 0.1 s.
    pub fn expect(&self, channel: usize, expected: &[(f64, &str)]) {
        let told = self.told(channel);
        let fits = told.len() == expected.len()
            && told
                .iter()
                .zip(expected)
                .all(|(told, expected)| (told.0 - expected.0).abs() < 0.1 && told.1 == expected.1);
        assert!(fits, "told {told:#?}\nexpected {expected:#?}");
    }
}

fn second(time: Time) -> f64 {
    (time.as_nanos() - VirtualClock::ZERO.as_nanos()) as f64 / 1e9
}

fn summary(message: &Message) -> String {
    let alerts: Vec<String> = message
        .alerts
        .iter()
        .map(|message_alert| {
            let rest = message_alert.alert.labels.filtered(|name, _| name != "alertname");
            let labels = if rest.is_empty() { String::new() } else { rest.to_string() };
            let status = if message_alert.status == Status::Resolved { "[resolved]" } else { "" };
            format!("{}{labels}{status}", message_alert.alert.name())
        })
        .collect();
    alerts.join(" ")
}
