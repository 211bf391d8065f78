//! Mattermost's requests, steps and failures: through incoming webhooks, and as a bot.

use std::time::Duration;

use alerts::{
    message::{Message, Receipt},
    ports::{LatePictures, SendErrorKind, Way},
};
use channels::{Globals, sending::Vendor};
use serde_json::{Value, json};

use super::{
    golden,
    http_server::{HttpServer, Recorded, Reply},
    messages::{firing, grouped, hostile, picture, replace_bytes, resolved, with_pictures},
    setup::{Setup, receiver, shown},
};

fn vendor() -> Vendor {
    receiver("[[mattermost_configs]]").integrations()[0].3.vendor()
}

/// What Mattermost answers when all is well.
fn answer(request: &Recorded) -> Reply {
    Reply::of(vendor(), &format!("http://{}", request.header("host").unwrap()), request)
}

fn hook(base: &str, more: &str) -> String {
    format!("[[mattermost_configs]]\nwebhook_url = '{base}/hooks/path-secret'\n{more}")
}

fn bot(base: &str, more: &str) -> String {
    format!(
        "[[mattermost_configs]]\nserver_url = '{base}/chat/'\nbot_token = 'bot-token-secret'\nchannel_id = 'channel1'\n{more}"
    )
}

/// Sends the messages one after the other as the machine does: with kept receipts, pictures afterwards where they are due.
async fn sent(toml: &str, messages: &[Message]) -> Vec<Receipt> {
    let channel = Setup::default().channel(toml);
    let mut receipts: Vec<Receipt> = Vec::new();
    for message in messages {
        let kept = receipts.last().map(|last| serde_json::from_str(&serde_json::to_string(last).unwrap()).unwrap());
        let mut receipt = channel.send(message, kept.as_ref()).await.unwrap();
        if receipt.pictures_due {
            receipt = channel.add_pictures(&receipt, &message.pictures).await.unwrap();
        }
        receipts.push(receipt);
    }
    receipts
}

/// Every key that Alertmanager has for the looks of a post.
const LOOKS: &str = r##"channel = 'town-square'
username = 'am {{ .Status }}'
icon_url = 'https://icons.example.org/{{ .Status }}.png'
icon_emoji = ':fire:'
color = '#ff0000'
pretext = '@here'
author_name = 'author'
author_link = 'https://author.example.org'
author_icon = 'https://author.example.org/icon.png'
thumb_url = 'https://images.example.org/t.png'
footer = 'foot of {{ .Receiver }}'
footer_icon = 'https://images.example.org/f.png'
image_url = 'https://images.example.org/a.png?x=1&y=2'
fields = [{ title = 'Team', value = '{{ .GroupLabels.alertname }}', short = true }, { title = 'Long', value = 'yes' }]
type = 'custom_alert'
props = { card = 'card of *{{ .Receiver }}*' }
priority = { priority = '{{ if eq .Status "firing" }}urgent{{ else }}standard{{ end }}', requested_ack = true, persistent_notifications = true }
"##;

const ATTACHMENTS: &str =
    "attachments = [{ title = 'one {{ .Status }}', text = '{{ .GroupLabels.alertname }}' }, { text = 'two' }]";

const HOSTILE: &str =
    "<!channel> @all \"a\" 'b' <http://evil|x> [x](http://evil) &amp; \u{202E}txt *b* `c` d_e_f\r\n# new line";

#[tokio::test]
async fn requests_of_webhooks_are_as_recorded() {
    let cases: [(&str, &str, Message); 7] = [
        ("hook_firing", "", firing()),
        ("hook_resolved", "", resolved()),
        ("hook_pictures", "", with_pictures(grouped(), 3)),
        ("hook_every_key", LOOKS, with_pictures(firing(), 1)),
        ("hook_attachments", ATTACHMENTS, with_pictures(grouped(), 12)),
        ("hook_no_pictures_wanted", "images = 'none'", with_pictures(firing(), 1)),
        ("hook_hostile", "", hostile(HOSTILE)),
    ];
    for (name, more, message) in cases {
        let server = HttpServer::start(answer).await;
        let receipts = sent(&hook(&server.base, more), &[message]).await;
        assert_eq!((receipts[0].degraded.clone(), receipts[0].pictures_due), (None, false));
        golden::check(&format!("mattermost/{name}.txt"), &golden::requests(&server.requests(), &server.base));
    }
}

