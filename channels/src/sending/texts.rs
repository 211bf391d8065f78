//! Renders the texts of a message. A template that fails costs its form, not the page: a plain text takes its place.
//!
//! Deliberately unknown here: what the texts are for.

use std::fmt::Write as _;

use alerts::{
    Status,
    message::Message,
    templates::{Data, HtmlTemplate, TemplateError, TextTemplate},
};

/// The most alerts that the plain text lists.
const MOST_LISTED: usize = 20;

/// Renders the texts of one message and remembers what failed.
pub struct Texts<'a> {
    message: &'a Message,
    /// The message as templates see it.
    pub data: Data,
    failures: Vec<String>,
}

impl<'a> Texts<'a> {
    /// For this message, with its values already escaped.
    pub fn new(message: &'a Message, data: Data) -> Self {
        Self { message, data, failures: Vec::new() }
    }

    /// A title; if its template fails, the plain one.
    pub fn title(&mut self, template: &TextTemplate) -> String {
        let rendered = template.render(&self.data);
        self.or(rendered, plain_title)
    }

    /// A body; if its template fails, the plain one.
    pub fn body(&mut self, template: &TextTemplate) -> String {
        let rendered = template.render(&self.data);
        self.or(rendered, plain_body)
    }

    /// An HTML body; none if its template fails.
    pub fn html(&mut self, template: &HtmlTemplate) -> Option<String> {
        let rendered = template.render(&self.data);
        self.noted(rendered)
    }

    /// A lesser option; none if it is not configured, comes out empty or fails.
    pub fn option(&mut self, template: Option<&TextTemplate>) -> Option<String> {
        let rendered = template?.render(&self.data);
        self.noted(rendered).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// What failed, for the receipt.
    pub fn into_failures(self) -> Vec<String> {
        self.failures
    }

    fn or(&mut self, rendered: Result<String, TemplateError>, plain: fn(&Message) -> String) -> String {
        let message = self.message;
        self.noted(rendered).unwrap_or_else(|| plain(message))
    }

    fn noted(&mut self, rendered: Result<String, TemplateError>) -> Option<String> {
        rendered.map_err(|error| self.failures.push(format!("template failed: {error}"))).ok()
    }
}

/// A message that is shown in two markups: its values are escaped for the one where its texts are, for the other where names,
/// titles and addresses are.
pub struct Both<'a> {
    /// For texts.
    pub marked: Texts<'a>,
    /// For everything else.
    pub neutral: Texts<'a>,
}

impl<'a> Both<'a> {
    /// For these two forms of one message.
    pub fn new(marked: &'a Message, neutral: &'a Message) -> Self {
        Self { marked: Texts::new(marked, Data::new(marked)), neutral: Texts::new(neutral, Data::new(neutral)) }
    }

    /// What failed, for the receipt.
    pub fn into_failures(self) -> Vec<String> {
        [self.marked.into_failures(), self.neutral.into_failures()].concat()
    }
}

/// `[FIRING:2] alertname="Disk" (…)` without any template.
pub fn plain_title(message: &Message) -> String {
    let firing = message.alerts.iter().filter(|alert| alert.status == Status::Firing).count();
    let status = message.status.as_str().to_uppercase();
    let count = if firing > 0 { format!(":{firing}") } else { String::new() };
    format!("[{status}{count}] {}", message.group_labels)
}

/// Each alert in a few lines, without any template.
pub fn plain_body(message: &Message) -> String {
    let mut text = String::new();
    for one in message.alerts.iter().take(MOST_LISTED) {
        let _ = writeln!(text, "{} since {}: {}", one.status.as_str(), one.alert.starts_at, one.alert.labels);
        for (name, value) in one.alert.annotations.iter().filter(|(name, _)| !name.starts_with("__")) {
            let _ = writeln!(text, "  {name}: {value}");
        }
    }
    if message.alerts.len() > MOST_LISTED {
        let _ = writeln!(text, "and {} more alerts", message.alerts.len() - MOST_LISTED);
    }
    text
}
