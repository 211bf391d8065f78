//! The alerts of a trial: those of an event in Alertmanager's shape, a sample, and the alert of a test message.
//!
//! Deliberately unknown here: where the event was read from.

use std::time::Duration;

use alerts::{
    Alert, Time,
    intake::{Incoming, Rules, normalise, v2},
};

use super::{MOST_ALERTS, NoTrial};

/// The name of the alert of test messages.
pub const TEST_ALERT: &str = "WirephotoTest";

/// How long the sample has been firing.
const SAMPLE_AGE: Duration = Duration::from_secs(7 * 60);

/// The alerts of an event: a list as `POST /api/v2/alerts` takes it, or one of its elements. Each set of labels once.
///
/// # Errors
/// What is wrong with it.
pub fn parse(text: &str, now: Time, rules: &Rules) -> Result<Vec<Alert>, NoTrial> {
    let text = text.trim();
    let list = if text.starts_with('{') { format!("[{text}]") } else { text.to_owned() };
    let incoming = v2::parse(&list).map_err(|error| NoTrial::Event(error.to_string()))?;
    if incoming.is_empty() {
        return Err(NoTrial::Event("there is no alert in it".to_owned()));
    }
    if incoming.len() > MOST_ALERTS {
        return Err(NoTrial::TooMuch(format!(
            "{} alerts are more than the {MOST_ALERTS} of a preview",
            incoming.len()
        )));
    }
    let count = incoming.len();
    let mut alerts: Vec<Alert> = Vec::with_capacity(count);
    for (at, incoming) in incoming.into_iter().enumerate() {
        let alert = made(incoming, now, rules).map_err(|why| match count {
            1 => NoTrial::Event(why),
            _ => NoTrial::Event(format!("alert {} of {count}: {why}", at + 1)),
        })?;
        alerts.retain(|before| before.fingerprint != alert.fingerprint);
        alerts.push(alert);
    }
    Ok(alerts)
}

/// The alert that is previewed where no event is given.
pub(super) fn sample(now: Time) -> Alert {
    let labels = [
        ("alertname", "HighErrorRate"),
        ("severity", "critical"),
        ("service", "checkout"),
        ("instance", "web-1.example.org:8080"),
    ];
    let annotations = [
        ("summary", "More than 5 % of the requests to checkout fail"),
        ("description", "This is wirephoto's sample alert: give an event of your own to see what yours look like."),
        ("runbook_url", "https://runbooks.example.org/HighErrorRate"),
    ];
    let link = "http://prometheus.example.org/graph?g0.expr=rate(errors_total%5B5m%5D)%20%3E%200.05";
    known(&labels, &annotations, Some(now.minus(SAMPLE_AGE)), link, now)
}

/// The alert of a test message: whoever reads it sees that nothing is wrong, and who asked for it.
pub(super) fn test(receiver: &str, by: &str, now: Time) -> Alert {
    let labels = [("alertname", TEST_ALERT), ("severity", "info"), ("receiver", receiver)];
    let summary = format!("This is a test message to the receiver {receiver}: nothing is wrong");
    let description = format!(
        "It was asked for by {by}. If you can read this and see a chart, the receiver gets its messages with their pictures."
    );
    known(&labels, &[("summary", &summary), ("description", &description)], Some(now), "", now)
}

fn known(
    labels: &[(&str, &str)],
    annotations: &[(&str, &str)],
    starts_at: Option<Time>,
    link: &str,
    now: Time,
) -> Alert {
    let pairs = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(name, value)| ((*name).to_owned().into(), (*value).to_owned().into())).collect()
    };
    let incoming = Incoming {
        labels: pairs(labels),
        annotations: pairs(annotations),
        starts_at,
        ends_at: None,
        generator_url: link.to_owned().into(),
    };
    made(incoming, now, &Rules::default()).expect("labels and annotations of our own are valid")
}

fn made(incoming: Incoming<'_>, now: Time, rules: &Rules) -> Result<Alert, String> {
    normalise(incoming, now, rules).map(|received| received.into_owned().alert()).map_err(|why| why.to_string())
}
