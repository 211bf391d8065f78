//! Marks: vertical lines with badges in a lane above the plot, and the strip along the time axis that shows how long
//! each state lasted.
//!
//! It does not know what made the marks.

use crate::plot::Plot;
use crate::raster::{Ink, Painter, Point, Rect, at};
use crate::sizes::Sizes;
use crate::theme::Colors;
use crate::{Mark, MarkKind, text};

/// A mark inside of the window, with its badge's place.
#[derive(Debug)]
pub(crate) struct Placed {
    kind: MarkKind,
    pub(crate) x: f32,
    label: String,
    /// (left edge, row of the lane counted from the plot); none where there is no room.
    pub(crate) badge: Option<(f32, usize)>,
    width: f32,
}

const BADGE: f32 = 18.0;
const ROW: f32 = 21.0;
/// More rows of badges would take the plot's room.
const ROWS: usize = 3;
/// More marks than this are noise.
const MOST: usize = 50;

/// Finds a place for each badge between `left` and `right`.
pub(crate) fn place(marks: &[Mark], plot: &Plot<'_>, sizes: Sizes, (left, right): (f32, f32)) -> Vec<Placed> {
    let visible = |mark: &&Mark| (plot.window.0..=plot.window.1).contains(&mark.at_ms);
    let mut marks: Vec<&Mark> = marks.iter().filter(visible).collect();
    marks.sort_by_key(|mark| mark.at_ms);
    marks.truncate(MOST);
    let mut placed: Vec<Placed> = Vec::new();
    for (index, mark) in marks.iter().enumerate() {
        let mut next = new(mark, plot, sizes, 0.4 * (right - left));
        let gap_after = marks.get(index + 1).map(|after| plot.x(after.at_ms) - next.x);
        let crowded = gap_after.is_some_and(|gap| gap < next.width + sizes.px(4.0));
        next.badge = free(&placed, &next, crowded, sizes, (left, right));
        placed.push(next);
    }
    placed
}

fn new(mark: &Mark, plot: &Plot<'_>, sizes: Sizes, room: f32) -> Placed {
    let label = text::clean(&mark.label);
    let label = if label.is_empty() { name(mark.kind).to_owned() } else { label };
    let label = text::cut_end(&label, sizes.badge(), room);
    let width = sizes.badge().width(&label) + sizes.px(14.0);
    Placed { kind: mark.kind, x: plot.x(mark.at_ms), label, badge: None, width }
}

fn name(kind: MarkKind) -> &'static str {
    match kind {
        MarkKind::Began => "Began",
        MarkKind::Firing => "Firing",
        MarkKind::Resolved => "Resolved",
    }
}

/// The first free place of the badge: as a flag to the right of its line or to the left, or pushed to the picture's
/// edge; in the first row that has room.
fn free(
    placed: &[Placed],
    next: &Placed,
    crowded: bool,
    sizes: Sizes,
    (left, right): (f32, f32),
) -> Option<(f32, usize)> {
    let (flag_right, flag_left) = (next.x - sizes.px(0.75), next.x - next.width + sizes.px(0.75));
    let wanted = if crowded { [flag_left, flag_right] } else { [flag_right, flag_left] };
    let edge = (next.x - 0.5 * next.width).clamp(left, (right - next.width).max(left));
    let fits = |start: &f32, row: usize| {
        let taken = |other: &Placed| {
            let clear =
                |at: f32| next.width + start + sizes.px(3.0) <= at || at + other.width + sizes.px(3.0) <= *start;
            other.badge.is_some_and(|(at, other_row)| other_row == row && !clear(at))
        };
        *start >= left - 0.01 && start + next.width <= right + 0.01 && !placed.iter().any(taken)
    };
    let choices = (0..ROWS).flat_map(|row| [wanted[0], wanted[1], edge].map(|start| (start, row)));
    choices.into_iter().find(|(start, row)| fits(start, *row))
}

/// The height of the lane that the badges need above the plot.
pub(crate) fn lane(placed: &[Placed], sizes: Sizes) -> f32 {
    let rows = placed.iter().filter_map(|mark| mark.badge).map(|(_, row)| row + 1).max().unwrap_or(0);
    sizes.px(ROW) * rows as f32
}

/// Draws lines, badges and triangles.
pub(crate) fn draw(painter: &mut Painter, placed: &[Placed], plot: &Plot<'_>, sizes: Sizes, colors: &Colors) {
    for mark in placed {
        line(painter, mark, plot, sizes, colors);
    }
    for mark in placed {
        badge(painter, mark, plot, sizes, colors);
    }
}

fn line(painter: &mut Painter, mark: &Placed, plot: &Plot<'_>, sizes: Sizes, colors: &Colors) {
    let ink = Ink::solid(colors.mark(mark.kind));
    let width = (sizes.px(1.5)).round();
    let left = (mark.x - 0.5 * width).round();
    let top = badge_rect(mark, plot, sizes).map_or(plot.rect.top, |badge| badge.bottom);
    let mut dash = top;
    while dash < plot.rect.bottom {
        let end = (dash + sizes.px(5.0)).min(plot.rect.bottom);
        painter.fill(&Rect::new(left, dash, left + width, end), ink);
        dash += sizes.px(8.0);
    }
    let (tip, half, tall) = (at(left + 0.5 * width, plot.rect.bottom), sizes.px(5.0), sizes.px(8.0));
    let corners: [Point; 3] = [tip, at(tip.x + half, tip.y + tall), at(tip.x - half, tip.y + tall)];
    painter.polygon(&corners, ink);
}

fn badge_rect(mark: &Placed, plot: &Plot<'_>, sizes: Sizes) -> Option<Rect> {
    let (left, row) = mark.badge?;
    let bottom = plot.rect.top - sizes.px(ROW) * row as f32 - sizes.px(ROW - BADGE);
    Some(Rect::new(left, bottom - sizes.px(BADGE), left + mark.width, bottom))
}

fn badge(painter: &mut Painter, mark: &Placed, plot: &Plot<'_>, sizes: Sizes, colors: &Colors) {
    let Some(rect) = badge_rect(mark, plot, sizes) else { return };
    painter.rounded(&rect, sizes.px(3.0), Ink::solid(colors.mark(mark.kind)));
    let pen = at(rect.left + sizes.px(7.0), rect.bottom - sizes.px(5.0));
    painter.text(&mark.label, pen, sizes.badge(), Ink::solid(colors.on_mark(mark.kind)));
}

/// Draws, along the foot of the plot, from when to when it was pending and firing.
pub(crate) fn strip(painter: &mut Painter, marks: &[Mark], plot: &Plot<'_>, sizes: Sizes, colors: &Colors) {
    let mut marks: Vec<&Mark> = marks.iter().collect();
    marks.sort_by_key(|mark| mark.at_ms);
    for (index, mark) in marks.iter().enumerate().filter(|(_, mark)| mark.kind != MarkKind::Resolved) {
        let end = marks.get(index + 1).map_or(plot.window.1, |next| next.at_ms);
        let within = |at_ms: i64| plot.x(at_ms).clamp(plot.rect.left, plot.rect.right);
        let (top, bottom) = (plot.rect.bottom, plot.rect.bottom + sizes.px(3.0));
        let rect = Rect::new(within(mark.at_ms), top, within(end), bottom);
        painter.fill(&rect, Ink::solid(colors.mark(mark.kind)));
    }
}
