//! What a configuration builds its channel with: it compiles, reads, chooses, and notes every problem under its key.
//!
//! Deliberately unknown here: any integration's own keys.

use std::{fmt::Write as _, path::PathBuf, sync::Arc};

use alerts::{
    ports::{Inbox, PictureLimits, Way},
    templates::{HtmlTemplate, Templates, TextTemplate},
};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use url::Url;

use crate::{
    config::{Globals, HttpConfig, Images, Secret, is_empty},
    sending::{Http, Vendor},
};

/// What channels are built with.
pub struct BuildContext<'a> {
    /// The loaded templates.
    pub templates: &'a Templates,
    /// The section `global`.
    pub globals: &'a Globals,
    /// The shared HTTP client: [`Http::shared`].
    pub http: &'a Http,
    /// The store of the inbox.
    pub inbox: Arc<dyn Inbox>,
    /// Whether pictures lie in a cloud store ([`alerts::ports::ImageStore::is_cloud`]): what can link then links.
    pub cloud_images: bool,
}

/// A problem of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct BuildError {
    /// The key: `receivers[0].slack_configs[1].title`.
    pub key: String,
    /// What is wrong, and what to do; never with a secret in it.
    pub problem: String,
}

/// Collects the problems of one integration while its parts are made.
pub struct Builder<'a> {
    /// What channels are built with.
    pub context: &'a BuildContext<'a>,
    at: String,
    vendor: Vendor,
    errors: Vec<BuildError>,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(at: String, context: &'a BuildContext<'a>, vendor: Vendor) -> Self {
        Self { context, at, vendor, errors: Vec::new() }
    }

    pub(crate) fn into_errors(self) -> Vec<BuildError> {
        self.errors
    }

    /// Notes a problem.
    pub fn problem(&mut self, key: &str, problem: impl Into<String>) {
        self.errors.push(BuildError { key: self.key(key), problem: problem.into() });
    }

    /// A text option: compiled, and tried on sample messages.
    pub fn text(&mut self, key: &str, source: &str) -> Option<TextTemplate> {
        let compiled = self.context.templates.text(&self.key(key), source);
        self.checked(key, compiled.and_then(|template| template.check().map(|()| template)))
    }

    /// The same for an option that is not there by default.
    pub fn optional_text(&mut self, key: &str, source: Option<&str>) -> Option<TextTemplate> {
        source.and_then(|source| self.text(key, source))
    }

    /// The same for HTML.
    pub fn html(&mut self, key: &str, source: &str) -> Option<HtmlTemplate> {
        let compiled = self.context.templates.html(&self.key(key), source);
        self.checked(key, compiled.and_then(|template| template.check().map(|()| template)))
    }

    /// A value that must be there, here or in the section `global` under `global_key`.
    pub fn required<T>(&mut self, key: &str, value: Option<T>, global_key: &str) -> Option<T> {
        if value.is_none() && global_key.is_empty() {
            self.problem(key, "is missing");
        } else if value.is_none() {
            self.problem(key, format!("is missing, and there is no global.{global_key} either"));
        }
        value
    }

    /// A secret from a key or from its `_file` twin; none if neither is given.
    pub fn secret(&mut self, key: &str, inline: Option<&SecretString>, file: Option<&PathBuf>) -> Option<Secret> {
        let secret = match (inline, file) {
            (Some(_), Some(_)) => {
                self.problem(key, format!("only one of {key} and {key}_file may be given"));
                return None;
            }
            (Some(inline), None) => Secret::Inline(inline.clone()),
            (None, Some(file)) => Secret::File(file.clone()),
            (None, None) => return None,
        };
        match secret.read_now() {
            Ok(text) if is_empty(&text) => self.problem(key, "is empty"),
            Ok(text) => {
                if let Some(rehearsal) = self.context.http.rehearsal() {
                    rehearsal.conceal(&text);
                }
                return Some(secret);
            }
            Err(why) => self.problem(&format!("{key}_file"), why),
        }
        None
    }

    /// A URL for HTTP. The text may be secret, so no problem repeats it.
    pub fn url(&mut self, key: &str, text: &str) -> Option<Url> {
        match Url::parse(text.trim()) {
            Ok(url) if !matches!(url.scheme(), "http" | "https") => {
                self.problem(key, format!("must begin with http:// or https://, not with {}:", url.scheme()));
                None
            }
            Ok(url) => Some(url),
            Err(why) => self.checked(key, Err(format!("is not a URL: {why}"))),
        }
    }

    /// The HTTP client of this integration: its own options, else the global ones, else the shared client.
    pub fn http(&mut self, config: Option<&HttpConfig>) -> Option<Http> {
        let Some(config) = config.or(self.context.globals.http_config.as_ref()) else {
            return Some(self.context.http.answered_by(self.vendor));
        };
        match self.context.http.configured(config) {
            Ok(http) => Some(http.answered_by(self.vendor)),
            Err((key, why)) => {
                self.problem(&format!("http_config.{key}"), why);
                None
            }
        }
    }

    /// The picture limits with `images` and `max_images` applied. `able` names all ways that the integration can take.
    pub fn pictures(&mut self, images: Images, max_images: Option<usize>, able: PictureLimits) -> PictureLimits {
        let ways = self.ways(images, &able.ways);
        if ways.is_empty() && matches!(images, Images::Upload | Images::Link) && max_images != Some(0) {
            let what = if images == Images::Upload { "take picture files" } else { "show pictures by their links" };
            self.problem("images", format!("this integration cannot {what}"));
        }
        PictureLimits { ways, max_count: max_images.unwrap_or(able.max_count).min(able.max_count), ..able }
    }

    fn ways(&self, images: Images, able: &[Way]) -> Vec<Way> {
        let links = || able.iter().copied().filter(|way| *way == Way::Link);
        let files = || able.iter().copied().filter(|way| *way != Way::Link);
        match images {
            Images::None => Vec::new(),
            Images::Link => links().collect(),
            Images::Upload => files().collect(),
            Images::Auto if self.context.cloud_images => links().chain(files()).collect(),
            // a link into our own house may not open from where the vendor or the reader is
            Images::Auto if files().next().is_some() => files().collect(),
            Images::Auto => links().collect(),
        }
    }

    fn checked<T>(&mut self, key: &str, result: Result<T, impl ToString>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(why) => {
                // template errors name the key themselves
                let why = why.to_string();
                let problem =
                    why.strip_prefix(&self.key(key)).map_or(why.as_str(), |rest| rest.trim_start_matches(": "));
                self.problem(key, problem);
                None
            }
        }
    }

    fn key(&self, key: &str) -> String {
        if key.is_empty() { self.at.clone() } else { format!("{}.{key}", self.at) }
    }
}

/// The hash of a destination: twelve hexadecimal digits of SHA-256.
pub(crate) fn destination(parts: &[&str]) -> String {
    let digest = Sha256::digest(parts.join("\n").as_bytes());
    digest.iter().take(6).fold(String::new(), |mut hash, byte| {
        let _ = write!(hash, "{byte:02x}");
        hash
    })
}

/// What names the destination of a URL: all but user, password and fragment.
pub(crate) fn url_destination(url: &Url) -> String {
    let mut url = url.clone();
    // both fail only for URLs without a host, which are not HTTP's
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);
    destination(&[url.as_str()])
}

/// A default that a secret may replace, as plain text.
pub(crate) fn exposed(secret: Option<&SecretString>) -> Option<String> {
    secret.map(|secret| secret.expose_secret().to_owned())
}
