//! Microsoft Teams, through a flow ("When a Teams webhook request is received"): one adaptive card.
//!
//! A flow takes at most about 28 KB, answers 202 before Teams has seen the card, and loses silently what is too large: the whole
//! message is measured here. It takes no files, so pictures are linked, or stand as one small JPEG inside of the card. Nothing
//! that is out can be changed.
//!
//! Deliberately unknown here: how the card looks (`layout.rs`), what an answer means (`answer.rs`).

pub(crate) mod answer;
mod card;
mod config;
mod entries;
pub(crate) mod hook;
mod layout;
pub(crate) mod markdown;

use alerts::{
    message::{Message, Receipt},
    ports::{Channel, Limits, SendError, SendErrorKind},
    templates::{Data, TextTemplate},
};
use async_trait::async_trait;
use card::Envelope;
pub use config::Config;
pub(crate) use config::TIMEOUT;
use entries::Entries;
use hook::Hook;
use layout::Parts;

use crate::sending::{
    fullest::fullest,
    texts::{Texts, plain_title},
    truncate::truncate,
    values::{escaped, one_line},
};

/// The largest message, with everything in it. Teams takes about 28 KB; 21 to 25 KB have been seen to fail
/// (channels-chat.md 3.7).
pub(crate) const MOST_BYTES: usize = 24 * 1024;

/// The longest title where nothing else fits.
const LAST_TITLE: alerts::ports::TextLimit = alerts::ports::TextLimit::chars(500);

struct Teams {
    limits: Limits,
    hook: Hook,
    title: TextTemplate,
    text: TextTemplate,
    summary: Option<TextTemplate>,
    entries: Entries,
}

/// A message ready to be sent.
struct Written {
    json: String,
    failures: Vec<String>,
}

#[async_trait]
impl Channel for Teams {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, _previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let fits = |written: &Written| written.json.len() <= MOST_BYTES;
        let whole = fullest(message, |shown, left_out| self.written(message, shown, left_out), fits);
        let Written { json, mut failures } = match whole {
            Some(written) => written,
            None if !message.pictures.is_empty() => {
                return Err(SendError::new(SendErrorKind::TooLarge, "no room for a picture beside the text"));
            }
            None => last_resort(message),
        };
        failures.dedup();
        self.hook.post(json, !message.pictures.is_empty()).await?;
        Ok(Receipt { degraded: (!failures.is_empty()).then(|| failures.join("; ")), ..Receipt::default() })
    }
}

impl Teams {
    /// The message with the alerts of `shown`, a part of `whole`.
    fn written(&self, whole: &Message, shown: &Message, left_out: usize) -> Written {
        let clean = escaped(shown, markdown::escape);
        let mut texts = Texts::new(&clean, Data::new(&clean).with_truncated_alerts(left_out));
        let title = one_line(&texts.title(&self.title));
        let text = texts.body(&self.text);
        let summary = texts.option(self.summary.as_ref()).map(|text| markdown::unescape(&one_line(&text)));
        let mut failures = texts.into_failures();
        let entries = if text.contains(markdown::ALERTS_HERE) {
            self.entries.of(shown).unwrap_or_else(|why| {
                failures.push(why);
                Vec::new()
            })
        } else {
            Vec::new()
        };
        let cut = shown.group_labels != whole.group_labels || shown.common_labels != whole.common_labels;
        let parts = Parts { title, text, message: shown, entries, alerts_left_out: left_out, labels_cut: cut };
        Written { json: json(&Envelope::new(summary, layout::card(&parts))), failures }
    }
}

/// Title and link, if a text by itself is longer than a message.
fn last_resort(message: &Message) -> Written {
    let title = markdown::escape(&truncate(&one_line(&plain_title(message)), LAST_TITLE));
    let failures = vec!["the text was left out: it does not fit into a card".to_owned()];
    Written { json: json(&Envelope::new(None, layout::title_alone(&title, message))), failures }
}

fn json(envelope: &Envelope) -> String {
    serde_json::to_string(envelope).unwrap_or_default()
}
