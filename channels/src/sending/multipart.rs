//! A form with files, as `multipart/form-data` (RFC 7578). Made here, not by the HTTP client, so that a request can be
//! repeated, and is the same every time.
//!
//! Deliberately unknown here: any vendor.

use alerts::picture::Picture;
use bytes::Bytes;
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
    pub fn picture(self, name: &str, picture: &Picture) -> Self {
        match &picture.bytes {
            Some(bytes) => self.file(name, &files::name(picture), bytes),
            None => self,
        }
    }

    /// Adds a picture's file under this file name. What would end a name is replaced in both names.
    #[must_use]
    pub fn file(mut self, name: &str, file: &str, bytes: &[u8]) -> Self {
        let safe = |text: &str| text.replace(['"', '\r', '\n'], "_");
        let (name, file, mime) = (safe(name), safe(file), files::mime(bytes));
        let head =
            format!("Content-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\nContent-Type: {mime}\r\n");
        self.parts.push((head, bytes.to_vec()));
        self
    }

    /// The header `Content-Type`, and the body.
    pub fn finish(self) -> (String, Bytes) {
        let mut digest = Sha256::new();
        for (head, body) in &self.parts {
            digest.update(head);
            digest.update(body);
        }
        // nobody who writes a part knows it before the part is written
        let digits: String = digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let boundary = format!("wirephoto-{digits}");
        let mut bytes = Vec::new();
        for (head, body) in &self.parts {
            bytes.extend_from_slice(format!("--{boundary}\r\n{head}\r\n").as_bytes());
            bytes.extend_from_slice(body);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        (format!("multipart/form-data; boundary={boundary}"), bytes.into())
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
        assert_eq!(String::from_utf8(body.to_vec()).unwrap(), expected);
    }

    #[test]
    fn names_of_files_do_not_end_their_headers() {
        let (_, body) = Form::default().file("file", "a\"b\r\n.png", b"\x00\xff").finish();
        let head = b"Content-Disposition: form-data; name=\"file\"; filename=\"a_b__.png\"\r\nContent-Type: image/png\r\n\r\n\x00\xff\r\n";
        assert!(body.windows(head.len()).any(|window| window == head), "{body:?}");
    }
}
