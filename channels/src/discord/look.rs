//! How a message looks: an embed with the text, the first picture in it, each further picture in an embed of its own.
//!
//! Embeds with equal addresses are shown as one, so only the first has an address. The builders are serenity's; what they
//! cannot write (numbers of attachments) is put in afterwards.
//!
//! Deliberately unknown here: templates, requests.

use alerts::{Status, picture::Picture, ports::TextLimit};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serenity::builder::{CreateAllowedMentions, CreateEmbed, EditWebhookMessage, ExecuteWebhook};
use url::{Host, Url};

use super::markdown::{self, Mentions};
use crate::sending::{files, truncate::truncate, values::one_line};

/// The longest texts, in characters (<https://discord.com/developers/docs/resources/message#embed-object-embed-limits>).
pub const CONTENT: usize = 2_000;
pub const TITLE: usize = 256;
pub const DESCRIPTION: usize = 4_096;

/// The most embeds of a message, so the most pictures that are shown.
pub const EMBEDS: usize = 10;

/// The longest title of a further picture, by our own choice: all texts of all embeds together then fit.
const PICTURE_TITLE: usize = 150;

/// The most characters over all embeds of a message.
const SUM: usize = 6_000;
const _: () = assert!(TITLE + DESCRIPTION + EMBEDS * PICTURE_TITLE <= SUM);

/// The longest description of a file.
const ALT: TextLimit = TextLimit::chars(1_024);

/// The longest address.
const ADDRESS: usize = 2_048;

/// The most users, or roles, that may be mentioned.
const MENTIONED: usize = 100;

/// The embed with the text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Card {
    pub title: Option<String>,
    pub address: Option<String>,
    pub description: Option<String>,
    pub colour: u32,
}

/// A picture as the message shows it: a file of the message, or a link.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Shown {
    title: String,
    colour: u32,
    /// The file's name, or the link.
    pub source: Source,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A file, and its number once Discord has given it one.
    File(String, Option<String>),
    /// An address that Discord fetches.
    Link(String),
}

/// What stands outside of embeds.
#[derive(Clone, Debug, Default)]
pub struct Head {
    pub content: String,
    /// Whom the content may mention.
    pub mentions: Mentions,
    pub username: Option<String>,
    pub avatar_url: Option<String>,
    pub thread_name: Option<String>,
}

/// Alertmanager's colours.
pub const fn colour(status: Status) -> u32 {
    match status {
        Status::Firing => 0x99_2D_22,
        Status::Resolved => 0x2E_CC_71,
    }
}

impl Shown {
    /// The picture; none if it is neither a file nor a link that Discord takes.
    pub fn new(picture: &Picture) -> Option<Self> {
        let source = match &picture.bytes {
            Some(_) => Source::File(files::name(picture), None),
            None => Source::Link(picture.url.clone().filter(|url| is_address(url))?),
        };
        let title = markdown::cut(&markdown::escape(&one_line(&picture.record.title)), PICTURE_TITLE);
        Some(Self { title, colour: colour(picture.record.transition), source })
    }

    /// Whether it shows this very picture.
    pub fn is_of(&self, picture: &Picture) -> bool {
        match &self.source {
            Source::File(name, _) => *name == files::name(picture),
            Source::Link(link) => picture.url.as_ref() == Some(link),
        }
    }

    fn embed_in(&self, embed: CreateEmbed) -> CreateEmbed {
        match &self.source {
            Source::File(name, _) => embed.attachment(name),
            Source::Link(url) => embed.image(url),
        }
    }

    fn embed(&self) -> CreateEmbed {
        let embed = self.embed_in(CreateEmbed::new().colour(self.colour));
        if self.title.is_empty() { embed } else { embed.title(&self.title) }
    }
}

