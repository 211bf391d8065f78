//! What the command line does, without a server.

use std::cell::RefCell;

use clap::CommandFactory;

use super::*;

mod alertmanager;
mod stores;
mod webhooks;

/// A server that only remembers what it was to serve.
#[derive(Default)]
struct Remembers {
    settings: RefCell<Option<Settings>>,
    loader: RefCell<Option<Loader>>,
    fails: bool,
}

impl Serve for Remembers {
    fn serve(
        &self,
        settings: Settings,
        loader: Option<Loader>,
        ready: &mut dyn FnMut(&Listening),
    ) -> Result<(), String> {
        *self.loader.borrow_mut() = loader;
        *self.settings.borrow_mut() = Some(settings);
        if self.fails {
            return Err("cannot listen on 127.0.0.1:9093: address in use".to_owned());
        }
        let address = "127.0.0.1:4711".parse().expect("an address");
        ready(&Listening { address, images: None, external_url: format!("http://{address}") });
        Ok(())
    }
}

fn said(arguments: &[&str], server: &Remembers) -> (Exit, String, String) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut console = Console { out: &mut out, err: &mut err };
    let arguments = std::iter::once("wirephoto").chain(arguments.iter().copied()).map(OsString::from);
    let exit = run(arguments, |_| None, server, &mut console);
    (exit, String::from_utf8_lossy(&out).into_owned(), String::from_utf8_lossy(&err).into_owned())
}

fn file(text: &str) -> (tempfile::TempDir, String) {
    file_called("wirephoto.toml", text)
}

fn file_called(name: &str, text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(name);
    std::fs::write(&file, text).expect("a file");
    let name = file.display().to_string();
    (folder, name)
}

#[test]
fn the_arguments_are_sound() {
    Arguments::command().debug_assert();
}

#[test]
fn exit_codes() {
    let check = |arguments: &[&str], exit: Exit, out: &str, err: &str| {
        let got = said(arguments, &Remembers::default());
        assert_eq!(got.0, exit, "{arguments:?}: {got:?}");
        assert!(got.1.contains(out) && got.2.contains(err), "{arguments:?}: {got:?}");
        assert!(got.1.is_empty() == out.is_empty() && got.2.is_empty() == err.is_empty(), "{arguments:?}: {got:?}");
    };
    check(&["--help"], Exit::Success, "Examples:", "");
    check(&["--version"], Exit::Success, "wirephoto 0.1.0", "");
    check(&["render", "--help"], Exit::Success, "--threshold", "");
    check(&["--confg"], Exit::Usage, "", "--config");
    check(&["serve", "--listen", "nowhere"], Exit::Usage, "", "host:port");
    check(&["render", "--out", "x.png"], Exit::Usage, "", "--demo");
    check(&["render", "--query", "up", "--out", "x.png"], Exit::Usage, "", "--source");
    check(&["--config", "/no/such/file.toml"], Exit::Usage, "", "/no/such/file.toml: cannot read the file");
    check(&["--config", "am.yml"], Exit::Usage, "", "cannot read");
    check(&["--config.file", "/no/such/am.yml"], Exit::Usage, "", "/no/such/am.yml: cannot read the file");
    check(&["--config.file", "a", "--config", "b"], Exit::Usage, "", "cannot be used with");
    check(&["--web.external-url=example.org"], Exit::Usage, "", "not a URL");
    check(&["--web.route-prefix=a b"], Exit::Usage, "", "a plain path");
    check(&["--log.level=trace"], Exit::Usage, "", "debug, info, warn, error");
    check(&["--data.retention=long"], Exit::Usage, "", "is not a duration");
    check(&["--cluster.nonsense=1"], Exit::Usage, "", "unexpected argument");
    check(&["check-config"], Exit::Success, "the built-in configuration is right", "");
    check(&["preview", "--help"], Exit::Success, "Nothing is sent and nobody is asked", "");
    check(&["preview", "--integration", "slack"], Exit::Usage, "", "--receiver");
    check(&["preview", "--receiver", "x", "--integration", "/"], Exit::Usage, "", "is no integration");
    check(&["preview", "--receiver", "x"], Exit::Failure, "", "there is no receiver \"x\"; there is only \"inbox\"");
    check(&["preview", "--event", "/no/such/file"], Exit::Failure, "", "cannot read the event from /no/such/file");
    check(&["preview", "--pictures", "51"], Exit::Failure, "", "at most 50 pictures");
    check(&["preview", "--enable-feature", "x"], Exit::Usage, "", "unknown option 'x'");
    check(&["test-receiver"], Exit::Usage, "", "<NAME>");
    check(&["test-receiver", "x"], Exit::Failure, "", "there is no receiver \"x\"");
    check(&["test-receiver", "x", "--config", "/no/such/file.toml"], Exit::Usage, "", "cannot read the file");
    check(&["render", "--demo", "--width", "1", "--out", "x.png"], Exit::Failure, "", "100 to 4000");
    check(
        &["render", "--demo", "--out", "/no/such/folder/x.png"],
        Exit::Failure,
        "",
        "cannot write /no/such/folder/x.png",
    );
}

