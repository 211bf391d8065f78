//! Units of values, named as Grafana names them.
//!
//! `unit/names.rs` reads the names, `unit/family.rs` has the steps in which a unit grows, `unit/words.rs` writes what is
//! more than a number and a word. It does not know axes; `number.rs` writes values with what stands here.

mod family;
mod names;
mod words;

pub(crate) use family::{Family, Growth, Step};
pub(crate) use words::{Moment, write};

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
    /// `s`: seconds, up to years.
    Seconds,
    /// `ms`: milliseconds.
    Milliseconds,
    /// `µs`: microseconds.
    Microseconds,
    /// `ns`: nanoseconds.
    Nanoseconds,
    /// `m`: minutes, up to years.
    Minutes,
    /// `h`: hours.
    Hours,
    /// `d`: days.
    Days,
    /// `reqps`: requests per second.
    RequestsPerSecond,
    /// `ops`: operations per second.
    OperationsPerSecond,
    /// `short` followed by this word: 5.5 K /s. No name of Grafana means this; it is for units that are guessed.
    Suffix(String),
    /// The plain number followed by this word: `celsius`, `suffix:word`, and every unknown name.
    Word(String),
    /// The plain number behind this word: `prefix:word`.
    Prefix(String),
    /// A number that grows K, M, B, T, followed by this word: `iops`, `count:word`.
    Count(String),
    /// A word with the prefixes of the SI: `volt`, `si:word`.
    Si {
        /// The word without prefix.
        word: String,
        /// The values' own power of a thousand: 1 for kilo, -1 for milli.
        power: i8,
    },
    /// A word with the prefixes Ki, Mi, Gi.
    Iec {
        /// The word without prefix.
        word: String,
        /// The values' own power of 1024.
        power: i8,
    },
    /// Money: $1.5K.
    Currency {
        /// The currency's sign.
        symbol: String,
        /// Whether it stands after the number.
        after: bool,
    },
    /// `dtdurations`: seconds in words, "1 day, 3 hours"; decimals say how many words follow the first.
    DurationSeconds,
    /// `dtdurationms`: milliseconds in words.
    DurationMilliseconds,
    /// `clocks`: seconds as 01h:59m:59s:999ms.
    ClockSeconds,
    /// `clockms`: milliseconds so.
    ClockMilliseconds,
    /// `dthms`: seconds as 01:59:59.
    HoursMinutesSeconds,
    /// `dtdhms`: seconds as 2 d 01:59:59.
    DaysHoursMinutesSeconds,
    /// `bool`, `bool_yes_no`, `bool_on_off`, `bool:yes/no`: a word for zero, one for all other values.
    Bool {
        /// Not zero.
        yes: String,
        /// Zero.
        no: String,
    },
    /// `hex` and `hex0x`: the whole number in hexadecimal digits.
    Hex {
        /// With `0x` before it.
        marked: bool,
    },
    /// `sci`: 1.5e+3.
    Scientific,
    /// `locale`: 1,234,567.89.
    Locale,
    /// `string`: all digits of the number.
    Text,
    /// `dateTimeAsIso` and its kin, `time:format`: milliseconds since 1970 as 2026-06-01 10:00:00.
    DateIso,
    /// `dateTimeAsUS`: 06/01/2026 10:00:00 am.
    DateUs,
    /// `dateTimeFromNow`: "5 minutes ago".
    FromNow,
}
