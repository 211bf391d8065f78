//! `GET /api/v2/alerts`: found without unpacking, sorted by fingerprint, written piece by piece; a page of it if one is asked for.
//!
//! Deliberately unknown here: silences and inhibition themselves; they are asked through [`super::Standings`].

use std::{sync::Arc, vec};

use actix_web::{HttpRequest, HttpResponse, web};
use alerts::{Fingerprint, Status, Time, record::AlertRecord};
use futures_util::stream;

use super::{
    AlertJson, Services, answers, limits,
    page::{self, Cursor},
    parameters::Given,
    pieces::{Pieces, Steps},
    ports::ConfigView,
    selection::Selection,
};

/// `GET /api/v2/alerts`.
pub(super) async fn alerts(request: HttpRequest, services: web::Data<Services>) -> HttpResponse {
    let mut given = match Given::of(&request, "/alerts", &services) {
        Ok(given) => given,
        Err(answer) => return answer,
    };
    let reading = limits::reading(&request);
    let (now, config) = (services.clock.now(), services.config.read().clone());
    let selection = Selection::new(&mut given, &config);
    let page = Page { after: given.cursor, limit: given.limit };
    let searching = services.clone();
    let found = match web::block(move || find(&searching, &selection, page, now)).await {
        Ok(found) => found,
        Err(error) => return answers::unavailable(&format!("the search was broken off: {error}"), 1),
    };
    let mut answer = HttpResponse::Ok();
    answer.content_type("application/json");
    if let Some(next) = found.next {
        page::announce(&request, &next.write(), &mut answer);
    }
    let sizes = services.metrics.sizes("/api/v2/alerts", "get");
    let listing = Listing {
        services,
        config,
        found: found.alerts.into_iter(),
        ready: Vec::new().into_iter(),
        now,
        place: Place::Start,
    };
    answer.streaming(stream::iter(Pieces::new(listing, reading, sizes)))
}

/// What part of the list is wanted.
#[derive(Clone, Copy)]
struct Page {
    after: Option<Cursor>,
    limit: Option<usize>,
}

struct Found {
    /// Ascending.
    alerts: Vec<Fingerprint>,
    next: Option<Cursor>,
}

/// The alerts that are wanted and have not ended, by fingerprint.
fn find(services: &Services, selection: &Selection, page: Page, now: Time) -> Found {
    let mut found = firing(services, selection, now);
    if let Some(Cursor(last)) = page.after {
        found.retain(|fingerprint| *fingerprint > last);
    }
    let asks_more = selection.asks_for_muters() || !selection.receivers.is_open();
    let limit = page.limit.unwrap_or(usize::MAX);
    if !asks_more && limit < found.len() {
        // Only the page and the alert behind it need to be in their places.
        found.select_nth_unstable(limit);
        found.truncate(limit + 1);
    }
    found.sort_unstable();
    found.dedup();
    let asked = |fingerprint: &Fingerprint| {
        let alert = services.table.record(*fingerprint);
        alert.is_some_and(|alert| selection.wants(&services.standings.of(&alert, now)))
    };
    let is_wanted = |fingerprint: &Fingerprint| !asks_more || asked(fingerprint);
    let mut alerts: Vec<_> = found.into_iter().filter(is_wanted).take(limit.saturating_add(1)).collect();
    let has_more = alerts.len() > limit;
    alerts.truncate(limit);
    let next = alerts.last().filter(|_| has_more).copied().map(Cursor);
    Found { alerts, next }
}

/// The alerts that match the filter and have not ended, in no particular order.
pub(super) fn firing(services: &Services, selection: &Selection, now: Time) -> Vec<Fingerprint> {
    let mut found = Vec::new();
    services.table.search(&selection.filter, |alert| {
        if alert.status(now) == Status::Firing {
            found.push(alert.fingerprint());
        }
    });
    found
}

/// Alerts that are looked up at once.
const AT_ONCE: usize = 256;

/// The answer. What went meanwhile is left out.
struct Listing {
    services: web::Data<Services>,
    config: Arc<ConfigView>,
    found: vec::IntoIter<Fingerprint>,
    /// Looked up and not written yet.
    ready: vec::IntoIter<AlertRecord>,
    now: Time,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    Middle,
}

impl Steps for Listing {
    fn step(&mut self, piece: &mut Vec<u8>) -> bool {
        let Some(alert) = self.ready.next() else {
            let some: Vec<Fingerprint> = self.found.by_ref().take(AT_ONCE).collect();
            if some.is_empty() {
                piece.extend_from_slice(if self.place == Place::Start { b"[]\n" } else { b"]\n" });
                return false;
            }
            self.ready = self.services.table.records_of(&some).into_iter();
            return true;
        };
        let standing = self.services.standings.of(&alert, self.now);
        piece.push(if self.place == Place::Start { b'[' } else { b',' });
        self.place = Place::Middle;
        AlertJson { alert: &alert, standing: &standing, muted_by: &[], config: &self.config }.write(piece);
        true
    }
}
