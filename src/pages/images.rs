//! Pictures behind signed links that end: `/images/{id}.png?e=..&s=..`.
//!
//! Deliberately unknown here: how links are signed, where the bytes lie.

use std::time::Duration;

use actix_web::{
    HttpResponse, Resource,
    http::{StatusCode, header},
    web,
};
use alerts::{Time, picture::PictureId, ports::ImageError};
use async_trait::async_trait;
use bytes::Bytes;
use serde::Deserialize;

use super::{Pages, response};

/// How long the links on a page work, at least; rounded up, so that the same picture has the same link for a while and
/// browsers do not fetch it again.
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);
const ROUNDED_TO: Duration = Duration::from_secs(60 * 60);
/// Longer names are nobody's (stores use 20 to 30 characters).
const LONGEST_NAME: usize = 64;

/// The local image store as the pages need it.
#[async_trait]
pub trait ServeImages: Send + Sync {
    /// A link that works from now for `lifetime`, from the root of this server and without its prefix:
    /// `/images/{id}.png?e=..&s=..`; none where the name cannot be one of the store.
    fn signed_path(&self, id: &PictureId, now: Time, lifetime: Duration) -> Option<String>;

    /// Checks the two parameters of a link: its end in seconds since 1970, and its signature.
    fn verify(&self, id: &PictureId, end_secs: i64, signature: &str, now: Time) -> Result<(), LinkError>;

    /// The PNG file.
    async fn get(&self, id: &PictureId) -> Result<Bytes, ImageError>;
}

/// Why a link does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Its time is over.
    #[error("the link has expired")]
    Expired,
    /// It was not made here, or was changed.
    #[error("the link is not valid")]
    Invalid,
}

#[derive(Deserialize)]
pub(super) struct Signed {
    #[serde(default, rename = "e")]
    end: String,
    #[serde(default, rename = "s")]
    signature: String,
}

/// `GET` and `HEAD`; there is nothing else and no list.
pub(super) fn resource() -> Resource {
    web::resource("/images/{name}").route(web::get().to(serve)).route(web::head().to(serve))
}

/// The link of a picture on a page that is made at `now`.
pub(super) fn link(pages: &Pages, id: &PictureId, now: Time) -> String {
    let end = now.plus(LIFETIME).round_up(ROUNDED_TO);
    let path = pages.images.signed_path(id, now, end.since(now)).unwrap_or_default();
    format!("{}{path}", pages.prefix)
}

async fn serve(pages: web::Data<Pages>, name: web::Path<String>, signed: web::Query<Signed>) -> HttpResponse {
    let Some(id) = picture_id(&name) else { return not_found() };
    let now = pages.clock.now();
    // an end that is no number is one that nobody signed
    let end_secs = signed.end.parse().unwrap_or(i64::MIN);
    if let Err(refused) = pages.images.verify(&id, end_secs, &signed.signature, now) {
        return forbidden(refused);
    }
    match pages.images.get(&id).await {
        Ok(png) => picture(png, Time::from_secs(end_secs).since(now)),
        Err(ImageError::NotFound(_)) => not_found(),
        Err(ImageError::Failed(why)) => {
            tracing::warn!(picture = %id, why, "a picture could not be read");
            response::sentence(StatusCode::SERVICE_UNAVAILABLE, "The picture cannot be read now. Try again later.")
        }
    }
}

fn picture(png: Bytes, rest: Duration) -> HttpResponse {
    response::guarded(StatusCode::OK)
        .insert_header((header::CACHE_CONTROL, format!("private, max-age={}, immutable", rest.as_secs())))
        .insert_header((header::CONTENT_DISPOSITION, "inline"))
        .content_type("image/png")
        .body(png)
}

fn forbidden(refused: LinkError) -> HttpResponse {
    let words = match refused {
        LinkError::Expired => "This link has expired. Newer messages have newer links.",
        LinkError::Invalid => "This link is not valid: its signature does not match.",
    };
    response::sentence(StatusCode::FORBIDDEN, words)
}

fn not_found() -> HttpResponse {
    response::sentence(StatusCode::NOT_FOUND, "There is no such picture. It may have been deleted after its retention.")
}

/// Only names that a store may have made: no dots, no slashes.
fn picture_id(name: &str) -> Option<PictureId> {
    let id = name.strip_suffix(".png")?;
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    (plain && (1..=LONGEST_NAME).contains(&id.len())).then(|| PictureId(id.into()))
}
