//! A new configuration for a running machine: timers begin anew, nothing is told twice, nothing is lost, sends go on.

use std::{sync::Arc, time::Duration};

use actors::testing::{Answer, FakeChannel, Setup, World, alert};
use alerts::{
    inhibit::InhibitRule,
    matcher::{Matcher, MatcherSet},
    ports::{SendError, SendErrorKind},
    route::RouteSettings,
};

fn fails(kind: SendErrorKind) -> Answer {
    Answer::Fail(Duration::ZERO, SendError::new(kind, "the fake says no"))
}

async fn reload_at(world: &mut World, seconds: f64) {
    world.until(seconds).await;
    let setup = world.setup.clone();
    world.reload(&setup).await;
}

/// Alertmanager's scenario `Reload`: the group is flushed at the reload and has nothing to tell; its interval begins there.
#[actix::test]
async fn reload() {
    tokio::time::pause();
    let mut world = Setup::new(1.0, 6.0, 600.0).start().await;
    world.post_at(1.0, &[alert("test1").starts(1.0)]).await;
    reload_at(&mut world, 3.0).await;
    world.post_at(4.0, &[alert("test2").starts(4.0)]).await;
    world.until(9.5).await;
    world.expect(0, &[(2.0, "test1"), (9.0, "test1 test2")]);
}

/// Alertmanager's scenario `ColdStart`.
#[actix::test]
async fn cold_start() {
    tokio::time::pause();
    let mut setup = Setup::new(1.0, 6.0, 600.0);
    setup.start_delay = Duration::from_secs(5);
    let mut world = setup.start().await;
    world.post_at(1.0, &[alert("test1").starts(-100.0)]).await;
    world.post_at(2.0, &[alert("test2")]).await;
    reload_at(&mut world, 5.5).await;
    world.post_at(6.0, &[alert("test3")]).await;
    world.post_at(7.0, &[alert("test4")]).await;
    world.until(12.0).await;
    world.expect(0, &[(5.0, "test1 test2"), (11.5, "test1 test2 test3 test4")]);
}

#[actix::test]
async fn a_send_under_way_goes_on_and_the_next_of_its_group_comes_after_it() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 5.0, 600.0);
    setup.channels[0].then(Answer::Take(Duration::from_secs(8)));
    let mut world = setup.start().await;
    world.post_at(1.0, &[alert("a").starts(1.0).ends(500.0)]).await;
    reload_at(&mut world, 3.0).await;
    world.post_at(4.0, &[alert("b").starts(4.0).ends(500.0)]).await;
    world.until(30.0).await;
    // The first is out at 10, said once; the flush at 8 waits for it.
    world.expect(0, &[(10.0, "a"), (10.0, "a b")]);
    assert!(setup.store.outbox().is_empty(), "{:?}", setup.store.outbox());
    assert_eq!(setup.channels[0].attempts().len(), 2);
}

#[actix::test]
async fn what_waited_in_the_outbox_goes_out_by_the_new_channel() {
    tokio::time::pause();
    let mut setup = Setup::new(1.0, 50.0, 600.0);
    setup.channels[0].always(fails(SendErrorKind::Unauthorised));
    let mut world = setup.start().await;
    world.post_at(1.0, &[alert("a").starts(1.0).ends(500.0)]).await;
    world.until(10.0).await;
    // The same destination, with a token that is right.
    setup.channels = vec![Arc::new(FakeChannel::new("hook", setup.clock.clone()))];
    world.reload(&setup).await;
    world.until(12.0).await;
    world.expect(0, &[(10.0, "a")]);
    world.until(400.0).await;
    assert_eq!(world.told(0).len(), 1, "{:?}", world.told(0));
}

#[actix::test]
async fn a_receiver_that_is_gone_takes_its_deliveries_with_it_and_a_new_one_is_told_from_the_beginning() {
    tokio::time::pause();
    let mut setup = Setup::new(1.0, 5.0, 600.0);
    setup.channels[0].always(fails(SendErrorKind::Retry));
    let mut world = setup.start().await;
    world.post_at(1.0, &[alert("a").starts(1.0).ends(500.0)]).await;
    world.until(4.0).await;
    let old = setup.channels[0].clone();
    setup.channels = vec![Arc::new(FakeChannel::new("another", setup.clock.clone()))];
    world.reload(&setup).await;
    let tried = old.attempts().len();
    world.until(30.0).await;
    world.expect(0, &[(4.0, "a")]);
    assert_eq!(old.attempts().len(), tried, "the old one is not tried any more");
    assert!(setup.store.outbox().is_empty(), "{:?}", setup.store.outbox());
}

