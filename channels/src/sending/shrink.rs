//! Makes a picture's file smaller by making the picture smaller, until it fits bytes and pixels.
//!
//! Deliberately unknown here: who wants it smaller. Everything blocks: call it where blocking is allowed.

use alerts::fit::Target;
use bytes::Bytes;

use super::pixels::{Pixels, decode, encode};

/// The largest picture that is decoded, in pixels (DESIGN.md section 5).
pub const MOST_PIXELS: u64 = 16_000_000;

/// Smaller than this on its longer side, a chart shows nothing any more.
const SMALLEST_SIDE: u32 = 64;

const MOST_TURNS: usize = 8;

/// A picture that was made smaller.
#[derive(Clone, Debug)]
pub struct Smaller {
    /// The file, of the format that was wanted.
    pub file: Bytes,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// Why a picture could not be made to fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShrinkError {
    /// The bytes are no PNG file that can be read.
    #[error("not a readable PNG file: {0}")]
    Unreadable(String),
    /// More than [`MOST_PIXELS`].
    #[error("{0} x {1} pixels are too many to be made smaller")]
    TooManyPixels(u32, u32),
    /// Even a tiny picture would be too large.
    #[error("does not fit into {0} bytes at any useful size")]
    DoesNotFit(u64),
}

/// The picture at the largest size that keeps within the target.
///
/// # Errors
/// When it cannot be read, or cannot be made to fit.
pub fn shrink(file: &[u8], target: Target) -> Result<Smaller, ShrinkError> {
    fitted(&decode(file)?, target)
}

/// The same of pixels.
pub(super) fn fitted(picture: &Pixels, target: Target) -> Result<Smaller, ShrinkError> {
    let mut scale = picture.fitting_scale(target.max_pixels);
    for turn in 0..MOST_TURNS {
        let (width, height) = picture.scaled(scale);
        if turn > 0 && width.max(height) < SMALLEST_SIDE {
            break;
        }
        let small = encode(&picture.downscaled(width, height), target.format)?;
        if small.len() as u64 <= target.max_bytes {
            return Ok(Smaller { file: small.into(), width, height });
        }
        // bytes go about with the area; a little more, because small pictures have relatively more edges
        scale *= (target.max_bytes as f64 / small.len() as f64).sqrt().min(1.0) * 0.92;
    }
    Err(ShrinkError::DoesNotFit(target.max_bytes))
}

#[cfg(test)]
mod tests {
    use alerts::ports::Format;
    use png::{BitDepth, ColorType, Encoder};
    use proptest::prelude::*;

    use super::*;

    fn target(max_bytes: u64, max_pixels: (u32, u32)) -> Target {
        Target { max_bytes, max_pixels, format: Format::Png }
    }

    /// A picture with something to see: noise compresses badly, so that bytes matter.
    fn picture(width: u32, height: u32, channels: usize) -> Vec<u8> {
        let count = width as usize * height as usize * channels;
        let mut seed = 7u32;
        let noise = std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        });
        encode(&Pixels { width, height, channels, bytes: noise.take(count).collect() }, Format::Png).unwrap()
    }

    #[test]
    fn bytes_and_pixels_fit() {
        let png = picture(400, 200, 3);
        let small = shrink(&png, target(60_000, (10_000, 10_000))).unwrap();
        assert!(small.file.len() <= 60_000 && small.file.len() > 30_000, "{}", small.file.len());
        assert!(small.width.abs_diff(small.height * 2) <= 1, "{} x {}", small.width, small.height);
        let narrow = shrink(&png, target(u64::MAX, (100, 10_000))).unwrap();
        assert_eq!((narrow.width, narrow.height), (100, 50));
    }

    #[test]
    fn few_bytes_hold_more_as_jpeg() {
        let png = picture(600, 300, 4);
        let small = shrink(&png, Target { format: Format::Jpeg, ..target(15_000, (600, 600)) }).unwrap();
        assert!(small.file.starts_with(&[0xFF, 0xD8]) && small.file.len() <= 15_000, "{}", small.file.len());
        let as_png = shrink(&png, target(15_000, (600, 600))).unwrap();
        assert!(small.width > as_png.width, "{} {}", small.width, as_png.width);
    }

    #[test]
    fn what_cannot_fit_is_an_error() {
        let png = picture(400, 200, 4);
        assert_eq!(shrink(&png, target(100, (999, 999))).unwrap_err(), ShrinkError::DoesNotFit(100));
        assert!(matches!(shrink(b"GIF89a", target(100, (9, 9))), Err(ShrinkError::Unreadable(_))));
        assert!(matches!(shrink(&png[..500], target(100, (99, 99))), Err(ShrinkError::Unreadable(_))));
    }

    #[test]
    fn huge_pictures_are_not_decoded() {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, 40_000, 40_000);
        encoder.set_color(ColorType::Grayscale);
        encoder.set_depth(BitDepth::One);
        drop(encoder.write_header().unwrap());
        assert_eq!(shrink(&file, target(100, (99, 99))).unwrap_err(), ShrinkError::TooManyPixels(40_000, 40_000));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn an_even_colour_stays_what_it_is(width in 1u32..90, height in 1u32..90, max in 1u32..90, colour: [u8; 3]) {
            let bytes = colour.repeat(width as usize * height as usize);
            let png = encode(&Pixels { width, height, channels: 3, bytes }, Format::Png).unwrap();
            if let Ok(small) = shrink(&png, target(u64::MAX, (max, max))) {
                prop_assert!(small.width <= max.max(1) && small.height <= max.max(1));
                let pixels = decode(&small.file).unwrap();
                prop_assert!(pixels.bytes.chunks(3).all(|pixel| pixel == colour));
            }
        }
    }
}
