//! One alert as Alertmanager's API shows it, written from the packed record.
//!
//! Deliberately unknown here: which alerts are shown.

use alerts::{LabelSet, Time, record::AlertRecord};
use serde::{Serialize, Serializer};

use super::{
    json_text,
    ports::{ConfigView, Standing},
};

/// An alert and what is said about it; written as `GettableAlert`. Lists are never null, times have milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct AlertJson<'a> {
    /// The alert.
    pub alert: &'a AlertRecord,
    /// Its receivers and what mutes it.
    pub standing: &'a Standing,
    /// Names of time intervals that mute its group; only lists of groups know them.
    pub muted_by: &'a [String],
    /// Where the labels of receivers stand.
    pub config: &'a ConfigView,
}

impl AlertJson<'_> {
    /// Appends the alert. There may be a hundred thousand of them in one answer, and so it does without serde.
    pub fn write(&self, out: &mut Vec<u8>) {
        let AlertJson { alert, standing, .. } = self;
        let parts = alert.blob.parts();
        out.extend_from_slice(b"{\"annotations\":");
        json_text::object(parts.annotations, out);
        out.extend_from_slice(b",\"endsAt\":");
        json_text::millis(alert.ends_at, out);
        out.extend_from_slice(b",\"fingerprint\":");
        json_text::fingerprint(alert.fingerprint, out);
        out.extend_from_slice(b",\"receivers\":");
        json_text::array(standing.receivers.iter(), out, |name, out| ReceiverJson::of(name, self.config).write(out));
        out.extend_from_slice(b",\"startsAt\":");
        json_text::millis(alert.starts_at, out);
        self.write_status(out);
        out.extend_from_slice(b",\"updatedAt\":");
        json_text::millis(alert.updated_at, out);
        if !parts.generator_url.is_empty() {
            out.extend_from_slice(b",\"generatorURL\":");
            json_text::string(parts.generator_url, out);
        }
        out.extend_from_slice(b",\"labels\":");
        json_text::object(parts.labels, out);
        out.push(b'}');
    }

    fn write_status(&self, out: &mut Vec<u8>) {
        let suppressed = self.standing.is_suppressed() || !self.muted_by.is_empty();
        let text = |text: &String, out: &mut Vec<u8>| json_text::string(text.as_bytes(), out);
        out.extend_from_slice(b",\"status\":{\"inhibitedBy\":");
        json_text::array(self.standing.inhibited_by.iter().copied(), out, json_text::fingerprint);
        out.extend_from_slice(b",\"mutedBy\":");
        json_text::array(self.muted_by.iter(), out, text);
        out.extend_from_slice(b",\"silencedBy\":");
        json_text::array(self.standing.silenced_by.iter(), out, text);
        out.extend_from_slice(if suppressed { b",\"state\":\"suppressed\"}" } else { b",\"state\":\"active\"}" });
    }
}

/// A receiver beside an alert or a group: with its labels if it was given any.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct ReceiverJson<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<&'a LabelSet>,
    name: &'a str,
}

impl<'a> ReceiverJson<'a> {
    pub(super) fn of(name: &'a str, config: &'a ConfigView) -> Self {
        Self { labels: config.given_labels(name), name }
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        if let Some(labels) = self.labels {
            out.extend_from_slice(b"\"labels\":");
            json_text::object(labels.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())), out);
            out.push(b',');
        }
        out.extend_from_slice(b"\"name\":");
        json_text::string(self.name.as_bytes(), out);
        out.push(b'}');
    }
}

/// A time as the API writes it.
pub(super) struct Millis(pub(super) Time);

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.rfc3339_millis())
    }
}
