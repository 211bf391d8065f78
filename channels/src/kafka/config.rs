//! What can be configured of Kafka: a REST proxy under Grafana's keys, or brokers; and the channel made of it.
//!
//! Deliberately unknown here: records.

use std::{path::PathBuf, sync::Arc, time::Duration};

use alerts::ports::{Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, TextLimit, Way as Given};
use rskafka::client::partition::Compression as Codec;
use secrecy::SecretString;
use serde::Deserialize;

use super::{
    Kafka, Way,
    native::Native,
    record::{Words, is_topic},
    rest::{Rest, vendor},
    sasl::Sasl,
};
use crate::{
    builder::{self, Builder},
    config::{HttpConfig, Images, TlsConfig, duration},
    registry::Integration,
    sending::{Fitted, Vendor, http::tls},
};

/// How long a step may take if the configuration says nothing.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The most bytes of a record if the configuration says nothing: brokers take 1,048,588 with all that is around it
/// (`message.max.bytes`).
const MOST_BYTES: usize = 1_000_000;

/// The fewest that make sense: with less, no alert fits.
const FEWEST_BYTES: usize = 4_096;

/// What can be configured of Kafka.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told.
    pub send_resolved: bool,
    /// The address of a REST proxy.
    pub kafka_rest_proxy: Option<String>,
    /// The proxy's interface.
    pub api_version: ApiVersion,
    /// The cluster, which v3 wants to know.
    pub kafka_cluster_id: Option<String>,
    /// The user at the proxy.
    pub username: Option<String>,
    /// The password there.
    pub password: Option<SecretString>,
    /// A file with it.
    pub password_file: Option<PathBuf>,
    /// Options of the requests to the proxy.
    pub http_config: Option<HttpConfig>,
    /// Or brokers, each as `host:port`.
    pub brokers: Vec<String>,
    /// TLS towards the brokers; none: no TLS.
    pub tls: Option<TlsConfig>,
    /// The login at the brokers.
    pub sasl: Option<Sasl>,
    /// How records are compressed on their way to the brokers.
    pub compression: Compression,
    /// The topic.
    pub kafka_topic: Option<String>,
    /// The topic for picture files; none: they are linked.
    pub image_topic: Option<String>,
    /// The most bytes of a record.
    pub max_record_bytes: Option<usize>,
    /// The field `description`.
    pub description: String,
    /// The field `details`.
    pub details: String,
    /// How long a step may take.
    #[serde(deserialize_with = "duration")]
    pub timeout: Option<Duration>,
    /// How pictures are given.
    pub images: Images,
    /// The most pictures of a message.
    pub max_images: Option<usize>,
}

/// The proxy's interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ApiVersion {
    /// `/topics/{topic}`.
    #[default]
    V2,
    /// `/v3/clusters/{cluster}/topics/{topic}/records`.
    V3,
}

/// How records are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// With gzip.
    Gzip,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            send_resolved: true,
            kafka_rest_proxy: None,
            api_version: ApiVersion::V2,
            kafka_cluster_id: None,
            username: None,
            password: None,
            password_file: None,
            http_config: None,
            brokers: Vec::new(),
            tls: None,
            sasl: None,
            compression: Compression::None,
            kafka_topic: None,
            image_topic: None,
            max_record_bytes: None,
            description: r#"{{ template "default.title" . }}"#.to_owned(),
            details: r#"{{ template "default.message" . }}"#.to_owned(),
            timeout: None,
            images: Images::Auto,
            max_images: None,
        }
    }
}

impl Config {
    /// Everything to a proxy at `base`.
    pub fn example(base: &str) -> Self {
        Self {
            kafka_rest_proxy: Some(base.to_owned()),
            username: Some("wirephoto".to_owned()),
            password: Some("password-secret".into()),
            kafka_topic: Some("alerts".to_owned()),
            ..Self::default()
        }
    }

    fn timeout(&self) -> Duration {
        self.timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(TIMEOUT)
    }

    fn max_record_bytes(&self, builder: &mut Builder<'_>) -> usize {
        let most = self.max_record_bytes.unwrap_or(MOST_BYTES);
        if most < FEWEST_BYTES {
            builder.problem("max_record_bytes", format!("must be at least {FEWEST_BYTES}"));
        }
        most
    }

    /// The way, and what names its destination.
    fn way(&self, builder: &mut Builder<'_>) -> Option<(Way, String)> {
        match (&self.kafka_rest_proxy, self.brokers.is_empty()) {
            (Some(_), false) => {
                builder.problem("brokers", "only one of kafka_rest_proxy and brokers may be given");
                None
            }
            (None, true) => {
                builder.problem("kafka_rest_proxy", "is missing, and there are no brokers either");
                None
            }
            (Some(base), true) => self.rest(builder, base),
            (None, false) => self.native(builder),
        }
    }

