//! The renderer `chromium`: Debian's browser against pages of a loopback server.

use std::{path::PathBuf, sync::Arc, time::Duration};

use alerts::{
    picture::Subject,
    ports::{Capture, RenderError, RenderErrorKind, Rendered, Renderer},
};
use images::{
    ChromiumConfig, Renderers, RenderingConfig, ScreenshotsConfig, Sections, SourceConfig, SourceKind, Unwatched,
    settings::{RendererKind, ThemeName},
};

use crate::{
    fake::{Fake, Reply, Request},
    world::{AMPLE, capture, clock, decoded},
};

/// Whether there is a browser. It must be there where the tests' peers are required.
pub(crate) fn browser() -> bool {
    let found = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .any(|folder| folder.join("chromium").is_file());
    let required = std::env::var_os("WIREPHOTO_TEST_PEERS").is_some_and(|value| value == "required");
    assert!(found || !required, "chromium is not installed: run tests/run");
    found
}

pub(crate) struct Setup {
    screenshots: ScreenshotsConfig,
    chromium: ChromiumConfig,
    sources: Vec<SourceConfig>,
    panel: String,
}

/// The configuration that photographs this page.
pub(crate) fn page(url: &str, more: &str) -> Setup {
    Setup {
        screenshots: ScreenshotsConfig {
            renderers: vec![RendererKind::Chromium],
            width: 400,
            height: 200,
            timezone: "Asia/Tokyo".into(),
            ..ScreenshotsConfig::default()
        },
        // the tests may run as root, where there is no sandbox
        chromium: ChromiumConfig { sandbox: false, ..ChromiumConfig::default() },
        sources: Vec::new(),
        panel: format!("page_url = '{url}'\n{more}"),
    }
}

impl Setup {
    fn try_build(&self) -> Result<Renderers, Vec<String>> {
        // an error only means that another test was first
        let _ = rustls::crypto::ring::default_provider().install_default();
        let sections = Sections {
            sources: &self.sources,
            panels: &[toml::from_str(&self.panel).expect("the keys are right")],
            screenshots: &self.screenshots,
            rendering: &RenderingConfig::default(),
            chromium: &self.chromium,
        };
        images::build(&sections, &clock(), Arc::new(Unwatched))
    }

    pub(crate) fn build(&self) -> Renderers {
        self.try_build().expect("a valid configuration")
    }

    async fn picture(&self) -> Result<Rendered, RenderError> {
        shoot(&self.build(), AMPLE).await
    }
}

fn wanted() -> Capture {
    Capture {
        subject: Subject { source: "graf".into(), panel: "panels/0".into(), variables: String::new() },
        ..capture("")
    }
}

pub(crate) async fn shoot(renderers: &Renderers, budget: Duration) -> Result<Rendered, RenderError> {
    renderers.render(&wanted(), budget).await
}

pub(crate) fn html(body: &str) -> Reply {
    Reply::status(
        200,
        "text/html",
        format!("<!doctype html><html style=\"height:100%\"><body style=\"margin:0;height:100%\">{body}</body></html>"),
    )
}

/// Stripes over the whole page, and a green box of 120 x 60 points.
pub(crate) const BOX: &str = "<style>body{background:repeating-linear-gradient(#fff 0 9px,#237 9px 18px)}</style><div id=box \
                   style=\"position:absolute;left:40px;top:300px;width:120px;height:60px;\
                   background:repeating-linear-gradient(90deg,#0a0 0 7px,#0f0 7px 14px)\"></div>";

/// The middle pixel.
fn middle(picture: &Rendered) -> [u8; 3] {
    let ((width, height), pixels) = decoded(&picture.png);
    let channels = pixels.len() / (width * height) as usize;
    let at = ((height / 2 * width + width / 2) as usize) * channels;
    [pixels[at], pixels[at + 1], pixels[at + 2]]
}

/// Looked at by eye where the variable names a folder.
fn keep(name: &str, picture: &Rendered) {
    if let Some(folder) = std::env::var_os("WIREPHOTO_TEST_PICTURES") {
        std::fs::write(PathBuf::from(folder).join(format!("{name}.png")), &picture.png).expect("written");
    }
}

