//! One tile: name, value, change and line, in letters as large as fit; of the same size in all tiles.
//!
//! The shares of a tile's room are those of Grafana's stat panel, so that both look alike. It does not know where the
//! tile stands among others.

use super::tint::{self, Tint};
use super::{Stat, StatValue, TextMode, spark};
use crate::raster::{Font, Ink, Painter, Rect, Weight, at};
use crate::sizes::Sizes;
use crate::{Theme, text, time};

/// What is written in one tile.
#[derive(Debug)]
pub(super) struct Words {
    /// Empty: the value alone.
    name: String,
    value: String,
    /// With its arrow; empty: none.
    change: String,
    line: bool,
}

impl Words {
    pub(super) fn new(value: &StatValue, stat: &Stat) -> Words {
        let several = stat.values.len().saturating_add(stat.omitted) > 1;
        let name = text::clean(&value.name);
        let (name, written) = match stat.text_mode {
            TextMode::Auto if !several => (String::new(), text::clean(&value.text)),
            TextMode::Auto | TextMode::ValueAndName => (name, text::clean(&value.text)),
            TextMode::Value => (String::new(), text::clean(&value.text)),
            TextMode::Name => (String::new(), name),
            TextMode::None => (String::new(), String::new()),
        };
        let change = value.change.filter(|_| stat.text_mode != TextMode::None);
        let line = spark::is_line(&value.line, time::window(stat.from_ms, stat.to_ms));
        Words { name, value: written, change: change.map(percent).unwrap_or_default(), line }
    }
}

/// A change with its arrow, three significant digits; nothing for what is not a number.
fn percent(change: f64) -> String {
    let arrow = match change {
        change if !change.is_finite() => return String::new(),
        change if change > 0.0 => "↑ ",
        change if change < 0.0 => "↓ ",
        _ => "",
    };
    format!("{arrow}{}", crate::format_value(change, &crate::Unit::PercentUnit, None))
}

/// Letters and rows that all tiles have in common.
#[derive(Debug)]
pub(super) struct Look {
    sizes: Sizes,
    pad: f32,
    /// Name and value beside each other, not below.
    wide: bool,
    /// There is room for a line, and some tile has one.
    line: bool,
    /// Some tile shows its name.
    named: bool,
    centered: bool,
    name: Font,
    value: Font,
    change: Font,
}

/// The height of a line of text as a share of its letters' size.
const LINE: f32 = 1.2;
/// The size of a change, and of a name at most, as shares of the value's.
const CHANGE: f32 = 0.4;
const NAME: f32 = 0.7;
/// Points: the smallest letters, those to which a long text makes all others shrink before it is cut, the largest.
const SMALLEST: f32 = 10.0;
const ENOUGH: f32 = 14.0;
const LARGEST: f32 = 300.0;
const LARGEST_NAME: f32 = 30.0;

impl Look {
    /// For tiles of the size of the `first`: others are as large or wider.
    pub(super) fn new(words: &[Words], first: &Rect, centered: bool, sizes: Sizes) -> Look {
        let (width, height) = (first.width(), first.height());
        let wide = width > 2.5 * height;
        let line = words.iter().any(|words| words.line) && height > sizes.px(if wide { 50.0 } else { 100.0 });
        // what is too low for two rows shows the value alone
        let named = words.iter().any(|words| !words.name.is_empty()) && (wide || height > sizes.px(38.0));
        let pad = sizes.px(match height / sizes.px(1.0) {
            high if high > 100.0 => 12.0,
            low if low < 44.0 => 4.0,
            _ => 8.0,
        });
        let changes = words.iter().any(|words| !words.change.is_empty());
        let mut look = Look {
            sizes,
            pad,
            wide,
            line,
            named,
            centered: centered || !named,
            name: font(Weight::Regular, 0.0, sizes),
            value: font(Weight::Medium, 0.0, sizes),
            change: font(Weight::Medium, 0.0, sizes),
        };
        let room = (width - 2.0 * pad, height - 2.0 * pad);
        let (name, value) = look.fitting(words, room, height, changes);
        look.value = font(Weight::Medium, value, sizes);
        look.name = font(Weight::Regular, name.min(NAME * look.value.size), sizes);
        look.change = font(Weight::Medium, CHANGE * look.value.size, sizes);
        look
    }

    /// The sizes of names and values that fit.
    fn fitting(&self, words: &[Words], room: (f32, f32), height: f32, changes: bool) -> (f32, f32) {
        let widest = |width: &dyn Fn(&Words) -> f32| words.iter().map(width).fold(0.01, f32::max);
        let (regular, medium) =
            (Font { weight: Weight::Regular, size: 1.0 }, Font { weight: Weight::Medium, size: 1.0 });
        let names = widest(&|words| regular.width(&words.name));
        let change = |words: &Words| CHANGE * medium.width(&words.change);
        let values = widest(&|words| match self.wide {
            _ if words.change.is_empty() => medium.width(&words.value),
            true => medium.width(&words.value) + change(words) + GAP,
            false => medium.width(&words.value).max(change(words)),
        });
        let largest_name = self.sizes.px(LARGEST_NAME);
        let enough = self.sizes.px(ENOUGH);
        // one long text does not make all others tiny: it is cut
        let fit = |widest: f32, width: f32, height: f32| (width / widest).max(enough).min(height / LINE);
        if self.wide {
            let shares = match (self.named, self.line) {
                (true, true) => (0.4, 0.4, 0.5),
                (true, false) => (0.4, 1.0, 1.0),
                (false, true) => (1.0, 0.0, 0.5),
                (false, false) => (1.0, 0.0, 1.0),
            };
            let name = fit(names, 0.6 * room.0, shares.1 * room.1).min(largest_name);
            return (name, fit(values, shares.0 * room.0, shares.2 * room.1));
        }
        let name = if self.named { fit(names, room.0, 0.15 * height).min(largest_name) } else { 0.0 };
        let name = if self.named { name.max(self.sizes.px(SMALLEST)) } else { 0.0 };
        let line = if self.line { 0.25 * height } else { 0.0 };
        let rows = if changes { 1.0 + CHANGE } else { 1.0 };
        (name, fit(values, room.0, (room.1 - line - LINE * name) / rows))
    }

