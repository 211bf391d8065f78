//! Files as Alertmanager writes them, recorded and made here, and files that nobody should write.

use std::collections::BTreeMap;

use alerts::{LabelSet, ports::Store, silence::SilenceState};
use proptest::prelude::*;
use prost::Message;

use super::{
    wire::{Comment, Entry, Matcher, MatcherSet, MeshEntry, MeshSilence, Receiver, Silence, Timestamp},
    *,
};
use crate::database::{DatabaseSettings, Retention, Synchronous};

/// Written by Debian's Alertmanager 0.25; `tests/it/takeover.rs` records them anew and says what was done to it.
const RECORDED_SILENCES: &[u8] = include_bytes!("fixtures/silences");
const RECORDED_LOG: &[u8] = include_bytes!("fixtures/nflog");

fn at(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds, nanos: 0 })
}

fn now() -> Time {
    Time::from_secs(1_000)
}

fn matcher(kind: i32, name: &str, pattern: &str) -> Matcher {
    Matcher { kind, name: name.to_owned(), pattern: pattern.to_owned() }
}

fn silence(id: &str) -> Silence {
    Silence {
        id: id.to_owned(),
        matchers: vec![matcher(0, "alertname", "disk")],
        starts_at: at(900),
        ends_at: at(2_000),
        updated_at: at(900),
        created_by: "somebody".to_owned(),
        comment: "because".to_owned(),
        ..Silence::default()
    }
}

fn kept_until(silence: Silence, expires_at: i64) -> MeshSilence {
    MeshSilence { silence: Some(silence), expires_at: at(expires_at) }
}

fn entry(group_key: &str, idx: u32, timestamp: i64) -> Entry {
    let receiver = Receiver { group_name: "team".to_owned(), integration: "slack".to_owned(), idx };
    Entry {
        group_key: group_key.as_bytes().to_vec(),
        receiver: Some(receiver),
        timestamp: at(timestamp),
        ..Entry::default()
    }
}

fn file<M: Message>(messages: &[M]) -> Vec<u8> {
    messages.iter().flat_map(Message::encode_length_delimited_to_vec).collect()
}

fn shown(taken: &TakenSilences) -> Vec<String> {
    taken.silences.iter().map(|silence| format!("{} {}", silence.id, silence.matchers)).collect()
}

