//! An issue's fields for a message: texts as the API wants them, within Jira's limits.
//!
//! Deliberately unknown here: requests, and which issue it is.

use alerts::{
    message::Message,
    picture::Picture,
    ports::{SendError, SendErrorKind, TextLimit},
    templates::{Data, TextTemplate},
};
use serde_json::{Map, Value, json};

use super::{adf, config::Config, jql, wiki};
use crate::{
    builder::Builder,
    sending::{
        Custom,
        fullest::{and_more, fullest},
        texts::{Texts, plain_title},
        truncate::truncate,
        values::{escaped, one_line},
    },
};

/// The longest title.
pub const SUMMARY: TextLimit = TextLimit::chars(255);

/// The longest text. A document is counted as it is written, which is more than it shows.
pub const DESCRIPTION: usize = 32_767;

/// The longest label.
const LABEL: TextLimit = TextLimit::chars(255);

/// All templates of an issue.
pub struct Fields {
    project: TextTemplate,
    issue_type: TextTemplate,
    summary: (TextTemplate, bool),
    description: (TextTemplate, bool),
    labels: (Vec<TextTemplate>, bool),
    priority: TextTemplate,
    more: Vec<(String, Custom)>,
    adf: bool,
}

/// What is written into an issue.
pub struct Rendered {
    /// By their names.
    pub fields: Map<String, Value>,
    /// What went wrong on the side.
    pub failures: Vec<String>,
}

impl Fields {
    /// Compiles the texts; `adf`: texts are documents.
    pub fn new(config: &Config, builder: &mut Builder<'_>, adf: bool) -> Option<Self> {
        let mut needed = |key: &str, text: &str| {
            let text = builder.required(key, (!text.trim().is_empty()).then_some(text), "");
            builder.optional_text(key, text)
        };
        let project = needed("project", &config.project);
        let issue_type = needed("issue_type", &config.issue_type);
        let summary = builder.text("summary", &config.summary.template);
        let description = builder.text("description", &config.description.template);
        let labels = config.labels.values.iter().enumerate();
        let labels: Vec<_> = labels.map(|(at, label)| builder.text(&format!("labels[{at}]"), label)).collect();
        let priority = builder.text("priority", &config.priority);
        let more = config.fields.iter();
        let more: Vec<_> = more
            .map(|(name, value)| Some((name.clone(), Custom::new(builder, &format!("fields.{name}"), value)?)))
            .collect();
        Some(Self {
            project: project?,
            issue_type: issue_type?,
            summary: (summary?, config.summary.enable_update),
            description: (description?, config.description.enable_update),
            labels: (labels.into_iter().collect::<Option<_>>()?, config.labels.enable_update),
            priority: priority?,
            more: more.into_iter().collect::<Option<_>>()?,
            adf,
        })
    }

    /// The project's key for a message.
    pub fn project(&self, message: &Message) -> Result<String, SendError> {
        let clean = escaped(message, str::to_owned);
        rendered(&self.project, &Data::new(&clean))
    }

    /// The fields: all of a new issue, or what an update rewrites. What an issue is, and where, is settled when it is made.
    pub fn rendered(&self, message: &Message, update: bool) -> Result<Rendered, SendError> {
        let clean = escaped(message, str::to_owned);
        let mut texts = Texts::new(&clean, Data::new(&clean));
        let mut fields = Map::new();
        if !update {
            fields.insert("project".to_owned(), json!({ "key": rendered(&self.project, &texts.data)? }));
            fields.insert("issuetype".to_owned(), json!({ "name": rendered(&self.issue_type, &texts.data)? }));
        }
        if !update || self.summary.1 {
            fields.insert("summary".to_owned(), self.summary(&mut texts, &clean).into());
        }
        if !update || self.labels.1 {
            fields.insert("labels".to_owned(), json!(self.labels(&mut texts, message)));
        }
        if let Some(priority) = texts.option(Some(&self.priority)) {
            fields.insert("priority".to_owned(), json!({ "name": one_line(&priority) }));
        }
        for (name, value) in &self.more {
            fields.insert(name.clone(), value.value(&texts.data)?);
        }
        let mut failures = texts.into_failures();
        if !update || self.description.1 {
            let description = self.description(message, &mut failures);
            fields.insert("description".to_owned(), description);
        }
        Ok(Rendered { fields, failures })
    }

