//! Another Alertmanager: its alerts, as Prometheus would send them, each with the links to its pictures in annotations.
//!
//! All replicas of a cluster get every alert, since they do not tell each other. It is enough if one takes them; those that did not
//! are asked again a few times, and never those that did. An alert is known by its labels, so what is sent twice counts once.
//!
//! Deliberately unknown here: what can be configured (`config.rs`).

mod config;

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use alerts::{
    Fingerprint, LabelSet, Status, Time,
    message::{Message, MessageAlert, Receipt},
    ports::{Channel, Limits, SendError, SendErrorKind},
};
use async_trait::async_trait;
pub use config::Config;
use futures_util::future::join_all;
use http::{Method, StatusCode, header::CONTENT_TYPE};
use serde::Serialize;
use serde_json::json;
use url::Url;

use crate::sending::{Http, Rehearsed, Reply, refused::refused};

/// How many milliseconds to wait before those are asked again that did not take what others took.
const PAUSES: [u64; 2] = [500, 1_000];

struct Alertmanager {
    limits: Limits,
    http: Http,
    replicas: Vec<Url>,
    image_annotation: String,
    /// How long a firing alert lasts there unless it is told again.
    resolve_timeout: Duration,
    timeout: Duration,
}

/// An alert as `POST /api/v2/alerts` takes it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Posted<'a> {
    labels: &'a LabelSet,
    annotations: BTreeMap<String, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    starts_at: Option<String>,
    ends_at: String,
    #[serde(rename = "generatorURL", skip_serializing_if = "Option::is_none")]
    generator_url: Option<&'a str>,
}

/// What a replica said.
enum Said {
    /// It took all.
    Taken,
    /// It took those that it finds valid.
    Partly(String),
}

#[async_trait]
impl Channel for Alertmanager {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, _previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let alerts = self.alerts(message);
        if alerts.is_empty() {
            return Ok(Receipt::default());
        }
        let (body, alone) = (json!(alerts).to_string(), alerts.len() == 1);
        let mut open: Vec<&Url> = self.replicas.iter().collect();
        let (mut taken, mut problems) = (Vec::new(), Vec::new());
        let mut pauses = PAUSES.iter();
        let failed = loop {
            let said = join_all(open.iter().map(|url| self.post(url, &body, alone))).await;
            let mut failed = Vec::new();
            for (url, said) in open.iter().zip(said) {
                match said {
                    Ok(Said::Taken) => taken.push(name(url)),
                    Ok(Said::Partly(why)) => {
                        problems.push(format!("{} did not take all alerts: {why}", name(url)));
                        taken.push(name(url));
                    }
                    Err(error) => failed.push((*url, error)),
                }
            }
            // what nobody took is the machine's to repeat
            if taken.is_empty() || !failed.iter().any(|(_, error)| is_passing(error)) {
                break failed;
            }
            let Some(pause) = pauses.next() else { break failed };
            tokio::time::sleep(Duration::from_millis(*pause)).await;
            let lost = failed.iter().filter(|(_, error)| !is_passing(error));
            problems.extend(lost.map(|(url, error)| format!("{} did not take it: {}", name(url), error.detail)));
            open = failed.iter().filter(|(_, error)| is_passing(error)).map(|(url, _)| *url).collect();
        };
        if taken.is_empty() {
            return Err(refused(worst(failed), message.pictures.len()));
        }
        problems.extend(failed.iter().map(|(url, error)| format!("{} did not take it: {}", name(url), error.detail)));
        let degraded = (!problems.is_empty()).then(|| problems.join("; "));
        Ok(Receipt { message: json!({ "taken": taken }), degraded, ..Receipt::default() })
    }
}

impl Alertmanager {
    /// The alerts to post. One that ended so long ago that it has ended there by itself is left out.
    fn alerts<'a>(&self, message: &'a Message) -> Vec<Posted<'a>> {
        let mut links: HashMap<Fingerprint, Vec<&str>> = HashMap::new();
        for picture in &message.pictures {
            for alert in &picture.alerts {
                links.entry(*alert).or_default().extend(picture.url.as_deref());
            }
        }
        let none = Vec::new();
        let links = |one: &MessageAlert| links.get(&one.alert.fingerprint).unwrap_or(&none).clone();
        let matters = |one: &&MessageAlert| {
            one.status == Status::Firing || one.alert.ends_at.plus(self.resolve_timeout) >= message.now
        };
        message.alerts.iter().filter(matters).map(|one| self.posted(one, &links(one), message.now)).collect()
    }

    fn posted<'a>(&self, one: &'a MessageAlert, links: &[&'a str], now: Time) -> Posted<'a> {
        let alert = &one.alert;
        let is_public = |name: &str| !(name.starts_with("__") && name.ends_with("__"));
        let annotations = alert.annotations.iter().filter(|(name, _)| is_public(name));
        let mut annotations: BTreeMap<String, &str> = annotations.map(|(n, v)| (n.to_owned(), v)).collect();
        for (at, link) in links.iter().enumerate() {
            let number = if at == 0 { String::new() } else { format!("_{}", at + 1) };
            annotations.insert(format!("{}{number}", self.image_annotation), link);
        }
        let ends_at = match one.status {
            Status::Firing => now.plus(self.resolve_timeout),
            Status::Resolved => alert.ends_at,
        };
        Posted {
            labels: &alert.labels,
            annotations,
            starts_at: (alert.starts_at != Time::MIN).then(|| alert.starts_at.rfc3339()),
            ends_at: ends_at.max(alert.starts_at).rfc3339(),
            // a text that is no address makes it refuse the alert
            generator_url: Some(alert.generator_url.as_str()).filter(|url| Url::parse(url).is_ok()),
        }
    }

    /// Sends to one replica. Of several alerts it stores the valid ones although it answers 400.
    async fn post(&self, url: &Url, body: &str, alone: bool) -> Result<Said, SendError> {
        let request = self.http.request(Method::POST, url.clone()).await?;
        let request = request.header(CONTENT_TYPE, "application/json").body(body.to_owned());
        let answer = self.http.send(request, self.timeout).await?;
        if answer.status.is_success() {
            return Ok(Said::Taken);
        }
        // asked for now: the token may have been renewed on the way
        let redactor = self.http.secrets().await;
        if answer.status == StatusCode::BAD_REQUEST && !alone {
            return Ok(Said::Partly(answer.words(&redactor)));
        }
        Err(answer.failure(&redactor))
    }
}

/// A replica, as it is told of.
fn name(url: &Url) -> String {
    url[url::Position::BeforeHost..url::Position::AfterPort].to_owned()
}

fn is_passing(error: &SendError) -> bool {
    matches!(error.kind, SendErrorKind::Retry | SendErrorKind::RetryAfter(_))
}

/// Of the failures of all replicas the one to go by: one that passes before one that does not.
fn worst(failed: Vec<(&Url, SendError)>) -> SendError {
    let several = failed.len() > 1;
    let detail: Vec<String> = failed.iter().map(|(url, error)| format!("{}: {}", name(url), error.detail)).collect();
    let ambiguous = failed.iter().any(|(_, error)| error.ambiguous);
    let rank = |(_, error): &(&Url, SendError)| !is_passing(error);
    let first = failed.into_iter().min_by_key(rank).map(|(_, error)| error);
    let first = first.unwrap_or_else(|| SendError::new(SendErrorKind::Rejected, "there is nobody to send to"));
    if several { SendError { detail: detail.join("; "), ambiguous, ..first } } else { first }
}

/// What Alertmanager says when all is well: nothing.
fn vendor(_: &Rehearsed) -> Reply {
    Reply::ok("")
}
