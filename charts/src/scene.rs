//! A panel made ready: times in order, names cleaned, colours given, stacks built, the ends of the axes known.
//!
//! It does not know the size of the picture, except that colours depend on the theme.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::axis::extent;
use crate::lines::{inside, sorted};
use crate::range::Wanted;
use crate::stack::{self, Layer};
use crate::theme::Colors;
use crate::{Axis, DrawAs, Interpolation, Panel, Rgb, Role, Scale, Series, SeriesLook, Unit, text, time};

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
    /// What it covers where it stands on others.
    pub(crate) layer: Option<Layer>,
}

impl<'a> Curve<'a> {
    pub(crate) fn look(&self) -> Option<&'a SeriesLook> {
        self.series.look.as_deref()
    }

    pub(crate) fn on_right(&self) -> bool {
        self.look().is_some_and(|look| look.on_right)
    }

    /// The points that are drawn: with all that it stands on.
    pub(crate) fn drawn(&self) -> &[(i64, f64)] {
        self.layer.as_ref().map_or(&self.points, |layer| &layer.edge)
    }

    /// How its values are written beside its name.
    pub(crate) fn unit(&self, panel: &'a Panel) -> (&'a Unit, Option<u8>) {
        let axis = if self.on_right() { &panel.right } else { &panel.left };
        let (unit, decimals) = self.look().map_or((None, None), |look| (look.unit.as_ref(), look.decimals));
        (unit.unwrap_or(&axis.unit), decimals.or(axis.decimals))
    }

    /// A fill that starts at zero would be cut off elsewhere.
    fn stands_on_zero(&self) -> bool {
        self.look().is_some_and(|look| look.draw == DrawAs::Bars || look.stack.is_some())
    }
}

/// One value axis made ready.
#[derive(Debug)]
pub(crate) struct Side<'a> {
    pub(crate) axis: &'a Axis,
    pub(crate) unit: &'a Unit,
    pub(crate) range: (f64, f64),
    /// Some of its series have looks of their own.
    pub(crate) as_grafana: bool,
    /// There is something for its ticks to measure.
    pub(crate) measures: bool,
}

/// The panel made ready.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) panel: &'a Panel,
    pub(crate) window: (i64, i64),
    pub(crate) title: String,
    pub(crate) subtitle: String,
    pub(crate) curves: Vec<Curve<'a>>,
    pub(crate) left: Side<'a>,
    /// None when no series asks for it.
    pub(crate) right: Option<Side<'a>>,
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
        let mut curves: Vec<Curve<'_>> =
            panel.series.iter().map(|series| curve(series, window, pick(series))).collect();
        pile(&mut curves);
        let some_on_right = curves.iter().any(Curve::on_right);
        Scene {
            panel,
            window,
            title: text::clean(&panel.title),
            subtitle: panel.subtitle.as_deref().map(text::clean).unwrap_or_default(),
            left: side(panel, &curves, window, false),
            right: some_on_right.then(|| side(panel, &curves, window, true)),
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
    Curve { series, name: text::clean(&series.name), color, last, points, layer: None }
}

fn shows_something(curve: &Curve<'_>, window: (i64, i64)) -> bool {
    curve.last.is_some() || inside(&curve.points, window).iter().any(|point| point.1.is_infinite())
}

/// What series must share to stand on one another: as in Grafana, also the way they are drawn and their sign.
type StackKey<'a> = (&'a str, bool, bool, DrawAs, Interpolation, bool);

/// Gives the series that stand on one another their layers.
fn pile(curves: &mut [Curve<'_>]) {
    let mut stacks: HashMap<StackKey<'_>, Vec<usize>> = HashMap::new();
    for (index, curve) in curves.iter().enumerate() {
        let Some(look) = curve.look() else { continue };
        let Some(stack) = &look.stack else { continue };
        let key = (stack.group.as_str(), stack.percent, look.on_right, look.draw, look.interpolation, hangs(curve));
        stacks.entry(key).or_default().push(index);
    }
    for ((_, percent, ..), members) in stacks {
        let points: Vec<&[(i64, f64)]> = members.iter().map(|index| curves[*index].points.as_ref()).collect();
        let layers = stack::layers(&points, percent);
        members.iter().zip(layers).for_each(|(index, layer)| curves[*index].layer = Some(layer));
    }
}

/// Whether it hangs below zero: its first value that is not zero is less.
fn hangs(curve: &Curve<'_>) -> bool {
    let values = curve.points.iter().map(|point| point.1);
    values.into_iter().find(|value| value.is_finite() && *value != 0.0).is_some_and(|value| value < 0.0)
}

fn side<'a>(panel: &'a Panel, curves: &[Curve<'a>], window: (i64, i64), right: bool) -> Side<'a> {
    let axis = if right { &panel.right } else { &panel.left };
    let members = || curves.iter().filter(move |curve| curve.on_right() == right);
    let log = matches!(axis.scale, Scale::Log { .. });
    let values = members().flat_map(|curve| inside(curve.drawn(), window)).map(|point| point.1);
    let zero = members().any(Curve::stands_on_zero) && !log;
    let data = extent(values.filter(|value| *value > 0.0 || !log).chain(zero.then_some(0.0)));
    let shares = |look: &SeriesLook| look.stack.as_ref().is_some_and(|stack| stack.percent);
    let is_share = members().next().is_some() && members().all(|curve| curve.look().is_some_and(shares));
    let as_grafana = members().any(|curve| curve.look().is_some());
    let wanted = Wanted { data, axis, as_grafana };
    // thresholds belong to the left axis
    let thresholds = panel.thresholds.iter().map(|threshold| threshold.value).filter(|_| !right);
    let limits = thresholds.clone().any(f64::is_finite);
    let range = wanted.range(thresholds);
    let shown = members().any(|curve| shows_something(curve, window));
    Side {
        axis,
        as_grafana,
        unit: if is_share { &Unit::PercentUnit } else { &axis.unit },
        range: if is_share && !log { of_shares(range, axis) } else { range },
        measures: shown || limits || axis.min.is_some() || axis.max.is_some(),
    }
}

/// Shares fill the axis.
fn of_shares((low, high): (f64, f64), axis: &Axis) -> (f64, f64) {
    let end = |wanted: Option<f64>, own: f64, natural: f64| if wanted.is_some() { own } else { natural };
    let ends = (
        end(axis.min, low, if low < 0.0 { -1.0 } else { 0.0 }),
        end(axis.max, high, if high > 0.0 { 1.0 } else { 0.0 }),
    );
    if ends.0 < ends.1 { ends } else { (low, high) }
}
