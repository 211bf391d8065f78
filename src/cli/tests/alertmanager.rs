//! Alertmanager's command line: what its flags set, and which stop the start.

use std::time::Duration;

use alerts::{matcher::Syntax, silence::SilenceLimits};

use super::{super::Exit, Remembers, file, file_called, said};
use crate::config::{
    self,
    settings::{Features, Level, LogFormat, Settings},
};

const ALERTMANAGER: &str = "route: {receiver: ops}\nreceivers: [{name: ops}]\n";

/// The settings of a command line that is right, with Alertmanager's configuration in its file.
fn settings(more: &[&str]) -> Settings {
    // Alertmanager reads any file as YAML
    let (_folder, name) = file_called("alertmanager.conf", ALERTMANAGER);
    let given = format!("--config.file={name}");
    let server = Remembers::default();
    let arguments: Vec<&str> = std::iter::once(given.as_str()).chain(more.iter().copied()).collect();
    let got = said(&arguments, &server);
    assert_eq!(got.0, Exit::Success, "{more:?}: {got:?}");
    server.settings.take().expect("it was served")
}

fn listens(settings: &Settings) -> Vec<String> {
    settings.server.listens.iter().map(ToString::to_string).collect()
}

#[test]
fn alertmanagers_flags() {
    let plain = settings(&["--cluster.listen-address="]);
    assert_eq!((listens(&plain), plain.server.data_dir.to_str()), (vec![":9093".to_owned()], Some("data")));
    assert_eq!((plain.receivers.len(), plain.history_retention, plain.warnings.len()), (1, None, 0));
    assert_eq!((plain.dispatch_start_delay, plain.silence_limits), (Duration::ZERO, SilenceLimits::default()));
    assert_eq!((plain.features, plain.matcher_syntax), (Features::default(), Syntax::Fallback));
    assert!(!plain.log_silences);

    // some start scripts name the server among its own peers
    let own = settings(&["--cluster.listen-address=127.0.0.1:7000", "--cluster.peer=127.0.0.1:7000"]);
    assert_eq!(own.warnings, Vec::<String>::new());

    let all = settings(&[
        "--storage.path=/tmp/am/",
        "--web.listen-address",
        "127.0.0.1:0",
        "--web.listen-address=[::1]:9094",
        "--web.external-url=https://example.org/am/",
        "--web.route-prefix=/",
        "--web.get-concurrency=7",
        "--web.timeout=1m30s",
        "--log.level=warn",
        "--log.format=json",
        "--data.retention=240h",
        "--dispatch.start-delay=1.5s",
        "--silences.max-silences=5",
        "--silences.max-silence-size-bytes=1000",
        "--alerts.per-alertname-limit=0",
        "--log.silences",
        "--enable-feature=classic-mode,receiver-name-in-metrics,auto-gomemlimit",
        "--enable-feature=receiver-name-in-metrics,group-key-in-metrics,event-recorder",
        "--cluster.peer=a:9094",
        "--cluster.peer=b:9094",
        "--cluster.standalone",
    ]);
    let bound = "127.0.0.1:4711".parse().expect("an address");
    assert_eq!(
        (listens(&all), all.server.data_dir.to_str()),
        (vec!["127.0.0.1:0".to_owned(), "[::1]:9094".to_owned()], Some("/tmp/am/"))
    );
    assert_eq!((all.server.external_url(bound).as_str(), all.server.route_prefix()), ("https://example.org/am", ""));
    assert_eq!((all.log.level, all.log.format), (Level::Warn, LogFormat::Json));
    assert_eq!(all.history_retention, Some(Duration::from_secs(10 * 86_400)));
    assert_eq!(
        (all.server.limits.get_concurrency, all.server.limits.answer_timeout),
        (7, Some(Duration::from_secs(90)))
    );
    assert_eq!(all.dispatch_start_delay, Duration::from_millis(1500));
    assert_eq!(all.silence_limits, SilenceLimits { max_silences: 5, max_size: 1000 });
    assert_eq!((all.log_silences, all.matcher_syntax), (true, Syntax::Classic));
    let features = Features { receiver_name_in_metrics: true };
    assert_eq!(all.features, features);
    let warnings = [
        "--enable-feature=event-recorder: is ignored: this version records no events",
        "--enable-feature=group-key-in-metrics: is ignored: no label of a metric comes from an alert here",
        "--cluster.peer: is ignored, this server runs alone",
    ];
    assert_eq!(all.warnings, warnings);
}

