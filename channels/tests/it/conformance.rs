//! What holds for every channel. A new one joins by its line in the list: its `Config::example` leads here.

use std::time::Duration;

use alerts::{
    message::Message,
    ports::{LatePictures, SendError, SendErrorKind},
};
use channels::{Built, Receiver};
use proptest::prelude::*;

use super::{
    alertmanager, dingding, discord, googlechat,
    http_server::{HttpServer, Recorded, Reply},
    incidentio, jira, kafka, line, mattermost,
    messages::{firing, grouped, hostile, picture, replace_bytes, resolved, with_pictures},
    msteams, msteamsv2, opsgenie, pagerduty, pushover, rocketchat, sensugo,
    setup::{self, Setup, shown},
    slack,
    smtp_server::{Script, SmtpServer},
    sns, telegram, threema, victorops, webex, webhook, wechat,
};

/// All secrets of all examples contain this.
const SECRET: &str = "-secret";

/// Everything that the examples' requests may lead to.
struct World {
    http: HttpServer,
    smtp: SmtpServer,
    setup: Setup,
}

impl World {
    async fn new(answer: impl Fn(&Recorded) -> Reply + Send + Sync + 'static, script: Script) -> Self {
        Self { http: HttpServer::start(answer).await, smtp: SmtpServer::start(script).await, setup: Setup::default() }
    }

    async fn friendly() -> Self {
        Self::new(all_is_well, Script::announcing("SIZE 10240000")).await
    }

    /// Every type of integration, at its vendor. Requests go below the type's name.
    fn channels(&self) -> Vec<Built> {
        let mut receiver = Receiver::example(&self.http.base);
        receiver.email_configs = Receiver::example(&self.smtp.base).email_configs;
        for (kind, toml) in OTHER_WAYS_IN {
            setup::extend(&mut receiver, &toml.replace("BASE", &format!("{}/{kind}", self.http.base)));
        }
        self.setup.build(&receiver).unwrap()
    }

    /// How much has been sent: requests, mails, messages of the inbox.
    fn sent(&self) -> usize {
        self.http.requests().len() + self.smtp.mails().len() + self.setup.shelf.entries.lock().unwrap().len()
    }
}

/// Types with more than one way in (a bot and a webhook), beside the one of their example: `BASE` is where their requests go.
const OTHER_WAYS_IN: &[(&str, &str)] = &[
    (
        "kafka",
        "[[kafka_configs]]\nkafka_rest_proxy = 'BASE'\napi_version = 'v3'\nkafka_cluster_id = 'c1'\nkafka_topic = 'alerts'\nimage_topic = 'alert-images'",
    ),
    (
        "discord",
        "[[discord_configs]]\nwebhook_url = 'BASE/api/webhooks/1/forum-secret'\nthread_name = 'x'\nmessage_strategy = 'thread'",
    ),
    ("slack", "[[slack_configs]]\nsend_resolved = true\napi_url = 'BASE/services/T/B/path-secret'"),
    ("threema", threema::EXAMPLE),
    ("mattermost", "[[mattermost_configs]]\nwebhook_url = 'BASE/hooks/path-secret'"),
    (
        "rocketchat",
        "[[rocketchat_configs]]\nsend_resolved = true\napi_url = 'BASE'\ntoken = 'token-secret'\ntoken_id = 'user-secret'\nchannel = 'u'\nmessage_strategy = 'update'",
    ),
    (
        "slack",
        "[[slack_configs]]\nsend_resolved = true\napi_url = 'BASE/api'\napp_token = 'xoxb-token-secret'\nchannel = 't'\nmessage_strategy = 'thread'",
    ),
    (
        "webhook",
        "[[webhook_configs]]\nurl = 'BASE/hook/path-secret'\nformat = 'grafana'\nimage_encoding = 'multipart'\nhmac = { secret = 'hmac-secret' }",
    ),
    ("wechat", "[[wechat_configs]]\nsend_resolved = true\nwebhook_url = 'BASE/cgi-bin/webhook/send?key=robot-secret'"),
    ("opsgenie", "[[opsgenie_configs]]\napi_key = 'genie-key-secret'\napi_url = 'BASE/jsm/ops/integration/'"),
    ("pagerduty", "[[pagerduty_configs]]\nservice_key = 'service-key-secret'\nurl = 'BASE/v2/enqueue'"),
];

/// Whose first request asks for something (a token, an issue) and tells nobody anything: the type, and its place in the list.
const ASK_FIRST: &[(&str, usize)] = &[("jira", 0), ("wechat", 0)];

/// Statuses that mean something else to a vendor than to most: the type, the way in (0 is the example's), the status.
const OWN_STATUSES: &[(&str, usize, u16, SendErrorKind)] =
    &[("pagerduty", 1, 403, SendErrorKind::RetryAfter(Duration::from_secs(7)))];

/// What is checked of each request of a type: that it keeps the vendor's limits, and that no value changed the markup around it.
type Check = fn(&Recorded);

