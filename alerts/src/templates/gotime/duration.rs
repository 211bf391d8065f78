//! Go's `time.Duration`: nanoseconds, printed as `1h2m3.5s`.
//!
//! Deliberately unknown here: points in time, template values.

use std::fmt;

/// A signed number of nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::templates) struct GoDuration(pub(in crate::templates) i64);

const MICRO: u64 = 1_000;
const MILLI: u64 = 1_000_000;
const SECOND: u64 = 1_000_000_000;

impl GoDuration {
    pub(in crate::templates) fn seconds(self) -> f64 {
        let (whole, rest) = (self.0 / SECOND as i64, self.0 % SECOND as i64);
        whole as f64 + rest as f64 / 1e9
    }

    pub(in crate::templates) fn minutes(self) -> f64 {
        let minute = 60 * SECOND as i64;
        (self.0 / minute) as f64 + (self.0 % minute) as f64 / 6e10
    }

    pub(in crate::templates) fn hours(self) -> f64 {
        let hour = 3600 * SECOND as i64;
        (self.0 / hour) as f64 + (self.0 % hour) as f64 / 3.6e12
    }

    /// Towards zero to a multiple of `step`.
    pub(in crate::templates) fn truncate(self, step: Self) -> Self {
        if step.0 <= 0 { self } else { Self(self.0 - self.0 % step.0) }
    }

    /// To the nearest multiple of `step`; halves go away from zero.
    pub(in crate::templates) fn round(self, step: Self) -> Self {
        if step.0 <= 0 {
            return self;
        }
        let over = self.0 % step.0;
        let near = self.0 - over;
        if over.unsigned_abs() < step.0.unsigned_abs() - over.unsigned_abs() {
            return Self(near);
        }
        Self(near.saturating_add(if self.0 < 0 { -step.0 } else { step.0 }))
    }
}

/// As Go's `String`.
impl fmt::Display for GoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        match nanos {
            0 => f.write_str("0s"),
            1..MICRO => write!(f, "{nanos}ns"),
            MICRO..MILLI => write!(f, "{}µs", fraction(nanos, MICRO)),
            MILLI..SECOND => write!(f, "{}ms", fraction(nanos, MILLI)),
            _ => {
                let minutes = nanos / SECOND / 60;
                if minutes >= 60 {
                    write!(f, "{}h", minutes / 60)?;
                }
                if minutes > 0 {
                    write!(f, "{}m", minutes % 60)?;
                }
                write!(f, "{}s", fraction(nanos % (60 * SECOND), SECOND))
            }
        }
    }
}

/// `value / unit` with as many decimals as are needed.
fn fraction(value: u64, unit: u64) -> String {
    let digits = unit.ilog10() as usize;
    let text = format!("{}.{:0digits$}", value / unit, value % unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
