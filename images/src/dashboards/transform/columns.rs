//! Transformations of columns: which there are, in which order, under which names.
//!
//! Deliberately unknown here: values.

use serde_json::{Map, Value};

use super::{names, text};
use crate::dashboards::{
    fields::pattern,
    frames::{Field, Frame},
};

/// `organize`: leaves columns out, orders and renames them.
pub(super) fn organize(frames: Vec<Frame>, options: &Value) -> Vec<Frame> {
    let map = |key: &str| options.get(key).and_then(Value::as_object).filter(|map| !map.is_empty());
    let (excluded, included) = (map("excludeByName"), map("includeByName"));
    let (order, renames) = (map("indexByName"), map("renameByName"));
    let names = names(&frames);
    let organized = frames.into_iter().zip(names).map(|(frame, names)| {
        let listed = |list: &Map<String, Value>, name: &str| list.get(name).and_then(Value::as_bool) == Some(true);
        let mut kept: Vec<(String, Field)> = names.into_iter().zip(frame.fields).collect();
        kept.retain(|(name, _)| {
            !excluded.is_some_and(|list| listed(list, name)) && included.is_none_or(|list| listed(list, name))
        });
        if let Some(order) = order {
            kept.sort_by_key(|(name, _)| order.get(name).and_then(Value::as_u64).unwrap_or(u64::MAX));
        }
        let renamed = |(name, mut field): (String, Field)| {
            let new = renames.and_then(|renames| renames.get(&name)?.as_str());
            if let Some(new) = new.filter(|new| !new.is_empty()) {
                rename(&mut field, new.to_owned());
            }
            field
        };
        let fields = kept.into_iter().map(renamed).collect();
        Frame { fields, ..frame }
    });
    organized.collect()
}

/// `filterFieldsByName`: only columns that are named, or that a pattern finds.
pub(super) fn filtered(frames: Vec<Frame>, options: &Value) -> Option<Vec<Frame>> {
    if text(options, "variable").is_some() {
        return None;
    }
    let (include, exclude) = (names_of(options.get("include"))?, names_of(options.get("exclude"))?);
    let names = names(&frames);
    let filtered = frames.into_iter().zip(names).map(|(frame, names)| {
        let kept = |(field, name): (Field, String)| {
            let wanted = include.as_ref().is_none_or(|include| include.finds(&name, &field));
            let unwanted = exclude.as_ref().is_some_and(|exclude| exclude.finds(&name, &field));
            (wanted && !unwanted).then_some(field)
        };
        let fields = frame.fields.into_iter().zip(names).filter_map(kept).collect();
        Frame { fields, ..frame }
    });
    Some(filtered.filter(|frame| !frame.fields.is_empty()).collect())
}

struct Names {
    names: Vec<String>,
    pattern: Option<regex::Regex>,
}

impl Names {
    fn finds(&self, name: &str, field: &Field) -> bool {
        let named = self.names.iter().any(|wanted| wanted == name || *wanted == field.name);
        named || self.pattern.as_ref().is_some_and(|pattern| pattern.is_match(name))
    }
}

/// None inside: nothing is said. None outside: a pattern that cannot be run.
fn names_of(options: Option<&Value>) -> Option<Option<Names>> {
    let Some(options) = options.filter(|options| options.is_object()) else { return Some(None) };
    let list = options.get("names").and_then(Value::as_array).into_iter().flatten();
    let names: Vec<String> = list.filter_map(Value::as_str).map(str::to_owned).collect();
    let pattern = match text(options, "pattern") {
        Some(source) => Some(pattern(source)?),
        None => None,
    };
    Some((!names.is_empty() || pattern.is_some()).then_some(Names { names, pattern }))
}

/// `renameByRegex`.
pub(super) fn renamed(mut frames: Vec<Frame>, options: &Value) -> Option<Vec<Frame>> {
    let source = text(options, "regex")?;
    let pattern = pattern(source)?;
    let with = options.get("renamePattern").and_then(Value::as_str).unwrap_or_default();
    let everywhere =
        source.strip_prefix('/').and_then(|rest| rest.rsplit_once('/')).is_some_and(|(_, flags)| flags.contains('g'));
    let names = names(&frames);
    for (frame, names) in frames.iter_mut().zip(names) {
        for (field, name) in frame.fields.iter_mut().zip(names) {
            let new = pattern.replacen(&name, usize::from(!everywhere), with);
            if new != name {
                rename(field, new.into_owned());
            }
        }
    }
    Some(frames)
}

/// `filterByRefId`: only the answers to some queries.
pub(super) fn of_queries(mut frames: Vec<Frame>, options: &Value) -> Option<Vec<Frame>> {
    let (wanted, include) = match (text(options, "include"), text(options, "exclude")) {
        (Some(wanted), None) => (pattern(wanted)?, true),
        (None, Some(unwanted)) => (pattern(unwanted)?, false),
        _ => return None,
    };
    frames.retain(|frame| wanted.is_match(&frame.ref_id) == include);
    Some(frames)
}

/// Gives a column a name that nothing is added to.
pub(super) fn rename(field: &mut Field, name: String) {
    field.config.insert("displayName".to_owned(), name.into());
}
