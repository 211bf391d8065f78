//! What the spool keeps, and what it lets go.

use std::{
    fs,
    time::{Duration, UNIX_EPOCH},
};

use alerts::own::{OwnLine, OwnPoint, OwnSeries};
use bytes::Bytes;

use super::*;

fn series(title: &str) -> Own {
    let points = vec![OwnPoint { at_ms: 1_700_000_000_000, value: 1.0 }];
    let series = vec![OwnLine { name: "a".repeat(100), points }];
    Own::Series(OwnSeries { title: title.to_owned(), series, ..OwnSeries::default() })
}

fn image(file: &[u8]) -> Own {
    Own::Image { title: "t".to_owned(), alt: String::new(), file: Bytes::copy_from_slice(file) }
}

fn png() -> Vec<u8> {
    let panel = charts::Panel::new("a", 0, 60_000);
    charts::render(&panel, &charts::Style { width: 200, height: 100, ..charts::Style::default() })
        .expect("a size")
        .bytes
}

/// Sets the age of a file by hand: file systems' clocks are too coarse for tests.
fn age(spool: &Spool, name: &str, secs: u64) {
    let file = fs::File::options().write(true).open(spool.files.path(name).expect("a name")).expect("a file");
    file.set_modified(UNIX_EPOCH + Duration::from_secs(secs)).expect("a time");
}

#[tokio::test]
async fn pictures_are_kept_as_they_came_and_survive_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let spool = Spool::open(folder.path()).expect("a spool");
    let file = png();
    let name = spool.keep(image(&file)).await.expect("kept");
    assert_eq!(spool.keep(image(&file)).await.as_ref(), Ok(&name), "equal pictures have equal names");
    let other = spool.keep(series("x")).await.expect("kept");
    let again = Spool::open(folder.path()).expect("a spool");
    assert_eq!(again.size(), spool.size());
    let Ok(Kept::Image { png, title, .. }) = again.files.read(&name) else { panic!("no picture") };
    assert_eq!((png.as_ref(), title.as_str()), (file.as_slice(), "t"));
    assert!(matches!(again.files.read(&other), Ok(Kept::Series(_))));
}

#[tokio::test]
async fn what_is_no_picture_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let spool = Spool::open(folder.path()).expect("a spool");
    let check = async |file: &[u8], words: &str| match spool.keep(image(file)).await {
        Err(NotKept::Refused(why)) => assert!(why.contains(words), "{why}"),
        other => panic!("{other:?}"),
    };
    check(b"GIF89a", "neither PNG nor JPEG").await;
    check(&png()[..60], "not a readable PNG").await;
    check(b"", "neither PNG nor JPEG").await;
    assert_eq!(spool.size(), 0);
    assert!(spool.files.read("../images.key").is_err());
    assert!(spool.files.read(&"0".repeat(64)).expect_err("nothing").contains("no longer kept"));
}

#[tokio::test]
async fn the_oldest_go_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let spool = Spool::bounded(folder.path(), 1_000, 100).expect("a spool");
    let mut names = Vec::new();
    for at in 0..20_u32 {
        let name = spool.keep(series(&format!("s{at:02}"))).await.expect("kept");
        age(&spool, &name, 1_000 + u64::from(at));
        names.push(name);
        assert!(spool.size() <= 1_000, "{}", spool.size());
    }
    assert!(spool.files.read(&names[0]).is_err() && spool.files.read(&names[19]).is_ok());
    let cleaned = spool.clean(Time::from_secs(1_019)).expect("cleaned");
    assert!(cleaned.files > 0 && spool.size() > 0, "{cleaned:?}");
    assert_eq!(spool.older_than(Time::from_secs(1_020)).expect("read").files, 1);
    spool.clean(Time::from_secs(1_020)).expect("cleaned");
    assert_eq!(spool.size(), 0);
}

#[tokio::test]
async fn so_many_files_at_the_most() {
    let folder = tempfile::tempdir().expect("a folder");
    let spool = Spool::bounded(folder.path(), 1 << 20, 10).expect("a spool");
    for at in 0..30 {
        spool.keep(series(&at.to_string())).await.expect("kept");
    }
    assert!(spool.files.found().expect("a folder").len() <= 10);
}

#[tokio::test]
async fn a_folder_that_is_gone_is_an_error_in_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let spool = Spool::open(folder.path()).expect("a spool");
    fs::remove_dir_all(folder.path().join("own")).expect("removed");
    let Err(NotKept::Failed(why)) = spool.keep(series("x")).await else { panic!("kept") };
    assert!(why.contains("cannot write to"), "{why}");
}
