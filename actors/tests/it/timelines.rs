//! Alertmanager's own acceptance scenarios (`test/with_api_v2/acceptance`), in virtual time.

use std::{sync::Arc, time::Duration};

use actors::testing::{Answer, FakeChannel, Setup, alert};
use alerts::{
    inhibit::InhibitRule,
    matcher::{Matcher, MatcherSet},
    ports::{SendError, SendErrorKind},
};

#[actix::test]
async fn merge_alerts() {
    tokio::time::pause();
    let world = Setup::new(1.0, 1.0, 0.001).group_by(&["alertname"]).start().await;
    let test = || alert("test");
    world.post_at(1.0, &[test().starts(1.1)]).await;
    world.post_at(1.2, &[test().starts(1.0)]).await;
    world.post_at(2.1, &[test().starts(1.0).annotation("ann", "v1")]).await;
    world.post_at(3.6, &[test().starts(1.5).annotation("ann", "v2")]).await;
    world.post_at(4.6, &[test().starts(3.0).ends(4.5).annotation("ann", "v2")]).await;
    world.post_at(4.8, &[test().starts(2.9).ends(4.8).annotation("ann", "v3")]).await;
    world.post_at(4.8, &[test().starts(2.9).ends(4.1).annotation("ann", "v3")]).await;
    world.post_at(5.3, &[test().starts(5.0)]).await;
    world.until(6.5).await;
    world.expect(0, &[(2.0, "test"), (3.0, "test"), (4.0, "test"), (5.0, "test[resolved]"), (6.0, "test")]);
    let messages = world.setup.channels[0].messages();
    let annotations: Vec<_> =
        messages.iter().map(|(_, m)| m.alerts[0].alert.annotations.value("ann").to_owned()).collect();
    assert_eq!(annotations, ["", "v1", "v2", "v3", ""]);
}

#[actix::test]
async fn repeat() {
    tokio::time::pause();
    let world = Setup::new(1.0, 1.0, 0.001).group_by(&["alertname"]).start().await;
    world.post_at(1.0, &[alert("test").starts(1.0)]).await;
    world.post_at(3.5, &[alert("test").starts(1.0).ends(3.0)]).await;
    world.until(8.0).await;
    world.expect(0, &[(2.0, "test"), (3.0, "test"), (4.0, "test[resolved]")]);
}

#[actix::test]
async fn batching() {
    tokio::time::pause();
    let world = Setup::new(1.0, 1.0, 4.9).start().await;
    world.post_at(1.1, &[alert("test1").starts(1.0)]).await;
    world.post_at(1.7, &[alert("test5").starts(1.0)]).await;
    world.post_at(3.3, &[alert("test2").starts(1.5), alert("test3").starts(1.5), alert("test4").starts(1.6)]).await;
    world.until(9.6).await;
    let all = "test1 test2 test3 test4 test5";
    world.expect(0, &[(2.1, "test1 test5"), (4.1, all), (9.1, all)]);
}

