//! The legend: which series are named, and in which rows and columns.
//!
//! It arranges and draws entries; it does not know where the legend stands.

use crate::raster::{Ink, Painter, Rect, at};
use crate::scene::{Curve, Scene};
use crate::sizes::Sizes;
use crate::theme::Colors;
use crate::{Rgb, Role, number, text};

/// One name with its colour and last value.
#[derive(Debug, Clone)]
struct Entry {
    color: Rgb,
    role: Role,
    name: String,
    value: String,
}

/// Entries in equal columns.
#[derive(Debug)]
pub(crate) struct Legend {
    entries: Vec<Entry>,
    /// What is not listed: the last cell.
    note: Option<String>,
    columns: usize,
    cell: f32,
    sizes: Sizes,
}

const CHIP: f32 = 14.0;
const CHIP_GAP: f32 = 7.0;
const VALUE_GAP: f32 = 10.0;
const GUTTER: f32 = 24.0;
const ROW: f32 = 20.0;
/// Names get narrower, down to this, before any is left out.
const NARROWEST: f32 = 200.0;

impl Legend {
    /// Arranges the scene's series in at most `most` rows of `width` pixels.
    pub(crate) fn new(scene: &Scene<'_>, sizes: Sizes, width: f32, most: usize) -> Legend {
        let mut legend = Legend { entries: Vec::new(), note: None, columns: 1, cell: width, sizes };
        if most == 0 {
            return legend;
        }
        legend.entries = entries(scene);
        let omitted = scene.panel.omitted;
        legend.note = note(0, omitted);
        let cells = legend.entries.len() + usize::from(omitted > 0);
        let natural = legend.widest().min(width);
        legend.set_columns(width, natural);
        if cells.div_ceil(legend.columns) <= most {
            return legend;
        }
        legend.shorten();
        let natural = legend.widest().min(width);
        legend.set_columns(width, (width / cells.div_ceil(most) as f32).max(sizes.px(NARROWEST)).min(natural));
        // what the columns leave over makes them wider
        legend.cell = ((width + sizes.px(GUTTER)) / legend.columns as f32).min(natural);
        let room = legend.columns * most;
        if cells > room {
            let left_out = legend.entries.len() - room.saturating_sub(1).min(legend.entries.len());
            legend.entries.truncate(room.saturating_sub(1));
            legend.note = note(left_out, omitted);
        }
        legend
    }

    pub(crate) fn height(&self) -> f32 {
        let cells = self.entries.len() + usize::from(self.note.is_some());
        cells.div_ceil(self.columns) as f32 * self.sizes.px(ROW)
    }

    pub(crate) fn draw(&self, painter: &mut Painter, left: f32, top: f32, colors: &Colors) {
        let place = |index: usize| {
            let (row, column) = (index / self.columns, index % self.columns);
            (left + column as f32 * self.cell, top + row as f32 * self.sizes.px(ROW))
        };
        for (index, entry) in self.entries.iter().enumerate() {
            let (left, top) = place(index);
            self.entry(painter, entry, left, top, colors);
        }
        if let Some(note) = &self.note {
            let (left, top) = place(self.entries.len());
            let font = self.sizes.label();
            let room = self.cell - self.sizes.px(CHIP_GAP);
            painter.text(&text::cut_end(note, font, room), at(left, self.baseline(top)), font, Ink::solid(colors.dim));
        }
    }

    fn entry(&self, painter: &mut Painter, entry: &Entry, left: f32, top: f32, colors: &Colors) {
        self.chip(painter, entry, left, top);
        let baseline = self.baseline(top);
        let right = left + self.cell - self.sizes.px(GUTTER);
        let value = self.sizes.strong();
        let value_width = value.width(&entry.value);
        let name_left = left + self.sizes.px(CHIP + CHIP_GAP);
        let gap = if entry.value.is_empty() { 0.0 } else { self.sizes.px(VALUE_GAP) };
        let room = right - value_width - gap - name_left;
        let strong = entry.role == Role::Highlighted;
        let (font, color) =
            if strong { (self.sizes.strong(), colors.title) } else { (self.sizes.label(), colors.text) };
        let color = if entry.role == Role::Muted { colors.dim } else { color };
        painter.text(&text::cut_middle(&entry.name, font, room), at(name_left, baseline), font, Ink::solid(color));
        let color = if strong { colors.title } else { colors.dim };
        painter.text(&entry.value, at(right - value_width, baseline), value, Ink::solid(color));
    }

