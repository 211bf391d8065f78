//! `POST /api/v1/preview` and `POST /api/v1/receivers/{name}/test`.
//!
//! Deliberately unknown here: how it looks on a page.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{self, Bytes},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{asker, coded, desk, foreign_browser, status, with_retry_after};
use crate::{
    pages::{Pages, response},
    trial::{PreviewAsked, Refused, TestAsked, Which},
};

/// The body of a preview.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PreviewBody {
    alerts: Option<Value>,
    receiver: Option<String>,
    integration: Option<String>,
    pictures: usize,
    resolved: bool,
}

impl Default for PreviewBody {
    fn default() -> Self {
        Self { alerts: None, receiver: None, integration: None, pictures: 1, resolved: false }
    }
}

/// The body of a test; it may be missing.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TestBody {
    integration: Option<String>,
    resolve: bool,
}

pub(super) async fn preview(pages: web::Data<Pages>, request: HttpRequest, body: Bytes) -> HttpResponse {
    if let Some(refusal) = foreign_browser(&request, &pages) {
        return refusal;
    }
    let asked = read(&request, &body).and_then(|body: PreviewBody| {
        Ok(PreviewAsked {
            event: body.alerts.map(|alerts| alerts.to_string()),
            receiver: body.receiver,
            integration: which(body.integration)?,
            pictures: body.pictures,
            resolved: body.resolved,
        })
    });
    let asked = match asked {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    match desk(&pages).preview(asked).await {
        Ok(preview) => response::json(StatusCode::OK, &json!(preview)),
        Err(refused) => refusal(&refused),
    }
}

pub(super) async fn test(
    pages: web::Data<Pages>,
    request: HttpRequest,
    name: web::Path<String>,
    body: Bytes,
) -> HttpResponse {
    if let Some(refusal) = foreign_browser(&request, &pages) {
        return refusal;
    }
    let asked = read(&request, &body).and_then(|body: TestBody| {
        let by = format!("{} over HTTP", asker(&request));
        Ok(TestAsked { receiver: name.into_inner(), integration: which(body.integration)?, resolve: body.resolve, by })
    });
    let asked = match asked {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    match desk(&pages).test(asked).await {
        Ok(report) => {
            let status = if report.ok { StatusCode::OK } else { StatusCode::BAD_GATEWAY };
            response::json(status, &json!(*report))
        }
        Err(refused) => refusal(&refused),
    }
}

fn refusal(refused: &Refused) -> HttpResponse {
    with_retry_after(coded(status(refused), &refused.to_string()), Some(refused))
}

/// JSON that says that it is JSON; nothing at all is as good as `{}`.
fn read<T: DeserializeOwned + Default>(request: &HttpRequest, body: &Bytes) -> Result<T, HttpResponse> {
    if body.is_empty() {
        return Ok(T::default());
    }
    let stated = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = stated.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        let words = "the body must be JSON, and say so: Content-Type: application/json";
        return Err(coded(StatusCode::UNSUPPORTED_MEDIA_TYPE, words));
    }
    serde_json::from_slice(body).map_err(|error| coded(StatusCode::BAD_REQUEST, &format!("the body: {error}")))
}

fn which(text: Option<String>) -> Result<Option<Which>, HttpResponse> {
    text.map(|text| text.parse().map_err(|error: String| coded(StatusCode::BAD_REQUEST, &error))).transpose()
}
