//! The pages from outside: what is on them, what browsers are told, hostile values.

use std::{sync::Arc, time::Duration};

use actix_web::{
    App,
    dev::ServiceResponse,
    http::{Method, StatusCode, header::HeaderMap},
    test::{TestRequest, call_service, init_service, read_body},
    web,
};
use alerts::{
    Fingerprint, LabelSet, Status, Time,
    matcher::MatcherSet,
    picture::PictureId,
    ports::{Clock, Inbox, InboxEntry, InboxPicture, SilenceBook},
    silence::SilenceId,
};
use images::store::{LocalStore, Stores, random_id};
use parking_lot::Mutex;
use url::form_urlencoded;
use wirephoto::{
    config,
    database::{Database, DatabaseSettings, Retention, Synchronous},
    pages::{
        self, AlertView, ConfigFailure, ConfigView, GroupId, GroupView, GroupsView, IntegrationState, IntegrationView,
        MatchedView, PageData, Pages, Part, Resend, ServerView, SilencedBy, StateCounts, StatusView, Wanted,
    },
    trial::{Desk, Trial, TrialMetrics},
};

use crate::{notification_pages::Sender, support::book::Book};

pub const HOSTILE: &str = r#"</p><script>alert("x")</script><img src=x onerror=alert(1)> " ' &"#;

/// A clock that stands still until it is set.
pub struct TestClock(pub Mutex<Time>);

