//! What Slack, Mattermost and Rocket.Chat have in common: attachments, a form that Slack began and the others took over.
//!
//! Deliberately unknown here: markup, lengths, requests: they differ.

use alerts::{picture::Picture, templates::TextTemplate};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use crate::{
    builder::Builder,
    sending::{texts::Texts, values::one_line},
};

/// A pair below the text, as it is configured.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FieldConfig {
    /// Its name.
    pub title: String,
    /// Its value.
    pub value: String,
    /// Whether it stands beside others.
    pub short: Option<bool>,
}

/// The same, compiled.
pub(crate) struct FieldTexts {
    pub(crate) title: TextTemplate,
    pub(crate) value: TextTemplate,
    pub(crate) short: Option<bool>,
}

/// The same, rendered.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Field {
    pub(crate) title: String,
    pub(crate) value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) short: Option<bool>,
}

/// One attachment. What a vendor does not have stays empty.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Attachment {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pretext: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) author_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) author_link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) author_icon: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title_link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fallback: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) fields: Vec<Field>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) actions: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) callback_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) image_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) thumb_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) footer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) footer_icon: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) color: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) mrkdwn_in: Vec<String>,
}

/// Compiles fields; `at` is their key, `short` what counts if they do not say whether they are.
pub(crate) fn fields(
    configs: &[FieldConfig],
    at: &str,
    short: Option<bool>,
    builder: &mut Builder<'_>,
) -> Vec<FieldTexts> {
    let mut all = Vec::new();
    for (index, field) in configs.iter().enumerate() {
        let mut needed = |key: &str, text: &str| {
            let key = format!("{at}[{index}].{key}");
            if text.is_empty() {
                builder.problem(&key, "is missing");
                return None;
            }
            builder.text(&key, text)
        };
        if let (Some(title), Some(value)) = (needed("title", &field.title), needed("value", &field.value)) {
            all.push(FieldTexts { title, value, short: field.short.or(short) });
        }
    }
    all
}

impl FieldTexts {
    /// The field, all of it in the same markup.
    pub(crate) fn rendered(&self, texts: &mut Texts<'_>) -> Field {
        let title = texts.option(Some(&self.title)).unwrap_or_default();
        Field { title, value: texts.option(Some(&self.value)).unwrap_or_default(), short: self.short }
    }
}

/// A picture as an attachment of its own; `words` writes its title and description in the vendor's markup.
pub(crate) fn alone(
    picture: &Picture,
    url: String,
    color: Option<String>,
    words: impl Fn(&str) -> String,
) -> Attachment {
    let title = words(&one_line(&picture.record.title));
    let fallback = described(title.clone(), picture, words);
    Attachment {
        title: Some(title).filter(|title| !title.is_empty()),
        title_link: Some(url.clone()),
        fallback: Some(fallback).filter(|fallback| !fallback.is_empty()),
        image_url: Some(url),
        color,
        ..Attachment::default()
    }
}

/// The words for those who do not see the picture, behind others.
pub(crate) fn described(before: String, picture: &Picture, words: impl Fn(&str) -> String) -> String {
    let alt = words(&one_line(&picture.record.alt));
    if alt.is_empty() { before } else { format!("{before}: {alt}") }
}

/// The pictures that can be shown by a link, each with it.
pub(crate) fn linked(pictures: &[Picture]) -> impl Iterator<Item = (&Picture, String)> {
    let links = pictures.iter().filter(|picture| picture.bytes.is_none());
    links.filter_map(|picture| Some((picture, link(picture.url.as_deref()?)?)))
}

/// An address that a browser may be led to.
pub(crate) fn link(text: &str) -> Option<String> {
    Url::parse(text.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https")).map(String::from)
}

/// The words for pictures that are not shown: `3 more pictures`.
pub(crate) fn more_pictures(count: usize) -> Option<String> {
    match count {
        0 => None,
        1 => Some("1 more picture".to_owned()),
        more => Some(format!("{more} more pictures")),
    }
}
