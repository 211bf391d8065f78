//! `GET /api/v2/openapi.json`: the description of the API, for programs and for people.
//!
//! Deliberately unknown here: the API itself; a test holds the two against each other.

use actix_web::{HttpRequest, HttpResponse, web};

use super::Services;

/// What it says, but for where it is served.
pub(super) const DESCRIPTION: &str = include_str!("openapi.json");
/// Where it says that the API is served.
const SERVER: &str = "\"url\": \"/api/v2\"";

/// `GET /api/v2/openapi.json`.
pub(super) async fn openapi(_: HttpRequest, services: web::Data<Services>) -> HttpResponse {
    let prefix = &services.settings.route_prefix;
    let description = DESCRIPTION.replacen(SERVER, &format!("\"url\": \"{prefix}/api/v2\""), 1);
    HttpResponse::Ok().content_type("application/json").body(description)
}
