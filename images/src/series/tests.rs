//! Situations, and what is chosen in them.

use std::time::Duration;

use alerts::Status;

use super::*;

const END: i64 = 1_700_000_000_000;
const STEP: i64 = 10_000;

/// A series whose last values are these.
fn samples(instance: &str, values: &[f64]) -> Samples {
    let first = END - STEP * (i64::try_from(values.len()).expect("few") - 1);
    let points =
        values.iter().enumerate().map(|(at, v)| (first + STEP * i64::try_from(at).expect("few"), *v)).collect();
    Samples { labels: [("instance", instance), ("job", "api")].into_iter().collect(), points }
}

fn line(comparison: Comparison, level: f64) -> AnsweredLine {
    AnsweredLine { comparison, level: AnsweredLevel::Number(level) }
}

fn answered(lines: Vec<AnsweredLine>, series: Vec<Samples>) -> Answered {
    Answered { query: "q".into(), series, lines }
}

fn choose_from(answers: &[Answered], labels: &[(&str, &str)], transition: Transition) -> Choice {
    let window = Window::ending(Time::from_millis(END), Duration::from_secs(3_600));
    let labels = labels.iter().copied().collect();
    choose(answers, &Situation { labels: &labels, transition, began: Time::from_millis(END - 5 * STEP), window })
}

/// `role instance` of each series, and how many were left out.
fn check(answers: &[Answered], labels: &[(&str, &str)], expected: &[&str], omitted: usize) {
    let choice = choose_from(answers, labels, Status::Firing);
    let shown: Vec<String> = choice.series.iter().map(|s| format!("{:?} {}", s.role, s.name)).collect();
    assert_eq!(shown, expected);
    assert_eq!(choice.omitted, omitted);
}

#[test]
fn breaching_series_come_first_worst_first() {
    let series = vec![
        samples("a", &[1.0, 6.0]),
        samples("b", &[9.0, 1.0]),
        samples("c", &[1.0, 8.0]),
        samples("d", &[1.0, 2.0]),
    ];
    check(
        &[answered(vec![line(Comparison::Greater, 5.0)], series.clone())],
        &[],
        &[
            "Highlighted {instance=\"c\"}",
            "Highlighted {instance=\"a\"}",
            "Muted {instance=\"b\"}",
            "Muted {instance=\"d\"}",
        ],
        0,
    );
    check(
        &[answered(vec![line(Comparison::Less, 2.5)], series)],
        &[],
        &[
            "Highlighted {instance=\"b\"}",
            "Highlighted {instance=\"d\"}",
            "Muted {instance=\"c\"}",
            "Muted {instance=\"a\"}",
        ],
        0,
    );
}

#[test]
fn others_than_the_alerts_own_are_grey() {
    let series = vec![samples("a", &[6.0]), samples("b", &[9.0])];
    check(
        &[answered(vec![line(Comparison::Greater, 5.0)], series)],
        &[("instance", "a"), ("severity", "page")],
        &["Highlighted {instance=\"a\"}", "Muted {instance=\"b\"}"],
        0,
    );
}

#[test]
fn what_recovered_while_the_picture_was_taken_is_still_shown() {
    let series = vec![samples("a", &[1.0, 9.0, 9.0, 1.0, 1.0]), samples("b", &[1.0; 5])];
    check(
        &[answered(vec![line(Comparison::Greater, 5.0)], series)],
        &[],
        &["Highlighted {instance=\"a\"}", "Muted {instance=\"b\"}"],
        0,
    );
}

#[test]
fn a_breach_before_the_alert_began_does_not_count() {
    let old = [vec![9.0; 3], vec![1.0; 20]].concat();
    check(
        &[answered(vec![line(Comparison::Greater, 5.0)], vec![samples("a", &old), samples("b", &[2.0])])],
        &[],
        &["Plain {instance=\"b\"}", "Plain {instance=\"a\"}"],
        0,
    );
}

#[test]
fn without_a_line_all_are_plain() {
    check(
        &[answered(Vec::new(), vec![samples("a", &[1.0]), samples("b", &[f64::NAN]), samples("c", &[3.0])])],
        &[],
        &["Plain {instance=\"c\"}", "Plain {instance=\"a\"}", "Plain {instance=\"b\"}"],
        0,
    );
}

#[test]
fn at_most_twenty_and_the_rest_is_counted() {
    let series: Vec<Samples> = (0..1000).map(|n| samples(&format!("{n:04}"), &[f64::from(n)])).collect();
    let choice = choose_from(&[answered(vec![line(Comparison::GreaterEqual, 990.0)], series)], &[], Status::Firing);
    let highlighted = choice.series.iter().filter(|s| s.role == Role::Highlighted).count();
    assert_eq!((choice.series.len(), highlighted, choice.omitted), (20, 10, 980));
    assert_eq!(choice.series[0].name, "{instance=\"0999\"}");
}

#[test]
fn hostile_values_are_ordered_too() {
    let series = vec![samples("nan", &[f64::NAN]), samples("inf", &[f64::INFINITY]), samples("one", &[1.0])];
    check(
        &[answered(vec![line(Comparison::Greater, f64::MAX), line(Comparison::NotEqual, 1.0)], series)],
        &[],
        &["Highlighted {instance=\"inf\"}", "Muted {instance=\"one\"}", "Muted {instance=\"nan\"}"],
        0,
    );
}

#[test]
fn equality_and_absence_of_a_sample() {
    let gone = Samples { points: vec![(END - 30 * STEP, 0.0)], ..samples("gone", &[]) };
    check(
        &[answered(vec![line(Comparison::Equal, 0.0)], vec![samples("up", &[1.0]), samples("down", &[0.0]), gone])],
        &[],
        &["Highlighted {instance=\"down\"}", "Muted {instance=\"up\"}", "Muted {instance=\"gone\"}"],
        0,
    );
}

#[test]
fn moving_thresholds_follow_their_series() {
    let threshold = |instance: &str, value: f64| Samples {
        labels: [("instance", instance)].into_iter().collect(),
        ..samples(instance, &[value])
    };
    let moving =
        |thresholds| AnsweredLine { comparison: Comparison::Greater, level: AnsweredLevel::Moving(thresholds) };
    let series = vec![samples("a", &[6.0]), samples("b", &[6.0])];
    check(
        &[answered(vec![moving(vec![threshold("a", 5.0), threshold("b", 7.0)])], series.clone())],
        &[],
        &["Highlighted {instance=\"a\"}", "Muted {instance=\"b\"}", "MovingThreshold threshold"],
        0,
    );
    let everybodys = Samples { labels: LabelSet::new(), ..samples("", &[5.0]) };
    check(
        &[answered(vec![moving(vec![everybodys])], series)],
        &[],
        &["Highlighted {instance=\"a\"}", "Highlighted {instance=\"b\"}", "MovingThreshold threshold"],
        0,
    );
}

#[test]
fn resolved_pictures_highlight_what_was_wrong() {
    let series = vec![samples("a", &[1.0, 9.0, 1.0, 1.0, 1.0]), samples("b", &[1.0; 5])];
    let choice = choose_from(&[answered(vec![line(Comparison::Greater, 5.0)], series)], &[], Status::Resolved);
    assert_eq!(choice.series[0].role, Role::Highlighted);
    assert_eq!(choice.series[1].role, Role::Muted);
}

#[test]
fn nothing_answered_is_nothing_drawn() {
    check(&[answered(vec![line(Comparison::Greater, 5.0)], Vec::new())], &[], &[], 0);
    check(&[], &[], &[], 0);
}
