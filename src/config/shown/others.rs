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
    Shown {
        key: "discord_configs",
        fields: fields::DISCORD,
        defaults: &[
            ("send_resolved", Flag(true)),
            ("title", Text("{{ template \"discord.default.title\" . }}")),
            ("message", Text("{{ template \"discord.default.message\" . }}")),
        ],
        from_global: &[],
        client: true,
    },
    Shown {
        key: "webex_configs",
        fields: fields::WEBEX,
        defaults: &[("send_resolved", Flag(true)), ("message", Text(r#"{{ template "webex.default.message" . }}"#))],
        from_global: &[("api_url", "webex_api_url", None)],
        client: true,
    },
    Shown {
        key: "rocketchat_configs",
        fields: fields::ROCKETCHAT,
        defaults: &[
            ("send_resolved", Flag(false)),
            ("color", Text(r#"{{ if eq .Status "firing" }}red{{ else }}green{{ end }}"#)),
            ("title", Text(r#"{{ template "rocketchat.default.title" . }}"#)),
            ("title_link", Text(r#"{{ template "rocketchat.default.titlelink" . }}"#)),
            ("text", Text(r#"{{ template "rocketchat.default.text" . }}"#)),
            ("short_fields", Flag(false)),
            ("emoji", Text(r#"{{ template "rocketchat.default.emoji" . }}"#)),
            ("icon_url", Text(r#"{{ template "rocketchat.default.iconurl" . }}"#)),
            ("link_names", Flag(false)),
        ],
        from_global: &[
            ("api_url", "rocketchat_api_url", None),
            ("token_id", "rocketchat_token_id", Some("token_id_file")),
            ("token_id_file", "rocketchat_token_id_file", Some("token_id")),
            ("token", "rocketchat_token", Some("token_file")),
            ("token_file", "rocketchat_token_file", Some("token")),
        ],
        client: true,
    },
    Shown {
        key: "mattermost_configs",
        fields: fields::MATTERMOST,
        defaults: &[
            ("send_resolved", Flag(true)),
            ("username", Text(r#"{{ template "mattermost.default.username" . }}"#)),
            ("text", Text(r#"{{ template "mattermost.default.text" . }}"#)),
            ("fallback", Text(r#"{{ template "mattermost.default.fallback" . }}"#)),
            ("color", Text(r#"{{ template "mattermost.default.color" . }}"#)),
            ("title", Text(r#"{{ template "mattermost.default.title" . }}"#)),
            ("title_link", Text(r#"{{ template "mattermost.default.titlelink" . }}"#)),
        ],
        from_global: &[
            ("webhook_url", "mattermost_webhook_url", Some("webhook_url_file")),
            ("webhook_url_file", "mattermost_webhook_url_file", Some("webhook_url")),
        ],
        client: true,
    },
    Shown {
        key: "telegram_configs",
        fields: fields::TELEGRAM,
        defaults: &[
            ("send_resolved", Flag(true)),
            ("api_url", Text("https://api.telegram.org")),
            ("message", Text(r#"{{ template "telegram.default.message" . }}"#)),
            ("disable_notifications", Flag(false)),
            ("parse_mode", Text("HTML")),
        ],
        from_global: &[
            ("api_url", "telegram_api_url", None),
            ("bot_token", "telegram_bot_token", Some("bot_token_file")),
            ("bot_token_file", "telegram_bot_token_file", Some("bot_token")),
        ],
        client: true,
    },
    Shown {
        key: "wechat_configs",
        fields: fields::WECHAT,
        defaults: &[
            ("send_resolved", Flag(false)),
            ("message", Text(r#"{{ template "wechat.default.message" . }}"#)),
            ("to_user", Text(r#"{{ template "wechat.default.to_user" . }}"#)),
            ("to_party", Text(r#"{{ template "wechat.default.to_party" . }}"#)),
            ("to_tag", Text(r#"{{ template "wechat.default.to_tag" . }}"#)),
            ("agent_id", Text(r#"{{ template "wechat.default.agent_id" . }}"#)),
            ("message_type", Text("text")),
        ],
        from_global: &[
            ("api_secret", "wechat_api_secret", Some("api_secret_file")),
            ("api_secret_file", "wechat_api_secret_file", Some("api_secret")),
            ("corp_id", "wechat_api_corp_id", None),
            ("api_url", "wechat_api_url", None),
        ],
        client: true,
    },
    Shown {
        key: "sns_configs",
        fields: fields::SNS,
        defaults: &[
            ("send_resolved", Flag(true)),
            ("subject", Text(r#"{{ template "sns.default.subject" . }}"#)),
            ("message", Text(r#"{{ template "sns.default.message" . }}"#)),
        ],
        from_global: &[],
        client: true,
    },
    Shown {
        key: "jira_configs",
        fields: fields::JIRA,
        defaults: &[
            ("send_resolved", Flag(true)),
            ("api_type", Text("auto")),
            ("summary", Text(r#"{{ template "jira.default.summary" . }}"#)),
            ("description", Text(r#"{{ template "jira.default.description" . }}"#)),
            ("priority", Text(r#"{{ template "jira.default.priority" . }}"#)),
        ],
        from_global: &[("api_url", "jira_api_url", None)],
        client: true,
    },
];
