//! Scales that are not even: where a value lies on them, and where their ticks are.
//!
//! It knows values, no pixels.

use crate::Scale;

/// A value on a scale on which even distances are even; NaN where the scale has no place for it.
pub(crate) fn forward(scale: Scale, value: f64) -> f64 {
    match scale {
        Scale::Linear => value,
        Scale::Log { .. } if value <= 0.0 => f64::NAN,
        Scale::Log { .. } => value.ln(),
        // as uPlot does it: even near zero, by powers far from it
        Scale::SymLog { linear, .. } => (value / threshold(linear)).asinh(),
    }
}

/// At most about `most` ticks between two ends, at powers; between few powers also at twice and five times a power.
pub(crate) fn ticks(scale: Scale, (min, max): (f64, f64), most: usize) -> Vec<f64> {
    match scale {
        Scale::Linear => Vec::new(),
        Scale::Log { base } => powers((min, max), usable(base), most),
        Scale::SymLog { base, linear } => {
            let (base, linear) = (usable(base), threshold(linear));
            let sides =
                [-min, max].map(|end| if end > linear { powers((linear, end), base, most) } else { Vec::new() });
            let [below, above] = sides;
            let zero = (min <= 0.0 && max >= 0.0).then_some(0.0);
            let all = below.iter().rev().map(|value| -value).chain(zero).chain(above);
            all.filter(|value| (min..=max).contains(value)).collect()
        }
    }
}

/// A base that has powers.
pub(crate) fn usable(base: f64) -> f64 {
    if base.is_finite() && base >= 1.1 { base } else { 10.0 }
}

fn threshold(linear: f64) -> f64 {
    if linear.is_finite() && linear > 1e-300 { linear } else { 1.0 }
}

fn powers((min, max): (f64, f64), base: f64, most: usize) -> Vec<f64> {
    let most = most.clamp(1, 100);
    // a base of at least 1.1 reaches every number within this
    let exponent = |value: f64| (value.ln() / base.ln()).clamp(-10_000.0, 10_000.0);
    // a millionth: the logarithm of 1000 is a little less than 3
    let (first, last) = ((exponent(min) - 1e-6).ceil() as i32, (exponent(max) + 1e-6).floor() as i32);
    let count = (last - first + 1).max(0) as usize;
    let every = count.div_ceil(most).max(1);
    let mantissas: &[f64] = match base {
        10.0 if count * 3 <= most + 2 => &[1.0, 2.0, 5.0],
        _ => &[1.0],
    };
    let power = |exponent: i32| mantissas.iter().map(move |mantissa| mantissa * base.powi(exponent));
    let start = first - i32::from(mantissas.len() > 1);
    let all = (start..=last).step_by(every).flat_map(power);
    all.filter(|value| (min * (1.0 - 1e-6)..=max * (1.0 + 1e-6)).contains(value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(scale: Scale, ends: (f64, f64), most: usize, expected: &[f64]) {
        let ticks = ticks(scale, ends, most);
        let near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-9 * b.abs();
        assert!(ticks.len() == expected.len() && ticks.iter().zip(expected).all(near), "{ticks:?}, not {expected:?}");
    }

    #[test]
    fn ticks_are_powers() {
        let log = |base| Scale::Log { base };
        check(log(10.0), (1.0, 1e5), 8, &[1.0, 10.0, 100.0, 1e3, 1e4, 1e5]);
        check(log(10.0), (1.0, 1e5), 3, &[1.0, 100.0, 1e4]);
        check(log(10.0), (0.3, 30.0), 8, &[0.5, 1.0, 2.0, 5.0, 10.0, 20.0]);
        check(log(2.0), (1.0, 16.0), 8, &[1.0, 2.0, 4.0, 8.0, 16.0]);
        check(log(f64::NAN), (1.0, 100.0), 3, &[1.0, 10.0, 100.0]);
        let symlog = Scale::SymLog { base: 10.0, linear: 1.0 };
        check(symlog, (-150.0, 1500.0), 5, &[-100.0, -10.0, -1.0, 0.0, 1.0, 10.0, 100.0, 1000.0]);
    }

    #[test]
    fn values_that_have_no_place_are_not_numbers() {
        let log = Scale::Log { base: 10.0 };
        assert!(forward(log, 0.0).is_nan() && forward(log, -1.0).is_nan());
        assert_eq!(forward(Scale::SymLog { base: 10.0, linear: f64::NAN }, 0.0), 0.0);
        assert!(forward(Scale::SymLog { base: 10.0, linear: 1e-310 }, 1e300).is_finite());
    }
}
