//! The cells of a frame as they stand in the JSON, counted while they are read.
//!
//! Deliberately unknown here: what a column is called.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;

use super::read::Room;

/// What a column holds, by its type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Time,
    Number,
    Boolean,
    Text,
}

/// A value as it stands in the JSON.
pub(super) enum RawCell {
    Null,
    Boolean(bool),
    Number(f64),
    Text(String),
}

impl RawCell {
    pub(super) fn number(self) -> Option<f64> {
        match self {
            RawCell::Number(number) => Some(number),
            RawCell::Text(text) => text.parse().ok(),
            RawCell::Boolean(yes) => Some(f64::from(u8::from(yes))),
            RawCell::Null => None,
        }
    }

    pub(super) fn millis(self) -> Option<i64> {
        self.number().filter(|millis| !millis.is_nan()).map(|millis| millis as i64)
    }

    pub(super) fn boolean(self) -> Option<bool> {
        match self {
            RawCell::Boolean(yes) => Some(yes),
            RawCell::Number(number) => Some(number != 0.0),
            RawCell::Text(_) | RawCell::Null => None,
        }
    }

    pub(super) fn text(self, words: Option<&Vec<Value>>) -> Option<String> {
        match self {
            RawCell::Text(text) => Some(text),
            RawCell::Number(number) => match words {
                Some(words) => words.get(number as usize).and_then(Value::as_str).map(str::to_owned),
                None => Some(number.to_string()),
            },
            RawCell::Boolean(yes) => Some(yes.to_string()),
            RawCell::Null => None,
        }
    }
}

/// A list of at most so many.
pub(super) struct AtMost<T, const MOST: usize>(pub(super) Vec<T>);

impl<T, const MOST: usize> Default for AtMost<T, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for AtMost<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List<T, const MOST: usize>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for List<T, MOST> {
            type Value = AtMost<T, MOST>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "a list of at most {MOST}")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(one) = list.next_element()? {
                    if all.len() == MOST {
                        return Err(A::Error::custom(format!("more than {MOST} frames or columns")));
                    }
                    all.push(one);
                }
                Ok(AtMost(all))
            }
        }
        deserializer.deserialize_seq(List(std::marker::PhantomData))
    }
}

/// The columns of a frame.
pub(super) struct Columns<'a> {
    pub(super) kinds: &'a [Kind],
    pub(super) room: &'a mut Room,
}

impl<'de> DeserializeSeed<'de> for Columns<'_> {
    type Value = Vec<Vec<RawCell>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Columns<'_> {
    type Value = Vec<Vec<RawCell>>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("columns")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut columns = Vec::new();
        for kind in self.kinds {
            match list.next_element_seed(Column { kind: *kind, room: &mut *self.room })? {
                Some(column) => columns.push(column),
                None => return Ok(columns),
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(columns)
    }
}

/// The values of a column.
struct Column<'a> {
    kind: Kind,
    room: &'a mut Room,
}

impl<'de> DeserializeSeed<'de> for Column<'_> {
    type Value = Vec<RawCell>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Column<'_> {
    type Value = Vec<RawCell>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a column")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut cells = Vec::new();
        while let Some(cell) = list.next_element()? {
            self.room.value(self.kind).map_err(A::Error::custom)?;
            cells.push(cell);
        }
        Ok(cells)
    }
}

impl<'de> Deserialize<'de> for RawCell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneCell)
    }
}

struct OneCell;

impl<'de> Visitor<'de> for OneCell {
    type Value = RawCell;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<RawCell, E> {
        Ok(RawCell::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<RawCell, E> {
        Ok(RawCell::Boolean(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<RawCell, E> {
        Ok(RawCell::Number(value as f64))
    }

    fn visit_u64<E>(self, value: u64) -> Result<RawCell, E> {
        Ok(RawCell::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<RawCell, E> {
        Ok(RawCell::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<RawCell, E> {
        Ok(RawCell::Text(value.to_owned()))
    }

    /// Objects in cells (frames in frames, JSON) are not drawn.
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<RawCell, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(RawCell::Null)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawCell, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(RawCell::Null)
    }
}
