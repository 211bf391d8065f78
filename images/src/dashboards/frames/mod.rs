//! Data frames, the form of Grafana's answers: named columns of equal length, read from JSON and turned into the shapes that panels want.
//!
//! Deliberately unknown here: who answered, and how a panel shows the columns.

mod cells;
mod names;
mod read;
mod shapes;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

pub(crate) use self::{
    names::Naming,
    read::{QueryError, read},
    shapes::{one_table_each, widened},
};

/// A table: its columns have the same length.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Frame {
    /// What the data source calls it; often empty.
    pub(crate) name: String,
    /// The query that it answers.
    pub(crate) ref_id: String,
    /// Whether it says of itself that series are told apart by its columns of text.
    pub(crate) long: bool,
    /// The columns.
    pub(crate) fields: Vec<Field>,
}

/// A column.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Field {
    /// `Time`, `Value`, or what the data source calls it.
    pub(crate) name: String,
    /// What tells it from others of its name.
    pub(crate) labels: BTreeMap<String, String>,
    /// What the data source says of its looks.
    pub(crate) config: Map<String, Value>,
    /// The values, one per row.
    pub(crate) values: Values,
}

/// The values of a column; none where a row has no value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Values {
    /// Milliseconds since 1970.
    Times(Vec<Option<i64>>),
    /// Numbers, NaN and the infinities among them.
    Numbers(Vec<Option<f64>>),
    /// Words.
    Texts(Vec<Option<String>>),
    /// Yes and no.
    Booleans(Vec<Option<bool>>),
}

/// One value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell<'a> {
    /// None.
    Null,
    /// Milliseconds since 1970.
    Time(i64),
    /// A number.
    Number(f64),
    /// Words.
    Text(&'a str),
    /// Yes or no.
    Boolean(bool),
}

impl Frame {
    /// How many rows it has.
    pub(crate) fn rows(&self) -> usize {
        self.fields.first().map_or(0, |field| field.values.len())
    }

    /// The first column of times.
    pub(crate) fn time(&self) -> Option<&[Option<i64>]> {
        self.fields.iter().find_map(|field| match &field.values {
            Values::Times(times) => Some(times.as_slice()),
            _ => None,
        })
    }

    /// The frame with these of its rows, in this order; none for a row without values.
    pub(crate) fn picked(&self, rows: &[Option<usize>]) -> Frame {
        let field = |field: &Field| Field { values: field.values.picked(rows), ..field.clone() };
        Frame { fields: self.fields.iter().map(field).collect(), ..self.clone() }
    }
}

impl Field {
    /// A column of numbers without labels.
    pub(crate) fn numbers(name: impl Into<String>, values: Vec<Option<f64>>) -> Field {
        Field { name: name.into(), values: Values::Numbers(values), ..Field::default() }
    }

    /// A column of words without labels.
    pub(crate) fn texts(name: impl Into<String>, values: Vec<Option<String>>) -> Field {
        Field { name: name.into(), values: Values::Texts(values), ..Field::default() }
    }

    /// Whether it holds times.
    pub(crate) fn is_time(&self) -> bool {
        matches!(self.values, Values::Times(_))
    }

    /// Whether it can be drawn: numbers, or yes and no.
    pub(crate) fn is_drawable(&self) -> bool {
        matches!(self.values, Values::Numbers(_) | Values::Booleans(_))
    }
}

impl Default for Values {
    fn default() -> Values {
        Values::Numbers(Vec::new())
    }
}

impl Values {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        match self {
            Values::Times(all) => all.len(),
            Values::Numbers(all) => all.len(),
            Values::Texts(all) => all.len(),
            Values::Booleans(all) => all.len(),
        }
    }

    /// Grafana's word for what they are.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Values::Times(_) => "time",
            Values::Numbers(_) => "number",
            Values::Texts(_) => "string",
            Values::Booleans(_) => "boolean",
        }
    }

    /// The value of a row.
    pub(crate) fn get(&self, row: usize) -> Cell<'_> {
        let found = match self {
            Values::Times(all) => all.get(row).copied().flatten().map(Cell::Time),
            Values::Numbers(all) => all.get(row).copied().flatten().map(Cell::Number),
            Values::Texts(all) => all.get(row).and_then(Option::as_deref).map(Cell::Text),
            Values::Booleans(all) => all.get(row).copied().flatten().map(Cell::Boolean),
        };
        found.unwrap_or(Cell::Null)
    }

    /// The values of these rows.
    pub(crate) fn picked(&self, rows: &[Option<usize>]) -> Values {
        fn pick<T: Clone>(all: &[Option<T>], rows: &[Option<usize>]) -> Vec<Option<T>> {
            rows.iter().map(|row| row.and_then(|row| all.get(row).cloned().flatten())).collect()
        }
        match self {
            Values::Times(all) => Values::Times(pick(all, rows)),
            Values::Numbers(all) => Values::Numbers(pick(all, rows)),
            Values::Texts(all) => Values::Texts(pick(all, rows)),
            Values::Booleans(all) => Values::Booleans(pick(all, rows)),
        }
    }

    /// Other values of the same kind; what is of another kind is missing.
    pub(crate) fn like<'a>(&self, cells: impl Iterator<Item = Cell<'a>>) -> Values {
        match self {
            Values::Times(_) => Values::Times(
                cells.map(|cell| if let Cell::Time(millis) = cell { Some(millis) } else { None }).collect(),
            ),
            Values::Numbers(_) => Values::Numbers(cells.map(Cell::number).collect()),
            Values::Texts(_) => Values::Texts(
                cells.map(|cell| if let Cell::Text(text) = cell { Some(text.to_owned()) } else { None }).collect(),
            ),
            Values::Booleans(_) => Values::Booleans(
                cells.map(|cell| if let Cell::Boolean(yes) = cell { Some(yes) } else { None }).collect(),
            ),
        }
    }

    /// As numbers for calculations: NaN where there is none, 1 and 0 for yes and no.
    pub(crate) fn to_numbers(&self) -> Vec<f64> {
        (0..self.len()).map(|row| self.get(row).number().unwrap_or(f64::NAN)).collect()
    }
}

impl Cell<'_> {
    /// As a number, where it is one: 1 and 0 for yes and no.
    pub(crate) fn number(self) -> Option<f64> {
        match self {
            Cell::Number(number) => Some(number),
            Cell::Time(millis) => Some(millis as f64),
            Cell::Boolean(yes) => Some(f64::from(u8::from(yes))),
            Cell::Null | Cell::Text(_) => None,
        }
    }
}
