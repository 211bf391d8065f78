//! Values that are more than a number and a word: durations in words, clocks, dates, yes and no, other digits.
//!
//! It reads no clock: who wants "5 minutes ago" says what now is.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::Unit;

/// When and where a value is read: for dates.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment<'a> {
    /// Without, a time before now is written as a date.
    pub(crate) now_ms: Option<i64>,
    pub(crate) zone: &'a TimeZone,
}

/// Writes a finite value; none where the unit is a number and a word.
pub(crate) fn write(value: f64, unit: &Unit, decimals: Option<u8>, moment: Moment<'_>) -> Option<String> {
    Some(match unit {
        Unit::DurationSeconds => duration(1000.0 * value, "seconds", decimals),
        Unit::DurationMilliseconds => duration(value, "milliseconds", decimals),
        Unit::ClockSeconds => clock(1000.0 * value, decimals),
        Unit::ClockMilliseconds => clock(value, decimals),
        Unit::HoursMinutesSeconds => hours(value),
        Unit::DaysHoursMinutesSeconds => days(value),
        Unit::Bool { yes, no } => if value == 0.0 { no } else { yes }.clone(),
        Unit::Hex { marked } => hexadecimal(value, *marked),
        Unit::Scientific => scientific(value, decimals),
        Unit::Locale => grouped(value, decimals),
        Unit::Text => text(value),
        Unit::DateIso => date(value, moment, "%Y-%m-%d %H:%M:%S"),
        Unit::DateUs => date(value, moment, "%m/%d/%Y %-I:%M:%S %P"),
        Unit::FromNow => match moment.now_ms {
            Some(now_ms) => from_now(value - now_ms as f64),
            None => date(value, moment, "%Y-%m-%d %H:%M:%S"),
        },
        _ => return None,
    })
}

/// Larger values are not counted in whole units.
const COUNTABLE: f64 = 1e15;

/// (milliseconds, name), largest first.
const PARTS: [(f64, &str); 8] = [
    (31_536_000_000.0, "year"),
    (2_592_000_000.0, "month"),
    (604_800_000.0, "week"),
    (86_400_000.0, "day"),
    (3_600_000.0, "hour"),
    (60_000.0, "minute"),
    (1000.0, "second"),
    (1.0, "millisecond"),
];

/// "1 day, 3 hours": the largest part, and as many more as there are decimals. `own` are the values' own parts.
fn duration(ms: f64, own: &str, decimals: Option<u8>) -> String {
    let mut rest = ms.abs();
    let first = PARTS.iter().position(|(length, _)| rest >= *length);
    let Some(first) = first.filter(|_| rest < COUNTABLE * 1000.0) else {
        return if rest < 1.0 { format!("0 {own}") } else { format!("{} ms", scientific(ms, Some(2))) };
    };
    let parts = PARTS.iter().skip(first).take(usize::from(decimals.unwrap_or(0)) + 1).map(|(length, name)| {
        let count = (rest / length).floor();
        rest %= length;
        format!("{count} {name}{}", if count == 1.0 { "" } else { "s" })
    });
    let words = parts.collect::<Vec<_>>().join(", ");
    if ms < 0.0 { format!("{words} ago") } else { words }
}

/// 01h:59m:59s:999ms, cut after as many parts as there are decimals and one more.
fn clock(ms: f64, decimals: Option<u8>) -> String {
    if ms.abs() >= COUNTABLE {
        return format!("{} ms", scientific(ms, Some(2)));
    }
    let whole = ms.abs() as u64;
    let (hours, minutes, seconds, ms_left) = (whole / 3_600_000, whole / 60_000 % 60, whole / 1000 % 60, whole % 1000);
    let parts = [format!("{hours:02}h"), format!("{minutes:02}m"), format!("{seconds:02}s"), format!("{ms_left:03}ms")];
    let first = match whole {
        0..1000 => 3,
        1000..60_000 => 2,
        60_000..3_600_000 => 1,
        _ => 0,
    };
    let shown = decimals.map_or(parts.len(), |decimals| usize::from(decimals) + 1);
    let last = (first + shown).min(parts.len());
    let sign = if ms < 0.0 { "-" } else { "" };
    format!("{sign}{}", parts[first..last].join(":"))
}

