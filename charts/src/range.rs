//! The ends of a value axis: what data, thresholds and the caller's wishes ask for.
//!
//! It knows values, but neither ticks (`axis.rs`) nor pixels.

use crate::axis::{extent, limited};
use crate::{Axis, Scale, scales};

/// What the range of an axis is made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// The smallest and largest value of the data (above zero, on a logarithmic axis).
    pub(crate) data: Option<(f64, f64)>,
    /// What the caller wants.
    pub(crate) axis: &'a Axis,
    /// Whether the ends are chosen as Grafana does: for series that are drawn with its looks.
    pub(crate) as_grafana: bool,
}

impl Wanted<'_> {
    /// The range to show: data and near thresholds, with some air.
    pub(crate) fn range(&self, thresholds: impl Iterator<Item = f64>) -> (f64, f64) {
        let log = matches!(self.axis.scale, Scale::Log { .. });
        let usable = |value: &f64| value.is_finite() && (*value > 0.0 || !log);
        let thresholds: Vec<f64> = thresholds.filter(usable).map(limited).collect();
        let data = self.data.or_else(|| extent(thresholds.iter().copied()));
        let data = data.map(|(low, high)| (limited(low), limited(high)));
        match (self.axis.scale, data) {
            (Scale::Log { base }, data) => self.powers(data.unwrap_or((1.0, 1.0)), base),
            (_, Some((low, high))) if self.as_grafana => self.open(with_near(&thresholds, self.grafana(low, high))),
            (_, data) => self.open(self.softened(data, plain(&thresholds, data.unwrap_or((0.0, 1.0))))),
        }
    }

    /// Zero in the middle and fixed ends, where they are wanted.
    fn open(&self, (low, high): (f64, f64)) -> (f64, f64) {
        let far = low.abs().max(high.abs());
        let (low, high) = self.fixed(if self.axis.centered_zero { (-far, far) } else { (low, high) });
        apart(low, high)
    }

    fn fixed(&self, (low, high): (f64, f64)) -> (f64, f64) {
        match (usable(self.axis.min), usable(self.axis.max)) {
            (Some(min), Some(max)) if min < max => (min, max),
            (Some(min), None) => (min, if high > min { high } else { min + min.abs().max(1.0) }),
            (None, Some(max)) => (if low < max { low } else { max - max.abs().max(1.0) }, max),
            _ => (low, high),
        }
    }

    /// The soft ends, where the data does not go beyond them.
    fn softened(&self, data: Option<(f64, f64)>, (low, high): (f64, f64)) -> (f64, f64) {
        let inside = |soft: &f64, end: fn((f64, f64), f64) -> bool| data.is_none_or(|data| end(data, *soft));
        let min = usable(self.axis.soft_min).filter(|soft| inside(soft, |data, soft| soft <= data.0));
        let max = usable(self.axis.soft_max).filter(|soft| inside(soft, |data, soft| soft >= data.1));
        match (min.unwrap_or(low), max.unwrap_or(high)) {
            (min, max) if min < max => (min, max),
            _ => (low, high),
        }
    }

    /// uPlot's `rangeNum` with the settings that Grafana gives it: a tenth of air, rounded outwards, and zero as an end
    /// that the air does not cross. Soft ends take the place of zero, and hold however far the data is.
    fn grafana(&self, low: f64, high: f64) -> (f64, f64) {
        let far = low.abs().max(high.abs());
        let span = if high - low > 1e-10 * far { high - low } else { 0.0 };
        // a tenth of the smallest numbers is nothing
        if far < SMALLEST * 1e10 {
            return self.softened(Some((low, high)), (0.0, 1.0));
        }
        let (measure, air) = if span > 0.0 { (span, 0.1 * span) } else { (far, far) };
        let step = 10_f64.powi(measure.log10().floor() as i32 - 1);
        // half of a millionth: 0.3 / 0.1 is a little less than 3
        let down = |value: f64| (value / step + 5e-7).floor() * step;
        let (new_low, new_high) = (down(low - air), -down(-high - air));
        let zero_below = low >= 0.0 && new_low <= 0.0;
        let zero_above = high <= 0.0 && new_high >= 0.0;
        let open = (if zero_below { 0.0 } else { new_low }, if zero_above { 0.0 } else { new_high });
        self.softened(Some((low, high)), open)
    }

    /// The ends of a logarithmic axis: whole powers around the data, or the fixed ends if they are above zero.
    fn powers(&self, (low, high): (f64, f64), base: f64) -> (f64, f64) {
        let base = scales::usable(base);
        let positive = |value: Option<f64>| usable(value).filter(|value| *value > 0.0);
        let softened =
            |soft: Option<f64>, end: f64, pick: fn(f64, f64) -> f64| positive(soft).map_or(end, |soft| pick(soft, end));
        let low = softened(self.axis.soft_min, low, f64::min).max(SMALLEST);
        let high = softened(self.axis.soft_max, high, f64::max).max(low);
        // a millionth: the logarithm of 1000 is a little less than 3
        let (first, last) = ((low.ln() / base.ln() + 1e-6).floor(), (high.ln() / base.ln() - 1e-6).ceil());
        let power = |exponent: f64| base.powf(exponent).clamp(SMALLEST, crate::axis::LARGEST);
        let (low, high) = (power(first), power(last.max(first + 1.0)));
        let (min, max) = (positive(self.axis.min).unwrap_or(low), positive(self.axis.max).unwrap_or(high));
        let (min, max) = if min < max { (min, max) } else { (low, high) };
        if max > min * (1.0 + 1e-6) { (min, max) } else { (min, min * 10.0) }
    }
}

