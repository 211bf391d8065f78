//! Discord's requests, edits, threads and failures, against a server that answers as Discord does.

use std::time::Duration;

use alerts::{
    message::{Message, Receipt},
    ports::{LatePictures, SendErrorKind},
};
use serde_json::{Value, json};

use super::{
    golden,
    http_server::{HttpServer, Recorded, Reply},
    messages::{PNG, firing, grouped, hostile, picture, replace_bytes, resolved, with_pictures},
    setup::{Setup, shown},
};

/// What was sent, whether with files or without.
fn payload(request: &Recorded) -> Value {
    request.part("payload_json").map_or_else(|| request.json(), |json| serde_json::from_slice(&json).unwrap())
}

/// As Discord: files that an embed shows are not among the attachments, but lie where the embed's image says.
fn answer(request: &Recorded) -> Reply {
    let payload = payload(request);
    let number = |name: &str| format!("77{}", name.bytes().map(u64::from).sum::<u64>());
    let images = payload["embeds"].as_array().cloned().unwrap_or_default();
    let embeds: Vec<Value> = images
        .iter()
        .map(|embed| match embed["image"]["url"].as_str() {
            Some(url) if url.starts_with("attachment://") => {
                let name = url.trim_start_matches("attachment://");
                let url = format!("https://cdn.discordapp.com/attachments/2/{}/{name}?ex=1&hm=2", number(name));
                json!({"image": {"url": url}})
            }
            _ => json!({}),
        })
        .collect();
    let thread = request.path.split("thread_id=").nth(1);
    let channel = if payload["thread_name"].is_null() { thread.unwrap_or("2") } else { "42" };
    let id = match request.path.split("/messages/").nth(1) {
        Some(rest) => rest.split('?').next().unwrap(),
        None => "5",
    };
    Reply::json(&json!({"id": id, "channel_id": channel, "attachments": [], "embeds": embeds}))
}

fn toml(base: &str, more: &str) -> String {
    format!("[[discord_configs]]\nwebhook_url = '{base}/api/webhooks/1/token-secret'\n{TEXTS}{more}")
}

const TEXTS: &str = r#"title = '{{ template "test.title" . }}'
message = '{{ template "test.text" . }}'
"#;

const HOSTILE: &str = "@everyone <@1> <@&2> **b** `c` [x](http://evil.test) http://a_b.test/*|\n# big\n> q \u{202E}txt";

#[tokio::test]
async fn requests_are_as_recorded() {
    let looks = "username = 'wirephoto {{ .Status }}'\navatar_url = 'https://icons.example.org/{{ .Status }}.png'\n\
                 content = '<@&12> <@34> @here {{ .CommonAnnotations.summary }}'\ntitle_link = ''\nthread_id = '99'";
    let cases: [(&str, &str, Message); 10] = [
        ("firing", "", firing()),
        ("resolved", looks, resolved()),
        ("one_picture", "", with_pictures(firing(), 1)),
        ("grouped_three_pictures", "", with_pictures(grouped(), 3)),
        ("too_many_pictures", "max_images = 2", with_pictures(grouped(), 4)),
        ("linked", "images = 'link'", with_pictures(grouped(), 2)),
        ("linked_too_many", "images = 'link'\nmax_images = 1", with_pictures(grouped(), 3)),
        ("no_pictures_wanted", "images = 'none'", with_pictures(firing(), 1)),
        ("forum", "thread_name = '{{ .GroupLabels.alertname }} *'", firing()),
        ("hostile", "content = '{{ .CommonLabels.alertname }}'", hostile(HOSTILE)),
    ];
    for (name, more, message) in cases {
        let server = HttpServer::start(answer).await;
        let receipt = Setup::default().channel(&toml(&server.base, more)).send(&message, None).await.unwrap();
        assert!(!receipt.pictures_due && receipt.degraded.is_none(), "{name} {:?}", receipt.degraded);
        golden::check(&format!("discord/{name}.txt"), &golden::requests(&server.requests(), &server.base));
    }
}

