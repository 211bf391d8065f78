//! Where mails are handed in: host and port, and the TLS parameters for lettre.
//!
//! Deliberately unknown here: when TLS begins, the dialogue.

use lettre::transport::smtp::client::{Certificate, CertificateStore, Identity, TlsParameters, TlsVersion};
use secrecy::ExposeSecret;

use crate::{config::TlsConfig, sending::http::tls};

/// `host:port`, an IPv6 address in brackets.
pub fn host_and_port(place: &str) -> Option<(String, u16)> {
    let (host, port) = place.trim().rsplit_once(':')?;
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let port = port.parse().ok().filter(|port| *port > 0)?;
    (!host.is_empty()).then(|| (host.to_owned(), port))
}

/// The parameters for a host.
///
/// # Errors
/// The key that is wrong, and why.
pub fn tls_parameters(config: &TlsConfig, host: &str) -> Result<TlsParameters, (&'static str, String)> {
    let name = config.server_name.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| host.to_owned());
    let versions = tls::versions(config)?;
    let mut builder = TlsParameters::builder(name)
        .dangerous_accept_invalid_certs(config.insecure_skip_verify)
        .dangerous_accept_invalid_hostnames(config.insecure_skip_verify);
    match versions[..] {
        [_, _] => {}
        [only] if *only == rustls::version::TLS13 => builder = builder.set_min_tls_version(TlsVersion::Tlsv13),
        _ => return Err(("tls_config.max_version", "cannot be TLS12 for mail: leave it out".to_owned())),
    }
    let pems = tls::pems(config)?;
    if let Some(pem) = pems.trusted {
        let certificate = Certificate::from_pem(&pem).map_err(|why| ("tls_config.ca_file", why.to_string()))?;
        builder = builder.certificate_store(CertificateStore::None).add_root_certificate(certificate);
    }
    if let Some((certificate, key)) = pems.own {
        let identity = Identity::from_pem(&certificate, key.expose_secret().as_bytes());
        builder = builder.identify_with(identity.map_err(|why| ("tls_config.cert_file", why.to_string()))?);
    }
    builder.build().map_err(|why| ("tls_config", why.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smarthosts_have_a_host_and_a_port() {
        let check = |text: &str, expected: Option<(&str, u16)>| {
            assert_eq!(host_and_port(text), expected.map(|(host, port)| (host.to_owned(), port)), "{text}");
        };
        check("mail.example.org:587", Some(("mail.example.org", 587)));
        check("[::1]:25", Some(("::1", 25)));
        check("mail.example.org", None);
        check(":25", None);
        check("mail:smtp", None);
        check("mail:0", None);
    }
}
