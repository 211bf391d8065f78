//! Pictures as files: what they are called, what type they have.
//!
//! Deliberately unknown here: any vendor.

use alerts::{picture::Picture, ports::Format};

/// The format of a file, by its first bytes; what is no JPEG is taken for PNG, which all our own pictures are.
pub fn format(bytes: &[u8]) -> Format {
    if bytes.starts_with(&[0xFF, 0xD8]) { Format::Jpeg } else { Format::Png }
}

/// The media type of a file.
pub fn mime(bytes: &[u8]) -> &'static str {
    match format(bytes) {
        Format::Png => "image/png",
        Format::Jpeg => "image/jpeg",
    }
}

/// The file's name: unique within a message.
pub fn name(picture: &Picture) -> String {
    let extension = match format(picture.bytes.as_deref().unwrap_or_default()) {
        Format::Png => "png",
        Format::Jpeg => "jpg",
    };
    format!("{}.{extension}", picture.record.id)
}
