//! Requests with credentials, a deadline and a largest answer.
//!
//! Follows no redirect: an answer comes from the configured address or not at all. Deliberately unknown here: what is asked.

use std::{path::PathBuf, time::Duration};

use alerts::ports::{RenderError, RenderErrorKind};
use reqwest::{Client, ClientBuilder, Method, RequestBuilder, Response, StatusCode, header, redirect::Policy};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use crate::{
    connection,
    error::{chain, content, failed, quoted, source, timeout},
    settings::{BasicAuth, SourceConfig},
};

/// The longest that connecting may take: a host that is gone should not use up the time of a picture.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// The most bytes of an error's body that are read for its words.
const MAX_ERROR_BYTES: usize = 64 << 10;
/// The most bytes of a picture.
const MAX_PICTURE_BYTES: usize = 16 << 20;

/// An HTTP client for one source.
pub(crate) struct Http {
    client: Client,
    credentials: Credentials,
}

/// What a source is asked with. Never printed.
pub(crate) struct Credentials {
    authorization: Authorization,
    headers: header::HeaderMap,
}

enum Authorization {
    None,
    Basic { username: String, password: Secret },
    Bearer(Secret),
}

enum Secret {
    Value(SecretString),
    /// Read for each request: such files are rotated.
    File(PathBuf),
}

impl Secret {
    fn of(value: Option<&SecretString>, file: Option<&PathBuf>) -> Option<Self> {
        value.cloned().map(Secret::Value).or_else(|| file.cloned().map(Secret::File))
    }

    async fn read(&self) -> Result<SecretString, RenderError> {
        match self {
            Secret::Value(value) => Ok(value.clone()),
            Secret::File(path) => match tokio::fs::read_to_string(path).await {
                Ok(text) => Ok(text.trim().to_owned().into()),
                Err(error) => Err(source(format!("cannot read {}: {error}", path.display()))),
            },
        }
    }
}

impl Credentials {
    /// Reads a source's section.
    ///
    /// # Errors
    /// When there are several credentials, or the tenant is no header value.
    pub fn build(config: &SourceConfig) -> Result<Self, String> {
        let bearer = (config.bearer_token.as_ref(), config.bearer_token_file.as_ref());
        let mut own = Self::new(config.basic_auth.as_ref(), bearer, config.tenant.as_deref())?;
        if let Some(organisation) = config.org_id {
            own.headers.insert(connection::ORGANISATION, organisation.into());
        }
        Ok(own)
    }

    /// User and password, or a token (itself or in a file), and a tenant.
    ///
    /// # Errors
    /// When there are several credentials, or the tenant is no header value.
    pub fn new(
        basic: Option<&BasicAuth>,
        (token, token_file): (Option<&SecretString>, Option<&PathBuf>),
        tenant: Option<&str>,
    ) -> Result<Self, String> {
        let authorization = match (basic, Secret::of(token, token_file)) {
            (Some(_), Some(_)) => return Err("basic_auth and bearer_token exclude each other".to_owned()),
            (None, Some(token)) => Authorization::Bearer(token),
            (None, None) => Authorization::None,
            (Some(basic), None) => {
                let password = Secret::of(basic.password.as_ref(), basic.password_file.as_ref());
                let password = password.unwrap_or_else(|| Secret::Value(String::new().into()));
                Authorization::Basic { username: basic.username.clone(), password }
            }
        };
        let mut headers = header::HeaderMap::new();
        if let Some(tenant) = tenant {
            let value = header::HeaderValue::from_str(tenant).map_err(|error| format!("tenant: {error}"))?;
            headers.insert(connection::TENANT, value);
        }
        Ok(Self { authorization, headers })
    }

    async fn apply(&self, request: RequestBuilder) -> Result<RequestBuilder, RenderError> {
        let request = request.headers(self.headers.clone());
        Ok(match &self.authorization {
            Authorization::None => request,
            Authorization::Bearer(token) => request.bearer_auth(token.read().await?.expose_secret()),
            Authorization::Basic { username, password } => {
                request.basic_auth(username, Some(password.read().await?.expose_secret()))
            }
        })
    }
}

/// An answer and its status.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) body: Vec<u8>,
}

impl Http {
    /// A client with these credentials.
    ///
    /// # Errors
    /// When the TLS stack cannot be set up.
    pub fn new(credentials: Credentials) -> Result<Self, String> {
        let client = builder().build();
        client.map(|client| Self { client, credentials }).map_err(|error| chain(&error))
    }

