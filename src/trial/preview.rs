//! The preview: the messages of an event are made and rehearsed, and every request is written down.
//!
//! Nothing is sent and nobody is asked: no network, no database, no mail server. Deliberately unknown here: any vendor.

use std::{sync::Arc, time::Duration};

use alerts::{
    Alert, LabelSet, Status, Time,
    message::Receipt,
    picture::Picture,
    ports::{Channel, InboxEntry},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use channels::{
    Built,
    sending::{Http, Rehearsal, Rehearsed, RehearsedMail},
};
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    MOST_PICTURES, NoTrial, Trial, Which,
    body::{Body, Field, Part},
    event,
    group::{self, Group},
    mail, one,
    picture::{self, Drawn},
    place,
    report::{Preview, Told},
    shelf::Shelf,
};

/// The time between a message and the one that says it is over.
const RESOLVED_AFTER: Duration = Duration::from_secs(5 * 60);

/// Headers that are never shown, whatever they hold.
const SECRET_HEADERS: [&str; 5] =
    ["authorization", "proxy-authorization", "cookie", "x-amz-security-token", "x-api-key"];

/// What is to be previewed.
#[derive(Clone, Debug, Default)]
pub struct PreviewAsked {
    /// The event, as [`super::parse_event`] reads it; none: a sample.
    pub event: Option<String>,
    /// All alerts go to this receiver; none: where the routes lead.
    pub receiver: Option<String>,
    /// Only this integration of the receiver.
    pub integration: Option<Which>,
    /// So many test pictures.
    pub pictures: usize,
    /// Also the message that follows when all is over.
    pub resolved: bool,
}

/// A group and what its receiver's integrations would be told.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupPreview {
    /// The receiver.
    pub receiver: String,
    /// Alertmanager's group key.
    pub group_key: String,
    /// The labels that make the group.
    pub labels: LabelSet,
    /// How many alerts are in it.
    pub alerts: usize,
    /// The integrations, in the configuration's order.
    pub integrations: Vec<IntegrationPreview>,
}

/// What one integration would be told.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IntegrationPreview {
    /// `slack/0`.
    pub integration: String,
    /// The message about the event, then the one that says it is over.
    pub messages: Vec<MessagePreview>,
}

/// One message: what would go out, and what came of it in the rehearsal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MessagePreview {
    /// What would go out, in order.
    pub steps: Vec<Step>,
    /// How it ended, vendors answering as they do when all is well.
    #[serde(flatten)]
    pub told: Told,
}

/// Something that would go out.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "step", rename_all = "lowercase", rename_all_fields = "camelCase")]
pub enum Step {
    /// A request.
    Request {
        /// Its method.
        method: String,
        /// Where to.
        url: String,
        /// Its headers.
        headers: Vec<Field>,
        /// What it carries.
        body: Body,
    },
    /// A mail.
    Mail {
        /// The mail server, and how the connection is protected.
        server: String,
        /// The envelope's sender.
        from: String,
        /// The envelope's recipients.
        to: Vec<String>,
        /// The size in bytes.
        size: usize,
        /// Its headers.
        headers: Vec<Field>,
        /// Its parts.
        parts: Vec<Part>,
    },
    /// A message on our own page.
    Inbox {
        /// Its title.
        title: String,
        /// Its text.
        text: String,
        /// The titles of its pictures.
        pictures: Vec<TakenPicture>,
        /// How many more there are.
        left_out: usize,
    },
}

/// A picture of a message in the inbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TakenPicture {
    /// Its title.
    pub title: String,
    /// What is to be seen.
    pub alt: String,
}

