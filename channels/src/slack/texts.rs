//! The texts of a Slack message: what is compiled of the configuration, and what comes out of it for a message.
//!
//! Deliberately unknown here: requests, and which form the texts get.

use alerts::{message::Message, templates::TextTemplate};

use super::{
    attachment::{Button, Confirmation, Extras},
    config::{Action, Config},
    content::Parts,
    mrkdwn,
};
use crate::{
    attachments::{FieldTexts, fields},
    builder::Builder,
    sending::{
        texts::Texts,
        values::{one_line, plain},
    },
};

/// All templates of a message.
pub struct SlackTexts {
    pub username: Option<TextTemplate>,
    pub icon_emoji: Option<TextTemplate>,
    pub icon_url: Option<TextTemplate>,
    pub link_names: bool,
    pretext: Option<TextTemplate>,
    title: TextTemplate,
    title_link: Option<TextTemplate>,
    text: TextTemplate,
    fallback: Option<TextTemplate>,
    color: Option<TextTemplate>,
    message_text: Option<TextTemplate>,
    footer: Option<TextTemplate>,
    callback_id: Option<TextTemplate>,
    image_url: Option<TextTemplate>,
    thumb_url: Option<TextTemplate>,
    fields: Vec<FieldTexts>,
    actions: Vec<ActionTexts>,
    mrkdwn_in: Vec<String>,
}

struct ActionTexts {
    kind: TextTemplate,
    text: TextTemplate,
    url: Option<TextTemplate>,
    style: Option<TextTemplate>,
    name: Option<TextTemplate>,
    value: Option<TextTemplate>,
    confirm: Option<[Option<TextTemplate>; 4]>,
}

impl SlackTexts {
    /// Compiles the texts; `poster` gives name and icons that the configuration leaves open their defaults.
    pub fn new(config: &Config, builder: &mut Builder<'_>, poster: bool) -> Option<Self> {
        let default = |part: &str| poster.then(|| format!(r#"{{{{ template "slack.default.{part}" . }}}}"#));
        let or = |own: &Option<String>, part: &str| own.clone().or_else(|| default(part));
        let username = builder.optional_text("username", or(&config.username, "username").as_deref());
        let icon_emoji = builder.optional_text("icon_emoji", or(&config.icon_emoji, "iconemoji").as_deref());
        let icon_url = builder.optional_text("icon_url", or(&config.icon_url, "iconurl").as_deref());
        let pretext = builder.optional_text("pretext", Some(&config.pretext));
        let title = builder.text("title", &config.title);
        let title_link = builder.text("title_link", &config.title_link);
        let text = builder.text("text", &config.text);
        let fallback = builder.text("fallback", &config.fallback);
        let color = builder.text("color", &config.color);
        let fields = fields(&config.fields, "fields", Some(config.short_fields), builder);
        let actions = actions(config, builder);
        Some(Self {
            username,
            icon_emoji,
            icon_url,
            link_names: config.link_names,
            pretext,
            title: title?,
            title_link,
            text: text?,
            fallback,
            color,
            message_text: builder.optional_text("message_text", config.message_text.as_deref()),
            footer: builder.optional_text("footer", Some(&config.footer)),
            callback_id: builder.optional_text("callback_id", Some(&config.callback_id)),
            image_url: builder.optional_text("image_url", config.image_url.as_deref()),
            thumb_url: builder.optional_text("thumb_url", config.thumb_url.as_deref()),
            fields,
            actions,
            mrkdwn_in: config.mrkdwn_in.clone(),
        })
    }

    /// The parts that every form has.
    pub fn parts(&self, message: &Message, texts: &mut Texts<'_>) -> Parts {
        Parts {
            pretext: texts.option(self.pretext.as_ref()),
            title: one_line(&texts.title(&self.title)),
            title_link: texts.option(self.title_link.as_ref()).map(|link| mrkdwn::unescape(&link)),
            text: plain(&texts.body(&self.text)).into_owned(),
            fallback: texts.option(self.fallback.as_ref()),
            color: texts.option(self.color.as_ref()),
            pictures_left_out: message.pictures_left_out,
            external_url: message.external_url.clone(),
        }
    }

    /// The parts that only attachments have.
    pub fn extras(&self, texts: &mut Texts<'_>) -> Extras {
        let url = |text: Option<String>| text.map(|url| mrkdwn::unescape(&url));
        Extras {
            message_text: texts.option(self.message_text.as_ref()),
            footer: texts.option(self.footer.as_ref()),
            callback_id: texts.option(self.callback_id.as_ref()).map(|id| mrkdwn::unescape(&id)),
            image_url: url(texts.option(self.image_url.as_ref())),
            thumb_url: url(texts.option(self.thumb_url.as_ref())),
            fields: self.fields.iter().map(|field| field.rendered(texts)).collect(),
            actions: self.actions.iter().map(|action| action.rendered(texts)).collect(),
            mrkdwn_in: self.mrkdwn_in.clone(),
        }
    }
}

impl ActionTexts {
    fn rendered(&self, texts: &mut Texts<'_>) -> Button {
        Button {
            kind: texts.option(Some(&self.kind)).unwrap_or_default(),
            text: texts.option(Some(&self.text)).unwrap_or_default(),
            url: texts.option(self.url.as_ref()).map(|url| mrkdwn::unescape(&url)),
            style: texts.option(self.style.as_ref()),
            name: texts.option(self.name.as_ref()),
            value: texts.option(self.value.as_ref()),
            confirm: self.confirm.as_ref().map(|[text, title, ok_text, dismiss_text]| Confirmation {
                text: texts.option(text.as_ref()).unwrap_or_default(),
                title: texts.option(title.as_ref()),
                ok_text: texts.option(ok_text.as_ref()),
                dismiss_text: texts.option(dismiss_text.as_ref()),
            }),
        }
    }
}

fn actions(config: &Config, builder: &mut Builder<'_>) -> Vec<ActionTexts> {
    let actions = config.actions.iter().enumerate();
    actions.filter_map(|(at, action)| action_texts(action, &format!("actions[{at}]"), builder)).collect()
}

fn action_texts(action: &Action, at: &str, builder: &mut Builder<'_>) -> Option<ActionTexts> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let (url, name) = (given(&action.url), given(&action.name));
    let mut missing = false;
    for (key, absent) in [("type", action.kind.is_empty()), ("text", action.text.is_empty())] {
        if absent {
            builder.problem(&format!("{at}.{key}"), "is missing");
            missing = true;
        }
    }
    if url.is_none() && name.is_none() {
        builder.problem(&format!("{at}.url"), "is missing: a button leads somewhere (url) or says something (name)");
        missing = true;
    }
    if missing {
        return None;
    }
    // as in Alertmanager, one that leads somewhere says nothing besides
    let says = url.is_none();
    let mut text = |key: &str, source: Option<&str>| builder.optional_text(&format!("{at}.{key}"), source);
    let confirm = action.confirm.as_ref().filter(|_| says).map(|confirm| {
        [
            text("confirm.text", Some(&confirm.text)),
            text("confirm.title", confirm.title.as_deref()),
            text("confirm.ok_text", confirm.ok_text.as_deref()),
            text("confirm.dismiss_text", confirm.dismiss_text.as_deref()),
        ]
    });
    Some(ActionTexts {
        kind: text("type", Some(&action.kind))?,
        text: text("text", Some(&action.text))?,
        url: text("url", url.as_deref()),
        style: text("style", action.style.as_deref()),
        name: text("name", name.filter(|_| says).as_deref()),
        value: text("value", action.value.as_deref().filter(|_| says)),
        confirm,
    })
}
