//! Records straight to the brokers, with a connection of its own for each message: what stands idle for hours breaks unseen, and a password
//! that was renewed is read anew. Nothing is repeated in here: the machine repeats, and knows what may have arrived.
//!
//! The brokers that are configured name the others, as Kafka's protocol has it; all replicas in sync acknowledge (`acks=all`).
//!
//! Deliberately unknown here: what is in a record.

use std::{sync::Arc, time::Duration};

use alerts::ports::{SendError, SendErrorKind};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use rskafka::{
    BackoffConfig, BackoffError, ConnectionError,
    chrono::DateTime,
    client::{
        Client, ClientBuilder,
        error::{Error, ProtocolError},
        partition::{Compression, UnknownTopicHandling},
    },
    topic::Topic,
};
use rustls::ClientConfig;
use url::Url;

use super::{partition, record::Record, sasl::Login};
use crate::sending::{Redactor, Rehearsal, Rehearsed, classify::DEFAULT_WAIT};

/// A cluster.
pub struct Native {
    pub brokers: Vec<String>,
    pub tls: Option<Arc<ClientConfig>>,
    pub login: Option<Login>,
    pub compression: Compression,
    /// For connecting, and for each record.
    pub timeout: Duration,
    /// Stands in for the cluster.
    pub rehearsal: Option<Arc<Rehearsal>>,
}

/// A connection for one message.
pub struct Session<'a> {
    of: &'a Native,
    /// None in a rehearsal.
    cluster: Option<(Client, Vec<Topic>)>,
    redactor: Redactor,
}

impl Native {
    /// Connects, logs in, asks for the topics.
    ///
    /// # Errors
    /// Never ambiguous: nothing was handed over.
    pub async fn open(&self) -> Result<Session<'_>, SendError> {
        if self.rehearsal.is_some() {
            return Ok(Session { of: self, cluster: None, redactor: Redactor::default() });
        }
        let mut redactor = Redactor::default();
        let mut builder = ClientBuilder::new(self.brokers.clone()).client_id("wirephoto").backoff_config(once());
        if let Some(tls) = &self.tls {
            builder = builder.tls_config(tls.clone());
        }
        if let Some(login) = &self.login {
            let (sasl, password) = login.now().await?;
            redactor = Redactor::new([password]);
            builder = builder.sasl_config(sasl);
        }
        let connecting = async {
            let client = builder.build().await?;
            let topics = client.list_topics().await?;
            Ok((client, topics))
        };
        let cluster = within(self.timeout, connecting).await.map_err(|error| failure(&error, &redactor, false))?;
        Ok(Session { of: self, cluster: Some(cluster), redactor })
    }
}

impl Session<'_> {
    /// Hands a record over.
    ///
    /// # Errors
    /// Ambiguous if it went out and no answer came.
    pub async fn put(&self, record: &Record) -> Result<(), SendError> {
        let Some((client, topics)) = &self.cluster else { return self.rehearse(record) };
        let partitions = topics.iter().find(|topic| topic.name == record.topic).map(|topic| &topic.partitions);
        let Some(partitions) = partitions.filter(|partitions| !partitions.is_empty()) else {
            let detail = format!("there is no topic {}, or it may not be seen", record.topic);
            return Err(SendError::new(SendErrorKind::Unauthorised, detail));
        };
        let nth = partition::of(record.key.as_bytes(), partitions.len());
        let partition = partitions.iter().nth(nth).copied().unwrap_or_default();
        let leader = client.partition_client(&record.topic, partition, UnknownTopicHandling::Error);
        let leader = within(self.of.timeout, leader).await.map_err(|error| failure(&error, &self.redactor, false))?;
        let produced = leader.produce(vec![produced(record)], self.of.compression);
        let produced = within(self.of.timeout, produced).await;
        produced.map(drop).map_err(|error| failure(&error, &self.redactor, true))
    }

    /// Writes the record down as if it were a request: `PRODUCE kafka://broker/topic/key`.
    fn rehearse(&self, record: &Record) -> Result<(), SendError> {
        let Some(rehearsal) = &self.of.rehearsal else { return Ok(()) };
        let rejected = |why: String| SendError::new(SendErrorKind::Rejected, why);
        let broker = self.of.brokers.first().map_or("", String::as_str);
        let url = Url::parse(&format!("kafka://{broker}/{}/{}", record.topic, record.key));
        let mut headers = HeaderMap::new();
        for (name, value) in record.headers() {
            let value = HeaderValue::from_str(value).map_err(|why| rejected(why.to_string()))?;
            headers.insert(HeaderName::from_static(name), value);
        }
        rehearsal.note(Rehearsed {
            method: Method::from_bytes(b"PRODUCE").map_err(|why| rejected(why.to_string()))?,
            url: url.map_err(|why| rejected(why.to_string()))?,
            headers,
            body: record.value(),
        });
        Ok(())
    }
}

