//! A row for each series and a column for each number: below the plot or beside it.
//!
//! It arranges and draws rows; it does not calculate.

use super::ROW;
use super::chip::{self, CHIP, CHIP_GAP};
use super::entries::{self, Entry};
use crate::raster::{Font, Ink, Painter, Rect, at};
use crate::scene::Scene;
use crate::sizes::Sizes;
use crate::theme::Colors;
use crate::{Role, text};

/// The arranged rows.
#[derive(Debug)]
pub(crate) struct Table {
    /// The heads of the columns; none where the numbers explain themselves.
    heads: Vec<String>,
    has_head: bool,
    entries: Vec<Entry>,
    /// What has no row: the last row.
    note: Option<String>,
    /// The width of each column of numbers, with the gap before it.
    columns: Vec<f32>,
    width: f32,
    sizes: Sizes,
}

/// Between a column of numbers and what is left of it.
const GAP: f32 = 16.0;
/// Columns of numbers are left out before names get narrower than this.
const NARROWEST: f32 = 90.0;

impl Table {
    /// Over the whole width, at most `rows` high.
    pub(super) fn below(scene: &Scene<'_>, sizes: Sizes, width: f32, rows: usize) -> Table {
        let mut table = Table::of(scene, sizes, true);
        table.fit(width, rows, scene.panel.omitted);
        table.width = width;
        table
    }

    /// As narrow as its texts let it be, `width` at most.
    pub(super) fn beside(scene: &Scene<'_>, sizes: Sizes, width: f32, rows: usize, heads: bool) -> Table {
        let mut table = Table::of(scene, sizes, heads);
        table.fit(width, rows, scene.panel.omitted);
        let names = table.entries.iter().map(|entry| table.font(entry).width(&entry.name) + sizes.px(CHIP + CHIP_GAP));
        let note = table.note.iter().map(|note| sizes.label().width(note));
        let names = names.chain(note).fold(sizes.px(40.0), f32::max).ceil() + 1.0;
        table.width = (names + table.columns.iter().sum::<f32>()).min(width);
        table
    }

    fn of(scene: &Scene<'_>, sizes: Sizes, has_head: bool) -> Table {
        let calculations = &scene.panel.legend.calculations;
        let heads = calculations.iter().map(|calculation| calculation.title().to_owned()).collect();
        let has_head = has_head && !calculations.is_empty();
        let entries = entries::entries(scene);
        Table { heads, has_head, entries, note: None, columns: Vec::new(), width: 0.0, sizes }
    }

    /// Cuts what has no room.
    fn fit(&mut self, width: f32, rows: usize, omitted: usize) {
        let room = rows.saturating_sub(usize::from(self.has_head));
        let wanted = self.entries.len() + usize::from(omitted > 0);
        let kept = if wanted > room { room.saturating_sub(1) } else { self.entries.len() };
        let left_out = (self.entries.len() - kept).saturating_add(omitted);
        self.entries.truncate(kept);
        self.note = (left_out > 0).then(|| format!("and {left_out} more series"));
        let names = self.entries.iter().map(|entry| self.font(entry).width(&entry.name));
        let names = names.fold(0.0, f32::max).min(self.sizes.px(NARROWEST));
        let mut used = self.sizes.px(CHIP + CHIP_GAP) + names;
        for index in 0..self.heads.len() {
            let column = self.column(index);
            used += column;
            if used > width {
                break;
            }
            self.columns.push(column);
        }
    }

    /// The width that a column needs.
    fn column(&self, index: usize) -> f32 {
        let font = self.sizes.label();
        let head = self.has_head.then(|| font.width(&self.heads[index]));
        let values = self.entries.iter().filter_map(|entry| entry.values.get(index)).map(|value| font.width(value));
        values.chain(head).fold(0.0, f32::max).ceil() + self.sizes.px(GAP)
    }

    pub(super) fn width(&self) -> f32 {
        self.width
    }

    pub(super) fn height(&self) -> f32 {
        let rows = self.entries.len() + usize::from(self.note.is_some());
        if rows == 0 { 0.0 } else { (rows + usize::from(self.has_head)) as f32 * self.sizes.px(ROW) }
    }

    pub(super) fn draw(&self, painter: &mut Painter, left: f32, top: f32, colors: &Colors) {
        if self.height() == 0.0 {
            return;
        }
        let mut top = top;
        if self.has_head {
            self.numbers(painter, &self.heads, (left, top), Ink::solid(colors.dim));
            let pen = at(left, chip::baseline(top, self.sizes));
            painter.text("Name", pen, self.sizes.label(), Ink::solid(colors.dim));
            top += self.sizes.px(ROW);
        }
        for entry in &self.entries {
            if self.has_head {
                let line = Rect::new(left, top.round(), left + self.width, top.round() + self.sizes.hairline());
                painter.fill(&line, colors.grid);
            }
            self.row(painter, entry, (left, top), colors);
            top += self.sizes.px(ROW);
        }
        if let Some(note) = &self.note {
            let note = text::cut_end(note, self.sizes.label(), self.width);
            let pen = at(left, chip::baseline(top, self.sizes));
            painter.text(&note, pen, self.sizes.label(), Ink::solid(colors.dim));
        }
    }

    fn row(&self, painter: &mut Painter, entry: &Entry, (left, top): (f32, f32), colors: &Colors) {
        chip::draw(painter, entry, (left, top), self.sizes);
        let name_left = left + self.sizes.px(CHIP + CHIP_GAP);
        let room = self.width - self.columns.iter().sum::<f32>() - (name_left - left);
        let font = self.font(entry);
        let color = match entry.role {
            Role::Highlighted => colors.title,
            Role::Muted => colors.dim,
            Role::Plain | Role::MovingThreshold => colors.text,
        };
        let name = text::cut_middle(&entry.name, font, room);
        painter.text(&name, at(name_left, chip::baseline(top, self.sizes)), font, Ink::solid(color));
        self.numbers(painter, &entry.values, (left, top), Ink::solid(color));
    }

    /// Writes one text into each column, to its right.
    fn numbers(&self, painter: &mut Painter, texts: &[String], (left, top): (f32, f32), ink: Ink) {
        let font = self.sizes.label();
        let mut right = left + self.width - self.columns.iter().sum::<f32>();
        for (column, text) in self.columns.iter().zip(texts) {
            right += column;
            painter.text(text, at(right - font.width(text), chip::baseline(top, self.sizes)), font, ink);
        }
    }

    fn font(&self, entry: &Entry) -> Font {
        if entry.role == Role::Highlighted { self.sizes.strong() } else { self.sizes.label() }
    }
}
