//! In Alertmanager's place: its flags on the command line, several listeners, TLS and passwords from `--web.config.file`.

use std::{process::Command, time::Duration};

use crate::support::{process::Process, server::listening};

const CONFIG: &str = "route: {receiver: ops}\nreceivers: [{name: ops}]\n";

/// A folder with `am.yml` and these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files.iter().chain(&[("am.yml", CONFIG)]) {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    folder
}

fn wirephoto(folder: &tempfile::TempDir, arguments: &[&str]) -> Process {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirephoto"));
    command.current_dir(folder.path()).env_remove("RUST_LOG").args(["--config.file=am.yml", "--storage.path=data"]);
    Process::start(command.args(arguments))
}

/// The addresses of all lines that say where it listens.
fn addresses(process: &mut Process, count: usize) -> Vec<String> {
    process.wait_for_output("the lines with the addresses", |output| {
        let found: Vec<String> = output.lines().filter_map(|line| listening(line, "address")).collect();
        (found.len() == count).then_some(found)
    })
}

#[test]
fn the_flags_of_a_test_harness_and_several_listeners() {
    let folder = folder(&[]);
    let mut process = wirephoto(
        &folder,
        &[
            "--log.level=debug",
            "--web.listen-address=127.0.0.1:0",
            "--web.listen-address=127.0.0.1:0",
            "--cluster.listen-address=127.0.0.1:0",
            "--cluster.settle-timeout=0s",
            "--web.route-prefix=/foo",
            "--enable-feature=classic-mode",
        ],
    );
    let addresses = addresses(&mut process, 2);
    assert_ne!(addresses[0], addresses[1]);
    for address in &addresses {
        let answer = crate::support::client::get(&format!("http://{address}/foo/-/healthy"));
        assert_eq!((answer.status, answer.text().as_str()), (200, "OK"));
    }
    process.terminate();
    assert!(process.wait(Duration::from_secs(20)).success());
}

#[test]
fn tls_and_passwords_before_every_path() {
    let pair = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate");
    // the password is "wonderland", hashed with the lowest cost: a debug build is slow
    let web = "tls_server_config: {cert_file: server.crt, key_file: server.key}\n\
               http_server_config: {headers: {X-Frame-Options: deny}}\n\
               basic_auth_users: {alice: $2b$04$6UgkyuFoYIWOqIRDQobvTuo7ZQbrIpuecZhThvrBzJRl.d8QCoqKW}\n";
    let (cert, key) = (pair.cert.pem(), pair.signing_key.serialize_pem());
    let folder = folder(&[("web.yml", web), ("server.crt", &cert), ("server.key", &key)]);
    let mut process = wirephoto(&folder, &["--web.listen-address=127.0.0.1:0", "--web.config.file=web.yml"]);
    let address = addresses(&mut process, 1).remove(0);
    assert!(process.output().contains(&format!("external_url=\"https://{address}\"")), "{}", process.output());

    let _ = rustls::crypto::ring::default_provider().install_default();
    let root = reqwest::Certificate::from_pem(cert.as_bytes()).expect("a certificate");
    let client = reqwest::Client::builder().tls_certs_only([root]).no_proxy().build().expect("a client");
    let status = async |path: &str, password: Option<&str>| {
        let request = client.get(format!("https://{address}{path}"));
        let request = match password {
            Some(_) => request.basic_auth("alice", password),
            None => request,
        };
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.headers().get("x-frame-options").map(|value| value.as_bytes()), Some(&b"deny"[..]), "{path}");
        answer.status().as_u16()
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        for path in ["/", "/api/v2/alerts", "/metrics", "/-/healthy", "/no/such/path"] {
            assert_eq!(status(path, None).await, 401, "{path}");
            assert_eq!(status(path, Some("guess")).await, 401, "{path}");
        }
        for path in ["/", "/api/v2/alerts", "/metrics", "/-/healthy"] {
            assert_eq!(status(path, Some("wonderland")).await, 200, "{path}");
        }
        assert_eq!(status("/no/such/path", Some("wonderland")).await, 404);
    });
    let secrets = ["wonderland", "$2b$04$"];
    assert!(secrets.iter().all(|secret| !process.output().contains(secret)), "{}", process.output());
}

#[test]
fn what_cannot_be_followed_stops_the_start() {
    let mut process = wirephoto(&folder(&[]), &["--cluster.peer=am-1:9094", "--enable-feature=nonsense"]);
    assert_eq!(process.wait(Duration::from_secs(20)).code(), Some(2));
    let said = "replicas will share a database";
    process.wait_for_output("the reason", |output| output.contains(said).then_some(()));
}
