//! The log: to standard error, for people or as JSON, with times in UTC.
//!
//! Deliberately unknown here: what is logged, and the metrics.

use std::io;

use tracing_subscriber::{
    EnvFilter, fmt, fmt::MakeWriter, fmt::time::FormatTime, layer::SubscriberExt, util::SubscriberInitExt,
};

use crate::config::settings::{Log, LogFormat};

/// Libraries that say at `info` and below what nobody on call wants to read.
const QUIET: [&str; 6] = ["hyper", "hyper_util", "reqwest", "rustls", "actix_server=warn", "lettre"];

/// Its lines hold whole messages to the browser, with the login to a Grafana: at no level.
const SECRETIVE: &str = "chromiumoxide=off";

/// Sends all log lines to standard error from now on. `rust_log`, the environment variable `RUST_LOG`, overrides the level.
/// Only the first call in a process has an effect.
pub fn init(log: &Log, rust_log: Option<&str>) {
    let filter = filter(log, rust_log);
    let registry = tracing_subscriber::registry().with(filter);
    let stderr_is_a_terminal = io::IsTerminal::is_terminal(&io::stderr());
    // a second call finds the first one's subscriber in place, which is what tests want
    let _ = match log.format {
        LogFormat::Text => registry.with(text(io::stderr, stderr_is_a_terminal)).try_init(),
        LogFormat::Json => registry.with(json(io::stderr)).try_init(),
    };
}

/// What is logged. A `RUST_LOG` that cannot be read is as good as none.
fn filter(log: &Log, rust_log: Option<&str>) -> EnvFilter {
    let given = rust_log.filter(|text| !text.trim().is_empty()).and_then(|text| EnvFilter::try_new(text).ok());
    let filter = given.unwrap_or_else(|| EnvFilter::new(directives(log)));
    match SECRETIVE.parse() {
        Ok(directive) => filter.add_directive(directive),
        Err(_) => filter,
    }
}

/// Our own level, with the libraries one step quieter.
fn directives(log: &Log) -> String {
    let level = log.level.as_str();
    let libraries =
        QUIET.map(|name| if name.contains('=') { name.to_owned() } else { format!("{name}=warn") }).join(",");
    match log.level {
        crate::config::settings::Level::Trace => level.to_owned(),
        crate::config::settings::Level::Error => level.to_owned(),
        _ => format!("{level},{libraries}"),
    }
}

fn text<S, W>(writer: W, colours: bool) -> impl tracing_subscriber::Layer<S>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    fmt::layer().with_writer(writer).with_ansi(colours).with_target(false).with_timer(Utc)
}

fn json<S, W>(writer: W) -> impl tracing_subscriber::Layer<S>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    fmt::layer().json().flatten_event(true).with_current_span(false).with_writer(writer).with_timer(Utc)
}

/// RFC 3339 with milliseconds: `2026-03-14T09:26:53.589Z`.
struct Utc;

impl FormatTime for Utc {
    #[expect(
        clippy::disallowed_methods,
        reason = "the log says when something was really logged, whatever a test's clock says"
    )]
    fn format_time(&self, writer: &mut fmt::format::Writer<'_>) -> std::fmt::Result {
        write!(writer, "{:.3}", jiff::Timestamp::now())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::config::settings::Level;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no test panics with the lock").extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(log: &Log, rust_log: Option<&str>) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let registry = tracing_subscriber::registry().with(filter(log, rust_log));
        let say = || {
            tracing::info!(fingerprint = "0223b772b51c29e1", "alert fires");
            tracing::debug!("why");
            tracing::info!(target: "hyper", "connection");
            tracing::error!(target: "chromiumoxide::conn", "Authorization: Bearer secret");
        };
        match log.format {
            LogFormat::Text => {
                tracing::subscriber::with_default(registry.with(text(move || writer.clone(), false)), say);
            }
            LogFormat::Json => tracing::subscriber::with_default(registry.with(json(move || writer.clone())), say),
        }
        String::from_utf8(lines.0.lock().expect("no test panics with the lock").clone()).expect("UTF-8")
    }

    #[test]
    fn a_line_for_people() {
        let text = logged(&Log::default(), None);
        let (time, rest) = text.split_once(' ').expect("a time");
        assert!(time.ends_with('Z') && time.len() == "2026-03-14T09:26:53.589Z".len(), "{time}");
        assert_eq!(rest.trim(), "INFO alert fires fingerprint=\"0223b772b51c29e1\"");
    }

    #[test]
    fn a_line_for_machines() {
        let text = logged(&Log { format: LogFormat::Json, ..Log::default() }, None);
        let line: serde_json::Value = serde_json::from_str(&text).expect("one JSON object");
        assert_eq!((line["level"].as_str(), line["message"].as_str()), (Some("INFO"), Some("alert fires")));
        assert_eq!(line["fingerprint"], "0223b772b51c29e1");
    }

    #[test]
    fn levels() {
        let count = |level, rust_log| logged(&Log { level, ..Log::default() }, rust_log).lines().count();
        assert_eq!(count(Level::Error, None), 0);
        assert_eq!(count(Level::Info, None), 1);
        assert_eq!(count(Level::Debug, None), 2);
        assert_eq!(count(Level::Trace, None), 3);
        assert_eq!(count(Level::Error, Some("debug")), 3);
        assert_eq!(count(Level::Info, Some("")), 1);
        assert_eq!(count(Level::Info, Some("=,=")), 1);
    }
}
