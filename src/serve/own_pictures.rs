//! The spool of the pictures that come with events, with what is counted of it, and its cleaning.
//!
//! Deliberately unknown here: what pictures are, who brings them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use actix_web::web;
use alerts::{
    own::Own,
    ports::{Clock, NotKept, OwnPictures},
};
use async_trait::async_trait;
use images::own::Spool;
use prometheus::{IntCounterVec, IntGauge, Opts, Registry};

use crate::config::settings::Settings;

/// How often the spool is cleaned.
const EVERY: Duration = Duration::from_secs(10 * 60);

/// The spool, measured.
pub(super) struct MeasuredSpool {
    spool: Arc<Spool>,
    taken: IntCounterVec,
    bytes: IntGauge,
    retention_secs: AtomicU64,
}

impl MeasuredSpool {
    /// Opens the spool; none where that is not possible, which is logged: pictures never keep a server from starting.
    ///
    /// # Errors
    /// When one of the names of its metrics is taken.
    pub(super) fn open(settings: &Settings, registry: &Registry) -> Result<Option<Arc<Self>>, prometheus::Error> {
        let opts = Opts::new("wirephoto_own_pictures_total", "Pictures that came with events, by what became of them.");
        let taken = IntCounterVec::new(opts, &["outcome"])?;
        let bytes = IntGauge::new("wirephoto_own_pictures_bytes", "What is kept of pictures that came with events.")?;
        registry.register(Box::new(taken.clone()))?;
        registry.register(Box::new(bytes.clone()))?;
        for outcome in ["kept", "refused", "failed"] {
            taken.with_label_values(&[outcome]);
        }
        let spool = match Spool::open(&settings.server.data_dir) {
            Ok(spool) => Arc::new(spool),
            Err(error) => {
                tracing::error!(error, "pictures that come with events are not kept");
                return Ok(None);
            }
        };
        let this = Self { spool, taken, bytes, retention_secs: AtomicU64::new(0) };
        this.configure(settings);
        this.measure();
        Ok(Some(Arc::new(this)))
    }

    /// The spool itself.
    pub(super) fn spool(&self) -> Arc<Spool> {
        self.spool.clone()
    }

    /// Goes on under these settings.
    pub(super) fn configure(&self, settings: &Settings) {
        self.retention_secs.store(settings.screenshots.retention.as_secs(), Ordering::Relaxed);
    }

    /// Deletes what is past the retention, now and again.
    pub(super) fn keep_clean(self: Arc<Self>, clock: Arc<dyn Clock>) {
        actix_web::rt::spawn(async move {
            loop {
                let before = clock.now().minus(Duration::from_secs(self.retention_secs.load(Ordering::Relaxed)));
                let spool = self.spool();
                match web::block(move || spool.clean(before)).await {
                    Ok(Ok(cleaned)) if cleaned.files > 0 => {
                        tracing::info!(pictures = cleaned.files, "pictures of events older than the retention deleted");
                    }
                    Ok(Err(error)) => tracing::warn!(error, "pictures of events could not be tidied"),
                    _ => {}
                }
                self.measure();
                tokio::time::sleep(EVERY).await;
            }
        });
    }

    fn measure(&self) {
        self.bytes.set(i64::try_from(self.spool.size()).unwrap_or(i64::MAX));
    }
}

#[async_trait]
impl OwnPictures for MeasuredSpool {
    async fn keep(&self, picture: Own) -> Result<String, NotKept> {
        let kept = self.spool.keep(picture).await;
        let outcome = match &kept {
            Ok(_) => "kept",
            Err(NotKept::Refused(_)) => "refused",
            Err(NotKept::Failed(_)) => "failed",
        };
        self.taken.with_label_values(&[outcome]).inc();
        self.measure();
        kept
    }
}
