//! The native renderer: asks the source for the series of the rule's own expression, or for those of a dashboard's panel, and draws them.
//!
//! Deliberately unknown here: what asks it and how often (the gate sees to that), where the file goes.

use std::{future::Future, sync::Arc, time::Duration};

use alerts::{
    LabelSet, Time,
    ports::{Capture, Clock, RenderError, RenderErrorKind, Rendered},
};
use async_trait::async_trait;
use bytes::Bytes;
use charts::{Figure, Panel};
use tokio::{sync::Semaphore, time::Instant};

use crate::{
    choose::Recognition,
    dashboards::{Asked, Dashboards},
    demo::Demo,
    error::{failed, timeout},
    expression::{Curve, Drawn, Expression, Level, Line, Narrowing, Scope},
    job::{Job, Target},
    links::{expression_in, numbered_in},
    loki::Loki,
    panel::{Parts, compose},
    prometheus::Prometheus,
    renderers::{Draw, Guarded, Watch},
    rules::{Rule, Wanted},
    series::{Answered, AnsweredLevel, AnsweredLine},
    settings::{Look, SourceConfig, SourceKind},
    source::{Samples, Source},
    window::{Episode, Window},
};

/// The share of the time that looking up the rule may take: without the rule there is still the expression in the link.
const RULE_SHARE: u32 = 3;

/// Draws pictures of the configured sources.
pub struct Native {
    sources: Vec<NamedSource>,
    dashboards: Vec<Dashboards>,
    look: Look,
    /// One permit for each core: more drawings at once only take longer each.
    cores: Arc<Semaphore>,
}

/// A source by its configured name.
pub(crate) struct NamedSource {
    pub(crate) name: String,
    pub(crate) source: Arc<dyn Source>,
}

/// A source and what it is recognised by.
pub(crate) struct ConfiguredSource {
    pub(crate) recognition: Recognition,
    pub(crate) source: Arc<dyn Source>,
}

impl ConfiguredSource {
    /// Builds what a section describes.
    ///
    /// # Errors
    /// Everything that is wrong in it, one line each.
    pub fn build(config: &SourceConfig, clock: &Arc<dyn Clock>, watch: &Arc<dyn Watch>) -> Result<Self, Vec<String>> {
        let own_urls = [Some(config.url.as_str()), config.rules_url.as_deref()];
        let own_urls = own_urls.into_iter().flatten().filter(|_| config.kind != SourceKind::Demo);
        let urls: Vec<&str> = own_urls.chain(config.external_urls.iter().map(String::as_str)).collect();
        let source: Result<Arc<dyn Source>, _> = match config.kind {
            SourceKind::Prometheus => Prometheus::build(config, clock).map(|source| guarded(config, source, watch)),
            SourceKind::Loki => Loki::build(config, clock).map(|source| guarded(config, source, watch)),
            SourceKind::Grafana => Err(vec!["a Grafana is no source of series".to_owned()]),
            SourceKind::Demo => Ok(Arc::new(Demo::new(clock.now()))),
        };
        match (Recognition::new(&config.name, &urls, &config.matchers), source) {
            (Ok(recognition), Ok(source)) => {
                let recognition = Recognition { language: source.language(), ..recognition };
                Ok(Self { recognition, source })
            }
            (recognition, source) => {
                let mut problems = recognition.err().unwrap_or_default();
                problems.extend(source.err().unwrap_or_default());
                problems.dedup();
                Err(problems)
            }
        }
    }
}

fn guarded(config: &SourceConfig, source: impl Source + 'static, watch: &Arc<dyn Watch>) -> Arc<dyn Source> {
    Arc::new(Guarded::new(&config.name, source, watch.clone()))
}

