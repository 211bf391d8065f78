//! Numbers with units as people read them: three significant digits alone, common decimals on an axis.
//!
//! It does not choose an axis' ticks (`axis.rs` does) and knows no pixels.

use crate::Unit;
use crate::unit::{Family, Growth, Step};

/// Writes one value: three significant digits, or as many decimals as asked for.
pub fn format(value: f64, unit: &Unit, decimals: Option<u8>) -> String {
    let family = unit.family();
    if !value.is_finite() {
        return not_a_number(value).to_owned();
    }
    let value = value * family.base;
    let step = largest_step(&family, value.abs().max(significant(value).abs()));
    let shown = value / step.0;
    let digits = match decimals {
        Some(decimals) => fixed(shown, usize::from(decimals.min(MAX_DECIMALS))),
        None => trimmed(shown),
    };
    format!("{digits}{}{}", step.1, family.word)
}

/// How all ticks of an axis are written: the same size of the unit, the same decimals.
#[derive(Debug, Clone)]
pub(crate) struct TickFormat<'a> {
    family: Family<'a>,
    step: Step,
    decimals: usize,
}

/// More would not fit beside an axis.
const MAX_DECIMALS: u8 = 12;

impl<'a> TickFormat<'a> {
    /// For ticks that lie `distance` apart, the largest of which is `largest` (without sign).
    pub(crate) fn new(unit: &'a Unit, decimals: Option<u8>, distance: f64, largest: f64) -> TickFormat<'a> {
        let family = unit.family();
        let (distance, largest) = (distance * family.base, largest * family.base);
        let wide = largest_step(&family, largest);
        // 0, 500, 1000, 1500 rather than 0.0 K, 0.5 K, 1.0 K
        let counts = family.steps.get(1).is_some_and(|thousands| thousands.1.contains('K'));
        let narrow = largest_step(&family, distance);
        let step = match needed_decimals(distance / wide.0) {
            _ if counts && family.growth == Growth::Decimal && largest < 10_000.0 => family.steps[0],
            0 | 1 => wide,
            _ if largest / narrow.0 < 10_000.0 => narrow,
            _ => wide,
        };
        let needed = needed_decimals(distance / step.0);
        let decimals = decimals.map_or(needed, |decimals| usize::from(decimals.min(MAX_DECIMALS)));
        TickFormat { family, step, decimals }
    }

    pub(crate) fn write(&self, value: f64) -> String {
        let digits = fixed(value * self.family.base / self.step.0, self.decimals);
        format!("{digits}{}{}", self.step.1, self.family.word)
    }
}

fn not_a_number(value: f64) -> &'static str {
    match value {
        value if value == f64::INFINITY => "+Inf",
        value if value == f64::NEG_INFINITY => "-Inf",
        _ => "NaN",
    }
}

/// The largest step that does not exceed the value; zero is written in the unit's own size.
fn largest_step(family: &Family<'_>, value: f64) -> Step {
    let own = if family.growth == Growth::Time { (1.0, " s") } else { family.steps[0] };
    if value == 0.0 {
        return if family.base == 1e-3 && family.growth == Growth::Time { (1e-3, " ms") } else { own };
    }
    let fitting = family.steps.iter().rev().find(|step| value.abs() >= step.0);
    *fitting.unwrap_or(&family.steps[0])
}

/// The value with three significant digits, so that 999.9 counts as a thousand.
fn significant(value: f64) -> f64 {
    let power = magnitude(value) - 2;
    let scale = 10_f64.powi(power);
    let rounded = (value / scale).round() * scale;
    if rounded.is_finite() { rounded } else { value }
}

/// The power of ten of the first digit.
fn magnitude(value: f64) -> i32 {
    if value == 0.0 { 0 } else { value.abs().log10().floor() as i32 }
}

/// Three significant digits without zeros at the end; very large and very small ones with an exponent.
fn trimmed(value: f64) -> String {
    let value = if value.abs() < 1000.0 { significant(value) } else { value };
    if value != 0.0 && !(1e-4..1e15).contains(&value.abs()) {
        return format!("{value:.2e}");
    }
    let decimals = (2 - magnitude(value)).clamp(0, 6) as usize;
    let text = fixed(value, decimals);
    if !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Fixed decimals, never "-0".
fn fixed(value: f64, decimals: usize) -> String {
    if value.abs() >= 1e15 {
        return format!("{value:.2e}");
    }
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(digits) if digits.chars().all(|digit| matches!(digit, '0' | '.')) => digits.to_owned(),
        _ => text,
    }
}

/// Digits after the point that tell multiples of `distance` apart.
fn needed_decimals(distance: f64) -> usize {
    let exact = |decimals: &usize| {
        let shifted = distance * 10_f64.powi(*decimals as i32);
        shifted >= 0.999 && (shifted - shifted.round()).abs() < 1e-6 * shifted
    };
    (0..=usize::from(MAX_DECIMALS)).find(exact).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(unit: &str, cases: &[(f64, &str)]) {
        for (value, expected) in cases {
            assert_eq!(format(*value, &Unit::parse(unit), None), *expected, "{value} in {unit}");
        }
    }

    #[test]
    fn values_have_three_significant_digits() {
        check("short", &[(0.0, "0"), (1234.0, "1.23 K"), (999.96, "1 K"), (-2.5e6, "-2.5 Mil"), (0.012_345, "0.0123")]);
        check("short", &[(1e300, "1.00e288 Tri"), (1e-9, "1.00e-9"), (f64::NAN, "NaN"), (f64::INFINITY, "+Inf")]);
        check("none", &[(12_345.0, "12345"), (0.5, "0.5"), (-0.0, "0")]);
        check("percent", &[(95.25, "95.3%"), (100.0, "100%"), (0.0, "0%")]);
        check("percentunit", &[(0.9525, "95.3%"), (0.999_5, "100%"), (1.0, "100%")]);
    }

    #[test]
    fn units_grow_in_their_own_steps() {
        check("bytes", &[(512.0, "512 B"), (1536.0, "1.5 KiB"), (3.0 * 1024.0 * 1024.0 * 1024.0, "3 GiB")]);
        check("decbytes", &[(1500.0, "1.5 kB"), (2e9, "2 GB")]);
        check("Bps", &[(125e6, "125 MB/s")]);
        check("binBps", &[(1024.0, "1 KiB/s")]);
        check("bps", &[(1e9, "1 Gb/s")]);
        check(
            "s",
            &[(0.0, "0 s"), (0.25, "250 ms"), (90.0, "1.5 min"), (7200.0, "2 h"), (3e-6, "3 µs"), (1e6, "11.6 d")],
        );
        check("ms", &[(0.0, "0 ms"), (283.4, "283 ms"), (1500.0, "1.5 s")]);
        check("reqps", &[(12.0, "12 req/s"), (1234.0, "1.23K req/s")]);
        check("ops", &[(0.5, "0.5 ops/s")]);
        check("documents/s", &[(5.0, "5 documents/s"), (5500.0, "5.5 K documents/s")]);
        check("suffix:jobs", &[(5.0, "5 jobs")]);
    }

    #[test]
    fn decimals_are_obeyed() {
        assert_eq!(format(1.0, &Unit::Percent, Some(2)), "1.00%");
        assert_eq!(format(1.0, &Unit::Percent, Some(255)), "1.000000000000%");
    }
}
