//! Silences: their life, what is refused, what they silence.

use proptest::prelude::*;

use super::*;
use crate::matcher::Syntax;

const NONE: SilenceLimits = SilenceLimits { max_silences: 0, max_size: 0 };

fn at(second: i64) -> Time {
    Time::from_secs(1_000_000 + second)
}

fn id(name: &str) -> SilenceId {
    SilenceId(name.into())
}

fn matchers(text: &str) -> MatcherSet {
    MatcherSet::parse(text, Syntax::Fallback).unwrap()
}

fn draft(change: &str, conditions: &str, start: i64, end: i64) -> Draft {
    Draft {
        id: (!change.is_empty()).then(|| id(change)),
        matchers: matchers(conditions),
        starts_at: Some(at(start)),
        ends_at: at(end),
        created_by: "me".to_owned(),
        comment: "why".to_owned(),
        annotations: LabelSet::new(),
    }
}

fn labels(text: &str) -> LabelSet {
    text.split_whitespace().filter_map(|pair| pair.split_once('=')).collect()
}

/// `old` is active from 0 to 100, `new` pending from 100 to 200.
fn two() -> Silences {
    let silence = |name, start, end| draft("", "a=b", start, end).into_silence(id(name), at(start), at(0));
    Silences::new([silence("old", 0, 100), silence("new", 100, 200)])
}

#[test]
fn the_state_is_the_clocks() {
    let all = two();
    let check = |name: &str, second: i64, expected: SilenceState| {
        assert_eq!(all.get(&id(name)).unwrap().state(at(second)), expected, "{name} at {second}");
    };
    check("old", -1, SilenceState::Pending);
    check("old", 0, SilenceState::Active);
    check("old", 100, SilenceState::Active);
    check("old", 101, SilenceState::Expired);
}

/// Sets at second 50 and prints what changed: `name start-end`.
fn check(draft: Draft, expected: Result<&[&str], &str>) {
    let found = two().set(draft.clone(), id("fresh"), NONE, at(50)).map_err(|error| error.to_string());
    let seconds = |time: Time| time.as_secs() - at(0).as_secs();
    let print = |s: &Arc<Silence>| format!("{} {}-{}", s.id, seconds(s.starts_at), seconds(s.ends_at));
    let found = found.map(|change| {
        assert!(change.changed.iter().all(|silence| change.silences.get(&silence.id) == Some(silence)));
        assert!(change.changed.iter().all(|silence| silence.updated_at == at(50)));
        assert_eq!(Some(&change.id), change.changed.last().map(|silence| &silence.id));
        change.changed.iter().map(print).collect::<Vec<_>>()
    });
    let expected = expected.map(|words| words.iter().map(ToString::to_string).collect()).map_err(str::to_owned);
    assert_eq!(found, expected, "{draft:?}");
}

#[test]
fn a_new_silence_starts_now_at_the_earliest() {
    check(draft("", "a=b", 60, 70), Ok(&["fresh 60-70"]));
    check(draft("", "a=b", 10, 70), Ok(&["fresh 50-70"]));
    check(Draft { starts_at: None, ..draft("", "a=b", 0, 70) }, Ok(&["fresh 50-70"]));
}

#[test]
fn an_active_silence_may_only_change_its_end() {
    check(draft("old", "a=b", 0, 70), Ok(&["old 0-70"]));
    check(draft("old", "a=b", 0, 50), Ok(&["old 0-50"]));
    check(draft("old", "a=b", 1, 70), Ok(&["old 0-50", "fresh 50-70"]));
    check(draft("old", "a=c", 0, 70), Ok(&["old 0-50", "fresh 50-70"]));
}

#[test]
fn a_pending_silence_may_change_its_times() {
    check(draft("new", "a=b", 60, 70), Ok(&["new 60-70"]));
    check(draft("new", "a=b", 40, 70), Ok(&["new 50-50", "fresh 50-70"]));
    check(draft("new", "a=c", 60, 70), Ok(&["new 50-50", "fresh 60-70"]));
}

#[test]
fn an_expired_silence_is_followed_by_a_new_one() {
    let change = two().set(draft("old", "a=b", 0, 300), id("fresh"), NONE, at(101)).unwrap();
    assert_eq!(change.id, id("fresh"));
    assert_eq!(change.changed.len(), 1);
    assert_eq!(change.silences.get(&id("old")), two().get(&id("old")));
}

#[test]
fn refuses_in_alertmanagers_words() {
    check(draft("unknown", "a=b", 60, 70), Err("silence not found"));
    check(draft("", "a=b", 70, 70), Err("Failed to create silence: start time must be before end time"));
    check(draft("", "a=b", 10, 49), Err("Failed to create silence: end time can't be in the past"));
    check(draft("", "", 60, 70), Err("invalid silence: at least one matcher required"));
    let empty = "invalid silence: matcher set 0: at least one matcher must not match the empty string";
    check(draft("", "a=,b=~.*", 60, 70), Err(empty));
    check(draft("", "a!=b", 60, 70), Ok(&["fresh 60-70"]));
    check(draft("", "a=,b=c", 60, 70), Ok(&["fresh 60-70"]));
}