/// 01:59:59.
fn hours(seconds: f64) -> String {
    let whole = seconds.abs().min(COUNTABLE) as u64;
    let ago = if seconds < 0.0 { " ago" } else { "" };
    format!("{:02}:{:02}:{:02}{ago}", whole / 3600, whole / 60 % 60, whole % 60)
}

/// 2 d 01:59:59.
fn days(seconds: f64) -> String {
    let day = 86_400.0;
    let whole = (seconds.abs().min(COUNTABLE) / day).floor();
    let rest = (seconds.abs().min(COUNTABLE) - whole * day).copysign(seconds);
    if whole > 0.0 { format!("{whole} d {}", hours(rest)) } else { hours(rest) }
}

/// The value rounded to a whole number: a part of one in hexadecimal digits says nothing to anybody.
fn hexadecimal(value: f64, marked: bool) -> String {
    let sign = if value.round() < 0.0 { "-" } else { "" };
    let mark = if marked { "0x" } else { "" };
    format!("{sign}{mark}{:X}", value.round().abs() as u64)
}

/// 1.5e+3.
fn scientific(value: f64, decimals: Option<u8>) -> String {
    let text = match decimals {
        Some(decimals) => format!("{value:.*e}", usize::from(decimals.min(12))),
        None => format!("{value:e}"),
    };
    match text.split_once('e') {
        Some((digits, power)) if !power.starts_with('-') => format!("{digits}e+{power}"),
        _ => text,
    }
}

/// 1,234,567.89: thousands apart, at most three decimals where none are asked for.
fn grouped(value: f64, decimals: Option<u8>) -> String {
    if value.abs() >= COUNTABLE {
        return scientific(value, Some(2));
    }
    let text = format!("{:.*}", usize::from(decimals.unwrap_or(3).min(12)), value.abs());
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let part = part.trim_end_matches('0');
    let mut digits = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            digits.push(',');
        }
        digits.push(digit);
    }
    let point = if part.is_empty() { "" } else { "." };
    let zero = digits == "0" && part.is_empty();
    let sign = if value < 0.0 && !zero { "-" } else { "" };
    format!("{sign}{digits}{point}{part}")
}

/// All digits of the number.
fn text(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        1e-6..1e21 => format!("{value}"),
        _ => scientific(value, None),
    }
}

/// A time in milliseconds by the local calendar; what no calendar knows is written as a number.
fn date(ms: f64, moment: Moment<'_>, format: &str) -> String {
    let countable = ms.abs() < 1e17;
    let time = countable.then(|| Timestamp::from_millisecond(ms as i64).ok()).flatten();
    match time {
        Some(time) => Zoned::new(time, moment.zone.clone()).strftime(format).to_string(),
        None => scientific(ms, Some(2)),
    }
}

/// How long ago, or in what time, as people say it; `passed` in milliseconds, negative in the past.
fn from_now(passed: f64) -> String {
    let seconds = (passed.abs() / 1000.0).round();
    let (minutes, hours, days) = ((seconds / 60.0).round(), (seconds / 3600.0).round(), (seconds / 86_400.0).round());
    // a month is a twelfth of a year of the Gregorian calendar
    let months = (days * 4800.0 / 146_097.0).round();
    let years = (months / 12.0).round();
    let words = match () {
        () if seconds < 45.0 => "a few seconds".to_owned(),
        () if minutes <= 1.0 => "a minute".to_owned(),
        () if minutes < 45.0 => format!("{minutes} minutes"),
        () if hours <= 1.0 => "an hour".to_owned(),
        () if hours < 22.0 => format!("{hours} hours"),
        () if days <= 1.0 => "a day".to_owned(),
        () if days < 26.0 => format!("{days} days"),
        () if months <= 1.0 => "a month".to_owned(),
        () if months < 11.0 => format!("{months} months"),
        () if years <= 1.0 => "a year".to_owned(),
        () if years < COUNTABLE => format!("{years} years"),
        () => "many years".to_owned(),
    };
    if passed > 0.0 { format!("in {words}") } else { format!("{words} ago") }
}
