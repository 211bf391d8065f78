//! Storms, panics, steps of the clock, a database that fails, and an orderly end.

use std::{sync::Arc, time::Duration};

use actors::testing::{Answer, FakeChannel, Setup, alert};
use alerts::{
    intake::NotAccepted,
    ports::{Clock, SendError, SendErrorKind},
    route::RouteSettings,
};

fn fails(kind: SendErrorKind) -> Answer {
    Answer::Fail(Duration::ZERO, SendError::new(kind, "the fake says no"))
}

/// Beyond the window deliveries come from the outbox; all of them used to be read into memory at once.
#[actix::test]
async fn five_thousand_groups_against_a_slow_receiver_in_bounded_memory() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 600.0, 7200.0).group_by(&["alertname"]);
    setup.channels[0].always(Answer::Take(Duration::from_millis(100)));
    let world = setup.start().await;
    let alerts: Vec<_> = (0..5_000).map(|n| alert(&format!("a{n:04}")).starts(1.0).ends(9_000.0)).collect();
    world.post_at(1.0, &alerts).await;
    let in_memory = world.metrics.deliveries_in_memory.with_label_values(&["default/fake/hook"]);
    for second in 3..140 {
        world.until(f64::from(second)).await;
        assert!(in_memory.get() <= 1_000 + 4, "{} at {second}", in_memory.get());
    }
    assert_eq!(world.told(0).len(), 5_000);
    assert!(world.setup.store.outbox().is_empty());
    assert_eq!(in_memory.get(), 0);
}

#[actix::test]
async fn a_database_that_fails_while_two_thousand_deliveries_wait_loses_none() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 600.0, 7200.0).group_by(&["alertname"]);
    setup.channels[0].always(Answer::Take(Duration::from_millis(100)));
    let world = setup.start().await;
    let alerts = |from: u32| -> Vec<_> {
        (from..from + 1_000).map(|n| alert(&format!("a{n:04}")).starts(1.0).ends(9_000.0)).collect()
    };
    world.post_at(1.0, &alerts(0)).await;
    world.until(3.0).await;
    world.setup.store.fail(true);
    assert!(matches!(world.post(&alerts(1_000)).await, Err(NotAccepted::NotDurable(_))));
    world.until(40.0).await;
    world.setup.store.fail(false);
    world.until(100.0).await;
    let mut told: Vec<String> = world.told(0).into_iter().map(|(_, what)| what).collect();
    told.sort();
    told.dedup();
    assert_eq!((told.len(), world.told(0).len()), (2_000, 2_000));
    assert!(world.setup.store.outbox().is_empty(), "what was sent meanwhile left the outbox, in the right order");
    assert_eq!(world.setup.store.log().len(), 2_000);
}

/// The copy for the fallback receiver used to be as old as the original: it expired before it was sent.
#[actix::test]
async fn the_fallback_receiver_is_told_of_a_delivery_that_became_too_old() {
    tokio::time::pause();
    let mut setup = Setup::new(1.0, 100_000.0, 200_000.0);
    let fallback = Arc::new(FakeChannel::new("fallback", setup.clock.clone()));
    setup.receivers.push(("backup".to_owned(), vec![fallback.clone()]));
    setup.fallback_receiver = Some("backup".to_owned());
    setup.delivery_max_age = Some(Duration::from_secs(600));
    setup.channels[0].always(fails(SendErrorKind::Retry));
    let world = setup.start().await;
    world.post_at(1.0, &[alert("a").starts(1.0).ends(90_000.0)]).await;
    world.until(1_000.0).await;
    assert_eq!(fallback.messages().len(), 1);
    assert!(world.setup.store.outbox().is_empty());
}

