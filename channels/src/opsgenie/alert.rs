//! What an alert says: its texts and details, each within its limit (<https://docs.opsgenie.com/docs/alert-api>).
//!
//! Deliberately unknown here: requests, files.

use std::collections::BTreeMap;

use alerts::{
    message::Message,
    order::Severity,
    picture::Picture,
    ports::TextLimit,
    templates::{Data, TextTemplate},
};
use serde::Serialize;
use serde_json::{Value, json};

use super::config::{Config, Responder};
use crate::{
    builder::Builder,
    sending::{
        fullest::{and_more, and_more_pictures},
        texts::Texts,
        truncate::{length, truncate},
        values::one_line,
    },
};

pub const MESSAGE: TextLimit = TextLimit::chars(130);
pub const DESCRIPTION: TextLimit = TextLimit::chars(15_000);
const SOURCE: TextLimit = TextLimit::chars(100);
const ENTITY: TextLimit = TextLimit::chars(512);
const NOTE: TextLimit = TextLimit::chars(25_000);
/// Tags and actions: so long, and so many.
const WORD: TextLimit = TextLimit::chars(50);
const MOST_TAGS: usize = 20;
const MOST_ACTIONS: usize = 10;
/// All keys and values of the details together.
const DETAILS: usize = 8_000;
/// What a single detail may take of that.
const DETAIL: TextLimit = TextLimit::chars(1_000);
/// What links to pictures may take of that.
const LINKS: usize = 4_000;

/// The compiled texts.
pub struct AlertTexts {
    message: TextTemplate,
    description: TextTemplate,
    source: Option<TextTemplate>,
    details: Vec<(String, TextTemplate)>,
    entity: Option<TextTemplate>,
    responders: Vec<[Option<TextTemplate>; 4]>,
    actions: Option<TextTemplate>,
    tags: Option<TextTemplate>,
    note: Option<TextTemplate>,
    /// None: by the alerts' severity.
    priority: Option<TextTemplate>,
}

/// An alert, as Opsgenie takes it.
#[derive(Serialize)]
pub struct Alert {
    pub alias: String,
    pub message: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    details: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    responders: Vec<Who>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entity: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    actions: Vec<String>,
    /// What went wrong with the texts.
    #[serde(skip)]
    pub failures: Vec<String>,
}

#[derive(Serialize)]
struct Who {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
}

impl AlertTexts {
    /// Compiles the texts.
    pub fn new(config: &Config, builder: &mut Builder<'_>) -> Option<Self> {
        let message = builder.text("message", &config.message);
        let description = builder.text("description", &config.description);
        let details = config.details.iter();
        let details = details.filter_map(|(name, text)| {
            let template = builder.text(&format!("details.{name}"), text)?;
            Some((name.clone(), template))
        });
        let details = details.collect();
        let responders = config.responders.iter().enumerate();
        let responders = responders.map(|(at, who)| responder(who, &format!("responders[{at}]"), builder)).collect();
        Some(Self {
            message: message?,
            description: description?,
            source: builder.optional_text("source", Some(&config.source)),
            details,
            entity: builder.optional_text("entity", config.entity.as_deref()),
            responders,
            actions: builder.optional_text("actions", config.actions.as_deref()),
            tags: builder.optional_text("tags", config.tags.as_deref()),
            note: builder.optional_text("note", config.note.as_deref()),
            priority: builder.optional_text("priority", config.priority.as_deref()),
        })
    }

    /// The alert for a message of which so many alerts were left out.
    pub fn alert(&self, message: &Message, left_out: usize) -> Alert {
        let mut texts = Texts::new(message, Data::new(message).with_truncated_alerts(left_out));
        let title = truncate(&one_line(&texts.title(&self.message)), MESSAGE).into_owned();
        let mut description = texts.body(&self.description).trim_end().to_owned();
        for more in [and_more(left_out), and_more_pictures(message.pictures_left_out)].into_iter().flatten() {
            description = format!("{description}\n{more}");
        }
        let priority = self.priority(message, &mut texts);
        let details = self.details(message, &mut texts);
        let responders = self.responders.iter().flat_map(|who| responders(who, &mut texts)).collect();
        let mut cut = |template: &Option<TextTemplate>, limit| {
            texts.option(template.as_ref()).map(|text| truncate(&text, limit).into_owned())
        };
        let (source, entity, note) = (cut(&self.source, SOURCE), cut(&self.entity, ENTITY), cut(&self.note, NOTE));
        let tags = words(texts.option(self.tags.as_ref()), MOST_TAGS);
        let actions = words(texts.option(self.actions.as_ref()), MOST_ACTIONS);
        Alert {
            alias: message.group_hash(),
            message: title,
            description: description.trim_start().to_owned(),
            details,
            source,
            responders,
            tags,
            note,
            priority,
            entity,
            actions,
            failures: texts.into_failures(),
        }
    }

