//! A long answer, written as fast as it is read: no piece is made before the one before it went out.
//!
//! Deliberately unknown here: what is written.

use std::convert::Infallible;

use actix_web::web::Bytes;
use prometheus::Histogram;
use tokio::sync::OwnedSemaphorePermit;

/// A piece is sent when it has this many bytes.
const PIECE: usize = 64 * 1024;

/// Writes a long text step by step.
pub(super) trait Steps {
    /// Appends the next step; false when there is nothing more.
    fn step(&mut self, out: &mut Vec<u8>) -> bool;
}

/// The pieces. The right to read lasts as long as they do.
pub(super) struct Pieces<S> {
    steps: Option<S>,
    written: Written,
    _reading: Option<OwnedSemaphorePermit>,
}

/// How much went out, told when nothing more will: also when the client went away.
struct Written {
    bytes: usize,
    sizes: Histogram,
}

impl Drop for Written {
    fn drop(&mut self) {
        self.sizes.observe(self.bytes as f64);
    }
}

impl<S: Steps> Pieces<S> {
    pub(super) fn new(steps: S, reading: Option<OwnedSemaphorePermit>, sizes: Histogram) -> Self {
        Self { steps: Some(steps), written: Written { bytes: 0, sizes }, _reading: reading }
    }
}

impl<S: Steps> Iterator for Pieces<S> {
    type Item = Result<Bytes, Infallible>;

    fn next(&mut self) -> Option<Self::Item> {
        let steps = self.steps.as_mut()?;
        let mut piece = Vec::with_capacity(PIECE + PIECE / 8);
        while piece.len() < PIECE {
            if !steps.step(&mut piece) {
                self.steps = None;
                break;
            }
        }
        self.written.bytes += piece.len();
        (!piece.is_empty()).then(|| Ok(piece.into()))
    }
}