/// What is zero or below stands for the default or for no limit, older names are known, and the last switch counts.
#[test]
fn alertmanagers_habits() {
    let off = settings(&[
        "--web.get-concurrency=-1",
        "--web.timeout=0",
        "--silences.max-silences=-1",
        "--silences.max-per-silence-bytes=9",
        "--log.silences",
        "--no-log.silences",
        "--no-web.systemd-socket",
        "--enable-feature=",
        "--enable-feature",
        "utf8-strict-mode",
        "--log.level=DEBUG",
        "--web.config.file=",
    ]);
    let defaults = config::settings::Limits::default();
    assert_eq!(off.server.limits, defaults);
    assert_eq!(off.silence_limits, SilenceLimits { max_silences: 0, max_size: 9 });
    assert_eq!((off.log_silences, off.matcher_syntax, off.log.level), (false, Syntax::Utf8, Level::Debug));
    assert!(settings(&["--no-log.silences", "--log.silences"]).log_silences);
}

/// No unit file of an Alertmanager keeps us from starting.
#[test]
fn flags_that_have_nothing_to_set_are_accepted() {
    let tuned = settings(&[
        "--cluster.listen-address=127.0.0.1:0",
        "--cluster.advertise-address=1.2.3.4:9094",
        "--cluster.settle-timeout=0s",
        "--cluster.peer-timeout=15s",
        "--cluster.peers-resolve-timeout=15s",
        "--cluster.gossip-interval=200ms",
        "--cluster.pushpull-interval=1m0s",
        "--cluster.tcp-timeout=10s",
        "--cluster.probe-timeout=500ms",
        "--cluster.probe-interval=1s",
        "--cluster.reconnect-interval=10s",
        "--cluster.reconnect-timeout=6h",
        "--cluster.peer-name=a",
        "--cluster.label=b",
        "--cluster.tls-config=",
        "--cluster.allow-insecure-public-advertise-address-discovery",
        "--data.maintenance-interval=15m",
        "--alerts.gc-interval=30m",
        "--dispatch.maintenance-interval=30s",
        "--auto-gomemlimit.ratio=0.9",
        "--web.ui-path=/usr/share/prometheus/alertmanager/ui/",
    ]);
    assert_eq!(tuned.warnings, Vec::<String>::new());
}

#[test]
fn in_alertmanagers_place_is_who_has_any_of_its_flags() {
    let listens_of = |arguments: &[&str]| {
        let server = Remembers::default();
        let got = said(arguments, &server);
        assert_eq!(got.0, Exit::Success, "{got:?}");
        let settings = server.settings.take().expect("it was served");
        (listens(&settings).concat(), settings.receivers[0].name.clone())
    };
    let (_folder, toml) = file("[route]\nreceiver = 'own'\n[[receivers]]\nname = 'own'");
    assert_eq!(listens_of(&["--config", &toml]), ("127.0.0.1:9093".to_owned(), "own".to_owned()));
    assert_eq!(listens_of(&["--config", &toml, "--log.level=info"]), (":9093".to_owned(), "own".to_owned()));
    assert_eq!(listens_of(&[]), ("127.0.0.1:9093".to_owned(), "inbox".to_owned()));
    // as there, the file's name has a default
    let (exit, _, err) = said(&["--log.level=info"], &Remembers::default());
    assert_eq!(exit, Exit::Usage);
    assert!(err.starts_with("alertmanager.yml: cannot read the file: "), "{err}");
}

#[test]
fn the_file_of_the_web_counts_as_a_whole() {
    let (_folder, toml) =
        file("[server.auth.basic_auth_users]\nbob = '$2b$04$6UgkyuFoYIWOqIRDQobvTuo7ZQbrIpuecZhThvrBzJRl.d8QCoqKW'");
    let (_other, web) = file_called("web.yml", "http_server_config: {headers: {X-Frame-Options: deny}}\n");
    let server = Remembers::default();
    assert_eq!(said(&["--config", &toml], &server).0, Exit::Success);
    assert_eq!(server.settings.take().expect("it was served").server.auth.basic_auth_users.len(), 1);
    assert_eq!(said(&["--config", &toml, "--web.config.file", &web], &server).0, Exit::Success);
    let settings = server.settings.take().expect("it was served");
    assert!(settings.server.auth.basic_auth_users.is_empty() && settings.server.tls.is_none());
    assert_eq!(settings.server.headers["X-Frame-Options"], "deny");

    std::fs::write(&web, "basic_auth_users: {a: b}\n").expect("a file");
    let (exit, _, err) = said(&["--config", &toml, "--web.config.file", &web], &server);
    assert_eq!(exit, Exit::Usage);
    assert!(err.contains("web.yml:1:20: basic_auth_users.a: not a bcrypt hash"), "{err}");
    let (exit, _, err) = said(&["check-config", &toml, "--web.config.file", &web], &server);
    assert_eq!((exit, err.contains("not a bcrypt hash")), (Exit::Usage, true), "{err}");
}

