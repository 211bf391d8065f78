//! Storms: many alerts over many panels at once. Equal pictures are taken once, the severe ones first, and nothing grows without
//! bound.

use std::{collections::HashSet, time::Duration};

use actors::testing::{AlertSpec, Setup, World, alert};

const SEVERITIES: [&str; 4] = ["info", "warning", "page", "critical"];

fn of_panel(panel: usize, instance: usize) -> AlertSpec {
    let severity = SEVERITIES[panel % SEVERITIES.len()];
    let name = format!("panel{panel:04}");
    alert(&name).label("instance", &format!("host{instance}")).label("severity", severity).starts(1.0).ends(86_400.0)
}

/// Posts alerts as Prometheus does, 64 at a time.
async fn pour(world: &World, alerts: &[AlertSpec], pause: Duration) {
    for batch in alerts.chunks(64) {
        world.post(batch).await.expect("taken");
        tokio::time::sleep(pause).await;
    }
}

/// The severities of the captures, in their order.
fn severities(world: &World) -> Vec<String> {
    let captures = world.setup.renderer.captures();
    captures.iter().map(|capture| capture.labels.value("severity").to_owned()).collect()
}

fn failures(world: &World, reason: &str) -> u64 {
    world.metrics.screenshot_failures.with_label_values(&[reason]).get()
}

/// As they come from many senders: mixed, over most of a second.
#[actix::test]
async fn ten_thousand_alerts_over_two_hundred_panels_are_two_hundred_captures() {
    tokio::time::pause();
    let world = Setup::new(30.0, 60.0, 3600.0).with_pictures().group_by(&["alertname"]).start().await;
    world.setup.renderer.take(Duration::from_millis(100));
    world.until(1.0).await;
    let alerts: Vec<AlertSpec> = (0..10_000).map(|number| of_panel(number % 200, number / 200)).collect();
    pour(&world, &alerts, Duration::from_millis(5)).await;
    assert!(world.metrics.captures_queued.get() <= 200, "{}", world.metrics.captures_queued.get());
    world.until(60.0).await;

    let captures = world.setup.renderer.captures();
    assert_eq!(captures.len(), 200);
    assert!(captures.iter().all(|capture| capture.alerts == 50), "each is of all its alerts");
    assert_eq!(world.setup.renderer.most_at_once(), 5);
    let order = severities(&world);
    let last = order.iter().rposition(|severity| severity == "critical").expect("there are some");
    assert!(last < 50 + 5, "behind the five that were under way: {order:?}");
    let messages = world.setup.channels[0].messages();
    assert_eq!(messages.len(), 200);
    assert!(messages.iter().all(|(_, message)| message.pictures.len() == 1));
    assert_eq!((world.metrics.image_cache_misses.get(), world.metrics.image_cache_hits.get()), (200, 9_800));
    assert_eq!((world.metrics.captures_queued.get(), world.metrics.captures_running.get()), (0, 0));
}

/// More panels than the queue holds: the severe ones, which come last, take the places of mild ones, and every notification goes out.
#[actix::test]
async fn a_full_queue_gives_the_places_of_the_mild_to_the_severe() {
    tokio::time::pause();
    let setup = Setup::new(30.0, 60.0, 3600.0).with_pictures().group_by(&["alertname"]);
    let world = setup.start().await;
    world.setup.renderer.take(Duration::from_millis(10));
    world.until(1.0).await;
    let mut alerts: Vec<AlertSpec> = (0..3_000).map(|panel| of_panel(panel, 0)).collect();
    alerts.sort_by_key(|alert| SEVERITIES.iter().position(|severity| format!("{alert:?}").contains(*severity)));
    pour(&world, &alerts, Duration::ZERO).await;
    world.until(120.0).await;

    let order = severities(&world);
    assert_eq!(order.iter().filter(|severity| *severity == "critical").count(), 750, "none was turned away");
    let full = failures(&world, "queue_full");
    assert_eq!(full, 2_000, "the queue holds a thousand");
    assert_eq!(world.metrics.captures_busy.get(), full);
    assert_eq!(world.metrics.pictures_missing.with_label_values(&["busy"]).get(), full);
    let names: HashSet<String> = world.told(0).into_iter().map(|(_, what)| what).collect();
    assert_eq!((world.told(0).len(), names.len()), (3_000, 3_000));
}

/// Time that runs out in the queue is a failure to take a screenshot, with a reason of its own, and timed as waiting.
#[actix::test]
async fn time_that_runs_out_in_the_queue_is_a_failure() {
    tokio::time::pause();
    let world = Setup::new(1.0, 60.0, 3600.0).with_pictures().group_by(&["alertname"]).start().await;
    world.setup.renderer.take(Duration::from_secs(9));
    world.until(1.0).await;
    pour(&world, &(0..12).map(|panel| of_panel(panel, 0)).collect::<Vec<_>>(), Duration::ZERO).await;
    world.until(60.0).await;
    let metrics = &world.metrics;
    // Five are taken; the next five are begun with what is left of their time, which is not enough; two are never begun.
    assert_eq!(metrics.screenshot_successes.get(), 5);
    assert_eq!((failures(&world, "timeout"), failures(&world, "queue_timeout")), (5, 2));
    assert_eq!(metrics.pictures_missing.with_label_values(&["out_of_time"]).get(), 2);
    assert_eq!((metrics.screenshot_duration.get_sample_count(), metrics.capture_wait.get_sample_count()), (10, 12));
    let waited = metrics.capture_wait.get_sample_sum();
    assert!((65.0..=70.0).contains(&waited), "five of 0.1 s, five of 9.1 s, two of 10 s: {waited}");
    assert_eq!(world.told(0).len(), 12);
}

/// An hour after a short retention nothing is left: not in the store, not in the records, not in the gate.
#[actix::test]
async fn retention_leaves_nothing_behind_a_storm() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 60.0, 36_000.0).with_pictures().group_by(&["alertname"]);
    let world = Setup { retention: Duration::from_secs(600), ..setup }.start().await;
    world.until(1.0).await;
    let fires: Vec<AlertSpec> = (0..300).map(|panel| of_panel(panel, 0)).collect();
    pour(&world, &fires, Duration::ZERO).await;
    world.until(30.0).await;
    assert_eq!(world.setup.images.len(), 300);
    let resolves: Vec<AlertSpec> = fires.into_iter().map(|alert| alert.ends(30.0)).collect();
    pour(&world, &resolves, Duration::ZERO).await;
    world.until(120.0).await;
    assert_eq!(world.setup.images.len(), 600);
    world.until(3_720.0).await;
    assert_eq!((world.setup.images.len(), world.setup.store.pictures().len()), (0, 0));
    assert_eq!((world.setup.store.alerts().len(), world.setup.store.outbox().len()), (0, 0));
    assert_eq!(world.machine.table().len(), 0);
}
