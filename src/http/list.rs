//! `GET /api/v2/alerts`: found in one pass over the table without unpacking, sorted by fingerprint, written piece by piece.
//!
//! Deliberately unknown here: silences and inhibition themselves; they are asked through [`super::Standings`].

use std::{convert::Infallible, vec};

use actix_web::{HttpRequest, HttpResponse, web};
use alerts::{
    Fingerprint, Status, Time,
    matcher::Matcher,
    table::{AlertRecordView, AlertTable},
};
use futures_util::stream;
use tokio::sync::OwnedSemaphorePermit;

use super::{AlertJson, Services, Standing, answers, query::Query};

/// A piece of the answer is sent when it has this many bytes.
const PIECE: usize = 64 * 1024;

/// `GET /api/v2/alerts`.
pub(super) async fn alerts(request: HttpRequest, services: web::Data<Services>) -> HttpResponse {
    let query = match Query::parse(request.query_string()) {
        Ok(query) => query,
        Err(error) => return answers::message(actix_web::http::StatusCode::BAD_REQUEST, &error),
    };
    let Ok(permit) = services.reading.clone().try_acquire_owned() else {
        return too_many(&services);
    };
    let now = services.clock.now();
    let searching = services.clone();
    match web::block(move || find(&searching, &query, now)).await {
        Ok(found) => HttpResponse::Ok().content_type("application/json").streaming(stream::iter(Listing {
            services,
            found: found.into_iter(),
            now,
            place: Place::Start,
            _permit: permit,
        })),
        Err(error) => answers::unavailable(&format!("the search was broken off: {error}"), 1),
    }
}

fn too_many(services: &Services) -> HttpResponse {
    services.metrics.too_many_reads();
    let limit = services.settings.get_concurrency;
    let reason = format!("Limit of concurrent GET requests reached ({limit}), try again later.");
    answers::unavailable(&reason, 1)
}

/// The alerts that are wanted and have not ended, by fingerprint.
fn find(services: &Services, query: &Query, now: Time) -> Vec<Fingerprint> {
    let mut found = candidates(&services.table, query, now);
    if query.needs_standing() {
        found.retain(|fingerprint| {
            let alert = services.table.record(*fingerprint);
            alert.is_some_and(|alert| is_wanted(&services.standings.of(&alert, now), query))
        });
    }
    found
}

fn candidates(table: &AlertTable, query: &Query, now: Time) -> Vec<Fingerprint> {
    let mut found = Vec::new();
    table.for_each(|alert: &AlertRecordView<'_>| {
        if alert.status(now) == Status::Firing && query.filter.matches(alert.blob()) {
            found.push(alert.fingerprint());
        }
    });
    found.sort_unstable();
    found.dedup();
    found
}

fn is_wanted(standing: &Standing, query: &Query) -> bool {
    let muted_as_wanted = (query.active || standing.is_suppressed())
        && (query.silenced || standing.silenced_by.is_empty())
        && (query.inhibited || standing.inhibited_by.is_empty());
    let concerns = |receiver: &Matcher| standing.receivers.iter().any(|name| receiver.matches_value(name));
    muted_as_wanted && query.receiver.as_ref().is_none_or(concerns)
}

/// The answer, written as fast as it is read. The read permit lasts as long.
struct Listing {
    services: web::Data<Services>,
    found: vec::IntoIter<Fingerprint>,
    now: Time,
    place: Place,
    _permit: OwnedSemaphorePermit,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    Middle,
    End,
}

impl Iterator for Listing {
    type Item = Result<web::Bytes, Infallible>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.place == Place::End {
            return None;
        }
        let mut piece = Vec::with_capacity(PIECE + PIECE / 8);
        while piece.len() < PIECE && self.place != Place::End {
            self.write_next(&mut piece);
        }
        Some(Ok(piece.into()))
    }
}

impl Listing {
    fn write_next(&mut self, piece: &mut Vec<u8>) {
        if let Some(fingerprint) = self.found.next() {
            self.write_alert(fingerprint, piece);
            return;
        }
        piece.extend_from_slice(if self.place == Place::Start { b"[]\n" } else { b"]\n" });
        self.place = Place::End;
    }

    /// An alert that went meanwhile is left out.
    fn write_alert(&mut self, fingerprint: Fingerprint, piece: &mut Vec<u8>) {
        let Some(alert) = self.services.table.record(fingerprint) else { return };
        let standing = self.services.standings.of(&alert, self.now);
        piece.push(if self.place == Place::Start { b'[' } else { b',' });
        self.place = Place::Middle;
        let json = AlertJson { alert: &alert, standing: &standing, muted_by: &[] };
        serde_json::to_writer(piece, &json).expect("strings into memory");
    }
}
