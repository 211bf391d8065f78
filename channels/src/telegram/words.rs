//! Telegram's descriptions of failures, and what they mean for the machine. Telegram has few codes: almost everything is a 400 with
//! words, which the libraries of others (teloxide's `ApiError` among them) tell apart by their text.
//!
//! Deliberately unknown here: how answers are read.

use serde::Deserialize;
use serde::de::{IntoDeserializer, value::Error};
use teloxide::ApiError;

/// What a failure is about, beyond its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Token, rights or chat: nothing gets through until somebody mends it.
    Closed,
    /// The pictures: without them it may pass.
    Pictures,
    /// The markup: without it, it may pass.
    Entities,
    /// The message that was to be changed is not there any more, or another kind of message.
    Gone,
    /// The message already is as it should be.
    NotModified,
    /// Nothing that is known by its words.
    Other,
}

/// What Telegram says about pictures that it cannot fetch, read or show here. In albums it stands inside of another sentence.
const PICTURES: [&str; 22] = [
    "failed to get http url content",
    "wrong file identifier",
    "wrong remote file",
    "wrong type of the web page content",
    "wrong http url",
    "webpage_curl_failed",
    "webpage_media_empty",
    "image_process_failed",
    "photo_invalid",
    "photo_ext_invalid",
    "photo_save_file_invalid",
    "photo_content",
    "media_empty",
    "media_invalid",
    "group send failed",
    "file is too big",
    "caption is too long",
    "caption_too_long",
    "rights to send photos",
    "send_photos_forbidden",
    "send_media_forbidden",
    "should be uploaded as an inputfile",
];

const CLOSED: [&str; 14] = [
    "not enough rights",
    "have no rights",
    "need administrator rights",
    "chat_write_forbidden",
    "chat_restricted",
    "chat_admin_required",
    "peer_id_invalid",
    "user_is_blocked",
    "topic_closed",
    "topic_deleted",
    "message thread not found",
    "not a member",
    "chat is deactivated",
    "the group has been deleted",
];

const GONE: [&str; 4] = ["to edit not found", "can't be edited", "message_id_invalid", "in the message to edit"];

/// What a description is about.
pub fn read(description: &str) -> Trouble {
    let text: serde::de::value::StrDeserializer<'_, Error> = description.into_deserializer();
    match ApiError::deserialize(text) {
        Ok(ApiError::MessageNotModified) => Trouble::NotModified,
        Ok(ApiError::CantParseEntities(_)) => Trouble::Entities,
        Ok(ApiError::MessageIdInvalid | ApiError::MessageToEditNotFound | ApiError::MessageCantBeEdited) => {
            Trouble::Gone
        }
        Ok(
            ApiError::BotBlocked
            | ApiError::InvalidToken
            | ApiError::ChatNotFound
            | ApiError::UserNotFound
            | ApiError::GroupDeactivated
            | ApiError::NotEnoughRightsToPostMessages
            | ApiError::BotKicked
            | ApiError::BotKickedFromSupergroup
            | ApiError::BotKickedFromChannel
            | ApiError::UserDeactivated
            | ApiError::CantInitiateConversation
            | ApiError::CantTalkWithBots,
        ) => Trouble::Closed,
        Ok(
            ApiError::WrongFileId
            | ApiError::WrongFileIdOrUrl
            | ApiError::FailedToGetUrlContent
            | ApiError::ImageProcessFailed
            | ApiError::PhotoAsInputFileRequired
            | ApiError::WrongHttpUrl
            | ApiError::FileIdInvalid
            | ApiError::RequestEntityTooLarge,
        ) => Trouble::Pictures,
        _ => by_words(&description.to_lowercase()),
    }
}

fn by_words(description: &str) -> Trouble {
    let has = |words: &[&str]| words.iter().any(|word| description.contains(word));
    match () {
        () if has(&PICTURES) => Trouble::Pictures,
        () if has(&["can't parse entities", "can't parse caption entities"]) => Trouble::Entities,
        () if has(&["message is not modified"]) => Trouble::NotModified,
        () if has(&GONE) => Trouble::Gone,
        () if has(&CLOSED) => Trouble::Closed,
        () => Trouble::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_have_classes() {
        let check = |description: &str, expected| assert_eq!(read(description), expected, "{description}");
        check("Unauthorized", Trouble::Closed);
        check("Not Found", Trouble::Closed);
        check("Bad Request: chat not found", Trouble::Closed);
        check("Forbidden: bot was kicked from the supergroup chat", Trouble::Closed);
        check("Bad Request: not enough rights to send text messages to the chat", Trouble::Closed);
        check("Bad Request: TOPIC_CLOSED", Trouble::Closed);
        check("Bad Request: not enough rights to send photos to the chat", Trouble::Pictures);
        check("Bad Request: failed to get HTTP URL content", Trouble::Pictures);
        check("Bad Request: wrong file identifier/HTTP URL specified", Trouble::Pictures);
        let inside = "Bad Request: failed to send message #1 with the error message \"Wrong file identifier/HTTP URL specified\"";
        check(inside, Trouble::Pictures);
        check("Bad Request: PHOTO_INVALID_DIMENSIONS", Trouble::Pictures);
        check("Bad Request: IMAGE_PROCESS_FAILED", Trouble::Pictures);
        check("Request Entity Too Large", Trouble::Pictures);
        check("Bad Request: can't parse entities: Unsupported start tag \"x\" at byte offset 7", Trouble::Entities);
        check("Bad Request: message to edit not found", Trouble::Gone);
        check("Bad Request: there is no text in the message to edit", Trouble::Gone);
        let same = "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a \
                    current content and reply markup of the message";
        check(same, Trouble::NotModified);
        check("Bad Request: message is too long", Trouble::Other);
        check("Internal Server Error", Trouble::Other);
    }
}
