//! Bodies of others' webhooks, as they really look, and what becomes of them.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

const NOW: Time = Time::from_secs(1_700_000_000);

static TEMPLATES: LazyLock<Templates> = LazyLock::new(Templates::default_set);

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Section {
    alerts: Option<String>,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
    status: Option<String>,
    starts_at: Option<String>,
    ends_at: Option<String>,
    generator_url: Option<String>,
    dashboard: Option<String>,
    panel: Option<String>,
    image_url: Option<String>,
}

fn compiled(section: &serde_json::Value) -> Result<Mapping, Vec<(String, String)>> {
    let section = Section::deserialize(section).expect("a section");
    let texts = Texts {
        alerts: section.alerts.as_deref(),
        labels: &section.labels,
        annotations: &section.annotations,
        status: section.status.as_deref(),
        starts_at: section.starts_at.as_deref(),
        ends_at: section.ends_at.as_deref(),
        generator_url: section.generator_url.as_deref(),
        dashboard: section.dashboard.as_deref(),
        panel: section.panel.as_deref(),
        image_url: section.image_url.as_deref(),
    };
    Mapping::compile(&TEMPLATES, &texts)
}

/// Each alert as `labels | annotations | start end | link`, or why there is none.
fn alerts(section: &serde_json::Value, body: &serde_json::Value) -> Vec<String> {
    let mapping = compiled(section).expect("templates");
    let read = match mapping.alerts(body, NOW) {
        Ok(read) => read,
        Err(error) => return vec![error.to_string()],
    };
    let pairs = |pairs: &[Pair<'_>]| pairs.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join(",");
    let time = |time: Option<Time>| time.map_or_else(|| "-".to_owned(), Time::rfc3339);
    let print = |one: &Incoming<'_>| {
        let (starts_at, ends_at) = (time(one.starts_at), time(one.ends_at));
        format!("{} | {} | {starts_at} {ends_at} | {}", pairs(&one.labels), pairs(&one.annotations), one.generator_url)
    };
    read.iter()
        .map(|read| match read {
            None => "ignored".to_owned(),
            Some(Ok(alert)) => print(alert),
            Some(Err(error)) => error.clone(),
        })
        .collect()
}

fn check(section: &serde_json::Value, body: &serde_json::Value, expected: &[&str]) {
    assert_eq!(alerts(section, body), expected, "{body}");
}

use serde_json::json;

#[test]
fn githubs_workflow_run() {
    let section = json!({
        "labels": {
            "alertname": "WorkflowFailed", "repository": "{{ .repository.full_name }}",
            "workflow": "{{ .workflow_run.name }}", "branch": "{{ .workflow_run.head_branch }}", "tag": "{{ .workflow_run.tag }}",
        },
        "annotations": {"summary": "{{ .workflow_run.name }} #{{ .workflow_run.run_number }} of {{ .repository.name }}: {{ .workflow_run.conclusion }}"},
        "status": r#"{{ if ne .action "completed" }}ignore{{ else if eq .workflow_run.conclusion "success" }}resolved{{ else }}firing{{ end }}"#,
        "starts_at": "{{ .workflow_run.run_started_at }}",
        "generator_url": "{{ .workflow_run.html_url }}",
    });
    let body = |action: &str, conclusion: &str| {
        json!({
            "action": action,
            "workflow_run": {
                "id": 30433642, "name": "Build", "head_branch": "main", "run_number": 562, "event": "push", "status": "completed",
                "conclusion": conclusion, "html_url": "https://github.test/octo/hello/actions/runs/30433642",
                "run_started_at": "2023-11-14T22:00:00Z",
            },
            "repository": {"name": "hello", "full_name": "octo/hello"},
            "sender": {"login": "octocat"},
        })
    };
    let labels = "alertname=WorkflowFailed,branch=main,repository=octo/hello,tag=,workflow=Build";
    let link = "https://github.test/octo/hello/actions/runs/30433642";
    check(
        &section,
        &body("completed", "failure"),
        &[&format!("{labels} | summary=Build #562 of hello: failure | 2023-11-14T22:00:00Z - | {link}")],
    );
    check(
        &section,
        &body("completed", "success"),
        &[&format!(
            "{labels} | summary=Build #562 of hello: success | 2023-11-14T22:00:00Z 2023-11-14T22:13:20Z | {link}"
        )],
    );
    check(&section, &body("requested", ""), &["ignored"]);
}

