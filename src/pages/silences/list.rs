//! The silences of one state, a page at a time.
//!
//! Deliberately unknown here: what they silence.

use std::sync::Arc;

use alerts::{
    Time,
    matcher::MatcherSet,
    silence::{Silence, SilenceState, Silences},
};
use url::form_urlencoded;

use crate::pages::{
    Pages,
    alerts_page::filter,
    html::{Count, Href, Html, When, html},
    layout, links,
};

const PAGE: usize = 30;
const STATES: [SilenceState; 3] = [SilenceState::Active, SilenceState::Pending, SilenceState::Expired];

/// What the address says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Query {
    state: SilenceState,
    /// As it was typed.
    filter: String,
    matchers: Result<MatcherSet, String>,
    page: usize,
}

impl Query {
    pub(super) fn parse(query: &str) -> Self {
        let (mut state, mut texts, mut page) = (SilenceState::Active, Vec::new(), 0);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "state" => state = STATES.into_iter().find(|state| state.as_str() == value).unwrap_or(state),
                "filter" => texts.push(value.into_owned()),
                "page" => page = value.parse().unwrap_or(1_usize).clamp(1, 1_000_000) - 1,
                _ => {}
            }
        }
        let matchers = filter::matchers(&texts);
        let filter = matchers.as_ref().map(filter::text).unwrap_or_else(|_| texts.join(", "));
        Self { state, filter, matchers, page }
    }

    fn href(&self, pages: &Pages, state: SilenceState, page: usize) -> String {
        let state = if state == SilenceState::Active { "" } else { state.as_str() };
        let page = if page == 0 { String::new() } else { (page + 1).to_string() };
        links::with_query(pages, "/silences", [("state", state), ("filter", &self.filter), ("page", &page)])
    }

    /// As the API's filter: each condition is one of the silence's own matchers.
    fn wants(&self, silence: &Silence) -> bool {
        let own = |wanted| silence.matchers.iter().any(|matcher| matcher == wanted);
        self.matchers.as_ref().is_ok_and(|wanted| wanted.iter().all(own))
    }
}

pub(super) fn list(pages: &Pages, query: &Query, silences: &Silences) -> Html {
    let now = pages.clock.now();
    let wanted = silences.iter().filter(|silence| query.wants(silence)).collect::<Vec<_>>();
    let mut shown = wanted.iter().copied().filter(|silence| silence.state(now) == query.state).collect::<Vec<_>>();
    sort(&mut shown, query.state);
    let rows =
        shown.iter().skip(query.page * PAGE).take(PAGE).map(|silence| row(pages, silence, now)).collect::<Html>();
    html!(
        r#"<div class="title"><h1>Silences</h1><a class="button main" href="{new}">New silence</a></div>
<form class="toolbar" action="{action}" method="get" role="search">
<div class="field wide"><label for="filter">Filter</label><div class="together"><input id="filter" name="filter" type="search" value="{filter}" placeholder="{example}" autocomplete="off" autocapitalize="off" spellcheck="false"><button>Filter</button></div>{problem}</div>
<input type="hidden" name="state" value="{state}">
</form>
<div id="silences" data-live><nav class="tabs" aria-label="States">{tabs}</nav>
{none}<div class="feed">{rows}</div>{pager}</div>"#,
        new = Href(&layout::link(pages, "/silences/new")),
        action = layout::link(pages, "/silences"),
        filter = query.filter,
        example = r#"alertname="DiskFull""#,
        problem = query.matchers.as_ref().err().map(|problem| {
            html!(r#"<p class="problem">The filter is not understood: {problem}</p>"#, problem = problem)
        }),
        state = query.state.as_str(),
        tabs = tabs(pages, query, &wanted, now),
        none = shown.is_empty().then(|| nothing(query)),
        rows = rows,
        pager = layout::pager("Silences", PAGE, query.page, shown.len(), |page| query.href(pages, query.state, page)),
    )
}

/// As the API sorts them: what ends or begins next comes first, what ended last comes first.
fn sort(silences: &mut [&Arc<Silence>], state: SilenceState) {
    match state {
        SilenceState::Active => silences.sort_by_key(|silence| silence.ends_at),
        SilenceState::Pending => silences.sort_by_key(|silence| silence.starts_at),
        SilenceState::Expired => silences.sort_by_key(|silence| std::cmp::Reverse(silence.ends_at)),
    }
}

fn tabs(pages: &Pages, query: &Query, wanted: &[&Arc<Silence>], now: Time) -> Html {
    let tab = |state: SilenceState| {
        let count = wanted.iter().filter(|silence| silence.state(now) == state).count();
        html!(
            r#"<a href="{to}"{current}>{word} <span class="count">{count}</span></a>"#,
            to = Href(&query.href(pages, state, 0)),
            current = (state == query.state).then(|| html!(r#" aria-current="page""#)),
            word = word(state),
            count = Count(count),
        )
    };
    STATES.into_iter().map(tab).collect()
}

fn nothing(query: &Query) -> Html {
    match (&query.matchers, query.state) {
        (Err(_), _) => layout::note("Nothing is shown", "The filter has to be understood first."),
        (Ok(matchers), _) if !matchers.is_empty() => {
            layout::note("No such silence", "None of this state has exactly these matchers.")
        }
        (_, SilenceState::Active) => layout::note("No active silence", "Every alert is told."),
        (_, SilenceState::Pending) => layout::note("No pending silence", "None is planned."),
        (_, SilenceState::Expired) => layout::note("No expired silence", "None ended lately."),
    }
}

fn row(pages: &Pages, silence: &Silence, now: Time) -> Html {
    html!(
        r#"<article class="silence {state}" id="s{id}"><header>{badge}<h2><a href="{to}"><bdi>{comment}</bdi></a></h2>
<p class="meta">{times}<span>by <bdi>{by}</bdi></span></p></header>{matchers}</article>
"#,
        state = silence.state(now).as_str(),
        id = &*silence.id.0,
        badge = badge(silence.state(now)),
        to = Href(&links::silence(pages, &silence.id, "")),
        comment = comment(silence),
        times = times(silence, now),
        by = silence.created_by,
        matchers = matchers(&silence.matchers),
    )
}

fn times(silence: &Silence, now: Time) -> Html {
    let at = |at| When(at, now);
    match silence.state(now) {
        SilenceState::Active => html!("<span>until {end}</span>", end = at(silence.ends_at)),
        SilenceState::Pending => {
            html!(
                "<span>from {start}</span><span>until {end}</span>",
                start = at(silence.starts_at),
                end = at(silence.ends_at)
            )
        }
        SilenceState::Expired => html!("<span>ended {end}</span>", end = at(silence.ends_at)),
    }
}

pub(super) fn comment(silence: &Silence) -> &str {
    if silence.comment.is_empty() { "Silence without a comment" } else { &silence.comment }
}

pub(super) fn matchers(matchers: &MatcherSet) -> Html {
    let items = matchers.iter().map(|matcher| html!("<li><bdi>{matcher}</bdi></li>", matcher = matcher.to_string()));
    html!(r#"<ul class="labels matchers">{items}</ul>"#, items = items.collect::<Html>())
}

pub(super) fn badge(state: SilenceState) -> Html {
    html!(r#"<span class="badge {state}">{word}</span>"#, state = state.as_str(), word = word(state))
}

fn word(state: SilenceState) -> &'static str {
    match state {
        SilenceState::Active => "Active",
        SilenceState::Pending => "Pending",
        SilenceState::Expired => "Expired",
    }
}
