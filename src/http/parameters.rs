//! The parameters of a query string, read as go-openapi reads them: by a list that says which there are and of which kind.
//!
//! Unknown parameters are ignored; of one that is given twice the last counts, unless it may be given many times.
//! Deliberately unknown here: what is asked for.

use actix_web::{HttpRequest, HttpResponse};
use alerts::matcher::{MatchOp, Matcher, MatcherSet, Syntax, parse};
use url::form_urlencoded;

use super::{
    Services, answers, endpoints,
    page::{Cursor, GroupCursor},
    regexp_words,
};

/// A parameter that an operation has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

/// What a parameter means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// True if it is not given.
    Truth,
    /// At least 1.
    Count,
    /// Where a page of alerts ended.
    AlertCursor,
    /// Where a page of groups ended.
    GroupCursor,
    /// May be given many times; one matcher each, all must match.
    Filter,
    /// A regular expression for the whole name.
    Pattern,
    /// May be given many times; matchers for the labels of receivers, all must match.
    ReceiverMatchers,
}

/// Why parameters were not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// go-openapi's code and words: 422.
    Coded(u16, String),
    /// Alertmanager's words: 400.
    Message(String),
}

/// What was given.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    falsehoods: Vec<&'static str>,
    pub(super) limit: Option<usize>,
    pub(super) cursor: Option<Cursor>,
    pub(super) group_cursor: Option<GroupCursor>,
    pub(super) filter: MatcherSet,
    pub(super) receiver: Option<Matcher>,
    pub(super) receiver_matchers: MatcherSet,
}

impl Given {
    /// Reads the parameters of `GET` of a path, or answers.
    pub(super) fn of(request: &HttpRequest, path: &str, services: &Services) -> Result<Self, HttpResponse> {
        let syntax = services.rules.read().matchers;
        let given = Self::read(request.query_string(), endpoints::parameters(path), syntax);
        given.map_err(|refused| answers::refused(&refused))
    }

    /// Reads a query string in the order of `parameters`.
    pub(super) fn read(query: &str, parameters: &[Parameter], syntax: Syntax) -> Result<Self, Refused> {
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        let mut given = Self::default();
        for parameter in parameters {
            let values = pairs.iter().filter(|(name, _)| name == parameter.name).map(|(_, value)| &**value);
            given.take(parameter, values, syntax)?;
        }
        Ok(given)
    }

    /// Whether a parameter of [`Kind::Truth`] is true.
    pub(super) fn is(&self, name: &str) -> bool {
        !self.falsehoods.contains(&name)
    }

    fn take<'q>(
        &mut self,
        parameter: &Parameter,
        values: impl Iterator<Item = &'q str> + Clone,
        syntax: Syntax,
    ) -> Result<(), Refused> {
        let name = parameter.name;
        let last = values.clone().last().filter(|value| !value.is_empty());
        match parameter.kind {
            Kind::Truth if last.is_none_or(truth) => {}
            Kind::Truth => self.falsehoods.push(name),
            Kind::Count => self.limit = last.map(|value| count(name, value)).transpose()?,
            Kind::AlertCursor => self.cursor = last.map(|value| cursor(name, value, Cursor::read)).transpose()?,
            Kind::GroupCursor => self.group_cursor = last.map(|v| cursor(name, v, GroupCursor::read)).transpose()?,
            Kind::Filter => self.filter = values.map(|value| matcher(value, syntax)).collect::<Result<_, _>>()?,
            Kind::Pattern => self.receiver = last.map(pattern).transpose()?,
            Kind::ReceiverMatchers => {
                let texts: Vec<_> = values.collect();
                self.receiver_matchers =
                    MatcherSet::parse_list(&texts, syntax).map_err(|error| words(error, &texts.join(",")))?;
            }
        }
        Ok(())
    }
}

fn matcher(text: &str, syntax: Syntax) -> Result<Matcher, Refused> {
    parse::matcher(text, syntax).map_err(|error| words(error, text))
}

fn words(error: parse::MatcherError, text: &str) -> Refused {
    Refused::Message(regexp_words::in_message(error.message, text))
}

