//! Numbers with units as people read them: three significant digits alone, common decimals on an axis.
//!
//! It does not choose an axis' ticks (`axis.rs` does) and knows no pixels.

use jiff::tz::TimeZone;

use crate::Unit;
use crate::unit::{self, Family, Growth, Moment, Step};

/// Writes one value: three significant digits, or as many decimals as asked for.
///
/// Dates are written in UTC, and "from now" as a date: see [`format_at`].
pub fn format(value: f64, unit: &Unit, decimals: Option<u8>) -> String {
    write(value, unit, decimals, Moment { now_ms: None, zone: &TimeZone::UTC })
}

/// As [`format()`], for values that may be dates: `now_ms` (milliseconds since 1970; a panel's end) is what "5 minutes
/// ago" counts from, `zone` in what dates are written.
pub fn format_at(value: f64, unit: &Unit, decimals: Option<u8>, now_ms: i64, zone: &TimeZone) -> String {
    write(value, unit, decimals, Moment { now_ms: Some(now_ms), zone })
}

fn write(value: f64, unit: &Unit, decimals: Option<u8>, moment: Moment<'_>) -> String {
    if !value.is_finite() {
        return not_a_number(value).to_owned();
    }
    if let Some(words) = unit::write(value, unit, decimals, moment) {
        return words;
    }
    let family = unit.family();
    let value = value * family.base;
    let step = largest_step(&family, value.abs().max(significant(value).abs()));
    let shown = value / step.0;
    let digits = match decimals {
        Some(decimals) => fixed(shown, usize::from(decimals.min(MAX_DECIMALS))),
        None => trimmed(shown),
    };
    with_words(&digits, &family, step)
}

/// The digits between what is written before and behind them; a sign comes first.
fn with_words(digits: &str, family: &Family<'_>, step: Step) -> String {
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", digits),
    };
    let text = format!("{sign}{}{digits}{}{}", family.before, step.1, family.word);
    text.trim_end().to_owned()
}

/// How all ticks of an axis are written: the same size of the unit, the same decimals.
#[derive(Debug, Clone)]
pub(crate) struct TickFormat<'a> {
    unit: &'a Unit,
    /// Without steps each tick is written as a value alone.
    steps: Option<(Family<'a>, Step)>,
    decimals: usize,
}

/// More would not fit beside an axis.
const MAX_DECIMALS: u8 = 12;

impl<'a> TickFormat<'a> {
    /// For ticks that lie `distance` apart, the largest of which is `largest` (without sign).
    pub(crate) fn new(unit: &'a Unit, decimals: Option<u8>, distance: f64, largest: f64) -> TickFormat<'a> {
        let asked = decimals.map(|decimals| usize::from(decimals.min(MAX_DECIMALS)));
        if unit.is_words() {
            return TickFormat { unit, steps: None, decimals: asked.unwrap_or(0) };
        }
        let family = unit.family();
        let (distance, largest) = (distance * family.base, largest * family.base);
        let wide = largest_step(&family, largest);
        // 0, 500, 1000, 1500 rather than 0.0 K, 0.5 K, 1.0 K
        let counts = family.steps.get(1).is_some_and(|thousands| thousands.1.contains('K'));
        let narrow = not_below_own(&family, largest_step(&family, distance), wide);
        let step = match needed_decimals(distance / wide.0) {
            _ if counts && family.growth == Growth::Decimal && largest < 10_000.0 => family.steps[0],
            0 | 1 => wide,
            _ if largest / narrow.0 < 10_000.0 => narrow,
            _ => wide,
        };
        let decimals = asked.unwrap_or_else(|| needed_decimals(distance / step.0));
        TickFormat { unit, steps: Some((family, step)), decimals }
    }

    pub(crate) fn write(&self, value: f64) -> String {
        match &self.steps {
            Some((family, step)) => with_words(&fixed(value * family.base / step.0, self.decimals), family, *step),
            None => format(value, self.unit, Some(self.decimals as u8)),
        }
    }
}

/// Ticks up to 2 V a quarter apart are 0.25 V, not 250 mV: smaller sizes than the unit's own are for small values.
fn not_below_own(family: &Family<'_>, narrow: Step, wide: Step) -> Step {
    let own = own_step(family);
    let small = narrow.0 < own.0 && own.0 <= wide.0;
    if small && family.growth != Growth::Time { own } else { narrow }
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
    if value == 0.0 {
        return own_step(family);
    }
    let fitting = family.steps.iter().rev().find(|step| value.abs() >= step.0);
    *fitting.unwrap_or(&family.steps[0])
}

/// The size in which the unit's values are counted.
fn own_step(family: &Family<'_>) -> Step {
    *family.steps.iter().find(|step| step.0 == family.base).unwrap_or(&family.steps[0])
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
mod tests;
