//! What is asked of a Loki, what its answers become, and what becomes of its failures. The answers are as Loki documents them:
//! <https://grafana.com/docs/loki/latest/reference/loki-http-api/>

use std::sync::Arc;

use alerts::ports::{Capture, RenderErrorKind};
use images::{
    ChromiumConfig, PanelConfig, Renderers, RenderingConfig, ScreenshotsConfig, Sections, SourceConfig, SourceKind,
    Unwatched, settings::ThemeName,
};

use crate::{
    fake::{Fake, Reply, Request},
    world::{NO_RULES, NOW, capture, clock, golden, labels, matrix, one_rule, render, series},
};

const ERRORS: &str = r#"sum by (app) (rate({cluster="eu"} |= "error" | json | status >= 500 [5m]))"#;

fn loki(url: &str) -> SourceConfig {
    SourceConfig::new("main", SourceKind::Loki, url)
}

fn renderers(source: SourceConfig, panels: &[&str], theme: ThemeName) -> Renderers {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let panels: Vec<PanelConfig> = panels.iter().map(|panel| toml::from_str(panel).expect("a panel")).collect();
    let screenshots = ScreenshotsConfig { theme, ..ScreenshotsConfig::default() };
    let sections = Sections {
        sources: &[source],
        panels: &panels,
        screenshots: &screenshots,
        rendering: &RenderingConfig::default(),
        chromium: &ChromiumConfig::default(),
    };
    images::build(&sections, &clock(), Arc::new(Unwatched)).expect("a valid configuration")
}

fn native(source: SourceConfig) -> Renderers {
    renderers(source, &[], ThemeName::Dark)
}

