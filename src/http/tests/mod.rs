//! The HTTP layer against a table and a stand-in for the actors that merges nothing but writes down what it is given.

mod connections;
mod cross_origin;
mod errors;
mod fakes;
mod grouping;
mod hostile;
mod openapi;
mod pages;
mod posting;
mod reading;
mod serving;
mod silencing;
mod webhooks;

use std::{
    sync::atomic::{AtomicI64, AtomicUsize, Ordering},
    time::Duration,
};

use actix_web::{
    App,
    body::MessageBody,
    dev::{Service, ServiceResponse},
    http::{Method, StatusCode, header},
    test,
};
use alerts::{
    LabelSet, Time,
    intake::{NotAccepted, Rules},
    table::AlertTable,
};
use parking_lot::Mutex;
use prometheus::Registry;

use self::fakes::{Book, ByLabel, FixedClock, Keeper, Reasons, Reloader, silence_id};
use super::*;

/// The layer, and what lies behind it.
struct Bench {
    services: Arc<Services>,
    keeper: Arc<Keeper>,
    clock: Arc<FixedClock>,
    readiness: Arc<Reasons>,
    by_label: Arc<ByLabel>,
    book: Arc<Book>,
    reloader: Arc<Reloader>,
}

/// 2023-11-14T22:13:20Z.
const NOW: i64 = 1_700_000_000;

impl Bench {
    fn new() -> Self {
        Self::with(HttpSettings { body_bytes: 4096, ..HttpSettings::default() })
    }

    fn with(settings: HttpSettings) -> Self {
        let table = Arc::new(AlertTable::new());
        let keeper = Arc::new(Keeper {
            table: table.clone(),
            refusal: Mutex::default(),
            accepted: AtomicUsize::new(0),
            extended: AtomicUsize::new(0),
        });
        let clock = Arc::new(FixedClock(AtomicI64::new(NOW)));
        let readiness = Arc::new(Reasons(Mutex::default()));
        let (by_label, book) = (Arc::new(ByLabel::default()), Arc::new(Book::new(clock.clone())));
        let reloader = Arc::new(Reloader(Mutex::new(Ok(()))));
        let parts = Parts {
            table,
            accept: keeper.clone(),
            standings: by_label.clone(),
            grouping: by_label.clone(),
            silences: book.clone(),
            reload: reloader.clone(),
            readiness: readiness.clone(),
            clock: clock.clone(),
        };
        let (registry, rules) = (Registry::new(), Rules::default());
        let services = Services::new(parts, registry, rules, config(), settings).expect("a new registry");
        Self { services: Arc::new(services), keeper, clock, readiness, by_label, book, reloader }
    }

    async fn send(&self, request: test::TestRequest) -> Answer {
        let services = web::Data::from(self.services.clone());
        let app = test::init_service(
            App::new()
                .app_data(services.clone())
                .wrap(from_fn(metrics::measure))
                .configure(|app| routes(app, &services, |_| {}))
                .default_service(web::to(not_found)),
        )
        .await;
        Answer::read(app.call(request.to_request()).await.expect("handlers answer")).await
    }

    async fn post(&self, path: &str, body: impl Into<String>) -> Answer {
        self.post_as("application/json", path, body.into()).await
    }

    async fn post_as(&self, kind: &str, path: &str, body: String) -> Answer {
        self.send(with_body(test::TestRequest::post().uri(path), kind, body)).await
    }

    async fn call(&self, method: &str, path: &str, body: Option<&str>) -> Answer {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let request = test::TestRequest::with_uri(path).method(method);
        match body {
            Some(body) => self.send(with_body(request, "application/json", body.to_owned())).await,
            None => self.send(request).await,
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(test::TestRequest::get().uri(path)).await
    }

    /// The label `n` of the alerts that are listed.
    async fn listed(&self, query: &str) -> Vec<String> {
        let answer = self.get(&format!("/api/v2/alerts?{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let json: serde_json::Value = serde_json::from_str(&answer.body).expect("it is JSON");
        let alerts = json.as_array().expect("it is a list");
        assert!(alerts.is_sorted_by_key(|alert| alert["fingerprint"].as_str().unwrap_or_default().to_owned()));
        let mut names: Vec<_> =
            alerts.iter().map(|a| a["labels"]["n"].as_str().unwrap_or_default().to_owned()).collect();
        names.sort_unstable();
        names
    }
}

/// An empty kind is none.
fn with_body(request: test::TestRequest, kind: &str, body: String) -> test::TestRequest {
    let request = request.insert_header((header::CONTENT_LENGTH, body.len()));
    let request = if kind.is_empty() { request } else { request.insert_header((header::CONTENT_TYPE, kind)) };
    request.set_payload(body)
}

#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: header::HeaderMap,
    body: String,
}

impl Answer {
    async fn read(response: ServiceResponse<impl MessageBody>) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let body = String::from_utf8_lossy(&test::read_body(response).await).into_owned();
        Self { status, headers, body }
    }

    fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

const PATH: &str = "/api/v2/alerts";

/// As the tests' configuration is shown.
fn config() -> ConfigView {
    let labels = |pairs: &[(&str, &str)]| pairs.iter().copied().collect::<LabelSet>();
    let receivers = vec![
        ReceiverView::new("default", LabelSet::new()),
        ReceiverView::new("db", labels(&[("owner", "storage"), ("kind", "pager")])),
        ReceiverView::new("all", labels(&[("owner", "storage")])),
    ];
    let peer = Peer { name: "01ARYZ6S410000000000000000".to_owned(), address: "127.0.0.1:9093".to_owned() };
    ConfigView::new("route:\n  receiver: default\n".into(), receivers, Time::from_secs(NOW - 60), peer)
}
