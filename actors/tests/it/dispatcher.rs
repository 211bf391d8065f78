//! Facts about Alertmanager's dispatcher, replayed: when groups are told, when ended alerts leave them, what a failed flush keeps.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use actors::testing::{Answer, FakeChannel, Setup, alert};
use alerts::ports::{SendError, SendErrorKind};

fn fails(after: Duration) -> Answer {
    Answer::Fail(after, SendError::new(SendErrorKind::Retry, "no answer in time"))
}

/// Alertmanager's scenario `Retry`: of two webhooks one drops what it is told; both are told again with the repeat interval.
#[actix::test]
async fn retry() {
    tokio::time::pause();
    let mut setup = Setup::new(1.0, 2.0, 3.0).group_by(&["alertname"]);
    setup.channels.push(Arc::new(FakeChannel::new("second", setup.clock.clone())));
    let world = setup.start().await;
    world.post_at(1.0, &[alert("test1")]).await;
    world.until(6.5).await;
    for channel in [0, 1] {
        world.expect(channel, &[(2.0, "test1"), (6.0, "test1")]);
    }
}

/// Alertmanager's scenario `WebhookTimeout`: an attempt that takes too long is given up after 500 ms and tried again, long before
/// the next interval.
#[actix::test]
async fn webhook_timeout() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 60.0, 60.0).group_by(&["alertname"]);
    setup.channels[0].then(fails(Duration::from_millis(500)));
    let world = setup.start().await;
    world.post_at(1.0, &[alert("test1")]).await;
    world.until(4.0).await;
    let told = world.told(0);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!((3.0..=4.0).contains(&told[0].0), "{told:?}");
}

/// Alertmanager's scenario `ResolvedFilter` goes on: the log of who is told no ends is cleared all the same, so the next firing is told.
#[actix::test]
async fn who_is_told_no_ends_is_told_when_it_fires_again() {
    tokio::time::pause();
    let mut setup = Setup::new(1.0, 5.0, 3600.0);
    setup.channels =
        vec![Arc::new(FakeChannel::new("hook", setup.clock.clone()).with(|limits| limits.send_resolved = false))];
    let world = setup.start().await;
    world.post_at(1.0, &[alert("a").starts(1.0)]).await;
    world.post_at(3.0, &[alert("a").starts(1.0).ends(3.0)]).await;
    world.post_at(20.0, &[alert("a").starts(20.0)]).await;
    world.until(30.0).await;
    world.expect(0, &[(2.0, "a"), (21.0, "a")]);
}

/// The first batch not before the wait is over, then one per interval with the old and the new; an end is told once.
#[actix::test]
async fn an_ended_alert_is_told_once_and_leaves_its_group() {
    tokio::time::pause();
    // the shortest repeat: every interval tells
    let world = Setup::new(1.0, 0.3, 0.001).start().await;
    world.post_at(1.0, &[alert("a").starts(1.0)]).await;
    world.post_at(2.05, &[alert("b").starts(2.05)]).await;
    world.post_at(2.35, &[alert("a").starts(1.0).ends(2.35)]).await;
    world.post_at(2.95, &[alert("b").starts(2.05).ends(2.95)]).await;
    world.until(5.0).await;
    world.expect(0, &[(2.0, "a"), (2.3, "a b"), (2.6, "a[resolved] b"), (2.9, "b"), (3.2, "b[resolved]")]);
    assert_eq!(world.metrics.groups.get(), 0, "the group empties itself");
}

#[actix::test]
async fn without_a_wait_none_of_five_thousand_alerts_is_lost() {
    tokio::time::pause();
    let world = Setup::new(0.0, 300.0, 3600.0).group_by(&["alertname"]).start().await;
    let name = |number: u32| format!("a{number:04}");
    for batch in 0..50 {
        let alerts: Vec<_> = (batch * 100..(batch + 1) * 100).map(|number| alert(&name(number))).collect();
        world.post_at(1.0, &alerts).await;
    }
    world.until(6.0).await;
    let told: BTreeSet<String> = world.told(0).into_iter().map(|(_, what)| what).collect();
    assert_eq!(told, (0..5_000).map(name).collect());
    assert_eq!(world.told(0).len(), 5_000);
}

