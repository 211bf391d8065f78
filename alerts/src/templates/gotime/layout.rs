//! Go's reference layouts, `Mon Jan 2 15:04:05 MST 2006`: cut into parts, and times printed by them.
//!
//! Deliberately unknown here: reading times.

use std::fmt::Write as _;

use jiff::Zoned;

use super::GoTime;

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub(super) const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// One element of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Text(&'a str),
    LongMonth,
    Month,
    NumMonth,
    ZeroMonth,
    LongWeekday,
    Weekday,
    Day,
    SpaceDay,
    ZeroDay,
    SpaceYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperPm,
    LowerPm,
    ZoneName,
    /// `-07:00`, or `Z07:00` with `z`.
    Offset {
        z: bool,
        colon: bool,
        minutes: bool,
        seconds: bool,
    },
    /// `.000`, or `.999` when trailing zeros are left out.
    Fraction {
        separator: char,
        digits: usize,
        trim: bool,
    },
}

/// The elements with a fixed spelling; of two that match, the one that stands first is taken.
const FIXED: [(&str, Part<'static>); 31] = {
    const fn offset(z: bool, colon: bool, minutes: bool, seconds: bool) -> Part<'static> {
        Part::Offset { z, colon, minutes, seconds }
    }
    [
        ("January", Part::LongMonth),
        ("Monday", Part::LongWeekday),
        ("MST", Part::ZoneName),
        ("002", Part::ZeroYearDay),
        ("01", Part::ZeroMonth),
        ("02", Part::ZeroDay),
        ("03", Part::ZeroHour12),
        ("04", Part::ZeroMinute),
        ("05", Part::ZeroSecond),
        ("06", Part::Year),
        ("15", Part::Hour),
        ("1", Part::NumMonth),
        ("2006", Part::LongYear),
        ("2", Part::Day),
        ("__2", Part::SpaceYearDay),
        ("_2", Part::SpaceDay),
        ("3", Part::Hour12),
        ("4", Part::Minute),
        ("5", Part::Second),
        ("PM", Part::UpperPm),
        ("pm", Part::LowerPm),
        ("-070000", offset(false, false, true, true)),
        ("-07:00:00", offset(false, true, true, true)),
        ("-0700", offset(false, false, true, false)),
        ("-07:00", offset(false, true, true, false)),
        ("-07", offset(false, false, false, false)),
        ("Z070000", offset(true, false, true, true)),
        ("Z07:00:00", offset(true, true, true, true)),
        ("Z0700", offset(true, false, true, false)),
        ("Z07:00", offset(true, true, true, false)),
        ("Z07", offset(true, false, false, false)),
    ]
};

/// Cuts a layout into its parts.
pub(super) fn parts(layout: &str) -> Vec<Part<'_>> {
    let mut all = Vec::new();
    let (mut rest, mut text) = (layout, 0);
    while let Some(next) = rest[text..].chars().next() {
        match element(&rest[text..]) {
            Some((part, length)) => {
                if text > 0 {
                    all.push(Part::Text(&rest[..text]));
                }
                all.push(part);
                (rest, text) = (&rest[text + length..], 0);
            }
            None => text += next.len_utf8(),
        }
    }
    if text > 0 {
        all.push(Part::Text(rest));
    }
    all
}

fn element(layout: &str) -> Option<(Part<'static>, usize)> {
    if layout.starts_with("_2006") {
        return None;
    }
    if let Some((text, part)) = FIXED.iter().find(|(text, _)| layout.starts_with(text)) {
        return Some((*part, text.len()));
    }
    for (text, part) in [("Jan", Part::Month), ("Mon", Part::Weekday)] {
        if let Some(rest) = layout.strip_prefix(text)
            && !rest.starts_with(|c: char| c.is_ascii_lowercase())
        {
            return Some((part, 3));
        }
    }
    fraction(layout)
}

fn fraction(layout: &str) -> Option<(Part<'static>, usize)> {
    let separator = layout.chars().next().filter(|c| matches!(c, '.' | ','))?;
    let digit = layout[1..].chars().next().filter(|c| matches!(c, '0' | '9'))?;
    let rest = layout[1..].trim_start_matches(digit);
    let digits = layout.len() - 1 - rest.len();
    let part = Part::Fraction { separator, digits, trim: digit == '9' };
    (!rest.starts_with(|c: char| c.is_ascii_digit())).then_some((part, digits + 1))
}

