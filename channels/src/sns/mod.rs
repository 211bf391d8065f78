//! Amazon's notification service: one signed call per message; it goes on to mails, queues, telephones, whatever is subscribed.
//!
//! Requests go through our own HTTP, signed with AWS's signer; the SDK only finds out credentials where none are configured.
//!
//! Deliberately unknown here: texts (`publish.rs`), where credentials come from (`login.rs`), what codes mean (`answer.rs`).

mod answer;
mod config;
mod login;
mod publish;

use std::time::SystemTime;

use alerts::{
    message::{Message, Receipt},
    ports::{Channel, Limits, SendError, SendErrorKind},
};
use async_trait::async_trait;
use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use aws_smithy_runtime_api::client::identity::Identity;
pub use config::Config;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use login::Login;
use publish::Texts;
use secrecy::SecretString;
use serde_json::json;
use url::{Url, form_urlencoded};

use crate::sending::{Http, now::now};

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

struct Sns {
    limits: Limits,
    http: Http,
    /// Another address than the region's own.
    url: Option<Url>,
    login: Login,
    texts: Texts,
}

#[async_trait]
impl Channel for Sns {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, _previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let publish = self.texts.publish(message)?;
        let rehearsing = self.http.rehearsal().is_some();
        let (now, timeout) = (now(), self.limits.timeout);
        let found = async {
            let region = self.login.region(&publish.target, rehearsing).await?;
            let credentials = self.login.credentials(&region, now, rehearsing).await?;
            Ok::<_, SendError>((region, credentials))
        };
        let (region, credentials) = tokio::time::timeout(timeout, found)
            .await
            .map_err(|_| SendError::new(SendErrorKind::Retry, "no AWS credentials in time"))??;
        let url = self.url(&region)?;
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&publish.parameters).finish();
        let signature = signature(&url, &body, &region, &credentials, now)?;
        let request = self.http.request_without_login(Method::POST, url).await?;
        let request = request.header(CONTENT_TYPE, FORM).headers(signature).body(body);
        let secrets = [Some(credentials.secret_access_key()), credentials.session_token()];
        let redactor = self.http.secrets().await.with(secrets.into_iter().flatten().map(SecretString::from));
        let answer = self.http.send_once(request, timeout).await?;
        match answer::understood(&answer, &redactor, !message.pictures.is_empty()) {
            Ok(id) => Ok(Receipt {
                message: json!({ "id": id }),
                degraded: (!publish.failures.is_empty()).then(|| publish.failures.join("; ")),
                ..Receipt::default()
            }),
            Err(error) => {
                if answer::is_expired(&error) {
                    self.login.forget().await;
                }
                Err(error)
            }
        }
    }
}

impl Sns {
    fn url(&self, region: &str) -> Result<Url, SendError> {
        if let Some(url) = &self.url {
            return Ok(url.clone());
        }
        let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let valid = !region.is_empty() && region.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let url = valid.then(|| Url::parse(&format!("https://sns.{region}.{domain}/")).ok()).flatten();
        url.ok_or_else(|| SendError::new(SendErrorKind::Unauthorised, format!("{region:?} is not a region")))
    }
}

/// The headers that say who sends this, and that it is whole (Signature Version 4).
fn signature(
    url: &Url,
    body: &str,
    region: &str,
    credentials: &Credentials,
    now: SystemTime,
) -> Result<HeaderMap, SendError> {
    let failed =
        |why: &dyn std::fmt::Display| SendError::new(SendErrorKind::Rejected, format!("cannot be signed: {why}"));
    let identity: Identity = credentials.clone().into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("sns")
        .time(now)
        .settings(SigningSettings::default())
        .build()
        .map_err(|why| failed(&why))?;
    let headers = [(CONTENT_TYPE.as_str(), FORM)];
    let request = SignableRequest::new("POST", url.as_str(), headers.into_iter(), SignableBody::Bytes(body.as_bytes()))
        .map_err(|why| failed(&why))?;
    let (signed, _) = sign(request, &parameters.into()).map_err(|why| failed(&why))?.into_parts();
    let mut all = HeaderMap::new();
    for (name, value) in signed.headers() {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|why| failed(&why))?;
        let mut value = HeaderValue::from_str(value).map_err(|why| failed(&why))?;
        value.set_sensitive(name == AUTHORIZATION || name == "x-amz-security-token");
        all.insert(name, value);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// What botocore, AWS's own client for Python, signs with the same keys at the same time.
    #[test]
    fn signatures_are_those_of_botocore() {
        let url: Url = "https://sns.eu-central-1.amazonaws.com/".parse().unwrap();
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let check = |token: Option<&str>, names: &str, expected: &str| {
            let credentials = Credentials::new("AKID", "key", token.map(str::to_owned), None, "test");
            let headers = signature(&url, "Action=Publish&Message=a+b%26", "eu-central-1", &credentials, at).unwrap();
            let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap());
            let whole = format!(
                "AWS4-HMAC-SHA256 Credential=AKID/20231114/eu-central-1/sns/aws4_request, SignedHeaders={names}, Signature={expected}"
            );
            assert_eq!(text("authorization"), Some(whole.as_str()));
            assert_eq!((text("x-amz-date"), text("x-amz-security-token")), (Some("20231114T221320Z"), token));
        };
        let names = "content-type;host;x-amz-date";
        check(None, names, "ff6b493b3f8a9b7146993ee4ca93897bde48da7408bf14e641ed05ab2b18b67d");
        let names = "content-type;host;x-amz-date;x-amz-security-token";
        check(Some("session"), names, "32692ad73419cbe03494c5ae680e4d4ccdc5c0c7aeb485d4f1623f675e86ad72");
    }
}
