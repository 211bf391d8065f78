//! The value axis: its ticks at round numbers, their labels, where a value lies on it.
//!
//! It knows values and how many ticks there is room for, but no pixels, and not where its ends come from (`range.rs`).

use crate::number::{self, TickFormat};
use crate::unit::Growth;
use crate::{Scale, Unit, scales};

/// A finished axis; `min < max`, both finite.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ValueAxis {
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) scale: Scale,
    /// (value, label), ascending.
    pub(crate) ticks: Vec<(f64, String)>,
}

/// Larger numbers are drawn as this one: differences of two such are still finite.
pub(crate) const LARGEST: f64 = 1e300;

/// Cuts a value to what can be drawn.
pub(crate) fn limited(value: f64) -> f64 {
    value.clamp(-LARGEST, LARGEST)
}

/// The smallest and the largest of finite values.
pub(crate) fn extent(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.filter(|value| value.is_finite()).fold(None, |seen, value| {
        let (low, high) = seen.unwrap_or((value, value));
        Some((low.min(value), high.max(value)))
    })
}

impl ValueAxis {
    /// An even axis over `range` with at most `most` ticks.
    pub(crate) fn new((min, max): (f64, f64), most: usize, unit: &Unit, decimals: Option<u8>) -> ValueAxis {
        let distance = tick_distance(max - min, most, unit);
        let (first, last) = ((min / distance).ceil(), (max / distance + 1e-9).floor());
        let count = (last - first).clamp(-1.0, 100.0) as i32;
        let values: Vec<f64> = (0..=count).map(|index| (first + f64::from(index)) * distance).collect();
        let largest = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        let format = TickFormat::new(unit, decimals, distance, largest);
        let ticks = values.into_iter().map(|value| (value, format.write(value))).collect();
        ValueAxis { min, max, scale: Scale::Linear, ticks }
    }

    /// An axis of any scale.
    pub(crate) fn scaled(
        scale: Scale,
        (min, max): (f64, f64),
        most: usize,
        unit: &Unit,
        decimals: Option<u8>,
    ) -> ValueAxis {
        let ticks = scales::ticks(scale, (min, max), most);
        // an axis between two neighbouring powers has no two ticks there: even ones say more than one
        if scale == Scale::Linear || ticks.len() < 2 {
            return ValueAxis { scale, ..ValueAxis::new((min, max), most, unit, decimals) };
        }
        let ticks = ticks.into_iter().map(|value| (value, number::format(value, unit, decimals))).collect();
        ValueAxis { min, max, scale, ticks }
    }

    /// Where a value lies: 0.0 at the bottom, 1.0 at the top, less and more outside; NaN where the scale has no place for it.
    pub(crate) fn share(&self, value: f64) -> f64 {
        if self.scale == Scale::Linear {
            return (value - self.min) / (self.max - self.min);
        }
        let [value, min, max] = [value, self.min, self.max].map(|value| scales::forward(self.scale, value));
        (value - min) / (max - min)
    }
}

/// The smallest round distance that gives at most `most` ticks.
fn tick_distance(span: f64, most: usize, unit: &Unit) -> f64 {
    let family = unit.family();
    let raw = span * family.base / most.max(1) as f64;
    let round = match family.growth {
        Growth::Binary if raw > 1.0 => 2_f64.powi(raw.log2().ceil() as i32),
        Growth::Time if raw > 1.0 => time_distance(raw),
        _ => decimal_distance(raw),
    };
    round / family.base
}

fn decimal_distance(raw: f64) -> f64 {
    if !(raw.is_finite() && raw > 0.0) {
        return 1.0;
    }
    let power = raw.log10().floor() as i32;
    // 10^-320 is not exact: dividing by a positive power keeps 0.1 and its like exact
    let scaled = |factor: f64| if power < 0 { factor / 10_f64.powi(-power) } else { factor * 10_f64.powi(power) };
    [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().map(scaled).find(|distance| *distance >= raw * 0.999_999).unwrap_or(raw)
}

fn time_distance(seconds: f64) -> f64 {
    const MINUTE: f64 = 60.0;
    const HOUR: f64 = 3600.0;
    const DAY: f64 = 86_400.0;
    const ROUND: [f64; 18] = [
        2.0,
        5.0,
        10.0,
        15.0,
        30.0,
        MINUTE,
        2.0 * MINUTE,
        5.0 * MINUTE,
        10.0 * MINUTE,
        15.0 * MINUTE,
        30.0 * MINUTE,
        HOUR,
        2.0 * HOUR,
        3.0 * HOUR,
        6.0 * HOUR,
        12.0 * HOUR,
        DAY,
        2.0 * DAY,
    ];
    ROUND.into_iter().find(|distance| *distance >= seconds).unwrap_or_else(|| DAY * decimal_distance(seconds / DAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(unit: &str, range: (f64, f64), expected: &[&str]) {
        let axis = ValueAxis::new(range, 5, &Unit::parse(unit), None);
        let labels: Vec<&str> = axis.ticks.iter().map(|(_, label)| label.as_str()).collect();
        assert_eq!(labels, expected, "{range:?} in {unit}");
    }

    const MIB: f64 = 1024.0 * 1024.0;

    #[test]
    fn ticks_are_round_and_share_their_decimals() {
        check("ms", (0.0, 330.0), &["0 ms", "100 ms", "200 ms", "300 ms"]);
        check("short", (0.0, 1.0), &["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        check("short", (0.0, 2600.0), &["0", "1000", "2000"]);
        check("short", (0.0, 12e6), &["0.0 Mil", "2.5 Mil", "5.0 Mil", "7.5 Mil", "10.0 Mil"]);
        check("percentunit", (0.97, 1.0), &["97%", "98%", "99%", "100%"]);
        check("percent", (99.0, 100.0), &["99.0%", "99.2%", "99.4%", "99.6%", "99.8%", "100.0%"]);
        check("short", (-5.0, 5.0), &["-4", "-2", "0", "2", "4"]);
        check("none", (1e15, 1.1e15), &["1.00e15", "1.02e15", "1.04e15", "1.06e15", "1.08e15", "1.10e15"]);
    }

    #[test]
    fn bytes_go_by_powers_of_two_and_durations_by_minutes() {
        check("bytes", (0.0, 1100.0 * MIB), &["0 MiB", "256 MiB", "512 MiB", "768 MiB", "1024 MiB"]);
        check("bytes", (0.0, 2300.0 * MIB), &["0.0 GiB", "0.5 GiB", "1.0 GiB", "1.5 GiB", "2.0 GiB"]);
        check("s", (0.0, 1.1), &["0 ms", "250 ms", "500 ms", "750 ms", "1000 ms"]);
        check("s", (0.0, 250.0), &["0 min", "1 min", "2 min", "3 min", "4 min"]);
        check("s", (0.0, 5.5 * 3600.0), &["0 hour", "2 hour", "4 hour"]);
    }

    #[test]
    fn the_smallest_distance_is_not_zero() {
        assert_eq!(decimal_distance(0.0), 1.0);
    }

    #[test]
    fn powers_lie_evenly_on_a_logarithmic_axis() {
        let axis = ValueAxis::scaled(Scale::Log { base: 10.0 }, (1.0, 1000.0), 5, &Unit::Seconds, None);
        let labels: Vec<&str> = axis.ticks.iter().map(|(_, label)| label.as_str()).collect();
        assert_eq!(labels, ["1 s", "10 s", "1.67 min", "16.7 min"]);
        assert!((axis.share(10.0) - 1.0 / 3.0).abs() < 1e-12);
        assert!(axis.share(0.0).is_nan());
    }
}
