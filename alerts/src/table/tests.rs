//! The table: that the fast path is Alertmanager's merge, and that what is kept is what was put.

use std::{collections::HashMap, time::Duration};

use proptest::prelude::*;

use super::*;
use crate::{LabelSet, merge::Span, picture::PictureId, record::Blob};

const NOW: Time = Time::from_secs(1_000_000);

fn at(seconds: i64) -> Time {
    Time::from_secs(1_000_000 + seconds)
}

fn record(name: &str, starts: i64, ends: i64, updated: i64) -> AlertRecord {
    let labels: LabelSet = [("alertname", name)].into_iter().collect();
    AlertRecord {
        fingerprint: labels.fingerprint(),
        starts_at: at(starts),
        ends_at: at(ends),
        ends_by_timeout: false,
        updated_at: at(updated),
        episode: Episode(at(starts)),
        pictures: PictureSlots::default(),
        blob: Blob::new(&labels, &LabelSet::new(), ""),
    }
}

fn sighting(record: &AlertRecord, starts: i64, ends: i64, received: i64) -> Sighting {
    Sighting {
        fingerprint: record.fingerprint,
        content: ContentHash::from(&record.blob),
        starts_at: at(starts),
        ends_at: at(ends),
        ends_by_timeout: record.ends_by_timeout,
        received: at(received),
    }
}

fn table_with(record: &AlertRecord) -> AlertTable {
    let table = AlertTable::new();
    table.put(record.clone(), 7);
    assert!(table.settle(record.fingerprint, 7, true));
    table
}

/// An alert stored with start, end and receipt, received again with others: what that means, and the end afterwards.
fn check(stored: (i64, i64, i64), again: (i64, i64, i64), expected: Refresh, end: i64) {
    let record = record("a", stored.0, stored.1, stored.2);
    let table = table_with(&record);
    let case = format!("{stored:?} then {again:?}");
    assert_eq!(table.refresh(&sighting(&record, again.0, again.1, again.2)), expected, "{case}");
    assert_eq!(table.record(record.fingerprint).expect(&case).ends_at, at(end), "{case}");
}

#[test]
fn many_at_once_are_those_that_one_by_one_are() {
    let records: Vec<AlertRecord> = (0..300).map(|number| record(&format!("a{number}"), 0, 100, 0)).collect();
    let table = AlertTable::new();
    records.iter().step_by(2).for_each(|record| table.load(record.clone()));
    let asked: Vec<Fingerprint> = records.iter().rev().map(|record| record.fingerprint).collect();
    let one_by_one: Vec<_> = asked.iter().filter_map(|fingerprint| table.record(*fingerprint)).collect();
    assert_eq!(one_by_one.len(), 150);
    assert_eq!(table.records_of(&asked), one_by_one);
    assert_eq!(table.records_of(&[]), []);
}

#[test]
fn what_changes_nothing_moves_the_end_in_place() {
    use Refresh::{Changed, Extend, Unchanged};
    check((-60, 240, 0), (-60, 300, 60), Unchanged, 300);
    check((-60, 240, 0), (-60, 240, 60), Unchanged, 240);
    check((-60, 240, 0), (-60, 200, 60), Unchanged, 240); // a replica with an earlier end: the later one wins
    check((-60, 240, 0), (-40, 300, 60), Unchanged, 300); // a replica that noticed later: the earlier start wins
    check((-60, 240, 0), (-70, 300, 60), Changed, 240); // one that noticed earlier: its start is kept
    check((-60, 240, 0), (-60, 360, 120), Extend, 360); // half of the 240 s is used up
    check((-60, 240, 0), (-60, 239, 200), Unchanged, 240); // nothing moved: nothing to write
    check((-60, 240, 0), (-60, 60, 60), Changed, 240); // resolves
    check((-60, 240, 0), (-60, 600, 300), Changed, 240); // had ended meanwhile
    check((-60, 240, 0), (240, 600, 200), Changed, 240); // another firing period
    check((-60, -10, 0), (-60, -10, 60), Unchanged, -10); // still resolved
    check((-60, -10, 0), (-60, -20, 60), Unchanged, -10);
    check((-60, -10, 0), (-60, -5, 60), Changed, -10); // ended later than it was thought
    check((-60, -10, 0), (5, 300, 60), Changed, -10); // fires again
    check((-60, 30, 0), (-60, 30, 60), Changed, 30); // it had only passed; now the sender says so
}

