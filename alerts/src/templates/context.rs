//! What a function needs of the rendering it runs in: the message, and the templates for `tmpl.Exec`.
//!
//! gotmpl hands functions nothing but their arguments, so it stands in a thread-local for as long as a rendering takes.
//!
//! Deliberately unknown here: how templates are compiled.

use std::{cell::RefCell, sync::Arc};

use gotmpl::Value;

use super::{data::Data, gotime::GoTime, text::text};

/// `tmpl.Exec` within `tmpl.Exec`, route labels within route labels: each takes a stack of its own size again.
const DEEPEST: usize = 4;

#[derive(Clone)]
struct Context {
    data: Data,
    templates: Option<Arc<gotmpl::Template>>,
    depth: usize,
}

thread_local! {
    static CURRENT: RefCell<Vec<Context>> = const { RefCell::new(Vec::new()) };
}

/// Runs `render` with this context.
pub(super) fn within<T>(data: &Data, templates: Option<&Arc<gotmpl::Template>>, render: impl FnOnce() -> T) -> T {
    enter(Context { data: data.clone(), templates: templates.cloned(), depth: 0 }, render)
}

fn enter<T>(context: Context, render: impl FnOnce() -> T) -> T {
    /// Leaves the context, also when a panic passes.
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            CURRENT.with_borrow_mut(|stack| stack.pop());
        }
    }
    CURRENT.with_borrow_mut(|stack| stack.push(context));
    let _leave = Leave;
    render()
}

fn current() -> Option<Context> {
    CURRENT.with_borrow(|stack| stack.last().cloned())
}

/// What `now` is.
pub(super) fn now() -> GoTime {
    current().map_or_else(GoTime::zero, |context| context.data.now)
}

/// The label of the message's route: as it was made, or, among templates that make them, by executing its own.
pub(super) fn route_label(name: &str) -> Result<String, String> {
    let Some(Context { data, .. }) = current() else { return Ok(String::new()) };
    let Some(labels) = &data.route_labels else {
        let label = data.root.field("RouteLabels").and_then(|labels| labels.field(name));
        return Ok(label.map(text).unwrap_or_default());
    };
    if CURRENT.with_borrow(Vec::len) > DEEPEST {
        return Err(format!("labels of routes refer to each other deeper than {DEEPEST}"));
    }
    labels.one(name, &data).map_err(|error| error.to_string())
}

/// Executes a named template into a string.
pub(super) fn execute(name: &str, dot: &Value) -> Result<String, String> {
    let Some((context, templates)) = current().and_then(|c| c.templates.clone().map(|t| (c, t))) else {
        return Err("tmpl.Exec is not possible here".to_owned());
    };
    if context.depth >= DEEPEST {
        return Err(format!("tmpl.Exec is nested deeper than {DEEPEST}"));
    }
    if templates.lookup(name).is_none() {
        return Err(format!("there is no template {name:?}"));
    }
    let deeper = Context { depth: context.depth + 1, ..context };
    let result = enter(deeper, || templates.execute_template_to_string(name, dot));
    result.map_err(|error| match error {
        gotmpl::TemplateError::Exec(message) => message,
        other => other.to_string(),
    })
}
