//! `refresh_on_repeat`: who is told the same again sees how it looks now.

use std::{sync::Arc, time::Duration};

use actors::testing::{Answer, FakeChannel, Setup, Told, VirtualClock, World, alert};
use alerts::{
    Status, Time,
    ports::{LatePictures, RenderErrorKind, SendError, SendErrorKind, Store},
};

const REPEAT: f64 = 4.0 * 3600.0;
/// The flush at which the repeat is due: the first one after the interval.
const REPEATED: f64 = REPEAT + 62.0;
const DAY: f64 = 24.0 * 3600.0;

fn second(time: Time) -> f64 {
    (time.as_nanos() - VirtualClock::ZERO.as_nanos()) as f64 / 1e9
}

/// Of each message of the first channel: when it came, and when each of its pictures was taken. Whole seconds.
fn messages(world: &World) -> Vec<(f64, Vec<f64>)> {
    let messages = world.setup.channels[0].messages();
    let taken = |picture: &alerts::picture::Picture| second(picture.record.taken_at).floor();
    messages.iter().map(|(at, m)| (second(*at).floor(), m.pictures.iter().map(taken).collect())).collect()
}

fn setup() -> Setup {
    Setup::new(1.0, 60.0, REPEAT).with_fresh_pictures()
}

async fn fire(world: &World) {
    world.post_at(1.0, &[alert("disk").starts(1.0).ends(DAY)]).await;
}

#[actix::test]
async fn a_repeat_has_a_picture_as_of_now() {
    tokio::time::pause();
    let world = setup().start().await;
    fire(&world).await;
    world.until(REPEAT + 200.0).await;
    assert_eq!(messages(&world), [(2.0, vec![1.0]), (REPEATED, vec![REPEATED])]);
    let captures = world.setup.renderer.captures();
    let ends: Vec<f64> = captures.iter().map(|capture| second(capture.at).floor()).collect();
    assert_eq!(ends, [1.0, REPEATED], "the window ends now");
    assert!(captures.iter().all(|capture| capture.transition == Status::Firing && second(capture.fired_at) < 2.0));
    let first = world.setup.channels[0].messages()[0].1.pictures[0].record.id.clone();
    assert!(world.setup.store.picture(&first).expect("read").is_some(), "the old one waits for its retention");
    assert_eq!(world.setup.images.len(), 2);
}

#[actix::test]
async fn otherwise_it_has_the_old_one() {
    tokio::time::pause();
    let world = Setup::new(1.0, 60.0, REPEAT).with_pictures().start().await;
    fire(&world).await;
    world.until(REPEAT + 200.0).await;
    assert_eq!(messages(&world), [(2.0, vec![1.0]), (REPEATED, vec![1.0])]);
}

#[actix::test]
async fn news_take_no_picture_anew() {
    tokio::time::pause();
    let world = setup().start().await;
    fire(&world).await;
    world.post_at(600.0, &[alert("disk").label("instance", "b").starts(600.0).ends(DAY)]).await;
    world.until(1_000.0).await;
    assert_eq!(world.setup.renderer.captures().len(), 2, "one for each alert");
}

#[actix::test]
async fn a_hundred_alerts_of_a_panel_are_one_new_capture() {
    tokio::time::pause();
    let world = setup().start().await;
    let one = |n: usize| alert("disk").label("instance", &n.to_string()).starts(1.0).ends(DAY);
    world.post_at(1.0, &(0..100).map(one).collect::<Vec<_>>()).await;
    world.until(REPEAT + 200.0).await;
    let alerts: Vec<usize> = world.setup.renderer.captures().iter().map(|capture| capture.alerts).collect();
    assert_eq!(alerts, [100, 100]);
    assert_eq!(messages(&world), [(2.0, vec![1.0]), (REPEATED, vec![REPEATED])]);
}

#[actix::test]
async fn one_that_fails_leaves_the_old_one() {
    tokio::time::pause();
    let world = setup().start().await;
    fire(&world).await;
    world.until(100.0).await;
    world.setup.renderer.fail(Some(RenderErrorKind::Source));
    world.until(REPEAT + 200.0).await;
    assert_eq!(messages(&world), [(2.0, vec![1.0]), (REPEATED, vec![1.0])]);
}

#[actix::test]
async fn one_that_is_late_holds_nothing_up() {
    tokio::time::pause();
    let world = setup().start().await;
    fire(&world).await;
    world.until(100.0).await;
    world.setup.renderer.take(Duration::from_secs(7));
    world.until(REPEAT + 200.0).await;
    assert_eq!(messages(&world), [(2.0, vec![1.0]), (REPEATED + 2.0, vec![1.0])], "image_wait, then the old one");
}

#[actix::test]
async fn one_that_is_late_is_added_and_not_beside_the_old_one() {
    tokio::time::pause();
    let setup = setup();
    let late = FakeChannel::new("late", setup.clock.clone()).with(|limits| limits.pictures.late = LatePictures::Add);
    let world = Setup { channels: vec![Arc::new(late)], ..setup }.start().await;
    fire(&world).await;
    world.until(100.0).await;
    world.setup.renderer.take(Duration::from_secs(7));
    world.until(REPEAT + 200.0).await;
    assert_eq!(messages(&world), [(2.0, vec![1.0]), (REPEATED + 2.0, vec![])]);
    let told = world.setup.channels[0].told();
    let Some(Told::Pictures { at, titles, .. }) = told.last() else { panic!("no late picture: {told:?}") };
    assert_eq!((second(*at).floor(), titles.len()), (REPEATED + 7.0, 1));
}

#[actix::test]
async fn who_shows_no_pictures_wants_none() {
    tokio::time::pause();
    let setup = setup();
    let text = FakeChannel::new("text", setup.clock.clone()).with(|limits| limits.pictures.ways.clear());
    let world = Setup { channels: vec![Arc::new(text)], ..setup }.start().await;
    fire(&world).await;
    world.until(REPEAT + 200.0).await;
    assert_eq!(world.told(0).len(), 2);
    assert_eq!(world.setup.renderer.captures().len(), 1, "the first is for whoever comes later");
}

/// Killed between the wish and the picture: the wish is made again, as of when it was made first.
#[actix::test]
async fn a_wish_survives_kill_9() {
    tokio::time::pause();
    let setup = setup();
    let first = setup.start().await;
    fire(&first).await;
    first.until(100.0).await;
    setup.renderer.take(Duration::from_secs(3600));
    setup.channels[0].always(Answer::Fail(Duration::ZERO, SendError::new(SendErrorKind::Retry, "connection refused")));
    first.until(REPEATED + 3.0).await;
    first.machine.kill();
    first.until(REPEATED + 30.0).await;
    setup.renderer.take(Duration::ZERO);
    setup.channels[0].always(Answer::Take(Duration::ZERO));
    let second_life = setup.start().await;
    second_life.until(REPEAT + 400.0).await;
    let ends: Vec<f64> = setup.renderer.captures().iter().map(|capture| second(capture.at).floor()).collect();
    let last = *ends.last().expect("captures");
    assert!((REPEATED..=REPEATED + 60.0).contains(&last), "{ends:?}");
    let slots = setup.store.alerts()[0].pictures.clone();
    let id = slots.firing.taken().expect("it was taken").clone();
    assert!(!slots.firing.is_awaited());
    assert!(second(setup.store.picture(&id).expect("read").expect("recorded").taken_at) > REPEATED);
}