/// One line for each type that speaks HTTP.
const CHECKS: &[(&str, Check)] = &[
    ("dingding", dingding::check),
    ("jira", jira::check),
    ("sns", sns::check),
    ("wechat", wechat::check),
    ("kafka", kafka::check),
    ("line", line::check),
    ("telegram", telegram::check),
    ("mattermost", mattermost::check),
    ("discord", discord::check),
    ("googlechat", googlechat::check),
    ("alertmanager", alertmanager::check),
    ("incidentio", incidentio::check),
    ("msteams", msteams::check),
    ("msteamsv2", msteamsv2::check),
    ("opsgenie", opsgenie::check),
    ("pagerduty", pagerduty::check),
    ("pushover", pushover::check),
    ("rocketchat", rocketchat::check),
    ("slack", slack::check),
    ("threema", threema::check),
    ("webex", webex::check),
    ("sensugo", sensugo::check),
    ("victorops", victorops::check),
    ("webhook", webhook::check),
];

/// The type whose vendor a request is for.
fn kind_of(request: &Recorded) -> &str {
    request.path.split(['/', '?']).nth(1).unwrap()
}

fn check_request(request: &Recorded) {
    let kind = kind_of(request);
    let check = CHECKS.iter().find(|(of, _)| *of == kind).unwrap_or_else(|| panic!("{kind} has no line in CHECKS"));
    check.1(request);
}

/// Each vendor answers as its integration expects it in a rehearsal.
fn all_is_well(request: &Recorded) -> Reply {
    let base = format!("http://{}", request.header("host").unwrap());
    let example = Receiver::example(&base);
    let all = example.integrations();
    let (.., integration) = all
        .iter()
        .find(|(_, kind, ..)| *kind == kind_of(request))
        .unwrap_or_else(|| panic!("{}: nobody's", request.path));
    Reply::of(integration.vendor(), &base, request)
}

#[test]
fn every_type_is_checked() {
    let checked: Vec<&str> = CHECKS.iter().map(|(kind, _)| *kind).chain(["email", "inbox"]).collect();
    let missing: Vec<_> = channels::KINDS.iter().filter(|(_, kind)| !checked.contains(kind)).collect();
    assert!(missing.is_empty(), "no line in CHECKS: {missing:?}");
}

#[tokio::test]
async fn limits_are_sensible() {
    for one in World::friendly().await.channels() {
        let limits = one.channel.limits();
        assert_eq!(limits.kind, one.kind);
        assert!(limits.concurrency > 0 && limits.pace.burst > 0 && !limits.destination.is_empty(), "{one:?}");
        assert!(limits.timeout >= Duration::from_secs(1) && limits.timeout <= Duration::from_secs(120), "{one:?}");
        assert!(limits.pictures.wants_pictures() && limits.send_resolved, "{one:?}: examples show all there is");
    }
}

#[tokio::test]
async fn every_message_arrives_at_the_configured_place() {
    let mut too_large = with_pictures(firing(), 1);
    replace_bytes(&mut too_large.pictures[0], 12_000, 24);
    let messages = [
        firing(),
        resolved(),
        grouped(),
        with_pictures(grouped(), 1),
        with_pictures(grouped(), 3),
        with_pictures(grouped(), 40),
        too_large,
    ];
    for message in messages {
        let world = World::friendly().await;
        for one in world.channels() {
            let before = world.sent();
            let receipt = one.channel.send(&message, None).await.unwrap_or_else(|error| panic!("{one:?}: {error}"));
            assert_eq!(receipt.degraded, None, "{one:?}");
            assert!(world.sent() > before, "{one:?}");
        }
    }
}

#[tokio::test]
async fn the_default_texts_are_sound() {
    for message in [firing(), resolved(), with_pictures(grouped(), 3), hostile("<!channel> <script>")] {
        let mut world = World::friendly().await;
        world.setup.default_texts = true;
        for one in world.channels() {
            let receipt = one.channel.send(&message, None).await.unwrap_or_else(|error| panic!("{one:?}: {error}"));
            assert_eq!(receipt.degraded, None, "{one:?}");
        }
        world.http.requests().iter().for_each(check_request);
        let mail = world.smtp.mails().remove(0);
        let mail = mail_parser::MessageParser::new().parse(&mail).unwrap();
        let html = mail.body_html(0).unwrap();
        assert!(!html.contains("<script>") && html.matches("cid:").count() == message.pictures.len(), "{html}");
        assert!(!mail.body_text(0).unwrap().trim().is_empty());
    }
}

#[tokio::test]
async fn the_second_step_never_repeats_the_first() {
    let world = World::friendly().await;
    for one in world.channels().into_iter().filter(|one| one.channel.limits().pictures.late == LatePictures::Add) {
        let message = with_pictures(firing(), 1);
        let receipt = one.channel.send(&message, None).await.unwrap();
        // a crash later, from what the database kept
        let kept = serde_json::from_str(&serde_json::to_string(&receipt).unwrap()).unwrap();
        let texts = |world: &World| {
            // an edit writes the text again without telling it again
            let requests = world.http.requests().into_iter().filter(|r| r.method != "PATCH");
            let posts = requests.filter(|r| String::from_utf8_lossy(&r.body).contains("DiskFull"));
            posts.count() + world.smtp.mails().len() + world.setup.shelf.entries.lock().unwrap().len()
        };
        let before = texts(&world);
        let receipt = one.channel.add_pictures(&kept, &message.pictures).await.unwrap();
        assert!(!receipt.pictures_due, "{one:?}");
        let late = [picture("late", &message.alerts[0])];
        one.channel.add_pictures(&receipt, &late).await.unwrap();
        assert_eq!(texts(&world), before, "{one:?}");
    }
}