#[test]
fn what_is_not_durable_is_changed_until_a_commit_succeeds() {
    let record = record("a", -60, 240, 0);
    let again = sighting(&record, -60, 300, 60);
    let table = AlertTable::new();
    assert_eq!(table.refresh(&again), Refresh::Changed, "unknown");
    table.put(record.clone(), 1);
    assert_eq!(table.refresh(&again), Refresh::Changed, "its commit is under way");
    assert!(table.settle(record.fingerprint, 1, false));
    assert_eq!(table.refresh(&again), Refresh::Changed, "its commit failed");
    table.put(record.clone(), 2);
    assert!(!table.settle(record.fingerprint, 1, true), "an older commit");
    assert_eq!(table.durability(record.fingerprint), Some(Durability::Pending));
    assert!(table.settle(record.fingerprint, 2, true));
    assert_eq!(table.refresh(&again), Refresh::Unchanged);
}

#[test]
fn other_content_is_changed() {
    let record = record("a", -60, 240, 0);
    let table = table_with(&record);
    let other = ContentHash::of([("summary", "x")].into_iter(), "");
    assert_eq!(table.refresh(&Sighting { content: other, ..sighting(&record, -60, 300, 60) }), Refresh::Changed);
    let guessed = Sighting { ends_by_timeout: true, ..sighting(&record, -60, 300, 60) };
    assert_eq!(table.refresh(&guessed), Refresh::Changed);
}

#[test]
fn an_extension_is_asked_for_until_it_is_written() {
    let record = record("a", 0, 240, 0);
    let table = table_with(&record);
    let again = |received: i64| table.refresh(&sighting(&record, 0, received + 240, received));
    assert_eq!((again(60), again(120), again(180)), (Refresh::Unchanged, Refresh::Extend, Refresh::Extend));
    assert_eq!(table.extension(record.fingerprint).map(|record| record.ends_at), Some(at(420)));
    assert_eq!((again(240), again(299)), (Refresh::Unchanged, Refresh::Unchanged));
    table.extension_lost(record.fingerprint);
    assert_eq!(again(300), Refresh::Extend);
}

#[test]
fn an_end_that_was_moved_while_the_actor_was_writing_stays() {
    let record = record("a", 0, 240, 0);
    let table = table_with(&record);
    let read = table.record(record.fingerprint).expect("was put");
    assert_eq!(table.refresh(&sighting(&record, 0, 300, 60)), Refresh::Unchanged);
    table.put(read, 8);
    assert_eq!(table.record(record.fingerprint).expect("was put").ends_at, at(300));
    table.put(AlertRecord { ends_at: at(50), ..record.clone() }, 9);
    assert_eq!(table.record(record.fingerprint).expect("was put").ends_at, at(50), "a resolve is not undone");
}

#[test]
fn pictures_belong_to_an_episode() {
    let record = record("a", 0, 240, 0);
    let table = table_with(&record);
    let taken = PictureSlot::Taken(PictureId("p".into()));
    let set = |episode| table.set_picture(record.fingerprint, episode, Status::Firing, taken.clone());
    assert_eq!(set(Episode(at(9))), None);
    let written = set(record.episode).expect("the episode goes on");
    assert_eq!(written.pictures.firing, taken);
    assert_eq!(table.pictures(record.fingerprint), Some((record.episode, written.pictures)));
    table.put(record.clone(), 8);
    assert_eq!(table.pictures(record.fingerprint), Some((record.episode, PictureSlots::default())));
}

#[test]
fn only_what_ended_is_durable_and_nobody_holds_is_swept() {
    let keep = Duration::from_secs(60);
    let swept = |prepare: &dyn Fn(&AlertTable, Fingerprint), now: i64| {
        let record = record("a", -60, 0, 0);
        let table = table_with(&record);
        prepare(&table, record.fingerprint);
        let gone = table.sweep(AlertTable::shard_of(record.fingerprint), at(now), keep);
        assert_eq!(gone.len() + table.len(), 1);
        gone == [record.fingerprint]
    };
    assert!(swept(&|_, _| {}, 60));
    assert!(!swept(&|_, _| {}, 59));
    assert!(!swept(&|table, fp| assert!(table.hold(fp)), 60));
    assert!(swept(
        &|table, fp| {
            assert!(table.hold(fp) && table.hold(fp));
            table.release(fp);
            table.release(fp);
        },
        60
    ));
    assert!(!swept(&|table, fp| assert!(table.settle(fp, 7, false)), 60));
    assert!(!swept(&|table, fp| table.put(table.record(fp).expect("is there"), 8), 60));
}

#[test]
fn a_put_keeps_the_groups_hold() {
    let record = record("a", -60, 0, 0);
    let table = table_with(&record);
    table.hold(record.fingerprint);
    table.put(record.clone(), 8);
    assert_eq!(table.with(record.fingerprint, |alert| alert.is_held()), Some(true));
}

