//! From a panel as it was read and its variables' values to a panel that can be asked for.
//!
//! Deliberately unknown here: how values were chosen, how anything is fetched.

use std::{sync::Arc, time::Duration};

use alerts::ports::{RenderError, RenderErrorKind};
use serde_json::Value;

use super::{
    Filled, Prepared,
    datasources::DataSources,
    interpolate::{Language, Scope, Unfit},
    interval::{self, SCRAPE},
    model::{Dashboard, DataSourceRef, PanelModel, Target},
    reference::references,
    usage::words_mut,
};
use crate::{error::failed, window::Window};

/// A panel's stretch of time: its own length, earlier by its own shift.
pub(super) fn window_of(panel: &mut PanelModel, asked: Window) -> Window {
    let mut window = asked;
    if let Some(from) = &panel.time_from {
        match interval::parse(from.trim().trim_start_matches("now-")) {
            Some(length) if !length.is_zero() => window = Window::ending(asked.to, length),
            _ => panel.degraded.push(format!("timeFrom {from:?}")),
        }
    }
    if let Some(shift) = &panel.time_shift {
        match interval::parse(shift) {
            Some(shift) => window = Window { from: window.from.minus(shift), to: window.to.minus(shift), ..window },
            None => panel.degraded.push(format!("timeShift {shift:?}")),
        }
    }
    window
}

/// What a panel is prepared with.
pub(super) struct Preparing<'a> {
    pub(super) dashboard: Arc<Dashboard>,
    pub(super) variables: Vec<Filled>,
    pub(super) sources: &'a DataSources,
    pub(super) window: Window,
    pub(super) max_points: u64,
    pub(super) org_id: Option<u64>,
}

impl Preparing<'_> {
    /// Fills in everything.
    ///
    /// # Errors
    /// `NotFound` where a data source is not known; `Unsupported` where a value of the alert's cannot stand in a query.
    pub(super) fn panel(mut self, mut panel: PanelModel) -> Result<Prepared, RenderError> {
        if let Some(repeated) = &panel.repeat {
            let one = self.variables.iter_mut().find(|variable| variable.name == *repeated && !variable.given);
            one.into_iter().for_each(|variable| variable.values.truncate(1));
        }
        self.fill_words(&mut panel)?;
        let window = window_of(&mut panel, self.window);
        self.window = window;
        self.name_sources(&mut panel)?;
        let max_data_points = panel.max_data_points.unwrap_or(self.max_points).clamp(1, 100_000);
        let base = self.interval(&panel, max_data_points);
        for target in &mut panel.targets {
            self.target(target, base, max_data_points)?;
        }
        let Self { dashboard, variables, .. } = self;
        Ok(Prepared { dashboard, panel, variables, window, interval: base, max_data_points })
    }

    /// Fills in everything beside the queries.
    fn fill_words(&self, panel: &mut PanelModel) -> Result<(), RenderError> {
        let scope = self.scope(Vec::new());
        panel.title = scope.fill(&panel.title, Language::Title).map_err(unfit)?;
        for text in [&mut panel.interval, &mut panel.time_from, &mut panel.time_shift].into_iter().flatten() {
            *text = scope.fill(text, Language::Words).map_err(unfit)?;
        }
        words_mut(panel).try_for_each(|json| scope.json(json, Language::Words)).map_err(unfit)
    }

    /// Says of every query whom it asks.
    fn name_sources(&self, panel: &mut PanelModel) -> Result<(), RenderError> {
        let own = self.source_of(panel.datasource.as_ref());
        let mixed = own.as_ref().is_ok_and(|own| own.uid == "-- Mixed --");
        for target in &mut panel.targets {
            target.datasource = Some(match (target.datasource.take(), &own) {
                (Some(meant), _) => self.source_of(Some(&meant))?,
                (None, _) if mixed => self.source_of(None)?,
                (None, Ok(own)) => own.clone(),
                (None, Err(error)) => return Err(error.clone()),
            });
        }
        panel.datasource = own.ok();
        Ok(())
    }

    fn scope(&self, more: Vec<(&'static str, String)>) -> Scope<'_> {
        let mut own = vec![
            ("__dashboard", self.dashboard.title.clone()),
            ("__dashboard.uid", self.dashboard.uid.clone()),
            ("__org", self.org_id.unwrap_or(1).to_string()),
        ];
        own.extend(more);
        let window = (self.window.from.as_millis(), self.window.to.as_millis());
        Scope { variables: &self.variables, own, window }
    }

    /// A data source whose variable is filled in, by its uid.
    fn source_of(&self, meant: Option<&DataSourceRef>) -> Result<DataSourceRef, RenderError> {
        let filled = meant.map(|meant| {
            let uid = self.scope(Vec::new()).fill(&meant.uid, Language::Words).map_err(unfit)?;
            let kind = meant.kind.clone().filter(|kind| !kind.contains('$')).or_else(|| self.kind_behind(&meant.uid));
            Ok::<_, RenderError>(DataSourceRef { uid, kind })
        });
        let filled = filled.transpose()?;
        let unknown = |words: String| failed(RenderErrorKind::NotFound, words);
        self.sources.resolve(filled.as_ref()).map_err(unknown)
    }

    /// The type of data source that the variable in a text chooses from.
    fn kind_behind(&self, text: &str) -> Option<String> {
        let name = references(text).next()?.name;
        let variable = self.dashboard.variables.iter().find(|one| one.name == name && one.kind == "datasource")?;
        variable.query.as_str().map(str::to_owned)
    }

    /// Grafana's `intervalMs`: round steps, none shorter than the panel's or its data source's shortest.
    fn interval(&self, panel: &PanelModel, points: u64) -> Duration {
        let source = panel.targets.first().and_then(|target| target.datasource.as_ref());
        let shortest = panel.interval.as_deref().and_then(interval::parse);
        let shortest = shortest.or_else(|| source.and_then(|source| self.scrape(source))).unwrap_or(Duration::ZERO);
        interval::interval(self.window.to.since(self.window.from), points, shortest)
    }

    /// A data source's own shortest interval.
    fn scrape(&self, source: &DataSourceRef) -> Option<Duration> {
        let own = self.sources.by_uid(&source.uid).and_then(|source| source.interval.as_deref());
        own.and_then(interval::parse).or_else(|| (language(source) == Language::Promql).then_some(SCRAPE))
    }

    fn target(&self, target: &mut Target, base: Duration, points: u64) -> Result<(), RenderError> {
        let source = target.datasource.clone().unwrap_or_default();
        let language = language(&source);
        let own = if source.kind.as_deref().is_some_and(|kind| kind.contains("prometheus")) {
            self.intervals(target, &source, base, points)?
        } else {
            Vec::new()
        };
        let scope = self.scope(own);
        for (key, json) in &mut target.fields {
            scope.json(json, of_key(key, language)).map_err(unfit)?;
        }
        Ok(())
    }

    /// `$__interval` and its kin, for one query of a Prometheus: so that no backend has to know them.
    fn intervals(
        &self,
        target: &Target,
        source: &DataSourceRef,
        base: Duration,
        points: u64,
    ) -> Result<Vec<(&'static str, String)>, RenderError> {
        let scrape = self.scrape(source).unwrap_or(SCRAPE);
        let length = self.window.to.since(self.window.from);
        let wanted = target.fields.get("interval").and_then(Value::as_str).unwrap_or_default();
        let rate = interval::rate_interval(base, scrape);
        let known = vec![("__interval", interval::print(base)), ("__rate_interval", interval::print(rate))];
        let wanted = interval::parse(&self.scope(known).fill(wanted, Language::Words).map_err(unfit)?);
        let factor = target.fields.get("intervalFactor").and_then(Value::as_u64).unwrap_or(1);
        let step = interval::step(length, points, wanted.unwrap_or(base), factor);
        let rate = interval::rate_interval(step, wanted.unwrap_or(scrape));
        let seconds = (length.as_millis() + 500) / 1_000;
        Ok(vec![
            ("__interval", interval::print(step)),
            ("__interval_ms", step.as_millis().to_string()),
            ("__rate_interval", interval::print(rate)),
            ("__rate_interval_ms", rate.as_millis().to_string()),
            ("__range", format!("{seconds}s")),
            ("__range_s", seconds.to_string()),
            ("__range_ms", length.as_millis().to_string()),
        ])
    }
}

impl Scope<'_> {
    /// Fills in all texts in some JSON; its keys stay.
    fn json(&self, json: &mut Value, language: Language) -> Result<(), Unfit> {
        match json {
            Value::String(text) if text.contains('$') || text.contains("[[") => *text = self.fill(text, language)?,
            Value::Array(all) => all.iter_mut().try_for_each(|one| self.json(one, language))?,
            Value::Object(all) => all.values_mut().try_for_each(|one| self.json(one, language))?,
            _ => {}
        }
        Ok(())
    }
}

