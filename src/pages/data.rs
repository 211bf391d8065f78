//! What pages need to know of the machine, as narrow views.
//!
//! Deliberately unknown here: where it comes from.

mod listed;
mod server;

use std::sync::Arc;

use alerts::{Fingerprint, matcher::MatcherSet, ports::SilenceBook};

use super::notifications::Resend;
use crate::trial::Desk;
pub use listed::{
    AlertView, GroupId, GroupView, GroupsView, MatchedView, Part, Shown, SilencedBy, StateCounts, Wanted,
    chosen_receivers,
};
pub use server::{ConfigFailure, ConfigView, IntegrationState, IntegrationView, ServerView, StatusView};

/// The machine as pages see it. Methods may take some milliseconds; pages call them where blocking is allowed.
pub trait PageData: Send + Sync {
    /// The whole at a glance.
    fn status(&self) -> StatusView;

    /// What the server is and runs on.
    fn server(&self) -> ServerView;

    /// The wanted alerts in their groups, sorted by group labels, then receiver; of them only a part is made.
    fn groups(&self, wanted: &Wanted, part: Part) -> GroupsView;

    /// One alert; none if there is none of that name.
    fn alert(&self, fingerprint: Fingerprint) -> Option<AlertView>;

    /// The firing alerts that all matchers match: at most `limit` of them, the newest first, and how many there are.
    fn matched(&self, matchers: &MatcherSet, limit: usize) -> MatchedView;

    /// The silences, for reading and changing.
    fn silences(&self) -> Arc<dyn SilenceBook>;

    /// Who sends again what was given up.
    fn resend(&self) -> Arc<dyn Resend>;

    /// Where previews and tests of receivers are asked for.
    fn trials(&self) -> Arc<Desk>;
}
