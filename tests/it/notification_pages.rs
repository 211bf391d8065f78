//! The pages and the API of notifications from outside: what they show, and what is sent again for whom.

use actix_web::{
    http::{StatusCode, header::HeaderMap},
    test::TestRequest,
};
use alerts::{
    Time,
    message::{Delivery, DeliveryId, Receipt},
    picture::PictureId,
    ports::{Change, DropReason, HistoryEntry, Outcome, Store},
};
use async_trait::async_trait;
use parking_lot::Mutex;
use serde_json::{Value, json};
use wirephoto::pages::{Resend, ResendRefused};

use crate::{
    pages::{HOSTILE, Site, check_is_harmless},
    store_conformance::{delivery, picture},
};

/// Sends nothing, but remembers what it was asked to send again; refuses once it is told to.
#[derive(Default)]
pub struct Sender {
    asked: Mutex<Vec<u64>>,
    refuse: Mutex<Option<ResendRefused>>,
}

#[async_trait]
impl Resend for Sender {
    async fn resend(&self, entry: HistoryEntry) -> Result<DeliveryId, ResendRefused> {
        if let Some(refused) = self.refuse.lock().clone() {
            return Err(refused);
        }
        self.asked.lock().push(entry.delivery.id.0);
        Ok(DeliveryId(1_000))
    }
}

const FLUSHED: i64 = 1_699_999_000;

fn one(id: u64, group: &str) -> Delivery {
    Delivery {
        flushed_at: Time::from_secs(FLUSHED + id as i64),
        attempts: 1,
        ..delivery(id, "team/slack/1f00a5", group)
    }
}

fn done(delivery: Delivery, outcome: Outcome, pictures: &[&str]) -> Change {
    let pictures = pictures.iter().map(|name| PictureId((*name).into())).collect();
    let at = delivery.flushed_at.plus(std::time::Duration::from_secs(5));
    let entry = HistoryEntry { at, delivery, outcome, pictures };
    Change::DeliveryDone { id: entry.delivery.id, log: None, history: Some(Box::new(entry)) }
}

/// 1 sent with a picture that is there and one that retention took, 2 degraded, 3 a dead letter, 4 pending after two attempts, 5 a
/// dead letter after which 6 was sent to the same group.
fn site() -> Site {
    let site = Site::new("/wire");
    let receipt = Receipt { message: json!({ "ts": "1.2" }), ..Receipt::default() };
    let sent = Outcome::Sent { degraded: None };
    let dead = |reason| Outcome::Dropped(reason);
    let failed =
        |id, group: &str, error: &str| Delivery { attempts: 3, last_error: Some(error.to_owned()), ..one(id, group) };
    site.database
        .commit(&[
            Change::Picture(picture("abcdefghijklmnopqrst", 1)),
            done(Delivery { receipt: Some(receipt), ..one(1, "g1") }, sent.clone(), &["abcdefghijklmnopqrst", "gone"]),
            done(one(2, "g2"), Outcome::Sent { degraded: Some("the picture was too large".to_owned()) }, &[]),
            done(failed(3, "g3", "400: no such channel"), dead(DropReason::Rejected), &[]),
            Change::Delivery(Box::new(failed(4, "g4", "503: try later"))),
            done(failed(5, "g5", "500: oops"), dead(DropReason::Expired), &[]),
            done(one(6, "g5"), sent, &[]),
        ])
        .unwrap();
    site
}

async fn api(site: &Site, path: &str) -> Value {
    serde_json::from_str(&site.page(path).await).unwrap()
}

fn ids(answer: &Value) -> Vec<u64> {
    answer["notifications"].as_array().unwrap().iter().map(|one| one["id"].as_u64().unwrap()).collect()
}

