//! The list of notifications, its tabs and its filter.
//!
//! Deliberately unknown here: how they were found.

use std::collections::HashSet;

use alerts::Time;

use super::{query::Query, words};
use crate::{
    database::{Notification, NotificationPage, NotificationState},
    pages::{
        Pages,
        html::{Count, Href, Html, When, html},
        layout, message,
    },
};

/// What the tabs count.
#[derive(Clone, Copy)]
pub(super) struct Counts {
    pub(super) pending: usize,
    pub(super) dead_letters: usize,
}

/// How far back the filter's box offers to look.
const SINCE: [(&str, &str); 5] =
    [("", "Any time"), ("1h", "Last hour"), ("1d", "Last day"), ("7d", "Last week"), ("30d", "Last month")];

pub(super) fn list(pages: &Pages, query: &Query, page: &NotificationPage, counts: Counts) -> Html {
    let now = pages.clock.now();
    let problem = query.choice(now, 1).err();
    html!(
        r#"<div class="title"><h1>Notifications</h1></div>
{form}<div id="notifications"{live}>{tabs}{none}<div class="feed">{rows}</div>{pager}</div>"#,
        form = form(pages, query, problem.as_deref()),
        live = query.cursor.is_empty().then(|| html!(" data-live")),
        tabs = tabs(pages, query, counts),
        none = page.notifications.is_empty().then(|| nothing(query, page, problem.is_some())),
        rows = rows(pages, page, now),
        pager = pager(pages, query, page),
    )
}