    fn summary(&self, texts: &mut Texts<'_>, clean: &Message) -> String {
        let summary = one_line(&texts.title(&self.summary.0));
        // Jira makes no issue without one
        let summary = if summary.is_empty() { one_line(&plain_title(clean)) } else { summary };
        truncate(&summary, SUMMARY).into_owned()
    }

    /// Sorted, each once, without the spaces that Jira does not take.
    fn labels(&self, texts: &mut Texts<'_>, message: &Message) -> Vec<String> {
        let own = self.labels.0.iter().filter_map(|label| texts.option(Some(label)));
        let own = own.map(|label| label.split_whitespace().collect::<Vec<_>>().join("_"));
        let mut labels: Vec<String> = own.map(|label| truncate(&label, LABEL).into_owned()).collect();
        labels.push(jql::label(&message.group_hash()));
        labels.sort_unstable();
        labels.dedup();
        labels
    }

    fn description(&self, message: &Message, failures: &mut Vec<String>) -> Value {
        let mut failed = Vec::new();
        let render = |message: &Message, left_out: usize| {
            let clean = if self.adf { escaped(message, str::to_owned) } else { escaped(message, wiki::escape) };
            let mut texts = Texts::new(&clean, Data::new(&clean));
            let text = texts.body(&self.description.0);
            failed = texts.into_failures();
            self.block(text.trim(), &clean, left_out)
        };
        let found = fullest(message, render, |description| length(description) <= DESCRIPTION);
        failures.append(&mut failed);
        found.unwrap_or_else(|| self.block(&truncate(&plain_title(message), SUMMARY), &bare(message), 0))
    }

    /// The text, what was left out of it, and the pictures that are linked.
    fn block(&self, text: &str, message: &Message, left_out: usize) -> Value {
        let more = and_more(left_out);
        let links = links(message);
        if self.adf {
            let mut blocks = Vec::new();
            blocks
                .extend(more.map(|more| json!({ "type": "paragraph", "content": [{ "type": "text", "text": more }] })));
            if !links.is_empty() {
                blocks.push(adf::list(links.iter().map(|(name, url)| (name.as_str(), Some(url.as_str())))));
            }
            return adf::with(adf::document(text), blocks);
        }
        let lines: Vec<String> = links.iter().map(|(name, url)| wiki::link(name, url)).collect();
        let parts = [text.to_owned(), more.unwrap_or_default(), wiki::list(&lines)];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n").into()
    }

    /// Pictures that came late, as a comment.
    pub fn comment(&self, pictures: &[Picture]) -> Value {
        let links = pictures.iter().filter_map(|picture| {
            let name = one_line(&picture.record.title);
            Some((if self.adf { name } else { wiki::escape(&name) }, picture.url.clone()?))
        });
        let links: Vec<_> = links.map(named).collect();
        if self.adf {
            let list = adf::list(links.iter().map(|(name, url)| (name.as_str(), Some(url.as_str()))));
            return adf::with(adf::document(""), [list]);
        }
        wiki::list(&links.iter().map(|(name, url)| wiki::link(name, url)).collect::<Vec<_>>()).into()
    }
}

/// What the pictures that are linked are called, and where they are; with a line for those that are not shown.
fn links(message: &Message) -> Vec<(String, String)> {
    let linked = message.pictures.iter().filter(|picture| picture.bytes.is_none());
    let links = linked.filter_map(|picture| Some((one_line(&picture.record.title), picture.url.clone()?)));
    let mut links: Vec<_> = links.map(named).collect();
    let more = match message.pictures_left_out {
        0 => return links,
        1 => "1 more picture".to_owned(),
        more => format!("{more} more pictures"),
    };
    links.push((more, message.external_url.clone()));
    links
}

fn named((name, url): (String, String)) -> (String, String) {
    let name = truncate(&name, SUMMARY).into_owned();
    (if name.is_empty() { "picture".to_owned() } else { name }, url)
}

fn length(description: &Value) -> usize {
    match description {
        Value::String(text) => text.chars().count(),
        document => document.to_string().chars().count(),
    }
}

fn bare(message: &Message) -> Message {
    Message { pictures: Vec::new(), ..message.clone() }
}

fn rendered(template: &TextTemplate, data: &Data) -> Result<String, SendError> {
    let text = template.render(data).map_err(|why| SendError::new(SendErrorKind::Rejected, why.to_string()))?;
    Ok(one_line(&text))
}
