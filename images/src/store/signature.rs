//! Signatures of expiring links: HMAC-SHA256 over the picture's name and the end of its link.
//!
//! Deliberately unknown here: URLs, what time it is. The key never leaves this file's type.

use std::{io, path::Path};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use rand::RngCore;
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;

/// The length of a key in bytes: that of the hash.
const KEY_BYTES: usize = 32;

/// The key that links are signed with. It does not print.
pub(super) struct SigningKey(SecretSlice<u8>);

impl SigningKey {
    /// The key in a file; where there is none, a new one is made and written, readable for the owner alone.
    ///
    /// # Errors
    /// When the file cannot be read or written, or holds no key: replacing it would break every link that was sent.
    pub fn load_or_create(path: &Path) -> io::Result<Self> {
        match Self::load(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::create(path),
            loaded => loaded,
        }
    }

    /// The key in a file.
    ///
    /// # Errors
    /// When the file cannot be read, or holds no key.
    pub fn load(path: &Path) -> io::Result<Self> {
        match std::fs::read(path)? {
            key if key.len() == KEY_BYTES => Ok(Self(key.into())),
            _ => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the file is not a signing key of 32 bytes: delete it for a new one (links that were sent end then)",
            )),
        }
    }

    fn create(path: &Path) -> io::Result<Self> {
        let mut key = vec![0; KEY_BYTES];
        rand::rng().fill_bytes(&mut key);
        super::files::write_private(path, &key)?;
        Ok(Self(key.into()))
    }

    /// The signature of a link, in characters that a URL takes.
    pub fn sign(&self, name: &str, end_secs: i64) -> String {
        URL_SAFE_NO_PAD.encode(self.mac(name, end_secs).finalize().into_bytes())
    }

    /// Whether this is the signature of that link; takes the same time wherever it differs.
    pub fn is_signature(&self, name: &str, end_secs: i64, signature: &str) -> bool {
        let decoded = URL_SAFE_NO_PAD.decode(signature);
        decoded.is_ok_and(|bytes| self.mac(name, end_secs).verify_slice(&bytes).is_ok())
    }

    fn mac(&self, name: &str, end_secs: i64) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret()).expect("HMAC takes keys of any length");
        // names have no line breaks, so that no other pair gives the same text
        mac.update(format!("{name}\n{end_secs}").as_bytes());
        mac
    }
}
