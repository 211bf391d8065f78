//! The steps in which units grow: K, Mil; KiB, MiB; s, min, hour.
//!
//! It does not write numbers.

use crate::Unit;

/// In which steps a unit grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Growth {
    /// By powers of ten.
    Decimal,
    /// By powers of two.
    Binary,
    /// By seconds, minutes, hours, days.
    Time,
}

/// A size of the unit: shown = value / its first, followed by its second and the unit's word.
pub(crate) type Step = (f64, &'static str);

/// What `number.rs` needs to know of a unit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Family<'a> {
    /// Values are multiplied with this first.
    pub(crate) base: f64,
    /// (divide by this, write this), smallest first.
    pub(crate) steps: &'static [Step],
    /// Written before the digits.
    pub(crate) before: &'a str,
    /// Written at the end.
    pub(crate) word: &'a str,
    pub(crate) growth: Growth,
}

const PLAIN: &[Step] = &[(1.0, "")];
const WORD: &[Step] = &[(1.0, " ")];
const SHORT: &[Step] = &[
    (1.0, ""),
    (1e3, " K"),
    (1e6, " Mil"),
    (1e9, " Bil"),
    (1e12, " Tri"),
    (1e15, " Quadr"),
    (1e18, " Quint"),
    (1e21, " Sext"),
    (1e24, " Sept"),
];
const SPACED: &[Step] = &[(1.0, " "), (1e3, " K "), (1e6, " Mil "), (1e9, " Bil "), (1e12, " Tri ")];
const COUNT: &[Step] = &[(1.0, " "), (1e3, "K "), (1e6, "M "), (1e9, "B "), (1e12, "T ")];
const MONEY: &[Step] = &[(1.0, ""), (1e3, "K"), (1e6, "M"), (1e9, "B"), (1e12, "T")];
const SI: &[Step] = &[
    (1e-15, " f"),
    (1e-12, " p"),
    (1e-9, " n"),
    (1e-6, " µ"),
    (1e-3, " m"),
    (1.0, " "),
    (1e3, " k"),
    (1e6, " M"),
    (1e9, " G"),
    (1e12, " T"),
    (1e15, " P"),
    (1e18, " E"),
    (1e21, " Z"),
    (1e24, " Y"),
];
/// The place of the unit without prefix in [`SI`].
const SI_ONE: usize = 5;
const IEC: &[Step] = &[
    (1.0, " "),
    (KI, " Ki"),
    (KI * KI, " Mi"),
    (KI * KI * KI, " Gi"),
    (TI, " Ti"),
    (TI * KI, " Pi"),
    (TI * KI * KI, " Ei"),
    (TI * KI * KI * KI, " Zi"),
    (TI * TI, " Yi"),
];
const KI: f64 = 1024.0;
const TI: f64 = KI * KI * KI * KI;

// Each unit of time has sizes of its own: no weeks for milliseconds, no minutes for microseconds.
const SECONDS: &[Step] =
    &[(1e-9, " ns"), (1e-6, " µs"), (1e-3, " ms"), (1.0, " s"), MINUTE, HOUR, DAY, WEEK, (3.155_69e7, " year")];
const MILLISECONDS: &[Step] = &[(1e-3, " ms"), (1.0, " s"), MINUTE, HOUR, DAY, YEAR];
const MICROSECONDS: &[Step] = &[(1e-6, " µs"), (1e-3, " ms"), (1.0, " s")];
const NANOSECONDS: &[Step] = &[(1e-9, " ns"), (1e-6, " µs"), (1e-3, " ms"), (1.0, " s"), MINUTE, HOUR, DAY];
const MINUTES: &[Step] = &[MINUTE, HOUR, DAY, WEEK, (60.0 * 5.259_48e5, " year")];
const HOURS: &[Step] = &[HOUR, DAY, WEEK, YEAR];
const DAYS: &[Step] = &[DAY, WEEK, YEAR];
const MINUTE: Step = (60.0, " min");
const HOUR: Step = (3600.0, " hour");
const DAY: Step = (86_400.0, " day");
const WEEK: Step = (604_800.0, " week");
const YEAR: Step = (31_536_000.0, " year");

