//! How a message of the inbox, a picture and a set of labels look, wherever they are shown.
//!
//! Deliberately unknown here: which messages are shown.

use alerts::{LabelSet, Status, Time, ports::InboxPicture};

use super::{
    Pages,
    html::{Href, Html, html, linked},
    images, layout,
};
use crate::database::InboxRow;

/// Longer texts are folded behind their first lines (characters).
const FOLDED_FROM: usize = 1200;
const FOLDED_TO: usize = 800;

/// A message as an article; the script finds it by its id and sees by its revision whether it changed.
pub(super) fn article(pages: &Pages, row: &InboxRow, now: Time) -> Html {
    let entry = &row.entry;
    html!(
        r#"<article class="message {status}" id="m{id}" data-revision="{revision}">
<header>{badge}<h2><a href="{to}">{title}</a></h2>
<p class="meta">{at}<span class="receiver">{receiver}</span></p></header>
{text}
{pictures}{left_out}
{labels}
</article>
"#,
        status = entry.status.as_str(),
        id = row.id,
        revision = row.revision,
        badge = badge(entry.status),
        to = Href(&layout::link(pages, &format!("/inbox/{}", row.id))),
        title = entry.title,
        at = entry.at,
        receiver = entry.receiver,
        text = text(&entry.text),
        pictures = pictures(pages, &entry.pictures, now),
        left_out = left_out(entry.pictures_left_out),
        labels = labels(&entry.group_labels),
    )
}

/// Firing or resolved, as a coloured word.
pub(super) fn badge(status: Status) -> Html {
    let word = match status {
        Status::Firing => "Firing",
        Status::Resolved => "Resolved",
    };
    html!(r#"<span class="badge {status}">{word}</span>"#, status = status.as_str(), word = word)
}

/// Labels as a list.
pub(super) fn labels(labels: &LabelSet) -> Option<Html> {
    if labels.is_empty() {
        return None;
    }
    let items = labels.iter().map(|(name, value)| {
        html!(r#"<li><span><bdi>{name}</bdi></span><bdi>{value}</bdi></li>"#, name = name, value = value)
    });
    Some(html!(r#"<ul class="labels">{items}</ul>"#, items = items.collect::<Html>()))
}

/// Labels as a list of links.
pub(super) fn linked_labels(labels: &LabelSet, link: impl Fn(&str, &str) -> String) -> Option<Html> {
    if labels.is_empty() {
        return None;
    }
    let item = |(name, value): (&str, &str)| {
        html!(
            r#"<li><a href="{to}"><span><bdi>{name}</bdi></span><bdi>{value}</bdi></a></li>"#,
            to = Href(&link(name, value)),
            name = name,
            value = value,
        )
    };
    Some(html!(r#"<ul class="labels">{items}</ul>"#, items = labels.iter().map(item).collect::<Html>()))
}

/// Pictures side by side; each leads to its full size.
pub(super) fn pictures(pages: &Pages, pictures: &[InboxPicture], now: Time) -> Option<Html> {
    if pictures.is_empty() {
        return None;
    }
    let count = if pictures.len() == 1 { "one" } else { "many" };
    let figures = pictures.iter().map(|picture| figure(pages, picture, now));
    Some(html!(r#"<div class="pictures {count}">{figures}</div>"#, count = count, figures = figures.collect::<Html>()))
}

fn figure(pages: &Pages, picture: &InboxPicture, now: Time) -> Html {
    html!(
        r#"<figure data-picture="{id}"><a href="{link}" target="_blank" rel="noopener"><img src="{link}" width="{width}" height="{height}" loading="lazy" decoding="async" alt="{alt}"></a><figcaption>{title}<span class="when {transition}">{word}</span></figcaption></figure>"#,
        id = &*picture.id.0,
        link = Href(&images::link(pages, &picture.id, now)),
        width = picture.width,
        height = picture.height,
        alt = picture.alt,
        title = picture.title,
        transition = picture.transition.as_str(),
        word = match picture.transition {
            Status::Firing => "when it fired",
            Status::Resolved => "when it resolved",
        },
    )
}

fn left_out(count: usize) -> Option<Html> {
    let words = match count {
        0 => return None,
        1 => "more picture is not shown",
        _ => "more pictures are not shown",
    };
    Some(html!(r#"<p class="left-out">{count} {words}</p>"#, count = count, words = words))
}

fn text(text: &str) -> Option<Html> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let Some((first, rest)) = folded(text) else {
        return Some(html!(r#"<div class="text">{text}</div>"#, text = linked(text)));
    };
    Some(html!(
        r#"<div class="text">{first}</div><details><summary>Show the rest ({lines} more lines)</summary><div class="text">{rest}</div></details>"#,
        first = linked(first),
        lines = rest.lines().count(),
        rest = linked(rest),
    ))
}

/// Where a long text is cut: at the end of a line.
fn folded(text: &str) -> Option<(&str, &str)> {
    text.char_indices().nth(FOLDED_FROM)?;
    let (at, _) = text.char_indices().nth(FOLDED_TO)?;
    let end = text[..at].rfind('\n')?;
    Some((&text[..end], &text[end + 1..]))
}
