//! The legend: which form it takes, and how much room that needs.
//!
//! It does not know where the legend stands; `layout.rs` places it.

mod chip;
mod entries;
mod list;
mod table;

use crate::raster::Painter;
use crate::scene::Scene;
use crate::sizes::Sizes;
use crate::theme::Colors;
use crate::{LegendMode, Placement, Style};

use list::List;
use table::Table;

/// The arranged legend.
#[derive(Debug)]
pub(crate) struct Legend {
    form: Form,
    beside: bool,
}

#[derive(Debug)]
enum Form {
    None,
    List(List),
    Table(Table),
}

/// The height of one row, in points.
const ROW: f32 = 20.0;
/// The share of the picture that a table below the plot, or a legend beside it, may take.
const SHARE: f32 = 0.35;

impl Legend {
    /// Arranges the legend of a scene: below the plot over the whole `width`, or beside it over the whole `height`.
    pub(crate) fn new(scene: &Scene<'_>, sizes: Sizes, style: &Style, (width, height): (f32, f32)) -> Legend {
        let look = &scene.panel.legend;
        let rows = |height: f32| (height / sizes.px(ROW)) as usize;
        let below = rows(SHARE * sizes.px(style.height as f32));
        let (form, beside) = match (look.mode, look.placement) {
            (LegendMode::Hidden, _) => (Form::None, false),
            _ if style.width < 200 => (Form::None, false),
            (mode, Placement::Right) if style.width >= 360 && rows(height) >= 2 => {
                let heads = mode == LegendMode::Table || entries::needs_heads(scene);
                (Form::Table(Table::beside(scene, sizes, SHARE * width, rows(height), heads)), true)
            }
            (LegendMode::Table, _) if below >= 3 => (Form::Table(Table::below(scene, sizes, width, below)), false),
            _ => (Form::List(List::new(scene, sizes, width, list_rows(style))), false),
        };
        Legend { form, beside }
    }

    /// Whether it stands beside the plot instead of below it.
    pub(crate) fn beside(&self) -> bool {
        self.beside
    }

    pub(crate) fn width(&self) -> f32 {
        match &self.form {
            Form::Table(table) => table.width(),
            Form::None | Form::List(_) => 0.0,
        }
    }

    pub(crate) fn height(&self) -> f32 {
        match &self.form {
            Form::None => 0.0,
            Form::List(list) => list.height(),
            Form::Table(table) => table.height(),
        }
    }

    pub(crate) fn draw(&self, painter: &mut Painter, (left, top): (f32, f32), colors: &Colors) {
        match &self.form {
            Form::None => {}
            Form::List(list) => list.draw(painter, left, top, colors),
            Form::Table(table) => table.draw(painter, left, top, colors),
        }
    }
}

/// Rows of a list: a quarter of the picture at most, four at most.
fn list_rows(style: &Style) -> usize {
    (style.height.saturating_sub(100) / 80).min(4) as usize
}
