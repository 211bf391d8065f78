//! The inbox keeps what it is sent.

use std::sync::Arc;

use alerts::ports::SendErrorKind;

use super::{
    messages::{firing, grouped, picture, with_pictures},
    setup::{Setup, Shelf},
};

const INBOX: &str = "[[inbox_configs]]\n";

#[tokio::test]
async fn messages_are_kept_with_their_pictures() {
    let setup = Setup::default();
    let message = with_pictures(grouped(), 2);
    let receipt = setup.channel(INBOX).send(&message, None).await.unwrap();
    let kept = setup.shelf.entries.lock().unwrap()[0].clone();
    assert_eq!(kept.title, "[FIRING:2] DiskFull");
    assert!(kept.text.starts_with("firing DiskFull db-1: The disk"));
    assert_eq!(kept.pictures.iter().map(|p| p.id.to_string()).collect::<Vec<_>>(), ["picture00", "picture01"]);
    assert_eq!((kept.at, kept.receiver.as_str()), (message.now, "team-disk"));
    assert_eq!(receipt.message["id"], 0);
}

#[tokio::test]
async fn late_pictures_join_their_message() {
    let setup = Setup::default();
    let channel = setup.channel(INBOX);
    let message = firing();
    let receipt = channel.send(&message, None).await.unwrap();
    channel.add_pictures(&receipt, &[picture("late", &message.alerts[0])]).await.unwrap();
    let entries = setup.shelf.entries.lock().unwrap();
    assert_eq!((entries.len(), entries[0].pictures.len()), (1, 1));
}

#[tokio::test]
async fn the_number_of_pictures_is_bounded() {
    let cases = [("max_images = 2", 2, 3), ("images = 'none'", 0, 0), ("", 5, 0)];
    for (more, kept, left_out) in cases {
        let setup = Setup::default();
        setup.channel(&format!("{INBOX}{more}")).send(&with_pictures(firing(), 5), None).await.unwrap();
        let entry = setup.shelf.entries.lock().unwrap()[0].clone();
        assert_eq!((entry.pictures.len(), entry.pictures_left_out), (kept, left_out), "{more}");
    }
}

#[tokio::test]
async fn a_failing_database_is_tried_again() {
    let setup = Setup { shelf: Arc::new(Shelf { fails: true, ..Shelf::default() }), ..Setup::default() };
    let error = setup.channel(INBOX).send(&firing(), None).await.unwrap_err();
    assert_eq!(error.kind, SendErrorKind::Retry);
}

#[tokio::test]
async fn a_template_that_fails_does_not_cost_the_message() {
    let setup = Setup::default();
    // sound for the samples, not for this message
    let toml = format!(r#"{INBOX}title = '{{{{ if eq .Receiver "team-disk" }}}}{{{{ slice "abc" 9 }}}}{{{{ end }}}}'"#);
    let receipt = setup.channel(&toml).send(&firing(), None).await.unwrap();
    assert_eq!(setup.shelf.entries.lock().unwrap()[0].title, r#"[FIRING:1] {alertname="DiskFull"}"#);
    assert!(receipt.degraded.unwrap().contains("template failed"));
}
