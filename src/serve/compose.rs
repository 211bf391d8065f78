//! From settings to a running machine: database, image store, renderer, channels.
//!
//! Deliberately unknown here: HTTP.

use std::{sync::Arc, time::Duration};

use actors::{Integration, Machine, Metrics, Ports, Receiver, Screenshots, clock::SystemClock};
use alerts::ports::{Clock, ImageStore, Renderer};
use channels::{BuildContext, sending::Http};
use images::{
    Sections, Watch,
    store::{LocalStore, Outside, Stores},
};
use prometheus::Registry;

use super::{own_pictures::MeasuredSpool, render_metrics::RenderMetrics};
use crate::{
    config::settings::{Settings, Synchronous},
    database::{self, Database, DatabaseSettings, Retention, StoreMetrics},
    listening::Listening,
    takeover,
    trial::{Desk, Trial, TrialMetrics},
};

/// Alerts admitted and not answered, over all requests; at 600 bytes each some 60 MB.
const ALERTS_IN_FLIGHT: usize = 100_000;

/// How long silences are kept after their end: Alertmanager's `--data.retention`.
const SILENCE_RETENTION: Duration = Duration::from_secs(120 * 60 * 60);

/// Everything that runs.
pub(super) struct Composed {
    pub(super) machine: Arc<Machine>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) registry: Registry,
    pub(super) database: Arc<Database>,
    pub(super) images: Arc<Stores>,
    /// Where pictures that come with events are kept, if they can be.
    pub(super) own: Option<Arc<MeasuredSpool>>,
    /// What counts what renderers do.
    pub(super) watch: Arc<dyn Watch>,
    /// Where previews and tests of receivers are asked for.
    pub(super) desk: Arc<Desk>,
    pub(super) clock: Arc<dyn Clock>,
    /// When it was put together: also when the demo's story begins.
    pub(super) started_at: alerts::Time,
}

/// Puts everything together and starts the machine.
pub(super) async fn compose(settings: &Settings, listening: &Listening) -> Result<Composed, String> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let started_at = clock.now();
    let registry = Registry::new();
    let metrics = match settings.features.receiver_name_in_metrics {
        true => Metrics::with_receiver_names(&registry),
        false => Metrics::new(&registry),
    };
    let metrics = Arc::new(metrics.map_err(|error| error.to_string())?);
    let database = Arc::new(open_database(settings)?);
    database.measure(StoreMetrics::register(&registry, clock.clone()).map_err(|error| error.to_string())?);
    takeover::take_over(&database, &settings.server.data_dir, started_at).map_err(|error| error.to_string())?;
    let watch = RenderMetrics::register(&registry).map_err(|error| error.to_string())?;
    let watch: Arc<dyn Watch> = Arc::new(watch);
    let local = Arc::new(open_images(settings, listening)?);
    let images = Arc::new(Stores::new(local, outside(settings, &watch).await?));
    let trial = Trial::new(settings.clone(), listening.address, listening.images);
    let trial_metrics = TrialMetrics::register(&registry).map_err(|error| error.to_string())?;
    let desk = Arc::new(Desk::new(trial, images.clone(), database.clone(), clock.clone(), trial_metrics)?);
    let own = MeasuredSpool::open(settings, &registry).map_err(|error| error.to_string())?;
    let renderer = renderer(settings, own.as_ref(), &clock, &watch)?;
    let ports = Ports { store: database.clone(), renderer, images: images.clone(), clock: clock.clone() };
    let machine_settings = machine_settings(settings, listening, &database, images.is_cloud())?;
    let machine = Machine::start(machine_settings, ports, metrics.clone()).await.map_err(|error| error.to_string())?;
    Ok(Composed {
        machine: Arc::new(machine),
        metrics,
        registry,
        database,
        images,
        own,
        watch,
        desk,
        clock,
        started_at,
    })
}

fn open_database(settings: &Settings) -> Result<Database, String> {
    let synchronous = match settings.server.synchronous {
        Synchronous::Normal => database::Synchronous::Normal,
        Synchronous::Full => database::Synchronous::Full,
    };
    let data_dir = settings.server.data_dir.clone();
    let defaults = Retention::default();
    let history_age = settings.history_retention.unwrap_or(defaults.history_age);
    Database::open(&DatabaseSettings { data_dir, synchronous, retention: Retention { history_age, ..defaults } })
        .map_err(|error| error.to_string())
}

fn open_images(settings: &Settings, listening: &Listening) -> Result<LocalStore, String> {
    let base = settings.server.images_url(listening.address, listening.images);
    LocalStore::open(&settings.server.data_dir, Some(&base)).map_err(|error| error.to_string())
}

/// The parts of the machine that a configuration says, built; nothing of it runs yet.
pub(super) struct Reconfigured {
    pub(super) settings: actors::Settings,
    pub(super) renderer: Option<Arc<dyn Renderer>>,
    pub(super) outside: Option<Outside>,
}

