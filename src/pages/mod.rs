//! The pages for people: overview, alerts, silences, inbox, status, and the pictures behind signed links. Server-rendered, one style
//! sheet, one small script without which everything works too.
//!
//! Deliberately unknown here: actors, how alerts and groups are kept ([`PageData`] says what pages need of them), how links are
//! signed ([`ServeImages`]), who may see the pages.

mod alerts_page;
mod assets;
mod creator;
mod data;
mod front;
mod html;
mod images;
mod inbox;
mod integrations;
mod layout;
mod links;
mod local_images;
mod message;
mod notifications;
mod response;
mod same_site;
mod silences;
mod status;
mod trials;

use std::sync::Arc;

use actix_web::web::{self, ServiceConfig};
use alerts::ports::Clock;
use tokio::sync::Semaphore;

pub use data::{
    AlertView, ConfigFailure, ConfigView, GroupId, GroupView, GroupsView, IntegrationState, IntegrationView,
    MatchedView, PageData, Part, ServerView, Shown, SilencedBy, StateCounts, StatusView, Wanted, chosen_receivers,
};
pub use images::{LinkError, ServeImages};
pub use notifications::{Resend, ResendRefused};

use crate::database::Database;

/// Pages that are being made at once; more are answered with 503.
const AT_ONCE: usize = 32;

/// What the pages are made from.
pub struct Pages {
    /// For the inbox.
    pub(self) database: Arc<Database>,
    pub(self) data: Arc<dyn PageData>,
    pub(self) images: Arc<dyn ServeImages>,
    pub(self) clock: Arc<dyn Clock>,
    /// The path under which all of this is reached: empty, or like `/wirephoto`.
    pub(self) prefix: String,
    /// The scheme and host of `server.external_url`, like `https://alerts.example`; may be empty.
    pub(self) external_origin: String,
    pub(self) permits: Semaphore,
}

impl Pages {
    /// `prefix` is the path of `server.external_url`, which links begin with; without a slash at the end.
    pub fn new(
        database: Arc<Database>,
        data: Arc<dyn PageData>,
        images: Arc<dyn ServeImages>,
        clock: Arc<dyn Clock>,
        prefix: &str,
    ) -> Self {
        let prefix = prefix.trim_end_matches('/').to_owned();
        let external_origin = String::new();
        Self { database, data, images, clock, prefix, external_origin, permits: Semaphore::new(AT_ONCE) }
    }

    /// Forms are also taken from pages that were reached at this address: behind a proxy the request may name another host.
    #[must_use]
    pub fn reached_at(mut self, external_url: &url::Url) -> Self {
        self.external_origin = external_url.origin().ascii_serialization();
        self
    }
}

/// Mounts all pages and the pictures.
pub fn configure(pages: web::Data<Pages>) -> impl FnOnce(&mut ServiceConfig) + Clone {
    move |service: &mut ServiceConfig| {
        service
            .app_data(pages)
            .route("/", web::get().to(front::show))
            .route("/alerts", web::get().to(alerts_page::show))
            .route("/alerts/{fingerprint}", web::get().to(alerts_page::show_one))
            .configure(silence_routes)
            .configure(notification_routes)
            .configure(trials::routes)
            .route("/status", web::get().to(status::show))
            .route("/inbox", web::get().to(inbox::show))
            .route("/inbox/updates", web::get().to(inbox::updates))
            .route("/inbox/{id}", web::get().to(inbox::show_message))
            .route("/wirephoto/v1/inbox", web::get().to(inbox::json))
            .route("/assets/{name}", web::get().to(assets::serve))
            .service(images::resource());
    }
}

fn silence_routes(service: &mut ServiceConfig) {
    service
        .app_data(web::FormConfig::default().limit(silences::FORM_BYTES))
        .route("/silences", web::get().to(silences::show))
        .route("/silences/new", web::get().to(silences::new))
        .route("/silences/new", web::post().to(silences::create))
        .route("/silences/preview", web::get().to(silences::show_preview))
        .route("/silences/{id}", web::get().to(silences::show_one))
        .route("/silences/{id}/edit", web::get().to(silences::edit))
        .route("/silences/{id}/edit", web::post().to(silences::change))
        .route("/silences/{id}/expire", web::post().to(silences::expire));
}

fn notification_routes(service: &mut ServiceConfig) {
    service
        .route("/notifications", web::get().to(notifications::show))
        .route("/notifications/{id}", web::get().to(notifications::show_one))
        .route("/notifications/{id}/resend", web::post().to(notifications::resend))
        .route("/wirephoto/v1/notifications", web::get().to(notifications::json))
        .route("/wirephoto/v1/notifications/{id}", web::get().to(notifications::json_one))
        .route("/wirephoto/v1/notifications/{id}/resend", web::post().to(notifications::resend_for_script));
}

/// The same for every worker of a server.
pub fn configure_all(pages: web::Data<Pages>) -> impl Fn(&mut ServiceConfig) + Clone {
    move |service: &mut ServiceConfig| configure(pages.clone())(service)
}

/// Mounts the pictures and nothing else: what may be exposed to the world (`server.images_listen`).
pub fn configure_images(pages: web::Data<Pages>) -> impl FnOnce(&mut ServiceConfig) + Clone {
    move |service: &mut ServiceConfig| {
        service.app_data(pages).service(images::resource());
    }
}