impl Native {
    pub(crate) fn new(sources: Vec<NamedSource>, dashboards: Vec<Dashboards>, look: Look) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { sources, dashboards, look, cores: Arc::new(Semaphore::new(cores)) }
    }

    /// Draws one query of a source, without any alert: the command `wirephoto render`. Comparisons in the query become
    /// thresholds, as they do in rules. `source` may be omitted where there is only one.
    ///
    /// # Errors
    /// As [`alerts::ports::Renderer::render`].
    pub async fn render_query(
        &self,
        source: Option<&str>,
        query: &str,
        window: Window,
        budget: Duration,
    ) -> Result<Rendered, RenderError> {
        within(budget, async {
            let source = self.source_or_only(source)?;
            let expression = Expression::of(query, source.language());
            let figure = self.figure(source.as_ref(), &expression, &window, Instant::now() + budget).await?;
            self.drawn(figure, self.look.style).await
        })
        .await
    }

    /// The panel that [`Native::render_query`] draws of a query for series, for who wants to change something in it first.
    ///
    /// # Errors
    /// As [`alerts::ports::Renderer::render`], and for a query for log lines.
    pub async fn query_panel(
        &self,
        source: Option<&str>,
        query: &str,
        window: Window,
        budget: Duration,
    ) -> Result<Panel, RenderError> {
        let source = self.source_or_only(source)?;
        let asking = async {
            let expression = Expression::of(query, source.language());
            match self.figure(source.as_ref(), &expression, &window, Instant::now() + budget).await? {
                Figure::TimeSeries(panel) => Ok(*panel),
                _ => Err(unsupported("the query asks for log lines, not for series")),
            }
        };
        within(budget, asking).await
    }

    /// A query's series, or its lines.
    async fn figure(
        &self,
        source: &dyn Source,
        expression: &Expression,
        window: &Window,
        deadline: Instant,
    ) -> Result<Figure, RenderError> {
        let timezone = &self.look.timezone;
        if expression.is_for_lines() {
            let lines = source.lines(expression.text(), window, left(deadline)).await?;
            return Ok(Figure::Logs(crate::panel::of_lines(expression, lines, window, timezone)));
        }
        let answers = ask(source, &expression.drawn(), window, deadline).await?;
        Ok(Figure::TimeSeries(Box::new(crate::panel::of_query(expression, &answers, *window, timezone))))
    }

    fn source_or_only(&self, name: Option<&str>) -> Result<&Arc<dyn Source>, RenderError> {
        match (name, self.sources.as_slice()) {
            (Some(name), _) => self.source(name),
            (None, [only]) => Ok(&only.source),
            (None, all) => Err(not_found(format!("there are {} sources: name one", all.len()))),
        }
    }

    /// The window of a picture that ends now: of the configured range where no length is given.
    pub fn window(&self, now: Time, length: Option<Duration>) -> Window {
        Window::ending(now, length.unwrap_or(self.look.range))
    }

    fn source(&self, name: &str) -> Result<&Arc<dyn Source>, RenderError> {
        let found = self.sources.iter().find(|source| source.name == name);
        found.map(|found| &found.source).ok_or_else(|| not_found(format!("no source named {name:?} is configured")))
    }

    async fn panel(&self, capture: &Capture, deadline: Instant) -> Result<Figure, RenderError> {
        let source = self.source(&capture.subject.source)?.as_ref();
        let linked = expression_in(&capture.generator_url).map(|text| Expression::of(text, source.language()));
        let rule = find_rule(source, capture, linked.as_ref(), deadline).await;
        let expression = match (&rule, linked) {
            (Some(rule), _) => Expression::of(rule.query.as_str(), source.language()),
            (None, Some(linked)) => linked,
            (None, None) => return Err(no_expression(capture)),
        };
        let episode = Episode::new(capture, rule.as_ref().map_or(Duration::ZERO, |rule| rule.hold));
        let window = Window::of(capture.at, episode.began, self.look.range);
        if expression.is_for_lines() {
            let title = crate::panel::title(capture, rule.as_deref());
            return Ok(titled(self.figure(source, &expression, &window, deadline).await?, title));
        }
        let answers = narrowest(source, &expression, rule.as_deref(), capture, &window, deadline).await?;
        Ok(Figure::TimeSeries(Box::new(compose(&Parts {
            capture,
            rule: rule.as_deref(),
            expression: &expression,
            absence: expression.drawn().curves.iter().any(|curve| curve.absence),
            answers: &answers,
            window,
            episode,
            timezone: &self.look.timezone,
        }))))
    }

    /// A configured query, with the alerts' marks.
    async fn configured(
        &self,
        job: &Job<'_>,
        query: &str,
        unit: Option<&str>,
        deadline: Instant,
    ) -> Result<Figure, RenderError> {
        let source = self.source(&job.capture.subject.source)?.as_ref();
        let expression = Expression::of(query, source.language());
        let figure = self.figure(source, &expression, &job.window, deadline).await?;
        let mut figure = titled(figure, crate::panel::title(job.capture, None));
        if let Figure::TimeSeries(panel) = &mut figure {
            panel.marks = Episode::new(job.capture, Duration::ZERO).marks();
            if let Some(unit) = unit {
                panel.left.unit = charts::Unit::parse(unit);
            }
        }
        Ok(figure)
    }

    /// A panel of a dashboard.
    async fn dashboard(&self, job: &Job<'_>, asked: Asked<'_>, deadline: Instant) -> Result<Figure, RenderError> {
        let name = &job.capture.subject.source;
        let Some(dashboards) = self.dashboards.iter().find(|dashboards| dashboards.name() == name) else {
            return Err(unsupported("it draws panels of dashboards of sources of type \"grafana\""));
        };
        dashboards.figure(job, asked, &self.look, deadline).await
    }

    async fn drawn(&self, figure: Figure, style: charts::Style) -> Result<Rendered, RenderError> {
        let permit = Arc::clone(&self.cores).acquire_owned().await.expect("the semaphore is never closed");
        let drawing = tokio::task::spawn_blocking(move || {
            let _until_drawn = permit;
            let alt = charts::alt_text(&figure);
            charts::render(&figure, &style).map(|png| (png, figure.title().to_owned(), alt))
        });
        let drawn = drawing.await.map_err(|error| failed(RenderErrorKind::Drawing, error.to_string()))?;
        let (png, title, alt) = drawn.map_err(|error| failed(RenderErrorKind::Drawing, error.to_string()))?;
        Ok(Rendered { png: Bytes::from(png.bytes), width: png.width, height: png.height, title, alt })
    }
}

