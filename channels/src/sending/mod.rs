//! What all channels share: the HTTP client, the classes of failure, fitting texts and pictures, hostile values.
//!
//! Deliberately unknown here: any vendor's protocol. Waiting, pace and repetition are the actors' work.

pub mod classify;
mod custom;
pub mod files;
pub mod fit;
pub(crate) mod fitted;
pub mod fullest;
pub mod http;
pub mod markdown;
pub mod multipart;
pub mod now;
mod pixels;
pub mod redact;
pub mod refused;
pub mod rehearsal;
#[cfg(test)]
pub(crate) mod samples;
pub mod sheet;
pub mod shrink;
pub mod texts;
pub mod truncate;
pub mod values;

pub use custom::Custom;
pub use fitted::Fitted;
pub use http::{Answer, Http};
pub use redact::Redactor;
pub use rehearsal::{Rehearsal, Rehearsed, RehearsedMail, Reply, Vendor};
