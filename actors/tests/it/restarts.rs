//! `kill -9` at any moment: machines built one after the other on one store.

use std::{sync::Arc, time::Duration};

use actors::testing::{Answer, FakeChannel, Setup, alert};
use alerts::ports::{SendError, SendErrorKind};

fn down() -> Answer {
    Answer::Fail(Duration::ZERO, SendError::new(SendErrorKind::Retry, "connection refused"))
}

#[actix::test]
async fn the_pending_delivery_goes_out_and_who_was_told_is_not_told_again() {
    tokio::time::pause();
    let mut setup = Setup::new(1.0, 60.0, 3600.0);
    setup.channels.push(Arc::new(FakeChannel::new("down", setup.clock.clone())));
    setup.channels[1].always(down());
    let first = setup.start().await;
    first.post_at(1.0, &[alert("a").starts(1.0).ends(241.0)]).await;
    first.until(30.0).await;
    first.expect(0, &[(2.0, "a")]);
    first.expect(1, &[]);
    // Killed; the clock goes on longer than the alert's end.
    first.machine.kill();
    tokio::time::sleep(Duration::from_secs(600)).await;
    setup.channels[1].always(Answer::Take(Duration::ZERO));
    let second = setup.start().await;
    second.until(700.0).await;
    second.expect(0, &[(2.0, "a")]);
    assert_eq!(second.told(1).len(), 1, "{:?}", second.told(1));
    assert_eq!(second.told(1)[0].1, "a");
}

#[actix::test]
async fn an_end_that_was_only_unless_repeated_resolves_nothing_until_senders_had_time_to_repeat() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 10.0, 3600.0);
    let first = setup.start().await;
    first.post_at(1.0, &[alert("a").starts(1.0).ends(241.0), alert("b").starts(1.0).ends(241.0)]).await;
    first.until(30.0).await;
    first.machine.kill();
    tokio::time::sleep(Duration::from_secs(970)).await;
    let second = setup.start().await;
    second.post_at(1_060.0, &[alert("a").starts(1.0).ends(1_300.0)]).await;
    second.until(1_230.0).await;
    second.expect(0, &[(2.0, "a b")]);
    // 240 s after the start nobody has repeated b.
    second.until(1_290.0).await;
    assert_eq!(second.told(0).last().map(|(_, what)| what.clone()), Some("a b[resolved]".to_owned()));
}

#[actix::test]
async fn an_end_that_was_past_when_it_was_received_holds() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 60.0, 3600.0);
    let first = setup.start().await;
    first.post_at(1.0, &[alert("a").starts(1.0)]).await;
    first.post_at(10.0, &[alert("a").starts(1.0).ends(10.0)]).await;
    first.until(20.0).await;
    first.machine.kill();
    let second = setup.start().await;
    second.until(100.0).await;
    second.expect(0, &[(2.0, "a"), (62.0, "a[resolved]")]);
}

#[actix::test]
async fn a_text_that_is_out_is_not_sent_again_after_a_crash() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 60.0, 3600.0).with_pictures();
    let two_steps = Arc::new(FakeChannel::new("steps", setup.clock.clone()).in_two_steps());
    let setup = Setup { channels: vec![two_steps], ..setup };
    setup.channels[0].pictures_take(Duration::from_secs(5));
    let first = setup.start().await;
    first.post_at(1.0, &[alert("a").starts(1.0).ends(9_000.0)]).await;
    // The receipt of the text is durable, its pictures are on their way: then the process dies.
    first.until(4.0).await;
    assert_eq!(first.told(0).len(), 1);
    assert!(setup.store.outbox()[0].receipt.is_some());
    first.machine.kill();
    let second = setup.start().await;
    second.until(60.0).await;
    assert_eq!(second.told(0).len(), 1, "the text was sent once");
    assert!(setup.channels[0].told().len() >= 2, "and its pictures came");
    assert!(setup.store.outbox().is_empty());
    assert_eq!(setup.store.log().len(), 1);
}

#[actix::test]
async fn alerts_that_ended_long_ago_are_forgotten() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 5.0, 3600.0);
    let world = setup.start().await;
    world.post_at(1.0, &[alert("a").starts(1.0)]).await;
    world.post_at(5.0, &[alert("a").starts(1.0).ends(5.0)]).await;
    world.until(2_000.0).await;
    assert_eq!(world.machine.table().len(), 0);
    assert!(world.setup.store.alerts().is_empty());
}
