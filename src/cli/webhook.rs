//! `wirephoto webhook-test`: the alerts that a body becomes; nothing is sent.
//!
//! Deliberately unknown here: how bodies become alerts.

use std::{io::Read, path::Path};

use actors::clock::SystemClock;
use alerts::{
    Alert,
    intake::{normalise, payload},
    ports::Clock,
};
use serde_json::{Value, json};

use super::{Console, Exit, Variables, arguments::WebhookArguments, ended, objected, told};
use crate::config::{
    self, Manner,
    problem::Problems,
    settings::{
        Settings,
        webhooks::{BUILT_IN, Webhook},
    },
};

pub(super) fn run(arguments: &WebhookArguments, environment: Variables, console: &mut Console<'_>) -> Exit {
    if let Some(exit) = objected(arguments.features.objections(), console) {
        return exit;
    }
    let settings = match told(load(arguments, environment), console) {
        Ok(settings) => settings,
        Err(exit) => return exit,
    };
    ended(try_out(arguments, &settings, console), console)
}

fn load(arguments: &WebhookArguments, environment: Variables) -> Result<Settings, Problems> {
    let manner = Manner { syntax: arguments.features.syntax(), ..Manner::default() };
    match &arguments.config {
        Some(file) => config::load(file, manner, &environment),
        None => config::load_default(manner, &environment),
    }
}

fn try_out(arguments: &WebhookArguments, settings: &Settings, console: &mut Console<'_>) -> Result<(), String> {
    let webhook = named(&arguments.name, settings)?;
    let limit = settings.server.limits.body_bytes;
    let body = read(&arguments.file, limit)?;
    let received = SystemClock::new().now();
    let parsed = payload::json(&body).and_then(|body| webhook.alerts(&body, received));
    let parsed = parsed.map_err(|error| error.to_string())?;
    let mut rules = settings.intake_rules();
    rules.resolve_timeout = webhook.resolve_timeout.unwrap_or(settings.server.webhook_resolve_timeout);
    let (count, mut shown, mut wrong) = (parsed.alerts.len(), Vec::new(), 0);
    for (at, alert) in parsed.alerts.into_iter().enumerate() {
        let alert = alert.and_then(|alert| normalise(alert, received, &rules).map_err(|error| error.to_string()));
        match alert {
            Ok(alert) => shown.push(as_shown(&alert.into_owned().alert(), received)),
            Err(why) => {
                console.complain(format!("alert {} of {count}: {why}", at + 1));
                wrong += 1;
            }
        }
    }
    let text = serde_json::to_string_pretty(&shown).expect("texts and lists into memory");
    console.say(text);
    if parsed.truncated > 0 {
        console.complain(format!("its sender left {} alerts out", parsed.truncated));
    }
    if wrong == 0 { Ok(()) } else { Err(format!("{wrong} of {count} alerts would not be taken")) }
}

fn named(name: &str, settings: &Settings) -> Result<Webhook, String> {
    if BUILT_IN.contains(&name) {
        return Ok(Webhook::built_in(name));
    }
    let found = settings.webhooks.iter().find(|webhook| webhook.name == name);
    found.cloned().ok_or_else(|| {
        let known = settings.webhooks.iter().map(|webhook| webhook.name.as_str());
        let known: Vec<&str> = BUILT_IN.into_iter().chain(known).collect();
        format!("there is no webhook \"{name}\"; there are {}", known.join(", "))
    })
}

fn read(file: &Path, limit: usize) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    let most = limit as u64 + 1;
    let read = if file == Path::new("-") {
        std::io::stdin().lock().take(most).read_to_end(&mut body)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(most).read_to_end(&mut body))
    };
    read.map_err(|why| format!("cannot read the body from {}: {why}", file.display()))?;
    if body.len() > limit {
        return Err(format!("the body is larger than server.limits.body_bytes, {limit}"));
    }
    Ok(body)
}

/// As `GET /api/v2/alerts` shows it.
fn as_shown(alert: &Alert, now: alerts::Time) -> Value {
    json!({
        "status": alert.status(now),
        "labels": alert.labels,
        "annotations": alert.annotations,
        "startsAt": alert.starts_at.rfc3339(),
        "endsAt": alert.ends_at.rfc3339(),
        "generatorURL": alert.generator_url,
        "fingerprint": alert.fingerprint.to_string(),
    })
}
