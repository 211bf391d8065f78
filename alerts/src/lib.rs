//! The domain of wirephoto and its ports: labels, alerts, routes, groups, notification decisions, templates, pictures.
//!
//! Pure: every function takes `now`. What this crate deliberately does not know: time, disk, network, actix, vendors.

pub mod alert;
pub(crate) mod canonical;
pub mod decide;
pub mod duration;
pub mod fit;
pub mod goregex;
pub mod gotext;
pub mod inhibit;
pub mod intake;
pub mod interval;
pub mod labelled;
pub mod labels;
pub mod matcher;
pub mod merge;
pub mod message;
pub mod mute;
pub mod order;
pub mod own;
pub mod picture;
pub mod ports;
pub mod record;
pub mod route;
pub mod shown;
pub mod silence;
pub mod table;
pub mod templates;
pub mod time;

pub use alert::{Alert, Episode, Status, Transition};
pub use labels::{Fingerprint, LabelSet};
pub use time::Time;
