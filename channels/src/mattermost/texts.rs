//! The texts of a Mattermost post: what is compiled of the configuration, and what comes out of it for a message.
//!
//! Deliberately unknown here: requests.

use alerts::{message::Message, templates::TextTemplate};

use super::{
    config::{AttachmentConfig, Config},
    post::{Card, Post, PostPriority},
};
use crate::{
    attachments::{Attachment, Field, FieldTexts, fields, link},
    builder::Builder,
    sending::{
        fullest::{and_more, fullest},
        markdown,
        texts::Both,
        values::{escaped, one_line, plain},
    },
};

/// All templates of a post.
pub struct PostTexts {
    /// Above attachments of the user's own; without any, the text of ours.
    text: TextTemplate,
    title: TextTemplate,
    channel: Option<TextTemplate>,
    username: Option<TextTemplate>,
    icon_url: Option<TextTemplate>,
    icon_emoji: Option<TextTemplate>,
    kind: Option<TextTemplate>,
    card: Option<TextTemplate>,
    priority: Option<(TextTemplate, bool, bool)>,
    /// Whether the attachments are the user's own.
    own: bool,
    attachments: Vec<AttachmentTexts>,
}

struct AttachmentTexts {
    fallback: Option<TextTemplate>,
    color: Option<TextTemplate>,
    pretext: Option<TextTemplate>,
    text: Option<TextTemplate>,
    author_name: Option<TextTemplate>,
    author_link: Option<TextTemplate>,
    author_icon: Option<TextTemplate>,
    title: Option<TextTemplate>,
    title_link: Option<TextTemplate>,
    fields: Vec<FieldTexts>,
    thumb_url: Option<TextTemplate>,
    footer: Option<TextTemplate>,
    footer_icon: Option<TextTemplate>,
    image_url: Option<TextTemplate>,
}

impl PostTexts {
    /// Compiles the texts.
    pub fn new(config: &Config, builder: &mut Builder<'_>) -> Option<Self> {
        let own = !config.attachments.is_empty();
        let ours = [config.own_attachment()];
        let attachments = if own { &config.attachments[..] } else { &ours[..] };
        let at = |index: usize| if own { format!("attachments[{index}].") } else { String::new() };
        let attachments =
            attachments.iter().enumerate().map(|(index, one)| AttachmentTexts::new(one, &at(index), builder));
        let attachments = attachments.collect();
        let card = config.props.as_ref().and_then(|props| props.card.as_deref()).filter(|card| !card.is_empty());
        let priority = config.priority.as_ref().and_then(|priority| {
            let word = priority.priority.as_deref().filter(|word| !word.is_empty())?;
            let word = builder.text("priority.priority", word)?;
            Some((word, priority.requested_ack, priority.persistent_notifications))
        });
        Some(Self {
            text: builder.text("text", &config.text)?,
            title: builder.text("title", &config.title)?,
            channel: builder.optional_text("channel", config.channel.as_deref()),
            username: builder.optional_text("username", Some(&config.username)),
            icon_url: builder.optional_text("icon_url", config.icon_url.as_deref()),
            icon_emoji: builder.optional_text("icon_emoji", config.icon_emoji.as_deref()),
            kind: builder.optional_text("type", config.kind.as_deref()),
            card: builder.optional_text("props.card", card),
            priority,
            own,
            attachments,
        })
    }

    /// The post with as many alerts as fit and the linked pictures; and what went wrong on the side.
    pub fn post(&self, message: &Message) -> (Post, Vec<String>) {
        let whole = || self.rendered(message, 0);
        let (mut post, failures) =
            fullest(message, |part, left_out| self.rendered(part, left_out), |(post, _)| post.fits()).unwrap_or_else(
                || {
                    let (post, failures) = whole();
                    (post.cut(), failures)
                },
            );
        post.show(&message.pictures, self.own);
        (post, failures)
    }

