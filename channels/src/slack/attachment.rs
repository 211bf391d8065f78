//! A message as Alertmanager sends it to Slack: one attachment with title, text, fields and buttons, linked pictures in it and
//! below. All that incoming webhooks take, and what a bot posts when the configuration uses what blocks do not have.
//!
//! Deliberately unknown here: where it goes. The keys are those of <https://docs.slack.dev/legacy/legacy-messaging>.

use alerts::picture::Picture;
use serde::Serialize;
use serde_json::json;

use super::{
    content::{Parts, TEXT, TITLE, left_out},
    mrkdwn,
};
use crate::attachments::{Attachment, Field, alone, described, link, linked};

/// The longest value of a field, in characters; Slack shows no more of it.
const FIELD: usize = 2_000;

/// The texts in which Slack's markup counts, if the configuration names none.
const MARKUP_IN: [&str; 3] = ["fallback", "pretext", "text"];

/// What only attachments have, rendered.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    pub message_text: Option<String>,
    pub footer: Option<String>,
    pub callback_id: Option<String>,
    pub image_url: Option<String>,
    pub thumb_url: Option<String>,
    pub fields: Vec<Field>,
    pub actions: Vec<Button>,
    pub mrkdwn_in: Vec<String>,
}

/// A button.
#[derive(Clone, Debug, Serialize)]
pub struct Button {
    #[serde(rename = "type")]
    pub kind: String,
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub style: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm: Option<Confirmation>,
}

/// What is asked before a button counts.
#[derive(Clone, Debug, Serialize)]
pub struct Confirmation {
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ok_text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dismiss_text: Option<String>,
}

impl Extras {
    /// Whether the message needs this form: blocks have none of this.
    pub fn is_needed(&self) -> bool {
        let texts = [&self.message_text, &self.footer, &self.callback_id, &self.image_url, &self.thumb_url];
        texts.into_iter().any(Option::is_some)
            || !self.fields.is_empty()
            || !self.actions.is_empty()
            || !self.mrkdwn_in.is_empty()
    }
}

/// The attachments of a message: the text with the first picture, then the other pictures.
pub fn attachments(parts: &Parts, extras: &Extras, pictures: &[Picture]) -> Vec<Attachment> {
    let mut pictures = linked(pictures);
    // an image of the user's own keeps its place
    let (image_url, first) = match extras.image_url.as_deref().and_then(link) {
        Some(own) => (Some(own), None),
        None => pictures.next().map_or((None, None), |(picture, url)| (Some(url), Some(picture))),
    };
    let text = [Some(parts.text.clone()), left_out(parts)].into_iter().flatten().filter(|text| !text.trim().is_empty());
    let text = mrkdwn::truncate(text.collect::<Vec<_>>().join("\n").trim(), TEXT);
    let fallback = parts.fallback.clone().unwrap_or_else(|| parts.title.clone());
    let fallback = first.map_or(fallback.clone(), |picture| described(fallback, picture, mrkdwn::escape));
    let names =
        if extras.mrkdwn_in.is_empty() { MARKUP_IN.map(str::to_owned).to_vec() } else { extras.mrkdwn_in.clone() };
    let main = Attachment {
        pretext: parts.pretext.clone(),
        title: Some(mrkdwn::truncate(&parts.title, TITLE)).filter(|title| !title.is_empty()),
        title_link: parts.title_link.as_deref().and_then(link),
        text: Some(text).filter(|text| !text.is_empty()),
        fallback: Some(mrkdwn::truncate(&fallback, TITLE)),
        fields: extras.fields.iter().map(fitting).collect(),
        actions: extras.actions.iter().map(|action| json!(action)).collect(),
        callback_id: extras.callback_id.clone(),
        image_url,
        thumb_url: extras.thumb_url.as_deref().and_then(link),
        footer: extras.footer.clone(),
        color: parts.color.clone(),
        mrkdwn_in: names,
        ..Attachment::default()
    };
    let words = |text: &str| mrkdwn::truncate(&mrkdwn::escape(text), TITLE);
    std::iter::once(main)
        .chain(pictures.map(|(picture, url)| alone(picture, url, parts.color.clone(), words)))
        .collect()
}

fn fitting(field: &Field) -> Field {
    Field { title: field.title.clone(), value: mrkdwn::truncate(&field.value, FIELD), short: field.short }
}
