//! Every alert of the demo gets its picture.

use std::time::Duration;

use alerts::{
    Alert, Episode, Status, Time,
    alert::PictureSlots,
    ports::{Capture, Renderer},
};
use images::{
    ChromiumConfig, Renderers, RenderingConfig, ScreenshotsConfig, Sections, SourceConfig, SourceKind, Unwatched,
    demo::{DemoAlert, rules, schedule},
};

use crate::world::{AMPLE, NOW, clock, decoded};

fn demo() -> SourceConfig {
    SourceConfig::new("demo", SourceKind::Demo, "")
}

fn native() -> Renderers {
    // an error only means that another test was first
    let _ = rustls::crypto::ring::default_provider().install_default();
    images::build(
        &Sections {
            sources: &[demo()],
            panels: &[],
            screenshots: &ScreenshotsConfig::default(),
            rendering: &RenderingConfig::default(),
            chromium: &ChromiumConfig::default(),
        },
        &clock(),
        std::sync::Arc::new(Unwatched),
    )
    .expect("a valid configuration")
}

fn alert(demo: &DemoAlert) -> Alert {
    Alert {
        fingerprint: demo.labels.fingerprint(),
        labels: demo.labels.clone(),
        annotations: demo.annotations.clone(),
        starts_at: demo.starts_at,
        ends_at: demo.ends_at.unwrap_or(Time::MAX),
        ends_by_timeout: false,
        updated_at: demo.starts_at,
        generator_url: demo.generator_url.clone(),
        episode: Episode(demo.starts_at),
        pictures: PictureSlots::default(),
    }
}

/// The capture that the gate makes of all alerts of one rule in one state.
fn capture(native: &Renderers, alerts: &[DemoAlert], at: Time, transition: Status) -> Capture {
    let first = alert(&alerts[0]);
    Capture {
        subject: native.subject(&first).expect("a panel"),
        transition,
        at,
        starts_at: alerts.iter().map(|a| a.starts_at).min().expect("one"),
        fired_at: alerts.iter().map(|a| a.starts_at).min().expect("one"),
        resolved_at: alerts.iter().filter_map(|a| a.ends_at).max(),
        labels: alerts.iter().fold(first.labels.clone(), |shared, a| shared.intersection(&a.labels)),
        annotations: alerts.iter().fold(first.annotations, |shared, a| shared.intersection(&a.annotations)),
        generator_url: alerts[0].generator_url.clone(),
        alerts: alerts.len(),
    }
}

/// The picture of a rule so many seconds after the start; its alt text says what is to be seen.
async fn check(name: &str, seconds: i64, transition: Status, seen: &[&str]) {
    let native = native();
    let at = Time::from_secs(NOW + seconds);
    let mut alerts = schedule(at, Time::from_secs(NOW));
    alerts.retain(|a| a.labels.value("alertname") == name && a.firing == (transition == Status::Firing));
    assert!(!alerts.is_empty(), "{name} at {seconds}");
    let rendered = native.render(&capture(&native, &alerts, at, transition), AMPLE).await.expect("a picture");
    assert!(rendered.title.starts_with(name), "{}", rendered.title);
    assert!(seen.iter().all(|words| rendered.alt.contains(words)), "{}", rendered.alt);
    assert_eq!(decoded(&rendered.png).0, (1000, 500));
}

#[tokio::test]
async fn firing_and_resolved_pictures() {
    check("HighErrorRate", 30, Status::Firing, &["checkout", "5%"]).await;
    check("HighErrorRate", 190, Status::Resolved, &["checkout", "5%"]).await;
    check("LatencyP99High", 60, Status::Firing, &["search", "800 ms"]).await;
    check("DiskWillFill", 120, Status::Firing, &["db-1"]).await;
    check("TargetDown", 180, Status::Firing, &["payments-"]).await;
}

#[tokio::test]
async fn its_queries_can_be_drawn_without_alerts() {
    for (name, expression) in rules() {
        let native = images::native(&[demo()], &ScreenshotsConfig::default(), &clock()).expect("a valid configuration");
        let window = native.window(Time::from_secs(NOW), Some(Duration::from_secs(1_800)));
        let rendered = native.render_query(None, expression, window, AMPLE).await.expect(name);
        assert!(rendered.png.len() > 5_000, "{name}");
    }
}
