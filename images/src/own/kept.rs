//! An own picture as a file of the spool: a line of JSON, and behind it the PNG file, if it is one.
//!
//! Deliberately unknown here: where files are.

use alerts::own::OwnSeries;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A picture in the spool.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kept {
    /// A PNG file.
    Image { title: String, alt: String, png: Bytes },
    /// Series to be drawn.
    Series(OwnSeries),
}

/// The line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Head {
    Image { title: String, alt: String },
    Series(OwnSeries),
}

impl Kept {
    /// The whole file.
    pub(super) fn file(&self) -> Vec<u8> {
        let (head, png) = match self {
            Kept::Image { title, alt, png } => (Head::Image { title: title.clone(), alt: alt.clone() }, png.as_ref()),
            Kept::Series(series) => (Head::Series(series.clone()), &[][..]),
        };
        let mut file = serde_json::to_vec(&head).expect("texts, numbers and lists into memory");
        file.push(b'\n');
        file.extend_from_slice(png);
        file
    }

    /// Reads a file.
    ///
    /// # Errors
    /// Why it is none of ours.
    pub(super) fn read(file: &Bytes) -> Result<Self, String> {
        let end = file.iter().position(|byte| *byte == b'\n').ok_or("it has no first line")?;
        let head = serde_json::from_slice(&file[..end]).map_err(|error| error.to_string())?;
        Ok(match head {
            Head::Image { title, alt } => Kept::Image { title, alt, png: file.slice(end + 1..) },
            Head::Series(series) => Kept::Series(series),
        })
    }
}

/// The name of a file: SHA-256 in hexadecimal digits.
pub(super) fn name(file: &[u8]) -> String {
    Sha256::digest(file).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use alerts::own::{OwnLine, OwnPoint};

    use super::*;

    #[test]
    fn files_are_read_as_they_were_written() {
        let check = |kept: &Kept| {
            let file = Bytes::from(kept.file());
            assert_eq!(Kept::read(&file).as_ref(), Ok(kept));
            assert_eq!(name(&file).len(), 64);
        };
        let png = Bytes::from_static(b"\x89PNG\r\n\x1a\nrest");
        check(&Kept::Image { title: "a\nb".into(), alt: String::new(), png });
        let points = vec![OwnPoint { at_ms: 1, value: 2.5 }];
        let series = vec![OwnLine { name: "x".into(), points }];
        check(&Kept::Series(OwnSeries { title: "t".into(), series, ..OwnSeries::default() }));
        assert!(Kept::read(&Bytes::from_static(b"")).is_err());
        assert!(Kept::read(&Bytes::from_static(b"{}\n")).is_err());
    }
}