/// Builds what a reload changes.
pub(super) async fn reconfigure(
    settings: &Settings,
    listening: &Listening,
    composed: &Composed,
) -> Result<Reconfigured, String> {
    let renderer = renderer(settings, composed.own.as_ref(), &composed.clock, &composed.watch)?;
    let outside = outside(settings, &composed.watch).await?;
    let cloud_images = outside.as_ref().is_some_and(|outside| outside.takes_new);
    let settings = machine_settings(settings, listening, &composed.database, cloud_images)?;
    Ok(Reconfigured { settings, renderer, outside })
}

/// The provider outside, if there is one. What its owner should know of it is logged when it is known.
async fn outside(settings: &Settings, watch: &Arc<dyn Watch>) -> Result<Option<Outside>, String> {
    let takes_new = settings.uploads_pictures();
    let Some(uploads) = settings.external_image_storage.uploads(watch.clone()).await? else { return Ok(None) };
    if takes_new {
        tracing::info!(place = %uploads.place(), "pictures are uploaded");
        let uploads = uploads.clone();
        actix_web::rt::spawn(async move {
            for remark in uploads.remarks().await {
                tracing::warn!(provider = uploads.provider(), "image store: {remark}");
            }
        });
    }
    Ok(Some(Outside { uploads, takes_new }))
}

fn renderer(
    settings: &Settings,
    own: Option<&Arc<MeasuredSpool>>,
    clock: &Arc<dyn Clock>,
    watch: &Arc<dyn Watch>,
) -> Result<Option<Arc<dyn Renderer>>, String> {
    let nothing = settings.sources.is_empty() && settings.panels.is_empty();
    if !settings.screenshots.capture || nothing && own.is_none() {
        let capture = settings.screenshots.capture;
        let why = if capture { "neither a source nor a panel is configured" } else { "screenshots.capture is false" };
        tracing::info!("no pictures are taken: {why}");
        return Ok(None);
    }
    if nothing {
        tracing::info!("only events that bring pictures have some: neither a source nor a panel is configured");
    }
    let sections = Sections {
        sources: &settings.sources,
        panels: &settings.panels,
        screenshots: &settings.screenshots,
        rendering: &settings.rendering,
        chromium: &settings.chromium,
    };
    let renderers = images::build(&sections, clock, watch.clone()).map_err(|wrong| wrong.join("\n"))?;
    if !nothing {
        let names: Vec<&str> = settings.sources.iter().map(|source| &*source.name).collect();
        let order =
            settings.screenshots.renderers.iter().map(|kind| format!("{kind:?}").to_lowercase()).collect::<Vec<_>>();
        tracing::info!(sources = ?names, panels = settings.panels.len(), renderers = ?order, "pictures are taken");
    }
    Ok(Some(match own {
        Some(own) => Arc::new(renderers.with_own(own.spool())),
        None => Arc::new(renderers),
    }))
}

fn machine_settings(
    settings: &Settings,
    listening: &Listening,
    database: &Arc<Database>,
    cloud_images: bool,
) -> Result<actors::Settings, String> {
    let screenshots = &settings.screenshots;
    Ok(actors::Settings {
        routes: settings.route.clone(),
        receivers: receivers(settings, database, cloud_images)?,
        inhibit_rules: settings.inhibit_rules.clone(),
        time_intervals: settings.time_intervals.clone(),
        resolve_timeout: settings.resolve_timeout,
        external_url: listening.external_url.clone(),
        screenshots: screenshots.capture.then_some(Screenshots {
            max_concurrent_screenshots: screenshots.max_concurrent_screenshots,
            capture_timeout: screenshots.capture_timeout,
            image_wait: screenshots.image_wait,
            refresh_on_repeat: screenshots.refresh_on_repeat,
        }),
        // A link lives as long as what it leads to, counted from the sending.
        link_lifetime: screenshots.retention,
        retention: screenshots.retention,
        delivery_max_age: settings.delivery_max_age,
        fallback_receiver: settings.fallback_receiver.clone(),
        max_alerts_in_flight: ALERTS_IN_FLIGHT,
        start_delay: settings.dispatch_start_delay,
        silence_limits: settings.silence_limits,
        log_silences: settings.log_silences,
        silence_retention: settings.history_retention.unwrap_or(SILENCE_RETENTION),
    })
}

fn receivers(settings: &Settings, database: &Arc<Database>, cloud_images: bool) -> Result<Vec<Receiver>, String> {
    let http = Http::shared()?;
    let context = BuildContext {
        templates: &settings.templates,
        globals: &settings.globals,
        http: &http,
        inbox: database.clone(),
        cloud_images,
    };
    let build = |(index, receiver): (usize, &channels::Receiver)| {
        let built = receiver.build(&format!("receivers[{index}]"), &context).map_err(|errors| {
            errors.iter().map(|error| format!("{}: {}", error.key, error.problem)).collect::<Vec<_>>().join("\n")
        })?;
        let integrations =
            built.into_iter().map(|one| Integration::new(&receiver.name, &one.destination, one.channel)).collect();
        let resolve_muted = receiver.resolve_muted.unwrap_or(true);
        Ok(Receiver { name: receiver.name.clone(), integrations, resolve_muted })
    };
    settings.receivers.iter().enumerate().map(build).collect()
}