/// The bottom of a logarithmic axis at the lowest.
const SMALLEST: f64 = 1e-300;

fn usable(end: Option<f64>) -> Option<f64> {
    end.filter(|end| end.is_finite()).map(limited)
}

/// The ends for panels that are not Grafana's: from zero when zero is not far.
fn plain(thresholds: &[f64], (low, high): (f64, f64)) -> (f64, f64) {
    let (low, high) = from_zero(low, high);
    let shown = near(thresholds, low, high);
    let (low, high) = shown.fold((low, high), |(low, high), value| (low.min(value), high.max(value)));
    let (low, high) = from_zero(low, high);
    with_air(low, high)
}

/// Moves the ends to show thresholds that are near, with a little air beyond them.
fn with_near(thresholds: &[f64], (low, high): (f64, f64)) -> (f64, f64) {
    let outside = near(thresholds, low, high).filter(|value| !(low..=high).contains(value));
    outside.fold((low, high), |(low, high), value| {
        let air = 0.07 * (high.max(value) - low.min(value));
        if value < low {
            (value - air, high)
        } else if value > high {
            (low, value + air)
        } else {
            (low, high)
        }
    })
}

/// Moves the nearer end to zero when the data is not a thin band far away from it.
fn from_zero(low: f64, high: f64) -> (f64, f64) {
    const THIN: f64 = 0.12;
    let far = high.abs().max(low.abs());
    if high - low < THIN * far && low < high {
        return (low, high);
    }
    (low.min(0.0), high.max(0.0))
}

/// The thresholds that can be shown without pressing the data flat.
fn near(thresholds: &[f64], low: f64, high: f64) -> impl Iterator<Item = f64> {
    const ROOM: f64 = 5.0;
    let span = (high - low).max(0.1 * high.abs().max(low.abs()));
    thresholds.iter().copied().filter(move |value| (low - ROOM * span..=high + ROOM * span).contains(value))
}

/// A little room above and below; none below zero for what is never negative.
fn with_air(low: f64, high: f64) -> (f64, f64) {
    let air = 0.07 * (high - low);
    (if low == 0.0 { 0.0 } else { low - air }, if high == 0.0 && low < 0.0 { 0.0 } else { high + air })
}

