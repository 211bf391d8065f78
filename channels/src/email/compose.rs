//! The form of a mail: addresses, headers, and the parts: `alternative { text ; related { html ; pictures } }`, or
//! `mixed { alternative { text ; html } ; pictures }` where pictures are attached.
//!
//! Deliberately unknown here: the server, and how large a mail may be.

use std::time::{Duration, UNIX_EPOCH};

use alerts::{
    message::Message,
    picture::Picture,
    ports::{SendError, SendErrorKind, TextLimit},
    templates::{Data, HtmlTemplate, TemplatePicture, TextTemplate},
};
use bytes::Bytes;
use lettre::{
    address::Envelope,
    message::{
        Attachment, Mailbox, Mailboxes, MultiPart, SinglePart,
        header::{ContentType, HeaderName, HeaderValue},
    },
};
use serde::Deserialize;

use crate::sending::{files, texts::Texts, truncate, values::one_line};

/// Longer subjects are cut by every reader.
pub const SUBJECT: TextLimit = TextLimit::chars(250);

/// Makes mails.
pub struct Composer {
    pub from: TextTemplate,
    pub to: TextTemplate,
    pub cc: Option<TextTemplate>,
    /// Who gets the mail without being named in it.
    pub bcc: Option<TextTemplate>,
    pub subject: TextTemplate,
    pub headers: Vec<(HeaderName, TextTemplate)>,
    /// None, where there is HTML.
    pub text: Option<TextTemplate>,
    pub html: Option<HtmlTemplate>,
    pub thread: Thread,
    pub placement: Placement,
}

/// Where pictures stand that are given as files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Placement {
    /// In the HTML. Without HTML they are attached.
    #[default]
    Inline,
    /// Behind the mail.
    Attached,
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
    cc: Option<Mailboxes>,
    pub envelope: Envelope,
    /// What is wrong with those that are only told besides.
    pub problems: Vec<String>,
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
    /// How many pictures are in it as files.
    pub pictures: usize,
}

impl Draft {
    /// All of it.
    pub fn new(message: &Message) -> Self {
        let (pictures, left_out) = (message.pictures.clone(), message.pictures_left_out);
        Self { pictures, left_out, html: true, text: TextLimit::UNLIMITED }
    }
}

