//! The style sheet, the script and the icon, compiled in. Their names change with their contents, so browsers may keep them.
//!
//! Deliberately unknown here: pages.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::LazyLock,
};

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web,
};

use super::{Pages, html::Html, layout, response};

/// A file in the program.
pub(super) struct Asset {
    name: String,
    content_type: &'static str,
    content: &'static str,
}

pub(super) static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("style", "css", "text/css; charset=utf-8", include_str!("assets/style.css")));
pub(super) static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("live", "js", "text/javascript; charset=utf-8", include_str!("assets/live.js")));
pub(super) static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("icon", "svg", "image/svg+xml", include_str!("assets/icon.svg")));

impl Asset {
    fn new(stem: &str, ending: &str, content_type: &'static str, content: &'static str) -> Self {
        let mut hasher = DefaultHasher::new();
        content.hash(&mut hasher);
        Self { name: format!("{stem}.{:016x}.{ending}", hasher.finish()), content_type, content }
    }
}

/// Where an asset is.
pub(super) fn path(pages: &Pages, asset: &Asset) -> Html {
    super::html::html!("{path}", path = layout::link(pages, &format!("/assets/{}", asset.name)))
}

/// `GET /assets/{name}`
pub(super) async fn serve(name: web::Path<String>) -> HttpResponse {
    let all = [&*STYLE, &*SCRIPT, &*ICON];
    match all.into_iter().find(|asset| asset.name == *name) {
        Some(asset) => response::guarded(StatusCode::OK)
            .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
            .content_type(asset.content_type)
            .body(asset.content),
        None => response::sentence(StatusCode::NOT_FOUND, "There is no such file."),
    }
}
