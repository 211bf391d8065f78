//! A dead letter is sent again: by a form of the pages, or by a script.
//!
//! Only the last word of a group is: an older one would tell what is not true any more. Deliberately unknown here: who sends.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use alerts::{
    message::DeliveryId,
    ports::{HistoryEntry, StoreError},
};
use async_trait::async_trait;
use serde_json::json;

use super::{find, whole, words};
use crate::{
    database::NotificationState,
    pages::{
        Pages, layout,
        response::{self, Answer},
        same_site,
    },
};

/// Who sends what was given up once more.
#[async_trait]
pub trait Resend: Send + Sync {
    /// Sends it again as a new delivery, which is in the outbox when its number is answered.
    async fn resend(&self, entry: HistoryEntry) -> Result<DeliveryId, ResendRefused>;
}

/// Why a notification is not sent again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResendRefused {
    /// There is none of that number.
    #[error("there is no such notification")]
    Unknown,
    /// It is not to be sent again.
    #[error("{0}")]
    Conflict(String),
    /// It may be possible later.
    #[error("{0}")]
    NotNow(String),
}

impl ResendRefused {
    fn status(&self) -> StatusCode {
        match self {
            Self::Unknown => StatusCode::NOT_FOUND,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::NotNow(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// `POST /notifications/{id}/resend`, a form of these pages.
pub(in crate::pages) async fn resend(
    pages: web::Data<Pages>,
    request: HttpRequest,
    id: web::Path<String>,
) -> HttpResponse {
    if let Err(refused) = same_site::check(&request, &pages) {
        return refused.into();
    }
    match send_again(&pages, &id).await {
        Ok(new) => {
            let to = layout::link(&pages, &format!("/notifications/{}?done=resent", new.0));
            response::see_other(&to).finish()
        }
        Err(refused) => {
            let status = refused.status();
            response::blocking(pages, move |pages| {
                Ok(whole(pages, status, "Not sent again", layout::note("It was not sent again", &refused.to_string())))
            })
            .await
        }
    }
}

/// `POST /wirephoto/v1/notifications/{id}/resend`, for scripts; a browser must be on these pages.
pub(in crate::pages) async fn resend_for_script(
    pages: web::Data<Pages>,
    request: HttpRequest,
    id: web::Path<String>,
) -> HttpResponse {
    let is_browser = request.headers().contains_key("sec-fetch-site") || request.headers().contains_key(header::ORIGIN);
    if is_browser && let Err(refused) = same_site::check(&request, &pages) {
        return refused.into();
    }
    let answer = match send_again(&pages, &id).await {
        Ok(new) => Answer::Json(json!({ "id": new.0 })),
        Err(refused) => Answer::Coded(refused.status(), json!({ "error": refused.to_string() })),
    };
    answer.into()
}

async fn send_again(pages: &web::Data<Pages>, id: &str) -> Result<DeliveryId, ResendRefused> {
    let Ok(_permit) = pages.permits.try_acquire() else {
        return Err(ResendRefused::NotNow("too many pages are being made at once".to_owned()));
    };
    let (here, id) = (pages.clone(), id.to_owned());
    let found = web::block(move || dead_letter(&here, &id)).await;
    let entry = found.map_err(|_| ResendRefused::NotNow("the history could not be read".to_owned()))??;
    let (number, receiver) = (entry.delivery.id.0, entry.delivery.receiver.clone());
    let new = pages.data.resend().resend(entry).await?;
    tracing::info!(
        delivery = number,
        again_as = new.0,
        receiver,
        "a dead letter is sent again, because somebody asked for it"
    );
    Ok(new)
}

/// The notification, if it can be sent again.
fn dead_letter(pages: &Pages, id: &str) -> Result<HistoryEntry, ResendRefused> {
    let conflict = |words: &str| Err(ResendRefused::Conflict(words.to_owned()));
    let unread = |error: StoreError| ResendRefused::NotNow(error.to_string());
    let notification = find(pages, id).map_err(unread)?.ok_or(ResendRefused::Unknown)?;
    match notification.state() {
        NotificationState::DeadLetter => {}
        NotificationState::Pending => return conflict("This notification is still on its way."),
        NotificationState::Sent | NotificationState::Degraded => return conflict("This notification was sent."),
        NotificationState::Dropped => return conflict("This notification was not to be sent any more."),
    }
    if let Some(newer) = pages.database.newer_notification(&notification.delivery).map_err(unread)? {
        return conflict(words::newer(newer));
    }
    notification.history().ok_or(ResendRefused::Unknown)
}
