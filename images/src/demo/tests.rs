//! Pictures and alerts of the demo agree.

use std::collections::BTreeSet;

use alerts::LabelSet;

use super::*;
use crate::expression::Level;

const STARTED: i64 = 1_700_000_000;

fn at(seconds: i64) -> Time {
    Time::from_secs(STARTED + seconds)
}

/// The names of the alerts that fire, and of those that are reported as resolved.
fn check(seconds: i64, firing: &[&str], resolved: &[&str]) {
    let alerts = schedule(at(seconds), at(0));
    let names = |fires: bool| -> Vec<&str> {
        let names: BTreeSet<&str> =
            alerts.iter().filter(|a| a.firing == fires).map(|a| a.labels.value("alertname")).collect();
        names.into_iter().collect()
    };
    assert_eq!((names(true), names(false)), (firing.to_vec(), resolved.to_vec()), "after {seconds} s");
}

#[test]
fn alerts_fire_and_resolve() {
    check(-5, &[], &[]);
    check(0, &[], &[]);
    check(10, &["HighErrorRate"], &[]);
    check(60, &["HighErrorRate", "LatencyP99High"], &[]);
    check(150, &["DiskWillFill", "HighErrorRate", "LatencyP99High", "TargetDown"], &[]);
    check(200, &["DiskWillFill", "LatencyP99High", "TargetDown"], &["HighErrorRate"]);
    check(320, &["DiskWillFill"], &["LatencyP99High", "TargetDown"]);
    check(800, &[], &[]);
    check(900 + 10, &["HighErrorRate"], &[]);
}

#[test]
fn alerts_look_like_prometheus_own() {
    let alerts = schedule(at(20), at(0));
    assert_eq!(alerts.len(), 2);
    assert_eq!(
        alerts[0].labels.to_string(),
        r#"{alertname="HighErrorRate", region="eu-west", service="checkout", severity="critical", team="shop"}"#
    );
    assert_eq!((alerts[0].starts_at, alerts[0].ends_at), (at(8), None));
    assert!(alerts[0].annotations.value("description").contains("in eu-west since"));
    let expression = crate::links::expression_in(&alerts[0].generator_url).expect("it has one");
    assert_eq!(expression, script::RULES[0].expression);
    let ended = schedule(at(175), at(0)).into_iter().find(|alert| !alert.firing).expect("one is over");
    assert_eq!(ended.ends_at, Some(at(170)));
}

/// Every episode that the schedule ever reports as over.
fn episodes() -> BTreeSet<(String, LabelSet, Time, Time)> {
    let reported = (0..3_000).step_by(10).flat_map(|seconds| schedule(at(seconds), at(0)));
    reported.filter_map(|a| Some((a.labels.value("alertname").to_owned(), a.labels, a.starts_at, a.ends_at?))).collect()
}

/// A series breaches its rule exactly from `startsAt` minus `for` until the alert's end.
#[test]
fn series_breach_when_their_alerts_say() {
    let episodes = episodes();
    for rule in script::RULES {
        let line = Expression::new(rule.expression).drawn().curves[0].lines[0].clone();
        let Level::Number(level) = line.level else { panic!("{} has no number", rule.name) };
        let window = Window { from: at(-1_800), to: at(1_700), step: Duration::from_secs(1) };
        for samples in rule.samples(at(0), &window) {
            let mine =
                |labels: &LabelSet| samples.labels.iter().all(|(n, v)| n == "__name__" || labels.get(n) == Some(v));
            for (millis, value) in &samples.points {
                let now = Time::from_millis(*millis);
                let expected = episodes.iter().any(|(name, labels, starts, ends)| {
                    name == rule.name && mine(labels) && starts.minus(rule.rule().hold) <= now && now < *ends
                });
                assert_eq!(
                    line.comparison.holds(*value, level),
                    expected,
                    "{} {} {now}: {value}",
                    rule.name,
                    samples.labels
                );
            }
        }
    }
}

#[tokio::test]
async fn only_its_own_queries_are_answered() {
    let demo = Demo::new(at(0));
    let window = Window::ending(at(60), Duration::from_secs(3_600));
    let budget = Duration::from_secs(1);
    assert_eq!(demo.series("up{job=\"payments\"}", &window, budget).await.expect("known").len(), 4);
    let error = demo.series("other", &window, budget).await.expect_err("unknown");
    assert!(error.to_string().contains("knows only its own rules"));
    for (_, expression) in rules() {
        assert!(!demo.queries[0].is_empty() && Expression::new(expression).drawn().curves.len() == 1);
    }
}
