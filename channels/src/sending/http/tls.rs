//! TLS as `tls_config` says: which certificates are trusted, which one we show, which versions are spoken.
//!
//! A certificate of ours in files is read at each handshake, so that it can be renewed; the trusted ones are read at load.
//! rustls speaks TLS 1.2 and 1.3. `server_name` is what the certificate is held against; the greeting names the host all the
//! same, since that comes from the connector.
//!
//! Deliberately unknown here: HTTP, mail.

use std::{fmt, path::PathBuf, sync::Arc};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    SupportedProtocolVersion,
    client::{
        ResolvesClientCert, WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
    sign::CertifiedKey,
    version::{TLS12, TLS13},
};
use secrecy::{ExposeSecret, SecretString};

use crate::config::TlsConfig;

/// A key of `tls_config` (with the section's name), and what is wrong with it.
pub type Problem = (&'static str, String);

/// A text or the file that it stands in.
#[derive(Clone)]
enum Pem {
    Inline(SecretString),
    File(PathBuf),
}

/// The TLS of a client; `http2` says whether that may be agreed on.
///
/// # Errors
/// The key that is wrong, and why.
pub fn client_config(tls: &TlsConfig, http2: bool) -> Result<ClientConfig, Problem> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = versions(tls)?;
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&versions)
        .map_err(|error| ("tls_config", error.to_string()))?;
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier(tls, &provider)?);
    let mut config = match own_certificate(tls, provider)? {
        Some(own) => builder.with_client_cert_resolver(Arc::new(own)),
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = if http2 { vec![b"h2".to_vec(), b"http/1.1".to_vec()] } else { vec![b"http/1.1".to_vec()] };
    Ok(config)
}

/// The PEM texts of a configuration: trusted certificates, our certificate, its key.
pub struct Pems {
    pub trusted: Option<Vec<u8>>,
    pub own: Option<(Vec<u8>, SecretString)>,
}

/// The PEM texts as of now, for a client whose TLS is set up elsewhere.
///
/// # Errors
/// The key that is wrong, and why.
pub fn pems(tls: &TlsConfig) -> Result<Pems, Problem> {
    let trusted = trusted(tls)?.map(|(_, pem)| pem.expose_secret().as_bytes().to_vec());
    let Some((cert, key)) = own_pems(tls)? else { return Ok(Pems { trusted, own: None }) };
    let certificate = cert.read().map_err(|why| ("tls_config.cert_file", why))?;
    let key = key.read().map_err(|why| ("tls_config.key_file", why))?;
    Ok(Pems { trusted, own: Some((certificate.expose_secret().as_bytes().to_vec(), key)) })
}

/// The versions between the two that are named.
///
/// # Errors
/// When a name is unknown, or nothing is left.
pub fn versions(tls: &TlsConfig) -> Result<Vec<&'static SupportedProtocolVersion>, Problem> {
    let number = |key, name: Option<&String>| match name.map(|name| name.trim()) {
        None | Some("") => Ok(None),
        Some("TLS10") => Ok(Some(10)),
        Some("TLS11") => Ok(Some(11)),
        Some("TLS12") => Ok(Some(12)),
        Some("TLS13") => Ok(Some(13)),
        Some(other) => Err((key, format!("unknown TLS version {other:?}: TLS12 and TLS13 are spoken"))),
    };
    let least = number("tls_config.min_version", tls.min_version.as_ref())?.unwrap_or(12);
    let most = number("tls_config.max_version", tls.max_version.as_ref())?.unwrap_or(13);
    let spoken: Vec<_> = [(12, &TLS12), (13, &TLS13)]
        .into_iter()
        .filter(|(version, _)| (least..=most).contains(version))
        .map(|(_, version)| version)
        .collect();
    match (spoken.is_empty(), most < 12) {
        (false, _) => Ok(spoken),
        (true, true) => Err(("tls_config.max_version", "TLS older than 1.2 is not spoken".to_owned())),
        (true, false) => Err(("tls_config.max_version", "is older than min_version".to_owned())),
    }
}

fn verifier(tls: &TlsConfig, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, Problem> {
    if tls.insecure_skip_verify {
        // what is wrong with the rest of the section is still to be told
        trusted(tls)?;
        return Ok(Arc::new(Anyone(provider.clone())));
    }
    let by: Arc<dyn ServerCertVerifier> = match trusted(tls)? {
        Some((key, pem)) => {
            let roots = Arc::new(roots(pem.expose_secret().as_bytes()).map_err(|why| (key, why))?);
            WebPkiServerVerifier::builder_with_provider(roots, provider.clone())
                .build()
                .map_err(|error| (key, error.to_string()))?
        }
        None => Arc::new(
            rustls_platform_verifier::Verifier::new(provider.clone())
                .map_err(|error| ("tls_config", format!("cannot read the system's certificates: {error}")))?,
        ),
    };
    let Some(name) = tls.server_name.as_ref().filter(|name| !name.is_empty()) else { return Ok(by) };
    let name = ServerName::try_from(name.clone())
        .map_err(|_| ("tls_config.server_name", format!("{name:?} is not a host name")))?;
    Ok(Arc::new(Named { name, by }))
}

fn roots(pem: &[u8]) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| format!("is not PEM: {error}"))?;
        roots.add(certificate).map_err(|error| error.to_string())?;
    }
    if roots.is_empty() { Err("holds no certificate".to_owned()) } else { Ok(roots) }
}

