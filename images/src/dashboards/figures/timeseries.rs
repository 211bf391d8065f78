//! Panels of type `timeseries`.
//!
//! Deliberately unknown here: what single looks mean (`looks.rs`), axes, the legend.

use alerts::ports::RenderError;
use charts::{Band, Figure, Panel, Rgb, Series, SeriesLook, Side, Theme, Threshold};
use serde_json::{Map, Value};

use super::{
    Parts,
    axes::Axes,
    legend::legend,
    looks::{Change, change, gap, hidden, look},
};
use crate::dashboards::{
    fields::{Dressed, FieldConfig, dress},
    frames::{Field, Frame, widened},
};

/// The most series in a picture: beyond, nobody tells them apart.
const MOST_SERIES: usize = 200;
/// The colours of series that say nothing of theirs.
const COLORS: &str = "palette-classic";

/// The figure.
///
/// # Errors
/// `Unsupported` where the panel needs more axes than there are.
pub(super) fn compose(parts: Parts<'_>, degraded: &mut Vec<String>) -> Result<Figure, RenderError> {
    let Parts { panel, frames, title, subtitle, window, timezone, theme, marks } = parts;
    let frames = widened(frames);
    let mut dressed = dress(&frames, panel, degraded);
    dressed.retain(|field| field.field.is_drawable() && frames[field.frame].time().is_some());
    // only what can be drawn has a place in the palette
    dressed.iter_mut().enumerate().for_each(|(index, field)| field.index = index);
    let shown: Vec<&Dressed<'_>> = dressed.iter().filter(|field| !hidden(&field.config, "viz")).collect();
    let (mut axes, mut series) = (Axes::default(), Vec::new());
    for field in shown.iter().take(MOST_SERIES) {
        let mut look = look(&field.config, degraded);
        look.on_right = axes.place(&field.config, look.stack.as_ref().is_some_and(|stack| stack.percent))?;
        series.push(one(
            field,
            &frames[field.frame],
            look,
            field.scheme(COLORS, theme).of_series(field.place(), &field.field.values.to_numbers()),
        ));
    }
    let (left, right) = axes.finished();
    let on_left = |one: &Series| one.look.as_ref().is_none_or(|look| !look.on_right);
    let first = shown.iter().zip(&series).find(|(_, one)| on_left(one)).map(|(field, _)| *field);
    let (thresholds, bands) = first.map(|field| thresholds(field, theme)).unwrap_or_default();
    let no_data = panel.defaults.get("noValue").and_then(Value::as_str).unwrap_or("No data");
    let figure = Panel {
        subtitle,
        left,
        right,
        legend: legend(&panel.options, degraded),
        timezone,
        thresholds,
        bands,
        marks,
        omitted: shown.len() - series.len(),
        series,
        no_data: Some(no_data.to_owned()),
        ..Panel::new(title, window.from.as_millis(), window.to.as_millis())
    };
    Ok(Figure::TimeSeries(Box::new(figure)))
}

fn one(dressed: &Dressed<'_>, frame: &Frame, look: SeriesLook, color: Option<Rgb>) -> Series {
    let nothing = Map::new();
    let time = frame.fields.iter().find(|field| field.is_time()).map_or(&nothing, |field| &field.config);
    let gap = gap(&dressed.config, time);
    let points = points(frame, dressed.field, &dressed.config, gap);
    Series { color, look: Some(Box::new(look)), ..Series::new(dressed.name.clone(), gap.unwrap_or(0), points) }
}

/// Times and values, ascending, with a missing value in every hole that is longer than `gap`.
fn points(frame: &Frame, field: &Field, config: &FieldConfig, gap: Option<i64>) -> Vec<(i64, f64)> {
    let times = frame.time().unwrap_or_default();
    let value = |row: usize| field.values.get(row).number().unwrap_or(f64::NAN);
    let mut points: Vec<(i64, f64)> =
        times.iter().enumerate().filter_map(|(row, time)| Some(((*time)?, value(row)))).collect();
    points.sort_by_key(|(time, _)| *time);
    match change(config) {
        Change::None => {}
        Change::Negative => points.iter_mut().for_each(|(_, value)| *value = -*value),
        Change::Constant => {
            let first = points.iter().map(|(_, value)| *value).find(|value| !value.is_nan()).unwrap_or(f64::NAN);
            points.iter_mut().for_each(|(_, value)| *value = first);
        }
    }
    let Some(gap) = gap else { return points };
    let mut filled = Vec::with_capacity(points.len());
    for (time, value) in points {
        if let Some((before, _)) = filled.last().copied()
            && time.saturating_sub(before) > gap
        {
            filled.push((before.saturating_add(gap), f64::NAN));
        }
        filled.push((time, value));
    }
    filled
}

/// The lines and areas of `thresholdsStyle`, of the first series of the left axis, as Grafana has it. Transparent steps have none.
fn thresholds(field: &Dressed<'_>, theme: Theme) -> (Vec<Threshold>, Vec<Band>) {
    let style = field.config.custom("thresholdsStyle").and_then(|style| style.get("mode")).and_then(Value::as_str);
    let (line, solid, area) = match style {
        Some("line" | "series") => (true, true, false),
        Some("dashed") => (true, false, false),
        Some("area") => (false, false, true),
        Some("line+area") => (true, true, true),
        Some("dashed+area") => (true, false, true),
        _ => (false, false, false),
    };
    let steps = field.scheme(COLORS, theme).thresholds().absolute(field.range);
    let lined = steps.iter().filter(|(value, color)| line && value.is_finite() && color.is_some());
    let lines = lined.map(|(value, color)| Threshold { color: *color, solid, ..Threshold::new(*value, Side::None) });
    let ends = steps.iter().skip(1).map(|(value, _)| *value).chain([f64::INFINITY]);
    let ranges = steps.iter().zip(ends).filter(|_| area);
    let bands = ranges.filter_map(|((from, color), to)| Some(Band { from: *from, to, color: (*color)? }));
    (lines.collect(), bands.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboards::frames::Values;

    #[test]
    fn holes_are_gaps_and_rows_are_put_in_order() {
        let check = |config: &str, gap: Option<i64>, expected: &[(i64, f64)]| {
            let times = Values::Times(vec![Some(30), Some(0), None, Some(10)]);
            let time = Field { name: "Time".into(), values: times, ..Field::default() };
            let field = Field::numbers("v", vec![Some(3.0), Some(1.0), Some(9.0), None]);
            let frame = Frame { fields: vec![time, field.clone()], ..Frame::default() };
            let config = FieldConfig::new(serde_json::from_str(config).expect("JSON"));
            let points = points(&frame, &field, &config, gap);
            assert_eq!(format!("{points:?}"), format!("{expected:?}"));
        };
        let nan = f64::NAN;
        check("{}", None, &[(0, 1.0), (10, nan), (30, 3.0)]);
        check("{}", Some(10), &[(0, 1.0), (10, nan), (20, nan), (30, 3.0)]);
        check(r#"{"custom":{"transform":"negative-Y"}}"#, None, &[(0, -1.0), (10, nan), (30, -3.0)]);
        check(r#"{"custom":{"transform":"constant"}}"#, None, &[(0, 1.0), (10, 1.0), (30, 1.0)]);
    }
}
