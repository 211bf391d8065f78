//! Messages for the tests of templates, read from `tests/templates/messages.json`.

use std::{collections::BTreeMap, path::PathBuf, sync::LazyLock};

use alerts::{
    Alert, Episode, LabelSet, Status, Time,
    alert::PictureSlots,
    message::{Message, MessageAlert, Reason},
    templates::{Data, Templates},
};
use serde::Deserialize;

/// The folder of the recorded cases.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/templates")
}

/// A message as it is written down.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    receiver: String,
    group_key: String,
    reason: String,
    group_by: Vec<String>,
    #[serde(default)]
    route_labels: LabelSet,
    #[serde(rename = "externalURL")]
    external_url: String,
    now: String,
    alerts: Vec<WrittenAlert>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenAlert {
    status: Status,
    labels: LabelSet,
    annotations: LabelSet,
    starts_at: String,
    ends_at: String,
    #[serde(rename = "generatorURL")]
    generator_url: String,
}

/// The written messages by name.
pub static MESSAGES: LazyLock<BTreeMap<String, Message>> = LazyLock::new(|| {
    let text = std::fs::read_to_string(folder().join("messages.json")).unwrap();
    let written: BTreeMap<String, Written> = serde_json::from_str(&text).unwrap();
    written.into_iter().map(|(name, written)| (name, written.message())).collect()
});

impl Written {
    fn message(self) -> Message {
        let alerts: Vec<_> = self.alerts.into_iter().map(WrittenAlert::alert).collect();
        let common_labels = Message::common(alerts.iter().map(|a| &a.alert.labels));
        let firing = alerts.iter().any(|a| a.status == Status::Firing);
        let reasons = [Reason::FirstNotification, Reason::NewAlerts, Reason::AllResolved];
        Message {
            idempotency_key: "0".repeat(32),
            receiver: self.receiver,
            group_key: self.group_key,
            status: if firing { Status::Firing } else { Status::Resolved },
            reason: reasons.into_iter().find(|reason| reason.as_str() == self.reason).unwrap(),
            group_labels: common_labels.filtered(|name, _| self.group_by.iter().any(|by| by == name)),
            common_annotations: Message::common(alerts.iter().map(|a| &a.alert.annotations)),
            common_labels,
            route_labels: self.route_labels,
            alerts,
            external_url: self.external_url,
            now: Time::parse(&self.now).unwrap(),
            pictures: Vec::new(),
            pictures_left_out: 0,
        }
    }
}

impl WrittenAlert {
    fn alert(self) -> MessageAlert {
        let starts_at = Time::parse(&self.starts_at).unwrap();
        let alert = Alert {
            fingerprint: self.labels.fingerprint(),
            labels: self.labels,
            annotations: self.annotations,
            starts_at,
            ends_at: Time::parse(&self.ends_at).unwrap(),
            ends_by_timeout: false,
            updated_at: starts_at,
            generator_url: self.generator_url,
            episode: Episode(starts_at),
            pictures: PictureSlots::default(),
        };
        MessageAlert { status: self.status, alert }
    }
}

/// The default templates, loaded once.
static DEFAULTS: LazyLock<Templates> = LazyLock::new(Templates::default_set);

/// What a template prints as text, or its error.
pub fn text(template: &str, message: &Message) -> Result<String, String> {
    let template = DEFAULTS.text("test", template).map_err(|error| error.to_string())?;
    template.render(&Data::new(message)).map_err(|error| error.to_string())
}

/// What a template prints as HTML, or its error.
pub fn html(template: &str, message: &Message) -> Result<String, String> {
    let template = DEFAULTS.html("test", template).map_err(|error| error.to_string())?;
    template.render(&Data::new(message)).map_err(|error| error.to_string())
}
