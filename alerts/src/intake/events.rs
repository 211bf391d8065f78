//! The body of `POST /events`: our own, simpler form, for scripts.
//!
//! One event, a list of them, or `{"events": […]}`. Forgiving about times (RFC 3339, or a number since 1970) and about
//! numbers as label values; strict about names of fields, since a misspelt one would be lost silently.
//! Deliberately unknown here: defaults, labels' validity, HTTP.

use std::{borrow::Cow, cell::Cell, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{
    Incoming, NotParsed,
    strings::{ScalarPairs, Text, readable},
    times::LooseWhen,
};
use crate::{alert::Status, own::Written, time::Time};

/// An event: an alert, and the picture that it brings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Event<'a> {
    /// The alert.
    pub alert: Incoming<'a>,
    /// Its picture as it was written.
    pub picture: Option<Written>,
}

/// A body as text; bytes that are not UTF-8 become U+FFFD. [`parse`] borrows from it.
pub fn text(body: &[u8]) -> Cow<'_, str> {
    readable(body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body))
}

/// Reads the events, received at `received`. Any error refuses the whole body.
///
/// `status` is `firing` (the default) or `resolved`; a resolved event ends at `endsAt`, or when it was received.
pub fn parse(text: &str, received: Time) -> Result<Vec<Event<'_>>, NotParsed> {
    if text.trim_ascii().is_empty() {
        return Err(NotParsed::Event("an event, a list of events, or {\"events\": [...]} is required".to_owned()));
    }
    let at = Cell::new(0);
    let mut json = serde_json::Deserializer::from_str(text);
    let events = Body { at: &at, received }.deserialize(&mut json).and_then(|events| json.end().map(|()| events));
    events.map_err(|error| NotParsed::Event(format!("event {}: {error}", at.get())))
}

#[derive(Clone, Copy)]
struct Body<'c> {
    /// The number of the event that is being read.
    at: &'c Cell<usize>,
    received: Time,
}

impl<'de> DeserializeSeed<'de> for Body<'_> {
    type Value = Vec<Event<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Body<'_> {
    type Value = Vec<Event<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event, a list of events, or {\"events\": [...]}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        List(self).visit_seq(seq)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Some(Text(first)) = map.next_key()? else { return Err(A::Error::custom("it is empty")) };
        if first != "events" {
            return Ok(vec![read_event(map, Some(first), self.received)?]);
        }
        let events = map.next_value_seed(List(self))?;
        match map.next_key::<Text<'de>>()? {
            Some(Text(name)) => Err(A::Error::custom(format_args!("unknown field {name:?} beside \"events\""))),
            None => Ok(events),
        }
    }
}

struct List<'c>(Body<'c>);

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = Vec<Event<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = Vec<Event<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of events")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut events = Vec::new();
        while let Some(event) = seq.next_element_seed(One(self.0.received))? {
            events.push(event);
            self.0.at.set(events.len());
        }
        Ok(events)
    }
}

struct One(Time);

impl<'de> DeserializeSeed<'de> for One {
    type Value = Event<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for One {
    type Value = Event<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        read_event(map, None, self.0)
    }
}

fn read_event<'de, A: MapAccess<'de>>(
    mut map: A,
    first: Option<Cow<'de, str>>,
    received: Time,
) -> Result<Event<'de>, A::Error> {
    let mut event = Incoming::default();
    let mut picture = None;
    let mut status = None;
    let mut next = first;
    let mut seen = Vec::new();
    loop {
        let name = match next.take() {
            Some(name) => name,
            None => match map.next_key()? {
                Some(Text(name)) => name,
                None => {
                    let alert = with_status(event, status, received).map_err(A::Error::custom)?;
                    return Ok(Event { alert, picture });
                }
            },
        };
        let field = Field::named(&name).map_err(A::Error::custom)?;
        if seen.contains(&field) {
            return Err(A::Error::custom(format_args!("field {name:?} is there twice")));
        }
        seen.push(field);
        match field {
            Field::Labels => event.labels = map.next_value::<ScalarPairs<'de>>()?.0.unwrap_or_default(),
            Field::Annotations => event.annotations = map.next_value::<ScalarPairs<'de>>()?.0.unwrap_or_default(),
            Field::Status => status = Some(map.next_value()?),
            Field::StartsAt => event.starts_at = map.next_value::<LooseWhen>()?.0,
            Field::EndsAt => event.ends_at = map.next_value::<LooseWhen>()?.0,
            Field::GeneratorUrl => event.generator_url = map.next_value::<Text<'de>>()?.0,
            Field::Image | Field::Series if picture.is_some() => {
                return Err(A::Error::custom("image and series exclude each other"));
            }
            Field::Image => picture = map.next_value::<Option<_>>()?.map(Written::Image),
            Field::Series => picture = map.next_value::<Option<_>>()?.map(Written::Series),
        }
    }
}

fn with_status(mut event: Incoming<'_>, status: Option<Status>, received: Time) -> Result<Incoming<'_>, String> {
    match status {
        Some(Status::Resolved) => event.ends_at = Some(event.ends_at.map_or(received, |end| end.min(received))),
        Some(Status::Firing) if event.ends_at.is_some_and(|end| end <= received) => {
            return Err("status is \"firing\", but endsAt has passed".to_owned());
        }
        _ => {}
    }
    Ok(event)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Labels,
    Annotations,
    Status,
    StartsAt,
    EndsAt,
    GeneratorUrl,
    Image,
    Series,
}

const FIELDS: [(&str, Field); 11] = [
    ("labels", Field::Labels),
    ("annotations", Field::Annotations),
    ("status", Field::Status),
    ("startsAt", Field::StartsAt),
    ("endsAt", Field::EndsAt),
    ("generatorURL", Field::GeneratorUrl),
    ("starts_at", Field::StartsAt),
    ("ends_at", Field::EndsAt),
    ("generator_url", Field::GeneratorUrl),
    ("image", Field::Image),
    ("series", Field::Series),
];

impl Field {
    fn named(name: &str) -> Result<Self, String> {
        if let Some((_, field)) = FIELDS.iter().find(|(known, _)| *known == name) {
            return Ok(*field);
        }
        let shown: String = name.chars().take(64).collect();
        let likeness = |known: &str| strsim::jaro_winkler(&shown.to_lowercase(), &known.to_lowercase());
        let nearest = FIELDS.iter().map(|(known, _)| (*known, likeness(known))).max_by(|a, b| a.1.total_cmp(&b.1));
        match nearest {
            Some((known, likeness)) if likeness > 0.75 => {
                Err(format!("unknown field {shown:?}, did you mean {known:?}?"))
            }
            _ => Err(format!(
                "unknown field {shown:?}, known are labels, annotations, status, startsAt, endsAt, generatorURL, image, series"
            )),
        }
    }
}

#[cfg(test)]
#[path = "events_tests.rs"]
mod tests;
