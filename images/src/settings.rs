//! The sections `[[sources]]`, `[screenshots]`, `[rendering]` and `[chromium]` of the configuration.
//!
//! Deliberately unknown here: files, `${ENV}` and error positions (the configuration's), and every other section.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use charts::{Style, Theme};
use jiff::tz::TimeZone;
use secrecy::SecretString;
use serde::Deserialize;

pub use crate::connection::TlsConfig;
use crate::{label_text::LabelText, panels::PanelConfig};

/// One `[[sources]]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceConfig {
    /// What logs and picture records call it.
    pub name: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: SourceKind,
    /// Where it is, with the path before `/api/v1`: `http://localhost:9090`. Not for `demo`.
    #[serde(default)]
    pub url: String,
    /// How it calls itself in `generatorURL` (Prometheus's `--web.external-url`); `url` always counts.
    #[serde(default)]
    pub external_urls: Vec<String>,
    /// Alerts whose `generatorURL` fits no source are this source's when these match: `cluster="eu"`.
    #[serde(default)]
    pub matchers: Vec<String>,
    /// A user name and a password.
    #[serde(default)]
    pub basic_auth: Option<BasicAuth>,
    /// A token, sent as `Authorization: Bearer`.
    #[serde(default)]
    pub bearer_token: Option<SecretString>,
    /// A file with that token, read for each request.
    #[serde(default)]
    pub bearer_token_file: Option<PathBuf>,
    /// Mimir's and Loki's tenant, sent as `X-Scope-OrgID`.
    #[serde(default)]
    pub tenant: Option<String>,
    /// Further headers of each request, for gateways.
    #[serde(default)]
    pub headers: BTreeMap<String, SecretString>,
    /// TLS options, where the system's certificates do not do.
    #[serde(default)]
    pub tls_config: Option<TlsConfig>,
    /// The proxy that is asked in place of the one in the environment.
    #[serde(default)]
    pub proxy_url: Option<SecretString>,
    /// Where the rules are, if elsewhere than the series (vmalert, Thanos Ruler), with the path before `/api/v1`.
    #[serde(default)]
    pub rules_url: Option<String>,
    /// Variables of a Grafana's dashboards: `node = "{{ $labels.instance }}"`. One whose label is missing keeps its default.
    #[serde(default)]
    pub variables: BTreeMap<String, LabelText>,
    /// The organisation of a Grafana, where it has several.
    #[serde(default)]
    pub org_id: Option<u64>,
    /// The longest that one request may take, whatever is left of the capture's time.
    #[serde(default = "default_timeout", with = "alerts::duration::text")]
    pub timeout: Duration,
    /// The most series that a query may answer.
    #[serde(default = "default_max_series")]
    pub max_series: usize,
    /// The most samples that a query may answer.
    #[serde(default = "default_max_samples")]
    pub max_samples: usize,
}

/// The types of sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// Anything that speaks Prometheus's query API: Prometheus, Mimir, Thanos, VictoriaMetrics.
    Prometheus,
    /// A Loki: metric queries are drawn as series, log queries as lines.
    Loki,
    /// A Grafana: its dashboards' panels.
    Grafana,
    /// Built-in series that need no network.
    Demo,
}

/// HTTP basic authentication.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BasicAuth {
    /// The user name.
    pub username: String,
    /// The password.
    #[serde(default)]
    pub password: Option<SecretString>,
    /// A file with the password, read for each request.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
}

const fn default_timeout() -> Duration {
    Duration::from_secs(10)
}

/// Enough for a thousand alerts of one rule, each with a series of its own, twice over.
const fn default_max_series() -> usize {
    2_000
}

/// A thousand series of a thousand samples: 16 MB.
const fn default_max_samples() -> usize {
    1_000_000
}

impl SourceConfig {
    /// A source of this name and type with the defaults.
    pub fn new(name: impl Into<String>, kind: SourceKind, url: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind,
            url: url.into(),
            external_urls: Vec::new(),
            matchers: Vec::new(),
            basic_auth: None,
            bearer_token: None,
            bearer_token_file: None,
            tenant: None,
            headers: BTreeMap::new(),
            tls_config: None,
            proxy_url: None,
            rules_url: None,
            variables: BTreeMap::new(),
            org_id: None,
            timeout: default_timeout(),
            max_series: default_max_series(),
            max_samples: default_max_samples(),
        }
    }
}

/// `[screenshots]`; the first five keys are Grafana's.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScreenshotsConfig {
    /// Whether pictures are taken at all.
    pub capture: bool,
    /// The longest that a picture may take, queueing included; at most 30 s, as in Grafana.
    #[serde(with = "alerts::duration::text")]
    pub capture_timeout: Duration,
    /// The most pictures that are taken at once.
    pub max_concurrent_screenshots: usize,
    /// Whether pictures go to the `external_image_storage`.
    pub upload_external_image_storage: bool,
    /// How long a message waits for its pictures.
    #[serde(with = "alerts::duration::text")]
    pub image_wait: Duration,
    /// Whether a message that only repeats what was told has pictures as of then.
    pub refresh_on_repeat: bool,
    /// The renderers, in the order in which they are tried.
    pub renderers: Vec<RendererKind>,
    /// The width of pictures in points.
    pub width: u32,
    /// Their height in points.
    pub height: u32,
    /// Pixels per point, 1 or 2.
    pub scale: u8,
    /// The colours.
    pub theme: ThemeName,
    /// The time zone of the time axis, an IANA name.
    pub timezone: String,
    /// The shortest window.
    #[serde(with = "alerts::duration::text")]
    pub range: Duration,
    /// How long pictures are kept after they were last sent.
    #[serde(with = "alerts::duration::text")]
    pub retention: Duration,
}

