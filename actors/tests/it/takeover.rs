//! The notification log of an Alertmanager whose data was taken over: what it had told is not told again.

use std::time::Duration;

use actors::testing::{Setup, alert};
use alerts::{
    LabelSet,
    ports::{Change, Clock, ForeignLogEntry, Store},
};

fn hash(name: &str) -> u64 {
    [("alertname", name)].into_iter().collect::<LabelSet>().notification_hash()
}

fn take_over(setup: &Setup, firing: &[&str]) {
    let now = setup.clock.now();
    let entry = ForeignLogEntry {
        group_key: "{}:{}".to_owned(),
        receiver: "default".to_owned(),
        kind: "fake".to_owned(),
        index: 0,
        firing: firing.iter().map(|name| hash(name)).collect(),
        resolved: Vec::new(),
        at: now.minus(Duration::from_secs(60)),
        expires_at: now.plus(Duration::from_secs(3600)),
    };
    setup.store.commit(&[Change::ForeignLog(Box::new(entry))]).expect("a store in memory");
}

#[actix::test]
async fn what_still_fires_is_not_announced_again_and_its_end_is() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 5.0, 600.0);
    take_over(&setup, &["b", "a", "gone"]);
    let world = setup.start().await;
    world.post_at(1.0, &[alert("a").starts(-50.0).ends(500.0)]).await;
    world.post_at(8.0, &[alert("b").starts(-50.0).ends(500.0)]).await;
    world.until(12.0).await;
    world.expect(0, &[]);
    world.post_at(13.0, &[alert("a").starts(-50.0).ends(13.0)]).await;
    world.until(30.0).await;
    world.expect(0, &[(16.0, "a[resolved] b")]);
}

#[actix::test]
async fn what_it_did_not_know_is_told_and_from_then_on_our_own_log_counts() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 5.0, 600.0);
    take_over(&setup, &["a"]);
    let first = setup.start().await;
    first.post_at(1.0, &[alert("a").starts(-50.0).ends(500.0)]).await;
    first.post_at(3.0, &[alert("new").starts(3.0).ends(500.0)]).await;
    first.until(20.0).await;
    first.expect(0, &[(6.0, "a new")]);
    first.machine.kill();
    let second = setup.start().await;
    second.until(60.0).await;
    assert_eq!(second.told(0).len(), 1, "{:?}", second.told(0));
}

#[actix::test]
async fn it_is_repeated_when_its_time_has_come() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 5.0, 100.0);
    take_over(&setup, &["a"]);
    let world = setup.start().await;
    world.post_at(1.0, &[alert("a").starts(-90.0).ends(900.0)]).await;
    world.until(60.0).await;
    world.expect(0, &[(41.0, "a")]);
}
