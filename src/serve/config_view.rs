//! The configuration as the API shows it.
//!
//! Deliberately unknown here: how it became YAML.

use alerts::Time;

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
