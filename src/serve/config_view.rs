//! The configuration as the API shows it, and what it says about receiving.
//!
//! Deliberately unknown here: how it became YAML.

use alerts::{
    Time,
    intake::{NameScheme, Rules},
    matcher::Syntax,
};

use crate::{
    config::settings::Settings,
    http::{ConfigView, Peer, ReceiverView},
    listening::Listening,
};

/// The server as the one member of its cluster.
pub(super) fn peer(started_at: Time, listening: &Listening) -> Peer {
    Peer { name: Peer::new_name(started_at, rand::random()), address: listening.address.to_string() }
}

/// What is shown of these settings.
pub(super) fn config_view(settings: &Settings, started_at: Time, peer: Peer) -> ConfigView {
    let view = |receiver: &channels::Receiver| {
        ReceiverView::new(&receiver.name, receiver.labels.clone().into_iter().collect())
    };
    let receivers = settings.receivers.iter().map(view).collect();
    ConfigView::new(settings.original.clone(), receivers, started_at, peer)
}

/// What counts for alerts that are received.
pub(super) fn rules(settings: &Settings) -> Rules {
    let names = if settings.matcher_syntax == Syntax::Classic { NameScheme::Classic } else { NameScheme::Utf8 };
    Rules { resolve_timeout: settings.resolve_timeout, names, matchers: settings.matcher_syntax }
}
