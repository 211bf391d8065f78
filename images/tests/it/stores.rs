//! What every image store must do. A new store joins with one line in [`every_store`].

use std::{sync::Arc, time::Duration};

use alerts::{
    Time,
    picture::PictureId,
    ports::{ImageError, ImageStore},
};
use bytes::Bytes;
use images::store::{LocalStore, random_id};

/// Every store there is, with what keeps its backend alive.
fn every_store() -> Vec<(&'static str, Arc<dyn ImageStore>, tempfile::TempDir)> {
    let directory = tempfile::tempdir().expect("a directory");
    let local = LocalStore::open(directory.path(), Some("http://alerts.test")).expect("opens");
    vec![("local", Arc::new(local), directory)]
}

#[tokio::test]
async fn conformance() {
    for (name, store, _backend) in every_store() {
        conforms(name, store.as_ref()).await;
    }
}

async fn conforms(name: &str, store: &dyn ImageStore) {
    keeps_and_forgets(name, store).await;
    links(name, store);
    refuses_bad_names(name, store).await;
}

async fn keeps_and_forgets(name: &str, store: &dyn ImageStore) {
    let (one, two) = (random_id(), random_id());
    assert!(matches!(store.get(&one).await, Err(ImageError::NotFound(id)) if id == one), "{name}");
    store.delete(&one).await.expect("what is not there is deleted");
    for bytes in [Bytes::from_static(b"first"), Bytes::from(vec![7; 3 << 20]), Bytes::new()] {
        store.put(&one, bytes.clone()).await.expect("put, and put again");
        assert_eq!(store.get(&one).await.expect("get"), bytes, "{name}");
    }
    store.put(&two, Bytes::from_static(b"other")).await.expect("put");
    store.delete(&one).await.expect("delete");
    assert!(matches!(store.get(&one).await, Err(ImageError::NotFound(_))), "{name}");
    assert_eq!(store.get(&two).await.expect("the other stays"), "other", "{name}");
    store.delete(&two).await.expect("delete");
}

fn links(name: &str, store: &dyn ImageStore) {
    let (id, now) = (random_id(), Time::from_secs(1_700_000_000));
    let link = |hours: u64| store.link(&id, now, Duration::from_secs(hours * 3_600)).expect("a link");
    let url = url::Url::parse(&link(1)).expect("a URL");
    assert!(url.path().contains(&*id.0) && url.query().is_some(), "{name}: {url}");
    assert_ne!(link(1), link(2), "{name}");
}

async fn refuses_bad_names(name: &str, store: &dyn ImageStore) {
    let bad = PictureId(Arc::from("../../outside"));
    assert!(store.put(&bad, Bytes::from_static(b"x")).await.is_err(), "{name}");
    assert!(store.get(&bad).await.is_err(), "{name}");
    assert_eq!(store.link(&bad, Time::default(), Duration::from_secs(60)), None, "{name}");
}