#[tokio::test]
async fn files_go_along_with_what_they_show() {
    let server = HttpServer::start(answer).await;
    let channel = Setup::default().channel(&toml(&server.base, ""));
    channel.send(&with_pictures(grouped(), 10), None).await.unwrap();
    let request = &server.requests()[0];
    assert_eq!(request.parts().len(), 11);
    assert_eq!(request.part("files[9]").unwrap(), PNG);
    let payload = payload(request);
    let embeds = payload["embeds"].as_array().unwrap();
    assert_eq!(embeds.len(), 10, "the first picture stands in the embed with the text");
    let addresses = embeds.iter().filter(|embed| !embed["url"].is_null()).count();
    assert_eq!(addresses, 1, "embeds with equal addresses would be one");
    for (at, embed) in embeds.iter().enumerate() {
        assert_eq!(embed["image"]["url"], format!("attachment://picture{at:02}.png"));
        assert_eq!(payload["attachments"][at]["id"], at);
    }
}

#[tokio::test]
async fn a_large_picture_is_made_smaller() {
    let server = HttpServer::start(answer).await;
    let mut message = with_pictures(firing(), 1);
    replace_bytes(&mut message.pictures[0], 12_000, 24);
    Setup::default().channel(&toml(&server.base, "")).send(&message, None).await.unwrap();
    let file = server.requests()[0].part("files[0]").unwrap();
    let png = png::Decoder::new(std::io::Cursor::new(&file)).read_info().unwrap();
    assert_eq!(png.info().size(), (8_192, 16));
}

/// A receipt as the database gives it back.
fn kept(receipt: &Receipt) -> Receipt {
    serde_json::from_str(&serde_json::to_string(receipt).unwrap()).unwrap()
}

#[tokio::test]
async fn late_pictures_are_put_into_the_message() {
    let server = HttpServer::start(answer).await;
    let channel = Setup::default().channel(&toml(&server.base, "thread_id = '99'"));
    assert_eq!(channel.limits().pictures.late, LatePictures::Add);
    let message = with_pictures(firing(), 1);
    let receipt = channel.send(&message, None).await.unwrap();
    assert!(!shown_receipt(&receipt).contains("secret"));
    let late = [picture("late1", &message.alerts[0]), picture("late2", &message.alerts[0])];
    let receipt = channel.add_pictures(&kept(&receipt), &late[..1]).await.unwrap();
    let receipt = channel.add_pictures(&kept(&receipt), &late[1..]).await.unwrap();
    assert_eq!(receipt.degraded, None);
    let requests = server.requests().split_off(1);
    golden::check("discord/late.txt", &golden::requests(&requests, &server.base));

    // the same again, after a crash before the receipt was kept, changes nothing
    channel.add_pictures(&kept(&receipt), &late).await.unwrap();
    assert_eq!(server.requests().len(), 3);

    let many: Vec<_> = (0..9).map(|at| picture(&format!("more{at}"), &message.alerts[0])).collect();
    let receipt = channel.add_pictures(&receipt, &many).await.unwrap();
    assert_eq!(receipt.degraded.unwrap(), "2 late pictures could not be added");
    assert_eq!(payload(server.requests().last().unwrap())["embeds"].as_array().unwrap().len(), 10);
}

fn shown_receipt(receipt: &Receipt) -> String {
    receipt.message.to_string()
}

#[tokio::test]
async fn late_links_are_put_into_the_message() {
    let server = HttpServer::start(answer).await;
    let channel = Setup::default().channel(&toml(&server.base, "images = 'link'"));
    let message = firing();
    let receipt = channel.send(&message, None).await.unwrap();
    channel.add_pictures(&receipt, &[picture("late", &message.alerts[0])]).await.unwrap();
    let edit = payload(&server.requests()[1]);
    assert!(edit["embeds"][0]["image"]["url"].as_str().unwrap().contains("/images/late.png"));
    assert_eq!(edit["embeds"][0]["title"], payload(&server.requests()[0])["embeds"][0]["title"]);
}

#[tokio::test]
async fn the_open_conversations_message_is_edited() {
    let server = HttpServer::start(answer).await;
    let channel = Setup::default().channel(&toml(&server.base, "message_strategy = 'update'\ncontent = '@here'"));
    assert!(channel.limits().editing.edit);
    let first = channel.send(&with_pictures(firing(), 1), None).await.unwrap();
    let second = channel.send(&with_pictures(grouped(), 1), Some(&kept(&first))).await.unwrap();
    channel.send(&resolved(), Some(&kept(&second))).await.unwrap();
    golden::check("discord/update.txt", &golden::requests(&server.requests(), &server.base));
}

