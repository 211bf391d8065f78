//! The test of a receiver: one real message with one real picture to each of its integrations, clearly marked as a test.
//!
//! It goes past the queue: nothing of it is in the outbox, the notification log or the history. Deliberately unknown here: how
//! often it may be asked for.

use std::{sync::Arc, time::Duration};

use alerts::{
    Alert, Status, Time,
    message::{Delivery, MessageAlert, Reason, Receipt},
    picture::Picture,
    ports::{ImageStore, Inbox},
};
use channels::{Built, sending::Http};
use futures_util::future::join_all;
use serde::Serialize;

use super::{
    NoTrial, Trial, Which,
    event::{self, TEST_ALERT},
    group, one,
    picture::{self, Drawn},
    place,
    report::{IntegrationReport, TestReport, Told},
};

/// How long the store may take to keep a picture.
const PUT_TIMEOUT: Duration = Duration::from_secs(30);

/// What is to be tested.
#[derive(Clone, Debug)]
pub struct TestAsked {
    /// The receiver.
    pub receiver: String,
    /// Only this integration of it.
    pub integration: Option<Which>,
    /// Whether it is told afterwards that the test is over.
    pub resolve: bool,
    /// Who asks, in words: the message says so.
    pub by: String,
}

/// Where test pictures are kept; or why nowhere.
pub type Store = Result<Arc<dyn ImageStore>, String>;

/// The picture of a test.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StoredPicture {
    /// Its link, which works while the server runs.
    pub link: Option<String>,
    /// Why it has none.
    pub problem: Option<String>,
}

impl Trial {
    /// Tests a receiver; all its integrations at once.
    ///
    /// # Errors
    /// When there is nothing to test. What vendors say is in the report.
    pub async fn test(
        &self,
        asked: &TestAsked,
        http: &Http,
        inbox: Arc<dyn Inbox>,
        store: &Store,
        now: Time,
    ) -> Result<TestReport, NoTrial> {
        let built = self.integrations(&asked.receiver, asked.integration.as_ref(), http, inbox)?;
        let (firing, stored) = self.picture(Status::Firing, store, now).await?;
        let resolved = match asked.resolve {
            true => Some(self.picture(Status::Resolved, store, now).await?.0),
            false => None,
        };
        let test =
            Test { trial: self, receiver: &asked.receiver, alert: event::test(&asked.receiver, &asked.by, now), now };
        let integrations = join_all(built.iter().map(|one| test.integration(one, &firing, resolved.as_ref()))).await;
        Ok(TestReport {
            ok: integrations.iter().flat_map(|one| &one.messages).all(|told| told.ok),
            receiver: asked.receiver.clone(),
            at: now,
            by: asked.by.clone(),
            picture: stored,
            integrations,
        })
    }

    /// Draws a picture and keeps it. Each test overwrites the pictures of the one before, so that tests leave no litter.
    async fn picture(&self, transition: Status, store: &Store, now: Time) -> Result<(Picture, StoredPicture), NoTrial> {
        let look = self.settings.screenshots.clone();
        let drawing = tokio::task::spawn_blocking(move || picture::draw(&look, transition, (0, 1), now));
        let Drawn { mut record, png } = drawing.await.map_err(|error| NoTrial::Failed(error.to_string()))??;
        let mut stored = StoredPicture::default();
        match store {
            Err(why) => stored.problem = Some(why.clone()),
            Ok(store) => match tokio::time::timeout(PUT_TIMEOUT, store.put(&record.id, png.clone())).await {
                Ok(kept) => {
                    let (uploaded, failed) =
                        kept.uploaded.transpose().map_or_else(|why| (None, Some(why)), |at| (at, None));
                    stored.problem = kept.local.err().or(failed).map(|error| error.to_string());
                    record.uploaded = uploaded;
                    stored.link = store.link(&record, now, self.settings.screenshots.retention).await;
                }
                Err(_) => stored.problem = Some("the image store did not answer in time".to_owned()),
            },
        }
        Ok((Picture { record, url: stored.link.clone(), bytes: Some(png), alerts: Vec::new() }, stored))
    }
}

/// A test under way.
struct Test<'a> {
    trial: &'a Trial,
    receiver: &'a str,
    alert: Alert,
    now: Time,
}

impl Test<'_> {
    async fn integration(&self, built: &Built, firing: &Picture, resolved: Option<&Picture>) -> IntegrationReport {
        let outcome = self.tell(built, Status::Firing, firing, None).await;
        let receipt = outcome.as_ref().ok().cloned();
        let mut messages = vec![Told::of(Status::Firing, outcome)];
        if let (Some(picture), Some(receipt)) = (resolved, receipt) {
            messages.push(match built.channel.limits().send_resolved {
                true => {
                    let previous = one::previous(&*built.channel, Some(&receipt));
                    Told::of(Status::Resolved, self.tell(built, Status::Resolved, picture, previous).await)
                }
                false => Told::skipped(),
            });
        }
        IntegrationReport { integration: place(built), messages }
    }

    async fn tell(
        &self,
        built: &Built,
        status: Status,
        picture: &Picture,
        previous: Option<&Receipt>,
    ) -> Result<Receipt, alerts::ports::SendError> {
        let limits = &built.channel.limits().pictures;
        let with_bytes = limits.wants_bytes() || picture.url.is_none();
        let pictures = limits.wants_pictures().then(|| Picture {
            bytes: picture.bytes.clone().filter(|_| with_bytes),
            alerts: vec![self.alert.fingerprint],
            ..picture.clone()
        });
        let pictures = pictures.into_iter().collect();
        let message = self.delivery(built, status).message(&self.trial.external_url, pictures);
        one::tell(&*built.channel, &message, previous).await
    }

    fn delivery(&self, built: &Built, status: Status) -> Delivery {
        // a moment later, so that it is another message
        let now = if status == Status::Firing { self.now } else { self.now.plus(Duration::from_secs(1)) };
        let ends_at = if status == Status::Firing { self.alert.ends_at } else { now };
        let alert = Alert { ends_at, ends_by_timeout: status == Status::Firing, ..self.alert.clone() };
        let labels = self.alert.labels.filtered(|name, _| name == "alertname");
        let told = group::Told {
            integration: actors::Integration::new(self.receiver, &built.destination, built.channel.clone()).key,
            receiver: self.receiver.to_owned(),
            // as no route makes it: real groups are not touched by it
            group_key: format!("{{}}/{{test=\"{TEST_ALERT}\",receiver={:?}}}:{labels}", self.receiver),
            repeat_interval_secs: 0,
            reason: if status == Status::Firing { Reason::FirstNotification } else { Reason::AllResolved },
            now,
        };
        Delivery { group_labels: labels, ..told.of(vec![MessageAlert { status, alert }]) }
    }
}
