//! Silences over HTTP.

use alerts::ports::SilenceRefused;

use super::*;

const SILENCES: &str = "/api/v2/silences";

/// Seconds from now on.
fn at(seconds: i64) -> String {
    Time::from_secs(NOW + seconds).rfc3339_millis()
}

impl Bench {
    /// Makes a silence of matchers as the API writes them, over seconds from now on; answers its id.
    async fn silence(&self, matchers: serde_json::Value, from: i64, to: i64) -> String {
        let body = serde_json::json!({
            "matchers": matchers, "startsAt": at(from), "endsAt": at(to), "createdBy": "me", "comment": "c",
        });
        let answer = self.post(SILENCES, body.to_string()).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let json: serde_json::Value = serde_json::from_str(&answer.body).expect("it is JSON");
        json["silenceID"].as_str().expect("it is a text").to_owned()
    }

    async fn silences(&self, query: &str) -> Vec<String> {
        let answer = self.get(&format!("{SILENCES}?{query}")).await;
        let json: Vec<serde_json::Value> = serde_json::from_str(&answer.body).expect("it is a list");
        json.iter().map(|silence| silence["id"].as_str().expect("it has an id").to_owned()).collect()
    }
}

fn matcher(name: &str, value: &str) -> serde_json::Value {
    serde_json::json!([{ "name": name, "value": value, "isRegex": false }])
}

#[actix_web::test]
async fn a_silence_is_shown_as_alertmanager_shows_it() {
    let bench = Bench::new();
    assert_eq!(bench.get(SILENCES).await.body, "[]\n");
    let body = r#"{"matchers":[{"name":"a","value":"b|c","isRegex":true,"isEqual":false}],"startsAt":"2023-11-14T22:00:00Z",
        "endsAt":"2023-11-14T23:00:00Z","createdBy":"me","comment":"c","annotations":{"ticket":"1"}}"#;
    let id = silence_id(1);
    assert_eq!(bench.post(SILENCES, body).await.body, format!("{{\"silenceID\":\"{id}\"}}\n"));
    let shown = r#"{"id":"ID","status":{"state":"active"},"updatedAt":"2023-11-14T22:13:20.000Z","annotations":{"ticket":"1"},"comment":"c","createdBy":"me","endsAt":"2023-11-14T23:00:00.000Z","matchers":[{"isEqual":false,"isRegex":true,"name":"a","value":"b|c"}],"startsAt":"2023-11-14T22:13:20.000Z"}"#
        .replace("ID", &id);
    assert_eq!(bench.get(&format!("/api/v2/silence/{id}")).await.body, format!("{shown}\n"));
    assert_eq!(bench.get(SILENCES).await.body, format!("[{shown}]\n"));
}

#[actix_web::test]
async fn silences_are_sorted_and_filtered() {
    let bench = Bench::new();
    let over = [bench.silence(matcher("a", "1"), 0, 10).await, bench.silence(matcher("a", "1"), 0, 20).await];
    bench.clock.0.store(NOW + 30, Ordering::Relaxed);
    let late = bench.silence(matcher("a", "2"), 0, 900).await;
    let soon = bench.silence(matcher("b", "1"), 0, 300).await;
    let tomorrow = bench.silence(matcher("a", "1"), 2000, 3000).await;
    let next_hour = bench.silence(matcher("a", "1"), 1000, 9000).await;
    let all = [&soon, &late, &next_hour, &tomorrow, &over[1], &over[0]];
    let check = async |query: &str, expected: &[&String]| {
        assert_eq!(bench.silences(query).await.iter().collect::<Vec<_>>(), expected, "{query}");
    };
    check("", &all).await;
    check("expired=false", &all[..4]).await;
    check("expired=false&pending=false", &all[..2]).await;
    check("active=false&pending=no", &all[4..]).await;
    check("active=maybe&expired=false", &all[2..4]).await;
    check("filter=a%3D%221%22&expired=false", &[&next_hour, &tomorrow]).await;
    check("filter=a%3D~%221%22", &[]).await;
    check("filter=a!%3D%221%22", &[]).await;
    check("filter=a%3D%222%22&filter=b%3D%221%22", &[]).await;
}

#[actix_web::test]
async fn silences_are_changed_and_ended() {
    let bench = Bench::new();
    let id = bench.silence(matcher("a", "1"), 0, 900).await;
    let body = serde_json::json!({ "id": id, "matchers": matcher("a", "1"), "startsAt": at(0), "endsAt": at(1800),
        "createdBy": "me", "comment": "longer" });
    assert_eq!(bench.post(SILENCES, body.to_string()).await.body, format!("{{\"silenceID\":\"{id}\"}}\n"));
    let path = format!("/api/v2/silence/{id}");
    assert!(bench.get(&path).await.body.contains(r#""comment":"longer""#));
    for _ in 0..2 {
        let answer = bench.call("DELETE", &path, None).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""), "ending what is over is no error");
    }
    bench.clock.0.store(NOW + 1, Ordering::Relaxed);
    assert!(bench.get(&path).await.body.contains(r#""status":{"state":"expired"}"#));
}

#[actix_web::test]
async fn what_is_not_durable_is_503() {
    let bench = Bench::new();
    let id = bench.silence(matcher("a", "1"), 0, 900).await;
    for (refusal, retry_after) in
        [(SilenceRefused::Busy, "1"), (SilenceRefused::NotDurable("disk full".to_owned()), "5")]
    {
        *bench.book.refusal.lock() = Some(refusal.clone());
        let body = serde_json::json!({ "matchers": matcher("a", "1"), "startsAt": at(0), "endsAt": at(9),
            "createdBy": "", "comment": "" });
        let path = format!("/api/v2/silence/{id}");
        for answer in [bench.post(SILENCES, body.to_string()).await, bench.call("DELETE", &path, None).await] {
            assert_eq!((answer.status.as_u16(), answer.header(header::RETRY_AFTER)), (503, retry_after));
            assert_eq!(answer.body, refusal.to_string());
        }
    }
}
