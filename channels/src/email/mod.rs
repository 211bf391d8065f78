//! Mail: one message to all recipients, its text as plain text and as HTML, the pictures inside of the HTML or attached.
//!
//! All mails about a group answer one made-up mail, so that they stand in one thread. A repeated attempt has the same
//! Message-ID. Nothing can be changed in a mail that is out, so late pictures stay out.
//!
//! Deliberately unknown here: the dialogue with the server (`smtp.rs`), the form of a mail (`compose.rs`).

mod compose;
mod config;
mod place;
mod smtp;

use std::sync::Arc;

use alerts::{
    fit::{SMALLEST, Target},
    message::{Message, Receipt},
    picture::Picture,
    ports::{Channel, Format, Limits, SendError, SendErrorKind},
};
use async_trait::async_trait;
use compose::{Composer, Draft, Letter};
pub use config::Config;
use serde_json::json;
use smtp::Server;

use crate::sending::{
    Rehearsal,
    fit::{replace, shrunk},
    values::escaped,
};

/// What a mail may take in all, formatted, whatever the server allows: what the widespread servers accept.
const MOST_BYTES: usize = 10_000_000;

/// A server that says it takes less than this is not believed; a mail without pictures must have room.
const FEWEST_BYTES: usize = 16 * 1024;

/// What is tried when a server refuses a mail as too large: a half of it, then an eighth, then (by `Fitted`) no pictures.
const SMALLER: [usize; 2] = [2, 4];

struct Email {
    limits: Limits,
    server: Server,
    composer: Composer,
    /// Takes the mails in the server's place, if it is there.
    rehearsal: Option<Arc<Rehearsal>>,
}

#[async_trait]
impl Channel for Email {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, _previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let clean = escaped(message, str::to_owned);
        let addresses = self.composer.addresses(&clean)?;
        let (letter, refused, mut problems) = match &self.rehearsal {
            Some(rehearsal) => {
                let (letter, problems) = self.fitting(&clean, &addresses, MOST_BYTES).await?;
                rehearsal.hand_in(self.server.rehearsed(&addresses.envelope, &letter.bytes));
                (letter, Vec::new(), problems)
            }
            None => self.deliver(&clean, &addresses).await?,
        };
        problems.extend(letter.failures);
        problems.extend(addresses.problems);
        problems.extend(refused.iter().map(|refusal| format!("a recipient was refused: {refusal}")));
        Ok(Receipt {
            message: json!({ "message_id": letter.message_id }),
            pictures_due: false,
            degraded: (!problems.is_empty()).then(|| problems.join("; ")),
        })
    }
}

impl Email {
    /// Hands the mail in: as large as the server says, and smaller when it takes less than it says, or says nothing.
    async fn deliver(
        &self,
        clean: &Message,
        addresses: &compose::Addresses,
    ) -> Result<(Letter, Vec<String>, Vec<String>), SendError> {
        let mut smaller = SMALLER.iter();
        let mut most = MOST_BYTES;
        loop {
            let session = self.server.open().await?;
            let room = session.size.map_or(MOST_BYTES, |size| size.clamp(FEWEST_BYTES, MOST_BYTES)).min(most);
            let (letter, mut problems) = self.fitting(clean, addresses, room).await?;
            let size = letter.bytes.len();
            if most < MOST_BYTES {
                problems.push("the server refused a larger mail".to_owned());
            }
            match session.deliver(&addresses.envelope, &letter.bytes).await {
                Ok(refused) => return Ok((letter, refused, problems)),
                Err(error) if error.kind == SendErrorKind::TooLarge && letter.pictures > 0 => {
                    let Some(part) = smaller.next() else { return Err(error) };
                    most = (size / part).max(FEWEST_BYTES);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// The mail in at most `room` bytes: of the pictures the last is made smaller, then left out, then the one before
    /// it; then the HTML goes, then the text is cut. Says what went.
    async fn fitting(
        &self,
        clean: &Message,
        addresses: &compose::Addresses,
        room: usize,
    ) -> Result<(Letter, Vec<String>), SendError> {
        let mut draft = Draft::new(clean);
        let mut problems = Vec::new();
        let mut tried_smaller = false;
        loop {
            let letter = self.composer.compose(clean, addresses, &draft)?;
            let over = letter.bytes.len().saturating_sub(room);
            if over == 0 {
                return Ok((letter, problems));
            }
            match draft.pictures.pop() {
                Some(last) if !tried_smaller => {
                    tried_smaller = true;
                    draft.pictures.push(smaller(last, over).await);
                }
                Some(last) => {
                    tried_smaller = false;
                    draft.left_out += 1;
                    problems.push(format!("picture {} left out: the mail may take {room} bytes", last.record.id));
                }
                None if draft.html => {
                    draft.html = false;
                    problems.push(format!("sent without HTML: the mail may take {room} bytes"));
                }
                None if draft.text.max > 1_000 => draft.text.max = draft.text.max.min(letter.text_bytes) / 2,
                None => return Err(SendError::new(SendErrorKind::Rejected, format!("no mail fits into {room} bytes"))),
            }
        }
    }
}

/// The picture with `over` bytes of the mail less, if it can be.
async fn smaller(mut picture: Picture, over: usize) -> Picture {
    let size = picture.bytes.as_ref().map_or(0, bytes::Bytes::len);
    // in a mail four characters stand for three bytes, with line ends between them
    let excess = over * 3 / 4 + 256;
    let target = size.saturating_sub(excess) as u64;
    if target >= SMALLEST
        && let Ok(small) =
            shrunk(&picture, Target { max_bytes: target, max_pixels: (u32::MAX, u32::MAX), format: Format::Png }).await
    {
        replace(&mut picture, small);
    }
    picture
}