/// A group that fell due while channels finished used to spin: stop never came back.
#[actix::test]
async fn stopping_waits_for_the_send_under_way_and_leaves_the_rest_in_the_outbox() {
    tokio::time::pause();
    let mut setup = Setup::new(1.0, 5.0, 3600.0).group_by(&["alertname"]);
    let slow = FakeChannel::new("slow", setup.clock.clone()).with(|limits| limits.concurrency = 1);
    slow.always(Answer::Take(Duration::from_secs(9)));
    setup.channels = vec![Arc::new(slow)];
    let world = setup.start().await;
    world.post_at(1.0, &[alert("a").starts(1.0), alert("b").starts(1.0)]).await;
    world.until(3.0).await;
    world.machine.stop().await;
    assert_eq!(world.told(0).len(), 1, "the one that was under way");
    assert_eq!(world.setup.store.log().len(), 1);
    assert_eq!(world.setup.store.outbox().len(), 1);
    assert_eq!(world.post(&[alert("c")]).await, Err(NotAccepted::Stopping));
    assert_eq!(
        world.metrics.lost_messages.with_label_values(&["screenshots"]).get(),
        0,
        "there is no such actor to tell"
    );
    let second = world.setup.start().await;
    second.until(60.0).await;
    let mut told: Vec<String> = second.told(0).into_iter().map(|(_, what)| what).collect();
    told.sort();
    assert_eq!(told, ["a", "b"]);
}

#[actix::test]
async fn three_panics_of_one_actor_within_a_minute_are_fatal() {
    tokio::time::pause();
    let world = Setup::new(1.0, 300.0, 3600.0).with_pictures().start().await;
    let mut fatal = world.machine.fatal();
    // Poisoned alerts of one shard: their actor panics over each of them once.
    for number in 0..40 {
        let poison = alert("poison").label("poison", "yes").label("n", &number.to_string());
        world.post(&[poison]).await.unwrap_err();
        if tokio::time::timeout(Duration::from_millis(1), fatal.wait()).await.is_ok() {
            return;
        }
    }
    panic!("no actor of four gave up after 40 panics");
}

#[actix::test]
async fn a_clock_that_steps_forward_makes_timers_due_within_a_second() {
    tokio::time::pause();
    let world = Setup::new(600.0, 600.0, 7200.0).start().await;
    world.post_at(1.0, &[alert("a").starts(1.0).ends(9_000.0)]).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    world.setup.clock.step(Duration::from_secs(1_000));
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(world.told(0).len(), 1, "{:?}", world.told(0));
}

#[actix::test]
async fn two_routes_with_equal_matchers_tell_two_receivers() {
    tokio::time::pause();
    let mut setup = Setup::new(1.0, 60.0, 3600.0);
    let other = Arc::new(FakeChannel::new("other", setup.clock.clone()));
    setup.receivers.push(("other".to_owned(), vec![other.clone()]));
    let route = |receiver: &str, continues| RouteSettings {
        receiver: Some(receiver.to_owned()),
        continues,
        ..RouteSettings::default()
    };
    setup.route.routes = vec![route("default", true), route("other", false)];
    let world = setup.start().await;
    world.post_at(1.0, &[alert("a").starts(1.0)]).await;
    world.until(30.0).await;
    world.expect(0, &[(2.0, "a")]);
    assert_eq!(other.messages().len(), 1);
    let keys: std::collections::HashSet<String> =
        world.setup.store.log().into_iter().map(|entry| entry.group_key).collect();
    assert_eq!(keys.len(), 2, "each has a group of its own: {keys:?}");
}

#[actix::test]
async fn an_extension_is_written_before_half_of_the_end_is_used_up_and_not_at_every_repeat() {
    tokio::time::pause();
    let world = Setup::new(1.0, 10_000.0, 20_000.0).start().await;
    world.post_at(1.0, &[alert("a").starts(1.0).ends(241.0)]).await;
    world.until(5.0).await;
    let before = world.setup.store.commits();
    for repeat in 1..=40 {
        let now = 1.0 + 15.0 * f64::from(repeat);
        world.post_at(now, &[alert("a").starts(1.0).ends(now + 240.0)]).await;
        world.until(now + 0.1).await;
        let written = world.setup.store.alerts()[0].ends_at.since(world.setup.clock.now());
        assert!(written > Duration::from_secs(100), "{written:?} are left of the end that is written");
    }
    let commits = world.setup.store.commits() - before;
    assert!((3..=6).contains(&commits), "{commits} commits for 40 repeats over 600 s");
}
