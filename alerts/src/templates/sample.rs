//! A message to try templates on.
//!
//! Deliberately unknown here: real alerts.

use crate::{
    Alert, Episode, LabelSet, Status, Time,
    alert::PictureSlots,
    message::{Message, MessageAlert, Reason},
    picture::{Picture, PictureId, PictureRecord, Subject},
};

/// 2026-03-14T09:26:53Z.
const NOW: Time = Time::from_secs(1_773_480_413);

/// A message to try templates on: three alerts, of which one has ended, or all of them; and a picture with a link.
pub fn sample_message(status: Status) -> Message {
    let alerts: Vec<_> = [("web-1", "critical", "97.2"), ("web-2", "warning", "91.8"), ("web-3", "warning", "90.4")]
        .into_iter()
        .enumerate()
        .map(|(at, (instance, severity, value))| {
            let ended = status == Status::Resolved || at == 2;
            sample_alert(instance, severity, value, if ended { Status::Resolved } else { Status::Firing })
        })
        .collect();
    let group_labels: LabelSet = [("alertname", "HighCpu"), ("cluster", "eu-west")].into_iter().collect();
    Message {
        idempotency_key: "5f4dcc3b5aa765d61d8327deb882cf99".to_owned(),
        receiver: "team-web".to_owned(),
        group_key: r#"{}/{team="web"}:{alertname="HighCpu", cluster="eu-west"}"#.to_owned(),
        status,
        reason: if status == Status::Firing { Reason::FirstNotification } else { Reason::AllResolved },
        common_labels: Message::common(alerts.iter().map(|alert| &alert.alert.labels)),
        common_annotations: Message::common(alerts.iter().map(|alert| &alert.alert.annotations)),
        external_url: "https://wirephoto.example.org".to_owned(),
        now: NOW,
        pictures: vec![sample_picture(&alerts, status)],
        pictures_left_out: 1,
        alerts,
        group_labels,
        route_labels: LabelSet::new(),
    }
}

fn sample_alert(instance: &str, severity: &str, value: &str, status: Status) -> MessageAlert {
    let labels: LabelSet = [
        ("alertname", "HighCpu"),
        ("cluster", "eu-west"),
        ("instance", instance),
        ("job", "node"),
        ("severity", severity),
    ]
    .into_iter()
    .collect();
    let annotations = [
        ("description", format!("The processors of {instance} have been {value} % busy for 10 minutes.")),
        ("runbook_url", "https://runbooks.example.org/high-cpu".to_owned()),
        ("summary", format!("{instance} is busy")),
        ("__dashboardUid__", "nodes".to_owned()),
        ("__panelId__", "4".to_owned()),
        ("__values__", format!(r#"{{"A":{value}}}"#)),
        ("__value_string__", format!("[ var='A' labels={{instance={instance}}} value={value} ]")),
    ];
    let starts_at = Time::from_secs(NOW.as_secs() - 900);
    let alert = Alert {
        fingerprint: labels.fingerprint(),
        labels,
        annotations: annotations.into_iter().collect(),
        starts_at,
        ends_at: if status == Status::Resolved { NOW } else { Time::from_secs(NOW.as_secs() + 240) },
        ends_by_timeout: status == Status::Firing,
        updated_at: NOW,
        generator_url: "https://prometheus.example.org/graph?g0.expr=cpu+%3E+90&g0.tab=1".to_owned(),
        episode: Episode(starts_at),
        pictures: PictureSlots::default(),
    };
    MessageAlert { status, alert }
}

fn sample_picture(alerts: &[MessageAlert], status: Status) -> Picture {
    Picture {
        record: PictureRecord {
            id: PictureId("k3v9x0q7m2t8w5z1b6n4".into()),
            subject: Subject { source: "prometheus".to_owned(), panel: "HighCpu".to_owned(), variables: String::new() },
            transition: status,
            title: "Processors in use".to_owned(),
            alt: "The processors of web-1 rose above 90 % at 09:11".to_owned(),
            width: 1000,
            height: 500,
            size: 31_415,
            sha256: "0".repeat(64),
            taken_at: NOW,
            used_at: NOW,
            uploaded: None,
        },
        url: Some("https://wirephoto.example.org/images/k3v9x0q7m2t8w5z1b6n4.png?sig=sample".to_owned()),
        bytes: None,
        alerts: alerts.iter().map(|alert| alert.alert.fingerprint).collect(),
    }
}