#[tokio::test]
async fn what_cannot_be_edited_any_more_is_posted_anew() {
    for code in [10_008, 30_046] {
        let gone = move |request: &Recorded| match request.method.as_str() {
            "PATCH" => Reply::status(404, json!({"message": "Unknown Message", "code": code}).to_string()),
            _ => answer(request),
        };
        let server = HttpServer::start(gone).await;
        let channel = Setup::default().channel(&toml(&server.base, "message_strategy = 'update'"));
        let first = channel.send(&firing(), None).await.unwrap();
        channel.send(&resolved(), Some(&first)).await.unwrap();
        let methods: Vec<String> = server.requests().into_iter().map(|request| request.method).collect();
        assert_eq!(methods, ["POST", "PATCH", "POST"]);
    }
}

#[tokio::test]
async fn a_conversation_is_a_thread_of_a_forum() {
    let server = HttpServer::start(|request: &Recorded| match request.path.contains("thread_id=42") {
        true if payload(request)["embeds"][0]["title"].as_str().unwrap().contains("RESOLVED") => {
            Reply::status(404, json!({"message": "Unknown Channel", "code": 10_003}).to_string())
        }
        _ => answer(request),
    })
    .await;
    let channel = Setup::default().channel(&toml(&server.base, "message_strategy = 'thread'\nthread_name = 'Disk'"));
    assert!(channel.limits().editing.thread);
    let first = channel.send(&firing(), None).await.unwrap();
    let second = channel.send(&grouped(), Some(&kept(&first))).await.unwrap();
    channel.add_pictures(&second, &[picture("late", &firing().alerts[0])]).await.unwrap();
    channel.send(&resolved(), Some(&kept(&second))).await.unwrap();
    let places: Vec<(String, Value)> = server
        .requests()
        .iter()
        .map(|request| {
            let path = request.path.trim_start_matches("/api/webhooks/1/token-secret").to_owned();
            (path, payload(request)["thread_name"].clone())
        })
        .collect();
    let expected = [
        ("?wait=true", json!("Disk")),
        ("?wait=true&thread_id=42", json!(null)),
        ("/messages/5?thread_id=42", json!(null)),
        // somebody deleted the thread
        ("?wait=true&thread_id=42", json!(null)),
        ("?wait=true", json!("Disk")),
    ];
    assert_eq!(places, expected.map(|(path, name)| (path.to_owned(), name)));
}

/// What `send` comes to when Discord answers so.
async fn check_failure(reply: Reply, kind: SendErrorKind, words: &str) {
    let server = HttpServer::start(move |_| reply.clone()).await;
    let error = Setup::default().channel(&toml(&server.base, "")).send(&firing(), None).await.unwrap_err();
    assert_eq!(error.kind, kind, "{error}");
    assert!(error.detail.contains(words), "{error}");
    assert!(!shown(&error).contains("token-secret"));
}

fn no(status: u16, code: u64, words: &str) -> Reply {
    Reply::status(status, json!({"message": words, "code": code}).to_string())
}

#[tokio::test]
async fn failures_have_classes() {
    use SendErrorKind::*;
    check_failure(no(404, 10_015, "Unknown Webhook"), Unauthorised, "Unknown Webhook").await;
    check_failure(no(401, 50_027, "Invalid Webhook Token token-secret"), Unauthorised, "Invalid").await;
    check_failure(no(400, 220_001, "forum"), Unauthorised, "forum").await;
    check_failure(no(400, 50_035, "Invalid Form Body"), Rejected, "Invalid Form Body").await;
    let busy = json!({"message": "You are being rate limited.", "retry_after": 0.64, "global": true}).to_string();
    check_failure(
        Reply::status(429, busy).with("retry-after", "1"),
        RetryAfter(Duration::from_millis(640)),
        "rate limited",
    )
    .await;
    check_failure(Reply::status(429, "").with("retry-after", "7"), RetryAfter(Duration::from_secs(7)), "429").await;
    check_failure(Reply::status(200, "<html>proxy</html>"), Retry, "not Discord's answer").await;
    check_failure(Reply::status(502, "bad gateway"), Retry, "bad gateway").await;
}

