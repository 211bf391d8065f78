//! Where everything stands: header, lane of marks, plot, labels, legend.
//!
//! It measures and places; it does not draw.

use crate::Style;
use crate::axis::ValueAxis;
use crate::legend::Legend;
use crate::lines::Plot;
use crate::marks::{self, Placed};
use crate::raster::Rect;
use crate::scene::Scene;
use crate::sizes::Sizes;
use crate::time::{self, TimeTick};

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
    pub(crate) axis: ValueAxis,
    /// (left edge, tick); labels do not overlap.
    pub(crate) times: Vec<(f32, TimeTick)>,
    pub(crate) marks: Vec<Placed>,
    pub(crate) legend: Legend,
    pub(crate) legend_top: f32,
}

const PAD: f32 = 14.0;
const TITLE: f32 = 28.0;
const SUBTITLE: f32 = 18.0;
const TIMES: f32 = 25.0;
const LEGEND_GAP: f32 = 6.0;
/// Between the value labels and the plot.
const VALUES_GAP: f32 = 9.0;

impl Layout {
    pub(crate) fn new(scene: &Scene<'_>, style: &Style) -> Layout {
        let sizes = Sizes::new(style.scale);
        let px = |points| sizes.px(points);
        let (width, height) = (px(style.width as f32), px(style.height as f32));
        let (left, right) = (px(PAD), width - px(PAD));
        let legend = Legend::new(scene, sizes, right - left, legend_rows(style));
        let legend_height = if legend.height() > 0.0 { legend.height() + px(LEGEND_GAP) } else { 0.0 };
        let subtitle = (!scene.subtitle.is_empty() && style.height >= 180).then_some(px(PAD + TITLE + 9.0));
        let header = px(PAD + TITLE) + if subtitle.is_some() { px(SUBTITLE) } else { 0.0 };
        let bottom = height - px(0.6 * PAD) - legend_height - px(TIMES);
        let mut plot = Rect::new(left, header.round(), right.round(), bottom.round().max(header.round() + px(10.0)));
        let axis = value_axis(scene, &plot, sizes);
        let values = axis.ticks.iter().map(|(_, label)| sizes.label().width(label)).fold(0.0, f32::max);
        if style.width >= 200 && !axis.ticks.is_empty() {
            plot.left = (left + values.min(0.4 * width) + px(VALUES_GAP)).round();
        }
        let frame = Plot { rect: plot, window: scene.window, axis: &axis };
        let mut marks = marks::place(&scene.panel.marks, &frame, sizes, (left, right));
        if style.height >= 160 {
            plot.top += marks::lane(&marks, sizes).round();
        } else {
            marks.iter_mut().for_each(|mark| mark.badge = None);
        }
        let axis = value_axis(scene, &plot, sizes);
        let times = times(scene, &plot, sizes, (left, right));
        let legend_top = height - px(0.6 * PAD) - legend.height();
        let title = px(PAD + 15.0);
        Layout { sizes, width, height, left, right, title, subtitle, plot, axis, times, marks, legend, legend_top }
    }

    pub(crate) fn plot<'a>(&'a self, scene: &Scene<'_>) -> Plot<'a> {
        Plot { rect: self.plot, window: scene.window, axis: &self.axis }
    }
}

/// Rows of the legend: a quarter of the picture at most, four at most.
fn legend_rows(style: &Style) -> usize {
    if style.width < 200 { 0 } else { (style.height.saturating_sub(100) / 80).min(4) as usize }
}

/// Ticks for the plot's height; none when there is nothing that they could measure.
fn value_axis(scene: &Scene<'_>, plot: &Rect, sizes: Sizes) -> ValueAxis {
    let most = ((plot.height() / sizes.px(48.0)) as usize).clamp(1, 12);
    let panel = scene.panel;
    let mut axis = ValueAxis::new(scene.range, most, &panel.left.unit, panel.left.decimals);
    let measured = scene.has_data || panel.thresholds.iter().any(|threshold| threshold.value.is_finite());
    if !measured && panel.left.min.is_none() && panel.left.max.is_none() {
        axis.ticks.clear();
    }
    axis
}

/// The labels of the time axis: as many as fit beside each other, none out of the picture, days before hours.
fn times(scene: &Scene<'_>, plot: &Rect, sizes: Sizes, (left, right): (f32, f32)) -> Vec<(f32, TimeTick)> {
    let font = sizes.label();
    let fitting = |label: f32| ((plot.width() / (label + sizes.px(34.0))) as usize).max(1);
    let widest = |ticks: &[TimeTick]| ticks.iter().map(|tick| font.width(&tick.label)).fold(0.0, f32::max);
    let zone = &scene.panel.timezone;
    let mut ticks = time::ticks(scene.window, zone, fitting(sizes.px(34.0)));
    ticks = time::ticks(scene.window, zone, fitting(widest(&ticks)));
    let axis = ValueAxis { min: 0.0, max: 1.0, ticks: Vec::new() };
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
