//! Real rules, row by row of the table.

use alerts::LabelSet;
use proptest::prelude::*;

use super::*;

const RATIO: &str =
    "sum by (job) (rate(http_requests_total{code=~\"5..\"}[5m])) / sum by (job) (rate(http_requests_total[5m]))";

/// `curve | line, line` for each curve; `?` marks a curve whose absence matters.
fn shown(drawn: &Drawn) -> Vec<String> {
    let line = |line: &Line| match &line.level {
        Level::Number(number) => format!("{:?} {number}", line.comparison),
        Level::Moving(query) => format!("{:?} [{query}]", line.comparison),
    };
    let curve = |curve: &Curve| {
        let lines: Vec<String> = curve.lines.iter().map(line).collect();
        format!("{}{} | {}", curve.query, if curve.absence { "?" } else { "" }, lines.join(", "))
    };
    drawn.curves.iter().map(|c| curve(c).trim_end().to_owned()).collect()
}

fn check(expression: &str, expected: &[&str]) {
    assert_eq!(shown(&Expression::new(expression).drawn()), expected, "{expression}");
}

#[test]
fn comparisons_with_a_number() {
    check("a > 5", &["a | Greater 5"]);
    check("5 < a", &["a | Greater 5"]);
    check("a > bool 5", &["a | Greater 5"]);
    check("a >= 5", &["a | GreaterEqual 5"]);
    check("a < 5", &["a | Less 5"]);
    check("5 >= a", &["a | LessEqual 5"]);
    check("a == 0", &["a | Equal 0"]);
    check("0 == a", &["a | Equal 0"]);
    check("a != 1", &["a | NotEqual 1"]);
    check("(((a))) > ((5))", &["a | Greater 5"]);
    check("((a > 5))", &["a | Greater 5"]);
}

#[test]
fn numbers_in_disguise() {
    check("a > -5", &["a | Greater -5"]);
    check("a > -(5)", &["a | Greater -5"]);
    check("a < 5 * 60", &["a | Less 300"]);
    check("a > 1e3", &["a | Greater 1000"]);
    check("a > 0.5 * 2 + 2 ^ 3 - 10 % 4", &["a | Greater 7"]);
    check("a > 10 * 1024 * 1024 * 1024 / 2", &["a | Greater 5368709120"]);
    check("a > vector(3)", &["a | Greater 3"]);
    check("vector(1) > 0", &["vector(1) | Greater 0"]);
    check("a > Inf", &["a |"]);
    check("time() - a > 2 * 24 * 3600", &["time() - a | Greater 172800"]);
}

#[test]
fn moving_thresholds() {
    check("a > b", &["a | Greater [b]"]);
    check("a > on (x) group_left () b", &["a | Greater [b]"]);
    check("a <= ignoring (x) group_right (y) (b * 2)", &["a | LessEqual [b * 2]"]);
    check("a > 2 * avg_over_time(a[1d] offset 1w)", &["a | Greater [2 * avg_over_time(a[1d] offset 1w)]"]);
    check("a > scalar(b)", &["a | Greater [scalar(b)]"]);
    check("scalar(b) < a", &["a | Greater [scalar(b)]"]);
    check("time() > a", &["a | Less [time()]"]);
}

#[test]
fn sets() {
    check("a > 1 and b < 2", &["a | Greater 1"]);
    check("a > 1 unless b", &["a | Greater 1"]);
    check("a > 1 and on (x) b < 2 unless ignoring (y) c", &["a | Greater 1"]);
    check("a > 1 or b > 2", &["a | Greater 1", "b | Greater 2"]);
    check("(a > 1 and b) or (c < 2 unless d)", &["a | Greater 1", "c | Less 2"]);
    check("a > 10 or a < 2", &["a | Greater 10, Less 2"]);
    check("a and b", &["a |"]);
    check("a > 1 or b > c", &["a | Greater 1", "b | Greater [c]"]);
    check("a or b or c or d", &["a |", "b |", "c |", "d |"]);
    check("a or b or c or d or e", &["a or b or c or d or e |"]);
}

