//! Taking what others tell: `POST /webhook/alertmanager`, `/webhook/grafana`, and those of the configuration.
//!
//! Deliberately unknown here: how bodies become alerts, what becomes of them.

mod login;

use std::{borrow::Cow, sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use alerts::{
    Time,
    intake::{Batch, NotParsed, Rules, payload},
};

use super::{Services, answers, body, post};
use crate::config::settings::webhooks::{BUILT_IN, Form, Login, Webhook};

/// The webhooks, and what holds for all of them.
#[derive(Clone, Debug)]
pub struct Webhooks {
    all: Vec<Arc<Webhook>>,
    /// How long an alert without an end is believed, unless a webhook has its own time.
    resolve_timeout: Duration,
    /// Where this server is, in the words of its own webhooks.
    external_url: String,
}

impl Default for Webhooks {
    fn default() -> Self {
        Self::new(&[], Duration::from_secs(24 * 60 * 60), "")
    }
}

impl Webhooks {
    /// The configured ones and those that are always there.
    pub fn new(configured: &[Webhook], resolve_timeout: Duration, external_url: &str) -> Self {
        let built_in = BUILT_IN.map(Webhook::built_in);
        let all = built_in.into_iter().chain(configured.iter().cloned()).map(Arc::new).collect();
        Self { all, resolve_timeout, external_url: external_url.trim_end_matches('/').to_owned() }
    }

    fn named(&self, name: &str) -> Option<&Arc<Webhook>> {
        self.all.iter().find(|webhook| webhook.name == name)
    }

    /// Whether a body comes from this very server: told again, its alerts would go round for ever.
    fn is_own(&self, external_url: &str) -> bool {
        !self.external_url.is_empty() && external_url.trim_end_matches('/') == self.external_url
    }
}

/// `POST /webhook/{name}`.
pub(super) async fn take(
    request: HttpRequest,
    name: web::Path<String>,
    payload: web::Payload,
    services: web::Data<Services>,
) -> HttpResponse {
    let webhooks = services.webhooks.read().clone();
    let Some(webhook) = webhooks.named(&name) else { return answers::not_found(&request) };
    if let Some(answer) = unless_taken(&request, webhook) {
        return answer;
    }
    let body = match body::gather(&request, payload, &services).await {
        Ok(body) => body,
        Err(error) => {
            services.metrics.refused(error.reason());
            return error.answer();
        }
    };
    let received = services.clock.now();
    if let Err(why) = login::admits(&webhook.login, request.headers(), &body.bytes, received).await {
        services.metrics.refused("webhook_login");
        tracing::warn!(webhook = webhook.name, reason = why, "what came by a webhook was not taken");
        return refused(&webhook.login, &format!("webhook {}: {why}", webhook.name));
    }
    match read(webhook, &webhooks, body, received, &services).await {
        Ok(batch) => post::finish(Ok(batch), Vec::new(), received, &services).await,
        Err(error) => {
            services.metrics.not_parsed(&version(webhook));
            answers::not_parsed(&error)
        }
    }
}

/// The alerts of a body, sorted out. Templates may take their time, so they have a thread of their own.
async fn read(
    webhook: &Arc<Webhook>,
    webhooks: &Webhooks,
    body: body::Body,
    received: Time,
    services: &Services,
) -> Result<Batch, NotParsed> {
    let json = payload::json(&body.bytes)?;
    if webhooks.is_own(payload::external_url(&json)) {
        services.metrics.refused("loop");
        let why = format!(
            "the body's externalURL is {}, this server's own: a webhook of its own leads back to it, and its alerts would go round \
             for ever. Where another server says so of itself, set its external URL",
            webhooks.external_url
        );
        tracing::warn!(webhook = webhook.name, "what this server told was sent back to it, and is not taken");
        return Err(NotParsed::Payload(why));
    }
    let parsed = match webhook.form {
        Form::Payload => webhook.alerts(&json, received)?,
        Form::Mapped(_) => {
            let webhook = webhook.clone();
            let made = web::block(move || webhook.alerts(&json, received)).await;
            made.map_err(|_| NotParsed::Payload("the body's alerts could not be made".to_owned()))??
        }
    };
    let version = version(webhook);
    if parsed.truncated > 0 {
        services.metrics.truncated(parsed.truncated, &version);
        tracing::warn!(
            webhook = webhook.name,
            alerts = parsed.truncated,
            "the sender of a webhook left alerts out: raise its max_alerts"
        );
    }
    let resolve_timeout = webhook.resolve_timeout.unwrap_or(webhooks.resolve_timeout);
    let rules = Rules { resolve_timeout, ..*services.rules.read() };
    let batch = Batch::sort_out_read(parsed.alerts.into_iter(), &services.table, received, &rules);
    services.metrics.received(&batch, &version);
    Ok(batch)
}

/// The label `version` of the metrics of receipt.
fn version(webhook: &Webhook) -> Cow<'static, str> {
    match BUILT_IN.into_iter().find(|name| *name == webhook.name) {
        Some(name) => Cow::Borrowed(name),
        None => Cow::Owned(format!("webhook/{}", webhook.name)),
    }
}

/// The answer 415. JSON is taken under any name; text too, which SNS calls it, where the sender proves who it is: a page of another
/// site can make a browser send text.
fn unless_taken(request: &HttpRequest, webhook: &Webhook) -> Option<HttpResponse> {
    let stated = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = stated.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = kind == "application/json" || kind.starts_with("application/") && kind.ends_with("+json");
    let is_text = kind == "text/plain" && !matches!(webhook.login, Login::Anybody);
    let hint = if kind == "text/plain" { "; text/plain needs a webhook with a login of its own" } else { "" };
    (!is_json && !is_text).then(|| {
        answers::coded(415, &format!("unsupported media type {kind:?}, only [application/json] are allowed{hint}"))
    })
}

fn refused(login: &Login, why: &str) -> HttpResponse {
    let mut answer = answers::coded(StatusCode::UNAUTHORIZED.as_u16(), why);
    let scheme = match login {
        Login::Bearer(_) => Some("Bearer"),
        Login::Basic { .. } => Some("Basic"),
        Login::Anybody | Login::Signed { .. } => None,
    };
    if let Some(scheme) = scheme {
        answer.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static(scheme));
    }
    answer
}
