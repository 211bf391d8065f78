//! Loading the configuration again: asked for by SIGHUP or `POST /-/reload`, one at a time, on the thread that the machine runs
//! on. A file that is wrong leaves everything as it is, and the log, the answer, a metric and the status page say why.
//!
//! Deliberately unknown here: files and flags (the [`Loader`] knows), what the machine does with other settings.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};

use super::{
    compose::{self, Composed},
    config_metrics::ConfigMetrics,
    config_view,
    page_data::ServerCell,
    services,
};
use crate::{
    cli::Loader,
    config::settings::Settings,
    http::{self, Services},
    listening::Listening,
    pages::{ConfigFailure, ConfigView},
    web_config::Guard,
};

/// Requests that wait for a reload at once.
const WAITING: usize = 16;

type Outcome = Result<(), String>;

/// Who asks for a reload.
pub(super) struct Asks(mpsc::Sender<oneshot::Sender<Outcome>>);

/// Where it is heard of.
pub(super) type Asked = mpsc::Receiver<oneshot::Sender<Outcome>>;

impl Asks {
    pub(super) fn new() -> (Self, Asked) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self(sender), receiver)
    }
}

#[async_trait]
impl http::Reload for Asks {
    async fn reload(&self) -> Outcome {
        let (answer, outcome) = oneshot::channel();
        self.0.try_send(answer).map_err(|_| "too many reloads are waiting, or the server is stopping".to_owned())?;
        outcome.await.unwrap_or_else(|_| Err("the server is stopping".to_owned()))
    }
}

/// What a reload reaches.
pub(super) struct Reloader {
    /// None: the settings came from nowhere that could be read again (the demo).
    pub(super) loader: Option<Loader>,
    pub(super) composed: Composed,
    pub(super) listening: Listening,
    pub(super) services: Arc<Services>,
    pub(super) guard: Arc<Guard>,
    pub(super) metrics: ConfigMetrics,
    /// What the pages say of it.
    pub(super) server: ServerCell,
    /// What is in force.
    pub(super) settings: Settings,
}

impl Reloader {
    /// Loads the configuration and goes on under it; if it is wrong, everything stays as it was.
    pub(super) async fn reload(&mut self) -> Outcome {
        let outcome = self.try_reload().await;
        let at = self.composed.clock.now();
        match &outcome {
            Ok(()) => {
                let original = self.settings.alertmanager_yaml().to_owned();
                self.server.write().config = ConfigView { original, loaded_at: at, failure: None };
                self.metrics.loaded(&self.settings, at);
                tracing::info!(config_hash = self.settings.config_hash, "the configuration was loaded again");
            }
            Err(why) => {
                self.server.write().config.failure = Some(ConfigFailure { at, error: why.clone() });
                self.metrics.refused();
                tracing::error!(error = why, "the configuration is not loaded again, the one before stays in force");
            }
        }
        outcome
    }

    async fn try_reload(&mut self) -> Outcome {
        let Some(loader) = self.loader.clone() else {
            return Err("this server was not started from a configuration file".to_owned());
        };
        let loaded = tokio::task::spawn_blocking(move || loader.load().map_err(|problems| problems.to_string()));
        let settings = loaded.await.map_err(|_| "loading the configuration panicked".to_owned())??;
        let new = compose::reconfigure(&settings, &self.listening, &self.composed).await?;
        for warning in &settings.warnings {
            tracing::warn!("{warning}");
        }
        for key in self.settings.needs_restart(&settings) {
            tracing::warn!(key, "this key counts only after a restart");
        }
        self.composed.images.replace(new.outside);
        self.composed.machine.reload(new.settings, new.renderer).await;
        self.composed.desk.replace(settings.clone());
        self.guard.replace(&settings.server.auth, &settings.server.headers);
        services::configure(&self.services, &settings, &self.composed, &self.listening);
        let shown = self.services.config.read().clone();
        let view = config_view::config_view(&settings, shown.started_at, shown.peer.clone());
        *self.services.config.write() = Arc::new(view);
        self.settings = settings;
        Ok(())
    }
}
