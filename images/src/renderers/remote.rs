//! grafana-image-renderer: a service that photographs any page, asked at its `/render` (Grafana's section `rendering`). Of old
//! versions (Node) and new ones (Go).
//!
//! Its browser opens the page without any login: pages that it is to photograph must be open to it. Deliberately unknown here: what is
//! on the page.

use std::sync::Arc;

use alerts::ports::{RenderError, Rendered};
use async_trait::async_trait;
use http::{HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use tokio::{sync::Semaphore, time::Instant};
use url::Url;

use super::{Draw, drawn, left, pixels, unsupported};
use crate::{
    choose::http_url,
    content::Expected,
    error::{source, timeout},
    grafana::GrafanaSource,
    http::{Credentials, Http},
    job::{Job, Target},
    settings::{Look, RenderingConfig},
};

/// The renderer.
pub(crate) struct Remote {
    server: Url,
    callback: Option<Url>,
    token: Token,
    http: Http,
    sources: Arc<[Arc<GrafanaSource>]>,
    look: Look,
    /// It refuses what exceeds its own limit: rather wait here.
    permits: Semaphore,
}

enum Token {
    Value(SecretString),
    File(std::path::PathBuf),
}

impl Remote {
    /// Reads the section `rendering`.
    ///
    /// # Errors
    /// Everything that is wrong in it, one line each.
    pub(crate) fn build(
        config: &RenderingConfig,
        sources: Arc<[Arc<GrafanaSource>]>,
        look: Look,
    ) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let mut read = |key: &str, text: &str| {
            http_url(text).map_err(|problem| problems.push(format!("rendering.{key} {problem}"))).ok()
        };
        let server = match config.server_url.as_str() {
            "" => {
                problems.push("rendering.server_url is missing: the renderer \"remote\" asks it".to_owned());
                None
            }
            text => read("server_url", text),
        };
        let callback = (!config.callback_url.is_empty()).then_some(config.callback_url.as_str());
        let callback = callback.and_then(|text| {
            http_url(text).map_err(|problem| problems.push(format!("rendering.callback_url {problem}"))).ok()
        });
        let token = match (&config.renderer_token, &config.renderer_token_file) {
            (Some(_), Some(_)) => {
                problems.push("rendering.renderer_token and renderer_token_file exclude each other".to_owned());
                None
            }
            (_, Some(file)) => Some(Token::File(file.clone())),
            // the renderer's own default
            (token, None) => Some(Token::Value(token.clone().unwrap_or_else(|| "-".into()))),
        };
        let http = Credentials::new(None, (None, None), None).and_then(Http::new);
        let http = http.map_err(|problem| problems.push(format!("rendering: {problem}"))).ok();
        let limit = usize::try_from(config.concurrent_render_request_limit).unwrap_or(usize::MAX);
        let permits = Semaphore::new(limit.clamp(1, Semaphore::MAX_PERMITS));
        match (server, token, http) {
            (Some(server), Some(token), Some(http)) if problems.is_empty() => {
                Ok(Self { server, callback, token, http, sources, look, permits })
            }
            _ => Err(problems),
        }
    }

    /// The page that shows the panel.
    fn page(&self, job: &Job<'_>) -> Result<Url, RenderError> {
        match &job.target {
            Target::Page { url, .. } => Ok(url.clone()),
            Target::Dashboard { .. } => {
                let name = &job.capture.subject.source;
                let known = self.sources.iter().find(|source| source.name == *name);
                let known = known.ok_or_else(|| unsupported("the dashboard's source is not of type \"grafana\""))?;
                let page = known.panel_url("d-solo", job, &self.look);
                let page = page.ok_or_else(|| unsupported("it photographs pages and panels of dashboards"))?;
                Ok(self
                    .callback
                    .as_ref()
                    .map_or_else(|| page.clone(), |callback| elsewhere(&page, &known.url, callback)))
            }
            _ => Err(unsupported("it photographs pages and panels of dashboards")),
        }
    }

    async fn headers(&self) -> Result<HeaderMap, RenderError> {
        let token = match &self.token {
            Token::Value(token) => token.clone(),
            Token::File(path) => match tokio::fs::read_to_string(path).await {
                Ok(text) => SecretString::from(text.trim()),
                Err(error) => return Err(source(format!("cannot read {}: {error}", path.display()))),
            },
        };
        let value = HeaderValue::from_str(token.expose_secret());
        let mut value = value.map_err(|_| source("the renderer's token is no header value"))?;
        value.set_sensitive(true);
        Ok(HeaderMap::from_iter([(http::HeaderName::from_static("x-auth-token"), value)]))
    }
}

/// A page of one Grafana as the renderer's browser reaches it.
fn elsewhere(page: &Url, base: &Url, callback: &Url) -> Url {
    let mut moved = callback.clone();
    let below = page.path().strip_prefix(base.path().trim_end_matches('/')).unwrap_or(page.path());
    moved.set_path(&format!("{}{below}", callback.path().trim_end_matches('/')));
    moved.set_query(page.query());
    moved
}

#[async_trait]
impl Draw for Remote {
    fn name(&self) -> &'static str {
        "remote"
    }

    async fn draw(&self, job: &Job<'_>, deadline: Instant) -> Result<Rendered, RenderError> {
        let mut page = self.page(job)?;
        if matches!(job.target, Target::Dashboard { .. }) {
            page.query_pairs_mut().append_pair("render", "1");
        }
        let waiting = tokio::time::timeout_at(deadline, self.permits.acquire()).await;
        let _permit = waiting.map_err(|_| timeout("the image renderer is busy with other pictures"))?;
        let budget = left(deadline);
        let style = job.style;
        let mut url = self.server.clone();
        url.query_pairs_mut()
            .append_pair("url", page.as_str())
            .append_pair("width", &style.width.to_string())
            .append_pair("height", &style.height.to_string())
            .append_pair("deviceScaleFactor", &style.scale.to_string())
            .append_pair("timezone", self.look.timezone.iana_name().unwrap_or("UTC"))
            .append_pair("timeout", &budget.as_secs().max(1).to_string())
            .append_pair("domain", page.host_str().unwrap_or_default())
            .append_pair("renderKey", "")
            // newer versions make a PDF of what does not say
            .append_pair("encoding", "png");
        let file = self.http.picture(url, self.headers().await?, budget).await?;
        drawn(job, file, Expected { size: Some(pixels(&style)), not_blank: true }).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callback_takes_the_place_of_the_sources_address() {
        let check = |page: &str, base: &str, callback: &str, expected: &str| {
            let url = |text: &str| text.parse::<Url>().expect("a URL");
            assert_eq!(elsewhere(&url(page), &url(base), &url(callback)).as_str(), expected);
        };
        check(
            "https://g.test/d-solo/a/_?x=1",
            "https://g.test",
            "http://grafana:3000/",
            "http://grafana:3000/d-solo/a/_?x=1",
        );
        check(
            "https://g.test/graf/d-solo/a/_?x=1",
            "https://g.test/graf/",
            "http://h/sub",
            "http://h/sub/d-solo/a/_?x=1",
        );
    }
}
