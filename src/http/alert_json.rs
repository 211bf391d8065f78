//! One alert as Alertmanager's API shows it, written from the packed record.
//!
//! Deliberately unknown here: which alerts are shown.

use alerts::{LabelSet, Time, record::AlertRecord};
use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeStruct},
};

use super::ports::{ConfigView, Standing};

/// An alert and what is said about it; serialises as `GettableAlert`. Lists are never null, times have milliseconds.
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

impl Serialize for AlertJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let AlertJson { alert, standing, .. } = self;
        let url = alert.blob.generator_url();
        let mut json = serializer.serialize_struct("GettableAlert", 9)?;
        json.serialize_field("annotations", &Pairs(|| alert.blob.annotation_pairs()))?;
        json.serialize_field("endsAt", &Millis(alert.ends_at))?;
        json.serialize_field("fingerprint", &Printed(alert.fingerprint))?;
        json.serialize_field(
            "receivers",
            &Listed(|| standing.receivers.iter().map(|name| ReceiverJson::of(name, self.config))),
        )?;
        json.serialize_field("startsAt", &Millis(alert.starts_at))?;
        json.serialize_field("status", &self.status())?;
        json.serialize_field("updatedAt", &Millis(alert.updated_at))?;
        if !url.is_empty() {
            json.serialize_field("generatorURL", url)?;
        }
        json.serialize_field("labels", &Pairs(|| alert.blob.label_pairs()))?;
        json.end()
    }
}

impl AlertJson<'_> {
    fn status(&self) -> impl Serialize {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Status<'a> {
            inhibited_by: Vec<Printed<alerts::Fingerprint>>,
            muted_by: &'a [String],
            silenced_by: &'a [String],
            state: &'static str,
        }
        let suppressed = self.standing.is_suppressed() || !self.muted_by.is_empty();
        Status {
            inhibited_by: self.standing.inhibited_by.iter().copied().map(Printed).collect(),
            muted_by: self.muted_by,
            silenced_by: &self.standing.silenced_by,
            state: if suppressed { "suppressed" } else { "active" },
        }
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
}

/// A time as the API writes it.
pub(super) struct Millis(pub(super) Time);

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.rfc3339_millis())
    }
}

struct Printed<T>(T);

impl<T: std::fmt::Display> Serialize for Printed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

struct Pairs<F>(F);

impl<'a, I: Iterator<Item = (&'a str, &'a str)>, F: Fn() -> I> Serialize for Pairs<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in (self.0)() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

struct Listed<F>(F);

impl<T: Serialize, I: Iterator<Item = T>, F: Fn() -> I> Serialize for Listed<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}
