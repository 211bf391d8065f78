//! A mail as people can read it: its headers, its texts decoded, its files as what they are.
//!
//! Deliberately unknown here: how it was made.

use channels::sending::RehearsedMail;
use mail_parser::{HeaderName, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::body::{Body, Field, Part, description};

/// The headers and the parts.
pub(super) fn read(mail: &RehearsedMail, hide: &dyn Fn(&str) -> String) -> (Vec<Field>, Vec<Part>) {
    let Some(message) = MessageParser::new().parse(&mail.bytes[..]) else { return (Vec::new(), Vec::new()) };
    let headers = message.headers().iter().map(|header| {
        let raw = message.raw_message.get(header.offset_start as usize..header.offset_end as usize).unwrap_or_default();
        let raw = String::from_utf8_lossy(raw).split_whitespace().collect::<Vec<_>>().join(" ");
        let value = match header.name {
            HeaderName::Subject => message.subject().map(str::to_owned).unwrap_or(raw),
            _ => raw,
        };
        Field { name: header.name.as_str().to_owned(), value: hide(&value) }
    });
    let headers = headers.collect();
    (headers, parts(&message, hide))
}

fn parts(message: &Message<'_>, hide: &dyn Fn(&str) -> String) -> Vec<Part> {
    let shown = |part: &MessagePart<'_>| {
        let body = match &part.body {
            PartType::Text(text) | PartType::Html(text) => Body::Text { text: hide(text) },
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => Body::File { description: description(bytes) },
            PartType::Message(_) => Body::File { description: "[a mail]".to_owned() },
            PartType::Multipart(_) => return None,
        };
        Some(Part { headers: headers(part), body })
    };
    message.parts.iter().filter_map(shown).collect()
}

fn headers(part: &MessagePart<'_>) -> Vec<Field> {
    let field = |name: &str, value: Option<String>| value.map(|value| Field { name: name.to_owned(), value });
    let kind = part.content_type().map(|kind| match kind.subtype() {
        Some(subtype) => format!("{}/{subtype}", kind.ctype()),
        None => kind.ctype().to_owned(),
    });
    let disposition = part.content_disposition().map(|disposition| match part.attachment_name() {
        Some(name) => format!("{}; filename=\"{name}\"", disposition.ctype()),
        None => disposition.ctype().to_owned(),
    });
    let id = part.content_id().map(|id| format!("<{id}>"));
    let all = [field("Content-Type", kind), field("Content-Disposition", disposition), field("Content-ID", id)];
    all.into_iter().flatten().collect()
}
