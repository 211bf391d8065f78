//! Who gets in, seen from outside: a server with a certificate of the test's own on a loopback port, and reqwest.

use std::{
    collections::BTreeMap,
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::Arc,
};

use actix_web::{App, HttpResponse, HttpServer, dev::ServerHandle, middleware::from_fn, web};
use secrecy::SecretString;

use super::*;

/// A certificate for 127.0.0.1 and its key, as PEM.
fn self_signed() -> (String, String) {
    let pair = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate");
    (pair.cert.pem(), pair.signing_key.serialize_pem())
}

fn hashes(users: &[(&str, &str)]) -> Auth {
    let hashed = |(user, password): &(&str, &str)| {
        // the lowest cost: a debug build is slow
        ((*user).to_owned(), SecretString::from(bcrypt::hash(password, 4).expect("a hash")))
    };
    Auth { basic_auth_users: users.iter().map(hashed).collect() }
}

/// A server that ends with its test.
struct Running {
    address: SocketAddr,
    handle: ServerHandle,
}

fn start(tls: Option<&TlsServer>, guard: Arc<Guard>) -> Running {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address");
    let server = HttpServer::new(move || {
        let guard = guard.clone();
        App::new()
            .wrap(from_fn(move |request, next| guard.clone().pass(request, next)))
            .route("/", web::get().to(|| async { HttpResponse::Ok().body("in") }))
    });
    let server = server.workers(1).disable_signals();
    let server = match tls {
        Some(tls) => server.listen_rustls_0_23(listener, server_config(tls).expect("it is right")),
        None => server.listen(listener),
    };
    let server = server.expect("it listens").run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    Running { address, handle }
}

fn client(trusted: &str) -> reqwest::ClientBuilder {
    let root = reqwest::Certificate::from_pem(trusted.as_bytes()).expect("a certificate");
    // a connection each: a handshake each
    reqwest::Client::builder().tls_certs_only([root]).no_proxy().pool_max_idle_per_host(0)
}

async fn get(client: reqwest::ClientBuilder, url: &str) -> Result<String, String> {
    let client = client.build().map_err(|error| error.to_string())?;
    let answer = client.get(url).send().await.map_err(|error| format!("{error:?}"))?;
    answer.text().await.map_err(|error| error.to_string())
}

fn guard(auth: &Auth) -> Arc<Guard> {
    Arc::new(Guard::new(auth, &Headers::new()))
}

fn write(folder: &Path, (cert, key): &(String, String)) {
    std::fs::write(folder.join("cert.pem"), cert).expect("a file");
    std::fs::write(folder.join("key.pem"), key).expect("a file");
}

#[actix_web::test]
async fn tls_with_a_certificate_that_is_renewed_on_the_way() {
    let folder = tempfile::tempdir().expect("a folder");
    let (first, mut second) = (self_signed(), self_signed());
    // the size tells too, should both files be written within the clock's grain
    second.0.push('\n');
    write(folder.path(), &first);
    let tls = TlsServer {
        cert_file: Some(folder.path().join("cert.pem")),
        key_file: Some(folder.path().join("key.pem")),
        ..TlsServer::default()
    };
    let running = start(Some(&tls), guard(&Auth::default()));
    let url = format!("https://{}/", running.address);
    assert_eq!(get(client(&first.0), &url).await.as_deref(), Ok("in"));
    assert!(get(client(&second.0), &url).await.is_err(), "it is not that certificate yet");
    let plain = get(reqwest::Client::builder().no_proxy(), &url.replace("https", "http")).await;
    assert_ne!(plain.as_deref(), Ok("in"), "nothing is served without TLS");

    // one file is written before the other: the old pair serves on
    std::fs::write(folder.path().join("cert.pem"), &second.0).expect("a file");
    assert_eq!(get(client(&first.0), &url).await.as_deref(), Ok("in"));
    write(folder.path(), &second);
    assert_eq!(get(client(&second.0), &url).await.as_deref(), Ok("in"));
    running.handle.stop(false).await;
}

