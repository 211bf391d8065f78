//! What the HTTP workers do to the table: they refresh what changes nothing, so that no actor hears of it.
//!
//! Deliberately unknown here: what is to be done about the rest.

use super::{AlertTable, Refresh, Sighting};

impl AlertTable {
    /// The fast path of the HTTP workers: what an alert that was received means, exactly as [`crate::merge::Span::received`]
    /// would have it. Unless this answers [`Refresh::Changed`], the end and the time of receipt are moved in place.
    pub fn refresh(&self, seen: &Sighting) -> Refresh {
        self.shard(seen.fingerprint)
            .lock()
            .get_mut(seen.fingerprint)
            .map_or(Refresh::Changed, |entry| entry.refresh(seen))
    }

    /// The same for all alerts of a request, in their order. Up to 64 are looked up at once: one lock per shard, and what they
    /// wait for in memory overlaps.
    pub fn refresh_all(&self, seen: &[Sighting]) -> Vec<Refresh> {
        let mut answers = vec![Refresh::Changed; seen.len()];
        for (seen, answers) in seen.chunks(64).zip(answers.chunks_mut(64)) {
            self.refresh_some(seen, answers);
        }
        answers
    }

    /// At most 64.
    fn refresh_some(&self, seen: &[Sighting], answers: &mut [Refresh]) {
        let mut places = [0u64; Self::SHARDS];
        for (at, sighting) in seen.iter().enumerate() {
            places[Self::shard_of(sighting.fingerprint)] |= 1 << at;
        }
        for (lock, places) in self.shards.iter().zip(places).filter(|(_, places)| *places != 0) {
            let mut shard = lock.lock();
            shard.touch_entries(ones(places).map(|at| seen[at].fingerprint));
            for at in ones(places) {
                if let Some(entry) = shard.get_mut(seen[at].fingerprint) {
                    answers[at] = entry.refresh(&seen[at]);
                }
            }
        }
    }
}

/// The places of the bits that are set.
fn ones(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = bits.trailing_zeros();
        bits &= bits.checked_sub(1)?;
        Some(lowest as usize)
    })
}
