//! The data sources of a Grafana, and which one a panel means.
//!
//! Deliberately unknown here: how they are fetched, what is asked of them.

use regex::Regex;
use serde_json::{Map, Value};

use super::model::DataSourceRef;

/// One data source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct DataSource {
    pub(super) uid: String,
    pub(super) name: String,
    pub(super) kind: String,
    /// Its shortest interval, where it says one: Prometheus's scrape interval.
    pub(super) interval: Option<String>,
    pub(super) default: bool,
}

/// All of them, as far as the token may see them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct DataSources {
    all: Vec<DataSource>,
    /// What dashboards of the newer schema are kept under.
    pub(super) namespace: Option<String>,
}

impl DataSources {
    /// Reads the answer of `/api/frontend/settings`, which every token may read: `{datasources: {name: {uid, type, jsonData}},
    /// defaultDatasource, namespace}`.
    pub(super) fn read(settings: &[u8]) -> Result<Self, String> {
        let settings: Map<String, Value> =
            serde_json::from_slice(settings).map_err(|error| format!("the settings are no JSON: {error}"))?;
        let default = text(&settings, "defaultDatasource");
        let listed = settings.get("datasources").and_then(Value::as_object).into_iter().flatten();
        let read = |(name, json): (&String, &Value)| {
            let json = json.as_object()?;
            let data = json.get("jsonData").and_then(Value::as_object);
            Some(DataSource {
                uid: text(json, "uid").to_owned(),
                name: name.clone(),
                kind: text(json, "type").to_owned(),
                interval: data.map(|data| text(data, "timeInterval").to_owned()).filter(|text| !text.is_empty()),
                default: name == default || json.get("isDefault") == Some(&Value::Bool(true)),
            })
        };
        let namespace = Some(text(&settings, "namespace").to_owned()).filter(|text| !text.is_empty());
        Ok(Self { all: listed.filter_map(read).collect(), namespace })
    }

    /// The data source of this uid.
    pub(super) fn by_uid(&self, uid: &str) -> Option<&DataSource> {
        self.all.iter().find(|source| source.uid == uid && !uid.is_empty())
    }

    fn by_name(&self, name: &str) -> Option<&DataSource> {
        self.by_uid(name).or_else(|| self.all.iter().find(|source| source.name == name))
    }

    fn default_of(&self, kind: Option<&str>) -> Option<&DataSource> {
        let mut fitting: Vec<_> =
            self.all.iter().filter(|source| kind.is_none_or(|kind| source.kind == kind)).collect();
        fitting.sort_by_key(|source| (!source.default, &source.name));
        fitting.into_iter().find(|source| source.default || kind.is_some())
    }

    /// The uid and the type of what a panel means, whose variables are filled in.
    ///
    /// # Errors
    /// Where it cannot be known, in words.
    pub(super) fn resolve(&self, meant: Option<&DataSourceRef>) -> Result<DataSourceRef, String> {
        let Some(meant) = meant else { return self.usual(None) };
        if meant.is_grafanas_own() {
            return Ok(meant.clone());
        }
        if matches!(meant.uid.as_str(), "" | "default") {
            return self.usual(meant.kind.as_deref());
        }
        match (self.by_name(&meant.uid), &meant.kind) {
            (Some(found), _) => Ok(found.reference()),
            // what the token may not see may be there all the same
            (None, Some(_)) => Ok(meant.clone()),
            (None, None) => Err(format!("the data source {:?} is not known", meant.uid)),
        }
    }

    fn usual(&self, kind: Option<&str>) -> Result<DataSourceRef, String> {
        let found = self.default_of(kind).map(DataSource::reference);
        found.ok_or_else(|| "the default data source is not known: may the token read the settings?".to_owned())
    }

    /// Those that a variable of the type `datasource` chooses from, the likeliest first: (uid, name).
    pub(super) fn choices(&self, kind: &str, filter: Option<&Regex>) -> Vec<(String, String)> {
        let wanted =
            |source: &&DataSource| source.kind == kind && filter.is_none_or(|filter| filter.is_match(&source.name));
        let mut fitting: Vec<_> = self.all.iter().filter(wanted).collect();
        fitting.sort_by_key(|source| (!source.default, &source.name));
        fitting.into_iter().map(|source| (source.uid.clone(), source.name.clone())).collect()
    }
}

impl DataSource {
    fn reference(&self) -> DataSourceRef {
        DataSourceRef { uid: self.uid.clone(), kind: Some(self.kind.clone()) }
    }
}

fn text<'a>(json: &'a Map<String, Value>, key: &str) -> &'a str {
    json.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) const SETTINGS: &str = r#"{
        "defaultDatasource": "Prometheus", "namespace": "org-2",
        "datasources": {
            "-- Grafana --": {"uid": "grafana", "type": "datasource"},
            "Loki": {"uid": "lo", "type": "loki"},
            "Prometheus": {"uid": "pr", "type": "prometheus", "jsonData": {"timeInterval": "30s"}},
            "Another": {"uid": "an", "type": "prometheus", "jsonData": {}}
        }
    }"#;

    fn check(meant: Option<(&str, Option<&str>)>, expected: Result<(&str, &str), &str>) {
        let known = DataSources::read(SETTINGS.as_bytes()).expect("settings");
        let meant = meant.map(|(uid, kind)| DataSourceRef { uid: uid.into(), kind: kind.map(str::to_owned) });
        let found = known.resolve(meant.as_ref());
        match (&found, expected) {
            (Ok(found), Ok((uid, kind))) => {
                assert_eq!((found.uid.as_str(), found.kind.as_deref().unwrap_or("")), (uid, kind), "{meant:?}");
            }
            (Err(found), Err(part)) => assert!(found.contains(part), "{found}"),
            _ => panic!("{meant:?}: {found:?}, not {expected:?}"),
        }
    }

    #[test]
    fn a_panel_means_a_data_source_in_many_ways() {
        check(None, Ok(("pr", "prometheus")));
        check(Some(("default", None)), Ok(("pr", "prometheus")));
        check(Some(("Loki", None)), Ok(("lo", "loki")));
        check(Some(("lo", None)), Ok(("lo", "loki")));
        check(Some(("lo", Some("loki"))), Ok(("lo", "loki")));
        check(Some(("", Some("loki"))), Ok(("lo", "loki")));
        check(Some(("an", Some("prometheus"))), Ok(("an", "prometheus")));
        check(Some(("unseen", Some("mysql"))), Ok(("unseen", "mysql")));
        check(Some(("unseen", None)), Err("unseen"));
        check(Some(("-- Mixed --", None)), Ok(("-- Mixed --", "")));
        check(Some(("__expr__", Some("__expr__"))), Ok(("__expr__", "__expr__")));
        let known = DataSources::read(SETTINGS.as_bytes()).expect("settings");
        assert_eq!(known.choices("prometheus", None)[0].0, "pr");
        assert_eq!(known.choices("prometheus", Some(&Regex::new("^A").expect("a pattern")))[0].0, "an");
        assert!(DataSources::default().resolve(None).is_err());
    }
}
