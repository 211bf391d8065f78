//! Series with looks of their own: their fills, lines, dashes and points. Bars have a file of their own.
//!
//! It takes finished lines and does not know where values came from.

use crate::lines::Line;
use crate::plot::Plot;
use crate::raster::{Area, Clip, Ink, Painter, Point, Rect, Shade};
use crate::scene::{Curve, Scene};
use crate::sizes::Sizes;
use crate::{Dash, DrawAs, Gradient, Rgb, SeriesLook, ShowPoints, bars, hue, layers};

/// Fills the area of one series, down to what it stands on.
pub(crate) fn area(
    painter: &mut Painter,
    scene: &Scene<'_>,
    (index, look): (usize, &SeriesLook),
    lines: &[Line],
    plot: &Plot<'_>,
) {
    let (curve, line) = (&scene.curves[index], &lines[index]);
    let strength = share(look.fill);
    if strength <= 0.0 || look.draw != DrawAs::Line {
        return;
    }
    let shade = shade(look.gradient, curve.color, strength, &plot.rect);
    let clip = painter.canvas.clip(&plot.rect);
    let floor = curve.layer.as_ref().and_then(|layer| layer.floor.as_ref());
    let floor = floor.map(|floor| Line::of_look(look, floor, plot));
    match floor.as_ref().or_else(|| Some(&lines[below(scene, index, look)?])) {
        None => painter.area(clip, line.runs(), Area { base: plot.base(), shade }),
        Some(floor) => {
            let pieces = layers::between(line, floor);
            painter.between(clip, pieces.iter().map(|(upper, lower)| (upper.as_slice(), lower.as_slice())), shade);
        }
    }
}

/// The series that ends the fill of another.
fn below(scene: &Scene<'_>, index: usize, look: &SeriesLook) -> Option<usize> {
    let name = look.fill_below_to.as_ref()?;
    scene.curves.iter().enumerate().position(|(other, curve)| other != index && curve.series.name == *name)
}

/// What a fill is painted with: over the whole plot, as in Grafana, so that equal heights have equal colours.
pub(crate) fn shade(gradient: Gradient, color: Rgb, strength: f32, plot: &Rect) -> Shade {
    let (top, bottom) = match gradient {
        Gradient::None => return Shade::flat(Ink::faint(color, strength)),
        Gradient::Opacity => (Ink::faint(color, strength), Ink::faint(color, 0.0)),
        Gradient::Hue => {
            (Ink::faint(hue::turned(color, 15.0, 0.1), strength), Ink::faint(hue::turned(color, -15.0, -0.1), strength))
        }
    };
    Shade { from: (plot.top, top), to: (plot.bottom, bottom) }
}

