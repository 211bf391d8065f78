//! Pictures behind signed links: served until the link ends, to nobody without one.

use std::time::Duration;

use actix_web::{
    App,
    http::{Method, StatusCode},
    test::{TestRequest, call_service, init_service, read_body},
};
use alerts::{
    Time,
    picture::PictureId,
    ports::{Clock, Inbox, InboxEntry},
};
use images::store::{Backend, LocalStore, random_id};
use wirephoto::pages;

use crate::pages::{Site, message, picture};

/// The link of the one picture on a page.
fn picture_link(body: &str) -> String {
    let at = body.find("<img src=\"/images/").map(|at| at + 10).unwrap_or_else(|| panic!("no picture in {body}"));
    body[at..].split('"').next().unwrap().replace("&amp;", "&")
}

#[actix_web::test]
async fn pictures_are_served_until_their_links_end() {
    let site = Site::new("");
    let id = random_id();
    site.images.put(&id, (&b"\x89PNG bytes"[..]).into()).await.unwrap();
    let number = site.database.keep(InboxEntry { pictures: vec![picture(id)], ..message("a") }).await.unwrap();
    let page = format!("/inbox/{number}");
    let link = picture_link(&site.page(&page).await);

    let response = site.ask(Method::GET, &link).await;
    assert_eq!(response.status(), StatusCode::OK);
    let header = |name: &str| response.headers().get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "image/png");
    assert_eq!(header("x-content-type-options"), "nosniff");
    // a day, rounded up to the next full hour: 22:13:20 becomes 23:00
    assert_eq!(header("cache-control"), format!("private, max-age={}, immutable", 24 * 3600 + 46 * 60 + 40));
    assert_eq!(read_body(response).await, &b"\x89PNG bytes"[..]);
    assert_eq!(site.ask(Method::HEAD, &link).await.status(), StatusCode::OK);
    assert_eq!(site.ask(Method::POST, &link).await.status(), StatusCode::METHOD_NOT_ALLOWED);

    *site.clock.0.lock() = Time::from_secs(1_700_000_000 + 1800);
    assert_eq!(picture_link(&site.page(&page).await), link, "the same link for a while: browsers keep the picture");
    *site.clock.0.lock() = Time::from_secs(1_700_000_000 + 25 * 3600);
    let (status, _, words) = site.get(&link).await;
    assert_eq!(
        (status, words.as_str()),
        (StatusCode::FORBIDDEN, "This link has expired. Newer messages have newer links.")
    );
}

#[actix_web::test]
async fn pictures_without_a_good_link_are_not_served() {
    let site = Site::new("");
    let id = random_id();
    let now = site.clock.now();
    let link = |id: &PictureId| LocalStore::signed_path(&site.images, id, now, Duration::from_secs(60)).unwrap();
    let good = link(&id);
    assert_eq!(site.get(&good).await.0, StatusCode::NOT_FOUND, "signed, but there is no such picture");
    site.images.put(&id, (&b"png"[..]).into()).await.unwrap();
    assert_eq!(site.get(&good).await.0, StatusCode::OK);
    let other = link(&random_id());
    let swapped = format!("{}?{}", good.split('?').next().unwrap(), other.split('?').nth(1).unwrap());
    for forbidden in [format!("/images/{id}.png"), format!("{good}x"), good.replace("e=1", "e=2"), swapped] {
        let (status, _, words) = site.get(&forbidden).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{forbidden}");
        assert_eq!(words, "This link is not valid: its signature does not match.");
    }
    for missing in
        ["/images/", "/images/..%2Fimages.key", "/images/..%2F..%2Fx.png?e=1&s=x", "/images/a.b.png", "/images/.png"]
    {
        assert_eq!(site.get(missing).await.0, StatusCode::NOT_FOUND, "{missing}");
    }
}

#[actix_web::test]
async fn the_listener_for_pictures_serves_nothing_else() {
    let site = Site::new("");
    let id = random_id();
    site.images.put(&id, (&b"png"[..]).into()).await.unwrap();
    let good = LocalStore::signed_path(&site.images, &id, site.clock.now(), Duration::from_secs(60)).unwrap();
    let app = init_service(App::new().configure(pages::configure_images(site.pages.clone()))).await;
    for (path, expected) in [(good.as_str(), 200), ("/", 404), ("/inbox", 404), ("/alerts", 404), ("/images", 404)] {
        let response = call_service(&app, TestRequest::with_uri(path).to_request()).await;
        assert_eq!(response.status().as_u16(), expected, "{path}");
    }
}
