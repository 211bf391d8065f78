//! Previews of all types of integrations, tests of receivers, and what they must not do.

use std::{
    net::TcpListener,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use alerts::{Time, ports::StoreError};
use std::sync::Arc;

use super::*;
use crate::config;

const NOW: Time = Time::from_secs(1_800_000_000);

/// A port on loopback that counts who comes.
struct Nobody {
    address: SocketAddr,
    visitors: Arc<AtomicUsize>,
}

impl Nobody {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("it has one");
        let visitors = Arc::new(AtomicUsize::new(0));
        let counted = visitors.clone();
        std::thread::spawn(move || {
            for _ in listener.incoming().map_while(Result::ok) {
                counted.fetch_add(1, Ordering::SeqCst);
            }
        });
        Self { address, visitors }
    }
}

fn settings(text: &str) -> Settings {
    let loaded = config::from_text("wirephoto.toml", text, std::path::Path::new("."), &|_| None);
    loaded.unwrap_or_else(|problems| panic!("{problems}"))
}

fn http() -> Http {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Http::shared().expect("a client")
}

/// One receiver called `example`, with these integrations in TOML.
fn trial(integrations: &str) -> Trial {
    let _ = http();
    Trial::without_server(settings(&format!(
        "[server]\nexternal_url = 'https://alerts.example.org/w'\n[route]\nreceiver = 'example'\ngroup_by = ['alertname']\n\
         [[receivers]]\nname = 'example'\n{integrations}"
    )))
}

