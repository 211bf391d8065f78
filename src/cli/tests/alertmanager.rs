//! Alertmanager's command line: what its flags set, and which stop the start.

use super::{super::Exit, Remembers, file_called, said};
use crate::config::settings::{Level, LogFormat};

const ALERTMANAGER: &str = "route: {receiver: ops}\nreceivers: [{name: ops}]\n";

#[test]
fn alertmanagers_flags() {
    // Alertmanager reads any file as YAML
    let (_folder, name) = file_called("alertmanager.conf", ALERTMANAGER);
    let given = format!("--config.file={name}");
    let settings = |more: &[&str]| {
        let server = Remembers::default();
        let arguments: Vec<&str> = std::iter::once(given.as_str()).chain(more.iter().copied()).collect();
        let got = said(&arguments, &server);
        assert_eq!(got.0, Exit::Success, "{more:?}: {got:?}");
        server.settings.take().expect("it was served")
    };
    let plain = settings(&["--cluster.listen-address="]);
    assert_eq!((plain.server.listen.to_bind(), plain.server.data_dir.to_str()), (("0.0.0.0", 9093), Some("data")));
    assert_eq!((plain.receivers.len(), plain.history_retention, plain.warnings.len()), (1, None, 0));

    let all = settings(&[
        "--storage.path=/tmp/am/",
        "--web.listen-address",
        "127.0.0.1:0",
        "--web.external-url=https://example.org/am/",
        "--web.route-prefix=/",
        "--log.level=warn",
        "--log.format=json",
        "--data.retention=240h",
        "--cluster.peer=a:9094",
        "--cluster.peer=b:9094",
        "--cluster.standalone",
        "--cluster.settle-timeout=5s",
    ]);
    let bound = "127.0.0.1:4711".parse().expect("an address");
    assert_eq!((all.server.listen.to_bind(), all.server.data_dir.to_str()), (("127.0.0.1", 0), Some("/tmp/am/")));
    assert_eq!((all.server.external_url(bound).as_str(), all.server.route_prefix()), ("https://example.org/am", ""));
    assert_eq!((all.log.level, all.log.format), (Level::Warn, LogFormat::Json));
    assert_eq!(all.history_retention, Some(std::time::Duration::from_secs(10 * 86_400)));
    let warnings = [
        "--cluster.settle-timeout: is ignored, it has nothing to set here",
        "--cluster.peer: is ignored, this server runs alone",
    ];
    assert_eq!(all.warnings, warnings);
}

#[test]
fn what_a_file_says_of_listening_counts() {
    let check = |text: &str, host: &str, port: u16| {
        let (_folder, name) = file_called("am.yml", &format!("{text}{ALERTMANAGER}"));
        let server = Remembers::default();
        assert_eq!(said(&["--config.file", &name], &server).0, Exit::Success, "{text}");
        let settings = server.settings.take().expect("it was served");
        assert_eq!(settings.server.listen.to_bind(), (host, port), "{text}");
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
    check(&["--web.listen-address=:1", "--web.listen-address=:2"], &["--web.listen-address: is there more than once"]);
    check(
        &[
            "--web.config.file=web.yml",
            "--enable-feature",
            "classic-mode",
            "--log.silences",
            "--silences.max-silences=5",
        ],
        &[
            "--log.silences: not available in this version",
            "--web.config.file: not available in this version",
            "--enable-feature: not available in this version",
            "--silences.max-silences: there is no such limit in this version",
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
