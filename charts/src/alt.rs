//! The picture in one sentence, for those who do not see it.

use crate::number;
use crate::scene::{Curve, Scene};
use crate::{Panel, Role, Side, Stat, Theme, Threshold, View};

/// One sentence: title, worst series with its last value, threshold, what the others do; of a stat panel its values.
pub fn alt_text<'a>(panel: impl Into<View<'a>>) -> String {
    match panel.into() {
        View::TimeSeries(panel) => of_series(panel),
        View::Stat(stat) => of_stat(stat),
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
    use crate::{Series, SeriesLook, Unit};

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
}
