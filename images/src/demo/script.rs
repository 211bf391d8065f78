//! What happens in the demo: rules, their series, and when which alert fires and resolves.
//!
//! Deliberately unknown here: pictures, HTTP.

use std::time::Duration;

use alerts::{LabelSet, Time};
use url::Url;

use super::shape::{day, incident, noise};
use crate::{expression::Comparison, rules::Rule, source::Samples, window::Window};

/// After this long everything happens again.
const CYCLE: Duration = Duration::from_secs(15 * 60);
/// How long a resolved alert is still reported, so that nobody misses it.
const RESOLVED_FOR: Duration = Duration::from_secs(120);
/// Where the demo's links lead: nowhere, by RFC 2606.
const GRAPH_PAGE: &str = "http://demo.invalid/graph";

/// An alert of the demo, as a Prometheus would send it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoAlert {
    /// Its labels.
    pub labels: LabelSet,
    /// Its annotations.
    pub annotations: LabelSet,
    /// Whether it fires; if not, it is over since `ends_at`.
    pub firing: bool,
    /// When it fired.
    pub starts_at: Time,
    /// When it was over.
    pub ends_at: Option<Time>,
    /// A link with its expression.
    pub generator_url: String,
}

/// The alerts to be reported at `now` by a demo that runs since `started`: those that fire, and those that resolved lately. To be
/// posted every few seconds.
pub fn schedule(now: Time, started: Time) -> Vec<DemoAlert> {
    let alerts = RULES.iter().flat_map(|rule| rule.series.iter().map(move |series| (rule, series)));
    let incidents =
        alerts.flat_map(|(rule, series)| series.incidents(now, started).map(move |times| (rule, series, times)));
    let reported = incidents.filter(|(.., (fires, resolves))| *fires <= now && now < resolves.plus(RESOLVED_FOR));
    reported.map(|(rule, series, (fires, resolves))| rule.alert(series, fires, resolves, now)).collect()
}

/// A rule and the series of its expression.
pub(super) struct DemoRule {
    pub name: &'static str,
    pub expression: &'static str,
    hold: Duration,
    labels: &'static [(&'static str, &'static str)],
    summary: &'static str,
    description: &'static str,
    /// The series compare with this level in this way when something is wrong.
    comparison: Comparison,
    level: f64,
    /// The value in the middle of the incident.
    bad: f64,
    /// How many seconds an incident takes to reach the level, and again to its worst.
    slope: f64,
    pub series: &'static [DemoSeries],
}

/// A series: its labels, its usual value, how much that varies with the day and by chance, and when it goes wrong, in
/// seconds since the start of the cycle: the alert fires, the alert resolves.
pub(super) struct DemoSeries {
    labels: &'static [(&'static str, &'static str)],
    usual: f64,
    daily: f64,
    random: f64,
    wrong: Option<(u64, u64)>,
}

const GIB: f64 = 1_073_741_824.0;

const fn series(
    labels: &'static [(&'static str, &'static str)],
    (usual, daily, random): (f64, f64, f64),
    wrong: Option<(u64, u64)>,
) -> DemoSeries {
    DemoSeries { labels, usual, daily, random, wrong }
}

