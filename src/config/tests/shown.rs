//! The configuration as Alertmanager's YAML: `shown.txt` has files and what is shown of them, rewritten with `UPDATE_GOLDEN=1`; and
//! Debian's `amtool`, which reads it strictly.

use std::{collections::BTreeSet, process::Command};

use super::{
    super::{EXAMPLE, from_text, shown, tree::Node, tree::Value},
    example::everything,
    golden, read, read_as, with_tls,
};

/// Keys that only wirephoto has, or that are told in another form.
const OWN: &[&str] = &[
    "images",
    "max_images",
    "inbox_configs",
    "line_configs",
    "channel_access_token",
    "channel_access_token_file",
    "resolve_muted",
    "app_token",
    "app_token_file",
    "bot_token",
    "bot_token_file",
    "app_url",
    "url_file",
    "threema_configs",
    "gateway_id",
    "recipient_id",
    "api_secret",
    "api_secret_file",
    "private_key",
    "private_key_file",
    "recipient_public_key",
    "description",
    "server_url",
    "channel_id",
    "kafka_configs",
    "kafka_topic",
    "kafka_rest_proxy",
    "api_version",
    "kafka_cluster_id",
    "brokers",
    "tls",
    "sasl",
    "password",
    "password_file",
    "mechanism",
    "compression",
    "details",
    "image_topic",
    "max_record_bytes",
    "method",
    "format",
    "message",
    "hmac",
    "header",
    "secret",
    "secret_file",
    "timestamp_header",
    "image_encoding",
    "max_image_bytes",
    "picture_placement",
    "secret_key_file",
    "webhook_url",
    "webhook_url_file",
    "dingding_configs",
    "msgType",
    "googlechat_configs",
    "hide_open_button",
    "thread_id",
    "thread_name",
    "alertmanager_configs",
    "urls",
    "image_annotation",
    "resolve_timeout",
    "sensugo_configs",
    "check",
    "namespace",
    "handler",
];
const OWN_GLOBALS: [&str; 1] = ["slack_app_url"];

fn shown(text: &str) -> String {
    let settings = read_as("am.yml", text).unwrap_or_else(|problems| panic!("{text}\n{problems}"));
    settings.alertmanager_yaml().trim_end().to_owned()
}

#[test]
fn what_is_shown() {
    golden::check("shown.txt", shown);
}

#[test]
fn the_default_configuration_is_shown() {
    with_tls();
    let settings = from_text("c.toml", EXAMPLE, std::path::Path::new("/nowhere"), &|_| None).expect("it is right");
    let expected = "global:\n  resolve_timeout: 5m\n";
    assert!(settings.alertmanager_yaml().starts_with(expected), "{}", settings.alertmanager_yaml());
    assert!(settings.alertmanager_yaml().contains("receivers:\n- name: inbox\n"), "{}", settings.alertmanager_yaml());
    assert!(!settings.alertmanager_yaml().contains("inbox_configs"), "{}", settings.alertmanager_yaml());
}

/// TOML's and YAML's forms of the same show the same.
#[test]
fn the_same_is_shown_of_toml_and_yaml() {
    let toml = read(include_str!("same.toml")).unwrap_or_else(|problems| panic!("{problems}"));
    let yaml = read_as("am.yml", include_str!("same.yml")).unwrap_or_else(|problems| panic!("{problems}"));
    // what looks like a number has quotes where it had them
    let loose = |text: &str| text.replace('\'', "");
    assert_eq!(loose(toml.alertmanager_yaml()), loose(yaml.alertmanager_yaml()));
}

