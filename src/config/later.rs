//! Keys that users of Alertmanager and Grafana have and that a later version brings: refused with words that say so, or
//! left out with a warning where the alerts get to people all the same. And a warning where a vendor has closed what is asked for.
//!
//! Deliberately unknown here: everything that is available.

use super::{reader::Reader, tree::Path};

/// Sections of Alertmanager without which everything is told as with them.
const IDLE_SECTIONS: [(&str, &str); 2] =
    [("tracing", "this version sends no traces"), ("event_recorder", "this version records no events")];

/// Integrations of Alertmanager and of Grafana, as in `pagerduty_configs` and `pagerduty_url`.
const INTEGRATIONS: &[&str] = &["mqtt", "oncall"];

/// Integrations whose vendor has closed them: the section, and what to do.
const CLOSED: [(&str, &str); 1] = [(
    "msteams_configs",
    "Microsoft has switched off the connectors of Office 365: make a flow in Teams and use msteamsv2_configs; messages still go \
     to webhook_url, in the connectors' form",
)];

/// Takes out what a later version brings.
pub(super) fn refuse(reader: &mut Reader) {
    for index in 0..reader.len_of(&Path::from("receivers")) {
        reader.refuse(&Path::from("receivers").index(index), |key| {
            let name = key.strip_suffix("_configs")?;
            (INTEGRATIONS.contains(&name) && !is_there(name)).then(|| integration(name))
        });
    }
}

/// Takes out what has no effect in this version.
pub(super) fn ignore(reader: &mut Reader) {
    reader.ignore(&Path::ROOT, |key| {
        let (_, why) = IDLE_SECTIONS.iter().find(|(name, _)| *name == key)?;
        Some(format!("the section is ignored: {why}"))
    });
}

/// Warns of what is sent to where nobody may be any more.
pub(super) fn warn(reader: &mut Reader) {
    for index in 0..reader.len_of(&Path::from("receivers")) {
        for (key, why) in CLOSED {
            let path = Path::from("receivers").index(index).key(key);
            if reader.len_of(&path) > 0 {
                reader.warn(&path, why);
            }
        }
    }
}

/// Whether this version has the integration.
fn is_there(name: &str) -> bool {
    channels::KINDS.iter().any(|(_, kind)| *kind == name)
}

fn integration(name: &str) -> String {
    format!("not available in this version, a later one brings the integration \"{name}\"")
}
