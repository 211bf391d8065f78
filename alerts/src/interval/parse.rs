//! Ranges as configuration files write them: texts, or bare numbers.
//!
//! Deliberately unknown here: which texts are ranges (see [`super::range`]).

use std::{fmt, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Deserializer, de};

use super::range::{DayRange, IntervalError, MonthRange, TimeRange, WeekdayRange, YearRange};

/// A text, or a number read as its text: YAML writes `years: [2024]`.
struct Text<T>(PhantomData<T>);

impl<T: FromStr<Err = IntervalError>> de::Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a range like 'begin:end', or a single value")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }
}

macro_rules! deserialize_from_text {
    ($($range:ty),*) => {$(
        impl<'de> Deserialize<'de> for $range {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Text(PhantomData))
            }
        }
    )*};
}

deserialize_from_text!(WeekdayRange, DayRange, MonthRange, YearRange);

impl<'de> Deserialize<'de> for TimeRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Written {
            #[serde(default)]
            start_time: String,
            #[serde(default)]
            end_time: String,
        }
        let written = Written::deserialize(deserializer)?;
        TimeRange::parse(&written.start_time, &written.end_time).map_err(de::Error::custom)
    }
}
