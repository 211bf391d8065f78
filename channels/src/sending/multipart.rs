//! A form with files, as `multipart/form-data` (RFC 7578). Made here, not by the HTTP client, so that a request can be
//! repeated, and is the same every time.
//!
//! Deliberately unknown here: any vendor.

use alerts::picture::Picture;
use sha2::{Digest, Sha256};

use super::files;

/// The parts of a form, in the order in which they were added.
#[derive(Default)]
pub struct Form {
    parts: Vec<(String, Vec<u8>)>,
}

impl Form {
    /// Adds a text.
    #[must_use]
    pub fn text(mut self, name: &str, value: &str) -> Self {
        self.parts.push((format!("Content-Disposition: form-data; name=\"{name}\"\r\n"), value.as_bytes().to_vec()));
        self
    }

    /// Adds a picture's file; without a file, nothing.
    #[must_use]
    pub fn picture(mut self, name: &str, picture: &Picture) -> Self {
        if let Some(bytes) = &picture.bytes {
            let (file, mime) = (files::name(picture), files::mime(bytes));
            let head = format!(
                "Content-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\nContent-Type: {mime}\r\n"
            );
            self.parts.push((head, bytes.to_vec()));
        }
        self
    }

    /// The header `Content-Type`, and the body.
    pub fn finish(self) -> (String, Vec<u8>) {
        let mut digest = Sha256::new();
        for (head, body) in &self.parts {
            digest.update(head);
            digest.update(body);
        }
        // nobody who writes a part knows it before the part is written
        let boundary: String = digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let mut bytes = Vec::new();
        for (head, body) in &self.parts {
            bytes.extend_from_slice(format!("--{boundary}\r\n{head}\r\n").as_bytes());
            bytes.extend_from_slice(body);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        (format!("multipart/form-data; boundary={boundary}"), bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_the_same_every_time() {
        let form = || Form::default().text("a", "1").text("b", "2\r\n--x").finish();
        let (kind, body) = form();
        assert_eq!(form(), (kind.clone(), body.clone()));
        let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
        let expected = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--{boundary}\r\nContent-Disposition: form-data; \
             name=\"b\"\r\n\r\n2\r\n--x\r\n--{boundary}--\r\n"
        );
        assert_eq!(String::from_utf8(body).unwrap(), expected);
    }
}