fn form(pages: &Pages, query: &Query, problem: Option<&str>) -> Html {
    let hidden = [
        ("state", query.states.join(",")),
        ("integration", query.integration.clone()),
        ("group", query.group.clone()),
        ("from", query.from.clone()),
        ("to", query.to.clone()),
    ];
    let hidden = hidden.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| {
        html!(r#"<input type="hidden" name="{name}" value="{value}">"#, name = *name, value = value)
    });
    html!(
        r#"<form class="toolbar" action="{action}" method="get" role="search">
<div class="field wide"><label for="alert">Alert</label><div class="together"><input id="alert" name="alert" type="search" value="{alert}" placeholder="{example}" autocomplete="off" autocapitalize="off" spellcheck="false"><button>Filter</button></div>{problem}</div>
<div class="field narrow"><label for="receiver">Receiver</label><select id="receiver" name="receiver">{receivers}</select></div>
<div class="field narrow"><label for="since">When</label><select id="since" name="since">{since}</select></div>
{hidden}</form>
{conditions}"#,
        action = layout::link(pages, "/notifications"),
        alert = query.alert,
        example = r#"DiskFull, or instance=~"db-.*""#,
        problem = problem
            .map(|problem| html!(r#"<p class="problem">This is not understood: {problem}</p>"#, problem = problem)),
        receivers = receivers(pages, query),
        since = options(SINCE.into_iter(), &query.since),
        hidden = hidden.collect::<Html>(),
        conditions = conditions(pages, query),
    )
}

fn receivers(pages: &Pages, query: &Query) -> Html {
    let mut names: Vec<String> = Vec::new();
    for integration in pages.data.status().integrations {
        if !names.contains(&integration.receiver) {
            names.push(integration.receiver);
        }
    }
    let known = names.iter().map(|name| (name.as_str(), name.as_str()));
    options([("", "All receivers")].into_iter().chain(known), &query.receiver)
}

/// What is chosen is there even if nobody knows it.
fn options<'a>(known: impl Iterator<Item = (&'a str, &'a str)>, chosen: &str) -> Html {
    let option = |value: &str, words: &str| {
        let selected = (value == chosen).then(|| html!(" selected"));
        html!(
            r#"<option value="{value}"{selected}>{words}</option>"#,
            value = value,
            selected = selected,
            words = words
        )
    };
    let (mut all, mut is_known) = (Vec::new(), false);
    for (value, words) in known {
        is_known |= value == chosen;
        all.push(option(value, words));
    }
    if !is_known {
        all.push(option(chosen, chosen));
    }
    all.into_iter().collect()
}

/// What the boxes do not show, each with the address without it.
fn conditions(pages: &Pages, query: &Query) -> Option<Html> {
    let plain = query.after(None);
    let all = [
        ("group", &query.group, Query { group: String::new(), ..plain.clone() }),
        ("integration", &query.integration, Query { integration: String::new(), ..plain.clone() }),
        ("from", &query.from, Query { from: String::new(), ..plain.clone() }),
        ("to", &query.to, Query { to: String::new(), ..plain }),
    ];
    let items = all.iter().filter(|(_, value, _)| !value.is_empty()).map(|(name, value, without)| {
        html!(
            r#"<li><a href="{to}"><span class="hidden">Remove </span>{name} <bdi>{value}</bdi> <span aria-hidden="true">×</span></a></li>"#,
            to = Href(&without.href(pages)),
            name = *name,
            value = value,
        )
    });
    let items: Vec<_> = items.collect();
    (!items.is_empty()).then(|| {
        html!(
            r#"<ul class="conditions" aria-label="Conditions in force">{items}</ul>"#,
            items = items.into_iter().collect::<Html>()
        )
    })
}

fn tabs(pages: &Pages, query: &Query, counts: Counts) -> Html {
    use NotificationState::{DeadLetter, Degraded, Pending, Sent};
    let tab = |(state, word, count): (Option<NotificationState>, &str, Option<usize>)| {
        let is_current = query.states == query.of_state(state).states;
        html!(
            r#"<a href="{to}"{current}>{word}{count}</a>"#,
            to = Href(&query.of_state(state).href(pages)),
            current = is_current.then(|| html!(r#" aria-current="page""#)),
            word = word,
            count = count.map(|count| html!(r#" <span class="count">{count}</span>"#, count = Count(count))),
        )
    };
    let tabs = [
        (None, "All", None),
        (Some(Pending), "Pending", Some(counts.pending)),
        (Some(Sent), "Sent", None),
        (Some(Degraded), "Without pictures", None),
        (Some(DeadLetter), "Not delivered", Some(counts.dead_letters)),
    ];
    html!(r#"<nav class="tabs" aria-label="States">{tabs}</nav>"#, tabs = tabs.into_iter().map(tab).collect::<Html>())
}

fn nothing(query: &Query, page: &NotificationPage, is_problem: bool) -> Html {
    if is_problem {
        return layout::note("Nothing is shown", "The filter has to be understood first.");
    }
    if page.next.is_some() {
        return layout::note("None among these", "There are older ones to look through.");
    }
    match query.states.first().map(String::as_str) {
        _ if query.is_filtered() => layout::note("No such notification", "None in the history fits this filter."),
        Some("dead_letter") => layout::note("Everything was delivered", "No notification was given up."),
        Some("pending") => layout::note("Nothing waits", "Every notification was sent."),
        _ => layout::note("Nothing here yet", "Every notification to any receiver will be listed here."),
    }
}

fn pager(pages: &Pages, query: &Query, page: &NotificationPage) -> Option<Html> {
    let link = |class: &str, query: &Query, words: &str| {
        html!(
            r#"<a class="{class}" href="{to}">{words}</a>"#,
            class = class,
            to = Href(&query.href(pages)),
            words = words
        )
    };
    let newest = (!query.cursor.is_empty()).then(|| link("newest", &query.after(None), "← Newest"));
    let older = page.next.map(|last| link("next", &query.after(Some(last)), "Older →"));
    let any = newest.is_some() || older.is_some();
    any.then(|| html!(r#"<nav class="pager" aria-label="Pages">{newest}{older}</nav>"#, newest = newest, older = older))
}

fn rows(pages: &Pages, page: &NotificationPage, now: Time) -> Html {
    let mut told = HashSet::new();
    let mut rows = Vec::with_capacity(page.notifications.len());
    for one in &page.notifications {
        // the newest of its group, as far as this page shows; who answers to the button knows better
        let is_last_word = told.insert((&one.delivery.integration, &one.delivery.group_key));
        rows.push(row(pages, one, is_last_word, now));
    }
    rows.into_iter().collect()
}

fn row(pages: &Pages, notification: &Notification, is_last_word: bool, now: Time) -> Html {
    let (delivery, state) = (&notification.delivery, notification.state());
    html!(
        r#"<article class="message notification {class}" id="n{id}"><header>{badge}<h2><a href="{to}"><bdi>{title}</bdi></a></h2>
<p class="meta"><span>{when}</span><span class="receiver"><bdi>{receiver}</bdi> ({kind})</span><span>{counts}</span>{attempts}</p></header>
{trouble}{labels}{again}</article>
"#,
        class = words::class(state),
        id = delivery.id.0.to_string(),
        badge = words::badge(notification),
        to = Href(&layout::link(pages, &format!("/notifications/{}", delivery.id.0))),
        title = words::title(delivery),
        when = When(notification.done.as_ref().map_or(delivery.flushed_at, |done| done.at), now),
        receiver = delivery.receiver,
        kind = words::kind(&delivery.integration),
        counts = words::counts(delivery),
        attempts =
            (delivery.attempts > 1).then(|| html!("<span>{attempts}</span>", attempts = words::attempts(delivery))),
        trouble = trouble(notification),
        labels = message::labels(&delivery.group_labels),
        again = (state == NotificationState::DeadLetter && is_last_word).then(|| again(pages, notification)),
    )
}

pub(super) fn trouble(notification: &Notification) -> Option<Html> {
    let words = words::trouble(notification)?;
    let class = if notification.state().is_sent() { "warning" } else { "problem" };
    Some(html!(r#"<p class="{class}"><bdi>{words}</bdi></p>"#, class = class, words = words))
}

/// The button that sends a dead letter again.
pub(super) fn again(pages: &Pages, notification: &Notification) -> Html {
    let to = layout::link(pages, &format!("/notifications/{}/resend", notification.delivery.id.0));
    html!(r#"<form class="buttons" action="{to}" method="post"><button>Send again</button></form>"#, to = to)
}
