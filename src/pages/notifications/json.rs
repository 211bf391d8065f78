//! A notification as JSON.
//!
//! Deliberately unknown here: which notifications.

use alerts::{
    Status, Time,
    message::MessageAlert,
    ports::{InboxPicture, Outcome},
};
use serde_json::{Value, json};

use crate::{
    database::{Done, Notification, NotificationState},
    pages::{Pages, images},
};

/// Alerts of one notification among others; alone it has all.
pub(super) const ALERTS_IN_LIST: usize = 100;

pub(super) fn notification(
    pages: &Pages,
    notification: &Notification,
    pictures: &[InboxPicture],
    most_alerts: usize,
    now: Time,
) -> Value {
    let delivery = &notification.delivery;
    let count = |status| delivery.alerts.iter().filter(|told| told.status == status).count();
    let pending = notification.done.is_none();
    let mut json = json!({
        "id": delivery.id.0,
        "state": notification.state().as_str(),
        "receiver": delivery.receiver,
        "integration": delivery.integration,
        "groupKey": delivery.group_key,
        "groupLabels": delivery.group_labels,
        "status": delivery.status(),
        "reason": delivery.reason.as_str(),
        "flushedAt": delivery.flushed_at.rfc3339(),
        "sentAt": null,
        "givenUpAt": null,
        "givenUpBecause": null,
        "nextAttemptAt": pending.then(|| delivery.not_before.rfc3339()),
        "expiresAt": pending.then(|| delivery.expires_at.rfc3339()),
        "attempts": delivery.attempts,
        "error": delivery.last_error,
        "answer": delivery.receipt.as_ref().map(|receipt| &receipt.message),
        "degraded": null,
        "firing": count(Status::Firing),
        "resolved": count(Status::Resolved),
        "alerts": delivery.alerts.iter().take(most_alerts).map(alert).collect::<Vec<_>>(),
        "pictures": pictures.iter().map(|one| picture(pages, one, now)).collect::<Vec<_>>(),
        "canBeSentAgain": notification.state() == NotificationState::DeadLetter,
    });
    if let Some(done) = &notification.done {
        add_done(&mut json, done);
    }
    json
}

fn add_done(json: &mut Value, done: &Done) {
    match &done.outcome {
        Outcome::Sent { degraded } => {
            json["sentAt"] = done.at.rfc3339().into();
            json["degraded"] = degraded.clone().into();
        }
        Outcome::Dropped(reason) => {
            json["givenUpAt"] = done.at.rfc3339().into();
            json["givenUpBecause"] = reason.as_str().into();
        }
    }
}

fn alert(MessageAlert { status, alert }: &MessageAlert) -> Value {
    json!({
        "status": status,
        "fingerprint": alert.fingerprint.to_string(),
        "labels": alert.labels,
        "annotations": alert.annotations,
        "startsAt": alert.starts_at.rfc3339(),
        "endsAt": (*status == Status::Resolved).then(|| alert.ends_at.rfc3339()),
        "generatorURL": alert.generator_url,
    })
}

fn picture(pages: &Pages, picture: &InboxPicture, now: Time) -> Value {
    json!({
        "id": picture.id, "title": picture.title, "alt": picture.alt, "transition": picture.transition,
        "width": picture.width, "height": picture.height, "path": images::link(pages, &picture.id, now),
    })
}
