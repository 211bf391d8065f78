//! What becomes of an alert, event by event.

use alerts::{LabelSet, alert::PictureSlots, picture::PictureId};

use super::*;

fn second(seconds: i64) -> Time {
    Time::from_secs(1_700_000_000 + seconds)
}

struct Always;

impl ChoosePanel for Always {
    fn subject(&self, record: &AlertRecord, _: Transition) -> Option<(Alert, Subject)> {
        let alert = record.alert();
        let panel = alert.name().into();
        Some((alert, Subject { source: "s".into(), panel, variables: String::new() }))
    }
}

struct World {
    shard: Shard<Always>,
    table: Arc<AlertTable>,
    sequence: u64,
}

impl World {
    fn new() -> Self {
        let table = Arc::new(AlertTable::new());
        Self { shard: Shard::new(table.clone(), Always), table, sequence: 0 }
    }

    fn receive(&mut self, starts: i64, ends: i64, now: i64) -> String {
        self.sequence += 1;
        let alert = alert(starts, ends, now);
        let mut effects = Vec::new();
        self.shard.receive(Normalised::from(&alert), second(now), self.sequence, &mut effects);
        self.table.settle(alert.fingerprint, self.sequence, true);
        words(&effects)
    }

    fn tick(&mut self, now: i64) -> String {
        let sequence = &mut self.sequence;
        let effects = self.shard.tick(second(now), || {
            *sequence += 1;
            *sequence
        });
        words(&effects)
    }

    fn stored(&self) -> Alert {
        self.table.get(alert(0, 0, 0).fingerprint).expect("the alert is there")
    }
}

fn alert(starts: i64, ends: i64, now: i64) -> Alert {
    let labels: LabelSet = [("alertname", "disk")].into_iter().collect();
    Alert {
        fingerprint: labels.fingerprint(),
        labels,
        annotations: LabelSet::new(),
        starts_at: second(starts),
        ends_at: second(ends),
        ends_by_timeout: false,
        updated_at: second(now),
        generator_url: String::new(),
        episode: Episode(second(now)),
        pictures: PictureSlots::default(),
    }
}

fn words(effects: &[Effect]) -> String {
    let word = |effect: &Effect| match effect {
        Effect::Persist { .. } => "persist".to_owned(),
        Effect::Announce { firing, .. } => format!("announce {}", if *firing { "firing" } else { "over" }),
        Effect::Want { transition, .. } => format!("want {}", transition.as_str()),
        Effect::Forget(_) => "forget".to_owned(),
    };
    effects.iter().map(word).collect::<Vec<_>>().join(", ")
}

const FIRES: &str = "persist, announce firing, want firing";
const RESOLVES: &str = "persist, announce over, want resolved";

#[test]
fn fires_resolves_and_firing_again_is_a_new_episode() {
    let mut world = World::new();
    assert_eq!(world.receive(0, 100, 1), FIRES);
    assert_eq!(world.receive(0, 200, 2), "persist, announce firing");
    assert_eq!(world.stored().episode, Episode(second(1)));
    assert_eq!(world.receive(0, 10, 11), RESOLVES);
    assert_eq!(world.receive(0, 10, 12), "persist, announce over");
    assert_eq!(world.stored().episode, Episode(second(1)));
    assert_eq!(world.receive(20, 300, 21), FIRES);
    assert_eq!(world.stored().episode, Episode(second(21)));
    assert_eq!(world.stored().pictures.resolved, PictureSlot::None, "the old episode's pictures are gone");
}

#[test]
fn what_is_over_when_it_is_first_heard_of_wants_no_picture() {
    assert_eq!(World::new().receive(0, 5, 10), "persist, announce over");
}

#[test]
fn an_end_that_comes_resolves_once() {
    let mut world = World::new();
    world.receive(0, 100, 1);
    assert_eq!(world.shard.next_wake(), Some(second(100)));
    assert_eq!(world.tick(99), "");
    assert_eq!(world.tick(100), RESOLVES);
    assert_eq!(world.tick(1_000), "");
    assert_eq!(world.stored().updated_at, second(100), "from here on the end holds, also for a restart");
}

#[test]
fn an_end_that_moved_in_the_table_is_looked_at_again() {
    let mut world = World::new();
    world.receive(0, 100, 1);
    world.table.refresh(&Normalised::from(&alert(0, 200, 50)).sighting);
    assert_eq!(world.tick(100), "");
    assert_eq!(world.shard.next_wake(), Some(second(200)));
    assert_eq!(world.tick(200), RESOLVES);
}

#[test]
fn a_picture_of_an_old_episode_is_ignored() {
    let mut world = World::new();
    world.receive(0, 10, 1);
    let fingerprint = world.stored().fingerprint;
    let taken = || PictureSlot::Taken(PictureId("p".into()));
    let old = world.shard.picture(fingerprint, Episode(second(0)), Status::Firing, taken());
    assert_eq!((old, world.stored().pictures.firing), (None, PictureSlot::Wanted));
    let new = world.shard.picture(fingerprint, Episode(second(1)), Status::Firing, taken());
    assert_eq!((new.map(|effect| words(&[effect])), world.stored().pictures.firing), (Some("persist".into()), taken()));
}

#[test]
fn a_replay_wants_again_what_never_came() {
    let mut world = World::new();
    world.receive(0, 100, 1);
    let fingerprint = world.stored().fingerprint;
    let replay = |world: &World| words(&world.shard.replay([fingerprint].into_iter(), second(5)));
    assert_eq!(replay(&world), "announce firing, want firing");
    world.shard.picture(fingerprint, Episode(second(1)), Status::Firing, PictureSlot::Failed);
    assert_eq!(replay(&world), "announce firing");
}

#[test]
fn an_end_is_held_open_at_the_start_only_if_it_was_unless_repeated() {
    // (end, received, resolve timeout, ready) -> end
    for (ends, received, timeout, ready, expected) in [
        (240, 0, 300, 1_000, 1_240),
        (240, 0, 100, 1_000, 1_100),
        (5_000, 0, 300, 1_000, 5_000),
        (10, 10, 300, 1_000, 10),
        (5, 10, 300, 1_000, 5),
    ] {
        let table = AlertTable::new();
        let stored = alert(0, ends, received);
        load(&table, AlertRecord::from(&stored), second(ready), Duration::from_secs(timeout));
        assert_eq!(
            table.get(stored.fingerprint).map(|alert| alert.ends_at),
            Some(second(expected)),
            "{ends} {received}"
        );
    }
}

#[test]
fn what_ended_long_ago_is_forgotten_unless_a_group_holds_it() {
    let mut world = World::new();
    world.receive(0, 10, 11);
    let fingerprint = world.stored().fingerprint;
    world.table.hold(fingerprint);
    let late = second(10).plus(KEEP_RESOLVED);
    assert_eq!(words(&world.shard.sweep(0..AlertTable::SHARDS, late)), "");
    world.table.release(fingerprint);
    assert_eq!(words(&world.shard.sweep(0..AlertTable::SHARDS, late.minus(Duration::from_secs(1)))), "");
    assert_eq!(words(&world.shard.sweep(0..AlertTable::SHARDS, late)), "forget");
}
