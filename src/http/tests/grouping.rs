//! Groups over HTTP.

use super::*;

const GROUPS: &str = "/api/v2/alerts/groups";

/// Four groups: default {}, db {team="db"}, web {team="web"}, all {copy="1"}. In this order, since of two sets of one size that
/// comes first which lacks the first name.
async fn bench() -> Bench {
    let bench = Bench::with(HttpSettings::default());
    let alerts = r#"[
        {"labels":{"n":"1"}},
        {"labels":{"n":"2","team":"web","silenced":"s1"}},
        {"labels":{"n":"3","team":"db","job":"b"}},
        {"labels":{"n":"4","team":"db","copy":"1","job":"a"}},
        {"labels":{"n":"5","team":"web","inhibited":"0223b772b51c29e1"}},
        {"labels":{"n":"6","team":"gone"},"endsAt":"2023-11-14T22:13:20Z"}]"#;
    assert_eq!(bench.post(PATH, alerts).await.status, StatusCode::OK);
    bench
}

impl Bench {
    /// `receiver:numbers of alerts` of the groups that are listed, and the cursor of the next page.
    async fn groups(&self, query: &str) -> (Vec<String>, String) {
        let answer = self.get(&format!("{GROUPS}?{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.body);
        let groups: Vec<serde_json::Value> = serde_json::from_str(&answer.body).expect("it is a list");
        let numbers = |group: &serde_json::Value| {
            let alerts = group["alerts"].as_array().expect("it is a list");
            alerts.iter().map(|alert| alert["labels"]["n"].as_str().expect("it has one").to_owned()).collect::<String>()
        };
        let name = |group: &serde_json::Value| group["receiver"]["name"].as_str().expect("it has one").to_owned();
        let shown = groups.iter().map(|group| format!("{}:{}", name(group), numbers(group))).collect();
        (shown, answer.header(header::HeaderName::from_static("x-next-cursor")).to_owned())
    }
}

#[actix_web::test]
async fn groups_are_sorted_and_filtered() {
    let bench = bench().await;
    let check = async |query: &str, expected: &[&str]| {
        assert_eq!(bench.groups(query).await.0, expected, "{query}");
    };
    check("", &["default:1", "db:43", "web:25", "all:4"]).await;
    check("silenced=false", &["default:1", "db:43", "web:5", "all:4"]).await;
    check("inhibited=false&silenced=false", &["default:1", "db:43", "all:4"]).await;
    check("active=false", &["web:25"]).await;
    check("filter=n%3D~%224%7C5%22", &["db:4", "web:5", "all:4"]).await;
    check("receiver=d.*", &["default:1", "db:43"]).await;
    check("receiver_matchers=owner%3Dstorage", &["db:43", "all:4"]).await;
    check("receiver_matchers=owner%3Dstorage&receiver_matchers=kind!%3D%22%22", &["db:43"]).await;
    check("receiver_matchers=name%3Dall", &["all:4"]).await;
    check("muted=false", &["default:1", "db:43", "web:25", "all:4"]).await;
    *bench.by_label.quiet.lock() = vec!["nights".to_owned()];
    check("muted=false", &["default:1", "db:43", "web:25"]).await;
    check("muted=false&receiver=all", &[]).await;
    assert_eq!(bench.get(&format!("{GROUPS}?receiver=none")).await.body, "[]\n");
}

#[actix_web::test]
async fn a_group_is_shown_as_alertmanager_shows_it() {
    let bench = bench().await;
    *bench.by_label.quiet.lock() = vec!["nights".to_owned(), "weekends".to_owned()];
    let shown = bench.get(&format!("{GROUPS}?receiver=all")).await;
    let fingerprint: alerts::Fingerprint =
        [("copy", "1"), ("job", "a"), ("n", "4"), ("team", "db")].into_iter().collect::<LabelSet>().fingerprint();
    let expected = r#"[{"alerts":[{"annotations":{},"endsAt":"2023-11-14T22:18:20.000Z","fingerprint":"FP","receivers":[{"labels":{"name":"all","owner":"storage"},"name":"all"}],"startsAt":"2023-11-14T22:13:20.000Z","status":{"inhibitedBy":[],"mutedBy":["nights","weekends"],"silencedBy":[],"state":"suppressed"},"updatedAt":"2023-11-14T22:13:20.000Z","labels":{"copy":"1","job":"a","n":"4","team":"db"}}],"labels":{"copy":"1"},"receiver":{"labels":{"name":"all","owner":"storage"},"name":"all"},"routeLabels":{"shown":"1"}}]"#;
    assert_eq!(shown.body, format!("{}\n", expected.replace("FP", &fingerprint.to_string())));
    assert_eq!(shown.header(header::CONTENT_TYPE), "application/json");
    let plain = bench.get(&format!("{GROUPS}?receiver=default")).await.body;
    assert!(plain.ends_with("],\"labels\":{},\"receiver\":{\"name\":\"default\"},\"routeLabels\":{}}]\n"), "{plain}");
}

#[actix_web::test]
async fn groups_come_in_pages() {
    let bench = bench().await;
    let (first, cursor) = bench.groups("limit=3").await;
    assert_eq!(first, ["default:1", "db:43", "web:25"]);
    let rest = bench.groups(&format!("limit=3&cursor={cursor}")).await;
    assert_eq!(rest, (vec!["all:4".to_owned()], String::new()), "the last page has no cursor");
    assert_eq!(bench.groups("limit=4").await.1, "", "nothing is behind the last group");
}