/// Prints a time by a layout.
pub(super) fn format(time: &GoTime, layout: &str) -> String {
    let zoned = time.zoned();
    let mut out = String::with_capacity(layout.len() + 8);
    for part in parts(layout) {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::ZoneName => push_zone_name(&mut out, time, &zoned),
            Part::Offset { z, colon, minutes, seconds } => {
                push_offset(&mut out, zoned.offset().seconds(), z, colon, minutes, seconds);
            }
            Part::Fraction { separator, digits, trim } => push_fraction(&mut out, &zoned, separator, digits, trim),
            part => push_date_or_clock(&mut out, &zoned, part),
        }
    }
    out
}

fn push_date_or_clock(out: &mut String, at: &Zoned, part: Part<'_>) {
    let (month, weekday) = (MONTHS[at.month() as usize - 1], DAYS[at.weekday().to_monday_zero_offset() as usize]);
    let hour12 = (at.hour() + 11) % 12 + 1;
    let morning = at.hour() < 12;
    let _ = match part {
        Part::LongMonth => write!(out, "{month}"),
        Part::Month => write!(out, "{}", &month[..3]),
        Part::NumMonth => write!(out, "{}", at.month()),
        Part::ZeroMonth => write!(out, "{:02}", at.month()),
        Part::LongWeekday => write!(out, "{weekday}"),
        Part::Weekday => write!(out, "{}", &weekday[..3]),
        Part::Day => write!(out, "{}", at.day()),
        Part::SpaceDay => write!(out, "{:2}", at.day()),
        Part::ZeroDay => write!(out, "{:02}", at.day()),
        Part::SpaceYearDay => write!(out, "{:3}", at.day_of_year()),
        Part::ZeroYearDay => write!(out, "{:03}", at.day_of_year()),
        Part::Hour => write!(out, "{:02}", at.hour()),
        Part::Hour12 => write!(out, "{hour12}"),
        Part::ZeroHour12 => write!(out, "{hour12:02}"),
        Part::Minute => write!(out, "{}", at.minute()),
        Part::ZeroMinute => write!(out, "{:02}", at.minute()),
        Part::Second => write!(out, "{}", at.second()),
        Part::ZeroSecond => write!(out, "{:02}", at.second()),
        Part::LongYear => write!(out, "{:04}", at.year()),
        Part::Year => write!(out, "{:02}", at.year().rem_euclid(100)),
        Part::UpperPm => write!(out, "{}", if morning { "AM" } else { "PM" }),
        Part::LowerPm => write!(out, "{}", if morning { "am" } else { "pm" }),
        Part::Text(_) | Part::ZoneName | Part::Offset { .. } | Part::Fraction { .. } => Ok(()),
    };
}

fn push_zone_name(out: &mut String, time: &GoTime, zoned: &Zoned) {
    match time.abbreviation() {
        name if name.is_empty() => push_offset(out, zoned.offset().seconds(), false, false, true, false),
        name => out.push_str(&name),
    }
}

fn push_offset(out: &mut String, offset: i32, z: bool, colon: bool, minutes: bool, seconds: bool) {
    if z && offset == 0 {
        return out.push('Z');
    }
    let size = offset.unsigned_abs();
    let colon = if colon { ":" } else { "" };
    let _ = write!(out, "{}{:02}", if offset < 0 { '-' } else { '+' }, size / 3600);
    if minutes {
        let _ = write!(out, "{colon}{:02}", size / 60 % 60);
    }
    if seconds {
        let _ = write!(out, "{colon}{:02}", size % 60);
    }
}

fn push_fraction(out: &mut String, at: &Zoned, separator: char, digits: usize, trim: bool) {
    let nanos = format!("{:09}", at.subsec_nanosecond());
    let wanted = format!("{nanos:0<digits$}");
    let shown = if trim { wanted[..digits.min(9)].trim_end_matches('0') } else { &wanted[..digits] };
    if !shown.is_empty() {
        out.push(separator);
        out.push_str(shown);
    }
}
