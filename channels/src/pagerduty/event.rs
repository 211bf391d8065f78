//! What an event says: its texts, its details, its pictures and links.
//!
//! Pictures must be reachable over HTTPS: PagerDuty refuses others, so those become links.
//!
//! Deliberately unknown here: how an event is written (`payload.rs`), and how large it may be.

use std::collections::HashMap;

use alerts::{
    Fingerprint, Status,
    message::{Message, MessageAlert},
    order::Severity,
    picture::Picture,
    ports::TextLimit,
    templates::{Data, TextTemplate, page},
};
use serde_json::{Map, Value, json};

use super::{
    config::{Config, DETAILS, PagerImages},
    payload::{Image, Link, Parts},
};
use crate::{
    builder::Builder,
    sending::{
        Custom,
        fullest::{and_more, and_more_pictures},
        texts::Texts,
        truncate::truncate,
        values::one_line,
    },
};

/// The longest title in characters.
pub const SUMMARY: usize = 1_024;

/// Other texts have no documented limit: this is one for sense.
const OTHER: TextLimit = TextLimit::chars(1_024);

/// The longest address that is passed on, in bytes.
const ADDRESS: usize = 8_000;

/// The compiled texts.
pub struct EventTexts {
    client: TextTemplate,
    client_url: TextTemplate,
    description: TextTemplate,
    source: TextTemplate,
    severity: Option<TextTemplate>,
    class: Option<TextTemplate>,
    component: Option<TextTemplate>,
    group: Option<TextTemplate>,
    details: Vec<(String, Custom)>,
    images: Vec<[TextTemplate; 3]>,
    links: Vec<[TextTemplate; 2]>,
}

impl EventTexts {
    /// Compiles the texts.
    pub fn new(config: &Config, builder: &mut Builder<'_>) -> Option<Self> {
        let client = builder.text("client", &config.client);
        let client_url = builder.text("client_url", &config.client_url);
        let description = builder.text("description", &config.description);
        let source = config.source.as_deref().filter(|source| !source.is_empty());
        let source = builder.text("source", source.unwrap_or(&config.client));
        let severity = builder.optional_text("severity", config.severity.as_deref());
        let class = builder.optional_text("class", config.class.as_deref());
        let component = builder.optional_text("component", config.component.as_deref());
        let group = builder.optional_text("group", config.group.as_deref());
        let details = details(config, builder);
        let (images, links) = (images(config, builder), links(config, builder));
        Some(Self {
            client: client?,
            client_url: client_url?,
            description: description?,
            source: source?,
            severity,
            class,
            component,
            group,
            details,
            images,
            links,
        })
    }

    /// What an event says about a message of which so many alerts were left out.
    pub fn parts(&self, message: &Message, left_out: usize) -> Parts {
        let mut texts = Texts::new(message, Data::new(message).with_truncated_alerts(left_out));
        let mut option = |template: Option<&TextTemplate>| {
            texts.option(template).map(|text| truncate(&one_line(&text), OTHER).into_owned())
        };
        let client = option(Some(&self.client));
        let client_url = option(Some(&self.client_url)).filter(|url| is_address(url));
        let source = option(Some(&self.source)).unwrap_or_else(|| "wirephoto".to_owned());
        let severity = severity(option(self.severity.as_ref()));
        let (class, component) = (option(self.class.as_ref()), option(self.component.as_ref()));
        let group = option(self.group.as_ref());
        let summary = truncate(&one_line(&texts.title(&self.description)), TextLimit::chars(SUMMARY)).into_owned();
        let (images, links) = self.pictures(message, &mut texts);
        let (details, failed) = self.details(message, left_out);
        let failures = texts.into_failures().into_iter().chain(failed).collect();
        let timestamp = since(message);
        Parts {
            summary,
            client,
            client_url,
            source,
            severity,
            timestamp,
            class,
            component,
            group,
            images,
            links,
            details,
            failures,
        }
    }

    /// The details; one whose template fails is left out.
    fn details(&self, message: &Message, left_out: usize) -> (Map<String, Value>, Vec<String>) {
        let (mut details, mut failures) = (Map::new(), Vec::new());
        let data = Data::new(message).with_truncated_alerts(left_out);
        for (name, detail) in &self.details {
            match detail.value(&data) {
                Ok(value) => drop(details.insert(name.clone(), value)),
                Err(error) => failures.push(format!("template failed: {}", error.detail)),
            }
        }
        if let Some(more) = and_more(left_out) {
            details.insert("not_shown".to_owned(), json!(more));
        }
        (details, failures)
    }

