//! JSON strings and objects of strings, borrowed from the body where they have no escapes.
//!
//! `null` is the empty string and the absent object, as in Go. Deliberately unknown here: what the strings mean.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use super::Pair;

/// Bodies as Go reads them: bytes that are not UTF-8 and halves of surrogate pairs become U+FFFD instead of losing the alert.
pub(crate) fn readable(body: &[u8]) -> Cow<'_, str> {
    // The check goes over ASCII by the word, the replacement byte by byte.
    let text = std::str::from_utf8(body).map_or_else(|_| String::from_utf8_lossy(body), Cow::Borrowed);
    if text.contains("\\ud") || text.contains("\\uD") { Cow::Owned(whole_surrogates(&text)) } else { text }
}

/// Replaces each `\uD800`..`\uDFFF` that is not part of a pair.
fn whole_surrogates(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (escape, length) = match (surrogate(rest), rest.get(6..).and_then(surrogate)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => (&rest[..12], 12),
            (Some(_), _) => ("\\ufffd", 6),
            (None, _) => {
                let length = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
                (&rest[..length], length)
            }
        };
        out.push_str(escape);
        rest = &rest[length..];
    }
    out + rest
}

fn surrogate(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok().filter(|unit| (0xD800..0xE000).contains(unit))
}

/// A string; numbers and other types are errors.
pub(super) struct Text<'a>(pub Cow<'a, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor { lenient: false }).map(Text)
    }
}

/// A string, or a number or truth value as it would be printed.
pub(super) struct Scalar<'a>(pub Cow<'a, str>);

impl<'de> Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor { lenient: true }).map(Scalar)
    }
}

impl<'a> From<Text<'a>> for Cow<'a, str> {
    fn from(text: Text<'a>) -> Self {
        text.0
    }
}

impl<'a> From<Scalar<'a>> for Cow<'a, str> {
    fn from(scalar: Scalar<'a>) -> Self {
        scalar.0
    }
}

struct TextVisitor {
    lenient: bool,
}

impl TextVisitor {
    fn printed<E: Error>(
        &self,
        what: serde::de::Unexpected<'_>,
        value: impl fmt::Display,
    ) -> Result<Cow<'static, str>, E> {
        if self.lenient { Ok(Cow::Owned(value.to_string())) } else { Err(E::invalid_type(what, self)) }
    }
}

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(""))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        self.printed(serde::de::Unexpected::Bool(value), value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        self.printed(serde::de::Unexpected::Unsigned(value), value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        self.printed(serde::de::Unexpected::Signed(value), value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Self::Value, E> {
        self.printed(serde::de::Unexpected::Float(value), value)
    }
}

/// An object of strings, or `null`.
pub(super) struct Pairs<'a>(pub Option<Vec<Pair<'a>>>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PairsVisitor(PhantomData::<Text<'de>>)).map(Pairs)
    }
}

/// An object of strings, numbers and truth values, or `null`.
pub(super) struct ScalarPairs<'a>(pub Option<Vec<Pair<'a>>>);

impl<'de> Deserialize<'de> for ScalarPairs<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PairsVisitor(PhantomData::<Scalar<'de>>)).map(ScalarPairs)
    }
}

struct PairsVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + Into<Cow<'de, str>>> Visitor<'de> for PairsVisitor<T> {
    type Value = Option<Vec<Pair<'de>>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of strings")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::with_capacity(8);
        while let Some(Text(name)) = map.next_key()? {
            pairs.push((name, map.next_value::<T>()?.into()));
        }
        Ok(Some(pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_surrogate_pairs_do_not_lose_an_alert() {
        let check = |body: &str, expected: &str| {
            let text = readable(body.as_bytes());
            assert_eq!(serde_json::from_str::<String>(&text).as_deref().ok(), Some(expected), "{body}");
        };
        check(r#""\ud83d\ude00""#, "😀");
        check(r#""\ud83d""#, "\u{fffd}");
        check(r#""\ude00x""#, "\u{fffd}x");
        check(r#""\uD83D\uD83D\uDE00""#, "\u{fffd}😀");
        check(r#""\\ud83d""#, "\\ud83d");
        check(r#""\u00e4\ud83dé""#, "ä\u{fffd}é");
    }

    #[test]
    fn what_is_not_utf8_is_replaced() {
        assert_eq!(readable(b"a\xFFb"), "a\u{fffd}b");
    }
}
