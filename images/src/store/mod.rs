//! Where pictures are kept.
//!
//! Deliberately unknown here: what a picture shows, when it may be forgotten (retention is the machine's).

mod local;
mod name;
mod signature;

pub use local::{LinkError, LocalStore};
pub use name::{is_valid_name, random_id};
