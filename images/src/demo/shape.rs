//! Shapes of believable series: the day, noise, an incident.
//!
//! Deliberately unknown here: what the series mean.

/// Busy in the afternoon, quiet at night: -1 to 1, over 24 hours.
pub(super) fn day(seconds: f64) -> f64 {
    const PEAK: f64 = 14.5 * 3_600.0;
    ((seconds - PEAK) / 86_400.0 * std::f64::consts::TAU).cos()
}

/// Smooth noise, -1 to 1: hills of 40, 12 and 4 minutes, and a jitter from point to point.
pub(super) fn noise(seed: u64, seconds: f64) -> f64 {
    let hills = [(2_400.0, 0.35), (720.0, 0.25), (240.0, 0.2)];
    let smooth: f64 =
        hills.iter().zip(seed..).map(|((period, weight), seed)| weight * lattice(seed, seconds / period)).sum();
    smooth + 0.2 * random(seed ^ 0x5eed, (seconds / 10.0).floor())
}

/// Noise between the points of a lattice, interpolated without corners.
fn lattice(seed: u64, at: f64) -> f64 {
    let (left, part) = (at.floor(), at - at.floor());
    let (a, b) = (random(seed, left), random(seed, left + 1.0));
    a + (b - a) * smooth(part)
}

/// A number from -1 to 1 that looks random: splitmix64 of the seed and the place.
fn random(seed: u64, place: f64) -> f64 {
    let mut bits = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ place.to_bits();
    for multiplier in [0xBF58_476D_1CE4_E5B9_u64, 0x94D0_49BB_1331_11EB] {
        bits = (bits ^ (bits >> 30)).wrapping_mul(multiplier);
        bits ^= bits >> 27;
    }
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    let unit = (bits >> 11) as f64 / (1_u64 << 53) as f64;
    unit * 2.0 - 1.0
}

/// From 0 to 1 without corners.
fn smooth(part: f64) -> f64 {
    let part = part.clamp(0.0, 1.0);
    part * part * (3.0 - 2.0 * part)
}

/// How far an incident has come: 0 as usual, 1 at the level, 2 at its worst. It passes 1 exactly at `began` and again at
/// `ended`, and builds up and dies down over `slope` seconds on either side of both.
pub(super) fn incident(seconds: f64, began: f64, ended: f64, slope: f64) -> f64 {
    let beyond = |distance: f64, slope: f64| {
        let part = (distance / slope).clamp(-1.0, 1.0);
        // as steep before the crossing as after it
        if part < 0.0 { (1.0 + part).powi(2) } else { 2.0 - (1.0 - part).powi(2) }
    };
    beyond(seconds - began, slope).min(beyond(ended - seconds, slope / 3.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_incident_crosses_when_it_should() {
        let at = |seconds| incident(seconds, 100.0, 300.0, 50.0);
        assert_eq!((at(0.0), at(100.0), at(200.0), at(300.0), at(400.0)), (0.0, 1.0, 2.0, 1.0, 0.0));
        assert!(at(99.0) < 1.0 && at(101.0) > 1.0 && at(299.0) > 1.0 && at(301.0) < 1.0);
    }

    proptest! {
        #[test]
        fn noise_stays_within_bounds(seed in any::<u64>(), seconds in 0.0..4e9) {
            prop_assert!((-1.0..=1.0).contains(&noise(seed >> 1, seconds)));
            prop_assert!((-1.0..=1.0).contains(&day(seconds)));
        }
    }
}
