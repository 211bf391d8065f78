//! Looks at pictures that somebody else made: login pages, placeholders and empty pages arrive as 200 too.
//!
//! Deliberately unknown here: who made them. Everything blocks; call it where blocking is allowed.

use std::io::Cursor;

use alerts::ports::RenderError;
use bytes::Bytes;
use png::{BitDepth, ColorType, Decoder, Encoder, Filter, Limits, Transformations};

use crate::error::{content, quoted};

/// The largest picture that is decoded, in pixels (DESIGN.md section 5).
pub const MOST_PIXELS: u64 = 16_000_000;
/// Smaller than this, nothing can be seen.
const SMALLEST_SIDE: u32 = 16;
/// More of one colour in the plot area than this, and nothing is on it.
const BLANK: f64 = 0.995;
/// So many other pixels in the middle are words: "No data" is something to see.
const WORDS: usize = 40;

/// A picture that is one.
#[derive(Clone, Debug)]
pub struct Looked {
    /// The PNG file.
    pub png: Bytes,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// What is expected of a picture.
#[derive(Clone, Copy, Debug, Default)]
pub struct Expected {
    /// The size that was asked for: another one is a placeholder. None: any.
    pub size: Option<(u32, u32)>,
    /// Whether something must be on it.
    pub not_blank: bool,
}

/// Checks a file: a PNG that stays as it is, or a JPEG that becomes one.
///
/// # Errors
/// Why it is no picture, or not the one that was asked for.
pub fn look_at(file: &Bytes, expected: Expected) -> Result<Looked, RenderError> {
    let (pixels, png) = match file.as_ref() {
        [0x89, b'P', b'N', b'G', ..] => (read_png(file)?, file.clone()),
        [0xFF, 0xD8, ..] => {
            let pixels = read_jpeg(file)?;
            let png = write_png(&pixels)?;
            (pixels, png)
        }
        _ => {
            return Err(content(format!(
                "neither PNG nor JPEG: it begins with {:?}",
                quoted(&file[..file.len().min(60)])
            )));
        }
    };
    if pixels.width.min(pixels.height) < SMALLEST_SIDE {
        return Err(content(format!("{} x {} pixels are too few for a panel", pixels.width, pixels.height)));
    }
    if let Some((width, height)) = expected.size.filter(|size| *size != (pixels.width, pixels.height)) {
        let (has_width, has_height) = (pixels.width, pixels.height);
        return Err(content(format!(
            "{has_width} x {has_height} pixels instead of {width} x {height}: a placeholder, as \"limit reached\" or an error"
        )));
    }
    if expected.not_blank && pixels.is_blank() {
        return Err(content("nothing is on it: it was taken before the panel was drawn"));
    }
    Ok(Looked { png, width: pixels.width, height: pixels.height })
}

struct Pixels {
    width: u32,
    height: u32,
    channels: usize,
    bytes: Vec<u8>,
}

impl Pixels {
    /// Whether more than [`BLANK`] of the plot area (what lies below the title, without the edge) has one colour, and the rest is
    /// not words in the middle.
    fn is_blank(&self) -> bool {
        let (left, right) = (self.width / 50, self.width - self.width / 50);
        let (top, bottom) = (self.height / 8, self.height - self.height / 50);
        let area = (right - left) as usize * (bottom - top) as usize;
        let colour = self.commonest(left..right, top..bottom);
        let mut other = 0;
        let mut in_the_middle = 0;
        let middle = |x: u32, y: u32| {
            (self.width / 4..self.width * 3 / 4).contains(&x) && (self.height / 3..self.height * 2 / 3).contains(&y)
        };
        for y in top..bottom {
            for x in left..right {
                if self.at(x, y) != colour {
                    other += 1;
                    in_the_middle += usize::from(middle(x, y));
                }
            }
        }
        let blank = (area - other) as f64 > BLANK * area as f64;
        // what is elsewhere is an axis or a spinner, but not yet a panel
        let words = in_the_middle >= WORDS && in_the_middle * 10 >= other * 9;
        blank && !words
    }

    /// The colour that most pixels of a sparse sample have.
    fn commonest(&self, xs: std::ops::Range<u32>, ys: std::ops::Range<u32>) -> &[u8] {
        let mut counts = std::collections::HashMap::new();
        for y in ys.step_by(7) {
            for x in xs.clone().step_by(7) {
                *counts.entry(self.at(x, y)).or_insert(0_u32) += 1;
            }
        }
        counts.into_iter().max_by_key(|(_, count)| *count).map_or(&[], |(colour, _)| colour)
    }

    fn at(&self, x: u32, y: u32) -> &[u8] {
        let at = (y as usize * self.width as usize + x as usize) * self.channels;
        &self.bytes[at..at + self.channels]
    }
}

fn few_enough(width: u32, height: u32) -> Result<(), RenderError> {
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(content(format!("{width} x {height} pixels are more than {MOST_PIXELS}")));
    }
    Ok(())
}

