//! Messages on trial: what would be sent about an event, sending nothing, and one real test message to a receiver.
//!
//! The one place where samples, test messages and test pictures are made, for the command line, the API and the pages.
//! Deliberately unknown here: arguments, HTTP, HTML, and any vendor.

mod body;
mod desk;
mod event;
mod group;
mod mail;
mod metrics;
mod one;
mod picture;
mod preview;
mod print;
mod report;
mod shelf;
mod test;

use std::{fmt, net::SocketAddr, str::FromStr};

use channels::{BuildContext, Built, sending::Http};
use serde::Serialize;

use crate::config::settings::Settings;

pub use body::{Body, Field, Part};
pub use desk::{Desk, Refused};
pub use event::parse as parse_event;
pub use metrics::TrialMetrics;
pub use preview::{GroupPreview, IntegrationPreview, MessagePreview, PreviewAsked, Step, TakenPicture};
pub use print::{preview as print_preview, report as print_report};
pub use report::{Failure, IntegrationReport, Preview, TestReport, Told};
pub use test::{Store, StoredPicture, TestAsked};

/// More alerts are not previewed at once.
pub const MOST_ALERTS: usize = 1_000;
/// More groups are not: each is a message to each of its receiver's integrations.
pub const MOST_GROUPS: usize = 20;
/// More test pictures are not drawn for a message.
pub const MOST_PICTURES: usize = 50;

/// What trials are made with: the configuration in force, and where links lead.
pub struct Trial {
    settings: Settings,
    /// Where the pages are, without a slash at the end.
    external_url: String,
    /// Where pictures are served, without a slash at the end.
    images_url: String,
}

/// Why there is no trial.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTrial {
    /// No receiver has this name.
    #[error("there is no receiver \"{name}\"; there {}", receivers(.known))]
    UnknownReceiver {
        /// The name.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// The receiver has no such integration.
    #[error("the receiver \"{receiver}\" has no integration {which}; it has {}", if .known.is_empty() { "none".to_owned() } else { .known.join(", ") })]
    UnknownIntegration {
        /// The receiver.
        receiver: String,
        /// The integration.
        which: Which,
        /// Those that it has.
        known: Vec<String>,
    },
    /// The event is not understood.
    #[error("the event: {0}")]
    Event(String),
    /// More than is done at once.
    #[error("{0}")]
    TooMuch(String),
    /// Something of ours failed.
    #[error("{0}")]
    Failed(String),
}

fn receivers(known: &[String]) -> String {
    match known {
        [] => "are none".to_owned(),
        [one] => format!("is only \"{one}\""),
        all => format!("are {}", all.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")),
    }
}

/// An integration of a receiver: `slack` is all of that type, `slack/1` the second of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct Which {
    kind: String,
    index: Option<usize>,
}

impl Which {
    /// One integration.
    pub fn one(kind: &str, index: usize) -> Self {
        Self { kind: kind.to_owned(), index: Some(index) }
    }

    fn is(&self, built: &Built) -> bool {
        self.kind == built.kind && self.index.is_none_or(|index| index == built.index)
    }
}

impl FromStr for Which {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, index) = match text.split_once('/') {
            Some((kind, index)) => (kind, Some(index.parse().map_err(|_| wrong_which(text))?)),
            None => (text, None),
        };
        if kind.is_empty() { Err(wrong_which(text)) } else { Ok(Self { kind: kind.to_owned(), index }) }
    }
}

fn wrong_which(text: &str) -> String {
    format!("{text:?} is no integration: write its type, \"slack\", or its type and place, \"slack/1\" for the second")
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.index {
            Some(index) => write!(f, "{}/{index}", self.kind),
            None => f.write_str(&self.kind),
        }
    }
}

impl From<Which> for String {
    fn from(which: Which) -> Self {
        which.to_string()
    }
}

impl Trial {
    /// Trials under these settings. `bound` is where the server listens; `images_bound` where it serves pictures alone.
    pub fn new(settings: Settings, bound: SocketAddr, images_bound: Option<SocketAddr>) -> Self {
        let external_url = settings.server.external_url(bound);
        let images_url = settings.server.images_url(bound, images_bound);
        Self { settings, external_url, images_url }
    }

    /// The same where no server runs: links lead where one would listen.
    pub fn without_server(settings: Settings) -> Self {
        let address = |listen: &crate::config::settings::ListenAddress| {
            let (host, port) = listen.to_bind();
            let ip = host.parse().unwrap_or(std::net::Ipv4Addr::UNSPECIFIED.into());
            SocketAddr::new(ip, port)
        };
        let bound = settings.server.listens.first().map_or_else(|| SocketAddr::from(([127, 0, 0, 1], 9093)), address);
        let images = settings.server.images_listen.as_ref().map(address);
        Self::new(settings, bound, images)
    }

    /// The provider that pictures are uploaded to, if any.
    ///
    /// # Errors
    /// When its section is wrong.
    pub async fn outside(&self) -> Result<Option<images::store::Outside>, String> {
        let storage = &self.settings.external_image_storage;
        let uploads = storage.uploads(std::sync::Arc::new(images::Unwatched)).await?;
        let takes_new = self.settings.uploads_pictures();
        Ok(uploads.map(|uploads| images::store::Outside { uploads, takes_new }))
    }

    /// Where pictures are served, without a slash at the end.
    pub fn images_url(&self) -> &str {
        &self.images_url
    }

    /// The names of the receivers, in the configuration's order.
    pub fn receivers(&self) -> impl Iterator<Item = &str> {
        self.settings.receivers.iter().map(|receiver| receiver.name.as_str())
    }

    /// The chosen integrations of a receiver, built over this client and this inbox.
    fn integrations(
        &self,
        name: &str,
        which: Option<&Which>,
        http: &Http,
        inbox: std::sync::Arc<dyn alerts::ports::Inbox>,
    ) -> Result<Vec<Built>, NoTrial> {
        let known = || self.receivers().map(str::to_owned).collect();
        let found = self.settings.receivers.iter().enumerate().find(|(_, receiver)| receiver.name == name);
        let (index, receiver) =
            found.ok_or_else(|| NoTrial::UnknownReceiver { name: name.to_owned(), known: known() })?;
        let settings = &self.settings;
        let context = BuildContext {
            templates: &settings.templates,
            globals: &settings.globals,
            http,
            inbox,
            cloud_images: settings.uploads_pictures(),
        };
        let built = receiver
            .build(&format!("receivers[{index}]"), &context)
            .map_err(|errors| NoTrial::Failed(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))?;
        let Some(which) = which else { return Ok(built) };
        let known = built.iter().map(place).collect();
        let chosen: Vec<Built> = built.into_iter().filter(|one| which.is(one)).collect();
        if chosen.is_empty() {
            return Err(NoTrial::UnknownIntegration { receiver: name.to_owned(), which: which.clone(), known });
        }
        Ok(chosen)
    }
}

/// `slack/0`: how an integration is called here.
fn place(built: &Built) -> String {
    format!("{}/{}", built.kind, built.index)
}

#[cfg(test)]
mod tests;
