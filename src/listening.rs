//! Where a running server can be reached: what it tells whoever started it.

use std::net::SocketAddr;

/// Where a running server can be reached, with the ports that it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listening {
    /// Where everything is served.
    pub address: SocketAddr,
    /// Where pictures are served and nothing else.
    pub images: Option<SocketAddr>,
    /// The address for people, without a slash at the end.
    pub external_url: String,
}