#[test]
fn absence() {
    check("absent(a)", &["a? |"]);
    check("absent(up{job=\"x\"}) == 1", &["up{job=\"x\"}? |"]);
    check("absent(up{job=\"x\"} == 1)", &["up{job=\"x\"}? |"]);
    check("absent_over_time(a[5m])", &["a? |"]);
    check("absent_over_time(a{b=\"c\"}[5m] offset 1h)", &["a{b=\"c\"} offset 1h? |"]);
    check("absent_over_time(rate(a[1m])[5m:1m])", &["rate(a[1m])? |"]);
    check("absent(a) or b > 5", &["a? |", "b | Greater 5"]);
}

#[test]
fn anything_else_is_drawn_whole() {
    check("a", &["a |"]);
    check("a  *  2", &["a * 2 |"]);
    check("vector(1)", &["vector(1) |"]);
    check("sum(a > 5) * 2", &["sum(a > 5) * 2 |"]);
    check("this is not promql", &["this is not promql |"]);
    check("rollup_rate(a[5m]) > 5", &["rollup_rate(a[5m]) > 5 |"]);
    check("", &[" |"]);
}

#[test]
fn rules_of_the_field() {
    check(&format!("{RATIO} > 0.05"), &[&format!("{RATIO} | Greater 0.05").replace("by (job) (", "by (job) (")]);
    check(
        "histogram_quantile(0.99, sum by (le, service) (rate(http_request_duration_seconds_bucket[5m]))) > 0.8",
        &[
            "histogram_quantile(0.99, sum by (le, service) (rate(http_request_duration_seconds_bucket[5m]))) | Greater 0.8",
        ],
    );
    check(
        "predict_linear(node_filesystem_avail_bytes{fstype!=\"\"}[6h], 24*60*60) < 0 and node_filesystem_readonly == 0",
        &["predict_linear(node_filesystem_avail_bytes{fstype!=\"\"}[6h], 24 * 60 * 60) | Less 0"],
    );
    check(
        "(node_filesystem_avail_bytes{job=\"node\"} / node_filesystem_size_bytes{job=\"node\"} * 100 < 15\nand\npredict_linear(node_filesystem_avail_bytes{job=\"node\"}[6h], 24*60*60) < 0)",
        &["node_filesystem_avail_bytes{job=\"node\"} / node_filesystem_size_bytes{job=\"node\"} * 100 | Less 15"],
    );
    check(
        "node_timex_offset_seconds > 0.05 and deriv(node_timex_offset_seconds[5m]) >= 0 or node_timex_offset_seconds < -0.05",
        &["node_timex_offset_seconds | Greater 0.05, Less -0.05"],
    );
    check(
        "100 * (count by (job) (up == 0) / count by (job) (up)) > 10",
        &["100 * (count by (job) (up == 0) / count by (job) (up)) | Greater 10"],
    );
    check(
        "kube_deployment_spec_replicas{job=\"k\"} != kube_deployment_status_replicas_available{job=\"k\"} and changes(kube_deployment_status_replicas_updated{job=\"k\"}[10m]) == 0",
        &["kube_deployment_spec_replicas{job=\"k\"} | NotEqual [kube_deployment_status_replicas_available{job=\"k\"}]"],
    );
    check(
        "max_over_time(sum(rate(a[1m]))[1h:5m]) > 3 # a comment",
        &["max_over_time(sum(rate(a[1m]))[1h:5m]) | Greater 3"],
    );
}

#[test]
fn spacing_does_not_make_another_expression() {
    let same = |a: &str, b: &str| Expression::new(a).same_as(&Expression::new(b));
    assert!(same("up==0", "up  ==  0"));
    assert!(same("sum(a) by (b) > 1", "sum by (b) (a) > 1"));
    assert!(!same("up == 0", "up == 1"));
    assert!(same("what is this", " what is this "));
}

fn check_narrowed(expression: &str, scope: Scope, expected: Option<&str>) {
    let labels: LabelSet = [("job", "api"), ("instance", "a.b:1"), ("cluster", "eu")].into_iter().collect();
    let narrowed = Expression::new(expression).narrowed(&Narrowing { labels: &labels, scope });
    assert_eq!(narrowed.as_ref().map(Expression::text), expected, "{expression}");
}

