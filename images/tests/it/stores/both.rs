//! The store of the server: here first, then outside; each half goes on without the other.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use alerts::{
    Status, Time,
    picture::{PictureId, PictureRecord, Subject},
    ports::{ImageError, ImageStore},
};
use bytes::Bytes;
use images::{
    Unwatched, Watch,
    store::{ExternalImageStorage, LocalStore, Outside, Stores, Uploads},
};
use tempfile::TempDir;

use super::{HOUR, now, peers};
use crate::fake::{Fake, Reply};

const PNG: Bytes = Bytes::from_static(b"\x89PNG");

/// A store in a folder of its own, with this section.
async fn stores(section: &str, watch: Arc<dyn Watch>) -> (Stores, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let outside = uploads(section, watch).await.map(|uploads| Outside { uploads, takes_new: true });
    (Stores::new(local(&folder), outside), folder)
}

fn local(folder: &TempDir) -> Arc<LocalStore> {
    Arc::new(LocalStore::open(folder.path(), Some("http://alerts.test")).expect("opens"))
}

async fn uploads(section: &str, watch: Arc<dyn Watch>) -> Option<Arc<Uploads>> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let section: ExternalImageStorage = toml::from_str(section).expect("a section");
    section.uploads(watch).await.expect("a right section")
}

fn record(id: PictureId, uploaded: Option<Arc<str>>) -> PictureRecord {
    let subject = Subject { source: "s".to_owned(), panel: "p".to_owned(), variables: String::new() };
    PictureRecord {
        id,
        subject,
        transition: Status::Firing,
        title: String::new(),
        alt: String::new(),
        width: 1,
        height: 1,
        size: 4,
        sha256: String::new(),
        taken_at: Time::default(),
        used_at: Time::default(),
        uploaded,
    }
}

async fn host(stores: &Stores, picture: &PictureRecord) -> String {
    let link = stores.link(picture, now(), HOUR).await.expect("a link");
    url::Url::parse(&link).expect("a URL").host_str().expect("a host").to_owned()
}

fn unwatched() -> Arc<dyn Watch> {
    Arc::new(Unwatched)
}

#[tokio::test]
async fn a_picture_is_in_both_and_deleted_from_both() {
    let Some(peer) = peers::s3().await else { return };
    let (stores, folder) = stores(&peer.section, unwatched()).await;
    assert!(stores.is_cloud());
    let id = stores.new_name();
    let kept = stores.put(&id, PNG).await;
    kept.local.expect("kept here");
    let place = kept.uploaded.expect("uploaded").expect("taken");
    assert!(place.starts_with("s3 http://127.0.0.1:") && place.ends_with("/pictures/a/b/"), "{place}");
    assert!(folder.path().join(format!("images/{id}.png")).exists());
    assert_eq!(peer.store.get(&id).await.expect("there too"), PNG);
    let picture = record(id.clone(), Some(place));
    assert_eq!(host(&stores, &picture).await, "127.0.0.1");
    stores.delete(&picture).await.expect("deleted");
    assert!(matches!(peer.store.get(&id).await, Err(ImageError::NotFound(_))));
    assert!(matches!(stores.get(&id).await, Err(ImageError::NotFound(_))));
    stores.delete(&picture).await.expect("deleted twice");
}

#[tokio::test]
async fn a_full_disk_stops_no_upload_and_what_is_not_here_is_read_there() {
    let Some(peer) = peers::s3().await else { return };
    let (stores, folder) = stores(&peer.section, unwatched()).await;
    // a file in the folder's place refuses writes as a full disk does
    std::fs::remove_dir_all(folder.path().join("images")).expect("removed");
    std::fs::write(folder.path().join("images"), "").expect("written");
    let id = stores.new_name();
    let kept = stores.put(&id, PNG).await;
    assert!(kept.local.is_err());
    let picture = record(id.clone(), Some(kept.uploaded.expect("uploaded").expect("taken")));
    assert_eq!(stores.get(&id).await.expect("read from there"), PNG);
    assert_eq!(host(&stores, &picture).await, "127.0.0.1");
}

