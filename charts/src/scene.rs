//! A panel made ready: times in order, names cleaned, colours given, the last values known.
//!
//! It does not know the size of the picture, except that colours depend on the theme.

use std::borrow::Cow;

use crate::axis::{Wanted, extent};
use crate::lines::{inside, sorted};
use crate::theme::Colors;
use crate::{Panel, Rgb, Role, Series, text, time};

/// One series made ready.
#[derive(Debug)]
pub(crate) struct Curve<'a> {
    pub(crate) series: &'a Series,
    /// In the order of time, one per time.
    pub(crate) points: Cow<'a, [(i64, f64)]>,
    pub(crate) name: String,
    pub(crate) color: Rgb,
    /// The last value in the window that is a number.
    pub(crate) last: Option<f64>,
}

/// The panel made ready.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) panel: &'a Panel,
    pub(crate) window: (i64, i64),
    pub(crate) title: String,
    pub(crate) subtitle: String,
    pub(crate) curves: Vec<Curve<'a>>,
    /// The ends of the value axis.
    pub(crate) range: (f64, f64),
    /// Some series has a value in the window.
    pub(crate) has_data: bool,
}

impl<'a> Scene<'a> {
    pub(crate) fn new(panel: &'a Panel, colors: &Colors) -> Scene<'a> {
        let window = time::window(panel.from_ms, panel.to_ms);
        let mut next = [0; 2];
        let mut pick = |series: &Series| {
            let index = &mut next[usize::from(series.role == Role::Highlighted)];
            let color = colors.series(series.role, *index);
            *index += usize::from(series.color.is_none() && matches!(series.role, Role::Highlighted | Role::Plain));
            series.color.unwrap_or(color)
        };
        let curves: Vec<Curve<'_>> = panel.series.iter().map(|series| curve(series, window, pick(series))).collect();
        let values = curves.iter().flat_map(|curve| inside(&curve.points, window)).map(|point| point.1);
        let data = extent(values);
        let wanted = Wanted { data, min: panel.left.min, max: panel.left.max };
        Scene {
            panel,
            window,
            title: text::clean(&panel.title),
            subtitle: panel.subtitle.as_deref().map(text::clean).unwrap_or_default(),
            range: wanted.range(panel.thresholds.iter().map(|threshold| threshold.value)),
            has_data: curves.iter().any(|curve| shows_something(curve, window)),
            curves,
        }
    }

    /// The series with a role, the most important (the first) last: later drawing covers earlier.
    pub(crate) fn drawn(&self, role: Role) -> impl Iterator<Item = (usize, &Curve<'a>)> {
        self.curves.iter().enumerate().rev().filter(move |(_, curve)| curve.series.role == role)
    }
}

fn curve<'a>(series: &'a Series, window: (i64, i64), color: Rgb) -> Curve<'a> {
    let points = sorted(&series.points);
    let last = inside(&points, window).iter().rev().map(|point| point.1).find(|value| value.is_finite());
    Curve { series, name: text::clean(&series.name), color, last, points }
}

fn shows_something(curve: &Curve<'_>, window: (i64, i64)) -> bool {
    curve.last.is_some() || inside(&curve.points, window).iter().any(|point| point.1.is_infinite())
}