fn pattern(text: &str) -> Result<Matcher, Refused> {
    let words = |error: String| regexp_words::of(&error, &format!("^(?:{text})$"));
    let refused = |error| Refused::Message(format!("failed to parse receiver param: {}", words(error)));
    Matcher::new("receiver", MatchOp::Regex, text).map_err(refused)
}

fn count(name: &str, text: &str) -> Result<usize, Refused> {
    match text.parse::<i64>() {
        Ok(number @ 1..) => Ok(usize::try_from(number).unwrap_or(usize::MAX)),
        Ok(_) => Err(Refused::Coded(609, format!("{name} in query should be greater than or equal to 1"))),
        Err(_) => Err(Refused::Coded(601, format!("{name} in query must be of type int64: {text:?}"))),
    }
}

fn cursor<T>(name: &str, text: &str, read: impl Fn(&str) -> Option<T>) -> Result<T, Refused> {
    read(text).ok_or_else(|| Refused::Coded(601, format!("{name} in query must be of type cursor: {text:?}")))
}

/// As go-openapi's `swag.ConvertBool`: everything else, even nonsense, is false.
fn truth(value: &str) -> bool {
    let yes = ["true", "1", "yes", "ok", "y", "on", "selected", "checked", "t", "enabled"];
    yes.contains(&value.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(query: &str) -> Result<Given, Refused> {
        Given::read(query, endpoints::parameters("/alerts"), Syntax::default())
    }

    #[test]
    fn truth_is_go_openapis() {
        let check = |query: &str, active: bool| {
            assert_eq!(read(query).map(|given| given.is("active")), Ok(active), "{query}");
        };
        check("", true);
        check("active=true", true);
        check("active=TRUE", true);
        check("active=maybe", false);
        check("active=false", false);
        check("active=", true);
        check("active=false&active=true", true);
    }

    #[test]
    fn filters_add_up() {
        let given = read("filter=a%3D%221%22&filter=b!~x&nonsense=1").expect("both are matchers");
        assert_eq!(given.filter.to_string(), r#"{a="1",b!~"x"}"#);
        let given = read("receiver_matchers=owner%3Da,kind!%3Db&receiver_matchers=c%3Dd").expect("all are matchers");
        assert_eq!(given.receiver_matchers.to_string(), r#"{owner="a",kind!="b",c="d"}"#);
    }

    #[test]
    fn errors_are_alertmanagers_and_go_openapis() {
        let check = |query: &str, code: Option<u16>, expected: &str| {
            let (found, words) = match read(query).expect_err(query) {
                Refused::Coded(code, words) => (Some(code), words),
                Refused::Message(words) => (None, words),
            };
            assert_eq!(found, code, "{query}");
            assert!(words.starts_with(expected), "{query}: {words}");
        };
        check("filter=foo", None, "bad matcher format: foo");
        check("filter=", None, "bad matcher format: ");
        check("receiver_matchers=foo", None, "bad matcher format: foo");
        check("receiver=(", None, "failed to parse receiver param: error parsing regexp: missing closing ): `^(?:()$`");
        check("filter=a%3D~(", None, "error parsing regexp: missing closing )");
        check("receiver=(&filter=foo", None, "bad matcher format: foo");
        check("filter=foo&limit=x", Some(601), r#"limit in query must be of type int64: "x""#);
        check("limit=0", Some(609), "limit in query should be greater than or equal to 1");
        check("cursor=x", Some(601), r#"cursor in query must be of type cursor: "x""#);
    }

    proptest! {
        // many parameters each, and each may compile a regular expression
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn hostile_queries_never_panic(query: String, value: String, syntax in 0usize..3) {
            let syntax = [Syntax::Fallback, Syntax::Utf8, Syntax::Classic][syntax];
            for path in endpoints::ENDPOINTS.iter().map(|endpoint| endpoint.path) {
                let parameters = endpoints::parameters(path);
                let _ = Given::read(&query, parameters, syntax);
                for parameter in parameters {
                    let mut query = form_urlencoded::Serializer::new(String::new());
                    let _ = Given::read(&query.append_pair(parameter.name, &value).finish(), parameters, syntax);
                }
            }
        }
    }
}
