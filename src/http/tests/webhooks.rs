//! Webhooks, and the pictures of events.

use std::time::Duration;

use alerts::{
    own::{OWN_PICTURE, Own},
    ports::{NotKept, OwnPictures},
    record::AlertRecord,
};
use base64::{Engine, prelude::BASE64_STANDARD};

use super::{super::webhooks::Webhooks, *};
use crate::config;

const HOUR: Duration = Duration::from_secs(3_600);

fn with(sections: &str) -> Bench {
    let settings = config::from_text("test.toml", sections, std::path::Path::new(""), &|_| None);
    let settings = settings.unwrap_or_else(|problems| panic!("{problems}"));
    let bench = Bench::new();
    *bench.services.webhooks.write() = Arc::new(Webhooks::new(&settings.webhooks, HOUR, "http://me.test/am"));
    bench
}

fn record(bench: &Bench, n: &str) -> AlertRecord {
    let all = (0..AlertTable::SHARDS).flat_map(|shard| bench.services.table.records(shard));
    all.into_iter().find(|alert| alert.blob.label("n") == Some(n)).expect("the alert")
}

#[actix_web::test]
async fn grafana_and_alertmanager_tell_of_alerts() {
    let bench = with("");
    let check = async |path: &str, body: &str, status: u16, expected: &str| {
        let answer = bench.post(path, body).await;
        assert_eq!(answer.status.as_u16(), status, "{body}: {}", answer.body);
        assert!(answer.body.contains(expected), "{body}: {}", answer.body);
    };
    let zero = "0001-01-01T00:00:00Z";
    let alert = |n: u8| {
        format!(r#"{{"status":"firing","labels":{{"n":"{n}"}},"startsAt":"2023-11-14T22:00:00Z","endsAt":"{zero}"}}"#)
    };
    check("/webhook/grafana", &format!(r#"{{"alerts":[{}]}}"#, alert(1)), 200, "").await;
    let body = format!(
        r#"{{"version":"4","externalURL":"http://other.test","truncatedAlerts":3,"alerts":[{},{{"labels":{{}}}}]}}"#,
        alert(2)
    );
    check("/webhook/alertmanager", &body, 400, r#""alert 2 of 2: at least one label pair required""#).await;
    check("/webhook/alertmanager", "[]", 400, r#"{"code":400,"message":"the body must be an object"#).await;
    check("/webhook/grafana", "{", 400, "the body is not JSON").await;
    check("/webhook/other", "{}", 404, "path /webhook/other was not found").await;
    assert_eq!(bench.listed("").await, ["1", "2"]);
    assert_eq!(record(&bench, "1").ends_at, Time::from_secs(NOW + 3_600), "they go on for an hour, not five minutes");
    let resolved = r#"{"alerts":[{"status":"resolved","labels":{"n":"1"},"endsAt":"2023-11-14T22:10:00Z"}]}"#;
    check("/webhook/grafana", resolved, 200, "").await;
    assert_eq!(bench.listed("").await, ["2"]);
    let text = bench.get("/metrics").await.body;
    for line in [
        r#"alertmanager_alerts_received_total{status="firing",version="grafana"} 1"#,
        r#"alertmanager_alerts_received_total{status="resolved",version="grafana"} 1"#,
        r#"alertmanager_alerts_invalid_total{version="alertmanager"} 2"#,
        r#"wirephoto_webhook_truncated_alerts_total{version="alertmanager"} 3"#,
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

#[actix_web::test]
async fn what_it_told_itself_is_not_taken() {
    let bench = with("");
    for path in ["/webhook/alertmanager", "/webhook/grafana"] {
        let body = r#"{"externalURL":"http://me.test/am/","alerts":[{"labels":{"n":"1"}}]}"#;
        let answer = bench.post(path, body).await;
        assert_eq!(answer.status.as_u16(), 400);
        assert!(answer.body.contains("leads back to it"), "{}", answer.body);
    }
    assert_eq!(bench.listed("").await, Vec::<String>::new());
    let text = bench.get("/metrics").await.body;
    assert!(text.contains(r#"wirephoto_http_refused_total{reason="loop"} 2"#), "{text}");
}

#[actix_web::test]
async fn webhooks_of_the_configuration() {
    let bench = with(
        "[[webhooks]]\nname = 'kuma'\nlabels = { n = '{{ .monitor.name }}' }\nresolve_timeout = '2h'\n\
         status = '{{ if eq .heartbeat.status 0 }}firing{{ else }}resolved{{ end }}'\n\
         [[webhooks]]\nname = 'sns'\nbearer_token = 't0ken'\nalerts = '{{ .Message }}'\nlabels = { n = '{{ .AlarmName }}' }",
    );
    let answer = bench.post("/webhook/kuma", r#"{"heartbeat":{"status":0},"monitor":{"name":"1"}}"#).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, ""));
    assert_eq!(record(&bench, "1").ends_at, Time::from_secs(NOW + 7_200));
    let answer =
        bench.post("/webhook/kuma", r#"[{"heartbeat":{"status":0},"monitor":{"name":"2"}},{"heartbeat":[]}]"#).await;
    assert_eq!(answer.status.as_u16(), 400);
    assert!(answer.body.contains("alert 2 of 2: status at 1:"), "{}", answer.body);
    let text = "text/plain; charset=UTF-8";
    assert_eq!(bench.post_as(text, "/webhook/kuma", "{}".to_owned()).await.status.as_u16(), 415);
    let sns = r#"{"Type":"Notification","Message":"{\"AlarmName\":\"3\"}"}"#;
    let post = async |token: &str| {
        let request = test::TestRequest::post().uri("/webhook/sns").insert_header(("authorization", token.to_owned()));
        bench.send(with_body(request, text, sns.to_owned())).await
    };
    let refused = post("Bearer wrong").await;
    assert_eq!((refused.status.as_u16(), refused.header(header::WWW_AUTHENTICATE)), (401, "Bearer"));
    assert!(
        refused.body.contains("webhook sns: the token is wrong") && !refused.body.contains("t0ken"),
        "{}",
        refused.body
    );
    assert_eq!(post("Bearer t0ken").await.status.as_u16(), 200);
    assert_eq!(bench.listed("").await, ["1", "2", "3"]);
    let text = bench.get("/metrics").await.body;
    for line in [
        r#"alertmanager_alerts_received_total{status="firing",version="webhook/sns"} 1"#,
        r#"wirephoto_http_refused_total{reason="webhook_login"} 1"#,
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

/// Keeps what begins with PNG's signature.
struct Shelf(Mutex<Vec<Own>>);

#[async_trait::async_trait]
impl OwnPictures for Shelf {
    async fn keep(&self, picture: Own) -> Result<String, NotKept> {
        match &picture {
            Own::Image { file, .. } if file.is_empty() => return Err(NotKept::Failed("disk full".to_owned())),
            Own::Image { file, .. } if !file.starts_with(b"\x89PNG") => {
                return Err(NotKept::Refused("neither PNG nor JPEG".to_owned()));
            }
            _ => {}
        }
        self.0.lock().push(picture);
        Ok("ab".repeat(32))
    }
}

fn shelf(bench: &Bench) -> Arc<Shelf> {
    let shelf = Arc::new(Shelf(Mutex::default()));
    *bench.services.own_pictures.write() = Some(shelf.clone());
    shelf
}

#[actix_web::test]
async fn pictures_of_events_are_kept_and_never_cost_the_event() {
    let bench = with("");
    let shelf = shelf(&bench);
    let png = BASE64_STANDARD.encode(b"\x89PNG...");
    let check = async |n: u8, fields: &str, status: u16, expected: &str, kept: bool| {
        let body = format!(r#"[{{"labels":{{"n":"{n}"}}{fields}}}]"#);
        let answer = bench.post("/events", body).await;
        assert_eq!(answer.status.as_u16(), status, "{fields}: {}", answer.body);
        assert!(answer.body.contains(expected), "{fields}: {}", answer.body);
        let record = record(&bench, &n.to_string());
        let named = record.blob.annotation_pairs().any(|(name, value)| name == OWN_PICTURE && value == "ab".repeat(32));
        assert_eq!(named, kept, "{fields}");
    };
    let taken = "(the event was taken without its picture)";
    check(1, &format!(r#","image":{{"data":"{png}","title":"t"}}"#), 200, "", true).await;
    check(2, r#","series":{"series":[{"points":[[1700000000,1]]}]}"#, 200, "", true).await;
    check(3, r#","image":{"data":"aGVsbG8="}"#, 400, &format!("event 0: image: neither PNG nor JPEG {taken}"), false)
        .await;
    check(4, r#","image":{"data":"!"}"#, 400, &format!("event 0: image.data: not base64 at byte 0 {taken}"), false)
        .await;
    check(5, r#","image":{"data":""}"#, 200, "", false).await;
    check(6, r#","series":{"series":[]}"#, 400, "event 0: series.series: there is no point", false).await;
    check(7, r#","annotations":{"__wirephoto_picture__":"0"}"#, 200, "", false).await;
    assert_eq!(shelf.0.lock().len(), 2);
    *bench.services.own_pictures.write() = None;
    check(8, &format!(r#","image":{{"data":"{png}"}}"#), 200, "", false).await;
}

#[actix_web::test]
async fn pictures_may_come_beside_the_events_in_a_form() {
    let bench = with("");
    let shelf = shelf(&bench);
    let events = r#"{"labels":{"n":"1"},"image":{"part":"chart","title":"t"}}"#;
    let form = |events: &str| {
        format!(
            "--B\r\nContent-Disposition: form-data; name=\"events\"\r\n\r\n{events}\r\n\
             --B\r\nContent-Disposition: form-data; name=\"chart\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n\u{0}PNG\r\n...\r\n--B--\r\n"
        )
    };
    let kind = "multipart/form-data; boundary=B";
    let answer = bench.post_as(kind, "/events", form(events)).await;
    // what is no picture is refused, whichever way it came
    assert_eq!(answer.status.as_u16(), 400, "{}", answer.body);
    let series = r#"{"labels":{"n":"2"},"series":{"series":[{"points":[[1700000000,1]]}]}}"#;
    assert_eq!(bench.post_as(kind, "/events", form(series)).await.status.as_u16(), 200);
    assert_eq!((bench.listed("").await, shelf.0.lock().len()), (vec!["1".to_owned(), "2".to_owned()], 1));
    let check = async |kind: &str, body: &str, words: &str| {
        let answer = bench.post_as(kind, "/events", body.to_owned()).await;
        assert_eq!(answer.status.as_u16(), 400, "{body}");
        assert!(answer.body.contains(words), "{}", answer.body);
    };
    check(kind, "--B\r\n\r\nx\r\n--B--", "no part named \\\"events\\\"").await;
    check("multipart/form-data; boundary=X", &form(events), "not the form that its Content-Type says").await;
    check("multipart/form-data", &form(events), "not the form that its Content-Type says").await;
    let request = test::TestRequest::post().uri("/events").insert_header(("origin", "https://evil.test"));
    assert_eq!(bench.send(with_body(request, kind, form(events))).await.status.as_u16(), 403);
}
