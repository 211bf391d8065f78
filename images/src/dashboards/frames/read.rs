//! The body of an answer of `/api/ds/query` to frames, every size checked while it is read.
//!
//! Shapes: grafana-plugin-sdk-go, `backend/json.go` and `data/frame_json.go`. Deliberately unknown here: HTTP, what was asked.

use std::collections::{BTreeMap, HashMap};

use alerts::ports::RenderError;
use serde::{Deserialize, de::DeserializeSeed as _};
use serde_json::{Map, Value, value::RawValue};

use super::{
    Field, Frame, Values,
    cells::{AtMost, Columns, Kind, RawCell},
};
use crate::{
    answers::Limits,
    error::{content, quoted},
};

/// The most frames of one query; each costs some hundred bytes even when it is empty.
const MOST_FRAMES: usize = 20_000;
/// The most columns of one frame.
const MOST_COLUMNS: usize = 20_000;

/// A query that failed, in the data source's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct QueryError {
    /// Which.
    pub(crate) ref_id: String,
    /// As HTTP has it, where it is told.
    pub(crate) status: Option<u16>,
    /// Why.
    pub(crate) words: String,
}

/// The frames in the order of the queries `order`, or the first query that failed.
///
/// # Errors
/// When the body is no such answer, or holds more than it may.
pub(crate) fn read(body: &[u8], order: &[&str], limits: Limits) -> Result<Result<Vec<Frame>, QueryError>, RenderError> {
    let answer: Answer<'_> = serde_json::from_slice(body)
        .map_err(|error| content(format!("Grafana did not answer with frames: {error}: {:?}", quoted(body))))?;
    let mut results = answer.results;
    let mut room = Room { left: limits, times: limits.samples, limits };
    let mut frames = Vec::new();
    for ref_id in order {
        let Some(result) = results.remove(*ref_id) else { continue };
        if let Some(words) = result.error.filter(|words| !words.is_empty()) {
            let words = quoted(words.as_bytes());
            return Ok(Err(QueryError { ref_id: (*ref_id).to_owned(), status: result.status, words }));
        }
        for raw in result.frames.unwrap_or_default().0 {
            frames.extend(frame(raw, ref_id, &mut room)?);
        }
    }
    Ok(Ok(frames))
}

/// What is left of the limits.
pub(super) struct Room {
    left: Limits,
    times: usize,
    limits: Limits,
}

impl Room {
    fn column(&mut self, kind: Kind) -> Result<(), RenderError> {
        if kind == Kind::Time {
            return Ok(());
        }
        let too_many = || content(format!("the queries find more than {} series: see max_series", self.limits.series));
        self.left.series = self.left.series.checked_sub(1).ok_or_else(too_many)?;
        Ok(())
    }

    pub(super) fn value(&mut self, kind: Kind) -> Result<(), String> {
        let left = if kind == Kind::Time { &mut self.times } else { &mut self.left.samples };
        let samples = self.limits.samples;
        let too_many = || format!("the queries find more than {samples} samples: see max_samples");
        *left = left.checked_sub(1).ok_or_else(too_many)?;
        Ok(())
    }
}

