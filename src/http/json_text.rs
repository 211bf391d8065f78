//! JSON written straight into bytes: strings go over in runs, times without a detour.
//!
//! Deliberately unknown here: what is written. Texts are UTF-8 as they lie in memory; nobody looks at them again.

use alerts::Time;

/// A string with its quotes; escaped as serde_json does it, which is as little as JSON allows.
pub(super) fn string(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    // Without an early end: so it takes 16 bytes at a time. Nearly all strings need no escapes.
    if text.iter().fold(false, |found, byte| found | is_escaped(*byte)) {
        escaped(text, out);
    } else {
        out.extend_from_slice(text);
    }
    out.push(b'"');
}

const fn is_escaped(byte: u8) -> bool {
    (byte < b' ') | (byte == b'"') | (byte == b'\\')
}

fn escaped(mut text: &[u8], out: &mut Vec<u8>) {
    while let Some(at) = text.iter().position(|byte| is_escaped(*byte)) {
        out.extend_from_slice(&text[..at]);
        match text[at] {
            0x08 => out.extend_from_slice(b"\\b"),
            0x0C => out.extend_from_slice(b"\\f"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            control @ 0..b' ' => out.extend_from_slice(&[b'\\', b'u', b'0', b'0', hex(control >> 4), hex(control)]),
            other => out.extend_from_slice(&[b'\\', other]),
        }
        text = &text[at + 1..];
    }
    out.extend_from_slice(text);
}

/// An object of strings.
pub(super) fn object<'a>(pairs: impl Iterator<Item = (&'a [u8], &'a [u8])>, out: &mut Vec<u8>) {
    list(b"{", pairs, b"}", out, |(name, value), out| {
        string(name, out);
        out.push(b':');
        string(value, out);
    });
}

/// A list of anything.
pub(super) fn array<T>(items: impl Iterator<Item = T>, out: &mut Vec<u8>, write: impl FnMut(T, &mut Vec<u8>)) {
    list(b"[", items, b"]", out, write);
}

fn list<T>(
    begin: &[u8],
    items: impl Iterator<Item = T>,
    end: &[u8],
    out: &mut Vec<u8>,
    mut write: impl FnMut(T, &mut Vec<u8>),
) {
    out.extend_from_slice(begin);
    for (at, item) in items.enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write(item, out);
    }
    out.extend_from_slice(end);
}

/// 16 hexadecimal digits with quotes: a fingerprint.
pub(super) fn fingerprint(fingerprint: alerts::Fingerprint, out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend(fingerprint.0.to_be_bytes().iter().flat_map(|byte| [hex(byte >> 4), hex(*byte)]));
    out.push(b'"');
}

const fn hex(digit: u8) -> u8 {
    b"0123456789abcdef"[(digit & 0xF) as usize]
}

/// A time as the API writes it, with its quotes: `"2026-11-28T12:00:00.000Z"`.
pub(super) fn millis(time: Time, out: &mut Vec<u8>) {
    let (days, millis) = (time.as_millis().div_euclid(86_400_000), time.as_millis().rem_euclid(86_400_000));
    let (year, month, day) = date(days);
    let mut text = *b"\"0000-00-00T00:00:00.000Z\"";
    let mut number = |end: usize, count: usize, mut value: i64| {
        for place in text[end - count..end].iter_mut().rev() {
            *place = b'0' + u8::try_from(value % 10).unwrap_or_default();
            value /= 10;
        }
    };
    number(5, 4, year);
    number(8, 2, month);
    number(11, 2, day);
    number(14, 2, millis / 3_600_000);
    number(17, 2, millis / 60_000 % 60);
    number(20, 2, millis / 1_000 % 60);
    number(24, 3, millis % 1_000);
    out.extend_from_slice(&text);
}

/// Year, month and day of so many days since 1970. [`Time`] reaches from the year 1677 to 2262.
const fn date(days: i64) -> (i64, i64, i64) {
    // Years that begin in March, counted from the year 0: the day that a leap year has more is its last one.
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let year = year_of_era + era * 400;
    if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).expect("JSON is text")
    }

    #[test]
    fn times_at_the_edges() {
        let check = |time: Time| assert_eq!(written(|out| millis(time, out)), format!("{:?}", time.rfc3339_millis()));
        check(Time::MIN);
        check(Time::MAX);
        check(Time::from_millis(-1));
        check(Time::from_millis(951_782_399_999)); // 2000-02-28T23:59:59.999Z
        check(Time::from_millis(951_868_799_999)); // 2000-02-29T23:59:59.999Z
        check(Time::from_millis(-2_203_891_200_000)); // 1900-03-01
    }

    proptest! {
        #[test]
        fn strings_are_those_of_serde_json(text: String, controls in "[\u{0}-\u{40}\\\\\"é]{0,40}") {
            for text in [text, controls] {
                prop_assert_eq!(written(|out| string(text.as_bytes(), out)), serde_json::to_string(&text).expect("text"));
            }
        }

        #[test]
        fn times_are_those_of_jiff(nanos: i64) {
            let time = Time::from_nanos(nanos);
            prop_assert_eq!(written(|out| millis(time, out)), format!("{:?}", time.rfc3339_millis()));
        }

        #[test]
        fn fingerprints_are_as_they_print(number: u64) {
            let known = alerts::Fingerprint(number);
            prop_assert_eq!(written(|out| fingerprint(known, out)), format!("\"{known}\""));
        }
    }
}
