//! `wirephoto check-config --probe`: whether what the configuration names answers: the image store, and each source.
//!
//! Deliberately unknown here: how pictures are stored and drawn.

use std::{future::Future, sync::Arc, time::Duration};

use actors::clock::SystemClock;
use alerts::ports::{Clock, ImageError};
use bytes::Bytes;
use images::{
    Native, SourceKind,
    store::{Backend, random_id},
    window::Window,
};

use super::{Console, Exit};
use crate::config::settings::Settings;

/// How long one step may take: as long as the server gives it.
const PATIENCE: Duration = Duration::from_secs(10);
/// Something that every Prometheus can answer without having seen anything.
const QUERY: &str = "vector(1)";

pub(super) fn run(settings: &Settings, console: &mut Console<'_>) -> Exit {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(why) => return super::ended(Err(format!("cannot start: {why}")), console),
    };
    let mut probe = Probe { console, clock: Arc::new(SystemClock::new()), failed: 0 };
    runtime.block_on(async {
        probe.store(settings).await;
        probe.sources(settings).await;
    });
    if probe.failed == 0 { Exit::Success } else { Exit::Failure }
}

struct Probe<'a, 'b> {
    console: &'a mut Console<'b>,
    clock: Arc<dyn Clock>,
    failed: usize,
}

impl Probe<'_, '_> {
    /// One step; what it gave, if it worked.
    async fn step<T>(&mut self, what: &str, work: impl Future<Output = Result<T, String>>) -> Option<T> {
        let began = self.clock.monotonic();
        let done = tokio::time::timeout(PATIENCE, work).await;
        let took = format!("{:.1} ms", (self.clock.monotonic() - began).as_secs_f64() * 1_000.0);
        match done.unwrap_or_else(|_| Err(format!("no answer within {} s", PATIENCE.as_secs()))) {
            Ok(value) => {
                self.console.say(format!("  ok      {what} ({took})"));
                Some(value)
            }
            Err(why) => {
                self.failed += 1;
                self.console.say(format!("  FAILED  {what} ({took}): {why}"));
                None
            }
        }
    }

    async fn store(&mut self, settings: &Settings) {
        let storage = &settings.external_image_storage;
        let backend = match storage.backend().await {
            Ok(Some(backend)) => backend,
            Ok(None) => {
                self.console.say("the image store: pictures stay below server.data_dir");
                return;
            }
            Err(why) => {
                self.failed += 1;
                self.console.say(format!("  FAILED  the image store: {why}"));
                return;
            }
        };
        self.console.say(format!("the image store: {}", storage.place()));
        self.object(backend.as_ref()).await;
        for remark in backend.remarks().await {
            self.console.complain(format!("warning: {remark}"));
        }
    }

    /// An object comes and goes.
    async fn object(&mut self, backend: &dyn Backend) {
        let (id, png) = (random_id(), test_picture());
        let words = |error: ImageError| error.to_string();
        let put = async { backend.put(&id, png.clone()).await.map_err(words) };
        if self.step(&format!("write {id}.png"), put).await.is_none() {
            return;
        }
        let read = async {
            let read = backend.get(&id).await.map_err(words)?;
            if read == png {
                Ok(())
            } else {
                Err(format!("{} bytes came back, not the {} written", read.len(), png.len()))
            }
        };
        self.step("read it", read).await;
        let now = self.clock.now();
        let link = async { backend.link(&id, now, Duration::from_secs(60)).await.map_err(words) };
        self.step("make a link to it", link).await;
        let delete = async { backend.delete(&id).await.map_err(words) };
        self.step("delete it", delete).await;
    }

    async fn sources(&mut self, settings: &Settings) {
        if settings.sources.is_empty() {
            self.console.say("the sources: none");
            return;
        }
        self.console.say("the sources:");
        let clock = self.clock.clone();
        let native = match images::native(&settings.sources, &settings.screenshots, &clock) {
            Ok(native) => native,
            Err(problems) => {
                self.failed += 1;
                self.console.say(format!("  FAILED  {}", problems.join("\n")));
                return;
            }
        };
        for source in &settings.sources {
            if source.kind == SourceKind::Grafana {
                self.step(&format!("{} and its dashboards", source.name), async {
                    images::probe_grafana(source, PATIENCE).await.map(drop)
                })
                .await;
                let drawn = images::probe_panel(source, &settings.screenshots, &clock, PATIENCE);
                let drawn = self.step(&format!("a picture from {}", source.name), drawn).await;
                if let Some(panel) = drawn.flatten() {
                    self.console.say(format!("          {panel}"));
                }
                continue;
            }
            let window = Window::ending(clock.now(), settings.screenshots.range);
            // the demo knows nothing but its own rules
            let rule = images::demo::rules().first().map(|(_, expression)| *expression);
            let query = if source.kind == SourceKind::Demo { rule.unwrap_or(QUERY) } else { QUERY };
            let drawn = drawn(&native, (&source.name, query), window, settings);
            self.step(&format!("a picture from {}", source.name), drawn).await;
        }
    }
}

async fn drawn(
    native: &Native,
    (source, query): (&str, &str),
    window: Window,
    settings: &Settings,
) -> Result<(), String> {
    let panel = native.query_panel(Some(source), query, window, PATIENCE).await.map_err(|error| error.to_string())?;
    let look = settings.screenshots.look().map_err(|problems| problems.join(", "))?;
    charts::render(&panel, &look.style).map(drop).map_err(|error| error.to_string())
}

/// The built-in panel.
fn test_picture() -> Bytes {
    let style = charts::Style { width: 400, height: 200, scale: 1, theme: charts::Theme::Dark };
    charts::render(&charts::demo::panel(), &style).map(|png| png.bytes.into()).unwrap_or_default()
}
