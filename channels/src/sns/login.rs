//! As whom requests are signed: configured keys, else as AWS's own programs find out (environment, profile, container, machine), else
//! a role taken on with either.
//!
//! Deliberately unknown here: what is signed. In rehearsals nothing is asked for, and nobody.

use std::{
    collections::BTreeMap,
    fmt,
    time::{Duration, SystemTime},
};

use alerts::ports::{SendError, SendErrorKind};
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig, sts::AssumeRoleProvider};
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider, error::CredentialsError},
};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use secrecy::ExposeSecret;
use tokio::sync::Mutex;

use crate::{config::Secret, sending::Redactor};

/// Credentials are renewed so long before their end.
const EARLY: Duration = Duration::from_secs(5 * 60);

/// What is said to a role's owner about who takes it on, unless configured otherwise.
const SESSION: &str = "wirephoto";

/// Keys of the configuration's own.
pub struct Keys {
    /// The key's name.
    pub access_key: String,
    /// The key.
    pub secret_key: Secret,
}

/// A role that is taken on.
pub struct Role {
    /// Its name.
    pub arn: String,
    /// What its owner wants to hear.
    pub external_id: Option<String>,
    /// What its owner sees of who takes it on.
    pub session_name: Option<String>,
    /// More of that, by names.
    pub tags: BTreeMap<String, String>,
}

/// As whom requests are signed, and what was found out last.
pub struct Login {
    keys: Option<Keys>,
    profile: Option<String>,
    role: Option<Role>,
    region: Option<String>,
    fips: bool,
    cached: Mutex<Option<Credentials>>,
}

impl Login {
    /// By what is configured.
    pub fn new(
        keys: Option<Keys>,
        profile: Option<String>,
        role: Option<Role>,
        region: Option<String>,
        fips: bool,
    ) -> Self {
        Self { keys, profile, role, region, fips, cached: Mutex::default() }
    }

    /// The region: configured, else the one in the target's name (`arn:aws:sns:eu-central-1:…`), else AWS's default here.
    pub async fn region(&self, target: &str, rehearsing: bool) -> Result<String, SendError> {
        let named = target.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(2)).filter(|name| !name.is_empty());
        if let Some(region) = self.region.as_deref().or(named) {
            return Ok(region.to_owned());
        }
        if rehearsing {
            return Ok("us-east-1".to_owned());
        }
        let found = self.loader(None).load().await.region().map(ToString::to_string);
        found.ok_or_else(|| SendError::new(SendErrorKind::Unauthorised, "there is no region: set sigv4.region"))
    }

    /// The credentials as of `now`.
    pub async fn credentials(&self, region: &str, now: SystemTime, rehearsing: bool) -> Result<Credentials, SendError> {
        if let (Some(keys), true) = (&self.keys, self.role.is_none() || rehearsing) {
            return keys.credentials().await;
        }
        if rehearsing {
            return Ok(Credentials::new("OF-THE-MACHINE", "rehearsal", None, None, "rehearsal"));
        }
        let mut cached = self.cached.lock().await;
        let good = |credentials: &&Credentials| credentials.expiry().is_some_and(|end| end > now + EARLY);
        if let Some(good) = cached.as_ref().filter(good) {
            return Ok(good.clone());
        }
        let found = self.found(region).await?;
        *cached = Some(found.clone());
        Ok(found)
    }

    /// The service said that they are over: they are found out anew.
    pub async fn forget(&self) {
        *self.cached.lock().await = None;
    }

    async fn found(&self, region: &str) -> Result<Credentials, SendError> {
        let region = Region::new(region.to_owned());
        let keys = match &self.keys {
            Some(keys) => Some(SharedCredentialsProvider::new(keys.credentials().await?)),
            None => None,
        };
        let config: SdkConfig = self.loader(Some(region.clone())).load().await;
        let Some(provider) = keys.or_else(|| config.credentials_provider()) else {
            return Err(SendError::new(SendErrorKind::Unauthorised, "there are no AWS credentials here"));
        };
        let Some(role) = &self.role else { return provider.provide_credentials().await.map_err(failed) };
        let session = role.session_name.as_deref().unwrap_or(SESSION);
        let mut taken = AssumeRoleProvider::builder(&role.arn).configure(&config).region(region).session_name(session);
        if !role.tags.is_empty() {
            taken = taken.tags(role.tags.clone());
        }
        if let Some(id) = &role.external_id {
            taken = taken.external_id(id);
        }
        taken.build_from_provider(provider).await.provide_credentials().await.map_err(failed)
    }

    fn loader(&self, region: Option<Region>) -> ConfigLoader {
        // the same TLS stack as everywhere else
        let client = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        let mut loader = aws_config::defaults(BehaviorVersion::latest()).http_client(client);
        if let Some(region) = region {
            loader = loader.region(region);
        }
        if let Some(profile) = &self.profile {
            loader = loader.profile_name(profile);
        }
        if self.fips { loader.use_fips(true) } else { loader }
    }
}

impl Keys {
    async fn credentials(&self) -> Result<Credentials, SendError> {
        let secret = self.secret_key.read().await.map_err(|why| SendError::new(SendErrorKind::Unauthorised, why))?;
        Ok(Credentials::new(&self.access_key, secret.expose_secret(), None, None, "configuration"))
    }
}

/// Nothing can be signed: where somebody has to mend it, the destination pauses.
fn failed(error: CredentialsError) -> SendError {
    let kind = match error {
        CredentialsError::ProviderTimedOut(_) | CredentialsError::ProviderError(_) => SendErrorKind::Retry,
        _ => SendErrorKind::Unauthorised,
    };
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    SendError::new(kind, format!("no AWS credentials: {}", Redactor::default().words(&words)))
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login")
    }
}