pub(super) const RULES: &[DemoRule] = &[
    DemoRule {
        name: "HighErrorRate",
        expression: "sum by (service, region) (rate(http_requests_total{status=~\"5..\"}[5m])) / sum by (service, region) (rate(http_requests_total[5m])) > 0.05",
        hold: Duration::from_secs(5 * 60),
        labels: &[("severity", "critical"), ("team", "shop")],
        summary: "More than 5 % of the requests to checkout fail",
        description: "checkout answers with errors in {region} since its last deployment.",
        comparison: Comparison::Greater,
        level: 0.05,
        bad: 0.12,
        slope: 110.0,
        series: &[
            series(&[("region", "eu-west"), ("service", "checkout")], (0.014, 0.004, 0.009), Some((8, 170))),
            series(&[("region", "us-east"), ("service", "checkout")], (0.018, 0.003, 0.008), Some((18, 180))),
            series(&[("region", "eu-west"), ("service", "cart")], (0.008, 0.002, 0.005), None),
            series(&[("region", "us-east"), ("service", "cart")], (0.006, 0.002, 0.004), None),
            series(&[("region", "eu-west"), ("service", "search")], (0.024, 0.005, 0.01), None),
            series(&[("region", "us-east"), ("service", "search")], (0.027, 0.004, 0.01), None),
        ],
    },
    DemoRule {
        name: "LatencyP99High",
        expression: "histogram_quantile(0.99, sum by (le, service) (rate(http_request_duration_seconds_bucket[5m]))) > 0.8",
        hold: Duration::from_secs(10 * 60),
        labels: &[("severity", "warning"), ("team", "search")],
        summary: "One of a hundred requests takes longer than 800 ms",
        description: "The slowest requests to {service} wait for its index.",
        comparison: Comparison::Greater,
        level: 0.8,
        bad: 1.35,
        slope: 240.0,
        series: &[
            series(&[("service", "search")], (0.42, 0.06, 0.13), Some((45, 240))),
            series(&[("service", "checkout")], (0.31, 0.05, 0.09), None),
            series(&[("service", "cart")], (0.19, 0.03, 0.04), None),
            series(&[("service", "recommend")], (0.55, 0.05, 0.12), None),
        ],
    },
    DemoRule {
        name: "DiskWillFill",
        expression: "predict_linear(node_filesystem_avail_bytes{mountpoint=\"/var/lib/postgresql\"}[1h], 4 * 3600) < 0",
        hold: Duration::from_secs(15 * 60),
        labels: &[("severity", "warning"), ("team", "storage")],
        summary: "The database's disk will be full within four hours",
        description: "{instance} writes more than its retention removes.",
        comparison: Comparison::Less,
        level: 0.0,
        bad: -38.0 * GIB,
        slope: 540.0,
        series: &[
            series(
                &[("instance", "db-1:9100"), ("mountpoint", "/var/lib/postgresql")],
                (61.0 * GIB, 4.0 * GIB, 9.0 * GIB),
                Some((90, 330)),
            ),
            series(
                &[("instance", "db-2:9100"), ("mountpoint", "/var/lib/postgresql")],
                (74.0 * GIB, 4.0 * GIB, 8.0 * GIB),
                None,
            ),
            series(
                &[("instance", "db-3:9100"), ("mountpoint", "/var/lib/postgresql")],
                (92.0 * GIB, 3.0 * GIB, 8.0 * GIB),
                None,
            ),
        ],
    },
    DemoRule {
        name: "TargetDown",
        expression: "up{job=\"payments\"} == 0",
        hold: Duration::from_secs(5 * 60),
        labels: &[("severity", "critical"), ("team", "payments")],
        summary: "Instances of payments do not answer",
        description: "{instance} cannot be scraped.",
        comparison: Comparison::Equal,
        level: 0.0,
        bad: 0.0,
        slope: 1.0,
        series: &[
            series(&[("instance", "payments-1:8080"), ("job", "payments")], (1.0, 0.0, 0.0), None),
            series(&[("instance", "payments-2:8080"), ("job", "payments")], (1.0, 0.0, 0.0), Some((130, 290))),
            series(&[("instance", "payments-3:8080"), ("job", "payments")], (1.0, 0.0, 0.0), None),
            series(&[("instance", "payments-5:8080"), ("job", "payments")], (1.0, 0.0, 0.0), Some((142, 275))),
        ],
    },
];

impl DemoRule {
    /// The rule as a Prometheus would list it.
    pub fn rule(&self) -> Rule {
        let annotations = [
            ("summary", self.summary.to_owned()),
            ("description", self.description.replace('{', "{{ $labels.").replace('}', " }}")),
        ];
        Rule {
            name: self.name.to_owned(),
            query: self.expression.to_owned(),
            hold: self.hold,
            labels: self.labels.iter().copied().collect(),
            annotations: annotations.into_iter().collect(),
            ..Rule::default()
        }
    }

