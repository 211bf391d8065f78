//! A message for unit tests.

use alerts::{
    Alert, Episode, LabelSet, Status, Time,
    alert::PictureSlots,
    message::{Message, MessageAlert, Reason},
};

/// One firing alert, no pictures.
pub fn message() -> Message {
    let labels: LabelSet = [("alertname", "DiskFull"), ("instance", "db-1")].into_iter().collect();
    let alert = Alert {
        fingerprint: labels.fingerprint(),
        labels,
        annotations: [("summary", "nearly full")].into_iter().collect(),
        starts_at: Time::from_secs(1_699_999_000),
        ends_at: Time::from_secs(1_699_999_900),
        ends_by_timeout: false,
        updated_at: Time::from_secs(1_700_000_000),
        generator_url: "http://prometheus.example.org/graph".into(),
        episode: Episode(Time::from_secs(1_699_999_000)),
        pictures: PictureSlots::default(),
    };
    Message {
        idempotency_key: "0123456789abcdef0123456789abcdef".into(),
        receiver: "team-disk".into(),
        group_key: r#"{}:{alertname="DiskFull"}"#.into(),
        status: Status::Firing,
        reason: Reason::FirstNotification,
        group_labels: [("alertname", "DiskFull")].into_iter().collect(),
        route_labels: LabelSet::new(),
        common_labels: alert.labels.clone(),
        common_annotations: alert.annotations.clone(),
        alerts: vec![MessageAlert { status: Status::Firing, alert }],
        external_url: "http://wirephoto.example.org".into(),
        now: Time::from_secs(1_700_000_000),
        pictures: Vec::new(),
        pictures_left_out: 0,
    }
}
