//! The gate's promises, by cases and by random histories.

use std::sync::Arc;

use alerts::{Alert, Episode, LabelSet, alert::PictureSlots, picture::PictureId};
use proptest::prelude::*;

use super::*;

const TIMEOUT: Duration = Duration::from_secs(10);

fn millis(millis: i64) -> Time {
    Time::from_millis(1_700_000_000_000 + millis)
}

fn want(panel: &str, number: usize, severity: &str, at: Time) -> Want {
    let labels: LabelSet =
        [("alertname", panel), ("number", &*number.to_string()), ("severity", severity)].into_iter().collect();
    let alert = Alert {
        fingerprint: labels.fingerprint(),
        labels,
        annotations: LabelSet::new(),
        starts_at: at,
        ends_at: Time::MAX,
        ends_by_timeout: false,
        updated_at: at,
        generator_url: String::new(),
        episode: Episode(at),
        pictures: PictureSlots::default(),
    };
    let subject = Subject { source: "s".into(), panel: panel.into(), variables: String::new() };
    Want { alert: Arc::new(alert), subject, transition: Transition::Firing, at }
}

fn taken(name: &str) -> PictureSlot {
    PictureSlot::Taken(PictureId(name.into()))
}

fn started(effects: &[Effect]) -> Vec<(Key, String)> {
    let start = |effect: &Effect| match effect {
        Effect::Start { key, capture, .. } => Some((key.clone(), capture.subject.panel.clone())),
        Effect::Settle { .. } => None,
    };
    effects.iter().filter_map(start).collect()
}

fn settled(effects: &[Effect]) -> Vec<(usize, Settled)> {
    let settle = |effect: &Effect| match effect {
        Effect::Settle { waiters, why, .. } => Some((waiters.len(), *why)),
        Effect::Start { .. } => None,
    };
    effects.iter().filter_map(settle).collect()
}

fn ask(gate: &mut Gate, wants: Vec<Want>, now: Time) -> Vec<Effect> {
    let mut effects = Vec::new();
    gate.want(wants, now, &mut effects);
    effects
}

#[test]
fn severe_before_mild_and_then_the_oldest() {
    let mut gate = Gate::new(2, TIMEOUT);
    for (at, panel, severity) in
        [(0, "mild", "info"), (1, "first", "warning"), (2, "second", "warning"), (3, "severe", "critical")]
    {
        assert_eq!(ask(&mut gate, vec![want(panel, 0, severity, millis(at))], millis(at)), []);
    }
    assert_eq!(gate.tick(millis(50)), [], "wishes are gathered first");
    assert_eq!(gate.next_wake(), Some(millis(100)));
    let running = started(&gate.tick(millis(200)));
    assert_eq!(running.iter().map(|(_, panel)| &**panel).collect::<Vec<_>>(), ["severe", "first"]);
    gate.finished(&running[0].0, taken("a"), millis(300));
    assert_eq!(started(&gate.tick(millis(300)))[0].1, "second");
}