impl Clock for TestClock {
    fn now(&self) -> Time {
        *self.0.lock()
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

/// A machine in which every word is hostile.
struct HostileData {
    picture: InboxPicture,
    book: Arc<Book>,
    sender: Arc<Sender>,
    desk: Arc<Desk>,
    /// What the pages last wanted.
    wanted: Arc<Mutex<Option<(Wanted, Part)>>>,
}

impl PageData for HostileData {
    fn status(&self) -> StatusView {
        let integration =
            |state| IntegrationView { receiver: HOSTILE.to_owned(), kind: HOSTILE.to_owned(), pending: 1234, state };
        StatusView {
            not_ready: Some(HOSTILE.to_owned()),
            version: HOSTILE.to_owned(),
            started_at: Time::from_secs(1),
            alerts_firing: 7,
            alerts_resolved: 0,
            groups: 3,
            integrations: vec![
                integration(IntegrationState::Working),
                integration(IntegrationState::Failing { error: HOSTILE.to_owned() }),
                integration(IntegrationState::Paused { until: Time::from_secs(9), error: HOSTILE.to_owned() }),
            ],
        }
    }

    fn server(&self) -> ServerView {
        let failure = Some(ConfigFailure { at: Time::from_secs(5), error: HOSTILE.to_owned() });
        ServerView {
            peer: HOSTILE.to_owned(),
            address: HOSTILE.to_owned(),
            config: ConfigView { original: HOSTILE.to_owned(), loaded_at: Time::from_secs(3), failure },
        }
    }

    fn groups(&self, wanted: &Wanted, part: Part) -> GroupsView {
        *self.wanted.lock() = Some((wanted.clone(), part));
        let (groups, alerts) = match part {
            Part::Groups { groups, alerts, .. } => (groups, alerts),
            Part::Group { alerts, .. } => (1, alerts),
        };
        let group = |number: usize| GroupView {
            id: GroupId(number as u64),
            receiver: HOSTILE.into(),
            labels: [("alertname", "disk"), (HOSTILE, "x")].into_iter().collect(),
            muted_by: vec![HOSTILE.to_owned()],
            alerts: vec![self.hostile_alert(); alerts.min(2)],
            total: 12_345,
        };
        GroupsView {
            groups: (0..groups.min(2)).map(group).collect(),
            total_groups: 4321,
            total_alerts: 54_321,
            states: StateCounts { active: 1, silenced: 22, inhibited: 333, muted: 4444, resolved: 55_555 },
            receivers: vec![HOSTILE.into(), "team".into()],
        }
    }

    fn alert(&self, fingerprint: Fingerprint) -> Option<AlertView> {
        (fingerprint == Fingerprint(7)).then(|| self.hostile_alert())
    }

    fn matched(&self, matchers: &MatcherSet, limit: usize) -> MatchedView {
        let total = if matchers.matches(&hostile_labels()) { 1234 } else { 0 };
        MatchedView { alerts: vec![self.hostile_alert(); limit.min(total).min(3)], total, of: 1234 }
    }

    fn resend(&self) -> Arc<dyn Resend> {
        self.sender.clone()
    }

    fn trials(&self) -> Arc<Desk> {
        self.desk.clone()
    }

    fn silences(&self) -> Arc<dyn SilenceBook> {
        self.book.clone()
    }
}

impl HostileData {
    fn hostile_alert(&self) -> AlertView {
        AlertView {
            fingerprint: Fingerprint(7),
            status: Status::Firing,
            silenced_by: vec![SilencedBy {
                id: SilenceId(HOSTILE.into()),
                comment: HOSTILE.to_owned(),
                ends_at: Time::from_secs(9),
            }],
            inhibited_by: vec![(Fingerprint(8), HOSTILE.to_owned())],
            labels: hostile_labels(),
            annotations: [("summary", HOSTILE), ("description", &HOSTILE.repeat(20)), (HOSTILE, HOSTILE)]
                .into_iter()
                .collect(),
            starts_at: Time::from_secs(1),
            ended_at: Some(Time::from_secs(2)),
            updated_at: Time::from_secs(2),
            generator_url: "javascript:alert(1)".to_owned(),
            receivers: vec![HOSTILE.into()],
            pictures: vec![self.picture.clone()],
        }
    }
}

/// All pages over a database and an image store of their own.
pub struct Site {
    _dir: tempfile::TempDir,
    pub database: Arc<Database>,
    pub images: Arc<LocalStore>,
    pub clock: Arc<TestClock>,
    pub book: Arc<Book>,
    pub sender: Arc<Sender>,
    pub wanted: Arc<Mutex<Option<(Wanted, Part)>>>,
    pub pages: web::Data<Pages>,
}

impl Site {
    pub fn new(prefix: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings = DatabaseSettings {
            data_dir: dir.path().into(),
            synchronous: Synchronous::Normal,
            retention: Retention::default(),
        };
        let database = Arc::new(Database::open(&settings).unwrap());
        let images = Arc::new(LocalStore::open(dir.path(), None).unwrap());
        let stores = Arc::new(Stores::new(images.clone(), None));
        let clock = Arc::new(TestClock(Mutex::new(Time::from_secs(1_700_000_000))));
        let book = Arc::new(Book::new(clock.clone()));
        let wanted = Arc::new(Mutex::new(None));
        let sender = Arc::<Sender>::default();
        let data = HostileData {
            picture: picture(random_id()),
            book: book.clone(),
            sender: sender.clone(),
            desk: desk(database.clone(), stores.clone(), clock.clone()),
            wanted: wanted.clone(),
        };
        let pages = Pages::new(database.clone(), Arc::new(data), stores, clock.clone(), prefix);
        Self { _dir: dir, database, images, clock, book, sender, wanted, pages: web::Data::new(pages) }
    }

    pub async fn ask(&self, method: Method, path: &str) -> ServiceResponse {
        let app = init_service(App::new().configure(pages::configure(self.pages.clone()))).await;
        call_service(&app, TestRequest::with_uri(path).method(method).to_request()).await
    }

    /// Sends a form as a browser that looks at one of our pages.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> (StatusCode, HeaderMap, String) {
        let request = TestRequest::post().uri(path).insert_header(("sec-fetch-site", "same-origin"));
        self.answer(request.set_form(fields)).await
    }

    pub async fn answer(&self, request: TestRequest) -> (StatusCode, HeaderMap, String) {
        let app = init_service(App::new().configure(pages::configure(self.pages.clone()))).await;
        let response = call_service(&app, request.to_request()).await;
        let (status, headers) = (response.status(), response.headers().clone());
        (status, headers, String::from_utf8_lossy(&read_body(response).await).into_owned())
    }

    pub async fn get(&self, path: &str) -> (StatusCode, HeaderMap, String) {
        let response = self.ask(Method::GET, path).await;
        let (status, headers) = (response.status(), response.headers().clone());
        (status, headers, String::from_utf8_lossy(&read_body(response).await).into_owned())
    }

    pub async fn page(&self, path: &str) -> String {
        let (status, _, body) = self.get(path).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }
}

/// Trials of a receiver with a hostile name, whose inbox is that of the site.
fn desk(database: Arc<Database>, images: Arc<Stores>, clock: Arc<TestClock>) -> Arc<Desk> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut settings = config::load_default(config::Manner::default(), &|_| None).unwrap();
    settings.receivers[0].name = HOSTILE.to_owned();
    let metrics = TrialMetrics::register(&prometheus::Registry::new()).unwrap();
    Arc::new(Desk::new(Trial::without_server(settings), images, database, clock, metrics).unwrap())
}

