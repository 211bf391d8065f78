//! A notification in words.
//!
//! Deliberately unknown here: where the words stand.

use alerts::{
    Status,
    message::{Delivery, IntegrationKey},
    ports::{DropReason, Outcome},
};

use crate::{
    database::{Newer, Notification, NotificationState},
    pages::html::{Html, html},
};

/// Names that a title has room for.
const NAMES: usize = 3;

/// The names of its alerts.
pub(super) fn title(delivery: &Delivery) -> String {
    let mut names: Vec<&str> = Vec::new();
    for told in &delivery.alerts {
        let name = told.alert.labels.get("alertname").unwrap_or("alert without a name");
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.len() {
        0 => "No alerts".to_owned(),
        count if count > NAMES => format!("{} and {} more", names[..NAMES].join(", "), count - NAMES),
        _ => names.join(", "),
    }
}

/// `2 firing, 1 resolved`
pub(super) fn counts(delivery: &Delivery) -> String {
    let count = |status, word: &str| {
        let count = delivery.alerts.iter().filter(|told| told.status == status).count();
        (count > 0).then(|| format!("{count} {word}"))
    };
    let parts = [count(Status::Firing, "firing"), count(Status::Resolved, "resolved")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The type in the key of an integration.
pub(super) fn kind(integration: &IntegrationKey) -> &str {
    integration.0.rsplit('/').nth(1).unwrap_or(&integration.0)
}

pub(super) fn badge(notification: &Notification) -> Html {
    let retried = notification.done.is_none() && notification.delivery.attempts > 0;
    let (class, word) = match notification.state() {
        NotificationState::Pending if retried => ("pending", "Trying again"),
        NotificationState::Pending => ("pending", "Pending"),
        NotificationState::Sent => ("sent", "Sent"),
        NotificationState::Degraded => ("degraded", "Sent without pictures"),
        NotificationState::DeadLetter => ("dead", "Not delivered"),
        NotificationState::Dropped => ("held", "Dropped"),
    };
    html!(r#"<span class="badge {class}">{word}</span>"#, class = class, word = word)
}

/// The class of a notification's frame.
pub(super) fn class(state: NotificationState) -> &'static str {
    match state {
        NotificationState::Pending => "pending",
        NotificationState::Sent => "sent",
        NotificationState::Degraded => "degraded",
        NotificationState::DeadLetter => "dead",
        NotificationState::Dropped => "dropped",
    }
}

/// What people should know of how it went; nothing if all went well.
pub(super) fn trouble(notification: &Notification) -> Option<String> {
    let error = notification.delivery.last_error.as_deref();
    let with = |words: &str| error.map_or_else(|| words.to_owned(), |error| format!("{words}: {error}"));
    match notification.done.as_ref().map(|done| &done.outcome) {
        None => error.map(str::to_owned),
        Some(Outcome::Sent { degraded }) => degraded.clone(),
        Some(Outcome::Dropped(DropReason::Rejected)) => Some(with("The receiver will never take it")),
        Some(Outcome::Dropped(DropReason::Expired)) => {
            Some(with("It was given up after trying for as long as is allowed"))
        }
        Some(Outcome::Dropped(DropReason::Superseded)) => Some(with("A newer notification took its place")),
        Some(Outcome::Dropped(DropReason::NeverTold)) => Some("All was over before anybody was told".to_owned()),
        Some(Outcome::Dropped(DropReason::Unconfigured)) => {
            Some("Its integration is not configured any more".to_owned())
        }
    }
}

/// `3 attempts`
pub(super) fn attempts(delivery: &Delivery) -> String {
    match delivery.attempts {
        0 => "no attempt yet".to_owned(),
        1 => "1 attempt".to_owned(),
        count => format!("{count} attempts"),
    }
}

/// Why a dead letter is not the last word of its group.
pub(super) fn newer(newer: Newer) -> &'static str {
    match newer.state {
        NotificationState::Pending => "A newer notification of the same group is on its way to the same receiver.",
        NotificationState::Sent | NotificationState::Degraded => {
            "The receiver was told something newer of the same group since."
        }
        NotificationState::DeadLetter | NotificationState::Dropped => {
            "A newer notification of the same group was not delivered either: send that one again."
        }
    }
}
