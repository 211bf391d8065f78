//! How one alert looks: in its group, alone, and in one line.
//!
//! Deliberately unknown here: which alerts are shown.

use alerts::{Fingerprint, LabelSet, Status, Time, templates::public};

use super::filter::Filter;
use crate::pages::{
    Pages,
    data::{AlertView, GroupView},
    html::{Href, Html, When, html, linked},
    layout, links, message,
};

/// Longer annotations are folded (characters).
const FOLDED_FROM: usize = 600;

/// An alert in its group; the labels that the group says are not repeated.
pub(super) fn in_group(pages: &Pages, filter: &Filter, group: &GroupView, alert: &AlertView, now: Time) -> Html {
    let labels = alert.labels.filtered(|name, _| name != "alertname" && group.labels.get(name).is_none());
    let link = |name: &str, value: &str| filter.with(name, value).href(pages);
    let id = format!("a{}-{}", group.id, alert.fingerprint);
    article(pages, alert, &group.muted_by, now, &id, message::linked_labels(&labels, link))
}

/// The page of one alert.
pub(super) fn whole(pages: &Pages, alert: &AlertView) -> Html {
    let now = pages.clock.now();
    let link = |name: &str, value: &str| Filter::default().with(name, value).href(pages);
    let labels = message::linked_labels(&alert.labels, link);
    html!(
        r#"<p class="back"><a href="{back}">← Alerts</a></p><div class="alone">{article}</div>
<p class="footnote">Goes to {receivers}. Last received {updated}. Fingerprint <code>{fingerprint}</code>.</p>"#,
        back = layout::link(pages, "/alerts"),
        article = article(pages, alert, &[], now, "alert", labels),
        receivers = alert.receivers.join(", "),
        updated = When(alert.updated_at, now),
        fingerprint = alert.fingerprint.to_string(),
    )
}

/// An alert in one line, for a preview.
pub(in crate::pages) fn brief(pages: &Pages, alert: &AlertView, now: Time) -> Html {
    html!(
        r#"<li class="{class}">{badge}<a href="{to}"><bdi>{name}</bdi></a> <span class="since">since {since}</span>{labels}</li>"#,
        class = state(alert, false).0,
        badge = badge(alert, false),
        to = Href(&links::alert(pages, alert.fingerprint)),
        name = name(&alert.labels),
        since = When(alert.starts_at, now),
        labels = message::labels(&alert.labels.filtered(|name, _| name != "alertname")),
    )
}

fn article(pages: &Pages, alert: &AlertView, muted_by: &[String], now: Time, id: &str, labels: Option<Html>) -> Html {
    let is_muted = !muted_by.is_empty();
    html!(
        r#"<article class="alert {class}" id="{id}"><div class="words">
<header>{badge}<h3><a href="{to}"><bdi>{name}</bdi></a></h3>
<p class="meta"><span>since {began}</span>{ended}{source}{silence}</p></header>
{why}{annotations}{labels}</div>{pictures}</article>
"#,
        class = state(alert, is_muted).0,
        id = id,
        badge = badge(alert, is_muted),
        to = Href(&links::alert(pages, alert.fingerprint)),
        name = name(&alert.labels),
        began = When(alert.starts_at, now),
        ended = alert.ended_at.map(|at| html!("<span>ended {at}</span>", at = When(at, now))),
        source = source(&alert.generator_url),
        silence = (alert.status == Status::Firing).then(|| {
            let to = links::new_silence(pages, &alert.labels);
            html!(r#"<a class="act" href="{to}">Silence</a>"#, to = Href(&to))
        }),
        why = why_muted(pages, alert, now),
        annotations = annotations(&public(&alert.annotations)),
        labels = labels,
        pictures = message::pictures(pages, &alert.pictures, now),
    )
}

/// Only addresses of the web: a sender's path would lead to this server.
fn source(url: &str) -> Option<Html> {
    let link = Href(url);
    (link.leads_somewhere() && !url.starts_with('/'))
        .then(|| html!(r#"<a href="{to}" rel="noreferrer">Source</a>"#, to = link))
}

fn name(labels: &LabelSet) -> &str {
    labels.get("alertname").unwrap_or("Alert without a name")
}

/// The state as a class and as a word.
fn state(alert: &AlertView, is_muted: bool) -> (&'static str, &'static str) {
    match () {
        () if alert.status == Status::Resolved => ("resolved", "Resolved"),
        () if !alert.silenced_by.is_empty() => ("held", "Silenced"),
        () if !alert.inhibited_by.is_empty() => ("held", "Inhibited"),
        () if is_muted => ("held", "Muted"),
        () => ("firing", "Firing"),
    }
}

fn badge(alert: &AlertView, is_muted: bool) -> Html {
    let (class, word) = state(alert, is_muted);
    html!(r#"<span class="badge {class}">{word}</span>"#, class = class, word = word)
}

fn why_muted(pages: &Pages, alert: &AlertView, now: Time) -> Option<Html> {
    let silences = alert.silenced_by.iter().map(|silence| {
        let comment = if silence.comment.is_empty() { "a silence without a comment" } else { &silence.comment };
        html!(
            r#"<li>Silenced until {until}: <a href="{to}"><bdi>{comment}</bdi></a></li>"#,
            until = When(silence.ends_at, now),
            to = Href(&links::silence(pages, &silence.id, "")),
            comment = comment,
        )
    });
    let inhibitors = alert.inhibited_by.iter().map(|(fingerprint, name)| inhibitor(pages, *fingerprint, name));
    let reasons = silences.chain(inhibitors).collect::<Vec<_>>();
    (!reasons.is_empty())
        .then(|| html!(r#"<ul class="reasons">{reasons}</ul>"#, reasons = reasons.into_iter().collect::<Html>()))
}

fn inhibitor(pages: &Pages, fingerprint: Fingerprint, name: &str) -> Html {
    let name = if name.is_empty() { "another alert" } else { name };
    let to = links::alert(pages, fingerprint);
    html!(r#"<li>Inhibited by <a href="{to}"><bdi>{name}</bdi></a></li>"#, to = Href(&to), name = name)
}

/// The summary as the alert's text, the others below with their names.
fn annotations(annotations: &LabelSet) -> Option<Html> {
    if annotations.is_empty() {
        return None;
    }
    let summary = annotations.get("summary").filter(|text| !text.is_empty());
    let others = annotations.iter().filter(|(name, value)| *name != "summary" && !value.is_empty()).collect::<Vec<_>>();
    let list = (!others.is_empty()).then(|| {
        let items = others.iter().map(|(name, value)| {
            html!("<dt><bdi>{name}</bdi></dt><dd>{value}</dd>", name = *name, value = folded(value))
        });
        html!(r#"<dl class="annotations">{items}</dl>"#, items = items.collect::<Html>())
    });
    Some(html!(
        "{summary}{list}",
        summary =
            summary.map(|text| html!(r#"<div class="text summary"><bdi>{text}</bdi></div>"#, text = folded(text))),
        list = list,
    ))
}

fn folded(text: &str) -> Html {
    let Some((at, _)) = text.char_indices().nth(FOLDED_FROM) else { return linked(text) };
    html!(
        "{first}…<details><summary>Show all of it</summary>{all}</details>",
        first = linked(&text[..at]),
        all = linked(text),
    )
}