#[test]
fn sentrys_issue_alert() {
    let section = json!({
        "labels": {"alertname": "{{ .data.triggered_rule }}", "project": "{{ .data.event.project }}", "level": "{{ .data.event.level }}"},
        "annotations": {"summary": "{{ .data.event.title }}"},
        "starts_at": "{{ .data.event.timestamp }}",
        "generator_url": "{{ .data.event.web_url }}",
    });
    let body = json!({
        "action": "triggered",
        "installation": {"uuid": "a8e5d37a"},
        "data": {
            "event": {"title": "ReferenceError: heck is not defined", "level": "error", "project": 1, "timestamp": 1_699_999_200.673,
                      "web_url": "https://sentry.test/organizations/o/issues/1117540176/events/e/"},
            "triggered_rule": "Very Important Alert Rule!",
        },
        "actor": {"type": "application", "id": "sentry", "name": "Sentry"},
    });
    check(
        &section,
        &body,
        &[
            "alertname=Very Important Alert Rule!,level=error,project=1 | summary=ReferenceError: heck is not defined | 2023-11-14T22:00:00.673Z - | https://sentry.test/organizations/o/issues/1117540176/events/e/",
        ],
    );
}

#[test]
fn uptime_kumas_heartbeat() {
    let section = json!({
        "labels": {"alertname": "Down", "monitor": "{{ .monitor.name }}"},
        "annotations": {"summary": "{{ .msg }}"},
        "status": "{{ if eq .heartbeat.status 0 }}firing{{ else }}resolved{{ end }}",
    });
    let body = |status: u8| {
        json!({
            "heartbeat": {"monitorID": 1, "status": status, "time": "2023-11-14 22:00:00.123", "msg": "connect ECONNREFUSED", "important": true},
            "monitor": {"id": 1, "name": "Shop", "url": "https://shop.test", "type": "http"},
            "msg": "[Shop] [🔴 Down] connect ECONNREFUSED",
        })
    };
    let text = "alertname=Down,monitor=Shop | summary=[Shop] [🔴 Down] connect ECONNREFUSED | -";
    check(&section, &body(0), &[&format!("{text} - | ")]);
    check(&section, &body(1), &[&format!("{text} 2023-11-14T22:13:20Z | ")]);
}

#[test]
fn cloudwatch_through_sns_has_json_in_a_text() {
    let section = json!({
        "alerts": r#"{{ if eq .Type "Notification" }}{{ .Message }}{{ else }}{{ toJson . }}{{ end }}"#,
        "labels": {"alertname": "{{ or .AlarmName .Type }}", "region": "{{ .Region }}", "account": "{{ .AWSAccountId }}"},
        "annotations": {"summary": "{{ or .NewStateReason .Message }}", "link": "{{ .SubscribeURL }}", "topic": "{{ .root.TopicArn }}"},
        "status": r#"{{ if eq .NewStateValue "OK" }}resolved{{ else }}firing{{ end }}"#,
        "starts_at": "{{ .StateChangeTime }}",
    });
    let message = json!({
        "AlarmName": "HighCPU", "AWSAccountId": "123456789012", "NewStateValue": "ALARM", "OldStateValue": "OK", "Region": "EU (Ireland)",
        "NewStateReason": "Threshold Crossed: 1 datapoint [99.0]", "StateChangeTime": "2023-11-14T22:00:00.000+0000",
    });
    let sns = |kind: &str, message: &str| json!({"Type": kind, "MessageId": "m", "TopicArn": "arn:aws:sns:eu-west-1:1:t", "Message": message, "Timestamp": "2023-11-14T22:00:01Z"});
    check(
        &section,
        &sns("Notification", &message.to_string()),
        &[
            "account=123456789012,alertname=HighCPU,region=EU (Ireland) | summary=Threshold Crossed: 1 datapoint [99.0],topic=arn:aws:sns:eu-west-1:1:t | 2023-11-14T22:00:00Z - | ",
        ],
    );
    check(
        &section,
        &sns("Notification", "no JSON"),
        &["alerts: the template prints no JSON: expected ident at line 1 column 2"],
    );
    let confirm = sns("SubscriptionConfirmation", "You have chosen to subscribe");
    assert!(alerts(&section, &confirm)[0].starts_with("account=,alertname=SubscriptionConfirmation,"));
}

