//! A dashboard in Grafana's current form, whatever form it was kept in: what [`super`] reads and what panels are drawn from.
//!
//! Only what drawing needs is here. What differs from panel type to panel type stays JSON; who draws the type reads it.
//! Deliberately unknown here: how dashboards are fetched, which values variables have for an alert.

use serde_json::{Map, Value};

/// A dashboard.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Dashboard {
    /// Its identifier.
    pub(crate) uid: String,
    /// Its title.
    pub(crate) title: String,
    /// In the order of their definition: later ones may depend on earlier ones.
    pub(crate) variables: Vec<Variable>,
    /// All panels, those of collapsed rows too.
    pub(crate) panels: Vec<PanelModel>,
}

impl Dashboard {
    /// The panel of this number.
    pub(crate) fn panel(&self, id: u64) -> Option<&PanelModel> {
        self.panels.iter().find(|panel| panel.id == id)
    }
}

/// A variable of a dashboard.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Variable {
    /// What `$name` in texts refers to.
    pub(crate) name: String,
    /// `query`, `custom`, `constant`, `textbox`, `interval`, `datasource`, `adhoc` and the like.
    pub(crate) kind: String,
    /// The query, in whatever form the type has it.
    pub(crate) query: Value,
    /// The filter of a query's values.
    pub(crate) regex: String,
    /// Whose values a query variable has.
    pub(crate) datasource: Option<DataSourceRef>,
    /// The saved values and how they are shown; `$__all` for all.
    pub(crate) current: Vec<(String, String)>,
    /// The values there are to choose from, as far as the dashboard holds them, and how they are shown.
    pub(crate) options: Vec<(String, String)>,
    /// Whether it can have several values.
    pub(crate) multi: bool,
    /// Whether it can be "All".
    pub(crate) include_all: bool,
    /// What "All" stands for, where that is not the list of all values.
    pub(crate) all_value: Option<String>,
    /// Of an interval: into how many steps "auto" cuts the stretch of time, and the shortest of them.
    pub(crate) auto: Option<(u64, String)>,
}

/// A data source as panels and queries name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DataSourceRef {
    /// The uid, a name in old dashboards, or `${variable}`; `-- Mixed --`, `-- Dashboard --`, `-- Grafana --` are Grafana's own.
    pub(crate) uid: String,
    /// The type, as `prometheus`, where it is known.
    pub(crate) kind: Option<String>,
}

impl DataSourceRef {
    /// Whether it is the server's own calculating with other queries.
    pub(crate) fn is_expression(&self) -> bool {
        let own = |name: &str| matches!(name, "__expr__" | "-100");
        own(&self.uid) || self.kind.as_deref().is_some_and(own)
    }

    /// Whether it is one of Grafana's own: mixed, another panel, its test data.
    pub(crate) fn is_grafanas_own(&self) -> bool {
        self.is_expression() || self.uid.starts_with("-- ") || matches!(self.uid.as_str(), "grafana")
    }
}

/// A panel.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct PanelModel {
    /// Its number on the dashboard.
    pub(crate) id: u64,
    /// `timeseries`, `stat` and so on.
    pub(crate) kind: String,
    /// Its title, variables not filled in.
    pub(crate) title: String,
    /// Whom its queries ask, unless they say otherwise; none: Grafana's default.
    pub(crate) datasource: Option<DataSourceRef>,
    /// Its queries; hidden ones are left out.
    pub(crate) targets: Vec<Target>,
    /// What is done with the answers, in this order; disabled ones are left out.
    pub(crate) transformations: Vec<Transformation>,
    /// `fieldConfig.defaults`: unit, decimals, thresholds, `custom` and so on.
    pub(crate) defaults: Map<String, Value>,
    /// `fieldConfig.overrides`, in their order.
    pub(crate) overrides: Vec<Override>,
    /// `options` of the type.
    pub(crate) options: Map<String, Value>,
    /// The shortest distance between two values: `1m`, `>30s`.
    pub(crate) interval: Option<String>,
    /// The most values of a series.
    pub(crate) max_data_points: Option<u64>,
    /// A stretch of time of its own, ending with the dashboard's: `6h`, `now-7d`.
    pub(crate) time_from: Option<String>,
    /// By how much its stretch of time lies earlier.
    pub(crate) time_shift: Option<String>,
    /// The library panel that it shows; then only its number and its title are its own.
    pub(crate) library: Option<String>,
    /// The variable for each of whose values Grafana repeats it.
    pub(crate) repeat: Option<String>,
    /// What of the panel the reading could not carry over, for the log: it is drawn all the same.
    pub(crate) degraded: Vec<String>,
}

/// A query of a panel.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Target {
    /// `A`, `B`.
    pub(crate) ref_id: String,
    /// Whom it asks, where that is not the panel's.
    pub(crate) datasource: Option<DataSourceRef>,
    /// All its fields as the data source wants them (`expr`, `legendFormat`, `range`), variables not filled in.
    pub(crate) fields: Map<String, Value>,
}

/// A transformation.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Transformation {
    /// `organize`, `merge` and so on.
    pub(crate) id: String,
    /// Its options.
    pub(crate) options: Value,
}

/// An override: fields that it matches have other properties.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Override {
    /// `byName`, `byRegexp`, `byType`, `byFrameRefID`, `byNames`, `byValue`.
    pub(crate) matcher: String,
    /// The matcher's options.
    pub(crate) options: Value,
    /// (`unit`, value), (`custom.lineWidth`, value) and so on, in their order.
    pub(crate) properties: Vec<(String, Value)>,
}