#[tokio::test]
async fn requests_of_bots_are_as_recorded() {
    let looks = LOOKS.replace("channel = 'town-square'\n", "");
    let story = || vec![firing(), with_pictures(grouped(), 1), resolved()];
    let cases = [
        ("firing", "", vec![firing()]),
        ("pictures", "", vec![with_pictures(grouped(), 2)]),
        ("too_many", "max_images = 2", vec![with_pictures(grouped(), 4)]),
        ("linked", "images = 'link'", vec![with_pictures(grouped(), 2)]),
        ("every_key", looks.as_str(), vec![firing()]),
        ("hostile", "", vec![hostile(HOSTILE)]),
        ("update", "message_strategy = 'update'", story()),
        ("thread", "message_strategy = 'thread'", story()),
    ];
    for (name, more, messages) in cases {
        let server = HttpServer::start(answer).await;
        for receipt in sent(&bot(&server.base, more), &messages).await {
            assert_eq!(receipt.degraded, None, "{name}");
        }
        golden::check(&format!("mattermost/{name}.txt"), &golden::requests(&server.requests(), &server.base));
    }
}

#[tokio::test]
async fn late_pictures_come_as_a_reply() {
    for (more, expected) in [("", 2), ("images = 'link'", 1), ("message_strategy = 'thread'", 2)] {
        let server = HttpServer::start(answer).await;
        let channel = Setup::default().channel(&bot(&server.base, more));
        assert_eq!(channel.limits().pictures.late, LatePictures::Add);
        let old = Receipt { message: json!({"id": "reply", "root": "root"}), ..Receipt::default() };
        channel.add_pictures(&old, &[picture("late", &firing().alerts[0])]).await.unwrap();
        let requests = server.requests();
        assert_eq!(requests.len(), expected);
        assert_eq!(requests.last().unwrap().json()["root_id"], "root", "a reply cannot be answered, its root can");
    }
}

#[tokio::test]
async fn threads_keep_their_root_and_begin_anew_when_it_is_gone() {
    let server = HttpServer::start(answer).await;
    let receipts = sent(&bot(&server.base, "message_strategy = 'thread'"), &[firing(), grouped(), grouped()]).await;
    let roots: Vec<_> = server.requests().iter().map(|r| r.json()["root_id"].clone()).collect();
    let first = &receipts[0].message["id"];
    assert_eq!(roots, [Value::Null, first.clone(), first.clone()]);

    let gone = |request: &Recorded| match request.json()["root_id"].is_null() {
        true => answer(request),
        false => Reply::status(
            400,
            r#"{"id": "api.post.create_post.root_id.app_error", "message": "Invalid RootId", "status_code": 400}"#,
        ),
    };
    let server = HttpServer::start(gone).await;
    let channel = Setup::default().channel(&bot(&server.base, "message_strategy = 'thread'"));
    let receipt = channel.send(&grouped(), Some(&receipts[1])).await.unwrap();
    assert_eq!(server.requests().len(), 2);
    assert!(receipt.message.get("root").is_none());
}

#[tokio::test]
async fn what_cannot_be_edited_is_posted_anew() {
    for (status, id) in
        [(404, "app.post.get.app_error"), (403, "api.context.permissions.app_error"), (400, "time_limit")]
    {
        let refusing = move |request: &Recorded| match request.method.as_str() {
            "PUT" => Reply::status(status, json!({"id": id, "message": "no", "status_code": status}).to_string()),
            _ => answer(request),
        };
        let server = HttpServer::start(refusing).await;
        let old = Receipt { message: json!({"id": "old"}), ..Receipt::default() };
        let channel = Setup::default().channel(&bot(&server.base, "message_strategy = 'update'"));
        let receipt = channel.send(&grouped(), Some(&old)).await.unwrap();
        assert_eq!(server.paths(), ["/chat/api/v4/posts/old/patch", "/chat/api/v4/posts"]);
        assert_ne!(receipt.message["id"], "old");
    }
}

