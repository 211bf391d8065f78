//! A message as a card: the title, the text, each picture in a section of its own, a button that leads to the alerts.
//!
//! An empty text or an address that is not absolute makes Google Chat refuse the message, or show an empty one
//! (<https://github.com/grafana/grafana/issues/47305>): neither is ever written.
//!
//! Deliberately unknown here: templates, requests, where pictures come from.

use alerts::{picture::Picture, ports::TextLimit};
use serde_json::{Value, json};
use url::Url;

use crate::sending::{truncate::truncate, values::one_line};

/// The largest message in bytes, its cards included
/// (<https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages/create>), with some room to it.
pub const MESSAGE: usize = 31_000;

/// The longest title, by our own choice: a card's head has one line.
pub const TITLE: usize = 250;

/// The longest texts of a picture, by our own choice.
const PICTURE_TITLE: TextLimit = TextLimit::chars(150);
const ALT: TextLimit = TextLimit::chars(500);

/// The most pictures of a message, by our own choice: Google shows 100 widgets of a card.
pub const PICTURES: usize = 20;

/// How much of a message pictures may take, and lines that lead to pictures, in bytes: addresses that a store has signed are long.
const PICTURE_ROOM: usize = 20_000;
const LINE_ROOM: usize = 4_000;

/// The longest address.
const ADDRESS: usize = 2_048;

/// The parts of a card.
#[derive(Debug, Default)]
pub struct Card<'a> {
    /// Plain text.
    pub title: &'a str,
    /// Simple HTML.
    pub text: &'a str,
    /// Where the button leads.
    pub button: Option<&'a Url>,
}

/// The simple HTML that cards know, as text.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// What becomes of pictures.
#[derive(Debug, Default)]
pub struct Arranged {
    /// Sections that show them.
    pub sections: Vec<Value>,
    /// Lines that lead to those that cannot be shown.
    pub lines: Vec<String>,
    /// How many there is no room for.
    pub missing: usize,
}

/// Shows pictures as long as there is room, the most important first.
pub fn arranged(pictures: &[Picture]) -> Arranged {
    let mut arranged = Arranged::default();
    let (mut room, mut line_room) = (PICTURE_ROOM, LINE_ROOM);
    for one in pictures {
        let section = section(one).map(|section| (section.to_string().len(), section));
        let line = line(one).map(|line| (line.len() * 2, line));
        match (section.filter(|(size, _)| *size <= room), line.filter(|(size, _)| *size <= line_room)) {
            (Some((size, section)), _) => {
                room -= size;
                arranged.sections.push(section);
            }
            (None, Some((size, line))) => {
                line_room -= size;
                arranged.lines.push(line);
            }
            (None, None) => arranged.missing += 1,
        }
    }
    arranged
}

/// The message.
pub fn message(card: &Card<'_>, pictures: &[Value]) -> Value {
    let mut sections: Vec<Value> = Vec::new();
    if !card.text.trim().is_empty() {
        sections.push(json!({"widgets": [{"textParagraph": {"text": card.text.trim()}}]}));
    }
    sections.extend(pictures.iter().cloned());
    sections.extend(card.button.map(|url| {
        json!({"widgets": [{"buttonList": {"buttons": [
            {"text": "Open in wirephoto", "onClick": {"openLink": {"url": url.as_str()}}},
        ]}}]})
    }));
    if sections.is_empty() {
        sections.push(json!({"widgets": [{"textParagraph": {"text": escape(card.title)}}]}));
    }
    json!({
        "fallbackText": card.title,
        "cardsV2": [{"cardId": "wirephoto", "card": {"header": {"title": card.title}, "sections": sections}}],
    })
}

/// Google fetches pictures, over HTTPS only.
fn section(picture: &Picture) -> Option<Value> {
    let url = picture.url.as_deref().filter(|text| text.len() <= ADDRESS)?;
    Url::parse(url).ok().filter(|url| url.scheme() == "https" && url.has_host())?;
    let alt = truncate(&one_line(&picture.record.alt), ALT).into_owned();
    let mut image = json!({"imageUrl": url, "onClick": {"openLink": {"url": url}}});
    if !alt.is_empty() {
        image["altText"] = json!(alt);
    }
    let mut section = json!({"widgets": [{"image": image}]});
    let title = title(picture);
    if !title.is_empty() {
        section["header"] = json!(escape(&title));
    }
    Some(section)
}

fn line(picture: &Picture) -> Option<String> {
    let url = Url::parse(picture.url.as_deref()?).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let title = Some(title(picture)).filter(|title| !title.is_empty()).unwrap_or_else(|| "Picture".to_owned());
    (url.as_str().len() <= ADDRESS).then(|| format!("<a href=\"{}\">{}</a>", escape(url.as_str()), escape(&title)))
}

/// What a card with nothing but pictures is called.
pub fn titles(pictures: &[Picture]) -> String {
    let titles: Vec<String> = pictures.iter().map(title).filter(|title| !title.is_empty()).collect();
    let all = if titles.is_empty() { "Pictures".to_owned() } else { titles.join(", ") };
    truncate(&all, TextLimit::chars(TITLE)).into_owned()
}

fn title(picture: &Picture) -> String {
    truncate(&one_line(&picture.record.title), PICTURE_TITLE).into_owned()
}

/// How many pictures are not there, and where all of them can be seen.
pub fn left_out(count: usize, external_url: &str) -> Option<String> {
    let words = match count {
        0 => return None,
        1 => "1 more picture".to_owned(),
        more => format!("{more} more pictures"),
    };
    let url = Url::parse(external_url).ok().filter(|url| url.as_str().len() <= ADDRESS);
    Some(url.map_or_else(|| words.clone(), |url| format!("<a href=\"{}\">{words}</a>", escape(url.as_str()))))
}
