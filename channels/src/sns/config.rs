//! What can be configured of Amazon's notification service, under Alertmanager's keys, and the channel made of it.
//!
//! Deliberately unknown here: requests, and where credentials come from.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use alerts::ports::{Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, TextLimit, TextUnit, Way};
use secrecy::SecretString;
use serde::Deserialize;

use super::{
    Sns, answer,
    login::{Keys, Login, Role},
    publish::{self, Target, Texts},
};
use crate::{
    builder::{self, Builder},
    config::{HttpConfig, Images, duration},
    registry::Integration,
    sending::{Fitted, Vendor},
};

/// How long a request may take if the configuration says nothing.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What can be configured of SNS.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told.
    pub send_resolved: bool,
    /// Another address than the region's own.
    pub api_url: Option<String>,
    /// As whom requests are signed.
    pub sigv4: Sigv4,
    /// The topic.
    pub topic_arn: Option<String>,
    /// A telephone, instead of a topic.
    pub phone_number: Option<String>,
    /// An endpoint of a mobile platform, instead of a topic.
    pub target_arn: Option<String>,
    /// The subject, which mails get.
    pub subject: String,
    /// The text.
    pub message: String,
    /// Attributes, by which subscriptions choose.
    pub attributes: BTreeMap<String, String>,
    /// Alertmanager's choice between two clients; there is only one here.
    pub use_aws_http_client: bool,
    /// Options of the requests.
    pub http_config: Option<HttpConfig>,
    /// How long a request may take; 0: the default, ten seconds.
    #[serde(deserialize_with = "duration")]
    pub timeout: Option<Duration>,
    /// Whether pictures are linked.
    pub images: Images,
    /// The most pictures of a message.
    pub max_images: Option<usize>,
}

/// As whom requests are signed: by these keys, else as AWS's own programs find out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sigv4 {
    /// The region; without it, the one in the target's name.
    pub region: Option<String>,
    /// The key's name.
    pub access_key: Option<String>,
    /// The key.
    pub secret_key: Option<SecretString>,
    /// A file with it.
    pub secret_key_file: Option<PathBuf>,
    /// A profile of AWS's configuration files.
    pub profile: Option<String>,
    /// A role that is taken on.
    pub role_arn: Option<String>,
    /// What the role's owner wants to hear.
    pub external_id: Option<String>,
    /// What the role's owner sees of who takes it on.
    pub session_name: Option<String>,
    /// More of that, by names.
    pub tags: BTreeMap<String, String>,
    /// Whether the role is asked for at an endpoint that is validated by FIPS 140.
    pub use_fips_sts_endpoint: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            send_resolved: true,
            api_url: None,
            sigv4: Sigv4::default(),
            topic_arn: None,
            phone_number: None,
            target_arn: None,
            subject: r#"{{ template "sns.default.subject" . }}"#.to_owned(),
            message: r#"{{ template "sns.default.message" . }}"#.to_owned(),
            attributes: BTreeMap::new(),
            use_aws_http_client: false,
            http_config: None,
            timeout: None,
            images: Images::Auto,
            max_images: None,
        }
    }
}

impl Config {
    /// Everything to `base`.
    pub fn example(base: &str) -> Self {
        Self {
            api_url: Some(base.to_owned()),
            sigv4: Sigv4 {
                access_key: Some("AKIDEXAMPLE".to_owned()),
                secret_key: Some("signing-secret".into()),
                ..Sigv4::default()
            },
            topic_arn: Some("arn:aws:sns:eu-central-1:123456789012:alerts".to_owned()),
            ..Self::default()
        }
    }

    /// The one place that is configured: which parameter of the API, and its value.
    fn target(&self, builder: &mut Builder<'_>) -> Option<Target> {
        let all = [
            ("topic_arn", "TopicArn", &self.topic_arn),
            ("target_arn", "TargetArn", &self.target_arn),
            ("phone_number", "PhoneNumber", &self.phone_number),
        ];
        let given = |value: &Option<String>| value.clone().filter(|value| !value.trim().is_empty());
        let given: Vec<_> =
            all.iter().filter_map(|(key, parameter, value)| Some((*key, *parameter, given(value)?))).collect();
        match given.as_slice() {
            [] => {
                builder.problem("topic_arn", "is missing, and so are target_arn and phone_number");
                None
            }
            [(key, parameter, value)] => Some(Target { parameter, value: builder.text(key, value)? }),
            [_, (key, ..), ..] => {
                builder.problem(key, "only one of topic_arn, target_arn and phone_number may be given");
                None
            }
        }
    }

