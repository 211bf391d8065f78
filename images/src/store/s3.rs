//! Amazon S3, and what speaks its API (MinIO, Ceph, Garage, R2).
//!
//! Deliberately unknown here: pictures; how requests are made and signed (the SDK does).

mod bucket_url;

use std::{error::Error, path::PathBuf, time::Duration};

use alerts::{Time, picture::PictureId, ports::ImageError};
use async_trait::async_trait;
use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_sdk_s3::{
    Client,
    config::{
        Credentials, ProvideCredentials, RequestChecksumCalculation, ResponseChecksumValidation,
        SharedCredentialsProvider,
    },
    error::{ProvideErrorMetadata, SdkError},
    presigning::PresigningConfig,
    primitives::ByteStream,
    types::ObjectCannedAcl,
};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{
    Backend,
    name::{folder, object_key},
    secret::secret,
    settings::{Wrong, address},
    words::{failed, failure},
};

/// Compatible stores mostly know no other; AWS's own default too.
const DEFAULT_REGION: &str = "us-east-1";
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html>: the longest life of a signature.
const LONGEST_LINK: Duration = Duration::from_secs(7 * 86_400);

/// `[external_image_storage.s3]`; Grafana's keys, and `public`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct S3Config {
    /// Another address than Amazon's.
    pub endpoint: String,
    /// Whether the bucket stands in the path of addresses, not in front of the host.
    pub path_style_access: bool,
    /// Grafana's old way to say bucket and region; `bucket` and `region` go before.
    pub bucket_url: String,
    /// The bucket.
    pub bucket: String,
    /// Its region; without it, the environment's.
    pub region: String,
    /// What names of objects begin with.
    pub path: String,
    /// The key's id; without it, AWS's chain of credentials.
    pub access_key: Option<SecretString>,
    /// A file with it.
    pub access_key_file: Option<PathBuf>,
    /// The key.
    pub secret_key: Option<SecretString>,
    /// A file with it.
    pub secret_key_file: Option<PathBuf>,
    /// Whether objects are readable by everybody and links have no signature, as in Grafana.
    pub public: bool,
}

impl S3Config {
    /// What is wrong with it.
    pub(super) fn check(&self) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        wrong.extend(address("s3.endpoint", &self.endpoint));
        if self.bucket.is_empty() {
            wrong.extend(match (self.bucket_url.as_str(), bucket_url::parse(&self.bucket_url)) {
                ("", _) => Some(Wrong::missing("s3.bucket", "the bucket for the pictures")),
                (_, None) => {
                    Some(Wrong::new("s3.bucket_url", "has no bucket of Amazon's: use bucket, region and endpoint"))
                }
                (_, Some(_)) => None,
            });
        }
        match (self.access_key(), self.secret_key()) {
            (Ok(Some(_)), Ok(None)) => {
                wrong.push(Wrong::missing("s3.secret_key", "the key that belongs to access_key"))
            }
            (Ok(None), Ok(Some(_))) => wrong.push(Wrong::missing("s3.access_key", "the id that belongs to secret_key")),
            (access, secret) => {
                wrong.extend(access.err().map(|problem| Wrong::new("s3.access_key", problem)));
                wrong.extend(secret.err().map(|problem| Wrong::new("s3.secret_key", problem)));
            }
        }
        wrong
    }

    /// Where its objects lie.
    pub(super) fn place(&self) -> String {
        let endpoint = if self.endpoint.is_empty() { "amazonaws.com" } else { self.endpoint.trim_end_matches('/') };
        format!("s3 {endpoint}/{}/{}", self.bucket(), folder(&self.path))
    }

    pub(super) async fn backend(&self) -> Result<S3, String> {
        let sdk = self.sdk_config().await?;
        let mut config = aws_sdk_s3::config::Builder::from(&sdk)
            .force_path_style(self.path_style_access)
            // the checksums that the SDK adds by itself are more than most compatible stores know
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .retry_config(RetryConfig::standard().with_max_attempts(2));
        if !self.endpoint.is_empty() {
            // without the slash the SDK leaves out the one between path and bucket
            config = config.endpoint_url(format!("{}/", self.endpoint.trim_end_matches('/')));
        }
        let client = Client::from_conf(config.build());
        let credentials = sdk.credentials_provider();
        Ok(S3 { client, credentials, bucket: self.bucket(), folder: folder(&self.path), public: self.public })
    }

    /// Region and credentials: what is configured, else what AWS's chain finds.
    async fn sdk_config(&self) -> Result<SdkConfig, String> {
        let tls = Provider::Rustls(CryptoMode::Ring);
        let http = aws_smithy_http_client::Builder::new().tls_provider(tls).build_https();
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12()).http_client(http);
        let named = (!self.region.is_empty()).then(|| self.region.clone());
        let region = named.or_else(|| bucket_url::parse(&self.bucket_url).filter(|_| self.bucket.is_empty())?.region);
        if let (Some(access), Some(secret)) = (self.access_key()?, self.secret_key()?) {
            let keys = Credentials::new(access.expose_secret(), secret.expose_secret(), None, None, "configuration");
            loader = loader.credentials_provider(keys);
            // with keys of its own nothing is asked of the machine that this runs on
            let region = region.unwrap_or_else(|| DEFAULT_REGION.to_owned());
            return Ok(loader.region(Region::new(region)).load().await);
        }
        if let Some(region) = region {
            return Ok(loader.region(Region::new(region)).load().await);
        }
        // the loader asks the environment with our HTTP client; a chain of providers would want one of its own
        let found = loader.load().await;
        let region = found.region().cloned().unwrap_or_else(|| Region::new(DEFAULT_REGION));
        Ok(found.into_builder().region(region).build())
    }

    fn bucket(&self) -> String {
        if !self.bucket.is_empty() {
            return self.bucket.clone();
        }
        bucket_url::parse(&self.bucket_url).map(|found| found.bucket).unwrap_or_default()
    }

    fn access_key(&self) -> Result<Option<SecretString>, String> {
        secret(self.access_key.as_ref(), self.access_key_file.as_deref())
    }

    fn secret_key(&self) -> Result<Option<SecretString>, String> {
        secret(self.secret_key.as_ref(), self.secret_key_file.as_deref())
    }
}

