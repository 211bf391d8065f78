//! A message as Threema's text: what and where, links to pictures, the way to our pages. 3,500 bytes in all.
//!
//! Deliberately unknown here: encryption, requests.

use alerts::{
    Status,
    message::Message,
    picture::Picture,
    ports::{TextLimit, TextUnit},
    templates::{Data, TextTemplate},
};

use crate::sending::{
    fullest::{and_more, fullest},
    texts::{Texts, plain_title},
    truncate::truncate,
    values::{escaped, one_line},
};

/// The longest text.
pub const TEXT: TextLimit = TextLimit { unit: TextUnit::Bytes, max: 3_500 };

/// The longest caption of a picture: its message holds two keys and has 4,000 bytes.
const CAPTION: TextLimit = TextLimit { unit: TextUnit::Bytes, max: 1_000 };

/// The longest title where nothing else fits.
const LAST_TITLE: TextLimit = TextLimit { unit: TextUnit::Bytes, max: 1_000 };

/// The templates of a message.
pub struct ThreemaTexts {
    pub title: TextTemplate,
    pub description: TextTemplate,
}

/// A text, and which templates failed.
pub struct Said {
    pub text: String,
    pub failures: Vec<String>,
}

impl ThreemaTexts {
    /// The text of a message; pictures without bytes are linked in it.
    pub fn of(&self, message: &Message) -> Said {
        let fits = |said: &Said| said.text.len() <= TEXT.max;
        fullest(message, |shown, left_out| self.said(shown, left_out), fits).unwrap_or_else(|| last_resort(message))
    }

    fn said(&self, shown: &Message, left_out: usize) -> Said {
        let clean = escaped(shown, no_mentions);
        let mut texts = Texts::new(&clean, Data::new(&clean).with_truncated_alerts(left_out));
        let title = one_line(&texts.title(&self.title));
        let body = texts.body(&self.description);
        let linked = shown.pictures.iter().filter(|picture| picture.bytes.is_none());
        let mut lines = vec![format!("{} {title}", sign(shown.status)), String::new(), body.trim().to_owned()];
        lines.extend(and_more(left_out));
        lines.extend(linked.filter_map(link));
        lines.extend(more_pictures(shown.pictures_left_out));
        lines.extend(Some(shown.external_url.clone()).filter(|url| !url.is_empty()));
        Said { text: lines.join("\n"), failures: texts.into_failures() }
    }
}

/// Title and address, if a text by itself is longer than a message.
fn last_resort(message: &Message) -> Said {
    let title = no_mentions(&one_line(&plain_title(message)));
    let title = truncate(&title, LAST_TITLE);
    let text = format!("{} {title}\n{}", sign(message.status), message.external_url);
    Said { text, failures: vec!["the text was left out: it does not fit into a message".to_owned()] }
}

/// Links as a text of their own.
pub fn links<'a>(pictures: impl Iterator<Item = &'a Picture>) -> String {
    pictures.filter_map(link).collect::<Vec<_>>().join("\n")
}

/// What stands below a picture.
pub fn caption(picture: &Picture) -> Option<String> {
    let words = [&picture.record.alt, &picture.record.title].map(|text| one_line(text));
    let words = words.into_iter().find(|words| !words.is_empty())?;
    Some(truncate(&no_mentions(&words), CAPTION).into_owned())
}

fn link(picture: &Picture) -> Option<String> {
    let title = one_line(&picture.record.title);
    let title =
        if title.is_empty() { "Picture".to_owned() } else { no_mentions(&truncate(&title, TextLimit::chars(100))) };
    Some(format!("{title}: {}", picture.url.as_ref()?))
}

/// `@[ABCDEFGH]` would call somebody; Threema knows no escapes.
fn no_mentions(text: &str) -> String {
    text.replace("@[", "@ [")
}

const fn sign(status: Status) -> &'static str {
    match status {
        Status::Firing => "\u{26A0}\u{FE0F}",
        Status::Resolved => "\u{2705}",
    }
}

fn more_pictures(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 more picture".to_owned()),
        more => Some(format!("{more} more pictures")),
    }
}