/// The renderers there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RendererKind {
    /// Asks the source for series and draws them here.
    Native,
    /// Asks a source of type `grafana` for a picture of its panel.
    Grafana,
    /// Asks a grafana-image-renderer for a picture of a page (section `rendering`).
    Remote,
    /// Photographs a page with a browser of its own (section `chromium`).
    Chromium,
    /// Fetches the picture of an `image_url`.
    Http,
}

/// The sets of colours there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeName {
    /// Light on dark.
    Dark,
    /// Dark on light.
    Light,
}

impl Default for ScreenshotsConfig {
    fn default() -> Self {
        Self {
            capture: true,
            capture_timeout: Duration::from_secs(10),
            max_concurrent_screenshots: 5,
            upload_external_image_storage: false,
            image_wait: Duration::from_secs(2),
            refresh_on_repeat: false,
            renderers: vec![RendererKind::Native, RendererKind::Grafana, RendererKind::Http],
            width: 1_000,
            height: 500,
            scale: 1,
            theme: ThemeName::Dark,
            timezone: "UTC".to_owned(),
            range: Duration::from_secs(3_600),
            retention: Duration::from_secs(30 * 86_400),
        }
    }
}

/// `[rendering]`, Grafana's keys for its image renderer.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct RenderingConfig {
    /// The renderer's `/render`.
    pub server_url: String,
    /// How the renderer's browser reaches what it draws, in place of a Grafana source's `url`.
    pub callback_url: String,
    /// Sent as `X-Auth-Token`.
    pub renderer_token: Option<SecretString>,
    /// A file with it, read for each request.
    pub renderer_token_file: Option<PathBuf>,
    /// The most requests to the renderer at once.
    pub concurrent_render_request_limit: u32,
}

impl Default for RenderingConfig {
    fn default() -> Self {
        Self {
            server_url: String::new(),
            callback_url: String::new(),
            renderer_token: None,
            renderer_token_file: None,
            concurrent_render_request_limit: 30,
        }
    }
}

/// `[chromium]`, the browser of the renderer of that name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChromiumConfig {
    /// The program; empty: the first of chromium, chromium-browser, google-chrome and chrome on `PATH`.
    pub path: String,
    /// Whether pages are held in Chromium's sandbox. It cannot hold them where it runs as root.
    pub sandbox: bool,
    /// Further arguments.
    pub args: Vec<String>,
    /// Other hosts that pages may load from (fonts, scripts); a page always may from its own.
    pub allowed_hosts: Vec<String>,
    /// The memory in MiB beyond which the browser is started anew.
    pub max_memory: u64,
    /// The number of pages after which it is started anew.
    pub max_pages: u32,
}

impl Default for ChromiumConfig {
    fn default() -> Self {
        Self {
            path: String::new(),
            sandbox: true,
            args: Vec::new(),
            allowed_hosts: Vec::new(),
            max_memory: 1_024,
            max_pages: 200,
        }
    }
}

/// The sections that renderers are built of.
#[derive(Clone, Copy, Debug)]
pub struct Sections<'a> {
    /// `[[sources]]`.
    pub sources: &'a [SourceConfig],
    /// `[[panels]]`.
    pub panels: &'a [PanelConfig],
    /// `[screenshots]`.
    pub screenshots: &'a ScreenshotsConfig,
    /// `[rendering]`.
    pub rendering: &'a RenderingConfig,
    /// `[chromium]`.
    pub chromium: &'a ChromiumConfig,
}

/// How pictures look, validated.
#[derive(Clone, Debug)]
pub struct Look {
    /// Size and colours.
    pub style: Style,
    /// The time zone of the time axis.
    pub timezone: TimeZone,
    /// The shortest window.
    pub range: Duration,
}

impl Look {
    /// The theme as Grafana calls it.
    pub(crate) const fn theme_name(&self) -> &'static str {
        match self.style.theme {
            Theme::Dark => "dark",
            Theme::Light => "light",
        }
    }
}

impl ScreenshotsConfig {
    /// How pictures look.
    ///
    /// # Errors
    /// Everything that is wrong in this section, one line each.
    pub fn look(&self) -> Result<Look, Vec<String>> {
        let mut problems = Vec::new();
        let style = Style {
            width: self.width,
            height: self.height,
            scale: self.scale,
            theme: match self.theme {
                ThemeName::Dark => Theme::Dark,
                ThemeName::Light => Theme::Light,
            },
        };
        if let Err(problem) = drawable(&style) {
            problems.push(problem);
        }
        if self.capture_timeout.is_zero() || self.capture_timeout > Duration::from_secs(30) {
            problems.push("screenshots.capture_timeout must be more than 0s and at most 30s".to_owned());
        }
        if self.max_concurrent_screenshots == 0 {
            problems.push("screenshots.max_concurrent_screenshots must be at least 1".to_owned());
        }
        if self.renderers.is_empty() {
            problems.push(
                "screenshots.renderers is empty: use [\"native\"], or capture = false for no pictures".to_owned(),
            );
        }
        let timezone = TimeZone::get(&self.timezone).unwrap_or_else(|error| {
            problems.push(format!("screenshots.timezone {:?}: {error}", self.timezone));
            TimeZone::UTC
        });
        if problems.is_empty() { Ok(Look { style, timezone, range: self.range }) } else { Err(problems) }
    }
}

/// Whether charts draws pictures of this size: asked of charts itself, which owns the limits.
fn drawable(style: &Style) -> Result<(), String> {
    let empty = charts::Panel::new("", 0, 0);
    charts::render(&empty, style).map(drop).map_err(|error| format!("screenshots.width, height and scale: {error}"))
}
