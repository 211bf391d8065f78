//! Files, links and their failures.

use std::sync::Arc;

use tempfile::TempDir;

use super::*;

const NOW: Time = Time::from_secs(1_700_000_000);
const DAY: Duration = Duration::from_secs(86_400);

fn open(directory: &TempDir) -> LocalStore {
    LocalStore::open(directory.path(), Some("https://alerts.test/")).expect("opens")
}

fn id(name: &str) -> PictureId {
    PictureId(Arc::from(name))
}

/// The two parameters of a link.
fn parameters(link: &str) -> (i64, String) {
    let (_, query) = link.split_once("?e=").expect("has an end");
    let (end, signature) = query.split_once("&s=").expect("has a signature");
    (end.parse().expect("a number"), signature.to_owned())
}

/// The link itself.
async fn link(store: &LocalStore) -> Option<String> {
    store.link(&id("abc"), NOW, DAY).await.expect("is made without asking anybody")
}

#[tokio::test]
async fn links_work_until_they_end() {
    let directory = TempDir::new().expect("a directory");
    let store = open(&directory);
    let link = link(&store).await.expect("a link");
    assert!(link.starts_with("https://alerts.test/images/abc.png?e=1700086400&s="), "{link}");
    let (end, signature) = parameters(&link);
    let check = |name: &str, end: i64, signature: &str, now: Time| store.verify(&id(name), end, signature, now);
    assert_eq!(check("abc", end, &signature, NOW), Ok(()));
    assert_eq!(check("abc", end, &signature, NOW.plus(DAY)), Err(LinkError::Expired));
    assert_eq!(check("abd", end, &signature, NOW), Err(LinkError::Signature));
    assert_eq!(check("abc", end + 1, &signature, NOW), Err(LinkError::Signature));
    assert_eq!(check("abc", end, &signature[1..], NOW), Err(LinkError::Signature));
    assert_eq!(check("abc", end, "", NOW), Err(LinkError::Signature));
    assert_eq!(check("../abc", end, &signature, NOW), Err(LinkError::Signature));
}

#[tokio::test]
async fn the_signing_key_persists() {
    let directory = TempDir::new().expect("a directory");
    let (end, signature) = parameters(&link(&open(&directory)).await.expect("a link"));
    assert_eq!(open(&directory).verify(&id("abc"), end, &signature, NOW), Ok(()));
    let other = TempDir::new().expect("a directory");
    assert_eq!(open(&other).verify(&id("abc"), end, &signature, NOW), Err(LinkError::Signature));
}

#[test]
fn a_damaged_key_is_not_replaced() {
    let directory = TempDir::new().expect("a directory");
    fs::write(directory.path().join("images.key"), "short").expect("written");
    let error = LocalStore::open(directory.path(), None).err().expect("refused").to_string();
    assert!(error.contains("images.key") && error.contains("delete it for a new one"), "{error}");
}

#[tokio::test]
async fn nothing_is_linked_where_nothing_is_served() {
    let directory = TempDir::new().expect("a directory");
    let store = LocalStore::open(directory.path(), None).expect("opens");
    assert_eq!(link(&store).await, None);
    assert!(store.signed_path(&id("abc"), NOW, DAY).expect("a path").starts_with("/images/abc.png?e="));
    assert_eq!(store.signed_path(&id("../x"), NOW, DAY), None);
}

#[tokio::test]
async fn no_name_leads_elsewhere() {
    let directory = TempDir::new().expect("a directory");
    let store = open(&directory);
    fs::write(directory.path().join("secret.png"), "x").expect("written");
    for name in ["../secret", "..", "", "a/../../secret", "/etc/passwd"] {
        assert!(matches!(store.get(&id(name)).await, Err(ImageError::NotFound(_))), "{name}");
        assert!(store.put(&id(name), Bytes::from_static(b"y")).await.is_err(), "{name}");
        store.delete(&id(name)).await.expect("nothing to delete");
    }
    assert_eq!(fs::read(directory.path().join("secret.png")).expect("untouched"), b"x");
}

#[tokio::test]
async fn a_failed_write_says_where_and_leaves_nothing() {
    let directory = TempDir::new().expect("a directory");
    let store = open(&directory);
    // a directory in the way: the rename fails whoever runs the test
    fs::create_dir(directory.path().join("images/abc.png")).expect("made");
    let error = store.put(&id("abc"), Bytes::from_static(b"png")).await.expect_err("in the way").to_string();
    assert!(error.contains("cannot write") && error.contains("abc.png"), "{error}");
    assert_eq!(fs::read_dir(directory.path().join("images")).expect("listed").count(), 1);
}

#[test]
fn what_a_crash_left_is_removed() {
    let directory = TempDir::new().expect("a directory");
    drop(open(&directory));
    let left = directory.path().join("images").join(format!("{}x", super::super::files::UNFINISHED));
    fs::write(&left, "half").expect("written");
    drop(open(&directory));
    assert!(!left.exists());
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let directory = TempDir::new().expect("a directory");
    let store = open(&directory);
    store.put(&id("abc"), Bytes::from_static(b"png")).await.expect("written");
    let mode = |path: &str| fs::metadata(directory.path().join(path)).expect("there").permissions().mode() & 0o777;
    assert_eq!((mode("images"), mode("images/abc.png"), mode("images.key")), (0o700, 0o600, 0o600));
}
