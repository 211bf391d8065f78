//! What matchers match now: how many alerts, and the newest of them.
//!
//! Deliberately unknown here: whether somebody is about to silence them.

use alerts::matcher::MatcherSet;

use crate::pages::{
    Pages, alerts_page,
    data::MatchedView,
    html::{Count, Html, html},
};

/// Alerts that are listed.
const LISTED: usize = 20;

/// What a silence that is being written would silence. Those who cannot see why their matchers are not understood are told at
/// the field.
pub(super) fn planned(pages: &Pages, matchers: &Result<MatcherSet, String>) -> Html {
    match matchers {
        Err(problem) => said("Preview", html!(r#"The matchers are not understood: {problem}"#, problem = problem)),
        Ok(matchers) if matchers.is_empty() => said("Preview", html!("Without matchers there is no silence.")),
        Ok(matchers) => {
            let matched = pages.data.matched(matchers, LISTED);
            let title = match matched.total {
                0 => html!("Silences no alert that fires now"),
                total => html!("Silences {count}", count = alerts(total)),
            };
            let whole = (matched.total > 1 && matched.total == matched.of)
                .then(|| html!(r#"<p class="warning">These are <strong>all</strong> alerts that fire now.</p>"#));
            html!(
                r#"<h2 data-matched="{total}">{title}</h2>{whole}{list}"#,
                total = matched.total,
                title = title,
                whole = whole,
                list = list(pages, &matched),
            )
        }
    }
}

/// What an existing silence silences.
pub(super) fn silenced(pages: &Pages, matchers: &MatcherSet, is_active: bool) -> Html {
    let matched = pages.data.matched(matchers, LISTED);
    let title = match (matched.total, is_active) {
        (0, _) => html!("No alert that fires now matches"),
        (total, true) => html!("Silences {count}", count = alerts(total)),
        (total, false) => html!("{count} would match now", count = alerts(total)),
    };
    html!(
        r#"<h2 data-matched="{total}">{title}</h2>{list}"#,
        total = matched.total,
        title = title,
        list = list(pages, &matched)
    )
}

fn said(title: &'static str, words: Html) -> Html {
    html!(r#"<h2>{title}</h2><p class="quiet">{words}</p>"#, title = title, words = words)
}

fn alerts(count: usize) -> Html {
    html!("{count} {word}", count = Count(count), word = if count == 1 { "alert" } else { "alerts" })
}

fn list(pages: &Pages, matched: &MatchedView) -> Option<Html> {
    if matched.alerts.is_empty() {
        return None;
    }
    let now = pages.clock.now();
    let hidden = matched.total.saturating_sub(matched.alerts.len());
    Some(html!(
        r#"<ul class="brief">{alerts}</ul>{more}"#,
        alerts = matched.alerts.iter().map(|alert| alerts_page::brief(pages, alert, now)).collect::<Html>(),
        more = (hidden > 0).then(|| html!(r#"<p class="quiet">and {hidden} more</p>"#, hidden = Count(hidden))),
    ))
}
