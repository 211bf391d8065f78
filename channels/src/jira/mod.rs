//! Jira: an issue per group, made when it fires, rewritten as it changes, closed when it resolves; pictures are its attachments.
//!
//! Issues carry Alertmanager's label `ALERT{…}`, so that those it made are found. While something fires, the issue is known by the
//! receipt: Jira's index lags behind.
//!
//! Deliberately unknown here: requests (`client.rs`), texts (`fields.rs`), pace and repetition.

mod adf;
mod client;
mod config;
mod fields;
mod jql;
mod wiki;

use std::collections::HashSet;

use alerts::{
    Status,
    message::{Message, Receipt},
    picture::Picture,
    ports::{Channel, Limits, SendError, SendErrorKind},
};
use async_trait::async_trait;
use client::{Api, Issue};
pub use config::Config;
use fields::Fields;
use jql::Search;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::sending::{files, multipart::Form};

struct Jira {
    limits: Limits,
    api: Api,
    fields: Fields,
    search: Search,
    /// The transition that ends an issue.
    resolve: Option<String>,
    /// The transition that opens a done one again.
    reopen: Option<String>,
}

/// The issue that tells of the group.
#[derive(Deserialize, Serialize)]
struct Posted {
    key: String,
}

#[async_trait]
impl Channel for Jira {
    fn limits(&self) -> &Limits {
        &self.limits
    }

    async fn send(&self, message: &Message, previous: Option<&Receipt>) -> Result<Receipt, SendError> {
        let firing = message.status == Status::Firing;
        let issue = self.find(message, previous, firing).await?;
        if issue.is_none() && !firing {
            // nobody has to be told that what no issue tells of is over
            return Ok(Receipt::default());
        }
        let rendered = self.fields.rendered(message, issue.is_some())?;
        let mut degraded = rendered.failures;
        let key = match issue {
            None => {
                let (key, without) = self.api.create(rendered.fields).await?;
                degraded.extend(without);
                key
            }
            Some(issue) => {
                // a done issue may be closed to changes, and one that is to be changed is not done
                if firing {
                    degraded.extend(self.transition(&issue, self.reopen.as_ref().filter(|_| issue.is_done())).await?);
                }
                degraded.extend(self.api.update(&issue.key, rendered.fields).await?);
                if !firing {
                    degraded.extend(self.transition(&issue, self.resolve.as_ref().filter(|_| !issue.is_done())).await?);
                }
                issue.key
            }
        };
        Ok(Receipt {
            message: json!(Posted { key }),
            pictures_due: message.pictures.iter().any(|picture| picture.bytes.is_some()),
            degraded: (!degraded.is_empty()).then(|| degraded.join("; ")),
        })
    }

    async fn add_pictures(&self, receipt: &Receipt, pictures: &[Picture]) -> Result<Receipt, SendError> {
        let done = Receipt { pictures_due: false, ..receipt.clone() };
        let Ok(Posted { key }) = Posted::deserialize(&receipt.message) else { return Ok(done) };
        let (files, linked): (Vec<_>, Vec<_>) = pictures.iter().cloned().partition(|picture| picture.bytes.is_some());
        if !files.is_empty() {
            self.attach(&key, &files).await.map_err(not_the_issues_fault)?;
        }
        if !linked.is_empty() {
            self.api.comment(&key, &self.fields.comment(&linked)).await.map_err(not_the_issues_fault)?;
        }
        Ok(done)
    }
}

impl Jira {
    /// The issue of the group, if it is to be written into.
    async fn find(
        &self,
        message: &Message,
        previous: Option<&Receipt>,
        firing: bool,
    ) -> Result<Option<Issue>, SendError> {
        let known = previous.and_then(|receipt| Posted::deserialize(&receipt.message).ok());
        if let Some(Posted { key }) = known {
            let issue = self.api.issue(&key, "status,resolution").await?;
            let issue = issue.filter(|issue| !issue.is_done() && !self.is_left_alone(issue));
            if issue.is_some() {
                return Ok(issue);
            }
        }
        // what is done counts only if it was lately, which the search knows
        let project = self.fields.project(message)?;
        self.api.search(&self.search.jql(&project, &message.group_hash(), firing)).await
    }

    fn is_left_alone(&self, issue: &Issue) -> bool {
        self.search.wont_fix.as_deref().is_some_and(|resolution| issue.resolution() == Some(resolution))
    }

    /// Makes a transition; what it is missing is told on the side, since the text is in the issue.
    async fn transition(&self, issue: &Issue, name: Option<&String>) -> Result<Option<String>, SendError> {
        let Some(name) = name else { return Ok(None) };
        match self.api.transition(&issue.key, name).await {
            Err(error) if !matches!(error.kind, SendErrorKind::Retry | SendErrorKind::RetryAfter(_)) => {
                Ok(Some(format!("the transition {name:?} failed: {}", error.detail)))
            }
            made => made,
        }
    }

    /// Attaches what is not there yet: an issue keeps its files from notification to notification.
    async fn attach(&self, key: &str, pictures: &[Picture]) -> Result<(), SendError> {
        let issue = self.api.issue(key, "attachment").await?.unwrap_or_default();
        let there: HashSet<&str> = issue.files().collect();
        let mut form = Form::default();
        let mut count = 0;
        for picture in pictures {
            let name = files::name(picture);
            if !there.contains(name.as_str()) {
                let bytes = picture.bytes.as_deref().unwrap_or_default();
                form = form.file("file", &name, bytes);
                count += 1;
            }
        }
        if count == 0 { Ok(()) } else { self.api.attach(key, form).await }
    }
}

/// Attachments may be switched off, or the issue may be gone: no reason to think that no issue can be written any more.
fn not_the_issues_fault(error: SendError) -> SendError {
    let kind = if error.kind == SendErrorKind::Unauthorised { SendErrorKind::Rejected } else { error.kind };
    SendError { kind, ..error }
}
