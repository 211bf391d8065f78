//! Amazon SNS, played by moto: what is published arrives in the queues that are subscribed, also when the end comes quickly.

use serde_json::json;

use crate::support::{
    alerts::{QUICK, alert, config, in_seconds},
    moto::{Heard, Moto, Queue},
    peers,
    server::Server,
};

const KEYS: &str = "sigv4 = { access_key = \"AKID\", secret_key = \"moto-secret\" }\n";

fn receiver(moto: &Moto, queue: &Queue) -> String {
    format!(
        "[[receivers.sns_configs]]\napi_url = \"{}/\"\ntopic_arn = \"{}\"\nattributes = {{ severity = \"{{{{ .CommonLabels.severity }}}}\" }}\n",
        moto.base, queue.topic
    )
}

/// Fires and ends at once; answers what the queue heard.
fn told(server: &Server, moto: &Moto, queue: &Queue) -> Vec<Heard> {
    server.alerts(&json!([alert("DiskFull", "db-1")]));
    let mut heard = moto.wait_for(queue, 1);
    let mut over = alert("DiskFull", "db-1");
    over["endsAt"] = in_seconds(0).into();
    server.alerts(&json!([over]));
    heard.extend(moto.wait_for(queue, 1));
    heard
}

fn check(heard: &[Heard]) {
    let subjects: Vec<&str> = heard.iter().map(|one| one.subject.as_str()).collect();
    assert_eq!(subjects.len(), 2, "{subjects:?}");
    assert!(subjects[0].starts_with("[FIRING:1] DiskFull") && subjects[1].starts_with("[RESOLVED] DiskFull"));
    assert!(heard.iter().all(|one| one.text.contains("DiskFull on db-1")), "{heard:?}");
    assert_eq!(heard[0].attributes["severity"]["Value"], "warning");
}

#[test]
fn topics_of_both_kinds_hear_the_beginning_and_the_quick_end() {
    let Some(python) = peers::moto() else { return };
    let moto = Moto::start(&python);
    for name in ["alerts", "alerts.fifo"] {
        let queue = moto.queue(name);
        let server = Server::start(&config("", QUICK, &[receiver(&moto, &queue), KEYS.to_owned()]));
        check(&told(&server, &moto, &queue));
    }
}

/// No key is configured: the machine's are found in the environment, and a role is taken on with them.
#[test]
fn a_role_is_taken_on_with_the_keys_of_the_environment() {
    let Some(python) = peers::moto() else { return };
    let moto = Moto::start(&python);
    let queue = moto.queue("alerts");
    let role = "sigv4 = { role_arn = \"arn:aws:iam::123456789012:role/alerts\", external_id = \"x\", session_name = \"alerts\", tags = { team = \"shop\" } }\n".to_owned();
    let endpoint = format!("AWS_ENDPOINT_URL={}", moto.base);
    let environment = ["env", &endpoint, "AWS_ACCESS_KEY_ID=AKID", "AWS_SECRET_ACCESS_KEY=machine-secret"];
    let server = Server::start_with(&config("", QUICK, &[receiver(&moto, &queue), role]), None, &environment);
    check(&told(&server, &moto, &queue));
    assert!(!server.log().contains("machine-secret"), "the log shows a secret");
}

/// Without any credentials the destination pauses, and says what is missing.
#[test]
fn nobody_to_sign_as_is_told_in_the_log() {
    let Some(python) = peers::moto() else { return };
    let moto = Moto::start(&python);
    let queue = moto.queue("alerts");
    let environment = ["env", "-u", "AWS_ACCESS_KEY_ID", "AWS_EC2_METADATA_DISABLED=true", "HOME=/nowhere"];
    let server = Server::start_with(&config("", QUICK, &[receiver(&moto, &queue)]), None, &environment);
    server.alerts(&json!([alert("DiskFull", "db-1")]));
    server.wait_for_metric("alertmanager_notifications_failed_total", &["sns", "authError"], 1.0);
    assert!(server.log().contains("no AWS credentials"), "{}", server.log());
}
