//! Configurations: Alertmanager's keys, every problem under its key, defaults, secrets that do not print.

use alerts::ports::Way;
use channels::{Globals, KINDS, Receiver};

use super::setup::{Setup, receiver};

fn check(toml: &str, expected: &[&str]) {
    assert_eq!(Setup::default().problems(toml), expected, "{toml}");
}

#[test]
fn problems_name_their_keys() {
    check("[[webhook_configs]]", &["receivers[0].webhook_configs[0].url: is missing"]);
    check(
        "[[webhook_configs]]\nurl = 'secret'",
        &["receivers[0].webhook_configs[0].url: is not a URL: relative URL without a base"],
    );
    check(
        "[[webhook_configs]]\nurl = 'http://x'\n[[webhook_configs]]\nurl = 'http://x'\nurl_file = '/y'",
        &["receivers[0].webhook_configs[1].url: only one of url and url_file may be given"],
    );
    check(
        "[[slack_configs]]\napi_url = 'https://hooks.example.org/services/T/B/x'\nimages = 'upload'",
        &["receivers[0].slack_configs[0].images: this integration cannot take picture files"],
    );
    check(
        "[[webhook_configs]]\nurl_file = '/nowhere/at-all'",
        &[
            "receivers[0].webhook_configs[0].url_file: cannot read /nowhere/at-all: No such file or directory (os error 2)",
        ],
    );
    check(
        "[[slack_configs]]\nicon_url = ''",
        &[
            "receivers[0].slack_configs[0].app_token: is missing, and there is no global.slack_app_token either",
            "receivers[0].slack_configs[0].channel: is missing",
        ],
    );
    check(
        "[[slack_configs]]\napi_url = 'https://hooks.example.org/services/T/B/x'\nbot_token = 'abcd'\nchannel = 'c'",
        &[
            "receivers[0].slack_configs[0].api_url: is that of an incoming webhook: only one of it and app_token may be given",
        ],
    );
    check(
        "[[email_configs]]\nto = 'nobody'\nsmarthost = 'x'\nheaders = { Date = 'x', 'X Y' = 'z' }",
        &[
            "receivers[0].email_configs[0].smarthost: \"x\" is not host:port",
            "receivers[0].email_configs[0].from: is missing, and there is no global.smtp_from either",
            "receivers[0].email_configs[0].to: \"nobody\" is not a list of mail addresses",
            "receivers[0].email_configs[0].headers.Date: cannot be set",
            "receivers[0].email_configs[0].headers.X Y: is not a header's name",
        ],
    );
}

#[test]
fn problems_of_templates_name_the_place() {
    let problems = Setup::default().problems("[[inbox_configs]]\ntitle = 'a {{ nothing }}'\ntext = '{{ if }}'");
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].starts_with("receivers[0].inbox_configs[0].title: "), "{problems:?}");
    assert_eq!(problems[0].matches("inbox_configs").count(), 1, "{problems:?}");
}

#[test]
fn unknown_keys_are_errors() {
    let error = toml::from_str::<Receiver>("[[slack_configs]]\nchanel = 'x'").unwrap_err().to_string();
    assert!(error.contains("unknown field `chanel`") && error.contains("line 2"), "{error}");
    assert!(toml::from_str::<Receiver>("[[pigeon_configs]]").unwrap_err().to_string().contains("pigeon_configs"));
    assert!(
        toml::from_str::<Receiver>("[[webhook_configs]]\ntimeout = '5'")
            .unwrap_err()
            .to_string()
            .contains("is not a duration")
    );
}

#[test]
fn global_defaults_fill_in() {
    let globals: Globals = toml::from_str(
        "smtp_from = 'a@example.org'\nsmtp_smarthost = 'mail:465'\nslack_app_token = 'xoxb-1'\nslack_app_url = 'http://127.0.0.1:1/api/chat.postMessage'",
    )
    .unwrap();
    let setup = Setup { globals, ..Setup::default() };
    let built =
        setup.build(&receiver("[[email_configs]]\nto = 'b@example.org'\n[[slack_configs]]\nchannel = 'c'")).unwrap();
    assert_eq!(built.iter().map(|one| one.kind).collect::<Vec<_>>(), ["email", "slack"]);
}

#[test]
fn resolved_alerts_are_told_as_in_alertmanager() {
    let example = Receiver::example("http://127.0.0.1:1");
    let _ = example;
    let check =
        |toml: &str, expected| assert_eq!(Setup::default().channel(toml).limits().send_resolved, expected, "{toml}");
    check("[[webhook_configs]]\nurl = 'http://x'", true);
    check("[[inbox_configs]]", true);
    check("[[slack_configs]]\napp_token = 'abcd'\nchannel = 'c'", false);
    check("[[email_configs]]\nto = 'a@b.c'\nfrom = 'a@b.c'\nsmarthost = 'x:25'", false);
}

#[test]
fn ways_follow_the_store_and_the_key() {
    let check = |cloud_images, images: &str, expected: &[Way]| {
        let setup = Setup { cloud_images, ..Setup::default() };
        let toml = format!("[[slack_configs]]\napp_token = 'abcd'\nchannel = 'c'\nimages = '{images}'");
        assert_eq!(setup.channel(&toml).limits().pictures.ways, expected, "{cloud_images} {images}");
    };
    check(false, "auto", &[Way::Attach]);
    check(true, "auto", &[Way::Link, Way::Attach]);
    check(true, "upload", &[Way::Attach]);
    check(false, "link", &[Way::Link]);
    check(false, "none", &[]);
}

#[test]
fn destinations_are_told_apart_and_survive_new_secrets() {
    let destinations = |toml: &str| -> Vec<String> {
        Setup::default().build(&receiver(toml)).unwrap().into_iter().map(|one| one.destination).collect()
    };
    let hook = |url: &str| destinations(&format!("[[webhook_configs]]\nurl = '{url}'")).remove(0);
    assert_eq!(hook("http://ann:one@x/y"), hook("http://bob:two@x/y"));
    assert_ne!(hook("http://x/y"), hook("http://x/z"));
    let slack = |token: &str| format!("[[slack_configs]]\napp_token = '{token}'\nchannel = 'c'\n");
    assert_eq!(destinations(&slack("abcd")), destinations(&slack("efgh")));
    let twice = destinations(&(slack("abcd") + &slack("abcd")));
    assert_eq!(twice[1], format!("{}-2", twice[0]));
}

#[test]
fn the_list_names_every_type_once() {
    let keys: Vec<&str> = Receiver::example("http://127.0.0.1:1").integrations().iter().map(|(key, ..)| *key).collect();
    assert_eq!(keys, KINDS.iter().map(|(key, _)| *key).collect::<Vec<_>>());
    assert!(KINDS.iter().all(|(key, kind)| *key == format!("{kind}_configs")));
}