    /// A client for a configured source: its credentials, headers, TLS options and proxy.
    ///
    /// # Errors
    /// Everything that is wrong with them, one line each.
    pub fn of(config: &SourceConfig) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let credentials = Credentials::build(config).map_err(|problem| problems.push(problem)).ok();
        let headers = connection::headers(&config.headers).map_err(|wrong| problems.extend(wrong)).ok();
        let client = connection::client(builder(), config).map_err(|wrong| problems.extend(wrong)).ok();
        match (credentials, headers, client) {
            (Some(mut credentials), Some(headers), Some(client)) => {
                credentials.headers.extend(headers);
                Ok(Self { client, credentials })
            }
            _ => Err(problems),
        }
    }

    /// What the source wants as `Authorization`, for those who ask it otherwise than through this client.
    #[cfg(feature = "chromium")]
    pub async fn authorization(&self, url: &Url) -> Result<Option<header::HeaderValue>, RenderError> {
        let request = self.credentials.apply(self.client.get(url.clone())).await?.build().map_err(unreachable)?;
        Ok(request.headers().get(header::AUTHORIZATION).cloned())
    }

    /// The body of a JSON answer to a GET.
    pub async fn get(&self, url: Url, budget: Duration, max_bytes: usize) -> Result<Vec<u8>, RenderError> {
        self.answer(self.client.request(Method::GET, url), budget, max_bytes).await
    }

    /// The JSON answer to a GET, whether the source gives it or refuses it because of whom it is asked by or what for. Other failures
    /// are errors.
    pub async fn ask(&self, url: Url, budget: Duration, max_bytes: usize) -> Result<Reply, RenderError> {
        let request = self.client.request(Method::GET, url);
        let exchange = async {
            let response = self.credentials.apply(request).await?.send().await.map_err(unreachable)?;
            let status = response.status();
            match status {
                StatusCode::OK => Ok(Reply { status, body: body(checked(response)?, max_bytes).await? }),
                StatusCode::UNAUTHORIZED
                | StatusCode::FORBIDDEN
                | StatusCode::NOT_FOUND
                | StatusCode::NOT_ACCEPTABLE => {
                    Ok(Reply { status, body: body(response, MAX_ERROR_BYTES).await.unwrap_or_default() })
                }
                status => Err(refused(status, response).await),
            }
        };
        let late = || timeout(format!("the source did not answer within {} ms", budget.as_millis()));
        tokio::time::timeout(budget, exchange).await.unwrap_or_else(|_| Err(late()))
    }

    /// The answer to POSTed JSON, whatever its status, so that whoever asked can find in it what was wrong. Redirects are errors.
    pub async fn post_json(
        &self,
        url: Url,
        json: &serde_json::Value,
        budget: Duration,
        max_bytes: usize,
    ) -> Result<Reply, RenderError> {
        let request = self.client.request(Method::POST, url);
        let request = request.header(header::CONTENT_TYPE, "application/json").body(json.to_string());
        let exchange = async {
            let response = self.credentials.apply(request).await?.send().await.map_err(unreachable)?;
            let status = response.status();
            match status {
                StatusCode::OK | StatusCode::MULTI_STATUS => {
                    Ok(Reply { status, body: body(checked(response)?, max_bytes).await? })
                }
                status if status.is_redirection() => Err(refused(status, response).await),
                _ => Ok(Reply { status, body: body(response, max_bytes).await.unwrap_or_default() }),
            }
        };
        let late = || timeout(format!("the source did not answer within {} ms", budget.as_millis()));
        tokio::time::timeout(budget, exchange).await.unwrap_or_else(|_| Err(late()))
    }

    /// The bytes of a picture that answers a GET with these headers more.
    pub async fn picture(
        &self,
        url: Url,
        headers: header::HeaderMap,
        budget: Duration,
    ) -> Result<bytes::Bytes, RenderError> {
        let request = self.client.request(Method::GET, url).headers(headers);
        let exchange = async {
            let response = self.credentials.apply(request).await?.send().await.map_err(unreachable)?;
            match response.status() {
                StatusCode::OK => body(picture(response)?, MAX_PICTURE_BYTES).await.map(bytes::Bytes::from),
                status => Err(refused(status, response).await),
            }
        };
        let late = || timeout(format!("no picture within {} ms", budget.as_millis()));
        tokio::time::timeout(budget, exchange).await.unwrap_or_else(|_| Err(late()))
    }

    /// The body of a JSON answer to a POSTed form: expressions are longer than some proxies let URLs be.
    pub async fn post(
        &self,
        url: Url,
        form: &[(&'static str, String)],
        budget: Duration,
        max_bytes: usize,
    ) -> Result<Vec<u8>, RenderError> {
        self.answer(self.client.request(Method::POST, url).form(form), budget, max_bytes).await
    }

    async fn answer(
        &self,
        request: RequestBuilder,
        budget: Duration,
        max_bytes: usize,
    ) -> Result<Vec<u8>, RenderError> {
        let exchange = async {
            let request = self.credentials.apply(request).await?;
            let response = request.send().await.map_err(unreachable)?;
            match response.status() {
                StatusCode::OK => body(checked(response)?, max_bytes).await,
                status => Err(refused(status, response).await),
            }
        };
        let late = || timeout(format!("the source did not answer within {} ms", budget.as_millis()));
        tokio::time::timeout(budget, exchange).await.unwrap_or_else(|_| Err(late()))
    }
}

fn builder() -> ClientBuilder {
    let builder = Client::builder().redirect(Policy::none()).connect_timeout(CONNECT_TIMEOUT);
    builder.user_agent(concat!("wirephoto/", env!("CARGO_PKG_VERSION")))
}

fn unreachable(error: reqwest::Error) -> RenderError {
    let kind = if error.is_timeout() { RenderErrorKind::Timeout } else { RenderErrorKind::Source };
    failed(kind, chain(&error.without_url()))
}

/// Login pages and error pages of proxies arrive as 200.
fn checked(response: Response) -> Result<Response, RenderError> {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.is_empty() || kind.contains("json") {
        return Ok(response);
    }
    Err(content(format!("the source answered {:?} instead of JSON: is this a login page?", quoted(kind.as_bytes()))))
}

/// The same where a picture is expected.
fn picture(response: Response) -> Result<Response, RenderError> {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.is_empty() || kind.starts_with("image/") || kind.starts_with("application/octet-stream") {
        return Ok(response);
    }
    Err(content(format!("{:?} came instead of a picture: is this a login page?", quoted(kind.as_bytes()))))
}

async fn body(mut response: Response, max_bytes: usize) -> Result<Vec<u8>, RenderError> {
    let too_large = || {
        content(format!(
            "the answer has more than {max_bytes} bytes: too many series or samples, or too large a picture"
        ))
    };
    let announced = response.content_length().unwrap_or(0);
    if announced > u64::try_from(max_bytes).unwrap_or(u64::MAX) {
        return Err(too_large());
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > max_bytes {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// An error's status and the server's own words.
async fn refused(status: StatusCode, response: Response) -> RenderError {
    if status.is_redirection() {
        return source(format!(
            "{}, which is not followed: set the source's url to where it leads",
            redirect(status, &response)
        ));
    }
    let words = body(response, MAX_ERROR_BYTES).await.unwrap_or_default();
    // who finds fault with the query is there and works: that is no failure of the source
    let at_fault = matches!(status, StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY);
    let refusal = if at_fault { RenderErrorKind::Content } else { RenderErrorKind::Source };
    let Ok(ApiError { error_type, error }) = serde_json::from_slice::<ApiError>(&words) else {
        return failed(refusal, format!("{status}: {}{}", quoted(&words), advice(status, &words)));
    };
    // https://prometheus.io/docs/prometheus/latest/querying/api/: the query took too long, or was given up
    let late = matches!(error_type.as_str(), "timeout" | "canceled");
    let kind = if late { RenderErrorKind::Timeout } else { refusal };
    failed(kind, format!("{status}: {}", quoted(error.as_bytes())))
}

/// What to do where the server's words only say what is missing: Mimir's and Loki's.
fn advice(status: StatusCode, words: &[u8]) -> &'static str {
    let no_tenant = status == StatusCode::UNAUTHORIZED && words.trim_ascii() == b"no org id";
    if no_tenant { ": set the source's tenant" } else { "" }
}

/// The place that a redirect leads to, without its query, which may hold a token.
fn redirect(status: StatusCode, response: &Response) -> String {
    let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let place = location.split(['?', '#']).next().unwrap_or_default();
    format!("{status}: the source redirects to {:?}", quoted(place.as_bytes()))
}

#[derive(Deserialize)]
struct ApiError {
    #[serde(rename = "errorType", default)]
    error_type: String,
    error: String,
}
