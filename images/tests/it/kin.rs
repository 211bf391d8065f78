//! What speaks Prometheus's API in its own accent: Mimir, Thanos, vmalert. Their answers as they document them.

use alerts::ports::RenderErrorKind;

use crate::{
    fake::{Fake, Reply, Request},
    world::{NO_RULES, capture, labels, matrix, native, render, series, source},
};

fn flat() -> String {
    matrix(&[series(r#"{"__name__":"up"}"#, |_| "1".into())])
}

#[tokio::test]
async fn mimir_has_a_prefix_and_a_tenant() {
    let answer = |request: &Request| match request.headers.get("x-scope-orgid").map(String::as_str) {
        None => Reply::status(401, "text/plain; charset=utf-8", "no org id"),
        Some(_) if request.path == "/prometheus/api/v1/query_range" => Reply::json(flat()),
        Some(_) => Reply::json(NO_RULES),
    };
    let fake = Fake::start(answer).await;
    let mut config = source(&format!("{}/prometheus", fake.url));
    let error = render(&native(config.clone()), &capture("up == 0")).await.expect_err("no tenant");
    assert_eq!(
        (error.kind, error.detail.as_str()),
        (RenderErrorKind::Source, "401 Unauthorized: no org id: set the source's tenant")
    );
    config.tenant = Some("team-a".into());
    render(&native(config), &capture("up == 0")).await.expect("a picture");
}

/// Whether an answer with more than Prometheus's fields is drawn.
async fn check(more: &str) {
    let body = flat().replacen(r#"{"status""#, &format!(r#"{{{more},"status""#), 1);
    let fake = Fake::start(move |request| Reply::json(if request.is_query() { body.as_str() } else { NO_RULES })).await;
    render(&native(source(&fake.url)), &capture("up == 0")).await.expect(more);
}

#[tokio::test]
async fn warnings_and_parts_of_answers_are_drawn() {
    check(r#""warnings":["fetch series for {replica=\"a\"}: context deadline exceeded"],"infos":["metric might not be a counter"]"#).await;
    check(r#""warnings":null,"isPartial":false,"stats":{"seriesFetched":"1","executionTimeMsec":1}"#).await;
    check(r#""data2":{"analysis":{}}"#).await;
}

/// Two rules of one name in one group, and one in another.
const RULES: &str = r#"{"status":"success","data":{"groups":[
    {"name":"g","id":"5","rules":[
        {"type":"alerting","name":"X","query":"load > 5","duration":60,"labels":{},"id":"51","group_id":"5"},
        {"type":"alerting","name":"X","query":"load > 8","duration":0,"id":"52","group_id":"5"}]},
    {"name":"h","id":"6","rules":[
        {"type":"alerting","name":"X","query":"other > 1","duration":0,"id":"61","group_id":"6"}]}]}}"#;

/// The paths that vmalert is asked for, and the query that the series are asked with.
async fn linked(generator_url: &str, expected: (&[&str], &str)) {
    let alert = |request: &Request| match request.parameter("alert_id") {
        "7" => Reply::json(
            r#"{"state":"firing","name":"X","id":"7","rule_id":"52","group_id":"5","expression":"load > 8"}"#,
        ),
        _ => Reply::status(404, "text/plain; charset=utf-8", "can't find alert"),
    };
    let answer =
        move |request: &Request| if request.path.ends_with("/alert") { alert(request) } else { Reply::json(RULES) };
    let vmalert = Fake::start(answer).await;
    let series = Fake::start(|_| Reply::json(flat())).await;
    let mut config = source(&series.url);
    config.rules_url = Some(vmalert.url.clone());
    let mut wanted = capture("");
    wanted.labels = labels(&[("alertname", "X"), ("alertgroup", "g")]);
    wanted.generator_url = generator_url.replace("VMALERT", &vmalert.url);
    render(&native(config), &wanted).await.expect("a picture");
    let asked: Vec<String> = vmalert.requests().into_iter().map(|request| request.path).collect();
    assert_eq!(
        (asked.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), series.queries()[0].as_str()),
        expected,
        "{generator_url}"
    );
}

#[tokio::test]
async fn a_link_to_vmalert_leads_to_the_very_rule() {
    let both: &[&str] = &["/api/v1/rules", "/api/v1/alert"];
    linked("VMALERT/vmalert/alert?group_id=5&alert_id=7", (both, r#"load{alertgroup=~"g|"}"#)).await;
    linked("VMALERT/vmalert/api/v1/alert?group_id=5&alert_id=7", (both, r#"load{alertgroup=~"g|"}"#)).await;
    // over, and forgotten by vmalert
    linked("VMALERT/vmalert/alert?group_id=5&alert_id=8", (both, r#"load{alertgroup=~"g|"}"#)).await;
    linked("VMALERT/vmalert/alert?group_id=6&alert_id=7", (&both[..1], r#"other{alertgroup=~"g|"}"#)).await;
    // a link of the templates' own
    let explore = r#"http://graf.test/explore?left={"queries":[{"expr":"other+%3E+1"}]}"#;
    linked(explore, (&both[..1], r#"other{alertgroup=~"g|"}"#)).await;
}
