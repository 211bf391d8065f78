//! Where everything stands: header, lane of marks, plot, labels, legend.
//!
//! It measures and places; it does not draw.

use crate::axis::ValueAxis;
use crate::legend::Legend;
use crate::marks::{self, Placed};
use crate::plot::Plot;
use crate::raster::Rect;
use crate::scene::{Scene, Side};
use crate::sizes::Sizes;
use crate::text;
use crate::time::{self, TimeTick};
use crate::{Scale, Style};

/// The finished arrangement, in pixels.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) sizes: Sizes,
    pub(crate) width: f32,
    pub(crate) height: f32,
    /// The room for the header's texts.
    pub(crate) left: f32,
    pub(crate) right: f32,
    pub(crate) title: f32,
    pub(crate) subtitle: Option<f32>,
    pub(crate) plot: Rect,
    pub(crate) left_axis: Strip,
    pub(crate) right_axis: Option<Strip>,
    /// (left edge, tick); labels do not overlap.
    pub(crate) times: Vec<(f32, TimeTick)>,
    pub(crate) marks: Vec<Placed>,
    pub(crate) legend: Legend,
    /// Its left and upper edge.
    pub(crate) legend_at: (f32, f32),
}

/// A value axis beside the plot.
#[derive(Debug)]
pub(crate) struct Strip {
    pub(crate) axis: ValueAxis,
    /// Written along the axis, empty where there is no room.
    pub(crate) label: String,
    /// The column of the label's middle.
    pub(crate) label_at: f32,
}

const PAD: f32 = 14.0;
const TITLE: f32 = 28.0;
const SUBTITLE: f32 = 18.0;
const TIMES: f32 = 25.0;
const LEGEND_GAP: f32 = 6.0;
/// Between the plot and a legend beside it.
const BESIDE_GAP: f32 = 18.0;
/// Between the value labels and the plot.
pub(crate) const VALUES_GAP: f32 = 9.0;
/// The column of an axis's label.
const LABEL: f32 = 19.0;

impl Layout {
    pub(crate) fn new(scene: &Scene<'_>, style: &Style) -> Layout {
        let sizes = Sizes::new(style.scale);
        let px = |points| sizes.px(points);
        let (width, height) = (px(style.width as f32), px(style.height as f32));
        let (left, right) = (px(PAD), width - px(PAD));
        let subtitle = (!scene.subtitle.is_empty() && style.height >= 180).then_some(px(PAD + TITLE + 9.0));
        let header = (px(PAD + TITLE) + if subtitle.is_some() { px(SUBTITLE) } else { 0.0 }).round();
        let legend = Legend::new(scene, sizes, style, (right - left, height - header - px(0.6 * PAD)));
        let beside = if legend.beside() { legend.width() + px(BESIDE_GAP) } else { 0.0 };
        let below = if legend.beside() || legend.height() == 0.0 { 0.0 } else { legend.height() + px(LEGEND_GAP) };
        let bottom = height - px(0.6 * PAD) - below - px(TIMES);
        let end = right - beside;
        let mut plot = Rect::new(left, header, end.round(), bottom.round().max(header + px(10.0)));
        let (left_label, right_label) = strips(scene, &mut plot, style, sizes);
        let axis = value_axis(&scene.left, &plot, sizes);
        let frame = Plot { rect: plot, window: scene.window, axis: &axis };
        let mut marks = marks::place(&scene.panel.marks, &frame, sizes, (left, end));
        let above = marks::lane(&marks, sizes).max(under_title(&scene.left, &plot, sizes)).round();
        if style.height >= 160 && plot.height() - above >= px(10.0) {
            plot.top += above;
        } else {
            marks.iter_mut().for_each(|mark| mark.badge = None);
        }
        let strip = |side: &Side<'_>, label, label_at| Strip { axis: value_axis(side, &plot, sizes), label, label_at };
        Layout {
            sizes,
            width,
            height,
            left,
            right,
            title: px(PAD + 15.0),
            subtitle,
            plot,
            left_axis: strip(&scene.left, left_label, left + px(0.5 * LABEL - 3.0)),
            right_axis: scene.right.as_ref().map(|side| strip(side, right_label, end - px(0.5 * LABEL - 3.0))),
            times: times(scene, &plot, sizes, (left, end)),
            marks,
            legend_at: match legend.beside() {
                true => (end + px(BESIDE_GAP), header),
                false => (left, height - px(0.6 * PAD) - legend.height()),
            },
            legend,
        }
    }

    /// The plot as the left axis measures it.
    pub(crate) fn plot<'a>(&'a self, scene: &Scene<'_>) -> Plot<'a> {
        Plot { rect: self.plot, window: scene.window, axis: &self.left_axis.axis }
    }

    /// The plot as the right axis measures it, if there is one.
    pub(crate) fn right_plot<'a>(&'a self, scene: &Scene<'_>) -> Plot<'a> {
        let strip = self.right_axis.as_ref().unwrap_or(&self.left_axis);
        Plot { axis: &strip.axis, ..self.plot(scene) }
    }
}

/// The room that the label of a tick at the very top needs, so that it does not touch the title. Grafana's ends are often
/// ticks; others have air above them.
fn under_title(side: &Side<'_>, plot: &Rect, sizes: Sizes) -> f32 {
    if !side.as_grafana {
        return 0.0;
    }
    let axis = value_axis(side, plot, sizes);
    let highest = axis.ticks.last().map_or(0.0, |(value, _)| axis.share(*value) as f32);
    (sizes.px(7.0) - (1.0 - highest) * plot.height()).max(0.0)
}

