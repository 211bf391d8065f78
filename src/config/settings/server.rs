//! The section `server`: where wirephoto listens, where it keeps its data, what it takes at most.
//!
//! Deliberately unknown here: HTTP, the database.

use std::{fmt, net::SocketAddr, num::NonZeroUsize, path::PathBuf, str::FromStr, time::Duration};

use serde::{Deserialize, Deserializer, de::Error};
use url::Url;

use crate::web_config::{Auth, Headers, TlsServer};

/// The section `server`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct Server {
    /// Where everything is served: never empty.
    #[serde(rename = "listen", deserialize_with = "one_or_more")]
    pub listens: Vec<ListenAddress>,
    /// Where pictures are served and nothing else.
    pub images_listen: Option<ListenAddress>,
    /// Where people and vendors reach this server; see [`Server::external_url`].
    pub external_url: Option<ExternalUrl>,
    /// The path that everything is served under; see [`Server::route_prefix`].
    pub route_prefix: Option<RoutePrefix>,
    /// Where the database, the pictures and the signing key lie.
    pub data_dir: PathBuf,
    /// How durable a commit is.
    pub synchronous: Synchronous,
    /// How long an alert that came by a webhook goes on without being told of again.
    #[serde(with = "alerts::duration::text")]
    pub webhook_resolve_timeout: Duration,
    /// How the listeners speak TLS; without it they do not. That of the pictures never does.
    pub tls: Option<TlsServer>,
    /// Who gets in.
    pub auth: Auth,
    /// Headers that every answer gets.
    pub headers: Headers,
    /// What requests may cost.
    pub limits: Limits,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listens: vec![ListenAddress { host: "127.0.0.1".to_owned(), port: 9093 }],
            images_listen: None,
            external_url: None,
            route_prefix: None,
            data_dir: PathBuf::from("data"),
            synchronous: Synchronous::Normal,
            // senders tell what goes on every four hours at the least often, unless they are told otherwise
            webhook_resolve_timeout: Duration::from_secs(24 * 60 * 60),
            tls: None,
            auth: Auth::default(),
            headers: Headers::new(),
            limits: Limits::default(),
        }
    }
}

impl Server {
    /// Where links lead, without a slash at the end; derived from where the server listens unless it is configured.
    pub fn external_url(&self, bound: SocketAddr) -> String {
        match &self.external_url {
            Some(url) => url.0.as_str().trim_end_matches('/').to_owned(),
            None => format!("{}://{}{}", self.scheme(), reachable(bound), self.route_prefix()),
        }
    }

    /// Where pictures are linked, without a slash at the end: on their own listener, if there is one, unless people reach both
    /// through one address.
    pub fn images_url(&self, bound: SocketAddr, images: Option<SocketAddr>) -> String {
        match (&self.external_url, images) {
            (None, Some(images)) => format!("http://{images}"),
            _ => self.external_url(bound),
        }
    }

    /// `https` with TLS, otherwise `http`.
    pub fn scheme(&self) -> &'static str {
        if self.tls.as_ref().is_some_and(TlsServer::is_enabled) { "https" } else { "http" }
    }

    /// The path that everything is served under, `/alerts`, or nothing; by default that of `external_url`.
    pub fn route_prefix(&self) -> &str {
        match (&self.route_prefix, &self.external_url) {
            (Some(prefix), _) => &prefix.0,
            (None, Some(url)) => url.0.path().trim_end_matches('/'),
            (None, None) => "",
        }
    }
}

fn reachable(bound: SocketAddr) -> String {
    if bound.ip().is_unspecified() { format!("localhost:{}", bound.port()) } else { bound.to_string() }
}

/// How durable a commit is: SQLite's `synchronous`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Synchronous {
    /// What is acknowledged survives the end of the process, however it comes.
    #[default]
    Normal,
    /// It survives a power cut too; every commit waits for the disk.
    Full,
}

/// What requests may cost.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// The largest body of a request in bytes.
    pub body_bytes: usize,
    /// What the bodies of all requests under way may take together, in bytes; more are answered with 503.
    pub bodies_bytes: usize,
    /// How long a sender may take for one body, and how long one waits for its commit.
    #[serde(with = "alerts::duration::text")]
    pub request_timeout: Duration,
    /// How long an answer of the API may take to begin; none: as long as it takes.
    #[serde(with = "alerts::duration::optional_text")]
    pub answer_timeout: Option<Duration>,
    /// Requests that read at the same time; more are answered with 503.
    pub get_concurrency: usize,
    /// Threads that serve requests; without it, one per core.
    pub workers: Option<NonZeroUsize>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 8 << 20,
            bodies_bytes: 64 << 20,
            request_timeout: Duration::from_secs(30),
            answer_timeout: None,
            get_concurrency: 64,
            workers: None,
        }
    }
}

/// `host:port`; without a host (`:9093`) every address of the machine; port 0 is any free one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListenAddress {
    host: String,
    port: u16,
}

