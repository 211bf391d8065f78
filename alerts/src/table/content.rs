//! The content hash: whether a repeated alert says anything new besides its times.
//!
//! Labels are not in it (they are the identity, see [`crate::Fingerprint`]) and times are not either: the table compares
//! starts and ends itself, and so the hash of a stored alert can be computed again after a restart.

use xxhash_rust::xxh3::xxh3_128;

use crate::{canonical, record::Blob};

/// 128 bits over annotations and generator URL. Short of a deliberate forgery, equal hashes are equal contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ContentHash(u64, u64);

impl ContentHash {
    /// The hash of annotations, sorted by name, and a generator URL.
    pub fn of<'a>(annotations: impl Iterator<Item = (&'a str, &'a str)>, generator_url: &str) -> Self {
        let mut run = Vec::with_capacity(512);
        canonical::put(annotations, &mut run);
        run.extend_from_slice(generator_url.as_bytes());
        Self::of_run(&run)
    }

    /// The hash of annotations in canonical form with a generator URL behind them.
    pub(crate) fn of_run(run: &[u8]) -> Self {
        let hash = xxh3_128(run);
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