#[tokio::test]
async fn a_server_that_does_not_wait_has_taken_it() {
    let server = HttpServer::start(|_| Reply::status(204, "")).await;
    let channel = Setup::default().channel(&toml(&server.base, "message_strategy = 'update'"));
    let receipt = channel.send(&firing(), None).await.unwrap();
    channel.send(&resolved(), Some(&receipt)).await.unwrap();
    assert!(server.requests().iter().all(|request| request.method == "POST"));
    let error = channel.add_pictures(&receipt, &[picture("late", &firing().alerts[0])]).await.unwrap_err();
    assert_eq!(error.kind, SendErrorKind::Rejected);
}

#[tokio::test]
async fn a_refused_picture_never_costs_the_text() {
    for (status, code) in [(413, 40_005), (400, 50_035), (400, 40_005), (413, 0)] {
        let fussy = move |request: &Recorded| match payload(request)["embeds"][0]["image"].is_null() {
            true => answer(request),
            false => no(status, code, "Request entity too large"),
        };
        for more in ["", "images = 'link'"] {
            let server = HttpServer::start(fussy).await;
            let channel = Setup::default().channel(&toml(&server.base, more));
            let receipt = channel.send(&with_pictures(firing(), 2), None).await.unwrap();
            assert!(receipt.degraded.unwrap().contains("without pictures"), "{status} {code}");
            let text = payload(&server.requests()[1])["embeds"][0]["description"].to_string();
            assert!(text.contains("[2 more pictures](http://wirephoto.example.org/)"), "{text}");
        }
    }
}

