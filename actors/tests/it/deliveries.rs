//! Receivers that are slow, down, or say no; restarts; and panics.

use std::{sync::Arc, time::Duration};

use actors::testing::{Answer, FakeChannel, Setup, Told, alert};
use alerts::{
    intake::NotAccepted,
    ports::{LatePictures, Limits, Pace, SendError, SendErrorKind},
    route::RouteSettings,
};

fn fails(kind: SendErrorKind) -> Answer {
    Answer::Fail(Duration::ZERO, SendError::new(kind, "the fake says no"))
}

#[actix::test]
async fn a_receiver_that_was_down_gets_the_last_state_once() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 5.0, 3600.0);
    setup.channels[0].always(fails(SendErrorKind::Retry));
    let world = setup.start().await;
    for number in 0..20 {
        world
            .post_at(1.0 + 5.0 * f64::from(number), &[alert(&format!("a{number:02}")).starts(1.0).ends(9_000.0)])
            .await;
    }
    world.until(200.0).await;
    world.setup.channels[0].always(Answer::Take(Duration::ZERO));
    world.until(600.0).await;
    let told = world.told(0);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].1.split(' ').count(), 20);
    assert!(world.setup.store.outbox().is_empty());
}

#[actix::test]
async fn what_fired_and_resolved_while_the_receiver_was_down_is_told_as_resolved_if_it_was_tried() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 5.0, 3600.0);
    setup.channels[0].always(fails(SendErrorKind::Retry));
    let world = setup.start().await;
    world.post_at(1.0, &[alert("a").starts(1.0)]).await;
    world.post_at(8.0, &[alert("a").starts(1.0).ends(8.0)]).await;
    world.until(30.0).await;
    world.setup.channels[0].always(Answer::Take(Duration::ZERO));
    world.until(120.0).await;
    let told = world.told(0);
    assert_eq!(told.iter().map(|(_, what)| what.as_str()).collect::<Vec<_>>(), ["a[resolved]"]);
}

#[actix::test]
async fn what_fired_and_resolved_while_the_destination_rested_untried_is_told_to_nobody() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 5.0, 3600.0).group_by(&["alertname"]);
    setup.channels[0].then(fails(SendErrorKind::RetryAfter(Duration::from_secs(100))));
    let world = setup.start().await;
    world.post_at(1.0, &[alert("first").starts(1.0).ends(5_000.0)]).await;
    world.post_at(10.0, &[alert("second").starts(10.0)]).await;
    world.post_at(14.0, &[alert("second").starts(10.0).ends(14.0)]).await;
    world.until(300.0).await;
    world.expect(0, &[(102.0, "first")]);
}

#[actix::test]
async fn retry_after_holds_the_whole_destination() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 300.0, 3600.0).group_by(&["alertname"]);
    setup.channels[0].then(fails(SendErrorKind::RetryAfter(Duration::from_secs(30))));
    let world = setup.start().await;
    world.post_at(1.0, &[alert("a").starts(1.0)]).await;
    world.post_at(5.0, &[alert("b").starts(5.0)]).await;
    world.until(60.0).await;
    world.expect(0, &[(32.0, "b"), (32.0, "a")]);
}

#[actix::test]
async fn a_destination_that_says_no_rests_and_is_probed() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 7200.0, 7200.0);
    setup.channels[0].always(fails(SendErrorKind::Unauthorised));
    let world = setup.start().await;
    world.post_at(1.0, &[alert("a").starts(1.0).ends(9_000.0)]).await;
    world.until(70.0).await;
    assert_eq!(world.metrics.paused.with_label_values(&["default/fake/hook"]).get(), 1);
    world.until(1_000.0).await;
    let attempts: Vec<i64> = world.setup.channels[0].attempts().iter().map(|at| at.as_secs() - 1_700_000_000).collect();
    assert_eq!(attempts, [2, 62, 182, 422, 902]);
    world.setup.channels[0].always(Answer::Take(Duration::ZERO));
    world.until(2_000.0).await;
    assert_eq!(world.told(0).len(), 1);
    assert_eq!(world.metrics.paused.with_label_values(&["default/fake/hook"]).get(), 0);
}

#[actix::test]
async fn a_rejected_notification_is_a_dead_letter_and_others_go_on() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 300.0, 3600.0).group_by(&["alertname"]);
    setup.channels[0].then(fails(SendErrorKind::Rejected));
    let world = setup.start().await;
    world.post_at(1.0, &[alert("bad").starts(1.0)]).await;
    world.post_at(5.0, &[alert("good").starts(5.0)]).await;
    world.until(60.0).await;
    world.expect(0, &[(6.0, "good")]);
    assert!(world.setup.store.history().iter().any(|entry| entry.delivery.last_error.is_some()));
}

