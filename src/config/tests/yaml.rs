//! Alertmanager's YAML files and what they mean: `good_yaml.txt` has both, rewritten with `UPDATE_GOLDEN=1`.

use std::fmt::Write as _;

use alerts::duration::print;

use super::{
    super::{Manner, settings::Settings},
    golden, read, read_as,
};

/// What is set of something, in a line: keys that are not set come and go with versions.
fn set(what: impl std::fmt::Debug) -> String {
    let lines = format!("{what:#?}");
    let set = lines.lines().map(str::trim).filter(|line| !line.ends_with(": None,"));
    set.collect::<Vec<_>>().join(" ")
}

/// All that an Alertmanager's file can say, in lines.
fn meaning(settings: &Settings) -> String {
    let mut lines = format!("resolve_timeout {}\n", print(settings.resolve_timeout));
    for route in settings.route.iter() {
        let times = [route.group_wait, route.group_interval, route.repeat_interval].map(print).join(" ");
        let _ = write!(lines, "route {} -> {} by {:?} {times}", route.key, route.receiver, route.group_by);
        let _ = write!(lines, "{}", if route.continues { " continue" } else { "" });
        let _ = write!(lines, " mute {:?} active {:?}", route.mute_time_intervals, route.active_time_intervals);
        let labels = route.labels.texts();
        let _ = writeln!(lines, "{}", if labels.is_empty() { String::new() } else { format!(" labels {labels:?}") });
    }
    for receiver in &settings.receivers {
        let labels = receiver.labels.iter().map(|(name, value)| format!(" {name}={value}")).collect::<String>();
        let alone = if receiver.resolve_muted == Some(false) { " resolves only what is not muted" } else { "" };
        let _ = writeln!(lines, "receiver {}{labels}{alone}", receiver.name);
        for (_, kind, index, integration) in receiver.integrations() {
            let _ = writeln!(lines, "  {kind}[{index}] {}", set(integration));
        }
    }
    for rule in &settings.inhibit_rules {
        let _ = writeln!(lines, "inhibit {:?}: {} -> {} equal {:?}", rule.name, rule.source, rule.target, rule.equal);
    }
    let _ = writeln!(lines, "intervals {}", set(&settings.time_intervals));
    let _ = writeln!(lines, "globals {}", set(&settings.globals));
    settings.warnings.iter().for_each(|warning| {
        let _ = writeln!(lines, "warning {warning}");
    });
    lines
}

fn understood(text: &str) -> String {
    let settings = read_as("am.yml", text).unwrap_or_else(|problems| panic!("{text}\n{problems}"));
    meaning(&settings).trim_end().to_owned()
}

#[test]
fn files_of_alertmanager_users() {
    golden::check("good_yaml.txt", understood);
}

#[test]
fn the_same_in_toml_and_yaml() {
    const YAML: &str = include_str!("same.yml");
    const TOML: &str = include_str!("same.toml");
    let toml = read(TOML).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(understood(YAML), meaning(&toml).trim_end());
    assert_eq!(toml.receivers.len(), 4);
}

/// Alertmanager has no variables: a `$` is a `$`.
#[test]
fn dollars_stay() {
    let settings = read_as(
        "am.yaml",
        "route:\n  receiver: a\n  routes:\n    - matchers: ['path=~\"${SET}$\"']\n\
         receivers:\n  - name: a\n    inbox_configs:\n      - title: '{{ $x := 1 }}$${SET}'\n",
    )
    .unwrap_or_else(|problems| panic!("{problems}"));
    let lines = meaning(&settings);
    assert!(lines.contains("path=~\"${SET}$\"") && lines.contains("{{ $x := 1 }}$${SET}"), "{lines}");
}

#[test]
fn own_sections_stand_beside() {
    let settings = read_as(
        "am.yml",
        "server:\n  listen: :9095\n  images_listen: 127.0.0.1:0\nscreenshots: {capture: on, width: 0x320, scale: 2}\n\
         sources:\n- name: demo\n  type: demo\nmetrics: {enabled: no}\ndelivery_max_age: 0\n",
    )
    .unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(settings.server.listens[0].to_bind(), ("0.0.0.0", 9095));
    assert_eq!((settings.screenshots.width, settings.sources.len(), settings.metrics.enabled), (800, 1, false));
    assert_eq!(settings.delivery_max_age, Some(std::time::Duration::ZERO));
    let without = read_as("am.yml", "route: {receiver: a}\nreceivers: [{name: a}]\n").expect("a small file");
    assert!(without.sources.is_empty());
}

#[test]
fn files_count_from_the_folder_of_the_configuration() {
    super::with_tls();
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        std::fs::create_dir_all(folder.path().join(name).parent().expect("a folder")).expect("a folder");
        std::fs::write(folder.path().join(name), text).expect("a file");
    };
    // a name that looks like a number is a name
    write("2024", "http://127.0.0.1:1/hook\n");
    write("templates/a.tmpl", r#"{{ define "mine" }}{{ .Receiver }}{{ end }}"#);
    write(
        "alertmanager.yml",
        "templates:\n- 'templates/*.tmpl'\nroute: {receiver: a}\nreceivers:\n- name: a\n  webhook_configs:\n  - url_file: 2024\n  \
         inbox_configs:\n  - title: '{{ template \"mine\" . }}'\n",
    );
    let settings = super::super::load(&folder.path().join("alertmanager.yml"), Manner::default(), &|_| None);
    let settings = settings.unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(settings.template_files, [folder.path().join("templates/a.tmpl")]);
}

/// What is small as text and large as values, or deep, ends in an error.
#[test]
fn bombs_are_defused() {
    let laughs: String = (1..20).fold("a0: &a0 [x, x]\n".to_owned(), |text, level| {
        let below = level - 1;
        format!("{text}a{level}: &a{level} [*a{below}, *a{below}, *a{below}, *a{below}]\n")
    });
    let check = |text: &str, says: &str| {
        let problems = read_as("am.yml", text).expect_err(says).to_string();
        assert!(problems.contains(says) && problems.lines().count() == 1, "{problems}");
    };
    check(&laughs, "anchors and aliases copy more than 100000 values");
    // of brackets the parser knows a bound of its own
    check(&"[".repeat(50_000), "recursion limit exceeded");
    check(&"{a: ".repeat(50_000), "recursion limit exceeded");
    check(&"[".repeat(100), "nested deeper than 80 levels");
    check(&"- ".repeat(50_000), "nested deeper than 80 levels");
    check(&"? ".repeat(50_000), "a key must be a text");
    check(&format!("a: {}", "x".repeat(4 << 20)), "larger than 4 MiB");
    let chain: String = (1..200)
        .fold("a0: &a0 [x]\n".to_owned(), |text, level| format!("{text}a{level}: &a{level} [*a{}]\n", level - 1));
    check(&chain, "nested deeper than 80 levels");
}
