//! The picture in one sentence, for those who do not see it.

use crate::number;
use crate::scene::{Curve, Scene};
use crate::{Logs, Panel, Role, Side, Stat, Theme, Threshold, View};

/// One sentence: title, worst series with its last value, threshold, what the others do; of a stat panel its values, of log lines the first.
pub fn alt_text<'a>(panel: impl Into<View<'a>>) -> String {
    match panel.into() {
        View::TimeSeries(panel) => of_series(panel),
        View::Stat(stat) => of_stat(stat),
        View::Logs(logs) => of_logs(logs),
    }
}

/// The values that fit into a sentence.
const SAID_VALUES: usize = 5;

fn of_stat(stat: &Stat) -> String {
    let clean = |text: &str| crate::text::clean(text);
    let title = if stat.title.is_empty() { "Stat".to_owned() } else { clean(&stat.title) };
    let said: Vec<String> = stat
        .values
        .iter()
        .take(SAID_VALUES)
        .map(|value| match value.name.as_str() {
            "" => clean(&value.text),
            name => format!("{} is {}", clean(name), clean(&value.text)),
        })
        .collect();
    let others = match stat.values.len().saturating_sub(said.len()) + stat.omitted {
        0 => String::new(),
        1 => "; 1 other value".to_owned(),
        others => format!("; {others} other values"),
    };
    if said.is_empty() {
        let notice = stat.no_data.as_deref().map(clean).filter(|notice| !notice.is_empty());
        return format!("{title}: {}.", notice.as_deref().unwrap_or("no data"));
    }
    format!("{title}: {}{others}.", said.join(", "))
}

/// The characters of a line that fit into a sentence.
const SAID_CHARACTERS: usize = 120;

fn of_logs(logs: &Logs) -> String {
    let clean = |text: &str| crate::text::clean(text);
    let title = if logs.title.is_empty() { "Logs".to_owned() } else { clean(&logs.title) };
    let Some(first) = logs.lines.first() else {
        let notice = logs.no_data.as_deref().map(clean).filter(|notice| !notice.is_empty());
        return format!("{title}: {}.", notice.as_deref().unwrap_or("no lines"));
    };
    let said: String = clean(&first.text).chars().take(SAID_CHARACTERS).collect();
    let others = match logs.lines.len() - 1 {
        others if logs.cut => format!("; more than {others} other lines"),
        0 => String::new(),
        1 => "; 1 other line".to_owned(),
        others => format!("; {others} other lines"),
    };
    format!("{title}: {}{others}.", said.trim_end_matches('.'))
}

fn of_series(panel: &Panel) -> String {
    let scene = Scene::new(panel, Theme::Dark.colors());
    let threshold = panel.thresholds.iter().find(|threshold| threshold.value.is_finite());
    let title = if scene.title.is_empty() { "Chart" } else { &scene.title };
    let Some((worst, last)) = worst(&scene, threshold) else {
        let notice = panel.no_data.as_deref().map(crate::text::clean).filter(|notice| !notice.is_empty());
        return format!("{title}: {}.", notice.as_deref().unwrap_or("no data"));
    };
    let write = |value: f64| number::format(value, &panel.left.unit, panel.left.decimals);
    let name = if worst.name.is_empty() { "the value" } else { &worst.name };
    let others = match scene.curves.len() - 1 + panel.omitted {
        0 => String::new(),
        1 => "; 1 other series".to_owned(),
        others => format!("; {others} other series"),
    };
    let limit = threshold.map(|threshold| {
        let relation = relation(last, threshold.value);
        format!(", {relation} the threshold of {}", write(threshold.value))
    });
    format!("{title}: {name} is at {}{}{others}.", write(last), limit.unwrap_or_default())
}

fn relation(value: f64, threshold: f64) -> &'static str {
    match value.total_cmp(&threshold) {
        std::cmp::Ordering::Less => "below",
        std::cmp::Ordering::Equal => "at",
        std::cmp::Ordering::Greater => "above",
    }
}

/// The series that is furthest on the threshold's side, among the highlighted ones if there are any.
fn worst<'a>(scene: &'a Scene<'a>, threshold: Option<&Threshold>) -> Option<(&'a Curve<'a>, f64)> {
    let lowest = threshold.is_some_and(|threshold| threshold.side == Side::Below);
    let badness = |value: f64| if lowest { -value } else { value };
    let with_value = |curve: &'a Curve<'a>| curve.last.map(|last| (curve, last));
    let pick = |role: Option<Role>| {
        let fits = |curve: &&Curve<'_>| match role {
            Some(role) => curve.series.role == role,
            None => curve.series.role != Role::MovingThreshold,
        };
        let candidates = scene.curves.iter().filter(fits).filter_map(with_value);
        candidates.max_by(|a, b| badness(a.1).total_cmp(&badness(b.1)))
    };
    pick(Some(Role::Highlighted)).or_else(|| pick(None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Axis;
    use crate::{Series, Unit};

    fn series(name: &str, last: f64) -> Series {
        Series::new(name, 1000, vec![(0, 1.0), (1000, last), (2000, f64::NAN)])
    }

    #[test]
    fn the_worst_series_is_named_with_its_last_value() {
        let threshold = Threshold { value: 250.0, side: Side::Above, label: None };
        let mut panel = Panel {
            left: Axis::of(Unit::Milliseconds),
            series: vec![series("cart", 80.0), series("pay\u{202e}ments", 283.4)],
            thresholds: vec![threshold],
            omitted: 3,
            ..Panel::new("p99 latency", 0, 2000)
        };
        let above = "p99 latency: payments is at 283 ms, above the threshold of 250 ms; 4 other series.";
        assert_eq!(alt_text(&panel), above);
        panel.thresholds[0].side = Side::Below;
        let below = "p99 latency: cart is at 80 ms, below the threshold of 250 ms; 4 other series.";
        assert_eq!(alt_text(&panel), below);
    }

    #[test]
    fn the_first_log_line_is_quoted() {
        let line = |text: &str| crate::LogLine { at_ms: 0, level: crate::LogLevel::Error, text: text.into() };
        let mut logs = Logs { lines: vec![line("out of memory."), line("b"), line("c")], ..Logs::new("Errors", 0, 1) };
        assert_eq!(alt_text(&logs), "Errors: out of memory; 2 other lines.");
        logs.lines.clear();
        assert_eq!(alt_text(&logs), "Errors: no lines.");
    }

    #[test]
    fn without_values_it_says_so() {
        assert_eq!(alt_text(&Panel::new("CPU", 0, 1000)), "CPU: no data.");
        assert_eq!(
            alt_text(&Panel { no_data: Some("up is absent".into()), ..Panel::new("", 0, 1) }),
            "Chart: up is absent."
        );
    }
}
