//! Pictures that came with events: looked at, kept in a spool below `data_dir`, and drawn or handed on when they are asked for.
//!
//! An alert names its own by an annotation, so they come first and survive a restart like the alert itself. Deliberately unknown here:
//! HTTP, how events are written, any source.

mod files;
mod kept;
mod panel;
mod render;
mod spool;

use alerts::{
    Alert,
    own::{OWN_PICTURE, named},
    picture::Subject,
};

pub use files::Cleaned;
pub(crate) use render::Drawer;
pub use spool::Spool;

/// What [`Subject::panel`] begins with where an alert brings its own picture.
const PREFIX: &str = "own/";

/// The subject of an alert that brings its own picture.
pub(crate) fn subject(alert: &Alert) -> Option<Subject> {
    let name = named(alert.annotations.value(OWN_PICTURE))?;
    Some(Subject { source: String::new(), panel: format!("{PREFIX}{name}"), variables: String::new() })
}

/// The name of the own picture that a subject is.
pub(crate) fn name_of(subject: &Subject) -> Option<&str> {
    named(subject.panel.strip_prefix(PREFIX)?)
}