/// One frame; none for annotations, exemplars among them, which are no data.
fn frame(raw: RawFrame<'_>, ref_id: &str, room: &mut Room) -> Result<Option<Frame>, RenderError> {
    let RawFrame { schema, data } = raw;
    let meta = schema.meta.unwrap_or_default();
    if meta.get("dataTopic").and_then(Value::as_str).is_some_and(|topic| topic != "series") {
        return Ok(None);
    }
    let fields = schema.fields.unwrap_or_default().0;
    let kinds: Vec<Kind> = fields.iter().map(RawField::kind).collect();
    kinds.iter().try_for_each(|kind| room.column(*kind))?;
    let data = data.unwrap_or_default();
    let mut columns = match data.values {
        Some(values) => {
            let mut json = serde_json::Deserializer::from_str(values.get());
            let columns = Columns { kinds: &kinds, room }.deserialize(&mut json);
            columns.map_err(|error| content(format!("the frames of query {ref_id:?}: {error}")))?
        }
        None => Vec::new(),
    };
    columns.resize_with(fields.len(), Vec::new);
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    if rows > 0 && columns.iter().any(|column| column.len() != rows) {
        return Err(content(format!("the frames of query {ref_id:?} have columns of different lengths")));
    }
    let mut entities = data.entities.unwrap_or_default().into_iter();
    let read = fields.into_iter().zip(columns).map(|(field, cells)| {
        let special = entities.next().flatten().unwrap_or_default();
        field.read(cells, &special)
    });
    let long = meta.get("type").and_then(Value::as_str).is_some_and(|kind| kind == "timeseries-long");
    let name = schema.name.unwrap_or_default();
    Ok(Some(Frame { name, ref_id: ref_id.to_owned(), long, fields: read.collect() }))
}

impl RawField {
    fn kind(&self) -> Kind {
        match self.kind.as_deref() {
            Some("time") => Kind::Time,
            Some("number") => Kind::Number,
            Some("boolean") => Kind::Boolean,
            _ => Kind::Text,
        }
    }

    fn read(self, cells: Vec<RawCell>, special: &Entities) -> Field {
        let kind = self.kind();
        let config = self.config.unwrap_or_default();
        let values = match kind {
            Kind::Time => Values::Times(cells.into_iter().map(RawCell::millis).collect()),
            Kind::Boolean => Values::Booleans(cells.into_iter().map(RawCell::boolean).collect()),
            Kind::Number => {
                let mut numbers: Vec<Option<f64>> = cells.into_iter().map(RawCell::number).collect();
                for (name, value) in [("NaN", f64::NAN), ("Inf", f64::INFINITY), ("NegInf", f64::NEG_INFINITY)] {
                    for row in special.get(name).into_iter().flatten() {
                        if let Some(slot) = numbers.get_mut(*row) {
                            *slot = Some(value);
                        }
                    }
                }
                Values::Numbers(numbers)
            }
            Kind::Text => {
                let words = self.kind.as_deref().filter(|kind| *kind == "enum").and_then(|_| enum_words(&config));
                Values::Texts(cells.into_iter().map(|cell| cell.text(words)).collect())
            }
        };
        Field { name: self.name.unwrap_or_default(), labels: self.labels.unwrap_or_default(), config, values }
    }
}

/// The words of an enumeration: `config.type.enum.text`.
fn enum_words(config: &Map<String, Value>) -> Option<&Vec<Value>> {
    config.get("type")?.get("enum")?.get("text")?.as_array()
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    results: BTreeMap<String, QueryResult<'a>>,
}

#[derive(Deserialize)]
struct QueryResult<'a> {
    status: Option<u16>,
    error: Option<String>,
    #[serde(borrow, default)]
    frames: Option<AtMost<RawFrame<'a>, MOST_FRAMES>>,
}

#[derive(Deserialize)]
struct RawFrame<'a> {
    #[serde(default)]
    schema: RawSchema,
    #[serde(borrow, default)]
    data: Option<RawData<'a>>,
}

#[derive(Deserialize, Default)]
struct RawSchema {
    name: Option<String>,
    meta: Option<Map<String, Value>>,
    fields: Option<AtMost<RawField, MOST_COLUMNS>>,
}

#[derive(Deserialize)]
struct RawField {
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    labels: Option<BTreeMap<String, String>>,
    config: Option<Map<String, Value>>,
}

#[derive(Deserialize, Default)]
struct RawData<'a> {
    #[serde(borrow, default)]
    values: Option<&'a RawValue>,
    /// One for each column.
    entities: Option<Vec<Option<Entities>>>,
}

/// In which rows a column has `NaN`, `Inf` and `NegInf`, for which JSON has no numbers.
type Entities = HashMap<String, Vec<usize>>;
