//! Keys that users of Alertmanager and Grafana have and that a later version brings: refused with words that say so.
//!
//! Deliberately unknown here: everything that is available.

use super::{reader::Reader, settings::pictures, tree::Path};

/// Sections.
const SECTIONS: [(&str, &str); 4] = [
    ("panels", "panel rules"),
    ("webhooks", "webhooks of your own"),
    ("tracing", "tracing"),
    ("event_recorder", "the event recorder"),
];

/// Integrations of Alertmanager and of Grafana, as in `pagerduty_configs` and `pagerduty_url`.
const INTEGRATIONS: [&str; 20] = [
    "discord",
    "googlechat",
    "incidentio",
    "jira",
    "kafka",
    "line",
    "mattermost",
    "mqtt",
    "msteams",
    "msteamsv2",
    "oncall",
    "opsgenie",
    "pagerduty",
    "pushover",
    "rocketchat",
    "sns",
    "telegram",
    "victorops",
    "webex",
    "wechat",
];

/// Takes out what a later version brings.
pub(super) fn refuse(reader: &mut Reader) {
    reader.refuse(&Path::ROOT, section);
    reader.refuse(&Path::from("server"), |key| matches!(key, "auth" | "tls").then(|| later(key)));
    reader.refuse(&Path::from("global"), |key| {
        INTEGRATIONS.iter().find(|name| belongs(key, name)).map(|name| integration(name))
    });
    reader.refuse(&Path::from("external_image_storage"), |key| {
        pictures::LATER_PROVIDERS.contains(&key).then(|| pictures::later_provider(key))
    });
    for index in 0..reader.len_of("receivers") {
        reader.refuse(&Path::from("receivers").index(index), |key| {
            let name = key.strip_suffix("_configs")?;
            INTEGRATIONS.contains(&name).then(|| integration(name))
        });
    }
}

fn section(key: &str) -> Option<String> {
    let (_, what) = SECTIONS.iter().find(|(name, _)| *name == key)?;
    Some(later(what))
}

fn belongs(key: &str, integration: &str) -> bool {
    key.strip_prefix(integration).is_some_and(|rest| rest.starts_with('_'))
}

fn integration(name: &str) -> String {
    later(&format!("the integration \"{name}\""))
}

fn later(what: &str) -> String {
    format!("not available in this version, a later one brings {what}")
}
