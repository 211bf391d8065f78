//! incident.io's alert source for Alertmanager: Alertmanager's payload, ours beside it, with a token.
//!
//! It takes no files; pictures are linked in `images` and in each alert's `imageURL`, as in a webhook. What is too large is
//! answered as if it came too often, so the size is kept before it is sent.
//!
//! Deliberately unknown here: how the payload looks (`crate::payload`).

use std::{path::PathBuf, sync::Arc, time::Duration};

use alerts::{
    message::{Message, Receipt},
    ports::{
        Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, SendError, SendErrorKind, TextLimit,
        TextUnit, Way,
    },
};
use async_trait::async_trait;
use http::{Method, header::CONTENT_TYPE};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use crate::{
    builder::{self, Builder, exposed},
    config::{HttpConfig, Images, Secret, duration},
    payload,
    registry::Integration,
    sending::{Fitted, Http, Rehearsed, Reply, Vendor, fullest::fullest, refused::refused},
};

/// The largest body in bytes: 512 KB, whichever are meant.
const BODY: usize = 512_000;

/// How long a request may take if the configuration says nothing.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What can be configured of incident.io.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told.
    pub send_resolved: bool,
    /// The alert source's address, as incident.io shows it. It may have the token in it.
    pub url: Option<SecretString>,
    /// A file with it.
    pub url_file: Option<PathBuf>,
    /// The alert source's token.
    pub alert_source_token: Option<SecretString>,
    /// A file with it.
    pub alert_source_token_file: Option<PathBuf>,
    /// The most alerts of a message; 0: all that fit.
    pub max_alerts: usize,
    /// How long a request may take; 0: the default, ten seconds.
    #[serde(deserialize_with = "duration")]
    pub timeout: Option<Duration>,
    /// Options of the requests.
    pub http_config: Option<HttpConfig>,
    /// Whether pictures are linked.
    pub images: Images,
    /// The most pictures of a message.
    pub max_images: Option<usize>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            send_resolved: true,
            url: None,
            url_file: None,
            alert_source_token: None,
            alert_source_token_file: None,
            max_alerts: 0,
            timeout: None,
            http_config: None,
            images: Images::Auto,
            max_images: None,
        }
    }
}

impl Config {
    /// Everything to `base`.
    pub fn example(base: &str) -> Self {
        Self {
            url: Some(format!("{base}/v2/alert_events/alertmanager/01ABC").into()),
            alert_source_token: Some("source-token-secret".into()),
            ..Self::default()
        }
    }

    /// The token; none where the login is `http_config`'s.
    fn token(&self, builder: &mut Builder<'_>) -> Option<Option<Secret>> {
        let (inline, file) = (self.alert_source_token.as_ref(), self.alert_source_token_file.as_ref());
        let is_given = inline.is_some() || file.is_some();
        let http = self.http_config.as_ref().or(builder.context.globals.http_config.as_ref());
        let has_login = http.is_some_and(|http| http.authorization.is_some());
        match (is_given, has_login) {
            (true, true) if self.http_config.is_some() => {
                builder.problem("alert_source_token", "only one of it and http_config.authorization may be given");
                None
            }
            (true, _) => Some(Some(builder.secret("alert_source_token", inline, file)?)),
            (false, true) => Some(None),
            (false, false) => {
                builder.problem("alert_source_token", "is missing, and so is http_config.authorization");
                None
            }
        }
    }
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        if self.url.is_none() && self.url_file.is_none() {
            builder.problem("url", "is missing");
        }
        let url = builder.secret("url", self.url.as_ref(), self.url_file.as_ref());
        let now = exposed(url.as_ref().and_then(|url| url.read_now().ok()).as_ref());
        let now = now.and_then(|text| builder.url("url", &text));
        let token = self.token(builder);
        let http = builder.http(self.http_config.as_ref());
        let pictures = builder.pictures(self.images, self.max_images, able());
        let limits = Limits {
            title: TextLimit::UNLIMITED,
            text: TextLimit { unit: TextUnit::Bytes, max: BODY },
            pictures,
            // 1,200 requests a minute (https://api-docs.incident.io)
            pace: Pace { burst: 10, period: Duration::from_millis(50) },
            concurrency: 4,
            timeout: self.timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(TIMEOUT),
            editing: Editing::default(),
            send_resolved: self.send_resolved,
            destination: builder::url_destination(&now?),
            kind: "incidentio",
        };
        let (url, token, http, max_alerts) = (url?, token?, http?, self.max_alerts);
        Some(Arc::new(Fitted::new(IncidentIo { limits, http, url, token, max_alerts })))
    }

    fn vendor(&self) -> Vendor {
        vendor
    }
}

/// What incident.io says when all is well.
fn vendor(_: &Rehearsed) -> Reply {
    let body = json!({ "status": "success", "message": "Event accepted for processing", "deduplication_key": "1" });
    Reply { status: 202, body: body.to_string() }
}

fn able() -> PictureLimits {
    PictureLimits {
        ways: vec![Way::Link],
        max_count: 100,
        max_bytes: u64::MAX,
        max_total_bytes: u64::MAX,
        max_pixels: (u32::MAX, u32::MAX),
        formats: &[Format::Png, Format::Jpeg],
        late: LatePictures::No,
    }
}

struct IncidentIo {
    limits: Limits,
    http: Http,
    url: Secret,
    token: Option<Secret>,
    max_alerts: usize,
}

#[async_trait]
impl Channel for IncidentIo {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, _previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let wrong = |why: String| SendError::new(SendErrorKind::Unauthorised, why);
        let url = self.url.read().await.map_err(wrong)?;
        let url = Url::parse(url.expose_secret().trim()).map_err(|why| wrong(format!("url is not a URL: {why}")))?;
        let body = self.body(message)?;
        let token = match &self.token {
            Some(token) => Some(token.read().await.map_err(wrong)?),
            None => None,
        };
        let request = match &token {
            Some(token) => {
                let request = self.http.request_without_login(Method::POST, url.clone()).await?;
                request.bearer_auth(token.expose_secret())
            }
            None => self.http.request(Method::POST, url.clone()).await?,
        };
        let request = request.header(CONTENT_TYPE, "application/json").body(body);
        let answer = match token {
            Some(_) => self.http.send_once(request, self.limits.timeout).await?,
            None => self.http.send(request, self.limits.timeout).await?,
        };
        if answer.status.is_success() {
            return Ok(Receipt::default());
        }
        let redactor = self.http.secrets().await.with_url(&url).with(token);
        Err(refused(answer.failure(&redactor), message.pictures.len()))
    }
}

impl IncidentIo {
    /// The payload with as many alerts as fit.
    fn body(&self, message: &Message) -> Result<String, SendError> {
        let (shown, left_out) = payload::truncated(message, self.max_alerts);
        let render =
            |message: &Message, more_left_out: usize| payload::body(message, left_out + more_left_out, "1", None);
        let fits = |body: &Result<String, SendError>| body.as_ref().map_or(true, |body| body.len() <= BODY);
        fullest(&shown, render, fits).unwrap_or_else(|| {
            let error = SendError::new(SendErrorKind::Rejected, format!("one alert is larger than {BODY} bytes"));
            Err(refused(error, message.pictures.len()))
        })
    }
}