#[test]
fn recorded_silences() {
    // between the recording and the end of the silences, which are a hundred years long
    let taken = silences(RECORDED_SILENCES, Time::from_secs(1_800_000_000)).unwrap();
    assert!(taken.refused.is_empty() && taken.split.is_empty());
    let mut by_comment: BTreeMap<_, _> =
        taken.silences.iter().map(|silence| (silence.comment.as_str(), silence)).collect();
    let one = by_comment.remove("all four operators").unwrap();
    assert_eq!(one.matchers.to_string(), r#"{alertname="disk",instance=~"db-.*",severity!="info",team!~"a|b"}"#);
    assert_eq!((one.created_by.as_str(), one.id.0.len()), ("the \"recorder\" ✓", 36));
    assert!(one.starts_at < one.ends_at && one.updated_at <= one.starts_at);
    let pending = by_comment.remove("in the future").unwrap();
    assert_eq!(pending.state(Time::from_secs(1_800_000_000)), SilenceState::Pending);
    assert_eq!(by_comment.len(), 0);
}

#[test]
fn a_recorded_notification_log() {
    let log = notification_log(RECORDED_LOG, Time::MIN).unwrap();
    let shown: Vec<_> = log
        .iter()
        .map(|entry| format!("{} {}/{}/{}", entry.group_key, entry.receiver, entry.kind, entry.index))
        .collect();
    let expected = [
        r#"{}/{severity="critical"}:{alertname="cpu"} ops/webhook/0"#,
        r#"{}:{alertname="disk"} team/webhook/0"#,
        r#"{}:{alertname="disk"} team/webhook/1"#,
    ];
    assert_eq!(shown, expected);
    let hash = |pairs: &[(&str, &str)]| pairs.iter().copied().collect::<LabelSet>().notification_hash();
    assert_eq!(log[0].firing, [hash(&[("alertname", "cpu"), ("severity", "critical")])]);
    let mut two = [
        hash(&[("alertname", "disk"), ("instance", "db-1")]),
        hash(&[("alertname", "disk"), ("instance", "db-2"), ("note", "größer ✓")]),
    ];
    two.sort_unstable();
    for entry in &log[1..] {
        assert_eq!(entry.firing, two);
        assert_eq!(entry.resolved, [hash(&[("alertname", "disk"), ("instance", "db-3")])]);
        assert!(entry.at < entry.expires_at);
    }
}

#[test]
fn the_silence_that_was_updated_last_counts() {
    let updated = |at_: i64, comment: &str| {
        kept_until(Silence { updated_at: at(at_), comment: comment.to_owned(), ..silence("a") }, 9_000)
    };
    for messages in [[updated(1, "old"), updated(2, "new")], [updated(2, "new"), updated(1, "old")]] {
        let taken = silences(&file(&messages), now()).unwrap();
        assert_eq!(taken.silences.iter().map(|one| one.comment.as_str()).collect::<Vec<_>>(), ["new"]);
    }
}

#[test]
fn expired_silences_last_as_long_as_alertmanager_meant_to_keep_them() {
    let ended = |id: &str, kept: i64| kept_until(Silence { ends_at: at(950), ..silence(id) }, kept);
    let messages = [ended("kept", 1_001), ended("forgotten", 1_000), kept_until(silence("active"), 10)];
    let taken = silences(&file(&messages), now()).unwrap();
    assert_eq!(shown(&taken), [r#"active {alertname="disk"}"#, r#"kept {alertname="disk"}"#]);
}

#[test]
fn old_and_new_forms_of_a_silence() {
    let comments = vec![Comment { author: "ann".to_owned(), comment: "old".to_owned() }];
    let very_old = Silence { comments, created_by: String::new(), comment: String::new(), ..silence("a") };
    let annotations = BTreeMap::from([("ticket".to_owned(), "7".to_owned())]);
    let new = Silence { annotations, ..silence("b") };
    let taken = silences(&file(&[kept_until(very_old, 9_000), kept_until(new, 9_000)]), now()).unwrap();
    assert_eq!((taken.silences[0].created_by.as_str(), taken.silences[0].comment.as_str()), ("ann", "old"));
    assert_eq!(taken.silences[1].annotations.get("ticket"), Some("7"));
}

#[test]
fn each_set_of_matchers_becomes_a_silence_with_a_lasting_name() {
    let set = |name: &str| MatcherSet { matchers: vec![matcher(0, name, "1"), matcher(2, "x", "2")] };
    let id = "2c3ac0e8-3d16-4ef8-a0d1-d1c8b4b8d9b5";
    let several = Silence { matchers: set("a").matchers, matcher_sets: vec![set("a"), set("b")], ..silence(id) };
    let bytes = file(&[kept_until(several, 9_000)]);
    let taken = silences(&bytes, now()).unwrap();
    let second = taken.silences[1].id.clone();
    assert_eq!(shown(&taken), [format!("{id} {{a=\"1\",x!=\"2\"}}"), format!("{second} {{b=\"1\",x!=\"2\"}}")]);
    assert_eq!(silences(&bytes, now()).unwrap().silences[1].id, second, "the same each time");
    assert_eq!(
        second.0.chars().map(|c| if c == '-' { '-' } else { 'x' }).collect::<String>(),
        "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
    );
    assert_eq!(taken.split, [format!("silence {id} has 2 sets of matchers: it is taken over as 2 silences")]);
}

/// What is not understood must not silence more than it did.
#[test]
fn a_silence_that_is_not_understood_is_left_out_and_said() {
    let of = |id: &str, matchers: Vec<Matcher>| kept_until(Silence { matchers, ..silence(id) }, 9_000);
    let messages = [
        of("empty", vec![]),
        of("regex", vec![matcher(0, "a", "1"), matcher(1, "b", "(")]),
        of("type", vec![matcher(9, "a", "1")]),
        of("good", vec![matcher(3, "a", "1|2")]),
    ];
    let taken = silences(&file(&messages), now()).unwrap();
    assert_eq!(shown(&taken), [r#"good {a!~"1|2"}"#]);
    let begins = [
        "silence empty is not taken over: without a matcher it would silence everything",
        "silence regex is not taken over: its matcher of label \"b\" is no regular expression: ",
        "silence type is not taken over: its matcher of label \"a\" is of an unknown type",
    ];
    assert_eq!(taken.refused.len(), begins.len());
    for (why, begin) in taken.refused.iter().zip(begins) {
        assert!(why.starts_with(begin), "{why}");
    }
}

#[test]
fn the_later_of_two_entries_counts_and_ended_ones_do_not() {
    let kept = |entry: Entry, expires_at: i64| MeshEntry { entry: Some(entry), expires_at: at(expires_at) };
    let messages = [
        kept(Entry { firing_alerts: vec![2, 1, 2], ..entry("g", 0, 20) }, 9_000),
        kept(Entry { firing_alerts: vec![9], ..entry("g", 0, 10) }, 9_000),
        kept(entry("g", 1, 10), 1_000),
        kept(entry("h", 0, 10), 1_001),
    ];
    let log = notification_log(&file(&messages), now()).unwrap();
    let shown: Vec<_> = log.iter().map(|entry| (entry.group_key.as_str(), entry.index, entry.firing.clone())).collect();
    assert_eq!(shown, [("g", 0, vec![1, 2]), ("h", 0, vec![])]);
}

#[test]
fn muted_alerts_were_not_told_to_fire() {
    let of =
        Entry { firing_alerts: vec![1, 2], resolved_alerts: vec![3, 4], muted_alerts: vec![4, 2], ..entry("g", 0, 1) };
    let log = notification_log(&file(&[MeshEntry { entry: Some(of), expires_at: at(9_000) }]), now()).unwrap();
    assert_eq!((log[0].firing.as_slice(), log[0].resolved.as_slice()), (&[1][..], &[3, 4][..]));
}

#[test]
fn damage_is_told_with_its_place() {
    fn check<T: std::fmt::Debug>(read: Result<T, Damaged>, offset: usize, begin: &str) {
        let damaged = read.expect_err(begin);
        assert_eq!(damaged.offset, offset, "{}", damaged.why);
        assert!(damaged.why.starts_with(begin), "{}", damaged.why);
    }
    let good = file(&[kept_until(silence("a"), 9_000)]);
    let with = |more: &[u8]| [&good[..], more].concat();
    let of = |bytes: &[u8]| silences(bytes, now());
    check(of(&with(&[0x80])), good.len(), "the length of a record is no number");
    check(of(&with(&[0xFF; 11])), good.len(), "the length of a record is no number");
    check(of(&with(&[0x7F, 1, 2])), good.len(), "a record claims 127 bytes, but only 2 follow");
    check(of(&good[..good.len() - 1]), 0, "a record claims ");
    check(of(&with(&[0])), good.len(), "an empty record");
    check(of(&with(&[2, 0xFF, 0xFF])), good.len(), "failed to decode Protobuf message");
    check(of(&with(&[2, 0x12, 0])), good.len(), "a record without a silence");
    check(
        of(b"not a snapshot at all, but some text that somebody put there"),
        0,
        "a record claims 110 bytes, but only ",
    );
    let log = |entry: Entry| notification_log(&file(&[MeshEntry { entry: Some(entry), expires_at: at(9_000) }]), now());
    check(log(Entry { receiver: None, ..entry("g", 0, 1) }), 0, "an entry without a receiver");
    check(log(Entry { group_key: vec![0xFF], ..entry("g", 0, 1) }), 0, "a group key that is no UTF-8");
}

proptest! {
    #[test]
    fn garbage_is_an_error_and_no_panic(bytes: Vec<u8>, cut in any::<prop::sample::Index>(), flip in any::<prop::sample::Index>(), to: u8) {
        let _ = (silences(&bytes, now()), notification_log(&bytes, now()));
        for recorded in [RECORDED_SILENCES, RECORDED_LOG] {
            let mut changed = recorded.to_vec();
            changed[flip.index(recorded.len())] = to;
            let _ = (silences(&changed, now()), notification_log(&changed, now()));
            changed.truncate(cut.index(recorded.len()));
            let _ = (silences(&changed, now()), notification_log(&changed, now()));
        }
    }

    #[test]
    fn no_length_is_believed(length in 1u64 << 20.., rest in proptest::collection::vec(any::<u8>(), 0..40)) {
        let mut bytes = Vec::new();
        prost::encoding::encode_varint(length, &mut bytes);
        bytes.extend(rest);
        prop_assert_eq!(silences(&bytes, now()).map(|_| ()).map_err(|damaged| damaged.offset), Err(0));
    }
}

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        fs::write(self.0.path().join(name), bytes).unwrap();
    }

    fn open(&self) -> Database {
        let (data_dir, synchronous, retention) = (self.0.path().into(), Synchronous::Normal, Retention::default());
        Database::open(&DatabaseSettings { data_dir, synchronous, retention }).unwrap()
    }

    /// A start: what it holds afterwards, or why there was none.
    fn start(&self) -> Result<(usize, usize), String> {
        let database = self.open();
        take_over(&database, self.0.path(), Time::from_secs(1_800_000_000)).map_err(|error| error.to_string())?;
        let snapshot = database.load().unwrap();
        Ok((snapshot.silences.len(), snapshot.foreign_log.len()))
    }
}

/// Entries of the log that last, since the recorded ones ended long ago when the tests run.
fn lasting_log() -> Vec<u8> {
    let kept = |key: &str| MeshEntry { entry: Some(entry(key, 0, 10)), expires_at: at(4_000_000_000) };
    file(&[kept("g"), kept("h")])
}

#[test]
fn the_first_start_takes_over_and_no_later_one_does() {
    let place = Place::new();
    place.put("silences", RECORDED_SILENCES);
    place.put("nflog", &lasting_log());
    assert_eq!(place.start(), Ok((2, 2)));
    let id = place.open().load().unwrap().silences[0].id.clone();
    place.open().commit(&[Change::SilenceGone(id)]).unwrap();
    assert_eq!(place.start(), Ok((1, 2)), "what was forgotten since does not come back");
    place.put("silences", &file(&[kept_until(silence("later"), 4_000_000_000)]));
    assert_eq!(place.start(), Ok((1, 2)), "a file that changed later counts for nothing");
    assert_eq!(fs::read(place.0.path().join("nflog")).unwrap(), lasting_log(), "the files are untouched");
}

#[test]
fn a_file_that_appears_after_the_first_start_is_not_taken_over() {
    let place = Place::new();
    assert_eq!(place.start(), Ok((0, 0)));
    place.put("silences", RECORDED_SILENCES);
    assert_eq!(place.start(), Ok((0, 0)));
}

#[test]
fn a_damaged_file_refuses_the_start_until_it_is_moved_away_and_nothing_is_taken_over_before() {
    let place = Place::new();
    place.put("silences", RECORDED_SILENCES);
    place.put("nflog", &RECORDED_LOG[..RECORDED_LOG.len() - 1]);
    let refused = place.start().unwrap_err();
    let begin =
        format!("cannot take over Alertmanager's file {}: damaged at byte ", place.0.path().join("nflog").display());
    assert!(
        refused.starts_with(&begin) && refused.ends_with("move it out of the way to start without what it holds"),
        "{refused}"
    );
    assert!(place.open().load().unwrap().silences.is_empty());
    fs::rename(place.0.path().join("nflog"), place.0.path().join("nflog.damaged")).unwrap();
    assert_eq!(place.start(), Ok((2, 0)));
}

#[test]
fn what_cannot_be_read_refuses_the_start() {
    let place = Place::new();
    fs::create_dir(place.0.path().join("silences")).unwrap();
    let refused = place.start().unwrap_err();
    assert!(refused.starts_with("cannot read Alertmanager's file "), "{refused}");
}
