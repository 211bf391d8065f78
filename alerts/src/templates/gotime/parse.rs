//! Times read by Go's reference layouts, as `time.Parse` does.
//!
//! Deliberately unknown here: printing times.

use jiff::civil::{Date, DateTime};

use super::{
    GoTime,
    layout::{DAYS, MONTHS, Part, parts},
    offset_zone,
};

/// What a text has said so far.
struct Found {
    year: i16,
    month: i8,
    day: i8,
    year_day: Option<i16>,
    hour: i8,
    minute: i8,
    second: i8,
    nanos: i32,
    pm: Option<bool>,
    offset: i32,
}

/// Reads `text` by `layout`; what the layout lacks is taken from the year 0 in UTC.
pub(in crate::templates) fn parse(layout: &str, text: &str) -> Result<GoTime, String> {
    let mut found = Found {
        year: 0,
        month: 1,
        day: 1,
        year_day: None,
        hour: 0,
        minute: 0,
        second: 0,
        nanos: 0,
        pm: None,
        offset: 0,
    };
    let mut rest = text;
    let all = parts(layout);
    for (at, part) in all.iter().enumerate() {
        let next_is_fraction = matches!(all.get(at + 1), Some(Part::Fraction { .. }));
        rest = take(&mut found, *part, rest, next_is_fraction)
            .ok_or_else(|| format!("cannot read {text:?} by the layout {layout:?}: {rest:?} is left"))?;
    }
    if !rest.is_empty() {
        return Err(format!("cannot read {text:?} by the layout {layout:?}: extra text {rest:?}"));
    }
    found.time().ok_or_else(|| format!("cannot read {text:?} by the layout {layout:?}: no such time"))
}

impl Found {
    fn time(self) -> Option<GoTime> {
        let hour = match self.pm {
            Some(true) if self.hour < 12 => self.hour + 12,
            Some(false) if self.hour == 12 => 0,
            _ => self.hour,
        };
        let mut date = Date::new(self.year, self.month, self.day).ok()?;
        if let Some(day) = self.year_day {
            date = date.with().day_of_year(day).build().ok()?;
        }
        let clock = DateTime::new(date.year(), date.month(), date.day(), hour, self.minute, self.second, self.nanos);
        let offset = jiff::tz::Offset::from_seconds(self.offset).ok()?;
        Some(GoTime { at: offset.to_timestamp(clock.ok()?).ok()?, zone: offset_zone(self.offset) })
    }
}

fn take<'t>(found: &mut Found, part: Part<'_>, text: &'t str, next_is_fraction: bool) -> Option<&'t str> {
    let (rest, value) = match part {
        Part::Text(wanted) => return skip_text(text, wanted),
        Part::LongMonth | Part::Month => {
            let (rest, at) = name(text, &MONTHS, part == Part::LongMonth)?;
            found.month = at + 1;
            return Some(rest);
        }
        Part::LongWeekday | Part::Weekday => return Some(name(text, &DAYS, part == Part::LongWeekday)?.0),
        Part::UpperPm | Part::LowerPm => {
            found.pm = Some(text.get(..2)?.eq_ignore_ascii_case("pm"));
            return text.get(..2).filter(|half| half.to_ascii_lowercase().ends_with('m')).map(|_| &text[2..]);
        }
        Part::ZoneName => return zone_name(text),
        Part::Offset { z, colon, minutes, seconds } => {
            let (rest, offset) = offset(text, z, colon, minutes, seconds)?;
            found.offset = offset;
            return Some(rest);
        }
        Part::Fraction { digits, trim, .. } => return fraction(found, text, digits, trim),
        Part::LongYear => number(text, 4, 4)?,
        Part::ZeroMonth
        | Part::ZeroDay
        | Part::Hour
        | Part::ZeroHour12
        | Part::ZeroMinute
        | Part::ZeroSecond
        | Part::Year => number(text, 2, 2)?,
        Part::ZeroYearDay => number(text, 3, 3)?,
        Part::SpaceYearDay => number(text.trim_start_matches(' '), 1, 3)?,
        Part::SpaceDay => number(text.trim_start_matches(' '), 1, 2)?,
        Part::NumMonth | Part::Day | Part::Hour12 | Part::Minute | Part::Second => number(text, 1, 2)?,
    };
    set(found, part, value);
    // Go: a fraction may follow the seconds although the layout has none
    if matches!(part, Part::Second | Part::ZeroSecond) && !next_is_fraction && rest.starts_with(['.', ',']) {
        let digits = rest[1..].len() - rest[1..].trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits > 0 {
            return fraction(found, rest, digits, false);
        }
    }
    Some(rest)
}

