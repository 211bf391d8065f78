//! Pixels to PNG.

use png::{BitDepth, ColorType, DeflateCompression, Encoder, Filter};

/// Encodes rows of RGB bytes.
///
/// Charts are flat: level 1 without a filter is a little more work than the `png` crate's fastest way (fdeflate),
/// which needs a filter, and makes files that are 40 % smaller; each is uploaded at least once.
pub(crate) fn png(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::with_capacity(pixels.len() / 8);
    let mut encoder = Encoder::new(&mut bytes, width, height);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_filter(Filter::NoFilter);
    encoder.set_deflate_compression(DeflateCompression::Level(1));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}
