//! Units of values, named as Grafana names them, and the steps in which each grows (K, Mil; KiB, MiB; s, min, h).
//!
//! It does not know axes; `number.rs` writes values with what stands here.

/// How values are written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Unit {
    /// `short`: 1.2 K, 3 Mil.
    #[default]
    Short,
    /// `none`: the plain number.
    None,
    /// `percent`: values from 0 to 100.
    Percent,
    /// `percentunit`: values from 0.0 to 1.0.
    PercentUnit,
    /// `bytes`: powers of 1024 (KiB).
    Bytes,
    /// `decbytes`: powers of 1000 (kB).
    DecBytes,
    /// `binBps`: bytes per second, powers of 1024.
    BytesPerSecond,
    /// `Bps`: bytes per second, powers of 1000.
    DecBytesPerSecond,
    /// `bits`: bits, powers of 1024.
    Bits,
    /// `bps`: bits per second, powers of 1000.
    BitsPerSecond,
    /// `s`: seconds.
    Seconds,
    /// `ms`: milliseconds.
    Milliseconds,
    /// `µs`: microseconds.
    Microseconds,
    /// `ns`: nanoseconds.
    Nanoseconds,
    /// `reqps`: requests per second.
    RequestsPerSecond,
    /// `ops`: operations per second.
    OperationsPerSecond,
    /// Anything else: `short` followed by this word.
    Suffix(String),
}

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

/// A size of the unit: shown = value * `times`, followed by `suffix` and the unit's word.
pub(crate) type Step = (f64, &'static str);

/// What `number.rs` needs to know of a unit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Family<'a> {
    /// Values are multiplied with this first.
    pub(crate) base: f64,
    /// (divide by this, write this), smallest first.
    pub(crate) steps: &'static [Step],
    /// Written at the end.
    pub(crate) word: &'a str,
    pub(crate) growth: Growth,
}

const PLAIN: &[Step] = &[(1.0, "")];
const SHORT: &[Step] = &[(1.0, ""), (1e3, " K"), (1e6, " Mil"), (1e9, " Bil"), (1e12, " Tri")];
const SPACED: &[Step] = &[(1.0, " "), (1e3, " K "), (1e6, " Mil "), (1e9, " Bil "), (1e12, " Tri ")];
const RATE: &[Step] = &[(1.0, " "), (1e3, "K "), (1e6, "M "), (1e9, "B "), (1e12, "T ")];
const SI: &[Step] = &[(1.0, " "), (1e3, " k"), (1e6, " M"), (1e9, " G"), (1e12, " T"), (1e15, " P")];
const IEC: &[Step] = &[
    (1.0, " "),
    (KI, " Ki"),
    (KI * KI, " Mi"),
    (KI * KI * KI, " Gi"),
    (TI, " Ti"),
    (TI * KI, " Pi"),
    (TI * KI * KI, " Ei"),
];
const TIME: &[Step] =
    &[(1e-9, " ns"), (1e-6, " µs"), (1e-3, " ms"), (1.0, " s"), (60.0, " min"), (3600.0, " h"), (86_400.0, " d")];
const KI: f64 = 1024.0;
const TI: f64 = KI * KI * KI * KI;

impl Unit {
    /// Reads Grafana's name of a unit; an unknown name, or `suffix:word`, is a word of its own.
    pub fn parse(id: &str) -> Unit {
        match id.trim() {
            "" | "short" | "locale" | "sishort" => Unit::Short,
            "none" | "string" => Unit::None,
            "percent" => Unit::Percent,
            "percentunit" => Unit::PercentUnit,
            "bytes" => Unit::Bytes,
            "decbytes" => Unit::DecBytes,
            "binBps" => Unit::BytesPerSecond,
            "Bps" => Unit::DecBytesPerSecond,
            "bits" => Unit::Bits,
            "bps" => Unit::BitsPerSecond,
            "s" | "dtdurations" => Unit::Seconds,
            "ms" | "dtdurationms" => Unit::Milliseconds,
            "µs" | "us" => Unit::Microseconds,
            "ns" => Unit::Nanoseconds,
            "reqps" => Unit::RequestsPerSecond,
            "ops" => Unit::OperationsPerSecond,
            other => Unit::Suffix(word(other).to_owned()),
        }
    }

    pub(crate) fn family(&self) -> Family<'_> {
        let decimal = |base, steps, word| Family { base, steps, word, growth: Growth::Decimal };
        let binary = |word| Family { base: 1.0, steps: IEC, word, growth: Growth::Binary };
        let time = |base| Family { base, steps: TIME, word: "", growth: Growth::Time };
        match self {
            Unit::Short => decimal(1.0, SHORT, ""),
            Unit::None => decimal(1.0, PLAIN, ""),
            Unit::Percent => decimal(1.0, PLAIN, "%"),
            Unit::PercentUnit => decimal(100.0, PLAIN, "%"),
            Unit::Bytes => binary("B"),
            Unit::DecBytes => decimal(1.0, SI, "B"),
            Unit::BytesPerSecond => binary("B/s"),
            Unit::DecBytesPerSecond => decimal(1.0, SI, "B/s"),
            Unit::Bits => binary("b"),
            Unit::BitsPerSecond => decimal(1.0, SI, "b/s"),
            Unit::Seconds => time(1.0),
            Unit::Milliseconds => time(1e-3),
            Unit::Microseconds => time(1e-6),
            Unit::Nanoseconds => time(1e-9),
            Unit::RequestsPerSecond => decimal(1.0, RATE, "req/s"),
            Unit::OperationsPerSecond => decimal(1.0, RATE, "ops/s"),
            Unit::Suffix(word) => decimal(1.0, SPACED, word),
        }
    }
}

/// The word that Grafana writes for a unit that has nothing but a word.
fn word(id: &str) -> &str {
    match id {
        "pps" => "p/s",
        "rps" => "rd/s",
        "wps" => "wr/s",
        "iops" => "io/s",
        "eps" => "evt/s",
        "cps" => "c/s",
        "opm" => "ops/min",
        "rpm" => "rd/min",
        "wpm" => "wr/min",
        "celsius" => "°C",
        "fahrenheit" => "°F",
        "watt" => "W",
        "volt" => "V",
        "hertz" => "Hz",
        "currencyUSD" => "$",
        "currencyEUR" => "€",
        other => other.strip_prefix("suffix:").unwrap_or(other),
    }
}