/// Draws the line of one series, or its bars, and its points.
pub(crate) fn draw(
    painter: &mut Painter,
    (curve, look): (&Curve<'_>, &SeriesLook),
    line: &Line,
    plot: &Plot<'_>,
    sizes: Sizes,
) {
    let ink = Ink::solid(curve.color);
    let width = sizes.px(length(look.width, 1.0).min(WIDEST));
    let rect = plot.rect;
    let around = Rect::new(rect.left, rect.top - width, rect.right, rect.bottom + width);
    let clip = painter.canvas.clip(&around);
    match look.draw {
        DrawAs::Bars => bars::draw(painter, (curve, look), width, plot, sizes),
        DrawAs::Line if width > 0.0 => stroke(painter, line, &look.dash, width, (clip, ink), sizes),
        DrawAs::Line | DrawAs::Points => {}
    }
    let radius = 0.5 * sizes.px(length(look.point_size, 5.0).clamp(1.0, LARGEST_POINT));
    let visible = |point: &Point| rect.grown(1.0).contains(*point);
    let around = painter.canvas.clip(&rect.grown(radius));
    if shows_points(look, line.values.len(), rect.width() / (4.0 * radius)) {
        for point in sparse(&line.values, radius).filter(visible) {
            painter.point(around, point, radius, ink);
        }
    } else if look.draw == DrawAs::Line {
        for point in line.dots().filter(visible) {
            painter.point(around, point, 0.55 * width + sizes.px(1.2), ink);
        }
    }
}

/// Wider lines hide more than they show.
const WIDEST: f32 = 20.0;
const LARGEST_POINT: f32 = 40.0;

/// uPlot's rule: no more points than fit when each is two diameters from the next.
fn shows_points(look: &SeriesLook, count: usize, room: f32) -> bool {
    match (look.draw, look.points) {
        (DrawAs::Points, _) | (_, ShowPoints::Always) => true,
        (DrawAs::Line, ShowPoints::Auto) => count as f32 <= room + 1.0,
        _ => false,
    }
}

/// Of points that are crowded, the highest and lowest within half a radius: the others would be hidden.
fn sparse(points: &[Point], radius: f32) -> impl Iterator<Item = Point> {
    let near = move |a: &Point, b: &Point| (2.0 * a.x / radius).floor() == (2.0 * b.x / radius).floor();
    points.chunk_by(near).flat_map(|crowd| {
        let by_row = |a: &&Point, b: &&Point| a.y.total_cmp(&b.y);
        let all = if crowd.len() > CROWD { &crowd[..0] } else { crowd };
        let ends =
            if crowd.len() > CROWD { [crowd.iter().max_by(by_row), crowd.iter().min_by(by_row)] } else { [None; 2] };
        all.iter().chain(ends.into_iter().flatten()).copied()
    })
}

/// So many points on the same spot are drawn one by one.
const CROWD: usize = 16;

fn stroke(painter: &mut Painter, line: &Line, dash: &Dash, width: f32, (clip, ink): (Clip, Ink), sizes: Sizes) {
    let Some((pattern, round)) = pattern(dash).filter(|(pattern, _)| is_drawable(line, pattern, sizes)) else {
        return painter.lines(clip, line.runs(), width, ink);
    };
    let pattern: Vec<f32> = pattern.into_iter().map(|length| sizes.px(length)).collect();
    painter.dashed(clip, line.runs(), (width, round), &pattern, ink);
}

/// The lengths of dashes and gaps in points, and whether their ends are round; none for a line that is whole.
fn pattern(dash: &Dash) -> Option<(Vec<f32>, bool)> {
    let (given, default, round) = match dash {
        Dash::Solid => return None,
        Dash::Dashes(given) => (given, [10.0, 10.0], false),
        Dash::Dots(given) => (given, [0.0, 10.0], true),
    };
    let given = if given.is_empty() { &default[..] } else { given };
    let mut lengths: Vec<f32> = given.iter().take(MOST_LENGTHS).map(|given| length(*given, 0.0).min(1000.0)).collect();
    if lengths.len() % 2 == 1 {
        // as on a canvas: an odd list is said twice
        lengths.extend_from_within(..);
    }
    let gaps: f32 = lengths.iter().skip(1).step_by(2).sum();
    (gaps >= 1.0).then_some((lengths, round))
}

/// More lengths than this are no pattern.
const MOST_LENGTHS: usize = 32;
/// More dashes than this take too long to draw and look as a whole line does.
const MOST_DASHES: f32 = 20_000.0;

fn is_drawable(line: &Line, lengths: &[f32], sizes: Sizes) -> bool {
    let pairs = line.runs().flat_map(|run| run.windows(2));
    let way: f32 = pairs.map(|pair| (pair[1].x - pair[0].x).abs() + (pair[1].y - pair[0].y).abs()).sum();
    let period = sizes.px(lengths.iter().sum::<f32>());
    lengths.len() as f32 * way / period < 2.0 * MOST_DASHES
}

/// A length that can be drawn with.
fn length(given: f32, otherwise: f32) -> f32 {
    if given.is_finite() { given.max(0.0) } else { otherwise }
}

/// An opacity that can be drawn with.
pub(crate) fn share(given: f32) -> f32 {
    if given.is_nan() { 0.0 } else { given.clamp(0.0, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::at;

    #[test]
    fn hostile_patterns_become_harmless() {
        let check = |dash: Dash, expected: Option<(&[f32], bool)>| {
            let expected = expected.map(|(lengths, round)| (lengths.to_vec(), round));
            assert_eq!(pattern(&dash), expected, "{dash:?}");
        };
        check(Dash::Solid, None);
        check(Dash::Dashes(vec![]), Some((&[10.0, 10.0], false)));
        check(Dash::Dots(vec![]), Some((&[0.0, 10.0], true)));
        check(Dash::Dashes(vec![4.0]), Some((&[4.0, 4.0], false)));
        check(Dash::Dashes(vec![f32::NAN, f32::INFINITY, -3.0, 1e30]), Some((&[0.0, 0.0, 0.0, 1000.0], false)));
        check(Dash::Dashes(vec![5.0, 0.0]), None);
        assert_eq!(pattern(&Dash::Dashes(vec![1.0; 10_000])).map(|(lengths, _)| lengths.len()), Some(32));
    }

    #[test]
    fn points_are_shown_where_there_is_room() {
        let check = |draw, points, count, expected| {
            let look = SeriesLook { draw, points, ..SeriesLook::default() };
            assert_eq!(shows_points(&look, count, 100.0), expected, "{count} in {look:?}");
        };
        check(DrawAs::Line, ShowPoints::Auto, 100, true);
        check(DrawAs::Line, ShowPoints::Auto, 102, false);
        check(DrawAs::Line, ShowPoints::Always, 10_000, true);
        check(DrawAs::Line, ShowPoints::Never, 2, false);
        check(DrawAs::Points, ShowPoints::Never, 10_000, true);
        check(DrawAs::Bars, ShowPoints::Auto, 2, false);
    }

    #[test]
    fn of_a_crowd_the_ends_are_drawn() {
        let crowd: Vec<Point> =
            (0..1000_u16).map(|index| at(f32::from(index) / 1000.0, f32::from(index % 100))).collect();
        assert_eq!(sparse(&crowd, 2.5).map(|point| point.y).collect::<Vec<f32>>(), [99.0, 0.0]);
        assert_eq!(sparse(&crowd[..5], 2.5).count(), 5);
    }
}
