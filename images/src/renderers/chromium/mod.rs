//! The renderer `chromium`: pages and panels of dashboards, photographed by one warm browser over its DevTools protocol.
//!
//! A page reaches configured hosts only, in two ways that do not know of each other: every request of a page is stopped and
//! judged ([`gate`]), and the browser resolves no other name ([`process`]). A Grafana's login goes with requests to that Grafana's
//! origin alone. Deliberately unknown here: what is on the page.

mod browser;
mod gate;
mod memory;
mod process;
mod shot;

use std::sync::Arc;

use alerts::ports::{RenderError, RenderErrorKind, Rendered};
use async_trait::async_trait;
use tokio::{sync::Semaphore, time::Instant};
use url::Url;

use self::{browser::Warm, gate::Rules, shot::Visit};
use super::{Draw, drawn, pixels, unsupported};
use crate::{
    content::Expected,
    error::{failed, timeout},
    grafana::GrafanaSource,
    job::{Job, Target},
    panels::{PanelRule, Shown},
    settings::{ChromiumConfig, Look},
};

/// The renderer.
pub(crate) struct Chromium {
    warm: Warm,
    sources: Arc<[Arc<GrafanaSource>]>,
    look: Look,
    allowed_hosts: Arc<[String]>,
    permits: Semaphore,
}

impl Chromium {
    /// Reads the section `chromium`; `panels` and `sources` say which hosts the browser may reach. Starts nothing.
    ///
    /// # Errors
    /// Everything that is wrong in it, one line each.
    pub(crate) fn build(
        config: &ChromiumConfig,
        sources: Arc<[Arc<GrafanaSource>]>,
        panels: &[PanelRule],
        look: Look,
        limit: usize,
    ) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let program = process::program(&config.path).map_err(|problem| problems.push(problem)).ok();
        for host in &config.allowed_hosts {
            if url::Host::parse(host).is_err() {
                problems.push(format!("chromium.allowed_hosts {host:?} is no host: write it as \"cdn.example.com\""));
            }
        }
        if config.max_pages == 0 || config.max_memory < 256 {
            let key =
                if config.max_pages == 0 { "max_pages must be at least 1" } else { "max_memory must be at least 256" };
            problems.push(format!("chromium.{key}"));
        }
        let Some(program) = program.filter(|_| problems.is_empty()) else { return Err(problems) };
        process::sweep_once();
        let pages = panels.iter().filter_map(|panel| match &panel.shown {
            Shown::Page { url, .. } => Url::parse(url.fixed_beginning()).ok(),
            _ => None,
        });
        let urls = pages.chain(sources.iter().map(|source| source.url.clone()));
        let hosts =
            urls.filter_map(|url| url.host_str().map(str::to_owned)).chain(config.allowed_hosts.iter().cloned());
        let launch = process::Launch {
            program,
            sandbox: config.sandbox,
            args: config.args.clone(),
            hosts: hosts.collect::<std::collections::BTreeSet<_>>().into_iter().collect(),
        };
        let permits = Semaphore::new(limit.clamp(1, Semaphore::MAX_PERMITS));
        let warm = Warm::new(launch, config.max_pages, config.max_memory.saturating_mul(1 << 20));
        Ok(Self { warm, sources, look, allowed_hosts: config.allowed_hosts.clone().into(), permits })
    }

    async fn visit(&self, job: &Job<'_>) -> Result<Visit, RenderError> {
        let rules = |url: &Url| Rules { page: url.clone(), allowed_hosts: self.allowed_hosts.clone(), login: None };
        let visit = |url: Url, rules: Rules| Visit {
            url,
            rules,
            who: String::new(),
            selector: None,
            wait_for: None,
            dashboard: false,
            style: job.style,
            timezone: self.look.timezone.iana_name().unwrap_or("UTC").to_owned(),
        };
        match &job.target {
            Target::Page { url, selector, wait_for } => {
                let mut url = url.clone();
                // never from a configuration, which is refused; but a login in an address would be in every log line
                let _ = (url.set_username(""), url.set_password(None));
                let visit = visit(url.clone(), rules(&url));
                Ok(Visit { selector: selector.clone(), wait_for: wait_for.clone(), ..visit })
            }
            Target::Dashboard { .. } => {
                let name = &job.capture.subject.source;
                let source = self.sources.iter().find(|source| source.name == *name);
                let source = source.ok_or_else(|| unsupported("the dashboard's source is not of type \"grafana\""))?;
                let url = source.panel_url("d-solo", job, &self.look);
                let url = url.ok_or_else(|| unsupported("it photographs pages and panels of dashboards"))?;
                let login = source.http.authorization(&source.url).await?;
                let visit = visit(url.clone(), Rules { login, ..rules(&url) });
                Ok(Visit { who: source.name.clone(), dashboard: true, ..visit })
            }
            _ => Err(unsupported("it photographs pages and panels of dashboards")),
        }
    }
}

#[async_trait]
impl Draw for Chromium {
    fn name(&self) -> &'static str {
        "chromium"
    }

    async fn draw(&self, job: &Job<'_>, deadline: Instant) -> Result<Rendered, RenderError> {
        let visit = self.visit(job).await?;
        let waiting = tokio::time::timeout_at(deadline, self.permits.acquire()).await;
        let _permit = waiting.map_err(|_| timeout("the browser is busy with other pictures"))?;
        let size = visit.selector.is_none().then(|| pixels(&job.style));
        let file = shot::take(&self.warm, visit, deadline).await?;
        drawn(job, file, Expected { size, not_blank: true }).await
    }
}

fn source(what: impl Into<String>) -> RenderError {
    failed(RenderErrorKind::Source, what)
}
