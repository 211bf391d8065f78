//! Where a running server's trials are asked for: under the configuration in force, a bounded number at once, and a receiver is
//! tested once at a time and not more often than every ten seconds.
//!
//! Deliberately unknown here: who asks and how, beyond the words for the log.

use std::{collections::HashMap, sync::Arc, time::Duration};

use alerts::ports::{Clock, ImageStore, Inbox};
use channels::sending::Http;
use parking_lot::{Mutex, RwLock};
use tokio::sync::Semaphore;

use super::{NoTrial, Preview, PreviewAsked, TestAsked, TestReport, Trial, TrialMetrics};
use crate::config::settings::Settings;

/// Previews that are made at once; more are refused.
const PREVIEWS: usize = 2;
/// The time between two tests of a receiver.
const TEST_EVERY: Duration = Duration::from_secs(10);

/// The desk.
pub struct Desk {
    trial: RwLock<Arc<Trial>>,
    http: Http,
    images: Arc<dyn ImageStore>,
    inbox: Arc<dyn Inbox>,
    clock: Arc<dyn Clock>,
    metrics: TrialMetrics,
    previews: Semaphore,
    /// By the receiver's name; only names that are configured.
    tests: Mutex<HashMap<String, Course>>,
}

#[derive(Default)]
struct Course {
    running: bool,
    /// When the last one began, by the monotonic clock.
    began: Option<Duration>,
    last: Option<Arc<TestReport>>,
}

/// Why a trial is not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is nothing to try, or it failed.
    #[error(transparent)]
    NoTrial(#[from] NoTrial),
    /// Others are being made.
    #[error("{what}: try again in {} s", wait.as_secs().max(1))]
    TooMany {
        /// Why.
        what: &'static str,
        /// When to try again.
        wait: Duration,
    },
}

