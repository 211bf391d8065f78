//! Which proxy a request goes through: that of the configuration or of the environment, unless `no_proxy` names the host.
//!
//! The list is read as Go's `httpproxy` reads it: a name covers itself and what is below it, a name with a leading dot only
//! what is below, addresses and networks cover themselves, `*` everything, each with a port if one is given. With a list
//! the own machine is never asked through a proxy.
//!
//! Deliberately unknown here: TLS, what is sent.

use std::{net::IpAddr, sync::Arc};

use http::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{ClientBuilder, Proxy, Url};
use secrecy::{ExposeSecret, SecretString};

use super::tls::Problem;
use crate::config::ProxyConfig;

/// Where requests go instead of to their hosts.
#[derive(Clone, Default)]
struct Rules {
    http: Option<Url>,
    https: Option<Url>,
    no_proxy: Option<NoProxy>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct NoProxy(Vec<(Place, Option<u16>)>);

#[derive(Clone, Debug, PartialEq)]
enum Place {
    All,
    Address(IpAddr),
    Network(IpAddr, u8),
    /// The name, and whether what is below it is meant alone.
    Name(String, bool),
}

/// A client that goes through the configured proxy.
///
/// # Errors
/// The key that is wrong, and why.
pub fn with_proxy(builder: ClientBuilder, config: &ProxyConfig) -> Result<ClientBuilder, Problem> {
    let (rules, connect) = (Arc::new(rules(config, |name| std::env::var(name).ok())?), connect_headers(config)?);
    let builder = builder.no_proxy();
    if rules.http.is_none() && rules.https.is_none() {
        return Ok(builder);
    }
    let plain = rules.clone();
    let http = Proxy::custom(move |url| if url.scheme() == "http" { plain.of(url) } else { None });
    let https = Proxy::custom(move |url| if url.scheme() == "https" { rules.of(url) } else { None });
    Ok(builder.proxy(http).proxy(https.headers(connect)))
}

fn rules(config: &ProxyConfig, environment: impl Fn(&str) -> Option<String>) -> Result<Rules, Problem> {
    let own = config.proxy_url.as_ref().filter(|url| !url.expose_secret().trim().is_empty());
    let no_proxy = config.no_proxy.as_deref().filter(|list| !list.trim().is_empty());
    if config.proxy_from_environment && (own.is_some() || no_proxy.is_some()) {
        let key = if own.is_some() { "proxy_url" } else { "no_proxy" };
        return Err((key, "cannot be given together with proxy_from_environment".to_owned()));
    }
    if !config.proxy_from_environment && own.is_none() {
        let alone =
            [("no_proxy", no_proxy.is_some()), ("proxy_connect_header", !config.proxy_connect_header.is_empty())];
        return match alone.into_iter().find(|(_, given)| *given) {
            Some((key, _)) => Err((key, "needs proxy_url or proxy_from_environment".to_owned())),
            None => Ok(Rules::default()),
        };
    }
    if let Some(url) = own {
        let url = proxy(url.expose_secret()).map_err(|why| ("proxy_url", why))?;
        return Ok(Rules { http: Some(url.clone()), https: Some(url), no_proxy: no_proxy.map(NoProxy::parse) });
    }
    let either = |name: &str| {
        let value = environment(&name.to_uppercase()).or_else(|| environment(name));
        value.filter(|value| !value.trim().is_empty())
    };
    let from = |name| {
        let wrong = |why| ("proxy_from_environment", format!("{} {why}", name_of(name)));
        either(name).map(|text| proxy(&text).map_err(wrong)).transpose()
    };
    let list = either("no_proxy").unwrap_or_default();
    Ok(Rules { http: from("http_proxy")?, https: from("https_proxy")?, no_proxy: Some(NoProxy::parse(&list)) })
}

fn name_of(variable: &str) -> String {
    format!("of the environment: {}", variable.to_uppercase())
}

/// A proxy's URL; one without a scheme speaks HTTP. The text may hold a password, so no message repeats it.
fn proxy(text: &str) -> Result<Url, String> {
    let text = text.trim();
    let url = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("http://{text}")) };
    let url = url.map_err(|why| format!("is not a proxy's URL: {why}"))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        other => Err(format!("begins with {other}://, but only proxies that speak HTTP are known")),
    }
}

fn connect_headers(config: &ProxyConfig) -> Result<HeaderMap, Problem> {
    let wrong =
        |name: &str| ("proxy_connect_header", format!("{name:?} is no header, or has a value that none can have"));
    let mut headers = HeaderMap::new();
    for (name, values) in &config.proxy_connect_header {
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong(name))?;
        for value in values {
            headers.append(header.clone(), sensitive(value).ok_or_else(|| wrong(name))?);
        }
    }
    Ok(headers)
}

/// A header's value that does not print.
pub fn sensitive(value: &SecretString) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(value.expose_secret()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

impl Rules {
    fn of(&self, url: &Url) -> Option<Url> {
        let host = url.host_str()?.trim_matches(['[', ']']);
        if self.no_proxy.as_ref().is_some_and(|list| list.covers(host, url.port_or_known_default())) {
            return None;
        }
        if url.scheme() == "https" { self.https.clone() } else { self.http.clone() }
    }
}

impl NoProxy {
    fn parse(list: &str) -> Self {
        Self(list.split(',').filter_map(|entry| place(entry.trim().to_ascii_lowercase().as_str())).collect())
    }

    fn covers(&self, host: &str, port: Option<u16>) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let address: Option<IpAddr> = host.parse().ok();
        if host == "localhost" || address.is_some_and(|address| address.is_loopback()) {
            return true;
        }
        self.0.iter().any(|(place, at)| at.is_none_or(|at| Some(at) == port) && place.covers(&host, address))
    }
}

