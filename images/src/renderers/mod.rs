//! The renderers in their configured order: each is tried with what is left of the time, until one draws the panel.
//!
//! Deliberately unknown here: how any of them draws, how often pictures are asked for (the gate sees to that).

mod breaker;
#[cfg(feature = "chromium")]
pub(crate) mod chromium;
pub(crate) mod grafana;
mod guarded;
pub(crate) mod image;
pub(crate) mod remote;

use std::{sync::Arc, time::Duration};

use alerts::{
    Alert,
    picture::Subject,
    ports::{Capture, NoPicture, RenderError, RenderErrorKind, Rendered, Renderer},
};
use async_trait::async_trait;
use bytes::Bytes;
use tokio::time::Instant;

pub(crate) use self::breaker::{Breaker, Outcome};
pub(crate) use self::guarded::Guarded;
use crate::{
    choose::Chooser,
    content::{Expected, look_at},
    error::{failed, timeout},
    job::{Job, Jobs, Target},
    own::{self, Drawer, Spool},
};

/// One renderer.
#[async_trait]
pub(crate) trait Draw: Send + Sync {
    /// Its name in the configuration, in logs and in metrics.
    fn name(&self) -> &'static str;

    /// Draws the panel before the deadline. What it cannot draw at all is an error of the kind
    /// [`RenderErrorKind::Unsupported`], given at once: the next one is tried.
    async fn draw(&self, job: &Job<'_>, deadline: Instant) -> Result<Rendered, RenderError>;

    /// Whether its failures are its own, so that it is left alone after several. The native renderer's are its sources'.
    fn has_breaker(&self) -> bool {
        true
    }
}

/// Who wants to know what renderers and sources do: metrics.
pub trait Watch: Send + Sync {
    /// A renderer was tried: `drawn`, or the kind of failure.
    fn tried(&self, renderer: &'static str, outcome: &'static str, took: Duration);

    /// A breaker opened or closed; `name` is that of the renderer, `source/<name>` or `store/<provider>/<operation>`.
    fn breaker(&self, name: &str, open: bool);

    /// A provider of the image stores was asked: `ok`, `not_found`, `failed` or `timeout`.
    fn stored(&self, provider: &'static str, operation: &'static str, outcome: &'static str, took: Duration);
}

/// Nobody wants to know.
pub struct Unwatched;

impl Watch for Unwatched {
    fn tried(&self, _: &'static str, _: &'static str, _: Duration) {}

    fn breaker(&self, _: &str, _: bool) {}

    fn stored(&self, _: &'static str, _: &'static str, _: &'static str, _: Duration) {}
}

/// All configured renderers, and what says which panel belongs to an alert.
pub struct Renderers {
    chooser: Chooser,
    jobs: Jobs,
    links: Vec<Link>,
    /// What draws the pictures that alerts bring.
    own: Option<Drawer>,
    watch: Arc<dyn Watch>,
}

struct Link {
    renderer: Arc<dyn Draw>,
    breaker: Option<Breaker>,
}

impl Renderers {
    pub(crate) fn new(chooser: Chooser, jobs: Jobs, renderers: Vec<Arc<dyn Draw>>, watch: Arc<dyn Watch>) -> Self {
        let link = |renderer: Arc<dyn Draw>| {
            let breaker = renderer.has_breaker().then(|| Breaker::new(renderer.name(), watch.clone()));
            Link { renderer, breaker }
        };
        Self { chooser, jobs, links: renderers.into_iter().map(link).collect(), own: None, watch }
    }

    /// The same with the spool of the pictures that alerts bring.
    #[must_use]
    pub fn with_own(self, spool: Arc<Spool>) -> Self {
        let own = Some(Drawer { spool, look: self.jobs.look.clone() });
        Self { own, ..self }
    }

    async fn draw_own(&self, name: &str, capture: &Capture, deadline: Instant) -> Result<Rendered, RenderError> {
        let own = self.own.as_ref().ok_or_else(|| unsupported("pictures that alerts bring are not kept here"))?;
        let began = Instant::now();
        let late = || timeout(format!("it was not finished within {} ms", (deadline - began).as_millis()));
        let drawn = tokio::time::timeout_at(deadline, own.draw(name, capture)).await.unwrap_or_else(|_| Err(late()));
        let outcome = drawn.as_ref().map_or_else(|error| error.kind.as_str(), |_| "drawn");
        self.watch.tried("own", outcome, began.elapsed());
        drawn
    }

