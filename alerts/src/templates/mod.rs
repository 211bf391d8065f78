//! Go templates with Alertmanager's and Grafana's functions and data.
//!
//! The crate `gotmpl` parses, escapes and executes; between its parser and its executor the trees are rewritten
//! ([`rewrite`]) so that methods, label sets, times and errors with places are Go's. A text is compiled once, at load,
//! and executed for every message.
//!
//! Deliberately unknown here: configuration files, channels, what time it is (`now` is the message's).

mod blocks;
mod context;
mod data;
mod error;
mod expressions;
mod fields;
mod functions;
mod gotime;
mod json;
mod links;
mod member;
mod parse;
mod program;
mod render;
mod rewrite;
mod sample;
mod text;
mod time_members;
mod value;

use std::sync::{Arc, LazyLock};

pub use data::{Data, TemplatePicture};
pub use error::TemplateError;
pub use links::{AlertLinks, SILENCE, fix_links, page, public};
use program::Set;
use render::Program;
pub use sample::sample_message;

use crate::Status;

/// Our own texts, under Alertmanager's and Grafana's names.
const DEFAULTS: [(&str, &str); 8] = [
    ("default/common.tmpl", include_str!("default/common.tmpl")),
    ("default/channels.tmpl", include_str!("default/channels.tmpl")),
    ("default/discord.tmpl", include_str!("default/discord.tmpl")),
    ("default/googlechat.tmpl", include_str!("default/googlechat.tmpl")),
    ("default/slack.tmpl", include_str!("default/slack.tmpl")),
    ("default/telegram.tmpl", include_str!("default/telegram.tmpl")),
    ("default/email_text.tmpl", include_str!("default/email_text.tmpl")),
    ("default/email_html.tmpl", include_str!("default/email_html.tmpl")),
];

static SAMPLES: LazyLock<[Data; 2]> =
    LazyLock::new(|| [Status::Firing, Status::Resolved].map(|status| Data::new(&sample_message(status))));

/// A loaded set of named templates: the defaults, overridden and extended by the user's files. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Templates(Arc<Set>);

impl Templates {
    /// The defaults alone.
    pub fn default_set() -> Self {
        Self::load(&[]).expect("the defaults are compiled by every test")
    }

    /// The defaults and the user's files, each as (name for messages, text). The last definition of a name wins.
    ///
    /// # Errors
    /// Everything that is wrong with the files.
    pub fn load(files: &[(String, String)]) -> Result<Self, Vec<TemplateError>> {
        let mut set = Set::default();
        let mut errors = Vec::new();
        let users = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        for (name, text) in DEFAULTS.into_iter().chain(users) {
            errors.extend(set.add(name, text).err().into_iter().flatten());
        }
        if errors.is_empty() { Ok(Self(Arc::new(set))) } else { Err(errors) }
    }

    /// The names of all templates, ascending.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.names()
    }

    /// Compiles the text of one option; `origin` names it in errors: `receivers[0].slack_configs[0].title`.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn text(&self, origin: &str, source: &str) -> Result<TextTemplate, TemplateError> {
        Ok(TextTemplate(Arc::new(self.0.text(origin, source)?)))
    }

    /// The same for a text that makes HTML: what it prints is escaped for the place it stands at.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn html(&self, origin: &str, source: &str) -> Result<HtmlTemplate, TemplateError> {
        Ok(HtmlTemplate(Arc::new(self.0.html(origin, source)?)))
    }
}

/// A compiled template that makes plain text. Cheap to clone.
#[derive(Clone, Debug)]
pub struct TextTemplate(Arc<Program<gotmpl::Template>>);

/// A compiled template that makes HTML. Cheap to clone.
#[derive(Clone, Debug)]
pub struct HtmlTemplate(Arc<Program<gotmpl::html::Template>>);

impl TextTemplate {
    /// Executes the template.
    ///
    /// # Errors
    /// What the template does that its data cannot do.
    pub fn render(&self, data: &Data) -> Result<String, TemplateError> {
        self.0.render(data)
    }

    /// Executes the template once with a firing and once with a resolved sample message.
    ///
    /// # Errors
    /// The first error.
    pub fn check(&self) -> Result<(), TemplateError> {
        SAMPLES.iter().try_for_each(|sample| self.render(sample).map(drop))
    }
}

impl HtmlTemplate {
    /// Executes the template.
    ///
    /// # Errors
    /// What the template does that its data cannot do.
    pub fn render(&self, data: &Data) -> Result<String, TemplateError> {
        self.0.render(data)
    }

    /// Executes the template once with a firing and once with a resolved sample message.
    ///
    /// # Errors
    /// The first error.
    pub fn check(&self) -> Result<(), TemplateError> {
        SAMPLES.iter().try_for_each(|sample| self.render(sample).map(drop))
    }
}
