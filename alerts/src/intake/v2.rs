//! The body of Alertmanager's `POST /api/v2/alerts`: its shape, and its errors.
//!
//! As there: unknown fields are ignored, names of fields may be in any case, `null` is "not there", a repeated field adds to
//! the first. Stricter than there: nothing may follow the list. Kinder: an empty time is no time instead of 1970.
//! Deliberately unknown here: defaults, labels' validity, HTTP.

use std::{borrow::Cow, fmt};

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{
    Incoming, NotParsed, Pair,
    strings::{Pairs, Text, readable},
    times::When,
    uri::is_request_uri,
};

/// A body as text; bytes that are not UTF-8 become U+FFFD, as in Go. [`parse`] borrows from it.
pub fn text(body: &[u8]) -> Cow<'_, str> {
    readable(body)
}

/// Reads the list of alerts. Any error refuses the whole body, and is the one that Alertmanager would report first.
pub fn parse(text: &str) -> Result<Vec<Incoming<'_>>, NotParsed> {
    if text.trim_ascii().is_empty() {
        return Err(NotParsed::Required("alerts".to_owned()));
    }
    let mut refused = None;
    let mut json = serde_json::Deserializer::from_str(text);
    let alerts = List { refused: &mut refused }.deserialize(&mut json).and_then(|alerts| json.end().map(|()| alerts));
    let alerts = alerts.map_err(|error| NotParsed::Malformed(error.to_string()))?;
    refused.map_or(Ok(alerts), Err)
}

/// Reads alerts until the first one of wrong shape; the rest is only parsed, so that broken JSON is still noticed.
struct List<'r> {
    refused: &'r mut Option<NotParsed>,
}

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = Vec<Incoming<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = Vec<Incoming<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of alerts")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut alerts = Vec::new();
        let mut count = 0;
        while let Some(element) = seq.next_element::<Option<Element<'de>>>()? {
            match shape(element, count) {
                Ok(alert) if self.refused.is_none() => alerts.push(alert),
                Ok(_) => {}
                Err(error) => drop(self.refused.get_or_insert(error)),
            }
            count += 1;
        }
        Ok(alerts)
    }
}

fn shape(element: Option<Element<'_>>, at: usize) -> Result<Incoming<'_>, NotParsed> {
    let element = element.ok_or_else(|| NotParsed::Required(at.to_string()))?;
    let url = element.generator_url;
    if !url.is_empty() && !is_request_uri(&url) {
        return Err(NotParsed::NotAUri { at: format!("{at}.generatorURL"), url: url.into_owned() });
    }
    Ok(Incoming {
        labels: element.labels.ok_or_else(|| NotParsed::Required(format!("{at}.labels")))?,
        annotations: element.annotations.unwrap_or_default(),
        starts_at: element.starts_at.0,
        ends_at: element.ends_at.0,
        generator_url: url,
    })
}

struct Element<'a> {
    labels: Option<Vec<Pair<'a>>>,
    annotations: Option<Vec<Pair<'a>>>,
    starts_at: When,
    ends_at: When,
    generator_url: Cow<'a, str>,
}

impl<'de> Deserialize<'de> for Element<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ElementVisitor)
    }
}

struct ElementVisitor;

impl<'de> Visitor<'de> for ElementVisitor {
    type Value = Element<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an alert")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut element = Element {
            labels: None,
            annotations: None,
            starts_at: When(None),
            ends_at: When(None),
            generator_url: Cow::Borrowed(""),
        };
        while let Some(field) = map.next_key()? {
            match field {
                Field::Labels => add(&mut element.labels, map.next_value()?),
                Field::Annotations => add(&mut element.annotations, map.next_value()?),
                Field::StartsAt => element.starts_at = map.next_value()?,
                Field::EndsAt => element.ends_at = map.next_value()?,
                Field::GeneratorUrl => element.generator_url = map.next_value::<Text<'de>>()?.0,
                Field::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(element)
    }
}

fn add<'a>(pairs: &mut Option<Vec<Pair<'a>>>, Pairs(more): Pairs<'a>) {
    match (pairs.as_mut(), more) {
        (Some(pairs), Some(more)) => pairs.extend(more),
        (_, more) => *pairs = more,
    }
}

#[derive(Clone, Copy)]
enum Field {
    Labels,
    Annotations,
    StartsAt,
    EndsAt,
    GeneratorUrl,
    Other,
}

const FIELDS: [(&str, Field); 5] = [
    ("annotations", Field::Annotations),
    ("endsAt", Field::EndsAt),
    ("startsAt", Field::StartsAt),
    ("generatorURL", Field::GeneratorUrl),
    ("labels", Field::Labels),
];

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Text(name) = Text::deserialize(deserializer)?;
        let exact = FIELDS.iter().find(|(field, _)| *field == name);
        let found = exact.or_else(|| FIELDS.iter().find(|(field, _)| field.eq_ignore_ascii_case(&name)));
        Ok(found.map_or(Field::Other, |(_, field)| *field))
    }
}

#[cfg(test)]
#[path = "v2_tests.rs"]
mod tests;
