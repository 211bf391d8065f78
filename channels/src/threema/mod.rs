//! Threema, through its Gateway. In basic mode Threema's server encrypts, and pictures are linked. In end-to-end mode, with a
//! private key, the text is encrypted here; pictures follow as encrypted files.
//!
//! Threema has no idempotency key: what is lost on the way back may arrive twice. Each message, file and thumbnail costs a credit.
//!
//! Deliberately unknown here: texts (`texts.rs`), envelopes (`crypto.rs`), pace and repetition.

mod config;
mod crypto;
mod texts;

use std::time::Duration;

use alerts::{
    fit::Target,
    message::{Message, Receipt},
    picture::Picture,
    ports::{Channel, Format, Limits, SendError, SendErrorKind},
};
use async_trait::async_trait;
pub use config::Config;
use crypto::{FileKey, Kind, Part};
use crypto_box::{PublicKey, SecretKey};
use http::{Method, StatusCode};
use reqwest::{Body, RequestBuilder, multipart};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::json;
use texts::ThreemaTexts;
use tokio::sync::OnceCell;
use url::Url;

use crate::{
    config::Secret,
    sending::{Http, files, fit::shrunk},
};

/// What apps show before they fetch the picture.
const THUMBNAIL: Target = Target { max_bytes: 60_000, max_pixels: (512, 512), format: Format::Jpeg };

struct Threema {
    limits: Limits,
    http: Http,
    api: Url,
    from: String,
    to: String,
    secret: Secret,
    /// With it, messages are encrypted from end to end.
    private_key: Option<Secret>,
    /// The recipient's: configured, or asked for once. Threema never changes it.
    public_key: OnceCell<PublicKey>,
    texts: ThreemaTexts,
    timeout: Duration,
}

/// The two sides of an encrypted conversation.
struct Sides {
    own: SecretKey,
    other: PublicKey,
}

/// A file message (type 0x17).
#[derive(Serialize)]
struct File {
    /// The name of the encrypted file at Threema.
    #[serde(rename = "b")]
    blob: String,
    #[serde(rename = "t", skip_serializing_if = "Option::is_none")]
    thumbnail: Option<String>,
    #[serde(rename = "p", skip_serializing_if = "Option::is_none")]
    thumbnail_type: Option<&'static str>,
    #[serde(rename = "k")]
    key: String,
    #[serde(rename = "m")]
    media_type: &'static str,
    #[serde(rename = "n")]
    name: String,
    #[serde(rename = "s")]
    size: usize,
    #[serde(rename = "d", skip_serializing_if = "Option::is_none")]
    caption: Option<String>,
    /// 1: to be shown, not to be offered as a file. Older apps read `i`.
    #[serde(rename = "j")]
    rendering: u8,
    #[serde(rename = "i")]
    rendering_of_old: u8,
    #[serde(rename = "x")]
    size_in_pixels: Pixels,
}

#[derive(Serialize)]
struct Pixels {
    w: u32,
    h: u32,
}

#[async_trait]
impl Channel for Threema {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, _previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let secret = self.secret().await?;
        let said = self.texts.of(message);
        let id = match self.sides(&secret).await? {
            Some(sides) => self.send_sealed(Kind::Text, said.text.as_bytes(), &sides, &secret).await?,
            None => self.send_simple(&said.text, &secret).await?,
        };
        Ok(Receipt {
            message: json!({ "id": id }),
            pictures_due: message.pictures.iter().any(|picture| picture.bytes.is_some()),
            degraded: (!said.failures.is_empty()).then(|| said.failures.join("; ")),
        })
    }

    async fn add_pictures(&self, receipt: &Receipt, pictures: &[Picture]) -> Result<Receipt, SendError> {
        let secret = self.secret().await?;
        let sides = self.sides(&secret).await?.ok_or_else(|| rejected("pictures want a private key".to_owned()))?;
        // all are at Threema before the first is shown: a repetition shows none twice
        let mut files = Vec::new();
        for picture in pictures.iter().filter(|picture| picture.bytes.is_some()) {
            files.push(self.upload(picture, &secret).await?);
        }
        for file in files {
            let json = serde_json::to_vec(&file).map_err(|why| rejected(why.to_string()))?;
            self.send_sealed(Kind::File, &json, &sides, &secret).await?;
        }
        let links = texts::links(pictures.iter().filter(|picture| picture.bytes.is_none()));
        if !links.is_empty() {
            self.send_sealed(Kind::Text, links.as_bytes(), &sides, &secret).await?;
        }
        Ok(Receipt { pictures_due: false, ..receipt.clone() })
    }
}

impl Threema {
    async fn send_simple(&self, text: &str, secret: &SecretString) -> Result<String, SendError> {
        let form = [("from", &*self.from), ("to", &self.to), ("secret", secret.expose_secret()), ("text", text)];
        let request = self.http.request(Method::POST, self.at(&["send_simple"])).await?.form(&form);
        self.answered(request, secret).await
    }

