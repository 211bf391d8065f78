//! The port of the outlets: one implementation per integration, each with its limits as data.

use std::{fmt, time::Duration};

use async_trait::async_trait;

use crate::{
    message::{Message, Receipt},
    picture::Picture,
};

/// An outlet: sends a message about a group to one configured destination.
#[async_trait]
pub trait Channel: Send + Sync {
    /// What this integration can take, with its configuration (`images`, `max_images`) already applied.
    fn limits(&self) -> &Limits;

    /// Sends `message`. `previous` is the receipt of the last message about the same group, for edits and threads. The
    /// pictures in `message` have their bytes where [`PictureLimits::wants_bytes`] says so, and their links where there are any.
    ///
    /// A send of several steps returns after the first one that people see, with [`Receipt::pictures_due`]; the
    /// machine makes that durable and then calls [`Channel::add_pictures`].
    async fn send(&self, message: &Message, previous: Option<&Receipt>) -> Result<Receipt, SendError>;

    /// Adds pictures to a message that is already out: the second step of a send, or pictures that came late. Called
    /// only where [`PictureLimits::late`] is not [`LatePictures::No`].
    async fn add_pictures(&self, receipt: &Receipt, pictures: &[Picture]) -> Result<Receipt, SendError> {
        let _ = pictures;
        Ok(receipt.clone())
    }
}

/// What an integration can take. Data, not code: shared code truncates, fits, throttles by it.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The title or subject.
    pub title: TextLimit,
    /// The body.
    pub text: TextLimit,
    /// The pictures.
    pub pictures: PictureLimits,
    /// How often messages may be sent to the destination.
    pub pace: Pace,
    /// How many sends may be under way at once.
    pub concurrency: usize,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// What can be done with a message that is already out.
    pub editing: Editing,
    /// Whether resolved alerts are told.
    pub send_resolved: bool,
    /// The port's own hash of the destination (URL without secrets, address, channel): part of the notification log's key.
    pub destination: String,
    /// The integration's type, as in `slack_configs`: `slack`.
    pub kind: &'static str,
}

/// The longest text, in the vendor's own unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextLimit {
    /// What is counted.
    pub unit: TextUnit,
    /// The most of it.
    pub max: usize,
}

impl TextLimit {
    /// No limit that matters.
    pub const UNLIMITED: Self = Self { unit: TextUnit::Bytes, max: usize::MAX };

    /// At most `max` characters (Unicode scalar values).
    pub const fn chars(max: usize) -> Self {
        Self { unit: TextUnit::Chars, max }
    }
}

/// What a vendor counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextUnit {
    /// Unicode scalar values.
    Chars,
    /// Bytes of UTF-8.
    Bytes,
    /// UTF-16 code units.
    Utf16,
}

/// The pictures that an integration can take.
#[derive(Clone, Debug)]
pub struct PictureLimits {
    /// How they can be taken, the preferred way first; empty: not at all.
    pub ways: Vec<Way>,
    /// The most per message.
    pub max_count: usize,
    /// The largest file in bytes.
    pub max_bytes: u64,
    /// The largest sum of all files of a message in bytes.
    pub max_total_bytes: u64,
    /// The largest width and height in pixels.
    pub max_pixels: (u32, u32),
    /// The formats taken.
    pub formats: &'static [Format],
    /// What can be done with pictures that are ready only after the text went out.
    pub late: LatePictures,
}

impl PictureLimits {
    /// For channels that take no pictures.
    pub fn none() -> Self {
        Self {
            ways: Vec::new(),
            max_count: 0,
            max_bytes: 0,
            max_total_bytes: 0,
            max_pixels: (0, 0),
            formats: &[],
            late: LatePictures::No,
        }
    }

    /// Whether pictures need their bytes: some way other than linking is preferred, or nothing can be linked.
    pub fn wants_bytes(&self) -> bool {
        self.ways.first().is_some_and(|way| *way != Way::Link)
    }

    /// Whether any picture can be taken at all.
    pub fn wants_pictures(&self) -> bool {
        self.max_count > 0 && !self.ways.is_empty()
    }
}

/// A way of giving a picture to a vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Shown inside the message, bytes sent along.
    Embed,
    /// A file beside the message.
    Attach,
    /// The vendor or the reader fetches it by its link.
    Link,
}

/// A picture format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
}

/// What can be done with a late picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LatePictures {
    /// Nothing: it stays out.
    No,
    /// Added to the message or its thread.
    Add,
}

/// Messages per time towards one destination: a burst, then one every `period`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How many may go at once after a rest; at least 1.
    pub burst: u32,
    /// The time between messages in the long run; zero: no limit.
    pub period: Duration,
}

/// What can be done with a message that is already out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Editing {
    /// It can be rewritten.
    pub edit: bool,
    /// It can be answered in a thread.
    pub thread: bool,
    /// What it began is closed, called off or added to by the next one, which wants its receipt for that.
    pub begins: bool,
}

impl Editing {
    /// Whether the next message wants the receipt of this one.
    pub const fn wants_receipt(&self) -> bool {
        self.edit || self.thread || self.begins
    }
}

/// Why a send failed.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{kind}: {detail}{}", if *.ambiguous { " (it may have arrived all the same)" } else { "" })]
pub struct SendError {
    /// What to do about it. Callers branch on this, never on the text.
    pub kind: SendErrorKind,
    /// The vendor's own words, without secrets.
    pub detail: String,
    /// The vendor may have taken the message although no answer came.
    pub ambiguous: bool,
    /// What was achieved before the failure; kept, so that it is not done again.
    pub receipt: Option<Receipt>,
}

impl SendError {
    /// An error of this kind with the vendor's words.
    pub fn new(kind: SendErrorKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), ambiguous: false, receipt: None }
    }
}

/// The kinds of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendErrorKind {
    /// Network, 5xx and the like: try again with back-off.
    Retry,
    /// The vendor names the time to wait (429, `Retry-After`); the whole destination waits.
    RetryAfter(Duration),
    /// This message will never be taken.
    Rejected,
    /// Too large as it is; already tried without pictures.
    TooLarge,
    /// 401, 403, 404: the destination is wrong or closed; it pauses, its deliveries wait.
    Unauthorised,
}

impl SendErrorKind {
    /// The reason label of `alertmanager_notifications_failed_total`.
    pub const fn reason(self) -> &'static str {
        match self {
            SendErrorKind::Retry => "serverError",
            SendErrorKind::RetryAfter(_) => "rateLimited",
            SendErrorKind::Rejected | SendErrorKind::TooLarge => "clientError",
            SendErrorKind::Unauthorised => "authError",
        }
    }
}

impl fmt::Display for SendErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SendErrorKind::Retry => f.write_str("temporary failure"),
            SendErrorKind::RetryAfter(wait) => write!(f, "asked to wait {} s", wait.as_secs_f64()),
            SendErrorKind::Rejected => f.write_str("rejected"),
            SendErrorKind::TooLarge => f.write_str("too large"),
            SendErrorKind::Unauthorised => f.write_str("not allowed or not there"),
        }
    }
}
