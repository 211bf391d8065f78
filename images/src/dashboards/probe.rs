//! Whether a Grafana is there, and whether its token may read dashboards: for `check-config --probe`.
//!
//! Deliberately unknown here: which dashboards are meant.

use std::time::Duration;

use http::StatusCode;
use serde_json::Value;

use crate::{error::quoted, grafana::GrafanaSource, http::Reply, settings::SourceConfig};

/// The most bytes of an answer.
const MAX_BYTES: usize = 1 << 20;

/// Asks the Grafana of a section; its version.
///
/// # Errors
/// What is wrong, in words for the one who configures it.
pub async fn probe_grafana(config: &SourceConfig, budget: Duration) -> Result<String, String> {
    let source = GrafanaSource::build(config).map_err(|problems| problems.join("; "))?;
    let health = ask(&source, &["api", "health"], &[], budget).await?;
    let version = match health.status {
        StatusCode::OK => version(&health)?,
        status => return Err(format!("/api/health: {status}: is this the url of a Grafana?")),
    };
    let found = ask(&source, &["api", "search"], &[("type", "dash-db"), ("limit", "1")], budget).await?;
    match found.status {
        StatusCode::OK => {}
        StatusCode::UNAUTHORIZED => return Err(refusal(&found, "the token is not valid")),
        StatusCode::FORBIDDEN => return Err(refusal(&found, "the token may not read dashboards")),
        _ => return Err(refusal(&found, "/api/search")),
    }
    match serde_json::from_slice::<Value>(&found.body) {
        Ok(Value::Array(list)) if list.is_empty() => {
            Err("the token sees no dashboard: give its service account the role Viewer, or look at org_id".to_owned())
        }
        Ok(Value::Array(_)) => Ok(version),
        _ => Err(format!("/api/search answered no list: {:?}", quoted(&found.body))),
    }
}

async fn ask(source: &GrafanaSource, path: &[&str], query: &[(&str, &str)], budget: Duration) -> Result<Reply, String> {
    let mut url = source.api(path);
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    source.http.ask(url, budget.min(source.timeout), MAX_BYTES).await.map_err(|error| error.to_string())
}

fn version(health: &Reply) -> Result<String, String> {
    let answer: Value = serde_json::from_slice(&health.body).unwrap_or_default();
    // some operators hide the version
    match answer.get("version").and_then(Value::as_str) {
        Some(version) => Ok(quoted(version.as_bytes())),
        None if answer.get("database").is_some() => Ok("of an unknown version".to_owned()),
        None => Err(format!("/api/health is not that of a Grafana: {:?}", quoted(&health.body))),
    }
}

fn refusal(reply: &Reply, what: &str) -> String {
    format!("{}: {what}: {}", reply.status, quoted(&reply.body))
}
