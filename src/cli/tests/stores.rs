//! What tries, lists and deletes pictures.

use std::path::Path;

use alerts::{
    Status, Time,
    picture::{PictureId, PictureRecord, Subject},
    ports::{Change, Store},
};

use super::*;
use crate::database::{Database, DatabaseSettings, Retention, Synchronous};

fn open(data_dir: &Path) -> Database {
    let (synchronous, retention) = (Synchronous::Normal, Retention::default());
    Database::open(&DatabaseSettings { data_dir: data_dir.to_owned(), synchronous, retention }).expect("opens")
}

fn picture(name: &str, used_at: Time) -> PictureRecord {
    PictureRecord {
        id: PictureId(name.into()),
        subject: Subject { source: "s".to_owned(), panel: "p".to_owned(), variables: String::new() },
        transition: Status::Firing,
        title: String::new(),
        alt: String::new(),
        width: 1,
        height: 1,
        size: 3,
        sha256: String::new(),
        taken_at: used_at,
        used_at,
        uploaded: None,
    }
}

#[test]
fn probe_tries_the_store_and_each_source() {
    let (_folder, name) = file("[[sources]]\nname = 'd'\ntype = 'demo'\n");
    let (exit, out, err) = said(&["check-config", "--probe", &name], &Remembers::default());
    assert_eq!((exit, err.as_str()), (Exit::Success, ""), "{out}");
    assert!(out.contains("pictures stay below server.data_dir") && out.contains("ok      a picture from d ("), "{out}");

    // a port of our own that nobody listens on any more
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    let (_folder, name) = file(&format!(
        "[[sources]]\nname = 'p'\ntype = 'prometheus'\nurl = 'http://{free}'\n[screenshots]\n\
         upload_external_image_storage = true\n[external_image_storage]\nprovider = 'webdav'\n\
         [external_image_storage.webdav]\nurl = 'http://{free}/pictures'\nusername = 'me'\npassword = 'hidden'\n"
    ));
    let (exit, out, err) = said(&["check-config", "--probe", &name], &Remembers::default());
    assert_eq!((exit, err.as_str()), (Exit::Failure, ""), "{out}");
    assert!(out.contains(&format!("the image store: webdav http://{free}/pictures/\n  FAILED  write ")), "{out}");
    assert!(out.contains("FAILED  a picture from p ("), "{out}");
    assert!(!out.contains("hidden"), "{out}");
}

#[test]
fn prune_lists_and_deletes_what_is_past_the_retention() {
    let data = tempfile::tempdir().expect("a folder");
    let (_folder, config) = file(&format!("[server]\ndata_dir = '{}'\n", data.path().display()));
    let prune = |more: &[&str]| said(&[&["prune", "--config", &config], more].concat(), &Remembers::default());
    let (exit, _, err) = prune(&["--dry-run"]);
    assert_eq!(exit, Exit::Failure);
    assert!(err.contains("there is no wirephoto.db in"), "{err}");

    let database = open(data.path());
    let old = picture("old", Time::from_secs(1_000_000_000));
    let new = picture("new", Time::from_secs(8_000_000_000));
    database.commit(&[Change::Picture(old.clone()), Change::Picture(new.clone())]).expect("commits");
    std::fs::create_dir_all(data.path().join("images")).expect("a folder");
    let file = |id: &str| data.path().join(format!("images/{id}.png"));
    std::fs::write(file("old"), "png").expect("written");
    std::fs::write(file("new"), "png").expect("written");

    let (exit, _, err) = prune(&["--dry-run"]);
    assert_eq!(exit, Exit::Failure);
    assert!(err.contains("is used by another wirephoto") && err.contains("stop it"), "{err}");
    drop(database);

    let (exit, out, err) = prune(&["--dry-run"]);
    assert_eq!((exit, err.as_str()), (Exit::Success, ""), "{out}");
    let expected = format!(
        "old\t{}\t2001-09-09T01:46:40Z\t-\n1 picture of {} bytes would be deleted; nothing was\n",
        old.size, old.size
    );
    assert_eq!(out, expected);
    assert!(file("old").exists() && file("new").exists());

    let (exit, out, err) = prune(&[]);
    assert_eq!((exit, err.as_str()), (Exit::Success, ""), "{out}");
    assert!(out.ends_with(&format!("1 picture of {} bytes deleted\n", old.size)), "{out}");
    assert!(!file("old").exists() && file("new").exists());
    let database = open(data.path());
    assert_eq!(database.picture(&old.id).expect("reads"), None);
    assert_eq!(database.picture(&new.id).expect("reads"), Some(new));
}
