//! Points to pixels, and the fonts: all measures of the picture in one place.
//!
//! It does not know what is measured.

use crate::raster::{Font, Weight};

/// The scale of a picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    scale: f32,
}

impl Sizes {
    pub(crate) fn new(scale: u8) -> Sizes {
        Sizes { scale: f32::from(scale) }
    }

    /// A length in points, in pixels.
    pub(crate) fn px(&self, points: f32) -> f32 {
        points * self.scale
    }

    /// The thinnest crisp line.
    pub(crate) fn hairline(&self) -> f32 {
        self.scale.floor().max(1.0)
    }

    pub(crate) fn title(&self) -> Font {
        self.font(Weight::Medium, 16.0)
    }

    pub(crate) fn label(&self) -> Font {
        self.font(Weight::Regular, 12.5)
    }

    pub(crate) fn strong(&self) -> Font {
        self.font(Weight::Medium, 12.5)
    }

    pub(crate) fn badge(&self) -> Font {
        self.font(Weight::Medium, 11.5)
    }

    pub(crate) fn notice(&self) -> Font {
        self.font(Weight::Medium, 17.0)
    }

    fn font(&self, weight: Weight, points: f32) -> Font {
        Font { weight, size: self.px(points) }
    }
}
