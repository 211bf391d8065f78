//! The pages for people: overview, alerts, inbox, and the pictures behind signed links. Server-rendered, one style
//! sheet, one small script without which everything works too.
//!
//! Deliberately unknown here: actors, how alerts and groups are kept ([`PageData`] says what pages need of them), how links are
//! signed ([`ServeImages`]), who may see the pages.

mod alerts_page;
mod assets;
mod data;
mod front;
mod html;
mod images;
mod inbox;
mod layout;
mod local_images;
mod message;
mod response;

use std::sync::Arc;

use actix_web::web::{self, ServiceConfig};
use alerts::ports::Clock;
use tokio::sync::Semaphore;

pub use data::{AlertView, AlertsView, IntegrationState, IntegrationView, PageData, StatusView};
pub use images::{LinkError, ServeImages};

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
        Self { database, data, images, clock, prefix, permits: Semaphore::new(AT_ONCE) }
    }
}

/// Mounts all pages and the pictures.
pub fn configure(pages: web::Data<Pages>) -> impl FnOnce(&mut ServiceConfig) + Clone {
    move |service: &mut ServiceConfig| {
        service
            .app_data(pages)
            .route("/", web::get().to(front::show))
            .route("/alerts", web::get().to(alerts_page::show))
            .route("/inbox", web::get().to(inbox::show))
            .route("/inbox/updates", web::get().to(inbox::updates))
            .route("/inbox/{id}", web::get().to(inbox::show_message))
            .route("/wirephoto/v1/inbox", web::get().to(inbox::json))
            .route("/assets/{name}", web::get().to(assets::serve))
            .service(images::resource());
    }
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