#[tokio::test]
async fn pages_and_elements_have_the_right_size() {
    if !browser() {
        return;
    }
    let fake = Fake::start(|_: &Request| html(BOX)).await;
    for scale in [1, 2] {
        let mut setup = page(&fake.url, "");
        setup.screenshots.scale = scale;
        let picture = setup.picture().await.expect("a picture");
        let times = u32::from(scale);
        assert_eq!((picture.width, picture.height), (400 * times, 200 * times));
        assert!(picture.alt.contains("picture of 127.0.0.1"), "{}", picture.alt);
        keep(&format!("page-{scale}"), &picture);
        // below the edge of the window
        setup.panel.push_str("selector = '#box'");
        let picture = setup.picture().await.expect("a picture of the box");
        assert_eq!((picture.width, picture.height), (120 * times, 60 * times));
        let [red, green, _] = middle(&picture);
        assert!(red < 40 && green > 150, "the box is green");
        keep(&format!("box-{scale}"), &picture);
    }
}

#[tokio::test]
async fn what_is_late_is_waited_for() {
    if !browser() {
        return;
    }
    let late = "<script>setTimeout(()=>{document.body.innerHTML+='<div id=late \
                style=\"height:200px;background:repeating-linear-gradient(#c00 0 9px,#e00 9px 18px)\"></div>'},900)</script>";
    let fake = Fake::start(move |_: &Request| html(late)).await;
    let picture = page(&fake.url, "wait_for = '#late'").picture().await.expect("a picture");
    assert!(middle(&picture)[0] > 180, "the late element is on it");
    for (more, words) in [
        ("wait_for = '#never'", "\"#never\" is still not on the page"),
        ("wait_for = 'a['", "is not a selector"),
        ("selector = '#never'", "there is no \"#never\""),
    ] {
        let renderers = page(&fake.url, more).build();
        let error = shoot(&renderers, Duration::from_secs(5)).await.expect_err(more);
        assert!(error.detail.contains(words), "{more}: {error}");
    }
}

#[tokio::test]
async fn pages_are_told_the_theme_and_the_time_zone() {
    if !browser() {
        return;
    }
    let fake = Fake::start(|_: &Request| {
        html(
            "<style>body{background:repeating-linear-gradient(#eee 0 9px,#fff 9px 18px)}@media(prefers-color-scheme:dark)\
             {body{background:repeating-linear-gradient(#111 0 9px,#000 9px 18px)}}</style><script>fetch('/zone?name='+\
             Intl.DateTimeFormat().resolvedOptions().timeZone)</script>",
        )
    })
    .await;
    for (theme, is_dark) in [(ThemeName::Dark, true), (ThemeName::Light, false)] {
        let mut setup = page(&fake.url, "");
        setup.screenshots.theme = theme;
        let picture = setup.picture().await.expect("a picture");
        assert_eq!(middle(&picture)[0] < 40, is_dark, "{theme:?}");
    }
    let zones = fake.requests();
    let zone = zones.iter().find(|request| request.path == "/zone").expect("the script ran");
    assert_eq!(zone.parameter("name"), "Asia/Tokyo");
}

