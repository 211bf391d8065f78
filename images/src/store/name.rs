//! Names of pictures: random, and harmless in a path and in a URL.
//!
//! Deliberately unknown here: stores.

use std::sync::Arc;

use alerts::{picture::PictureId, ports::ImageError};
use rand::Rng;

/// The length of a name, as in Grafana.
pub(super) const LENGTH: usize = 20;
/// The length of a name in Azure, as in Grafana.
pub(super) const AZURE_LENGTH: usize = 30;
/// No upper case: some file systems do not tell it apart. 36^20 names are more than 100 bits.
const ALPHABET: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// A new name, hard to guess.
pub fn random_id() -> PictureId {
    random_id_of(LENGTH)
}

/// A new name of so many characters.
pub(super) fn random_id_of(length: usize) -> PictureId {
    // the thread's generator is a cryptographic one, seeded by the system
    let mut random = rand::rng();
    let name: String = (0..length).map(|_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())])).collect();
    PictureId(Arc::from(name))
}

/// Whether a name can be a file's: 1 to 64 letters and digits, nothing that leads elsewhere.
pub fn is_valid_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// What an object is called below `folder`, which ends in a slash or is empty.
///
/// # Errors
/// When the picture's name cannot be an object's: there is no such picture.
pub(super) fn object_key(folder: &str, id: &PictureId) -> Result<String, ImageError> {
    if is_valid_name(&id.0) { Ok(format!("{folder}{id}.png")) } else { Err(ImageError::NotFound(id.clone())) }
}

/// A configured path as the beginning of objects' names: without a slash in front, with one at the end.
pub(super) fn folder(path: &str) -> String {
    match path.trim_matches('/') {
        "" => String::new(),
        path => format!("{path}/"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_valid_and_new() {
        let names: HashSet<String> = (0..1_000).map(|_| random_id().to_string()).collect();
        assert_eq!(names.len(), 1_000);
        assert!(names.iter().all(|name| name.len() == 20 && is_valid_name(name)));
        assert_eq!(random_id_of(AZURE_LENGTH).0.len(), 30);
    }

    #[test]
    fn other_names_are_not() {
        for name in ["", "..", "a/b", "a\\b", "a.png", "ä", "a b", "a\0", "%2e", &"a".repeat(65)] {
            assert!(!is_valid_name(name), "{name:?}");
        }
    }

    #[test]
    fn objects_lie_below_the_configured_path() {
        let id = PictureId("abc".into());
        for (path, key) in [("", "abc.png"), ("/", "abc.png"), ("a", "a/abc.png"), ("/a/b/", "a/b/abc.png")] {
            assert_eq!(object_key(&folder(path), &id).expect("valid"), key);
        }
        assert!(object_key("", &PictureId("../x".into())).is_err());
    }
}