impl Composer {
    /// The addresses of a message. Wrong ones in `Cc` and `Bcc` do not hold up the mail.
    ///
    /// # Errors
    /// When the rendered text is no address: which option, and what it came out as.
    pub fn addresses(&self, message: &Message) -> Result<Addresses, SendError> {
        let data = Data::new(message);
        let from = rendered("from", &self.from, &data).map_err(rejected)?;
        let from = from.into_single().ok_or_else(|| rejected("from: not one address".to_owned()))?;
        let to = rendered("to", &self.to, &data).map_err(rejected)?;
        let mut problems = Vec::new();
        let mut besides = |option: &str, template: &Option<TextTemplate>| {
            let found = optional(option, template.as_ref()?, &data);
            found.unwrap_or_else(|why| {
                problems.push(why);
                None
            })
        };
        let (cc, bcc) = (besides("headers.Cc", &self.cc), besides("headers.Bcc", &self.bcc));
        let mut recipients = Vec::new();
        let all = [Some(&to), cc.as_ref(), bcc.as_ref()];
        for mailbox in all.into_iter().flatten().flat_map(Mailboxes::iter) {
            if !recipients.contains(&mailbox.email) {
                recipients.push(mailbox.email.clone());
            }
        }
        let envelope =
            Envelope::new(Some(from.email.clone()), recipients).map_err(|why| rejected(format!("to: {why}")))?;
        Ok(Addresses { from, to, cc, envelope, problems })
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
        let html_wanted = self.html.as_ref().filter(|_| draft.html);
        // a mail without HTML has at least the plain text
        let text = match (&self.text, html_wanted) {
            (None, Some(_)) => String::new(),
            (template, _) => texts.body(template.as_ref().unwrap_or(&self.subject)),
        };
        let text = truncate::truncate(&text, draft.text).into_owned();
        let inline = html_wanted.is_some() && self.placement == Placement::Inline;
        let shown = draft.pictures.iter().filter(|picture| inline || picture.bytes.is_none());
        texts.data = texts.data.with_pictures(shown.map(template_picture).collect());
        let html = html_wanted.and_then(|html| texts.html(html));
        let (message_id, thread) = (own_id(message, addresses), self.thread.id(message, addresses));
        let text_bytes = text.len();
        let builder = lettre::Message::builder()
            .from(addresses.from.clone())
            .mailbox(lettre::message::header::To::from(addresses.to.clone()))
            .envelope(addresses.envelope.clone())
            .subject(subject)
            .date(UNIX_EPOCH + Duration::from_secs(message.now.as_secs().max(0).unsigned_abs()))
            .message_id(Some(message_id.clone()));
        let builder = match &addresses.cc {
            Some(cc) => builder.mailbox(lettre::message::header::Cc::from(cc.clone())),
            None => builder,
        };
        let builder = match thread {
            Some(thread) => builder.in_reply_to(thread.clone()).references(thread),
            None => builder,
        };
        let builder = builder.raw_header(raw("Auto-Submitted", "auto-generated"));
        let body = body(text, html, &draft.pictures, inline);
        let mut mail = builder.multipart(body).map_err(|why| rejected(why.to_string()))?;
        for (name, value) in headers {
            mail.headers_mut().insert_raw(HeaderValue::new(name, one_line(&value.unwrap_or_default())));
        }
        let pictures = draft.pictures.iter().filter(|picture| picture.bytes.is_some()).count();
        Ok(Letter { bytes: mail.formatted(), message_id, failures: texts.into_failures(), text_bytes, pictures })
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

fn body(text: String, html: Option<String>, pictures: &[Picture], inline: bool) -> MultiPart {
    let files: Vec<_> = pictures.iter().filter_map(|picture| Some((picture, picture.bytes.clone()?))).collect();
    let attached = html.is_none() || !inline;
    let words = match html {
        None => MultiPart::alternative().singlepart(SinglePart::plain(text)),
        Some(html) => {
            let html = SinglePart::html(html);
            let alternatives = MultiPart::alternative();
            let alternatives =
                if text.is_empty() { alternatives.build() } else { alternatives.singlepart(SinglePart::plain(text)) };
            if attached { alternatives.singlepart(html) } else { alternatives.multipart(related(html, &files)) }
        }
    };
    if !attached || files.is_empty() {
        return words;
    }
    files.iter().fold(MultiPart::mixed().multipart(words), |mixed, (picture, bytes)| {
        let part = Attachment::new(files::name(picture)).body(bytes.to_vec(), media_type(bytes));
        mixed.singlepart(part)
    })
}

fn related(html: SinglePart, files: &[(&Picture, Bytes)]) -> MultiPart {
    files.iter().fold(MultiPart::related().singlepart(html), |related, (picture, bytes)| {
        let part = Attachment::new_inline_with_name(content_id(picture), files::name(picture));
        related.singlepart(part.body(bytes.to_vec(), media_type(bytes)))
    })
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

fn media_type(bytes: &[u8]) -> ContentType {
    ContentType::parse(files::mime(bytes)).expect("constants that are media types")
}

fn rendered(option: &str, template: &TextTemplate, data: &Data) -> Result<Mailboxes, String> {
    let text = template.render(data).map_err(|why| why.to_string())?;
    parse(&text).map_err(|why| format!("{option}: {why}"))
}

/// The same where nobody may come out.
fn optional(option: &str, template: &TextTemplate, data: &Data) -> Result<Option<Mailboxes>, String> {
    let text = template.render(data).map_err(|why| why.to_string())?;
    if one_line(&text).is_empty() {
        return Ok(None);
    }
    parse(&text).map(Some).map_err(|why| format!("{option}: {why}"))
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
