//! TLS options, headers and proxies of sources, on the wire.

use std::path::{Path, PathBuf};

use alerts::ports::RenderErrorKind;
use images::settings::TlsConfig;
use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use tempfile::TempDir;

use crate::{
    fake::{Fake, Reply, Request},
    world::{NO_RULES, capture, matrix, native, render, series, source},
};

/// An authority of the test's own, and what it signed for a server and for a client.
struct Authority {
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().expect("a folder");
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).expect("written");
        write("ca.pem", params.self_signed(&key).expect("a certificate").pem());
        let issuer = Issuer::new(params, key);
        for (name, place, purpose) in [
            ("server", "127.0.0.1", ExtendedKeyUsagePurpose::ServerAuth),
            ("client", "wirephoto", ExtendedKeyUsagePurpose::ClientAuth),
        ] {
            let key = KeyPair::generate().expect("a key");
            let mut params = CertificateParams::new(vec![place.to_owned()]).expect("parameters");
            params.extended_key_usages = vec![purpose];
            write(&format!("{name}.pem"), params.signed_by(&key, &issuer).expect("a certificate").pem());
            write(&format!("{name}.key"), key.serialize_pem());
        }
        Self { folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.file(name)).expect("it is there")
    }

    /// A server that asks clients for a certificate of this authority.
    fn server(&self) -> ServerConfig {
        let certificate = |path: &Path| CertificateDer::from_pem_file(path).expect("a certificate");
        let mut roots = RootCertStore::empty();
        roots.add(certificate(&self.file("ca.pem"))).expect("an authority");
        let clients = WebPkiClientVerifier::builder(roots.into()).build().expect("a verifier");
        let key = PrivateKeyDer::from_pem_file(self.file("server.key")).expect("a key");
        let builder = ServerConfig::builder().with_client_cert_verifier(clients);
        builder.with_single_cert(vec![certificate(&self.file("server.pem"))], key).expect("they fit")
    }

    fn options(&self) -> TlsConfig {
        TlsConfig {
            ca_file: Some(self.file("ca.pem")),
            cert_file: Some(self.file("client.pem")),
            key_file: Some(self.file("client.key")),
            ..TlsConfig::default()
        }
    }
}

fn answer(request: &Request) -> Reply {
    let flat = || matrix(&[series(r#"{"__name__":"up"}"#, |_| "1".into())]);
    Reply::json(if request.is_query() { flat() } else { NO_RULES.to_owned() })
}

/// A picture from a server with a private authority; the words of the failure where one is expected.
async fn check(authority: &Authority, tls: Option<TlsConfig>, expected: Result<(), &str>) {
    let fake = Fake::start_tls(authority.server(), answer).await;
    let mut config = source(&fake.url);
    config.tls_config = tls;
    let drawn = render(&native(config), &capture("up == 0")).await;
    match (drawn, expected) {
        (Ok(_), Ok(())) => assert_eq!(fake.queries(), ["up"]),
        (Err(error), Err(words)) => {
            assert_eq!(error.kind, RenderErrorKind::Source, "{error}");
            assert!(error.detail.contains(words), "{error}");
            assert!(!error.detail.contains("BEGIN"), "{error}");
        }
        (drawn, expected) => panic!("{:?} instead of {expected:?}", drawn.map(drop)),
    }
}

#[tokio::test]
async fn a_private_authority_and_our_certificate() {
    let authority = Authority::new();
    let inline = TlsConfig {
        ca: Some(authority.text("ca.pem")),
        cert: Some(authority.text("client.pem")),
        key: Some(authority.text("client.key").into()),
        ..TlsConfig::default()
    };
    let careless = TlsConfig { ca_file: None, insecure_skip_verify: true, ..authority.options() };
    let newest = TlsConfig { min_version: Some("TLS13".into()), ..authority.options() };
    for options in [authority.options(), inline, careless, newest] {
        check(&authority, Some(options), Ok(())).await;
    }
}

#[tokio::test]
async fn who_is_not_trusted_is_not_asked() {
    let (authority, other) = (Authority::new(), Authority::new());
    check(&authority, None, Err("certificate")).await;
    check(
        &authority,
        Some(TlsConfig { ca_file: Some(other.file("ca.pem")), ..authority.options() }),
        Err("certificate"),
    )
    .await;
    let anonymous = TlsConfig { cert_file: None, key_file: None, ..authority.options() };
    check(&authority, Some(anonymous), Err("error")).await;
}

#[tokio::test]
async fn headers_go_with_each_request() {
    let fake = Fake::start(answer).await;
    let mut config = source(&fake.url);
    config.headers = [("X-Gateway".to_owned(), "hunter2".to_owned().into())].into();
    config.tenant = Some("team-a".into());
    render(&native(config), &capture("up == 0")).await.expect("a picture");
    for request in fake.requests() {
        assert_eq!(
            (request.headers["x-gateway"].as_str(), request.headers["x-scope-orgid"].as_str()),
            ("hunter2", "team-a")
        );
    }
    assert_eq!(fake.requests().len(), 2);
}

#[tokio::test]
async fn a_proxy_is_asked_in_place_of_the_source() {
    let proxy = Fake::start(answer).await;
    let mut config = source("http://prometheus.invalid:9090");
    config.proxy_url = Some(proxy.url.clone().into());
    render(&native(config), &capture("up == 0")).await.expect("a picture");
    let asked: Vec<String> = proxy.requests().into_iter().map(|request| request.path).collect();
    assert_eq!(
        asked,
        ["http://prometheus.invalid:9090/api/v1/rules", "http://prometheus.invalid:9090/api/v1/query_range"]
    );
}