    fn rest(&self, builder: &mut Builder<'_>, base: &str) -> Option<(Way, String)> {
        let base = builder.url("kafka_rest_proxy", base);
        let http = builder.http(self.http_config.as_ref());
        let cluster = self.kafka_cluster_id.clone().filter(|cluster| !cluster.is_empty());
        if self.api_version == ApiVersion::V3 && cluster.is_none() {
            builder.problem("kafka_cluster_id", "is missing: api_version = \"v3\" needs it");
        }
        let password = builder.secret("password", self.password.as_ref(), self.password_file.as_ref());
        let has_password = self.password.is_some() || self.password_file.is_some();
        let login = match (&self.username, has_password) {
            (Some(user), true) => password.map(|password| (user.clone(), password)),
            (Some(_), false) => builder.required("password", None, ""),
            (None, true) => builder.required("username", None, ""),
            (None, false) => None,
        };
        let (base, http) = (base?, http?);
        let destination = builder::url_destination(&base);
        let api = (self.api_version, cluster).into();
        Some((Way::Rest(Rest { http, base, api, login, timeout: self.timeout() }), destination))
    }

    fn native(&self, builder: &mut Builder<'_>) -> Option<(Way, String)> {
        for (at, broker) in self.brokers.iter().enumerate() {
            let parts = broker.rsplit_once(':').filter(|(host, _)| !host.is_empty());
            if parts.is_none_or(|(_, port)| port.parse::<u16>().is_err()) {
                builder.problem(&format!("brokers[{at}]"), format!("{broker:?} is not host:port"));
            }
        }
        let tls = self.tls.as_ref().map(|config| tls::client_config(config, false));
        let tls = match tls {
            None => None,
            Some(Ok(mut config)) => {
                // Kafka's protocol has no name to agree on
                config.alpn_protocols.clear();
                Some(Arc::new(config))
            }
            Some(Err((key, why))) => {
                builder.problem(&key.replacen("tls_config", "tls", 1), why);
                return None;
            }
        };
        let login = match &self.sasl {
            None => None,
            Some(sasl) => Some(sasl.login(builder)?),
        };
        let compression = match self.compression {
            Compression::None => Codec::NoCompression,
            Compression::Gzip => Codec::Gzip,
        };
        let destination = builder::destination(&self.brokers.iter().map(String::as_str).collect::<Vec<_>>());
        let (brokers, timeout) = (self.brokers.clone(), self.timeout());
        let rehearsal = builder.context.http.rehearsal().cloned();
        Some((Way::Native(Native { brokers, tls, login, compression, timeout, rehearsal }), destination))
    }
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let way = self.way(builder);
        let source = builder.required("kafka_topic", self.kafka_topic.as_ref(), "");
        let fixed = source.filter(|source| !source.contains("{{"));
        for (key, topic) in [("kafka_topic", fixed), ("image_topic", self.image_topic.as_ref())] {
            if topic.is_some_and(|topic| !is_topic(topic.trim())) {
                builder.problem(key, "is not a topic's name");
            }
        }
        let topic = source.and_then(|source| builder.text("kafka_topic", source));
        let description = builder.text("description", &self.description);
        let details = builder.text("details", &self.details);
        let max_record_bytes = self.max_record_bytes(builder);
        let pictures =
            builder.pictures(self.images, self.max_images, able(self.image_topic.is_some(), max_record_bytes));
        let (way, destination) = way?;
        let limits = Limits {
            title: TextLimit::UNLIMITED,
            text: TextLimit::UNLIMITED,
            pictures,
            pace: Pace { burst: 1, period: Duration::ZERO },
            concurrency: 4,
            // connecting, all pictures, the record and its partition
            timeout: self.timeout() * 4,
            editing: Editing::default(),
            send_resolved: self.send_resolved,
            destination: builder::destination(&[&destination, source.map_or("", String::as_str)]),
            kind: "kafka",
        };
        Some(Arc::new(Fitted::new(Kafka {
            limits,
            way,
            topic: topic?,
            image_topic: self.image_topic.as_ref().map(|topic| topic.trim().to_owned()),
            words: Words { description: description?, details: details? },
            max_record_bytes,
            pictures_timeout: self.timeout(),
        })))
    }

    fn vendor(&self) -> Vendor {
        vendor
    }
}

fn able(has_topic: bool, max_record_bytes: usize) -> PictureLimits {
    PictureLimits {
        ways: if has_topic { vec![Given::Attach, Given::Link] } else { vec![Given::Link] },
        max_count: 100,
        // the key is in the record too
        max_bytes: max_record_bytes.saturating_sub(1_024) as u64,
        max_total_bytes: u64::MAX,
        max_pixels: (u32::MAX, u32::MAX),
        formats: &[Format::Png, Format::Jpeg],
        late: LatePictures::No,
    }
}
