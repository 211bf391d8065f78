//! Which variables a panel uses, and where in it they stand.
//!
//! Deliberately unknown here: their values.

use std::collections::HashSet;

use serde_json::Value;

use super::{
    model::{Dashboard, PanelModel, Variable},
    reference::references,
    variables::{depends_on, mentioned},
};

/// The variables that a panel uses, directly or through others, those first that others depend on; and whether its queries need them, or
/// only its words.
pub(super) fn used<'a>(dashboard: &'a Dashboard, panel: &PanelModel) -> Vec<(&'a Variable, bool)> {
    let (mut asked, mut shown) = (Vec::new(), Vec::new());
    let sources = panel.targets.iter().map(|target| target.datasource.as_ref()).chain([panel.datasource.as_ref()]);
    let sources = sources.flatten().map(|source| &source.uid);
    for text in [&panel.interval, &panel.time_from, &panel.time_shift].into_iter().flatten().chain(sources) {
        asked.extend(references(text).map(|reference| reference.name.to_owned()));
    }
    panel.targets.iter().flat_map(|target| target.fields.values()).for_each(|field| mentioned(field, &mut asked));
    shown.extend(references(&panel.title).map(|reference| reference.name.to_owned()));
    words(panel).for_each(|words| mentioned(words, &mut shown));
    let (mut order, mut seen) = (Vec::new(), HashSet::new());
    for name in &asked {
        visit(dashboard, name, &mut seen, &mut order);
    }
    let needed = order.len();
    for name in &shown {
        visit(dashboard, name, &mut seen, &mut order);
    }
    order.into_iter().enumerate().map(|(at, variable)| (variable, at < needed)).collect()
}

/// Everything of a panel beside its queries in which variables may stand.
fn words(panel: &PanelModel) -> impl Iterator<Item = &Value> {
    let properties = panel.overrides.iter().flat_map(|one| &one.properties).map(|(_, value)| value);
    let options = panel.transformations.iter().map(|one| &one.options);
    panel.defaults.values().chain(panel.options.values()).chain(properties).chain(options)
}

/// The same, to be filled in.
pub(super) fn words_mut(panel: &mut PanelModel) -> impl Iterator<Item = &mut Value> {
    let properties = panel.overrides.iter_mut().flat_map(|one| &mut one.properties).map(|(_, value)| value);
    let options = panel.transformations.iter_mut().map(|one| &mut one.options);
    panel.defaults.values_mut().chain(panel.options.values_mut()).chain(properties).chain(options)
}

fn visit<'a>(dashboard: &'a Dashboard, name: &str, seen: &mut HashSet<String>, order: &mut Vec<&'a Variable>) {
    let Some(variable) = dashboard.variables.iter().find(|variable| variable.name == name) else { return };
    // 100: no dashboard has a longer chain, and a hostile one must not use up the stack
    if seen.len() >= 100 || !seen.insert(name.to_owned()) {
        return;
    }
    for other in depends_on(variable) {
        visit(dashboard, &other, seen, order);
    }
    order.push(variable);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dashboards::model::Target;

    #[test]
    fn variables_come_before_those_that_depend_on_them() {
        let variable = |name: &str, query: &str| Variable {
            name: name.to_owned(),
            query: Value::from(query),
            ..Variable::default()
        };
        let variables =
            vec![variable("c", "$b"), variable("b", "$a $c"), variable("a", ""), variable("d", ""), variable("e", "")];
        let dashboard = Dashboard { variables, ..Dashboard::default() };
        let fields = [("expr".to_owned(), Value::from("$c $nothing"))].into_iter().collect();
        let target = Target { fields, ..Target::default() };
        let panel = PanelModel { title: "$d of $c".to_owned(), targets: vec![target], ..PanelModel::default() };
        let names: Vec<_> = used(&dashboard, &panel).iter().map(|(one, needed)| (one.name.as_str(), *needed)).collect();
        assert_eq!(names, [("a", true), ("b", true), ("c", true), ("d", false)]);
    }
}