#[test]
fn the_deadline_includes_the_queue() {
    let mut gate = Gate::new(1, TIMEOUT);
    ask(
        &mut gate,
        vec![want("a", 0, "", millis(0)), want("b", 0, "", millis(0)), want("b", 1, "", millis(0))],
        millis(0),
    );
    let effects = gate.tick(millis(4_000));
    let [Effect::Start { budget, waited, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((*budget, *waited), (Duration::from_secs(6), Duration::from_secs(4)));
    assert_eq!(gate.next_wake(), Some(millis(10_000)));
    assert_eq!(settled(&gate.tick(millis(10_000))), [(2, Settled::OutOfTime)]);
    assert_eq!((gate.queued(), gate.running()), (0, 1));
}

#[test]
fn results_serve_for_a_minute_and_failures_for_ten_seconds() {
    for (slot, kept) in [(taken("p"), 60_000), (PictureSlot::Failed, 10_000)] {
        let mut gate = Gate::new(1, TIMEOUT);
        let again = || vec![want("a", 0, "", millis(0))];
        ask(&mut gate, again(), millis(0));
        let running = started(&gate.tick(millis(100)));
        gate.finished(&running[0].0, slot.clone(), millis(200));
        gate.tick(millis(200 + kept - 1));
        assert_eq!(settled(&ask(&mut gate, again(), millis(200 + kept - 1))), [(1, Settled::Cached)], "{slot:?}");
        gate.tick(millis(200 + kept));
        assert_eq!(ask(&mut gate, again(), millis(200 + kept)), [], "{slot:?} is forgotten");
        assert_eq!(gate.queued(), 1);
    }
}

#[test]
fn an_alert_that_a_running_capture_does_not_cover_gets_a_wider_one() {
    let mut gate = Gate::new(2, TIMEOUT);
    ask(&mut gate, vec![want("a", 0, "x", millis(0))], millis(0));
    let narrow = started(&gate.tick(millis(100)));
    assert_eq!(ask(&mut gate, vec![want("a", 0, "x", millis(0)), want("a", 1, "x", millis(0))], millis(150)), []);
    let effects = gate.tick(millis(300));
    let [Effect::Start { capture, key, .. }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(capture.labels.to_string(), r#"{alertname="a", severity="x"}"#);
    let count = |effect: Option<Effect>| settled(&effect.into_iter().collect::<Vec<_>>());
    assert_eq!(count(gate.finished(&narrow[0].0, taken("narrow"), millis(400))), [(2, Settled::Captured)]);
    assert_eq!(count(gate.finished(key, taken("wide"), millis(400))), [(1, Settled::Captured)]);
}

#[test]
fn the_queue_is_bounded_and_who_finds_it_full_is_told_so() {
    let mut gate = Gate::new(1, TIMEOUT);
    let wants = (0..QUEUE + 5).map(|number| want(&format!("panel{number}"), 0, "", millis(0))).collect();
    assert_eq!(settled(&ask(&mut gate, wants, millis(0))), [(1, Settled::Busy); 5]);
    assert_eq!(gate.queued(), QUEUE);
}

/// A storm that comes in many requests is one capture, and nobody waits for its end for long.
#[test]
fn wishes_wait_for_others_that_keep_coming_but_not_for_long() {
    for (last, begins) in [(0, 100), (80, 180), (300, 400), (5_000, 1_000)] {
        let mut gate = Gate::new(1, TIMEOUT);
        for at in (0..=last.min(begins)).step_by(20) {
            ask(&mut gate, vec![want("a", usize::try_from(at).expect("small"), "", millis(at))], millis(at));
        }
        assert_eq!(gate.next_wake(), Some(millis(begins)), "the last came at {last}");
        assert_eq!(gate.tick(millis(begins - 1)), []);
        assert_eq!(started(&gate.tick(millis(begins))).len(), 1);
    }
}

#[test]
fn a_severe_wish_takes_the_place_of_a_mild_one_in_a_full_queue() {
    let mut gate = Gate::new(1, TIMEOUT);
    let wants = (0..QUEUE).map(|number| want(&format!("panel{number:04}"), 0, "warning", millis(0))).collect();
    assert_eq!(ask(&mut gate, wants, millis(0)), []);
    let effects = ask(&mut gate, vec![want("severe", 0, "critical", millis(1))], millis(1));
    let [Effect::Settle { why: Settled::Displaced, slot: PictureSlot::Failed, given_up: Some(capture), .. }] =
        &effects[..]
    else {
        panic!("{effects:?}")
    };
    assert_eq!(capture.subject.panel, "panel0999", "the newest of the mildest");
    assert_eq!(settled(&ask(&mut gate, vec![want("equal", 0, "warning", millis(2))], millis(2))), [(1, Settled::Busy)]);
    assert_eq!((gate.queued(), gate.entries.len()), (QUEUE, QUEUE));
    assert_eq!(started(&gate.tick(millis(200)))[0].1, "severe");
}

/// A wider capture that found no place used to hide the narrow one, which was under way, from those it covers.
#[test]
fn a_full_queue_does_not_hide_a_capture_that_is_under_way() {
    let mut gate = Gate::new(1, TIMEOUT);
    ask(&mut gate, vec![want("a", 0, "", millis(0))], millis(0));
    gate.tick(millis(100));
    let others = (0..QUEUE).map(|number| want(&format!("panel{number}"), 0, "", millis(100))).collect();
    ask(&mut gate, others, millis(100));
    let effects = ask(&mut gate, vec![want("a", 1, "", millis(0)), want("a", 0, "", millis(0))], millis(150));
    assert_eq!(settled(&effects), [(1, Settled::Busy)], "only the one that is not covered");
}

#[derive(Clone, Debug)]
enum Step {
    Want { panel: u8, number: u8 },
    Pass(u16),
    Finish { which: u8, taken: bool },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0u8..4, 0u8..4).prop_map(|(panel, number)| Step::Want { panel, number }),
        3 => (0u16..7_000).prop_map(Step::Pass),
        3 => (any::<u8>(), any::<bool>()).prop_map(|(which, taken)| Step::Finish { which, taken }),
    ]
}

/// Carries effects out: what runs, and how many waiters were settled.
fn carry_out(effects: Vec<Effect>, running: &mut Vec<Key>, answered: &mut usize) {
    for effect in effects {
        match effect {
            Effect::Start { key, budget, .. } => {
                assert!(!budget.is_zero() && budget <= TIMEOUT);
                assert!(!running.contains(&key), "{key:?} runs twice");
                running.push(key);
            }
            Effect::Settle { waiters, .. } => *answered += waiters.len(),
        }
    }
}

proptest! {
    #[test]
    fn every_waiter_is_settled_exactly_once(steps in prop::collection::vec(step(), 1..100), max in 1usize..4) {
        let mut gate = Gate::new(max, TIMEOUT);
        let (mut now, mut running, mut asked, mut answered) = (0, Vec::new(), 0usize, 0usize);
        for step in steps {
            let effects = match step {
                Step::Want { panel, number } => {
                    asked += 1;
                    ask(&mut gate, vec![want(&panel.to_string(), number.into(), "", millis(now))], millis(now))
                }
                Step::Pass(by) => {
                    now += i64::from(by);
                    Vec::new()
                }
                Step::Finish { which, taken: is_taken } if !running.is_empty() => {
                    let key = running.remove(usize::from(which) % running.len());
                    let slot = if is_taken { taken("p") } else { PictureSlot::Failed };
                    gate.finished(&key, slot, millis(now)).into_iter().collect()
                }
                Step::Finish { .. } => Vec::new(),
            };
            carry_out(effects, &mut running, &mut answered);
            carry_out(gate.tick(millis(now)), &mut running, &mut answered);
            prop_assert!(gate.running() == running.len() && running.len() <= max);
            prop_assert!(answered <= asked);
            prop_assert!(gate.next_wake().is_none_or(|at| at > millis(now)), "no wake that is due already");
        }
        while !running.is_empty() || gate.queued() > 0 {
            now += 1_000;
            for key in std::mem::take(&mut running) {
                carry_out(gate.finished(&key, taken("p"), millis(now)).into_iter().collect(), &mut running, &mut answered);
            }
            carry_out(gate.tick(millis(now)), &mut running, &mut answered);
        }
        prop_assert_eq!(answered, asked);
        gate.tick(millis(now + 61_000));
        prop_assert_eq!((gate.entries.len(), gate.current.len()), (0, 0));
    }
}
