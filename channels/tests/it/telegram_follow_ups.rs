//! What follows a first message at Telegram: threads, rewriting, groups that have moved.

use alerts::message::{Message, Receipt};
use serde_json::json;

use super::{
    http_server::{HttpServer, Recorded, Reply},
    messages::{firing, grouped, picture, resolved, with_pictures},
    telegram::{CHAT, UPDATE, answer, bad, channel, long, method, methods, no, parameters, sent, server_with},
};

#[tokio::test]
async fn threads_answer_their_first_message() {
    let server = HttpServer::start(answer).await;
    let channel = channel(&server, "message_strategy = 'thread'");
    let first = sent(&*channel, &firing(), None).await;
    let second = sent(&*channel, &with_pictures(grouped(), 2), Some(&first)).await;
    sent(&*channel, &resolved(), Some(&second)).await;
    assert_eq!(methods(&server), ["sendMessage", "sendMediaGroup", "sendMessage"]);
    assert!(parameters(&server.requests()[0])["reply_parameters"].is_null());
    for request in &server.requests()[1..] {
        let reply = &parameters(request)["reply_parameters"];
        assert_eq!(*reply, json!({"message_id": 11, "allow_sending_without_reply": true}));
    }
}

#[tokio::test]
async fn messages_are_new_unless_something_else_is_wanted() {
    let server = HttpServer::start(answer).await;
    let channel = channel(&server, "");
    let first = sent(&*channel, &firing(), None).await;
    sent(&*channel, &resolved(), Some(&first)).await;
    assert_eq!(methods(&server), ["sendMessage", "sendMessage"]);
    assert!(parameters(&server.requests()[1])["reply_parameters"].is_null());
}

/// What is called for a first message and then for a second.
async fn check_update(first: Message, second: Message, expected: &[&str]) {
    let server = HttpServer::start(answer).await;
    let channel = channel(&server, UPDATE);
    let receipt = sent(&*channel, &first, None).await;
    let receipt = sent(&*channel, &second, Some(&receipt)).await;
    assert_eq!(receipt.degraded, None);
    assert_eq!(methods(&server), expected);
    let edit = parameters(server.requests().iter().find(|request| method(request).starts_with("edit")).unwrap());
    assert_eq!((&edit["chat_id"], &edit["message_id"]), (&json!(CHAT), &json!(11)));
    assert!(edit["disable_notification"].is_null() && edit["message_thread_id"].is_null());
}

#[tokio::test]
async fn an_open_message_is_rewritten() {
    check_update(firing(), resolved(), &["sendMessage", "editMessageText"]).await;
    check_update(with_pictures(firing(), 1), resolved(), &["sendPhoto", "editMessageCaption"]).await;
    let pictured = with_pictures(grouped(), 3);
    check_update(with_pictures(firing(), 1), pictured.clone(), &["sendPhoto", "editMessageMedia"]).await;
    check_update(with_pictures(firing(), 1), long(40), &["sendPhoto", "editMessageCaption"]).await;
    check_update(firing(), pictured, &["sendMessage", "editMessageText", "sendPhoto"]).await;
}

#[tokio::test]
async fn pictures_that_answer_a_rewritten_text_are_replaced() {
    let server = HttpServer::start(answer).await;
    let channel = channel(&server, UPDATE);
    let first = sent(&*channel, &with_pictures(long(10), 1), None).await;
    let second = sent(&*channel, &with_pictures(long(11), 1), Some(&first)).await;
    sent(&*channel, &with_pictures(long(12), 1), Some(&second)).await;
    let again = ["editMessageText", "editMessageMedia"];
    assert_eq!(methods(&server), [&["sendMessage", "sendPhoto"], &again[..], &again[..]].concat());
    let media = &parameters(&server.requests()[3])["media"];
    assert_eq!(*media, json!({"type": "photo", "media": "attach://photo0", "caption": "Disk use"}));
}

#[tokio::test]
async fn what_is_rewritten_to_the_same_is_a_success() {
    let same = "message is not modified: specified new message content and reply markup are exactly the same as a current \
                content and reply markup of the message";
    let server = server_with("editMessageText", bad(same)).await;
    let channel = channel(&server, UPDATE);
    let first = sent(&*channel, &firing(), None).await;
    let second = sent(&*channel, &firing(), Some(&first)).await;
    assert_eq!(second, first);
}

#[tokio::test]
async fn a_message_that_is_gone_is_sent_anew() {
    for words in ["message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID"] {
        let server = server_with("editMessageText", bad(words)).await;
        let channel = channel(&server, UPDATE);
        let first = sent(&*channel, &firing(), None).await;
        let second = sent(&*channel, &resolved(), Some(&first)).await;
        assert_eq!((methods(&server)[2].as_str(), second.degraded), ("sendMessage", None), "{words}");
    }
    let server = HttpServer::start(answer).await;
    let foreign = Receipt { message: json!({"ts": "1.0"}), ..Receipt::default() };
    sent(&*channel(&server, UPDATE), &firing(), Some(&foreign)).await;
    assert_eq!(methods(&server), ["sendMessage"]);
}

/// Answers as a group that has become a supergroup.
fn moved(request: &Recorded) -> Reply {
    if parameters(request)["chat_id"] == -5 {
        let words = "Bad Request: group chat was upgraded to a supergroup chat";
        return no(400, words, json!({"migrate_to_chat_id": CHAT}));
    }
    answer(request)
}

#[tokio::test]
async fn a_group_that_moved_is_followed() {
    let server = HttpServer::start(moved).await;
    let old = json!({"chat": -5, "message": 3, "photo": false, "root": 3});
    let old = Receipt { message: old, ..Receipt::default() };
    for strategy in ["update", "thread", "new"] {
        let before = server.requests().len();
        let channel = channel(&server, &format!("chat_id = -5\nmessage_strategy = '{strategy}'"));
        let receipt = sent(&*channel, &firing(), Some(&old)).await;
        assert_eq!(receipt.message["chat"], CHAT);
        if strategy != "update" {
            assert!(receipt.degraded.unwrap().contains(&format!("set chat_id to {CHAT}")));
        }
        let last = server.requests().last().unwrap().clone();
        assert_eq!((method(&last), &parameters(&last)["chat_id"]), ("sendMessage", &json!(CHAT)));
        assert!(parameters(&last)["reply_parameters"].is_null(), "ids of the old group mean nothing in the new one");
        // it is remembered
        sent(&*channel, &firing(), None).await;
        assert_eq!(server.requests().len() - before, 3, "{strategy}");
        // pictures for a message of the old group
        let late = [picture("late", &firing().alerts[0])];
        channel.add_pictures(&old, &late).await.unwrap();
        let last = parameters(server.requests().last().unwrap());
        assert!(last["chat_id"] == CHAT && last["reply_parameters"].is_null());
    }
}
