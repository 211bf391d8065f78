//! An HTTP client for tests that are written without `async`.
//!
//! Deliberately unknown here: what is asked.

use std::{sync::LazyLock, time::Duration};

use tokio::runtime::Runtime;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(|| {
    // reqwest wants a provider even where nothing is encrypted; installed twice is as good as once
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(40)).pool_max_idle_per_host(0);
    client.build().expect("a client")
});

/// An answer, whatever its status.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub content_type: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|why| panic!("not JSON ({why}): {}", self.text()))
    }
}

/// The answer to a GET, or why there is none.
pub fn try_get(url: &str) -> Result<Answer, String> {
    send(CLIENT.get(url))
}

pub fn get(url: &str) -> Answer {
    try_get(url).unwrap_or_else(|why| panic!("GET {url}: {why}"))
}

/// The answer to a POST of JSON, or why there is none.
pub fn try_post(url: &str, json: impl Into<reqwest::Body>) -> Result<Answer, String> {
    send(CLIENT.post(url).header("content-type", "application/json").body(json))
}

pub fn post(url: &str, json: impl Into<reqwest::Body>) -> Answer {
    try_post(url, json).unwrap_or_else(|why| panic!("POST {url}: {why}"))
}

pub fn delete(url: &str) -> Answer {
    send(CLIENT.delete(url)).unwrap_or_else(|why| panic!("DELETE {url}: {why}"))
}

/// The answer to any request; no content type: none is said.
pub fn request(method: &str, url: &str, content_type: Option<&str>, body: impl Into<reqwest::Body>) -> Answer {
    let request = CLIENT.request(method.parse().expect("a method"), url).body(body);
    let request = content_type.into_iter().fold(request, |request, kind| request.header("content-type", kind));
    send(request).unwrap_or_else(|why| panic!("{method} {url}: {why}"))
}

/// The answer to a form with a login of its own.
pub fn form(url: &str, authorization: &str, form: &str) -> Answer {
    let request = CLIENT.post(url).header("authorization", authorization).body(form.to_owned());
    send(request.header("content-type", "application/x-www-form-urlencoded"))
        .unwrap_or_else(|why| panic!("POST {url}: {why}"))
}

fn send(request: reqwest::RequestBuilder) -> Result<Answer, String> {
    let exchange = async {
        let response = request.send().await?;
        let status = response.status().as_u16();
        let content_type =
            response.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let content_type = content_type.to_owned();
        Ok(Answer { status, content_type, body: response.bytes().await?.to_vec() })
    };
    RUNTIME.block_on(exchange).map_err(|error: reqwest::Error| format!("{error:?}"))
}