fn set(found: &mut Found, part: Part<'_>, value: i16) {
    let small = i8::try_from(value).unwrap_or(i8::MAX);
    match part {
        Part::LongYear => found.year = value,
        Part::Year => found.year = if value >= 69 { 1900 + value } else { 2000 + value },
        Part::NumMonth | Part::ZeroMonth => found.month = small,
        Part::Day | Part::SpaceDay | Part::ZeroDay => found.day = small,
        Part::SpaceYearDay | Part::ZeroYearDay => found.year_day = Some(value),
        Part::Hour | Part::Hour12 | Part::ZeroHour12 => found.hour = small,
        Part::Minute | Part::ZeroMinute => found.minute = small,
        _ => found.second = small,
    }
}

/// Go skips a run of spaces where the layout has one.
fn skip_text<'t>(mut text: &'t str, mut wanted: &str) -> Option<&'t str> {
    while let Some(c) = wanted.chars().next() {
        if c == ' ' {
            if !text.is_empty() && !text.starts_with(' ') {
                return None;
            }
            (text, wanted) = (text.trim_start_matches(' '), wanted.trim_start_matches(' '));
            continue;
        }
        text = text.strip_prefix(c)?;
        wanted = &wanted[c.len_utf8()..];
    }
    Some(text)
}

fn number(text: &str, least: usize, most: usize) -> Option<(&str, i16)> {
    let digits = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    (digits >= least).then(|| Some((&text[digits..], text[..digits].parse().ok()?)))?
}

fn name<'t>(text: &'t str, names: &[&str], long: bool) -> Option<(&'t str, i8)> {
    for (at, name) in names.iter().enumerate() {
        let wanted = if long { name } else { &name[..3] };
        if text.get(..wanted.len()).is_some_and(|head| head.eq_ignore_ascii_case(wanted)) {
            return Some((&text[wanted.len()..], i8::try_from(at).ok()?));
        }
    }
    None
}

fn zone_name(text: &str) -> Option<&str> {
    let length = text.bytes().take_while(u8::is_ascii_uppercase).count();
    matches!(length, 3..=5).then(|| &text[length..])
}

fn offset(text: &str, z: bool, colon: bool, minutes: bool, seconds: bool) -> Option<(&str, i32)> {
    if z && let Some(rest) = text.strip_prefix('Z') {
        return Some((rest, 0));
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (mut rest, hours) = number(text.strip_prefix(['+', '-'])?, 2, 2)?;
    let mut total = i32::from(hours) * 3600;
    for (wanted, unit) in [(minutes, 60), (seconds, 1)] {
        if wanted {
            let digits = if colon { rest.strip_prefix(':')? } else { rest };
            let (after, value) = number(digits, 2, 2)?;
            total += i32::from(value) * unit;
            rest = after;
        }
    }
    Some((rest, sign * total))
}

fn fraction<'t>(found: &mut Found, text: &'t str, digits: usize, trim: bool) -> Option<&'t str> {
    let Some(tail) = text.strip_prefix(['.', ',']) else {
        return trim.then_some(text);
    };
    let there = tail.bytes().take_while(u8::is_ascii_digit).count();
    if there == 0 || (!trim && there < digits) {
        return None;
    }
    let used = if trim { there } else { digits };
    let nine = format!("{:0<9.9}", &tail[..used.min(9)]);
    found.nanos = nine.parse().ok()?;
    Some(&tail[used..])
}
