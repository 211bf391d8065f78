//! Executes compiled templates, and brings gotmpl's errors into our form.
//!
//! Deliberately unknown here: how templates are compiled.

use std::{fmt, sync::Arc};

use gotmpl::Value;

use super::{
    context,
    data::Data,
    error::{Place, Source, TemplateError},
    functions,
    program::{ENTRY, nothing},
};

/// Turns of all loops of one rendering.
pub(super) const MOST_TURNS: u64 = 2_000_000;
/// What a rendering may come to, in bytes: more than any channel takes.
const LONGEST: usize = 16 << 20;

/// A compiled template with all that its errors need.
pub(super) struct Program<T> {
    pub(super) source: Arc<Source>,
    pub(super) template: Arc<T>,
    /// What `tmpl.Exec` finds its templates in.
    pub(super) for_exec: Option<Arc<gotmpl::Template>>,
    pub(super) shared: Arc<Vec<Place>>,
    pub(super) own: Vec<Place>,
}

/// What both kinds of templates can do.
pub(super) trait Execute {
    /// Executes the entry.
    fn run(&self, out: &mut Bounded, data: &Value) -> gotmpl::Result<()>;
}

impl Execute for gotmpl::Template {
    fn run(&self, out: &mut Bounded, data: &Value) -> gotmpl::Result<()> {
        self.execute_template_fmt(out, ENTRY, data)
    }
}

impl Execute for gotmpl::html::Template {
    fn run(&self, out: &mut Bounded, data: &Value) -> gotmpl::Result<()> {
        self.execute_fmt(out, data)
    }
}

impl<T: Execute> Program<T> {
    pub(super) fn render(&self, data: &Data) -> Result<String, TemplateError> {
        let mut out = Bounded(String::new());
        let result = context::within(data, self.for_exec.as_ref(), || self.template.run(&mut out, &data.root));
        result.map_err(|error| self.in_our_form(&error))?;
        Ok(out.0)
    }

    fn in_our_form(&self, error: &gotmpl::TemplateError) -> TemplateError {
        use gotmpl::TemplateError as Theirs;
        let message = match error {
            Theirs::Exec(message) => match functions::place_of(message) {
                Some((number, message)) => return self.at(number, message),
                None => message.clone(),
            },
            Theirs::RecursionLimit => "templates and blocks are nested deeper than 200".to_owned(),
            Theirs::RangeIterLimit => format!("the loops take more than {MOST_TURNS} turns"),
            Theirs::Write => format!("the text grows beyond {} MiB", LONGEST >> 20),
            Theirs::UndefinedTemplate(name) => format!("there is no template {name:?}"),
            Theirs::FuncPanic { name, message } => format!("the function {name} failed: {message}"),
            Theirs::Escape { line, description, .. } => {
                let at =
                    if *line > 0 { format!(", line {line} of it or of a template it calls") } else { String::new() };
                format!("what it prints cannot be made safe as HTML: {}{at}", description.replace(ENTRY, ""))
            }
            other => other.to_string(),
        };
        self.source.error(message)
    }

    fn at(&self, number: usize, message: &str) -> TemplateError {
        let own = number.checked_sub(self.shared.len()).and_then(|number| self.own.get(number));
        match self.shared.get(number).or(own) {
            Some(place) => place.error(message),
            None => self.source.error(message),
        }
    }
}

impl Program<gotmpl::html::Template> {
    /// Escaping happens at the first execution: done at load, on no data, so that what cannot be escaped is found.
    pub(super) fn escape_now(&self) -> Result<(), TemplateError> {
        let nothing = nothing();
        let mut out = Bounded(String::new());
        match context::within(&nothing, None, || self.template.run(&mut out, &nothing.root)) {
            Err(error @ gotmpl::TemplateError::Escape { .. }) => Err(self.in_our_form(&error)),
            _ => Ok(()),
        }
    }
}

impl<T> fmt::Debug for Program<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.source.origin, self.source.text)
    }
}

/// A text that refuses to grow without end.
pub(super) struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.0.len() + text.len() > LONGEST {
            return Err(fmt::Error);
        }
        self.0.push_str(text);
        Ok(())
    }
}
