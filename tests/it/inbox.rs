//! The inbox in the embedded database: what is kept, edited, told to who watches, pruned.

use std::time::Duration;

use alerts::{
    Status, Time,
    picture::PictureId,
    ports::{Inbox, InboxEntry, InboxPicture},
};
use wirephoto::database::{Database, DatabaseSettings, Retention};

use crate::database::Directory;

fn message(key: &str, at: i64) -> InboxEntry {
    InboxEntry {
        id: None,
        idempotency_key: key.to_owned(),
        receiver: "team".to_owned(),
        group_key: "g".to_owned(),
        status: Status::Firing,
        title: format!("title of {key}"),
        text: "text".to_owned(),
        group_labels: [("alertname", "disk")].into_iter().collect(),
        at: Time::from_secs(at),
        pictures: vec![],
        pictures_left_out: 0,
    }
}

fn inbox_picture(id: &str) -> InboxPicture {
    InboxPicture {
        id: PictureId(id.into()),
        title: "Latency".to_owned(),
        alt: "Latency is at 3 s".to_owned(),
        transition: Status::Firing,
        width: 1000,
        height: 500,
    }
}

#[tokio::test]
async fn the_inbox_keeps_edits_and_tells_what_changed() {
    let directory = Directory::new();
    let database = directory.open();
    let first = database.keep(message("a", 1)).await.unwrap();
    let second = database.keep(message("b", 2)).await.unwrap();
    assert_eq!(database.keep(message("a", 1)).await.unwrap(), first, "the same delivery again is the same message");
    let seen = database.inbox_revision();

    database.add_pictures(second, vec![inbox_picture("p")]).await.unwrap();
    database.add_pictures(second, vec![inbox_picture("p"), inbox_picture("q")]).await.unwrap();
    database.add_pictures(12_345, vec![inbox_picture("p")]).await.unwrap();
    let edited = InboxEntry { id: Some(first), ..message("c", 3) };
    assert_eq!(database.keep(edited).await.unwrap(), first);

    let changed = database.inbox_changes(seen, 10).unwrap();
    let ids: Vec<_> = changed.iter().map(|row| (row.id, row.entry.id, row.entry.pictures.len())).collect();
    assert_eq!(ids, [(second, Some(second), 2), (first, Some(first), 0)]);
    assert!(database.inbox_changes(database.inbox_revision(), 10).unwrap().is_empty());

    drop(database);
    let database = directory.open();
    let page = database.inbox_page(None, 10).unwrap();
    assert_eq!(page.iter().map(|row| row.id).collect::<Vec<_>>(), [second, first]);
    assert_eq!(database.inbox_page(Some(second), 10).unwrap(), page[1..]);
    assert_eq!(database.inbox_message(first).unwrap().unwrap().entry.title, "title of c");
    assert_eq!(database.inbox_message(999).unwrap(), None);
}

#[tokio::test]
async fn the_inbox_is_pruned_and_numbers_are_not_used_twice() {
    let directory = Directory::new();
    let retention = Retention { inbox_age: Duration::from_secs(100), inbox_rows: 3, ..Retention::default() };
    let database = Database::open(&DatabaseSettings { retention, ..directory.settings() }).unwrap();
    let mut last = 0;
    for at in 1..=5 {
        last = database.keep(message(&at.to_string(), at)).await.unwrap();
    }
    assert_eq!(database.maintain(Time::from_secs(50)).unwrap().inbox, 2);
    assert_eq!(database.inbox_page(None, 10).unwrap().len(), 3);
    assert_eq!(database.maintain(Time::from_secs(500)).unwrap().inbox, 3);
    drop(database);
    let database = directory.open();
    assert!(database.inbox_page(None, 10).unwrap().is_empty());
    assert!(database.keep(message("6", 6)).await.unwrap() > last);
}
