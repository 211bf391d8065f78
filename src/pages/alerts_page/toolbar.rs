//! The head of the alerts page: how many, the filter's form, and its conditions one by one.
//!
//! Deliberately unknown here: the alerts themselves.

use std::sync::Arc;

use super::filter::Filter;
use crate::pages::{
    Pages,
    data::{GroupsView, Shown, chosen_receivers},
    html::{Count, Href, Html, html},
    layout,
};

pub(super) fn toolbar(pages: &Pages, filter: &Filter, view: &GroupsView) -> Html {
    html!(
        r#"<div class="title"><h1>Alerts</h1><span class="count" id="count" data-count>{count}</span><span class="live" role="status" hidden></span></div>
<form class="toolbar" action="{action}" method="get" role="search">
<div class="field wide"><label for="filter">Filter</label>
<div class="together"><input id="filter" name="filter" type="search" value="{text}" placeholder="{example}" autocomplete="off" autocapitalize="off" spellcheck="false"{invalid}><button>Filter</button></div>{problem}</div>
<div class="field"><label for="receiver">Receiver</label><select id="receiver" name="receiver">{receivers}</select></div>
<fieldset id="states"><legend>Show also</legend>{states}</fieldset>
{active}
</form>
{conditions}"#,
        count = (filter.problem.is_none()).then(|| count(filter, view)),
        action = layout::link(pages, "/alerts"),
        text = filter.text(),
        example = r#"alertname="DiskFull", instance=~"db-.*""#,
        invalid = filter
            .problem
            .as_ref()
            .map(|_| html!(r#" aria-invalid="true" aria-describedby="filter-problem" autofocus"#)),
        problem = filter.problem.as_ref().map(|problem| {
            html!(
                r#"<p class="problem" id="filter-problem">The filter is not understood: {problem}</p>"#,
                problem = problem
            )
        }),
        receivers = receivers(filter.wanted.receiver.as_deref(), &view.receivers),
        states = states(filter.wanted.shown, view),
        active = (!filter.wanted.shown.active).then(|| html!(r#"<input type="hidden" name="active" value="false">"#)),
        conditions = conditions(pages, filter),
    )
}

fn count(filter: &Filter, view: &GroupsView) -> Html {
    if filter.group.is_some() {
        return html!("one group");
    }
    html!(
        "{alerts} {alert_word} in {groups} {group_word}",
        alerts = Count(view.total_alerts),
        alert_word = if view.total_alerts == 1 { "alert" } else { "alerts" },
        groups = Count(view.total_groups),
        group_word = if view.total_groups == 1 { "group" } else { "groups" },
    )
}

fn receivers(chosen: Option<&str>, all: &[Arc<str>]) -> Html {
    let option = |value: &str, words: &str, is_chosen: bool| {
        let selected = is_chosen.then(|| html!(" selected"));
        html!(
            r#"<option value="{value}"{selected}>{words}</option>"#,
            value = value,
            selected = selected,
            words = words
        )
    };
    // one that was named by a pattern which only it matches
    let meant = chosen.map(|chosen| chosen_receivers(chosen, all)).unwrap_or_default();
    let only = if let [only] = &meant[..] { Some(only) } else { None };
    let foreign = chosen.filter(|_| only.is_none()).map(|chosen| option(chosen, chosen, true));
    let every = option("", "All receivers", chosen.is_none());
    let known = all.iter().map(|name| option(name, name, only == Some(name)));
    [Some(every), foreign].into_iter().flatten().chain(known).collect()
}

fn states(shown: Shown, view: &GroupsView) -> Html {
    let states = &view.states;
    [
        ("silenced", "Silenced", shown.silenced, states.silenced),
        ("inhibited", "Inhibited", shown.inhibited, states.inhibited),
        ("muted", "Muted", shown.muted, states.muted),
        ("resolved", "Resolved", shown.resolved, states.resolved),
    ]
    .into_iter()
    .map(|(name, word, is_shown, count)| {
        html!(
            r#"<label class="check"><input type="checkbox" name="{name}" value="true"{checked}>{word} <span class="count" id="n-{name}" data-count>{count}</span></label>"#,
            name = name,
            checked = is_shown.then(|| html!(" checked")),
            word = word,
            count = Count(count),
        )
    })
    .collect()
}

/// The conditions in force, each with the address without it.
fn conditions(pages: &Pages, filter: &Filter) -> Option<Html> {
    if filter.wanted.filter.is_empty() && filter.wanted.shown.active && filter.group.is_none() {
        return None;
    }
    let item = |words: &str, without: &Filter| {
        html!(
            r#"<li><a href="{to}"><span class="hidden">Remove </span><bdi>{words}</bdi> <span aria-hidden="true">×</span></a></li>"#,
            to = Href(&without.href(pages)),
            words = words,
        )
    };
    let matchers = filter.wanted.filter.iter().map(|matcher| item(&matcher.to_string(), &filter.without(matcher)));
    let shown = filter.wanted.shown;
    let active =
        (!shown.active).then(|| item("without active alerts", &filter.showing(Shown { active: true, ..shown })));
    let group = filter.group.map(|_| item("only one group", &filter.rewound()));
    let items = matchers.chain(active).chain(group).collect::<Html>();
    Some(html!(r#"<ul class="conditions" aria-label="Conditions in force">{items}</ul>"#, items = items))
}
