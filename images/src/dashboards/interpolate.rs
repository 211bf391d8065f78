//! Puts the values of variables into texts, each as the language of the text wants it.
//!
//! Values that the alert gives are a stranger's: they never end the quotes that they stand between, and where no quotes are they are one
//! word or nothing. Deliberately unknown here: where values come from, JSON.

use super::{
    Filled,
    formats::{alternatives, date, formatted, regex_escaped},
    quotes::{Place, Quotes, string_escaped},
    reference::{Reference, references},
};

/// How deep values that refer to variables are followed: `allValue` may.
const DEEPEST: u8 = 3;
/// The most references that are followed for one text, and the most bytes that come of it: no query has nearly as many.
const MOST: usize = 10_000;
const LONGEST: usize = 1 << 20;

/// What a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    /// A title: values as people read them.
    Title,
    /// Legend texts and the like.
    Words,
    /// PromQL and LogQL.
    Promql,
    /// SQL.
    Sql,
    /// A language that is not known here; the format of values without one.
    Other(&'static str),
}

impl Language {
    /// The language of a data source's queries.
    pub(super) fn of(kind: &str) -> Self {
        match kind {
            "prometheus" | "loki" => Language::Promql,
            kind if kind.contains("prometheus") || kind.contains("victoriametrics-metrics") => Language::Promql,
            "mysql" | "postgres" | "mssql" => Language::Sql,
            kind if kind.contains("clickhouse") || kind.contains("postgresql") => Language::Sql,
            "elasticsearch" | "grafana-opensearch-datasource" => Language::Other("lucene"),
            "influxdb" => Language::Other("regex"),
            _ => Language::Other("glob"),
        }
    }
}

/// The variables there are.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope<'a> {
    /// The dashboard's.
    pub(super) variables: &'a [Filled],
    /// Grafana's own, as they are written: `("__interval", "15s")`.
    pub(super) own: Vec<(&'static str, String)>,
    /// The stretch of time in milliseconds.
    pub(super) window: (i64, i64),
}

/// How far following references has gone.
#[derive(Default)]
struct Depth {
    now: u8,
    followed: usize,
}

/// A value of this variable cannot stand where the text wants it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value of the variable {0} cannot stand in the query")]
pub(super) struct Unfit(pub(super) String);

impl Scope<'_> {
    /// The text with values in place of all variables that there are; the others are left alone.
    ///
    /// # Errors
    /// Where a value of the alert's cannot stand there.
    pub(super) fn fill(&self, text: &str, language: Language) -> Result<String, Unfit> {
        self.fill_below(text, language, Quotes::default(), &mut Depth::default())
    }

    /// `quotes`: where the text begins.
    fn fill_below(
        &self,
        text: &str,
        language: Language,
        mut quotes: Quotes,
        depth: &mut Depth,
    ) -> Result<String, Unfit> {
        let (mut filled, mut done) = (String::with_capacity(text.len()), 0);
        for reference in references(text) {
            let before = &text[done..reference.place.start];
            filled.push_str(before);
            quotes.read(before);
            let value = self.value(&reference, &quotes, language, depth)?;
            let value = value.unwrap_or_else(|| text[reference.place.clone()].to_owned());
            filled.push_str(&value);
            quotes.read(&value);
            depth.followed += 1;
            if depth.followed > MOST || filled.len() > LONGEST {
                return Err(Unfit(reference.name.to_owned()));
            }
            done = reference.place.end;
        }
        filled.push_str(&text[done..]);
        Ok(filled)
    }

    /// What stands in place of a reference; none: it is left alone.
    fn value(
        &self,
        reference: &Reference<'_>,
        quotes: &Quotes,
        language: Language,
        depth: &mut Depth,
    ) -> Result<Option<String>, Unfit> {
        let Some(variable) = self.variables.iter().find(|variable| variable.name == reference.name) else {
            return Ok(self.own_value(reference));
        };
        if reference.path.is_some_and(|path| path != "text" && path != "value") {
            return Ok(None);
        }
        let format = reference.format.or((reference.path == Some("text")).then_some("text"));
        if let Some(all) = variable.all.as_deref().filter(|_| format != Some("text") && language != Language::Title) {
            if depth.now >= DEEPEST {
                return Ok(None);
            }
            depth.now += 1;
            let filled = self.fill_below(all, language, quotes.clone(), depth);
            depth.now -= 1;
            return filled.map(Some);
        }
        written(variable, format, quotes, language).map(Some).ok_or_else(|| Unfit(variable.name.clone()))
    }

    fn own_value(&self, reference: &Reference<'_>) -> Option<String> {
        let time = match reference.name {
            "__from" => Some(self.window.0),
            "__to" => Some(self.window.1),
            _ => None,
        };
        if let Some(millis) = time {
            let format = reference.format.and_then(|format| format.strip_prefix("date"));
            return Some(format.map_or(millis.to_string(), |format| date(millis, format.trim_start_matches(':'))));
        }
        let named = |name: &str| self.own.iter().find(|(own, _)| *own == name).map(|(_, value)| value.clone());
        match (reference.name, reference.path) {
            (name, None) => named(name),
            ("__dashboard", Some("uid")) => named("__dashboard.uid"),
            _ => None,
        }
    }
}

