//! Whether the sender of a webhook may send: a token, a password, or a signature over the body. Compared in constant time.
//!
//! Deliberately unknown here: which webhook it is, what the body says.

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use alerts::Time;
use base64::{Engine, prelude::BASE64_STANDARD};
use channels::config::Secret;
use hmac::{Hmac, Mac, digest::CtOutput};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::config::settings::webhooks::Login;

/// The headers of those who sign as we check it: GitHub, Grafana, Sentry.
const KNOWN: [&str; 3] = ["X-Hub-Signature-256", "X-Grafana-Alerting-Signature", "Sentry-Hook-Signature"];
/// How far a signed time may be from ours.
const MOST_SECONDS: i64 = 300;

/// Lets in who may send.
///
/// # Errors
/// What is missing, without anything secret.
pub(super) async fn admits(login: &Login, headers: &HeaderMap, body: &[u8], now: Time) -> Result<(), String> {
    match login {
        Login::Anybody => Ok(()),
        Login::Bearer(token) => {
            let given = credentials(headers, "bearer").ok_or("it wants a bearer token")?;
            same(given.as_bytes(), exposed(token).await?.expose_secret().as_bytes(), "the token is wrong")
        }
        Login::Basic { username, password } => {
            let given = credentials(headers, "basic").and_then(|encoded| BASE64_STANDARD.decode(encoded).ok());
            let given = given.ok_or("it wants a user and a password")?;
            let expected = format!("{username}:{}", exposed(password).await?.expose_secret());
            same(&given, expected.as_bytes(), "the user or the password is wrong")
        }
        Login::Signed { secret, header, timestamp_header } => {
            let names: Vec<&str> = header.as_deref().map_or_else(|| KNOWN.to_vec(), |header| vec![header]);
            let given = names
                .iter()
                .find_map(|name| text(headers, name))
                .ok_or_else(|| format!("it wants a signature in the header {}", names.join(" or ")))?;
            let time = timestamp_header.as_deref().map(|name| fresh(headers, name, now)).transpose()?;
            let signature = bytes(given).ok_or("the signature is not of 64 hexadecimal digits")?;
            verify(&exposed(secret).await?, time, body, &signature)
        }
    }
}

async fn exposed(secret: &Secret) -> Result<SecretString, String> {
    let secret = secret.read().await.map_err(|why| {
        tracing::error!(error = why, "the secret of a webhook cannot be read");
        "its secret cannot be read here".to_owned()
    })?;
    // an empty file must not let everybody in
    if secret.expose_secret().is_empty() { Err("its secret is empty here".to_owned()) } else { Ok(secret) }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn credentials<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    let (scheme, credentials) = text(headers, AUTHORIZATION.as_str())?.split_once(' ')?;
    scheme.eq_ignore_ascii_case(wanted).then(|| credentials.trim())
}

/// The signed time, if it is near.
fn fresh<'a>(headers: &'a HeaderMap, name: &str, now: Time) -> Result<&'a str, String> {
    let time = text(headers, name).ok_or_else(|| format!("it wants the time in the header {name}"))?;
    let seconds: i64 = time.parse().map_err(|_| format!("the header {name} is not the time in seconds"))?;
    if seconds.abs_diff(now.as_secs()) > MOST_SECONDS.unsigned_abs() {
        return Err(format!("the time in the header {name} is more than {MOST_SECONDS} s from ours"));
    }
    Ok(time)
}

fn verify(secret: &SecretString, time: Option<&str>, body: &[u8], signature: &[u8]) -> Result<(), String> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).expect("HMAC takes keys of any length");
    if let Some(time) = time {
        mac.update(time.as_bytes());
        mac.update(b":");
    }
    mac.update(body);
    mac.verify_slice(signature).map_err(|_| "the signature is wrong".to_owned())
}

/// `sha256=0a1b…`, or the digits alone.
fn bytes(signature: &str) -> Option<Vec<u8>> {
    let digits = signature.strip_prefix("sha256=").unwrap_or(signature);
    if digits.len() != 64 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    (0..64).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok()).collect()
}

