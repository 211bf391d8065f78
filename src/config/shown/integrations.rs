//! The section `global` and the receivers as Alertmanager completes them: its defaults, and those of `global` in each integration.
//!
//! What only newer versions know is told in the older form: Slack by its bot token, and a webhook's URL in a file, are to a reader of
//! the status the same as Slack by a URL and a webhook: there is a secret.
//!
//! Deliberately unknown here: which keys are secrets.

use super::{
    Node, SECRET, Value,
    fields::{self, Fields},
    others::{OTHERS, Shown},
};

/// Keys of mails, and where they come from if they are not set.
const FROM_GLOBAL: [(&str, &str); 11] = [
    ("from", "smtp_from"),
    ("hello", "smtp_hello"),
    ("smarthost", "smtp_smarthost"),
    ("auth_username", "smtp_auth_username"),
    ("auth_password", "smtp_auth_password"),
    ("auth_password_file", "smtp_auth_password_file"),
    ("auth_secret", "smtp_auth_secret"),
    ("auth_identity", "smtp_auth_identity"),
    ("require_tls", "smtp_require_tls"),
    ("tls_config", "smtp_tls_config"),
    ("force_implicit_tls", "smtp_force_implicit_tls"),
];

/// Texts that Alertmanager writes into each Slack integration.
const SLACK_TEXTS: [(&str, &str); 11] = [
    ("username", r#"{{ template "slack.default.username" . }}"#),
    ("color", r#"{{ if eq .Status "firing" }}danger{{ else }}good{{ end }}"#),
    ("title", r#"{{ template "slack.default.title" . }}"#),
    ("title_link", r#"{{ template "slack.default.titlelink" . }}"#),
    ("pretext", r#"{{ template "slack.default.pretext" . }}"#),
    ("text", r#"{{ template "slack.default.text" . }}"#),
    ("footer", r#"{{ template "slack.default.footer" . }}"#),
    ("fallback", r#"{{ template "slack.default.fallback" . }}"#),
    ("callback_id", r#"{{ template "slack.default.callbackid" . }}"#),
    ("icon_emoji", r#"{{ template "slack.default.iconemoji" . }}"#),
    ("icon_url", r#"{{ template "slack.default.iconurl" . }}"#),
];

/// Completes the section `global`.
pub(super) fn complete_global(global: &mut Node) {
    let token = ["slack_app_token", "slack_app_token_file"].map(|name| global.take(name));
    if token.iter().any(Option::is_some) && global.get("slack_api_url_file").is_none() {
        global.put_default("slack_api_url", Node::text(SECRET));
    }
    global.put_default("resolve_timeout", Node::text("5m"));
    global.put_default("http_config", Node::empty());
    global.get_mut("http_config").into_iter().for_each(complete_http);
    global.put_default("smtp_hello", Node::text("localhost"));
    global.put_default("smtp_require_tls", Node::new(Value::Bool(true)));
    *global = global.in_order_of(fields::GLOBAL);
}

/// Completes the receivers.
pub(super) fn complete(receivers: &mut Node, global: &Node) {
    let Value::List(receivers) = &mut receivers.value else { return };
    for receiver in receivers {
        each(receiver, "email_configs", fields::EMAIL, |email| complete_email(email, global));
        each(receiver, "slack_configs", fields::SLACK, |slack| complete_slack(slack, global));
        for other in OTHERS {
            each(receiver, other.key, other.fields, |integration| complete_other(integration, other, global));
        }
    }
}

fn each(receiver: &mut Node, name: &str, fields: Fields, complete: impl Fn(&mut Node)) {
    let Some(Value::List(items)) = receiver.get_mut(name).map(|list| &mut list.value) else { return };
    for item in items.iter_mut() {
        complete(item);
        *item = item.in_order_of(fields);
    }
}

fn complete_email(email: &mut Node, global: &Node) {
    email.put_default("send_resolved", Node::new(Value::Bool(false)));
    for (name, from) in FROM_GLOBAL {
        let twin = match name {
            "auth_password" => email.get("auth_password_file"),
            "auth_password_file" => email.get("auth_password"),
            "auth_secret" => email.get("auth_secret_file"),
            _ => None,
        };
        if let (Some(value), None) = (global.get(from), twin) {
            email.put_default(name, value.clone());
        }
    }
    email.put_default("html", Node::text(r#"{{ template "email.default.html" . }}"#));
}

fn complete_slack(slack: &mut Node, global: &Node) {
    slack.put_default("send_resolved", Node::new(Value::Bool(false)));
    complete_client(slack, global);
    if slack.get("api_url_file").is_none() {
        slack.put_default("api_url", Node::text(SECRET));
    }
    SLACK_TEXTS.iter().for_each(|(name, text)| slack.put_default(name, Node::text(text)));
    slack.put_default("short_fields", Node::new(Value::Bool(false)));
    slack.put_default("link_names", Node::new(Value::Bool(false)));
}

fn complete_other(integration: &mut Node, other: &Shown, global: &Node) {
    if other.client {
        complete_client(integration, global);
    }
    for (name, from, twin) in other.from_global {
        let twin = twin.and_then(|twin| integration.get(twin));
        if let (Some(value), None) = (global.get(from), twin) {
            integration.put_default(name, value.clone());
        }
    }
    for (name, default) in other.defaults {
        integration.put_default(name, default.node());
    }
}

fn complete_client(integration: &mut Node, global: &Node) {
    match integration.get_mut("http_config") {
        Some(http) => complete_http(http),
        None => integration.put_default("http_config", global.get("http_config").cloned().unwrap_or(Node::empty())),
    }
}

fn complete_http(http: &mut Node) {
    http.put_default("follow_redirects", Node::new(Value::Bool(true)));
    http.put_default("enable_http2", Node::new(Value::Bool(true)));
}