    /// The user's own pictures and links, then ours.
    fn pictures(&self, message: &Message, texts: &mut Texts<'_>) -> (Vec<Image>, Vec<Link>) {
        let mut rendered = |template: &TextTemplate| texts.option(Some(template)).unwrap_or_default();
        let own = self.images.iter().map(|[src, href, alt]| Image {
            src: rendered(src),
            href: rendered(href),
            alt: one_line(&rendered(alt)),
        });
        let mut images: Vec<Image> = own.collect();
        let own = self.links.iter().map(|[href, text]| Link { href: rendered(href), text: one_line(&rendered(text)) });
        let mut links: Vec<Link> = own.collect();
        let alerts: HashMap<Fingerprint, &MessageAlert> =
            message.alerts.iter().map(|one| (one.alert.fingerprint, one)).collect();
        images.extend(message.pictures.iter().filter_map(|picture| image(picture, &alerts)));
        let (secure, insecure): (Vec<_>, Vec<_>) =
            images.into_iter().filter(|image| is_address(&image.src)).partition(|i| i.src.starts_with("https://"));
        links.extend(insecure.into_iter().map(|image| Link { href: image.src, text: image.alt }));
        if let Some(text) = and_more_pictures(message.pictures_left_out) {
            links.push(Link { href: message.external_url.clone(), text });
        }
        links.retain(|link| is_address(&link.href));
        (secure, links)
    }
}

/// A picture that leads to its panel, or to where its alert comes from.
fn image(picture: &Picture, alerts: &HashMap<Fingerprint, &MessageAlert>) -> Option<Image> {
    let alert = picture.alerts.iter().find_map(|alert| alerts.get(alert));
    let href = alert.and_then(|one| page(&one.alert)).filter(|href| is_address(href)).unwrap_or_default();
    let said = if picture.record.alt.is_empty() { &picture.record.title } else { &picture.record.alt };
    Some(Image { src: picture.url.clone()?, href, alt: truncate(&one_line(said), OTHER).into_owned() })
}

/// Since when something fires.
fn since(message: &Message) -> Option<String> {
    let firing = message.alerts.iter().filter(|one| one.status == Status::Firing);
    firing.map(|one| one.alert.starts_at).min().map(|time| time.rfc3339())
}

fn is_address(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://"))
        && text.len() <= ADDRESS
        && url::Url::parse(text).is_ok()
}

/// One of the four that PagerDuty knows: others are refused with the whole event. Without any it is Alertmanager's.
fn severity(text: Option<String>) -> &'static str {
    let labels: alerts::LabelSet = [("severity", text.as_deref().unwrap_or_default())].into_iter().collect();
    match Severity::of(&labels) {
        Severity::Critical => "critical",
        Severity::Error | Severity::Unknown => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

fn details(config: &Config, builder: &mut Builder<'_>) -> Vec<(String, Custom)> {
    let defaults = DETAILS.into_iter().filter(|(name, _)| !config.details.contains_key(*name));
    let all = config.details.clone().into_iter();
    let all = all.chain(defaults.map(|(name, template)| (name.to_owned(), json!(template))));
    all.filter_map(|(name, value)| {
        let detail = Custom::new(builder, &format!("details.{name}"), &value)?;
        Some((name, detail))
    })
    .collect()
}

fn images(config: &Config, builder: &mut Builder<'_>) -> Vec<[TextTemplate; 3]> {
    let PagerImages::Own(images) = &config.images else { return Vec::new() };
    let one = |(at, image): (usize, &super::config::Image)| {
        let mut text = |key: &str, source: &str| builder.text(&format!("images[{at}].{key}"), source);
        Some([text("src", &image.src)?, text("href", &image.href)?, text("alt", &image.alt)?])
    };
    images.iter().enumerate().filter_map(one).collect()
}

fn links(config: &Config, builder: &mut Builder<'_>) -> Vec<[TextTemplate; 2]> {
    let one = |(at, link): (usize, &super::config::Link)| {
        let mut text = |key: &str, source: &str| builder.text(&format!("links[{at}].{key}"), source);
        Some([text("href", &link.href)?, text("text", &link.text)?])
    };
    config.links.iter().enumerate().filter_map(one).collect()
}
