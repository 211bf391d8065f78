//! Teams: exact requests, what holds for every card, failures; and every card before Microsoft's own parser.

use std::{
    collections::BTreeSet,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use alerts::{
    message::Message,
    ports::{SendErrorKind, Way},
};
use serde_json::Value;

use super::{
    golden,
    http_server::{HttpServer, Recorded, Reply},
    messages::{firing, grouped, hostile, replace_bytes, resolved, with_pictures},
    setup::{Setup, shown},
};

/// What a message may take in all.
const MOST_BYTES: usize = 24 * 1024;

const HOSTILE: &str = "[x](http://evil/a) ![i](http://evil/b) <http://evil/c> **b** _i_ `c` &#91;y](http://evil/d)\n\n# h\n[r]: http://evil/e \u{FFFC}\u{202E}txt";

fn toml(base: &str, more: &str) -> String {
    format!("[[msteamsv2_configs]]\nwebhook_url = '{base}/flow/path-secret?sig=query-secret'\n{more}")
}

const OWN: &str = "title = '{{ template \"test.title\" . }}'\nsummary = '{{ template \"test.title\" . }}'\ntext = '{{ template \"test.text\" . }}'";

fn taken() -> Reply {
    Reply::status(202, "")
}

/// The requests that a message comes to.
async fn requests(more: &str, message: &Message) -> (Vec<Recorded>, String) {
    let server = HttpServer::start(|_| taken()).await;
    let receipt = Setup::default().channel(&toml(&server.base, more)).send(message, None).await.unwrap();
    assert_eq!((receipt.degraded, receipt.pictures_due), (None, false));
    (server.requests(), server.base.clone())
}

/// Pictures behind links that Teams can fetch.
fn https(mut message: Message) -> Message {
    for picture in &mut message.pictures {
        picture.url = picture.url.take().map(|url| url.replace("http://", "https://"));
    }
    message
}

fn severity(mut message: Message, severity: &str) -> Message {
    for one in &mut message.alerts {
        one.alert.labels.set("severity", severity);
        one.alert.fingerprint = one.alert.labels.fingerprint();
    }
    message.common_labels = Message::common(message.alerts.iter().map(|one| &one.alert.labels));
    message
}

#[tokio::test]
async fn requests_are_as_recorded() {
    let none = format!("{OWN}\nimages = 'none'");
    let link = "images = 'link'";
    let cases: [(&str, &str, Message); 12] = [
        ("own_text", OWN, firing()),
        ("no_pictures_wanted", &none, with_pictures(firing(), 1)),
        ("firing", "", firing()),
        ("resolved", "", resolved()),
        ("warning", "", severity(firing(), "warning")),
        ("grouped", "", grouped()),
        ("thumbnail", "", with_pictures(firing(), 1)),
        ("linked", link, https(with_pictures(firing(), 1))),
        ("grouped_linked", link, https(with_pictures(grouped(), 4))),
        ("linked_too_many", "images = 'link'\nmax_images = 2", https(with_pictures(grouped(), 4))),
        ("link_that_is_not_public", link, with_pictures(firing(), 1)),
        ("hostile", "", hostile(HOSTILE)),
    ];
    for (name, more, message) in cases {
        let (requests, base) = requests(more, &message).await;
        check(&requests[0]);
        golden::check(&format!("msteamsv2/{name}.txt"), &golden::requests(&requests, &base));
    }
}

#[tokio::test]
async fn one_thumbnail_stands_in_the_card() {
    let mut message = with_pictures(grouped(), 3);
    for picture in &mut message.pictures {
        replace_bytes(picture, 900, 450);
    }
    let (requests, _) = requests("images = 'upload'", &message).await;
    check(&requests[0]);
    let json = requests[0].json().to_string();
    assert_eq!(json.matches("data:image/jpeg;base64,").count(), 1, "a contact sheet of the three");
    assert!(requests[0].body.len() > 8_000, "{}", requests[0].body.len());
    for one in &message.alerts {
        assert!(json.contains(one.alert.labels.value("instance")), "the picture took the place of an alert");
    }
}

#[tokio::test]
async fn what_does_not_fit_is_counted() {
    let mut message = grouped();
    let one = message.alerts[0].clone();
    message.alerts = (0..400)
        .map(|at| {
            let mut one = one.clone();
            one.alert.labels.set("instance", &format!("db-{at}"));
            one
        })
        .collect();
    for (more, least) in [("", 15_000), (OWN, 20_000)] {
        let (requests, _) = requests(more, &message).await;
        check(&requests[0]);
        let body = String::from_utf8(requests[0].body.clone()).unwrap();
        assert!(body.contains(" more alerts](http") && body.len() > least, "{}", body.len());
    }
    // a text that no leaving out makes shorter
    let long = format!("title = '{}'", "x".repeat(30_000));
    let server = HttpServer::start(|_| taken()).await;
    let receipt = Setup::default().channel(&toml(&server.base, &long)).send(&firing(), None).await.unwrap();
    assert!(receipt.degraded.unwrap().contains("does not fit"));
    check(&server.requests()[0]);
    assert!(server.requests()[0].json().to_string().contains("DiskFull"));
}

#[tokio::test]
async fn a_link_to_silence_has_whole_labels_or_is_not_there() {
    let mut message = firing();
    message.alerts[0].alert.labels.set("query", &"x".repeat(30_000));
    message.alerts[0].alert.fingerprint = message.alerts[0].alert.labels.fingerprint();
    let (requests, _) = requests("", &message).await;
    assert!(!requests[0].json().to_string().contains("/#/silences/new"));
}

#[tokio::test]
async fn failures_have_classes_and_no_secrets() {
    let flow =
        |code: &str| format!(r#"{{"error":{{"code":"{code}","message":"see /flow/path-secret?sig=query-secret"}}}}"#);
    let cases = [
        (400, flow("WorkflowTriggerIsNotEnabled"), SendErrorKind::Unauthorised),
        (400, flow("TriggerInputSchemaMismatch"), SendErrorKind::Rejected),
        (401, flow("DirectApiAuthorizationRequired"), SendErrorKind::Unauthorised),
        (200, flow("Whatever"), SendErrorKind::Rejected),
        (502, flow("NoResponse"), SendErrorKind::Retry),
        (413, String::new(), SendErrorKind::Rejected),
    ];
    for (status, body, kind) in cases {
        let said = body.clone();
        let server = HttpServer::start(move |_| Reply::status(status, body.clone())).await;
        let error = Setup::default().channel(&toml(&server.base, "")).send(&firing(), None).await.unwrap_err();
        assert_eq!(error.kind, kind, "{status} {said}: {error}");
        assert!(!shown(&error).contains("-secret"), "{error}");
    }
}

#[tokio::test]
async fn a_refused_picture_does_not_cost_the_message() {
    let busy =
        "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 413 with ContextId x";
    for (status, words) in [(413, "too large"), (200, busy)] {
        let answer = move |r: &Recorded| match String::from_utf8_lossy(&r.body).contains("data:image") {
            true => Reply::status(status, words),
            false => taken(),
        };
        let server = HttpServer::start(answer).await;
        let receipt =
            Setup::default().channel(&toml(&server.base, "")).send(&with_pictures(firing(), 1), None).await.unwrap();
        assert!(receipt.degraded.unwrap().contains("without pictures"));
        assert_eq!(server.requests().len(), 2);
        assert!(server.requests()[1].json().to_string().contains("1 more picture"));
    }
}

#[test]
fn keys_that_are_wrong_are_refused() {
    let problems = |toml: &str| Setup::default().problems(toml);
    assert_eq!(problems("[[msteamsv2_configs]]"), ["receivers[0].msteamsv2_configs[0].webhook_url: is missing"]);
    let both = "[[msteamsv2_configs]]\nwebhook_url = 'https://x/y'\nwebhook_url_file = '/nowhere'";
    assert_eq!(
        problems(both),
        ["receivers[0].msteamsv2_configs[0].webhook_url: only one of webhook_url and webhook_url_file may be given"]
    );
    let cloud = Setup { cloud_images: true, ..Setup::default() };
    assert_eq!(cloud.channel(&toml("https://x", "")).limits().pictures.ways, [Way::Link, Way::Embed]);
}

/// Every card that we can make, before Microsoft's own parser: nothing to find fault with, and no link that an alert's values made.
#[tokio::test]
async fn cards_pass_microsofts_own_parser() {
    let Some(tools) = adaptivecards() else { return };
    let mut messages = vec![firing(), resolved(), grouped(), severity(firing(), "warning"), severity(firing(), "info")];
    messages.extend([
        hostile(HOSTILE),
        hostile(&HOSTILE.repeat(60)),
        with_pictures(grouped(), 5),
        https(with_pictures(grouped(), 5)),
    ]);
    let mut cards = Vec::new();
    for message in &messages {
        for more in ["", OWN, "images = 'link'"] {
            for default_texts in [false, true] {
                let server = HttpServer::start(|_| taken()).await;
                let setup = Setup { default_texts, ..Setup::default() };
                let more =
                    if default_texts && more == OWN { "text = '{{ template \"__long_markdown\" . }}'" } else { more };
                setup.channel(&toml(&server.base, more)).send(message, None).await.unwrap();
                cards.push(server.requests()[0].json()["attachments"][0]["content"].clone());
            }
        }
    }
    let verdicts = judged(&tools, &cards);
    assert_eq!(verdicts.len(), cards.len());
    let mut linked = BTreeSet::new();
    for (verdict, card) in verdicts.iter().zip(&cards) {
        assert_eq!(verdict["problems"], Value::Array(vec![]), "{card:#}");
        linked.extend(verdict["links"].as_array().unwrap().iter().map(|to| host(to.as_str().unwrap())));
    }
    assert_eq!(linked, ["prometheus.example.org", "wirephoto.example.org"].map(str::to_owned).into());
}

/// The names of the hosts that links lead to; what a bare address becomes is an address that everybody sees.
fn host(url: &str) -> String {
    url.split("://").nth(1).unwrap_or(url).split('/').next().unwrap_or_default().to_owned()
}

/// What the parser says of each card.
fn judged(tools: &Path, cards: &[Value]) -> Vec<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/peers/cards.cjs");
    let mut node =
        Command::new("node").arg(script).arg(tools).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    node.stdin.take().unwrap().write_all(serde_json::to_string(cards).unwrap().as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Where `tests/run` has put the packages; it makes their absence a failure.
fn adaptivecards() -> Option<PathBuf> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/node");
    let there = ["adaptivecards", "markdown-it"].iter().all(|name| tools.join("node_modules").join(name).is_dir());
    let required = std::env::var("WIREPHOTO_TEST_PEERS").is_ok_and(|value| value == "required");
    assert!(there || !required, "adaptivecards is missing, and WIREPHOTO_TEST_PEERS says that it is required");
    there.then_some(tools)
}

/// What holds for every request to Teams.
pub fn check(request: &Recorded) {
    assert!(request.body.len() <= MOST_BYTES, "{}", request.body.len());
    let json = request.json();
    assert_eq!(
        (&json["type"], &json["attachments"][0]["content"]["type"]),
        (&"message".into(), &"AdaptiveCard".into())
    );
    let card = &json["attachments"][0]["content"];
    assert!(card["actions"].as_array().is_none_or(|actions| actions.len() <= 6), "{card:#}");
    check_element(card);
}

/// No empty text, no picture that Teams cannot fetch, no address but of pages.
fn check_element(element: &Value) {
    match element["type"].as_str() {
        Some("TextBlock") => {
            let text = element["text"].as_str().unwrap();
            assert!(!text.trim().is_empty() && !text.contains('\u{FFFC}'), "{element}");
            assert!(!text.contains("[x](http://evil") && !text.contains("![i]("), "{element}");
        }
        Some("Image") => {
            let url = element["url"].as_str().unwrap();
            assert!(url.starts_with("https://") || url.starts_with("data:image/jpeg;base64,"), "{element}");
            assert!(element["altText"].as_str().unwrap().chars().count() <= 250);
        }
        Some("Action.OpenUrl") => {
            let url = element["url"].as_str().unwrap();
            assert!(url.starts_with("https://") || url.starts_with("http://"), "{element}");
            assert!((1..=60).contains(&element["title"].as_str().unwrap().chars().count()), "{element}");
        }
        _ => {}
    }
    match element {
        Value::Array(all) => all.iter().for_each(check_element),
        Value::Object(fields) => fields.values().for_each(check_element),
        _ => {}
    }
}