#[tokio::test]
async fn what_is_no_page_is_told() {
    if !browser() {
        return;
    }
    let elsewhere = Fake::start(|_: &Request| html(BOX)).await;
    let target = elsewhere.url.clone();
    let fake = Fake::start(move |request: &Request| match request.path.as_str() {
        "/redirect" => Reply::Whole(302, "text/plain", format!("Location: {target}/there?token=x\r\n"), Vec::new()),
        "/script" => html(&format!("{BOX}<script>location='{target}/there'</script>")),
        "/frame" => html(&format!("{BOX}<iframe src='{target}/frame'></iframe><img src='{target}/img'>")),
        "/file" => html(&format!("{BOX}<iframe src='file:///etc/passwd'></iframe>")),
        "/missing" => Reply::status(404, "text/html", "<h1>not here</h1>"),
        "/blank" => html(""),
        "/dialog" => html(&format!("{BOX}<script>alert(1);confirm(2);open('{target}/popup')</script>")),
        _ => Reply::Silence,
    })
    .await;
    let check = async |path: &str, kind: RenderErrorKind, words: &str| {
        let renderers = page(&format!("{}{path}", fake.url), "").build();
        let error = shoot(&renderers, Duration::from_secs(4)).await.expect_err(path);
        assert_eq!(error.kind, kind, "{path}: {error}");
        assert!(error.detail.contains(words) && !error.detail.contains("token"), "{path}: {error}");
    };
    check("/redirect", RenderErrorKind::Source, &format!("{}/there", elsewhere.url)).await;
    check("/script", RenderErrorKind::Source, "another server").await;
    check("/missing", RenderErrorKind::Source, "status 404").await;
    check("/blank", RenderErrorKind::Content, "nothing is on it").await;
    check("/silence", RenderErrorKind::Timeout, "the page is still loading").await;
    for path in ["/frame", "/file", "/dialog"] {
        let renderers = page(&format!("{}{path}", fake.url), "").build();
        let picture = shoot(&renderers, Duration::from_secs(10)).await.expect(path);
        keep(&path[1..], &picture);
    }
    assert_eq!(elsewhere.requests().len(), 0, "{:?}", elsewhere.requests());
}

/// The login goes to the Grafana, to nobody else, and not with a redirect.
#[tokio::test]
async fn the_login_goes_to_its_origin_only() {
    if !browser() {
        return;
    }
    let other = Fake::start(|_: &Request| Reply::status(200, "text/css", "")).await;
    // another name of the same machine, which is allowed: another origin
    let place = other.url.replace("127.0.0.1", "localhost");
    let fake = Fake::start(move |request: &Request| match request.path.as_str() {
        "/graf/d-solo/ab/_" => html(&format!(
            "{BOX}<link rel=stylesheet href='{place}/direct'><link rel=stylesheet href='/graf/moved'>\
             <script>fetch('/graf/api')</script>"
        )),
        "/graf/moved" => Reply::Whole(302, "text/css", format!("Location: {place}/moved\r\n"), Vec::new()),
        _ => Reply::json("{}"),
    })
    .await;
    let mut setup = page("http://unused.test/", "");
    setup.panel = "dashboard = 'ab'\npanel = 4\nsource = 'graf'".into();
    setup.chromium.allowed_hosts = vec!["localhost".into()];
    setup.sources = vec![SourceConfig {
        bearer_token: Some("glsa-secret".into()),
        ..SourceConfig::new("graf", SourceKind::Grafana, format!("{}/graf", fake.url))
    }];
    setup.picture().await.expect("a picture");
    let asked = fake.requests();
    let asked: Vec<&Request> = asked.iter().filter(|request| request.path.starts_with("/graf")).collect();
    assert!(asked.len() >= 3, "{asked:?}");
    for request in asked {
        assert_eq!(request.headers.get("authorization").map(String::as_str), Some("Bearer glsa-secret"), "{request:?}");
    }
    let mut paths: Vec<String> = other.requests().into_iter().map(|request| request.path).collect();
    paths.sort();
    assert_eq!(paths, ["/direct", "/moved"]);
    assert!(other.requests().iter().all(|request| !request.headers.contains_key("authorization")));
}

/// The processes whose command line has this in it.
pub(crate) fn processes(words: &str) -> Vec<(i32, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").expect("Linux").flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let line = std::fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default().replace('\0', " ");
        if line.contains(words) {
            found.push((id, line));
        }
    }
    found
}

/// The folders of the browsers of this test: their command lines name the host that only it resolves.
fn folders(mark: &str) -> Vec<String> {
    let folder = |(_, line): (i32, String)| {
        let (_, rest) = line.split_once("--user-data-dir=")?;
        Some(rest.split(' ').next()?.to_owned())
    };
    let mut found: Vec<String> = processes(&format!("EXCLUDE {mark}")).into_iter().filter_map(folder).collect();
    found.sort();
    found.dedup();
    found
}