/// The values as they are written at a place; none where they cannot stand there.
fn written(variable: &Filled, format: Option<&str>, quotes: &Quotes, language: Language) -> Option<String> {
    let usual = |format: &str| formatted(format, variable).or_else(|| formatted("glob", variable));
    match language {
        Language::Title => usual(format.unwrap_or("text")),
        Language::Words => usual(format.unwrap_or("glob")),
        Language::Promql => match format {
            None => promql(variable, quotes),
            Some(format) if variable.given => quotes.tamed(&formatted_literally(variable, format, quotes)),
            Some(format) => usual(format),
        },
        Language::Sql => match format {
            None => sql(variable),
            Some(format) => {
                usual(format).filter(|_| !variable.given || variable.values.iter().all(|(v, _)| is_harmless(v)))
            }
        },
        Language::Other(default) => {
            let harmless = !variable.given || variable.values.iter().all(|(value, _)| is_harmless(value));
            usual(format.unwrap_or(default)).filter(|_| harmless)
        }
    }
}

/// As Grafana's data source does it (public/app/plugins/datasource/prometheus/datasource.ts, `interpolateQueryExpr`): alternatives of a
/// regular expression where there may be several values, the value itself where there is one. What Grafana escapes for one kind of quotes
/// is escaped here for those that are there.
fn promql(variable: &Filled, quotes: &Quotes) -> Option<String> {
    let regex = !matches!(quotes.place(), Place::Quoted { regex: false, .. });
    let values: Vec<&str> = variable.values.iter().map(|(value, _)| value.as_str()).collect();
    let text = match values.as_slice() {
        [one] if variable.given && !variable.several => quotes.literal(one),
        [one] if !variable.several || !regex => (*one).to_owned(),
        all => alternatives(&all.iter().map(|value| regex_escaped(value)).collect::<Vec<_>>()),
    };
    if variable.given {
        // between names there are no alternatives: each is looked at by itself
        let plain = matches!(quotes.place(), Place::Code).then_some(values);
        return match plain {
            Some(values) if values.len() > 1 || variable.several => {
                let words: Option<Vec<String>> = values.iter().map(|value| quotes.tamed(value)).collect();
                words.map(|words| alternatives(&words))
            }
            _ => quotes.tamed(&text),
        };
    }
    Some(match quotes.place() {
        Place::Quoted { quote: '`', .. } | Place::Comment => text,
        Place::Quoted { quote, .. } => string_escaped(&text, quote),
        Place::Code if variable.several => text.replace('\\', "\\\\"),
        Place::Code => text,
    })
}

/// A stranger's values in a format, as literals of the regular expression that they may stand in.
fn formatted_literally(variable: &Filled, format: &str, quotes: &Quotes) -> String {
    let literal = |(value, text): &(String, String)| {
        let value = if format == "regex" { value.clone() } else { quotes.literal(value) };
        (value, text.clone())
    };
    let literally = Filled { values: variable.values.iter().map(literal).collect(), ..variable.clone() };
    let known = formatted(format, &literally).or_else(|| formatted("glob", &literally));
    known.unwrap_or_default()
}

/// As Grafana's SQL data sources do it: quoted where there may be several values, with doubled quotes.
fn sql(variable: &Filled) -> Option<String> {
    // a backslash ends a string in some dialects and not in others
    let dangerous = |value: &str| value.contains('\\') || value.contains(char::is_control);
    if variable.given && variable.values.iter().any(|(value, _)| dangerous(value)) {
        return None;
    }
    let doubled: Vec<String> = variable.values.iter().map(|(value, _)| value.replace('\'', "''")).collect();
    match doubled.as_slice() {
        // whether quotes are around it is not known: it must do no harm without
        [one] if !variable.several => (!variable.given || is_harmless(one)).then(|| one.clone()),
        all => Some(all.iter().map(|value| format!("'{value}'")).collect::<Vec<_>>().join(",")),
    }
}

/// Whether a value is only a value in every language.
fn is_harmless(value: &str) -> bool {
    value.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '.' | '/' | '@' | '-'))
        && !value.contains("--")
}

#[cfg(test)]
mod tests;
