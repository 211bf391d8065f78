use alerts::{
    Alert,
    alert::{Episode, PictureSlots},
    labelled::Labelled,
    silence::SilenceId,
};

use super::*;

const NOW: Time = Time::from_secs(1000);

/// Routes by the label `route` (one receiver each, grouped by `group`); alerts say themselves what mutes them.
struct Told;

impl Places for Told {
    fn receivers(&self) -> Vec<Arc<str>> {
        ["a", "b", "night"].map(Arc::from).into()
    }

    fn places(&self, alert: &AlertRecord) -> Vec<Placement> {
        let group: LabelSet = alert.pairs().filter(|(name, _)| *name == "group").collect();
        let receivers = alert.blob.label("to").unwrap_or("a").split('+');
        receivers
            .map(|receiver| Placement {
                route: RouteId(u32::from(receiver.as_bytes()[0])),
                receiver: receiver.into(),
                group_labels: group.clone(),
            })
            .collect()
    }

    fn silent(&self, route: RouteId, _: Time) -> Vec<String> {
        if route.0 == u32::from(b'n') { vec!["nights".to_owned()] } else { Vec::new() }
    }

    fn muted(&self, alert: &AlertRecord, _: Time) -> Muted {
        let is = |what: &str| alert.blob.label("muted").is_some_and(|muted| muted.contains(what));
        Muted {
            silenced_by: is("silenced").then(|| SilenceId("s".into())).into_iter().collect(),
            inhibited_by: is("inhibited").then_some(Fingerprint(1)),
        }
    }
}

/// A table of alerts, each written as `name=value` pairs; `ended` makes it one that is over. They began one after the other.
fn table(alerts: &[&str]) -> AlertTable {
    let table = AlertTable::new();
    for (at, text) in alerts.iter().enumerate() {
        let labels: LabelSet = text.split(' ').filter_map(|pair| pair.split_once('=')).collect();
        let starts_at = Time::from_secs(i64::try_from(at).unwrap());
        let alert = Alert {
            fingerprint: labels.fingerprint(),
            labels,
            annotations: LabelSet::new(),
            starts_at,
            ends_at: if text.contains("ended") { NOW } else { NOW.plus(std::time::Duration::from_secs(1)) },
            ends_by_timeout: false,
            updated_at: starts_at,
            generator_url: String::new(),
            episode: Episode::default(),
            pictures: PictureSlots::default(),
        };
        table.load(AlertRecord::from(&alert));
    }
    table
}

/// Groups as `receiver{labels}: names of alerts`.
fn written(table: &AlertTable, groups: &[(&Group, &[Listed])]) -> Vec<String> {
    let name = |alert: &Listed| table.get(alert.fingerprint).unwrap().labels.value("n").to_owned();
    let group = |(group, alerts): &(&Group, &[Listed])| {
        let names = alerts.iter().map(name).collect::<Vec<_>>().join(" ");
        format!("{}{}: {names}", group.place.receiver, group.place.group_labels)
    };
    groups.iter().map(group).collect()
}

const ALL: Part = Part::Groups { skip: 0, groups: 100, alerts: 100 };

fn check(alerts: &[&str], wanted: &Wanted, asked: Part, expected: &[&str]) -> Grouped {
    let table = table(alerts);
    let grouped = grouped(&table, &Told, wanted, NOW);
    assert_eq!(written(&table, &part(&grouped, asked)), expected, "{wanted:?}");
    grouped
}

fn wanting(filter: &str, receiver: &str, shown: Shown) -> Wanted {
    let filter = MatcherSet::parse(filter, alerts::matcher::Syntax::Fallback).unwrap();
    Wanted { filter, receiver: Some(receiver.to_owned()).filter(|name| !name.is_empty()), shown }
}

const MIXED: [&str; 7] = [
    "n=1 group=y",
    "n=2 group=x to=a+b",
    "n=3 group=x muted=silenced",
    "n=4 group=x muted=silenced+inhibited",
    "n=5 group=y to=night",
    "n=6 group=x to=b ended",
    "n=7 group=x",
];

#[test]
fn alerts_are_in_the_groups_of_all_their_routes_the_newest_first() {
    let usual = wanting("", "", Shown::default());
    let grouped = check(&MIXED, &usual, ALL, &["a{group=\"x\"}: 7 2", "b{group=\"x\"}: 2", "a{group=\"y\"}: 1"]);
    assert_eq!(grouped.alerts, 3, "different alerts");
    assert_eq!(grouped.states, StateCounts { active: 3, silenced: 2, inhibited: 1, muted: 1, resolved: 1 });
}

#[test]
fn filter_and_receiver_choose() {
    let shown = Shown::default();
    check(
        &MIXED,
        &wanting("n=~\"[12]\"", "", shown),
        ALL,
        &["a{group=\"x\"}: 2", "b{group=\"x\"}: 2", "a{group=\"y\"}: 1"],
    );
    let of_b = check(&MIXED, &wanting("", "b", shown), ALL, &["b{group=\"x\"}: 2"]);
    assert_eq!(
        of_b.states,
        StateCounts { active: 1, resolved: 1, ..StateCounts::default() },
        "only those of the receiver"
    );
    check(&MIXED, &wanting("", "nobody", shown), ALL, &[]);
    check(&MIXED, &wanting("n=\"\"", "", shown), ALL, &[]);
}

#[test]
fn what_is_muted_twice_is_shown_only_if_both_are() {
    let usual = Shown { active: false, ..Shown::default() };
    check(&MIXED, &wanting("", "", usual), ALL, &[]);
    let silenced = Shown { silenced: true, ..usual };
    check(&MIXED, &wanting("", "", silenced), ALL, &["a{group=\"x\"}: 3"]);
    check(&MIXED, &wanting("", "", Shown { inhibited: true, ..silenced }), ALL, &["a{group=\"x\"}: 4 3"]);
    check(&MIXED, &wanting("", "", Shown { muted: true, ..usual }), ALL, &["night{group=\"y\"}: 5"]);
    check(&MIXED, &wanting("", "", Shown { resolved: true, ..usual }), ALL, &["b{group=\"x\"}: 6"]);
}

#[test]
fn only_a_part_is_made() {
    let usual = wanting("", "", Shown::default());
    let part = |skip, groups, alerts| Part::Groups { skip, groups, alerts };
    let grouped = check(&MIXED, &usual, part(0, 1, 1), &["a{group=\"x\"}: 7"]);
    check(&MIXED, &usual, part(1, 1, 9), &["b{group=\"x\"}: 2"]);
    check(&MIXED, &usual, part(3, 1, 9), &[]);
    let id = grouped.groups[0].id();
    check(&MIXED, &usual, Part::Group { id, skip: 1, alerts: 1 }, &["a{group=\"x\"}: 2"]);
    check(&MIXED, &usual, Part::Group { id, skip: 2, alerts: 1 }, &[]);
    check(&MIXED, &usual, Part::Group { id: GroupId(1), skip: 0, alerts: 9 }, &[]);
}

#[test]
fn the_newest_of_the_matched_are_listed_and_all_are_counted() {
    let table = table(&MIXED);
    let matchers = wanting("group=x", "", Shown::default()).filter;
    let (listed, total, of) = matched(&table, &matchers, 2, NOW);
    let names: Vec<_> = listed.iter().map(|alert| table.get(*alert).unwrap().labels.value("n").to_owned()).collect();
    assert_eq!((names, total, of), (vec!["7".to_owned(), "4".to_owned()], 4, 6));
}
