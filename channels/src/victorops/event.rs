//! What an event says, each text within its limit (<https://help.splunk.com>: incident fields of Splunk On-Call).
//!
//! Deliberately unknown here: requests.

use std::collections::BTreeMap;

use alerts::{
    Status,
    message::Message,
    picture::Picture,
    ports::TextLimit,
    templates::{Data, TextTemplate},
};
use serde_json::{Map, Value, json};

use super::config::Config;
use crate::{
    builder::Builder,
    sending::{
        fullest::{and_more, and_more_pictures},
        texts::Texts,
        truncate::{length, truncate},
        values::one_line,
    },
};

pub const TEXT: TextLimit = TextLimit::chars(20_480);
pub const FIELD: TextLimit = TextLimit::chars(1_024);
const ANNOTATION: TextLimit = TextLimit::chars(1_124);
/// The longest name of an annotation.
const NAME: TextLimit = TextLimit::chars(100);

/// The prefixes of annotations that are shown as pictures, and as links.
const IMAGE: &str = "vo_annotate.i.";
const URL: &str = "vo_annotate.u.";

/// What links beside the incident are called, and where they lead.
const LINKS: [(&str, &str); 5] = [
    ("Source", "{{ with .Alerts }}{{ (index . 0).GeneratorURL }}{{ end }}"),
    ("Dashboard", "{{ with .Alerts }}{{ (index . 0).DashboardURL }}{{ end }}"),
    ("Panel", "{{ with .Alerts }}{{ (index . 0).PanelURL }}{{ end }}"),
    ("Runbook", "{{ .CommonAnnotations.runbook_url }}"),
    ("Silence", "{{ .SilenceURL }}"),
];

/// The compiled texts.
pub struct EventTexts {
    message_type: TextTemplate,
    state_message: TextTemplate,
    entity_display_name: TextTemplate,
    monitoring_tool: TextTemplate,
    custom_fields: BTreeMap<String, TextTemplate>,
    links: Vec<(&'static str, TextTemplate)>,
}

/// An event.
pub struct Event {
    /// The text that makes it long.
    pub text: String,
    fields: Map<String, Value>,
    /// What went wrong with the texts and the links.
    pub failures: Vec<String>,
}

impl Event {
    /// The body of the request.
    pub fn body(&self) -> String {
        let mut fields = self.fields.clone();
        fields.insert("state_message".to_owned(), json!(truncate(&self.text, TEXT)));
        Value::Object(fields).to_string()
    }
}

impl EventTexts {
    /// Compiles the texts.
    pub fn new(config: &Config, builder: &mut Builder<'_>) -> Option<Self> {
        let message_type = builder.text("message_type", &config.message_type);
        let state_message = builder.text("state_message", &config.state_message);
        let entity_display_name = builder.text("entity_display_name", &config.entity_display_name);
        let monitoring_tool = builder.text("monitoring_tool", &config.monitoring_tool);
        let mut custom_fields = BTreeMap::new();
        for (name, text) in &config.custom_fields {
            let template = builder.text(&format!("custom_fields.{name}"), text);
            custom_fields.extend(template.map(|template| (name.clone(), template)));
        }
        let links = LINKS.iter().filter_map(|(name, text)| Some((*name, builder.text("", text)?))).collect();
        Some(Self {
            message_type: message_type?,
            state_message: state_message?,
            entity_display_name: entity_display_name?,
            monitoring_tool: monitoring_tool?,
            custom_fields,
            links,
        })
    }

    /// The event for a message of which so many alerts were left out.
    pub fn event(&self, message: &Message, left_out: usize) -> Event {
        let mut texts = Texts::new(message, Data::new(message).with_truncated_alerts(left_out));
        let mut text = texts.body(&self.state_message).trim().to_owned();
        for more in [and_more(left_out), and_more_pictures(message.pictures_left_out)].into_iter().flatten() {
            text = format!("{text}\n{more}").trim_start().to_owned();
        }
        let mut fields = Map::new();
        let mut put = |name: &str, text: &str, limit| {
            fields.insert(name.to_owned(), json!(truncate(text, limit)));
        };
        put("message_type", self.message_type(message, &mut texts), FIELD);
        put("entity_id", &message.group_hash(), FIELD);
        put("entity_display_name", &one_line(&texts.title(&self.entity_display_name)), FIELD);
        put("monitoring_tool", &texts.option(Some(&self.monitoring_tool)).unwrap_or_default(), FIELD);
        let mut failures = Vec::new();
        if let Some(first) = message.pictures.iter().find_map(|picture| fitting(picture)) {
            put("image_url", first, ANNOTATION);
        }
        // only what begins or goes on takes annotations
        if message.status == Status::Firing {
            for (name, link) in &self.links {
                let link = texts.option(Some(link)).filter(|link| is_address(link));
                if let Some(link) = link {
                    put(&format!("{URL}{name}"), &link, ANNOTATION);
                }
            }
            let named = named(&message.pictures);
            let too_long = message.pictures.len() - named.len();
            if too_long > 0 {
                failures.push(format!("{too_long} pictures have links that are too long for an annotation"));
            }
            named.iter().for_each(|(name, url)| put(&format!("{IMAGE}{name}"), url, ANNOTATION));
        }
        for (name, template) in &self.custom_fields {
            let limit = if name.starts_with("vo_annotate.") { ANNOTATION } else { FIELD };
            put(name, &texts.option(Some(template)).unwrap_or_default(), limit);
        }
        let since = message.alerts.iter().filter(|one| one.status == message.status).map(|one| one.alert.starts_at);
        if let Some(since) = since.min() {
            fields.insert("state_start_time".to_owned(), json!(since.as_secs()));
        }
        failures.extend(texts.into_failures());
        Event { text, fields, failures }
    }

    /// As in Alertmanager: what is none of the three pages somebody, and what is over is over.
    fn message_type(&self, message: &Message, texts: &mut Texts<'_>) -> &'static str {
        if message.status == Status::Resolved {
            return "RECOVERY";
        }
        let rendered = texts.option(Some(&self.message_type)).unwrap_or_default();
        ["INFO", "WARNING"].into_iter().find(|kind| rendered.eq_ignore_ascii_case(kind)).unwrap_or("CRITICAL")
    }
}

/// The link to a picture, if an annotation takes it.
fn fitting(picture: &Picture) -> Option<&str> {
    picture.url.as_deref().filter(|url| is_address(url))
}

fn is_address(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://")) && length(text, ANNOTATION.unit) <= ANNOTATION.max
}

/// The pictures under names of their own: an annotation of the same name would take another's place.
fn named(pictures: &[Picture]) -> BTreeMap<String, &str> {
    let mut named = BTreeMap::new();
    for picture in pictures {
        let Some(url) = fitting(picture) else { continue };
        let title = one_line(&picture.record.title);
        let title = if title.is_empty() { "Picture".to_owned() } else { truncate(&title, NAME).into_owned() };
        let numbered = (2..).map(|number| format!("{title} {number}"));
        let name = std::iter::once(title.clone()).chain(numbered).find(|name| !named.contains_key(name));
        named.extend(name.map(|name| (name, url)));
    }
    named
}
