//! The sections about pictures: where series come from, which panels belong to which alerts, how pictures are taken. Checked by
//! building the renderers on trial.
//!
//! Deliberately unknown here: what a renderer is made of.

use std::sync::Arc;

use actors::clock::SystemClock;
use images::{
    ChromiumConfig, PanelConfig, RenderingConfig, ScreenshotsConfig, Sections, SourceConfig, Unwatched,
    settings::RendererKind,
    store::{ExternalImageStorage, settings::Provider},
};

use super::{
    reader::Reader,
    tree::{Path, Segment},
};

/// The sections.
pub(super) struct Pictures {
    pub(super) sources: Vec<SourceConfig>,
    pub(super) panels: Vec<PanelConfig>,
    pub(super) screenshots: ScreenshotsConfig,
    pub(super) rendering: RenderingConfig,
    pub(super) chromium: ChromiumConfig,
    pub(super) external_image_storage: ExternalImageStorage,
}

/// Reads and checks them.
pub(super) fn read(reader: &mut Reader) -> Pictures {
    let (source_paths, sources): (Vec<Path>, Vec<SourceConfig>) = reader.elements("sources").into_iter().unzip();
    let (panel_paths, panels): (Vec<Path>, Vec<PanelConfig>) = reader.elements("panels").into_iter().unzip();
    let screenshots: ScreenshotsConfig = reader.section("screenshots");
    let clock: Arc<dyn alerts::ports::Clock> = Arc::new(SystemClock::new());
    let rendering = rendering(reader, &screenshots);
    let chromium: ChromiumConfig = reader.section("chromium");
    let sections = Sections {
        sources: &sources,
        panels: &panels,
        screenshots: &screenshots,
        rendering: &rendering,
        chromium: &chromium,
    };
    let built = images::build(&sections, &clock, Arc::new(Unwatched));
    for problem in built.err().unwrap_or_default() {
        let (path, message) = placed(&problem, &source_paths, &panel_paths);
        match path.0.last() {
            Some(Segment::Key(_)) => reader.problem(&path, message),
            // a source may have several, which name its keys themselves
            _ => reader.another_problem(&path, message),
        }
    }
    let external_image_storage = external_image_storage(reader, &screenshots);
    Pictures { sources, panels, screenshots, rendering, chromium, external_image_storage }
}

/// Where pictures are uploaded, checked by building it on trial.
fn external_image_storage(reader: &mut Reader, screenshots: &ScreenshotsConfig) -> ExternalImageStorage {
    let path = Path::from("external_image_storage");
    let storage: ExternalImageStorage = reader.section("external_image_storage");
    for wrong in storage.check() {
        let path = wrong.key.split('.').fold(path.clone(), |path, key| path.key(key));
        reader.problem(&path, wrong.problem);
    }
    if storage.provider != Provider::Local && !screenshots.upload_external_image_storage {
        reader.warn(&path.key("provider"), "takes no new pictures: screenshots.upload_external_image_storage is false");
    }
    storage
}

fn rendering(reader: &mut Reader, screenshots: &ScreenshotsConfig) -> RenderingConfig {
    let path = Path::from("rendering");
    let rendering: RenderingConfig = reader.section("rendering");
    if !rendering.server_url.is_empty() && !screenshots.renderers.contains(&RendererKind::Remote) {
        let what = "is not used: \"remote\" is not among screenshots.renderers";
        reader.warn(&path.key("server_url"), what);
    }
    let limit = usize::try_from(rendering.concurrent_render_request_limit).unwrap_or(usize::MAX);
    if limit < screenshots.max_concurrent_screenshots {
        let what = "is lower than screenshots.max_concurrent_screenshots: pictures would wait for the renderer";
        reader.warn(&path.key("concurrent_render_request_limit"), what);
    }
    rendering
}

/// `tls_config.ca_file: what` of a source at its key; any other problem at the source.
fn at_key(source: Path, message: &str) -> (Path, &str) {
    let place = message.split_once(": ").and_then(|(key, what)| match key.split_once('.') {
        Some((table @ ("tls_config" | "headers"), key)) => Some((source.key(table).key(key), what)),
        None if key == "proxy_url" => Some((source.key(key), what)),
        _ => None,
    });
    place.unwrap_or((source, message))
}

/// `sources[0] "name": what`, `panels[0]: what` and `screenshots.key what` taken apart: the value, and what is wrong with it.
fn placed<'a>(problem: &'a str, sources: &[Path], panels: &[Path]) -> (Path, &'a str) {
    let (place, message) = problem.split_once(' ').unwrap_or((problem, problem));
    let path = Path::parse(place.trim_end_matches([':', ',']));
    match path.0.as_slice() {
        [Segment::Key(list), Segment::Index(index)] if list.as_str() == "panels" => {
            (panels.get(*index).cloned().unwrap_or(path), message)
        }
        [_, Segment::Index(index)] => {
            let message = message.split_once("\": ").map_or(message, |(_, message)| message);
            at_key(sources.get(*index).cloned().unwrap_or(path), message)
        }
        // "screenshots.width, height and scale: what"
        _ if place.ends_with(',') => (path, message.split_once(": ").map_or(message, |(_, message)| message)),
        _ => (path, message),
    }
}
