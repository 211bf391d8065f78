//! What is asked of Telegram, as its own payloads (teloxide's types): methods, bodies, and the files that go with them.
//!
//! Deliberately unknown here: HTTP, answers.

use std::borrow::Cow;

use alerts::{picture::Picture, ports::SendError, ports::SendErrorKind};
use serde::Serialize;
use serde_json::Value;
use teloxide::{
    payloads::{EditMessageCaption, EditMessageMedia, EditMessageText, SendMediaGroup, SendMessage, SendPhoto},
    types::{
        InputFile, InputMedia, InputMediaPhoto, LinkPreviewOptions, MessageId, Recipient, ReplyParameters, ThreadId,
    },
};

use super::text::{CAPTION, Text};
use crate::sending::{truncate::truncate, values::one_line};

/// Where a message goes.
#[derive(Clone, Debug)]
pub struct To {
    pub chat: Recipient,
    /// A topic of a forum.
    pub topic: Option<i32>,
    /// Without a sound.
    pub silent: bool,
    /// The message that it answers.
    pub reply_to: Option<i32>,
}

/// What is done; texts come separately, since they may have to be said more plainly.
#[derive(Clone, Copy, Debug)]
pub enum Call<'a> {
    /// A text alone.
    Text,
    /// One picture, or up to ten as an album. The text stands below the first; without one, each has its title.
    Photos(&'a [Picture]),
    /// Another text for a message of text.
    EditText(i32),
    /// Another text below a picture.
    EditCaption(i32),
    /// Another picture and another text below it; without one, its title.
    EditPhoto(i32, &'a Picture),
}

/// A request: a method with its parameters, and files that the parameters name.
pub struct Request<'a> {
    pub method: &'static str,
    pub body: Value,
    pub files: Vec<(String, &'a Picture)>,
}

impl Request<'_> {
    /// Whether it changes a message, by its id.
    pub fn is_edit(&self) -> bool {
        self.method.starts_with("edit")
    }

    /// Whether pictures are in it.
    pub fn has_pictures(&self) -> bool {
        matches!(self.method, "sendPhoto" | "sendMediaGroup" | "editMessageMedia")
    }
}

impl<'a> Call<'a> {
    /// The request for it.
    pub fn request(self, text: Option<&Text>, to: &To) -> Result<Request<'a>, SendError> {
        let mut files = Vec::new();
        let (method, body) = match self {
            Call::Text => ("sendMessage", body(&message(text, to))?),
            Call::Photos([one]) => ("sendPhoto", body(&photo(one, text, to, &mut files)?)?),
            Call::Photos(all) => ("sendMediaGroup", body(&album(all, text, to, &mut files)?)?),
            Call::EditText(id) => {
                let mut edit = EditMessageText::new(to.chat.clone(), MessageId(id), markup(text));
                edit.parse_mode = text.and_then(|text| text.mode.parse_mode());
                edit.link_preview_options = Some(no_preview());
                ("editMessageText", body(&edit)?)
            }
            Call::EditCaption(id) => {
                let mut edit = EditMessageCaption::new(to.chat.clone(), MessageId(id));
                edit.caption = Some(markup(text));
                edit.parse_mode = text.and_then(|text| text.mode.parse_mode());
                ("editMessageCaption", body(&edit)?)
            }
            Call::EditPhoto(id, picture) => {
                let media = InputMedia::Photo(media(picture, Some(Caption::of(picture, text)), &mut files)?);
                ("editMessageMedia", body(&EditMessageMedia::new(to.chat.clone(), MessageId(id), media))?)
            }
        };
        Ok(Request { method, body, files })
    }
}

fn message(text: Option<&Text>, to: &To) -> SendMessage {
    let mut message = SendMessage::new(to.chat.clone(), markup(text));
    message.parse_mode = text.and_then(|text| text.mode.parse_mode());
    message.link_preview_options = Some(no_preview());
    message.message_thread_id = to.topic.map(topic);
    message.disable_notification = to.silent.then_some(true);
    message.reply_parameters = to.reply_to.map(reply);
    message
}

