//! How a source is reached: TLS options, further headers, a proxy.
//!
//! Certificates are read when the configuration is. Deliberately unknown here: what is asked, and with which login.

use std::{collections::BTreeMap, path::PathBuf};

use reqwest::{
    Certificate, Client, ClientBuilder, Identity, Proxy,
    header::{HeaderMap, HeaderName, HeaderValue},
    tls::Version,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::{error::chain, settings::SourceConfig};

/// Mimir's and Loki's name for the tenant.
pub(crate) const TENANT: HeaderName = HeaderName::from_static("x-scope-orgid");
/// Grafana's name for the organisation that is meant, for logins that belong to several
/// (<https://grafana.com/docs/grafana/latest/developers/http_api/authentication/>).
pub(crate) const ORGANISATION: HeaderName = HeaderName::from_static("x-grafana-org-id");

/// Headers that have a key of their own, or would break a request.
const RESERVED: [&str; 12] = [
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "host",
    "proxy-authorization",
    "transfer-encoding",
    "user-agent",
    "x-grafana-org-id",
    "x-scope-orgid",
];

/// TLS options of a client, Alertmanager's keys.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TlsConfig {
    /// The certificates (PEM) that are trusted, in place of the system's.
    pub ca: Option<String>,
    /// A file with them.
    pub ca_file: Option<PathBuf>,
    /// Our certificate, and those between it and its root (PEM).
    pub cert: Option<String>,
    /// A file with it.
    pub cert_file: Option<PathBuf>,
    /// Its key (PEM).
    pub key: Option<SecretString>,
    /// A file with it.
    pub key_file: Option<PathBuf>,
    /// Accepts any certificate.
    pub insecure_skip_verify: bool,
    /// The oldest version: `TLS12` or `TLS13`; older ones that are named come to `TLS12`.
    pub min_version: Option<String>,
    /// The newest version.
    pub max_version: Option<String>,
}

/// The client that the section describes.
///
/// # Errors
/// Everything that is wrong, one line each, with its key.
pub(crate) fn client(mut builder: ClientBuilder, config: &SourceConfig) -> Result<Client, Vec<String>> {
    let mut problems = Vec::new();
    if let Some(url) = &config.proxy_url {
        match Proxy::all(url.expose_secret()) {
            Ok(proxy) => builder = builder.no_proxy().proxy(proxy),
            // the URL may hold a password: the error that quotes it is not told
            Err(_) => problems.push("proxy_url: it is not a URL of a proxy".to_owned()),
        }
    }
    if let Some(tls) = &config.tls_config {
        match with_tls(builder, tls) {
            Ok(with) => builder = with,
            Err(wrong) => return Err([problems, wrong].concat()),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let key = if config.tls_config.is_some() { "tls_config: " } else { "" };
    builder.build().map_err(|error| vec![format!("{key}{}", chain(&error))])
}

/// Further headers, each value marked as not to be printed.
///
/// # Errors
/// Those that cannot be sent, one line each.
pub(crate) fn headers(configured: &BTreeMap<String, SecretString>) -> Result<HeaderMap, Vec<String>> {
    let (mut headers, mut problems) = (HeaderMap::new(), Vec::new());
    for (name, value) in configured {
        match header(name, value) {
            Ok((name, value)) => drop(headers.insert(name, value)),
            Err(why) => problems.push(format!("headers.{name}: {why}")),
        }
    }
    if problems.is_empty() { Ok(headers) } else { Err(problems) }
}

fn header(name: &str, value: &SecretString) -> Result<(HeaderName, HeaderValue), &'static str> {
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| "it is not a header's name")?;
    if RESERVED.contains(&name.as_str()) {
        return Err("this header is set by bearer_token, basic_auth, tenant, org_id or the request itself");
    }
    let mut value =
        HeaderValue::from_str(value.expose_secret()).map_err(|_| "the value has characters that no header may have")?;
    value.set_sensitive(true);
    Ok((name, value))
}

fn with_tls(mut builder: ClientBuilder, tls: &TlsConfig) -> Result<ClientBuilder, Vec<String>> {
    let mut problems = Vec::new();
    let mut keep = |problem: String| problems.push(format!("tls_config.{problem}"));
    match trusted(tls) {
        Ok(Some(certificates)) => builder = builder.tls_certs_only(certificates),
        Ok(None) => {}
        Err(problem) => keep(problem),
    }
    match identity(tls) {
        Ok(Some(identity)) => builder = builder.identity(identity),
        Ok(None) => {}
        Err(problem) => keep(problem),
    }
    match versions(tls) {
        Ok((least, most)) => {
            builder = builder.tls_version_min(least);
            if let Some(most) = most {
                builder = builder.tls_version_max(most);
            }
        }
        Err(problem) => keep(problem),
    }
    if tls.insecure_skip_verify {
        builder = builder.tls_danger_accept_invalid_certs(true);
    }
    if problems.is_empty() { Ok(builder) } else { Err(problems) }
}

fn trusted(tls: &TlsConfig) -> Result<Option<Vec<Certificate>>, String> {
    let inline = tls.ca.as_deref().filter(|text| !text.is_empty());
    let Some((key, pem)) = pem(("ca", inline), ("ca_file", tls.ca_file.as_ref()))? else { return Ok(None) };
    let certificates = Certificate::from_pem_bundle(pem.expose_secret().as_bytes())
        .map_err(|error| format!("{key}: is not PEM: {}", chain(&error)))?;
    if certificates.is_empty() { Err(format!("{key}: holds no certificate")) } else { Ok(Some(certificates)) }
}