    /// Draws one tile.
    pub(super) fn draw(
        &self,
        painter: &mut Painter,
        tile: &Rect,
        words: &Words,
        value: &StatValue,
        (stat, theme): (&Stat, Theme),
    ) {
        let tint = Tint::new(value, stat.color_mode, theme);
        if let Some(ground) = tint.ground {
            tint::fill(painter, tile, ground);
        }
        if words.line && self.line {
            let rect = Rect { top: tile.top + self.line_top(tile, words), ..*tile };
            let fill = value.filled.then_some(tint.fill);
            let window = time::window(stat.from_ms, stat.to_ms);
            spark::draw(painter, &value.line, window, &rect, (self.sizes.px(1.5), tint.line, fill));
        }
        if tint.ground.is_some() {
            tint::round(painter, tile, self.sizes.px(4.0), theme.colors().panel);
        }
        let change = tint.change(value.change.unwrap_or_default());
        let inks = [tint.name, tint.value, change].map(Ink::solid);
        if self.wide { self.row(painter, tile, words, inks) } else { self.column(painter, tile, words, inks) }
    }

    /// Where the line's room begins, below the tile's top: it takes what the words leave.
    fn line_top(&self, tile: &Rect, words: &Words) -> f32 {
        if self.wide { 0.5 * tile.height() } else { (self.pad + self.block(words)).min(0.8 * tile.height()) }
    }

    /// The height of the words below each other.
    fn block(&self, words: &Words) -> f32 {
        let name = if self.named { self.name.size } else { 0.0 };
        let change = if words.change.is_empty() { 0.0 } else { self.change.size };
        LINE * (name + self.value.size + change)
    }

    /// Name, value and change below each other.
    fn column(&self, painter: &mut Painter, tile: &Rect, words: &Words, inks: [Ink; 3]) {
        let room = tile.width() - 2.0 * self.pad;
        let block = self.block(words);
        let free = if self.line { 0.0 } else { 0.5 * (tile.height() - 2.0 * self.pad - block) };
        let mut top = tile.top + self.pad + free;
        let name = if self.named { words.name.as_str() } else { "" };
        let rows = [(name, self.name), (words.value.as_str(), self.value), (words.change.as_str(), self.change)];
        for (index, (row, font)) in rows.into_iter().enumerate() {
            let written = match index {
                0 => text::cut_middle(row, font, room),
                _ => text::cut_end(row, font, room),
            };
            let left = match self.centered {
                true => tile.left + 0.5 * (tile.width() - font.width(&written)),
                false => tile.left + self.pad,
            };
            painter.text(&written, at(left, baseline(top + 0.5 * LINE * font.size, font)), font, inks[index]);
            let shown = if index == 0 { self.named } else { !row.is_empty() };
            top += if shown { LINE * font.size } else { 0.0 };
        }
    }

    /// Name on the left, value and change on the right; or all in the middle.
    fn row(&self, painter: &mut Painter, tile: &Rect, words: &Words, inks: [Ink; 3]) {
        let room = tile.width() - 2.0 * self.pad;
        let gap = GAP * self.value.size;
        let change = if words.change.is_empty() { 0.0 } else { gap + self.change.width(&words.change) };
        let named = self.named && !words.name.is_empty();
        let value = text::cut_end(&words.value, self.value, (if named { 0.7 * room } else { room }) - change);
        let value_width = self.value.width(&value) + change;
        let name =
            if named { text::cut_middle(&words.name, self.name, room - value_width - gap) } else { String::new() };
        let name_width = self.name.width(&name) + if named { gap } else { 0.0 };
        let (left, right) = match self.centered {
            true => {
                let left = tile.left + 0.5 * (tile.width() - name_width - value_width);
                (left, left + name_width + value_width)
            }
            false => (tile.left + self.pad, tile.right - self.pad),
        };
        let middle = match self.line {
            true => tile.top + self.pad + 0.5 * LINE * self.value.size,
            false => tile.top + 0.5 * tile.height(),
        };
        painter.text(&name, at(left, baseline(middle, self.name)), self.name, inks[0]);
        painter.text(&value, at(right - value_width, baseline(middle, self.value)), self.value, inks[1]);
        let pen = at(right - change + gap, baseline(middle, self.change));
        painter.text(&words.change, pen, self.change, inks[2]);
    }
}

/// Between words in a row, as a share of the value's size.
const GAP: f32 = 0.3;

/// The baseline of letters whose capitals have their middle at `middle`.
fn baseline(middle: f32, font: Font) -> f32 {
    middle + 0.36 * font.size
}

/// Whole sizes only, large ones in steps of four pixels: the glyphs of one picture are of use for the next.
fn font(weight: Weight, size: f32, sizes: Sizes) -> Font {
    let step = if size > 48.0 { 4.0 } else { 1.0 };
    let size = ((size / step).floor() * step).clamp(sizes.px(SMALLEST), sizes.px(LARGEST));
    Font { weight, size }
}