    /// The series over a window.
    pub fn samples(&self, started: Time, window: &Window) -> Vec<Samples> {
        let count = i64::try_from(window.points()).unwrap_or(0);
        let samples = |(seed, series): (u64, &DemoSeries)| Samples {
            labels: series.labels.iter().copied().chain(self.metric()).collect(),
            points: (0..count)
                .map(|n| window.from.as_millis() + n * window.step_millis())
                .map(|millis| (millis, self.value(series, seed, Time::from_millis(millis), started)))
                .collect(),
        };
        (1..).map(|n| n * 1_000).zip(self.series).map(samples).collect()
    }

    /// Only a bare selector keeps the metric's name.
    fn metric(&self) -> Option<(&'static str, &'static str)> {
        self.expression.starts_with("up{").then_some(("__name__", "up"))
    }

    fn value(&self, series: &DemoSeries, seed: u64, at: Time, started: Time) -> f64 {
        let now = seconds(at);
        let chance = noise(seed, now);
        let usual = self.on_side(false, series.usual + series.daily * day(now) + series.random * chance);
        let progress = series.incidents(at, started).map(|(fires, resolves)| {
            let progress = incident(now, seconds(fires.minus(self.hold)), seconds(resolves), self.slope);
            // at its very end it is over
            if at < resolves { progress } else { progress.min(0.998) }
        });
        let progress = progress.fold(0.0, f64::max);
        match self.comparison {
            // targets are up or down, nothing in between
            Comparison::Equal if progress >= 1.0 => self.bad,
            Comparison::Equal => usual,
            _ if progress < 1.0 => usual + (self.level - usual) * progress,
            _ => {
                let worst = self.level + (self.bad - self.level) * (1.0 + 0.25 * chance);
                self.on_side(true, self.level + (worst - self.level) * (progress - 1.0))
            }
        }
    }

    /// A little on the right side of the level, whatever chance would have it.
    fn on_side(&self, wrong: bool, value: f64) -> f64 {
        let margin = 0.002 * (self.bad - self.level).abs();
        match (self.comparison, wrong) {
            (Comparison::Greater, true) | (Comparison::Less, false) => value.max(self.level + margin),
            (Comparison::Greater, false) | (Comparison::Less, true) => value.min(self.level - margin),
            _ => value,
        }
    }

    fn alert(&self, series: &DemoSeries, fires: Time, resolves: Time, now: Time) -> DemoAlert {
        let labels = [("alertname", self.name)].into_iter().chain(self.labels.iter().chain(series.labels).copied());
        let fill = |text: String, (name, value): &(&str, &str)| text.replace(&format!("{{{name}}}"), value);
        let description = series.labels.iter().fold(self.description.to_owned(), fill);
        let mut link = Url::parse(GRAPH_PAGE).expect("the constant is a URL");
        link.query_pairs_mut().append_pair("g0.expr", self.expression).append_pair("g0.tab", "1");
        DemoAlert {
            labels: labels.collect(),
            annotations: [("summary", self.summary), ("description", &description)].into_iter().collect(),
            firing: now < resolves,
            starts_at: fires,
            ends_at: (resolves <= now).then_some(resolves),
            generator_url: link.into(),
        }
    }
}

impl DemoSeries {
    /// When its alert fires and resolves, in the cycle of `at`, the one before and the one after; never before the start.
    fn incidents(&self, at: Time, started: Time) -> impl Iterator<Item = (Time, Time)> + use<> {
        let cycle = at.since(started).as_nanos() / CYCLE.as_nanos();
        let cycle = u32::try_from(cycle).unwrap_or(u32::MAX);
        self.wrong.into_iter().flat_map(move |(fires, resolves)| {
            (cycle.saturating_sub(1)..=cycle.saturating_add(1)).map(move |cycle| {
                let begin = started.plus(CYCLE.saturating_mul(cycle));
                (begin.plus(Duration::from_secs(fires)), begin.plus(Duration::from_secs(resolves)))
            })
        })
    }
}

fn seconds(at: Time) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit into 53 bits")]
    let millis = at.as_millis() as f64;
    millis / 1000.0
}