fn identity(tls: &TlsConfig) -> Result<Option<Identity>, String> {
    let cert =
        pem(("cert", tls.cert.as_deref().filter(|text| !text.is_empty())), ("cert_file", tls.cert_file.as_ref()))?;
    let key = tls.key.as_ref().map(ExposeSecret::expose_secret).filter(|key| !key.is_empty());
    let key = pem(("key", key), ("key_file", tls.key_file.as_ref()))?;
    match (cert, key) {
        (None, None) => Ok(None),
        (Some(_), None) => Err("key_file: is missing: cert needs its key".to_owned()),
        (None, Some(_)) => Err("cert_file: is missing: key needs its certificate".to_owned()),
        (Some((place, cert)), Some((_, key))) => {
            let both = SecretString::from(format!("{}\n{}", key.expose_secret(), cert.expose_secret()));
            let identity = Identity::from_pem(both.expose_secret().as_bytes());
            identity.map(Some).map_err(|_| format!("{place}: certificate and key cannot be read as PEM"))
        }
    }
}

/// The text at its key, or that of the file at its key.
fn pem(
    (inline_key, inline): (&'static str, Option<&str>),
    (file_key, file): (&'static str, Option<&PathBuf>),
) -> Result<Option<(&'static str, SecretString)>, String> {
    match (inline, file) {
        (Some(_), Some(_)) => Err(format!("{inline_key}: only one of {inline_key} and {file_key} may be given")),
        (Some(text), None) => Ok(Some((inline_key, text.into()))),
        (None, Some(file)) => match std::fs::read_to_string(file) {
            Ok(text) => Ok(Some((file_key, text.into()))),
            Err(error) => Err(format!("{file_key}: cannot read {}: {error}", file.display())),
        },
        (None, None) => Ok(None),
    }
}

/// The oldest and the newest version; those before TLS 1.2 are not spoken.
fn versions(tls: &TlsConfig) -> Result<(Version, Option<Version>), String> {
    let read = |key: &str, name: Option<&String>| match name.map(|name| name.trim()) {
        None | Some("") => Ok(None),
        Some("TLS10" | "TLS11") if key == "min_version" => Ok(Some(Version::TLS_1_2)),
        Some("TLS10" | "TLS11") => Err(format!("{key}: TLS older than 1.2 is not spoken")),
        Some("TLS12") => Ok(Some(Version::TLS_1_2)),
        Some("TLS13") => Ok(Some(Version::TLS_1_3)),
        Some(other) => Err(format!("{key}: unknown TLS version {other:?}: TLS12 and TLS13 are spoken")),
    };
    let least = read("min_version", tls.min_version.as_ref())?.unwrap_or(Version::TLS_1_2);
    let most = read("max_version", tls.max_version.as_ref())?;
    match most {
        Some(most) if most < least => Err("max_version: is older than min_version".to_owned()),
        most => Ok((least, most)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{http::Http, settings::SourceKind};

    fn check(toml: &str, expected: &[&str]) {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config: SourceConfig =
            toml::from_str(&format!("name = 's'\ntype = 'prometheus'\n{toml}")).expect("the keys are right");
        assert_eq!(config.kind, SourceKind::Prometheus);
        let problems = Http::of(&config).err().unwrap_or_default();
        assert_eq!(problems.len(), expected.len(), "{problems:?}");
        for (problem, expected) in problems.iter().zip(expected) {
            assert!(problem.contains(expected), "{problem}");
            assert!(!problem.contains("hunter2"), "{problem}");
        }
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn what_is_right() {
        check("", &[]);
        check("headers = { X-Team = 'hunter2' }\nproxy_url = 'http://u:hunter2@proxy:3128'", &[]);
        check("tls_config = { min_version = 'TLS13', insecure_skip_verify = true }", &[]);
        check("tls_config = { min_version = 'TLS10', max_version = 'TLS12' }", &[]);
    }

    #[test]
    fn every_problem_names_its_key() {
        check(
            "headers = { 'a b' = 'hunter2', Authorization = 'hunter2' }",
            &["headers.Authorization: this", "headers.a b: it is"],
        );
        check("headers = { X-A = \"hunter2\\n\" }", &["headers.X-A: the value"]);
        check("proxy_url = '//u:hunter2@'", &["proxy_url: it is not"]);
        check("tls_config.ca = 'nonsense'", &["tls_config.ca: holds no certificate"]);
        check("tls_config.ca_file = 'does/not/exist'", &["tls_config.ca_file: cannot read does/not/exist"]);
        check("tls_config = { ca = 'a', ca_file = 'b' }", &["tls_config.ca: only one of ca and ca_file"]);
        check("tls_config.cert = 'a'", &["tls_config.key_file: is missing"]);
        check("tls_config.key = 'hunter2'", &["tls_config.cert_file: is missing"]);
        check("tls_config = { cert = 'a', key = 'hunter2' }", &["tls_config.cert: certificate and key"]);
        check(
            "tls_config = { ca = 'x', min_version = 'SSL3' }",
            &["tls_config.ca: holds no", "tls_config.min_version: unknown TLS version \"SSL3\""],
        );
        check(
            "tls_config = { min_version = 'TLS13', max_version = 'TLS12' }",
            &["max_version: is older than min_version"],
        );
        check("tls_config.max_version = 'TLS11'", &["tls_config.max_version: TLS older than 1.2 is not spoken"]);
    }
}
