//! Slack's incoming webhooks, and the form that Alertmanager's keys want: exact requests and failures.

use alerts::{
    message::Message,
    ports::{SendErrorKind, Way},
};
use channels::Globals;

use super::{
    golden,
    http_server::{HttpServer, Reply},
    messages::{firing, grouped, hostile, resolved, with_pictures},
    setup::{Setup, receiver, shown},
    slack,
};

fn toml(base: &str, more: &str) -> String {
    format!("[[slack_configs]]\napi_url = '{base}/services/T0/B0/path-secret'\n{more}")
}

/// Every key that Alertmanager has for the looks of a message.
const LOOKS: &str = r##"channel = '#other'
username = 'am {{ .Status }}'
icon_emoji = ':fire:'
icon_url = 'https://icons.example.org/{{ .Status }}.png'
link_names = true
pretext = '<!here>'
message_text = 'text of the message'
footer = 'foot of {{ .Receiver }}'
callback_id = 'call-{{ .GroupLabels.alertname }}'
image_url = 'https://images.example.org/a.png?x=1&y=2'
thumb_url = 'https://images.example.org/t.png'
short_fields = true
mrkdwn_in = ['text']
fields = [
  { title = 'Team', value = '{{ .GroupLabels.alertname }}' },
  { title = 'Long', value = 'yes', short = false },
]
actions = [
  { type = 'button', text = 'Runbook', url = 'https://runbooks.example.org/{{ .Status }}?a=1&b=2', style = 'primary', name = 'gone' },
  { type = 'button', text = 'Ack', name = 'ack', value = '{{ .Status }}', confirm = { text = 'Sure?', title = 'Ack', ok_text = 'Yes', dismiss_text = 'No' } },
]
"##;

#[tokio::test]
async fn requests_are_as_recorded() {
    let cases: [(&str, &str, Message); 6] = [
        ("hook_firing", "", firing()),
        ("hook_resolved", "", resolved()),
        ("hook_pictures", "", with_pictures(grouped(), 3)),
        ("hook_every_key", LOOKS, with_pictures(firing(), 1)),
        ("hook_no_pictures_wanted", "images = 'none'", with_pictures(firing(), 1)),
        ("hook_hostile", "", hostile("<!channel> \"a\" <http://evil|x> &amp; \u{202E}txt *b*\r\nnew line")),
    ];
    for (name, more, message) in cases {
        let server = HttpServer::start(|_| Reply::status(200, "ok")).await;
        let channel = Setup::default().channel(&toml(&server.base, more));
        let receipt = channel.send(&message, None).await.unwrap();
        assert_eq!((receipt.degraded, receipt.pictures_due), (None, false));
        golden::check(&format!("slack/{name}.txt"), &golden::requests(&server.requests(), &server.base));
    }
}

#[tokio::test]
async fn a_bot_posts_the_same_form_where_blocks_do_not_do() {
    let server = HttpServer::start(slack::answer).await;
    let more = LOOKS.replace("channel = '#other'", "channel = '#alerts'\napp_token = 'xoxb-token-secret'");
    let channel = Setup::default().channel(&format!("[[slack_configs]]\napi_url = '{}/api'\n{more}", server.base));
    let receipt = channel.send(&with_pictures(firing(), 1), None).await.unwrap();
    assert!(receipt.pictures_due, "its pictures are uploaded all the same");
    golden::check("slack/every_key.txt", &golden::requests(&server.requests(), &server.base));
}

#[tokio::test]
async fn the_token_may_stand_beside_the_address_of_the_method() {
    let server = HttpServer::start(slack::answer).await;
    let toml = format!(
        "[[slack_configs]]\napi_url = '{}/api/chat.postMessage'\nchannel = 'c'\nhttp_config.authorization.credentials = 'xoxb-other-secret'",
        server.base
    );
    Setup::default().channel(&toml).send(&firing(), None).await.unwrap();
    assert_eq!(server.paths(), ["/api/chat.postMessage"]);
    assert_eq!(server.requests()[0].header("authorization"), Some("Bearer xoxb-other-secret"));
    assert_eq!(server.requests()[0].headers.iter().filter(|(name, _)| name == "authorization").count(), 1);
}