#[test]
fn slots_of_swept_alerts_are_used_again() {
    let table = AlertTable::new();
    for round in 0..3 {
        let records: Vec<_> = (0..5_000).map(|n| record(&format!("{round}-{n}"), -60, 0, 0)).collect();
        records.iter().for_each(|record| table.load(record.clone()));
        assert_eq!(table.counts(NOW), Counts { firing: 0, resolved: 5_000 });
        assert!(records.iter().all(|record| table.record(record.fingerprint).as_ref() == Some(record)));
        let gone: usize = (0..AlertTable::SHARDS).map(|shard| table.sweep(shard, at(1), Duration::ZERO).len()).sum();
        assert_eq!((gone, table.len()), (5_000, 0));
    }
}

#[test]
fn an_entry_is_small() {
    assert_eq!(std::mem::size_of::<Option<Entry>>(), 88);
}

prop_compose! {
    fn any_span()(start in -20i64..20, length in 0i64..20, updated in -20i64..20, ends_by_timeout: bool) -> Span {
        Span { starts_at: at(start), ends_at: at(start + length), ends_by_timeout, updated_at: at(updated) }
    }
}

proptest! {
    /// Whatever the fast path settles is what the plain merge would have made of it.
    #[test]
    fn the_fast_path_is_the_merge(stored in any_span(), incoming in any_span()) {
        let mut record = record("a", 0, 0, 0);
        (record.starts_at, record.ends_at) = (stored.starts_at, stored.ends_at);
        (record.updated_at, record.ends_by_timeout) = (stored.updated_at, stored.ends_by_timeout);
        let table = table_with(&record);
        let seen = Sighting {
            fingerprint: record.fingerprint,
            content: ContentHash::from(&record.blob),
            starts_at: incoming.starts_at,
            ends_at: incoming.ends_at,
            ends_by_timeout: incoming.ends_by_timeout,
            received: incoming.updated_at,
        };
        if table.refresh(&seen) != Refresh::Changed {
            let merged = Span::received(stored, incoming, incoming.updated_at);
            let kept = Span::from(&table.record(record.fingerprint).expect("was put"));
            prop_assert_eq!(
                (kept.starts_at, kept.ends_at, kept.ends_by_timeout),
                (merged.starts_at, merged.ends_at, merged.ends_by_timeout)
            );
            prop_assert_eq!(kept.updated_at, stored.updated_at.max(incoming.updated_at));
        }
    }

    /// The table against a plain map, over puts and sweeps.
    #[test]
    fn keeps_what_was_put(steps in prop::collection::vec((0u8..40, 0i64..100, prop::bool::weighted(0.1)), 0..200)) {
        let table = AlertTable::new();
        let mut model = HashMap::new();
        for (name, end, sweep) in steps {
            let record = record(&format!("{name}"), -1, end, 0);
            table.load(record.clone());
            model.insert(record.fingerprint, record);
            if sweep {
                (0..AlertTable::SHARDS).for_each(|shard| drop(table.sweep(shard, at(50), Duration::ZERO)));
                model.retain(|_, record| record.ends_at > at(50));
            }
        }
        let mut seen = HashMap::new();
        table.for_each(|alert| drop(seen.insert(alert.fingerprint(), alert.record())));
        prop_assert_eq!(seen, model.clone());
        prop_assert_eq!(table.len(), model.len());
    }
}

proptest! {
    /// Whatever the signatures pass over, searching finds what looking at all alerts finds.
    #[test]
    fn searching_finds_what_looking_at_all_finds(
        alerts in prop::collection::vec((0u8..3, 0u8..3, 0u8..20), 0..60),
        swept: bool,
        wanted in prop::collection::vec(
            prop::sample::select(vec![r#"a="1""#, r#"b="2""#, r#"b="""#, r#"a!="1""#, r#"c=~"1.""#, r#"c="7""#, r#"d="1""#]),
            0..3,
        ),
    ) {
        let table = AlertTable::new();
        for (a, b, c) in alerts {
            let (a, b, c) = (a.to_string(), b.to_string(), c.to_string());
            let labels: LabelSet = [("a", a), ("b", b), ("c", c)].into_iter().filter(|(_, v)| v != "0").collect();
            let blob = Blob::new(&labels, &LabelSet::new(), "");
            let ends = if labels.value("b") == "1" { -1 } else { 1 };
            table.load(AlertRecord { fingerprint: labels.fingerprint(), blob, ..record("x", -2, ends, -2) });
        }
        if swept {
            (0..AlertTable::SHARDS).for_each(|shard| drop(table.sweep(shard, NOW, Duration::ZERO)));
        }
        let filter = MatcherSet::parse_list(&wanted, Default::default()).expect("they are matchers");
        let (mut found, mut all) = (Vec::new(), Vec::new());
        table.search(&filter, |alert| found.push(alert.fingerprint()));
        table.for_each(|alert| all.extend(filter.matches(alert.blob()).then(|| alert.fingerprint())));
        prop_assert_eq!(found, all);
    }
}