impl ListenAddress {
    /// What to bind: a host name or an address (IPv6 without brackets), and the port.
    pub fn to_bind(&self) -> (&str, u16) {
        (if self.host.is_empty() { "0.0.0.0" } else { &self.host }, self.port)
    }
}

impl FromStr for ListenAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("{text:?} is not an address to listen on, write \"host:port\", for example \"127.0.0.1:9093\"");
        let (host, port) = text.trim().rsplit_once(':').ok_or_else(wrong)?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        match bare {
            Some(v6) if v6.parse::<std::net::Ipv6Addr>().is_err() => return Err(wrong()),
            None if !host.chars().all(good) => return Err(wrong()),
            _ => {}
        }
        let host = bare.unwrap_or(host).to_owned();
        Ok(Self { host, port: port.parse().map_err(|_| wrong())? })
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl<'de> Deserialize<'de> for ListenAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// One text, or a list of at least one.
fn one_or_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ListenAddress>, D::Error> {
    struct OneOrMore;

    impl<'de> serde::de::Visitor<'de> for OneOrMore {
        type Value = Vec<ListenAddress>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an address like \"127.0.0.1:9093\", or a list of them")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            text.parse().map(|address| vec![address]).map_err(E::custom)
        }

        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
            let mut addresses = Vec::new();
            while let Some(address) = items.next_element()? {
                addresses.push(address);
            }
            if addresses.is_empty() {
                return Err(A::Error::custom("the list is empty: name at least one address"));
            }
            Ok(addresses)
        }
    }

    deserializer.deserialize_any(OneOrMore)
}

/// An address for people and vendors: `http` or `https`, a host, perhaps a path; nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalUrl(Url);

impl FromStr for ExternalUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url = Url::parse(text)
            .map_err(|why| format!("not a URL ({why}), write for example \"https://alerts.example.org\""))?;
        let extra =
            url.query().is_some() || url.fragment().is_some() || url.password().is_some() || !url.username().is_empty();
        match url.scheme() {
            "http" | "https" if url.has_host() && !extra => Ok(Self(url)),
            "http" | "https" => Err("must be a host and perhaps a path, without user, ? or #".to_owned()),
            _ => Err("must begin with http:// or https://".to_owned()),
        }
    }
}

impl<'de> Deserialize<'de> for ExternalUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A path with a slash at its start and none at its end; or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoutePrefix(String);

impl FromStr for RoutePrefix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let path = text.trim_matches('/');
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '~');
        if path.is_empty() {
            Ok(Self(String::new()))
        } else if path.chars().all(good) && !path.split('/').any(|part| matches!(part, "" | "." | "..")) {
            Ok(Self(format!("/{path}")))
        } else {
            Err("must be a plain path like \"/alerts\"".to_owned())
        }
    }
}

impl<'de> Deserialize<'de> for RoutePrefix {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_to_listen_on() {
        let check = |text: &str, expected: Option<(&str, u16, &str)>| {
            let address = text.parse::<ListenAddress>().ok();
            let got = address.as_ref().map(|address| (address.to_bind(), address.to_string()));
            let expected = expected.map(|(host, port, printed)| ((host, port), printed.to_owned()));
            assert_eq!(got, expected, "{text}");
        };
        check("127.0.0.1:9093", Some(("127.0.0.1", 9093, "127.0.0.1:9093")));
        check(":0", Some(("0.0.0.0", 0, ":0")));
        check("localhost:80", Some(("localhost", 80, "localhost:80")));
        check("[::1]:80", Some(("::1", 80, "[::1]:80")));
        for wrong in ["", "9093", "localhost", "::1:80", "[::1:80", "a b:1", "host:70000", "host:", "http://host:80"] {
            check(wrong, None);
        }
    }

    #[test]
    fn where_links_lead() {
        let check = |section: &str, bound: &str, url: &str, prefix: &str| {
            let server: Server = toml::from_str(section).expect(section);
            let bound = bound.parse().expect("an address");
            assert_eq!((server.external_url(bound).as_str(), server.route_prefix()), (url, prefix), "{section}");
        };
        check("", "127.0.0.1:9093", "http://127.0.0.1:9093", "");
        check("", "0.0.0.0:80", "http://localhost:80", "");
        check("route_prefix = 'am/'", "[::1]:80", "http://[::1]:80/am", "/am");
        check("external_url = 'https://a.example/am/'", "127.0.0.1:1", "https://a.example/am", "/am");
        check("external_url = 'https://a.example/am'\nroute_prefix = '/'", "127.0.0.1:1", "https://a.example/am", "");
    }

    #[test]
    fn urls_and_prefixes_that_are_not() {
        for wrong in [
            "external_url = 'example.org'",
            "external_url = 'ftp://example.org'",
            "external_url = 'http://u:p@example.org'",
            "external_url = 'http://example.org/?a=b'",
            "route_prefix = '/a/../b'",
            "route_prefix = 'a b'",
        ] {
            let error = toml::from_str::<Server>(wrong).expect_err(wrong).to_string();
            assert!(!error.contains("u:p@example.org, "), "{error}");
        }
    }
}