    fn login(&self, builder: &mut Builder<'_>) -> Option<Login> {
        let given = |value: &Option<String>| value.clone().filter(|value| !value.trim().is_empty());
        let of = &self.sigv4;
        let secret = builder.secret("sigv4.secret_key", of.secret_key.as_ref(), of.secret_key_file.as_ref());
        let has_secret = of.secret_key.is_some() || of.secret_key_file.is_some();
        let keys = match (given(&of.access_key), has_secret) {
            (Some(access_key), true) => Some(Keys { access_key, secret_key: secret? }),
            (None, false) => None,
            (None, true) => {
                builder.problem("sigv4.access_key", "is missing: it and secret_key go together");
                return None;
            }
            (Some(_), false) => {
                builder.problem("sigv4.secret_key", "is missing: it and access_key go together");
                return None;
            }
        };
        let role = given(&of.role_arn).map(|arn| Role {
            arn,
            external_id: given(&of.external_id),
            session_name: given(&of.session_name),
            tags: of.tags.clone(),
        });
        let of_roles = [
            ("external_id", given(&of.external_id).is_some()),
            ("session_name", given(&of.session_name).is_some()),
            ("tags", !of.tags.is_empty()),
        ];
        for (key, _) in of_roles.into_iter().filter(|(_, is_set)| *is_set && role.is_none()) {
            builder.problem(&format!("sigv4.{key}"), "needs role_arn");
        }
        Some(Login::new(keys, given(&of.profile), role, given(&of.region), of.use_fips_sts_endpoint))
    }
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let url = self.api_url.as_deref().filter(|url| !url.trim().is_empty());
        let url = match url {
            Some(url) if url.contains("{{") => {
                builder.problem("api_url", "must be an address: hosts are not chosen by alerts");
                None
            }
            Some(url) => builder.url("api_url", url).map(Some),
            None => Some(None),
        };
        let target = self.target(builder);
        let login = self.login(builder);
        let subject = builder.text("subject", &self.subject);
        let message = builder.text("message", &self.message);
        let attributes: Vec<_> = self
            .attributes
            .iter()
            .map(|(name, value)| {
                let key = format!("attributes.{name}");
                Some((builder.text(&key, name)?, builder.text(&key, value)?))
            })
            .collect();
        let http = builder.http(self.http_config.as_ref());
        let by_telephone = self.phone_number.is_some();
        let pictures = builder.pictures(self.images, self.max_images, able(by_telephone));
        let target = target?;
        let named =
            [&self.topic_arn, &self.target_arn, &self.phone_number].map(|name| name.clone().unwrap_or_default());
        let place = url.as_ref().and_then(Option::as_ref).map(builder::url_destination).unwrap_or_default();
        let limits = Limits {
            title: TextLimit::chars(publish::SUBJECT),
            text: if by_telephone { publish::SMS } else { TextLimit { unit: TextUnit::Bytes, max: publish::MESSAGE } },
            pictures,
            // far below what the service takes (300 messages in a second and more): people read them
            pace: Pace { burst: 20, period: Duration::from_millis(100) },
            concurrency: 4,
            timeout: self.timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(TIMEOUT),
            editing: Editing::default(),
            send_resolved: self.send_resolved,
            destination: builder::destination(&[&place, &named.join(" ")]),
            kind: "sns",
        };
        let texts = Texts {
            target,
            subject: subject?,
            message: message?,
            attributes: attributes.into_iter().collect::<Option<_>>()?,
        };
        Some(Arc::new(Fitted::new(Sns { limits, http: http?, url: url?, login: login?, texts })))
    }

    fn vendor(&self) -> Vendor {
        answer::vendor
    }
}

/// What a text can hold; one link is long enough for a telephone.
fn able(by_telephone: bool) -> PictureLimits {
    PictureLimits {
        ways: vec![Way::Link],
        max_count: if by_telephone { 1 } else { 10 },
        max_bytes: u64::MAX,
        max_total_bytes: u64::MAX,
        max_pixels: (u32::MAX, u32::MAX),
        formats: &[Format::Png, Format::Jpeg],
        late: LatePictures::No,
    }
}
