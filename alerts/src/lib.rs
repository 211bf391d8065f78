//! The domain of wirephoto and its ports: labels, alerts, routes, groups, notification decisions, templates, pictures.
//!
//! Pure: every function takes `now`. What this crate deliberately does not know: time, disk, network, actix, vendors.

pub mod alert;
pub mod labels;
pub mod message;
pub mod picture;
pub mod ports;
pub mod record;
pub mod time;

pub use alert::{Alert, Episode, Status, Transition};
pub use labels::{Fingerprint, LabelSet};
pub use time::Time;