fn place(entry: &str) -> Option<(Place, Option<u16>)> {
    if entry.is_empty() {
        return None;
    }
    if entry == "*" {
        return Some((Place::All, None));
    }
    if let Some((network, bits)) = entry.split_once('/') {
        return Some((Place::Network(network.parse().ok()?, bits.parse().ok()?), None));
    }
    let bare = entry.trim_matches(['[', ']']);
    if let Ok(address) = bare.parse() {
        return Some((Place::Address(address), None));
    }
    let (host, port) = match entry.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse().ok()?)),
        None => (entry, None),
    };
    if let Ok(address) = host.trim_matches(['[', ']']).parse() {
        return Some((Place::Address(address), port));
    }
    let host = host.strip_prefix('*').unwrap_or(host);
    let place = match host.strip_prefix('.') {
        Some(below) => Place::Name(below.to_owned(), true),
        None => Place::Name(host.to_owned(), false),
    };
    Some((place, port))
}

impl Place {
    fn covers(&self, host: &str, address: Option<IpAddr>) -> bool {
        match self {
            Place::All => true,
            Place::Address(own) => address == Some(*own),
            Place::Network(network, bits) => address.is_some_and(|address| within(address, *network, *bits)),
            Place::Name(name, below) => {
                let is_below = host.strip_suffix(name.as_str()).is_some_and(|rest| rest.ends_with('.'));
                is_below || (!below && host == name)
            }
        }
    }
}

fn within(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    let (a, n, length) = match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(n)) => (u128::from(a.to_bits()), u128::from(n.to_bits()), 32),
        (IpAddr::V6(a), IpAddr::V6(n)) => (a.to_bits(), n.to_bits(), 128),
        _ => return false,
    };
    let Some(rest) = u32::from(length as u8).checked_sub(u32::from(bits)) else { return false };
    a.checked_shr(rest).unwrap_or(0) == n.checked_shr(rest).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(list: &str, url: &str) -> bool {
        let url: Url = url.parse().unwrap();
        NoProxy::parse(list).covers(url.host_str().unwrap().trim_matches(['[', ']']), url.port_or_known_default())
    }

    #[test]
    fn the_list_is_read_as_go_reads_it() {
        let list = "example.org, .below.test,10.1.0.0/16 ,192.0.2.7, ports.test:8443,[2001:db8::1]:443,2001:db8:1::/48";
        for url in [
            "http://example.org/",
            "https://a.b.example.org",
            "http://x.below.test",
            "http://10.1.255.3",
            "http://192.0.2.7:81",
            "http://ports.test:8443",
            "https://[2001:db8::1]",
            "http://[2001:db8:1::9]",
            "http://localhost:1",
            "http://127.9.9.9",
        ] {
            assert!(covers(list, url), "{url}");
        }
        for url in [
            "http://notexample.org",
            "http://below.test",
            "http://10.2.0.1",
            "http://192.0.2.8",
            "http://ports.test",
            "http://[2001:db8::1]:81",
            "http://[2001:db8:2::9]",
        ] {
            assert!(!covers(list, url), "{url}");
        }
        assert!(covers("*", "http://anything.test"));
        assert!(!covers("", "http://anything.test"));
    }

    #[test]
    fn the_environment_counts_when_it_is_asked() {
        let environment = |name: &str| match name {
            "HTTPS_PROXY" => Some("proxy.test:3128".to_owned()),
            "no_proxy" => Some("inside.test".to_owned()),
            _ => None,
        };
        let config = ProxyConfig { proxy_from_environment: true, ..ProxyConfig::default() };
        let rules = rules(&config, environment).unwrap();
        let of = |url: &str| rules.of(&url.parse().unwrap()).map(|url| url.to_string());
        assert_eq!(of("https://a.test"), Some("http://proxy.test:3128/".to_owned()));
        assert_eq!((of("http://a.test"), of("https://inside.test")), (None, None));
    }

    #[test]
    fn what_does_not_belong_together_is_refused() {
        let check = |config: ProxyConfig, key: &str| {
            assert_eq!(rules(&config, |_| None).err().map(|(key, _)| key), Some(key), "{config:?}");
        };
        let url = || Some(SecretString::from("http://proxy.test"));
        check(ProxyConfig { proxy_url: url(), proxy_from_environment: true, ..ProxyConfig::default() }, "proxy_url");
        check(ProxyConfig { no_proxy: Some("a".into()), ..ProxyConfig::default() }, "no_proxy");
        check(ProxyConfig { proxy_url: Some("socks5://x".into()), ..ProxyConfig::default() }, "proxy_url");
        let header = [("X".to_owned(), vec![SecretString::from("y")])].into();
        check(ProxyConfig { proxy_connect_header: header, ..ProxyConfig::default() }, "proxy_connect_header");
    }
}
