//! Many alerts, many panels.

use crate::{
    fake::{Fake, Reply, Request},
    world::{capture, labels, matrix, native, one_rule, render, series, source},
};

#[tokio::test]
async fn a_thousand_alerts_of_one_rule_are_one_query() {
    let all: Vec<String> =
        (0..1_000).map(|n| series(&format!(r#"{{"instance":"{n:04}"}}"#), |step| format!("{}", n * step))).collect();
    let (answer, rules) = (matrix(&all), one_rule("load > 100000", 60, r#"{"severity":"page"}"#));
    let answer =
        move |request: &Request| Reply::json(if request.is_query() { answer.as_str() } else { rules.as_str() });
    let fake = Fake::start(answer).await;
    let mut wanted = capture("load > 100000");
    wanted.alerts = 1_000;
    // what a thousand alerts of different instances share
    wanted.labels = labels(&[("alertname", "X"), ("severity", "page")]);
    let rendered = render(&native(source(&fake.url)), &wanted).await.expect("a picture");
    assert_eq!(fake.queries(), ["load"]);
    assert!(rendered.alt.contains("0999"), "{}", rendered.alt);
}

#[tokio::test]
async fn many_captures_at_once_list_the_rules_once() {
    let (answer, rules) = (matrix(&[series("{}", |n| n.to_string())]), one_rule("a > 5", 0, "{}"));
    let answer =
        move |request: &Request| Reply::json(if request.is_query() { answer.as_str() } else { rules.as_str() });
    let fake = Fake::start(answer).await;
    let native = native(source(&fake.url));
    let wanted = capture("a > 5");
    let (a, b, c, d) = tokio::join!(
        render(&native, &wanted),
        render(&native, &wanted),
        render(&native, &wanted),
        render(&native, &wanted)
    );
    assert!([a, b, c, d].iter().all(Result::is_ok));
    assert_eq!((fake.queries().len(), fake.requests().len()), (4, 5));
}

/// The storm behind a dead source costs nothing: after five failures nobody asks it for a while.
#[tokio::test]
async fn a_dead_source_is_left_alone() {
    let fake = Fake::start(|_: &Request| Reply::status(503, "text/plain", "starting")).await;
    let native = native(source(&fake.url));
    for n in 0..20 {
        render(&native, &capture(&format!("a > {n}"))).await.expect_err("no picture");
    }
    assert!(fake.requests().len() <= 6, "{}", fake.requests().len());
    let error = render(&native, &capture("b > 1")).await.expect_err("no picture");
    assert!(error.detail.contains("source/main failed"), "{error}");
}