impl Unit {
    /// The steps of a unit; where `words.rs` writes the values, those in which an axis has its ticks.
    pub(crate) fn family(&self) -> Family<'_> {
        let plain = Family { base: 1.0, steps: PLAIN, before: "", word: "", growth: Growth::Decimal };
        let decimal = |steps, word| Family { steps, word, ..plain };
        let time = |base, steps| Family { base, steps, growth: Growth::Time, ..plain };
        match self {
            Unit::Short => decimal(SHORT, ""),
            Unit::None => plain,
            Unit::Percent => decimal(PLAIN, "%"),
            Unit::PercentUnit => Family { base: 100.0, ..decimal(PLAIN, "%") },
            Unit::Bytes => iec("B", 0),
            Unit::DecBytes => si("B", 0),
            Unit::BytesPerSecond => iec("B/s", 0),
            Unit::DecBytesPerSecond => si("B/s", 0),
            Unit::Bits => iec("b", 0),
            Unit::BitsPerSecond => si("b/s", 0),
            Unit::Seconds => time(1.0, SECONDS),
            Unit::Milliseconds => time(1e-3, MILLISECONDS),
            Unit::Microseconds => time(1e-6, MICROSECONDS),
            Unit::Nanoseconds => time(1e-9, NANOSECONDS),
            Unit::Minutes => time(MINUTE.0, MINUTES),
            Unit::Hours => time(HOUR.0, HOURS),
            Unit::Days => time(DAY.0, DAYS),
            Unit::RequestsPerSecond => decimal(COUNT, "req/s"),
            Unit::OperationsPerSecond => decimal(COUNT, "ops/s"),
            Unit::Suffix(word) => decimal(SPACED, word),
            Unit::Word(word) => decimal(WORD, word),
            Unit::Prefix(word) => Family { before: word, ..plain },
            Unit::Count(word) => decimal(COUNT, word),
            Unit::Si { word, power } => si(word, *power),
            Unit::Iec { word, power } => iec(word, *power),
            Unit::Currency { symbol, after: true } => decimal(MONEY, symbol),
            Unit::Currency { symbol, after: false } => Family { before: symbol, ..decimal(MONEY, "") },
            Unit::DurationSeconds | Unit::ClockSeconds => time(1.0, SECONDS),
            Unit::HoursMinutesSeconds | Unit::DaysHoursMinutesSeconds => time(1.0, SECONDS),
            Unit::DurationMilliseconds | Unit::ClockMilliseconds => time(1e-3, MILLISECONDS),
            Unit::DateIso | Unit::DateUs | Unit::FromNow => time(1e-3, MILLISECONDS),
            Unit::Bool { .. } | Unit::Hex { .. } | Unit::Scientific | Unit::Locale | Unit::Text => plain,
        }
    }

    /// Whether `words.rs` writes the values.
    pub(crate) fn is_words(&self) -> bool {
        use Unit::{Bool, ClockMilliseconds, ClockSeconds, DateIso, DateUs, DurationMilliseconds, DurationSeconds};
        use Unit::{DaysHoursMinutesSeconds, FromNow, Hex, HoursMinutesSeconds, Locale, Scientific, Text};
        let time = matches!(self, DurationSeconds | DurationMilliseconds | ClockSeconds | ClockMilliseconds);
        let date = matches!(self, HoursMinutesSeconds | DaysHoursMinutesSeconds | DateIso | DateUs | FromNow);
        time || date || matches!(self, Bool { .. } | Hex { .. } | Scientific | Locale | Text)
    }
}

fn si(word: &str, power: i8) -> Family<'_> {
    let base = SI[(SI_ONE as i8 + power.clamp(-5, 8)) as usize].0;
    Family { base, steps: SI, before: "", word, growth: Growth::Decimal }
}

fn iec(word: &str, power: i8) -> Family<'_> {
    let base = IEC[power.clamp(0, 8) as usize].0;
    Family { base, steps: IEC, before: "", word, growth: Growth::Binary }
}