/// A capture whose link is that of Loki's ruler.
fn ruled(expression: &str) -> Capture {
    let query =
        serde_json::json!({"expr": expression, "queryType": "range", "datasource": {"type": "loki", "uid": "u"}});
    let mut link = url::Url::parse("http://graf.test/explore").expect("a URL");
    link.query_pairs_mut().append_pair("left", &format!(r#"{{"queries":[{query}]}}"#));
    Capture { generator_url: link.into(), ..capture("") }
}

/// Of the first `[[panels]]`.
fn configured() -> Capture {
    let mut wanted = capture("");
    wanted.subject.panel = "panels/0".into();
    wanted.labels = labels(&[("alertname", "CheckoutErrors")]);
    wanted
}

fn errors() -> String {
    let app = |name: &str, level: f64, rise: f64| {
        series(&format!(r#"{{"app":"{name}"}}"#), move |n| {
            let wave = ((n * 37 % 11) as f64 - 5.0) * 0.08;
            format!("{:.3}", level + wave + if n > 300 { rise } else { 0.0 })
        })
    };
    matrix(&[app("checkout", 3.0, 11.0), app("cart", 2.0, 0.5), app("search", 1.2, 0.0)])
}

fn streams(streams: &[String]) -> String {
    format!(
        r#"{{"status":"success","data":{{"resultType":"streams","result":[{}],"stats":{{"summary":{{"totalBytesProcessed":1}}}}}}}}"#,
        streams.join(",")
    )
}

fn stream(labels: &str, lines: &[(i64, &str)]) -> String {
    let value = |(millis, line): &(i64, &str)| {
        format!(r#"["{}000000",{}]"#, NOW * 1_000 - millis, serde_json::to_string(line).expect("a string"))
    };
    format!(r#"{{"stream":{labels},"values":[{}]}}"#, lines.iter().map(value).collect::<Vec<_>>().join(","))
}

/// Forty lines of four levels.
fn lines() -> String {
    let told = [
        (
            "error",
            "\u{1b}[31mERROR\u{1b}[0m checkout: payment provider answered 503 after 2.8 s, order 81732 not placed, will be tried again in 30 s (attempt 3 of 5)",
        ),
        ("info", "GET /api/cart 200 12ms trace=6f1d2c"),
        ("warn", "connection pool of payments is exhausted: 32 of 32 in use, 118 wait"),
        ("error", "level=error msg=\"upstream timed out\" upstream=payments:8443 elapsed=3.000s"),
        ("debug", "cache miss\tkey=price:eu:81732"),
        ("", "panic: runtime error: invalid memory address or nil pointer dereference"),
        ("critical", "{\"msg\":\"order queue is full\",\"depth\":10000,\"größe\":\"µ\"}"),
    ];
    let mut result = Vec::new();
    for (at, (level, text)) in told.iter().cycle().take(40).enumerate() {
        let millis = i64::try_from(at).expect("small") * 1_733 + 402;
        let labels = if level.is_empty() {
            r#"{"app":"checkout"}"#.to_owned()
        } else {
            format!(r#"{{"app":"checkout","detected_level":"{level}"}}"#)
        };
        result.push(stream(&labels, &[(millis, text)]));
    }
    streams(&result)
}

#[tokio::test]
async fn asks_as_it_should() {
    let rule = one_rule(&format!("({ERRORS} > 10)"), 120, r#"{"severity":"page"}"#);
    let fake = Fake::start(move |request| Reply::json(if request.is_query() { errors() } else { rule.clone() })).await;
    let mut config = loki(&format!("{}/logs/", fake.url));
    config.tenant = Some("team-a".into());
    let rendered = render(&native(config), &ruled("other")).await.expect("a picture");
    assert!(rendered.alt.contains("above the threshold of 10"), "{}", rendered.alt);
    golden("loki-metric", &rendered.png);

    let requests = fake.requests();
    let (listing, query) = (&requests[0], &requests[1]);
    assert_eq!((listing.method.as_str(), listing.path.as_str()), ("GET", "/logs/prometheus/api/v1/rules"));
    assert_eq!((query.method.as_str(), query.path.as_str()), ("POST", "/logs/loki/api/v1/query_range"));
    assert_eq!(query.parameter("query"), ERRORS);
    assert_eq!((query.parameter("start"), query.parameter("end")), ("1795182000000000000", "1795185600000000000"));
    assert_eq!(query.parameter("step"), "10s");
    assert!(requests.iter().all(|request| request.headers["x-scope-orgid"] == "team-a"));
    assert_eq!(requests.len(), 2);
}

#[tokio::test]
async fn the_rulers_link_has_the_expression() {
    let fake =
        Fake::start(|request| Reply::json(if request.is_query() { errors() } else { NO_RULES.to_owned() })).await;
    render(&native(loki(&fake.url)), &ruled(&format!("({ERRORS} > 10)"))).await.expect("a picture");
    render(&native(loki(&fake.url)), &capture(&format!("{ERRORS} > 10"))).await.expect("a picture");
    // what cannot be split is asked whole, never narrowed
    render(&native(loki(&fake.url)), &ruled(&format!("{ERRORS} > 10 and {ERRORS} < 90"))).await.expect("a picture");
    assert_eq!(fake.queries(), [ERRORS, ERRORS, &format!("{ERRORS} > 10 and {ERRORS} < 90")]);
}

#[tokio::test]
async fn a_configured_query_for_lines_or_for_series() {
    let is_for_lines = |request: &Request| request.parameter("query").starts_with('{');
    let answer = move |request: &Request| Reply::json(if is_for_lines(request) { lines() } else { errors() });
    let fake = Fake::start(answer).await;
    let query = r#"{app="checkout"} != "GET /healthz""#;
    for (name, theme) in [("loki-lines", ThemeName::Dark), ("loki-lines-light", ThemeName::Light)] {
        let native = renderers(loki(&fake.url), &[&format!("query = '{query}'")], theme);
        let rendered = render(&native, &configured()).await.expect("a picture");
        golden(name, &rendered.png);
        assert!(
            rendered.alt.starts_with("CheckoutErrors: ERROR checkout: payment provider answered 503"),
            "{}",
            rendered.alt
        );
    }
    let asked = &fake.requests()[0];
    assert_eq!(
        (asked.parameter("query"), asked.parameter("direction"), asked.parameter("limit")),
        (query, "backward", "250")
    );
    let native = renderers(loki(&fake.url), &[&format!("query = '{ERRORS} > 10'")], ThemeName::Dark);
    let rendered = render(&native, &configured()).await.expect("a picture");
    assert!(rendered.alt.contains("threshold of 10"), "{}", rendered.alt);
}

#[tokio::test]
async fn no_lines_is_a_picture_too() {
    let fake = Fake::start(|_| Reply::json(streams(&[]))).await;
    let native = renderers(loki(&fake.url), &["query = '{app=\"gone\"}'"], ThemeName::Dark);
    let rendered = render(&native, &configured()).await.expect("a picture");
    assert_eq!(rendered.alt, "CheckoutErrors: No lines: the query found none.");
}

/// The error of a query for series and of one for lines against a Loki that answers so.
async fn check(reply: Reply, kind: RenderErrorKind, words: &str) {
    let answer = move |request: &Request| if request.is_query() { reply.clone() } else { Reply::json(NO_RULES) };
    let fake = Fake::start(answer).await;
    for query in [ERRORS, r#"{app="checkout"}"#] {
        let native = renderers(loki(&fake.url), &[&format!("query = '{query}'")], ThemeName::Dark);
        let error = render(&native, &configured()).await.expect_err("no picture");
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.detail.contains(words), "{error}");
    }
}

#[tokio::test]
async fn failures_are_told_in_lokis_words() {
    use RenderErrorKind::{Content, Source};
    let text = |status, words: &str| Reply::status(status, "text/plain; charset=utf-8", words);
    check(text(401, "no org id\n"), Source, "401 Unauthorized: no org id: set the source's tenant").await;
    check(text(429, "too many outstanding requests"), Source, "429 Too Many Requests: too many outstanding requests")
        .await;
    check(
        text(400, "parse error at line 1, col 7: syntax error: unexpected IDENTIFIER"),
        Content,
        "400 Bad Request: parse error at line 1",
    )
    .await;
    check(text(400, "maximum of series (500) reached for a single query"), Content, "maximum of series (500) reached")
        .await;
    check(
        text(400, "max entries limit per query exceeded, limit > max_entries_limit_per_query (250 > 100)"),
        Content,
        "max entries limit",
    )
    .await;
    check(text(500, "rpc error: code = Unavailable"), Source, "500 Internal Server Error: rpc error").await;
    check(text(504, "context deadline exceeded"), Source, "504 Gateway Timeout: context deadline exceeded").await;
    check(text(200, "no JSON"), Content, "\"text/plain; charset=utf-8\" instead of JSON").await;
    check(Reply::json("<html>"), Content, "did not answer as Loki does").await;
    check(Reply::HangUp, Source, "error").await;
    check(
        Reply::json(r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#),
        Content,
        "\"vector\" to a",
    )
    .await;
}