/// A bucket.
pub(super) struct S3 {
    client: Client,
    credentials: Option<SharedCredentialsProvider>,
    bucket: String,
    folder: String,
    public: bool,
}

impl S3 {
    async fn put_object(&self, key: &str, png: Bytes, acl: Option<ObjectCannedAcl>) -> Result<(), (bool, ImageError)> {
        let put = self.client.put_object().bucket(&self.bucket).key(key).content_type("image/png").set_acl(acl);
        let put = put.body(ByteStream::from(png)).send().await;
        put.map(drop).map_err(|error| (error.code() == Some("AccessControlListNotSupported"), in_words(&error)))
    }
}

#[async_trait]
impl Backend for S3 {
    async fn put(&self, id: &PictureId, png: Bytes) -> Result<(), ImageError> {
        let key = object_key(&self.folder, id)?;
        let acl = self.public.then_some(ObjectCannedAcl::PublicRead);
        match self.put_object(&key, png.clone(), acl).await {
            // buckets made since 2023 have none: their policy says who may read
            Err((true, _)) => self.put_object(&key, png, None).await.map_err(|(_, error)| error),
            put => put.map_err(|(_, error)| error),
        }
    }

    async fn get(&self, id: &PictureId) -> Result<Bytes, ImageError> {
        let key = object_key(&self.folder, id)?;
        let object = self.client.get_object().bucket(&self.bucket).key(key).send().await.map_err(|error| {
            if error.code() == Some("NoSuchKey") { ImageError::NotFound(id.clone()) } else { in_words(&error) }
        })?;
        let bytes = object.body.collect().await.map_err(|error| failure(&error))?;
        Ok(bytes.into_bytes())
    }

    async fn delete(&self, id: &PictureId) -> Result<(), ImageError> {
        let Ok(key) = object_key(&self.folder, id) else { return Ok(()) };
        match self.client.delete_object().bucket(&self.bucket).key(key).send().await {
            Ok(_) => Ok(()),
            // with the bucket its objects are gone
            Err(error) if matches!(error.code(), Some("NoSuchKey" | "NoSuchBucket")) => Ok(()),
            Err(error) => Err(in_words(&error)),
        }
    }

    async fn link(&self, id: &PictureId, _: Time, lifetime: Duration) -> Result<Option<String>, ImageError> {
        let key = object_key(&self.folder, id)?;
        let presigning = PresigningConfig::expires_in(lifetime.min(LONGEST_LINK)).map_err(|error| failure(&error))?;
        let get = self.client.get_object().bucket(&self.bucket).key(key);
        let signed = get.presigned(presigning).await.map_err(|error| in_words(&error))?;
        let link = signed.uri();
        // what is public is at the same address without the signature
        let link = if self.public { link.split('?').next().unwrap_or(link) } else { link };
        Ok(Some(link.to_owned()))
    }

    async fn remarks(&self) -> Vec<String> {
        let Some(provider) = &self.credentials else { return vec!["there are no credentials".to_owned()] };
        let remark = match provider.provide_credentials().await {
            Err(error) => Some(format!("AWS's chain has no credentials: {}", failure(&error))),
            Ok(keys) if keys.session_token().is_some() && !self.public => {
                Some("the credentials are temporary: links end with them, before the pictures do".to_owned())
            }
            Ok(_) => None,
        };
        remark.into_iter().collect()
    }
}

/// The service's code and words, else what went wrong on the way.
fn in_words<E, R>(error: &SdkError<E, R>) -> ImageError
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug + 'static,
{
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => failed(format!("{code}: {message}")),
        (Some(code), None) => failed(code),
        _ => failure(error),
    }
}
