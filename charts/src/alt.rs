//! The picture in one sentence, for those who do not see it.

use crate::number;
use crate::scene::{Curve, Scene};
use crate::{Logs, Panel, Role, Side, Stat, StatValue, Theme, Threshold, Unit, View};

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
/// Characters of a name or a value that fit into a sentence.
const SAID_CHARACTERS: usize = 80;

fn of_stat(stat: &Stat) -> String {
    let title = said(&stat.title);
    let title = if title.is_empty() { "Stat" } else { &title };
    let values: Vec<String> = stat.values.iter().take(SAID_VALUES).map(|value| of_value(value, stat)).collect();
    if values.is_empty() {
        let notice = stat.no_data.as_deref().map(said).filter(|notice| !notice.is_empty());
        return format!("{title}: {}.", notice.as_deref().unwrap_or("no data"));
    }
    let others = match (stat.values.len() - values.len()).saturating_add(stat.omitted) {
        0 => String::new(),
        1 => "; 1 other value".to_owned(),
        others => format!("; {others} other values"),
    };
    format!("{title}: {}{others}.", values.join(", "))
}

/// "node-1 is 98.4% (up by 12%)"; the name is left out where it is that of the only value.
fn of_value(value: &StatValue, stat: &Stat) -> String {
    let (name, text) = (said(&value.name), said(&value.text));
    let text = if text.is_empty() { "without a value".to_owned() } else { text };
    let alone = stat.values.len() == 1 && stat.omitted == 0 && name == said(&stat.title);
    let subject = if name.is_empty() || alone { text } else { format!("{name} is {text}") };
    let percent = |change: f64| number::format(change.abs(), &Unit::PercentUnit, None);
    match value.change.filter(|change| change.is_finite() && *change != 0.0) {
        Some(change) if change > 0.0 => format!("{subject} (up by {})", percent(change)),
        Some(change) => format!("{subject} (down by {})", percent(change)),
        None => subject,
    }
}

fn said(text: &str) -> String {
    let text = crate::text::clean(text);
    match text.char_indices().nth(SAID_CHARACTERS) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text,
    }
}

/// The characters of a log line that fit into a sentence.
const SAID_LINE: usize = 120;

fn of_logs(logs: &Logs) -> String {
    let clean = |text: &str| crate::text::clean(text);
    let title = if logs.title.is_empty() { "Logs".to_owned() } else { clean(&logs.title) };
    let Some(first) = logs.lines.first() else {
        let notice = logs.no_data.as_deref().map(clean).filter(|notice| !notice.is_empty());
        return format!("{title}: {}.", notice.as_deref().unwrap_or("no lines"));
    };
    let said: String = clean(&first.text).chars().take(SAID_LINE).collect();
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
    let name = if worst.name.is_empty() { "the value" } else { &worst.name };
    let others = match scene.curves.len() - 1 + panel.omitted {
        0 => String::new(),
        1 => "; 1 other series".to_owned(),
        others => format!("; {others} other series"),
    };
    let limit = threshold.filter(|_| is_measured(worst)).map(|threshold| {
        let relation = relation(last, threshold.value);
        let limit = number::format(threshold.value, &panel.left.unit, panel.left.decimals);
        format!(", {relation} the threshold of {limit}")
    });
    let (unit, decimals) = worst.unit(panel);
    let last = number::format(last, unit, decimals);
    format!("{title}: {name} is at {last}{}{others}.", limit.unwrap_or_default())
}

fn relation(value: f64, threshold: f64) -> &'static str {
    match value.total_cmp(&threshold) {
        std::cmp::Ordering::Less => "below",
        std::cmp::Ordering::Equal => "at",
        std::cmp::Ordering::Greater => "above",
    }
}

/// Whether thresholds, which belong to the left axis, say something of a series' own value.
fn is_measured(curve: &Curve<'_>) -> bool {
    !curve.on_right() && curve.layer.is_none()
}

