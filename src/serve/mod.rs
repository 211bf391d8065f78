//! Runs the server: everything is put together here, listened on, loaded again when asked, and taken down again in order.
//!
//! Deliberately unknown here: what the parts do.

mod compose;
mod config_metrics;
mod config_view;
mod demo_feed;
mod listen;
mod own_pictures;
mod page_data;
mod page_groups;
mod reload;
mod render_metrics;
mod resend;
mod services;
mod standings;

use std::{net::TcpListener, sync::Arc, time::Duration};

use actix_web::{App, HttpServer, dev::Server, web};
use alerts::ports::Clock;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    cli::{Loader, Serve},
    config::settings::Settings,
    database::Database,
    http,
    listening::Listening,
    pages::{self, Pages},
};
use config_metrics::ConfigMetrics;
use listen::Sockets;
use reload::{Asked, Asks, Reloader};

/// Connections that wait to be accepted by the listener of the pictures.
const BACKLOG: u32 = 512;
/// How often the database is tidied.
const MAINTAIN_EVERY: Duration = Duration::from_secs(60);

/// The real server.
pub struct Wirephoto;

impl Serve for Wirephoto {
    fn serve(
        &self,
        settings: Settings,
        loader: Option<Loader>,
        ready: &mut dyn FnMut(&Listening),
    ) -> Result<(), String> {
        let runtime = || {
            tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()
                .expect("the system gives a thread to its first process")
        };
        actix_web::rt::System::with_tokio_rt(runtime).block_on(run(settings, loader, ready))
    }
}

async fn run(settings: Settings, loader: Option<Loader>, ready: &mut dyn FnMut(&Listening)) -> Result<(), String> {
    let sockets = Sockets::bind(&settings)?;
    let listening = sockets.listening(&settings)?;
    let (entrance, guard) = listen::entrance(&settings)?;
    let composed = compose::compose(&settings, &listening).await?;
    let metrics = ConfigMetrics::register(&composed.registry).map_err(|error| error.to_string())?;
    metrics.loaded(&settings, composed.started_at);

    let (asks, asked) = Asks::new();
    let services = Arc::new(services::services(&settings, &composed, &listening, asks)?);
    let view = services::server_view(&settings, &composed, &services);
    let pages = web::Data::new(services::pages(&listening, &composed, &view));
    let server = http::serve(sockets.main, entrance, services.clone(), pages::configure_all(pages.clone()))
        .map_err(|error| format!("cannot serve on {}: {error}", listening.address))?;
    let images_server = sockets.images.map(|listener| serve_images(listener, pages)).transpose()?;
    let handles: Vec<_> = [Some(&server), images_server.as_ref()].into_iter().flatten().map(Server::handle).collect();
    actix_web::rt::spawn(server);
    images_server.map(actix_web::rt::spawn);
    maintain(composed.database.clone(), composed.clock.clone());
    if let Some(own) = composed.own.clone() {
        own.keep_clean(composed.clock.clone());
    }
    demo_feed::start(&settings, &composed);

    for address in &sockets.addresses {
        tracing::info!(
            %address, images = ?listening.images, external_url = listening.external_url,
            version = env!("CARGO_PKG_VERSION"), data_dir = %settings.server.data_dir.display(), "Listening on"
        );
    }
    ready(&listening);
    let mut reloader = Reloader { loader, composed, listening, services, guard, metrics, server: view, settings };
    let ended = until_told_to_stop(&mut reloader, asked).await;
    tracing::info!("stopping: what is under way is finished, the rest is in the outbox for the next start");
    for handle in handles {
        // Senders get their answers; new ones are refused.
        handle.stop(true).await;
    }
    reloader.composed.machine.stop().await;
    tracing::info!("stopped");
    ended
}

/// Loads the configuration again whenever somebody asks for it, until a signal or the machine itself ends the server.
async fn until_told_to_stop(reloader: &mut Reloader, mut asked: Asked) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("cannot listen for signals: {error}");
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut hangup = signal(SignalKind::hangup()).map_err(failed)?;
    let mut fatal = reloader.composed.machine.fatal();
    loop {
        tokio::select! {
            _ = terminate.recv() => return Ok(()),
            _ = interrupt.recv() => return Ok(()),
            reason = fatal.wait() => return Err(format!("{reason}: giving up, so that the service manager starts anew")),
            // What came of it is in the log, the metrics and on the status page.
            _ = hangup.recv() => drop(reloader.reload().await),
            Some(answer) = asked.recv() => {
                // Whoever asked may be gone by now.
                drop(answer.send(reloader.reload().await));
            }
        }
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