fn produced(record: &Record) -> rskafka::record::Record {
    let headers = record.headers().map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()));
    rskafka::record::Record {
        key: Some(record.key.clone().into_bytes()),
        value: Some(record.value().to_vec()),
        headers: headers.into_iter().collect(),
        timestamp: DateTime::from_timestamp(record.at.as_secs(), 0).unwrap_or_default(),
    }
}

/// The library's own repetitions end after the first attempt.
fn once() -> BackoffConfig {
    BackoffConfig { deadline: Some(Duration::ZERO), ..BackoffConfig::default() }
}

async fn within<T>(timeout: Duration, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    tokio::time::timeout(timeout, work).await.unwrap_or(Err(Error::Timeout))
}

/// `out` says that the record was on its way.
fn failure(error: &Error, redactor: &Redactor, out: bool) -> SendError {
    let error = unwrapped(error);
    let detail = redactor.words(&words(error));
    let (kind, answered) = match error {
        Error::ServerError { protocol_error, .. } => of_protocol(*protocol_error),
        // the library keeps no more of a refused login than its words
        Error::Connection(_) if refuses_login(&detail) => (SendErrorKind::Unauthorised, true),
        _ => (SendErrorKind::Retry, false),
    };
    SendError { ambiguous: out && !answered, ..SendError::new(kind, detail) }
}

/// The error that ended the repetitions.
fn unwrapped(error: &Error) -> &Error {
    match error {
        Error::RetryFailed(BackoffError::DeadlineExceded { source, .. }) => {
            source.downcast_ref::<Error>().map_or(error, unwrapped)
        }
        other => other,
    }
}

fn words(error: &Error) -> String {
    match error {
        Error::ServerError { protocol_error, error_message, request, .. } => {
            let message = error_message.as_deref().map(|words| format!(": {words}")).unwrap_or_default();
            format!("{protocol_error:?} for {request:?}{message}")
        }
        Error::Connection(ConnectionError::RetryFailed(BackoffError::DeadlineExceded { source, .. })) => {
            source.to_string()
        }
        Error::Timeout => "no answer in time".to_owned(),
        other => other.to_string(),
    }
}

fn refuses_login(words: &str) -> bool {
    ["Sasl handshake failed: API error", "Sasl handshake failed: Sasl session error", "unsupported sasl mechanism"]
        .iter()
        .any(|refusal| words.contains(refusal))
}

/// What a broker's error means, and whether it says that the record was not kept.
fn of_protocol(error: ProtocolError) -> (SendErrorKind, bool) {
    use ProtocolError as P;
    match error {
        P::MessageTooLarge | P::RecordListTooLarge => (SendErrorKind::TooLarge, true),
        P::TopicAuthorizationFailed
        | P::ClusterAuthorizationFailed
        | P::SaslAuthenticationFailed
        | P::UnsupportedSaslMechanism
        | P::IllegalSaslState
        | P::UnknownTopicOrPartition => (SendErrorKind::Unauthorised, true),
        P::InvalidTopicException
        | P::InvalidRecord
        | P::InvalidRequest
        | P::InvalidTimestamp
        | P::PolicyViolation
        | P::CorruptMessage
        | P::UnsupportedVersion
        | P::UnsupportedForMessageFormat
        | P::UnsupportedCompressionType => (SendErrorKind::Rejected, true),
        P::ThrottlingQuotaExceeded => (SendErrorKind::RetryAfter(DEFAULT_WAIT), true),
        // it is in the leader's log already
        P::RequestTimedOut | P::NotEnoughReplicasAfterAppend => (SendErrorKind::Retry, false),
        _ => (SendErrorKind::Retry, true),
    }
}

#[cfg(test)]
mod tests {
    use rskafka::client::error::RequestContext;

    use super::*;

    #[test]
    fn brokers_errors_have_classes() {
        let check = |protocol_error, kind, ambiguous| {
            let error = Error::ServerError {
                protocol_error,
                error_message: None,
                request: RequestContext::Topic("alerts".into()),
                response: None,
                is_virtual: false,
            };
            let wrapped =
                Error::RetryFailed(BackoffError::DeadlineExceded { deadline: Duration::ZERO, source: Box::new(error) });
            let found = failure(&wrapped, &Redactor::default(), true);
            assert_eq!((found.kind, found.ambiguous), (kind, ambiguous), "{found}");
            assert!(found.detail.contains("alerts"), "{found}");
        };
        check(ProtocolError::MessageTooLarge, SendErrorKind::TooLarge, false);
        check(ProtocolError::TopicAuthorizationFailed, SendErrorKind::Unauthorised, false);
        check(ProtocolError::InvalidRecord, SendErrorKind::Rejected, false);
        check(ProtocolError::NotLeaderOrFollower, SendErrorKind::Retry, false);
        check(ProtocolError::NotEnoughReplicasAfterAppend, SendErrorKind::Retry, true);
        let late = failure(&Error::Timeout, &Redactor::default(), true);
        assert_eq!((late.kind, late.ambiguous), (SendErrorKind::Retry, true));
        assert!(!failure(&Error::Timeout, &Redactor::default(), false).ambiguous);
    }
}
