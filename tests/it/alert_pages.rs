//! The alerts page and the status from outside: filter, states, paging, what is said.

use actix_web::http::StatusCode;
use alerts::matcher::Matcher;
use wirephoto::pages::{GroupId, Part, Shown};

use crate::pages::Site;

/// What the page asks the machine for.
async fn check_wanted(path: &str, filter: &str, shown: Shown, part: Part) {
    let site = Site::new("");
    site.page(path).await;
    let (wanted, asked) = site.wanted.lock().take().unwrap();
    assert_eq!((wanted.filter.to_string().as_str(), wanted.shown, asked), (filter, shown, part), "{path}");
}

#[actix_web::test]
async fn addresses_mean_what_they_mean_to_alertmanager() {
    let first = Part::Groups { skip: 0, groups: 20, alerts: 10 };
    let usual = Shown::default();
    check_wanted("/alerts", "{}", usual, first).await;
    check_wanted("/alerts?filter=%7Balertname%3D%22x%22%7D", r#"{alertname="x"}"#, usual, first).await;
    let shown = Shown { silenced: true, inhibited: true, ..usual };
    check_wanted("/alerts?silenced=true&inhibited=true&muted=false&active=true", "{}", shown, first).await;
    check_wanted("/alerts?active=false&resolved=true", "{}", Shown { active: false, resolved: true, ..usual }, first)
        .await;
    check_wanted("/alerts?page=3", "{}", usual, Part::Groups { skip: 40, groups: 20, alerts: 10 }).await;
    let group = Part::Group { id: GroupId(255), skip: 50, alerts: 50 };
    check_wanted("/alerts?in=00000000000000ff&page=2", "{}", usual, group).await;
}

#[actix_web::test]
async fn never_everything_is_shown_and_the_rest_is_told() {
    let body = Site::new("").page("/alerts?filter=a%3D1").await;
    for expected in [
        "54\u{202F}321 alerts in 4\u{202F}321 groups",
        "Groups 1 to 20 of 4\u{202F}321",
        r#"rel="next" class="next" href="/alerts?filter=%7Ba%3D%221%22%7D&amp;page=2""#,
        "12\u{202F}343 more in this group",
        r#"href="/alerts?filter=%7Ba%3D%221%22%7D&amp;in=0000000000000001""#,
        r#"Inhibited <span class="count" id="n-inhibited" data-count>333</span>"#,
    ] {
        assert!(body.contains(expected), "{expected} in {body}");
    }
}

#[actix_web::test]
async fn a_label_adds_itself_to_the_filter() {
    let site = Site::new("");
    let body = site.page("/alerts?filter=a%3D1&silenced=true").await;
    let matcher = Matcher::equal("alertname", "disk").to_string();
    let filter = url::form_urlencoded::byte_serialize(format!("{{a=\"1\", {matcher}}}").as_bytes()).collect::<String>();
    let link = format!("/alerts?filter={filter}&amp;silenced=true");
    assert!(body.contains(&format!("href=\"{link}\"")), "{link} in {body}");
    site.page(&link.replace("&amp;", "&")).await;
    let (wanted, _) = site.wanted.lock().take().unwrap();
    assert_eq!(wanted.filter.to_string(), r#"{a="1",alertname="disk"}"#);
}

#[actix_web::test]
async fn a_filter_that_is_not_understood_stays_in_the_box_and_shows_nothing() {
    let body = Site::new("").page("/alerts?filter=a%3D~(&receiver=team").await;
    for expected in [r#"value="a=~(""#, "The filter is not understood", r#"aria-invalid="true""#, "Nothing is shown"] {
        assert!(body.contains(expected), "{expected} in {body}");
    }
    assert!(!body.contains("<article"), "{body}");
    assert!(body.contains(r#"<option value="team" selected>"#), "{body}");
}

#[actix_web::test]
async fn one_alert_has_a_page() {
    let site = Site::new("");
    let body = site.page("/alerts/0000000000000007").await;
    for expected in ["Silenced until", "Inhibited by", "Fingerprint <code>0000000000000007</code>", "<figure"] {
        assert!(body.contains(expected), "{expected} in {body}");
    }
    for missing in ["/alerts/0000000000000008", "/alerts/x"] {
        assert_eq!(site.get(missing).await.0, StatusCode::NOT_FOUND, "{missing}");
    }
}

#[actix_web::test]
async fn a_senders_link_never_leads_to_this_server() {
    let body = Site::new("").page("/alerts").await;
    assert!(!body.contains(">Source<"), "a script is no source: {body}");
}

#[actix_web::test]
async fn the_status_says_that_a_reload_failed_and_what_is_in_force() {
    let body = Site::new("").page("/status").await;
    for expected in [
        "Not ready",
        "The configuration was not reloaded",
        "the one before stays in force",
        "this server is its only peer",
        r#"<pre class="config" tabindex="0"><code>&lt;/p&gt;"#,
        "Paused",
    ] {
        assert!(body.contains(expected), "{expected} in {body}");
    }
}