#[actix::test]
async fn resolved_by_timeout() {
    tokio::time::pause();
    let mut setup = Setup::new(1.0, 5.0, 3600.0).group_by(&["alertname"]);
    setup.resolve_timeout = Duration::from_secs(10);
    let world = setup.start().await;
    let all = |of: &str| alert("test").label("lbl", of);
    world.post_at(1.0, &[all("v1"), all("v2"), all("v3")]).await;
    world.until(20.0).await;
    world.expect(
        0,
        &[
            (2.0, r#"test{lbl="v1"} test{lbl="v2"} test{lbl="v3"}"#),
            (12.0, r#"test{lbl="v1"}[resolved] test{lbl="v2"}[resolved] test{lbl="v3"}[resolved]"#),
        ],
    );
}

#[actix::test]
async fn resolved_filter() {
    tokio::time::pause();
    let mut setup = Setup::new(1.0, 5.0, 3600.0).group_by(&["alertname"]);
    setup.resolve_timeout = Duration::from_secs(10);
    let firing_only = FakeChannel::new("hook2", setup.clock.clone()).with(|limits| limits.send_resolved = false);
    setup.channels.push(Arc::new(firing_only));
    let world = setup.start().await;
    let v = |of: &str| alert("test").label("lbl", of);
    world.post_at(1.0, &[v("v1"), v("v2")]).await;
    world.post_at(3.0, &[v("v1").starts(1.0).ends(3.0), v("v3")]).await;
    world.post_at(8.0, &[v("v3").starts(3.0)]).await;
    world.until(16.0).await;
    world.expect(
        0,
        &[
            (2.0, r#"test{lbl="v1"} test{lbl="v2"}"#),
            (7.0, r#"test{lbl="v1"}[resolved] test{lbl="v2"} test{lbl="v3"}"#),
            (12.0, r#"test{lbl="v2"}[resolved] test{lbl="v3"}"#),
        ],
    );
    world.expect(1, &[(2.0, r#"test{lbl="v1"} test{lbl="v2"}"#), (7.0, r#"test{lbl="v2"} test{lbl="v3"}"#)]);
}

#[actix::test]
async fn retry_until_the_receiver_is_back() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 2.0, 3600.0);
    let down = SendError::new(SendErrorKind::Retry, "503 Service Unavailable");
    setup.channels[0].always(Answer::Fail(Duration::ZERO, down));
    let world = setup.start().await;
    world.post_at(1.0, &[alert("test1").starts(1.0)]).await;
    world.until(4.5).await;
    world.expect(0, &[]);
    world.setup.channels[0].always(Answer::Take(Duration::ZERO));
    world.until(60.0).await;
    assert_eq!(world.told(0).len(), 1, "told once: {:?}", world.told(0));
}

#[actix::test]
async fn fires_and_resolves_within_group_wait_tells_nobody() {
    tokio::time::pause();
    let world = Setup::new(5.0, 5.0, 3600.0).start().await;
    world.post_at(1.0, &[alert("short").starts(1.0)]).await;
    world.post_at(3.0, &[alert("short").starts(1.0).ends(3.0)]).await;
    world.until(60.0).await;
    world.expect(0, &[]);
    assert_eq!(world.metrics.groups.get(), 0, "and leaves no group behind");
}

#[actix::test]
async fn a_group_that_is_told_waits_for_its_interval() {
    tokio::time::pause();
    let world = Setup::new(1.0, 10.0, 3600.0).start().await;
    world.post_at(1.0, &[alert("a").starts(1.0)]).await;
    world.post_at(3.0, &[alert("b").starts(3.0)]).await;
    world.until(30.0).await;
    world.expect(0, &[(2.0, "a"), (12.0, "a b")]);
}

#[actix::test]
async fn an_old_alert_is_told_at_once() {
    tokio::time::pause();
    let world = Setup::new(30.0, 60.0, 3600.0).start().await;
    world.post_at(1.0, &[alert("old").starts(-100.0)]).await;
    world.until(5.0).await;
    world.expect(0, &[(1.0, "old")]);
}

fn job_down_mutes_instance_down() -> InhibitRule {
    let one = |name: &str, value: &str| MatcherSet::new(vec![Matcher::equal(name, value)]);
    InhibitRule {
        source: one("alertname", "JobDown"),
        target: one("alertname", "InstanceDown"),
        equal: vec!["job".into(), "zone".into()],
        ..InhibitRule::default()
    }
}

#[actix::test]
async fn inhibiting() {
    tokio::time::pause();
    let mut setup = Setup::new(1.0, 1.0, 1.0);
    setup.inhibit_rules = vec![job_down_mutes_instance_down()];
    let world = setup.start().await;
    let of = |name: &str, zone: &str| alert(name).label("job", "testjob").label("zone", zone);
    world.post_at(1.0, &[of("test1", "aa"), of("InstanceDown", "aa"), of("InstanceDown", "ab")]).await;
    world.post_at(2.2, &[of("JobDown", "aa")]).await;
    world.post_at(3.6, &[of("JobDown", "aa").starts(2.2).ends(3.6)]).await;
    world.until(4.5).await;
    let aa = r#"{job="testjob", zone="aa"}"#;
    let ab = r#"{job="testjob", zone="ab"}"#;
    world.expect(
        0,
        &[
            (2.0, &format!("InstanceDown{aa} InstanceDown{ab} test1{aa}")),
            (3.0, &format!("InstanceDown{ab} JobDown{aa} test1{aa}")),
            (4.0, &format!("InstanceDown{aa} InstanceDown{ab} JobDown{aa}[resolved] test1{aa}")),
        ],
    );
}

#[actix::test]
async fn always_inhibiting() {
    tokio::time::pause();
    let mut setup = Setup::new(1.0, 1.0, 1.0);
    setup.inhibit_rules = vec![job_down_mutes_instance_down()];
    let world = setup.start().await;
    let of = |name: &str| alert(name).label("job", "testjob").label("zone", "aa");
    world.post_at(1.0, &[of("InstanceDown"), of("JobDown")]).await;
    world.post_at(2.6, &[of("InstanceDown").starts(1.0).ends(2.6), of("JobDown").starts(1.0).ends(2.6)]).await;
    world.until(3.5).await;
    let aa = r#"{job="testjob", zone="aa"}"#;
    world.expect(
        0,
        &[(2.0, &format!("JobDown{aa}")), (3.0, &format!("InstanceDown{aa}[resolved] JobDown{aa}[resolved]"))],
    );
}