/// The embeds: the text with the first picture, then the other pictures.
fn embeds(card: Option<&Card>, pictures: &[Shown]) -> Vec<CreateEmbed> {
    let Some(card) = card else { return pictures.iter().map(Shown::embed).collect() };
    let (first, others) = pictures.split_first().map_or((None, pictures), |(first, others)| (Some(first), others));
    let mut embed = CreateEmbed::new().colour(card.colour);
    if let Some(title) = &card.title {
        embed = embed.title(title);
    }
    if let Some(address) = &card.address {
        embed = embed.url(address);
    }
    if let Some(description) = &card.description {
        embed = embed.description(description);
    }
    if let Some(first) = first {
        embed = first.embed_in(embed);
    }
    std::iter::once(embed).chain(others.iter().map(Shown::embed)).collect()
}

/// A new message; `files` are those of `pictures` that go along.
pub fn message(head: &Head, card: Option<&Card>, pictures: &[Shown], files: &[Picture]) -> Value {
    let mut message = ExecuteWebhook::new().embeds(embeds(card, pictures)).allowed_mentions(allowed(&head.mentions));
    if !head.content.is_empty() {
        message = message.content(&head.content);
    }
    if let Some(username) = &head.username {
        message = message.username(username);
    }
    if let Some(avatar_url) = &head.avatar_url {
        message = message.avatar_url(avatar_url);
    }
    if let Some(name) = &head.thread_name {
        message = message.thread_name(name.clone());
    }
    with_attachments(json!(message), pictures, files)
}

/// What a message is changed to: all of it, or, without `head`, only its embeds and files.
pub fn edit(head: Option<&Head>, card: Option<&Card>, pictures: &[Shown], files: &[Picture]) -> Value {
    let mut message = EditWebhookMessage::new().embeds(embeds(card, pictures));
    if let Some(head) = head {
        message = message.content(&head.content).allowed_mentions(allowed(&head.mentions));
    }
    with_attachments(json!(message), pictures, files)
}

/// Every file that the message is to have: those that are there by their numbers, new ones by their place in the request.
fn with_attachments(mut message: Value, pictures: &[Shown], files: &[Picture]) -> Value {
    let kept = pictures.iter().filter_map(|picture| match &picture.source {
        Source::File(_, Some(id)) => Some(json!({"id": id})),
        _ => None,
    });
    let new = files.iter().enumerate().map(|(at, picture)| {
        let alt = truncate(&one_line(&picture.record.alt), ALT).into_owned();
        let mut attachment = json!({"id": at, "filename": files::name(picture)});
        if !alt.is_empty() {
            attachment["description"] = json!(alt);
        }
        attachment
    });
    message["attachments"] = kept.chain(new).collect();
    message
}

/// Only who is mentioned by the template itself: see [`markdown::mentions`].
fn allowed(Mentions { everyone, users, roles }: &Mentions) -> CreateAllowedMentions {
    let (users, roles) = (users.iter().copied().take(MENTIONED), roles.iter().copied().take(MENTIONED));
    CreateAllowedMentions::new().everyone(*everyone).users(users).roles(roles)
}

/// Whether Discord takes an address into an embed: it refuses the whole message over a host without a dot
/// (<https://github.com/bugsink/bugsink/issues/280>).
pub fn is_address(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let is_known = match url.host() {
        Some(Host::Domain(name)) => name.trim_end_matches('.').contains('.'),
        Some(_) => true,
        None => false,
    };
    matches!(url.scheme(), "http" | "https") && is_known && text.chars().count() <= ADDRESS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_discord_refuses_are_known() {
        let check = |text: &str, expected| assert_eq!(is_address(text), expected, "{text}");
        check("https://wirephoto.example.org/#/alerts", true);
        check("http://10.0.0.1:9093/", true);
        check("http://[::1]:9093/", true);
        check("http://wirephoto:9093/", false);
        check("http://localhost./", false);
        check("ftp://example.org/", false);
        check("/images/a.png", false);
        check(&format!("https://example.org/{}", "a".repeat(3_000)), false);
    }
}
