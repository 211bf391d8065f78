//! The integrations that are shown as Alertmanager completes them: their keys, the defaults it writes into them, and what they take
//! over from the section `global`. One entry for each.
//!
//! Deliberately unknown here: how values are shown.

use self::Written::{Flag, Integer, Text};
use super::{
    Node, SECRET_URL, Value,
    fields::{self, Fields},
};

/// How one type of integration is shown.
pub(super) struct Shown {
    /// Its key in a receiver: `discord_configs`.
    pub(super) key: &'static str,
    /// Its keys, in Alertmanager's order (`config/notifiers.go`).
    pub(super) fields: Fields,
    /// What Alertmanager writes into it if it is not set.
    pub(super) defaults: &'static [(&'static str, Written)],
    /// Keys that come from `global` if they are not set: the key, the one in `global`, and the twin with which it is not taken over.
    pub(super) from_global: &'static [(&'static str, &'static str, Option<&'static str>)],
    /// Whether it has `http_config`.
    pub(super) client: bool,
}

/// A value that Alertmanager writes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Written {
    Text(&'static str),
    Flag(bool),
    Integer(i64),
}

impl Written {
    pub(super) fn node(self) -> Node {
        match self {
            Written::Text(text) => Node::text(text),
            Written::Flag(flag) => Node::new(Value::Bool(flag)),
            Written::Integer(number) => Node::new(Value::Integer(number)),
        }
    }
}

/// All of them.
pub(super) const OTHERS: &[Shown] = &[
    Shown {
        key: "pagerduty_configs",
        fields: fields::PAGERDUTY,
        defaults: &[
            ("send_resolved", Flag(true)),
            ("url", Text("https://events.pagerduty.com/v2/enqueue")),
            ("client", Text(r#"{{ template "pagerduty.default.client" . }}"#)),
            ("client_url", Text(r#"{{ template "pagerduty.default.clientURL" . }}"#)),
            ("description", Text(r#"{{ template "pagerduty.default.description" . }}"#)),
        ],
        from_global: &[("url", "pagerduty_url", None)],
        client: true,
    },
    Shown {
        key: "webhook_configs",
        fields: fields::WEBHOOK,
        defaults: &[("send_resolved", Flag(true)), ("url", Text(SECRET_URL)), ("max_alerts", Integer(0))],
        from_global: &[],
        client: true,
    },
    Shown {
        key: "pushover_configs",
        fields: fields::PUSHOVER,
        defaults: &[
            ("send_resolved", Flag(true)),
            ("title", Text(r#"{{ template "pushover.default.title" . }}"#)),
            ("message", Text(r#"{{ template "pushover.default.message" . }}"#)),
            ("url", Text(r#"{{ template "pushover.default.url" . }}"#)),
            ("priority", Text(r#"{{ if eq .Status "firing" }}2{{ else }}0{{ end }}"#)),
            ("retry", Text("1m0s")),
            ("expire", Text("1h0m0s")),
        ],
        from_global: &[],
        client: true,
    },
    Shown {
        key: "msteams_configs",
        fields: fields::MSTEAMS,
        defaults: &[
            ("send_resolved", Flag(true)),
            ("title", Text(r#"{{ template "msteams.default.title" . }}"#)),
            ("summary", Text(r#"{{ template "msteams.default.summary" . }}"#)),
            ("text", Text(r#"{{ template "msteams.default.text" . }}"#)),
        ],
        from_global: &[],
        client: true,
    },
    Shown {
        key: "msteamsv2_configs",
        fields: fields::MSTEAMSV2,
        defaults: &[
            ("send_resolved", Flag(true)),
            ("title", Text(r#"{{ template "msteamsv2.default.title" . }}"#)),
            ("text", Text(r#"{{ template "msteamsv2.default.text" . }}"#)),
        ],
        from_global: &[],
        client: true,
    },
    Shown {
        key: "opsgenie_configs",
        fields: fields::OPSGENIE,
        defaults: &[
            ("send_resolved", Flag(true)),
            ("api_url", Text("https://api.opsgenie.com/")),
            ("message", Text(r#"{{ template "opsgenie.default.message" . }}"#)),
            ("description", Text(r#"{{ template "opsgenie.default.description" . }}"#)),
            ("source", Text(r#"{{ template "opsgenie.default.source" . }}"#)),
        ],
        from_global: &[
            ("api_url", "opsgenie_api_url", None),
            ("api_key", "opsgenie_api_key", Some("api_key_file")),
            ("api_key_file", "opsgenie_api_key_file", Some("api_key")),
        ],
        client: true,
    },
    Shown {
        key: "victorops_configs",
        fields: fields::VICTOROPS,
        defaults: &[
            ("send_resolved", Flag(true)),
            ("api_url", Text("https://alert.victorops.com/integrations/generic/20131114/alert/")),
            ("message_type", Text("CRITICAL")),
            ("state_message", Text(r#"{{ template "victorops.default.state_message" . }}"#)),
            ("entity_display_name", Text(r#"{{ template "victorops.default.entity_display_name" . }}"#)),
            ("monitoring_tool", Text(r#"{{ template "victorops.default.monitoring_tool" . }}"#)),
        ],
        from_global: &[
            ("api_url", "victorops_api_url", None),
            ("api_key", "victorops_api_key", Some("api_key_file")),
            ("api_key_file", "victorops_api_key_file", Some("api_key")),
        ],
        client: true,
    },
    Shown {
        key: "incidentio_configs",
        fields: fields::INCIDENTIO,
        defaults: &[("send_resolved", Flag(true)), ("max_alerts", Integer(0))],
        from_global: &[],
        client: true,
    },
];
