//! Jira's REST API, as far as issues need it: search, read, make, write, transitions, attachments, comments.
//!
//! Deliberately unknown here: what is written, and when.

use std::time::Duration;

use alerts::ports::{SendError, SendErrorKind};
use bytes::Bytes;
use http::{
    HeaderName, Method, StatusCode,
    header::{ACCEPT_LANGUAGE, CONTENT_TYPE},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use url::Url;

use super::config::ApiType;
use crate::sending::{Answer, Http, Rehearsed, Reply, multipart::Form};

/// Without it Jira takes an upload for a forgery by a browser's page.
const NO_CHECK: HeaderName = HeaderName::from_static("x-atlassian-token");

/// Fields that an issue is rather without than not there at all: screens and schemes of a project decide whether they can be set.
const KEPT: [&str; 5] = ["project", "issuetype", "summary", "description", "labels"];

/// Which of Jira's two kinds the API is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kind {
    /// It is searched in the newer way, the only one that Cloud has.
    pub cloud: bool,
    /// Texts are documents: the version 3 of the API.
    pub adf: bool,
}

impl Kind {
    /// By the configuration, else by the address.
    pub fn of(base: &Url, api_type: ApiType) -> Self {
        let cloud = match api_type {
            ApiType::Cloud => true,
            ApiType::Datacenter => false,
            ApiType::Auto => {
                base.host_str().is_some_and(|host| host == "atlassian.net" || host.ends_with(".atlassian.net"))
            }
        };
        Self { cloud, adf: base.path().trim_end_matches('/').ends_with("/3") }
    }
}

/// The API.
pub struct Api {
    http: Http,
    base: Url,
    search: Url,
    timeout: Duration,
}