#[tokio::test]
async fn what_lies_elsewhere_is_linked_here() {
    let (stores, _folder) = stores("provider = 'webdav'\n[webdav]\nurl = 'http://new.test/p'", unwatched()).await;
    let id = stores.new_name();
    let place = |text: &str| Some(Arc::from(text));
    assert_eq!(host(&stores, &record(id.clone(), place("webdav http://new.test/p/"))).await, "new.test");
    for elsewhere in [None, place("webdav http://old.test/p/")] {
        assert_eq!(host(&stores, &record(id.clone(), elsewhere)).await, "alerts.test");
    }
    stores.delete(&record(id.clone(), place("webdav http://old.test/p/"))).await.expect("nothing can be done there");
    let uploads = uploads("provider = 'webdav'\n[webdav]\nurl = 'http://new.test/p'", unwatched()).await;
    stores.replace(uploads.map(|uploads| Outside { uploads, takes_new: false }));
    assert!(!stores.is_cloud());
    assert!(stores.put(&id, PNG).await.uploaded.is_none(), "it takes no new ones");
    assert_eq!(host(&stores, &record(id.clone(), place("webdav http://new.test/p/"))).await, "new.test");
    stores.replace(None);
    assert!(!stores.is_cloud());
    assert_eq!(host(&stores, &record(id, place("webdav http://new.test/p/"))).await, "alerts.test");
}

#[tokio::test]
async fn names_are_as_long_as_grafanas() {
    let azure = "provider = 'azure_blob'\n[azure_blob]\naccount_name = 'a'\ncontainer_name = 'c'\naccount_key = 'aGk='";
    for (section, length) in [("", 20), ("provider = 's3'\n[s3]\nbucket = 'b'\nregion = 'eu-west-1'", 20), (azure, 30)]
    {
        let (stores, _folder) = stores(section, unwatched()).await;
        assert_eq!(stores.new_name().0.len(), length, "{section}");
    }
}

/// Remembers what was told.
#[derive(Default)]
struct Told {
    open: AtomicBool,
    stored: Mutex<Vec<String>>,
}

impl Watch for Told {
    fn tried(&self, _: &'static str, _: &'static str, _: Duration) {}

    fn breaker(&self, name: &str, open: bool) {
        if name.ends_with("/put") {
            self.open.store(open, Ordering::Relaxed);
        }
    }

    fn stored(&self, provider: &'static str, operation: &'static str, outcome: &'static str, _: Duration) {
        self.stored.lock().expect("no panic").push(format!("{provider} {operation} {outcome}"));
    }
}

/// Each provider, as far as one can say without a server of it.
fn sections(url: &str) -> [String; 3] {
    [
        format!(
            "provider = 's3'\n[s3]\nendpoint = '{url}'\npath_style_access = true\nbucket = 'b'\naccess_key = 'id'\n\
             secret_key = 'the-secret'"
        ),
        format!(
            "provider = 'azure_blob'\n[azure_blob]\nendpoint = '{url}'\naccount_name = 'a'\ncontainer_name = 'c'\n\
             account_key = 'dGhlLXNlY3JldA=='"
        ),
        format!("provider = 'webdav'\n[webdav]\nurl = '{url}'\nusername = 'me'\npassword = 'the-secret'"),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_is_left_alone_after_a_while_and_pictures_are_kept_here() {
    let fake = Fake::start(|_| Reply::Silence).await;
    for section in sections(&fake.url) {
        let told = Arc::<Told>::default();
        let (stores, _folder) = stores(&section, told.clone()).await;
        let id = stores.new_name();
        for _ in 0..5 {
            let began = tokio::time::Instant::now();
            let kept = stores.put(&id, PNG).await;
            kept.local.expect("kept here");
            let error = kept.uploaded.expect("tried").expect_err("hangs").to_string();
            assert!(!error.contains("secret") && !error.contains("dGhlL"), "{error}");
            assert!(began.elapsed() <= Duration::from_secs(11), "{section}: {:?}", began.elapsed());
        }
        assert!(told.open.load(Ordering::Relaxed), "{section}");
        let asked = told.stored.lock().expect("no panic").len();
        let error = stores.put(&id, PNG).await.uploaded.expect("tried").expect_err("left alone").to_string();
        assert!(error.contains("failed 5 times in a row"), "{error}");
        assert_eq!(told.stored.lock().expect("no panic").len(), asked, "nobody was asked");
        assert_eq!(stores.get(&id).await.expect("from here"), PNG);
        assert_eq!(host(&stores, &record(id, None)).await, "alerts.test");
    }
}

#[tokio::test]
async fn a_store_that_answers_nonsense_is_a_failure_with_few_words() {
    let page = format!("<html>{}</html>", "the-login-page ".repeat(5_000));
    for status in [302, 403, 404, 418] {
        let body = page.clone();
        let fake = Fake::start(move |_| Reply::status(status, "text/html", body.clone())).await;
        for section in sections(&fake.url) {
            let (stores, _folder) = stores(&section, unwatched()).await;
            let id = stores.new_name();
            let error = stores.put(&id, PNG).await.uploaded.expect("tried").expect_err("no store").to_string();
            assert!(error.len() < 500, "{error}");
        }
    }
}