/// What a picture comes to when the upload is answered so: how often there is a post, and whether the picture is still due.
async fn check_upload(reply: Reply, due: bool, degraded: Option<&str>) {
    let failing =
        move |request: &Recorded| if request.path.ends_with("/files") { reply.clone() } else { answer(request) };
    let server = HttpServer::start(failing).await;
    let channel = Setup::default().channel(&bot(&server.base, ""));
    let receipt = channel.send(&with_pictures(firing(), 1), None).await.unwrap();
    assert_eq!(receipt.pictures_due, due);
    assert_eq!(receipt.degraded.is_some(), degraded.is_some());
    assert!(receipt.degraded.unwrap_or_default().contains(degraded.unwrap_or_default()));
    assert_eq!(server.paths().iter().filter(|path| path.ends_with("/posts")).count(), 1);
}

#[tokio::test]
async fn an_upload_that_fails_does_not_cost_the_text() {
    check_upload(Reply::status(500, "disk"), true, None).await;
    check_upload(Reply::status(429, "limit exceeded"), true, None).await;
    check_upload(Reply::Close, true, None).await;
    check_upload(Reply::status(413, "too large"), false, Some("without pictures: 413")).await;
    check_upload(Reply::status(501, "files are off"), false, Some("files are off")).await;
    check_upload(Reply::status(403, "no permission"), false, Some("no permission")).await;
}

#[tokio::test]
async fn refused_pictures_do_not_cost_the_message() {
    let answers = |r: &Recorded| match r.json().to_string().contains("image_url") {
        true => Reply::status(400, "bad"),
        false => answer(r),
    };
    for toml in [hook, |base: &str, _: &str| bot(base, "images = 'link'")] {
        let server = HttpServer::start(answers).await;
        let channel = Setup::default().channel(&toml(&server.base, ""));
        let receipt = channel.send(&with_pictures(firing(), 2), None).await.unwrap();
        assert!(receipt.degraded.unwrap().contains("without pictures"));
        let last = server.requests().last().unwrap().json().to_string();
        assert!(last.contains("2 more pictures"), "{last}");
    }
}

#[tokio::test]
async fn a_large_picture_is_made_smaller() {
    let server = HttpServer::start(answer).await;
    let mut message = with_pictures(firing(), 1);
    replace_bytes(&mut message.pictures[0], 12_000, 24);
    sent(&bot(&server.base, ""), &[message]).await;
    let upload = server.requests().remove(0);
    let at = upload.body.windows(8).position(|window| window == b"\x89PNG\r\n\x1a\n").unwrap();
    let png = png::Decoder::new(std::io::Cursor::new(&upload.body[at..])).read_info().unwrap();
    assert_eq!(png.info().size(), (7_680, 15));
}