#[test]
fn serve_is_what_no_command_means() {
    for arguments in
        [&["--listen", ":0", "--data-dir", "/tmp/x"][..], &["serve", "--listen", ":0", "--data-dir", "/tmp/x"]]
    {
        let server = Remembers::default();
        assert_eq!(said(arguments, &server).0, Exit::Success);
        let settings = server.settings.take().expect("it was served");
        assert_eq!(
            (settings.server.listens[0].to_bind(), settings.server.data_dir.to_str()),
            (("0.0.0.0", 0), Some("/tmp/x"))
        );
    }
}

#[test]
fn a_server_that_fails_says_why() {
    let (exit, _, err) = said(&[], &Remembers { fails: true, ..Remembers::default() });
    assert_eq!((exit, err.as_str()), (Exit::Failure, "wirephoto: cannot listen on 127.0.0.1:9093: address in use\n"));
}

#[test]
fn check_config_says_all_that_is_wrong() {
    let (_folder, name) = file("[server]\nlisen = 1\n[log]\nlevel = 'loud'\n");
    let (exit, out, err) = said(&["check-config", &name], &Remembers::default());
    assert_eq!((exit, out.as_str()), (Exit::Usage, ""));
    let expected = format!(
        "{name}:2:1: server: unknown key \"lisen\", did you mean \"listen\"?\n\
         {name}:4:9: log.level: \"loud\" is not possible here, use \"debug\", \"error\", \"info\", \"trace\", \"warn\"\n\
         wirephoto: 2 problems in the configuration\n"
    );
    assert_eq!(err, expected);
}

#[test]
fn check_config_says_what_is_there() {
    let (_folder, name) = file(
        "templates = ['*.none']\n[route]\nreceiver = 'ops'\n[[receivers]]\nname = 'ops'\n[[receivers.inbox_configs]]\n\
         [[receivers.webhook_configs]]\nurl = 'http://127.0.0.1:1'\n[[sources]]\nname = 'd'\ntype = 'demo'\n",
    );
    let (exit, out, err) = said(&["check-config", &name], &Remembers::default());
    assert_eq!((exit, err.as_str()), (Exit::Success, "warning: templates: no file has such a name\n"));
    let expected = format!(
        "{name} is right\n  receivers       1: ops (inbox, webhook)\n  routes          1: {{}} to ops\n  sources         1: d\n  \
         template files  none\n  inhibit rules   none\n  time intervals  none\n  every template was tried on a sample message\n"
    );
    assert_eq!(out, expected);
}

#[test]
fn demo_says_where_to_look_and_leaves_nothing() {
    let server = Remembers::default();
    let (exit, out, _) = said(&["demo", "--listen", "127.0.0.1:0"], &server);
    assert_eq!(exit, Exit::Success);
    assert!(out.contains("Open http://127.0.0.1:4711/"), "{out}");
    let folder = server.settings.take().expect("it was served").server.data_dir;
    assert!(folder.is_absolute() && !folder.exists(), "{}", folder.display());
}

