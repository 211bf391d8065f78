//! The sections `inhibit_rules`, `time_intervals` and its old name `mute_time_intervals`.
//!
//! Deliberately unknown here: what an interval contains, what is inhibited.

use alerts::{
    inhibit::InhibitRule,
    interval::{TimeInterval, TimeIntervals},
};
use serde::Deserialize;

use super::{
    matching::{Equal, Regexes, check_name, matchers},
    reader::Reader,
    tree::Path,
};

/// A named interval as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawIntervals {
    name: String,
    time_intervals: Vec<TimeInterval>,
}

/// A rule as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawRule {
    name: String,
    source_match: Equal,
    source_match_re: Regexes,
    source_matchers: Vec<String>,
    target_match: Equal,
    target_match_re: Regexes,
    target_matchers: Vec<String>,
    equal: Vec<String>,
}

/// All time intervals by their names.
pub(super) fn time_intervals(reader: &mut Reader) -> TimeIntervals {
    let mut intervals = TimeIntervals::default();
    for section in ["time_intervals", "mute_time_intervals"] {
        for (path, raw) in reader.elements::<RawIntervals>(section) {
            if raw.name.is_empty() {
                reader.problem(&path.key("name"), "a time interval needs a name that routes can call it by");
            } else if let Err(why) = intervals.insert(&raw.name, raw.time_intervals) {
                reader.problem(&path.key("name"), why.to_string());
            }
        }
    }
    intervals
}

/// The inhibition rules.
pub(super) fn inhibit_rules(reader: &mut Reader) -> Vec<InhibitRule> {
    let rules = reader.elements::<RawRule>("inhibit_rules");
    rules.into_iter().map(|(path, raw)| inhibit_rule(reader, &path, raw)).collect()
}

fn inhibit_rule(reader: &mut Reader, path: &Path, raw: RawRule) -> InhibitRule {
    let source_keys = ["source_match", "source_match_re", "source_matchers"];
    let target_keys = ["target_match", "target_match_re", "target_matchers"];
    for (index, name) in raw.equal.iter().enumerate() {
        if let Err(why) = check_name(name, reader.syntax()) {
            reader.problem(&path.key("equal").index(index), why);
        }
    }
    InhibitRule {
        name: raw.name,
        source: matchers(reader, path, source_keys, raw.source_match, raw.source_match_re, &raw.source_matchers),
        target: matchers(reader, path, target_keys, raw.target_match, raw.target_match_re, &raw.target_matchers),
        equal: raw.equal,
    }
}