impl Desk {
    /// A desk.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(
        trial: Trial,
        images: Arc<dyn ImageStore>,
        inbox: Arc<dyn Inbox>,
        clock: Arc<dyn Clock>,
        metrics: TrialMetrics,
    ) -> Result<Self, String> {
        Ok(Self {
            trial: RwLock::new(Arc::new(trial)),
            http: Http::shared()?,
            images,
            inbox,
            clock,
            metrics,
            previews: Semaphore::new(PREVIEWS),
            tests: Mutex::default(),
        })
    }

    /// Other settings are in force; links lead where they led.
    pub fn replace(&self, settings: Settings) {
        let mut current = self.trial.write();
        let (external_url, images_url) = (current.external_url.clone(), current.images_url.clone());
        let trial = Arc::new(Trial { settings, external_url, images_url });
        *current = trial.clone();
        self.tests.lock().retain(|name, course| course.running || trial.receivers().any(|known| known == name));
    }

    /// Whether there is a receiver of this name.
    pub fn knows(&self, receiver: &str) -> bool {
        self.trial.read().receivers().any(|known| known == receiver)
    }

    /// The names of the receivers.
    pub fn receivers(&self) -> Vec<String> {
        self.trial.read().receivers().map(str::to_owned).collect()
    }

    /// What came of the last test of a receiver, and whether one is under way.
    pub fn last_test(&self, receiver: &str) -> (Option<Arc<TestReport>>, bool) {
        let tests = self.tests.lock();
        tests.get(receiver).map_or((None, false), |course| (course.last.clone(), course.running))
    }

    /// Makes a preview, where blocking is allowed.
    ///
    /// # Errors
    /// When there is nothing to preview, or too many are being made.
    pub async fn preview(self: &Arc<Self>, asked: PreviewAsked) -> Result<Preview, Refused> {
        let preview = self.try_preview(asked).await;
        let outcome = match &preview {
            Ok(preview) if preview.ok => "ok",
            Ok(_) => "failed",
            Err(_) => "refused",
        };
        self.metrics.trial("preview", outcome);
        preview
    }

    async fn try_preview(self: &Arc<Self>, asked: PreviewAsked) -> Result<Preview, Refused> {
        let Ok(_permit) = self.previews.try_acquire() else {
            return Err(Refused::TooMany { what: "other previews are being made", wait: Duration::from_secs(1) });
        };
        let (here, trial, runtime) = (self.clone(), self.trial.read().clone(), tokio::runtime::Handle::current());
        let made =
            tokio::task::spawn_blocking(move || runtime.block_on(trial.preview(&asked, &here.http, here.clock.now())));
        Ok(made.await.map_err(|_| NoTrial::Failed("the preview could not be made".to_owned()))??)
    }

    /// Tests a receiver. The test goes on if whoever asked for it does not wait.
    ///
    /// # Errors
    /// When there is nothing to test, or it is tested now, or was a moment ago.
    pub async fn test(self: &Arc<Self>, asked: TestAsked) -> Result<Arc<TestReport>, Refused> {
        let (here, trial) = (self.clone(), self.trial.read().clone());
        let turn = match self.turn(&asked, &trial) {
            Ok(turn) => turn,
            Err(refused) => {
                tracing::info!(receiver = asked.receiver, by = asked.by, %refused, "a receiver is not tested");
                self.metrics.trial("test", "refused");
                return Err(refused);
            }
        };
        tracing::info!(receiver = asked.receiver, by = asked.by, "a receiver is tested, because somebody asked for it");
        let job = tokio::spawn(async move {
            let store = Ok(here.images.clone());
            let report = trial.test(&asked, &here.http, here.inbox.clone(), &store, here.clock.now()).await;
            turn.end(&asked, report.map(Arc::new))
        });
        job.await.unwrap_or_else(|_| Err(NoTrial::Failed("the test could not be made".to_owned()).into()))
    }

    fn turn(self: &Arc<Self>, asked: &TestAsked, trial: &Trial) -> Result<Turn, Refused> {
        if !trial.receivers().any(|known| known == asked.receiver) {
            let known = trial.receivers().map(str::to_owned).collect();
            return Err(NoTrial::UnknownReceiver { name: asked.receiver.clone(), known }.into());
        }
        let now = self.clock.monotonic();
        let mut tests = self.tests.lock();
        let course = tests.entry(asked.receiver.clone()).or_default();
        if course.running {
            return Err(Refused::TooMany { what: "this receiver is being tested", wait: TEST_EVERY });
        }
        if let Some(wait) =
            course.began.map(|began| (began + TEST_EVERY).saturating_sub(now)).filter(|wait| !wait.is_zero())
        {
            return Err(Refused::TooMany { what: "this receiver was tested a moment ago", wait });
        }
        course.running = true;
        course.began = Some(now);
        Ok(Turn { desk: self.clone(), receiver: asked.receiver.clone() })
    }
}

/// The right to test a receiver, given back whatever becomes of the test.
struct Turn {
    desk: Arc<Desk>,
    receiver: String,
}

impl Turn {
    fn end(self, asked: &TestAsked, report: Result<Arc<TestReport>, NoTrial>) -> Result<Arc<TestReport>, Refused> {
        let metrics = &self.desk.metrics;
        match &report {
            Ok(report) => {
                let failed = report.integrations.iter().filter(|one| one.messages.iter().any(|told| !told.ok)).count();
                tracing::info!(
                    receiver = self.receiver,
                    by = asked.by,
                    integrations = report.integrations.len(),
                    failed,
                    "a receiver was tested"
                );
                metrics.trial("test", if report.ok { "ok" } else { "failed" });
                metrics.messages(report);
                self.desk.tests.lock().entry(self.receiver.clone()).or_default().last = Some(report.clone());
            }
            Err(error) => {
                tracing::warn!(receiver = self.receiver, by = asked.by, %error, "a receiver could not be tested");
                metrics.trial("test", "refused");
            }
        }
        Ok(report?)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(course) = self.desk.tests.lock().get_mut(&self.receiver) {
            course.running = false;
        }
    }
}