#[tokio::test]
async fn failures_have_classes_and_no_secrets() {
    use SendErrorKind::*;
    let id = |id: &str| {
        json!({"id": id, "message": "no: /hooks/path-secret bot-token-secret", "status_code": 400}).to_string()
    };
    let cases = [
        (400, id("web.incoming_webhook.invalid.app_error"), Unauthorised),
        (400, id("web.incoming_webhook.channel.app_error"), Unauthorised),
        (400, id("api.context.invalid_body_param.app_error"), Rejected),
        (401, id("api.context.session_expired.app_error"), Unauthorised),
        (413, id("too_large"), Rejected),
        (501, id("web.incoming_webhook.disabled.app_error"), Rejected),
        (500, "broken".to_owned(), Retry),
        (200, "<html>bot-token-secret path-secret</html>".to_owned(), Retry),
    ];
    for (status, body, kind) in cases {
        for (toml, secret) in [(hook as fn(&str, &str) -> String, "path-secret"), (bot, "token-secret")] {
            let body = body.clone();
            let server = HttpServer::start(move |_| Reply::status(status, body.clone())).await;
            let error = Setup::default().channel(&toml(&server.base, "")).send(&firing(), None).await.unwrap_err();
            assert_eq!(error.kind, kind, "{status}: {error}");
            assert!(!shown(&error).contains(secret), "{error}");
        }
    }
    let server = HttpServer::start(|_| Reply::status(429, "limit exceeded").with("x-ratelimit-reset", "9")).await;
    let error = Setup::default().channel(&bot(&server.base, "")).send(&firing(), None).await.unwrap_err();
    assert_eq!(error.kind, RetryAfter(Duration::from_secs(9)));
}

#[tokio::test]
async fn the_global_webhook_is_the_default() {
    let server = HttpServer::start(answer).await;
    let globals: Globals =
        toml::from_str(&format!("mattermost_webhook_url = '{}/hooks/x-secret'", server.base)).unwrap();
    let channel = Setup { globals, ..Setup::default() }.channel("[[mattermost_configs]]");
    assert_eq!(channel.limits().pictures.ways, [Way::Link]);
    channel.send(&firing(), None).await.unwrap();
    assert_eq!(server.paths(), ["/hooks/x-secret"]);
}

#[test]
fn keys_that_contradict_each_other_are_refused() {
    let check = |toml: &str, expected: &[&str]| {
        let expected: Vec<_> = expected.iter().map(|e| format!("receivers[0].mattermost_configs[0].{e}")).collect();
        assert_eq!(Setup::default().problems(toml), expected, "{toml}");
    };
    check("[[mattermost_configs]]", &["webhook_url: is missing, and there is no global.mattermost_webhook_url either"]);
    check(
        &hook("https://x", "message_strategy = 'thread'"),
        &["message_strategy: needs a bot: an incoming webhook names no post to follow up"],
    );
    check(&hook("https://x", "images = 'upload'"), &["images: this integration cannot take picture files"]);
    check(&hook("https://x", "fields = [{ title = 'x' }]"), &["fields[0].value: is missing"]);
    check(
        &hook("https://x", "attachments = [{ fields = [{ value = 'x' }] }]"),
        &["attachments[0].fields[0].title: is missing"],
    );
    check(
        "[[mattermost_configs]]\nbot_token = 'abcd'\nchannel = 'c'",
        &[
            "channel: only one of channel (of a webhook) and channel_id (of a bot) may be given",
            "server_url: is missing",
            "channel_id: is missing",
        ],
    );
    check(
        &bot("https://x", "webhook_url = 'https://x/hooks/abcd'"),
        &["webhook_url: contradicts bot_token: only one of the two ways in may be given"],
    );
}

/// What holds for every post: Mattermost's lengths, and no value that begins a mention, a link or HTML.
pub fn check(request: &Recorded) {
    if request.header("content-type").is_some_and(|kind| kind.starts_with("multipart/")) {
        return;
    }
    let json = request.json();
    let attachments = if json["attachments"].is_array() { &json["attachments"] } else { &json["props"]["attachments"] };
    let chars = |value: &Value| value.as_str().map_or(0, |text| text.chars().count());
    for text in attachments.as_array().into_iter().flatten() {
        assert!(chars(&text["text"]) <= 16_383 && chars(&text["title"]) <= 1_024 && chars(&text["fallback"]) <= 1_024);
    }
    assert!(chars(&json["text"]) <= 16_383 && chars(&json["message"]) <= 16_383);
    let text = json.to_string();
    assert!(
        !text.contains("<!") && !text.contains("<@") && !text.contains("<http") && !text.contains("<script"),
        "{text}"
    );
    assert!(!text.contains("](http://evil"), "{text}");
}