    async fn try_one(&self, link: &Link, job: &Job<'_>, deadline: Instant) -> Result<Rendered, RenderError> {
        let permit = link.breaker.as_ref().map(Breaker::enter).transpose()?;
        let began = Instant::now();
        let late = || timeout(format!("it was not finished within {} ms", (deadline - began).as_millis()));
        let drawing = tokio::time::timeout_at(deadline, link.renderer.draw(job, deadline));
        let drawn = drawing.await.unwrap_or_else(|_| Err(late()));
        let outcome = drawn.as_ref().map_or_else(|error| error.kind.as_str(), |_| "drawn");
        self.watch.tried(link.renderer.name(), outcome, began.elapsed());
        if let Some(permit) = permit {
            permit.leave(Outcome::of(&drawn));
        }
        drawn
    }
}

#[async_trait]
impl Renderer for Renderers {
    fn subject(&self, alert: &Alert) -> Result<Subject, NoPicture> {
        self.chooser.subject(alert)
    }

    fn only_own(&self) -> bool {
        self.chooser.is_empty()
    }

    async fn render(&self, capture: &Capture, budget: Duration) -> Result<Rendered, RenderError> {
        let deadline = Instant::now() + budget;
        if let Some(name) = own::name_of(&capture.subject) {
            return self.draw_own(name, capture, deadline).await;
        }
        let job = self.jobs.of(capture)?;
        let mut failures: Vec<(&'static str, RenderError)> = Vec::new();
        for link in &self.links {
            if Instant::now() >= deadline {
                break;
            }
            match self.try_one(link, &job, deadline).await {
                Ok(rendered) => {
                    for (renderer, error) in &failures {
                        tracing::debug!(renderer, %error, panel = capture.subject.panel, "another renderer took the picture");
                    }
                    return Ok(rendered);
                }
                Err(error) => failures.push((link.renderer.name(), error)),
            }
        }
        Err(together(failures))
    }
}

/// One error of several: of those for whom the panel was, if there were any; the first gives the kind, all give their words.
fn together(mut failures: Vec<(&'static str, RenderError)>) -> RenderError {
    if failures.iter().any(|(_, error)| error.kind != RenderErrorKind::Unsupported) {
        failures.retain(|(_, error)| error.kind != RenderErrorKind::Unsupported);
    }
    if failures.len() == 1 {
        return failures.remove(0).1;
    }
    let kind = failures.first().map_or(RenderErrorKind::Timeout, |(_, error)| error.kind);
    let words: Vec<String> = failures.iter().map(|(name, error)| format!("{name}: {error}")).collect();
    failed(kind, if words.is_empty() { "no renderer was tried in time".to_owned() } else { words.join("; ") })
}

/// A picture that another renderer made, looked at.
async fn drawn(job: &Job<'_>, file: Bytes, expected: Expected) -> Result<Rendered, RenderError> {
    let looking = tokio::task::spawn_blocking(move || look_at(&file, expected));
    let looked = looking.await.map_err(|error| failed(RenderErrorKind::Drawing, error.to_string()))??;
    let title = job.title.clone().unwrap_or_else(|| crate::panel::title(job.capture, None));
    let alt = format!("{title}: {} from {} to {}", what(&job.target), job.window.from, job.window.to);
    Ok(Rendered { png: looked.png, width: looked.width, height: looked.height, title, alt })
}

fn what(target: &Target) -> String {
    match target {
        Target::Dashboard { uid, panel, .. } => format!("panel {panel} of dashboard {uid}"),
        Target::Image(url) | Target::Page { url, .. } => format!("picture of {}", url.host_str().unwrap_or_default()),
        Target::Rule | Target::Query { .. } => "panel".to_owned(),
    }
}

/// The size that is asked for, in pixels.
fn pixels(style: &charts::Style) -> (u32, u32) {
    (style.width * u32::from(style.scale), style.height * u32::from(style.scale))
}

fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}

fn unsupported(detail: &str) -> RenderError {
    failed(RenderErrorKind::Unsupported, detail)
}
