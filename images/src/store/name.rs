//! Names of pictures: random, and harmless in a path and in a URL.
//!
//! Deliberately unknown here: stores.

use std::sync::Arc;

use alerts::picture::PictureId;
use rand::Rng;

/// The length of a name, as in Grafana; Azure gets 30 there.
const LENGTH: usize = 20;
/// No upper case: some file systems do not tell it apart. 36^20 names are more than 100 bits.
const ALPHABET: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// A new name, hard to guess.
pub fn random_id() -> PictureId {
    // the thread's generator is a cryptographic one, seeded by the system
    let mut random = rand::rng();
    let name: String = (0..LENGTH).map(|_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())])).collect();
    PictureId(Arc::from(name))
}

/// Whether a name can be a file's: 1 to 64 letters and digits, nothing that leads elsewhere.
pub fn is_valid_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
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
    }

    #[test]
    fn other_names_are_not() {
        for name in ["", "..", "a/b", "a\\b", "a.png", "ä", "a b", "a\0", "%2e", &"a".repeat(65)] {
            assert!(!is_valid_name(name), "{name:?}");
        }
    }
}
