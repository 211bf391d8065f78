//! As whom requests are sent, and with which headers: checked at load, read at each request, so that files can be renewed.
//!
//! Deliberately unknown here: how a token is got (that is [`super::oauth2`]), how requests are sent.

use std::{path::PathBuf, sync::Arc};

use alerts::ports::{SendError, SendErrorKind};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, header::AUTHORIZATION};
use secrecy::{ExposeSecret, SecretString};

use super::{oauth2::Tokens, proxy::sensitive, tls::Problem};
use crate::{
    config::{HttpConfig, Secret},
    sending::redact::Redactor,
};

/// Headers that are the program's own, or would break a request (`prometheus/common`, `config/headers.go`).
const RESERVED: [&str; 18] = [
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "user-agent",
    "www-authenticate",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
    "x-prometheus-remote-read-version",
    "x-prometheus-remote-write-version",
    "x-prometheus-scrape-timeout-seconds",
];

/// What goes with each request.
#[derive(Default)]
pub struct Credentials {
    login: Option<Login>,
    headers: Vec<(HeaderName, Secret)>,
}

enum Login {
    Basic(Option<Secret>, Option<Secret>),
    Other(String, Secret),
    Tokens(Arc<Tokens>),
}

impl Credentials {
    /// What a configuration asks for.
    ///
    /// # Errors
    /// The key that is wrong, and why.
    pub fn new(config: &HttpConfig) -> Result<Self, Problem> {
        Ok(Self { login: login(config)?, headers: headers(config)? })
    }

    /// Whether there is anything to add to a request.
    pub fn is_empty(&self) -> bool {
        self.login.is_none() && self.headers.is_empty()
    }

    /// The source of tokens, if requests carry some.
    pub fn tokens(&self) -> Option<&Arc<Tokens>> {
        match &self.login {
            Some(Login::Tokens(tokens)) => Some(tokens),
            _ => None,
        }
    }

    /// The configured headers, with `Authorization` if `login` says so.
    ///
    /// # Errors
    /// When a file cannot be read, or no token is to be had.
    pub async fn headers(&self, login: bool) -> Result<HeaderMap, SendError> {
        let mut all = HeaderMap::new();
        for (name, value) in &self.headers {
            let value = sensitive(&read(value).await?);
            all.append(name, value.ok_or_else(|| wrong(format!("http_headers.{name}: is no value of a header")))?);
        }
        if let Some(login) = self.login.as_ref().filter(|_| login) {
            all.insert(AUTHORIZATION, login.header().await?);
        }
        Ok(all)
    }

    /// All secrets as of now: what answers must not be shown with.
    pub async fn secrets(&self) -> Redactor {
        let mut secrets = Vec::new();
        for (_, value) in &self.headers {
            secrets.extend(value.read().await.ok());
        }
        match &self.login {
            Some(Login::Basic(_, Some(secret)) | Login::Other(_, secret)) => secrets.extend(secret.read().await.ok()),
            Some(Login::Tokens(tokens)) => secrets.extend(tokens.secrets().await),
            _ => {}
        }
        if let Some(header) = self.basic_header().await {
            secrets.push(header);
        }
        Redactor::new(secrets)
    }

    /// Name and password as they go over the wire: a server may repeat them so.
    async fn basic_header(&self) -> Option<SecretString> {
        let Some(login @ Login::Basic(..)) = &self.login else { return None };
        let header = login.header().await.ok()?;
        Some(SecretString::from(header.to_str().ok()?.trim_start_matches("Basic ")))
    }
}

impl Login {
    async fn header(&self) -> Result<HeaderValue, SendError> {
        let text = match self {
            Login::Basic(user, password) => {
                let user = optional(user.as_ref()).await?;
                let password = optional(password.as_ref()).await?;
                let pair = format!("{}:{}", user.expose_secret(), password.expose_secret());
                format!("Basic {}", STANDARD.encode(pair))
            }
            Login::Other(scheme, secret) => format!("{scheme} {}", read(secret).await?.expose_secret()),
            Login::Tokens(tokens) => return tokens.header().await,
        };
        sensitive(&text.into()).ok_or_else(|| wrong("the credentials are no value of a header".to_owned()))
    }
}

