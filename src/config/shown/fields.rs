//! Which keys are shown, in Alertmanager's order (`config/config.go`, `config/notifiers.go`, prometheus/common's
//! `config/http_config.go`), and which of them are secrets. What is not here is not shown: a new key must be put in first.
//!
//! Deliberately unknown here: defaults.

/// The keys of a table.
pub(super) type Fields = &'static [(&'static str, Show)];

/// How a value is shown.
#[derive(Clone, Copy, Debug)]
pub(super) enum Show {
    /// As it is written.
    Plain,
    /// True or false.
    Flag,
    /// As it is written, unless it is empty or false: versions that do not know the key refuse it.
    IfSet,
    /// As it is written, but this word of ours as the empty text, which Alertmanager has for it.
    Emptied(&'static str),
    /// A list as it is written; what is no list is ours, and not shown.
    List,
    /// A table of texts: older versions refuse structures, which are left out.
    Flat,
    /// As `<secret>`, and so every text in a list or a table.
    Secret,
    /// The same in the form of a URL.
    SecretUrl,
    /// The host and port of a URL.
    Proxy,
    /// A list of matchers.
    Matchers,
    /// A table with these keys.
    Table(Fields),
    /// A list of routes.
    Routes,
    /// A list of such tables, or a table of them.
    Each(Fields),
}

use Show::{Each, Emptied, Flag, Flat, IfSet, List, Matchers, Plain, Proxy, Routes, Secret, SecretUrl, Table};

pub(super) const ROOT: Fields = &[
    ("global", Table(GLOBAL)),
    ("route", Table(ROUTE)),
    ("inhibit_rules", Each(INHIBIT_RULE)),
    ("receivers", Each(RECEIVER)),
    ("templates", Plain),
    ("mute_time_intervals", Each(TIME_INTERVALS)),
    ("time_intervals", Each(TIME_INTERVALS)),
];

pub(super) const GLOBAL: Fields = &[
    ("resolve_timeout", Plain),
    ("http_config", Table(HTTP_CONFIG)),
    ("smtp_from", Plain),
    ("smtp_hello", Plain),
    ("smtp_smarthost", Plain),
    ("smtp_auth_username", Plain),
    ("smtp_auth_password", Secret),
    ("smtp_auth_password_file", Plain),
    ("smtp_auth_secret", Secret),
    ("smtp_auth_secret_file", IfSet),
    ("smtp_auth_identity", Plain),
    ("smtp_require_tls", Flag),
    ("smtp_tls_config", Table(TLS_CONFIG)),
    ("smtp_force_implicit_tls", IfSet),
    ("slack_api_url", Secret),
    ("slack_api_url_file", Plain),
    ("slack_app_token", Secret),
    ("slack_app_token_file", Plain),
    ("pagerduty_url", Plain),
    ("opsgenie_api_url", Plain),
    ("opsgenie_api_key", Secret),
    ("opsgenie_api_key_file", Plain),
    ("wechat_api_url", Plain),
    ("wechat_api_secret", Secret),
    ("wechat_api_secret_file", IfSet),
    ("wechat_api_corp_id", Plain),
    ("victorops_api_url", Plain),
    ("victorops_api_key", Secret),
    ("victorops_api_key_file", Plain),
    ("telegram_api_url", Plain),
    ("telegram_bot_token", Secret),
    ("telegram_bot_token_file", IfSet),
    ("webex_api_url", Plain),
    ("rocketchat_api_url", Plain),
    ("rocketchat_token", Secret),
    ("rocketchat_token_file", Plain),
    ("rocketchat_token_id", Secret),
    ("rocketchat_token_id_file", Plain),
    ("mattermost_webhook_url", Secret),
    ("mattermost_webhook_url_file", Plain),
    ("jira_api_url", Plain),
];

pub(super) const ROUTE: Fields = &[
    ("receiver", Plain),
    ("group_by", Plain),
    ("match", Plain),
    ("match_re", Plain),
    ("matchers", Matchers),
    ("mute_time_intervals", Plain),
    ("active_time_intervals", Plain),
    ("continue", Flag),
    ("routes", Routes),
    ("group_wait", Plain),
    ("group_interval", Plain),
    ("repeat_interval", Plain),
    ("labels", IfSet),
];

const INHIBIT_RULE: Fields = &[
    ("name", IfSet),
    ("source_match", Plain),
    ("source_match_re", Plain),
    ("source_matchers", Matchers),
    ("target_match", Plain),
    ("target_match_re", Plain),
    ("target_matchers", Matchers),
    ("equal", Plain),
];

const TIME_INTERVALS: Fields = &[("name", Plain), ("time_intervals", Each(TIME_INTERVAL))];

const TIME_INTERVAL: Fields = &[
    ("times", Plain),
    ("weekdays", Plain),
    ("days_of_month", Plain),
    ("months", Plain),
    ("years", Plain),
    ("location", Plain),
];

const RECEIVER: Fields = &[
    ("name", Plain),
    ("labels", IfSet),
    ("discord_configs", Each(DISCORD)),
    ("email_configs", Each(EMAIL)),
    ("incidentio_configs", Each(INCIDENTIO)),
    ("pagerduty_configs", Each(PAGERDUTY)),
    ("slack_configs", Each(SLACK)),
    ("webhook_configs", Each(WEBHOOK)),
    ("opsgenie_configs", Each(OPSGENIE)),
    ("opsgenie_configs", Each(OPSGENIE)),
    ("wechat_configs", Each(WECHAT)),
    ("pushover_configs", Each(PUSHOVER)),
    ("victorops_configs", Each(VICTOROPS)),
    ("victorops_configs", Each(VICTOROPS)),
    ("sns_configs", Each(SNS)),
    ("telegram_configs", Each(TELEGRAM)),
    ("webex_configs", Each(WEBEX)),
    ("msteams_configs", Each(MSTEAMS)),
    ("msteamsv2_configs", Each(MSTEAMSV2)),
    ("jira_configs", Each(JIRA)),
    ("rocketchat_configs", Each(ROCKETCHAT)),
    ("mattermost_configs", Each(MATTERMOST)),
];

pub(super) const DISCORD: Fields = &[
    ("send_resolved", Flag),
    ("http_config", Table(HTTP_CONFIG)),
    ("webhook_url", SecretUrl),
    ("webhook_url_file", IfSet),
    ("content", IfSet),
    ("title", Plain),
    ("message", Plain),
    ("username", IfSet),
    ("avatar_url", IfSet),
];

pub(super) const EMAIL: Fields = &[
    ("send_resolved", Flag),
    ("to", Plain),
    ("from", Plain),
    ("hello", Plain),
    ("smarthost", Plain),
    ("auth_username", Plain),
    ("auth_password", Secret),
    ("auth_password_file", Plain),
    ("auth_secret", Secret),
    ("auth_secret_file", IfSet),
    ("auth_identity", Plain),
    ("headers", Plain),
    ("html", Plain),
    ("text", Plain),
    ("require_tls", Flag),
    ("tls_config", Table(TLS_CONFIG)),
    ("force_implicit_tls", IfSet),
    ("threading", IfSet),
];

pub(super) const PAGERDUTY: Fields = &[
    ("send_resolved", Flag),
    ("http_config", Table(HTTP_CONFIG)),
    ("service_key", Secret),
    ("service_key_file", Plain),
    ("routing_key", Secret),
    ("routing_key_file", Plain),
    ("url", Plain),
    ("client", Plain),
    ("client_url", Plain),
    ("description", Plain),
    ("details", Flat),
    ("images", List),
    ("links", Plain),
    ("source", IfSet),
    ("severity", Plain),
    ("class", Plain),
    ("component", Plain),
    ("group", Plain),
    ("timeout", IfSet),
];

pub(super) const SLACK: Fields = &[
    ("send_resolved", Flag),
    ("http_config", Table(HTTP_CONFIG)),
    ("api_url", Secret),
    ("api_url_file", Plain),
    ("channel", Plain),
    ("username", Plain),
    ("color", Plain),
    ("title", Plain),
    ("title_link", Plain),
    ("pretext", Plain),
    ("text", Plain),
    ("fields", Plain),
    ("short_fields", Flag),
    ("footer", Plain),
    ("fallback", Plain),
    ("callback_id", Plain),
    ("icon_emoji", Plain),
    ("icon_url", Plain),
    ("image_url", Plain),
    ("thumb_url", Plain),
    ("link_names", Flag),
    ("mrkdwn_in", Plain),
    ("actions", Plain),
    ("timeout", IfSet),
    ("message_text", IfSet),
    ("message_strategy", IfSet),
    ("update_message", IfSet),
    ("threaded_options", IfSet),
];

pub(super) const WEBHOOK: Fields = &[
    ("send_resolved", Flag),
    ("http_config", Table(HTTP_CONFIG)),
    ("url", SecretUrl),
    ("max_alerts", Plain),
    ("timeout", IfSet),
    ("payload", IfSet),
];

pub(super) const PUSHOVER: Fields = &[
    ("send_resolved", Flag),
    ("http_config", Table(HTTP_CONFIG)),
    ("user_key", Secret),
    ("user_key_file", IfSet),
    ("token", Secret),
    ("token_file", IfSet),
    ("title", Plain),
    ("message", Plain),
    ("url", Plain),
    ("url_title", Plain),
    ("device", IfSet),
    ("sound", Plain),
    ("priority", Plain),
    ("retry", Plain),
    ("expire", Plain),
    ("ttl", IfSet),
    ("html", Flag),
    ("monospace", IfSet),
];

pub(super) const MSTEAMS: Fields = &[
    ("send_resolved", Flag),
    ("http_config", Table(HTTP_CONFIG)),
    ("webhook_url", Secret),
    ("webhook_url_file", Plain),
    ("title", Plain),
    ("summary", Plain),
    ("text", Plain),
];

pub(super) const MSTEAMSV2: Fields = &[
    ("send_resolved", Flag),
    ("http_config", Table(HTTP_CONFIG)),
    ("webhook_url", Secret),
    ("webhook_url_file", Plain),
    ("title", Plain),
    ("text", Plain),
];

pub(super) const WEBEX: Fields = &[
    ("send_resolved", Flag),
    ("http_config", Table(HTTP_CONFIG)),
    ("api_url", Plain),
    ("message", Plain),
    ("room_id", Plain),
];

pub(super) const ROCKETCHAT: Fields = &[
    ("send_resolved", Flag),
    ("http_config", Table(HTTP_CONFIG)),
    ("api_url", Plain),
    ("token_id", Secret),
    ("token_id_file", Plain),
    ("token", Secret),
    ("token_file", Plain),
    ("channel", Plain),
    ("color", Plain),
    ("title", Plain),
    ("title_link", Plain),
    ("text", Plain),
    ("fields", Plain),
    ("short_fields", Flag),
    ("emoji", Plain),
    ("icon_url", Plain),
    ("image_url", Plain),
    ("thumb_url", Plain),
    ("link_names", Flag),
    ("actions", Plain),
];

pub(super) const MATTERMOST: Fields = &[
    ("send_resolved", Flag),
    ("http_config", Table(HTTP_CONFIG)),
    ("webhook_url", Secret),
    ("webhook_url_file", Plain),
    ("channel", Plain),
    ("username", Plain),
    ("text", Plain),
    ("fallback", Plain),
    ("color", Plain),
    ("pretext", Plain),
    ("author_name", Plain),
    ("author_link", Plain),
    ("author_icon", Plain),
    ("title", Plain),
    ("title_link", Plain),
    ("fields", Plain),
    ("thumb_url", Plain),
    ("footer", Plain),
    ("footer_icon", Plain),
    ("image_url", Plain),
    ("icon_url", Plain),
    ("icon_emoji", Plain),
    ("attachments", Plain),
    ("type", Plain),
    ("props", Plain),
    ("priority", Plain),
];

pub(super) const TELEGRAM: Fields = &[
    ("send_resolved", Flag),
    ("http_config", Table(HTTP_CONFIG)),
    ("api_url", Plain),
    ("bot_token", Secret),
    ("bot_token_file", IfSet),
    ("chat_id", Plain),
    ("chat_id_file", IfSet),
    ("message_thread_id", IfSet),
    ("message", Plain),
    ("disable_notifications", Flag),
    ("parse_mode", Emptied("plain")),
    ("timeout", IfSet),
];

pub(super) const WECHAT: Fields = &[
    ("send_resolved", Flag),
    ("http_config", Table(HTTP_CONFIG)),
    ("api_secret", Secret),
    ("api_secret_file", IfSet),
    ("corp_id", Plain),
    ("message", Plain),
    ("api_url", Plain),
    ("to_user", Plain),
    ("to_party", Plain),
    ("to_tag", Plain),
    ("agent_id", Plain),
    ("message_type", Plain),
];

pub(super) const SNS: Fields = &[
    ("send_resolved", Flag),
    ("http_config", Table(HTTP_CONFIG)),
    ("api_url", Plain),
    ("sigv4", Table(SIGV4)),
    ("topic_arn", Plain),
    ("phone_number", Plain),
    ("target_arn", Plain),
    ("subject", Plain),
    ("message", Plain),
    ("attributes", Plain),
    ("use_aws_http_client", IfSet),
];

const SIGV4: Fields = &[
    ("region", Plain),
    ("access_key", Plain),
    ("secret_key", Secret),
    ("profile", Plain),
    ("role_arn", Plain),
    ("external_id", IfSet),
    ("session_name", IfSet),
    ("tags", IfSet),
    ("use_fips_sts_endpoint", IfSet),
];

pub(super) const JIRA: Fields = &[
    ("send_resolved", Flag),
    ("http_config", Table(HTTP_CONFIG)),
    ("api_url", Plain),
    ("api_type", Plain),
    ("project", Plain),
    ("summary", Plain),
    ("description", Plain),
    ("labels", Plain),
    ("priority", Plain),
    ("issue_type", Plain),
    ("reopen_transition", Plain),
    ("resolve_transition", Plain),
    ("wont_fix_resolution", Plain),
    ("reopen_duration", Plain),
    ("fields", Plain),
];

pub(super) const OPSGENIE: Fields = &[
    ("send_resolved", Flag),
    ("http_config", Table(HTTP_CONFIG)),
    ("api_key", Secret),
    ("api_key_file", Plain),
    ("api_url", Plain),
    ("message", Plain),
    ("description", Plain),
    ("source", Plain),
    ("details", Plain),
    ("entity", Plain),
    ("responders", Plain),
    ("actions", Plain),
    ("tags", Plain),
    ("note", Plain),
    ("priority", Plain),
    ("update_alerts", IfSet),
];

pub(super) const VICTOROPS: Fields = &[
    ("send_resolved", Flag),
    ("http_config", Table(HTTP_CONFIG)),
    ("api_key", Secret),
    ("api_key_file", Plain),
    ("api_url", Plain),
    ("routing_key", Plain),
    ("message_type", Plain),
    ("state_message", Plain),
    ("entity_display_name", Plain),
    ("monitoring_tool", Plain),
    ("custom_fields", Plain),
];

pub(super) const INCIDENTIO: Fields = &[
    ("send_resolved", Flag),
    ("http_config", Table(HTTP_CONFIG)),
    ("url", SecretUrl),
    ("url_file", IfSet),
    ("alert_source_token", Secret),
    ("alert_source_token_file", IfSet),
    ("max_alerts", Plain),
    ("timeout", IfSet),
];

pub(super) const HTTP_CONFIG: Fields = &[
    ("basic_auth", Table(BASIC_AUTH)),
    ("authorization", Table(AUTHORIZATION)),
    ("oauth2", Table(OAUTH2)),
    ("bearer_token", Secret),
    ("bearer_token_file", Plain),
    ("tls_config", Table(TLS_CONFIG)),
    ("follow_redirects", Flag),
    ("enable_http2", Flag),
    ("proxy_url", Proxy),
    ("no_proxy", IfSet),
    ("proxy_from_environment", IfSet),
    ("proxy_connect_header", Secret),
    ("http_headers", Each(HTTP_HEADER)),
];

const BASIC_AUTH: Fields =
    &[("username", Plain), ("username_file", IfSet), ("password", Secret), ("password_file", Plain)];

const AUTHORIZATION: Fields = &[("type", Plain), ("credentials", Secret), ("credentials_file", Plain)];

const OAUTH2: Fields = &[
    ("client_id", Plain),
    ("client_secret", Secret),
    ("client_secret_file", Plain),
    ("scopes", Plain),
    ("token_url", Plain),
    // grants of other types put passwords here
    ("endpoint_params", Secret),
    ("tls_config", Table(TLS_CONFIG)),
    ("proxy_url", Proxy),
    ("no_proxy", IfSet),
    ("proxy_from_environment", IfSet),
    ("proxy_connect_header", Secret),
];

const HTTP_HEADER: Fields = &[("values", Plain), ("secrets", Secret), ("files", Plain)];

const TLS_CONFIG: Fields = &[
    ("ca", IfSet),
    ("cert", IfSet),
    ("key", Secret),
    ("ca_file", Plain),
    ("cert_file", Plain),
    ("key_file", Plain),
    ("server_name", Plain),
    ("insecure_skip_verify", Flag),
    ("min_version", IfSet),
    ("max_version", IfSet),
];
