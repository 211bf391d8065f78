//! What all channels share: the HTTP client, the classes of failure, fitting texts and pictures, hostile values.
//!
//! Deliberately unknown here: any vendor's protocol. Waiting, pace and repetition are the actors' work.

pub mod classify;
pub mod files;
pub mod fit;
mod fitted;
pub mod fullest;
pub mod http;
mod pixels;
pub mod redact;
pub mod refused;
pub mod rehearsal;
#[cfg(test)]
mod samples;
pub mod sheet;
pub mod shrink;
pub mod texts;
pub mod truncate;
pub mod values;

pub use fitted::Fitted;
pub use http::{Answer, Http};
pub use redact::Redactor;
pub use rehearsal::{Rehearsal, Rehearsed, Reply, Vendor};
