//! A form with files (`multipart/form-data`, RFC 7578) as one body: it can be sent again, and is the same each time.
//!
//! Deliberately unknown here: any vendor, and what the files are.

use std::fmt::Write as _;

use bytes::Bytes;
use sha2::{Digest, Sha256};

/// A form that is being filled in.
#[derive(Default)]
pub struct Form {
    parts: Vec<(String, Vec<u8>)>,
}

impl Form {
    /// Adds a file under the field's name. `mime` is its type; neither name may have quotes or line ends in it.
    #[must_use]
    pub fn file(mut self, field: &str, name: &str, mime: &str, bytes: &[u8]) -> Self {
        let safe = |text: &str| text.replace(['"', '\r', '\n'], "_");
        let head = format!(
            "Content-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: {mime}\r\n",
            safe(field),
            safe(name)
        );
        self.parts.push((head, bytes.to_vec()));
        self
    }

    /// The header `Content-Type`, and the body.
    pub fn finish(self) -> (String, Bytes) {
        let boundary = self.boundary();
        let mut body = Vec::new();
        for (head, bytes) in &self.parts {
            body.extend_from_slice(format!("--{boundary}\r\n{head}\r\n").as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        (format!("multipart/form-data; boundary={boundary}"), body.into())
    }

    /// Made of the content, which so cannot hold it by chance.
    fn boundary(&self) -> String {
        let mut digest = Sha256::new();
        for (head, bytes) in &self.parts {
            digest.update(head);
            digest.update(bytes);
        }
        digest.finalize().iter().take(16).fold(String::from("wirephoto-"), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_written_out() {
        let form = || Form::default().file("file", "a\"b.png", "image/png", b"\x00\xff");
        let (kind, body) = form().finish();
        let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
        let head = "Content-Disposition: form-data; name=\"file\"; filename=\"a_b.png\"\r\nContent-Type: image/png";
        let expected = [
            format!("--{boundary}\r\n{head}\r\n\r\n").as_bytes(),
            b"\x00\xff\r\n",
            format!("--{boundary}--\r\n").as_bytes(),
        ]
        .concat();
        assert_eq!(body, expected);
        assert_eq!(form().finish(), (kind, body), "the same each time");
    }
}
