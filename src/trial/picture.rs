//! Test pictures: real charts of invented series that end now, in the configured look.
//!
//! Deliberately unknown here: stores, links, channels.

use alerts::{
    Status, Time,
    picture::{PictureId, PictureRecord, Subject},
};
use bytes::Bytes;
use charts::{Mark, MarkKind, Panel, Role, Style, Theme};
use images::settings::{ScreenshotsConfig, ThemeName};
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};

use super::NoTrial;

/// A picture that was drawn.
pub(super) struct Drawn {
    pub(super) record: PictureRecord,
    pub(super) png: Bytes,
}

/// The names of test pictures: letters only, the number as one, so that a store takes them.
pub(super) fn id(transition: Status, at: usize) -> PictureId {
    let word = if transition == Status::Firing { "firing" } else { "resolved" };
    let number = if at == 0 { String::new() } else { format!("{}", at + 1) };
    PictureId(format!("wirephototest{word}{number}").into())
}

/// Draws picture number `at` of `of`.
pub(super) fn draw(
    look: &ScreenshotsConfig,
    transition: Status,
    (at, of): (usize, usize),
    now: Time,
) -> Result<Drawn, NoTrial> {
    let zone = TimeZone::get(&look.timezone).unwrap_or(TimeZone::UTC);
    let panel = panel(transition, (at, of), now, zone);
    let theme = match look.theme {
        ThemeName::Dark => Theme::Dark,
        ThemeName::Light => Theme::Light,
    };
    let style = Style { width: look.width, height: look.height, scale: look.scale, theme };
    let drawn = charts::render(&panel, &style).map_err(|error| NoTrial::Failed(error.to_string()))?;
    let sha256 = Sha256::digest(&drawn.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let record = PictureRecord {
        id: id(transition, at),
        subject: Subject { source: "test".to_owned(), panel: panel.title.clone(), variables: String::new() },
        transition,
        title: panel.title.clone(),
        alt: charts::alt_text(&panel),
        width: drawn.width,
        height: drawn.height,
        size: drawn.bytes.len() as u64,
        sha256,
        taken_at: now,
        used_at: now,
        uploaded: None,
    };
    Ok(Drawn { record, png: drawn.bytes.into() })
}

fn panel(transition: Status, (at, of): (usize, usize), now: Time, timezone: TimeZone) -> Panel {
    let mut panel = charts::demo::panel();
    let length = panel.to_ms - panel.from_ms;
    let shift = now.as_millis() - panel.to_ms;
    panel.from_ms += shift;
    panel.to_ms += shift;
    panel.marks.iter_mut().for_each(|mark| mark.at_ms += shift);
    for series in &mut panel.series {
        let (from, calm) = (panel.from_ms, transition == Status::Resolved && series.role == Role::Highlighted);
        for (millis, value) in &mut series.points {
            *millis += shift;
            if calm {
                *value -= recovery((*millis - from) as f64 / length as f64);
            }
        }
    }
    if transition == Status::Resolved {
        let at_ms = panel.from_ms + length * 92 / 100;
        panel.marks.push(Mark { at_ms, kind: MarkKind::Resolved, label: "Resolved".to_owned() });
    }
    panel.title = if of == 1 { "A test picture".to_owned() } else { format!("Test picture {} of {of}", at + 1) };
    panel.subtitle = Some("invented series, drawn to see whether pictures arrive".to_owned());
    panel.timezone = timezone;
    panel
}

/// How far the highlighted series has come down at a share of the time axis.
fn recovery(share: f64) -> f64 {
    let share = ((share - 0.84) / 0.08).clamp(0.0, 1.0);
    165.0 * share * share * (3.0 - 2.0 * share)
}
