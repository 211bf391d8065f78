//! Pictures: shared, bounded, late, failing; and never in the way of a notification.

use std::{sync::Arc, time::Duration};

use actors::testing::{Cloud, FakeChannel, Setup, Told, World, alert};
use alerts::ports::{LatePictures, RenderErrorKind, Store};

fn titles(setup: &Setup, channel: usize) -> Vec<Vec<String>> {
    let messages = setup.channels[channel].messages();
    messages.iter().map(|(_, m)| m.pictures.iter().map(|picture| picture.record.title.clone()).collect()).collect()
}

#[actix::test]
async fn firing_and_resolved_have_a_picture_each() {
    tokio::time::pause();
    let world = Setup::new(1.0, 5.0, 3600.0).with_pictures().start().await;
    world.post_at(1.0, &[alert("disk").starts(1.0)]).await;
    world.post_at(4.0, &[alert("disk").starts(1.0).ends(4.0)]).await;
    world.until(20.0).await;
    world.expect(0, &[(2.0, "disk"), (7.0, "disk[resolved]")]);
    assert_eq!(titles(&world.setup, 0), [["disk firing"], ["disk resolved"]]);
}

#[actix::test]
async fn a_thousand_alerts_of_one_rule_are_one_picture() {
    tokio::time::pause();
    let world = Setup::new(1.0, 60.0, 3600.0).with_pictures().start().await;
    let alerts: Vec<_> = (0..1000).map(|n| alert("disk").label("instance", &format!("host{n}")).starts(1.0)).collect();
    world.until(1.0).await;
    for batch in alerts.chunks(64) {
        world.post(batch).await.unwrap();
    }
    world.until(20.0).await;
    let captures = world.setup.renderer.captures();
    assert_eq!(captures.len(), 1, "{captures:?}");
    assert_eq!(captures[0].alerts, 1000);
    assert_eq!(captures[0].labels.to_string(), r#"{alertname="disk"}"#);
    assert_eq!(titles(&world.setup, 0), [["disk firing"]]);
}

#[actix::test]
async fn never_more_captures_at_once_than_configured_and_every_notification_goes_out() {
    tokio::time::pause();
    let world = Setup::new(1.0, 60.0, 3600.0).with_pictures().group_by(&["alertname"]).start().await;
    world.setup.renderer.take(Duration::from_millis(300));
    let alerts: Vec<_> = (0..500).map(|n| alert(&format!("panel{n:03}")).starts(1.0)).collect();
    world.post_at(1.0, &alerts).await;
    world.until(60.0).await;
    assert_eq!(world.setup.renderer.most_at_once(), 5);
    assert_eq!(world.told(0).len(), 500);
}

#[actix::test]
async fn a_source_that_is_too_slow_costs_the_picture_and_not_the_text() {
    tokio::time::pause();
    let world = Setup::new(1.0, 60.0, 3600.0).with_pictures().start().await;
    world.setup.renderer.take(Duration::from_secs(3600));
    world.post_at(1.0, &[alert("disk").starts(1.0)]).await;
    world.until(30.0).await;
    world.expect(0, &[(4.0, "disk")]);
    assert_eq!(titles(&world.setup, 0), [Vec::<String>::new()]);
    assert_eq!(world.metrics.screenshot_failures.with_label_values(&["timeout"]).get(), 1);
    assert_eq!(world.metrics.pictures_missing.with_label_values(&["capture_failed"]).get(), 1);
}

#[actix::test]
async fn a_source_that_fails_does_not_hold_up_the_text() {
    tokio::time::pause();
    let world = Setup::new(1.0, 60.0, 3600.0).with_pictures().start().await;
    world.setup.renderer.fail(Some(RenderErrorKind::Content));
    world.post_at(1.0, &[alert("disk").starts(1.0)]).await;
    world.until(30.0).await;
    world.expect(0, &[(2.0, "disk")]);
}

#[actix::test]
async fn a_late_picture_is_added_to_the_message() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 60.0, 3600.0).with_pictures();
    let late = FakeChannel::new("late", setup.clock.clone()).with(|limits| limits.pictures.late = LatePictures::Add);
    let setup = Setup { channels: vec![Arc::new(late)], ..setup };
    setup.renderer.take(Duration::from_secs(7));
    let world = setup.start().await;
    world.post_at(1.0, &[alert("disk").starts(1.0)]).await;
    world.until(30.0).await;
    world.expect(0, &[(4.0, "disk")]);
    let told = world.setup.channels[0].told();
    let Some(Told::Pictures { titles, .. }) = told.get(1) else { panic!("no late picture: {told:?}") };
    assert_eq!(titles, &["disk firing"]);
    assert_eq!(told.len(), 2);
}

#[actix::test]
async fn a_picture_is_added_in_the_second_step() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 60.0, 3600.0).with_pictures();
    let channel = FakeChannel::new("steps", setup.clock.clone()).in_two_steps();
    let setup = Setup { channels: vec![Arc::new(channel)], ..setup };
    let world = setup.start().await;
    world.post_at(1.0, &[alert("disk").starts(1.0)]).await;
    world.until(30.0).await;
    assert_eq!(world.told(0).len(), 1);
    assert_eq!(world.setup.channels[0].told().len(), 2);
}

