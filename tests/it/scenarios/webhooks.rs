//! Alerts by webhook and by event: with the panel that Grafana names, with a picture of their own, with series of their own.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::support::{
    alerts::{QUICK, alert, config, in_seconds},
    client,
    http_server::{HttpServer, Reply},
    picture::{CURVE, MARK_FIRING, Picture, THRESHOLD},
    server::Server,
    webhook::{Taken, Webhook},
};

/// A picture of a panel, 1000 by 500 pixels.
const PNG: &[u8] = include_bytes!("../../../images/tests/golden/firing.png");
const SCREENSHOTS: &str = "[screenshots]\nimage_wait = \"20s\"\n";

fn with_bytes(webhook: &Webhook) -> String {
    format!("{}images = \"upload\"\nimage_encoding = \"base64\"\n", webhook.config())
}

fn bytes(told: &Taken) -> Vec<u8> {
    BASE64_STANDARD.decode(told.images()[0]["data"].as_str().expect("the file")).expect("base64")
}

fn post(server: &Server, path: &str, body: &Value) {
    let answer = client::post(&server.url(path), body.to_string());
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[test]
fn a_webhook_of_grafana_leads_to_the_picture_of_its_panel() {
    let grafana = HttpServer::start(|request| match request.path.as_str() {
        "/render/d-solo/nodes1/_" => Reply::new(200, "image/png", PNG),
        _ => Reply::text(404, "not here"),
    });
    let webhook = Webhook::start();
    let sections = format!(
        "[[sources]]\nname = \"other\"\ntype = \"grafana\"\nurl = \"http://127.0.0.1:9\"\n\
         [[sources]]\nname = \"graf\"\ntype = \"grafana\"\nurl = \"{}\"\nexternal_urls = [\"https://grafana.test/g\"]\n{SCREENSHOTS}",
        grafana.base()
    );
    let server = Server::start(&config(&sections, QUICK, &[webhook.config()]));
    let body = |status: &str, ends_at: &str| {
        json!({
            "receiver": "wirephoto", "status": status, "version": "1", "externalURL": "https://grafana.test/g/", "truncatedAlerts": 0,
            "alerts": [{
                "status": status, "labels": {"alertname": "DiskFull", "instance": "db-1"}, "annotations": {"summary": "full"},
                "startsAt": in_seconds(-60), "endsAt": ends_at, "generatorURL": "", "fingerprint": "57c6d9296de2ad39",
                "dashboardURL": "https://grafana.test/g/d/nodes1?orgId=1", "panelURL": "https://grafana.test/g/d/nodes1?orgId=1&viewPanel=4",
                "imageURL": "https://bucket.test/a.png", "values": {"B": 97}, "valueString": "[ var='B' ]",
            }],
        })
    };
    post(&server, "/webhook/grafana", &body("firing", "0001-01-01T00:00:00Z"));
    let told = webhook.wait_for(1).remove(0);
    let link = told.images()[0]["url"].as_str().expect("a link");
    assert_eq!(client::get(link).body, PNG);
    let shown = &told.alerts()[0];
    assert_eq!(shown["imageURL"], link, "its own picture comes before the sender's");
    assert_eq!(shown["annotations"]["image_url"], "https://bucket.test/a.png");
    assert!(server.listed()[0]["endsAt"].as_str().expect("an end") > in_seconds(23 * 3_600).as_str());
    post(&server, "/webhook/grafana", &body("resolved", &in_seconds(-1)));
    assert_eq!(webhook.wait_for(2)[1].status(), "resolved");
}

#[test]
fn a_picture_that_comes_with_an_event_is_sent_byte_for_byte_also_after_a_crash() {
    let webhook = Webhook::start();
    // no source at all: only events that bring a picture have one
    let mut server = Server::start(&config(SCREENSHOTS, QUICK, &[with_bytes(&webhook)]));
    let event = |name: &str| {
        json!({
            "labels": {"alertname": name, "host": "db-1"},
            "annotations": {"summary": "the nightly report looks wrong"},
            "image": {"data": BASE64_STANDARD.encode(PNG), "title": "Report", "alt": "a curve that ends too high"},
        })
    };
    post(&server, "/events", &event("ReportWrong"));
    let told = webhook.wait_for(1).remove(0);
    assert_eq!(bytes(&told), PNG);
    let image = &told.images()[0];
    assert_eq!((&image["title"], &image["alt"]), (&json!("Report"), &json!("a curve that ends too high")));
    assert_eq!(told.alerts()[0]["labels"]["host"], "db-1");
    post(&server, "/events", &event("ReportWrongAgain"));
    server.kill();
    server.restart();
    let told = webhook.wait_for(2).remove(1);
    assert_eq!(told.alerts()[0]["labels"]["alertname"], "ReportWrongAgain");
    assert_eq!(bytes(&told), PNG);
    server.wait_for_metric("wirephoto_own_pictures_bytes", &[], PNG.len() as f64);
}

#[test]
fn series_that_come_with_an_event_are_drawn() {
    let webhook = Webhook::start();
    let server = Server::start(&config(SCREENSHOTS, QUICK, &[with_bytes(&webhook)]));
    let now = jiff::Timestamp::now().as_second();
    let points: Vec<Value> = (0..=60).map(|at| json!([now - 600 + at * 10, at])).collect();
    let series = json!({
        "title": "Queue of jobs", "series": [{"name": "jobs", "points": points}], "thresholds": [{"value": 45, "side": "above"}],
    });
    post(&server, "/events", &json!({"events": [{"labels": {"alertname": "QueueLong"}, "series": series}]}));
    let told = webhook.wait_for(1).remove(0);
    let picture = Picture::decode(&bytes(&told));
    for (what, colour) in [("curve", CURVE), ("threshold", THRESHOLD), ("mark", MARK_FIRING)] {
        assert!(picture.count(colour) > 100, "{what}");
    }
    assert_eq!(told.images()[0]["title"], "Queue of jobs");
    assert!(told.images()[0]["alt"].as_str().expect("words").contains("jobs"), "{:?}", told.images()[0]["alt"]);
}

#[test]
fn a_webhook_that_leads_back_does_not_go_round_for_ever() {
    let webhook = Webhook::start();
    let server = Server::start(&config("", QUICK, &[webhook.config()]));
    server.alerts(&json!([alert("Loop", "a")]));
    let told = webhook.wait_for(1).remove(0);
    assert_eq!(told.payload["externalURL"], server.base.as_str());
    let answer = client::post(&server.url("/webhook/alertmanager"), told.payload.to_string());
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("leads back to it"), "{}", answer.text());
    let mut other = told.payload;
    other["externalURL"] = "http://other.test".into();
    other["alerts"][0]["labels"]["alertname"] = "Elsewhere".into();
    post(&server, "/webhook/alertmanager", &other);
    assert_eq!(server.listed().len(), 2);
    assert!(server.process().output().contains("sent back to it"));
}
