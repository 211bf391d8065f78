//! Pixels to PNG.

use png::{BitDepth, ColorType, DeflateCompression, Encoder, Filter};

/// Encodes rows of RGB bytes.
///
/// Level 1 without a filter: measured on the demo panel, it takes twice the time of the `png` crate's fastest way
/// (fdeflate with the filter Sub: 2.3 against 1.2 ms, at scale 2 6.3 against 3.7) and its files are a third smaller
/// (214 against 321 kB, 533 against 819). A picture is encoded once and uploaded at least once.
pub(crate) fn png(pixels: &[u8], width: u32, height: u32) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::with_capacity(pixels.len() / 6);
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
