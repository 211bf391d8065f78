//! Runs the server: everything is put together here, listened on, and taken down again in order.
//!
//! Deliberately unknown here: what the parts do.

mod compose;
mod demo_feed;
mod page_data;
mod page_groups;
mod standings;

use std::{
    net::{TcpListener, ToSocketAddrs},
    sync::Arc,
    time::Duration,
};

use actix_web::{App, HttpServer, dev::Server, web};
use alerts::ports::Clock;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    cli::Serve,
    config::settings::{ListenAddress, Settings},
    database::Database,
    http::{self, Readiness, Services},
    listening::Listening,
    pages::{self, ConfigView, Pages, ServerView},
};
use compose::Composed;

/// Connections that wait to be accepted by the listener of the pictures.
const BACKLOG: u32 = 512;
/// How often the database is tidied.
const MAINTAIN_EVERY: Duration = Duration::from_secs(60);

/// The real server.
pub struct Wirephoto;

impl Serve for Wirephoto {
    fn serve(&self, settings: Settings, ready: &mut dyn FnMut(&Listening)) -> Result<(), String> {
        let runtime = || {
            tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()
                .expect("the system gives a thread to its first process")
        };
        actix_web::rt::System::with_tokio_rt(runtime).block_on(run(settings, ready))
    }
}

async fn run(settings: Settings, ready: &mut dyn FnMut(&Listening)) -> Result<(), String> {
    let listener = bind(&settings.server.listen)?;
    let images_listener = settings.server.images_listen.as_ref().map(bind).transpose()?;
    let listening = listening(&settings, &listener, images_listener.as_ref())?;
    let composed = compose::compose(&settings, &listening).await?;

    let services = Arc::new(services(&settings, &composed)?);
    let pages = web::Data::new(pages(&listening, &composed));
    let server = http::serve(listener, services, pages::configure_all(pages.clone()))
        .map_err(|error| format!("cannot serve on {}: {error}", listening.address))?;
    let images_server = images_listener.map(|listener| serve_images(listener, pages)).transpose()?;
    let handles: Vec<_> = [Some(&server), images_server.as_ref()].into_iter().flatten().map(Server::handle).collect();
    actix_web::rt::spawn(server);
    images_server.map(actix_web::rt::spawn);
    maintain(composed.database.clone(), composed.clock.clone());
    demo_feed::start(&settings, &composed);

    tracing::info!(
        address = %listening.address, images = ?listening.images, external_url = listening.external_url,
        version = env!("CARGO_PKG_VERSION"), data_dir = %settings.server.data_dir.display(), "Listening on"
    );
    ready(&listening);
    let ended = until_told_to_stop(&composed).await;
    tracing::info!("stopping: what is under way is finished, the rest is in the outbox for the next start");
    for handle in handles {
        // Senders get their answers; new ones are refused.
        handle.stop(true).await;
    }
    composed.machine.stop().await;
    tracing::info!("stopped");
    ended
}

async fn until_told_to_stop(composed: &Composed) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("cannot listen for signals: {error}");
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut fatal = composed.machine.fatal();
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
        reason = fatal.wait() => Err(format!("{reason}: giving up, so that the service manager starts anew")),
    }
}

fn bind(address: &ListenAddress) -> Result<TcpListener, String> {
    let (host, port) = address.to_bind();
    let cannot = |error: std::io::Error| format!("cannot listen on {host}:{port}: {error}");
    let addresses: Vec<_> = (host, port).to_socket_addrs().map_err(cannot)?.collect();
    TcpListener::bind(&addresses[..]).map_err(cannot)
}

fn listening(settings: &Settings, main: &TcpListener, images: Option<&TcpListener>) -> Result<Listening, String> {
    let bound = |listener: &TcpListener| listener.local_addr().map_err(|error| format!("cannot listen: {error}"));
    let address = bound(main)?;
    Ok(Listening {
        address,
        images: images.map(bound).transpose()?,
        external_url: settings.server.external_url(address),
    })
}

fn services(settings: &Settings, composed: &Composed) -> Result<Services, String> {
    let limits = &settings.server.limits;
    let http_settings = http::HttpSettings {
        route_prefix: settings.server.route_prefix().to_owned(),
        body_bytes: limits.body_bytes,
        bodies_bytes: limits.bodies_bytes,
        request_timeout: limits.request_timeout,
        get_concurrency: limits.get_concurrency,
        workers: limits.workers.map_or_else(|| http::HttpSettings::default().workers, Into::into),
        serve_metrics: settings.metrics.enabled,
    };
    let rules = alerts::intake::Rules { resolve_timeout: settings.resolve_timeout, ..Default::default() };
    let parts = http::Parts {
        table: composed.machine.table(),
        accept: composed.machine.intake(),
        standings: Arc::new(standings::MachineStandings(composed.machine.standings())),
        readiness: Arc::new(MachineReadiness(Box::new(composed.machine.unready()))),
        clock: composed.clock.clone(),
    };
    Services::new(parts, composed.registry.clone(), rules, http_settings).map_err(|error| error.to_string())
}

fn pages(listening: &Listening, composed: &Composed) -> Pages {
    let server = ServerView {
        peer: listening.address.to_string(),
        address: listening.address.to_string(),
        config: ConfigView { original: String::new(), loaded_at: composed.started_at, failure: None },
    };
    let data = page_data::MachineData::new(composed, Arc::new(parking_lot::RwLock::new(server)));
    let url = url::Url::parse(&listening.external_url).ok();
    let path = url.as_ref().map(url::Url::path).unwrap_or_default();
    let pages =
        Pages::new(composed.database.clone(), Arc::new(data), composed.images.clone(), composed.clock.clone(), path);
    match &url {
        Some(url) => pages.reached_at(url),
        None => pages,
    }
}

/// The second listener: pictures under signed links and nothing else, safe to expose.
fn serve_images(listener: TcpListener, pages: web::Data<Pages>) -> Result<Server, String> {
    let server = HttpServer::new(move || App::new().configure(pages::configure_images(pages.clone())));
    let server = server.workers(1).backlog(BACKLOG).disable_signals().listen(listener);
    Ok(server.map_err(|error| format!("cannot serve pictures: {error}"))?.run())
}

fn maintain(database: Arc<Database>, clock: Arc<dyn Clock>) {
    actix_web::rt::spawn(async move {
        loop {
            tokio::time::sleep(MAINTAIN_EVERY).await;
            let (database, now) = (database.clone(), clock.now());
            let tidied = web::block(move || {
                while database.maintain(now)?.more {}
                Ok::<_, alerts::ports::StoreError>(())
            });
            if let Ok(Err(error)) = tidied.await {
                tracing::warn!(%error, "the database could not be tidied; it is tried again in a minute");
            }
        }
    });
}

/// Ready when the database takes changes: the listener is only bound to the machine once that has loaded.
struct MachineReadiness(Box<dyn Fn() -> Option<String> + Send + Sync>);

impl Readiness for MachineReadiness {
    fn not_ready(&self) -> Vec<String> {
        (self.0)().into_iter().collect()
    }
}