/// Keeps the ends so far apart that ticks between them differ.
fn apart(low: f64, high: f64) -> (f64, f64) {
    let least = (1e-9 * high.abs().max(low.abs())).max(f64::MIN_POSITIVE * 1e10);
    if high - low > least {
        return (low, high);
    }
    // A tenth of one of the smallest numbers is nothing, or too little to tell ticks apart.
    let tenth = high.abs() * 0.1;
    let half = if tenth > least { tenth } else { 0.5 };
    (low - half, high + half)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Found by the property test: a tenth of the smallest number is zero, and an axis without extent overflowed.
    #[test]
    fn the_smallest_numbers_have_an_axis_too() {
        for value in [0.0, f64::from_bits(1), -f64::from_bits(1), f64::MIN_POSITIVE, f64::MIN_POSITIVE * 1e9] {
            let (low, high) = apart(value, value);
            assert!(high - low > 0.1, "{value:e}: {low} to {high}");
        }
    }

    #[test]
    fn the_range_shows_near_thresholds_and_starts_at_zero_unless_far_from_it() {
        let range = |data, thresholds: &[f64]| {
            let axis = Axis::default();
            Wanted { data, axis: &axis, as_grafana: false }.range(thresholds.iter().copied())
        };
        assert_eq!(range(Some((0.0, 100.0)), &[]), (0.0, 107.0));
        assert_eq!(range(Some((0.0, 100.0)), &[200.0]), (0.0, 214.0));
        assert_eq!(range(Some((0.0, 100.0)), &[1e6]), (0.0, 107.0));
        assert_eq!(range(Some((90.0, 100.0)), &[]), (89.3, 100.7));
        assert_eq!(range(None, &[]), (0.0, 1.07));
        assert_eq!(range(Some((5.0, 5.0)), &[]), (0.0, 5.35));
        let (low, high) = range(Some((-1e308, 1e308)), &[f64::NAN, f64::INFINITY]);
        assert!(low.is_finite() && high.is_finite() && (high - low).is_finite());
    }

    #[track_caller]
    fn check(axis: Axis, data: (f64, f64), expected: (f64, f64)) {
        let (low, high) = Wanted { data: Some(data), axis: &axis, as_grafana: true }.range(std::iter::empty());
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9 * (1.0 + b.abs());
        assert!(near(low, expected.0) && near(high, expected.1), "{low} to {high} for {data:?} in {axis:?}");
    }

    #[test]
    fn grafanas_panels_have_grafanas_ends() {
        let plain = Axis::default;
        check(plain(), (60.0, 100.0), (56.0, 104.0));
        check(plain(), (2.0, 100.0), (0.0, 110.0));
        check(plain(), (-100.0, -2.0), (-110.0, 0.0));
        check(plain(), (-50.0, 50.0), (-60.0, 60.0));
        check(plain(), (5.0, 5.0), (0.0, 10.0));
        check(plain(), (0.0, 0.0), (0.0, 1.0));
        check(plain(), (0.0, f64::from_bits(1)), (0.0, 1.0));
        check(Axis { centered_zero: true, ..plain() }, (-20.0, 90.0), (-110.0, 110.0));
    }

    #[test]
    fn soft_ends_hold_until_the_data_goes_beyond() {
        let axis = || Axis { soft_min: Some(0.0), soft_max: Some(100.0), ..Axis::default() };
        check(axis(), (60.0, 80.0), (0.0, 100.0));
        check(axis(), (-10.0, 80.0), (-19.0, 100.0));
        check(axis(), (60.0, 120.0), (0.0, 126.0));
        check(Axis { min: Some(50.0), ..axis() }, (60.0, 80.0), (50.0, 100.0));
    }

    #[test]
    fn logarithmic_ends_are_powers() {
        let log = |base| Axis { scale: Scale::Log { base }, ..Axis::default() };
        check(log(10.0), (3.0, 800.0), (1.0, 1000.0));
        check(log(10.0), (1.0, 1000.0), (1.0, 1000.0));
        check(log(2.0), (3.0, 9.0), (2.0, 16.0));
        check(log(f64::NAN), (5.0, 5.0), (1.0, 10.0));
        check(Axis { min: Some(0.5), max: Some(-1.0), ..log(10.0) }, (3.0, 8.0), (0.5, 10.0));
    }
}
