//! The server's certificate and key: from texts or from files, which are read again when they change, so that a renewed
//! certificate needs no restart.
//!
//! Deliberately unknown here: who renews it. What cannot be read or does not fit together (one file is renewed, the other not yet)
//! leaves the old pair in place.

use std::{fs, path::Path, path::PathBuf, sync::Arc, time::SystemTime};

use parking_lot::Mutex;
use rustls::{
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use secrecy::{ExposeSecret, SecretString};

use super::{TlsServer, Wrong};

/// Answers each handshake with the pair as of now.
#[derive(Debug)]
pub(super) struct Certificates {
    cert: Pem<String>,
    key: Pem<SecretString>,
    provider: Arc<CryptoProvider>,
    current: Mutex<Current>,
}

/// Where a PEM text comes from.
#[derive(Clone, Debug)]
enum Pem<T> {
    Text(T),
    File(PathBuf),
}

#[derive(Debug)]
struct Current {
    pair: Arc<CertifiedKey>,
    /// Of the files that the pair, or a newer one that was refused, came from.
    stamps: [Option<Stamp>; 2],
}

/// What tells that a file has changed: when it was, and its size.
type Stamp = (Option<SystemTime>, u64);

impl Certificates {
    pub(super) fn of(tls: &TlsServer, provider: Arc<CryptoProvider>) -> Result<Self, Vec<Wrong>> {
        let cert = source("cert", tls.cert.as_ref(), tls.cert_file.as_ref());
        let key = source("key", tls.key.as_ref(), tls.key_file.as_ref());
        let (cert, key) = match (cert, key) {
            (Ok(cert), Ok(key)) => (cert, key),
            (cert, key) => return Err([cert.err(), key.err()].into_iter().flatten().collect()),
        };
        let stamps = [cert.stamp(), key.stamp()];
        let pair = Arc::new(load(&cert, &key, &provider).map_err(|wrong| vec![wrong])?);
        Ok(Self { cert, key, provider, current: Mutex::new(Current { pair, stamps }) })
    }

    fn pair(&self) -> Arc<CertifiedKey> {
        let stamps = [self.cert.stamp(), self.key.stamp()];
        let mut current = self.current.lock();
        if current.stamps != stamps {
            current.stamps = stamps;
            match load(&self.cert, &self.key, &self.provider) {
                Ok(pair) => {
                    current.pair = Arc::new(pair);
                    tracing::info!("the server's certificate has changed and was read again");
                }
                Err(wrong) => tracing::warn!(%wrong, "the server's certificate has changed, the old one stays in use"),
            }
        }
        current.pair.clone()
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.pair())
    }
}

impl<T> Pem<T> {
    fn stamp(&self) -> Option<Stamp> {
        let Pem::File(file) = self else { return None };
        fs::metadata(file).ok().map(|metadata| (metadata.modified().ok(), metadata.len()))
    }

    fn bytes(&self, key: &str, text: impl Fn(&T) -> &str) -> Result<Vec<u8>, Wrong> {
        match self {
            Pem::Text(pem) => Ok(text(pem).as_bytes().to_vec()),
            Pem::File(file) => read(key, file),
        }
    }

    /// The key of the configuration that it comes from.
    fn key(&self, key: &str) -> String {
        match self {
            Pem::Text(_) => key.to_owned(),
            Pem::File(_) => format!("{key}_file"),
        }
    }
}

/// The text of a file.
pub(super) fn read(key: &str, file: &Path) -> Result<Vec<u8>, Wrong> {
    fs::read(file).map_err(|why| Wrong::new(format!("{key}_file"), format!("cannot read {}: {why}", file.display())))
}

fn source<T: Clone>(key: &str, text: Option<&T>, file: Option<&PathBuf>) -> Result<Pem<T>, Wrong> {
    match (text, file) {
        (None, Some(file)) => Ok(Pem::File(file.clone())),
        (Some(text), None) => Ok(Pem::Text(text.clone())),
        (Some(_), Some(_)) => Err(Wrong::new(key, format!("only one of {key} and {key}_file may be given"))),
        (None, None) => Err(Wrong::new(format!("{key}_file"), format!("is missing: TLS needs {key} or {key}_file"))),
    }
}

fn load(cert: &Pem<String>, key: &Pem<SecretString>, provider: &CryptoProvider) -> Result<CertifiedKey, Wrong> {
    let chain = certificates(&cert.key("cert"), &cert.bytes("cert", |text| text)?)?;
    let (name, pem) = (key.key("key"), key.bytes("key", |text| text.expose_secret())?);
    // the parser's own words could repeat what it read
    let key = PrivateKeyDer::from_pem_slice(&pem).map_err(|_| Wrong::new(&name, "not a private key in PEM"))?;
    CertifiedKey::from_der(chain, key, provider)
        .map_err(|why| Wrong::new(name, format!("certificate and key do not fit together: {why}")))
}

/// The certificates of a PEM text; there must be one.
pub(super) fn certificates(key: &str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Wrong> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        _ => Err(Wrong::new(key, "no certificate in PEM")),
    }
}
