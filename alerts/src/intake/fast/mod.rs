//! The fast way of `POST /api/v2/alerts`: bodies of the shape that Prometheus, vmalert, Grafana and amtool send, without an
//! allocation per alert.
//!
//! All strings of a body are copied into one buffer, unescaped, in the form that they are hashed in (see
//! [`crate::canonical`]); an alert that is known already is settled by its hashes alone. Whatever is not ordinary (fields
//! that are unknown, there twice or `null`, names that are there twice, halves of surrogate pairs, bytes that are not
//! UTF-8, control characters, anything that is wrong) makes [`read`] answer nothing, and the plain way ([`super::v2`]) begins
//! again with the whole body. It makes all errors, and the tests hold the two against each other.
//! Deliberately unknown here: the table, errors.

mod text;
mod times;
mod walk;

#[cfg(test)]
mod tests;

use std::ops::Range;

use self::walk::Walk;
use super::{Normalised, Rules};
use crate::{labels::Fingerprint, record::Blob, table::Sighting, time::Time};

/// The alerts of a body, all valid.
#[derive(Debug)]
pub(super) struct Ordinary {
    bytes: Vec<u8>,
    sightings: Vec<Sighting>,
    /// One for each.
    places: Vec<Place>,
}

/// Where the strings of an alert lie.
#[derive(Debug)]
struct Place {
    labels: Range<usize>,
    /// Annotations, then the generator URL.
    content: Range<usize>,
}

/// Reads a body that was received at `received`; nothing if it is not ordinary.
pub(super) fn read(body: &[u8], received: Time, rules: &Rules) -> Option<Ordinary> {
    let mut walk = Walk::new(body, received, rules)?;
    let (mut sightings, mut places) = (Vec::with_capacity(64), Vec::with_capacity(64));
    walk.expect(b'[')?;
    if !walk.eat(b']') {
        loop {
            let (sighting, place) = walk.alert()?;
            sightings.push(sighting);
            places.push(place);
            match walk.next()? {
                b',' => {}
                b']' => break,
                _ => return None,
            }
        }
    }
    let bytes = walk.finish()?;
    identify(&mut sightings, &places, &bytes);
    Some(Ordinary { bytes, sightings, places })
}

/// FNV goes byte by byte and each step waits for the last: four label sets side by side take little longer than one.
fn identify(sightings: &mut [Sighting], places: &[Place], bytes: &[u8]) {
    let mut fours = sightings.chunks_exact_mut(4);
    let mut places = places.chunks_exact(4);
    for (sightings, places) in (&mut fours).zip(&mut places) {
        let runs = std::array::from_fn(|at| &bytes[places[at].labels.clone()]);
        for (sighting, fingerprint) in sightings.iter_mut().zip(Fingerprint::of_four_runs(runs)) {
            sighting.fingerprint = fingerprint;
        }
    }
    for (sighting, place) in fours.into_remainder().iter_mut().zip(places.remainder()) {
        sighting.fingerprint = Fingerprint::of_run(&bytes[place.labels.clone()]);
    }
}

impl Ordinary {
    /// In the sender's order.
    pub(super) fn sightings(&self) -> &[Sighting] {
        &self.sightings
    }

    /// An alert on its way to an actor.
    pub(super) fn normalised(&self, at: usize) -> Normalised {
        let Place { labels, content } = &self.places[at];
        let blob = Blob::of_runs(&self.bytes[labels.clone()], &self.bytes[content.clone()]);
        Normalised { sighting: self.sightings[at], blob }
    }
}