#[actix::test]
async fn other_routes_group_what_fires_already() {
    tokio::time::pause();
    let mut setup = Setup::new(1.0, 5.0, 600.0);
    setup.receivers = vec![("db".to_owned(), vec![Arc::new(FakeChannel::new("db", setup.clock.clone()))])];
    let mut world = setup.start().await;
    world
        .post_at(1.0, &[alert("a").label("team", "db").starts(1.0).ends(500.0), alert("b").starts(1.0).ends(500.0)])
        .await;
    world.until(4.0).await;
    setup.route.routes = vec![RouteSettings {
        receiver: Some("db".to_owned()),
        matchers: MatcherSet::new(vec![Matcher::equal("team", "db")]),
        group_by: Some(vec!["team".to_owned()]),
        ..RouteSettings::default()
    }];
    world.reload(&setup).await;
    world.until(8.0).await;
    world.expect(0, &[(2.0, r#"b a{team="db"}"#)]);
    let db: Vec<_> = setup.receivers[0].1[0].messages().iter().map(|(_, message)| message.alerts.len()).collect();
    assert_eq!(db, [1]);
}

fn rule() -> InhibitRule {
    InhibitRule {
        source: MatcherSet::new(vec![Matcher::equal("severity", "critical")]),
        target: MatcherSet::new(vec![Matcher::equal("severity", "warning")]),
        ..InhibitRule::default()
    }
}

/// Alertmanager leaks inhibited alerts at a reload (#4064): both fire, the target is old, nothing is told of it.
#[actix::test]
async fn an_inhibited_alert_is_not_told_at_a_reload() {
    tokio::time::pause();
    let mut setup = Setup::new(1.0, 5.0, 600.0).group_by(&["alertname"]);
    setup.inhibit_rules = vec![rule()];
    let mut world = setup.start().await;
    let both = [
        alert("source").label("severity", "critical").starts(1.0).ends(500.0),
        alert("target").label("severity", "warning").starts(1.0).ends(500.0),
    ];
    world.post_at(1.0, &both).await;
    for second in [10.0, 13.0, 31.0] {
        reload_at(&mut world, second).await;
    }
    world.until(100.0).await;
    world.expect(0, &[(2.0, r#"source{severity="critical"}"#)]);
}

#[actix::test]
async fn a_new_rule_counts_the_sources_that_fire_already() {
    tokio::time::pause();
    let mut setup = Setup::new(1.0, 50.0, 600.0).group_by(&["alertname"]);
    let mut world = setup.start().await;
    world.post_at(1.0, &[alert("source").label("severity", "critical").starts(1.0).ends(500.0)]).await;
    world.until(5.0).await;
    setup.inhibit_rules = vec![rule()];
    world.reload(&setup).await;
    world.post_at(6.0, &[alert("target").label("severity", "warning").starts(6.0).ends(500.0)]).await;
    world.until(40.0).await;
    world.expect(0, &[(2.0, r#"source{severity="critical"}"#)]);
}

#[actix::test]
async fn silences_and_pictures_go_on() {
    tokio::time::pause();
    let mut setup = Setup::new(1.0, 5.0, 600.0).with_pictures();
    let mut world = setup.start().await;
    world.silence("quiet", 0.0, 500.0).await;
    world.post_at(1.0, &[alert("quiet").starts(1.0).ends(400.0)]).await;
    world.until(3.0).await;
    setup.screenshots = None;
    world.reload(&setup).await;
    world.post_at(4.0, &[alert("loud").starts(4.0).ends(400.0)]).await;
    world.until(20.0).await;
    assert_eq!(world.told(0).iter().map(|(_, what)| what.as_str()).collect::<Vec<_>>(), ["loud"]);
    assert!(setup.channels[0].messages()[0].1.pictures.is_empty());
    let setup = setup.with_pictures();
    world.reload(&setup).await;
    world.post_at(21.0, &[alert("louder").starts(21.0).ends(400.0)]).await;
    world.until(60.0).await;
    let messages = setup.channels[0].messages();
    assert_eq!(messages.last().unwrap().1.pictures.len(), 1, "{:?}", world.told(0));
}

#[actix::test]
async fn reloading_again_and_again_tells_nobody_twice() {
    tokio::time::pause();
    let mut world = Setup::new(1.0, 5.0, 600.0).group_by(&["alertname"]).start().await;
    for number in 0..50 {
        let second = 1.0 + 0.4 * f64::from(number);
        let name = format!("a{number:02}");
        world.post_at(second, &[alert(&name).starts(second).ends(5_000.0)]).await;
        reload_at(&mut world, second + 0.2).await;
    }
    world.until(60.0).await;
    let mut told: Vec<String> = world.told(0).into_iter().map(|(_, what)| what).collect();
    told.sort();
    assert_eq!(told, (0..50).map(|number| format!("a{number:02}")).collect::<Vec<_>>());
}