impl Trial {
    /// What would be sent. Draws pictures and compiles templates: some tens of milliseconds per integration, in which the caller
    /// must be allowed to block.
    ///
    /// # Errors
    /// When there is nothing to preview.
    pub async fn preview(&self, asked: &PreviewAsked, http: &Http, now: Time) -> Result<Preview, NoTrial> {
        if asked.pictures > MOST_PICTURES {
            return Err(NoTrial::TooMuch(format!("at most {MOST_PICTURES} pictures are drawn for a preview")));
        }
        if let Some(name) = &asked.receiver
            && !self.receivers().any(|known| known == name)
        {
            let known = self.receivers().map(str::to_owned).collect();
            return Err(NoTrial::UnknownReceiver { name: name.clone(), known });
        }
        let alerts = match &asked.event {
            Some(event) => event::parse(event, now, &self.settings.intake_rules())?,
            None => vec![event::sample(now)],
        };
        let pictures = Pictures::draw(self, asked, now)?;
        let groups = group::groups(&self.settings.route, asked.receiver.as_deref(), &alerts)?;
        let mut preview = Preview { ok: true, groups: Vec::with_capacity(groups.len()) };
        for group in &groups {
            preview.groups.push(self.group(group, asked, http, &pictures, now).await?);
        }
        let integrations = preview.groups.iter().flat_map(|group| &group.integrations);
        preview.ok = integrations.flat_map(|one| &one.messages).all(|message| message.told.ok);
        Ok(preview)
    }

    async fn group(
        &self,
        group: &Group<'_>,
        asked: &PreviewAsked,
        http: &Http,
        pictures: &Pictures,
        now: Time,
    ) -> Result<GroupPreview, NoTrial> {
        let stage = Stage { rehearsal: Arc::new(Rehearsal::default()), shelf: Arc::new(Shelf::default()) };
        let http = http.rehearsed(stage.rehearsal.clone());
        let built = self.integrations(&group.receiver, asked.integration.as_ref(), &http, stage.shelf.clone())?;
        let mut integrations = Vec::with_capacity(built.len());
        for built in &built {
            let (first, receipt) = self.message(&stage, built, group, pictures, None, now).await;
            let mut messages = vec![first];
            if asked.resolved {
                let later = now.plus(RESOLVED_AFTER);
                let previous = one::previous(&*built.channel, receipt.as_ref());
                let over = group.resolved(later);
                messages.push(self.message(&stage, built, &over, pictures, previous, later).await.0);
            }
            integrations.push(IntegrationPreview { integration: place(built), messages });
        }
        Ok(GroupPreview {
            receiver: group.receiver.clone(),
            group_key: group.key(),
            labels: group.labels.clone(),
            alerts: group.alerts.len(),
            integrations,
        })
    }

    async fn message(
        &self,
        stage: &Stage,
        built: &Built,
        group: &Group<'_>,
        pictures: &Pictures,
        previous: Option<&Receipt>,
        now: Time,
    ) -> (MessagePreview, Option<Receipt>) {
        let key = actors::Integration::new(&group.receiver, &built.destination, built.channel.clone()).key;
        let send_resolved = built.channel.limits().send_resolved;
        let Some(delivery) = group.delivery(key, send_resolved, &self.external_url, now) else {
            return (MessagePreview { steps: Vec::new(), told: Told::skipped() }, None);
        };
        let pictures = pictures.of(&*built.channel, delivery.status(), &group.alerts);
        let message = delivery.message(&self.external_url, pictures);
        let outcome = one::tell(&*built.channel, &message, previous).await;
        let receipt = outcome.as_ref().ok().cloned();
        let steps = stage.steps();
        let mut told = Told::of(message.status, outcome);
        told.hide(&|text| stage.rehearsal.concealed(text));
        if steps.is_empty() {
            told.made_nothing();
        }
        (MessagePreview { steps, told }, receipt)
    }
}

/// What stands in for the world.
struct Stage {
    rehearsal: Arc<Rehearsal>,
    shelf: Arc<Shelf>,
}

impl Stage {
    /// What has gone out since the last call. An integration uses one of the three.
    fn steps(&self) -> Vec<Step> {
        let hide = |text: &str| self.rehearsal.concealed(text);
        let requests = self.rehearsal.take().into_iter().map(|request| request_step(&request, &hide));
        let mails = self.rehearsal.take_mails().into_iter().map(|mail| mail_step(&mail, &hide));
        let inbox = self.shelf.take().into_iter().map(|entry| inbox_step(entry, &hide));
        requests.chain(mails).chain(inbox).collect()
    }
}