pub fn picture(id: PictureId) -> InboxPicture {
    InboxPicture {
        id,
        title: HOSTILE.to_owned(),
        alt: HOSTILE.to_owned(),
        transition: Status::Firing,
        width: 1000,
        height: 500,
    }
}

fn hostile_labels() -> LabelSet {
    [("alertname", "disk"), (HOSTILE, HOSTILE)].into_iter().collect()
}

pub fn message(key: &str) -> InboxEntry {
    InboxEntry {
        id: None,
        idempotency_key: key.to_owned(),
        receiver: "team".to_owned(),
        group_key: "g".to_owned(),
        status: Status::Firing,
        title: format!("title of {key}"),
        text: "text".to_owned(),
        group_labels: [("alertname", "disk")].into_iter().collect(),
        at: Time::from_secs(1_700_000_000),
        pictures: vec![],
        pictures_left_out: 0,
    }
}

fn hostile_message() -> InboxEntry {
    InboxEntry {
        receiver: HOSTILE.to_owned(),
        title: HOSTILE.to_owned(),
        text: format!(
            "{HOSTILE}\njavascript:alert(1) https://a.example/\"onclick=x\n{}",
            format!("{HOSTILE}\n").repeat(40)
        ),
        group_labels: hostile_labels(),
        pictures: vec![picture(random_id())],
        pictures_left_out: 3,
        ..message("hostile")
    }
}

pub fn check_is_harmless(path: &str, body: &str) {
    assert!(body.contains("&lt;script&gt;alert(&quot;x&quot;)"), "{path} shows the words: {body}");
    let scripts: Vec<_> = body.match_indices("<script").map(|(at, _)| &body[at..at + 20]).collect();
    assert!(scripts.iter().all(|script| script.starts_with("<script src=\"/assets")), "{path}: {scripts:?}");
    // within tags there is nothing that nobody meant to be there
    for tag in body.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default()) {
        let outside_values: String = tag.split('"').step_by(2).collect();
        assert!(!outside_values.contains(" on") && !outside_values.contains("style="), "{path}: <{tag}>");
    }
    assert!(!body.contains("href=\"javascript:"), "{path}");
}

#[actix_web::test]
async fn hostile_values_are_only_words() {
    let site = Site::new("");
    let id = site.database.keep(hostile_message()).await.unwrap();
    let silence = site.book.add(HOSTILE, Duration::from_secs(60)).id.to_string();
    let link = form_urlencoded::byte_serialize(HOSTILE.as_bytes()).collect::<String>();
    for path in [
        "/",
        "/alerts",
        "/alerts?in=1",
        &format!("/alerts?receiver={link}"),
        &format!("/alerts?filter={link}"),
        "/alerts/0000000000000007",
        "/silences",
        &format!("/silences?filter={link}"),
        &format!("/silences/{silence}"),
        &format!("/silences/{silence}/edit"),
        &format!("/silences/new?filter={link}&comment={link}"),
        "/silences/preview?matchers=alertname%3Ddisk",
        &format!("/silences/preview?matchers={link}"),
        "/status",
        "/inbox",
        &format!("/inbox/{id}"),
        "/inbox/updates?after=0",
    ] {
        check_is_harmless(path, &site.page(path).await);
    }
}

#[actix_web::test]
async fn every_answer_holds_browsers_back() {
    let site = Site::new("");
    for path in [
        "/",
        "/alerts",
        "/alerts/7",
        "/silences",
        "/silences/x",
        "/silences/new",
        "/status",
        "/inbox",
        "/inbox/7",
        "/inbox/updates?after=0",
        "/wirephoto/v1/inbox",
        "/images/x.png",
    ] {
        let (_, headers, _) = site.get(path).await;
        let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default();
        assert!(header("content-security-policy").starts_with("default-src 'none'; img-src 'self'"), "{path}");
        assert!(!header("content-security-policy").contains("unsafe"), "{path}");
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
    }
}

#[actix_web::test]
async fn the_overview_says_how_it_is() {
    let site = Site::new("");
    let body = site.page("/").await;
    for expected in [
        "Not ready",
        "<b>7</b><span>alerts firing",
        "3\u{202F}702",
        "<b>0</b><span>active silences",
        "<noscript>",
        "Paused",
        "Failing",
        "until <time",
    ] {
        assert!(body.contains(expected), "{expected} in {body}");
    }
}

