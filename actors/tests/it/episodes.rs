//! The rules about which pictures are taken and shown: two in an episode, the newest of each panel in a message, late ones only
//! where they still belong.

use std::{sync::Arc, time::Duration};

use actors::testing::{FakeChannel, Setup, Told, VirtualClock, World, alert};
use alerts::{
    Time,
    ports::{LatePictures, RenderErrorKind},
};

fn second(time: Time) -> f64 {
    ((time.as_nanos() - VirtualClock::ZERO.as_nanos()) as f64 / 1e9).floor()
}

/// Of each message of the first channel: title and time of each picture.
fn shown(world: &World) -> Vec<Vec<(String, f64)>> {
    let messages = world.setup.channels[0].messages();
    let picture = |p: &alerts::picture::Picture| (p.record.title.clone(), second(p.record.taken_at));
    messages.iter().map(|(_, message)| message.pictures.iter().map(picture).collect()).collect()
}

fn late_channel(setup: Setup) -> Setup {
    let late = FakeChannel::new("late", setup.clock.clone()).with(|limits| limits.pictures.late = LatePictures::Add);
    Setup { channels: vec![Arc::new(late)], ..setup }
}

/// Whatever is said of an alert while it fires: it has its two pictures, whose captures are two.
#[actix::test]
async fn at_most_two_pictures_in_an_episode() {
    tokio::time::pause();
    let world = Setup::new(1.0, 5.0, 60.0).with_pictures().start().await;
    for minute in 0..20 {
        let one = alert("disk").starts(1.0).annotation("summary", &format!("{minute} minutes"));
        world.post_at(1.0 + 60.0 * f64::from(minute), &[one]).await;
    }
    world.post_at(1_205.0, &[alert("disk").starts(1.0).ends(1_205.0)]).await;
    world.until(1_300.0).await;
    let transitions: Vec<&str> = world.setup.renderer.captures().iter().map(|c| c.transition.as_str()).collect();
    assert_eq!(transitions, ["firing", "resolved"]);
    assert!(world.told(0).len() > 10, "it was repeated");
}

/// Alerts of one panel fire minutes apart: the panel is shown once, as of the last.
#[actix::test]
async fn a_message_shows_the_newest_picture_of_a_panel() {
    tokio::time::pause();
    let world = Setup::new(300.0, 60.0, 3600.0).with_pictures().start().await;
    for minute in 0..3 {
        let starts = 1.0 + 70.0 * f64::from(minute);
        let one = alert("disk").label("instance", &minute.to_string()).starts(starts).ends(1e5);
        world.post_at(starts, &[one]).await;
    }
    world.post_at(200.0, &[alert("cpu").starts(200.0).label("severity", "critical").ends(1e5)]).await;
    world.until(310.0).await;
    let expected = [("cpu firing".to_owned(), 200.0), ("disk firing".to_owned(), 141.0)];
    assert_eq!(shown(&world), [expected]);
    assert_eq!(world.setup.renderer.captures().len(), 4);
}

/// One picture of a panel that fires, and one of the same panel where it resolved; firing comes first.
#[actix::test]
async fn a_message_shows_one_firing_and_one_resolved_picture_of_a_panel() {
    tokio::time::pause();
    let world = Setup::new(1.0, 60.0, 3600.0).with_pictures().start().await;
    let one = |instance: &str| alert("disk").label("instance", instance).starts(1.0);
    world.post_at(1.0, &[one("a").ends(1e5), one("b").ends(1e5), one("c").ends(1e5)]).await;
    world.post_at(30.0, &[one("a").ends(30.0), one("b").ends(30.0)]).await;
    world.until(90.0).await;
    let expected = [("disk firing".to_owned(), 1.0), ("disk resolved".to_owned(), 30.0)];
    assert_eq!(shown(&world)[1], expected);
}

/// The picture of the first message comes when a second one is out: it is added to neither.
#[actix::test]
async fn a_late_picture_is_dropped_if_there_is_a_newer_message() {
    tokio::time::pause();
    let world = late_channel(Setup::new(1.0, 3.0, 3600.0).with_pictures()).start().await;
    world.setup.renderer.take(Duration::from_secs(8));
    world.post_at(1.0, &[alert("disk").starts(1.0).ends(1e5)]).await;
    world.until(3.5).await;
    world.post_at(3.5, &[alert("cpu").starts(3.5).ends(1e5)]).await;
    world.until(60.0).await;
    let late = |outcome: &str| world.metrics.late_pictures.with_label_values(&[outcome]).get();
    assert_eq!(late("outdated"), 1);
    let told = world.setup.channels[0].told();
    let messages = told.iter().filter(|told| matches!(told, Told::Message { .. })).count();
    assert_eq!(messages, 2);
    assert!(told.len() <= messages + 1, "only the newest message gets pictures: {told:?}");
}

/// A failure is remembered for ten seconds: whoever wants the same panel meanwhile costs the source nothing.
#[actix::test]
async fn a_failure_is_remembered_briefly() {
    tokio::time::pause();
    let world = Setup::new(1.0, 60.0, 3600.0).with_pictures().start().await;
    world.setup.renderer.fail(Some(RenderErrorKind::Source));
    let one = |instance: &str| alert("disk").label("instance", instance).ends(1e5);
    world.post_at(2.0, &[one("a")]).await;
    world.post_at(8.0, &[one("b")]).await;
    assert_eq!(world.setup.renderer.captures().len(), 1);
    world.post_at(30.0, &[one("c")]).await;
    world.until(32.0).await;
    assert_eq!(world.setup.renderer.captures().len(), 2);
}

/// The delivery of one group waits for its picture, those of others do not wait for it.
#[actix::test]
async fn others_go_on_while_a_message_waits_for_its_picture() {
    tokio::time::pause();
    let world = Setup::new(1.0, 60.0, 3600.0).with_pictures().group_by(&["alertname"]).start().await;
    world.setup.renderer.take(Duration::from_millis(1_500));
    world.post_at(1.0, &[alert("slow").starts(1.0), alert("quick").label("picture", "none").starts(1.0)]).await;
    world.until(10.0).await;
    world.expect(0, &[(2.0, "quick{picture=\"none\"}"), (2.6, "slow")]);
}

/// Retention counts from the last use: what is told again and again is kept.
#[actix::test]
async fn a_picture_that_is_sent_again_is_kept() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 60.0, 1_800.0).with_pictures();
    let world = Setup { retention: Duration::from_secs(3_600), ..setup }.start().await;
    world.post_at(1.0, &[alert("disk").starts(1.0).ends(20_000.0)]).await;
    world.until(19_000.0).await;
    assert_eq!(world.setup.images.len(), 1, "five times its retention old, and sent every half hour");
    let last = shown(&world).pop().expect("a message");
    assert_eq!(last, [("disk firing".to_owned(), 1.0)]);
}
