//! What a running server cannot change: told when the configuration is loaded again.
//!
//! Deliberately unknown here: how it is loaded again, and what becomes of the rest.

use super::{Server, Settings};
use crate::web_config::TlsServer;

impl Settings {
    /// The keys that differ in `new` and only count after a restart.
    pub fn needs_restart(&self, new: &Settings) -> Vec<String> {
        let differing = [
            ("metrics", self.metrics != new.metrics),
            ("log", self.log != new.log),
            ("--data.retention", self.history_retention != new.history_retention),
            ("--dispatch.start-delay", self.dispatch_start_delay != new.dispatch_start_delay),
            ("--enable-feature", self.features != new.features || self.matcher_syntax != new.matcher_syntax),
        ];
        let keys = server(&self.server, &new.server).into_iter().chain(differing);
        keys.filter(|(_, differs)| *differs).map(|(key, _)| key.to_owned()).collect()
    }
}

fn server<'a>(old: &Server, new: &Server) -> Vec<(&'a str, bool)> {
    vec![
        ("server.listen", old.listens != new.listens),
        ("server.images_listen", old.images_listen != new.images_listen),
        ("server.external_url", old.external_url != new.external_url),
        ("server.route_prefix", old.route_prefix != new.route_prefix),
        ("server.data_dir", old.data_dir != new.data_dir),
        ("server.synchronous", old.synchronous != new.synchronous),
        ("server.limits", old.limits != new.limits),
        ("server.tls", tls(old.tls.as_ref(), new.tls.as_ref())),
    ]
}

/// Files with certificates and keys may change: they are read again by themselves.
fn tls(old: Option<&TlsServer>, new: Option<&TlsServer>) -> bool {
    match (old.filter(|tls| tls.is_enabled()), new.filter(|tls| tls.is_enabled())) {
        (Some(old), Some(new)) => !old.same(new),
        (old, new) => old.is_some() != new.is_some(),
    }
}
