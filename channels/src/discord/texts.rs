//! The texts of a message: rendered from the configuration's templates, at the length that Discord takes.
//!
//! Deliberately unknown here: embeds, requests, pictures that are shown.

use alerts::{
    message::Message,
    picture::Picture,
    ports::{SendError, SendErrorKind},
    templates::{Data, TextTemplate},
};
use url::Url;

use super::{
    config::Config,
    look::{CONTENT, Card, DESCRIPTION, Head, TITLE, colour, is_address},
    markdown::{self, cut},
};
use crate::{
    builder::Builder,
    sending::{
        fullest::{and_more, fullest},
        texts::{Texts, plain_title},
        truncate::prefix,
        values::{escaped, one_line},
    },
};

/// Room for the lines below the text: alerts and pictures that are not shown, pictures that are linked.
const NOTES: usize = 1_024;

/// The longest name of a thread, and of whoever posts (<https://discord.com/developers/docs/resources/channel#channel-object>).
const THREAD_NAME: usize = 100;
const USERNAME: usize = 80;

/// Discord takes no name with these in it (<https://discord.com/developers/docs/resources/user#usernames-and-nicknames>).
const NOT_IN_NAMES: [&str; 2] = ["discord", "clyde"];

/// The templates.
pub struct DiscordTexts {
    content: TextTemplate,
    title: TextTemplate,
    title_link: TextTemplate,
    message: TextTemplate,
    username: Option<TextTemplate>,
    avatar_url: Option<TextTemplate>,
    thread_id: Option<TextTemplate>,
    thread_name: Option<TextTemplate>,
}

/// The texts of one message.
#[derive(Debug, Default)]
pub struct Rendered {
    pub head: Head,
    pub card: Card,
    pub thread_id: Option<String>,
    /// What failed.
    pub failures: Vec<String>,
}

impl DiscordTexts {
    /// Compiles them.
    pub fn new(config: &Config, builder: &mut Builder<'_>) -> Option<Self> {
        let name = config.username.as_deref().filter(|name| !name.contains("{{")).map(str::to_lowercase);
        let name = name.unwrap_or_default();
        if let Some(word) = NOT_IN_NAMES.iter().find(|word| name.contains(**word)) {
            builder.problem("username", format!("must not contain \"{word}\": Discord refuses it"));
        }
        let content = builder.text("content", &config.content);
        let title = builder.text("title", &config.title);
        let title_link = builder.text("title_link", &config.title_link);
        let message = builder.text("message", &config.message);
        let username = builder.optional_text("username", config.username.as_deref());
        let avatar_url = builder.optional_text("avatar_url", config.avatar_url.as_deref());
        let thread_id = builder.optional_text("thread_id", config.thread_id.as_deref());
        let thread_name = builder.optional_text("thread_name", config.thread_name.as_deref());
        Some(Self {
            content: content?,
            title: title?,
            title_link: title_link?,
            message: message?,
            username,
            avatar_url,
            thread_id,
            thread_name,
        })
    }

    /// Whether messages begin threads of their own.
    pub const fn begins_threads(&self) -> bool {
        self.thread_name.is_some()
    }

    /// Renders everything. `unshown` are pictures that only a line can lead to.
    ///
    /// # Errors
    /// When there is no telling into which thread it goes.
    pub fn rendered(&self, message: &Message, unshown: &[&Picture]) -> Result<Rendered, SendError> {
        let mut rendered = Rendered::default();
        self.plain_parts(message, &mut rendered)?;
        rendered.head.content = self.content(message, &mut rendered.failures);
        rendered.head.mentions = markdown::mentions(&rendered.head.content);
        rendered.card = self.card(message, unshown, &mut rendered);
        let card = &mut rendered.card;
        if card.title.is_none() && card.description.is_none() && rendered.head.content.is_empty() {
            card.description = Some(cut(&markdown::escape(&one_line(&plain_title(message))), DESCRIPTION));
        }
        rendered.failures.sort();
        rendered.failures.dedup();
        Ok(rendered)
    }

