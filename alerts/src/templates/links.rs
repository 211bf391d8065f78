//! The links of an alert: to silence it, to its dashboard, to its panel.
//!
//! Deliberately unknown here: which of them exist; a link that cannot be made is empty.

use std::fmt::Write as _;

use crate::Alert;

/// To a form that silences this very alert, where the sender names one. Our own form comes with the silences.
pub(super) fn silence(alert: &Alert) -> String {
    alert.annotations.value("__silenceURL__").to_owned()
}

/// To the dashboard that the alert names.
pub(super) fn dashboard(alert: &Alert) -> String {
    let given = alert.annotations.value("__dashboardURL__");
    let uid = alert.annotations.value("__dashboardUid__");
    if !given.is_empty() || uid.is_empty() {
        return given.to_owned();
    }
    grafana(alert).map(|grafana| format!("{grafana}/d/{}", query_escape(uid))).unwrap_or_default()
}

/// To the panel that the alert names.
pub(super) fn panel(alert: &Alert) -> String {
    let given = alert.annotations.value("__panelURL__");
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
