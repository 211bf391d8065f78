//! The configured integrations and whether they take their messages, as a table.
//!
//! Deliberately unknown here: which page shows it.

use alerts::Time;

use super::{
    Pages,
    data::{IntegrationState, IntegrationView},
    html::{Count, Href, Html, html},
    layout,
};

pub(super) fn table(pages: &Pages, all: &[IntegrationView]) -> Html {
    if all.is_empty() {
        return html!(
            r#"<section class="note"><p>No receiver has an integration: nobody is told anything.</p></section>"#
        );
    }
    html!(
        r#"<section class="card"><h2>Integrations</h2>
<table><thead><tr><th>Receiver</th><th>Type</th><th class="number">Waiting</th><th>State</th></tr></thead>
<tbody>{rows}</tbody></table></section>"#,
        rows = all.iter().map(|integration| row(pages, integration)).collect::<Html>(),
    )
}

fn row(pages: &Pages, integration: &IntegrationView) -> Html {
    let inbox = layout::link(pages, "/inbox");
    let kind = match integration.kind.as_str() {
        "inbox" => html!(r#"<a href="{to}">inbox</a>"#, to = Href(&inbox)),
        other => html!("{kind}", kind = other),
    };
    html!(
        r#"<tr><td>{receiver}</td><td>{kind}</td><td class="number">{pending}</td><td>{state}</td></tr>"#,
        receiver = integration.receiver,
        kind = kind,
        pending = Count(integration.pending),
        state = state(&integration.state),
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