#[async_trait]
impl Draw for Native {
    fn name(&self) -> &'static str {
        "native"
    }

    fn has_breaker(&self) -> bool {
        false
    }

    async fn draw(&self, job: &Job<'_>, deadline: Instant) -> Result<Rendered, RenderError> {
        let mut figure = match &job.target {
            Target::Rule => self.panel(job.capture, deadline).await?,
            Target::Query { query, unit } => self.configured(job, query, unit.as_deref(), deadline).await?,
            Target::Dashboard { uid, panel, variables } => {
                self.dashboard(job, Asked { uid, panel: *panel, variables }, deadline).await?
            }
            Target::Image(_) | Target::Page { .. } => return Err(unsupported("it draws series, not pages")),
        };
        if let Some(title) = &job.title {
            figure.set_title(title.clone());
        }
        self.drawn(figure, job.style).await
    }
}

/// A query's figure under an alert's title: the query goes below it.
fn titled(mut figure: Figure, title: String) -> Figure {
    let query = Some(figure.title().to_owned());
    match &mut figure {
        Figure::TimeSeries(panel) => panel.subtitle = query,
        Figure::Logs(logs) => logs.subtitle = query,
        Figure::Stat(stat) => stat.subtitle = query,
    }
    figure.set_title(title);
    figure
}

async fn within<T>(budget: Duration, work: impl Future<Output = Result<T, RenderError>>) -> Result<T, RenderError> {
    let late = || timeout(format!("the picture was not finished within {} ms", budget.as_millis()));
    tokio::time::timeout(budget, work).await.unwrap_or_else(|_| Err(late()))
}

