//! A message as Mattermost shows it: attachments, and a text above them if there are attachments of the user's own.
//!
//! Deliberately unknown here: where it goes, and in which requests. The keys are those of
//! <https://developers.mattermost.com/integrate/webhooks/incoming/#parameters>.

use alerts::{
    picture::Picture,
    ports::{TextLimit, TextUnit},
};
use serde::Serialize;

use crate::{
    attachments::{Attachment, alone, linked},
    sending::{
        markdown,
        truncate::{length, truncate},
    },
};

/// The longest text, in characters: longer ones are split into several posts.
pub const TEXT: usize = 16_383;

/// The longest title, in characters; ours, Mattermost names none.
pub const TITLE: usize = 1_024;

/// What a post says.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Post {
    /// Above the attachments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon_emoji: Option<String>,
    pub attachments: Vec<Attachment>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub props: Option<Card>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<PostPriority>,
}

/// Text for the side bar.
#[derive(Clone, Debug, Serialize)]
pub struct Card {
    pub card: String,
}

/// How urgent it is.
#[derive(Clone, Debug, Serialize)]
pub struct PostPriority {
    pub priority: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub requested_ack: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub persistent_notifications: bool,
}

impl PostPriority {
    /// As Alertmanager corrects it: unknown words are `standard`, which asks nobody; only `urgent` persists.
    pub fn corrected(word: &str, requested_ack: bool, persistent_notifications: bool) -> Self {
        let word = word.trim().to_lowercase();
        let known = ["standard", "important", "urgent"].into_iter().find(|known| *known == word);
        let priority = known.unwrap_or("standard").to_owned();
        Self {
            requested_ack: requested_ack && priority != "standard",
            persistent_notifications: persistent_notifications && priority == "urgent",
            priority,
        }
    }
}

impl Post {
    /// Whether everything is as short as it has to be.
    pub fn fits(&self) -> bool {
        let within = |text: &Option<String>, max| text.as_ref().is_none_or(|text| length(text, TextUnit::Chars) <= max);
        within(&self.text, TEXT)
            && self.props.as_ref().is_none_or(|props| length(&props.card, TextUnit::Chars) <= TEXT)
            && self.attachments.iter().all(|one| {
                [&one.text, &one.pretext, &one.footer, &one.author_name].into_iter().all(|text| within(text, TEXT))
                    && [&one.title, &one.fallback].into_iter().all(|text| within(text, TITLE))
                    && one.fields.iter().all(|field| length(&field.value, TextUnit::Chars) <= TEXT)
            })
    }

    /// Everything cut to where it fits, wherever that is: the templates themselves are too long.
    pub fn cut(mut self) -> Self {
        let cut = |text: &mut Option<String>, max| {
            if let Some(text) = text {
                *text = truncate(text, TextLimit::chars(max)).into_owned();
            }
        };
        cut(&mut self.text, TEXT);
        for one in &mut self.attachments {
            [&mut one.text, &mut one.pretext, &mut one.footer, &mut one.author_name]
                .into_iter()
                .for_each(|text| cut(text, TEXT));
            [&mut one.title, &mut one.fallback].into_iter().for_each(|text| cut(text, TITLE));
            for field in &mut one.fields {
                field.value = truncate(&field.value, TextLimit::chars(TEXT)).into_owned();
            }
        }
        if let Some(props) = &mut self.props {
            props.card = truncate(&props.card, TextLimit::chars(TEXT)).into_owned();
        }
        self
    }

    /// A line below the text.
    pub fn add_line(&mut self, line: &str, own: bool) {
        let place = match self.attachments.first_mut() {
            Some(main) if !own => &mut main.text,
            _ => &mut self.text,
        };
        let before = place.take().unwrap_or_default();
        let before = before.trim_end();
        *place = Some(if before.is_empty() { line.to_owned() } else { format!("{before}\n{line}") });
    }

    /// Shows linked pictures: the first in the attachment, if it is ours and has no image yet, the others below.
    pub fn show(&mut self, pictures: &[Picture], own: bool) {
        let mut pictures = linked(pictures).peekable();
        let color = self.attachments.first().and_then(|main| main.color.clone());
        if let Some(main) = self.attachments.first_mut().filter(|main| !own && main.image_url.is_none()) {
            main.image_url = pictures.next().map(|(_, url)| url);
        }
        let words = |text: &str| truncate(&markdown::neutral(text), TextLimit::chars(TITLE)).into_owned();
        self.attachments.extend(pictures.map(|(picture, url)| alone(picture, url, color.clone(), words)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priorities_are_corrected() {
        let check = |word, ack, persistent, expected: (&str, bool, bool)| {
            let found = PostPriority::corrected(word, ack, persistent);
            assert_eq!((found.priority.as_str(), found.requested_ack, found.persistent_notifications), expected);
        };
        check("Urgent", true, true, ("urgent", true, true));
        check("important", true, true, ("important", true, false));
        check("standard", true, true, ("standard", false, false));
        check("high", true, true, ("standard", false, false));
    }
}
