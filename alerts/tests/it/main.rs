//! The integration tests of the crate, all in one program.

#![allow(clippy::unwrap_used, reason = "a test ends at what it did not expect")]

mod templates;
