//! Alerts that mute others.
//!
//! Deliberately unknown here: how they are run.

use super::{
    super::scenario::{Scenario, Spec, alert},
    timing,
};

pub fn all() -> Vec<Scenario> {
    vec![inhibiting(), always_inhibiting(), two_sources(), both_sides()]
}

const RULE: &str = "inhibit_rules:
- source_match: {alertname: JobDown}
  target_match: {alertname: InstanceDown}
  equal: [job, zone]";

fn of(name: &'static str, zone: &'static str) -> Spec {
    alert(name).label("job", "testjob").label("zone", zone)
}

/// Muted while the source fires, told again when it has ended.
fn inhibiting() -> Scenario {
    let job_down = || of("JobDown", "aa").starts(2.2);
    let (test1, aa, ab) = (
        || of("test1", "aa").starts(1.0),
        || of("InstanceDown", "aa").starts(1.0),
        || of("InstanceDown", "ab").starts(1.0),
    );
    Scenario::new("Inhibiting", &timing("[]", "1s", "1s", "1s"))
        .section(RULE)
        .push(1.0, [of("test1", "aa"), of("InstanceDown", "aa"), of("InstanceDown", "ab")])
        .push(2.2, [of("JobDown", "aa")])
        .push(3.6, [job_down().ends(3.6)])
        .want(2.0, 2.5, [test1(), aa(), ab()])
        .want(3.0, 3.5, [test1(), ab(), job_down()])
        .want(4.0, 4.5, [test1(), aa(), ab(), job_down().ends(3.6)])
}

/// Muted from the start; both end at once, and both ends are told.
fn always_inhibiting() -> Scenario {
    let both = || [of("InstanceDown", "aa"), of("JobDown", "aa")];
    let ended = || both().map(|one| one.starts(1.0).ends(2.6));
    Scenario::new("AlwaysInhibiting", &timing("[]", "1s", "1s", "1s"))
        .section(RULE)
        .push(1.0, both())
        .push(2.6, ended())
        .want(2.0, 2.5, [of("JobDown", "aa").starts(1.0)])
        .want(3.0, 3.5, ended())
}

const SEVERITIES: &str = "inhibit_rules:
- source_matchers: [severity=critical]
  target_matchers: [severity=warning]
  equal: [cluster]";

/// All sources count: of two with the same key one ends, and the target stays muted.
fn two_sources() -> Scenario {
    let source = |name| alert(name).label("severity", "critical").label("cluster", "c").starts(1.0);
    let target = alert("target").label("severity", "warning").label("cluster", "c").starts(1.0);
    Scenario::new("TwoInhibitingSources", &timing("[]", "1s", "1s", "1h"))
        .section(SEVERITIES)
        .push(1.0, [source("one"), source("two"), target])
        .push(2.6, [source("two").ends(2.6)])
        .want(2.0, 2.5, [source("one"), source("two")])
        .want(3.0, 3.5, [source("one"), source("two").ends(2.6)])
        .until(4.5)
}

const TWO_SIDED: &str = "inhibit_rules:
- source_matchers: [s=\"1\"]
  target_matchers: [t=\"1\"]
  equal: [cluster]";

/// A source that matches both sides does not hide one that matches one side only.
fn both_sides() -> Scenario {
    let cluster = |name| alert(name).label("cluster", "c").starts(1.0);
    let both = |name| cluster(name).label("s", "1").label("t", "1");
    let one_sided = || cluster("one-sided").label("s", "1");
    Scenario::new("SourceOnBothSides", &timing("[]", "1s", "1s", "1h"))
        .section(TWO_SIDED)
        .push(1.0, [both("source"), one_sided(), both("target")])
        .want(2.0, 2.5, [one_sided()])
        .until(3.5)
}