/// A key that the code knows and nobody thought of would vanish from the status.
#[test]
fn every_key_is_shown_or_left_out_on_purpose() {
    with_tls();
    let mut problems = super::super::problem::Problems::default();
    let tree = super::super::toml_file::read(&everything(), &mut problems);
    let yaml = shown::alertmanager_yaml(&tree, Default::default());
    let shown = super::super::yaml_file::read(&yaml, &mut problems, &mut Vec::new());
    let mut missing = BTreeSet::new();
    for section in ["global", "route", "receivers", "inhibit_rules", "time_intervals"] {
        let (mut written, mut there) = (BTreeSet::new(), BTreeSet::new());
        keys(tree.get(section).expect(section), &mut written);
        keys(shown.get(section).expect(section), &mut there);
        let own = |key: &&String| OWN.contains(&key.as_str()) || OWN_GLOBALS.contains(&key.as_str());
        // false and nothing are left out where older readers would refuse the key
        let empty = [
            "smtp_force_implicit_tls",
            "force_implicit_tls",
            "proxy_from_environment",
            "labels",
            "update_message",
            "monospace",
            "update_alerts",
            "use_aws_http_client",
            "use_fips_sts_endpoint",
        ];
        let told = ["slack_app_token", "slack_app_token_file"];
        missing.extend(
            written
                .difference(&there)
                .filter(|key| !own(key) && !empty.contains(&key.as_str()) && !told.contains(&key.as_str()))
                .map(|key| format!("{section}: {key}")),
        );
    }
    assert_eq!(missing, BTreeSet::new());
}

fn keys(node: &Node, found: &mut BTreeSet<String>) {
    match &node.value {
        Value::Table(entries) => {
            for (key, value) in entries {
                found.insert(key.name.clone());
                keys(value, found);
            }
        }
        Value::List(items) => items.iter().for_each(|item| keys(item, found)),
        _ => {}
    }
}

/// Debian's amtool, unless it is not there; `tests/run` installs it and makes that a failure.
fn amtool(arguments: &[&str]) -> Option<(bool, String)> {
    match Command::new("amtool").args(arguments).output() {
        Ok(output) => {
            let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            Some((output.status.success(), text.join("\n")))
        }
        Err(_) => {
            let required = std::env::var("WIREPHOTO_TEST_PEERS").is_ok_and(|value| value == "required");
            assert!(!required, "amtool is missing, and WIREPHOTO_TEST_PEERS says that it is required");
            None
        }
    }
}

#[test]
fn amtool_reads_it_strictly_and_routes_as_we_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("shown.yml");
    let name = file.to_str().expect("UTF-8");
    let write = |settings: &super::Settings| std::fs::write(&file, settings.alertmanager_yaml()).expect("a file");
    let from_golden = golden::texts("shown.txt").into_iter().filter(|(title, _)| !title.contains("newer"));
    for (title, text) in from_golden {
        write(&read_as("am.yml", &text).unwrap_or_else(|problems| panic!("{title}\n{problems}")));
        let Some((good, said)) = amtool(&["check-config", name]) else { return };
        assert!(good, "{title}\n{said}\n{}", std::fs::read_to_string(&file).unwrap_or_default());
    }
    let settings = read_as("am.yml", include_str!("same.yml")).unwrap_or_else(|problems| panic!("{problems}"));
    let config = format!("--config.file={name}");
    write(&settings);
    // these two are set there and newer than Debian's amtool
    let yaml = settings.alertmanager_yaml().replace("- name: big hides small\n  source", "- source");
    let is_old = |line: &&str| !line.contains("proxy_from_environment");
    let yaml = yaml.lines().filter(is_old).collect::<Vec<_>>().join("\n");
    std::fs::write(&file, yaml).expect("a file");
    for labels in [
        &["team=web", "code=500", "service=shop", "severity=critical", "region=us"][..],
        &["team=web", "code=500", "service=shop", "severity=critical", "region=eu1"],
        &["team=db", "kind=replica"],
        &["team=db"],
    ] {
        let set: alerts::LabelSet = labels.iter().filter_map(|label| label.split_once('=')).collect();
        let ours: Vec<String> =
            settings.route.matching(&set).into_iter().map(|id| settings.route.route(id).receiver.to_string()).collect();
        let arguments: Vec<&str> = ["config", "routes", "test", &config].iter().chain(labels).copied().collect();
        let Some((good, said)) = amtool(&arguments) else { return };
        assert!(good, "{said}");
        // what follows is a warning of amtool's on standard error
        assert_eq!(said.lines().next(), Some(ours.join(",").as_str()), "{labels:?}");
    }
}
