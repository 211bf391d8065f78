//! Makes a PNG file smaller by making the picture smaller, until it fits bytes and pixels.
//!
//! Deliberately unknown here: who wants it smaller. Everything blocks: call it where blocking is allowed.

use bytes::Bytes;
use png::{BitDepth, ColorType, Compression, Decoder, Encoder, Filter, Limits, Transformations};

/// The largest picture that is decoded, in pixels (DESIGN.md section 5).
pub const MOST_PIXELS: u64 = 16_000_000;

/// Smaller than this on its longer side, a chart shows nothing any more.
const SMALLEST_SIDE: u32 = 64;

const MOST_TURNS: usize = 8;

/// A picture that was made smaller.
#[derive(Clone, Debug)]
pub struct Smaller {
    /// The PNG file.
    pub png: Bytes,
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

/// The picture at the largest size that takes at most `max_bytes` and `max_pixels` (width, height).
///
/// # Errors
/// When it cannot be read, or cannot be made to fit.
pub fn shrink(png: &[u8], max_bytes: u64, max_pixels: (u32, u32)) -> Result<Smaller, ShrinkError> {
    let picture = decode(png)?;
    let mut scale = fitting_scale(&picture, max_pixels);
    for turn in 0..MOST_TURNS {
        let (width, height) = picture.scaled(scale);
        if turn > 0 && width.max(height) < SMALLEST_SIDE {
            break;
        }
        let small = encode(&picture.downscaled(width, height))?;
        if small.len() as u64 <= max_bytes {
            return Ok(Smaller { png: small.into(), width, height });
        }
        // bytes go about with the area; a little more, because small pictures have relatively more edges
        scale *= (max_bytes as f64 / small.len() as f64).sqrt().min(1.0) * 0.92;
    }
    Err(ShrinkError::DoesNotFit(max_bytes))
}

struct Pixels {
    width: u32,
    height: u32,
    channels: usize,
    bytes: Vec<u8>,
}

impl Pixels {
    fn scaled(&self, scale: f64) -> (u32, u32) {
        let side = |full: u32| ((f64::from(full) * scale) as u32).clamp(1, full);
        (side(self.width), side(self.height))
    }

    /// Each new pixel is the mean of the area that it covers, with partly covered pixels in proportion. Rows first,
    /// then columns: the same result in a fraction of the time.
    fn downscaled(&self, width: u32, height: u32) -> Pixels {
        let rows = Spans::new(self.height, height);
        let columns = Spans::new(self.width, width);
        let stride = self.width as usize * self.channels;
        let mut bytes = Vec::with_capacity(width as usize * height as usize * self.channels);
        for y in 0..height {
            let mut line = vec![0f32; stride];
            for (from, weight) in rows.of(y) {
                let row = &self.bytes[from * stride..][..stride];
                line.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * f32::from(*value));
            }
            for x in 0..width {
                for channel in 0..self.channels {
                    let sum: f32 =
                        columns.of(x).map(|(from, weight)| weight * line[from * self.channels + channel]).sum();
                    bytes.push((sum + 0.5) as u8);
                }
            }
        }
        Pixels { width, height, channels: self.channels, bytes }
    }
}

/// Which old pixels a new one covers in one direction, and how much each counts; the weights add up to one.
struct Spans {
    step: f64,
    old: u32,
}

impl Spans {
    fn new(old: u32, new: u32) -> Self {
        Self { step: f64::from(old) / f64::from(new), old }
    }

    fn of(&self, at: u32) -> impl Iterator<Item = (usize, f32)> + '_ {
        let (begin, end) = (f64::from(at) * self.step, f64::from(at + 1) * self.step);
        let last = (end.ceil() as u32).min(self.old);
        (begin as u32..last).map(move |from| {
            let covered = (end.min(f64::from(from) + 1.0) - begin.max(f64::from(from))).max(0.0);
            (from as usize, (covered / self.step) as f32)
        })
    }
}

fn fitting_scale(picture: &Pixels, (width, height): (u32, u32)) -> f64 {
    let by = |max: u32, full: u32| f64::from(max.min(full)) / f64::from(full);
    by(width, picture.width).min(by(height, picture.height))
}