#[actix_web::test]
async fn clients_with_certificates() {
    let server = self_signed();
    let mut params = rcgen::CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().expect("a key");
    let authority = params.self_signed(&key).expect("a certificate");
    let issuer = rcgen::Issuer::new(params, key);
    let client_key = rcgen::KeyPair::generate().expect("a key");
    let signed = rcgen::CertificateParams::new(vec!["prometheus".to_owned()])
        .and_then(|params| params.signed_by(&client_key, &issuer))
        .expect("a certificate");
    let identity = |cert: &str, key: &str| {
        reqwest::Identity::from_pem(format!("{cert}{key}").as_bytes()).expect("certificate and key")
    };
    let known = identity(&signed.pem(), &client_key.serialize_pem());
    let stranger = self_signed();
    let stranger = identity(&stranger.0, &stranger.1);
    for (client_auth_type, without) in [(ClientAuth::RequireAndVerify, false), (ClientAuth::VerifyIfGiven, true)] {
        let tls = TlsServer {
            cert: Some(server.0.clone()),
            key: Some(SecretString::from(server.1.clone())),
            client_ca: Some(authority.pem()),
            client_auth_type,
            ..TlsServer::default()
        };
        let running = start(Some(&tls), guard(&Auth::default()));
        let url = format!("https://{}/", running.address);
        let with = |identity: &reqwest::Identity| client(&server.0).identity(identity.clone());
        assert_eq!(get(with(&known), &url).await.as_deref(), Ok("in"), "{client_auth_type:?}");
        assert_eq!(get(client(&server.0), &url).await.is_ok(), without, "{client_auth_type:?}");
        assert!(get(with(&stranger), &url).await.is_err(), "{client_auth_type:?}");
        running.handle.stop(false).await;
    }
}

#[actix_web::test]
async fn users_and_headers() {
    let auth = hashes(&[("alice", "wonder:land"), ("bob", "b")]);
    let headers = Headers::from([("X-Frame-Options".to_owned(), "deny".to_owned())]);
    let guard = Arc::new(Guard::new(&auth, &headers));
    let running = start(None, guard.clone());
    let url = format!("http://{}/", running.address);
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let ask = async |user: Option<(&str, &str)>| {
        let request = client.get(&url);
        let request = match user {
            Some((user, password)) => request.basic_auth(user, Some(password)),
            None => request,
        };
        let answer = request.send().await.expect("an answer");
        let frame = answer.headers().get("x-frame-options").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let challenge = answer.headers().contains_key("www-authenticate");
        (answer.status().as_u16(), frame, challenge)
    };
    let deny = || Some("deny".to_owned());
    for (user, status) in [
        (None, 401),
        (Some(("alice", "wonder:land")), 200),
        (Some(("alice", "wonder")), 401),
        (Some(("alice", "")), 401),
        (Some(("bob", "b")), 200),
        (Some(("bob", "wonder:land")), 401),
        // strangers are compared with somebody's hash, and do not get in with that password either
        (Some(("carol", "wonder:land")), 401),
        (Some(("", "")), 401),
    ] {
        for time in ["first", "again"] {
            assert_eq!(ask(user).await, (status, deny(), status == 401), "{user:?}, {time}");
        }
    }
    for header in ["Basic", "Basic !", "Bearer YTpi", "Basic YWxpY2U="] {
        let answer = client.get(&url).header("Authorization", header).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 401, "{header}");
    }

    // new orders count at once, whatever is remembered
    guard.replace(&hashes(&[("alice", "other")]), &Headers::new());
    assert_eq!(ask(Some(("alice", "wonder:land"))).await, (401, None, true));
    assert_eq!(ask(Some(("alice", "other"))).await, (200, None, false));
    guard.replace(&Auth::default(), &Headers::new());
    assert_eq!(ask(None).await, (200, None, false));
    running.handle.stop(false).await;
}

/// Refused passwords are remembered too, and many of them do not push out those of users.
#[actix_web::test]
async fn what_is_remembered_is_bounded() {
    let users = Users::new(hashes(&[("alice", "a")]).basic_auth_users);
    assert!(users.admits("alice", "a").await);
    for guess in 0..150 {
        assert!(!users.admits("alice", &guess.to_string()).await);
    }
    assert_eq!(users.remembered(), (100, 1));
    assert!(users.admits("alice", "a").await);
    assert!(!Users::new(BTreeMap::new()).admits("alice", "a").await);
}

#[test]
fn secrets_do_not_print() {
    let auth = Auth { basic_auth_users: BTreeMap::from([("alice".to_owned(), SecretString::from("hunter2"))]) };
    let tls = TlsServer { key: Some(SecretString::from("hunter2")), ..TlsServer::default() };
    let wrong = server_config(&TlsServer { cert: Some(self_signed().0), ..tls.clone() }).expect_err("no key");
    let printed = format!("{auth:?} {tls:?} {wrong:?} {:?}", auth.check());
    assert!(printed.contains("not a private key") && !printed.contains("hunter2"), "{printed}");
}

#[test]
fn what_needs_a_new_listener() {
    let tls = |key: &str, version| TlsServer {
        key: Some(SecretString::from(key)),
        min_version: version,
        ..TlsServer::default()
    };
    assert!(tls("a", TlsVersion::Tls12).same(&tls("a", TlsVersion::Tls12)));
    assert!(!tls("a", TlsVersion::Tls12).same(&tls("b", TlsVersion::Tls12)));
    assert!(!tls("a", TlsVersion::Tls12).same(&tls("a", TlsVersion::Tls13)));
}