#[tokio::test]
async fn what_discord_finds_fault_with_goes_out_as_plain_text() {
    let fussy = |request: &Recorded| match payload(request)["embeds"].as_array().unwrap().is_empty() {
        true => answer(request),
        false => no(400, 50_035, "Not a well formed URL."),
    };
    let server = HttpServer::start(fussy).await;
    let own = toml(&server.base, "content = '<@1>'")
        .replace(r#"message = '{{ template "test.text" . }}'"#, "message = '<@2>'");
    let channel = Setup::default().channel(&own);
    let receipt = channel.send(&firing(), None).await.unwrap();
    assert!(receipt.degraded.as_ref().unwrap().contains("as plain text"));
    let plain = payload(&server.requests()[1]);
    assert_eq!(plain["content"], "<@1>\n[FIRING:1] DiskFull\n<@2>");
    assert_eq!(plain["allowed_mentions"]["users"], json!(["1"]), "only the content mentions");
    let error = channel.add_pictures(&receipt, &[picture("late", &firing().alerts[0])]).await.unwrap_err();
    assert_eq!(error.kind, SendErrorKind::TooLarge, "{error}");
}

#[tokio::test]
async fn only_the_template_mentions() {
    let check = async |content: &str, message: Message, expected: Value| {
        let server = HttpServer::start(answer).await;
        let more = format!("content = '{content}'");
        Setup::default().channel(&toml(&server.base, &more)).send(&message, None).await.unwrap();
        assert_eq!(payload(&server.requests()[0])["allowed_mentions"], expected, "{content}");
    };
    let nobody = json!({"parse": [], "users": [], "roles": []});
    check("", firing(), nobody.clone()).await;
    check("{{ .CommonLabels.severity }}", hostile("@everyone @here <@1> <@&2>"), nobody.clone()).await;
    check("@{{ .CommonLabels.severity }}", hostile("everyone"), nobody.clone()).await;
    check("<@{{ .CommonLabels.severity }}", hostile("1>"), nobody).await;
    check("<@&{{ .CommonLabels.severity }}>", hostile("77"), json!({"parse": [], "users": [], "roles": ["77"]})).await;
    check(
        "@here <@5> {{ .CommonLabels.severity }}",
        hostile("<@1>"),
        json!({"parse": ["everyone"], "users": ["5"], "roles": []}),
    )
    .await;
}

#[tokio::test]
async fn links_that_discord_would_refuse_become_lines() {
    let server = HttpServer::start(answer).await;
    let channel = Setup::default().channel(&toml(&server.base, "images = 'link'"));
    let mut message = with_pictures(firing(), 2);
    message.external_url = "http://wirephoto:9093".into();
    message.pictures[0].url = Some("http://wirephoto:9093/images/a.png".into());
    channel.send(&message, None).await.unwrap();
    let embed = &payload(&server.requests()[0])["embeds"][0];
    assert!(embed["url"].is_null());
    assert!(embed["image"]["url"].as_str().unwrap().contains("picture01"));
    assert!(
        embed["description"].as_str().unwrap().ends_with("[Disk use](http://wirephoto:9093/images/a.png)"),
        "{embed}"
    );
}

#[test]
fn what_a_webhook_cannot_do_is_refused() {
    let check = |more: &str, expected: &str| {
        let problems = Setup::default().problems(&toml("https://discord.com", more));
        assert!(problems.len() == 1 && problems[0].contains(expected), "{more}: {problems:?}");
    };
    check("message_strategy = 'thread'", "message_strategy: \"thread\" needs thread_name");
    check("message_strategy = 'thread'\nthread_id = '5'", "message_strategy: \"thread\" needs thread_name");
    check("thread_id = '5'\nthread_name = 'x'", "thread_name: only one of");
    check("thread_id = 'general'", "thread_id: must be the thread's number");
    check("username = 'Discord bot'", "username: must not contain \"discord\"");
    let problems =
        Setup::default().problems("[[discord_configs]]\nwebhook_url = 'https://discord.com/api/webhooks/1/t/slack'");
    assert!(problems[0].contains("ends with /slack"), "{problems:?}");
    assert!(Setup::default().problems("[[discord_configs]]")[0].contains("webhook_url: is missing"));
}

#[tokio::test]
async fn the_default_text_links_and_tells_the_time_in_the_readers_zone() {
    let server = HttpServer::start(answer).await;
    let setup = Setup { default_texts: true, ..Setup::default() };
    let mut message = grouped();
    let of = &mut message.alerts[0].alert;
    of.annotations = [
        ("summary", "Disk *full* on db_1"),
        ("description", "97 % are in use"),
        ("runbook_url", "https://runbooks.test/disk_(full)"),
        ("__dashboardUid__", "u_1"),
        ("__panelId__", "4"),
    ]
    .into_iter()
    .collect();
    of.generator_url = "https://grafana.test/alerting/grafana/x_y_/view".into();
    let toml = format!("[[discord_configs]]\nwebhook_url = '{}/api/webhooks/1/token-secret'", server.base);
    setup.channel(&toml).send(&message, None).await.unwrap();
    let embed = &payload(&server.requests()[0])["embeds"][0];
    golden::check(
        "discord/default.txt",
        &format!("{}\n\n{}\n", embed["title"].as_str().unwrap(), embed["description"].as_str().unwrap()),
    );
}

/// The limits of Discord's documents, and that no value mentions or links, on what was really sent.
pub fn check(request: &Recorded) {
    let payload = payload(request);
    let chars = |value: &Value| value.as_str().map_or(0, |text| text.chars().count());
    let embeds = payload["embeds"].as_array().cloned().unwrap_or_default();
    assert!(embeds.len() <= 10 && chars(&payload["content"]) <= 2_000);
    assert!(!embeds.is_empty() || chars(&payload["content"]) > 0);
    let mut sum = 0;
    for embed in &embeds {
        assert!(chars(&embed["title"]) <= 256 && chars(&embed["description"]) <= 4_096);
        assert!(chars(&embed["title"]) + chars(&embed["description"]) + chars(&embed["image"]["url"]) > 0);
        sum += chars(&embed["title"]) + chars(&embed["description"]);
    }
    assert!(sum <= 6_000, "{sum}");
    let files = payload["attachments"].as_array().cloned().unwrap_or_default();
    assert!(files.len() <= 10 && files.iter().all(|file| chars(&file["description"]) <= 1_024));
    let texts = format!("{} {}", payload["content"], payload["embeds"]);
    assert!(!texts.contains("<@1>") && !texts.contains("@everyone") && !texts.contains("<http://evil|x>"), "{texts}");
    let mentions = &payload["allowed_mentions"];
    assert!(mentions.is_null() || *mentions == json!({"parse": [], "users": [], "roles": []}), "{mentions}");
}