/// The series that is furthest on the threshold's side, among the highlighted ones if there are any.
fn worst<'a>(scene: &'a Scene<'a>, threshold: Option<&Threshold>) -> Option<(&'a Curve<'a>, f64)> {
    let lowest = threshold.is_some_and(|threshold| threshold.side == Side::Below);
    let badness = |value: f64| if lowest { -value } else { value };
    let with_value = |curve: &'a Curve<'a>| curve.last.map(|last| (curve, last));
    // values of two axes cannot be compared
    let some_measured = scene.curves.iter().any(|curve| is_measured(curve) && curve.last.is_some());
    let pick = |role: Option<Role>| {
        let fits = |curve: &&Curve<'_>| match role {
            Some(role) => curve.series.role == role,
            None => curve.series.role != Role::MovingThreshold,
        };
        let candidates = scene.curves.iter().filter(fits).filter(|curve| is_measured(curve) || !some_measured);
        let candidates = candidates.filter_map(with_value);
        candidates.max_by(|a, b| badness(a.1).total_cmp(&badness(b.1)))
    };
    pick(Some(Role::Highlighted)).or_else(|| pick(None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Axis;
    use crate::{Series, SeriesLook};

    fn series(name: &str, last: f64) -> Series {
        Series::new(name, 1000, vec![(0, 1.0), (1000, last), (2000, f64::NAN)])
    }

    #[test]
    fn the_worst_series_is_named_with_its_last_value() {
        let threshold = Threshold::new(250.0, Side::Above);
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
    fn series_of_the_right_axis_and_with_own_units_are_told_truly() {
        let look = |look| Some(Box::new(look));
        let rate = look(SeriesLook { on_right: true, ..SeriesLook::default() });
        let own = look(SeriesLook { unit: Some(Unit::Percent), decimals: Some(2), ..SeriesLook::default() });
        let mut panel = Panel {
            left: Axis::of(Unit::Milliseconds),
            right: Axis::of(Unit::RequestsPerSecond),
            series: vec![Series { look: rate, ..series("rate", 900.0) }, series("latency", 80.0)],
            thresholds: vec![Threshold::new(250.0, Side::Above)],
            ..Panel::new("Both", 0, 2000)
        };
        let left = "Both: latency is at 80 ms, below the threshold of 250 ms; 1 other series.";
        assert_eq!(alt_text(&panel), left);
        panel.series.pop();
        assert_eq!(alt_text(&panel), "Both: rate is at 900 req/s.");
        panel.series = vec![Series { look: own, ..series("share", 12.0) }];
        assert_eq!(alt_text(&panel), "Both: share is at 12.00%, below the threshold of 250 ms.");
    }

    #[test]
    fn without_values_it_says_so() {
        assert_eq!(alt_text(&Panel::new("CPU", 0, 1000)), "CPU: no data.");
        assert_eq!(
            alt_text(&Panel { no_data: Some("up is absent".into()), ..Panel::new("", 0, 1) }),
            "Chart: up is absent."
        );
    }
    fn value(name: &str, text: &str, change: Option<f64>) -> StatValue {
        let color = Some(crate::Rgb(255, 0, 0));
        StatValue { name: name.into(), text: text.into(), color, line: Vec::new(), filled: false, change }
    }

    #[track_caller]
    fn check_stat(values: Vec<StatValue>, omitted: usize, expected: &str) {
        assert_eq!(alt_text(&Stat { values, omitted, ..Stat::new("Disk", 0, 1000) }), expected);
    }

    #[test]
    fn a_stat_panel_is_its_values() {
        check_stat(vec![], 0, "Disk: no data.");
        check_stat(vec![value("", "98.4%", None)], 0, "Disk: 98.4%.");
        check_stat(vec![value("Disk", "98.4%", Some(0.123_4))], 0, "Disk: 98.4% (up by 12.3%).");
        check_stat(
            vec![value("a", "UP", Some(-0.5)), value("b", "", None)],
            0,
            "Disk: a is UP (down by 50%), b is without a value.",
        );
        check_stat(vec![value("a", "1", Some(f64::NAN))], 1, "Disk: a is 1; 1 other value.");
        let seven = (0..7).map(|index| value(&format!("n{index}"), "1", None)).collect();
        let expected = "Disk: n0 is 1, n1 is 1, n2 is 1, n3 is 1, n4 is 1; 12 other values.";
        check_stat(seven, 10, expected);
        check_stat(vec![value("\u{202e}x\n", &"9".repeat(500), None)], 0, &format!("Disk: x is {}….", "9".repeat(80)));
    }
}