/// What every channel comes to that speaks HTTP, when the server answers so; and that the answer, which repeats the whole
/// request, brings no secret into the error.
async fn check_failure(status: u16, expected: SendErrorKind) {
    let echo = move |r: &Recorded| {
        let text = format!("{} {:?} {}", r.path, r.headers, String::from_utf8_lossy(&r.body));
        Reply::status(status, text).with("retry-after", "7")
    };
    let world = World::new(echo, Script::default()).await;
    for one in world.channels().into_iter().filter(|one| !matches!(one.kind, "email" | "inbox")) {
        let error = one.channel.send(&firing(), None).await.unwrap_err();
        let own = OWN_STATUSES.iter().find(|(kind, way, of, _)| (*kind, *way, *of) == (one.kind, one.index, status));
        let expected = own.map_or(expected, |(.., own)| *own);
        assert_eq!(error.kind, expected, "{one:?} {status}: {error}");
        assert!(!error.ambiguous, "{one:?} {status}");
        assert!(!shown(&error).contains(SECRET), "{one:?} {status}: {error}");
    }
}

#[tokio::test]
async fn failures_have_classes_and_no_secrets() {
    use SendErrorKind::*;
    let seven = RetryAfter(Duration::from_secs(7));
    for status in [401, 403, 404, 410, 302] {
        check_failure(status, Unauthorised).await;
    }
    for status in [429, 500, 502, 503, 504, 408] {
        check_failure(status, seven).await;
    }
    for status in [400, 422] {
        check_failure(status, Rejected).await;
    }
}

#[tokio::test]
async fn a_lost_connection_is_retried_as_ambiguous() {
    let world = World::new(|_| Reply::Close, Script { close_at: Some("."), ..Script::default() }).await;
    for one in world.channels().into_iter().filter(|one| one.kind != "inbox") {
        let SendError { kind, ambiguous, .. } = one.channel.send(&firing(), None).await.unwrap_err();
        let tells = !ASK_FIRST.contains(&(one.kind, one.index));
        assert_eq!((kind, ambiguous), (SendErrorKind::Retry, tells), "{one:?}");
    }
}

#[tokio::test]
async fn nobody_there_is_retried() {
    // nobody listens on the discard port; nothing can have arrived
    let receiver = Receiver::example("http://127.0.0.1:9");
    for one in Setup::default().build(&receiver).unwrap().into_iter().filter(|one| one.kind != "inbox") {
        let error = one.channel.send(&firing(), None).await.unwrap_err();
        assert_eq!((error.kind, error.ambiguous), (SendErrorKind::Retry, false), "{one:?}: {error}");
        assert!(!shown(&error).contains(SECRET), "{one:?}: {error}");
    }
}

#[test]
fn configurations_do_not_print_secrets() {
    let example = Receiver::example("http://127.0.0.1:9");
    assert!(!format!("{example:?}").contains(SECRET), "{example:?}");
}

fn message_of(value: String, repeat: usize, alerts: usize) -> Message {
    let mut message = hostile(&value.repeat(repeat));
    let one = message.alerts[0].clone();
    message.alerts = vec![one; alerts];
    message
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]
    /// Whatever the labels hold and however long they are, every channel sends something that keeps its limits.
    #[test]
    fn limits_hold_at_every_length(
        value in r#"(<!channel>|<@U1>|<http://evil\|x>|&amp;|"|'|\r\nBcc: eve@example\.org\r\n|<script>|[a-z]{1,9}|ü|🇩🇪|[\u{202A}-\u{202E}]|\*|`| ){1,12}"#,
        repeat in 1usize..200,
        alerts in 1usize..30,
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::friendly().await;
            let message = message_of(value, repeat, alerts);
            for one in world.channels() {
                one.channel.send(&message, None).await.unwrap_or_else(|error| panic!("{one:?}: {error}"));
            }
            world.http.requests().iter().for_each(check_request);
            for mail in world.smtp.mails() {
                assert!(mail.len() <= 10_000_000);
                let parsed = mail_parser::MessageParser::new().parse(&mail).unwrap();
                assert!(parsed.bcc().is_none() && parsed.subject().unwrap().chars().count() <= 250);
                assert!(!parsed.body_html(0).is_none_or(|html| html.contains("<script>")));
            }
            for entry in world.setup.shelf.entries.lock().unwrap().iter() {
                assert!(entry.title.chars().count() <= 1_000 && entry.text.chars().count() <= 100_000);
            }
        });
    }
}