    /// What is said when the alert is closed; and what went wrong with it.
    pub fn closing(&self, message: &Message) -> (Value, Vec<String>) {
        let mut texts = Texts::new(message, Data::new(message));
        let source = texts.option(self.source.as_ref()).map(|text| truncate(&text, SOURCE).into_owned());
        (json!({ "source": source.unwrap_or_default() }), texts.into_failures())
    }

    /// The labels that all alerts share, then the configured details.
    fn details(&self, message: &Message, texts: &mut Texts<'_>) -> BTreeMap<String, String> {
        let is_public = |name: &str| !(name.starts_with("__") && name.ends_with("__"));
        let labels = message.common_labels.iter().filter(|(name, _)| is_public(name));
        let mut all: BTreeMap<String, String> = labels.map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        for (name, template) in &self.details {
            all.insert(name.clone(), texts.option(Some(template)).unwrap_or_default());
        }
        all.into_iter().map(|(n, v)| (truncate(&n, DETAIL).into_owned(), truncate(&v, DETAIL).into_owned())).collect()
    }

    /// P1 to P5; nothing where the configuration's comes out as something else.
    fn priority(&self, message: &Message, texts: &mut Texts<'_>) -> Option<String> {
        if self.priority.is_none() {
            let priority = match message.severity() {
                Severity::Critical => "P1",
                Severity::Error => "P2",
                Severity::Warning => "P3",
                Severity::Info => "P5",
                Severity::Unknown => return None,
            };
            return Some(priority.to_owned());
        }
        let text = texts.option(self.priority.as_ref())?.to_uppercase();
        matches!(text.as_str(), "P1" | "P2" | "P3" | "P4" | "P5").then_some(text)
    }
}

impl Alert {
    /// The alert with what is too long cut off, whatever it tears: the last resort.
    pub fn cut(mut self) -> Self {
        self.description = truncate(&self.description, DESCRIPTION).into_owned();
        self
    }

    /// Puts the links to pictures into the details, and takes out other details that then do not fit. How many links do not fit.
    pub fn link<'a>(&mut self, pictures: impl Iterator<Item = &'a Picture>) -> usize {
        let (mut links, mut left_out, mut used) = (BTreeMap::new(), 0, 0);
        for (at, url) in pictures.filter_map(|picture| picture.url.as_deref()).enumerate() {
            let name = format!("image_{}", at + 1);
            let size = chars(&name) + chars(url);
            if used + size > LINKS {
                left_out += 1;
                continue;
            }
            used += size;
            links.insert(name, url.to_owned());
        }
        for (name, value) in std::mem::take(&mut self.details) {
            let size = chars(&name) + chars(&value);
            if !links.contains_key(&name) && used + size <= DETAILS {
                used += size;
                links.insert(name, value);
            }
        }
        self.details = links;
        left_out
    }
}

fn chars(text: &str) -> usize {
    length(text, alerts::ports::TextUnit::Chars)
}

/// Words between commas, as Alertmanager has tags and actions.
fn words(text: Option<String>, most: usize) -> Vec<String> {
    let text = text.unwrap_or_default();
    let words = text.split(',').map(one_line).filter(|word| !word.is_empty());
    words.map(|word| truncate(&word, WORD).into_owned()).take(most).collect()
}

fn responder(who: &Responder, at: &str, builder: &mut Builder<'_>) -> [Option<TextTemplate>; 4] {
    const TYPES: [&str; 5] = ["team", "teams", "user", "escalation", "schedule"];
    if who.id.is_none() && who.name.is_none() && who.username.is_none() {
        builder.problem(at, "needs one of id, name and username");
    }
    let kind = who.kind.as_deref().unwrap_or_default();
    if !kind.contains("{{") && !TYPES.contains(&kind.to_lowercase().as_str()) {
        builder.problem(&format!("{at}.type"), format!("must be one of {}", TYPES.join(", ")));
    }
    let mut text = |key: &str, text: &Option<String>| builder.optional_text(&format!("{at}.{key}"), text.as_deref());
    [text("id", &who.id), text("name", &who.name), text("username", &who.username), text("type", &who.kind)]
}

/// Whom a responder comes out as: nobody, if nothing of it comes out; several teams, if it names them.
fn responders(who: &[Option<TextTemplate>; 4], texts: &mut Texts<'_>) -> Vec<Who> {
    let [id, name, username, kind] = who.each_ref().map(|template| texts.option(template.as_ref()));
    let kind = kind.map(|kind| kind.to_lowercase());
    if kind.as_deref() == Some("teams") {
        let teams = name.unwrap_or_default();
        let teams = teams.split(',').map(str::trim).filter(|team| !team.is_empty());
        let team =
            |name: &str| Who { id: None, name: Some(name.to_owned()), username: None, kind: Some("team".into()) };
        return teams.map(team).collect();
    }
    if id.is_none() && name.is_none() && username.is_none() {
        return Vec::new();
    }
    vec![Who { id, name, username, kind }]
}
