//! What is asked of a Grafana's API about dashboards: the classic address first, the newer one where that refuses.
//!
//! Deliberately unknown here: caching, how JSON is read.

use std::{sync::Arc, time::Duration};

use alerts::ports::RenderError;
use http::StatusCode;
use serde_json::Value;
use tokio::time::Instant;
use url::Url;

use super::{
    client::not_found,
    datasources::DataSources,
    model::{Dashboard, PanelModel},
    read,
};
use crate::{
    answers::parsed,
    error::{content, quoted, source},
    grafana::GrafanaSource,
    http::Reply,
};

/// The most bytes of an answer. Dashboards of the corpus have 1 MB at most.
const MAX_BYTES: usize = 16 << 20;
/// The versions of the newer schema, the newest first: <https://grafana.com/docs/grafana/latest/developers/http_api/dashboard/>.
const VERSIONS: [&str; 3] = ["v2", "v2beta1", "v2alpha1"];
/// The most values of a label that are looked at.
const MAX_VALUES: usize = 10_000;

/// Asks one Grafana.
pub(super) struct Fetch {
    pub(super) source: Arc<GrafanaSource>,
}

impl Fetch {
    /// A dashboard.
    pub(super) async fn dashboard(&self, uid: &str, deadline: Instant) -> Result<Dashboard, RenderError> {
        let reply = self.ask(self.source.api(&["api", "dashboards", "uid", uid]), deadline).await?;
        match reply.status {
            StatusCode::OK => parsed(move || read::dashboard(&reply.body).map_err(content)).await,
            StatusCode::NOT_FOUND | StatusCode::NOT_ACCEPTABLE => self.newer(uid, deadline).await,
            _ => Err(refused(&reply, &format!("dashboard {uid}"))),
        }
    }

    /// A dashboard from the newer API, which keeps them by namespaces: of organisations here, of customers in Grafana's cloud.
    async fn newer(&self, uid: &str, deadline: Instant) -> Result<Dashboard, RenderError> {
        let own = match self.source.org_id {
            None | Some(1) => "default".to_owned(),
            Some(org) => format!("org-{org}"),
        };
        if let Some(found) = self.newer_in(&own, uid, deadline).await? {
            return Ok(found);
        }
        let told = self.sources(deadline).await.ok().and_then(|told| told.namespace).filter(|told| *told != own);
        let found = match told {
            Some(told) => self.newer_in(&told, uid, deadline).await?,
            None => None,
        };
        found.ok_or_else(|| not_found(format!("there is no dashboard {uid}, or the source's token may not see it")))
    }

    async fn newer_in(&self, namespace: &str, uid: &str, deadline: Instant) -> Result<Option<Dashboard>, RenderError> {
        for version in VERSIONS {
            let path = ["apis", "dashboard.grafana.app", version, "namespaces", namespace, "dashboards", uid];
            let reply = self.ask(self.source.api(&path), deadline).await?;
            match reply.status {
                StatusCode::OK => return parsed(move || read::resource(&reply.body).map_err(content)).await.map(Some),
                StatusCode::NOT_FOUND | StatusCode::NOT_ACCEPTABLE => {}
                _ => return Err(refused(&reply, &format!("dashboard {uid}"))),
            }
        }
        Ok(None)
    }

    /// A library panel.
    pub(super) async fn library_panel(&self, uid: &str, deadline: Instant) -> Result<PanelModel, RenderError> {
        let reply = self.ask(self.source.api(&["api", "library-elements", uid]), deadline).await?;
        match reply.status {
            StatusCode::OK => parsed(move || read::library_panel(&reply.body).map_err(content)).await,
            StatusCode::NOT_FOUND => Err(not_found(format!("there is no library panel {uid}"))),
            _ => Err(refused(&reply, &format!("library panel {uid}"))),
        }
    }

    /// The data sources, from what every page of a Grafana is started with.
    pub(super) async fn sources(&self, deadline: Instant) -> Result<DataSources, RenderError> {
        let reply = self.ask(self.source.api(&["api", "frontend", "settings"]), deadline).await?;
        match reply.status {
            StatusCode::OK => parsed(move || DataSources::read(&reply.body).map_err(content)).await,
            _ => Err(refused(&reply, "the settings")),
        }
    }

    /// The values that a label has, as a Prometheus behind this Grafana says.
    pub(super) async fn label_values(
        &self,
        uid: &str,
        label: &str,
        selector: Option<&str>,
        (from, to): (i64, i64),
        deadline: Instant,
    ) -> Result<Vec<String>, RenderError> {
        let path = ["api", "datasources", "uid", uid, "resources", "api", "v1", "label", label, "values"];
        let mut url = self.source.api(&path);
        if let Some(selector) = selector {
            url.query_pairs_mut().append_pair("match[]", selector);
        }
        url.query_pairs_mut()
            .append_pair("start", &(from / 1_000).to_string())
            .append_pair("end", &(to / 1_000).to_string());
        let reply = self.ask(url, deadline).await?;
        if reply.status != StatusCode::OK {
            return Err(refused(&reply, "its data source"));
        }
        parsed(move || label_list(&reply.body).map_err(content)).await
    }

    async fn ask(&self, url: Url, deadline: Instant) -> Result<Reply, RenderError> {
        let budget = deadline.saturating_duration_since(Instant::now()).min(self.source.timeout);
        self.source.http.ask(url, budget.max(Duration::from_millis(1)), MAX_BYTES).await
    }
}

/// Reads `{data: ["a", "b"]}`.
fn label_list(body: &[u8]) -> Result<Vec<String>, String> {
    let answer: Value = serde_json::from_slice(body).map_err(|error| format!("the values are no JSON: {error}"))?;
    let values = answer.get("data").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    Ok(values.iter().filter_map(Value::as_str).take(MAX_VALUES).map(str::to_owned).collect())
}

fn refused(reply: &Reply, what: &str) -> RenderError {
    let (status, words) = (reply.status, quoted(&reply.body));
    source(match status {
        StatusCode::UNAUTHORIZED => format!("{status}: the source's token is not valid: {words}"),
        StatusCode::FORBIDDEN => format!("{status}: the source's token may not read {what}: {words}"),
        _ => format!("{status}: {what}: {words}"),
    })
}
