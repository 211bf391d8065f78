//! `options.legend` of a time series.
//!
//! Deliberately unknown here: which series it names.

use charts::{Calculation, LegendLook, LegendMode, Placement};
use serde_json::{Map, Value};

/// The legend; without settings a list of names below the plot. Unknown calculations are told in `degraded`.
pub(super) fn legend(options: &Map<String, Value>, degraded: &mut Vec<String>) -> LegendLook {
    let legend = options.get("legend").unwrap_or(&Value::Null);
    let word = |key: &str| legend.get(key).and_then(Value::as_str).unwrap_or_default();
    let shown = legend.get("showLegend").and_then(Value::as_bool).unwrap_or(true);
    let mode = match word("displayMode") {
        _ if !shown => LegendMode::Hidden,
        "hidden" => LegendMode::Hidden,
        "table" => LegendMode::Table,
        _ => LegendMode::List,
    };
    let placement = if word("placement") == "right" { Placement::Right } else { Placement::Bottom };
    let mut calculations: Vec<Calculation> = Vec::new();
    for id in legend.get("calcs").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        match Calculation::parse(id) {
            Some(one) if calculations.contains(&one) => {}
            Some(one) => calculations.push(one),
            None => degraded.push(format!("the calculation {id:?} of the legend")),
        }
    }
    // it names a column by its head
    let by = word("sortBy");
    let sorted = calculations.iter().find(|one| !by.is_empty() && one.title().eq_ignore_ascii_case(by)).copied();
    let descending = legend.get("sortDesc").and_then(Value::as_bool).unwrap_or(false);
    LegendLook { mode, placement, sort: sorted.map(|by| (by, descending)), calculations }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(given: Value, expected: LegendLook, told: usize) {
        let mut degraded = Vec::new();
        let options = Map::from_iter([("legend".to_owned(), given)]);
        assert_eq!(legend(&options, &mut degraded), expected);
        assert_eq!(degraded.len(), told);
    }

    #[test]
    fn legends() {
        let plain =
            || LegendLook { mode: LegendMode::List, placement: Placement::Bottom, calculations: vec![], sort: None };
        check(Value::Null, plain(), 0);
        check(
            json!({"showLegend": false, "displayMode": "table"}),
            LegendLook { mode: LegendMode::Hidden, ..plain() },
            0,
        );
        let calculations = vec![Calculation::Max, Calculation::LastNotNull];
        check(
            json!({"displayMode": "table", "placement": "right", "calcs": ["max", "lastNotNull", "max", "p99", 7],
                "sortBy": "Last *", "sortDesc": true}),
            LegendLook {
                mode: LegendMode::Table,
                placement: Placement::Right,
                sort: Some((Calculation::LastNotNull, true)),
                calculations,
            },
            1,
        );
        check(
            json!({"calcs": ["max"], "sortBy": "Name"}),
            LegendLook { calculations: vec![Calculation::Max], ..plain() },
            0,
        );
    }
}
