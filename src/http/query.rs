//! The parameters of `GET /api/v2/alerts`.
//!
//! Deliberately unknown here: alerts. Unknown parameters are ignored, as in Alertmanager.

use alerts::matcher::{MatchOp, Matcher, MatcherSet, Syntax, parse};
use url::form_urlencoded;

/// What to list.
#[derive(Clone, Debug)]
pub(super) struct Query {
    /// Whether alerts that nothing mutes are wanted.
    pub(super) active: bool,
    /// Whether silenced ones are.
    pub(super) silenced: bool,
    /// Whether inhibited ones are.
    pub(super) inhibited: bool,
    /// All must match.
    pub(super) filter: MatcherSet,
    /// Any receiver must match.
    pub(super) receiver: Option<Matcher>,
}

impl Query {
    /// Reads a query string; the error is Alertmanager's message.
    pub(super) fn parse(query: &str) -> Result<Self, String> {
        let mut wanted =
            Query { active: true, silenced: true, inhibited: true, filter: MatcherSet::default(), receiver: None };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "active" => wanted.active = truth(&value),
                "silenced" => wanted.silenced = truth(&value),
                "inhibited" => wanted.inhibited = truth(&value),
                "filter" => {
                    wanted.filter.push(parse::matcher(&value, Syntax::default()).map_err(|error| error.message)?)
                }
                "receiver" if !value.is_empty() => wanted.receiver = Some(receiver(&value)?),
                _ => {} // `unprocessed` among them: here every alert is processed before its sender gets 200
            }
        }
        Ok(wanted)
    }

    /// Whether routes, silences and inhibition decide on what is listed.
    pub(super) fn needs_standing(&self) -> bool {
        !(self.active && self.silenced && self.inhibited && self.receiver.is_none())
    }
}

fn receiver(pattern: &str) -> Result<Matcher, String> {
    Matcher::new("receiver", MatchOp::Regex, pattern)
        .map_err(|error| format!("failed to parse receiver param: error parsing regexp: {error}"))
}

/// As go-openapi's `swag.ConvertBool`: everything else, even nonsense, is false; nothing at all is the default, true.
fn truth(value: &str) -> bool {
    let yes = ["", "true", "1", "yes", "ok", "y", "on", "selected", "checked", "t", "enabled"];
    yes.contains(&value.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truth_is_go_openapis() {
        let check =
            |query: &str, active: bool| assert_eq!(Query::parse(query).map(|q| q.active), Ok(active), "{query}");
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
        let query = Query::parse("filter=a%3D%221%22&filter=b!~x&nonsense=1").expect("both are matchers");
        assert_eq!(query.filter.to_string(), r#"{a="1",b!~"x"}"#);
        assert!(!query.needs_standing());
    }

    #[test]
    fn errors_are_alertmanagers() {
        let check = |query: &str, expected: &str| {
            let error = Query::parse(query).expect_err(query);
            assert!(error.starts_with(expected), "{query}: {error}");
        };
        check("filter=foo", "bad matcher format: foo");
        check("receiver=(", "failed to parse receiver param: error parsing regexp: ");
    }
}
