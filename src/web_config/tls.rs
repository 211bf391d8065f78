//! From the configuration of TLS to rustls's, over ring: building it is its check.
//!
//! Deliberately unknown here: listeners, HTTP.

use std::sync::Arc;

use rustls::{
    NamedGroup, RootCertStore, ServerConfig, SupportedProtocolVersion,
    crypto::{CryptoProvider, ring},
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
    version::{TLS12, TLS13},
};

use super::{
    ClientAuth, TlsServer, TlsVersion, Wrong,
    certificates::{Certificates, certificates, read},
};

/// Go's names of curves, and what there is of them.
const CURVES: [(&str, Option<NamedGroup>); 4] = [
    ("X25519", Some(NamedGroup::X25519)),
    ("CurveP256", Some(NamedGroup::secp256r1)),
    ("CurveP384", Some(NamedGroup::secp384r1)),
    ("CurveP521", None),
];

/// What a listener needs to speak TLS.
///
/// # Errors
/// Everything that is wrong with the keys, files and certificates.
pub fn server_config(tls: &TlsServer) -> Result<ServerConfig, Vec<Wrong>> {
    let mut wrong = refused(tls);
    let mut failed = |why: Vec<Wrong>| wrong.extend(why);
    let ring = Arc::new(ring::default_provider());
    let provider = provider(tls).map_err(|why| failed(vec![why]));
    let verifier = client_verifier(tls, &ring).map_err(|why| failed(vec![why]));
    let versions = versions(tls).map_err(|why| failed(vec![why]));
    let certificates = Certificates::of(tls, ring).map_err(failed);
    let (Ok(provider), Ok(verifier), Ok(versions), Ok(certificates), true) =
        (provider, verifier, versions, certificates, wrong.is_empty())
    else {
        return Err(wrong);
    };
    let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(&versions);
    let builder = builder.map_err(|why| vec![Wrong::new("cipher_suites", why.to_string())])?;
    let builder = match verifier {
        Some(verifier) => builder.with_client_cert_verifier(verifier),
        None => builder.with_no_client_auth(),
    };
    let mut config = builder.with_cert_resolver(Arc::new(certificates));
    config.ignore_client_order = tls.prefer_server_cipher_suites;
    Ok(config)
}

/// What would leave a door open that the configuration wants shut.
fn refused(tls: &TlsServer) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    if tls.client_auth_type == ClientAuth::RequireAny {
        let why = "is not available: any certificate proves nothing, write RequireAndVerifyClientCert";
        wrong.push(Wrong::new("client_auth_type", why));
    }
    if !tls.client_allowed_sans.is_empty() {
        let why = "is not available in this version: let an authority of their own sign those clients' certificates";
        wrong.push(Wrong::new("client_allowed_sans", why));
    }
    wrong
}

fn versions(tls: &TlsServer) -> Result<Vec<&'static SupportedProtocolVersion>, Wrong> {
    let spoken = [(TlsVersion::Tls12, &TLS12), (TlsVersion::Tls13, &TLS13)];
    let wanted = |version| tls.min_version <= version && version <= tls.max_version;
    let versions: Vec<_> =
        spoken.into_iter().filter(|(version, _)| wanted(*version)).map(|(_, version)| version).collect();
    if versions.is_empty() {
        return Err(Wrong::new("max_version", "leaves no version: TLS12 and TLS13 are spoken"));
    }
    Ok(versions)
}

/// ring with the configured suites and curves. Names that rustls does not have (all with known weaknesses) are left out, as long as
/// something is left.
fn provider(tls: &TlsServer) -> Result<Arc<CryptoProvider>, Wrong> {
    let mut provider = ring::default_provider();
    if !tls.cipher_suites.is_empty() {
        let is_13 = |name: &str| name.starts_with("TLS13_");
        provider.cipher_suites.retain(|suite| {
            let name = format!("{:?}", suite.suite());
            // as in Go, those of TLS 1.3 are not configurable
            is_13(&name) || tls.cipher_suites.contains(&name)
        });
        let of_12 = provider.cipher_suites.iter().any(|suite| !is_13(&format!("{:?}", suite.suite())));
        if !of_12 && tls.min_version < TlsVersion::Tls13 && tls.max_version == TlsVersion::Tls12 {
            return Err(Wrong::new("cipher_suites", "none of them is available: leave the key out"));
        }
    }
    if !tls.curve_preferences.is_empty() {
        let group = |name: &String| match CURVES.iter().find(|(known, _)| known == name) {
            Some((_, group)) => Ok(*group),
            None => Err(Wrong::new("curve_preferences", format!("there is no curve {name:?}"))),
        };
        let wanted: Vec<_> = tls.curve_preferences.iter().map(group).collect::<Result<Vec<_>, _>>()?;
        let named = |wanted: &NamedGroup| provider.kx_groups.iter().copied().find(|group| group.name() == *wanted);
        provider.kx_groups = wanted.iter().flatten().filter_map(named).collect();
        if provider.kx_groups.is_empty() {
            return Err(Wrong::new("curve_preferences", "none of them is available: leave the key out"));
        }
    }
    Ok(Arc::new(provider))
}

fn client_verifier(
    tls: &TlsServer,
    provider: &Arc<CryptoProvider>,
) -> Result<Option<Arc<dyn ClientCertVerifier>>, Wrong> {
    let (pem, key) = match (&tls.client_ca, &tls.client_ca_file) {
        (Some(_), Some(_)) => {
            return Err(Wrong::new("client_ca", "only one of client_ca and client_ca_file may be given"));
        }
        (Some(text), None) => (Some(text.as_bytes().to_vec()), "client_ca"),
        (None, Some(file)) => (Some(read("client_ca", file)?), "client_ca_file"),
        (None, None) => (None, "client_ca_file"),
    };
    let verifies = matches!(tls.client_auth_type, ClientAuth::VerifyIfGiven | ClientAuth::RequireAndVerify);
    let pem = match pem {
        Some(_) if tls.client_auth_type == ClientAuth::None => {
            let why = "is missing: with an authority for clients it says whether they need a certificate";
            return Err(Wrong::new("client_auth_type", why));
        }
        Some(pem) if verifies => pem,
        None if verifies => return Err(Wrong::new(key, "is missing: it says who signs the certificates of clients")),
        _ => return Ok(None),
    };
    let mut roots = RootCertStore::empty();
    for certificate in certificates(key, &pem)? {
        roots.add(certificate).map_err(|why| Wrong::new(key, format!("not an authority's certificate: {why}")))?;
    }
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
    let builder = match tls.client_auth_type {
        ClientAuth::VerifyIfGiven => builder.allow_unauthenticated(),
        _ => builder,
    };
    builder.build().map(Some).map_err(|why| Wrong::new(key, why.to_string()))
}