async fn preview(trial: &Trial, asked: PreviewAsked) -> Preview {
    trial.preview(&asked, &http(), NOW).await.unwrap_or_else(|error| panic!("{error}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_type_can_be_previewed_without_a_word_to_anybody() {
    // an error only means that another test was first
    let _ = rustls::crypto::ring::default_provider().install_default();
    let nobody = Nobody::start();
    let mut settings = settings("[route]\nreceiver = 'example'\n[[receivers]]\nname = 'example'\n");
    settings.receivers = vec![channels::Receiver::example(&format!("http://{}", nobody.address))];
    let trial = Trial::without_server(settings);
    for pictures in [0, 1, 3, MOST_PICTURES] {
        let asked = PreviewAsked { pictures, resolved: true, ..PreviewAsked::default() };
        let preview = preview(&trial, asked).await;
        let [group] = &preview.groups[..] else { panic!("{preview:?}") };
        for (_, kind) in channels::KINDS {
            let one = group.integrations.iter().find(|one| one.integration == format!("{kind}/0"));
            let one = one.unwrap_or_else(|| panic!("no {kind}"));
            assert_eq!(one.messages.len(), 2, "{kind}");
            for message in &one.messages {
                assert!(!message.steps.is_empty() && message.told.ok, "{kind}, {pictures} pictures: {message:?}");
                // more pictures than a vendor takes may be a note
                assert!(pictures > 3 || message.told.degraded.is_none(), "{kind}, {pictures} pictures: {message:?}");
            }
        }
        assert!(preview.ok);
        for shown in [serde_json::to_string(&preview).expect("data"), print_preview(&preview)] {
            assert!(!shown.contains("-secret"), "{shown}");
        }
    }
    assert_eq!(nobody.visitors.load(Ordering::SeqCst), 0, "somebody was contacted");
}

const HOOK: &str = "[[receivers.webhook_configs]]\nurl = 'http://127.0.0.1:9/hook/token-of-the-path'\n";

fn request(preview: &Preview, group: usize, message: usize) -> (&str, &Body, &[Field]) {
    match &preview.groups[group].integrations[0].messages[message].steps[0] {
        Step::Request { url, body, headers, .. } => (url, body, headers),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_take_their_routes_and_stand_in_their_groups() {
    let _ = http();
    let trial = Trial::without_server(settings(&format!(
        "[route]\nreceiver = 'all'\ngroup_by = ['alertname']\n[[route.routes]]\nmatchers = ['team=\"db\"']\nreceiver = 'db'\n\
         [[receivers]]\nname = 'all'\n{HOOK}[[receivers]]\nname = 'db'\n{HOOK}"
    )));
    let event = r#"[{"labels":{"alertname":"A","n":"1"}},{"labels":{"alertname":"B","team":"db"}},
        {"labels":{"alertname":"A","n":"2"}},{"labels":{"alertname":"A","n":"1"},"annotations":{"summary":"again"}}]"#;
    let asked = PreviewAsked { event: Some(event.to_owned()), ..PreviewAsked::default() };
    let found = preview(&trial, asked.clone()).await;
    let groups: Vec<_> =
        found.groups.iter().map(|group| (group.receiver.as_str(), group.group_key.as_str(), group.alerts)).collect();
    assert_eq!(groups, [("db", "{}/{team=\"db\"}:{alertname=\"B\"}", 1), ("all", "{}:{alertname=\"A\"}", 2)]);
    let (_, Body::Json { value }, _) = request(&found, 1, 0) else { panic!("no JSON") };
    assert_eq!((&value["status"], &value["alerts"][0]["annotations"]["summary"]), (&"firing".into(), &"again".into()));

    let to_db = preview(&trial, PreviewAsked { receiver: Some("db".to_owned()), ..asked }).await;
    assert!(to_db.groups.iter().all(|group| group.receiver == "db"));
    assert_eq!(to_db.groups.len(), 2, "{to_db:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_not_shown_and_a_link_does_not_work() {
    let trial = trial(&format!(
        "{HOOK}[receivers.webhook_configs.http_config.basic_auth]\nusername = 'ann'\npassword = 'wonderland'\n"
    ));
    let found = preview(&trial, PreviewAsked { pictures: 1, ..PreviewAsked::default() }).await;
    let text = print_preview(&found);
    assert!(text.contains("authorization: Basic [redacted]"), "{text}");
    for secret in ["wonderland", "YW5uOndvbmRlcmxhbmQ", "token-of-the-path"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert!(text.contains("https://alerts.example.org/w/images/wirephototestfiring.png?e="), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_is_shown_in_its_parts() {
    let trial = trial(
        "[[receivers.email_configs]]\nto = 'Ann <ann@example.org>'\nfrom = 'w@example.org'\nsmarthost = 'mail.example.org:587'\n\
         auth_username = 'w'\nauth_password = 'wonderland'\nheaders = { Subject = 'Fehler: {{ .CommonLabels.alertname }} ü' }\n",
    );
    let found = preview(&trial, PreviewAsked { pictures: 2, resolved: true, ..PreviewAsked::default() }).await;
    let [firing, resolved] = &found.groups[0].integrations[0].messages[..] else { panic!("{found:?}") };
    assert_eq!(resolved.told.skipped, Some("send_resolved is false: that it is over is not told"));
    let Step::Mail { server, to, headers, parts, .. } = &firing.steps[0] else { panic!("{firing:?}") };
    assert_eq!((server.as_str(), &to[..]), ("mail.example.org:587 with STARTTLS", &["ann@example.org".to_owned()][..]));
    let header = |name: &str| headers.iter().find(|field| field.name == name).map(|field| field.value.as_str());
    assert_eq!(header("Subject"), Some("Fehler: HighErrorRate ü"));
    let kinds: Vec<&str> = parts.iter().map(|part| part.headers[0].value.as_str()).collect();
    assert_eq!(kinds, ["text/plain", "text/html", "image/png", "image/png"]);
    let Body::File { description } = &parts[2].body else { panic!("{parts:?}") };
    assert!(description.starts_with("[PNG, ") && description.ends_with(" bytes]"), "{description}");
    assert!(!print_preview(&found).contains("wonderland"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inbox_and_a_template_that_fails() {
    let trial = trial("[[receivers.inbox_configs]]\ntext = '{{ (index .Alerts 1).Labels.alertname }}'\n");
    let found = preview(&trial, PreviewAsked { pictures: 1, resolved: true, ..PreviewAsked::default() }).await;
    let messages = &found.groups[0].integrations[0].messages;
    for (message, title) in messages.iter().zip(["FIRING", "RESOLVED"]) {
        let Step::Inbox { title: shown, pictures, .. } = &message.steps[0] else { panic!("{message:?}") };
        assert!(shown.contains(title) && pictures.len() == 1, "{message:?}");
        assert!(message.told.degraded.as_deref().is_some_and(|why| why.contains("template failed")), "{message:?}");
    }
    assert!(print_preview(&found).contains("note: template failed"), "{}", print_preview(&found));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_previewed() {
    let trial = trial(HOOK);
    let check = async |asked: PreviewAsked, expected: &str| {
        let error = trial.preview(&asked, &http(), NOW).await.expect_err(expected).to_string();
        assert_eq!(error, expected);
    };
    let event = |text: &str| PreviewAsked { event: Some(text.to_owned()), ..PreviewAsked::default() };
    let receiver = Some("x".to_owned());
    check(PreviewAsked { receiver, ..Default::default() }, "there is no receiver \"x\"; there is only \"example\"")
        .await;
    let integration = Some(Which::one("slack", 0));
    check(
        PreviewAsked { integration, ..Default::default() },
        "the receiver \"example\" has no integration slack/0; it has webhook/0",
    )
    .await;
    check(event("[]"), "the event: there is no alert in it").await;
    check(event(r#"{"labels":{}}"#), "the event: at least one label pair required").await;
    check(PreviewAsked { pictures: 51, ..Default::default() }, "at most 50 pictures are drawn for a preview").await;
    let many: Vec<_> = (0..21).map(|n| format!(r#"{{"labels":{{"alertname":"A{n}"}}}}"#)).collect();
    check(event(&format!("[{}]", many.join(","))), "the alerts make 21 groups, more than the 20 of a preview").await;
    let error = trial.preview(&event("{"), &http(), NOW).await.expect_err("no JSON").to_string();
    assert!(error.starts_with("the event: "), "{error}");
}

#[test]
fn integrations_are_named_by_type_and_place() {
    let check = |text: &str, expected: Option<&str>| {
        assert_eq!(text.parse::<Which>().ok().map(|which| which.to_string()).as_deref(), expected, "{text}");
    };
    check("slack", Some("slack"));
    check("slack/1", Some("slack/1"));
    for wrong in ["", "/1", "slack/", "slack/x", "slack/-1"] {
        check(wrong, None);
    }
}

struct Shelved;

#[async_trait::async_trait]
impl alerts::ports::Inbox for Shelved {
    async fn keep(&self, entry: alerts::ports::InboxEntry) -> Result<i64, StoreError> {
        assert!(entry.text.contains("nothing is wrong"), "{entry:?}");
        Ok(7)
    }

    async fn add_pictures(&self, _: i64, _: Vec<alerts::ports::InboxPicture>) -> Result<(), StoreError> {
        Ok(())
    }
}

fn test_asked(integration: Option<Which>) -> TestAsked {
    TestAsked { receiver: "example".to_owned(), integration, resolve: true, by: "Ann".to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_says_what_came_of_each_integration() {
    // nobody listens on the discard port
    let trial = trial(&format!("{HOOK}[[receivers.inbox_configs]]\n"));
    let store: Store = Err("no server has run here".to_owned());
    let report = trial.test(&test_asked(None), &http(), Arc::new(Shelved), &store, NOW).await.expect("a report");
    assert!(!report.ok);
    let outcome = |at: usize| {
        let one = &report.integrations[at];
        let told: Vec<_> =
            one.messages.iter().map(|told| (told.ok, told.error.as_ref().map(|error| error.class))).collect();
        (one.integration.as_str(), told)
    };
    assert_eq!(outcome(0), ("inbox/0", vec![(true, None), (true, None)]));
    assert_eq!(outcome(1), ("webhook/0", vec![(false, Some("serverError"))]));
    let text = print_report(&report);
    assert!(text.contains("picture: without a link, because no server has run here"), "{text}");
    assert!(text.contains("inbox/0, firing: ok\n   answered with {\"id\":7}"), "{text}");
    assert!(
        text.contains("webhook/0, firing: FAILED\n   error (serverError): ") && text.contains("what to do: "),
        "{text}"
    );
    assert!(!text.contains("token-of-the-path"), "{text}");

    let only = test_asked(Some("inbox".parse().expect("a type")));
    let report = trial.test(&only, &http(), Arc::new(Shelved), &store, NOW).await.expect("a report");
    assert!(report.ok && report.integrations.len() == 1, "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn test_pictures_replace_each_other_and_their_links_work() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(images::store::LocalStore::beside(folder.path(), "http://a").is_err(), "no server has run here");
    let servers = images::store::LocalStore::open(folder.path(), None).expect("a store");
    let trial = trial("[[receivers.inbox_configs]]\n");
    let beside = images::store::LocalStore::beside(folder.path(), trial.images_url()).expect("beside it");
    let store: Store = Ok(Arc::new(images::store::Stores::new(Arc::new(beside), None)));
    for _ in 0..2 {
        let report = trial.test(&test_asked(None), &http(), Arc::new(Shelved), &store, NOW).await.expect("a report");
        let link = report.picture.link.expect("a link");
        let (_, query) =
            link.split_once("https://alerts.example.org/w/images/wirephototestfiring.png?e=").expect("ours");
        let (end, signature) = query.split_once("&s=").expect("signed");
        let id = alerts::picture::PictureId("wirephototestfiring".into());
        assert_eq!(servers.verify(&id, end.parse().expect("a number"), signature, NOW), Ok(()));
        assert!(images::store::Backend::get(&servers, &id).await.expect("a file").starts_with(b"\x89PNG"));
    }
    let files = std::fs::read_dir(folder.path().join("images")).expect("a folder").count();
    assert_eq!(files, 2, "one picture each of firing and resolved");
}

/// A clock that goes when it is told.
struct Hands(parking_lot::Mutex<Duration>);

impl alerts::ports::Clock for Hands {
    fn now(&self) -> Time {
        NOW.plus(*self.0.lock())
    }

    fn monotonic(&self) -> Duration {
        *self.0.lock()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_is_not_tested_too_often() {
    let folder = tempfile::tempdir().expect("a folder");
    let local = images::store::LocalStore::open(folder.path(), None).expect("a store");
    let images = Arc::new(images::store::Stores::new(Arc::new(local), None));
    let clock = Arc::new(Hands(parking_lot::Mutex::new(Duration::ZERO)));
    let registry = prometheus::Registry::new();
    let metrics = TrialMetrics::register(&registry).expect("metrics");
    let trial = trial("[[receivers.inbox_configs]]\n");
    let desk = Arc::new(Desk::new(trial, images, Arc::new(Shelved), clock.clone(), metrics).expect("a desk"));
    assert!(desk.test(test_asked(None)).await.expect("a report").ok);
    *clock.0.lock() = Duration::from_secs(4);
    let refused = desk.test(test_asked(None)).await.expect_err("too soon");
    assert_eq!(refused.to_string(), "this receiver was tested a moment ago: try again in 6 s");
    *clock.0.lock() = Duration::from_secs(10);
    assert!(desk.test(test_asked(None)).await.is_ok());
    assert_eq!(desk.last_test("example").0.map(|report| report.at), Some(NOW.plus(Duration::from_secs(10))));
    let unknown = TestAsked { receiver: "x".to_owned(), ..test_asked(None) };
    assert!(matches!(desk.test(unknown).await, Err(Refused::NoTrial(NoTrial::UnknownReceiver { .. }))));
    let counted = |what: &str, outcome: &str| {
        let families = registry.gather();
        let family = families.iter().find(|family| family.name() == "wirephoto_trials_total").expect("it is there");
        let has = |metric: &prometheus::proto::Metric, value: &str| {
            metric.get_label().iter().any(|label| label.value() == value)
        };
        let metric = family.get_metric().iter().find(|metric| has(metric, what) && has(metric, outcome));
        metric.map_or(0.0, |metric| metric.get_counter().get_value())
    };
    assert_eq!((counted("test", "ok"), counted("test", "refused"), counted("test", "failed")), (2.0, 2.0, 0.0));
}
