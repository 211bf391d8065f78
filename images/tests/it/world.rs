//! What the tests share: a clock, captures, renderers, answers.

use std::{sync::Arc, time::Duration};

use alerts::{
    LabelSet, Status, Time,
    picture::Subject,
    ports::{Capture, Clock, RenderError, Rendered, Renderer},
};
use images::{
    ChromiumConfig, Renderers, RenderingConfig, ScreenshotsConfig, Sections, SourceConfig, SourceKind, Unwatched,
};

/// 2026-11-20 14:40:00 UTC: every picture of the tests ends here.
pub const NOW: i64 = 1_795_185_600;
/// More than any answer takes.
pub const AMPLE: Duration = Duration::from_secs(60);

/// Stands at [`NOW`]; its monotonic side is tokio's.
struct TestClock(tokio::time::Instant);

impl Clock for TestClock {
    fn now(&self) -> Time {
        Time::from_secs(NOW)
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

pub fn clock() -> Arc<dyn Clock> {
    Arc::new(TestClock(tokio::time::Instant::now()))
}

pub fn labels(pairs: &[(&str, &str)]) -> LabelSet {
    pairs.iter().copied().collect()
}

pub fn source(url: &str) -> SourceConfig {
    SourceConfig::new("main", SourceKind::Prometheus, url)
}

pub fn native(source: SourceConfig) -> Renderers {
    // an error only means that another test was first
    let _ = rustls::crypto::ring::default_provider().install_default();
    images::build(
        &Sections {
            sources: &[source],
            panels: &[],
            screenshots: &ScreenshotsConfig::default(),
            rendering: &RenderingConfig::default(),
            chromium: &ChromiumConfig::default(),
        },
        &clock(),
        Arc::new(Unwatched),
    )
    .expect("a valid configuration")
}

/// A capture of `X`, firing since a minute, whose link has this expression.
pub fn capture(expression: &str) -> Capture {
    let mut link = url::Url::parse("http://prometheus.test/graph").expect("a URL");
    link.query_pairs_mut().append_pair("g0.expr", expression);
    Capture {
        subject: Subject { source: "main".into(), panel: format!("rule/X/{expression}"), variables: String::new() },
        transition: Status::Firing,
        at: Time::from_secs(NOW),
        starts_at: Time::from_secs(NOW - 60),
        fired_at: Time::from_secs(NOW - 57),
        resolved_at: None,
        labels: labels(&[("alertname", "X")]),
        annotations: LabelSet::new(),
        generator_url: link.into(),
        alerts: 1,
    }
}

pub async fn render(native: &Renderers, capture: &Capture) -> Result<Rendered, RenderError> {
    native.render(capture, AMPLE).await
}

/// One series of an answer: labels as JSON, and a value for each step of an hour.
pub fn series(metric: &str, value: impl Fn(i64) -> String) -> String {
    let values: Vec<String> = (0..=360).map(|n| format!("[{},\"{}\"]", NOW - 3_600 + n * 10, value(n))).collect();
    format!("{{\"metric\":{metric},\"values\":[{}]}}", values.join(","))
}

pub fn matrix(series: &[String]) -> String {
    format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":[{}]}}}}"#, series.join(","))
}

pub const NO_RULES: &str = r#"{"status":"success","data":{"groups":[]}}"#;

/// A list with one alerting rule `X`.
pub fn one_rule(query: &str, hold: u64, labels: &str) -> String {
    let query = serde_json::to_string(query).expect("a string");
    format!(
        r#"{{"status":"success","data":{{"groups":[{{"name":"g","rules":[{{"type":"alerting","name":"X","query":{query},"duration":{hold},"labels":{labels},"annotations":{{"summary":"{{{{ $value }}}}"}}}}]}}]}}}}"#
    )
}

/// Compares a picture with its golden file, pixel by pixel; `UPDATE_GOLDEN=1` rewrites the file. The tolerance is that of
/// charts: another libm may round otherwise.
pub fn golden(name: &str, png: &[u8]) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.png"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, png).expect("written");
    }
    let golden = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let ((size, pixels), (expected_size, expected)) = (decoded(png), decoded(&golden));
    assert_eq!(size, expected_size, "{name}");
    let differ = |(a, b): &(&[u8], &[u8])| a.iter().zip(*b).any(|(a, b)| a.abs_diff(*b) > 16);
    let different = pixels.chunks(3).zip(expected.chunks(3)).filter(differ).count();
    assert!(different * 1_000 <= pixels.len() / 3, "{name}: {different} pixels differ from {}", path.display());
}

/// Width and height, and the pixels.
pub fn decoded(png: &[u8]) -> ((u32, u32), Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().expect("a PNG file");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut pixels).expect("pixels");
    ((info.width, info.height), pixels)
}