#[actix::test]
async fn a_full_disk_costs_no_picture_while_it_is_in_memory() {
    tokio::time::pause();
    let world = Setup::new(1.0, 60.0, 3600.0).with_pictures().start().await;
    world.setup.images.fail(true);
    world.post_at(1.0, &[alert("disk").starts(1.0)]).await;
    world.until(30.0).await;
    assert_eq!(titles(&world.setup, 0), [["disk firing"]]);
}

#[actix::test]
async fn firing_again_is_a_new_picture() {
    tokio::time::pause();
    let world = Setup::new(1.0, 5.0, 3600.0).with_pictures().start().await;
    world.post_at(1.0, &[alert("disk").starts(1.0)]).await;
    world.post_at(4.0, &[alert("disk").starts(1.0).ends(4.0)]).await;
    world.post_at(200.0, &[alert("disk").starts(200.0)]).await;
    world.until(220.0).await;
    assert_eq!(titles(&world.setup, 0), [["disk firing"], ["disk resolved"], ["disk firing"]]);
    assert_eq!(world.setup.renderer.captures().len(), 3);
}

#[actix::test]
async fn pictures_that_were_not_sent_for_long_are_deleted() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 5.0, 3600.0).with_pictures();
    let world = Setup { retention: Duration::from_secs(3600), ..setup }.start().await;
    world.post_at(1.0, &[alert("disk").starts(1.0)]).await;
    world.post_at(4.0, &[alert("disk").starts(1.0).ends(4.0)]).await;
    world.until(3_000.0).await;
    assert_eq!(world.setup.images.len(), 2);
    world.until(5_000.0).await;
    assert_eq!(world.setup.images.len(), 0);
}

/// Where the pictures of the first channel's last message are linked.
fn hosts(setup: &Setup) -> Vec<String> {
    let messages = setup.channels[0].messages();
    let (_, last) = messages.last().expect("a message");
    let urls = last.pictures.iter().map(|picture| picture.url.clone());
    urls.map(|url| url.expect("a link").split('/').nth(2).expect("a host").to_owned()).collect()
}

#[actix::test]
async fn uploaded_pictures_are_linked_outside_and_the_others_here() {
    tokio::time::pause();
    let world = Setup::new(1.0, 5.0, 3600.0).with_pictures().start().await;
    world.post_at(1.0, &[alert("disk").starts(1.0)]).await;
    world.until(100.0).await;
    world.setup.images.upload(Cloud::Works);
    world.post_at(101.0, &[alert("cpu").starts(101.0)]).await;
    world.until(200.0).await;
    world.setup.images.upload(Cloud::Refuses);
    world.post_at(201.0, &[alert("memory").starts(201.0)]).await;
    world.until(300.0).await;
    assert_eq!(hosts(&world.setup), ["images.test", "cloud.test", "images.test"]);
    assert_eq!(world.setup.images.len(), 3, "each was saved here first");
    let (_, last) = world.setup.channels[0].messages().pop().expect("a message");
    let records = last
        .pictures
        .iter()
        .map(|picture| world.setup.store.picture(&picture.record.id).expect("read").expect("recorded").uploaded);
    assert_eq!(records.collect::<Vec<_>>(), [None, Some("cloud".into()), None], "a restart knows it");
}

#[actix::test]
async fn a_full_disk_stops_no_upload() {
    tokio::time::pause();
    let world = Setup::new(1.0, 5.0, 3600.0).with_pictures().start().await;
    world.setup.images.fail(true);
    world.setup.images.upload(Cloud::Works);
    world.post_at(1.0, &[alert("disk").starts(1.0)]).await;
    world.until(100.0).await;
    assert_eq!(hosts(&world.setup), ["cloud.test"]);
    assert_eq!(world.setup.images.len(), 0);
}

#[actix::test]
async fn what_a_store_does_not_delete_is_tried_again_hours_later() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 5.0, 3600.0).with_pictures();
    let world = Setup { retention: Duration::from_secs(3600), ..setup }.start().await;
    world.setup.images.upload(Cloud::Refuses);
    world.post_at(1.0, &[alert("disk").starts(1.0)]).await;
    world.post_at(4.0, &[alert("disk").starts(1.0).ends(4.0)]).await;
    world.until(8_000.0).await;
    let id = world.setup.channels[0].messages()[0].1.pictures[0].record.id.clone();
    let recorded = |world: &World| world.setup.store.picture(&id).expect("read").is_some();
    assert_eq!(world.setup.images.len(), 0, "the room on our own disk is free again");
    assert!(recorded(&world));
    world.setup.images.upload(Cloud::Works);
    world.until(8_000.0 + 3_600.0).await;
    assert!(recorded(&world), "it stands back");
    world.until(8_000.0 + 8.0 * 3_600.0).await;
    assert!(!recorded(&world));
}