    /// A piece of the line, as it looks in the plot.
    fn chip(&self, painter: &mut Painter, entry: &Entry, left: f32, top: f32) {
        let px = |points| self.sizes.px(points);
        let thickness = if entry.role == Role::Highlighted { 5.0 } else { 4.0 };
        let middle = (top + px(0.5 * ROW)).round();
        let chip = |from: f32, to: f32| {
            let (top, bottom) = (middle - px(0.5 * thickness), middle + px(0.5 * thickness));
            Rect::new(left + px(from), top, left + px(to), bottom)
        };
        let pieces: &[(f32, f32)] =
            if entry.role == Role::MovingThreshold { &[(0.0, 6.0), (8.0, CHIP)] } else { &[(0.0, CHIP)] };
        for (from, to) in pieces {
            painter.rounded(&chip(*from, *to), px(2.0), Ink::solid(entry.color));
        }
    }

    fn baseline(&self, top: f32) -> f32 {
        top + self.sizes.px(14.5)
    }

    /// The width that the longest entry would like to have.
    fn widest(&self) -> f32 {
        let (px, label, strong) = (|points| self.sizes.px(points), self.sizes.label(), self.sizes.strong());
        let name = |entry: &Entry| match entry.role {
            Role::Highlighted => strong.width(&entry.name),
            _ => label.width(&entry.name),
        };
        let value =
            |entry: &Entry| if entry.value.is_empty() { 0.0 } else { px(VALUE_GAP) + strong.width(&entry.value) };
        let widths = self.entries.iter().map(|entry| px(CHIP + CHIP_GAP + GUTTER + 1.0) + name(entry) + value(entry));
        let note = self.note.iter().map(|note| label.width(note) + px(GUTTER));
        widths.chain(note).fold(px(60.0), f32::max)
    }

    /// Leaves out what all names begin with, so that the narrow columns show what tells them apart.
    fn shorten(&mut self) {
        let named = || self.entries.iter().filter(|entry| entry.role != Role::Muted);
        let names: Vec<&str> = named().map(|entry| entry.name.as_str()).collect();
        let shared = text::shared_start(&names);
        if shared < 4 {
            return;
        }
        for entry in self.entries.iter_mut().filter(|entry| entry.role != Role::Muted) {
            entry.name = format!("…{}", entry.name.get(shared..).unwrap_or_default());
        }
    }

    fn set_columns(&mut self, width: f32, cell: f32) {
        // the last column needs no gutter
        self.columns = (((width + self.sizes.px(GUTTER)) / cell) as usize).max(1);
        self.cell = cell.min(width + self.sizes.px(GUTTER));
    }
}

fn entries(scene: &Scene<'_>) -> Vec<Entry> {
    let value = |curve: &Curve<'_>| {
        curve
            .last
            .map(|last| number::format(last, &scene.panel.left.unit, scene.panel.left.decimals))
            .unwrap_or_default()
    };
    let named = scene.curves.iter().filter(|curve| curve.series.role != Role::Muted).map(|curve| Entry {
        color: curve.color,
        role: curve.series.role,
        name: curve.name.clone(),
        value: value(curve),
    });
    let mut muted = scene.curves.iter().filter(|curve| curve.series.role == Role::Muted);
    let first_muted = muted.next();
    let others = muted.count();
    let muted = first_muted.map(|curve| Entry {
        color: curve.color,
        role: Role::Muted,
        name: if others == 0 { curve.name.clone() } else { format!("{} other series", others + 1) },
        value: if others == 0 { value(curve) } else { String::new() },
    });
    named.chain(muted).collect()
}

fn note(left_out: usize, omitted: usize) -> Option<String> {
    match (left_out, omitted) {
        (0, 0) => None,
        (0, omitted) => Some(format!("and {omitted} more series")),
        (left_out, 0) => Some(format!("+{left_out} more")),
        (left_out, omitted) => Some(format!("+{left_out} more, {omitted} not drawn")),
    }
}
