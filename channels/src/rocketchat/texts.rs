//! The texts of a Rocket.Chat message: what is compiled of the configuration, and what comes out of it for a message.
//!
//! A message is an attachment, as in Alertmanager; one that is to be edited later is a text, since nothing else of a message can
//! be edited.
//!
//! Deliberately unknown here: requests.

use alerts::{
    message::Message,
    picture::Picture,
    ports::{TextLimit, TextUnit},
    templates::TextTemplate,
};
use serde::Serialize;
use serde_json::json;

use super::config::{Action, Config};
use crate::{
    attachments::{Attachment, Field, FieldTexts, alone, fields, link, linked},
    builder::Builder,
    sending::{
        fullest::{and_more, fullest},
        markdown,
        texts::Both,
        truncate::{length, truncate},
        values::{escaped, one_line, plain},
    },
};

/// The longest text: a server's `Message_MaxAllowedSize`, unless somebody changed it. It counts as JavaScript does.
pub const TEXT: TextLimit = TextLimit { unit: TextUnit::Utf16, max: 5_000 };

/// The longest title, as Alertmanager cuts it.
pub const TITLE: TextLimit = TextLimit::chars(1_024);

/// All templates of a message.
pub struct MessageTexts {
    channel: TextTemplate,
    color: Option<TextTemplate>,
    title: TextTemplate,
    title_link: Option<TextTemplate>,
    text: TextTemplate,
    fields: Vec<FieldTexts>,
    emoji: Option<TextTemplate>,
    icon_url: Option<TextTemplate>,
    image_url: Option<TextTemplate>,
    thumb_url: Option<TextTemplate>,
    actions: Vec<ActionTexts>,
    /// Whether it is a text that can be edited.
    editable: bool,
}

struct ActionTexts {
    action: Action,
    text: Option<TextTemplate>,
    url: Option<TextTemplate>,
    msg: Option<TextTemplate>,
}

/// What a message says.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Written {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub channel: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emoji: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

impl MessageTexts {
    /// Compiles the texts.
    pub fn new(config: &Config, editable: bool, builder: &mut Builder<'_>) -> Option<Self> {
        let channel = builder.required("channel", Some(config.channel.trim()).filter(|name| !name.is_empty()), "");
        let channel = builder.optional_text("channel", channel);
        let fields = fields(&config.fields, "fields", Some(config.short_fields), builder);
        let actions = config.actions.iter().enumerate();
        let actions =
            actions.map(|(at, action)| ActionTexts::new(action, &format!("actions[{at}]"), builder)).collect();
        Some(Self {
            color: builder.optional_text("color", Some(&config.color)),
            title: builder.text("title", &config.title)?,
            title_link: builder.optional_text("title_link", Some(&config.title_link)),
            text: builder.text("text", &config.text)?,
            fields,
            emoji: builder.optional_text("emoji", Some(&config.emoji)),
            icon_url: builder.optional_text("icon_url", Some(&config.icon_url)),
            image_url: builder.optional_text("image_url", config.image_url.as_deref()),
            thumb_url: builder.optional_text("thumb_url", config.thumb_url.as_deref()),
            actions,
            editable,
            channel: channel?,
        })
    }

    /// The message with as many alerts as fit, and the linked pictures where it can show them; and what went wrong on the side.
    pub fn written(&self, message: &Message) -> (Written, Vec<String>) {
        let (mut written, failures) =
            fullest(message, |part, left_out| self.rendered(part, left_out), |(written, _)| written.fits())
                .unwrap_or_else(|| {
                    let (written, failures) = self.rendered(message, 0);
                    (written.cut(), failures)
                });
        if !self.editable {
            let mut pictures = linked(&message.pictures).peekable();
            let color = written.attachments.first().and_then(|main| main.color.clone());
            if let Some(main) = written.attachments.first_mut().filter(|main| main.image_url.is_none()) {
                main.image_url = pictures.next().map(|(_, url)| url);
            }
            written.attachments.extend(pictures.map(|(picture, url)| shown(picture, url, color.clone())));
        }
        (written, failures)
    }