/// Makes room for the axes beside the plot; answers their labels, empty where there is no room.
fn strips(scene: &Scene<'_>, plot: &mut Rect, style: &Style, sizes: Sizes) -> (String, String) {
    let px = |points| sizes.px(points);
    if style.width < 200 {
        return (String::new(), String::new());
    }
    let whole = *plot;
    let strip = |side: &Side<'_>| {
        let axis = value_axis(side, &whole, sizes);
        let values = axis.ticks.iter().map(|(_, label)| sizes.label().width(label)).fold(0.0, f32::max);
        let room = if axis.ticks.is_empty() { 0.0 } else { values.min(0.4 * px(style.width as f32)) + px(VALUES_GAP) };
        let label = side.axis.label.as_deref().map(text::clean).unwrap_or_default();
        let fits = style.width >= 300 && style.height >= 160 && !axis.ticks.is_empty();
        let label = if fits { text::cut_end(&label, sizes.label(), whole.height()) } else { String::new() };
        (room + if label.is_empty() { 0.0 } else { px(LABEL) }, label)
    };
    let (room, left_label) = strip(&scene.left);
    if room > 0.0 {
        plot.left = (plot.left + room).round();
    }
    let (room, right_label) = scene.right.as_ref().map(strip).unwrap_or_default();
    plot.right = (plot.right - room).round().max(plot.left + px(10.0));
    (left_label, right_label)
}

/// Ticks for the plot's height; none when there is nothing that they could measure.
fn value_axis(side: &Side<'_>, plot: &Rect, sizes: Sizes) -> ValueAxis {
    let most = ((plot.height() / sizes.px(48.0)) as usize).clamp(1, 12);
    let with = |most| ValueAxis::scaled(side.axis.scale, side.range, most, side.unit, side.axis.decimals);
    // Grafana's ends need not be round: between two near ones there may be no tick at all
    let axes = (most..most + 4).map(with);
    let mut axis =
        axes.into_iter().find(|axis| !side.as_grafana || !axis.ticks.is_empty()).unwrap_or_else(|| with(most));
    if !side.measures {
        axis.ticks.clear();
    }
    if side.axis.scale != Scale::Linear {
        let row = |value: f64| plot.height() * axis.share(value) as f32;
        let rows: Vec<f32> = axis.ticks.iter().map(|(value, _)| row(*value)).collect();
        let kept = apart(&rows, sizes.px(14.0));
        let mut kept = kept.into_iter();
        axis.ticks.retain(|_| kept.next().unwrap_or(true));
    }
    axis
}

/// Which rows stay when those are dropped that are too near to others: the outer ones count more, as powers do that are
/// crowded around zero.
fn apart(rows: &[f32], least: f32) -> Vec<bool> {
    let mut kept = vec![false; rows.len()];
    let from_outside = (0..rows.len()).flat_map(|index| [index, rows.len() - 1 - index]);
    for index in from_outside.take(rows.len()) {
        let near = |(other, row): (usize, &f32)| kept[other] && (row - rows[index]).abs() < least;
        kept[index] |= !rows.iter().enumerate().any(near);
    }
    kept
}

/// The labels of the time axis: as many as fit beside each other, none out of the picture, days before hours.
fn times(scene: &Scene<'_>, plot: &Rect, sizes: Sizes, (left, right): (f32, f32)) -> Vec<(f32, TimeTick)> {
    let font = sizes.label();
    let fitting = |label: f32| ((plot.width() / (label + sizes.px(34.0))) as usize).max(1);
    let widest = |ticks: &[TimeTick]| ticks.iter().map(|tick| font.width(&tick.label)).fold(0.0, f32::max);
    let zone = &scene.panel.timezone;
    let mut ticks = time::ticks(scene.window, zone, fitting(sizes.px(34.0)));
    ticks = time::ticks(scene.window, zone, fitting(widest(&ticks)));
    let axis = ValueAxis { min: 0.0, max: 1.0, scale: Scale::Linear, ticks: Vec::new() };
    let frame = Plot { rect: *plot, window: scene.window, axis: &axis };
    let mut placed: Vec<(f32, TimeTick)> = Vec::new();
    let (dates, hours): (Vec<TimeTick>, Vec<TimeTick>) = ticks.into_iter().partition(|tick| tick.is_date);
    for tick in dates.into_iter().chain(hours) {
        let width = font.width(&tick.label);
        let start = (frame.x(tick.at_ms) - 0.5 * width).clamp(left, (right - width).max(left));
        let gap = sizes.px(8.0);
        let free = |(other, taken): &(f32, TimeTick)| {
            start + width + gap <= *other || other + font.width(&taken.label) + gap <= start
        };
        if placed.iter().all(free) && start + width <= right + 0.01 {
            placed.push((start, tick));
        }
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_are_too_near_give_way_to_outer_ones() {
        let check = |rows: &[f32], expected: &[bool]| assert_eq!(apart(rows, 14.0), expected, "{rows:?}");
        check(&[0.0, 20.0, 40.0], &[true; 3]);
        check(&[0.0, 50.0, 55.0, 60.0, 110.0], &[true, true, false, false, true]);
        check(&[], &[]);
    }
}
