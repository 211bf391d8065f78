//! The machine alone, without HTTP and without a database: how long the actors have to do with alerts that are new.
//!
//! `cargo bench -p wirephoto-actors`. Prints the time per alert beside what is left of two cores at the aim of `DESIGN.md` section 9. What
//! it does not measure: parsing, commits, notifications, pictures.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark measures time, prints, and stops at what it did not expect"
)]
#![allow(missing_docs)]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use actors::{Machine, Metrics, Ports, clock::SystemClock, testing::Setup};
use alerts::{
    Time,
    intake::{Accept, Incoming, Normalised, Rules, normalise},
    message::{Delivery, DeliveryId, IntegrationKey, Receipt},
    picture::{PictureId, PictureRecord},
    ports::{Change, Clock, Snapshot, Store, StoreError},
    record::AlertRecord,
};
use futures_util::future::join_all;
use prometheus::Registry;

const ALERTS: usize = 200_000;
const PER_REQUEST: usize = 64;
const CONNECTIONS: usize = 4;
/// New alerts per second at which one core has nothing else to do.
const AIM: f64 = 500_000.0;

/// Takes everything and keeps nothing.
struct Nowhere;

impl Store for Nowhere {
    fn load(&self) -> Result<Snapshot, StoreError> {
        Ok(Snapshot::default())
    }

    fn load_alerts(&self, _: &mut dyn FnMut(AlertRecord)) -> Result<(), StoreError> {
        Ok(())
    }

    fn commit(&self, _: &[Change]) -> Result<(), StoreError> {
        Ok(())
    }

    fn deliveries(&self, _: &IntegrationKey, _: DeliveryId, _: usize) -> Result<Vec<Delivery>, StoreError> {
        Ok(Vec::new())
    }

    fn last_receipt(&self, _: &str, _: &IntegrationKey) -> Result<Option<Receipt>, StoreError> {
        Ok(None)
    }

    fn picture(&self, _: &PictureId) -> Result<Option<PictureRecord>, StoreError> {
        Ok(None)
    }

    fn pictures_unused_since(&self, _: Time, _: usize) -> Result<Vec<PictureRecord>, StoreError> {
        Ok(Vec::new())
    }
}

fn main() {
    for (what, group_by) in [("1,000 groups", "alertname"), ("a group for each alert", "instance")] {
        let took = actix::System::new().block_on(new_alerts(group_by));
        let micros = took.as_secs_f64() * 1e6 / ALERTS as f64;
        let share = ALERTS as f64 / took.as_secs_f64() / AIM;
        println!("{ALERTS} new alerts in {what}: {micros:.2} us each, {share:.2} of the aim");
    }
}

async fn new_alerts(group_by: &str) -> Duration {
    let setup = Setup::new(3_600.0, 3_600.0, 3_600.0).group_by(&[group_by]);
    let clock = Arc::new(SystemClock::new());
    let now = clock.now();
    let ports = Ports { store: Arc::new(Nowhere), renderer: None, images: setup.images.clone(), clock };
    let metrics = Arc::new(Metrics::new(&Registry::new()).unwrap());
    let machine = Machine::start(setup.settings(), ports, metrics).await.unwrap();
    let requests: Vec<Vec<Normalised>> = (0..ALERTS)
        .step_by(PER_REQUEST)
        .map(|first| (first..first + PER_REQUEST).map(|n| alert(n, now)).collect())
        .collect();
    let intake = machine.intake();
    let mut senders: Vec<Vec<Vec<Normalised>>> = vec![Vec::new(); CONNECTIONS];
    requests.into_iter().enumerate().for_each(|(at, request)| senders[at % CONNECTIONS].push(request));
    let began = Instant::now();
    let sending = senders.into_iter().map(|mine| {
        let intake = intake.clone();
        async move {
            for request in mine {
                intake.accept(request, now).await.unwrap();
            }
        }
    });
    join_all(sending).await;
    began.elapsed()
}

/// Much like those of `tests/compare/bodies.py`.
fn alert(number: usize, now: Time) -> Normalised {
    let name = format!("RuleNumber{:04}", number % 1_000);
    let host = format!("host-{number}.example:9100");
    let pair = |name: &str, value: &str| (name.to_owned().into(), value.to_owned().into());
    let incoming = Incoming {
        labels: vec![
            pair("alertname", &name),
            pair("cluster", "eu-west-1"),
            pair("instance", &host),
            pair("job", "node"),
            pair("severity", "warning"),
            pair("team", "infrastructure"),
        ],
        annotations: vec![
            pair(
                "description",
                &format!("The request rate of {host} has been above its limit for more than ten minutes."),
            ),
            pair("runbook_url", &format!("https://runbooks.example/{name}")),
            pair("summary", &format!("{name} fires on {host}")),
        ],
        starts_at: Some(now),
        ends_at: Some(now.plus(Duration::from_secs(240))),
        generator_url: "http://prometheus.example:9090/graph?g0.expr=rate%28requests_total%5B5m%5D%29&g0.tab=1".into(),
    };
    normalise(incoming, now, &Rules::default()).unwrap().into_owned()
}
