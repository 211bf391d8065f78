//! The parts of an adaptive card that are used here, version 1.4 (<https://adaptivecards.io/explorer>), and Teams's envelope.
//!
//! Deliberately unknown here: alerts.

use serde::Serialize;

/// What a flow takes.
#[derive(Debug, Serialize)]
pub struct Envelope {
    #[serde(rename = "type")]
    kind: &'static str,
    /// What the notification says where cards are not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    attachments: [Attachment; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Attachment {
    content_type: &'static str,
    /// Teams wants it to be there.
    content_url: (),
    content: Card,
}

/// A card.
#[derive(Debug, Serialize)]
pub struct Card {
    #[serde(rename = "$schema")]
    schema: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    version: &'static str,
    /// As wide as the channel.
    msteams: Width,
    body: Vec<Element>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    actions: Vec<Action>,
}

#[derive(Debug, Serialize)]
struct Width {
    width: &'static str,
}

/// A part of a card.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
pub enum Element {
    TextBlock(Text),
    FactSet { facts: Vec<Fact> },
    Container { style: Tone, items: Vec<Element> },
    Image(Image),
    ImageSet { image_size: &'static str, images: Vec<Element> },
    ActionSet { actions: Vec<Action> },
}

/// A text in Markdown.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Text {
    pub text: String,
    pub wrap: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<Tone>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_subtle: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spacing: Option<&'static str>,
}

/// A name and its value, both Markdown.
#[derive(Debug, Serialize)]
pub struct Fact {
    pub title: String,
    pub value: String,
}

/// A picture.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    pub url: String,
    pub alt_text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<&'static str>,
    pub msteams: Expand,
}

/// Whether a click shows the picture in full.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Expand {
    pub allow_expand: bool,
}

/// A button that leads somewhere.
#[derive(Debug, Serialize)]
pub struct Action {
    #[serde(rename = "type")]
    kind: &'static str,
    title: String,
    url: String,
}

/// How serious it is; the words are those of texts' colours and of containers' styles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    Attention,
    Warning,
    Accent,
    Good,
}

impl Envelope {
    pub fn new(summary: Option<String>, content: Card) -> Self {
        let content_type = "application/vnd.microsoft.card.adaptive";
        Self { kind: "message", summary, attachments: [Attachment { content_type, content_url: (), content }] }
    }
}

impl Card {
    pub fn new(body: Vec<Element>, actions: Vec<Action>) -> Self {
        Self {
            schema: "http://adaptivecards.io/schemas/adaptive-card.json",
            kind: "AdaptiveCard",
            version: "1.4",
            msteams: Width { width: "Full" },
            body,
            actions,
        }
    }
}

impl Action {
    pub fn open(title: impl Into<String>, url: String) -> Self {
        Self { kind: "Action.OpenUrl", title: title.into(), url }
    }
}

impl Text {
    pub fn new(text: String) -> Self {
        Self { text, wrap: true, ..Self::default() }
    }
}
