//! Silences in the machine: in force as soon as they are acknowledged, durable, forgotten after their retention; and what whoever
//! was told of an alert hears of it once it is muted.

use std::time::Duration;

use actors::testing::{Setup, alert};
use alerts::{
    ports::SilenceRefused,
    silence::{SilenceId, SilenceState},
};

/// Alertmanager's scenario `Silencing`.
#[actix::test]
async fn silencing() {
    tokio::time::pause();
    let world = Setup::new(1.0, 1.0, 0.001).start().await;
    world.post_at(1.1, &[alert("test1").starts(1.0), alert("test2").starts(1.0)]).await;
    world.until(2.3).await;
    world.silence("test1", 2.5, 4.5).await;
    world.until(5.5).await;
    let both = "test1 test2";
    world.expect(0, &[(2.1, both), (3.1, "test2"), (4.1, "test2"), (5.1, both)]);
}

/// Alertmanager's scenario `SilenceDelete`.
#[actix::test]
async fn silence_delete() {
    tokio::time::pause();
    let world = Setup::new(1.0, 1.0, 0.001).start().await;
    world.post_at(1.0, &[alert("test1").starts(1.0), alert("test2").starts(1.0)]).await;
    world.until(1.3).await;
    let id = world.silence(".+", 1.5, 100.0).await;
    world.until(3.5).await;
    world.machine.silences().expire(&id).await.unwrap();
    world.until(4.5).await;
    world.expect(0, &[(4.0, "test1 test2")]);
}

#[actix::test]
async fn who_was_told_hears_of_the_end_although_it_is_silenced_by_then() {
    tokio::time::pause();
    let world = Setup::new(1.0, 5.0, 3600.0).start().await;
    world.post_at(1.0, &[alert("a").starts(1.0)]).await;
    world.until(4.0).await;
    world.silence("a", 4.0, 1_000.0).await;
    world.post_at(5.0, &[alert("a").starts(1.0).ends(5.0), alert("b").starts(5.0)]).await;
    world.until(60.0).await;
    world.expect(0, &[(2.0, "a"), (7.0, "a[resolved] b")]);
}

/// With `resolve_muted: false` it is as in Alertmanager: nobody is told, and after the silence it is as if nothing had been.
#[actix::test]
async fn a_receiver_may_want_to_hear_nothing_of_muted_alerts() {
    tokio::time::pause();
    let mut setup = Setup::new(1.0, 5.0, 3600.0);
    setup.resolve_muted = false;
    let world = setup.start().await;
    world.post_at(1.0, &[alert("a").starts(1.0)]).await;
    world.until(4.0).await;
    world.silence("a", 4.0, 20.0).await;
    world.post_at(5.0, &[alert("a").starts(1.0).ends(5.0)]).await;
    world.until(60.0).await;
    world.expect(0, &[(2.0, "a")]);
}

#[actix::test]
async fn silences_survive_kill_and_are_forgotten_after_their_retention() {
    tokio::time::pause();
    let mut setup = Setup::new(1.0, 5.0, 3600.0);
    setup.silence_retention = Duration::from_secs(3600);
    let first = setup.start().await;
    let id = first.silence("a", 1.0, 100.0).await;
    let gone = first.silence("b", 1.0, 2.0).await;
    first.until(3.0).await;
    first.machine.kill();
    let second = setup.start().await;
    let silences = second.machine.silences().silences();
    assert_eq!(silences.get(&id).unwrap().state(alerts::ports::Clock::now(&*setup.clock)), SilenceState::Active);
    second.post_at(4.0, &[alert("a").starts(4.0), alert("c").starts(4.0)]).await;
    second.until(10.0).await;
    second.expect(0, &[(5.0, "c")]);
    second.until(3600.0 + 1_000.0).await;
    assert!(second.machine.silences().silences().get(&gone).is_none());
    assert!(setup.store.silences().is_empty(), "{:?}", setup.store.silences());
}

#[actix::test]
async fn what_the_database_refuses_is_not_in_force_and_does_not_come_back() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 5.0, 3600.0);
    let world = setup.start().await;
    setup.store.fail(true);
    let draft = |name: &str| world.draft(name, 0.0, 1_000.0);
    let refused = world.machine.silences().set(draft("a")).await;
    assert!(matches!(refused, Err(SilenceRefused::NotDurable(_))), "{refused:?}");
    assert!(world.machine.silences().silences().is_empty());
    setup.store.fail(false);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(setup.store.silences().is_empty(), "what was refused was made after all");
    assert!(world.machine.silences().set(draft("a")).await.is_ok());
    let unknown = world.machine.silences().expire(&SilenceId("nobody".into())).await;
    assert_eq!(unknown.unwrap_err().to_string(), "silence not found");
}

#[actix::test]
async fn many_changes_at_once_are_few_commits() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 5.0, 3600.0);
    let world = setup.start().await;
    let before = setup.store.commits();
    let book = world.machine.silences();
    let all = (0..200).map(|number| book.set(world.draft(&format!("a{number}"), 0.0, 1_000.0)));
    let answers = futures_util::future::join_all(all).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(book.silences().len(), 200);
    assert_eq!(setup.store.silences().len(), 200);
    assert!(setup.store.commits() - before < 10, "{}", setup.store.commits() - before);
}
