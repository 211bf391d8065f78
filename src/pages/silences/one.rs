//! One silence: what it says, what it silences, and what can be done with it.
//!
//! Deliberately unknown here: how it is changed.

use alerts::silence::{Silence, SilenceState};

use super::{list, preview};
use crate::pages::{
    Pages,
    html::{Href, Html, When, html},
    layout, links,
};

/// What was just done, as the address names it.
const DONE: [(&str, &str); 4] = [
    ("created", "The silence was created."),
    ("changed", "The silence was changed."),
    ("replaced", "The silence that you changed has ended, and this one took its place."),
    ("expired", "The silence was ended."),
];

pub(super) fn whole(pages: &Pages, silence: &Silence, done: &str) -> Html {
    let now = pages.clock.now();
    let state = silence.state(now);
    let done = DONE.iter().find(|(name, _)| *name == done);
    html!(
        r#"<p class="back"><a href="{back}">← Silences</a></p>{done}
<article class="silence {state}" id="silence"><header>{badge}<h1><bdi>{comment}</bdi></h1></header>
{matchers}
<dl class="facts"><dt>Starts</dt><dd>{starts}</dd><dt>Ends</dt><dd>{ends}</dd><dt>Created by</dt><dd><bdi>{by}</bdi></dd><dt>Last changed</dt><dd>{updated}</dd>{annotations}<dt>ID</dt><dd><code>{id}</code></dd></dl>
<div class="buttons">{actions}</div></article>
<section id="preview" class="card">{preview}</section>"#,
        back = layout::link(pages, "/silences"),
        done = done.map(|(_, words)| html!(r#"<p class="readiness good" role="status">{words}</p>"#, words = *words)),
        state = state.as_str(),
        badge = list::badge(state),
        comment = list::comment(silence),
        matchers = list::matchers(&silence.matchers),
        starts = When(silence.starts_at, now),
        ends = When(silence.ends_at, now),
        by = silence.created_by,
        updated = When(silence.updated_at, now),
        annotations = silence
            .annotations
            .iter()
            .map(|(name, value)| html!(
                "<dt><bdi>{name}</bdi></dt><dd><bdi>{value}</bdi></dd>",
                name = name,
                value = value
            ))
            .collect::<Html>(),
        id = &*silence.id.0,
        actions = actions(pages, silence, state),
        preview = preview::silenced(pages, &silence.matchers, state == SilenceState::Active),
    )
}

/// Ending is two steps, of which the first only shows the second: that needs no script.
fn actions(pages: &Pages, silence: &Silence, state: SilenceState) -> Html {
    if state == SilenceState::Expired {
        let to = links::with_query(pages, "/silences/new", [("from", &*silence.id.0)]);
        return html!(r#"<a class="button main" href="{to}">Recreate</a>"#, to = Href(&to));
    }
    html!(
        r#"<a class="button" href="{edit}">Edit</a><details class="confirm"><summary class="button">Expire…</summary>
<form action="{expire}" method="post"><p>It ends now, and what it silences is told again.</p><button class="danger">Expire now</button></form></details>"#,
        edit = Href(&links::silence(pages, &silence.id, "/edit")),
        expire = links::silence(pages, &silence.id, "/expire"),
    )
}
