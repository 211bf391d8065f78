//! Pictures as pixels: read from files, made smaller, put together, written as files.
//!
//! Deliberately unknown here: how small a picture has to be. Everything blocks.

use alerts::ports::Format;
use png::{BitDepth, ColorType, Compression, Decoder, Encoder, Filter, Limits, Transformations};

use super::shrink::{MOST_PIXELS, ShrinkError};

/// Of JPEG files, from 1 to 100.
const JPEG_QUALITY: u8 = 82;

/// A picture as rows of pixels, eight bits per channel.
pub(super) struct Pixels {
    pub(super) width: u32,
    pub(super) height: u32,
    /// 1 grey, 2 grey and alpha, 3 colours, 4 colours and alpha.
    pub(super) channels: usize,
    pub(super) bytes: Vec<u8>,
}

impl Pixels {
    /// An even area.
    pub(super) fn filled(width: u32, height: u32, colour: [u8; 3]) -> Self {
        Self { width, height, channels: 3, bytes: colour.repeat(width as usize * height as usize) }
    }

    /// The picture as large as this room allows, never larger than it is; in colours without alpha.
    pub(super) fn within(&self, width: u32, height: u32) -> Pixels {
        let (width, height) = self.scaled(self.fitting_scale((width, height)));
        self.downscaled(width, height).opaque()
    }

    /// Puts an opaque picture into this one, whose pixels are opaque colours too; what reaches over the edge is lost.
    pub(super) fn paste(&mut self, picture: &Pixels, x: u32, y: u32) {
        let width = picture.width.min(self.width.saturating_sub(x)) as usize * 3;
        let (from, to) = (picture.width as usize * 3, self.width as usize * 3);
        for row in 0..picture.height.min(self.height.saturating_sub(y)) as usize {
            let target = (y as usize + row) * to + x as usize * 3;
            self.bytes[target..][..width].copy_from_slice(&picture.bytes[row * from..][..width]);
        }
    }

    /// In colours without alpha; what was transparent shows white.
    pub(super) fn opaque(self) -> Pixels {
        let over_white = |value: u8, alpha: u8| 255 - ((255 - u32::from(value)) * u32::from(alpha) / 255) as u8;
        let bytes = match self.channels {
            1 => self.bytes.iter().flat_map(|grey| [*grey; 3]).collect(),
            2 => self.bytes.chunks_exact(2).flat_map(|p| [over_white(p[0], p[1]); 3]).collect(),
            3 => self.bytes,
            _ => self.bytes.chunks_exact(4).flat_map(|p| [0, 1, 2].map(|c| over_white(p[c], p[3]))).collect(),
        };
        Pixels { width: self.width, height: self.height, channels: 3, bytes }
    }

    /// By how much it must be scaled to lie within this room; at most 1.
    pub(super) fn fitting_scale(&self, (width, height): (u32, u32)) -> f64 {
        let by = |max: u32, full: u32| f64::from(max.min(full)) / f64::from(full);
        by(width, self.width).min(by(height, self.height))
    }

    pub(super) fn scaled(&self, scale: f64) -> (u32, u32) {
        let side = |full: u32| ((f64::from(full) * scale) as u32).clamp(1, full);
        (side(self.width), side(self.height))
    }

    /// Each new pixel is the mean of the area that it covers, with partly covered pixels in proportion. Rows first,
    /// then columns: the same result in a fraction of the time.
    pub(super) fn downscaled(&self, width: u32, height: u32) -> Pixels {
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

/// Reads a file.
pub(super) fn decode(png: &[u8]) -> Result<Pixels, ShrinkError> {
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

/// Writes a file of this format.
pub(super) fn encode(picture: &Pixels, format: Format) -> Result<Vec<u8>, ShrinkError> {
    match format {
        Format::Png => png_file(picture),
        Format::Jpeg => jpeg_file(picture),
    }
}

/// Text and thin lines want a high quality, and colours as sharp as brightness (4:4:4 is the encoder's choice from 90 on).
fn jpeg_file(picture: &Pixels) -> Result<Vec<u8>, ShrinkError> {
    let opaque = Pixels { bytes: picture.bytes.clone(), ..*picture }.opaque();
    let side = |side: u32| u16::try_from(side).map_err(|_| ShrinkError::TooManyPixels(opaque.width, opaque.height));
    let mut file = Vec::new();
    let encoder = jpeg_encoder::Encoder::new(&mut file, JPEG_QUALITY);
    let encoded =
        encoder.encode(&opaque.bytes, side(opaque.width)?, side(opaque.height)?, jpeg_encoder::ColorType::Rgb);
    encoded.map_err(|error| ShrinkError::Unreadable(error.to_string()))?;
    Ok(file)
}

/// Without a filter and with light compression: flat charts come out smallest that way (rust-stack.md B2).
fn png_file(picture: &Pixels) -> Result<Vec<u8>, ShrinkError> {
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