fn photo<'a>(
    picture: &'a Picture,
    text: Option<&Text>,
    to: &To,
    files: &mut Vec<(String, &'a Picture)>,
) -> Result<SendPhoto, SendError> {
    let caption = Caption::of(picture, text);
    let mut photo = SendPhoto::new(to.chat.clone(), file(picture, files)?);
    photo.parse_mode = caption.text.and_then(|text| text.mode.parse_mode());
    photo.caption = caption.into_words();
    photo.message_thread_id = to.topic.map(topic);
    photo.disable_notification = to.silent.then_some(true);
    photo.reply_parameters = to.reply_to.map(reply);
    Ok(photo)
}

fn album<'a>(
    pictures: &'a [Picture],
    text: Option<&Text>,
    to: &To,
    files: &mut Vec<(String, &'a Picture)>,
) -> Result<SendMediaGroup, SendError> {
    let mut all = Vec::new();
    for (at, picture) in pictures.iter().enumerate() {
        // an album shows a caption only if it is the only one
        let caption = (at == 0 || text.is_none()).then(|| Caption::of(picture, text));
        all.push(InputMedia::Photo(media(picture, caption, files)?));
    }
    let mut album = SendMediaGroup::new(to.chat.clone(), all);
    album.message_thread_id = to.topic.map(topic);
    album.disable_notification = to.silent.then_some(true);
    album.reply_parameters = to.reply_to.map(reply);
    Ok(album)
}

fn media<'a>(
    picture: &'a Picture,
    caption: Option<Caption<'_>>,
    files: &mut Vec<(String, &'a Picture)>,
) -> Result<InputMediaPhoto, SendError> {
    let mut media = InputMediaPhoto::new(file(picture, files)?);
    if let Some(caption) = caption {
        media.parse_mode = caption.text.and_then(|text| text.mode.parse_mode());
        media.caption = caption.into_words();
    }
    Ok(media)
}

/// The picture's bytes as a part of the request, or its link.
fn file<'a>(picture: &'a Picture, files: &mut Vec<(String, &'a Picture)>) -> Result<InputFile, SendError> {
    let place = match (&picture.bytes, &picture.url) {
        (Some(_), _) => {
            let part = format!("photo{}", files.len());
            let place = format!("attach://{part}");
            files.push((part, picture));
            Cow::Owned(place)
        }
        (None, Some(url)) => Cow::Borrowed(url.as_str()),
        (None, None) => return Err(nowhere(&picture.record.id.to_string())),
    };
    Ok(InputFile::url(place.parse().map_err(|_| nowhere(&place))?))
}

fn nowhere(picture: &str) -> SendError {
    SendError::new(SendErrorKind::TooLarge, format!("picture {picture}: neither a file nor a link"))
}

/// The words below a picture: the text, or the picture's title.
struct Caption<'a> {
    text: Option<&'a Text>,
    title: String,
}

impl<'a> Caption<'a> {
    fn of(picture: &Picture, text: Option<&'a Text>) -> Self {
        Self { text, title: one_line(&picture.record.title) }
    }

    fn into_words(self) -> Option<String> {
        let words = match self.text {
            Some(text) => text.markup.clone(),
            None => truncate(&self.title, CAPTION).into_owned(),
        };
        Some(words).filter(|words| !words.is_empty())
    }
}

fn markup(text: Option<&Text>) -> String {
    text.map(|text| text.markup.clone()).unwrap_or_default()
}

const fn no_preview() -> LinkPreviewOptions {
    LinkPreviewOptions {
        is_disabled: true,
        url: None,
        prefer_small_media: false,
        prefer_large_media: false,
        show_above_text: false,
    }
}

fn topic(id: i32) -> ThreadId {
    ThreadId(MessageId(id))
}

/// A message that is gone is no reason not to send this one.
fn reply(to: i32) -> ReplyParameters {
    ReplyParameters::new(MessageId(to)).allow_sending_without_reply()
}

fn body(payload: &impl Serialize) -> Result<Value, SendError> {
    serde_json::to_value(payload).map_err(|why| SendError::new(SendErrorKind::Rejected, why.to_string()))
}