    fn rendered(&self, message: &Message, left_out: usize) -> (Written, Vec<String>) {
        let (marked, neutral) = (escaped(message, escape), escaped(message, markdown::neutral));
        let mut texts = Both::new(&marked, &neutral);
        let mut lines = vec![plain(&texts.marked.body(&self.text)).trim().to_owned()];
        lines.extend([and_more(left_out), markdown::more_pictures(message)].into_iter().flatten());
        lines.retain(|line| !line.is_empty());
        let text = lines.join("\n");
        let title_link = texts.neutral.option(self.title_link.as_ref()).as_deref().and_then(link);
        let other = |texts: &mut Both<'_>, text: &Option<TextTemplate>| texts.neutral.option(text.as_ref());
        let mut written = Written {
            channel: texts.neutral.option(Some(&self.channel)).map(|name| one_line(&name)).unwrap_or_default(),
            emoji: other(&mut texts, &self.emoji),
            avatar: other(&mut texts, &self.icon_url),
            ..Written::default()
        };
        if self.editable {
            let title = one_line(&texts.marked.title(&self.title));
            // titles have brackets, which the words of a link must not have
            let open = title_link.map(|link| format!(" [open]({link})")).unwrap_or_default();
            written.text = Some(format!("*{title}*{open}\n{text}"));
        } else {
            written.attachments = vec![self.attachment(&mut texts, text, title_link)];
        }
        (written, texts.into_failures())
    }

    fn attachment(&self, texts: &mut Both<'_>, text: String, title_link: Option<String>) -> Attachment {
        let title = one_line(&texts.neutral.title(&self.title));
        let fields = self.fields.iter().map(|field| Field {
            title: texts.neutral.option(Some(&field.title)).unwrap_or_default(),
            value: texts.marked.option(Some(&field.value)).unwrap_or_default(),
            short: field.short,
        });
        Attachment {
            fields: fields.collect(),
            title: Some(title).filter(|title| !title.is_empty()),
            title_link,
            text: Some(text).filter(|text| !text.is_empty()),
            image_url: texts.neutral.option(self.image_url.as_ref()).as_deref().and_then(link),
            thumb_url: texts.neutral.option(self.thumb_url.as_ref()).as_deref().and_then(link),
            color: texts.neutral.option(self.color.as_ref()),
            actions: self.actions.iter().map(|action| json!(action.rendered(texts))).collect(),
            ..Attachment::default()
        }
    }
}

impl ActionTexts {
    fn new(action: &Action, at: &str, builder: &mut Builder<'_>) -> Self {
        let mut text = |key: &str, source: &Option<String>| {
            let source = source.as_deref().filter(|source| !source.is_empty());
            builder.optional_text(&format!("{at}.{key}"), source)
        };
        Self {
            text: text("text", &action.text),
            url: text("url", &action.url),
            msg: text("msg", &action.msg),
            action: Action { kind: Some("button".to_owned()), ..action.clone() },
        }
    }

    fn rendered(&self, texts: &mut Both<'_>) -> Action {
        Action {
            text: texts.neutral.option(self.text.as_ref()),
            url: texts.neutral.option(self.url.as_ref()),
            msg: texts.neutral.option(self.msg.as_ref()),
            ..self.action.clone()
        }
    }
}

impl Written {
    fn fits(&self) -> bool {
        let within = |text: &Option<String>, limit: TextLimit| {
            text.as_ref().is_none_or(|text| length(text, limit.unit) <= limit.max)
        };
        within(&self.text, TEXT)
            && self.attachments.iter().all(|one| {
                within(&one.text, TEXT)
                    && within(&one.title, TITLE)
                    && one.fields.iter().all(|field| length(&field.value, TEXT.unit) <= TEXT.max)
            })
    }

    /// Everything cut to where it fits, wherever that is: the templates themselves are too long.
    fn cut(mut self) -> Self {
        let cut = |text: &mut Option<String>, limit| {
            if let Some(text) = text {
                *text = truncate(text, limit).into_owned();
            }
        };
        cut(&mut self.text, TEXT);
        for one in &mut self.attachments {
            cut(&mut one.text, TEXT);
            cut(&mut one.title, TITLE);
            for field in &mut one.fields {
                field.value = truncate(&field.value, TEXT).into_owned();
            }
        }
        self
    }
}

/// A value for Rocket.Chat's Markdown, which has no entities, and a backslash for these four marks only.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in markdown::neutral(text).chars() {
        if matches!(c, '*' | '_' | '~' | '`') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// A linked picture as an attachment.
pub fn shown(picture: &Picture, url: String, color: Option<String>) -> Attachment {
    // Rocket.Chat has no place for a description
    Attachment { fallback: None, ..alone(picture, url, color, words) }
}

/// A picture's words, for where Markdown may count or not.
pub fn words(text: &str) -> String {
    truncate(&markdown::neutral(text), TITLE).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_text() {
        let check = |text: &str, expected: &str| assert_eq!(escape(text), expected);
        check("*a* _b_ ~c~ `d`", "\\*a\\* \\_b\\_ \\~c\\~ \\`d\\`");
        check("@all <http://evil|x> [x](y)", "@\u{200B}all <\u{200B}http://evil|x> [x]\u{200B}(y)");
        check("http://x/a_b?c=*", "http://x/a%5Fb?c=%2A");
    }
}
