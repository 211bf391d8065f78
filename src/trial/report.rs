//! What came of a trial, as data: for the command line, the API and the pages alike.
//!
//! Deliberately unknown here: how it is shown.

use alerts::{
    Status, Time,
    ports::{SendError, SendErrorKind},
};
use serde::Serialize;
use serde_json::Value;

use super::{body::shown, preview::GroupPreview, test::StoredPicture};

/// What would be sent about an event.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Preview {
    /// Whether every integration made its requests.
    pub ok: bool,
    /// The groups that the routes make of the alerts, in the order in which the alerts first came.
    pub groups: Vec<GroupPreview>,
}

/// What came of a test.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestReport {
    /// Whether every integration took its message.
    pub ok: bool,
    /// The receiver.
    pub receiver: String,
    /// When.
    pub at: Time,
    /// Who asked for it.
    pub by: String,
    /// The test picture.
    pub picture: StoredPicture,
    /// The integrations, in the configuration's order.
    pub integrations: Vec<IntegrationReport>,
}

/// What one integration was told, and what it answered.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IntegrationReport {
    /// `slack/0`.
    pub integration: String,
    /// The test message, then the message that it is over, if that was asked for.
    pub messages: Vec<Told>,
}

/// One message to one integration.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Told {
    /// Firing or resolved.
    pub status: Status,
    /// Whether all is well.
    pub ok: bool,
    /// The ids that the vendor gave, in the channel's own words.
    pub receipt: Option<Value>,
    /// What did not go along, though the message did: pictures that were refused, templates that failed.
    pub degraded: Option<String>,
    /// Why it failed.
    pub error: Option<Failure>,
    /// Why there is no such message.
    pub skipped: Option<&'static str>,
}

/// Why a message was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The class, as in `alertmanager_notifications_failed_total`: `serverError`, `rateLimited`, `clientError`, `authError`.
    pub class: &'static str,
    /// The vendor's own words, without secrets.
    pub detail: String,
    /// Whether it may have been taken all the same.
    pub ambiguous: bool,
    /// What to do about it.
    pub advice: String,
}

impl Told {
    /// An integration that wants no resolved alerts.
    pub(super) fn skipped() -> Self {
        let why = "send_resolved is false: that it is over is not told";
        Self { status: Status::Resolved, ok: true, receipt: None, degraded: None, error: None, skipped: Some(why) }
    }

    pub(super) fn of(status: Status, outcome: Result<alerts::message::Receipt, SendError>) -> Self {
        let empty = Self { status, ok: true, receipt: None, degraded: None, error: None, skipped: None };
        match outcome {
            Ok(receipt) => Self { receipt: Some(receipt.message), degraded: receipt.degraded, ..empty },
            Err(error) => Self { ok: false, error: Some(error.into()), ..empty },
        }
    }
}

impl Told {
    /// Takes secrets out of what the channel and the vendor said.
    pub(super) fn hide(&mut self, hide: &dyn Fn(&str) -> String) {
        self.degraded = self.degraded.take().map(|text| hide(&text));
        self.receipt = self.receipt.take().map(|receipt| shown(receipt, hide));
        if let Some(error) = &mut self.error {
            error.detail = hide(&error.detail);
        }
    }

    /// Nothing would have gone out.
    pub(super) fn made_nothing(&mut self) {
        self.ok = false;
        self.error.get_or_insert_with(|| Failure {
            class: "clientError",
            detail: "it made no request".to_owned(),
            ambiguous: false,
            advice: "nobody would be told anything: look at the keys of this integration".to_owned(),
        });
    }
}

impl From<SendError> for Failure {
    fn from(error: SendError) -> Self {
        let class = error.kind.reason();
        Self { class, advice: advice(&error), detail: error.detail, ambiguous: error.ambiguous }
    }
}

fn advice(error: &SendError) -> String {
    let advice = match error.kind {
        SendErrorKind::Retry => {
            "the server would try again, later and later; is the address right, and can it be reached?"
        }
        SendErrorKind::RetryAfter(wait) => {
            return format!(
                "it asks to be left alone for {} s: the server would wait as long",
                wait.as_secs_f64().ceil()
            );
        }
        SendErrorKind::Rejected => {
            "it will never take this message: look at the keys of this integration that its words speak of"
        }
        SendErrorKind::TooLarge => "it takes nothing as large as this: shorten its texts",
        SendErrorKind::Unauthorised => {
            "check token, address and channel: the server would pause this destination and try again later"
        }
    };
    let perhaps = if error.ambiguous { "; it may have arrived all the same" } else { "" };
    format!("{advice}{perhaps}")
}
