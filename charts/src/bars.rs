//! Bars: one for each value, as wide as the values are apart.
//!
//! It does not know stacks: where a bar stands on another it is told what it stands on.

use crate::SeriesLook;
use crate::lines::inside;
use crate::look_draw::{shade, share};
use crate::plot::Plot;
use crate::raster::{Ink, Painter, Rect};
use crate::scene::Curve;
use crate::sizes::Sizes;

/// Grafana's share of the distance between two values.
const SHARE: f32 = 0.6;
/// Few values do not make slabs of bars.
const WIDEST: f32 = 200.0;

/// The middle of a bar and its ends, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bar {
    x: f32,
    end: f32,
    foot: f32,
}

/// Draws the bars of one series, with an outline of `edge` pixels.
pub(crate) fn draw(
    painter: &mut Painter,
    (curve, look): (&Curve<'_>, &SeriesLook),
    edge: f32,
    plot: &Plot<'_>,
    sizes: Sizes,
) {
    let bars = bars(curve, plot);
    let width = width(&bars, curve.series.step_ms, plot, sizes);
    let fill = shade(look.gradient, curve.color, share(look.fill), &plot.rect);
    let edge = if edge > 0.0 { edge.round().max(1.0) } else { 0.0 };
    for bar in thinned(&bars) {
        let Some(rect) = rect(bar, width, &plot.rect) else { continue };
        painter.shaded(&rect, fill);
        outline(painter, &rect, edge, Ink::solid(curve.color));
    }
}

fn bars(curve: &Curve<'_>, plot: &Plot<'_>) -> Vec<Bar> {
    let floor = curve.layer.as_ref().and_then(|layer| layer.floor.as_ref());
    let feet = floor.map(|floor| inside(floor, plot.window));
    let foot = |index: usize| feet.and_then(|feet| feet.get(index)).map_or(plot.base(), |foot| plot.y(foot.1));
    let points = inside(curve.drawn(), plot.window).iter().enumerate().filter(|(_, point)| point.1.is_finite());
    let bar =
        |(index, point): (usize, &(i64, f64))| Bar { x: plot.x(point.0), end: plot.y(point.1), foot: foot(index) };
    points.map(bar).filter(|bar| bar.end.is_finite() && bar.foot.is_finite()).collect()
}

/// From the smallest distance of two values.
fn width(bars: &[Bar], step_ms: i64, plot: &Plot<'_>, sizes: Sizes) -> f32 {
    let nearest = bars.windows(2).map(|pair| pair[1].x - pair[0].x).reduce(f32::min);
    let step = plot.x(plot.window.0.saturating_add(step_ms.max(0))) - plot.rect.left;
    let distance = nearest.unwrap_or(if step > 0.0 { step } else { 0.1 * plot.rect.width() });
    (SHARE * distance).min(sizes.px(WIDEST)).max(1.0)
}

/// Of bars in the same column of pixels, the longest.
fn thinned(bars: &[Bar]) -> impl Iterator<Item = Bar> {
    let length = |bar: &Bar| (bar.end - bar.foot).abs();
    let columns = bars.chunk_by(|a, b| a.x.floor() == b.x.floor());
    columns.filter_map(move |column| column.iter().copied().max_by(|a, b| length(a).total_cmp(&length(b))))
}

/// The part of a bar that is in the plot, in whole pixels.
fn rect(bar: Bar, width: f32, plot: &Rect) -> Option<Rect> {
    let left = (bar.x - 0.5 * width).round();
    let right = (bar.x + 0.5 * width).round().max(left + 1.0);
    let rows = [bar.end.min(bar.foot), bar.end.max(bar.foot)].map(|row| row.round().clamp(plot.top, plot.bottom));
    let rect = Rect::new(left.max(plot.left), rows[0], right.min(plot.right), rows[1]);
    (rect.width() > 0.0 && rect.height() > 0.0).then_some(rect)
}

fn outline(painter: &mut Painter, rect: &Rect, edge: f32, ink: Ink) {
    if edge == 0.0 {
        return;
    }
    if rect.width() <= 2.0 * edge || rect.height() <= 2.0 * edge {
        return painter.fill(rect, ink);
    }
    let inner = rect.grown(-edge);
    for side in [
        Rect { bottom: inner.top, ..*rect },
        Rect { top: inner.bottom, ..*rect },
        Rect { right: inner.left, top: inner.top, bottom: inner.bottom, ..*rect },
        Rect { left: inner.right, top: inner.top, bottom: inner.bottom, ..*rect },
    ] {
        painter.fill(&side, ink);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(x: f32, end: f32) -> Bar {
        Bar { x, end, foot: 100.0 }
    }

    #[test]
    fn of_bars_in_a_column_the_longest_is_drawn() {
        let bars = [bar(1.0, 50.0), bar(1.5, 20.0), bar(1.9, 90.0), bar(2.0, 99.0)];
        assert_eq!(thinned(&bars).collect::<Vec<Bar>>(), [bars[1], bars[3]]);
    }

    #[test]
    fn bars_stay_in_the_plot() {
        let plot = Rect::new(0.0, 0.0, 200.0, 100.0);
        let check = |bar: Bar, width, expected: Option<(f32, f32, f32, f32)>| {
            let expected = expected.map(|(left, top, right, bottom)| Rect::new(left, top, right, bottom));
            assert_eq!(rect(bar, width, &plot), expected, "{bar:?}");
        };
        check(bar(50.0, 40.0), 10.0, Some((45.0, 40.0, 55.0, 100.0)));
        check(bar(0.0, 40.0), 10.0, Some((0.0, 40.0, 5.0, 100.0)));
        check(bar(50.0, 100.0), 10.0, None);
        check(Bar { x: 50.0, end: 140.0, foot: 60.0 }, 10.0, Some((45.0, 60.0, 55.0, 100.0)));
    }
}