#[test]
fn render_draws_the_demo() {
    let folder = tempfile::tempdir().expect("a folder");
    let png = folder.path().join("panel.png");
    let png = png.to_str().expect("UTF-8");
    let arguments = [
        "render",
        "--demo",
        "--out",
        png,
        "--width",
        "400",
        "--height",
        "200",
        "--scale",
        "2",
        "--theme",
        "light",
        "--title",
        "T",
        "--threshold",
        ">300",
        "--unit",
        "s",
        "--timezone",
        "UTC",
    ];
    let (exit, out, err) = said(&arguments, &Remembers::default());
    assert_eq!((exit, err.as_str()), (Exit::Success, ""));
    assert!(out.contains("800x400 pixels"), "{out}");
    let bytes = std::fs::read(png).expect("it was written");
    assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n");
    assert_eq!((&bytes[16..20], &bytes[20..24]), (&800_u32.to_be_bytes()[..], &400_u32.to_be_bytes()[..]));
}

#[test]
fn render_says_why_a_source_does_not_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let png = folder.path().join("panel.png");
    // a port of our own that nobody listens on any more
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    let source = format!("http://{free}");
    let arguments = ["render", "--query", "up", "--source", &source, "--out", png.to_str().expect("UTF-8")];
    let (exit, out, err) = said(&arguments, &Remembers::default());
    assert_eq!((exit, out.as_str()), (Exit::Failure, ""));
    assert!(err.starts_with("wirephoto: no picture: the source failed"), "{err}");
    assert!(!png.exists());
}

const TEAM: &str = "[server]\ndata_dir = 'none'\n[route]\nreceiver = 'team'\ngroup_by = ['alertname']\n[[receivers]]\nname = 'team'\n\
    [[receivers.inbox_configs]]\n[[receivers.webhook_configs]]\nurl = 'http://127.0.0.1:9/path-token'\n";

#[test]
fn preview_prints_the_requests() {
    let (folder, name) = file(TEAM);
    let event = folder.path().join("event.json");
    let alert = r#"{"labels":{"alertname":"DiskFull","instance":"db-1"},"startsAt":"2026-01-02T03:04:05Z"}"#;
    std::fs::write(&event, alert).expect("a file");
    let event = event.display().to_string();
    let arguments = ["preview", "--config", &name, "--event", &event, "--pictures", "0"];
    let (exit, out, err) = said(&arguments, &Remembers::default());
    assert_eq!((exit, err.as_str()), (Exit::Success, ""));
    let begin = "== receiver team, group {alertname=\"DiskFull\"}: 1 alert\n\n-- inbox/0, firing\n\n1. message on the inbox page\n";
    assert!(out.starts_with(begin), "{out}");
    let request = "-- webhook/0, firing\n\n1. POST http://127.0.0.1:9[redacted]\n   content-type: application/json\n";
    assert!(out.contains(request) && out.contains("     \"receiver\": \"team\","), "{out}");
    assert!(out.contains("\"startsAt\": \"2026-01-02T03:04:05Z\"") && !out.contains("path-token"), "{out}");

    let (exit, out, _) = said(&["preview", "--config", &name, "--json", "--resolved"], &Remembers::default());
    let json: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((exit, &json["ok"]), (Exit::Success, &true.into()), "{out}");
    let messages = json["groups"][0]["integrations"][1]["messages"].as_array().expect("a list");
    assert_eq!(messages[1]["steps"][0]["body"]["value"]["status"], "resolved");
}

#[test]
fn test_receiver_says_what_failed() {
    let (_folder, name) = file(TEAM);
    let (exit, out, err) = said(&["test-receiver", "team", "--config", &name], &Remembers::default());
    assert_eq!((exit, err.as_str()), (Exit::Failure, "wirephoto: not every integration took the message\n"));
    for words in [
        "test of receiver team\npicture: without a link, because the image store failed: cannot read ",
        "inbox/0, firing: FAILED\n   error (serverError): the database failed: there is no inbox: no server has run on ",
        "webhook/0, firing: FAILED\n   error (serverError): ",
        "   what to do: ",
    ] {
        assert!(out.contains(words), "{words}: {out}");
    }
    assert!(!out.contains("path-token"), "{out}");
    assert!(!_folder.path().join("none").exists(), "nothing is made where no server has run");
}