#[test]
fn limits_hold_for_new_silences() {
    let limits = SilenceLimits { max_silences: 2, max_size: 20 };
    let set = |draft| two().set(draft, id("fresh"), limits, at(50)).map(|_| ()).map_err(|error| error.to_string());
    assert_eq!(set(draft("", "a=b", 60, 70)).unwrap_err(), "exceeded maximum number of silences: 2 (limit: 2)");
    assert_eq!(set(draft("old", "a=b", 0, 70)), Ok(()), "a change in place");
    let long = Draft { comment: "x".repeat(20), ..draft("old", "a=b", 0, 70) };
    assert_eq!(set(long).unwrap_err(), "silence exceeded maximum size: 24 bytes (limit: 20 bytes)");
}

#[test]
fn expiring_ends_now_and_twice_is_no_error() {
    let change = two().expire(&id("old"), at(50)).unwrap();
    assert_eq!((change.changed[0].starts_at, change.changed[0].ends_at), (at(0), at(50)));
    let change = two().expire(&id("new"), at(50)).unwrap();
    assert_eq!((change.changed[0].starts_at, change.changed[0].ends_at), (at(50), at(50)));
    let again = change.silences.expire(&id("new"), at(60)).unwrap();
    assert!(again.changed.is_empty());
    assert_eq!(two().expire(&id("unknown"), at(50)).unwrap_err(), SilenceError::NotFound);
}

#[test]
fn forgets_what_ended_long_ago() {
    let (kept, gone) = two().forget(Duration::from_secs(10), at(110));
    assert_eq!((kept.len(), gone), (1, vec![id("old")]));
    let (kept, gone) = two().forget(Duration::from_secs(10), at(109));
    assert_eq!((kept.len(), gone), (2, vec![]));
}

#[test]
fn only_active_silences_silence() {
    let check = |second: i64, alert: &str, expected: &[&str]| {
        let found = two().silenced_by(&labels(alert), at(second));
        assert_eq!(found, expected.iter().map(|name| id(name)).collect::<Vec<_>>(), "{alert} at {second}");
    };
    check(50, "a=b", &["old"]);
    check(100, "a=b c=d", &["new", "old"]);
    check(150, "a=b", &["new"]);
    check(150, "a=c", &[]);
    check(201, "a=b", &[]);
}

#[test]
fn survives_serialisation() {
    let silence = two().get(&id("old")).unwrap().clone();
    let json = serde_json::to_string(&*silence).unwrap();
    assert_eq!(serde_json::from_str::<Silence>(&json).unwrap(), *silence);
}

fn any_set() -> impl Strategy<Value = MatcherSet> {
    let matcher = prop_oneof!["[ab]=[12]?", "[ab]!=[12]", "[ab]=~'?[12]'?", "[ab]=~\"(1|2)?\""];
    prop::collection::vec(matcher, 1..4).prop_map(|texts| MatcherSet::parse_list(&texts, Syntax::Classic).unwrap())
}

proptest! {
    #[test]
    fn the_index_finds_what_a_search_finds(
        sets in prop::collection::vec((any_set(), 0i64..4), 0..12),
        alert in prop::collection::btree_map("[abc]", "[12]", 0..3),
    ) {
        let silences: Vec<Silence> = sets.into_iter().enumerate().map(|(at_, (set, start))| {
            let mut silence = draft("", "a=b", start, start + 2).into_silence(id(&format!("{at_:02}")), at(start), at(0));
            silence.matchers = set;
            silence
        }).collect();
        let alert = LabelSet::from(alert);
        let found = Silences::new(silences.clone()).silenced_by(&alert, at(3));
        let expected: Vec<_> =
            silences.iter().filter(|silence| silence.silences(&alert, at(3))).map(|silence| silence.id.clone()).collect();
        prop_assert_eq!(found, expected);
    }

    /// The index is changed in place of being made anew: after any changes it must still find what a search finds.
    #[test]
    fn the_index_follows_every_change(
        steps in prop::collection::vec((0usize..6, any_set(), 0i64..4, any::<bool>()), 0..24),
        alert in prop::collection::btree_map("[abc]", "[12]", 0..3),
    ) {
        let mut silences = Silences::default();
        for (number, (name, set, end, forget)) in steps.into_iter().enumerate() {
            let mut silence = draft("", "a=b", 0, end).into_silence(id(&format!("{name}")), at(0), at(number as i64));
            silence.matchers = set;
            silences = silences.with(silence.id.clone(), vec![silence]).silences;
            if forget {
                silences = silences.forget(Duration::from_secs(1), at(3)).0;
            }
        }
        let alert = LabelSet::from(alert);
        let search = silences.iter().filter(|silence| silence.silences(&alert, at(1)));
        let expected: Vec<_> = search.map(|silence| silence.id.clone()).collect();
        prop_assert_eq!(silences.silenced_by(&alert, at(1)), expected);
    }
}
