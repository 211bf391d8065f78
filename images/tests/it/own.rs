//! Pictures that alerts bring: handed on byte for byte, or drawn from the series that came.

use std::sync::Arc;

use alerts::{
    Status, Time,
    own::{OWN_PICTURE, Own, OwnLine, OwnPoint, OwnSeries, OwnSide, OwnThreshold},
    picture::Subject,
    ports::{Capture, OwnPictures, RenderErrorKind, Renderer},
};
use images::{ChromiumConfig, Renderers, RenderingConfig, ScreenshotsConfig, Sections, Unwatched, own::Spool};

use crate::world::{AMPLE, NOW, capture, clock, golden, labels};

/// Renderers without any source, and the spool.
fn renderers(folder: &std::path::Path) -> (Renderers, Arc<Spool>) {
    let spool = Arc::new(Spool::open(folder).expect("a spool"));
    let sections = Sections {
        sources: &[],
        panels: &[],
        screenshots: &ScreenshotsConfig::default(),
        rendering: &RenderingConfig::default(),
        chromium: &ChromiumConfig::default(),
    };
    let renderers = images::build(&sections, &clock(), Arc::new(Unwatched)).expect("a valid configuration");
    (renderers.with_own(spool.clone()), spool)
}

fn of(name: &str) -> Capture {
    let subject = Subject { source: String::new(), panel: format!("own/{name}"), variables: String::new() };
    Capture { subject, labels: labels(&[("alertname", "BackupLate"), ("host", "db-1")]), ..capture("") }
}

/// Half an hour of seconds per backup, with a hole.
fn line(name: &str, height: f64) -> OwnLine {
    let value = |at: i64| match at {
        70..80 => f64::NAN,
        _ => height * (1.0 + (at as f64 / 9.0).sin() / 8.0) + (at as f64 - 100.0).max(0.0) * height / 60.0,
    };
    let points = (0..=180).map(|at| OwnPoint { at_ms: (NOW - 1_810 + at * 10) * 1_000, value: value(at) });
    OwnLine { name: name.to_owned(), points: points.collect() }
}

#[tokio::test]
async fn series_are_drawn_with_thresholds_and_marks() {
    let folder = tempfile::tempdir().expect("a folder");
    let (renderers, spool) = renderers(folder.path());
    let series = OwnSeries {
        title: "Backups of db-1 take long".to_owned(),
        unit: "s".to_owned(),
        series: vec![line("db-2", 140.0), line("db-1", 180.0), line("db-3", 60.0)],
        thresholds: vec![OwnThreshold { value: 400.0, side: OwnSide::Above }],
        range: None,
    };
    let name = spool.keep(Own::Series(series)).await.expect("kept");
    let rendered = renderers.render(&of(&name), AMPLE).await.expect("drawn");
    golden("own", &rendered.png);
    assert_eq!(rendered.title, "Backups of db-1 take long");
    let said = "Backups of db-1 take long: db-1 is at 7.34 min, above the threshold of 6.67 min; 2 other series.";
    assert_eq!(rendered.alt, said);
}

#[tokio::test]
async fn files_are_handed_on_as_they_came() {
    let folder = tempfile::tempdir().expect("a folder");
    let (renderers, spool) = renderers(folder.path());
    let file = bytes::Bytes::from(
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/firing.png")).expect("a file"),
    );
    let kept = async |title: &str, alt: &str| {
        let own = Own::Image { title: title.to_owned(), alt: alt.to_owned(), file: file.clone() };
        let name = spool.keep(own).await.expect("kept");
        let rendered = renderers.render(&of(&name), AMPLE).await.expect("handed on");
        assert!(rendered.png == file && (rendered.width, rendered.height) == (1_000, 500));
        (rendered.title, rendered.alt)
    };
    assert_eq!(kept("a", "b").await, ("a".to_owned(), "b".to_owned()));
    let told = ("BackupLate".to_owned(), "BackupLate: picture that came with the event".to_owned());
    assert_eq!(kept("", "").await, told);
}

#[tokio::test]
async fn what_is_no_longer_kept_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let (renderers, _) = renderers(folder.path());
    let error = renderers.render(&of(&"0".repeat(64)), AMPLE).await.expect_err("nothing is kept");
    assert_eq!(error.kind, RenderErrorKind::NotFound);
    assert!(error.detail.contains("no longer kept"), "{error}");
}

#[test]
fn only_alerts_that_bring_a_picture_get_one_where_nothing_is_configured() {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let _inside = runtime.enter();
    let (renderers, _) = renderers(folder.path());
    assert!(renderers.only_own());
    let incoming = alerts::intake::Incoming {
        labels: vec![("alertname".into(), "X".into())],
        annotations: vec![(OWN_PICTURE.into(), "0".repeat(64).into())],
        ..alerts::intake::Incoming::default()
    };
    let received = alerts::intake::normalise(incoming, Time::from_secs(NOW), &alerts::intake::Rules::default());
    let alert = received.expect("valid").into_owned().alert();
    assert_eq!(alert.status(Time::from_secs(NOW)), Status::Firing);
    assert_eq!(renderers.subject(&alert).expect("its own").panel, format!("own/{}", "0".repeat(64)));
}
