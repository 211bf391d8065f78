//! What right files mean.

use std::time::Duration;

use alerts::{LabelSet, Time, route::GroupBy};
use images::store::settings::Provider;

use super::{
    super::{
        Manner,
        settings::{Level, LogFormat, Synchronous},
    },
    read,
};

#[test]
fn a_file_of_an_alertmanager_user() {
    let settings = read(
        r#"
        [global]
        resolve_timeout = "10m"
        [route]
        receiver = "ops"
        group_by = ["..."]
        [[route.routes]]
        receiver = "web"
        matchers = ['team="web"']
        match_re = { service = "a|b" }
        continue = true
        group_wait = "1s"
        mute_time_intervals = ["nights"]
        [[route.routes.routes]]
        match = { severity = "critical" }
        [[receivers]]
        name = "ops"
        [[receivers]]
        name = "web"
        webhook_configs = [{ url = "http://127.0.0.1:1/" }]
        [[inhibit_rules]]
        source_matchers = ['severity="critical"']
        target_match = { severity = "warning" }
        equal = ["alertname"]
        [[time_intervals]]
        name = "nights"
        time_intervals = [{ times = [{ start_time = "22:00", end_time = "24:00" }] }]
        "#,
    )
    .unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(settings.resolve_timeout, Duration::from_secs(600));
    let routes: Vec<_> =
        settings.route.iter().map(|route| (route.key.to_string(), route.receiver.to_string())).collect();
    let web = r#"{}/{service=~"a|b",team="web"}"#;
    assert_eq!(
        routes,
        [("{}", "ops"), (web, "web"), (&format!(r#"{web}/{{severity="critical"}}"#), "web")]
            .map(|(key, receiver)| (key.to_owned(), receiver.to_owned()))
    );
    assert_eq!(settings.route.root().group_by, GroupBy::All);
    assert!(settings.route.iter().nth(1).is_some_and(|route| route.continues && route.group_wait.as_secs() == 1));
    let labels: LabelSet = [("severity", "critical")].into_iter().collect();
    assert!(settings.inhibit_rules[0].source.matches(&labels) && !settings.inhibit_rules[0].target.matches(&labels));
    let late = Time::parse("2026-03-14T22:30:00Z").expect("a time");
    assert!(settings.time_intervals.silent(&["nights".to_owned()], &[], late).is_some());
    assert_eq!(settings.delivery_max_age(Duration::from_secs(60)), Duration::from_secs(3600));
    assert_eq!(settings.delivery_max_age(Duration::from_secs(7200)), Duration::from_secs(7200));
}

#[test]
fn a_file_of_a_grafana_user() {
    let settings = read(
        "[unified_alerting.screenshots]\ncapture = true\nmax_concurrent_screenshots = 7\ncapture_timeout = '5s'\n\
         [external_image_storage]\nprovider = ''\n[rendering]\nconcurrent_render_request_limit = 5",
    )
    .unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(settings.screenshots.max_concurrent_screenshots, 7);
    assert_eq!(settings.screenshots.capture_timeout, Duration::from_secs(5));
    assert_eq!(
        settings.warnings,
        ["rendering.concurrent_render_request_limit: is lower than screenshots.max_concurrent_screenshots: \
          pictures would wait for the renderer"]
    );
}

#[test]
fn an_image_store_of_a_grafana_user() {
    let settings = read(
        "[unified_alerting.screenshots]\nupload_external_image_storage = true\n[external_image_storage]\nprovider = 'webdav'\n\
         [external_image_storage.webdav]\nurl = 'https://dav.test/p'\nusername = ''\npassword = ''\n\
         public_url = 'https://pictures.test/${file}'\n[external_image_storage.local]\n[external_image_storage.s3]\nbucket = ''",
    )
    .unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(settings.external_image_storage.provider, Provider::Webdav);
    assert_eq!(settings.external_image_storage.webdav.public_url, "https://pictures.test/${file}");
    assert_eq!(settings.warnings, Vec::<String>::new());
    let off = read(
        "[external_image_storage]\nprovider = 'webdav'\n[external_image_storage.webdav]\nurl = 'https://dav.test/p'",
    );
    let off = off.unwrap_or_else(|problems| panic!("{problems}"));
    let warning =
        "external_image_storage.provider: takes no new pictures: screenshots.upload_external_image_storage is false";
    assert_eq!(off.warnings, [warning]);
}

#[test]
fn variables_and_the_server() {
    let settings = read(
        "delivery_max_age = '1d'\nfallback_receiver = 'inbox'\n[server]\ndata_dir = '/var/lib/${SET}'\nsynchronous = 'full'\n\
         [log]\nlevel = 'debug'\nformat = 'json'\n[metrics]\nenabled = false",
    )
    .unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(settings.server.data_dir.to_str(), Some("/var/lib/from-the-environment"));
    assert_eq!(settings.server.synchronous, Synchronous::Full);
    assert_eq!((settings.log.level, settings.log.format), (Level::Debug, LogFormat::Json));
    assert!(!settings.metrics.enabled);
    assert_eq!(settings.delivery_max_age(Duration::ZERO), Duration::from_secs(86_400));
    assert_eq!(settings.fallback_receiver.as_deref(), Some("inbox"));
}

#[test]
fn files_count_from_the_folder_of_the_configuration() {
    super::with_tls();
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    write("hook.url", "http://127.0.0.1:1/hook\n");
    write("b.tmpl", r#"{{ define "x" }}b{{ end }}"#);
    write("a.tmpl", r#"{{ define "x" }}a{{ end }}"#);
    write(
        "wirephoto.toml",
        "templates = ['*.tmpl']\n[route]\nreceiver = 'a'\n[[receivers]]\nname = 'a'\n\
         webhook_configs = [{ url_file = 'hook.url' }]\ninbox_configs = [{ title = '{{ template \"x\" . }}' }]",
    );
    let settings = super::super::load(&folder.path().join("wirephoto.toml"), Manner::default(), &|_| None);
    let settings = settings.unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(settings.template_files, [folder.path().join("a.tmpl"), folder.path().join("b.tmpl")]);
}

#[test]
fn a_glob_without_files_is_a_warning() {
    let settings = read("templates = ['none/*.tmpl']").unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(settings.warnings, ["templates: no file has such a name"]);
}

#[test]
fn what_a_vendor_has_closed_is_a_warning() {
    super::with_tls();
    let settings = read(
        "[route]\nreceiver = 'a'\n[[receivers]]\nname = 'a'\nmsteams_configs = [{ webhook_url = 'http://127.0.0.1:1/' }]",
    );
    let warnings = settings.unwrap_or_else(|problems| panic!("{problems}")).warnings;
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].starts_with("receivers[0].msteams_configs: ") && warnings[0].contains("msteamsv2_configs"));
}