/// Digests are compared, so that not even the length tells.
fn same(given: &[u8], expected: &[u8], why: &str) -> Result<(), String> {
    let digest = |bytes: &[u8]| CtOutput::<Sha256>::new(Sha256::digest(bytes));
    if digest(given) == digest(expected) { Ok(()) } else { Err(why.to_owned()) }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    const NOW: Time = Time::from_secs(1_700_000_000);
    const BODY: &[u8] = b"Hello, World!";
    /// GitHub's own example for the secret "It's a Secret to Everybody".
    const SIGNATURE: &str = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    fn secret(text: &str) -> Secret {
        Secret::Inline(text.to_owned().into())
    }

    async fn check(login: &Login, headers: &[(&str, &str)], expected: &str) {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                (name.parse::<HeaderName>().expect("a name"), HeaderValue::from_str(value).expect("a value"))
            })
            .collect();
        let found = admits(login, &headers, BODY, NOW).await.err().unwrap_or_default();
        assert_eq!(found, expected, "{headers:?}");
    }

    #[actix_web::test]
    async fn tokens_and_passwords() {
        check(&Login::Anybody, &[], "").await;
        let bearer = Login::Bearer(secret("t0ken"));
        check(&bearer, &[("authorization", "Bearer t0ken")], "").await;
        check(&bearer, &[("authorization", "bearer  t0ken ")], "").await;
        check(&bearer, &[("authorization", "Bearer token")], "the token is wrong").await;
        check(&bearer, &[("authorization", "Basic t0ken")], "it wants a bearer token").await;
        check(&bearer, &[], "it wants a bearer token").await;
        check(&Login::Bearer(secret("")), &[("authorization", "Bearer x")], "its secret is empty here").await;
        let basic = Login::Basic { username: "u".to_owned(), password: secret("p:w") };
        let encoded = |text: &str| format!("Basic {}", BASE64_STANDARD.encode(text));
        check(&basic, &[("authorization", &encoded("u:p:w"))], "").await;
        check(&basic, &[("authorization", &encoded("u:pw"))], "the user or the password is wrong").await;
        check(&basic, &[("authorization", "Basic %")], "it wants a user and a password").await;
    }

    #[actix_web::test]
    async fn signatures() {
        let signed = |header: Option<&str>, time: Option<&str>| Login::Signed {
            secret: secret("It's a Secret to Everybody"),
            header: header.map(str::to_owned),
            timestamp_header: time.map(str::to_owned),
        };
        let any = signed(None, None);
        let prefixed = format!("sha256={SIGNATURE}");
        check(&any, &[("x-hub-signature-256", &prefixed)], "").await;
        check(&any, &[("sentry-hook-signature", SIGNATURE)], "").await;
        check(&signed(Some("X-Mine"), None), &[("x-mine", &SIGNATURE.to_uppercase())], "").await;
        check(&any, &[("x-hub-signature-256", &format!("sha256={}", "0".repeat(64)))], "the signature is wrong").await;
        check(&any, &[], "it wants a signature in the header X-Hub-Signature-256 or X-Grafana-Alerting-Signature or Sentry-Hook-Signature").await;
        check(&any, &[("x-hub-signature-256", "sha1=00")], "the signature is not of 64 hexadecimal digits").await;
        let timed = signed(Some("X-S"), Some("X-T"));
        check(&timed, &[("x-s", SIGNATURE)], "it wants the time in the header X-T").await;
        check(
            &timed,
            &[("x-s", SIGNATURE), ("x-t", "1699999000")],
            "the time in the header X-T is more than 300 s from ours",
        )
        .await;
        check(&timed, &[("x-s", SIGNATURE), ("x-t", "1700000100")], "the signature is wrong").await;
        let mut mac = Hmac::<Sha256>::new_from_slice(b"It's a Secret to Everybody").expect("any length");
        mac.update(b"1700000100:Hello, World!");
        let good: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        check(&timed, &[("x-s", &good), ("x-t", "1700000100")], "").await;
    }
}
