//! Whole pictures of alerts with fixed data. `UPDATE_GOLDEN=1 cargo test -p wirephoto-images` rewrites them; look at
//! them then.

use alerts::{LabelSet, Status, Time, ports::Capture};

use crate::{
    fake::{Fake, Reply, Request},
    world::{NOW, capture, golden, labels, matrix, native, one_rule, render, series, source},
};

/// Values that look like a measurement, the same on every machine.
fn wave(seed: i64, n: i64, middle: f64, height: f64) -> f64 {
    let triangle = |period: i64| ((n + seed * 37).rem_euclid(period) * 2 - period).abs() as f64 / period as f64 - 0.5;
    let mut bits = (n * 1_000 + seed).cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let chance = (bits >> 40) as f64 / (1_u64 << 24) as f64 - 0.5;
    middle + height * (triangle(97) + 0.5 * triangle(41) + 0.35 * chance)
}

async fn check(file: &str, rule: (&str, u64), wanted: Capture, answers: fn(&str) -> Vec<String>) {
    let rules = one_rule(rule.0, rule.1, r#"{"severity":"page"}"#);
    let answer = move |request: &Request| {
        Reply::json(if request.is_query() { matrix(&answers(request.parameter("query"))) } else { rules.clone() })
    };
    let fake = Fake::start(answer).await;
    golden(file, &render(&native(source(&fake.url)), &wanted).await.expect("a picture").png);
}

fn wanted(shared: &[(&str, &str)], summary: &str, since: i64) -> Capture {
    Capture {
        labels: labels(&[&[("alertname", "X"), ("severity", "page")], shared].concat()),
        annotations: [("summary", summary)].into_iter().collect::<LabelSet>(),
        starts_at: Time::from_secs(NOW - since),
        ..capture("")
    }
}

const LATENCY: &str =
    "histogram_quantile(0.99, sum by (le, service) (rate(http_request_duration_seconds_bucket[5m]))) > 0.25";

fn latencies(_query: &str) -> Vec<String> {
    latencies_until(i64::MAX)
}

/// One service is slow from step 270 on, until this step.
fn latencies_until(end: i64) -> Vec<String> {
    let rise = move |n: i64| match n {
        ..=270 => 0.0,
        _ if n <= end => 0.17 * ((n - 270).min(36) as f64 / 36.0),
        _ => 0.17 * (1.0 - ((n - end).min(20) as f64 / 20.0)),
    };
    let service = |name: &str, seed: i64, middle: f64, wrong: bool| {
        series(&format!(r#"{{"service":"{name}"}}"#), move |n| {
            format!("{:.6}", wave(seed, n, middle, 0.03) + if wrong { rise(n) } else { 0.0 })
        })
    };
    vec![
        service("checkout", 1, 0.04, false),
        service("payments", 2, 0.13, true),
        service("search", 3, 0.19, false),
        service("cart", 4, 0.08, false),
    ]
}

#[tokio::test]
async fn curve_threshold_and_marks() {
    check("firing", (LATENCY, 300), wanted(&[], "p99 latency above 250 ms", 330), latencies).await;
}

#[tokio::test]
async fn resolved() {
    let capture = Capture {
        transition: Status::Resolved,
        resolved_at: Some(Time::from_secs(NOW - 60)),
        ..wanted(&[("service", "payments")], "p99 latency above 250 ms", 330)
    };
    check("resolved", (LATENCY, 300), capture, |_| latencies_until(346)).await;
}

#[tokio::test]
async fn a_moving_threshold() {
    let answers = |query: &str| {
        let seed = if query == "requests" { 5 } else { 6 };
        let drop = |n: i64| if query == "requests" && n > 300 { 300.0 } else { 0.0 };
        vec![series(r#"{"job":"api"}"#, |n| {
            format!("{:.3}", wave(seed, n, if seed == 5 { 900.0 } else { 700.0 }, 120.0) - drop(n))
        })]
    };
    check("moving", ("requests < week_ago", 60), wanted(&[], "fewer requests than a week ago", 500), answers).await;
}

#[tokio::test]
async fn absence() {
    let answers = |_: &str| {
        let full = series(r#"{"__name__":"up","job":"batch"}"#, |_| "1".to_owned());
        // scraped until twenty minutes ago
        let until = full.find(&format!("[{}", NOW - 1_200)).expect("it is there");
        vec![format!("{}]}}", full[..until].trim_end_matches(','))]
    };
    check("absent", ("absent(up{job=\"batch\"})", 600), wanted(&[("job", "batch")], "batch is gone", 300), answers)
        .await;
}

#[tokio::test]
async fn no_data() {
    check("no-data", ("up == 0", 120), wanted(&[("instance", "a")], "a is down", 60), |_| Vec::new()).await;
}

#[tokio::test]
async fn many_series() {
    let answers = |_: &str| {
        let all = (0..60).map(|seed| {
            series(&format!(r#"{{"instance":"node-{seed:02}:9100"}}"#), move |n| {
                format!(
                    "{:.4}",
                    (wave(seed, n, 0.4, 0.2) + if seed % 20 == 7 && n > 250 { 0.45 } else { 0.0 }).max(0.0)
                )
            })
        });
        all.collect()
    };
    check("many", ("instance:node_cpu_utilisation:rate5m > 0.8", 300), wanted(&[], "CPUs are busy", 790), answers)
        .await;
}
