//! The links of an alert: to silence it, to its dashboard, to its panel; and the link to silence a group.
//!
//! Deliberately unknown here: which of them exist; a link that cannot be made is empty.

use std::fmt::Write as _;

use super::value::is_public;
use crate::{Alert, labels::LabelSet, message::Message};

/// Where a link to silence stands that is known already: the sender's, or one of [`fix_links`].
pub const SILENCE: &str = "__silenceURL__";

/// The same for the dashboard and the panel.
const DASHBOARD: &str = "__dashboardURL__";
const PANEL: &str = "__panelURL__";

/// Grafana's links of an alert, for payloads that have a field for each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertLinks {
    /// To a form that silences this very alert.
    pub silence: String,
    /// To the dashboard that the alert names.
    pub dashboard: String,
    /// To the panel that the alert names.
    pub panel: String,
}

impl AlertLinks {
    /// The links of an alert; `external_url` is where our pages are.
    pub fn of(alert: &Alert, external_url: &str) -> Self {
        Self { silence: silence(alert, external_url), dashboard: dashboard(alert), panel: panel(alert) }
    }
}

/// The labels, or annotations, that are for people to see: without Grafana's private ones (`__name__`).
pub fn public(set: &LabelSet) -> LabelSet {
    set.filtered(|name, _| is_public(name))
}

/// To a form that silences this very alert: the sender's, where it names one, else ours.
pub(super) fn silence(alert: &Alert, external_url: &str) -> String {
    let given = alert.annotations.value(SILENCE);
    if given.is_empty() { silence_form(&alert.labels, external_url) } else { given.to_owned() }
}

/// To a form that silences the group: by the labels it was made by, or, if it was made by none, those that all share.
pub(super) fn silence_group(message: &Message) -> String {
    let given = message.common_annotations.value(SILENCE);
    if !given.is_empty() {
        return given.to_owned();
    }
    let labels = if message.group_labels.is_empty() { &message.common_labels } else { &message.group_labels };
    silence_form(labels, &message.external_url)
}

/// Writes the links to silence, to dashboards and to panels into a message whose values are about to be escaped for some
/// markup: what they are made of is wanted as it is.
pub fn fix_links(message: &mut Message) {
    let group = silence_group(message);
    message.common_annotations.set(SILENCE, &group);
    for one in &mut message.alerts {
        let link = silence(&one.alert, &message.external_url);
        one.alert.annotations.set(SILENCE, &link);
        for (name, link) in [(DASHBOARD, dashboard(&one.alert)), (PANEL, panel(&one.alert))] {
            if !link.is_empty() {
                one.alert.annotations.set(name, &link);
            }
        }
    }
}

/// Alertmanager's address of the form, which its users have in templates and bookmarks.
fn silence_form(labels: &LabelSet, external_url: &str) -> String {
    let public = public(labels);
    if public.is_empty() || external_url.is_empty() {
        return String::new();
    }
    format!("{external_url}/#/silences/new?filter={}", query_escape(&public.to_string()))
}

/// To the dashboard that the alert names.
pub(super) fn dashboard(alert: &Alert) -> String {
    let given = alert.annotations.value(DASHBOARD);
    let uid = alert.annotations.value("__dashboardUid__");
    if !given.is_empty() || uid.is_empty() {
        return given.to_owned();
    }
    grafana(alert).map(|grafana| format!("{grafana}/d/{}", query_escape(uid))).unwrap_or_default()
}

/// To the panel that the alert names.
pub(super) fn panel(alert: &Alert) -> String {
    let given = alert.annotations.value(PANEL);
    let panel = alert.annotations.value("__panelId__");
    if !given.is_empty() || panel.is_empty() {
        return given.to_owned();
    }
    match dashboard(alert) {
        dashboard if dashboard.is_empty() => dashboard,
        dashboard => {
            let separator = if dashboard.contains('?') { '&' } else { '?' };
            format!("{dashboard}{separator}viewPanel={}", query_escape(panel))
        }
    }
}

/// Where an alert can be looked into: its panel, its dashboard or where it comes from, whichever is a web address first.
pub fn page(alert: &Alert) -> Option<String> {
    let is_address = |text: &String| text.starts_with("http://") || text.starts_with("https://");
    [panel(alert), dashboard(alert), alert.generator_url.clone()].into_iter().find(is_address)
}

/// Where Grafana is, from its link to the rule.
fn grafana(alert: &Alert) -> Option<&str> {
    alert.generator_url.split_once("/alerting/").map(|(grafana, _)| grafana).filter(|url| !url.is_empty())
}

/// What may stand in a query, the rest percent-encoded.
pub(super) fn query_escape(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            byte => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
        out
    })
}
