//! A picture that comes with an event: a file, or series to be drawn. What may stand in it, and how much of it.
//!
//! Deliberately unknown here: whether a file is a picture, where it is kept, how series are drawn.

mod written;

use std::{fmt, time::Duration};

use bytes::Bytes;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, SeqAccess, Visitor},
    ser::SerializeTuple,
};

pub use written::Written;

/// The annotation that names an alert's own picture: 64 hexadecimal digits.
pub const OWN_PICTURE: &str = "__wirephoto_picture__";

/// The largest file of a picture in bytes.
pub const LARGEST_FILE: usize = 4 << 20;
/// The most series of a picture; only the most important are drawn.
pub const MOST_SERIES: usize = 200;
/// The most points of all series of a picture.
pub const MOST_POINTS: usize = 100_000;
/// The most thresholds of a picture.
pub const MOST_THRESHOLDS: usize = 20;
/// The longest text in characters: a title, the name of a series. What is longer is cut.
pub const LONGEST_TEXT: usize = 300;
/// The longest description of a picture in characters: what mail programs and chats take.
pub const LONGEST_ALT: usize = 2_000;

/// A picture of an event's own.
#[derive(Clone, Debug, PartialEq)]
pub enum Own {
    /// A file.
    Image {
        /// What it is called; may be empty.
        title: String,
        /// What is to be seen; may be empty.
        alt: String,
        /// The file as it came: PNG or JPEG, as its sender says.
        file: Bytes,
    },
    /// Series to be drawn.
    Series(OwnSeries),
}

/// Series of an event's own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnSeries {
    /// What the panel is called; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// How values are written, in Grafana's names; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// The lines.
    pub series: Vec<OwnLine>,
    /// Horizontal lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub thresholds: Vec<OwnThreshold>,
    /// The length of the time axis; none: all points.
    #[serde(default, with = "crate::duration::optional_text", skip_serializing_if = "Option::is_none")]
    pub range: Option<Duration>,
}

/// One line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnLine {
    /// As the legend shows it.
    #[serde(default)]
    pub name: String,
    /// Its points.
    pub points: Vec<OwnPoint>,
}

/// A point: `[time, value]`. The time is in seconds or milliseconds since 1970, its size tells; `null` is a gap.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OwnPoint {
    /// Milliseconds since 1970.
    pub at_ms: i64,
    /// The value; NaN where there is none.
    pub value: f64,
}

/// A horizontal line.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnThreshold {
    /// Where it is.
    pub value: f64,
    /// The side that is bad.
    #[serde(default)]
    pub side: OwnSide,
}

/// The side of a threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OwnSide {
    /// Larger values.
    #[default]
    Above,
    /// Smaller values.
    Below,
    /// Neither: the line alone.
    None,
}

impl OwnSeries {
    /// The same with texts that are not too long.
    ///
    /// # Errors
    /// Which limit it breaks.
    pub fn checked(mut self) -> Result<Self, String> {
        let points: usize = self.series.iter().map(|line| line.points.len()).sum();
        let limited = |what: &str, count: usize, most: usize, things: &str| match count {
            count if count > most => Err(format!("{what}: {count} {things} are more than {most}")),
            _ => Ok(()),
        };
        if points == 0 {
            return Err("series.series: there is no point in it, so there is nothing to draw".to_owned());
        }
        limited("series.series", self.series.len(), MOST_SERIES, "series")?;
        limited("series.series", points, MOST_POINTS, "points")?;
        limited("series.thresholds", self.thresholds.len(), MOST_THRESHOLDS, "thresholds")?;
        cut(&mut self.title, LONGEST_TEXT);
        cut(&mut self.unit, LONGEST_TEXT);
        self.series.iter_mut().for_each(|line| cut(&mut line.name, LONGEST_TEXT));
        Ok(self)
    }
}

/// The picture that an annotation names, if it is the name of one.
pub fn named(annotation: &str) -> Option<&str> {
    is_name(annotation).then_some(annotation)
}

/// Whether a text is the name of an own picture: SHA-256 in hexadecimal digits.
pub fn is_name(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn cut(text: &mut String, longest: usize) {
    if let Some((at, _)) = text.char_indices().nth(longest) {
        text.truncate(at);
    }
}

impl Serialize for OwnPoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut pair = serializer.serialize_tuple(2)?;
        // a small number would be read as seconds
        match self.at_ms {
            at_ms if (at_ms as f64) < SECONDS_UP_TO => pair.serialize_element(&(at_ms as f64 / 1e3))?,
            at_ms => pair.serialize_element(&at_ms)?,
        }
        // what is no number is null in JSON; the infinities have names
        match self.value {
            value if value.is_infinite() => pair.serialize_element(if value > 0.0 { "+Inf" } else { "-Inf" })?,
            value => pair.serialize_element(&value)?,
        }
        pair.end()
    }
}

impl<'de> Deserialize<'de> for OwnPoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(PointVisitor)
    }
}

struct PointVisitor;

impl<'de> Visitor<'de> for PointVisitor {
    type Value = OwnPoint;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a point as [time, value]")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<OwnPoint, A::Error> {
        let Some(time) = seq.next_element::<f64>()? else { return Err(A::Error::invalid_length(0, &self)) };
        let Some(Value(value)) = seq.next_element()? else { return Err(A::Error::invalid_length(1, &self)) };
        if seq.next_element::<serde::de::IgnoredAny>()?.is_some() {
            return Err(A::Error::invalid_length(3, &self));
        }
        let at_ms = millis(time).ok_or_else(|| {
            A::Error::custom(format_args!("{time} is not a time in seconds or milliseconds since 1970"))
        })?;
        Ok(OwnPoint { at_ms, value })
    }
}

/// Larger numbers are milliseconds: seconds reach 10^11 in the year 5138, milliseconds did in 1973.
const SECONDS_UP_TO: f64 = 1e11;

fn millis(time: f64) -> Option<i64> {
    let millis = if time.abs() < SECONDS_UP_TO { time * 1e3 } else { time };
    (0.0..2.5e14).contains(&millis).then_some(millis.round() as i64)
}

/// A number, `null`, or a number as Prometheus writes it.
struct Value(f64);

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor).map(Value)
    }
}

struct ValueVisitor;

impl Visitor<'_> for ValueVisitor {
    type Value = f64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or null")
    }

    fn visit_unit<E: Error>(self) -> Result<f64, E> {
        Ok(f64::NAN)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<f64, E> {
        Ok(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<f64, E> {
        Ok(value as f64)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<f64, E> {
        Ok(value as f64)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<f64, E> {
        let shown: String = text.chars().take(40).collect();
        text.trim().parse().map_err(|_| E::custom(format_args!("{shown:?} is not a number")))
    }
}

#[cfg(test)]
#[path = "own/tests.rs"]
mod tests;