fn unsupported(detail: &str) -> RenderError {
    failed(RenderErrorKind::Unsupported, detail)
}

fn not_found(detail: impl Into<String>) -> RenderError {
    failed(RenderErrorKind::NotFound, detail)
}

fn no_expression(capture: &Capture) -> RenderError {
    let (rule, source) = (capture.labels.value("alertname"), &capture.subject.source);
    not_found(format!("source {source:?} lists no rule {rule:?}, and the alert's generatorURL has no expression"))
}

/// The rule, or none when the source does not know it or does not answer in time: then the link has to do.
async fn find_rule(
    source: &dyn Source,
    capture: &Capture,
    linked: Option<&Expression>,
    deadline: Instant,
) -> Option<Arc<Rule>> {
    let numbered = numbered_in(&capture.generator_url);
    let name = capture.labels.value("alertname");
    let wanted = Wanted { name, labels: &capture.labels, expression: linked, numbered: numbered.as_ref() };
    let budget = left(deadline) / RULE_SHARE;
    // the request gives up a little earlier than this wait, so that its failure is remembered
    let found = tokio::time::timeout(budget, source.rule(&wanted, budget * 3 / 4)).await;
    let found = found.unwrap_or_else(|_| Err(timeout("listing the rules took too long")));
    found.unwrap_or_else(|error| {
        // If the source is down, the query says so at once, in a line of its own.
        tracing::debug!(source = capture.subject.source, %error, "the source's rules are unknown, using the alert's generatorURL");
        None
    })
}

/// The answers for the alerts' own series where labels allow it, else, or if there are none, for all.
async fn narrowest(
    source: &dyn Source,
    expression: &Expression,
    rule: Option<&Rule>,
    capture: &Capture,
    window: &Window,
    deadline: Instant,
) -> Result<Vec<Answered>, RenderError> {
    let labels = candidates(&capture.labels, rule);
    let scope = if rule.is_some() { Scope::Kept } else { Scope::Named };
    let narrowing = Narrowing { labels: &labels, scope };
    if let Some(narrowed) = expression.narrowed(&narrowing).filter(|_| source.narrows()) {
        let answers = ask(source, &narrowed.drawn(), window, deadline).await?;
        if answers.iter().any(|answered| !answered.series.is_empty()) {
            return Ok(answers);
        }
    }
    ask(source, &expression.drawn(), window, deadline).await
}

/// The labels that may be on the series: not the alerts' name, not what the rule adds.
fn candidates(shared: &LabelSet, rule: Option<&Rule>) -> LabelSet {
    let added = |name: &str| rule.is_some_and(|rule| rule.labels.get(name).is_some());
    shared.filtered(|name, _| name != "alertname" && !added(name))
}

async fn ask(
    source: &dyn Source,
    drawn: &Drawn,
    window: &Window,
    deadline: Instant,
) -> Result<Vec<Answered>, RenderError> {
    let mut answers = Vec::with_capacity(drawn.curves.len());
    for curve in &drawn.curves {
        answers.push(ask_curve(source, curve, window, deadline).await?);
    }
    Ok(answers)
}

async fn ask_curve(
    source: &dyn Source,
    curve: &Curve,
    window: &Window,
    deadline: Instant,
) -> Result<Answered, RenderError> {
    let series = source.series(&curve.query, window, left(deadline)).await?;
    let mut lines = Vec::with_capacity(curve.lines.len());
    for Line { comparison, level } in &curve.lines {
        let level = match level {
            Level::Number(number) => AnsweredLevel::Number(*number),
            // without any series there is nothing to compare
            Level::Moving(_) if series.is_empty() => AnsweredLevel::Moving(Vec::<Samples>::new()),
            Level::Moving(query) => AnsweredLevel::Moving(source.series(query, window, left(deadline)).await?),
        };
        lines.push(AnsweredLine { comparison: *comparison, level });
    }
    Ok(Answered { query: curve.query.clone(), series, lines })
}

fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}
