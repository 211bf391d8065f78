//! Lists of alerts in pages.

use super::*;

impl Bench {
    /// All pages of a list, each as the fingerprints on it; follows `Link`.
    async fn pages(&self, query: &str) -> Vec<Vec<String>> {
        let mut path = format!("{PATH}?{query}");
        let mut pages = Vec::new();
        loop {
            let answer = self.get(&path).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
            let alerts: Vec<serde_json::Value> = serde_json::from_str(&answer.body).expect("it is a list");
            pages.push(
                alerts.iter().map(|alert| alert["fingerprint"].as_str().expect("it has one").to_owned()).collect(),
            );
            let next = answer.header(header::HeaderName::from_static("x-next-cursor")).to_owned();
            if next.is_empty() {
                assert_eq!(answer.header(header::LINK), "");
                return pages;
            }
            let link = answer.header(header::LINK).to_owned();
            path = link.strip_prefix('<').and_then(|l| l.strip_suffix(">; rel=\"next\"")).expect("a link").to_owned();
            assert!(path.contains(&format!("cursor={next}")), "{path}");
        }
    }
}

#[actix_web::test]
async fn pages_together_are_the_list() {
    let bench = Bench::with(HttpSettings { route_prefix: String::new(), ..HttpSettings::default() });
    let alerts: Vec<_> = (0..100)
        .map(|n| {
            let mut labels = serde_json::json!({ "n": n.to_string(), "odd": (n % 2).to_string() });
            if n % 5 == 0 {
                labels["silenced"] = "s1".into();
            }
            serde_json::json!({ "labels": labels })
        })
        .collect();
    assert_eq!(bench.post(PATH, serde_json::to_string(&alerts).expect("plain values")).await.status, StatusCode::OK);
    for (query, count) in
        [("", 100), ("filter=odd%3D1", 50), ("silenced=false", 80), ("filter=odd%3D0&active=false", 10)]
    {
        let whole = bench.pages(query).await;
        assert_eq!((whole.len(), whole[0].len()), (1, count), "{query}");
        for limit in [1, 7, 10, 99, 100, 1000] {
            let pages = bench.pages(&format!("limit={limit}&{query}")).await;
            assert_eq!(pages.concat(), whole[0], "{query} limit={limit}");
            assert_eq!(pages.len(), count.div_ceil(limit), "{query} limit={limit}: no empty page at the end");
            assert!(pages.iter().rev().skip(1).all(|page| page.len() == limit), "{query} limit={limit}");
        }
    }
}

#[actix_web::test]
async fn a_cursor_of_an_alert_that_is_gone_still_holds() {
    let bench = Bench::new();
    assert_eq!(bench.post(PATH, r#"[{"labels":{"n":"1"}},{"labels":{"n":"2"}}]"#).await.status, StatusCode::OK);
    let all = bench.pages("").await.concat();
    assert_eq!(bench.pages("cursor=0000000000000000").await.concat(), all);
    assert_eq!(bench.pages("cursor=ffffffffffffffff").await.concat(), Vec::<String>::new());
}
