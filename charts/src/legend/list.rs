//! Names in rows of equal cells below the plot, each with its numbers.
//!
//! It arranges and draws entries; it does not calculate.

use super::ROW;
use super::chip::{self, CHIP, CHIP_GAP};
use super::entries::{self, Entry};
use crate::raster::{Ink, Painter, at};
use crate::scene::Scene;
use crate::sizes::Sizes;
use crate::theme::Colors;
use crate::{Role, text};

/// Entries in equal columns.
#[derive(Debug)]
pub(crate) struct List {
    /// Each with its numbers in one text.
    entries: Vec<(Entry, String)>,
    /// What is not listed: the last cell.
    note: Option<String>,
    columns: usize,
    cell: f32,
    sizes: Sizes,
}

const VALUE_GAP: f32 = 10.0;
const GUTTER: f32 = 24.0;
/// Names get narrower, down to this, before any is left out.
const NARROWEST: f32 = 200.0;

impl List {
    /// Arranges the scene's series in at most `most` rows of `width` pixels.
    pub(crate) fn new(scene: &Scene<'_>, sizes: Sizes, width: f32, most: usize) -> List {
        let mut list = List { entries: Vec::new(), note: None, columns: 1, cell: width, sizes };
        if most == 0 {
            return list;
        }
        list.entries = numbered(scene);
        let omitted = scene.panel.omitted;
        list.note = note(0, omitted);
        let cells = list.entries.len() + usize::from(omitted > 0);
        let natural = list.widest().min(width);
        list.set_columns(width, natural);
        if cells.div_ceil(list.columns) <= most {
            return list;
        }
        list.shorten();
        let natural = list.widest().min(width);
        list.set_columns(width, (width / cells.div_ceil(most) as f32).max(sizes.px(NARROWEST)).min(natural));
        // what the columns leave over makes them wider
        list.cell = ((width + sizes.px(GUTTER)) / list.columns as f32).min(natural);
        let room = list.columns * most;
        if cells > room {
            let left_out = list.entries.len() - room.saturating_sub(1).min(list.entries.len());
            list.entries.truncate(room.saturating_sub(1));
            list.note = note(left_out, omitted);
        }
        list
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
        for (index, (entry, value)) in self.entries.iter().enumerate() {
            self.entry(painter, (entry, value), place(index), colors);
        }
        if let Some(note) = &self.note {
            let (left, top) = place(self.entries.len());
            let font = self.sizes.label();
            let room = self.cell - self.sizes.px(CHIP_GAP);
            painter.text(
                &text::cut_end(note, font, room),
                at(left, chip::baseline(top, self.sizes)),
                font,
                Ink::solid(colors.dim),
            );
        }
    }

    fn entry(&self, painter: &mut Painter, (entry, numbers): (&Entry, &str), (left, top): (f32, f32), colors: &Colors) {
        chip::draw(painter, entry, (left, top), self.sizes);
        let baseline = chip::baseline(top, self.sizes);
        let right = left + self.cell - self.sizes.px(GUTTER);
        let value = self.sizes.strong();
        let value_width = value.width(numbers);
        let name_left = left + self.sizes.px(CHIP + CHIP_GAP);
        let gap = if numbers.is_empty() { 0.0 } else { self.sizes.px(VALUE_GAP) };
        let room = right - value_width - gap - name_left;
        let strong = entry.role == Role::Highlighted;
        let (font, color) =
            if strong { (self.sizes.strong(), colors.title) } else { (self.sizes.label(), colors.text) };
        let color = if entry.role == Role::Muted { colors.dim } else { color };
        painter.text(&text::cut_middle(&entry.name, font, room), at(name_left, baseline), font, Ink::solid(color));
        let color = if strong { colors.title } else { colors.dim };
        painter.text(numbers, at(right - value_width, baseline), value, Ink::solid(color));
    }

    /// The width that the longest entry would like to have.
    fn widest(&self) -> f32 {
        let (px, label, strong) = (|points| self.sizes.px(points), self.sizes.label(), self.sizes.strong());
        let name = |entry: &Entry| match entry.role {
            Role::Highlighted => strong.width(&entry.name),
            _ => label.width(&entry.name),
        };
        let value = |value: &str| if value.is_empty() { 0.0 } else { px(VALUE_GAP) + strong.width(value) };
        let beside = px(CHIP + CHIP_GAP + GUTTER + 1.0);
        let widths = self.entries.iter().map(|(entry, numbers)| beside + name(entry) + value(numbers));
        let note = self.note.iter().map(|note| label.width(note) + px(GUTTER));
        widths.chain(note).fold(px(60.0), f32::max)
    }

    /// Leaves out what all names begin with, so that the narrow columns show what tells them apart.
    fn shorten(&mut self) {
        let named = self.entries.iter().map(|(entry, _)| entry).filter(|entry| entry.role != Role::Muted);
        let names: Vec<&str> = named.map(|entry| entry.name.as_str()).collect();
        let shared = text::shared_start(&names);
        if shared < 4 {
            return;
        }
        for (entry, _) in self.entries.iter_mut().filter(|(entry, _)| entry.role != Role::Muted) {
            entry.name = format!("…{}", entry.name.get(shared..).unwrap_or_default());
        }
    }

    fn set_columns(&mut self, width: f32, cell: f32) {
        // the last column needs no gutter
        self.columns = (((width + self.sizes.px(GUTTER)) / cell) as usize).max(1);
        self.cell = cell.min(width + self.sizes.px(GUTTER));
    }
}

/// The entries with their numbers in one text: the last value alone says what it is, others are named.
fn numbered(scene: &Scene<'_>) -> Vec<(Entry, String)> {
    let named = entries::needs_heads(scene);
    let calculations = &scene.panel.legend.calculations;
    let text = |entry: &Entry| -> String {
        let texts = calculations.iter().zip(&entry.values).filter(|(_, value)| !value.is_empty());
        let texts = texts.map(|(calculation, value)| match named {
            true => format!("{}: {value}", calculation.title()),
            false => value.clone(),
        });
        texts.collect::<Vec<String>>().join("  ")
    };
    entries::entries(scene).into_iter().map(|entry| (text(&entry), entry)).map(|(text, entry)| (entry, text)).collect()
}

fn note(left_out: usize, omitted: usize) -> Option<String> {
    match (left_out, omitted) {
        (0, 0) => None,
        (0, omitted) => Some(format!("and {omitted} more series")),
        (left_out, 0) => Some(format!("+{left_out} more")),
        (left_out, omitted) => Some(format!("+{left_out} more, {omitted} not drawn")),
    }
}