fn trusted(tls: &TlsConfig) -> Result<Option<(&'static str, SecretString)>, Problem> {
    let (inline, file) = (given(tls.ca.as_deref()), tls.ca_file.as_ref());
    match (inline, file) {
        (Some(_), Some(_)) => Err(("tls_config.ca", "only one of ca and ca_file may be given".to_owned())),
        (Some(ca), None) => Ok(Some(("tls_config.ca", SecretString::from(ca)))),
        (None, Some(file)) => {
            let pem = Pem::File(file.clone()).read().map_err(|why| ("tls_config.ca_file", why))?;
            Ok(Some(("tls_config.ca_file", pem)))
        }
        (None, None) => Ok(None),
    }
}

fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

fn own_pems(tls: &TlsConfig) -> Result<Option<(Pem, Pem)>, Problem> {
    let key = tls.key.as_ref().map(|key| key.expose_secret()).filter(|key| !key.is_empty());
    let cert = match (given(tls.cert.as_deref()), &tls.cert_file) {
        (Some(_), Some(_)) => {
            return Err(("tls_config.cert", "only one of cert and cert_file may be given".to_owned()));
        }
        (Some(cert), None) => Some(Pem::Inline(cert.into())),
        (None, file) => file.clone().map(Pem::File),
    };
    let key = match (key, &tls.key_file) {
        (Some(_), Some(_)) => return Err(("tls_config.key", "only one of key and key_file may be given".to_owned())),
        (Some(key), None) => Some(Pem::Inline(key.into())),
        (None, file) => file.clone().map(Pem::File),
    };
    match (cert, key) {
        (Some(cert), Some(key)) => Ok(Some((cert, key))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(("tls_config.key_file", "is missing: cert needs its key".to_owned())),
        (None, Some(_)) => Err(("tls_config.cert_file", "is missing: key needs its certificate".to_owned())),
    }
}

fn own_certificate(tls: &TlsConfig, provider: Arc<CryptoProvider>) -> Result<Option<OwnCertificate>, Problem> {
    let Some((cert, key)) = own_pems(tls)? else { return Ok(None) };
    let first = certified(&cert, &key, &provider).map_err(|why| ("tls_config.cert_file", why))?;
    Ok(Some(OwnCertificate { cert, key, first, provider }))
}

fn certified(cert: &Pem, key: &Pem, provider: &CryptoProvider) -> Result<Arc<CertifiedKey>, String> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(cert.read()?.expose_secret().as_bytes()).collect();
    let chain = chain.map_err(|error| format!("is not PEM: {error}"))?;
    if chain.is_empty() {
        return Err("holds no certificate".to_owned());
    }
    let key = PrivateKeyDer::from_pem_slice(key.read()?.expose_secret().as_bytes())
        .map_err(|_| "the key is not a private key in PEM".to_owned())?;
    let certified = CertifiedKey::from_der(chain, key, provider);
    certified.map(Arc::new).map_err(|error| format!("certificate and key do not fit: {error}"))
}

impl Pem {
    fn read(&self) -> Result<SecretString, String> {
        match self {
            Pem::Inline(text) => Ok(text.clone()),
            Pem::File(path) => std::fs::read_to_string(path)
                .map(SecretString::from)
                .map_err(|error| format!("cannot read {}: {error}", path.display())),
        }
    }
}

/// Our certificate, read anew for each handshake; while the files are broken, the one that was there at load.
struct OwnCertificate {
    cert: Pem,
    key: Pem,
    first: Arc<CertifiedKey>,
    provider: Arc<CryptoProvider>,
}

impl ResolvesClientCert for OwnCertificate {
    fn resolve(&self, _root_hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let now = certified(&self.cert, &self.key, &self.provider);
        Some(now.unwrap_or_else(|why| {
            tracing::warn!(why, "the client certificate cannot be renewed from its files; the old one is shown");
            self.first.clone()
        }))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

impl fmt::Debug for OwnCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnCertificate")
    }
}

/// Holds certificates against a configured name instead of the host's.
#[derive(Debug)]
struct Named {
    name: ServerName<'static>,
    by: Arc<dyn ServerCertVerifier>,
}

impl ServerCertVerifier for Named {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _host: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.by.verify_server_cert(end_entity, intermediates, &self.name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.by.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.by.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.by.supported_verify_schemes()
    }
}

/// Takes any certificate, as `insecure_skip_verify` asks for; the signature must still be the certificate's.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _host: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if end_entity.is_empty() {
            return Err(Error::InvalidCertificate(CertificateError::BadEncoding));
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
