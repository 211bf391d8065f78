//! How the form of a silence looks, with what is wrong at the field that it is about.
//!
//! Deliberately unknown here: what the fields mean together.

use super::form::{Field, Problem, Typed};
use crate::pages::{
    Pages,
    html::{Html, html},
    layout,
};

const PRESETS: [&str; 7] = ["30m", "1h", "2h", "4h", "1d", "3d", "1w"];

/// A form and what it is about.
pub(super) struct Form<'a> {
    /// Where it is sent to, under the prefix.
    pub(super) action: &'a str,
    /// On the button.
    pub(super) save: &'static str,
    /// Said above the fields.
    pub(super) hint: Option<Html>,
    pub(super) typed: &'a Typed,
    pub(super) problems: &'a [Problem],
    /// What the server said to the whole.
    pub(super) refused: Option<String>,
}

/// The form; `preview` is what the matchers match.
pub(super) fn form(pages: &Pages, form: &Form<'_>, preview: Html) -> Html {
    let Form { action, save, hint, typed, problems, refused } = form;
    // Enter in a field presses the first button: that must be the harmless one.
    html!(
        r#"<form class="silence-form" action="{action}" method="post" data-preview="{preview_from}">
<button class="first" name="action" value="preview" tabindex="-1" aria-hidden="true" formnovalidate>Preview</button>
{refused}{hint}
<div class="field"><label for="matchers">Matchers</label>
<textarea id="matchers" name="matchers" rows="{rows}" spellcheck="false" autocapitalize="off" autocomplete="off" required{matchers_marked}>{matchers}</textarea>
<p class="help">One on each line: <code>name="value"</code>, <code>!=</code> for all but that value, <code>=~</code> and <code>!~</code> for regular expressions. An alert is silenced if all of them match.</p>{matchers_problem}</div>
<div class="times">{starts_at}{duration}{ends_at}</div>
{created_by}{comment}
<p class="buttons"><button name="action" value="preview" formnovalidate>Preview</button><button class="main" name="action" value="save">{save}</button></p>
</form>
<section id="preview" class="card" aria-live="polite">{preview}</section>"#,
        action = layout::link(pages, action),
        preview_from = layout::link(pages, "/silences/preview"),
        refused = refused.as_ref().map(|words| html!(
            r#"<p class="refused" role="alert"><strong>Not saved:</strong> {words}</p>"#,
            words = words
        )),
        hint = hint.as_ref(),
        rows = typed.matchers.lines().count().clamp(2, 12),
        matchers = typed.matchers,
        matchers_marked = marked(problems, Field::Matchers, "matchers"),
        matchers_problem = said(problems, Field::Matchers, "matchers"),
        starts_at = starts_at(typed, problems),
        duration = duration(typed, problems),
        ends_at = ends_at(typed, problems),
        created_by = line(problems, Field::CreatedBy, "created_by", "Your name", "username", &typed.created_by),
        comment = line(problems, Field::Comment, "comment", "Comment", "off", &typed.comment),
        save = *save,
        preview = preview,
    )
}

fn starts_at(typed: &Typed, problems: &[Problem]) -> Html {
    html!(
        r#"<div class="field"><label for="starts_at">Starts (UTC)</label>
<input id="starts_at" name="starts_at" value="{value}" placeholder="now" autocomplete="off" data-time{marked}><input type="hidden" name="was_starts_at" value="{was}">
<p class="help">Empty: now</p>{problem}</div>"#,
        value = typed.starts_at,
        was = typed.was_starts_at,
        marked = marked(problems, Field::StartsAt, "starts_at"),
        problem = said(problems, Field::StartsAt, "starts_at"),
    )
}

fn duration(typed: &Typed, problems: &[Problem]) -> Html {
    let presets = PRESETS.iter().map(|preset| {
        html!(r#"<button name="preset" value="{preset}" formnovalidate>{preset}</button>"#, preset = *preset)
    });
    html!(
        r#"<div class="field"><label for="duration">Lasts</label>
<input id="duration" name="duration" value="{value}" placeholder="2h" autocomplete="off"{marked}><input type="hidden" name="was_duration" value="{was}">
<p class="presets">{presets}</p>{problem}</div>"#,
        value = typed.duration,
        was = typed.was_duration,
        marked = marked(problems, Field::Duration, "duration"),
        presets = presets.collect::<Html>(),
        problem = said(problems, Field::Duration, "duration"),
    )
}

fn ends_at(typed: &Typed, problems: &[Problem]) -> Html {
    html!(
        r#"<div class="field"><label for="ends_at">Ends (UTC)</label>
<input id="ends_at" name="ends_at" value="{value}" autocomplete="off" data-time{marked}><input type="hidden" name="was_ends_at" value="{was}">
<p class="help">Follows from how long it lasts, unless changed</p>{problem}</div>"#,
        value = typed.ends_at,
        was = typed.was_ends_at,
        marked = marked(problems, Field::EndsAt, "ends_at"),
        problem = said(problems, Field::EndsAt, "ends_at"),
    )
}

fn line(
    problems: &[Problem],
    field: Field,
    name: &'static str,
    label: &'static str,
    complete: &'static str,
    value: &str,
) -> Html {
    html!(
        r#"<div class="field"><label for="{name}">{label}</label><input id="{name}" name="{name}" value="{value}" autocomplete="{complete}" required{marked}>{problem}</div>"#,
        name = name,
        label = label,
        value = value,
        complete = complete,
        marked = marked(problems, field, name),
        problem = said(problems, field, name),
    )
}

fn marked(problems: &[Problem], field: Field, name: &'static str) -> Option<Html> {
    let is_wrong = problems.iter().any(|problem| problem.field == field);
    is_wrong.then(|| html!(r#" aria-invalid="true" aria-describedby="{name}-problem""#, name = name))
}

fn said(problems: &[Problem], field: Field, name: &'static str) -> Option<Html> {
    let problem = problems.iter().find(|problem| problem.field == field)?;
    Some(html!(r#"<p class="problem" id="{name}-problem">{words}</p>"#, name = name, words = problem.words))
}
