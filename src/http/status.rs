//! `GET /api/v2/status` and `GET /api/v2/receivers`.
//!
//! Deliberately unknown here: how the configuration became YAML.

use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;

use super::{Services, alert_json::Millis, answers, parameters::Given, version};

/// `GET /api/v2/status`. The server is its cluster's one peer, and ready from the first answer on.
pub(super) async fn status(services: web::Data<Services>) -> HttpResponse {
    let config = services.config.read().clone();
    let (name, address) = (&config.peer.name, &config.peer.address);
    answers::json(&json!({
        "cluster": { "name": name, "peers": [{ "address": address, "name": name }], "status": "ready" },
        "config": { "original": &*config.original },
        "uptime": Millis(config.started_at),
        "versionInfo": {
            "branch": version::BRANCH,
            "buildDate": "",
            "buildUser": "",
            "goVersion": "",
            "revision": version::REVISION,
            "version": version::ALERTMANAGER,
        },
    }))
}

/// `GET /api/v2/receivers`.
pub(super) async fn receivers(request: HttpRequest, services: web::Data<Services>) -> HttpResponse {
    let given = match Given::of(&request, "/receivers", &services) {
        Ok(given) => given,
        Err(answer) => return answer,
    };
    let config = services.config.read().clone();
    let wanted = config.receivers.iter().filter(|receiver| given.receiver_matchers.matches(&receiver.labels));
    let shown = wanted.map(|receiver| json!({ "labels": receiver.labels, "name": &*receiver.name }));
    answers::json(&shown.collect::<Vec<_>>())
}
