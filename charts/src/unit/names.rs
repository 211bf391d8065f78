//! Grafana's names of units, as data. What each means is taken from `packages/grafana-data/src/valueFormats` of
//! <https://github.com/grafana/grafana>.
//!
//! It does not know how values are written.

use crate::Unit;

/// What a name stands for.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Word(&'static str),
    Count(&'static str),
    Si(&'static str, i8),
    Iec(&'static str, i8),
    Before(&'static str),
    After(&'static str),
}

use Kind::{After, Before, Count, Iec, Si, Word};

#[rustfmt::skip]
const NAMES: &[(&str, Kind)] = &[
    // misc
    ("humidity", Word("%H")), ("dB", Word("dB")), ("pixel", Word("px")), ("sishort", Si("", 0)),
    // acceleration, angle, area
    ("accMS2", Word("m/sec²")), ("accFS2", Word("f/sec²")), ("accG", Word("g")), ("degree", Word("°")),
    ("radian", Word("rad")), ("grad", Word("grad")), ("arcmin", Word("arcmin")), ("arcsec", Word("arcsec")),
    ("areaM2", Word("m²")), ("areaF2", Word("ft²")), ("areaMI2", Word("mi²")),
    // computation, concentration
    ("flops", Si("FLOPS", 0)), ("mflops", Si("FLOPS", 2)), ("gflops", Si("FLOPS", 3)), ("tflops", Si("FLOPS", 4)),
    ("pflops", Si("FLOPS", 5)), ("eflops", Si("FLOPS", 6)), ("zflops", Si("FLOPS", 7)), ("yflops", Si("FLOPS", 8)),
    ("ppm", Word("ppm")), ("conppb", Word("ppb")), ("conngm3", Word("ng/m³")), ("conngNm3", Word("ng/Nm³")),
    ("conμgm3", Word("μg/m³")), ("conμgNm3", Word("μg/Nm³")), ("conmgm3", Word("mg/m³")),
    ("conmgNm3", Word("mg/Nm³")), ("congm3", Word("g/m³")), ("congNm3", Word("g/Nm³")),
    ("conmgdL", Word("mg/dL")), ("conmmolL", Word("mmol/L")),
    // currency
    ("currencyUSD", Before("$")), ("currencyGBP", Before("£")), ("currencyEUR", Before("€")),
    ("currencyJPY", Before("¥")), ("currencyRUB", Before("₽")), ("currencyUAH", Before("₴")),
    ("currencyBRL", Before("R$")), ("currencyDKK", After("kr")), ("currencyISK", After("kr")),
    ("currencyNOK", After("kr")), ("currencySEK", After("kr")), ("currencyCZK", Before("czk")),
    ("currencyCHF", Before("CHF")), ("currencyPLN", Before("PLN")), ("currencyBTC", Before("฿")),
    ("currencymBTC", Before("mBTC")), ("currencyμBTC", Before("μBTC")), ("currencyZAR", Before("R")),
    ("currencyINR", Before("₹")), ("currencyKRW", Before("₩")), ("currencyIDR", Before("Rp")),
    ("currencyPHP", Before("PHP")), ("currencyVND", After("đ")), ("currencyTRY", After("₺")),
    // data
    ("decbits", Si("b", 0)), ("kbytes", Iec("B", 1)), ("mbytes", Iec("B", 2)), ("gbytes", Iec("B", 3)),
    ("tbytes", Iec("B", 4)), ("pbytes", Iec("B", 5)), ("deckbytes", Si("B", 1)), ("decmbytes", Si("B", 2)),
    ("decgbytes", Si("B", 3)), ("dectbytes", Si("B", 4)), ("decpbytes", Si("B", 5)),
    // data rate
    ("pps", Si("p/s", 0)), ("binbps", Iec("b/s", 0)),
    ("KiBs", Iec("B/s", 1)), ("MiBs", Iec("B/s", 2)), ("GiBs", Iec("B/s", 3)), ("TiBs", Iec("B/s", 4)),
    ("PiBs", Iec("B/s", 5)), ("Kibits", Iec("b/s", 1)), ("Mibits", Iec("b/s", 2)), ("Gibits", Iec("b/s", 3)),
    ("Tibits", Iec("b/s", 4)), ("Pibits", Iec("b/s", 5)), ("KBs", Si("B/s", 1)), ("MBs", Si("B/s", 2)),
    ("GBs", Si("B/s", 3)), ("TBs", Si("B/s", 4)), ("PBs", Si("B/s", 5)), ("Kbits", Si("b/s", 1)),
    ("Mbits", Si("b/s", 2)), ("Gbits", Si("b/s", 3)), ("Tbits", Si("b/s", 4)), ("Pbits", Si("b/s", 5)),
    // energy
    ("watt", Si("W", 0)), ("kwatt", Si("W", 1)), ("megwatt", Si("W", 2)), ("gwatt", Si("W", 3)),
    ("mwatt", Si("W", -1)), ("Wm2", Word("W/m²")), ("voltamp", Si("VA", 0)), ("kvoltamp", Si("VA", 1)),
    ("voltampreact", Si("VAr", 0)), ("kvoltampreact", Si("VAr", 1)), ("watth", Si("Wh", 0)),
    ("watthperkg", Si("Wh/kg", 0)), ("kwatth", Si("Wh", 1)), ("kwattm", Si("W-Min", 1)), ("amph", Si("Ah", 0)),
    ("kamph", Si("Ah", 1)), ("mamph", Si("Ah", -1)), ("joule", Si("J", 0)), ("ev", Si("eV", 0)),
    ("amp", Si("A", 0)), ("kamp", Si("A", 1)), ("mamp", Si("A", -1)), ("volt", Si("V", 0)), ("kvolt", Si("V", 1)),
    ("mvolt", Si("V", -1)), ("dBm", Si("dBm", 0)), ("ohm", Si("Ω", 0)), ("kohm", Si("Ω", 1)), ("Mohm", Si("Ω", 2)),
    ("farad", Si("F", 0)), ("µfarad", Si("F", -2)), ("nfarad", Si("F", -3)), ("pfarad", Si("F", -4)),
    ("ffarad", Si("F", -5)), ("henry", Si("H", 0)), ("mhenry", Si("H", -1)), ("µhenry", Si("H", -2)),
    ("lumens", Si("Lm", 0)),
    // flow, force, hash rate
    ("flowgpm", Word("gpm")), ("flowcms", Word("cms")), ("flowcfs", Word("cfs")), ("flowcfm", Word("cfm")),
    ("litreh", Word("L/h")), ("flowlpm", Word("L/min")), ("flowmlpm", Word("mL/min")), ("lux", Word("lux")),
    ("forceNm", Si("Nm", 0)), ("forcekNm", Si("Nm", 1)), ("forceN", Si("N", 0)), ("forcekN", Si("N", 1)),
    ("Hs", Si("H/s", 0)), ("KHs", Si("H/s", 1)), ("MHs", Si("H/s", 2)), ("GHs", Si("H/s", 3)),
    ("THs", Si("H/s", 4)), ("PHs", Si("H/s", 5)), ("EHs", Si("H/s", 6)),
    // mass, length, pressure
    ("massmg", Si("g", -1)), ("massg", Si("g", 0)), ("masslb", Word("lb")), ("masskg", Si("g", 1)),
    ("masst", Word("t")), ("lengthmm", Si("m", -1)), ("lengthin", Word("in")), ("lengthft", Word("ft")),
    ("lengthm", Si("m", 0)), ("lengthkm", Si("m", 1)), ("lengthmi", Word("mi")), ("pressurembar", Si("bar", -1)),
    ("pressurebar", Si("bar", 0)), ("pressurekbar", Si("bar", 1)), ("pressurepa", Si("Pa", 0)),
    ("pressurehpa", Word("hPa")), ("pressurekpa", Word("kPa")), ("pressurehg", Word("\"Hg")),
    ("pressurepsi", Word("psi")),
    // radiation
    ("radbq", Si("Bq", 0)), ("radci", Si("Ci", 0)), ("radgy", Si("Gy", 0)), ("radrad", Si("rad", 0)),
    ("radsv", Si("Sv", 0)), ("radmsv", Si("Sv", -1)), ("radusv", Si("Sv", -2)), ("radrem", Si("rem", 0)),
    ("radexpckg", Si("C/kg", 0)), ("radr", Si("R", 0)), ("radsvh", Si("Sv/h", 0)), ("radmsvh", Si("Sv/h", -1)),
    ("radusvh", Si("Sv/h", -2)),
    // rotation, temperature, time
    ("rotrpm", Word("rpm")), ("rothz", Si("Hz", 0)), ("rotrads", Word("rad/s")), ("rotdegs", Word("°/s")),
    ("celsius", Word("°C")), ("fahrenheit", Word("°F")), ("farenheit", Word("°F")), ("kelvin", Word("K")),
    ("hertz", Si("Hz", 0)),
    // throughput
    ("cps", Count("c/s")), ("rps", Count("rd/s")), ("wps", Count("wr/s")), ("iops", Count("io/s")),
    ("eps", Count("evt/s")), ("mps", Count("msg/s")), ("recps", Count("rec/s")), ("rowsps", Count("rows/s")),
    ("cpm", Count("c/m")), ("opm", Count("ops/m")), ("reqpm", Count("req/m")), ("rpm", Count("rd/m")),
    ("wpm", Count("wr/m")), ("epm", Count("evts/m")), ("mpm", Count("msgs/m")), ("recpm", Count("rec/m")),
    ("rowspm", Count("rows/m")),
    // velocity, volume
    ("velocityms", Word("m/s")), ("velocitykmh", Word("km/h")), ("velocitymph", Word("mph")),
    ("velocityknot", Word("kn")), ("mlitre", Si("L", -1)), ("litre", Si("L", 0)), ("m3", Word("m³")),
    ("Nm3", Word("Nm³")), ("dm3", Word("dm³")), ("gallons", Word("gal")),
];

/// Longer words fit beside no number.
const LONGEST_WORD: usize = 64;

impl Unit {
    /// Reads Grafana's name of a unit; an unknown name is a word of its own, behind the plain number.
    pub fn parse(id: &str) -> Unit {
        let boolean = |yes: &str, no: &str| Unit::Bool { yes: short(yes), no: short(no) };
        match id.trim() {
            "" | "short" => Unit::Short,
            "none" => Unit::None,
            "string" => Unit::Text,
            "percent" => Unit::Percent,
            "percentunit" => Unit::PercentUnit,
            "bytes" => Unit::Bytes,
            "decbytes" => Unit::DecBytes,
            "binBps" => Unit::BytesPerSecond,
            "Bps" => Unit::DecBytesPerSecond,
            "bits" => Unit::Bits,
            "bps" => Unit::BitsPerSecond,
            "s" => Unit::Seconds,
            "ms" => Unit::Milliseconds,
            // two different letters look like this one
            "µs" | "μs" | "us" => Unit::Microseconds,
            "ns" => Unit::Nanoseconds,
            "m" => Unit::Minutes,
            "h" => Unit::Hours,
            "d" => Unit::Days,
            "reqps" => Unit::RequestsPerSecond,
            "ops" => Unit::OperationsPerSecond,
            "dtdurations" => Unit::DurationSeconds,
            "dtdurationms" => Unit::DurationMilliseconds,
            "clocks" => Unit::ClockSeconds,
            "clockms" => Unit::ClockMilliseconds,
            "dthms" => Unit::HoursMinutesSeconds,
            "dtdhms" => Unit::DaysHoursMinutesSeconds,
            "bool" => boolean("True", "False"),
            "bool_yes_no" => boolean("Yes", "No"),
            "bool_on_off" => boolean("On", "Off"),
            "hex" => Unit::Hex { marked: false },
            "hex0x" => Unit::Hex { marked: true },
            "sci" => Unit::Scientific,
            "locale" => Unit::Locale,
            "dateTimeAsUS" | "dateTimeAsUSNoDateIfToday" => Unit::DateUs,
            "dateTimeFromNow" => Unit::FromNow,
            "dateTimeAsIso" | "dateTimeAsIsoNoDateIfToday" | "dateTimeAsSystem" => Unit::DateIso,
            "dateTimeAsLocal" | "dateTimeAsLocalNoDateIfToday" => Unit::DateIso,
            other => listed(other).or_else(|| custom(other)).unwrap_or_else(|| Unit::Word(short(other))),
        }
    }
}

fn listed(id: &str) -> Option<Unit> {
    let (_, kind) = NAMES.iter().find(|(name, _)| *name == id)?;
    Some(match *kind {
        Word(word) => Unit::Word(word.to_owned()),
        Count(word) => Unit::Count(word.to_owned()),
        Si(word, power) => Unit::Si { word: word.to_owned(), power },
        Iec(word, power) => Unit::Iec { word: word.to_owned(), power },
        Before(symbol) => Unit::Currency { symbol: symbol.to_owned(), after: false },
        After(symbol) => Unit::Currency { symbol: symbol.to_owned(), after: true },
    })
}

/// Units of people's own: a kind, a colon, a word.
fn custom(id: &str) -> Option<Unit> {
    let (kind, word) = id.split_once(':')?;
    Some(match kind {
        "prefix" => Unit::Prefix(short(word)),
        "suffix" => Unit::Word(short(word)),
        "count" => Unit::Count(short(word)),
        "currency" => match word.strip_prefix("suffix:") {
            Some(symbol) => Unit::Currency { symbol: short(symbol), after: true },
            None => Unit::Currency { symbol: short(word), after: false },
        },
        "si" => {
            let (word, power) = without_prefix(word);
            Unit::Si { word: short(word), power }
        }
        "bool" => {
            let (yes, no) = word.split_once('/').unwrap_or((word, "-"));
            Unit::Bool { yes: short(yes), no: short(no) }
        }
        "time" => Unit::DateIso,
        _ => return None,
    })
}

/// The word behind its prefix, and the prefix' power of a thousand: `µF` is (F, -2).
fn without_prefix(word: &str) -> (&str, i8) {
    let power = match word.chars().next() {
        Some('f') => -5,
        Some('p') => -4,
        Some('n') => -3,
        Some('µ' | 'μ') => -2,
        Some('m') => -1,
        Some('k') => 1,
        Some('M') => 2,
        Some('G') => 3,
        Some('T') => 4,
        Some('P') => 5,
        Some('E') => 6,
        Some('Z') => 7,
        Some('Y') => 8,
        _ => return (word, 0),
    };
    let mut behind = word.chars();
    behind.next();
    (behind.as_str(), power)
}

fn short(word: &str) -> String {
    word.chars().take(LONGEST_WORD).collect()
}
