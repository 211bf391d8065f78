//! The integration tests of the crate, all in one program.

mod templates;
