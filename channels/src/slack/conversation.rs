//! How a group's later notifications follow its first one: what is remembered of a message, the history that a thread's
//! summary shows, and when a conversation is over although the group's is not.
//!
//! Deliberately unknown here: requests.

use alerts::{
    message::{Message, Reason, Receipt},
    templates::TextTemplate,
};
use serde::{Deserialize, Serialize};

use super::{content::TITLE, mrkdwn};

/// The most turns that a summary remembers; older ones are dropped.
const MOST_TURNS: usize = 20;

/// Slack's words for a message that can no longer be changed.
const NOT_EDITED: [&str; 4] = ["message_not_found", "cant_update_message", "edit_window_closed", "channel_not_found"];

/// Slack's words for a thread that takes no more replies.
const NOT_ANSWERED: [&str; 5] =
    ["thread_not_found", "message_not_found", "cannot_reply_to_message", "invalid_thread_ts", "channel_not_found"];

/// How later notifications follow the first.
pub enum Following {
    /// Each is a message of its own.
    Never,
    /// The first is edited.
    Update,
    /// They stand in the thread of the first.
    Thread {
        /// Whether the first is a summary that is kept current, and says nothing else.
        summary: bool,
        /// The summary's colour when all is over.
        resolve_color: Option<TextTemplate>,
        /// The reaction that the first gets when all is over.
        resolve_emoji: Option<String>,
    },
}

/// A message that was posted: what a receipt holds.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Posted {
    pub channel: String,
    pub ts: String,
    /// The first message of the thread that it stands in; none: it stands in none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    root: Option<String>,
    /// What the thread's summary says has happened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    turns: Vec<(String, u32)>,
}

impl Posted {
    /// A message that begins a conversation.
    pub fn new(channel: String, ts: String) -> Self {
        Self { channel, ts, ..Self::default() }
    }

    /// What a receipt remembers; nothing, if it is not one of ours.
    pub fn of(receipt: Option<&Receipt>) -> Option<Self> {
        Self::deserialize(&receipt?.message).ok()
    }

    /// The first message of the conversation: the only one that has a thread.
    pub fn root(&self) -> &str {
        self.root.as_deref().unwrap_or(&self.ts)
    }

    /// A reply to `first`, in whose thread it stands.
    pub fn answers(self, first: &Posted) -> Self {
        Self { root: Some(first.root().to_owned()), turns: first.turns.clone(), ..self }
    }

    /// The same history, of a message that is out now.
    pub fn at(self, posted: Posted) -> Self {
        Self { turns: self.turns, ..posted }
    }

    /// Remembers what is being told. A repetition is nothing new.
    pub fn turn(&mut self, reason: Reason) {
        let Some(word) = word(reason) else { return };
        match self.turns.last_mut() {
            Some((last, count)) if last == word => *count += 1,
            _ => self.turns.push((word.to_owned(), 1)),
        }
        let too_many = self.turns.len().saturating_sub(MOST_TURNS);
        self.turns.drain(..too_many);
    }

    /// The summary's title, as Alertmanager writes it: `FIRING (2) → RESOLVED: DiskFull`. `message` is escaped already.
    pub fn summary(&self, message: &Message) -> String {
        let turns: Vec<String> = self
            .turns
            .iter()
            .map(|(word, count)| if *count > 1 { format!("{word} ({count})") } else { word.clone() })
            .collect();
        let name = match message.common_labels.value("alertname") {
            "" => message.group_labels.iter().map(|(_, value)| value).collect::<Vec<_>>().join(" "),
            name => name.to_owned(),
        };
        let parts = [turns.join(" → "), name];
        let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        mrkdwn::truncate(&parts.join(": "), TITLE)
    }
}

/// Whether an update failed because the message is gone, or closed to us.
pub fn cannot_be_edited(word: &str) -> bool {
    NOT_EDITED.contains(&word)
}

/// Whether a reply failed because the thread is gone, or closed to us.
pub fn cannot_be_answered(word: &str) -> bool {
    NOT_ANSWERED.contains(&word) || word.starts_with("restricted_action_thread")
}

fn word(reason: Reason) -> Option<&'static str> {
    match reason {
        Reason::FirstNotification | Reason::NewAlerts => Some("FIRING"),
        Reason::SomeResolved => Some("PARTIAL RESOLVE"),
        Reason::AllResolved => Some("RESOLVED"),
        Reason::Repeat | Reason::Undelivered => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sending::samples;

    #[test]
    fn summaries_tell_the_history() {
        use Reason::*;
        let check = |reasons: &[Reason], expected: &str| {
            let mut posted = Posted::new("C1".into(), "1.0".into());
            reasons.iter().for_each(|reason| posted.turn(*reason));
            assert_eq!(posted.summary(&samples::message()), expected);
        };
        check(&[FirstNotification], "FIRING: DiskFull");
        check(&[FirstNotification, NewAlerts, Repeat], "FIRING (2): DiskFull");
        check(
            &[FirstNotification, SomeResolved, NewAlerts, AllResolved],
            "FIRING → PARTIAL RESOLVE → FIRING → RESOLVED: DiskFull",
        );
        check(&[Undelivered], "DiskFull");
    }

    #[test]
    fn histories_are_bounded() {
        let mut posted = Posted::new("C1".into(), "1.0".into());
        for _ in 0..100 {
            posted.turn(Reason::NewAlerts);
            posted.turn(Reason::SomeResolved);
        }
        assert_eq!(posted.turns.len(), MOST_TURNS);
    }

    #[test]
    fn receipts_of_earlier_versions_are_understood() {
        let receipt = |message| Receipt { message, ..Receipt::default() };
        let old = Posted::of(Some(&receipt(serde_json::json!({"channel": "C1", "ts": "1.0"})))).unwrap();
        assert_eq!((old.root(), old.turns.len()), ("1.0", 0));
        assert!(Posted::of(Some(&receipt(serde_json::Value::Null))).is_none());
        assert!(Posted::of(None).is_none());
    }
}