#[actix_web::test]
async fn the_inbox_is_paged_newest_first() {
    let site = Site::new("");
    assert!(site.page("/inbox").await.contains("Nothing here yet"));
    let mut ids = Vec::new();
    for number in 0..35 {
        ids.push(site.database.keep(message(&format!("m{number:02}"))).await.unwrap());
    }
    let titles = |body: &str| -> Vec<String> {
        body.match_indices("title of m").map(|(at, _)| body[at + 9..at + 12].to_owned()).collect()
    };
    let first = site.page("/inbox").await;
    assert_eq!(titles(&first), (5..35).rev().map(|n| format!("m{n:02}")).collect::<Vec<_>>());
    assert!(first.contains("data-updates=\"/inbox/updates\" data-revision=\"35\""));
    let older = format!("/inbox?before={}", ids[5]);
    assert!(first.contains(&format!("href=\"{older}\"")), "{first}");
    let second = site.page(&older).await;
    assert_eq!(titles(&second), (0..5).rev().map(|n| format!("m{n:02}")).collect::<Vec<_>>());
    assert!(!second.contains("data-updates") && !second.contains("before="), "only the newest page is live");
    assert!(site.page(&format!("/inbox/{}", ids[0])).await.contains("title of m00"));
    for missing in ["/inbox/99999", "/inbox/x"] {
        assert_eq!(site.get(missing).await.0, StatusCode::NOT_FOUND, "{missing}");
    }
}

#[actix_web::test]
async fn who_watches_is_told_what_is_new_and_what_changed() {
    let site = Site::new("");
    let first = site.database.keep(message("a")).await.unwrap();
    let seen = site.database.inbox_revision();
    assert_eq!(site.get(&format!("/inbox/updates?after={seen}")).await.0, StatusCode::NO_CONTENT);
    site.database.keep(message("b")).await.unwrap();
    site.database.add_pictures(first, vec![picture(random_id())]).await.unwrap();
    let body = site.page(&format!("/inbox/updates?after={seen}")).await;
    assert!(body.contains(&format!("<div id=\"updates\" data-revision=\"{}\">", seen + 2)), "{body}");
    assert_eq!(body.matches("<article").count(), 2);
    assert_eq!(body.matches("<figure").count(), 1);
    assert_eq!(site.get(&format!("/inbox/updates?after={}", seen + 2)).await.0, StatusCode::NO_CONTENT);
}

#[actix_web::test]
async fn the_api_goes_on_from_a_revision() {
    let site = Site::new("");
    for number in 0..5 {
        site.database.keep(message(&number.to_string())).await.unwrap();
    }
    let mut after = 0;
    let mut titles = Vec::new();
    for _ in 0..4 {
        let body = site.page(&format!("/wirephoto/v1/inbox?after={after}&limit=2")).await;
        let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
        after = answer["revision"].as_i64().unwrap();
        for message in answer["messages"].as_array().unwrap() {
            titles.push(message["title"].as_str().unwrap().to_owned());
            assert_eq!(
                (message["status"].as_str(), message["at"].as_str()),
                (Some("firing"), Some("2023-11-14T22:13:20Z"))
            );
        }
    }
    assert_eq!(titles, (0..5).map(|number| format!("title of {number}")).collect::<Vec<_>>());
    assert_eq!(after, site.database.inbox_revision());
    assert_eq!(site.get("/wirephoto/v1/inbox?after=x").await.0, StatusCode::BAD_REQUEST);
}

#[actix_web::test]
async fn links_keep_the_prefix_and_assets_are_there() {
    let site = Site::new("/wirephoto/");
    site.database.keep(hostile_message()).await.unwrap();
    let app = App::new().service(web::scope("/wirephoto").configure(pages::configure(site.pages.clone())));
    let app = init_service(app).await;
    let response = call_service(&app, TestRequest::with_uri("/wirephoto/inbox").to_request()).await;
    let body = String::from_utf8(read_body(response).await.to_vec()).unwrap();
    let own = |attribute: &str| -> Vec<String> {
        let begin = format!("{attribute}=\"/");
        body.split(&begin)
            .skip(1)
            .map(|rest| format!("/{}", rest.split('"').next().unwrap().replace("&amp;", "&")))
            .collect()
    };
    let links = [own("href"), own("src")].concat();
    assert!(links.len() > 8 && links.iter().all(|link| link.starts_with("/wirephoto/")), "{links:?}");
    for asset in links.iter().filter(|link| link.contains("/assets/")) {
        let response = call_service(&app, TestRequest::with_uri(asset).to_request()).await;
        assert_eq!(response.status(), StatusCode::OK, "{asset}");
        assert!(response.headers().get("cache-control").unwrap().to_str().unwrap().contains("immutable"));
    }
}