fn read_png(file: &[u8]) -> Result<Pixels, RenderError> {
    let unreadable = |error: png::DecodingError| content(format!("not a readable PNG file: {error}"));
    let limits = Limits { bytes: MOST_PIXELS as usize * 8 };
    let mut decoder = Decoder::new_with_limits(Cursor::new(file), limits);
    decoder.set_transformations(Transformations::normalize_to_color8());
    let (width, height) = decoder.read_header_info().map_err(unreadable)?.size();
    few_enough(width, height)?;
    let mut reader = decoder.read_info().map_err(unreadable)?;
    let size = reader.output_buffer_size().ok_or_else(|| content("too large"))?;
    let mut bytes = vec![0; size];
    let frame = reader.next_frame(&mut bytes).map_err(unreadable)?;
    bytes.truncate(frame.buffer_size());
    Ok(Pixels { width, height, channels: frame.color_type.samples(), bytes })
}

fn read_jpeg(file: &[u8]) -> Result<Pixels, RenderError> {
    let unreadable = |error: zune_jpeg::errors::DecodeErrors| content(format!("not a readable JPEG file: {error:?}"));
    let options = zune_jpeg::zune_core::options::DecoderOptions::default()
        .jpeg_set_out_colorspace(zune_jpeg::zune_core::colorspace::ColorSpace::RGB);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(Cursor::new(file), options);
    decoder.decode_headers().map_err(unreadable)?;
    let (width, height) = decoder.dimensions().ok_or_else(|| content("a JPEG file without a size"))?;
    let side = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
    let (width, height) = (side(width), side(height));
    few_enough(width, height)?;
    let bytes = decoder.decode().map_err(unreadable)?;
    Ok(Pixels { width, height, channels: 3, bytes })
}

fn write_png(pixels: &Pixels) -> Result<Bytes, RenderError> {
    let failed = |error: png::EncodingError| content(format!("cannot be written as PNG: {error}"));
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, pixels.width, pixels.height);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_filter(Filter::Sub);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&pixels.bytes).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(file.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canvas(width: u32, height: u32) -> Pixels {
        Pixels { width, height, channels: 3, bytes: [20, 20, 30].repeat((width * height) as usize) }
    }

    fn paint(pixels: &mut Pixels, xs: std::ops::Range<u32>, ys: std::ops::Range<u32>) {
        for y in ys {
            for x in xs.clone() {
                let at = (y * pixels.width + x) as usize * 3;
                pixels.bytes[at..at + 3].copy_from_slice(&[200, 210, 220]);
            }
        }
    }

    fn check(pixels: &Pixels, expected: Expected, problem: Option<&str>) {
        let file = write_png(pixels).expect("a file");
        match (look_at(&file, expected), problem) {
            (Ok(looked), None) => {
                assert_eq!((looked.width, looked.height, looked.png), (pixels.width, pixels.height, file))
            }
            (Err(error), Some(words)) => assert!(error.detail.contains(words), "{error}"),
            (found, _) => panic!("{found:?}, not {problem:?}"),
        }
    }

    const SHOWS: Expected = Expected { size: None, not_blank: true };

    #[test]
    fn empty_pages_are_no_panels() {
        let mut pixels = canvas(400, 200);
        check(&pixels, SHOWS, Some("nothing is on it"));
        check(&pixels, Expected::default(), None);
        paint(&mut pixels, 10..150, 4..14);
        check(&pixels, SHOWS, Some("nothing is on it"));
        let mut words = canvas(400, 200);
        paint(&mut words, 180..220, 98..103);
        check(&words, SHOWS, None);
        let mut spinner = canvas(400, 200);
        paint(&mut spinner, 12..60, 190..194);
        check(&spinner, SHOWS, Some("nothing is on it"));
        let mut line = canvas(400, 200);
        paint(&mut line, 20..380, 90..93);
        check(&line, SHOWS, None);
    }

    #[test]
    fn another_size_is_a_placeholder() {
        let wanted = |width, height| Expected { size: Some((width, height)), not_blank: false };
        check(&canvas(400, 200), wanted(400, 200), None);
        check(&canvas(400, 200), wanted(1_000, 500), Some("a placeholder"));
        check(&canvas(400, 10), Expected::default(), Some("too few"));
    }

    #[test]
    fn other_files_are_told_by_their_beginning() {
        let error =
            look_at(&Bytes::from_static(b"<!doctype html><title>Login"), Expected::default()).expect_err("no picture");
        assert!(error.detail.contains("neither PNG nor JPEG") && error.detail.contains("<!doctype html>"), "{error}");
        assert!(look_at(&Bytes::from_static(b"\x89PNG\r\n\x1a\n"), Expected::default()).is_err());
        assert!(look_at(&Bytes::new(), Expected::default()).is_err());
    }

    #[test]
    fn huge_pictures_are_not_decoded() {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, 40_000, 40_000);
        encoder.set_color(ColorType::Grayscale);
        encoder.set_depth(BitDepth::One);
        drop(encoder.write_header().expect("a header"));
        let error = look_at(&file.into(), Expected::default()).expect_err("too large");
        assert!(error.detail.contains("more than 16000000"), "{error}");
    }
}