#[tokio::test]
async fn the_global_address_is_the_default() {
    let server = HttpServer::start(|_| Reply::status(200, "ok")).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("{}/services/T/B/file-secret\n", server.base)).unwrap();
    for global in [
        format!("slack_api_url = '{}/services/T/B/x-secret'", server.base),
        format!("slack_api_url_file = '{}'", file.path().display()),
    ] {
        let globals: Globals = toml::from_str(&global).unwrap();
        let setup = Setup { globals, ..Setup::default() };
        let channel = setup.channel("[[slack_configs]]\nchannel = '#a'\nsend_resolved = true");
        assert_eq!(channel.limits().pictures.ways, [Way::Link]);
        channel.send(&firing(), None).await.unwrap();
    }
    assert_eq!(server.paths(), ["/services/T/B/x-secret", "/services/T/B/file-secret"]);
}

#[tokio::test]
async fn failures_have_classes_and_no_secrets() {
    let cases = [
        (400, "invalid_payload", SendErrorKind::Rejected),
        (400, "user_not_found", SendErrorKind::Unauthorised),
        (403, "action_prohibited", SendErrorKind::Unauthorised),
        (404, "no_service: /services/T0/B0/path-secret", SendErrorKind::Unauthorised),
        (410, "channel_is_archived", SendErrorKind::Unauthorised),
        (500, "rollup_error", SendErrorKind::Retry),
        (200, "{\"ok\": false, \"error\": \"invalid_auth\"}", SendErrorKind::Unauthorised),
    ];
    for (status, body, kind) in cases {
        let server = HttpServer::start(move |_| Reply::status(status, body)).await;
        let error = Setup::default().channel(&toml(&server.base, "")).send(&firing(), None).await.unwrap_err();
        assert_eq!(error.kind, kind, "{status} {body}: {error}");
        assert!(!shown(&error).contains("path-secret"), "{error}");
    }
}

#[tokio::test]
async fn refused_pictures_do_not_cost_the_message() {
    let answer = |r: &super::http_server::Recorded| match r.json()["attachments"][0]["image_url"].is_null() {
        true => Reply::status(200, "ok"),
        false => Reply::status(400, "invalid_attachments"),
    };
    let server = HttpServer::start(answer).await;
    let receipt =
        Setup::default().channel(&toml(&server.base, "")).send(&with_pictures(firing(), 2), None).await.unwrap();
    assert!(receipt.degraded.unwrap().contains("without pictures"));
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn keys_that_contradict_each_other_are_refused() {
    let check = |more: &str, expected: &str| {
        let problems = Setup::default().problems(&toml("https://hooks.example.org", more));
        assert_eq!(problems, [format!("receivers[0].slack_configs[0].{expected}")], "{more}");
    };
    check(
        "update_message = true",
        "message_strategy: needs a bot token: an incoming webhook names no message to follow up",
    );
    check(
        "update_message = true\nmessage_strategy = 'thread'",
        "update_message: contradicts message_strategy: leave it out",
    );
    check("threaded_options = { resolve_emoji = 'x' }", "threaded_options: needs message_strategy = \"thread\"");
    check("fields = [{ title = 'x' }]", "fields[0].value: is missing");
    check(
        "actions = [{ type = 'button', text = 'x' }]",
        "actions[0].url: is missing: a button leads somewhere (url) or says something (name)",
    );
    check("images = 'upload'", "images: this integration cannot take picture files");
    check(
        "channel = 'c'\napp_token = 'abcd'",
        "api_url: is that of an incoming webhook: only one of it and app_token may be given",
    );
    assert!(toml::from_str::<channels::Receiver>(&toml("https://x", "message_strategy = 'never'")).is_err());
    // a bot's file of today starts
    let bot = "[[slack_configs]]\napp_token = 'abcd'\nchannel = 'c'\nmessage_strategy = 'thread'\n[slack_configs.threaded_options]\n\
        resolve_emoji = 'ok'\nuse_summary_header = true\nsummary_header = { resolve_color = 'good' }";
    Setup::default().build(&receiver(bot)).unwrap();
}
