//! A thousand real pictures leave nothing behind: no file, no process, no open descriptor, no memory.
//!
//! Descriptors and memory are a process's, and other tests have theirs: the pictures are taken in a process of its own.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use alerts::{
    picture::Subject,
    ports::{Capture, Renderer},
};
use images::{
    PanelConfig, Renderers, RenderingConfig, ScreenshotsConfig, Sections, Unwatched,
    settings::RendererKind,
    store::{Backend, LocalStore, random_id},
};

use crate::{
    chromium::{self, BOX, browser, html, processes},
    fake::{Fake, Reply, Request},
    renderers::picture,
    world::{AMPLE, capture, clock, matrix, native, one_rule, series, source},
};

/// Names the folder of the process that takes the pictures.
const CHILD: &str = "WIREPHOTO_TEST_LEAKS_IN";
/// What resident memory may grow by. A thousand pictures are 40 MB as files and 2 GB as pixels.
const MOST_GROWTH: u64 = 96 << 20;

/// The captures of each renderer.
#[derive(Clone, Copy)]
struct Load {
    native: usize,
    http: usize,
    chromium: usize,
}

#[test]
fn a_thousand_pictures_leave_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let temporary = folder.path().join("tmp");
    std::fs::create_dir(&temporary).expect("a folder");
    let status = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "leaks::child_that_takes_a_thousand_pictures", "--nocapture"])
        .env(CHILD, folder.path())
        .env("TMPDIR", &temporary)
        .status()
        .expect("it starts");
    assert!(status.success());
    assert!(folder.path().join("done").exists(), "it ran no test");
    assert_eq!(files(&temporary), Vec::<PathBuf>::new());
    let mark = temporary.display().to_string();
    assert_eq!(processes(&mark), [], "a browser outlived its program");
}

/// Not a test by itself: the process of the test above.
#[tokio::test]
async fn child_that_takes_a_thousand_pictures() {
    let Some(folder) = std::env::var_os(CHILD).map(PathBuf::from) else { return };
    let data = folder.join("data");
    let store = LocalStore::open(&data, None).expect("a store");
    let fake = Fake::start(answers()).await;
    take(&fake, &store, Load { native: 50, http: 10, chromium: 3 }).await;
    let before = (files(&data), descriptors(), resident());
    take(&fake, &store, Load { native: 1_000, http: 200, chromium: 50 }).await;
    settled("descriptors are closed", || descriptors() <= before.1 + 8).await;
    assert_eq!(files(&data), before.0);
    let growth = resident().saturating_sub(before.2);
    assert!(growth < MOST_GROWTH, "{} MiB more than after the first sixty", growth >> 20);
    settled("no process is left", children_ended).await;
    std::fs::write(folder.join("done"), "").expect("written");
}

fn answers() -> impl Fn(&Request) -> Reply + Send + Sync {
    let curve = |n: usize| series(&format!(r#"{{"instance":"{n}"}}"#), move |step| (step * n as i64 % 97).to_string());
    let (answer, rules) = (matrix(&(0..10).map(curve).collect::<Vec<_>>()), one_rule("load > 50", 60, "{}"));
    let png = picture(400, 200, false);
    move |request: &Request| match request.path.as_str() {
        "/picture.png" => Reply::png(png.clone()),
        "/" => html(BOX),
        _ if request.is_query() => Reply::json(answer.as_str()),
        _ => Reply::json(rules.as_str()),
    }
}

/// Takes pictures, keeps each in the store and deletes it again, as the retention does.
async fn take(fake: &Fake, store: &LocalStore, load: Load) {
    let rule = |n: usize| capture(&format!("load > {}", n % 90));
    round(Arc::new(native(source(&fake.url))), store, load.native, rule).await;
    let fetches = fetching(&format!("image_url = '{}/picture.png'", fake.url));
    round(Arc::new(fetches), store, load.http, |_| first_panel()).await;
    if browser() {
        let photographs = Arc::new(chromium::page(&fake.url, "").build());
        round(photographs, store, load.chromium, |_| first_panel()).await;
    }
}

/// Five at a time, as the gate does.
async fn round(renderers: Arc<Renderers>, store: &LocalStore, count: usize, wanted: impl Fn(usize) -> Capture) {
    let mut running = tokio::task::JoinSet::new();
    let mut kept = Vec::new();
    for number in 0..count {
        let (renderers, wanted) = (renderers.clone(), wanted(number));
        running.spawn(async move { renderers.render(&wanted, AMPLE).await });
        while running.len() >= 5 || number + 1 == count && !running.is_empty() {
            let rendered = running.join_next().await.expect("one runs").expect("no panic").expect("a picture");
            let id = random_id();
            store.put(&id, rendered.png).await.expect("kept");
            kept.push(id);
        }
    }
    assert_eq!(kept.len(), count);
    for id in &kept {
        store.delete(id).await.expect("deleted");
    }
}

fn first_panel() -> Capture {
    let subject = Subject { source: String::new(), panel: "panels/0".into(), variables: String::new() };
    Capture { subject, ..capture("") }
}

fn fetching(panel: &str) -> Renderers {
    let panel: PanelConfig = toml::from_str(panel).expect("the keys are right");
    let screenshots = ScreenshotsConfig { renderers: vec![RendererKind::Http], ..ScreenshotsConfig::default() };
    let sections = Sections {
        sources: &[],
        panels: &[panel],
        screenshots: &screenshots,
        rendering: &RenderingConfig::default(),
        chromium: &images::ChromiumConfig::default(),
    };
    images::build(&sections, &clock(), Arc::new(Unwatched)).expect("a valid configuration")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").expect("Linux").count()
}

fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmRSS")).expect("a line");
    line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<u64>().ok()).expect("a number") * 1024
}

/// Whether this process has no child: processes name their parents.
fn children_ended() -> bool {
    let parent = format!("PPid:\t{}\n", std::process::id());
    let all = std::fs::read_dir("/proc").expect("Linux").flatten();
    all.filter_map(|entry| std::fs::read_to_string(entry.path().join("status")).ok())
        .all(|text| !text.contains(&parent))
}

async fn settled(what: &str, is: impl Fn() -> bool) {
    let began = tokio::time::Instant::now();
    while !is() {
        assert!(began.elapsed() < Duration::from_secs(20), "{what}: {} descriptors", descriptors());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
