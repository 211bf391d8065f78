//! One notification: what it tells, how it went, its pictures.
//!
//! Deliberately unknown here: how it is sent again.

use alerts::{
    LabelSet, Time,
    message::MessageAlert,
    ports::{InboxPicture, Outcome},
    templates::public,
};

use super::{list, query::Query, words};
use crate::{
    database::{Newer, Notification, NotificationState},
    pages::{
        Pages,
        html::{Count, Href, Html, When, html, linked},
        layout, links, message,
    },
};

/// More alerts are only counted.
const ALERTS: usize = 100;

pub(super) struct One {
    pub(super) notification: Notification,
    pub(super) pictures: Vec<InboxPicture>,
    pub(super) newer: Option<Newer>,
    /// What was just done, as the address names it.
    pub(super) done: String,
}

pub(super) fn whole(pages: &Pages, one: &One) -> Html {
    let (now, delivery) = (pages.clock.now(), &one.notification.delivery);
    html!(
        r#"<p class="back"><a href="{back}">← Notifications</a></p>{done}
<article class="message notification {class}" id="notification"><header>{badge}<h1><bdi>{title}</bdi></h1>
<p class="meta"><span class="receiver"><bdi>{receiver}</bdi> ({kind})</span><span>{counts}</span></p></header>
{trouble}{pictures}{labels}{facts}{actions}</article>
<section class="card told"><h2>What it tells</h2>{alerts}</section>"#,
        back = layout::link(pages, "/notifications"),
        done = (one.done == "resent").then(|| {
            html!(r#"<p class="readiness good" role="status">This notification is on its way again.</p>"#)
        }),
        class = words::class(one.notification.state()),
        badge = words::badge(&one.notification),
        title = words::title(delivery),
        receiver = delivery.receiver,
        kind = words::kind(&delivery.integration),
        counts = words::counts(delivery),
        trouble = list::trouble(&one.notification),
        pictures = pictures(pages, one, now),
        labels = message::labels(&delivery.group_labels),
        facts = facts(pages, &one.notification, now),
        actions = actions(pages, one),
        alerts = alerts(pages, &delivery.alerts, now),
    )
}

fn pictures(pages: &Pages, one: &One, now: Time) -> Option<Html> {
    let sent = one.notification.done.as_ref().map_or(0, |done| done.pictures.len());
    let gone = sent.saturating_sub(one.pictures.len());
    let gone = (gone > 0).then(|| {
        let words = if gone == 1 { "picture was" } else { "pictures were" };
        html!(r#"<p class="left-out">{gone} {words} deleted after retention</p>"#, gone = gone, words = words)
    });
    let shown = message::pictures(pages, &one.pictures, now);
    (shown.is_some() || gone.is_some()).then(|| html!("{shown}{gone}", shown = shown, gone = gone))
}

fn facts(pages: &Pages, notification: &Notification, now: Time) -> Html {
    let delivery = &notification.delivery;
    let group = Query { group: delivery.group_key.clone(), ..Query::default() }.href(pages);
    let integration = Query { integration: delivery.integration.to_string(), ..Query::default() }.href(pages);
    html!(
        r#"<dl class="facts"><dt>Why</dt><dd>{reason}</dd><dt>Decided</dt><dd>{flushed}</dd>{ended}<dt>Attempts</dt><dd>{attempts}</dd>{answer}
<dt>Integration</dt><dd><a href="{integration}"><code>{key}</code></a></dd><dt>Group</dt><dd><a href="{group}"><code>{group_key}</code></a></dd><dt>Number</dt><dd>{id}</dd></dl>"#,
        reason = capitalised(delivery.reason.as_str()),
        flushed = When(delivery.flushed_at, now),
        ended = ended(notification, now),
        attempts = delivery.attempts,
        answer = delivery.receipt.as_ref().filter(|receipt| !receipt.message.is_null()).map(|receipt| {
            html!(r#"<dt>Answer</dt><dd><code><bdi>{answer}</bdi></code></dd>"#, answer = receipt.message.to_string())
        }),
        integration = Href(&integration),
        key = delivery.integration.to_string(),
        group = Href(&group),
        group_key = delivery.group_key,
        id = delivery.id.0.to_string(),
    )
}

fn ended(notification: &Notification, now: Time) -> Html {
    let delivery = &notification.delivery;
    match &notification.done {
        None => html!(
            "<dt>Next attempt</dt><dd>{next}</dd><dt>Given up</dt><dd>{end}</dd>",
            next = When(delivery.not_before.max(now), now),
            end = When(delivery.expires_at, now),
        ),
        Some(done) => html!(
            "<dt>{what}</dt><dd>{at}</dd>",
            what = if matches!(done.outcome, Outcome::Sent { .. }) { "Sent" } else { "Given up" },
            at = When(done.at, now),
        ),
    }
}

fn actions(pages: &Pages, one: &One) -> Option<Html> {
    if one.notification.state() != NotificationState::DeadLetter {
        return None;
    }
    Some(match one.newer {
        None => list::again(pages, &one.notification),
        Some(newer) => html!(
            r#"<p class="quiet">{words} <a href="{to}">Show it</a></p>"#,
            words = words::newer(newer),
            to = Href(&layout::link(pages, &format!("/notifications/{}", newer.id.0))),
        ),
    })
}

fn alerts(pages: &Pages, told: &[MessageAlert], now: Time) -> Html {
    let rows = told.iter().take(ALERTS).map(|one| alert(pages, one, now)).collect::<Html>();
    let more = told.len().saturating_sub(ALERTS);
    let more = (more > 0).then(|| html!(r#"<p class="left-out">and {more} more</p>"#, more = Count(more)));
    html!(r#"<ul class="brief">{rows}</ul>{more}"#, rows = rows, more = more)
}

fn alert(pages: &Pages, MessageAlert { status, alert }: &MessageAlert, now: Time) -> Html {
    html!(
        r#"<li>{badge}<a href="{to}"><bdi>{name}</bdi></a> <span class="since">since {since}</span>{annotations}{labels}</li>"#,
        badge = message::badge(*status),
        to = Href(&links::alert(pages, alert.fingerprint)),
        name = alert.labels.get("alertname").unwrap_or("Alert without a name"),
        since = When(alert.starts_at, now),
        annotations = annotations(&public(&alert.annotations)),
        labels = message::labels(&alert.labels.filtered(|name, _| name != "alertname")),
    )
}

fn annotations(annotations: &LabelSet) -> Option<Html> {
    let items = annotations.iter().map(|(name, value)| {
        html!("<dt><bdi>{name}</bdi></dt><dd><bdi>{value}</bdi></dd>", name = name, value = linked(value))
    });
    (!annotations.is_empty()).then(|| html!(r#"<dl class="annotations">{items}</dl>"#, items = items.collect::<Html>()))
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
