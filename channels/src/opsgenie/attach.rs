//! Pictures for an alert that is under way: which alert it became is asked for, then files are attached to it, and what cannot be
//! attached is linked in its details.
//!
//! Deliberately unknown here: alerts' texts.

use std::time::Duration;

use alerts::{
    message::Receipt,
    picture::Picture,
    ports::{SendError, SendErrorKind},
};
use http::{Method, StatusCode};
use reqwest::multipart::{Form, Part};
use secrecy::SecretString;
use serde_json::{Map, Value, json};

use super::{Opsgenie, Posted};
use crate::sending::files;

/// How many milliseconds to wait before each question after the first what became of a request: it mostly takes less than a second.
const PAUSES: [u64; 4] = [250, 500, 1_000, 2_000];

/// What became of a request.
enum Outcome {
    /// It is about this alert.
    Alert(String),
    /// It came to nothing: why.
    Nothing(String),
    /// Nobody knows yet.
    Unknown,
}

impl Opsgenie {
    /// Attaches the files to the alert, and links the other pictures in its details.
    pub(super) async fn attach_all(
        &self,
        mut posted: Posted,
        pictures: &[Picture],
        key: &SecretString,
    ) -> Result<Receipt, SendError> {
        if posted.alert_id.is_none()
            && let Some(request) = &posted.request_id
        {
            match self.outcome(request, key).await? {
                Outcome::Alert(id) => posted.alert_id = Some(id),
                // it was closed by hand before: there is nothing to add to
                Outcome::Nothing(_) if posted.closed => return Ok(done(&posted, &[])),
                Outcome::Nothing(why) => return Err(SendError::new(SendErrorKind::Rejected, why)),
                Outcome::Unknown => {}
            }
        }
        if posted.closed && posted.alert_id.is_none() {
            return Ok(done(&posted, &["which alert was closed is not known yet".to_owned()]));
        }
        let (mut problems, mut linked) = (Vec::new(), Vec::new());
        let mut attached = 0;
        let missing: Vec<&Picture> = pictures.iter().filter(|picture| posted.lacks(picture)).collect();
        for picture in missing {
            if picture.bytes.is_none() {
                linked.push(picture);
                continue;
            }
            match self.attach(&posted, picture, key).await {
                Ok(()) => {
                    posted.has(picture);
                    attached += 1;
                }
                // nothing has been attached: all of it may be tried again
                Err(error) if attached == 0 && is_passing(&error) => return Err(error),
                Err(error) => {
                    problems.push(format!("picture {} is not attached: {}", picture.record.id, error.detail));
                    linked.push(picture);
                }
            }
        }
        problems.extend(self.link(&posted, &linked, key).await);
        Ok(done(&posted, &problems))
    }

    /// Asks a few times what became of a request.
    async fn outcome(&self, request: &str, key: &SecretString) -> Result<Outcome, SendError> {
        let mut pauses = PAUSES.iter();
        loop {
            let question = self.request(Method::GET, &format!("v2/alerts/requests/{request}"), key).await?;
            let answer = self.http.send_once(question, self.timeout).await?;
            if answer.status != StatusCode::NOT_FOUND {
                let answer = self.taken(answer, key).await?;
                let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
                let data = &json["data"];
                if data["isSuccess"] == false || data["success"] == false {
                    let why = data["status"].as_str().unwrap_or("without a reason");
                    let why = self.http.secrets().await.with([key.clone()]).words(why);
                    return Ok(Outcome::Nothing(format!("the alert was not taken: {why}")));
                }
                let id = data["alertId"].as_str().filter(|id| !id.is_empty());
                return Ok(id.map_or(Outcome::Unknown, |id| Outcome::Alert(id.to_owned())));
            }
            let Some(pause) = pauses.next() else { return Ok(Outcome::Unknown) };
            tokio::time::sleep(Duration::from_millis(*pause)).await;
        }
    }

    async fn attach(&self, posted: &Posted, picture: &Picture, key: &SecretString) -> Result<(), SendError> {
        let (id, of) = identifier(posted);
        let path = format!("v2/alerts/{id}/attachments?alertIdentifierType={of}");
        let bytes = picture.bytes.clone().unwrap_or_default();
        let mime = files::mime(&bytes);
        let part = Part::stream(bytes).file_name(files::name(picture)).mime_str(mime);
        let part = part.map_err(|why| SendError::new(SendErrorKind::Rejected, why.to_string()))?;
        let request = self.request(Method::POST, &path, key).await?.multipart(Form::new().part("file", part));
        self.taken(self.http.send_once(request, self.timeout).await?, key).await.map(drop)
    }

    /// Writes links into the alert's details; what went wrong.
    async fn link(&self, posted: &Posted, pictures: &[&Picture], key: &SecretString) -> Option<String> {
        let links = pictures.iter().filter_map(|picture| picture.url.as_deref());
        let details: Map<String, Value> =
            links.enumerate().map(|(at, url)| (format!("image_{}", at + 1), json!(url))).collect();
        if details.is_empty() {
            return None;
        }
        let (id, of) = identifier(posted);
        let path = format!("v2/alerts/{id}/details?identifierType={of}");
        let said = self.call(Method::POST, &path, &json!({ "details": details }), key).await;
        said.err().map(|error| format!("pictures are not linked: {}", error.detail))
    }
}

/// The alert's own id where it is known, else its alias, which leads to it as long as it is open.
fn identifier(posted: &Posted) -> (&str, &'static str) {
    posted.alert_id.as_deref().map_or((&posted.alias, "alias"), |id| (id, "id"))
}

fn is_passing(error: &SendError) -> bool {
    matches!(error.kind, SendErrorKind::Retry | SendErrorKind::RetryAfter(_)) && !error.ambiguous
}

fn done(posted: &Posted, problems: &[String]) -> Receipt {
    let degraded = (!problems.is_empty()).then(|| problems.join("; "));
    Receipt { message: json!(posted), pictures_due: false, degraded }
}
