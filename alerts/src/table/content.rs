//! The content hash: whether a repeated alert says anything new besides its times.
//!
//! Labels are not in it (they are the identity, see [`crate::Fingerprint`]) and times are not either: the table compares
//! starts and ends itself, and so the hash of a stored alert can be computed again after a restart.

use xxhash_rust::xxh3::Xxh3;

use crate::record::Blob;

/// 128 bits over annotations and generator URL. Short of a deliberate forgery, equal hashes are equal contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContentHash(u64, u64);

impl ContentHash {
    /// The hash of annotations, sorted by name, and a generator URL.
    pub fn of<'a>(annotations: impl Iterator<Item = (&'a str, &'a str)>, generator_url: &str) -> Self {
        let mut hasher = Xxh3::new();
        let mut eat = |text: &str| {
            hasher.update(&text.len().to_le_bytes());
            hasher.update(text.as_bytes());
        };
        for (name, value) in annotations {
            eat(name);
            eat(value);
        }
        eat(generator_url);
        let hash = hasher.digest128();
        Self(
            u64::try_from(hash >> 64).unwrap_or_default(),
            u64::try_from(hash & u128::from(u64::MAX)).unwrap_or_default(),
        )
    }
}

impl From<&Blob> for ContentHash {
    fn from(blob: &Blob) -> Self {
        Self::of(blob.annotation_pairs(), blob.generator_url())
    }
}
