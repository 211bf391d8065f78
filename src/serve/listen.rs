//! Where the server listens and how one gets in: sockets, TLS, the guard.
//!
//! Deliberately unknown here: what is served.

use std::{
    net::{SocketAddr, TcpListener, ToSocketAddrs},
    sync::Arc,
};

use crate::{
    config::settings::{ListenAddress, Settings},
    http::Entrance,
    listening::Listening,
    web_config::{self, Guard},
};

/// The bound sockets.
pub(super) struct Sockets {
    /// Where everything is served; never empty.
    pub(super) main: Vec<TcpListener>,
    /// Where pictures are served and nothing else.
    pub(super) images: Option<TcpListener>,
    /// What the main ones were bound to.
    pub(super) addresses: Vec<SocketAddr>,
}

impl Sockets {
    /// Binds what the settings say.
    pub(super) fn bind(settings: &Settings) -> Result<Self, String> {
        let main = settings.server.listens.iter().map(bind).collect::<Result<Vec<_>, _>>()?;
        let images = settings.server.images_listen.as_ref().map(bind).transpose()?;
        let addresses = main.iter().map(bound).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { main, images, addresses })
    }

    /// Where the server is reached.
    pub(super) fn listening(&self, settings: &Settings) -> Result<Listening, String> {
        let address = *self.addresses.first().ok_or("no address to listen on is configured")?;
        Ok(Listening {
            address,
            images: self.images.as_ref().map(bound).transpose()?,
            external_url: settings.server.external_url(address),
        })
    }
}

fn bind(address: &ListenAddress) -> Result<TcpListener, String> {
    let (host, port) = address.to_bind();
    let cannot = |error: std::io::Error| format!("cannot listen on {host}:{port}: {error}");
    let addresses: Vec<_> = (host, port).to_socket_addrs().map_err(cannot)?.collect();
    TcpListener::bind(&addresses[..]).map_err(cannot)
}

fn bound(listener: &TcpListener) -> Result<SocketAddr, String> {
    listener.local_addr().map_err(|error| format!("cannot listen: {error}"))
}

/// How one gets in: the guard is there even if everybody does, so that users can be added without a restart.
pub(super) fn entrance(settings: &Settings) -> Result<(Entrance, Arc<Guard>), String> {
    let server = &settings.server;
    let tls = server.tls.as_ref().filter(|tls| tls.is_enabled()).map(web_config::server_config).transpose();
    let tls = tls.map_err(|wrong| wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    let guard = Arc::new(Guard::new(&server.auth, &server.headers));
    Ok((Entrance { tls, guard: Some(guard.clone()) }, guard))
}
