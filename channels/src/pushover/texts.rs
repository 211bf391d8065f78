//! The fields of a push message that are made of templates, each within its limit (<https://pushover.net/api#limits>).
//!
//! Deliberately unknown here: keys, requests, pictures.

use alerts::{
    message::Message,
    ports::TextLimit,
    templates::{Data, HtmlTemplate, TextTemplate},
};

use super::EMERGENCY;
use crate::sending::{
    fullest::{and_more, fullest},
    texts::Texts,
    truncate::truncate,
    values::{escaped, one_line},
};

pub const TITLE: TextLimit = TextLimit::chars(250);
pub const TEXT: TextLimit = TextLimit::chars(1_024);
const URL: usize = 512;
const URL_TITLE: TextLimit = TextLimit::chars(100);

/// Pushover refuses an empty message.
const NOTHING: &str = "(no details)";

/// All templates of a message.
pub struct PushTexts {
    pub title: TextTemplate,
    pub message: TextTemplate,
    /// The message in the few tags that Pushover knows; without it, plain text.
    pub html: Option<HtmlTemplate>,
    pub monospace: bool,
    pub url: TextTemplate,
    pub url_title: Option<TextTemplate>,
    pub priority: TextTemplate,
    pub sound: Option<TextTemplate>,
    pub device: Option<TextTemplate>,
}

/// What comes out of them.
pub struct Said {
    pub fields: Vec<(&'static str, String)>,
    pub priority: i8,
    pub failures: Vec<String>,
}

struct Body {
    text: String,
    html: bool,
    failures: Vec<String>,
}

impl PushTexts {
    /// The fields for a message.
    pub fn of(&self, message: &Message) -> Said {
        let fits = |body: &Body| body.text.chars().count() <= TEXT.max;
        let body = fullest(message, |shown, left_out| self.body(shown, left_out), fits);
        let body = body.unwrap_or_else(|| self.cut(message));
        let clean = escaped(message, str::to_owned);
        let mut texts = Texts::new(&clean, Data::new(&clean));
        let title = truncate(&one_line(&texts.title(&self.title)), TITLE).into_owned();
        let mut fields = vec![("title", title), ("message", body.text)];
        fields.extend(body.html.then(|| ("html", "1".to_owned())));
        fields.extend(self.monospace.then(|| ("monospace", "1".to_owned())));
        fields.extend(self.link(&mut texts, &message.external_url));
        let mut failures = body.failures;
        let priority = texts.option(Some(&self.priority)).unwrap_or_default();
        let priority = priority_of(&priority).unwrap_or_else(|| {
            failures.push("priority: comes out as no number from -2 to 2: sent with 0".to_owned());
            0
        });
        fields.push(("priority", priority.to_string()));
        fields.extend(texts.option(self.sound.as_ref()).map(|sound| ("sound", one_line(&sound))));
        fields.extend(texts.option(self.device.as_ref()).map(|device| ("device", one_line(&device))));
        fields.retain(|(_, value)| !value.is_empty());
        failures.extend(texts.into_failures());
        Said { fields, priority, failures }
    }

    fn body(&self, shown: &Message, left_out: usize) -> Body {
        let clean = escaped(shown, str::to_owned);
        let mut texts = Texts::new(&clean, Data::new(&clean).with_truncated_alerts(left_out));
        let html = self.html.as_ref().and_then(|template| texts.html(template));
        let is_html = html.is_some();
        let mut text = html.unwrap_or_else(|| texts.body(&self.message)).trim().to_owned();
        if text.is_empty() {
            text = NOTHING.to_owned();
        }
        for more in and_more(left_out).into_iter().chain(more_pictures(shown.pictures_left_out)) {
            text += &format!("\n{more}");
        }
        Body { text, html: is_html, failures: texts.into_failures() }
    }

    /// A text that is too long whatever is left out: as plain text it can be cut.
    fn cut(&self, message: &Message) -> Body {
        let clean = escaped(message, str::to_owned);
        let mut texts = Texts::new(&clean, Data::new(&clean));
        let text = texts.body(&self.message);
        let text = truncate(text.trim(), TEXT).into_owned();
        Body { text, html: false, failures: texts.into_failures() }
    }

    /// A link that is cut leads nowhere: in place of one that is too long, the way to our pages.
    fn link(&self, texts: &mut Texts<'_>, external_url: &str) -> Vec<(&'static str, String)> {
        let url = texts.option(Some(&self.url)).unwrap_or_default();
        let url = if url.chars().count() > URL { external_url.to_owned() } else { url };
        if url.is_empty() {
            return Vec::new();
        }
        let title =
            texts.option(self.url_title.as_ref()).map(|title| truncate(&one_line(&title), URL_TITLE).into_owned());
        [("url", url)].into_iter().chain(title.map(|title| ("url_title", title))).collect()
    }
}

/// Nothing is the normal priority.
fn priority_of(text: &str) -> Option<i8> {
    if text.is_empty() { Some(0) } else { text.parse().ok().filter(|priority| (-2..=EMERGENCY).contains(priority)) }
}

fn more_pictures(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 more picture".to_owned()),
        more => Some(format!("{more} more pictures")),
    }
}
