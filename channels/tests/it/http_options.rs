//! `http_config`: what it does on the wire, what it refuses, and that no secret of it shows.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use alerts::ports::SendErrorKind;
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};

use super::{
    http_server::{HttpServer, Recorded, Reply},
    messages::firing,
    proxy_server::ProxyServer,
    setup::{Setup, receiver, shown},
};

const TLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tls");

fn toml(base: &str, options: &str) -> String {
    format!("[[webhook_configs]]\nurl = '{base}/hook'\n[webhook_configs.http_config]\n{options}")
}

async fn sent(base: &str, options: &str) -> Result<(), alerts::ports::SendError> {
    Setup::default().channel(&toml(base, options)).send(&firing(), None).await.map(drop)
}

fn server_config(wants_certificate: bool) -> ServerConfig {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let certificate = CertificateDer::from_pem_file(format!("{TLS}/server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(format!("{TLS}/server.key")).unwrap();
    let builder = ServerConfig::builder();
    let builder = if wants_certificate {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(format!("{TLS}/client-ca.pem")).unwrap()).unwrap();
        builder.with_client_cert_verifier(WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap())
    } else {
        builder.with_no_client_auth()
    };
    builder.with_single_cert(vec![certificate], key).unwrap()
}

fn trusted() -> String {
    format!("tls_config.ca_file = '{TLS}/ca.pem'\ntls_config.server_name = 'mail.example.org'\n")
}

#[tokio::test]
async fn a_server_that_wants_a_certificate_gets_ours() {
    let server = HttpServer::start_tls(server_config(true), |_| Reply::status(200, "")).await;
    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = (folder.path().join("client.pem"), folder.path().join("client.key"));
    std::fs::copy(format!("{TLS}/client.pem"), &cert).unwrap();
    std::fs::copy(format!("{TLS}/client.key"), &key).unwrap();
    let own = format!("tls_config.cert_file = '{}'\ntls_config.key_file = '{}'\n", cert.display(), key.display());
    sent(&server.base, &(trusted() + &own)).await.unwrap();

    let inline = format!(
        "tls_config.cert = \"\"\"\n{}\"\"\"\ntls_config.key = \"\"\"\n{}\"\"\"\n",
        std::fs::read_to_string(&cert).unwrap(),
        std::fs::read_to_string(&key).unwrap()
    );
    sent(&server.base, &(trusted() + &inline)).await.unwrap();
    assert_eq!(server.requests().len(), 2);

    let error = sent(&server.base, &trusted()).await.unwrap_err();
    assert_eq!(error.kind, SendErrorKind::Retry, "{error}");
    assert_eq!(server.requests().len(), 2);

    // files that were broken after the load do not cost the message
    let channel = Setup::default().channel(&toml(&server.base, &(trusted() + &own)));
    std::fs::write(&cert, "nothing").unwrap();
    channel.send(&firing(), None).await.unwrap();
}

#[tokio::test]
async fn certificates_are_held_against_what_is_configured() {
    let server = HttpServer::start_tls(server_config(false), |_| Reply::status(200, "")).await;
    let ca = format!("tls_config.ca_file = '{TLS}/ca.pem'\n");
    for options in ["", ca.as_str(), "tls_config.server_name = 'mail.example.org'"] {
        let error = sent(&server.base, options).await.unwrap_err();
        assert_eq!((error.kind, error.ambiguous), (SendErrorKind::Retry, false), "{options}: {error}");
        assert!(error.detail.contains("ertificate"), "{options}: {error}");
    }
    assert!(server.requests().is_empty());
    sent(&server.base, "tls_config.insecure_skip_verify = true").await.unwrap();
    for versions in ["tls_config.min_version = 'TLS13'", "tls_config.max_version = 'TLS12'", "enable_http2 = false"] {
        sent(&server.base, &(trusted() + versions)).await.unwrap();
    }
    let only_13 = ServerConfig::builder_with_protocol_versions(&[&rustls::version::TLS13]).with_no_client_auth();
    let certificate = CertificateDer::from_pem_file(format!("{TLS}/server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(format!("{TLS}/server.key")).unwrap();
    let modern = only_13.with_single_cert(vec![certificate], key).unwrap();
    let modern = HttpServer::start_tls(modern, |_| Reply::status(200, "")).await;
    sent(&modern.base, &trusted()).await.unwrap();
    sent(&modern.base, &(trusted() + "tls_config.max_version = 'TLS12'")).await.unwrap_err();
}

#[tokio::test]
async fn requests_go_through_the_proxy_unless_the_list_names_the_host() {
    let server = HttpServer::start_tls(server_config(false), |_| Reply::status(200, "")).await;
    let proxy = ProxyServer::start(server.base.trim_start_matches("https://")).await;
    let through = format!("proxy_url = 'http://ann:proxy-secret@{}'\n", proxy.place);
    let header = "proxy_connect_header = { X-Team = ['web', 'db'] }\n";
    sent("https://mail.example.org", &(format!("tls_config.ca_file = '{TLS}/ca.pem'\n") + &through + header))
        .await
        .unwrap();
    let head = proxy.heads().remove(0).to_ascii_lowercase();
    assert!(head.starts_with("connect mail.example.org:443 "), "{head}");
    assert!(head.contains("x-team: web\r\n") && head.contains("x-team: db\r\n"), "{head}");
    assert!(head.contains("proxy-authorization: basic yw5uonbyb3h5lxnly3jlda==\r\n"), "{head}");
    assert_eq!(server.requests().len(), 1);
    assert_eq!(server.requests()[0].header("x-team"), None, "the proxy's headers are the proxy's");

    sent("http://hooks.test", &(through.clone() + header)).await.unwrap();
    let head = proxy.heads().remove(1);
    assert!(
        head.starts_with("POST http://hooks.test/hook ") && !head.to_ascii_lowercase().contains("x-team"),
        "{head}"
    );

    let plain = HttpServer::start(|_| Reply::status(200, "")).await;
    sent(&plain.base, &(through + "no_proxy = 'hooks.test'")).await.unwrap();
    assert_eq!((plain.requests().len(), proxy.heads().len()), (1, 2), "with a list the own machine is asked directly");
}

#[tokio::test]
async fn configured_headers_are_sent_and_their_files_read_anew() {
    let echo = |r: &Recorded| Reply::status(500, format!("{:?}", r.headers));
    let server = HttpServer::start(echo).await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "one-file-secret\n").unwrap();
    let options = format!(
        "http_headers = {{ X-Tenant = {{ values = ['a', 'b'], secrets = ['inline-secret'], files = ['{}'] }} }}",
        file.path().display()
    );
    let channel = Setup::default().channel(&toml(&server.base, &options));
    let error = channel.send(&firing(), None).await.unwrap_err();
    assert!(!shown(&error).contains("-secret"), "{error}");
    std::fs::write(file.path(), "two-file-secret").unwrap();
    channel.send(&firing(), None).await.unwrap_err();
    let tenants = |r: &Recorded| -> Vec<String> {
        r.headers.iter().filter(|(name, _)| name == "x-tenant").map(|(_, value)| value.clone()).collect()
    };
    let requests = server.requests();
    assert_eq!(tenants(&requests[0]), ["a", "b", "inline-secret", "one-file-secret"]);
    assert_eq!(tenants(&requests[1]), ["a", "b", "inline-secret", "two-file-secret"]);
}

/// A token server and what its tokens are for, in one.
async fn token_server(expires_in: u64, wants_body: bool) -> HttpServer {
    let count = AtomicUsize::new(0);
    HttpServer::start(move |r: &Recorded| match r.path.as_str() {
        "/token" if wants_body && r.header("authorization").is_some() => {
            Reply::status(401, "client in the body, please")
        }
        "/token" => {
            let number = count.fetch_add(1, Ordering::Relaxed);
            Reply::json(&serde_json::json!({
                "access_token": format!("token-{number}-secret"), "token_type": "bearer", "expires_in": expires_in,
            }))
        }
        _ => Reply::status(200, ""),
    })
    .await
}

fn oauth2(base: &str, more: &str) -> String {
    format!(
        "[webhook_configs.http_config.oauth2]\nclient_id = 'am'\nclient_secret = 'client-secret'\ntoken_url = '{base}/token'\n{more}"
    )
}

#[tokio::test]
async fn tokens_are_kept_until_they_expire() {
    for (expires_in, paths) in
        [(3600, vec!["/token", "/hook", "/hook"]), (10, vec!["/token", "/hook", "/token", "/hook"])]
    {
        let server = token_server(expires_in, false).await;
        let more = "scopes = ['alerts', 'write']\nendpoint_params = { audience = 'x' }";
        let channel = Setup::default().channel(&toml(&server.base, &oauth2(&server.base, more)));
        channel.send(&firing(), None).await.unwrap();
        channel.send(&firing(), None).await.unwrap();
        assert_eq!(server.paths(), paths);
        let requests = server.requests();
        assert_eq!(requests[0].header("authorization"), Some("Basic YW06Y2xpZW50LXNlY3JldA=="));
        let body = String::from_utf8_lossy(&requests[0].body).into_owned();
        assert_eq!(body, "grant_type=client_credentials&scope=alerts+write&audience=x");
        assert_eq!(requests[1].header("authorization"), Some("Bearer token-0-secret"));
    }
}

#[tokio::test]
async fn some_token_servers_want_the_client_in_the_body() {
    let server = token_server(10, true).await;
    let channel = Setup::default().channel(&toml(&server.base, &oauth2(&server.base, "")));
    channel.send(&firing(), None).await.unwrap();
    channel.send(&firing(), None).await.unwrap();
    assert_eq!(server.paths(), ["/token", "/token", "/hook", "/token", "/hook"], "found out once");
    let body = String::from_utf8_lossy(&server.requests()[3].body).into_owned();
    assert_eq!(body, "grant_type=client_credentials&client_id=am&client_secret=client-secret");
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let tokens = token_server(3600, false).await;
    let hooks = HttpServer::start(|r: &Recorded| match r.header("authorization") {
        Some("Bearer token-0-secret") => Reply::status(401, "revoked"),
        _ => Reply::status(200, ""),
    })
    .await;
    sent(&hooks.base, &oauth2(&tokens.base, "")).await.unwrap();
    assert_eq!((tokens.requests().len(), hooks.requests().len()), (2, 2));

    let never = HttpServer::start(|r: &Recorded| Reply::status(401, format!("{:?}", r.headers))).await;
    let error = sent(&never.base, &oauth2(&tokens.base, "")).await.unwrap_err();
    assert_eq!((error.kind, never.requests().len()), (SendErrorKind::Unauthorised, 2), "{error}");
    assert!(!shown(&error).contains("-secret"), "{error}");
}

#[tokio::test]
async fn without_a_token_nothing_is_sent_and_no_secret_shown() {
    let hooks = HttpServer::start(|_| Reply::status(200, "")).await;
    for (status, kind) in
        [(400, SendErrorKind::Unauthorised), (503, SendErrorKind::Retry), (200, SendErrorKind::Unauthorised)]
    {
        let echo =
            move |r: &Recorded| Reply::status(status, format!("{:?} {}", r.headers, String::from_utf8_lossy(&r.body)));
        let tokens = HttpServer::start(echo).await;
        let error = sent(&hooks.base, &oauth2(&tokens.base, "")).await.unwrap_err();
        assert_eq!((error.kind, error.ambiguous), (kind, false), "{error}");
        let words = shown(&error);
        assert!(
            words.contains("oauth2.token_url") && !words.contains("client-secret") && !words.contains("YW06"),
            "{words}"
        );
    }
    assert!(hooks.requests().is_empty());
}

#[test]
fn what_cannot_be_is_refused_under_its_key() {
    let check = |options: &str, expected: &str| {
        let problems = Setup::default().problems(&toml("http://127.0.0.1:1", options));
        let expected = format!("receivers[0].webhook_configs[0].http_config.{expected}");
        assert_eq!(problems, [expected], "{options}");
    };
    check(
        "bearer_token = 'x'\nbasic_auth.username = 'a'",
        "bearer_token: only one of basic_auth and bearer_token may be given",
    );
    check(
        "authorization = { type = 'basic', credentials = 'x' }",
        "authorization.type: cannot be Basic: that is basic_auth",
    );
    check(
        "basic_auth = { username = 'a', username_file = '/x' }",
        "basic_auth.username: only one of the key and its _file twin may be given",
    );
    check("oauth2.client_id = 'x'", "oauth2.token_url: is missing");
    check(
        "http_headers.Authorization.values = ['x']",
        "http_headers: Authorization cannot be set: it is set by what sends or asks",
    );
    check("http_headers.'a b'.values = ['x']", "http_headers: \"a b\" is not a header's name");
    check("no_proxy = 'x'", "no_proxy: needs proxy_url or proxy_from_environment");
    check("proxy_url = 'socks5://x:1'", "proxy_url: begins with socks5://, but only proxies that speak HTTP are known");
    check(
        "proxy_from_environment = true\nproxy_url = 'http://x'",
        "proxy_url: cannot be given together with proxy_from_environment",
    );
    check("tls_config.cert_file = '/x'", "tls_config.key_file: is missing: cert needs its key");
    check("tls_config.ca = 'nothing'", "tls_config.ca: holds no certificate");
    check("tls_config.max_version = 'TLS11'", "tls_config.max_version: TLS older than 1.2 is not spoken");
    check(
        "tls_config.min_version = 'SSL3'",
        "tls_config.min_version: unknown TLS version \"SSL3\": TLS12 and TLS13 are spoken",
    );
    check(
        "tls_config.min_version = 'TLS13'\ntls_config.max_version = 'TLS12'",
        "tls_config.max_version: is older than min_version",
    );
}

#[test]
fn every_key_of_alertmanager_is_known_and_none_prints() {
    let options = "follow_redirects = false\nenable_http2 = false\nbearer_token = 'b-secret'\nproxy_url = 'http://u:p-secret@x'\n\
        proxy_connect_header = { X = ['h-secret'] }\nhttp_headers = { X-A = { secrets = ['s-secret'] } }\n\
        oauth2 = { client_id = 'c', client_secret = 'o-secret', token_url = 'http://x', endpoint_params = { k = 'e-secret' }, \
        scopes = ['s'], tls_config = { key = 'k-secret' }, proxy_url = 'http://u:q-secret@x' }\n\
        authorization = { credentials = 'a-secret' }\nbasic_auth = { username = 'u', password = 'w-secret' }\n\
        tls_config = { ca = 'c', cert = 'c', key = 'l-secret', insecure_skip_verify = true, min_version = 'TLS12', max_version = 'TLS13' }";
    let receiver = receiver(&toml("http://x", options));
    assert!(!format!("{receiver:?}").contains("-secret"), "{receiver:?}");
}