fn request_step(request: &Rehearsed, hide: &dyn Fn(&str) -> String) -> Step {
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        let secret = value.is_sensitive() || SECRET_HEADERS.contains(&name.as_str());
        let value = if secret { without_credentials(name.as_str(), &text) } else { hide(&text) };
        Field { name: name.as_str().to_owned(), value }
    };
    let content_type = request.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    Step::Request {
        method: request.method.to_string(),
        url: hide(request.url.as_str()),
        headers: request.headers.iter().map(header).collect(),
        body: Body::of(content_type.unwrap_or_default(), &request.body, hide),
    }
}

/// A login keeps its scheme: `Bearer [redacted]`.
fn without_credentials(name: &str, value: &str) -> String {
    match value.split_once(' ') {
        Some((scheme, _)) if name.ends_with("authorization") => format!("{scheme} [redacted]"),
        _ => "[redacted]".to_owned(),
    }
}

fn mail_step(mail: &RehearsedMail, hide: &dyn Fn(&str) -> String) -> Step {
    let (headers, parts) = mail::read(mail, hide);
    Step::Mail {
        server: hide(&format!("{} {}", mail.server, mail.protection)),
        from: hide(&mail.from),
        to: mail.to.iter().map(|to| hide(to)).collect(),
        size: mail.bytes.len(),
        headers,
        parts,
    }
}

fn inbox_step(entry: InboxEntry, hide: &dyn Fn(&str) -> String) -> Step {
    let pictures = entry.pictures.into_iter().map(|picture| TakenPicture { title: picture.title, alt: picture.alt });
    Step::Inbox {
        title: hide(&entry.title),
        text: hide(&entry.text),
        pictures: pictures.collect(),
        left_out: entry.pictures_left_out,
    }
}

/// The test pictures of a preview.
struct Pictures {
    firing: Vec<(Drawn, String)>,
    resolved: Vec<(Drawn, String)>,
}

impl Pictures {
    fn draw(trial: &Trial, asked: &PreviewAsked, now: Time) -> Result<Self, NoTrial> {
        let look = &trial.settings.screenshots;
        let all = |transition: Status, at: Time| {
            (0..asked.pictures)
                .map(|number| {
                    let drawn = picture::draw(look, transition, (number, asked.pictures), at)?;
                    let link = unsigned(&trial.images_url, &drawn, at.plus(look.retention));
                    Ok((drawn, link))
                })
                .collect::<Result<Vec<_>, NoTrial>>()
        };
        // an event may be over without anybody asking for it
        Ok(Self { firing: all(Status::Firing, now)?, resolved: all(Status::Resolved, now.plus(RESOLVED_AFTER))? })
    }

    /// As the machine gives them to a channel; each belongs to one of the alerts, in turn.
    fn of(&self, channel: &dyn Channel, status: Status, alerts: &[Alert]) -> Vec<Picture> {
        let limits = &channel.limits().pictures;
        if !limits.wants_pictures() || alerts.is_empty() {
            return Vec::new();
        }
        let drawn = if status == Status::Firing { &self.firing } else { &self.resolved };
        let picture = |(at, (drawn, link)): (usize, &(Drawn, String))| Picture {
            record: drawn.record.clone(),
            url: Some(link.clone()),
            bytes: limits.wants_bytes().then(|| drawn.png.clone()),
            alerts: vec![alerts[at % alerts.len()].fingerprint],
        };
        drawn.iter().enumerate().map(picture).collect()
    }
}

/// A link of the right form that no server will take.
fn unsigned(base: &str, drawn: &Drawn, end: Time) -> String {
    let (id, end) = (&drawn.record.id, end.as_secs());
    let signature = URL_SAFE_NO_PAD.encode(Sha256::digest(format!("preview of {id} until {end}")));
    format!("{base}/images/{id}.png?e={end}&s={signature}")
}
