//! From the sections of the configuration to the renderers that they describe; everything that is wrong at once, each with its place.
//!
//! Deliberately unknown here: files, error positions (the configuration's), how anything is drawn.

use std::sync::Arc;

use alerts::ports::Clock;

#[cfg(feature = "chromium")]
use crate::renderers::chromium::Chromium;
use crate::{
    Native,
    choose::{Chooser, Recognition},
    dashboards::Dashboards,
    grafana::GrafanaSource,
    job::Jobs,
    native::{ConfiguredSource, NamedSource},
    panels::{PanelConfig, PanelRule},
    renderers::{Draw, Renderers, Unwatched, Watch, grafana::Grafana, image::Image, remote::Remote},
    settings::{Look, RendererKind, ScreenshotsConfig, Sections, SourceConfig, SourceKind},
};

/// The native renderer over these sources alone: for the command `wirephoto render`.
///
/// # Errors
/// Everything that is wrong in the sections, one line each, with the source's name.
pub fn native(
    sources: &[SourceConfig],
    screenshots: &ScreenshotsConfig,
    clock: &Arc<dyn Clock>,
) -> Result<Native, Vec<String>> {
    let Parts { look, series, .. } = parts(sources, screenshots, clock, &(Arc::new(Unwatched) as _))?;
    Ok(Native::new(named(&series), Vec::new(), look))
}

/// All configured renderers.
///
/// # Errors
/// Everything that is wrong in the sections, one line each, with the place: `sources[0] "name": …`, `panels[0]: …`.
pub fn build(sections: &Sections<'_>, clock: &Arc<dyn Clock>, watch: Arc<dyn Watch>) -> Result<Renderers, Vec<String>> {
    let Sections { sources, panels, screenshots, rendering, chromium } = *sections;
    let mut problems = Vec::new();
    let rules = panel_rules(panels, sources).map_err(|wrong| problems.extend(wrong)).ok();
    let parts = parts(sources, screenshots, clock, &watch).map_err(|wrong| problems.extend(wrong)).ok();
    let (Some(rules), Some(Parts { look, series, grafanas })) = (rules, parts) else { return Err(problems) };
    let (grafana_names, grafanas): (Vec<Recognition>, Vec<Arc<GrafanaSource>>) = grafanas.into_iter().unzip();
    let grafanas: Arc<[Arc<GrafanaSource>]> = grafanas.into();
    let mut renderers: Vec<Arc<dyn Draw>> = Vec::new();
    for kind in &screenshots.renderers {
        match kind {
            RendererKind::Native => {
                let of = |source: &Arc<GrafanaSource>| Dashboards::new(source.clone(), clock.clone(), watch.clone());
                let dashboards = grafanas.iter().map(of).collect();
                renderers.push(Arc::new(Native::new(named(&series), dashboards, look.clone())));
            }
            RendererKind::Grafana => {
                renderers.push(Arc::new(Grafana { sources: grafanas.clone(), look: look.clone() }))
            }
            RendererKind::Remote => match Remote::build(rendering, grafanas.clone(), look.clone()) {
                Ok(remote) => renderers.push(Arc::new(remote)),
                Err(wrong) => problems.extend(wrong),
            },
            #[cfg(feature = "chromium")]
            RendererKind::Chromium => {
                let limit = screenshots.max_concurrent_screenshots;
                match Chromium::build(chromium, grafanas.clone(), &rules, look.clone(), limit) {
                    Ok(chromium) => renderers.push(Arc::new(chromium)),
                    Err(wrong) => problems.extend(wrong),
                }
            }
            #[cfg(not(feature = "chromium"))]
            RendererKind::Chromium => {
                let _ = chromium;
                problems.push("screenshots.renderers this program was built without \"chromium\"".to_owned());
            }
            RendererKind::Http => renderers.push(Arc::new(Image::default())),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let sources = series.into_iter().map(|source| source.recognition).collect();
    let chooser = Chooser { sources, grafanas: grafana_names, panels: rules.clone() };
    Ok(Renderers::new(chooser, Jobs { panels: rules.into(), look }, renderers, watch))
}

/// The checked `[[panels]]`.
fn panel_rules(panels: &[PanelConfig], sources: &[SourceConfig]) -> Result<Vec<PanelRule>, Vec<String>> {
    let (mut rules, mut problems) = (Vec::new(), Vec::new());
    for (at, panel) in panels.iter().enumerate() {
        match PanelRule::new(panel) {
            Ok(rule) => rules.push(rule),
            Err(wrong) => problems.extend(wrong.into_iter().map(|problem| format!("panels[{at}]: {problem}"))),
        }
        if let Some(name) = panel.source.as_deref().filter(|name| sources.iter().all(|source| source.name != *name)) {
            problems.push(format!("panels[{at}]: source: there is no source named {name:?}"));
        }
    }
    if problems.is_empty() { Ok(rules) } else { Err(problems) }
}

fn named(built: &[ConfiguredSource]) -> Vec<NamedSource> {
    let of = |one: &ConfiguredSource| NamedSource { name: one.recognition.name.clone(), source: one.source.clone() };
    built.iter().map(of).collect()
}

/// What all renderers are made of.
struct Parts {
    look: Look,
    series: Vec<ConfiguredSource>,
    grafanas: Vec<(Recognition, Arc<GrafanaSource>)>,
}

fn parts(
    sources: &[SourceConfig],
    screenshots: &ScreenshotsConfig,
    clock: &Arc<dyn Clock>,
    watch: &Arc<dyn Watch>,
) -> Result<Parts, Vec<String>> {
    let mut problems = Vec::new();
    let look = screenshots.look().map_err(|wrong| problems.extend(wrong)).ok();
    let (mut series, mut grafanas) = (Vec::new(), Vec::new());
    for (at, source) in sources.iter().enumerate() {
        let named = |problem: String| format!("sources[{at}] {:?}: {problem}", source.name);
        if source.name.is_empty() || sources[..at].iter().any(|other| other.name == source.name) {
            problems.push(named("the name is empty or that of another source".to_owned()));
        }
        if source.kind != SourceKind::Grafana && (!source.variables.is_empty() || source.org_id.is_some()) {
            problems.push(named("variables and org_id belong to sources of type \"grafana\"".to_owned()));
        }
        let built = match source.kind {
            SourceKind::Grafana => grafana(source).map(|built| grafanas.push(built)),
            _ => ConfiguredSource::build(source, clock, watch).map(|built| series.push(built)),
        };
        if let Err(wrong) = built {
            problems.extend(wrong.into_iter().map(named));
        }
    }
    match look {
        Some(look) if problems.is_empty() => Ok(Parts { look, series, grafanas }),
        _ => Err(problems),
    }
}

fn grafana(config: &SourceConfig) -> Result<(Recognition, Arc<GrafanaSource>), Vec<String>> {
    let urls: Vec<&str> =
        [config.url.as_str()].into_iter().chain(config.external_urls.iter().map(String::as_str)).collect();
    let source = GrafanaSource::build(config);
    match (Recognition::new(&config.name, &urls, &config.matchers), source) {
        (Ok(recognition), Ok(source)) => {
            Ok((Recognition { variables: config.variables.clone(), ..recognition }, Arc::new(source)))
        }
        (recognition, source) => {
            let mut problems = recognition.err().unwrap_or_default();
            problems.extend(source.err().unwrap_or_default());
            problems.dedup();
            Err(problems)
        }
    }
}
