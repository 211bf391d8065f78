//! What every image store must do, held against a real server of each provider. A new store joins with one function in `peers.rs`.

mod both;
mod peers;

use std::{sync::Arc, time::Duration};

use alerts::{Time, picture::PictureId, ports::ImageError};
use bytes::Bytes;
use images::store::{Backend, random_id};
use peers::{Peer, client, every_store, s3, s3_looks_at_credentials};

/// Long enough for a test on a busy machine.
const HOUR: Duration = Duration::from_secs(3_600);

/// The providers' own time: they look at their clocks.
#[expect(clippy::disallowed_methods, reason = "real servers do not take a test's time")]
fn now() -> Time {
    Time::from_secs(jiff::Timestamp::now().as_second())
}

#[tokio::test]
async fn conformance() {
    for peer in every_store().await {
        let store = peer.store.as_ref();
        keeps_and_forgets(peer.name, store).await;
        links_differ(&peer).await;
        refuses_bad_names(peer.name, store).await;
        links_open(&peer).await;
        links_end(&peer).await;
        refuses_wrong_credentials(&peer).await;
        says_that_the_bucket_is_gone(&peer).await;
    }
}

async fn keeps_and_forgets(name: &str, store: &dyn Backend) {
    let (one, two) = (random_id(), random_id());
    let missing = store.get(&one).await;
    assert!(matches!(&missing, Err(ImageError::NotFound(id)) if *id == one), "{name}: {missing:?}");
    store.delete(&one).await.unwrap_or_else(|error| panic!("{name}: what is not there is deleted: {error}"));
    for bytes in [Bytes::from_static(b"first"), Bytes::from(vec![7; 3 << 20]), Bytes::from_static(b"x")] {
        store.put(&one, bytes.clone()).await.unwrap_or_else(|error| panic!("{name}: put, and put again: {error}"));
        assert_eq!(store.get(&one).await.expect("get"), bytes, "{name}");
    }
    store.put(&two, Bytes::from_static(b"other")).await.expect("put");
    store.delete(&one).await.unwrap_or_else(|error| panic!("{name}: delete: {error}"));
    assert!(matches!(store.get(&one).await, Err(ImageError::NotFound(_))), "{name}");
    store.delete(&one).await.unwrap_or_else(|error| panic!("{name}: deleted twice: {error}"));
    assert_eq!(store.get(&two).await.expect("the other stays"), "other", "{name}");
    store.delete(&two).await.expect("delete");
}

async fn link(peer: &Peer, id: &PictureId, lifetime: Duration) -> String {
    let link = peer.store.link(id, now(), lifetime).await;
    link.unwrap_or_else(|error| panic!("{}: {error}", peer.name)).expect("a link")
}

async fn links_differ(peer: &Peer) {
    let id = random_id();
    let url = url::Url::parse(&link(peer, &id, HOUR).await).expect("a URL");
    assert!(url.path().ends_with(&format!("/{id}.png")), "{}: {url}", peer.name);
    assert!(!url.as_str().contains("secret"), "{}: {url}", peer.name);
    if peer.name != "webdav" {
        assert!(url.query().is_some(), "{}: {url}", peer.name);
        assert_ne!(link(peer, &id, HOUR).await, link(peer, &id, 2 * HOUR).await, "{}", peer.name);
        // more than any provider signs
        link(peer, &id, Duration::from_secs(365 * 86_400)).await;
    }
}

async fn refuses_bad_names(name: &str, store: &dyn Backend) {
    let bad = PictureId(Arc::from("../../outside"));
    assert!(store.put(&bad, Bytes::from_static(b"x")).await.is_err(), "{name}");
    assert!(store.get(&bad).await.is_err(), "{name}");
    store.delete(&bad).await.expect("there is no such picture");
    assert!(!matches!(store.link(&bad, now(), HOUR).await, Ok(Some(_))), "{name}");
}