#[test]
fn lists_are_found_by_paths() {
    let section =
        |path: &str| json!({"alerts": path, "labels": {"alertname": "X", "n": "{{ .n }}", "env": "{{ .root.env }}"}});
    let body = json!({"env": "prod", "data": [{"items": [{"n": 1}, {"n": 2.5}]}], "one": {"n": "x"}, "none": null, "text": "t"});
    let alert = |n: &str| format!("alertname=X,env=prod,n={n} |  | - - | ");
    check(&section("data.0.items"), &body, &[&alert("1"), &alert("2.5")]);
    check(&section(".one"), &body, &[&alert("x")]);
    check(&section("none"), &body, &[]);
    check(&section("text"), &body, &["alerts: is neither a list nor an object"]);
    check(&section("data.1.items"), &body, &["alerts: there is no \"data.1.items\" in the body"]);
    let whole = json!({"labels": {"n": "{{ .n }}"}});
    check(&whole, &json!([{"n": 1}, {"n": true}]), &["n=1 |  | - - | ", "n=true |  | - - | "]);
    check(&whole, &json!({"n": "a"}), &["n=a |  | - - | "]);
    check(&whole, &json!("a"), &["alerts: is neither a list nor an object"]);
    check(&whole, &json!(vec![1; MOST_ALERTS + 1]), &["alerts: 10001 are more than 10000"]);
}

#[test]
fn panels_and_pictures_are_named_or_linked() {
    let section = json!({"labels": {"a": "b"}, "dashboard": "{{ .d }}", "panel": "{{ .p }}", "image_url": "{{ .i }}"});
    let annotations = |body: &serde_json::Value| {
        let found = alerts(&section, body);
        found[0].split(" | ").nth(1).expect("annotations").to_owned()
    };
    assert_eq!(annotations(&json!({"d": "abc", "p": 2})), "__dashboardUid__=abc,__panelId__=2");
    let link = "https://g.test/d/abc/x?viewPanel=panel-7";
    assert_eq!(annotations(&json!({"p": link})), format!("__panelURL__={link},__dashboardUid__=abc,__panelId__=7"));
    assert_eq!(annotations(&json!({"d": "abc", "i": "javascript:x"})), "");
    assert_eq!(
        annotations(&json!({"i": "https://x.test/a.png"})),
        "__alert_image_url__=https://x.test/a.png,image_url=https://x.test/a.png"
    );
}

#[test]
fn errors_name_the_field() {
    let check = |section: serde_json::Value, expected: &str| {
        let found = alerts(&section, &json!([{"n": 1, "list": []}]));
        assert!(found[0].contains(expected), "{section}: {found:?}");
    };
    check(json!({"labels": {"a": "b", "x": "{{ index .list 3 }}"}}), "labels.x at 1:4: ");
    check(json!({"labels": {"a": "b"}, "status": "broken"}), "status: \"broken\" is not firing, resolved or ignore");
    check(json!({"labels": {"a": "b"}, "starts_at": "soon"}), "starts_at: parsing time \"soon\"");
    check(json!({"labels": {"a": "b"}, "generator_url": "not a url"}), "generator_url: \"not a url\" is not a URL");
}

#[test]
fn what_is_wrong_with_a_section_is_found_at_once() {
    let problems =
        compiled(&json!({"labels": {"a": "{{ .x", "b": "{{ nofunc }}"}, "status": "{{ end }}"})).expect_err("wrong");
    let keys: Vec<_> = problems.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["labels.a", "labels.b", "status"], "{problems:?}");
    assert_eq!(compiled(&json!({})).expect_err("no labels")[0].0, "labels");
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
        "[a-c\0<{]{0,6}".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[a-c]|alert|root|\0", inner, 0..5)
                .prop_map(|fields| fields.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #[test]
    fn no_body_panics(body in any_json()) {
        let section = json!({
            "alerts": "{{ toJson .a }}", "labels": {"x": "{{ .a }}", "y": "{{ range .root.b }}{{ .c }}{{ end }}", "z": "{{ .alert.c.a }}"},
            "annotations": {"x": "{{ len .b }}"}, "status": "{{ .status }}", "starts_at": "{{ .c }}", "dashboard": "{{ .a }}", "panel": "{{ .b }}",
        });
        alerts(&section, &body);
        alerts(&json!({"labels": {"x": "{{ .a.b.c }}"}}), &body);
    }
}