    /// What is no markup.
    fn plain_parts(&self, message: &Message, rendered: &mut Rendered) -> Result<(), SendError> {
        let plain = escaped(message, str::to_owned);
        let mut texts = Texts::new(&plain, Data::new(&plain));
        let name = |text: String, max: usize| {
            let text = one_line(&text);
            Some(prefix(&text, alerts::ports::TextUnit::Chars, max).trim().to_owned()).filter(|text| !text.is_empty())
        };
        let head = &mut rendered.head;
        head.username = texts.option(self.username.as_ref()).and_then(|text| name(text, USERNAME));
        head.avatar_url = texts.option(self.avatar_url.as_ref());
        head.thread_name = texts.option(self.thread_name.as_ref()).and_then(|text| name(text, THREAD_NAME));
        if head.thread_name.is_none() && self.thread_name.is_some() {
            head.thread_name = name(plain_title(&plain), THREAD_NAME);
        }
        let link = texts.option(Some(&self.title_link));
        rendered.card.address = link.filter(|link| is_address(link));
        rendered.thread_id = texts.option(self.thread_id.as_ref());
        rendered.failures = texts.into_failures();
        if head.username.as_ref().is_some_and(|name| !is_taken_as_a_name(name)) {
            rendered.failures.push("Discord does not take this username".to_owned());
            head.username = None;
        }
        if head.avatar_url.as_ref().is_some_and(|url| !is_address(url)) {
            rendered.failures.push("avatar_url is not an address that Discord takes".to_owned());
            head.avatar_url = None;
        }
        match &rendered.thread_id {
            Some(id) if !is_id(id) => {
                Err(SendError::new(SendErrorKind::Unauthorised, format!("thread_id is not a number: {id}")))
            }
            None if self.thread_id.is_some() => {
                let why = rendered.failures.first().cloned().unwrap_or_else(|| "it comes out empty".to_owned());
                Err(SendError::new(SendErrorKind::Unauthorised, format!("thread_id: {why}")))
            }
            _ => Ok(()),
        }
    }

    fn content(&self, message: &Message, failures: &mut Vec<String>) -> String {
        let render = |message: &Message, _| {
            let clean = escaped(message, markdown::escape_in_content);
            let mut texts = Texts::new(&clean, Data::new(&clean));
            (texts.option(Some(&self.content)).unwrap_or_default(), texts.into_failures())
        };
        let fitting = fullest(message, render, |(text, _)| text.chars().count() <= CONTENT);
        let (text, failed) = fitting.unwrap_or_else(|| render(message, 0));
        failures.extend(failed);
        cut(&text, CONTENT)
    }

    fn card(&self, message: &Message, unshown: &[&Picture], rendered: &mut Rendered) -> Card {
        let (title, failed) = marked(message, |texts| texts.title(&self.title));
        let title = cut(&one_line(&title), TITLE);
        rendered.failures.extend(failed);
        let notes = notes(message, unshown);
        let render = |message: &Message, left_out: usize| {
            let (text, failed) = marked(message, |texts| texts.body(&self.message));
            let lines: Vec<String> = and_more(left_out).into_iter().chain(notes.iter().cloned()).collect();
            (joined(&text, &lines), failed)
        };
        let fitting = fullest(message, render, |(text, _)| text.chars().count() <= DESCRIPTION);
        let (text, failed) = fitting.unwrap_or_else(|| {
            let first = message.alerts.iter().take(1).cloned().collect();
            let (text, failed) = render(&Message { alerts: first, ..message.clone() }, 0);
            let text = text.strip_suffix(&notes.join("\n")).unwrap_or(&text).to_owned();
            (joined(&cut(&text, DESCRIPTION - NOTES - 2), &notes), failed)
        });
        rendered.failures.extend(failed);
        Card {
            title: (!title.is_empty()).then_some(title),
            address: rendered.card.address.take(),
            description: (!text.is_empty()).then_some(text),
            colour: colour(message.status),
        }
    }
}

/// A text of a template, with values escaped; the plain text that takes the place of one that fails is escaped as a whole.
fn marked(message: &Message, render: impl Fn(&mut Texts<'_>) -> String) -> (String, Vec<String>) {
    let plain = escaped(message, str::to_owned);
    let mut texts = Texts::new(&plain, Data::new(&escaped(message, markdown::escape)));
    let text = render(&mut texts);
    let failed = texts.into_failures();
    (if failed.is_empty() { text } else { markdown::escape(&text) }, failed)
}

fn joined(text: &str, lines: &[String]) -> String {
    format!("{}\n\n{}", text.trim(), lines.join("\n")).trim().to_owned()
}

/// Lines about pictures that the message does not show; together at most [`NOTES`] characters.
fn notes(message: &Message, unshown: &[&Picture]) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    let mut left_out = message.pictures_left_out;
    for picture in unshown {
        let title = markdown::escape(&one_line(&picture.record.title));
        let title = if title.is_empty() { "picture" } else { &title };
        let line = picture.url.as_deref().map(|url| format!("[{title}]({})", markdown::escape(url)));
        let used: usize = notes.iter().map(|note| note.chars().count() + 1).sum();
        match line.filter(|line| used + line.chars().count() < NOTES - 200) {
            Some(line) => notes.push(line),
            None => left_out += 1,
        }
    }
    let words = match left_out {
        0 => return notes,
        1 => "1 more picture".to_owned(),
        more => format!("{more} more pictures"),
    };
    let place = Url::parse(&message.external_url).ok().filter(|url| url.as_str().len() < 150);
    notes.push(place.map_or_else(|| words.clone(), |url| format!("[{words}]({})", markdown::escape(url.as_str()))));
    notes
}

/// Whether Discord takes a name for whoever posts.
fn is_taken_as_a_name(name: &str) -> bool {
    let name = name.to_lowercase();
    !NOT_IN_NAMES.iter().any(|word| name.contains(word))
}

/// Whether a text is one of Discord's numbers.
pub fn is_id(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}
