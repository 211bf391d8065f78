//! Alertmanager's own acceptance scenarios over HTTP, against the built server under Alertmanager's flags.
//!
//! The scenarios are data (`table`), the harness knows two programs (`program`): the server, and Debian's Alertmanager as the oracle
//! that says whether harness and table are right (`WIREPHOTO_ORACLE=1`). They mostly sleep, so they run side by side.
//! Deliberately unknown here: the server's insides, and how long it may take to start.

mod compare;
mod live;
mod live_utf8;
pub mod program;
mod run;
mod scenario;
mod table;

use std::panic::{AssertUnwindSafe, catch_unwind};

use self::{program::Kind, scenario::Scenario};

/// What Debian's Alertmanager, which is of 2022, cannot: the scenario, and why.
const NOT_IN_0_25: [(&str, &str); 7] = [
    ("ColdStart", "--dispatch.start-delay came with 0.30"),
    ("WebhookTimeout", "a webhook's timeout came with 0.28"),
    ("EmptyInhibitionRule", "an empty rule ends it"),
    ("SendAlertsToUTF8Route", "UTF-8 names came with 0.27"),
    ("AddUTF8Alerts", "UTF-8 names came with 0.27"),
    ("AddUTF8Silences", "UTF-8 names came with 0.27"),
    ("ClassicMode", "the classic mode came with 0.27"),
];

#[test]
fn alertmanagers_scenarios_hold() {
    run_all(Kind::Wirephoto, |_| false);
}

/// The oracle: where this fails, harness or table is wrong.
#[test]
fn the_scenarios_are_what_debians_alertmanager_does() {
    if std::env::var_os("WIREPHOTO_ORACLE").is_some() && crate::support::peers::alertmanager().is_some() {
        run_all(Kind::Debian, |name| NOT_IN_0_25.iter().any(|(out, _)| *out == name));
    }
}

fn run_all(kind: Kind, left_out: impl Fn(&str) -> bool) {
    let wanted = |name: &str| {
        let asked = std::env::var("WIREPHOTO_SCENARIO").is_ok_and(|only| only != name);
        !asked && !left_out(name)
    };
    let scenarios: Vec<Scenario> = table::all().into_iter().filter(|scenario| wanted(scenario.name)).collect();
    let live = live::ALL.into_iter().chain(live_utf8::ALL).filter(|(name, _)| wanted(name));
    let failures: Vec<String> = std::thread::scope(|scope| {
        let timed = scenarios.iter().map(|scenario| scope.spawn(|| timed(kind, scenario))).collect::<Vec<_>>();
        let live = live.map(|(name, check)| scope.spawn(move || caught(name, || check(kind)))).collect::<Vec<_>>();
        let all = timed.into_iter().chain(live);
        all.filter_map(|thread| thread.join().expect("panics are caught").err()).collect()
    });
    assert!(failures.is_empty(), "{kind:?}\n{}", failures.join("\n"));
}

/// A scenario that failed among all the others gets a second chance: a late thread of ours is no fault of the server's.
fn timed(kind: Kind, scenario: &Scenario) -> Result<(), String> {
    let once = || caught(scenario.name, || run::run(kind, scenario));
    once().or_else(|first| {
        println!("again, since at first {first}");
        once()
    })
}

fn caught(name: &str, check: impl FnOnce()) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(check)).map_err(|panic| {
        let words = panic.downcast_ref::<String>().cloned();
        let words = words.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        format!("{name}: {}", words.unwrap_or_default())
    })
}
