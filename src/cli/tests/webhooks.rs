//! `wirephoto webhook-test`.

use super::*;

const CONFIG: &str = "[[webhooks]]\nname = 'kuma'\nlabels = { alertname = 'Down', monitor = '{{ .monitor.name }}' }\n\
                      status = '{{ if eq .heartbeat.status 0 }}firing{{ else }}resolved{{ end }}'\n";

/// What the command says of a body: exit, the alerts, what is wrong.
fn check(name: &str, body: &str, exit: Exit, expected: &[&str], wrong: &str) {
    let (_folder, config) = file(CONFIG);
    let (_body_folder, file) = file_called("body.json", body);
    let (found, out, err) = said(&["webhook-test", name, &file, "--config", &config], &Remembers::default());
    assert_eq!(found, exit, "{body}: {err}");
    assert!(expected.iter().all(|words| out.contains(words)), "{body}: {out}");
    assert!(err.contains(wrong), "{body}: {err}");
}

#[test]
fn a_body_on_trial_becomes_alerts_and_goes_nowhere() {
    let kuma = r#"{"heartbeat":{"status":0},"monitor":{"name":"Shop"}}"#;
    check("kuma", kuma, Exit::Success, &[r#""monitor": "Shop""#, r#""status": "firing""#], "");
    let mixed = r#"[{"heartbeat":{"status":0},"monitor":{"name":"Shop"}},{"heartbeat":[]}]"#;
    check("kuma", mixed, Exit::Failure, &[r#""monitor": "Shop""#], "alert 2 of 2: status at 1:");
    let grafana = r#"{"truncatedAlerts":2,"alerts":[{"status":"firing","labels":{"a":"b"},"panelURL":"https://g.test/d/u?viewPanel=3"}]}"#;
    check("grafana", grafana, Exit::Success, &[r#""__panelId__": "3""#], "left 2 alerts out");
    check("kuma", "{", Exit::Failure, &[], "the body is not JSON");
    check("other", "{}", Exit::Failure, &[], "there is no webhook \"other\"; there are alertmanager, grafana, kuma");
}