async fn optional(secret: Option<&Secret>) -> Result<SecretString, SendError> {
    match secret {
        Some(secret) => read(secret).await,
        None => Ok(SecretString::from("")),
    }
}

/// A secret as of now.
///
/// # Errors
/// When its file cannot be read.
pub async fn read(secret: &Secret) -> Result<SecretString, SendError> {
    secret.read().await.map_err(wrong)
}

fn wrong(why: String) -> SendError {
    SendError::new(SendErrorKind::Unauthorised, why)
}

fn login(config: &HttpConfig) -> Result<Option<Login>, Problem> {
    let bearer = one_of("bearer_token", config.bearer_token.as_ref(), config.bearer_token_file.as_ref())?;
    let given = [
        ("basic_auth", config.basic_auth.is_some()),
        ("authorization", config.authorization.is_some()),
        ("bearer_token", bearer.is_some()),
        ("oauth2", config.oauth2.is_some()),
    ];
    let mut given = given.into_iter().filter(|(_, given)| *given).map(|(key, _)| key);
    if let (Some(first), Some(second)) = (given.next(), given.next()) {
        return Err((second, format!("only one of {first} and {second} may be given")));
    }
    if let Some(token) = bearer {
        return Ok(Some(Login::Other("Bearer".to_owned(), token)));
    }
    if let Some(basic) = &config.basic_auth {
        let user = basic.username.clone().map(SecretString::from);
        let user = one_of("basic_auth.username", user.as_ref(), basic.username_file.as_ref())?;
        let password = one_of("basic_auth.password", basic.password.as_ref(), basic.password_file.as_ref())?;
        return Ok(Some(Login::Basic(user, password)));
    }
    if let Some(other) = &config.authorization {
        let key = "authorization.credentials";
        let scheme = other.scheme.as_deref().map(str::trim).filter(|scheme| !scheme.is_empty()).unwrap_or("Bearer");
        if scheme.eq_ignore_ascii_case("basic") {
            return Err(("authorization.type", "cannot be Basic: that is basic_auth".to_owned()));
        }
        let secret = one_of(key, other.credentials.as_ref(), other.credentials_file.as_ref())?;
        let secret = secret.ok_or_else(|| (key, "is missing".to_owned()))?;
        return Ok(Some(Login::Other(scheme.to_owned(), secret)));
    }
    Ok(config.oauth2.as_ref().map(Tokens::new).transpose()?.map(|tokens| Login::Tokens(Arc::new(tokens))))
}

fn headers(config: &HttpConfig) -> Result<Vec<(HeaderName, Secret)>, Problem> {
    let mut all = Vec::new();
    for (text, header) in &config.http_headers {
        let name = HeaderName::from_bytes(text.as_bytes())
            .map_err(|_| ("http_headers", format!("{text:?} is not a header's name")))?;
        if RESERVED.contains(&name.as_str()) {
            return Err(("http_headers", format!("{text} cannot be set: it is set by what sends or asks")));
        }
        let values = header.values.iter().map(|value| Secret::Inline(value.as_str().into()));
        let secrets = header.secrets.iter().cloned().map(Secret::Inline);
        let files = header.files.iter().cloned().map(Secret::File);
        for value in values.chain(secrets).chain(files) {
            let now = value.read_now().map_err(|why| ("http_headers", format!("{text}: {why}")))?;
            sensitive(&now).ok_or_else(|| ("http_headers", format!("{text}: is no value of a header")))?;
            all.push((name.clone(), value));
        }
    }
    Ok(all)
}

/// A secret from a key or from its `_file` twin.
///
/// # Errors
/// When both are given, or the file cannot be read.
pub fn one_of(
    key: &'static str,
    inline: Option<&SecretString>,
    file: Option<&PathBuf>,
) -> Result<Option<Secret>, Problem> {
    let inline = inline.filter(|secret| !secret.expose_secret().is_empty());
    let secret = match (inline, file) {
        (Some(_), Some(_)) => return Err((key, "only one of the key and its _file twin may be given".to_owned())),
        (Some(inline), None) => Secret::Inline(inline.clone()),
        (None, Some(file)) => Secret::File(file.clone()),
        (None, None) => return Ok(None),
    };
    secret.read_now().map_err(|why| (key, why))?;
    Ok(Some(secret))
}
