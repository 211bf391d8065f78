//! `wirephoto render`: one query of a Prometheus, or the built-in demo panel, as a PNG file.
//!
//! Deliberately unknown here: how a query becomes a panel, how a panel is drawn.

use std::{sync::Arc, time::Duration};

use actors::clock::SystemClock;
use alerts::{Time, ports::Clock};
use charts::{Panel, Style, Unit};
use images::{ScreenshotsConfig, SourceConfig, SourceKind, window::Window};
use jiff::tz::TimeZone;

use super::{
    Console, Exit,
    arguments::{RenderArguments, Theme},
    ended,
};

/// How long the source may take. Somebody sits and waits, so longer than for an alert.
const BUDGET: Duration = Duration::from_secs(30);

pub(super) fn run(arguments: &RenderArguments, console: &mut Console<'_>) -> Exit {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let drawn = panel(arguments, &clock).and_then(|panel| draw(arguments, panel));
    if let Ok(said) = &drawn {
        console.say(said);
    }
    ended(drawn.map(drop), console)
}

fn panel(arguments: &RenderArguments, clock: &Arc<dyn Clock>) -> Result<Panel, String> {
    let mut panel = match (&arguments.query, &arguments.source) {
        (Some(query), Some(source)) => queried(arguments, query, source.as_str(), clock)?,
        _ => charts::demo::panel(),
    };
    if let Some(title) = &arguments.title {
        panel.title.clone_from(title);
    }
    if let Some(unit) = &arguments.unit {
        panel.left.unit = Unit::parse(unit);
    }
    if let Some(zone) = &arguments.timezone {
        panel.timezone = zone.clone();
    }
    if let Some(threshold) = arguments.threshold {
        panel.thresholds = vec![charts::Threshold::new(threshold.value, threshold.side)];
    }
    Ok(panel)
}

fn queried(arguments: &RenderArguments, query: &str, source: &str, clock: &Arc<dyn Clock>) -> Result<Panel, String> {
    let window = window(arguments, clock.now())?;
    let source = SourceConfig::new("source", SourceKind::Prometheus, source);
    let zone = arguments.timezone.as_ref().and_then(TimeZone::iana_name).unwrap_or("UTC").to_owned();
    let screenshots = ScreenshotsConfig { timezone: zone, ..ScreenshotsConfig::default() };
    let native = images::native(&[source], &screenshots, clock).map_err(|problems| problems.join("\n"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|why| format!("cannot start: {why}"))?;
    let panel = runtime.block_on(native.query_panel(None, query, window, BUDGET));
    panel.map_err(|error| format!("no picture: {error}"))
}

/// From `--from` to `--to`; what is relative in `--from` counts from the window's end.
fn window(arguments: &RenderArguments, now: Time) -> Result<Window, String> {
    let to = arguments.to.resolve(now);
    let from = arguments.from.resolve(to);
    if from >= to {
        return Err("the window is empty: --from must lie before --to".to_owned());
    }
    Ok(Window::ending(to, to.since(from)))
}

fn draw(arguments: &RenderArguments, panel: Panel) -> Result<String, String> {
    let theme = match arguments.theme {
        Theme::Dark => charts::Theme::Dark,
        Theme::Light => charts::Theme::Light,
    };
    let style = Style { width: arguments.width, height: arguments.height, scale: arguments.scale, theme };
    let png = charts::render(&panel, &style).map_err(|error| error.to_string())?;
    let file = arguments.out.display();
    std::fs::write(&arguments.out, &png.bytes).map_err(|why| format!("cannot write {file}: {why}"))?;
    let (width, height, size) = (png.width, png.height, png.bytes.len());
    Ok(format!("{file}: {width}x{height} pixels, {size} bytes\n{}", charts::alt_text(&panel)))
}
