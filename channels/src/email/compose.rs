//! The form of a mail: addresses, headers, and the parts `alternative { text ; related { html ; pictures } }`.
//!
//! Deliberately unknown here: the server, and how large a mail may be.

use std::time::{Duration, UNIX_EPOCH};

use alerts::{
    message::Message,
    picture::Picture,
    ports::{SendError, SendErrorKind, TextLimit},
    templates::{Data, HtmlTemplate, TemplatePicture, TextTemplate},
};
use lettre::{
    address::Envelope,
    message::{
        Attachment, Mailbox, Mailboxes, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};

use crate::sending::{texts::Texts, truncate, values::one_line};

/// Longer subjects are cut by every reader.
pub const SUBJECT: TextLimit = TextLimit::chars(250);

/// Makes mails.
pub struct Composer {
    pub from: TextTemplate,
    pub to: TextTemplate,
    pub subject: TextTemplate,
    pub headers: Vec<(HeaderName, TextTemplate)>,
    pub text: TextTemplate,
    pub html: Option<HtmlTemplate>,
    pub thread: Thread,
}

/// Which mails stand in one thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thread {
    /// Each by itself.
    None,
    /// All about a group.
    Group,
    /// All about a group on one day (UTC).
    GroupAndDay,
}

/// Who writes to whom.
pub struct Addresses {
    from: Mailbox,
    to: Mailboxes,
    pub envelope: Envelope,
}

/// What of a message goes into the mail.
pub struct Draft {
    pub pictures: Vec<Picture>,
    pub left_out: usize,
    pub html: bool,
    pub text: TextLimit,
}

/// A mail as it goes over the wire.
pub struct Letter {
    pub bytes: Vec<u8>,
    pub message_id: String,
    /// Templates that failed.
    pub failures: Vec<String>,
    /// The size of the plain text.
    pub text_bytes: usize,
}

impl Draft {
    /// All of it.
    pub fn new(message: &Message) -> Self {
        let (pictures, left_out) = (message.pictures.clone(), message.pictures_left_out);
        Self { pictures, left_out, html: true, text: TextLimit::UNLIMITED }
    }
}

impl Composer {
    /// The addresses of a message.
    ///
    /// # Errors
    /// When the rendered text is no address: which option, and what it came out as.
    pub fn addresses(&self, message: &Message) -> Result<Addresses, SendError> {
        let data = Data::new(message);
        let rendered = |option: &str, template: &TextTemplate| {
            let text = template.render(&data).map_err(|why| rejected(why.to_string()))?;
            parse(&text).map_err(|why| rejected(format!("{option}: {why}")))
        };
        let from =
            rendered("from", &self.from)?.into_single().ok_or_else(|| rejected("from: not one address".to_owned()))?;
        let to = rendered("to", &self.to)?;
        let recipients = to.iter().map(|mailbox| mailbox.email.clone()).collect();
        let envelope =
            Envelope::new(Some(from.email.clone()), recipients).map_err(|why| rejected(format!("to: {why}")))?;
        Ok(Addresses { from, to, envelope })
    }