#[actix::test]
async fn a_delivery_that_is_too_old_is_a_dead_letter() {
    tokio::time::pause();
    let mut setup = Setup::new(1.0, 100_000.0, 200_000.0);
    setup.delivery_max_age = Some(Duration::from_secs(600));
    setup.channels[0].always(fails(SendErrorKind::Retry));
    let world = setup.start().await;
    world.post_at(1.0, &[alert("a").starts(1.0).ends(90_000.0)]).await;
    world.until(1_000.0).await;
    assert!(world.setup.store.outbox().is_empty());
    assert_eq!(world.metrics.deliveries.with_label_values(&["default/fake/hook", "expired"]).get(), 1);
}

#[actix::test]
async fn a_slow_receiver_does_not_hold_up_its_neighbour() {
    tokio::time::pause();
    let mut setup = Setup::new(1.0, 5.0, 3600.0).group_by(&["alertname"]);
    setup.channels.push(Arc::new(FakeChannel::new("slow", setup.clock.clone()).with(|limits| limits.concurrency = 1)));
    setup.channels[1].always(Answer::Take(Duration::from_secs(8)));
    let world = setup.start().await;
    world.post_at(1.0, &[alert("a").starts(1.0), alert("b").starts(1.0)]).await;
    world.until(30.0).await;
    world.expect(0, &[(2.0, "a"), (2.0, "b")]);
    assert_eq!(world.told(1).len(), 2);
    assert!((world.told(1)[1].0 - 18.0).abs() < 0.1, "one at a time: {:?}", world.told(1));
}

#[actix::test]
async fn a_panicking_channel_loses_one_delivery_and_nothing_else() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 300.0, 3600.0).group_by(&["alertname"]);
    setup.channels[0].then(Answer::Panic);
    let world = setup.start().await;
    world.post_at(1.0, &[alert("a").starts(1.0)]).await;
    world.post_at(5.0, &[alert("b").starts(5.0)]).await;
    world.until(60.0).await;
    world.expect(0, &[(6.0, "b")]);
}

#[actix::test]
async fn a_poisoned_alert_is_set_aside_and_its_neighbours_notice_nothing() {
    tokio::time::pause();
    let world = Setup::new(1.0, 300.0, 3600.0).with_pictures().group_by(&["alertname"]).start().await;
    world.post_at(1.0, &[alert("before").starts(1.0)]).await;
    world.until(2.0).await;
    let poison = alert("poison").starts(2.0).label("poison", "yes");
    let refused = world.post(&[poison.clone(), alert("with").starts(2.0)]).await;
    assert!(matches!(refused, Err(NotAccepted::NotDurable(_))), "{refused:?}");
    world.until(3.0).await;
    // The sender repeats: what is poisoned is skipped, the rest is taken.
    assert_eq!(world.post(&[poison, alert("with").starts(2.0)]).await, Ok(()));
    world.post_at(4.0, &[alert("after").starts(4.0)]).await;
    world.until(60.0).await;
    let mut names: Vec<String> = world.told(0).into_iter().map(|(_, what)| what).collect();
    names.sort();
    assert_eq!(names, ["after", "before", "with"]);
}

#[actix::test]
async fn the_database_fails_and_pages_still_go_out() {
    tokio::time::pause();
    let world = Setup::new(1.0, 300.0, 3600.0).group_by(&["alertname"]).start().await;
    world.setup.store.fail(true);
    world.until(1.0).await;
    let answer = world.post(&[alert("a").starts(1.0)]).await;
    assert!(matches!(answer, Err(NotAccepted::NotDurable(_))), "the sender must repeat: {answer:?}");
    assert!(world.machine.unready()().is_some());
    world.until(10.0).await;
    world.expect(0, &[(2.0, "a")]);
    world.setup.store.fail(false);
    world.until(12.0).await;
    assert_eq!(world.post(&[alert("a").starts(1.0)]).await, Ok(()));
    assert_eq!(world.machine.unready()(), None);
    world.until(30.0).await;
    assert_eq!(world.setup.store.alerts().len(), 1);
    assert_eq!(world.setup.store.log().len(), 1, "what was sent meanwhile is in the log");
    world.expect(0, &[(2.0, "a")]);
}