    fn rendered(&self, message: &Message, left_out: usize) -> (Post, Vec<String>) {
        let (marked, neutral) = (escaped(message, markdown::escape), escaped(message, markdown::neutral));
        let mut texts = Both::new(&marked, &neutral);
        let text = plain(&texts.marked.body(&self.text)).into_owned();
        let mut attachments: Vec<Attachment> = self.attachments.iter().map(|one| one.rendered(&mut texts)).collect();
        let mut post = Post::default();
        match attachments.first_mut() {
            Some(ours) if !self.own => {
                ours.text = filled(text);
                ours.title = filled(one_line(&texts.neutral.title(&self.title)));
            }
            _ => post.text = filled(text),
        }
        post.attachments = attachments;
        for line in [and_more(left_out), markdown::more_pictures(message)].into_iter().flatten() {
            post.add_line(&line, self.own);
        }
        let other = |texts: &mut Both<'_>, text: &Option<TextTemplate>| {
            texts.neutral.option(text.as_ref()).map(|text| one_line(&text))
        };
        post.channel = other(&mut texts, &self.channel);
        post.username = other(&mut texts, &self.username);
        post.icon_url = other(&mut texts, &self.icon_url);
        post.icon_emoji = other(&mut texts, &self.icon_emoji);
        post.kind = other(&mut texts, &self.kind);
        post.props = texts.marked.option(self.card.as_ref()).map(|card| Card { card });
        post.priority = self.priority.as_ref().map(|(word, ack, persistent)| {
            PostPriority::corrected(&texts.neutral.option(Some(word)).unwrap_or_default(), *ack, *persistent)
        });
        (post, texts.into_failures())
    }
}

impl AttachmentTexts {
    fn new(config: &AttachmentConfig, at: &str, builder: &mut Builder<'_>) -> Self {
        let fields = fields(&config.fields, &format!("{at}fields"), None, builder);
        let mut text = |key: &str, source: &Option<String>| {
            let source = source.as_deref().filter(|source| !source.is_empty());
            builder.optional_text(&format!("{at}{key}"), source)
        };
        Self {
            fallback: text("fallback", &config.fallback),
            color: text("color", &config.color),
            pretext: text("pretext", &config.pretext),
            text: text("text", &config.text),
            author_name: text("author_name", &config.author_name),
            author_link: text("author_link", &config.author_link),
            author_icon: text("author_icon", &config.author_icon),
            title: text("title", &config.title),
            title_link: text("title_link", &config.title_link),
            fields,
            thumb_url: text("thumb_url", &config.thumb_url),
            footer: text("footer", &config.footer),
            footer_icon: text("footer_icon", &config.footer_icon),
            image_url: text("image_url", &config.image_url),
        }
    }

    fn rendered(&self, texts: &mut Both<'_>) -> Attachment {
        let address = |texts: &mut Both<'_>, text: &Option<TextTemplate>| {
            texts.neutral.option(text.as_ref()).as_deref().and_then(link)
        };
        let fields = self.fields.iter().map(|field| Field {
            title: texts.neutral.option(Some(&field.title)).unwrap_or_default(),
            value: texts.marked.option(Some(&field.value)).unwrap_or_default(),
            short: field.short,
        });
        Attachment {
            fields: fields.collect(),
            fallback: texts.neutral.option(self.fallback.as_ref()).map(|fallback| one_line(&fallback)),
            color: texts.neutral.option(self.color.as_ref()),
            pretext: texts.marked.option(self.pretext.as_ref()),
            text: texts.marked.option(self.text.as_ref()),
            author_name: texts.neutral.option(self.author_name.as_ref()),
            author_link: address(texts, &self.author_link),
            author_icon: address(texts, &self.author_icon),
            title: texts.neutral.option(self.title.as_ref()).map(|title| one_line(&title)),
            title_link: address(texts, &self.title_link),
            thumb_url: address(texts, &self.thumb_url),
            footer: texts.neutral.option(self.footer.as_ref()),
            footer_icon: address(texts, &self.footer_icon),
            image_url: address(texts, &self.image_url),
            ..Attachment::default()
        }
    }
}

fn filled(text: String) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}