/// In one group, without a wait: what comes after the first flush waits for the interval, and none is lost between the two.
#[actix::test]
async fn without_a_wait_one_group_loses_none() {
    tokio::time::pause();
    let world = Setup::new(0.0, 5.0, 3600.0).start().await;
    for number in 0..500 {
        world.post(&[alert(&format!("a{number:03}"))]).await.unwrap();
    }
    world.until(12.0).await;
    let told = world.told(0);
    let last = told.last().map(|(_, what)| what.split(' ').count());
    assert_eq!(last, Some(500), "{} messages", told.len());
}

/// An end that could not be told stays: who was away for several intervals still hears of it.
#[actix::test]
async fn an_end_whose_flush_failed_is_not_forgotten() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 5.0, 3600.0);
    let world = setup.start().await;
    world.post_at(1.0, &[alert("a").starts(1.0), alert("b").starts(1.0)]).await;
    world.until(3.0).await;
    world.setup.channels[0].always(fails(Duration::ZERO));
    world.post_at(4.0, &[alert("a").starts(1.0).ends(4.0)]).await;
    world.until(40.0).await;
    world.expect(0, &[(2.0, "a b")]);
    world.setup.channels[0].always(Answer::Take(Duration::ZERO));
    world.until(130.0).await;
    let told = world.told(0);
    assert_eq!(told.len(), 2, "once: {told:?}");
    assert_eq!(told[1].1, "a[resolved] b");
}

/// An alert that fires again while its end is being sent: the end of before does not take it out of its group.
#[actix::test]
async fn an_alert_that_fires_again_during_the_flush_stays_in_its_group() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 5.0, 3600.0);
    let world = setup.start().await;
    world.post_at(1.0, &[alert("a").starts(1.0)]).await;
    world.until(3.0).await;
    world.setup.channels[0].always(Answer::Take(Duration::from_secs(2)));
    world.post_at(4.0, &[alert("a").starts(1.0).ends(4.0)]).await;
    // the flush at 7 takes until 9
    world.post_at(8.0, &[alert("a").starts(8.0)]).await;
    world.until(30.0).await;
    let told: Vec<String> = world.told(0).into_iter().map(|(_, what)| what).collect();
    assert_eq!(told, ["a", "a[resolved]", "a"]);
    assert_eq!(world.metrics.groups.get(), 1);
}

/// Ends and fires again within one interval: nobody hears of it, as there (#2398).
#[actix::test]
async fn an_alert_that_ends_and_fires_again_within_an_interval_makes_no_message() {
    tokio::time::pause();
    let world = Setup::new(1.0, 10.0, 3600.0).start().await;
    world.post_at(1.0, &[alert("a").starts(1.0)]).await;
    world.post_at(4.0, &[alert("a").starts(1.0).ends(4.0)]).await;
    world.post_at(7.0, &[alert("a").starts(7.0)]).await;
    world.until(40.0).await;
    world.expect(0, &[(2.0, "a")]);
}

/// Other annotations make no message, and the next message has the newest.
#[actix::test]
async fn other_annotations_alone_are_no_news() {
    tokio::time::pause();
    let world = Setup::new(1.0, 5.0, 3600.0).start().await;
    let a = || alert("a").starts(1.0);
    world.post_at(1.0, &[a().annotation("value", "1")]).await;
    world.post_at(4.0, &[a().annotation("value", "2")]).await;
    world.until(20.0).await;
    world.expect(0, &[(2.0, "a")]);
    world.post_at(20.1, &[alert("b").starts(20.1)]).await;
    world.until(30.0).await;
    let messages = world.setup.channels[0].messages();
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[1].1.alerts[0].alert.annotations.value("value"), "2");
}

/// With a start delay of 2 s: an alert that is an hour old is told when the delay is over, and one that comes later at once.
#[actix::test]
async fn old_alerts_wait_for_the_start_delay_only() {
    tokio::time::pause();
    let mut setup = Setup::new(30.0, 300.0, 3600.0).group_by(&["alertname"]);
    setup.start_delay = Duration::from_secs(2);
    let world = setup.start().await;
    world.post_at(0.5, &[alert("old").starts(-3_600.0)]).await;
    world.post_at(5.0, &[alert("older").starts(-7_200.0)]).await;
    world.until(20.0).await;
    world.expect(0, &[(2.0, "old"), (5.0, "older")]);
}
