//! The alert table and the intake beside their aims (`DESIGN.md` section 9): alerts per second on one core, resident bytes per alert.
//!
//! `cargo bench -p wirephoto-alerts --bench table`. The aims are for two cores with HTTP and everything else; what stands here is
//! one core's work inside of that. Nothing is asserted: figures are for people.
#![expect(clippy::print_stdout, reason = "a benchmark's result is what it prints")]
#![allow(missing_docs)]

use std::{fmt::Write, hint::black_box, time::Duration};

use alerts::{
    Fingerprint, Time,
    intake::{Batch, Incoming, NotParsed, Rules, normalise, v2},
    matcher::{MatcherSet, Syntax},
    table::{AlertTable, Refresh},
};

/// Alerts per request.
const BATCH: usize = 64;
/// Aims in alerts per second, bytes per alert, and time.
const NEW: f64 = 250_000.0;
const RESENT: f64 = 900_000.0;
const BYTES: f64 = 880.0;
const FIND: Duration = Duration::from_millis(5);

fn main() {
    let count = 100_000;
    let now = Time::from_secs(1_700_000_000);
    let bodies: Vec<String> = (0..count / BATCH).map(|n| body(n * BATCH, now)).collect();
    let size = bodies[0].len() / BATCH;
    println!("{count} alerts, {size} bytes of JSON each, {BATCH} per request, one core\n");

    let table = AlertTable::new();
    let before = resident();
    let took = time(|| bodies.iter().for_each(|body| take(body, &table, now)));
    rate("new: parse, validate, pack, put, settle", count, took, NEW);
    memory("resident per alert at 100k", &table, before);

    let later = now.plus(Duration::from_secs(1));
    let again: Vec<String> = (0..count / BATCH).map(|n| body(n * BATCH, later)).collect();
    rate("re-sent: parse, validate, refresh", count, mean(|| resend(Batch::of_v2, &again, &table, later)), RESENT);
    let plainly = mean(|| resend(Batch::of_v2_plainly, &again, &table, later));
    rate("  the same, the plain way", count, plainly, RESENT);
    rate("    of that, parse", count, mean(|| again.iter().for_each(|body| drop(black_box(parsed(body))))), RESENT);
    let seen: Vec<_> = again.iter().flat_map(|body| parsed(body)).map(|alert| received(alert, later)).collect();
    let refresh = || seen.iter().for_each(|seen| assert_ne!(table.refresh(seen), Refresh::Changed));
    rate("    of that, refresh in the table", count, mean(refresh), RESENT);

    let filter = MatcherSet::parse(r#"instance="10.1.0.77:9100""#, Syntax::Utf8).expect("a matcher");
    against("find one by a label", mean(|| drop(black_box(find(&table, &filter)))), FIND);
    let filter = MatcherSet::parse(r#"pod=~".*-77777""#, Syntax::Utf8).expect("a matcher");
    against("find one by a regular expression", mean(|| drop(black_box(find(&table, &filter)))), FIND);
    against("count firing and resolved", mean(|| assert_eq!(table.counts(now).resolved, 0)), FIND);

    let (million, before) = (AlertTable::new(), resident());
    for n in 0..1_000_000 / BATCH {
        take(&body(n * BATCH, now), &million, now);
    }
    memory("resident per alert at 1M", &million, before);
}

/// What the worker and the actor do for new alerts, without the actor's messages and without the log.
fn take(body: &str, table: &AlertTable, now: Time) {
    for alert in Batch::of_v2(body.as_bytes(), table, now, &Rules::default()).expect("it is well formed").changed {
        let fingerprint = alert.sighting.fingerprint;
        table.put(alert.record(), 1);
        table.settle(fingerprint, 1, true);
    }
}

/// A way to take a body: the fast one, which takes the plain one where it must, or the plain one.
type Way = fn(&[u8], &AlertTable, Time, &Rules) -> Result<Batch, NotParsed>;

fn resend(way: Way, bodies: &[String], table: &AlertTable, now: Time) {
    for body in bodies {
        let batch = way(body.as_bytes(), table, now, &Rules::default()).expect("it is well formed");
        assert!(batch.changed.is_empty() && batch.invalid.is_empty());
    }
}

fn parsed(body: &str) -> Vec<Incoming<'_>> {
    v2::parse(body).expect("it is well formed")
}

fn received(alert: Incoming<'_>, now: Time) -> alerts::table::Sighting {
    normalise(alert, now, &Rules::default()).expect("it is valid").sighting
}

fn find(table: &AlertTable, filter: &MatcherSet) -> Vec<Fingerprint> {
    let mut found = Vec::new();
    table.search(filter, |alert| found.push(alert.fingerprint()));
    assert_eq!(found.len(), 1);
    found
}

/// Alerts as Prometheus sends them; Go's encoder escapes the `&` of every generator URL.
fn body(first: usize, now: Time) -> String {
    let (start, end) =
        (now.minus(Duration::from_secs(now.as_secs().unsigned_abs() % 100)), now.plus(Duration::from_secs(240)));
    let mut out = String::from("[");
    for n in first..first + BATCH {
        let comma = if n == first { "" } else { "," };
        let instance = format!("10.{}.{}.{}:9100", n >> 16, (n >> 8) & 255, n & 255);
        write!(
            out,
            r#"{comma}{{"annotations":{{"description":"CPU on {instance} of payments-api-{n} has been above 90% for 5 minutes.","runbook_url":"https://runbooks.example.org/HighCpu","summary":"High CPU on {instance}"}},"endsAt":"{end}","startsAt":"{start}","generatorURL":"http://prometheus.example.org:9090/graph?g0.expr=cpu_usage+%3E+0.9\u0026g0.tab=1","labels":{{"alertname":"HighCpu","cluster":"eu-west-1","instance":"{instance}","job":"node","namespace":"payments","pod":"payments-api-{n}","severity":"warning","team":"payments"}}}}"#
        )
        .expect("strings grow");
    }
    out + "]"
}

fn rate(what: &str, alerts: usize, took: Duration, aim: f64) {
    let per_second = alerts as f64 / took.as_secs_f64();
    let nanos = took.as_nanos() as f64 / alerts as f64;
    println!("{what:<44} {:>9.0} /s {nanos:>7.0} ns   x{:.2} of the aim {aim:.0} /s", per_second, per_second / aim);
}

fn against(what: &str, took: Duration, aim: Duration) {
    println!("{what:<44} {took:>12.2?}              x{:.2} of the aim {aim:?}", took.as_secs_f64() / aim.as_secs_f64());
}

fn memory(what: &str, table: &AlertTable, before: usize) {
    let bytes = resident().saturating_sub(before) as f64 / table.len() as f64;
    println!("{what:<44} {bytes:>9.0} B               x{:.2} of the aim {BYTES:.0} B", bytes / BYTES);
}

/// The mean of so many runs that the kernel's accounting, which goes by milliseconds, is precise enough.
fn mean(mut work: impl FnMut()) -> Duration {
    work();
    let (mut runs, mut took) = (0, Duration::ZERO);
    while took < Duration::from_millis(400) {
        took += time(|| (0..8).for_each(|_| work()));
        runs += 8;
    }
    took / runs
}

/// Processor time: that of this thread, so that neighbours on the machine count less.
fn time(work: impl FnOnce()) -> Duration {
    let began = processor_time();
    work();
    processor_time().saturating_sub(began)
}

/// Linux tells it in nanoseconds; elsewhere the clock on the wall has to do.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures")]
fn processor_time() -> Duration {
    static BEGAN: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = told.and_then(|told| told.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| BEGAN.elapsed(), Duration::from_nanos)
}

/// Resident bytes of this process; 0 where there is no `/proc`.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: usize = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or_default();
    pages * 4096
}