/// An issue, as far as it matters what state it is in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Issue {
    /// `OPS-17`.
    pub key: String,
    fields: State,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct State {
    status: Status,
    resolution: Option<Named>,
    attachment: Vec<Attachment>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    status_category: Category,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Category {
    key: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Named {
    id: String,
    name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Attachment {
    filename: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Found {
    issues: Vec<Issue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Transitions {
    transitions: Vec<Named>,
}

impl Issue {
    /// Whether it is in a state of the category "done".
    pub fn is_done(&self) -> bool {
        self.fields.status.status_category.key == "done"
    }

    /// What it came to.
    pub fn resolution(&self) -> Option<&str> {
        self.fields.resolution.as_ref().map(|resolution| resolution.name.as_str())
    }

    /// The names of its files.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.fields.attachment.iter().map(|attachment| attachment.filename.as_str())
    }
}

impl Api {
    /// All calls go below `base`, each within `timeout`.
    pub fn new(http: Http, base: Url, kind: Kind, timeout: Duration) -> Self {
        let mut search = below(&base, &["search"]);
        if kind.cloud {
            search = below(&base, &["search", "jql"]);
            search.set_path(&search.path().replacen("/rest/api/2/", "/rest/api/3/", 1));
        }
        Self { http, base, search, timeout }
    }

    /// The first issue that a question finds.
    pub async fn search(&self, jql: &str) -> Result<Option<Issue>, SendError> {
        let question = json!({ "jql": jql, "maxResults": 2, "fields": ["status"] });
        let answer = self.ask(Method::POST, self.search.clone(), Some(&question)).await.map_err(only_asked)?;
        let found: Found = self.read(&answer).await?;
        Ok(found.issues.into_iter().find(|issue| !issue.key.is_empty()))
    }

    /// The issue of this key; none if there is none (any more).
    pub async fn issue(&self, key: &str, fields: &str) -> Result<Option<Issue>, SendError> {
        let mut url = below(&self.base, &["issue", key]);
        url.query_pairs_mut().append_pair("fields", fields);
        let answer = self.ask(Method::GET, url, None).await.map_err(only_asked)?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        self.read(&answer).await.map(Some)
    }

    /// Makes an issue: its key, and which fields it is without.
    pub async fn create(&self, fields: Map<String, Value>) -> Result<(String, Option<String>), SendError> {
        let (answer, without) = self.write(Method::POST, below(&self.base, &["issue"]), fields).await?;
        let made: Issue = self.read(&answer).await?;
        if made.key.is_empty() {
            let words = format!("the answer names no issue: {}", answer.words(&self.http.secrets().await));
            return Err(SendError { ambiguous: true, ..SendError::new(SendErrorKind::Retry, words) });
        }
        Ok((made.key, without))
    }

    /// Rewrites fields of an issue: which it is without.
    pub async fn update(&self, key: &str, fields: Map<String, Value>) -> Result<Option<String>, SendError> {
        let (_, without) = self.write(Method::PUT, below(&self.base, &["issue", key]), fields).await?;
        Ok(without)
    }

    /// Makes a transition: none if there is none of this name now, and then the names there are.
    pub async fn transition(&self, key: &str, name: &str) -> Result<Option<String>, SendError> {
        let url = below(&self.base, &["issue", key, "transitions"]);
        let answer = self.ask(Method::GET, url.clone(), None).await.map_err(only_asked)?;
        let all: Transitions = self.read(&answer).await?;
        let Some(wanted) = all.transitions.iter().find(|transition| transition.name == name) else {
            let names: Vec<&str> = all.transitions.iter().map(|transition| transition.name.as_str()).collect();
            return Ok(Some(format!("{key} has no transition {name:?} now, only: {}", names.join(", "))));
        };
        let answer = self.ask(Method::POST, url, Some(&json!({ "transition": { "id": wanted.id } }))).await?;
        self.taken(&answer).await.map(|()| None)
    }

    /// Adds files to an issue.
    pub async fn attach(&self, key: &str, form: Form) -> Result<(), SendError> {
        let (kind, body): (String, Bytes) = form.finish();
        let url = below(&self.base, &["issue", key, "attachments"]);
        let request = self.http.request(Method::POST, url).await?;
        let request = request.header(NO_CHECK, "no-check").header(CONTENT_TYPE, kind).body(body);
        let answer = self.http.send(request, self.timeout).await?;
        self.taken(&answer).await
    }

    /// Adds a comment to an issue.
    pub async fn comment(&self, key: &str, body: &Value) -> Result<(), SendError> {
        let url = below(&self.base, &["issue", key, "comment"]);
        let answer = self.ask(Method::POST, url, Some(&json!({ "body": body }))).await?;
        self.taken(&answer).await
    }

    /// Writes fields; those that this project does not have, or not so, are left out the second time.
    async fn write(
        &self,
        method: Method,
        url: Url,
        mut fields: Map<String, Value>,
    ) -> Result<(Answer, Option<String>), SendError> {
        let answer = self.ask(method.clone(), url.clone(), Some(&json!({ "fields": fields }))).await?;
        let refused: Vec<String> = refused(&answer).into_iter().filter(|name| fields.contains_key(name)).collect();
        if refused.is_empty() || refused.iter().any(|name| KEPT.contains(&name.as_str())) {
            self.taken(&answer).await?;
            return Ok((answer, None));
        }
        let words = format!("without {}: {}", refused.join(", "), answer.words(&self.http.secrets().await));
        fields.retain(|name, _| !refused.contains(name));
        let answer = self.ask(method, url, Some(&json!({ "fields": fields }))).await?;
        self.taken(&answer).await?;
        Ok((answer, Some(words)))
    }

    async fn ask(&self, method: Method, url: Url, body: Option<&Value>) -> Result<Answer, SendError> {
        // names of states and transitions come in the language that is asked for
        let mut request = self.http.request(method, url).await?.header(ACCEPT_LANGUAGE, "en");
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        self.http.send(request, self.timeout).await
    }

    async fn taken(&self, answer: &Answer) -> Result<(), SendError> {
        // asked for now: the token may have been renewed on the way
        let redactor = self.http.secrets().await;
        if answer.status.is_success() { Ok(()) } else { Err(answer.failure(&redactor)) }
    }

    async fn read<T: DeserializeOwned>(&self, answer: &Answer) -> Result<T, SendError> {
        self.taken(answer).await?;
        serde_json::from_slice(&answer.body).map_err(|_| {
            // a proxy's page, or a login's
            SendError::new(SendErrorKind::Retry, format!("not Jira's answer: {}", answer.status))
        })
    }
}

/// A question that gets no answer has told nobody anything.
fn only_asked(error: SendError) -> SendError {
    SendError { ambiguous: false, ..error }
}

/// The fields that a 400 finds fault with.
fn refused(answer: &Answer) -> Vec<String> {
    if answer.status != StatusCode::BAD_REQUEST {
        return Vec::new();
    }
    let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    json["errors"].as_object().into_iter().flat_map(|errors| errors.keys().cloned()).collect()
}

fn below(base: &Url, path: &[&str]) -> Url {
    let mut url = base.clone();
    // fails only for URLs without a host, which are not HTTP's
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    url
}

/// What Jira says when all is well: nothing is there yet.
pub fn vendor(request: &Rehearsed) -> Reply {
    let path = request.url.path().trim_end_matches('/');
    let last = path.rsplit('/').next().unwrap_or_default();
    match (request.method.as_str(), last) {
        (_, "search" | "jql") => Reply::json(&json!({ "issues": [] })),
        ("GET", "transitions") => Reply::json(&json!({ "transitions": [{ "id": "31", "name": "Done" }] })),
        ("POST", "issue") => Reply { status: 201, ..Reply::json(&json!({ "id": "10017", "key": "OPS-17" })) },
        ("POST", "attachments") => Reply::json(&json!([])),
        ("POST", "comment") => Reply { status: 201, ..Reply::json(&json!({ "id": "1" })) },
        ("GET", key) => Reply::json(&json!({
            "key": key,
            "fields": { "status": { "statusCategory": { "key": "new" } }, "resolution": null, "attachment": [] }
        })),
        _ => Reply { status: 204, body: String::new() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(base: &str, api_type: ApiType, search: &str, adf: bool) {
        // installed twice is as good as once
        let _ = rustls::crypto::ring::default_provider().install_default();
        let base: Url = base.parse().unwrap();
        let kind = Kind::of(&base, api_type);
        let api = Api::new(Http::shared().unwrap(), base, kind, Duration::from_secs(1));
        assert_eq!((api.search.as_str(), kind.adf), (search, adf));
    }

    #[test]
    fn cloud_is_searched_in_its_own_way() {
        check(
            "https://a.atlassian.net/rest/api/2",
            ApiType::Auto,
            "https://a.atlassian.net/rest/api/3/search/jql",
            false,
        );
        check(
            "https://a.atlassian.net/rest/api/3/",
            ApiType::Auto,
            "https://a.atlassian.net/rest/api/3/search/jql",
            true,
        );
        check(
            "https://a.atlassian.net/rest/api/2",
            ApiType::Datacenter,
            "https://a.atlassian.net/rest/api/2/search",
            false,
        );
        check("https://jira.test/x/rest/api/2", ApiType::Auto, "https://jira.test/x/rest/api/2/search", false);
        check("https://jira.test/rest/api/3", ApiType::Cloud, "https://jira.test/rest/api/3/search/jql", true);
        check(
            "https://evilatlassian.net/rest/api/2",
            ApiType::Auto,
            "https://evilatlassian.net/rest/api/2/search",
            false,
        );
    }
}