#[test]
fn kept_labels_narrow() {
    const ALL: &str = r#"cluster=~"eu|",instance=~"a\\.b:1|",job=~"api|""#;
    let kept =
        |expression, expected: &str| check_narrowed(expression, Scope::Kept, Some(&expected.replace("ALL", ALL)));
    kept("up == 0", "up{ALL} == 0");
    kept("up{job=\"api\"} == 0", r#"up{cluster=~"eu|",instance=~"a\\.b:1|",job="api"} == 0"#);
    kept("rate(a[5m] offset 1h) > 1", "rate(a{ALL}[5m] offset 1h) > 1");
    kept("sum by (job) (a) > 1", r#"sum by (job) (a{job="api"}) > 1"#);
    kept("sum without (instance, cluster) (a) > 1", r#"sum without (instance, cluster) (a{job=~"api|"}) > 1"#);
    kept("topk by (job) (3, a)", r#"topk by (job) (3, a{job="api"})"#);
    kept("a > on (job) b", r#"a{job="api"} > on (job) b{job="api"}"#);
    kept(
        "a / on (job) group_left (cluster) b",
        r#"a{instance=~"a\\.b:1|",job="api"} / on (job) group_left (cluster) b{cluster="eu",job="api"}"#,
    );
    kept(
        "label_replace(a, \"job\", \"$1\", \"x\", \"(.*)\")",
        r#"label_replace(a{cluster=~"eu|",instance=~"a\\.b:1|"}, "job", "$1", "x", "(.*)")"#,
    );
    kept(
        "a > 1 and on (cluster) b",
        r#"a{cluster=~"eu|",instance=~"a\\.b:1|",job=~"api|"} > 1 and on (cluster) b{cluster="eu"}"#,
    );
    kept("max_over_time(sum by (job) (a)[1h:]) > 1", r#"max_over_time(sum by (job) (a{job="api"})[1h:]) > 1"#);
}

#[test]
fn other_labels_do_not() {
    let none = |expression| check_narrowed(expression, Scope::Kept, None);
    none("sum(a) > 1");
    none("topk(3, a) > 1");
    none("count by (path) (a) > 1");
    none("absent(a)");
    none("vector(1)");
    none("a > scalar(b) and not promql");
    none("count_values(\"job\", a)");
    none("quantile(0.9, a) > scalar(sum(b))");
}

#[test]
fn of_an_unknown_rule_only_named_labels_narrow() {
    check_narrowed("up == 0", Scope::Named, None);
    check_narrowed("sum by (job) (a) > 1", Scope::Named, Some(r#"sum by (job) (a{job="api"}) > 1"#));
    check_narrowed("a > on (job) b", Scope::Named, Some(r#"a{job="api"} > on (job) b{job="api"}"#));
}

fn piece() -> impl Strategy<Value = String> {
    let leaf =
        prop::sample::select(vec!["a", "b{c=\"d\"}", "5", "-1", "rate(a[5m])", "vector(1)", "\"s\"", "absent(a)"]);
    leaf.prop_map(str::to_owned).prop_recursive(5, 40, 2, |inner| {
        let operator = prop::sample::select(vec![
            "+",
            "/",
            ">",
            "< bool",
            "==",
            "and",
            "or",
            "unless",
            "> on (x)",
            "* on (x) group_left (y)",
            "^",
            "%",
        ]);
        prop_oneof![
            (inner.clone(), operator, inner.clone()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            inner.clone().prop_map(|a| format!("({a})")),
            inner.clone().prop_map(|a| format!("-{a}")),
            inner.clone().prop_map(|a| format!("sum by (job) ({a})")),
            inner.clone().prop_map(|a| format!("absent({a})")),
            inner.prop_map(|a| format!("max_over_time(({a})[1h:5m])")),
        ]
    })
}

fn survives(text: &str) {
    let labels: LabelSet = [("job", "x"), ("c", "d")].into_iter().collect();
    let expression = Expression::new(text);
    assert!(!expression.drawn().curves.is_empty());
    for scope in [Scope::Kept, Scope::Named] {
        if let Some(narrowed) = expression.narrowed(&Narrowing { labels: &labels, scope }) {
            assert!(Expression::new(narrowed.text()).tree().is_some(), "{text}");
        }
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,200}") {
        survives(&text);
    }

    #[test]
    fn no_promql_panics_and_what_is_drawn_parses(text in piece()) {
        survives(&text);
        let expression = Expression::new(text);
        if expression.tree().is_some() {
            for curve in expression.drawn().curves {
                prop_assert!(Expression::new(curve.query).tree().is_some());
            }
        }
    }
}
