//! Groups of alerts, one below the other, a page at a time.
//!
//! Deliberately unknown here: how one alert looks.

use super::{ALERTS_OF_ONE, GROUPS, article, filter::Filter};
use crate::pages::{
    Pages,
    data::{GroupView, GroupsView, StateCounts},
    html::{Count, Href, Html, html},
    layout, links, message,
};

pub(super) fn groups(pages: &Pages, filter: &Filter, view: &GroupsView) -> Html {
    if filter.problem.is_some() {
        return layout::note(
            "Nothing is shown",
            r#"A filter is a list of conditions, separated by commas: name="value", != for all but that value, =~ and !~ for regular expressions."#,
        );
    }
    let now = pages.clock.now();
    let groups = view.groups.iter().map(|group| one(pages, filter, group, now)).collect::<Html>();
    html!(
        r#"<div id="groups" data-live>{none}{groups}{pager}</div>"#,
        none = view.groups.is_empty().then(|| nothing(filter, view)),
        groups = groups,
        pager = pager(pages, filter, view),
    )
}

/// Says what is hidden, so that an empty page is not taken for an empty night.
fn nothing(filter: &Filter, view: &GroupsView) -> Html {
    if filter.page > 0 || filter.group.is_some() {
        return layout::note("Nothing here any more", "What was on this page has resolved, or moved to another page.");
    }
    let StateCounts { active, silenced, inhibited, muted, resolved } = view.states;
    let hidden = [
        (active, "active"),
        (silenced, "silenced"),
        (inhibited, "inhibited"),
        (muted, "muted"),
        (resolved, "resolved"),
    ];
    let hidden: Vec<_> =
        hidden.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    let is_filtered = !filter.wanted.filter.is_empty() || filter.wanted.receiver.is_some();
    match (hidden.is_empty(), is_filtered) {
        (true, false) => layout::note("No alerts", "Nothing fires."),
        (true, true) => layout::note("No alerts match", "Nothing that fires matches this filter and receiver."),
        (false, _) => layout::note("No active alerts", &format!("Not shown: {}.", hidden.join(", "))),
    }
}

fn one(pages: &Pages, filter: &Filter, group: &GroupView, now: alerts::Time) -> Html {
    let alerts = group.alerts.iter().map(|alert| article::in_group(pages, filter, group, alert, now));
    html!(
        r#"<section class="group" id="g{id}">
<header><h2>{labels}</h2><p class="meta"><span class="receiver"><bdi>{receiver}</bdi></span>{muted}{silence}</p></header>
<details open id="d{id}"><summary>{total} {word}</summary>
<div class="feed">{alerts}</div>{more}</details></section>
"#,
        id = group.id.to_string(),
        labels = group_labels(pages, filter, group),
        receiver = &*group.receiver,
        muted = (!group.muted_by.is_empty()).then(|| {
            html!(r#"<span class="state busy">Muted by {names}</span>"#, names = group.muted_by.join(", "))
        }),
        silence = (!group.labels.is_empty()).then(|| {
            let to = links::new_silence(pages, &group.labels);
            html!(r#"<a class="act" href="{to}">Silence group</a>"#, to = Href(&to))
        }),
        total = Count(group.total),
        word = if group.total == 1 { "alert" } else { "alerts" },
        alerts = alerts.collect::<Html>(),
        more = more(pages, filter, group),
    )
}

fn group_labels(pages: &Pages, filter: &Filter, group: &GroupView) -> Html {
    let link = |name: &str, value: &str| filter.with(name, value).href(pages);
    message::linked_labels(&group.labels, link)
        .unwrap_or_else(|| html!(r#"<span class="ungrouped">All alerts of this receiver</span>"#))
}

fn more(pages: &Pages, filter: &Filter, group: &GroupView) -> Option<Html> {
    let hidden = group.total.saturating_sub(group.alerts.len());
    (filter.group.is_none() && hidden > 0).then(|| {
        html!(
            r#"<p class="more"><a href="{to}">{hidden} more in this group →</a></p>"#,
            to = Href(&filter.only(group.id).href(pages)),
            hidden = Count(hidden),
        )
    })
}

fn pager(pages: &Pages, filter: &Filter, view: &GroupsView) -> Option<Html> {
    let (what, size, total) = match (filter.group, view.groups.first()) {
        (Some(_), Some(group)) => ("Alerts", ALERTS_OF_ONE, group.total),
        _ => ("Groups", GROUPS, view.total_groups),
    };
    layout::pager(what, size, filter.page, total, |page| filter.at(page).href(pages))
}