    async fn send_sealed(
        &self,
        kind: Kind,
        contents: &[u8],
        sides: &Sides,
        secret: &SecretString,
    ) -> Result<String, SendError> {
        let envelope = crypto::sealed(kind, contents, &sides.other, &sides.own).map_err(rejected)?;
        let (nonce, sealed) = (crypto::hex(&envelope.nonce), crypto::hex(&envelope.contents));
        let form = [
            ("from", &*self.from),
            ("to", &self.to),
            ("secret", secret.expose_secret()),
            ("nonce", &nonce),
            ("box", &sealed),
            ("noDeliveryReceipts", "1"),
        ];
        let request = self.http.request(Method::POST, self.at(&["send_e2e"])).await?.form(&form);
        self.answered(request, secret).await
    }

    /// Puts a picture and its thumbnail to Threema, both encrypted with a new key.
    async fn upload(&self, picture: &Picture, secret: &SecretString) -> Result<File, SendError> {
        let key: FileKey = rand::random();
        let bytes = picture.bytes.clone().unwrap_or_default();
        // a picture without one is shown as a file, which is better than nothing
        let thumbnail = match shrunk(picture, THUMBNAIL).await {
            Ok(small) => Some(self.upload_part(Part::Thumbnail, &small.file, &key, secret).await?),
            Err(_) => None,
        };
        Ok(File {
            blob: self.upload_part(Part::File, &bytes, &key, secret).await?,
            thumbnail_type: thumbnail.as_ref().map(|_| "image/jpeg"),
            thumbnail,
            key: crypto::hex(&key),
            media_type: files::mime(&bytes),
            name: files::name(picture),
            size: bytes.len(),
            caption: texts::caption(picture),
            rendering: 1,
            rendering_of_old: 1,
            size_in_pixels: Pixels { w: picture.record.width, h: picture.record.height },
        })
    }

    /// Answers the name of what was uploaded. Nobody has seen it, so it can be repeated without harm.
    async fn upload_part(
        &self,
        part: Part,
        contents: &[u8],
        key: &FileKey,
        secret: &SecretString,
    ) -> Result<String, SendError> {
        let locked = crypto::locked(part, contents, key).map_err(rejected)?;
        let length = locked.len() as u64;
        let blob = multipart::Part::stream_with_length(Body::from(locked), length).file_name("blob");
        let request = self.http.request(Method::POST, self.signed(&["upload_blob"], secret)).await?;
        let request = request.multipart(multipart::Form::new().part("blob", blob));
        self.answered(request, secret).await.map_err(|error| SendError { ambiguous: false, ..error })
    }

    /// Both keys, if there is a private one.
    async fn sides(&self, secret: &SecretString) -> Result<Option<Sides>, SendError> {
        let Some(private_key) = &self.private_key else { return Ok(None) };
        let own = private_key.read().await.map_err(unauthorised)?;
        let own = crypto::key(own.expose_secret(), "private");
        let own = own.ok_or_else(|| unauthorised("private_key is no key: 64 hexadecimal digits".to_owned()))?;
        let other = self.public_key.get_or_try_init(|| self.ask_for_key(secret)).await?.clone();
        Ok(Some(Sides { own: SecretKey::from(own), other }))
    }

    async fn ask_for_key(&self, secret: &SecretString) -> Result<PublicKey, SendError> {
        let request = self.http.request(Method::GET, self.signed(&["pubkeys", &self.to], secret)).await?;
        // nothing has been sent yet
        let answer = self.answered(request, secret).await.map_err(|error| SendError { ambiguous: false, ..error })?;
        let key = crypto::key(&answer, "public").map(PublicKey::from);
        key.ok_or_else(|| rejected("the recipient's public key cannot be read".to_owned()))
    }

    /// The body of a success: an id, or a key.
    async fn answered(&self, request: RequestBuilder, secret: &SecretString) -> Result<String, SendError> {
        let answer = self.http.send(request, self.timeout).await?;
        if answer.status == StatusCode::OK {
            return Ok(String::from_utf8_lossy(&answer.body).trim().to_owned());
        }
        let redactor = self.http.secrets().await.with([secret.clone()]);
        let failure = answer.failure(&redactor);
        Err(match answer.status {
            // the account is empty: somebody has to pay, then all that waits goes out
            StatusCode::PAYMENT_REQUIRED => SendError {
                kind: SendErrorKind::Unauthorised,
                detail: format!("no credits are left: {}", failure.detail),
                ..failure
            },
            StatusCode::PAYLOAD_TOO_LARGE => SendError { kind: SendErrorKind::Rejected, ..failure },
            _ => failure,
        })
    }

    fn at(&self, path: &[&str]) -> Url {
        let mut url = self.api.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    /// Where Threema wants sender and secret in the address.
    fn signed(&self, path: &[&str], secret: &SecretString) -> Url {
        let mut url = self.at(path);
        url.query_pairs_mut().append_pair("from", &self.from).append_pair("secret", secret.expose_secret());
        url
    }

    async fn secret(&self) -> Result<SecretString, SendError> {
        self.secret.read().await.map_err(unauthorised)
    }
}

fn rejected(why: String) -> SendError {
    SendError::new(SendErrorKind::Rejected, why)
}

fn unauthorised(why: String) -> SendError {
    SendError::new(SendErrorKind::Unauthorised, why)
}