#[actix::test]
async fn the_fallback_receiver_is_told_at_once_what_a_resting_destination_does_not_get() {
    tokio::time::pause();
    let mut setup = Setup::new(1.0, 600.0, 7200.0).group_by(&["alertname"]);
    let fallback = Arc::new(FakeChannel::new("fallback", setup.clock.clone()));
    setup.receivers.push(("backup".to_owned(), vec![fallback.clone()]));
    setup.fallback_receiver = Some("backup".to_owned());
    setup.channels[0].always(fails(SendErrorKind::Unauthorised));
    let world = setup.start().await;
    world.post_at(1.0, &[alert("a").starts(1.0).ends(9_000.0)]).await;
    world.post_at(10.0, &[alert("b").starts(10.0).ends(9_000.0)]).await;
    world.until(500.0).await;
    let told: Vec<(i64, String)> = fallback
        .messages()
        .iter()
        .map(|(at, message)| {
            assert!(message.alerts[0].alert.annotations.value("undelivered_to").contains("default/fake/hook"));
            (at.as_secs() - 1_700_000_000, message.alerts[0].alert.name().to_owned())
        })
        .collect();
    assert_eq!(told, [(2, "a".to_owned()), (11, "b".to_owned())]);
    world.setup.channels[0].always(Answer::Take(Duration::ZERO));
    world.until(2_000.0).await;
    assert_eq!(world.told(0).len(), 2, "the destination itself is told too, once it takes messages again");
}

/// A vendor counts what arrives, not which of our receivers sent it.
#[actix::test]
async fn integrations_that_lead_to_one_destination_share_its_pace() {
    tokio::time::pause();
    let mut setup = Setup::new(1.0, 600.0, 7200.0);
    let slow = |clock: &Arc<actors::testing::VirtualClock>| {
        let paced = |limits: &mut Limits| limits.pace = Pace { burst: 1, period: Duration::from_secs(10) };
        Arc::new(FakeChannel::new("shared", clock.clone()).with(paced))
    };
    setup.channels = vec![slow(&setup.clock)];
    let other = slow(&setup.clock);
    setup.receivers.push(("other".to_owned(), vec![other.clone()]));
    let route = |receiver: &str, continues| RouteSettings {
        receiver: Some(receiver.to_owned()),
        continues,
        ..RouteSettings::default()
    };
    setup.route.routes = vec![route("default", true), route("other", false)];
    other.then(fails(SendErrorKind::RetryAfter(Duration::from_secs(60))));
    setup.channels[0].then(fails(SendErrorKind::RetryAfter(Duration::from_secs(60))));
    let world = setup.start().await;
    world.post_at(1.0, &[alert("a").starts(1.0).ends(5_000.0)]).await;
    world.until(300.0).await;
    let mut attempts = [other.attempts(), world.setup.channels[0].attempts()].concat();
    attempts.sort();
    let attempts: Vec<i64> = attempts.iter().map(|at| at.as_secs() - 1_700_000_000).collect();
    // one is told to wait for a minute, and the other does not even ask; then they keep ten seconds between them, and wait together
    assert_eq!(attempts, [2, 62, 72, 132]);
}

/// A late picture is a request like any other.
#[actix::test]
async fn a_late_picture_waits_for_its_turn() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 60.0, 3600.0).with_pictures();
    let late = FakeChannel::new("late", setup.clock.clone()).with(|limits| {
        limits.pictures.late = LatePictures::Add;
        limits.pace = Pace { burst: 1, period: Duration::from_secs(30) };
    });
    let setup = Setup { channels: vec![Arc::new(late)], ..setup };
    setup.renderer.take(Duration::from_secs(7));
    let world = setup.start().await;
    world.post_at(1.0, &[alert("disk").starts(1.0)]).await;
    world.until(50.0).await;
    let told = world.setup.channels[0].told();
    let Some(Told::Pictures { at, .. }) = told.get(1) else { panic!("no late picture: {told:?}") };
    assert_eq!(at.as_secs() - 1_700_000_000, 34, "thirty seconds after the text");
}

/// Edits and threads go on while something fires; what fires after the end begins anew.
#[actix::test]
async fn a_conversation_ends_with_the_resolve() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 10.0, 3600.0);
    let edits = FakeChannel::new("edits", setup.clock.clone()).with(|limits| limits.editing.edit = true);
    let setup = Setup { channels: vec![Arc::new(edits)], ..setup };
    let world = setup.start().await;
    world.post_at(1.0, &[alert("a").starts(1.0).ends(5_000.0)]).await;
    world.post_at(15.0, &[alert("b").starts(15.0).ends(5_000.0)]).await;
    world.post_at(30.0, &[alert("a").starts(1.0).ends(30.0), alert("b").starts(15.0).ends(30.0)]).await;
    world.post_at(60.0, &[alert("a").starts(60.0).ends(5_000.0)]).await;
    world.until(100.0).await;
    let previous: Vec<bool> = world.setup.channels[0].previous().iter().map(Option::is_some).collect();
    assert_eq!(previous, [false, true, true, false], "{:?}", world.told(0));
}
