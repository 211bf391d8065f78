//! A stat panel onto the canvas: header, tiles, what is left out.
//!
//! It does not choose places (`grid.rs`), sizes of letters (`tile.rs`) or colours (`tint.rs`).

use super::tile::{Look, Words};
use super::{Stat, grid};
use crate::draw::{background, header};
use crate::layout::Layout;
use crate::raster::{Ink, Painter, Rect, at};
use crate::scene::Scene;
use crate::sizes::Sizes;
use crate::theme::Colors;
use crate::{Panel, Style, text};

/// Draws the whole picture.
pub(crate) fn draw(painter: &mut Painter, stat: &Stat, style: &Style) {
    let colors = style.theme.colors();
    // the header is that of every panel
    let frame = Panel {
        subtitle: stat.subtitle.clone(),
        timezone: stat.timezone.clone(),
        ..Panel::new(&stat.title, stat.from_ms, stat.to_ms)
    };
    let scene = Scene::new(&frame, colors);
    let layout = Layout::new(&scene, style);
    background(painter, &layout, colors);
    header(painter, &scene, &layout, colors);
    let sizes = layout.sizes;
    let bottom = layout.height - sizes.px(BOTTOM);
    let body = Rect::new(layout.left, layout.plot.top, layout.right, bottom.max(layout.plot.top));
    if stat.values.is_empty() {
        return notice(painter, stat, &body, sizes, colors);
    }
    let (tiles, left_out) = arranged(stat, &body, sizes);
    if left_out > 0 {
        let note = format!("and {left_out} more value{}", if left_out == 1 { "" } else { "s" });
        let font = sizes.label();
        let note = text::cut_end(&note, font, body.width());
        painter.text(&note, at(body.left, body.bottom - sizes.px(2.0)), font, Ink::solid(colors.dim));
    }
    let words: Vec<Words> = stat.values.iter().take(tiles.len()).map(|value| Words::new(value, stat)).collect();
    let Some(first) = tiles.first() else { return };
    let look = Look::new(&words, first, stat.centered, sizes);
    for ((tile, words), value) in tiles.iter().zip(&words).zip(&stat.values) {
        look.draw(painter, tile, words, value, (stat, style.theme));
    }
}

const BOTTOM: f32 = 12.0;
/// The row that says how many values are left out.
const NOTE: f32 = 20.0;

/// The tiles of the values that have room, and how many have none. The note below is left out before the last tile is.
fn arranged(stat: &Stat, body: &Rect, sizes: Sizes) -> (Vec<Rect>, usize) {
    let tiles = grid::tiles(body, stat.values.len(), stat.orientation, sizes);
    let left_out = |shown: usize| (stat.values.len() - shown).saturating_add(stat.omitted);
    if left_out(tiles.len()) == 0 || body.height() < sizes.px(NOTE + grid::LOWEST) {
        return (tiles, 0);
    }
    let above = Rect { bottom: body.bottom - sizes.px(NOTE), ..*body };
    let tiles = grid::tiles(&above, stat.values.len(), stat.orientation, sizes);
    let left_out = left_out(tiles.len());
    (tiles, left_out)
}

fn notice(painter: &mut Painter, stat: &Stat, body: &Rect, sizes: Sizes, colors: &Colors) {
    let font = sizes.notice();
    let notice = stat.no_data.as_deref().map(text::clean).filter(|notice| !notice.is_empty());
    let notice = text::cut_end(notice.as_deref().unwrap_or("No data"), font, body.width());
    let left = 0.5 * (body.left + body.right - font.width(&notice));
    let baseline = 0.5 * (body.top + body.bottom) + 0.35 * font.size;
    painter.text(&notice, at(left, baseline), font, Ink::solid(colors.dim));
}
