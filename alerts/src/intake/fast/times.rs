//! Times as most senders write them: `2026-11-28T12:00:00.123Z`, or with an offset `+02:00`.
//!
//! Deliberately unknown here: all other forms, which the plain way reads.

use crate::time::Time;

/// Within these years nothing is clamped.
const YEARS: std::ops::RangeInclusive<i64> = 1700..=2200;
const DAYS: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// The time that `text` begins with, and how many bytes it takes.
pub(super) fn leading(text: &[u8]) -> Option<(Time, usize)> {
    let (date, rest) = text.split_first_chunk::<19>()?;
    let seconds = seconds(date)?;
    let (nanos, rest) = match rest {
        [b'.', rest @ ..] => fraction(rest)?,
        _ => (0, rest),
    };
    let (offset, rest) = offset(rest)?;
    let time = Time::from_nanos((seconds - offset) * 1_000_000_000 + nanos);
    Some((time, text.len() - rest.len()))
}

/// Seconds since 1970 of `2026-11-28T12:00:00`.
fn seconds(text: &[u8; 19]) -> Option<i64> {
    let mut digits = true;
    let mut number = |places: std::ops::Range<usize>| {
        text[places].iter().fold(0, |number, byte| {
            digits &= byte.is_ascii_digit();
            number * 10 + i64::from(byte.wrapping_sub(b'0'))
        })
    };
    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
    let (hour, minute, second) = (number(11..13), number(14..16), number(17..19));
    let separated = [text[4], text[7], text[10], text[13], text[16]] == *b"--T::";
    if !digits || !separated || !YEARS.contains(&year) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = days(year, month, day)?;
    Some(days * 86_400 + hour * 3_600 + minute * 60 + second)
}

/// Days since 1970, of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = DAYS.get(usize::try_from(month - 1).ok()?)? + i64::from(leap && month == 2);
    if day < 1 || day > longest {
        return None;
    }
    // Years that begin in March end with the day that a leap year has more.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let before_year = year * 365 + year / 4 - year / 100 + year / 400;
    let before_month = (153 * month + 2) / 5;
    Some(before_year + before_month + day - 1 - 719_468)
}

/// Nanoseconds of the digits behind the point: one to nine.
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let mut nanos = 0;
    let mut unit = 1_000_000_000;
    let mut rest = text;
    while let [byte @ b'0'..=b'9', after @ ..] = rest {
        unit /= 10;
        nanos += i64::from(byte - b'0') * unit;
        rest = after;
        if unit == 0 {
            return None;
        }
    }
    (unit < 1_000_000_000).then_some((nanos, rest))
}

/// Seconds of `Z`, `+02:00`, `-02:00`.
fn offset(text: &[u8]) -> Option<(i64, &[u8])> {
    let number = |tens: u8, ones: u8| {
        let digits = tens.is_ascii_digit() && ones.is_ascii_digit();
        digits.then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
    };
    match text {
        [b'Z', rest @ ..] => Some((0, rest)),
        [sign @ (b'+' | b'-'), h, hh, b':', m, mm, rest @ ..] => {
            let (hours, minutes) = (number(*h, *hh)?, number(*m, *mm)?);
            let seconds = hours * 3_600 + minutes * 60;
            (hours < 24 && minutes < 60).then_some((if *sign == b'-' { -seconds } else { seconds }, rest))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn other_forms_are_left_to_the_plain_way() {
        let check = |text: &str, expected: Option<(&str, usize)>| {
            let found = leading(text.as_bytes()).map(|(time, length)| (time.rfc3339(), length));
            assert_eq!(found, expected.map(|(time, length)| (time.to_owned(), length)), "{text}");
        };
        check("2026-11-28T12:00:00.123Z", Some(("2026-11-28T12:00:00.123Z", 24)));
        check("2024-02-29T23:59:59+02:00\"", Some(("2024-02-29T21:59:59Z", 25)));
        check("1970-01-01T00:00:00.000000001-00:30", Some(("1970-01-01T00:30:00.000000001Z", 35)));
        check("2023-02-29T00:00:00Z", None);
        check("2100-02-29T00:00:00Z", None);
        check("2026-13-01T00:00:00Z", None);
        check("2026-00-01T00:00:00Z", None);
        check("2026-01-00T00:00:00Z", None);
        check("2026-11-28T24:00:00Z", None);
        check("2026-11-28T12:00:60Z", None);
        check("2026-11-28T12:00:00.Z", None);
        check("2026-11-28T12:00:00.1234567890Z", None);
        check("2026-11-28T12:00:00", None);
        check("2026-11-28T12:00:00+24:00", None);
        check("0001-01-01T00:00:00Z", None);
        check("2026-11-28 12:00:00Z", None);
        check("2026-11-2xT12:00:00Z", None);
        check("", None);
    }

    proptest! {
        /// Every time between the years 1700 and 2200, in each form, is the one that jiff reads.
        #[test]
        fn reads_what_jiff_reads(seconds in -8_520_336_000i64..7_289_654_400, nanos in 0i64..1_000_000_000, offset in -1439i64..=1439) {
            let local = Time::from_nanos(seconds * 1_000_000_000 + nanos).rfc3339();
            let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.abs());
            let elsewhere = format!("{}{sign}{:02}:{:02}", local.trim_end_matches('Z'), minutes / 60, minutes % 60);
            for text in [local, elsewhere] {
                prop_assert_eq!(leading(text.as_bytes()), Some((Time::parse(&text).expect("jiff reads it"), text.len())));
            }
        }
    }
}