fn decode(png: &[u8]) -> Result<Pixels, ShrinkError> {
    let unreadable = |error: png::DecodingError| ShrinkError::Unreadable(error.to_string());
    let limits = Limits { bytes: MOST_PIXELS as usize * 8 };
    let mut decoder = Decoder::new_with_limits(std::io::Cursor::new(png), limits);
    decoder.set_transformations(Transformations::normalize_to_color8());
    let (width, height) = decoder.read_header_info().map_err(unreadable)?.size();
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(ShrinkError::TooManyPixels(width, height));
    }
    let mut reader = decoder.read_info().map_err(unreadable)?;
    let size = reader.output_buffer_size().ok_or(ShrinkError::TooManyPixels(width, height))?;
    let mut bytes = vec![0; size];
    let frame = reader.next_frame(&mut bytes).map_err(unreadable)?;
    bytes.truncate(frame.buffer_size());
    Ok(Pixels { width, height, channels: frame.color_type.samples(), bytes })
}

/// Without a filter and with light compression: flat charts come out smallest that way (rust-stack.md B2).
fn encode(picture: &Pixels) -> Result<Vec<u8>, ShrinkError> {
    let color = match picture.channels {
        1 => ColorType::Grayscale,
        2 => ColorType::GrayscaleAlpha,
        3 => ColorType::Rgb,
        _ => ColorType::Rgba,
    };
    let failed = |error: png::EncodingError| ShrinkError::Unreadable(error.to_string());
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, picture.width, picture.height);
    encoder.set_color(color);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Balanced);
    encoder.set_filter(Filter::NoFilter);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&picture.bytes).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A picture with something to see: noise compresses badly, so that bytes matter.
    fn picture(width: u32, height: u32, channels: usize) -> Vec<u8> {
        let count = width as usize * height as usize * channels;
        let mut seed = 7u32;
        let noise = std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        });
        encode(&Pixels { width, height, channels, bytes: noise.take(count).collect() }).unwrap()
    }

    #[test]
    fn bytes_and_pixels_fit() {
        let png = picture(400, 200, 3);
        let small = shrink(&png, 60_000, (10_000, 10_000)).unwrap();
        assert!(small.png.len() <= 60_000 && small.png.len() > 30_000, "{}", small.png.len());
        assert!(small.width.abs_diff(small.height * 2) <= 1, "{} x {}", small.width, small.height);
        let narrow = shrink(&png, u64::MAX, (100, 10_000)).unwrap();
        assert_eq!((narrow.width, narrow.height), (100, 50));
    }

    #[test]
    fn what_cannot_fit_is_an_error() {
        let png = picture(400, 200, 4);
        assert_eq!(shrink(&png, 100, (999, 999)).unwrap_err(), ShrinkError::DoesNotFit(100));
        assert!(matches!(shrink(b"GIF89a", 100, (9, 9)), Err(ShrinkError::Unreadable(_))));
        assert!(matches!(shrink(&png[..500], 100, (99, 99)), Err(ShrinkError::Unreadable(_))));
    }

    #[test]
    fn huge_pictures_are_not_decoded() {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, 40_000, 40_000);
        encoder.set_color(ColorType::Grayscale);
        encoder.set_depth(BitDepth::One);
        drop(encoder.write_header().unwrap());
        assert_eq!(shrink(&file, 100, (99, 99)).unwrap_err(), ShrinkError::TooManyPixels(40_000, 40_000));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn an_even_colour_stays_what_it_is(width in 1u32..90, height in 1u32..90, max in 1u32..90, colour: [u8; 3]) {
            let bytes = colour.repeat(width as usize * height as usize);
            let png = encode(&Pixels { width, height, channels: 3, bytes }).unwrap();
            if let Ok(small) = shrink(&png, u64::MAX, (max, max)) {
                prop_assert!(small.width <= max.max(1) && small.height <= max.max(1));
                let pixels = decode(&small.png).unwrap();
                prop_assert!(pixels.bytes.chunks(3).all(|pixel| pixel == colour));
            }
        }
    }
}
