//! The embedded font: characters to glyphs and their widths.
//!
//! Characters are set one after the other, left to right, without shaping: what Inter does not have (Chinese, Arabic,
//! emoji) shows as its box for unknown characters.

use std::sync::LazyLock;

use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, GlyphId, MetadataProvider};

/// How heavy the letters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Weight {
    Regular,
    Medium,
}

/// A font file, read once.
pub(super) struct Face {
    pub(super) font: FontRef<'static>,
    charmap: Charmap<'static>,
    metrics: GlyphMetrics<'static>,
}

static REGULAR: LazyLock<Face> = LazyLock::new(|| Face::read(include_bytes!("../../fonts/Inter-Regular.otf")));
static MEDIUM: LazyLock<Face> = LazyLock::new(|| Face::read(include_bytes!("../../fonts/Inter-Medium.otf")));

impl Weight {
    pub(super) fn face(self) -> &'static Face {
        match self {
            Weight::Regular => &REGULAR,
            Weight::Medium => &MEDIUM,
        }
    }
}

impl Face {
    fn read(file: &'static [u8]) -> Face {
        let font = FontRef::new(file).expect("the embedded font is a valid font file");
        let metrics = font.glyph_metrics(Size::new(1.0), LocationRef::default());
        Face { charmap: font.charmap(), metrics, font }
    }

    /// The glyph of a character, or the box for unknown ones.
    pub(super) fn glyph(&self, character: char) -> GlyphId {
        self.charmap.map(character).unwrap_or(GlyphId::NOTDEF)
    }

    /// How far a glyph moves the pen, as a share of the font's size.
    pub(super) fn advance(&self, glyph: GlyphId) -> f32 {
        self.metrics.advance_width(glyph).unwrap_or(0.0)
    }
}
