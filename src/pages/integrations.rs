//! The configured integrations and whether they take their messages, as a table.
//!
//! Deliberately unknown here: which page shows it.

use std::collections::HashMap;

use alerts::Time;

use super::{
    Pages,
    data::{IntegrationState, IntegrationView},
    html::{Count, Href, Html, html},
    layout, trials,
};

/// The table; `with_trials` also has what tries an integration.
pub(super) fn table(pages: &Pages, all: &[IntegrationView], with_trials: bool) -> Html {
    if all.is_empty() {
        return html!(
            r#"<section class="note"><p>No receiver has an integration: nobody is told anything.</p></section>"#
        );
    }
    let (class, head) = match with_trials {
        true => ("trials", Some(html!("<th>Try it</th>"))),
        false => ("plain", None),
    };
    let mut seen: HashMap<(&str, &str), usize> = HashMap::new();
    let rows = all.iter().map(|integration| {
        let count = seen.entry((&integration.receiver, &integration.kind)).or_default();
        let place = format!("{}/{count}", integration.kind);
        *count += 1;
        row(pages, integration, with_trials.then(|| tries(pages, &integration.receiver, &place)))
    });
    html!(
        r#"<section class="card"><h2>Integrations</h2>
<table class="{class}"><thead><tr><th>Receiver</th><th>Type</th><th class="number">Waiting</th><th>State</th>{head}</tr></thead>
<tbody>{rows}</tbody></table></section>"#,
        class = class,
        head = head,
        rows = rows.collect::<Html>(),
    )
}

fn row(pages: &Pages, integration: &IntegrationView, tries: Option<Html>) -> Html {
    let inbox = layout::link(pages, "/inbox");
    let kind = match integration.kind.as_str() {
        "inbox" => html!(r#"<a href="{to}">inbox</a>"#, to = Href(&inbox)),
        other => html!("{kind}", kind = other),
    };
    html!(
        r#"<tr><td>{receiver}</td><td>{kind}</td><td class="number">{pending}</td><td class="how">{state}</td>{tries}</tr>"#,
        receiver = integration.receiver,
        kind = kind,
        pending = Count(integration.pending),
        state = state(&integration.state),
        tries = tries,
    )
}

fn tries(pages: &Pages, receiver: &str, place: &str) -> Html {
    html!(
        r#"<td class="tries"><div>{preview}{test}</div></td>"#,
        preview = trials::preview_button(pages, receiver, place),
        test = trials::test_button(pages, receiver, place),
    )
}

fn state(state: &IntegrationState) -> Html {
    let with = |colour: &'static str, word: &'static str, until: Option<Time>, error: &str| {
        let until = until.map(|until| html!("until {until}", until = until));
        html!(
            r#"<span class="state {colour}">{word}</span> {until}<span class="error">{error}</span>"#,
            colour = colour,
            word = word,
            until = until,
            error = error,
        )
    };
    match state {
        IntegrationState::Working => html!(r#"<span class="state good">Working</span>"#),
        IntegrationState::Failing { error } => with("busy", "Failing", None, error),
        IntegrationState::Paused { until, error } => with("bad", "Paused", Some(*until), error),
    }
}
