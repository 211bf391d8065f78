//! A picture as an event's sender writes it: a file as base64, or beside the JSON in a form; or series.
//!
//! Deliberately unknown here: forms.

use base64::{DecodeError, Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::Deserialize;

use super::{LARGEST_FILE, LONGEST_ALT, LONGEST_TEXT, Own, OwnSeries, cut};

/// A picture as it was written.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    /// The field `image`.
    Image(WrittenImage),
    /// The field `series`.
    Series(OwnSeries),
}

/// The field `image`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenImage {
    /// The file as base64.
    #[serde(default)]
    data: Option<String>,
    /// The name of the form's part that is the file.
    #[serde(default)]
    part: Option<String>,
    /// What it is called.
    #[serde(default)]
    title: String,
    /// What is to be seen.
    #[serde(default)]
    alt: String,
}

impl Written {
    /// The picture. `part` finds a file of the form that the event came with.
    ///
    /// # Errors
    /// What is wrong with it, and where: `image.data: not base64 at byte 17`.
    pub fn own(self, part: impl Fn(&str) -> Option<Bytes>) -> Result<Own, String> {
        match self {
            Written::Image(image) => image.own(part),
            Written::Series(series) => series.checked().map(Own::Series),
        }
    }
}

impl WrittenImage {
    fn own(mut self, part: impl Fn(&str) -> Option<Bytes>) -> Result<Own, String> {
        let (file, field) = match (self.data.take(), self.part.take()) {
            (Some(data), None) => (decoded(&data).map_err(|why| format!("image.data: {why}"))?, "image.data"),
            (None, Some(name)) => {
                let shown: String = name.chars().take(64).collect();
                let missing = || format!("image.part: the body is no form with a part named {shown:?}");
                (part(&name).ok_or_else(missing)?, "image.part")
            }
            (Some(_), Some(_)) => return Err("image: data and part exclude each other".to_owned()),
            (None, None) => return Err("image: data is missing: the file as base64".to_owned()),
        };
        if file.len() > LARGEST_FILE {
            return Err(format!("{field}: {} bytes are more than {LARGEST_FILE}", file.len()));
        }
        cut(&mut self.title, LONGEST_TEXT);
        cut(&mut self.alt, LONGEST_ALT);
        Ok(Own::Image { title: self.title, alt: self.alt, file })
    }
}

/// Programs that write base64 break its lines; browsers write `data:image/png;base64,` before it.
fn decoded(text: &str) -> Result<Bytes, String> {
    let text = match text.split_once(";base64,") {
        Some((kind, data)) if kind.starts_with("data:") => data,
        _ => text,
    };
    if text.len() / 4 * 3 > LARGEST_FILE + LARGEST_FILE / 20 {
        return Err(format!("it is longer than {LARGEST_FILE} bytes"));
    }
    let joined = || text.split_ascii_whitespace().collect::<String>();
    let decoded = if text.contains(['\n', '\r', ' ']) { STANDARD.decode(joined()) } else { STANDARD.decode(text) };
    decoded.map(Bytes::from).map_err(|error| match error {
        DecodeError::InvalidByte(at, _) | DecodeError::InvalidLastSymbol(at, _) => format!("not base64 at byte {at}"),
        DecodeError::InvalidLength(length) => format!("not base64: {length} characters are no multiple of four"),
        DecodeError::InvalidPadding => "not base64: the padding at its end is wrong".to_owned(),
    })
}
