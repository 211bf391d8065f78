//! What is shown of each alert: said by the shared templates, so that who redefines `__alert_title` or `__alert_time` is heard.
//!
//! Deliberately unknown here: cards, markup.

use alerts::{
    message::Message,
    templates::{Data, TextTemplate},
};

use crate::{builder::Builder, sending::values::escaped};

/// Ends a field and an alert. Values cannot hold them: control characters are taken out before templates see them.
const FIELD: char = '\u{1F}';
const ALERT: char = '\u{1E}';

const SOURCE: &str = "{{ range .Alerts }}{{ template \"__alert_title\" . }}\u{1F}{{ .Annotations.description }}\u{1F}\
    {{ template \"__alert_time\" . }}\u{1F}{{ .Annotations.runbook_url }}\u{1F}{{ or .PanelURL .DashboardURL }}\u{1F}\
    {{ .GeneratorURL }}\u{1F}{{ .SilenceURL }}\u{1E}{{ end }}";

/// The compiled template.
pub struct Entries(TextTemplate);

/// An alert as plain text; what is not there is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    pub title: String,
    pub description: String,
    pub time: String,
    pub runbook: String,
    pub dashboard: String,
    pub source: String,
    pub silence: String,
}

impl Entries {
    pub fn new(builder: &mut Builder<'_>) -> Option<Self> {
        builder.text("text", SOURCE).map(Self)
    }

    /// One entry for each alert, in order.
    pub fn of(&self, message: &Message) -> Result<Vec<Entry>, String> {
        let plain = escaped(message, str::to_owned);
        let text = self.0.render(&Data::new(&plain)).map_err(|why| format!("template failed: {why}"))?;
        Ok(text.split_terminator(ALERT).map(entry).collect())
    }
}

fn entry(text: &str) -> Entry {
    let mut fields = text.split(FIELD).map(|field| field.trim().to_owned());
    let mut next = || fields.next().unwrap_or_default();
    Entry {
        title: next(),
        description: next(),
        time: next(),
        runbook: next(),
        dashboard: next(),
        source: next(),
        silence: next(),
    }
}