/// A link opens for whoever has it, and for nobody without its signature.
async fn links_open(peer: &Peer) {
    if !peer.enforces.links {
        return;
    }
    let id = random_id();
    peer.store.put(&id, Bytes::from_static(b"\x89PNG")).await.expect("put");
    let link = link(peer, &id, HOUR).await;
    let answer = client().get(&link).send().await.expect("an answer");
    assert_eq!(answer.status(), 200, "{}: {link}", peer.name);
    assert_eq!(answer.headers()["content-type"], "image/png", "{}", peer.name);
    assert_eq!(answer.bytes().await.expect("a body"), &b"\x89PNG"[..], "{}", peer.name);
    if peer.enforces.signatures {
        let bare = link.split('?').next().expect("an address");
        let status = client().get(bare).send().await.expect("an answer").status();
        assert!(status.is_client_error(), "{}: {bare} is open to everybody", peer.name);
    }
    peer.store.delete(&id).await.expect("delete");
    let status = client().get(&link).send().await.expect("an answer").status();
    assert_eq!(status, 404, "{}", peer.name);
}

async fn links_end(peer: &Peer) {
    if !peer.enforces.ends {
        return;
    }
    let id = random_id();
    peer.store.put(&id, Bytes::from_static(b"\x89PNG")).await.expect("put");
    let link = link(peer, &id, Duration::from_secs(1)).await;
    for _ in 0..100 {
        if client().get(&link).send().await.expect("an answer").status().is_client_error() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{}: {link} does not end", peer.name);
}

/// It fails, and says why without the secret.
async fn refuses_wrong_credentials(peer: &Peer) {
    if !peer.enforces.credentials {
        return;
    }
    let wrong = match peer.name {
        "azure_blob" => peer.with("account_key = '", "account_key = 'AAAA").await,
        _ => peer.with("password = 'the-secret'", "password = 'another-secret'").await,
    };
    let error = wrong.put(&random_id(), Bytes::from_static(b"x")).await.expect_err("refused").to_string();
    assert!(["401", "403"].iter().any(|status| error.contains(status)), "{}: {error}", peer.name);
    assert!(!error.contains("secret") && !error.contains("Eby8vdM02"), "{}: {error}", peer.name);
    assert!(wrong.get(&random_id()).await.is_err_and(|error| matches!(error, ImageError::Failed(_))), "{}", peer.name);
}

#[tokio::test]
async fn s3_refuses_wrong_credentials() {
    let Some(peer) = s3().await else { return };
    s3_looks_at_credentials(&peer).await;
    let error = peer.store.put(&random_id(), Bytes::from_static(b"x")).await.expect_err("refused").to_string();
    assert!(error.contains("InvalidAccessKeyId"), "{error}");
    assert!(!error.contains("the-secret"), "{error}");
    assert!(peer.store.get(&random_id()).await.is_err_and(|error| matches!(error, ImageError::Failed(_))));
}

#[tokio::test]
async fn public_pictures_of_s3_have_plain_links() {
    let Some(peer) = s3().await else { return };
    let public = peer.with("access_key", "public = true\naccess_key").await;
    let id = random_id();
    public.put(&id, Bytes::from_static(b"\x89PNG")).await.expect("put");
    let link = public.link(&id, now(), HOUR).await.expect("made").expect("a link");
    assert!(link.ends_with(&format!("/pictures/a/b/{id}.png")), "{link}");
    assert_eq!(client().get(&link).send().await.expect("an answer").status(), 200);
}

async fn says_that_the_bucket_is_gone(peer: &Peer) {
    let (gone, words) = match peer.name {
        "s3" => (peer.with("bucket = 'pictures'", "bucket = 'gone'").await, "NoSuchBucket"),
        "gcs" => (peer.with("bucket = 'pictures'", "bucket = 'gone'").await, "404"),
        "azure_blob" => (peer.with("'pictures'", "'gone'").await, "ContainerNotFound"),
        "webdav" => (peer.with("/login'", "/login/gone'").await, "folder"),
        _ => return,
    };
    let id = random_id();
    let error = gone.put(&id, Bytes::from_static(b"x")).await.expect_err("refused");
    assert!(matches!(&error, ImageError::Failed(why) if why.contains(words)), "{}: {error}", peer.name);
    assert!(!error.to_string().contains("the-secret"), "{}: {error}", peer.name);
    assert!(gone.get(&id).await.is_err(), "{}", peer.name);
    gone.delete(&id).await.unwrap_or_else(|error| panic!("{}: nothing is there: {error}", peer.name));
}
