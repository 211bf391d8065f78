//! The main job from end to end: a real Prometheus fires, and webhook, mail and Slack get the message with its picture.

use serde_json::Value;

use crate::support::{
    PATIENCE, client,
    mail::MailServer,
    peers,
    picture::{self, Picture},
    prometheus::{Exporter, Place, Prometheus},
    server::Server,
    slack::Slack,
    wait_for, wait_within,
    webhook::{Taken, Webhook},
};

const RULES: &str = r#"
groups:
  - name: shop
    rules:
      - alert: QueueTooLong
        expr: queue_length > 500
        for: 3s
        labels: {severity: critical, team: shop}
        annotations:
          summary: "{{ $labels.queue }} holds {{ $value }} orders"
"#;

const WIDTH: u32 = 800;
const HEIGHT: u32 = 400;

fn config(place: &Place, receivers: &[String]) -> String {
    format!(
        "[[sources]]\nname = \"prometheus\"\ntype = \"prometheus\"\nurl = \"{}\"\n\
         [screenshots]\nrange = \"1m\"\nwidth = {WIDTH}\nheight = {HEIGHT}\nimage_wait = \"20s\"\n\
         [route]\nreceiver = \"team\"\ngroup_by = [\"alertname\"]\ngroup_wait = \"4s\"\ngroup_interval = \"4s\"\nrepeat_interval = \"1h\"\n\
         [[receivers]]\nname = \"team\"\n{}",
        place.base(),
        receivers.join("")
    )
}

#[test]
fn a_real_prometheus_fires_and_the_messages_carry_the_drawn_picture() {
    let (Some(prometheus), Some(python)) = (peers::prometheus(), peers::aiosmtpd()) else { return };
    let (webhook, slack, mails) = (Webhook::start(), Slack::start(), MailServer::start(&python));
    let place = Place::new();
    let server = Server::start(&config(&place, &[webhook.config(), mails.config(), slack.config()]));
    let exporter = Exporter::start(&[("orders", 120.0), ("returns", 80.0), ("mails", 10.0)]);
    let _prometheus = Prometheus::start(&prometheus, &place, &exporter, RULES, &server.base);
    // a curve needs something to rise from
    wait_for("ten quiet scrapes", || (exporter.scrapes() >= 10).then_some(()));
    exporter.set_all(|queue| if queue == "mails" { 10.0 } else { 900.0 });

    let fired = webhook.wait_for(1).remove(0);
    let first = check_firing(&fired);
    check_mail(&mails, 1, "FIRING", &first);
    check_slack(&slack, &first);
    wait_for("a curve above its threshold", || (exporter.scrapes() >= 25).then_some(()));
    exporter.set_all(|_| 20.0);

    let told = wait_within(2 * PATIENCE, "the resolved notification", || {
        let taken = webhook.taken();
        (taken.len() >= 2).then_some(taken)
    });
    assert_eq!(told.iter().map(Taken::status).collect::<Vec<_>>(), ["firing", "resolved"], "one of each");
    let second = check_resolved(&told[1]);
    assert_ne!(first, second, "the pictures are the same");
    check_mail(&mails, 2, "RESOLVED", &second);
}

/// One notification about both alerts, with a link to a picture of the right content; answers the picture.
fn check_firing(fired: &Taken) -> Vec<u8> {
    assert_eq!(fired.status(), "firing");
    assert_eq!(fired.values("queue"), ["orders", "returns"], "one notification about both");
    assert_eq!(fired.payload["groupLabels"], serde_json::json!({"alertname": "QueueTooLong"}));
    assert_eq!(fired.alerts()[0]["annotations"]["summary"], "orders holds 900 orders");
    let png = linked_picture(fired);
    let drawn = Picture::decode(&png);
    check_pixels(&drawn, "threshold", picture::THRESHOLD, 100);
    check_pixels(&drawn, "curve", picture::CURVE, 100);
    check_pixels(&drawn, "mark of the beginning", picture::MARK_BEGAN, 100);
    check_pixels(&drawn, "mark of the firing", picture::MARK_FIRING, 100);
    check_pixels(&drawn, "ground", picture::PANEL, 10_000);
    assert_eq!(drawn.count(picture::MARK_RESOLVED), 0, "nothing is resolved yet");
    png
}

fn check_resolved(resolved: &Taken) -> Vec<u8> {
    assert_eq!(resolved.values("queue"), ["orders", "returns"]);
    assert!(resolved.alerts().iter().all(|alert| alert["status"] == "resolved"));
    let png = linked_picture(resolved);
    let drawn = Picture::decode(&png);
    check_pixels(&drawn, "threshold", picture::THRESHOLD, 100);
    check_pixels(&drawn, "mark of the resolution", picture::MARK_RESOLVED, 100);
    png
}

/// The one picture of a notification, fetched behind its link, as the notification says it is.
fn linked_picture(taken: &Taken) -> Vec<u8> {
    let [image] = &taken.images()[..] else { panic!("one picture, not {:?}", taken.images()) };
    let text = |field: &str| image[field].as_str().unwrap_or_else(|| panic!("{field} in {image}"));
    let answer = client::get(text("url"));
    assert_eq!((answer.status, answer.content_type.as_str()), (200, "image/png"), "{}", text("url"));
    let drawn = Picture::decode(&answer.body);
    assert_eq!((drawn.width, drawn.height), (WIDTH, HEIGHT));
    assert_eq!((&image["width"], &image["height"]), (&Value::from(WIDTH), &Value::from(HEIGHT)));
    assert_eq!(text("sha256"), sha256(&answer.body));
    assert!(text("alt").contains("500"), "the alternative text names the threshold: {}", text("alt"));
    assert!(taken.alerts().iter().all(|alert| alert["imageURL"] == image["url"]));
    answer.body
}

/// The mail shows the same picture in its text.
fn check_mail(mails: &MailServer, count: usize, subject: &str, picture: &[u8]) {
    let mail = mails.wait_for(count).remove(count - 1);
    assert!(mail.subject().contains(subject) && mail.subject().contains("QueueTooLong"), "{}", mail.subject());
    assert!(mail.text().contains("queue"), "{}", mail.text());
    let pictures = mail.inline_pictures();
    assert_eq!(pictures.len(), 1, "one picture in the text of the mail");
    assert_eq!(sha256(&pictures[0]), sha256(picture));
}

/// Slack gets the message, then the picture into its thread.
fn check_slack(slack: &Slack, picture: &[u8]) {
    let requests = slack.wait_for(4);
    let expected = ["chat.postMessage", "files.getUploadURLExternal", "upload", "files.completeUploadExternal"];
    assert_eq!(slack.calls()[..4], expected);
    assert_eq!(requests[0].json()["channel"], "#alerts");
    assert!(String::from_utf8_lossy(&requests[0].body).contains("QueueTooLong"));
    assert_eq!(sha256(&requests[2].body), sha256(picture));
    assert_eq!(requests[2].header("authorization"), None, "the token goes to the API only");
    assert_eq!(requests[3].json()["thread_ts"], "1700000000.000100");
}

fn check_pixels(drawn: &Picture, what: &str, colour: [u8; 3], least: usize) {
    let count = drawn.count(colour);
    assert!(count >= least, "{what}: {count} pixels of {colour:02x?}, at least {least} expected");
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
