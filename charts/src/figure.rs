//! The kinds of panel there are: what can be drawn.

use crate::{Logs, Panel, Stat};

/// A panel of any kind. A new kind joins here, in [`View`], and in `draw.rs`.
#[derive(Debug, Clone)]
pub enum Figure {
    /// Lines over time.
    TimeSeries(Box<Panel>),
    /// Large values.
    Stat(Stat),
    /// Log lines.
    Logs(Logs),
}

impl Figure {
    /// The headline.
    pub fn title(&self) -> &str {
        match self {
            Figure::TimeSeries(panel) => &panel.title,
            Figure::Stat(stat) => &stat.title,
            Figure::Logs(logs) => &logs.title,
        }
    }

    /// Another headline.
    pub fn set_title(&mut self, title: String) {
        match self {
            Figure::TimeSeries(panel) => panel.title = title,
            Figure::Stat(stat) => stat.title = title,
            Figure::Logs(logs) => logs.title = title,
        }
    }
}

/// A panel of any kind, borrowed.
#[derive(Debug, Clone, Copy)]
pub enum View<'a> {
    /// Lines over time.
    TimeSeries(&'a Panel),
    /// Large values.
    Stat(&'a Stat),
    /// Log lines.
    Logs(&'a Logs),
}

impl<'a> From<&'a Panel> for View<'a> {
    fn from(panel: &'a Panel) -> View<'a> {
        View::TimeSeries(panel)
    }
}

impl<'a> From<&'a Stat> for View<'a> {
    fn from(stat: &'a Stat) -> View<'a> {
        View::Stat(stat)
    }
}

impl<'a> From<&'a Logs> for View<'a> {
    fn from(logs: &'a Logs) -> View<'a> {
        View::Logs(logs)
    }
}

impl<'a> From<&'a Figure> for View<'a> {
    fn from(figure: &'a Figure) -> View<'a> {
        match figure {
            Figure::TimeSeries(panel) => View::TimeSeries(panel),
            Figure::Stat(stat) => View::Stat(stat),
            Figure::Logs(logs) => View::Logs(logs),
        }
    }
}
