//! The section `webhooks`: read, its templates compiled, its logins checked.
//!
//! Deliberately unknown here: HTTP, bodies.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use alerts::{
    intake::{
        NameScheme,
        mapping::{Mapping, Texts},
    },
    matcher::Syntax,
    templates::Templates,
};
use channels::config::Secret;
use images::settings::BasicAuth;
use secrecy::SecretString;
use serde::Deserialize;

use super::{
    reader::Reader,
    settings::webhooks::{BUILT_IN, Form, Login, Webhook},
    tree::Path,
};

/// One `[[webhooks]]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WebhookConfig {
    name: String,
    format: Format,
    bearer_token: Option<SecretString>,
    bearer_token_file: Option<PathBuf>,
    basic_auth: Option<BasicAuth>,
    secret: Option<SecretString>,
    secret_file: Option<PathBuf>,
    signature_header: Option<String>,
    timestamp_header: Option<String>,
    #[serde(with = "alerts::duration::optional_text")]
    resolve_timeout: Option<Duration>,
    alerts: Option<String>,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
    status: Option<String>,
    starts_at: Option<String>,
    ends_at: Option<String>,
    generator_url: Option<String>,
    dashboard: Option<String>,
    panel: Option<String>,
    image_url: Option<String>,
}

/// What comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    /// Any JSON.
    #[default]
    Json,
    /// Alertmanager's payload.
    Alertmanager,
    /// Grafana's.
    Grafana,
}

/// Reads and checks them.
pub(super) fn read(reader: &mut Reader, templates: &Templates) -> Vec<Webhook> {
    let configs: Vec<(Path, WebhookConfig)> = reader.elements("webhooks");
    let mut webhooks: Vec<Webhook> = Vec::new();
    for (path, config) in &configs {
        check_name(reader, path, &config.name, &webhooks);
        let login = login(reader, path, config);
        let form = form(reader, path, config, templates);
        let (name, resolve_timeout) = (config.name.clone(), config.resolve_timeout);
        webhooks.push(Webhook { name, login, form: form.unwrap_or(Form::Payload), resolve_timeout });
    }
    webhooks
}

fn check_name(reader: &mut Reader, path: &Path, name: &str, others: &[Webhook]) {
    let path = path.key("name");
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if name.is_empty() || name.len() > 64 || !name.bytes().all(good) {
        reader.problem(
            &path,
            "must be 1 to 64 letters, digits, \"-\", \"_\" or \".\": it is the end of the path /webhook/NAME",
        );
    } else if BUILT_IN.contains(&name) {
        reader.problem(&path, format!("/webhook/{name} is there already: choose another name"));
    } else if others.iter().any(|other| other.name == name) {
        reader.problem(&path, format!("\"{name}\" is the name of another webhook"));
    }
}

fn form(reader: &mut Reader, path: &Path, config: &WebhookConfig, templates: &Templates) -> Option<Form> {
    if config.format != Format::Json {
        refuse_mapping(reader, path, config);
        return Some(Form::Payload);
    }
    for (key, names) in [("labels", &config.labels), ("annotations", &config.annotations)] {
        let scheme = if reader.syntax() == Syntax::Classic { NameScheme::Classic } else { NameScheme::Utf8 };
        for name in names.keys().filter(|name| !scheme.allows(name)) {
            reader.problem(&path.key(key), format!("{name:?} cannot be a name"));
        }
    }
    let texts = Texts {
        alerts: config.alerts.as_deref(),
        labels: &config.labels,
        annotations: &config.annotations,
        status: config.status.as_deref(),
        starts_at: config.starts_at.as_deref(),
        ends_at: config.ends_at.as_deref(),
        generator_url: config.generator_url.as_deref(),
        dashboard: config.dashboard.as_deref(),
        panel: config.panel.as_deref(),
        image_url: config.image_url.as_deref(),
    };
    match Mapping::compile(templates, &texts) {
        Ok(mapping) => Some(Form::Mapped(Box::new(mapping))),
        Err(problems) => {
            for (key, problem) in problems {
                // names of labels may have dots
                let path = match key.split_once('.') {
                    Some((table, name)) => path.key(table).key(name),
                    None => path.key(key),
                };
                reader.problem(&path, super::receivers::in_the_text(&problem));
            }
            None
        }
    }
}

/// The payloads of known senders say themselves what they mean.
fn refuse_mapping(reader: &mut Reader, path: &Path, config: &WebhookConfig) {
    let given = [
        ("labels", !config.labels.is_empty()),
        ("annotations", !config.annotations.is_empty()),
        ("alerts", config.alerts.is_some()),
        ("status", config.status.is_some()),
        ("starts_at", config.starts_at.is_some()),
        ("ends_at", config.ends_at.is_some()),
        ("generator_url", config.generator_url.is_some()),
        ("dashboard", config.dashboard.is_some()),
        ("panel", config.panel.is_some()),
        ("image_url", config.image_url.is_some()),
    ];
    for (key, _) in given.into_iter().filter(|(_, given)| *given) {
        reader.problem(&path.key(key), "belongs to format = \"json\"");
    }
}

fn login(reader: &mut Reader, path: &Path, config: &WebhookConfig) -> Login {
    let bearer = one_of(reader, path, "bearer_token", &config.bearer_token, &config.bearer_token_file);
    let secret = one_of(reader, path, "secret", &config.secret, &config.secret_file);
    let basic = config.basic_auth.as_ref().and_then(|basic| {
        let path = path.key("basic_auth");
        let password = one_of(reader, &path, "password", &basic.password, &basic.password_file);
        if password.is_none() {
            reader.problem(&path.key("password"), "is missing");
        }
        Some(Login::Basic { username: basic.username.clone(), password: password? })
    });
    if secret.is_none() {
        for (key, given) in
            [("signature_header", &config.signature_header), ("timestamp_header", &config.timestamp_header)]
        {
            if given.is_some() {
                reader.problem(&path.key(key), "belongs to secret");
            }
        }
    }
    let headers = (config.signature_header.clone(), config.timestamp_header.clone());
    let signed = secret.map(|secret| Login::Signed { secret, header: headers.0, timestamp_header: headers.1 });
    let mut logins: Vec<Login> = [bearer.map(Login::Bearer), basic, signed].into_iter().flatten().collect();
    if logins.len() > 1 {
        reader.another_problem(path, "bearer_token, basic_auth and secret exclude each other");
    }
    logins.pop().unwrap_or(Login::Anybody)
}

/// A secret, or the file with it.
fn one_of(
    reader: &mut Reader,
    path: &Path,
    key: &str,
    inline: &Option<SecretString>,
    file: &Option<PathBuf>,
) -> Option<Secret> {
    use secrecy::ExposeSecret;
    if inline.is_some() && file.is_some() {
        reader.problem(&path.key(key), format!("only one of {key} and {key}_file may be given"));
    }
    if inline.as_ref().is_some_and(|secret| secret.expose_secret().is_empty()) {
        reader.problem(&path.key(key), "is empty: everybody would know it");
    }
    inline.clone().map(Secret::Inline).or_else(|| file.clone().map(Secret::File))
}
