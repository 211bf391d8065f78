//! Secrets appear in no problem, no warning and no Debug.

use proptest::prelude::*;

use super::{
    super::{problem::Problems, settings::Settings},
    read, read_as,
};

/// Every secret that the configuration knows: a file with `SECRET` in its place.
const FILES: [&str; 14] = [
    "[[webhooks]]\nname = 'x'\nlabels = { a = 'b' }\nsecret = 'SECRET'",
    "[[webhooks]]\nname = 'x'\nlabels = { a = 'b' }\nbearer_token = 'SECRET'",
    "[[webhooks]]\nname = 'x'\nlabels = { a = 'b' }\nbasic_auth = { username = 'u', password = 'SECRET' }",
    "[[sources]]\nname = 'p'\ntype = 'prometheus'\nurl = 'http://p:9090'\nbearer_token = 'SECRET'",
    "[[sources]]\nname = 'p'\ntype = 'prometheus'\nurl = 'http://p:9090'\nbasic_auth = { username = 'u', password = 'SECRET' }",
    "[[sources]]\nname = 'l'\ntype = 'loki'\nurl = 'http://l:3100'\nproxy_url = 'http://u:SECRET@proxy'\nheaders = { X-Key = 'SECRET' }",
    "[rendering]\nrenderer_token = 'SECRET'",
    "[global]\nsmtp_auth_password = 'SECRET'\nslack_app_token = 'SECRET'",
    "[global]\nslack_api_url = 'http://x/SECRET'",
    "[global.http_config]\nproxy_url = 'http://u:SECRET@proxy'\nauthorization = { credentials = 'SECRET' }",
    "[route]\nreceiver = 'a'\n[[receivers]]\nname = 'a'\n[[receivers.webhook_configs]]\nurl = 'http://x/SECRET'",
    "[route]\nreceiver = 'a'\n[[receivers]]\nname = 'a'\n[[receivers.slack_configs]]\nchannel = 'c'\napp_token = 'SECRET'",
    "[route]\nreceiver = 'a'\n[[receivers]]\nname = 'a'\n[[receivers.email_configs]]\nto = 'a@b.c'\nfrom = 'a@b.c'\n\
     smarthost = 'm:25'\nauth_username = 'u'\nauth_password = 'SECRET'",
    "[external_image_storage]\nprovider = 's3'\n[external_image_storage.s3]\nbucket = 'b'\naccess_key = 'SECRET'\nsecret_key = 'SECRET'\n\
     [external_image_storage.azure_blob]\naccount_key = 'SECRET'\n[external_image_storage.webdav]\npassword = 'SECRET'",
];

/// The same in YAML, without quotes: a secret may be anything there.
const YAML_FILE: &str = "global:\n  slack_app_token: SECRET\n  smtp_auth_password: SECRET\nroute: {receiver: a}\nreceivers:\n- name: a\n  \
     webhook_configs:\n  - url: http://x/SECRET\n    http_config:\n      basic_auth: {username: u, password: SECRET}\n";

fn printed(text: &str) -> String {
    said(read(text))
}

fn said(outcome: Result<Settings, Problems>) -> String {
    match outcome {
        Ok(settings) => format!("{settings:?}\n{settings:#?}\n{:?}", settings.warnings),
        Err(problems) => format!("{problems}\n{problems:?}"),
    }
}

#[test]
fn the_files_are_right() {
    for file in FILES {
        if let Err(problems) = read(&file.replace("SECRET", "hunter2")) {
            panic!("{file}\n{problems}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn are_never_printed_of_yaml(secret in "[a-zA-Z][a-zA-Z0-9]{16,24}|[1-9][0-9]{15}") {
        let text = YAML_FILE.replace("SECRET", &secret);
        prop_assert!(!said(read_as("c.yml", &text)).contains(&secret));
        let mistakes = [
            (": ", ":"), (": ", ": ["), (": ", ": {"), (": ", ": *"), (": ", ": !"), (": ", ": '"), (": ", ": - "), ("}", ""), ("  ", "\t"),
            ("token: ", "token: {a: b, c: "), ("http://", ""), ("http://", "%"), ("password: ", "password: ["), ("u,", "u"),
        ];
        for (from, to) in mistakes {
            for mistaken in [text.replace(from, to), text.replacen(from, to, 1)] {
                prop_assert!(!said(read_as("c.yml", &mistaken)).contains(&secret), "{}", mistaken);
            }
        }
    }

    #[test]
    fn are_never_printed(secret in "[a-zA-Z0-9]{16,24}", file in prop::sample::select(&FILES[..])) {
        let text = file.replace("SECRET", &secret);
        let mistakes = [
            String::new(),
            // a mistake elsewhere, and the same key with a wrong type, a wrong name, or twice
            "\nzzz = 1".to_owned(),
            "\n[server]\nlisten = 5".to_owned(),
        ];
        for mistake in &mistakes {
            let mistaken = format!("{text}{mistake}");
            prop_assert!(!printed(&mistaken).contains(&secret), "{}", mistaken);
        }
        for (from, to) in [("'", ""), (" = '", "x = '"), (" = '", " = ['"), ("= '", "= 5#'"), ("http://", "htp:/")] {
            let mistaken = text.replace(from, to);
            prop_assert!(!printed(&mistaken).contains(&secret), "{}", mistaken);
        }
    }
}
