//! What an alert's `generatorURL` tells: the rule's expression, or the number of the alert at vmalert.
//!
//! A link is read, never followed. Deliberately unknown here: which source the link belongs to.

use serde_json::Value;
use url::{Url, form_urlencoded};

/// The longest state of Grafana's Explore that is read, in bytes.
const MAX_STATE: usize = 64 << 10;

/// An alert as vmalert numbers it, in `alert?group_id=…&alert_id=…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered {
    /// The group of its rule.
    pub group: String,
    /// The alert itself.
    pub alert: String,
}

/// The expression in a link to a graph: Prometheus's `/graph?g0.expr=`, VictoriaMetrics's `/vmui/#/?g0.expr=`, or Grafana's
/// Explore (`left=` and `panes=`).
pub(crate) fn expression_in(generator_url: &str) -> Option<String> {
    let url = Url::parse(generator_url).ok()?;
    let behind_hash = url.fragment().and_then(|fragment| fragment.split_once('?')).map_or("", |(_, query)| query);
    let pairs = || url.query_pairs().chain(form_urlencoded::parse(behind_hash.as_bytes()));
    let value = |name: &str| pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let expression = value("g0.expr").or_else(|| of_left(&value("left")?)).or_else(|| of_panes(&value("panes")?))?;
    (!expression.trim().is_empty()).then_some(expression)
}

/// vmalert's numbers of the alert.
pub(crate) fn numbered_in(generator_url: &str) -> Option<Numbered> {
    let url = Url::parse(generator_url).ok()?;
    let number = |name: &str| {
        let (_, value) = url.query_pairs().find(|(key, _)| key == name)?;
        let is_number = !value.is_empty() && value.len() <= 20 && value.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| value.into_owned())
    };
    Some(Numbered { group: number("group_id")?, alert: number("alert_id")? })
}

/// Whether the link is to a query of a Loki, as Loki's ruler says where it knows its data source's uid.
pub(crate) fn is_of_loki(generator_url: &str) -> bool {
    let Ok(url) = Url::parse(generator_url) else { return false };
    let left = url.query_pairs().find(|(name, _)| name == "left").and_then(|(_, state)| json(&state));
    left.is_some_and(|state| state["queries"][0]["datasource"]["type"] == "loki")
}

/// Grafana before 10: `{"queries":[{"expr":…}]}`, or the older list `[from, to, datasource, {"expr":…}]`.
fn of_left(state: &str) -> Option<String> {
    match json(state)? {
        Value::Array(list) => first_shown(&list),
        state => first_shown(state.get("queries")?.as_array()?),
    }
}

/// Grafana from 10 on: panes by their names, each with queries.
fn of_panes(state: &str) -> Option<String> {
    let state = json(state)?;
    let mut panes = state.as_object()?.values();
    panes.find_map(|pane| first_shown(pane.get("queries")?.as_array()?))
}

fn json(state: &str) -> Option<Value> {
    (state.len() <= MAX_STATE).then(|| serde_json::from_str(state).ok()).flatten()
}

/// The expression of the first query that is not hidden.
fn first_shown(queries: &[Value]) -> Option<String> {
    let shown = queries.iter().filter(|query| query.get("hide") != Some(&Value::Bool(true)));
    shown.filter_map(|query| query.get("expr")?.as_str()).find(|text| !text.trim().is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(link: &str, expected: Option<&str>) {
        assert_eq!(expression_in(link).as_deref(), expected, "{link}");
    }

    fn explore(name: &str, state: &str) -> String {
        let mut url = Url::parse("https://graf.test/explore?orgId=1").expect("a URL");
        url.query_pairs_mut().append_pair(name, state);
        url.into()
    }

    #[test]
    fn graphs() {
        check("http://p/graph?g0.expr=up+%3D%3D+0&g0.tab=1", Some("up == 0"));
        check("http://vm/vmui/#/?g0.expr=up%20%3E%201&g0.range_input=1h", Some("up > 1"));
        check("http://vm/select/0/prometheus/vmui/?#/?g0.expr=up", Some("up"));
        check("http://p/graph?g0.expr=+", None);
        check("http://p/#no", None);
        check("not a link", None);
    }

    #[test]
    fn explore_of_all_ages() {
        let expr = r#"sum(rate({app="x"} |= "error" [5m])) > 10"#;
        let quoted = serde_json::to_string(expr).expect("a string");
        check(&explore("left", &format!(r#"["now-1h","now","Loki",{{"expr":{quoted}}},{{"ui":[true]}}]"#)), Some(expr));
        let hidden =
            format!(r#"{{"datasource":"a","queries":[{{"expr":"up","hide":true}},{{"refId":"A","expr":{quoted}}}]}}"#);
        check(&explore("left", &hidden), Some(expr));
        let panes =
            format!(r#"{{"p4x":{{"datasource":"u","queries":[{{"refId":"A","expr":{quoted}}}],"range":{{}}}}}}"#);
        check(&explore("panes", &panes), Some(expr));
        // as Loki's ruler writes it, and as vmalert's templates do, with braces and quotes in the open
        check(
            r#"http://g/explore?left=%7B%22queries%22%3A%5B%7B%22expr%22%3A%22up%22%2C%22queryType%22%3A%22range%22%7D%5D%7D"#,
            Some("up"),
        );
        check(r#"http://g/explore?left={"queries":[%7B%22expr%22%3A%22up%22%7D]}"#, Some("up"));
        check(
            r#"http://g/explore?orgId=1&left=["now-1h","now","VM",{"expr":"up+%3E+1"},{"mode":"Metrics"}]"#,
            Some("up > 1"),
        );
    }

    #[test]
    fn what_is_no_state_is_nothing() {
        let long = format!(r#"{{"queries":[{{"expr":"{}"}}]}}"#, "x".repeat(MAX_STATE));
        let deep = "[".repeat(10_000);
        for state in
            ["", "{", "7", "[]", "{}", r#"{"queries":[]}"#, r#"{"queries":[{"expr":7}]}"#, long.as_str(), deep.as_str()]
        {
            check(&explore("left", state), None);
            check(&explore("panes", state), None);
        }
    }

    #[test]
    fn the_ruler_of_loki_says_so() {
        let of = |kind: &str| {
            explore("left", &format!(r#"{{"queries":[{{"expr":"a","datasource":{{"type":"{kind}","uid":"u"}}}}]}}"#))
        };
        assert!(is_of_loki(&of("loki")));
        assert!(!is_of_loki(&of("prometheus")));
        assert!(!is_of_loki(&explore("left", "[1]")) && !is_of_loki("http://p/graph?g0.expr=up") && !is_of_loki(""));
    }

    #[test]
    fn numbers_of_vmalert() {
        let numbers = |link: &str| numbered_in(link).map(|numbered| (numbered.group, numbered.alert));
        let expected = Some(("57".to_owned(), "71".to_owned()));
        assert_eq!(numbers("http://vm:8880/vmalert/alert?group_id=57&alert_id=71"), expected);
        assert_eq!(numbers("http://vm:8880/vmalert/api/v1/alert?group_id=57&alert_id=71"), expected);
        assert_eq!(numbers("http://vm:8880/vmalert/alert?group_id=57"), None);
        assert_eq!(numbers("http://vm:8880/vmalert/alert?group_id=a&alert_id=71"), None);
        assert_eq!(numbers("http://vm:8880/graph?g0.expr=up"), None);
    }
}