    /// The mail. `message` has its values cleaned.
    ///
    /// # Errors
    /// When the parts cannot be put together.
    pub fn compose(&self, message: &Message, addresses: &Addresses, draft: &Draft) -> Result<Letter, SendError> {
        let shown = Message { pictures: draft.pictures.clone(), pictures_left_out: draft.left_out, ..message.clone() };
        let mut texts = Texts::new(&shown, Data::new(&shown));
        let subject = truncate::truncate(&one_line(&texts.title(&self.subject)), SUBJECT).into_owned();
        let headers: Vec<_> =
            self.headers.iter().map(|(name, value)| (name.clone(), texts.option(Some(value)))).collect();
        let text = texts.body(&self.text);
        let text = truncate::truncate(&text, draft.text).into_owned();
        texts.data = texts.data.with_pictures(draft.pictures.iter().map(template_picture).collect());
        let html = self.html.as_ref().filter(|_| draft.html).and_then(|html| texts.html(html));
        let (message_id, thread) = (own_id(message, addresses), self.thread.id(message, addresses));
        let text_bytes = text.len();
        let builder = lettre::Message::builder()
            .from(addresses.from.clone())
            .mailbox(lettre::message::header::To::from(addresses.to.clone()))
            .envelope(addresses.envelope.clone())
            .subject(subject)
            .date(UNIX_EPOCH + Duration::from_secs(message.now.as_secs().max(0).unsigned_abs()))
            .message_id(Some(message_id.clone()));
        let builder = match thread {
            Some(thread) => builder.in_reply_to(thread.clone()).references(thread),
            None => builder,
        };
        let builder = builder.raw_header(raw("Auto-Submitted", "auto-generated"));
        let body = body(text, html, &draft.pictures);
        let mut mail = builder.multipart(body).map_err(|why| rejected(why.to_string()))?;
        for (name, value) in headers {
            mail.headers_mut().insert_raw(HeaderValue::new(name, one_line(&value.unwrap_or_default())));
        }
        Ok(Letter { bytes: mail.formatted(), message_id, failures: texts.into_failures(), text_bytes })
    }
}

/// Addresses as one writes them: `Ann <ann@example.org>, bob@example.org`.
pub fn parse(text: &str) -> Result<Mailboxes, String> {
    let text = one_line(text);
    if text.is_empty() {
        return Err("there is no address".to_owned());
    }
    text.trim_end_matches(',').parse().map_err(|_| format!("{text:?} is not a list of mail addresses"))
}

/// The message's own id.
fn own_id(message: &Message, addresses: &Addresses) -> String {
    format!("<{}@{}>", message.idempotency_key, addresses.from.email.domain())
}

impl Thread {
    /// The id of the mail that all mails of the thread answer, which never was.
    fn id(self, message: &Message, addresses: &Addresses) -> Option<String> {
        let day = match self {
            Thread::None => return None,
            Thread::Group => String::new(),
            Thread::GroupAndDay => format!("-{}", message.now.rfc3339().split('T').next().unwrap_or_default()),
        };
        Some(format!("<group-{}{day}@{}>", &message.group_hash()[..32], addresses.from.email.domain()))
    }
}

fn body(text: String, html: Option<String>, pictures: &[Picture]) -> MultiPart {
    let alternatives = MultiPart::alternative().singlepart(SinglePart::plain(text));
    let Some(html) = html else { return alternatives };
    let inline = pictures.iter().filter_map(|picture| Some((picture, picture.bytes.clone()?)));
    let related = inline.fold(MultiPart::related().singlepart(SinglePart::html(html)), |related, (picture, bytes)| {
        let part = Attachment::new_inline_with_name(content_id(picture), format!("{}.png", picture.record.id));
        related.singlepart(part.body(bytes.to_vec(), png()))
    });
    alternatives.multipart(related)
}

fn template_picture(picture: &Picture) -> TemplatePicture {
    let src = match (&picture.bytes, &picture.url) {
        (None, Some(url)) => url.clone(),
        _ => format!("cid:{}", content_id(picture)),
    };
    TemplatePicture {
        src,
        alt: picture.record.alt.clone(),
        title: picture.record.title.clone(),
        width: picture.record.width,
        height: picture.record.height,
        alerts: picture.alerts.clone(),
    }
}

fn content_id(picture: &Picture) -> String {
    format!("{}@wirephoto", picture.record.id)
}

fn png() -> ContentType {
    ContentType::parse("image/png").expect("a constant that is a media type")
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn rejected(why: String) -> SendError {
    SendError::new(SendErrorKind::Rejected, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_lists() {
        let check = |text: &str, expected: Option<usize>| {
            assert_eq!(parse(text).ok().map(|list| list.iter().count()), expected, "{text}");
        };
        check("ann@example.org", Some(1));
        check("Ann <ann@example.org>, bob@example.org,", Some(2));
        check("", None);
        check("nobody", None);
        check("ann@example.org\r\nBcc: eve@example.org", None);
    }
}
