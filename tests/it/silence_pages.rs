//! The pages of silences from outside: making, changing, ending, what is said of what is wrong, and who may do it.

use std::time::Duration;

use actix_web::{
    http::{Method, StatusCode, header::HeaderMap},
    test::TestRequest,
};
use alerts::{Time, ports::SilenceRefused, silence::SilenceState};

use crate::pages::Site;

const HOUR: Duration = Duration::from_secs(3600);

fn filled(action: &str) -> Vec<(&str, &str)> {
    vec![
        ("matchers", "alertname=disk\nhost=~\"db-.*\""),
        ("duration", "1h"),
        ("created_by", "Jörg"),
        ("comment", "known \"thing\""),
        ("action", action),
    ]
}

fn with<'a>(mut fields: Vec<(&'a str, &'a str)>, name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    fields.retain(|(known, _)| *known != name);
    fields.push((name, value));
    fields
}

fn location(headers: &HeaderMap) -> &str {
    headers.get("location").expect("leads somewhere").to_str().unwrap()
}

#[actix_web::test]
async fn a_silence_is_created_shown_changed_replaced_and_ended() {
    let site = Site::new("");
    let (status, headers, _) = site.submit("/silences/new", &filled("save")).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let silence = site.book.all().remove(0);
    assert_eq!(silence.matchers.to_string(), r#"{alertname="disk",host=~"db-.*"}"#);
    assert_eq!((silence.created_by.as_str(), silence.comment.as_str()), ("Jörg", "known \"thing\""));
    assert_eq!(silence.ends_at.since(silence.starts_at), HOUR);
    assert_eq!(location(&headers), format!("/silences/{}?done=created", silence.id));
    let body = site.page(location(&headers)).await;
    for expected in ["The silence was created", "known &quot;thing&quot;", ">Active<", "Expire now", "Edit"] {
        assert!(body.contains(expected), "{expected} in {body}");
    }

    let edit = format!("/silences/{}/edit", silence.id);
    assert!(site.page(&edit).await.contains("host=~&quot;db-.*&quot;</textarea>"));
    let longer = with(with(filled("save"), "duration", "3h"), "starts_at", "2023-11-14T22:13:20Z");
    let (_, headers, _) = site.submit(&edit, &longer).await;
    assert_eq!(location(&headers), format!("/silences/{}?done=changed", silence.id));
    assert_eq!(site.book.all().len(), 1);

    let (_, headers, _) = site.submit(&edit, &with(longer, "matchers", "alertname=other")).await;
    assert!(location(&headers).ends_with("?done=replaced") && !location(&headers).contains(&*silence.id.0));
    let ended = site.book.all().into_iter().find(|known| known.id == silence.id).unwrap();
    site.clock.0.lock().clone_from(&Time::from_secs(1_700_000_001));
    assert_eq!((site.book.all().len(), ended.state(Time::from_secs(1_700_000_001))), (2, SilenceState::Expired));

    let id = location(&headers).trim_end_matches("?done=replaced").to_owned();
    let (_, headers, _) = site.submit(&format!("{id}/expire"), &[]).await;
    assert_eq!(location(&headers), format!("{id}?done=expired"));
    site.clock.0.lock().clone_from(&Time::from_secs(1_700_000_002));
    let body = site.page(&id).await;
    assert!(body.contains(">Expired<") && body.contains(">Recreate<") && !body.contains("Expire now"), "{body}");
    assert_eq!(site.get(&format!("{id}/edit")).await.0, StatusCode::CONFLICT);
    let again = site.page(&format!("/silences/new?from={}", id.trim_start_matches("/silences/"))).await;
    assert!(again.contains("alertname=&quot;other&quot;</textarea>"), "{again}");
}

#[actix_web::test]
async fn a_preview_says_what_would_be_silenced_and_saves_nothing() {
    let site = Site::new("");
    let (status, _, body) = site.submit("/silences/new", &with(filled("preview"), "matchers", "alertname=disk")).await;
    assert_eq!(status, StatusCode::OK);
    for expected in
        ["data-matched=\"1234\"", "Silences 1\u{202F}234 alerts", "<strong>all</strong>", "and 1\u{202F}231 more"]
    {
        assert!(body.contains(expected), "{expected} in {body}");
    }
    let (_, _, body) = site.submit("/silences/new", &with(filled("save"), "preset", "1d")).await;
    assert!(body.contains(r#"name="duration" value="1d""#) && body.contains("2023-11-15T22:13:20Z"), "{body}");
    let body = site.page("/silences/preview?matchers=alertname%3Dnothing").await;
    assert!(body.contains("Silences no alert that fires now") && !body.contains("<html"), "{body}");
    assert!(site.book.all().is_empty(), "a preview saves nothing");
}

#[actix_web::test]
async fn what_is_wrong_is_said_at_the_field_and_what_was_typed_stays() {
    let site = Site::new("");
    for (name, value, problem) in [
        ("matchers", "alertname", r#"id="matchers-problem">bad matcher format: alertname"#),
        ("matchers", "", r#"id="matchers-problem">at least one"#),
        ("starts_at", "tomorrow", r#"id="starts_at-problem">this is not a time"#),
        ("duration", "long", r#"id="duration-problem">"#),
        ("created_by", " ", r#"id="created_by-problem">say who you are"#),
        ("comment", "", r#"id="comment-problem">say why"#),
        ("matchers", "alertname=\"\"", r#"role="alert"><strong>Not saved:</strong> invalid silence"#),
        ("ends_at", "2001-01-01", r#"role="alert"><strong>Not saved:</strong> Failed to create silence: start time"#),
    ] {
        let fields = with(filled("save"), name, value);
        let (status, _, body) = site.submit("/silences/new", &fields).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{name}={value}: {body}");
        assert!(body.contains(problem), "{problem} in {body}");
        for (name, value) in fields.iter().filter(|(name, _)| ["starts_at", "duration", "ends_at"].contains(name)) {
            assert!(body.contains(&format!(r#"name="{name}" value="{value}""#)), "{name}={value} in {body}");
        }
    }
    assert!(site.book.all().is_empty());
}

#[actix_web::test]
async fn what_the_machine_refuses_is_told_with_all_that_was_typed() {
    let site = Site::new("");
    site.book.refuse(SilenceRefused::NotDurable("disk full".to_owned()));
    let (status, _, body) = site.submit("/silences/new", &filled("save")).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    for expected in
        ["Not saved:</strong> the silence was not made durable: disk full", r#"value="Jörg""#, "known &quot;"]
    {
        assert!(body.contains(expected), "{expected} in {body}");
    }
    let silence = site.book.add("x", HOUR);
    let (status, _, body) = site.submit(&format!("/silences/{}/expire", silence.id), &[]).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(body.contains("was not ended") && body.contains("disk full"), "{body}");
}

#[actix_web::test]
async fn other_sites_change_nothing() {
    let site = Site::new("");
    let silence = site.book.add("x", HOUR);
    let paths = [
        "/silences/new".to_owned(),
        format!("/silences/{}/edit", silence.id),
        format!("/silences/{}/expire", silence.id),
    ];
    for path in &paths {
        for headers in [
            &[("sec-fetch-site", "cross-site"), ("host", "localhost")][..],
            &[("sec-fetch-site", "same-site"), ("origin", "http://localhost"), ("host", "localhost")],
            &[("origin", "https://evil.example"), ("host", "localhost")],
            &[("origin", "null"), ("host", "localhost")],
            &[("host", "localhost")],
        ] {
            let request = TestRequest::post().uri(path).set_form(filled("save"));
            let request = headers.iter().fold(request, |request, header| request.insert_header(*header));
            let (status, _, body) = site.answer(request).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{path} {headers:?}: {body}");
        }
        let status = site.ask(Method::GET, path).await.status();
        assert!(status == StatusCode::OK || status == StatusCode::NOT_FOUND, "{path}");
    }
    let all = site.book.all();
    assert!(all.len() == 1 && all[0] == silence, "nothing was changed: {all:?}");
    let own = TestRequest::post().uri(&paths[0]).set_form(filled("save"));
    let own = own.insert_header(("origin", "http://a.example:9093")).insert_header(("host", "a.example:9093"));
    assert_eq!(site.answer(own).await.0, StatusCode::SEE_OTHER);
}

#[actix_web::test]
async fn the_browser_remembers_who_one_is() {
    let site = Site::new("/am/");
    let (_, headers, _) = site.submit("/silences/new", &filled("save")).await;
    assert!(location(&headers).starts_with("/am/silences/"), "links keep the prefix");
    let cookie = headers.get("set-cookie").unwrap().to_str().unwrap();
    assert!(cookie.starts_with("wirephoto_creator=J%C3%B6rg; Path=/am;"), "{cookie}");
    assert!(cookie.contains("HttpOnly; SameSite=Strict"), "{cookie}");
    let request = TestRequest::get().uri("/silences/new").insert_header(("cookie", "wirephoto_creator=J%C3%B6rg"));
    let (_, _, body) = site.answer(request).await;
    assert!(body.contains(r#"name="created_by" value="Jörg""#), "{body}");
}

#[actix_web::test]
async fn silences_are_listed_by_state_and_filtered_as_the_api_does() {
    let site = Site::new("");
    for number in 0..35 {
        site.book.add(&format!("n{number:02}"), HOUR * (number + 1));
    }
    site.clock.0.lock().clone_from(&Time::from_secs(1_700_000_000 + 3601));
    let body = site.page("/silences").await;
    assert!(body.contains(r#"Active <span class="count">34</span>"#), "{body}");
    assert!(body.contains(r#"Expired <span class="count">1</span>"#), "{body}");
    assert_eq!(body.matches("<article").count(), 30);
    assert!(body.find("n01").unwrap() < body.find("n02").unwrap(), "what ends next comes first");
    assert!(body.contains("Silences 1 to 30 of 34") && body.contains(r#"href="/silences?page=2""#), "{body}");
    assert_eq!(site.page("/silences?page=2").await.matches("<article").count(), 4);
    assert_eq!(site.page("/silences?state=expired").await.matches("<article").count(), 1);
    assert!(site.page("/silences?state=pending").await.contains("No pending silence"));
    assert_eq!(site.page("/silences?filter=n07%3Dn07").await.matches("<article").count(), 1);
    assert!(site.page("/silences?filter=n07%3D~n07").await.contains("No such silence"), "another matcher");
    assert!(site.page("/silences?filter=n07").await.contains("The filter is not understood"));
    for missing in ["/silences/x", "/silences/x/edit"] {
        assert_eq!(site.get(missing).await.0, StatusCode::NOT_FOUND, "{missing}");
    }
    assert_eq!(site.submit("/silences/x/expire", &[]).await.0, StatusCode::NOT_FOUND);
    assert_eq!(site.submit("/silences/x/edit", &filled("save")).await.0, StatusCode::NOT_FOUND);
}
