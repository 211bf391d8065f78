//! What the legend says: the names with their numbers, in their order.
//!
//! It does not know rows and columns.

use std::cmp::Ordering;

use crate::lines::inside;
use crate::scene::{Curve, Scene};
use crate::{Calculation, Dash, Rgb, Role, number};

/// One name with its colour and its numbers, as they are written.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) color: Rgb,
    pub(super) role: Role,
    pub(super) dashed: bool,
    pub(super) name: String,
    /// One for each of the legend's calculations; empty where there is nothing to calculate with. None at all where the
    /// entry stands for several series.
    pub(super) values: Vec<String>,
}

/// Whether the numbers need names: a single one that is the last value does not.
pub(super) fn needs_heads(scene: &Scene<'_>) -> bool {
    !matches!(scene.panel.legend.calculations.as_slice(), [] | [Calculation::LastNotNull])
}

/// The entries, sorted. All muted series share the last one.
pub(super) fn entries(scene: &Scene<'_>) -> Vec<Entry> {
    let listed = |curve: &&Curve<'_>| curve.look().is_none_or(|look| look.in_legend);
    let (muted, mut named): (Vec<&Curve<'_>>, Vec<&Curve<'_>>) =
        scene.curves.iter().filter(listed).partition(|curve| curve.series.role == Role::Muted);
    if let Some((calculation, descending)) = scene.panel.legend.sort {
        sort(&mut named, scene, calculation, descending);
    }
    let muted = muted.first().map(|first| match muted.len() {
        1 => entry(first, scene),
        others => Entry { name: format!("{others} other series"), values: Vec::new(), ..entry(first, scene) },
    });
    named.into_iter().map(|curve| entry(curve, scene)).chain(muted).collect()
}

fn entry(curve: &Curve<'_>, scene: &Scene<'_>) -> Entry {
    let dashed = curve.look().map_or(curve.series.role == Role::MovingThreshold, |look| look.dash != Dash::Solid);
    Entry {
        color: curve.color,
        role: curve.series.role,
        dashed,
        name: curve.name.clone(),
        values: values(curve, scene),
    }
}

/// The numbers of one series in its own unit.
fn values(curve: &Curve<'_>, scene: &Scene<'_>) -> Vec<String> {
    let (unit, decimals) = curve.unit(scene.panel);
    let numbers = in_window(curve, scene, &scene.panel.legend.calculations);
    let write = |(calculation, result): (&Calculation, Option<f64>)| match (calculation, result) {
        (_, None) => String::new(),
        (calculation, Some(result)) if is_count(*calculation) => number::format(result, &crate::Unit::None, None),
        (Calculation::DiffPercent, Some(result)) => number::format(result, &crate::Unit::PercentUnit, decimals),
        (_, Some(result)) => number::format(result, unit, decimals),
    };
    scene.panel.legend.calculations.iter().zip(numbers).map(write).collect()
}

/// Numbers of values are without unit.
fn is_count(calculation: Calculation) -> bool {
    matches!(calculation, Calculation::Count | Calculation::ChangeCount | Calculation::DistinctCount)
}

fn in_window(curve: &Curve<'_>, scene: &Scene<'_>, calculations: &[Calculation]) -> Vec<Option<f64>> {
    if calculations.iter().all(|calculation| *calculation == Calculation::LastNotNull) {
        return calculations.iter().map(|_| curve.last).collect();
    }
    let values: Vec<f64> = inside(&curve.points, scene.window).iter().map(|point| point.1).collect();
    calculations.iter().map(|calculation| calculation.of(&values)).collect()
}

/// By one number; what has none comes last.
fn sort(named: &mut Vec<&Curve<'_>>, scene: &Scene<'_>, calculation: Calculation, descending: bool) {
    let number = |curve: &Curve<'_>| in_window(curve, scene, &[calculation])[0];
    let mut numbered: Vec<(Option<f64>, &Curve<'_>)> = named.drain(..).map(|curve| (number(curve), curve)).collect();
    numbered.sort_by(|(a, _), (b, _)| match (a, b) {
        (Some(a), Some(b)) if descending => b.total_cmp(a),
        (Some(a), Some(b)) => a.total_cmp(b),
        (None, None) => Ordering::Equal,
        (a, b) => b.is_some().cmp(&a.is_some()),
    });
    named.extend(numbered.into_iter().map(|(_, curve)| curve));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Axis, LegendLook, Panel, Series, SeriesLook, Theme, Unit};

    fn series(name: &str, values: [f64; 3], look: SeriesLook) -> Series {
        let points = [0, 1000, 2000].into_iter().zip(values).collect();
        Series { look: Some(Box::new(look)), ..Series::new(name, 1000, points) }
    }

    fn panel() -> Panel {
        let own = SeriesLook { unit: Some(Unit::Percent), decimals: Some(1), ..SeriesLook::default() };
        let right = SeriesLook { on_right: true, ..SeriesLook::default() };
        let unnamed = SeriesLook { in_legend: false, ..SeriesLook::default() };
        Panel {
            left: Axis::of(Unit::Bytes),
            right: Axis::of(Unit::Seconds),
            series: vec![
                series("bytes", [1.0, 3.0, f64::NAN], SeriesLook::default()),
                series("percent", [9.0, 8.0, 7.0], own),
                series("seconds", [120.0, 60.0, 60.0], right),
                series("unnamed", [1.0, 1.0, 1.0], unnamed),
                series("empty", [f64::NAN; 3], SeriesLook::default()),
            ],
            ..Panel::new("", 0, 2000)
        }
    }

    #[track_caller]
    fn check(calculations: &[Calculation], sort: Option<(Calculation, bool)>, expected: &[&str]) {
        let legend = LegendLook { calculations: calculations.to_vec(), sort, ..LegendLook::default() };
        let panel = Panel { legend, ..panel() };
        let scene = Scene::new(&panel, Theme::Dark.colors());
        let seen: Vec<String> =
            entries(&scene).iter().map(|entry| format!("{} {}", entry.name, entry.values.join(", "))).collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn each_series_has_its_numbers_in_its_own_unit() {
        let calculations = [Calculation::LastNotNull, Calculation::Mean, Calculation::Count];
        let expected = ["bytes 3 B, 2 B, 3", "percent 7.0%, 8.0%, 3", "seconds 1 min, 1.33 min, 3", "empty , , 3"];
        check(&calculations, None, &expected);
        check(&[], None, &["bytes ", "percent ", "seconds ", "empty "]);
    }

    #[test]
    fn they_are_sorted_by_a_number_and_those_without_come_last() {
        let by_max = |descending| Some((Calculation::Max, descending));
        check(&[], by_max(true), &["seconds ", "percent ", "bytes ", "empty "]);
        check(&[], by_max(false), &["bytes ", "percent ", "seconds ", "empty "]);
    }
}