async fn until(what: &str, is: impl Fn() -> bool) {
    let began = tokio::time::Instant::now();
    while !is() {
        assert!(began.elapsed() < Duration::from_secs(10), "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn thirty_pictures_leave_nothing() {
    if !browser() {
        return;
    }
    let fake = Fake::start(|_: &Request| html(BOX)).await;
    let mut setup = page(&fake.url, "");
    setup.chromium.allowed_hosts = vec!["thirty.test".into()];
    setup.chromium.max_pages = 20;
    let renderers = Arc::new(setup.build());
    let mut shots = tokio::task::JoinSet::new();
    for _ in 0..30 {
        let renderers = renderers.clone();
        shots.spawn(async move { shoot(&renderers, AMPLE).await });
    }
    let mut seen = Vec::new();
    while let Some(shot) = shots.join_next().await {
        shot.expect("no panic").expect("a picture");
        seen.extend(folders("thirty.test"));
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 2, "a second browser after 20 pages: {seen:?}");
    assert_eq!(fake.requests().iter().filter(|request| request.path == "/").count(), 30);
    drop(renderers);
    until("no process is left", || seen.iter().all(|folder| processes(folder).is_empty())).await;
    until("no folder is left", || seen.iter().all(|folder| !PathBuf::from(folder).exists())).await;
}

#[tokio::test]
async fn after_a_death_there_is_another_browser() {
    if !browser() {
        return;
    }
    let fake = Fake::start(|request: &Request| match request.path.as_str() {
        "/" => html(BOX),
        _ => Reply::Silence,
    })
    .await;
    let kill = |id: i32| {
        let killed = std::process::Command::new("kill").args(["-KILL", &id.to_string()]).status();
        assert!(killed.expect("kill is there").success());
    };
    let mut setup = page(&fake.url, "");
    setup.chromium.allowed_hosts = vec!["death.test".into()];
    let renderers = setup.build();
    shoot(&renderers, AMPLE).await.expect("a picture");
    let first = folders("death.test");
    let main =
        processes("EXCLUDE death.test").into_iter().find(|(_, line)| !line.contains("--type=")).expect("one runs");
    kill(main.0);
    tokio::time::sleep(Duration::from_millis(300)).await;
    shoot(&renderers, AMPLE).await.expect("a picture of another browser");
    assert_ne!(first, folders("death.test"));
    // in the middle of a picture
    let folder = folders("death.test").remove(0);
    setup.panel = format!("page_url = '{}/slow'", fake.url);
    setup.chromium.allowed_hosts = vec!["slow.test".into()];
    let slow = setup.build();
    let (failed, ()) = tokio::join!(shoot(&slow, AMPLE), async {
        until("the page is asked for", || fake.requests().iter().any(|request| request.path == "/slow")).await;
        let main =
            processes("EXCLUDE slow.test").into_iter().find(|(_, line)| !line.contains("--type=")).expect("one runs");
        kill(main.0);
    });
    let error = failed.expect_err("the browser died");
    assert_eq!(error.kind, RenderErrorKind::Source, "{error}");
    drop((slow, renderers));
    until("no process is left", || processes(&folder).is_empty()).await;
}

#[test]
fn a_configuration_without_a_browser_is_refused() {
    let mut setup = page("http://x.test/", "");
    setup.chromium.path = "/nowhere/chromium".into();
    setup.chromium.max_pages = 0;
    let problems = setup.try_build().err().expect("refused");
    assert_eq!(
        problems,
        ["chromium.path there is no program \"/nowhere/chromium\"", "chromium.max_pages must be at least 1"]
    );
    setup.screenshots.renderers = vec![RendererKind::Http];
    assert!(setup.try_build().is_ok(), "it is not asked for");
}

#[tokio::test]
async fn as_root_the_sandbox_is_named() {
    let root = std::fs::read_to_string("/proc/self/status").is_ok_and(|text| text.contains("\nUid:\t0\t"));
    if !browser() || !root {
        return;
    }
    let mut setup = page("http://127.0.0.1:9/", "");
    setup.chromium.sandbox = true;
    let error = setup.picture().await.expect_err("no sandbox for root");
    assert!(error.detail.contains("chromium.sandbox = false"), "{error}");
}
