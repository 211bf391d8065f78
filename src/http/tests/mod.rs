//! The HTTP layer against a table and a stand-in for the actors that merges nothing but writes down what it is given.

mod connections;
mod posting;
mod reading;

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use actix_web::{
    App,
    body::MessageBody,
    dev::{Service, ServiceResponse},
    http::{Method, StatusCode, header},
    test,
};
use alerts::intake::{Normalised, NotAccepted};
use parking_lot::Mutex;

use super::*;

struct FixedClock(AtomicI64);

impl Clock for FixedClock {
    fn now(&self) -> Time {
        Time::from_secs(self.0.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

/// Puts what it is given into the table, or refuses it.
struct Keeper {
    table: Arc<AlertTable>,
    refusal: Mutex<Option<NotAccepted>>,
    accepted: AtomicUsize,
    extended: AtomicUsize,
}

#[async_trait::async_trait]
impl Accept for Keeper {
    async fn accept(&self, alerts: Vec<Normalised>, _: Time) -> Result<(), NotAccepted> {
        if let Some(refusal) = self.refusal.lock().clone() {
            return Err(refusal);
        }
        for alert in alerts {
            self.accepted.fetch_add(1, Ordering::Relaxed);
            self.table.load(AlertRecord::from(&alert.alert()));
        }
        Ok(())
    }

    fn extend(&self, alerts: Vec<Fingerprint>) {
        self.extended.fetch_add(alerts.len(), Ordering::Relaxed);
    }
}

/// Mutes by the alert's own labels `silenced` and `inhibited`, and names the receiver after `team`.
struct ByLabel;

impl Standings for ByLabel {
    fn of(&self, alert: &AlertRecord, _: Time) -> Standing {
        let labels = alert.blob.labels();
        let listed = |name: &str| labels.get(name).map(str::to_owned).into_iter().collect::<Vec<_>>();
        Standing {
            receivers: vec![labels.get("team").unwrap_or("default").into()],
            silenced_by: listed("silenced"),
            inhibited_by: listed("inhibited").iter().filter_map(|fingerprint| fingerprint.parse().ok()).collect(),
        }
    }
}

struct Reasons(Mutex<Vec<String>>);

impl Readiness for Reasons {
    fn not_ready(&self) -> Vec<String> {
        self.0.lock().clone()
    }
}

/// The layer, and what lies behind it.
struct Bench {
    services: Arc<Services>,
    keeper: Arc<Keeper>,
    clock: Arc<FixedClock>,
    readiness: Arc<Reasons>,
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
        let parts = Parts {
            table,
            accept: keeper.clone(),
            standings: Arc::new(ByLabel),
            readiness: readiness.clone(),
            clock: clock.clone(),
        };
        let services = Services::new(parts, Registry::new(), Rules::default(), settings).expect("a new registry");
        Self { services: Arc::new(services), keeper, clock, readiness }
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
        let request = test::TestRequest::post().uri(path).insert_header((header::CONTENT_TYPE, "application/json"));
        self.send(request.set_payload(body.into())).await
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