/// Whoever loads again gets what the file says now, under the same flags.
#[test]
fn loading_again() {
    let (_folder, name) = file_called("am.yml", ALERTMANAGER);
    let server = Remembers::default();
    let arguments = ["--config.file", &name, "--web.listen-address=127.0.0.1:0", "--enable-feature=classic-mode"];
    assert_eq!(said(&arguments, &server).0, Exit::Success);
    let (before, loader) = (server.settings.take().expect("it was served"), server.loader.take().expect("a loader"));
    assert_eq!(loader.file().and_then(|file| file.to_str()), Some(name.as_str()));
    let now = |text: &str| {
        std::fs::write(&name, text).expect("a file");
        loader.load()
    };
    let after = now(&format!("global: {{resolve_timeout: 1m}}\nserver: {{data_dir: /tmp/x}}\n{ALERTMANAGER}"));
    let after = after.unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!((listens(&after), after.resolve_timeout), (listens(&before), Duration::from_secs(60)));
    assert_eq!(
        (after.matcher_syntax, before.needs_restart(&after)),
        (Syntax::Classic, vec!["server.data_dir".to_owned()])
    );
    assert_ne!(after.config_hash, before.config_hash);
    let problems = now("route: {receiver: nobody}\n").expect_err("it is wrong").to_string();
    assert!(problems.contains("there is no receiver \"nobody\""), "{problems}");
}

#[test]
fn what_a_file_says_of_listening_counts() {
    let check = |text: &str, host: &str, port: u16| {
        let (_folder, name) = file_called("am.yml", &format!("{text}{ALERTMANAGER}"));
        let server = Remembers::default();
        assert_eq!(said(&["--config.file", &name], &server).0, Exit::Success, "{text}");
        let settings = server.settings.take().expect("it was served");
        assert_eq!(settings.server.listens[0].to_bind(), (host, port), "{text}");
    };
    check("", "0.0.0.0", 9093);
    check("server:\n", "0.0.0.0", 9093);
    check("server: {listen: }\n", "0.0.0.0", 9093);
    check("server: {data_dir: /tmp/x}\n", "0.0.0.0", 9093);
    check("server: {listen: '127.0.0.1:9093'}\n", "127.0.0.1", 9093);
}

#[test]
fn flags_that_cannot_be_followed_stop_the_start() {
    let check = |arguments: &[&str], expected: &[&str]| {
        let server = Remembers::default();
        let (exit, out, err) = said(arguments, &server);
        assert_eq!((exit, out.as_str()), (Exit::Usage, ""), "{err}");
        assert!(server.settings.take().is_none());
        assert_eq!(err.lines().count(), expected.len(), "{err}");
        for (line, expected) in err.lines().zip(expected) {
            assert!(line.starts_with(&format!("wirephoto: {expected}")), "{err}");
        }
    };
    check(
        &["--cluster.peer=am-1:9094"],
        &["--cluster.peer: there is no cluster of wirephotos: in a later version replicas will share a database"],
    );
    check(
        &["--cluster.peer=am-1:9094", "--cluster.standalone", "--no-cluster.standalone"],
        &["--cluster.peer: there is no"],
    );
    check(
        &[
            "--web.systemd-socket",
            "--enable-feature=classic-mode,nonsense",
            "--enable-feature=utf8-strict-mode",
            "--alerts.per-alertname-limit=5",
        ],
        &[
            "--web.systemd-socket: sockets are not taken from systemd in this version",
            "unknown option 'nonsense' for --enable-feature",
            "--enable-feature: cannot have both classic and UTF-8 modes enabled",
            "--alerts.per-alertname-limit: there is no such limit",
        ],
    );
}

#[test]
fn check_config_reads_yaml() {
    let (_folder, name) = file_called("am.yml", ALERTMANAGER);
    let (exit, out, err) = said(&["check-config", &name], &Remembers::default());
    assert_eq!((exit, err.as_str()), (Exit::Success, ""));
    assert!(out.contains("am.yml is right") && out.contains("1: ops (nothing)"), "{out}");
    let (_folder, name) = file_called("am.yml", "route:\n  receiver: a\n  receivr: b\n");
    let (exit, _, err) = said(&["check-config", &name], &Remembers::default());
    assert!(
        exit == Exit::Usage && err.contains("am.yml:3:3: route: unknown key \"receivr\", did you mean \"receiver\"?"),
        "{err}"
    );
}
