//! What senders say, made into alerts: parsing, defaults, validation. Pure.
//!
//! [`v2`] reads Alertmanager's `POST /api/v2/alerts`, [`events`] our own simpler form, [`payload`] what Alertmanager and Grafana
//! tell their webhooks, [`mapping`] any other JSON by templates of the configuration; all yield [`Incoming`], and
//! [`normalise`] makes [`Received`] alerts of them. [`Batch::of_v2`] goes the fast way where it can. Deliberately unknown here:
//! HTTP, the table, who is told.

mod accept;
mod batch;
mod error;
pub mod events;
mod fast;
mod links;
pub mod mapping;
mod normalise;
pub mod payload;
mod strings;
mod times;
mod uri;
pub mod v2;

use std::borrow::Cow;

pub use self::{
    accept::{Accept, NotAccepted},
    batch::Batch,
    error::{Invalid, NotParsed},
    normalise::{NameScheme, Normalised, Received, Rules, normalise},
    times::parse as parse_time,
};
use crate::time::Time;

/// A name and a value, borrowed from the body where it has no escapes.
pub type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

/// An alert as its sender wrote it: shape checked, nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Incoming<'a> {
    /// In the sender's order, names possibly repeated (the last one counts), values possibly empty.
    pub labels: Vec<Pair<'a>>,
    /// The same for annotations.
    pub annotations: Vec<Pair<'a>>,
    /// When it began.
    pub starts_at: Option<Time>,
    /// When it ended, or ends unless it is repeated.
    pub ends_at: Option<Time>,
    /// Where it comes from; may be empty.
    pub generator_url: Cow<'a, str>,
}
