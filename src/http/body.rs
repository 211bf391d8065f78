//! The body of a request: gathered within a limit each, a budget for all, and a time.
//!
//! Deliberately unknown here: what stands in it.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{Bytes, BytesMut, Payload},
};
use futures_util::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Services, answers};

/// Bytes per permit of the budget.
const UNIT: usize = 1024;

/// The permits of a budget of so many bytes.
pub(super) fn budget(bytes: usize) -> usize {
    bytes.div_ceil(UNIT).clamp(1, Semaphore::MAX_PERMITS)
}

/// A body, and its share of the budget until it is dropped.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) bytes: Bytes,
    _share: Option<OwnedSemaphorePermit>,
}

/// Why there is no body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NoBody {
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
    #[error("the body did not arrive within {0:?}")]
    TooSlow(Duration),
    #[error("too many bodies are being processed: send it again later")]
    Busy,
    #[error("the body broke off: {0}")]
    BrokenOff(String),
}

impl NoBody {
    /// As a metric label.
    pub(super) const fn reason(&self) -> &'static str {
        match self {
            NoBody::TooLarge(_) => "too_large",
            NoBody::TooSlow(_) => "too_slow",
            NoBody::Busy => "busy",
            NoBody::BrokenOff(_) => "broken_off",
        }
    }

    pub(super) fn answer(&self) -> HttpResponse {
        match self {
            NoBody::TooLarge(_) => answers::coded(StatusCode::PAYLOAD_TOO_LARGE.as_u16(), &self.to_string()),
            NoBody::TooSlow(_) => answers::text(StatusCode::REQUEST_TIMEOUT, self.to_string()),
            NoBody::Busy => answers::unavailable(&self.to_string(), 1),
            NoBody::BrokenOff(_) => answers::coded(StatusCode::BAD_REQUEST.as_u16(), &self.to_string()),
        }
    }
}

/// The whole body of a request.
pub(super) async fn gather(request: &HttpRequest, payload: Payload, services: &Services) -> Result<Body, NoBody> {
    let settings = &services.settings;
    let stated = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if stated.is_some_and(|length: usize| length > settings.body_bytes) {
        return Err(NoBody::TooLarge(settings.body_bytes));
    }
    let all = gather_chunks(payload, settings.body_bytes, &services.bodies);
    tokio::time::timeout(settings.request_timeout, all).await.map_err(|_| NoBody::TooSlow(settings.request_timeout))?
}

async fn gather_chunks(mut payload: Payload, limit: usize, bodies: &std::sync::Arc<Semaphore>) -> Result<Body, NoBody> {
    let mut bytes = Gathered::default();
    let mut share: Option<OwnedSemaphorePermit> = None;
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| NoBody::BrokenOff(error.to_string()))?;
        if bytes.len() + chunk.len() > limit {
            return Err(NoBody::TooLarge(limit));
        }
        let units = u32::try_from(chunk.len().div_ceil(UNIT)).unwrap_or(u32::MAX);
        let more = bodies.clone().try_acquire_many_owned(units).map_err(|_| NoBody::Busy)?;
        match &mut share {
            Some(share) => share.merge(more),
            None => share = Some(more),
        }
        bytes.push(chunk);
    }
    Ok(Body { bytes: bytes.whole(), _share: share })
}

/// Most bodies arrive as one chunk, which is then not copied.
#[derive(Default)]
struct Gathered {
    first: Bytes,
    all: BytesMut,
}

impl Gathered {
    fn len(&self) -> usize {
        self.first.len() + self.all.len()
    }

    fn push(&mut self, chunk: Bytes) {
        if self.len() == 0 {
            self.first = chunk;
            return;
        }
        if !self.first.is_empty() {
            self.all = BytesMut::from(std::mem::take(&mut self.first));
        }
        self.all.extend_from_slice(&chunk);
    }

    fn whole(self) -> Bytes {
        if self.all.is_empty() { self.first } else { self.all.freeze() }
    }
}