fn language(source: &DataSourceRef) -> Language {
    source.kind.as_deref().map_or(Language::Other("glob"), Language::of)
}

/// What a field of a query is written in.
fn of_key(key: &str, language: Language) -> Language {
    match (key, language) {
        ("legendFormat" | "alias" | "format" | "interval" | "step" | "resolution", _) => Language::Words,
        ("expr" | "query", language) => language,
        (_, Language::Promql) => Language::Words,
        (_, language) => language,
    }
}

fn unfit(error: Unfit) -> RenderError {
    failed(RenderErrorKind::Unsupported, error.to_string())
}

#[cfg(test)]
mod tests {
    use alerts::Time;

    use super::*;

    const NOW: i64 = 1_700_000_000;

    /// `expected`: where the window begins and ends, in seconds before now; how much could not be understood.
    fn check(from: Option<&str>, shift: Option<&str>, expected: (u64, u64, usize)) {
        let mut panel = PanelModel {
            time_from: from.map(str::to_owned),
            time_shift: shift.map(str::to_owned),
            ..PanelModel::default()
        };
        let now = Time::from_secs(NOW);
        let window = window_of(&mut panel, Window::ending(now, Duration::from_secs(3_600)));
        let found = (now.since(window.from).as_secs(), now.since(window.to).as_secs(), panel.degraded.len());
        assert_eq!(found, expected, "{from:?} {shift:?}");
    }

    #[test]
    fn a_panel_may_have_its_own_stretch_of_time() {
        check(None, None, (3_600, 0, 0));
        check(Some("6h"), None, (6 * 3_600, 0, 0));
        check(Some("now-7d"), None, (7 * 86_400, 0, 0));
        check(None, Some("1d"), (86_400 + 3_600, 86_400, 0));
        check(Some("2h"), Some("1h"), (3 * 3_600, 3_600, 0));
        check(Some("now/d"), Some("0d/d"), (3_600, 0, 2));
    }
}
