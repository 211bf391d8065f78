//! A channel that remembers what it was told, and answers as it is told to.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use alerts::{
    Time,
    message::{Message, Receipt},
    picture::Picture,
    ports::{Channel, Clock, Editing, Format, LatePictures, Limits, Pace, PictureLimits, SendError, TextLimit, Way},
};
use async_trait::async_trait;
use parking_lot::Mutex;

/// What a channel was told, and when.
#[derive(Clone, Debug)]
pub enum Told {
    /// A message.
    Message {
        /// When.
        at: Time,
        /// The message.
        message: Box<Message>,
    },
    /// Pictures for a message that was out.
    Pictures {
        /// When.
        at: Time,
        /// The receipt of the message.
        receipt: Receipt,
        /// Their titles.
        titles: Vec<String>,
    },
}

/// How a channel answers a send.
#[derive(Clone, Debug)]
pub enum Answer {
    /// After this long it fails; the message counts as not received.
    Fail(Duration, SendError),
    /// After this long it succeeds.
    Take(Duration),
    /// It panics.
    Panic,
}

/// The fake.
pub struct FakeChannel {
    limits: Limits,
    clock: Arc<dyn Clock>,
    told: Mutex<Vec<Told>>,
    attempts: Mutex<Vec<Time>>,
    previous: Mutex<Vec<Option<Receipt>>>,
    /// Answers to the next sends; afterwards `otherwise` holds.
    script: Mutex<VecDeque<Answer>>,
    otherwise: Mutex<Answer>,
    two_steps: bool,
    pictures_take: Mutex<Duration>,
}

impl FakeChannel {
    /// A channel without limits, with this name as its destination.
    pub fn new(name: &str, clock: Arc<dyn Clock>) -> Self {
        Self {
            limits: limits(name),
            clock,
            told: Mutex::default(),
            attempts: Mutex::default(),
            previous: Mutex::default(),
            script: Mutex::default(),
            otherwise: Mutex::new(Answer::Take(Duration::ZERO)),
            two_steps: false,
            pictures_take: Mutex::default(),
        }
    }

    /// The same with other limits.
    pub fn with(mut self, change: impl FnOnce(&mut Limits)) -> Self {
        change(&mut self.limits);
        self
    }

    /// Text first, then the pictures, as Slack does it.
    pub fn in_two_steps(mut self) -> Self {
        self.two_steps = true;
        self
    }

    /// How long adding pictures to a message takes.
    pub fn pictures_take(&self, delay: Duration) {
        *self.pictures_take.lock() = delay;
    }

    /// How the next send is answered; several are queued.
    pub fn then(&self, answer: Answer) {
        self.script.lock().push_back(answer);
    }

    /// How sends are answered from now on, unless scripted.
    pub fn always(&self, answer: Answer) {
        *self.otherwise.lock() = answer;
    }

    /// Everything it was told so far.
    pub fn told(&self) -> Vec<Told> {
        self.told.lock().clone()
    }

    /// The messages among it.
    pub fn messages(&self) -> Vec<(Time, Message)> {
        let told = self.told.lock();
        told.iter()
            .filter_map(|told| match told {
                Told::Message { at, message } => Some((*at, (**message).clone())),
                Told::Pictures { .. } => None,
            })
            .collect()
    }

    /// The receipts of messages before, one for each attempt.
    pub fn previous(&self) -> Vec<Option<Receipt>> {
        self.previous.lock().clone()
    }

    /// When attempts began.
    pub fn attempts(&self) -> Vec<Time> {
        self.attempts.lock().clone()
    }
}

fn limits(name: &str) -> Limits {
    Limits {
        title: TextLimit::UNLIMITED,
        text: TextLimit::UNLIMITED,
        pictures: PictureLimits {
            ways: vec![Way::Attach, Way::Link],
            max_count: 10,
            max_bytes: u64::MAX,
            max_total_bytes: u64::MAX,
            max_pixels: (u32::MAX, u32::MAX),
            formats: &[Format::Png],
            late: LatePictures::No,
        },
        pace: Pace { burst: 1, period: Duration::ZERO },
        concurrency: 4,
        timeout: Duration::from_secs(10),
        editing: Editing::default(),
        send_resolved: true,
        destination: name.to_owned(),
        kind: "fake",
    }
}

#[async_trait]
impl Channel for FakeChannel {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        self.attempts.lock().push(self.clock.now());
        self.previous.lock().push(previous.cloned());
        let answer = self.script.lock().pop_front().unwrap_or_else(|| self.otherwise.lock().clone());
        match answer {
            Answer::Panic => panic!("the fake channel was told to panic"),
            Answer::Fail(delay, error) => {
                tokio::time::sleep(delay).await;
                Err(error)
            }
            Answer::Take(delay) => {
                tokio::time::sleep(delay).await;
                self.told.lock().push(Told::Message { at: self.clock.now(), message: Box::new(message.clone()) });
                Ok(Receipt {
                    message: serde_json::json!({ "key": message.idempotency_key }),
                    pictures_due: self.two_steps && !message.pictures.is_empty(),
                    degraded: None,
                })
            }
        }
    }

    async fn add_pictures(&self, receipt: &Receipt, pictures: &[Picture]) -> Result<Receipt, SendError> {
        let delay = *self.pictures_take.lock();
        tokio::time::sleep(delay).await;
        let titles = pictures.iter().map(|picture| picture.record.title.clone()).collect();
        self.told.lock().push(Told::Pictures { at: self.clock.now(), receipt: receipt.clone(), titles });
        Ok(receipt.clone())
    }
}
