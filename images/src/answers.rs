//! What all sources' answers have in common: how much they may hold, and that they are read off the asynchronous threads.
//!
//! Deliberately unknown here: what they say.

use alerts::ports::RenderError;

use crate::error::content;

/// Bytes of an answer per sample (`[1700000000.123,"0.12345678901234567"],`) and per series (its labels).
const BYTES_PER_SAMPLE: usize = 48;
const BYTES_PER_SERIES: usize = 4_096;
/// The most bytes of any answer, whatever the configured counts allow.
const MOST_BYTES: usize = 64 << 20;

/// How much an answer may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Series; columns of values in tables.
    pub(crate) series: usize,
    /// Values, times not counted.
    pub(crate) samples: usize,
}

impl Limits {
    /// The most bytes that are read of it.
    pub(crate) fn max_bytes(self) -> usize {
        let samples = self.samples.saturating_mul(BYTES_PER_SAMPLE);
        samples.saturating_add(self.series.saturating_mul(BYTES_PER_SERIES)).min(MOST_BYTES)
    }
}

/// Parses off the asynchronous threads: answers may have many megabytes.
pub(crate) async fn parsed<T: Send + 'static>(
    parse: impl FnOnce() -> Result<T, RenderError> + Send + 'static,
) -> Result<T, RenderError> {
    let answer = tokio::task::spawn_blocking(parse).await;
    answer.unwrap_or_else(|error| Err(content(format!("parsing the answer failed: {error}"))))
}