#[actix_web::test]
async fn the_api_says_what_became_of_each() {
    let site = site();
    let answer = api(&site, "/wirephoto/v1/notifications").await;
    assert_eq!(ids(&answer), [6, 5, 4, 3, 2, 1]);
    assert_eq!(answer["nextCursor"], Value::Null);
    let by_id = |id: usize| &answer["notifications"][6 - id];
    let states: Vec<_> = (1..=6).map(|id| by_id(id)["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["sent", "degraded", "dead_letter", "pending", "dead_letter", "sent"]);
    let sent = by_id(1);
    assert_eq!(
        (&sent["answer"], &sent["attempts"], &sent["error"]),
        (&json!({ "ts": "1.2" }), &json!(1), &Value::Null)
    );
    assert_eq!(
        (sent["flushedAt"].as_str(), sent["sentAt"].as_str()),
        (Some("2023-11-14T21:56:41Z"), Some("2023-11-14T21:56:46Z"))
    );
    assert_eq!(sent["alerts"][0]["labels"]["alertname"], "disk");
    assert_eq!(sent["alerts"][0]["annotations"]["summary"], "disk in version 1");
    assert_eq!(
        (&sent["reason"], &sent["groupKey"], &sent["firing"], &sent["resolved"]),
        (&json!("new alerts added"), &json!("g1"), &json!(1), &json!(1))
    );
    let path = sent["pictures"][0]["path"].as_str().unwrap();
    assert!(path.starts_with("/wire/images/abcdefghijklmnopqrst.png?e=") && sent["pictures"][1].is_null(), "{path}");
    assert_eq!(by_id(2)["degraded"], "the picture was too large");
    let dead = by_id(3);
    assert_eq!(
        (&dead["error"], &dead["givenUpBecause"], &dead["attempts"]),
        (&json!("400: no such channel"), &json!("rejected"), &json!(3))
    );
    assert_eq!((&dead["canBeSentAgain"], &dead["sentAt"]), (&json!(true), &Value::Null));
    let pending = by_id(4);
    assert_eq!(
        (&pending["error"], &pending["nextAttemptAt"]),
        (&json!("503: try later"), &json!("1970-01-01T00:01:00Z"))
    );
    assert_eq!(&api(&site, "/wirephoto/v1/notifications/3").await, dead);
}

#[actix_web::test]
async fn the_api_filters_and_turns_pages() {
    let site = site();
    for (query, expected) in [
        ("state=dead_letter", &[5, 3][..]),
        ("state=pending,degraded", &[4, 2]),
        ("state=pending&state=sent", &[6, 4, 1]),
        ("receiver=team&group=g5", &[6, 5]),
        ("receiver=nobody", &[]),
        ("integration=email", &[]),
        ("integration=team/slack/1f00a5&to=2023-11-14T21:56:42Z", &[2, 1]),
        ("from=2023-11-14T21:56:45Z", &[6, 5]),
        ("alert=alertname%3D%22cpu%22&limit=2", &[6, 5]),
        ("alert=nothing", &[]),
    ] {
        assert_eq!(ids(&api(&site, &format!("/wirephoto/v1/notifications?{query}")).await), expected, "{query}");
    }
    let first = api(&site, "/wirephoto/v1/notifications?limit=4").await;
    assert_eq!((ids(&first), &first["nextCursor"]), (vec![6, 5, 4, 3], &json!("3")));
    let second = api(&site, "/wirephoto/v1/notifications?limit=4&cursor=3").await;
    assert_eq!((ids(&second), &second["nextCursor"]), (vec![2, 1], &Value::Null));
    for query in ["state=lost", "from=x", "alert=a%3D~(", "cursor=x"] {
        let (status, _, body) = site.get(&format!("/wirephoto/v1/notifications?{query}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}: {body}");
        assert!(serde_json::from_str::<Value>(&body).unwrap()["error"].is_string());
    }
    for path in ["/wirephoto/v1/notifications/99", "/wirephoto/v1/notifications/x", "/notifications/99"] {
        assert_eq!(site.get(path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

#[actix_web::test]
async fn only_a_dead_letter_that_is_the_last_word_is_sent_again() {
    let site = site();
    let script = |id: u64| site.answer(TestRequest::post().uri(&format!("/wirephoto/v1/notifications/{id}/resend")));
    let (status, _, body) = script(3).await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, r#"{"id":1000}"#));
    assert_eq!(*site.sender.asked.lock(), [3]);
    for (id, expected, words) in [
        (1, StatusCode::CONFLICT, "was sent"),
        (2, StatusCode::CONFLICT, "was sent"),
        (4, StatusCode::CONFLICT, "still on its way"),
        (5, StatusCode::CONFLICT, "something newer"),
        (99, StatusCode::NOT_FOUND, "no such notification"),
    ] {
        let (status, _, body) = script(id).await;
        assert!(status == expected && body.contains(words), "{id}: {status} {body}");
    }
    *site.sender.refuse.lock() = Some(ResendRefused::NotNow("the machine stops".to_owned()));
    let (status, _, body) = script(3).await;
    assert_eq!((status, body.as_str()), (StatusCode::SERVICE_UNAVAILABLE, r#"{"error":"the machine stops"}"#));
    assert_eq!(*site.sender.asked.lock(), [3], "nothing else was sent");
}

fn location(headers: &HeaderMap) -> &str {
    headers.get("location").unwrap().to_str().unwrap()
}

#[actix_web::test]
async fn the_button_sends_again_and_other_sites_do_not() {
    let site = site();
    let (status, headers, _) = site.submit("/notifications/3/resend", &[]).await;
    assert_eq!((status, location(&headers)), (StatusCode::SEE_OTHER, "/wire/notifications/1000?done=resent"));
    let (status, _, body) = site.submit("/notifications/5/resend", &[]).await;
    assert!(status == StatusCode::CONFLICT && body.contains("something newer"), "{body}");
    for path in ["/notifications/3/resend", "/wirephoto/v1/notifications/3/resend"] {
        let request = TestRequest::post().uri(path).insert_header(("sec-fetch-site", "cross-site"));
        assert_eq!(site.answer(request).await.0, StatusCode::FORBIDDEN, "{path}");
        let request = TestRequest::post().uri(path).insert_header(("origin", "https://evil.example"));
        assert_eq!(site.answer(request).await.0, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(*site.sender.asked.lock(), [3]);
}

#[actix_web::test]
async fn the_pages_show_them() {
    let site = site();
    let list = site.page("/notifications").await;
    for words in [
        "Not delivered",
        "Trying again",
        "Sent without pictures",
        "400: no such channel",
        "Send again",
        "disk, cpu",
        "1 firing, 1 resolved",
        "3 attempts",
    ] {
        assert!(list.contains(words), "{words} in {list}");
    }
    assert_eq!(list.matches("<article").count(), 6);
    assert_eq!(list.matches("Send again").count(), 1, "not where something newer was told");
    let dead = site.page("/notifications?state=dead_letter").await;
    assert_eq!(dead.matches("<article").count(), 2);
    assert!(dead.contains(r#"aria-current="page">Not delivered <span class="count">2</span>"#), "{dead}");
    assert!(site.page("/notifications?alert=nothing").await.contains("No such notification"));
    assert!(site.page("/notifications?state=lost").await.contains("there is no state &quot;lost&quot;"));
    let sent = site.page("/notifications/1").await;
    for words in [
        "/wire/images/abcdefghijklmnopqrst.png?e=",
        "1 picture was deleted",
        "New alerts added",
        "{&quot;ts&quot;:&quot;1.2&quot;}",
        "disk in version 1",
    ] {
        assert!(sent.contains(words), "{words} in {sent}");
    }
    assert!(!sent.contains("Send again"));
    assert!(site.page("/notifications/3").await.contains("Send again"));
    let outdated = site.page("/notifications/5").await;
    assert!(!outdated.contains("Send again") && outdated.contains(r#"href="/wire/notifications/6""#), "{outdated}");
}

#[actix_web::test]
async fn hostile_words_do_nothing() {
    let site = Site::new("");
    let mut hostile = one(1, HOSTILE);
    hostile.receiver = HOSTILE.to_owned();
    hostile.integration = alerts::message::IntegrationKey(HOSTILE.into());
    hostile.last_error = Some(HOSTILE.to_owned());
    hostile.group_labels = [(HOSTILE, HOSTILE)].into_iter().collect();
    hostile.receipt = Some(Receipt { message: HOSTILE.into(), ..Receipt::default() });
    for told in &mut hostile.alerts {
        told.alert.labels = [("alertname", HOSTILE), (HOSTILE, HOSTILE)].into_iter().collect();
        told.alert.annotations = told.alert.labels.clone();
    }
    site.database.commit(&[done(hostile, Outcome::Dropped(DropReason::Rejected), &[])]).unwrap();
    for path in [
        "/notifications",
        "/notifications/1",
        "/notifications?alert=%22%3E%3Cscript%3Ealert(%22x%22)&group=%3C%22&from=%3Cx",
    ] {
        check_is_harmless(path, &site.page(path).await);
    }
}
