//! The transformation `calculateField`: a column calculated of others, row by row.
//!
//! Its modes `reduceRow` (also the default) and `binary` are known. Deliberately unknown here: everything else.

use charts::Calculation;
use serde_json::Value;

use super::{found, join::one_frame, names, text, yes};
use crate::dashboards::{
    fields::{Matcher, config::number},
    frames::{Field, Frame},
};

/// The frames with the column more, or with it alone beside the time (`replaceFields`). None: a mode that is not known.
pub(super) fn calculated(frames: Vec<Frame>, options: &Value) -> Option<Vec<Frame>> {
    let mode = text(options, "mode").unwrap_or("reduceRow");
    let step: Step = match mode {
        "reduceRow" => {
            let settings = options.get("reduce").unwrap_or(&Value::Null);
            let calculation = Calculation::parse(text(settings, "reducer").unwrap_or("sum"))?;
            let include = settings.get("include").and_then(Value::as_array).filter(|list| !list.is_empty());
            let names = include.map(|list| list.iter().filter_map(Value::as_str).map(str::to_owned).collect());
            Step::Reduce(calculation, names)
        }
        "binary" => {
            let settings = options.get("binary")?;
            let operator = operator(text(settings, "operator").unwrap_or("+"))?;
            Step::Binary(side(settings.get("left")?)?, operator, side(settings.get("right")?)?)
        }
        _ => return None,
    };
    let fixed = matches!(&step, Step::Binary(_, _, Side::Number(_)));
    let frames =
        if fixed || options.get("timeSeries") == Some(&Value::Bool(false)) { frames } else { one_frame(frames) };
    let name = text(options, "alias").map_or_else(|| step.name(), str::to_owned);
    let names = names(&frames);
    let mut all = Vec::new();
    for (frame, names) in frames.into_iter().zip(names) {
        match step.values(&frame, &names) {
            Some(values) => all.push(with(frame, Field::numbers(name.clone(), values), yes(options, "replaceFields"))),
            None if yes(options, "replaceFields") => {}
            None => all.push(frame),
        }
    }
    Some(all)
}

enum Step {
    /// A calculation over these columns of a row, or over all numbers.
    Reduce(Calculation, Option<Vec<String>>),
    Binary(Side, char, Side),
}

enum Side {
    Number(f64),
    /// The column of this name.
    Column(String),
}

impl Step {
    /// The values of the new column; none where the frame lacks the columns.
    fn values(&self, frame: &Frame, names: &[String]) -> Option<Vec<Option<f64>>> {
        match self {
            Step::Reduce(calculation, wanted) => {
                let included = |at: &usize| {
                    let (field, name) = (&frame.fields[*at], &names[*at]);
                    let named = |wanted: &Vec<String>| wanted.contains(name) || wanted.contains(&field.name);
                    field.is_drawable() && wanted.as_ref().is_none_or(named)
                };
                let columns: Vec<Vec<f64>> =
                    (0..names.len()).filter(included).map(|at| frame.fields[at].values.to_numbers()).collect();
                let row = |row: usize| calculation.of(&columns.iter().map(|column| column[row]).collect::<Vec<_>>());
                (!columns.is_empty()).then(|| (0..frame.rows()).map(row).collect())
            }
            Step::Binary(left, operator, right) => {
                let (left, right) = (left.values(frame, names)?, right.values(frame, names)?);
                let both = |(left, right): (f64, f64)| Some(calculate(left, *operator, right)).filter(|v| !v.is_nan());
                Some(left.into_iter().zip(right).map(both).collect())
            }
        }
    }

    fn name(&self) -> String {
        let word = |side: &Side| match side {
            Side::Number(number) => number.to_string(),
            Side::Column(name) => name.clone(),
        };
        match self {
            Step::Reduce(calculation, _) => calculation.title().to_owned(),
            Step::Binary(left, operator, right) => format!("{} {operator} {}", word(left), word(right)),
        }
    }
}

impl Side {
    fn values(&self, frame: &Frame, names: &[String]) -> Option<Vec<f64>> {
        match self {
            Side::Number(number) => Some(vec![*number; frame.rows()]),
            Side::Column(name) => {
                let at = *found(&Matcher::Name(name.clone()), frame, names).first()?;
                Some(frame.fields[at].values.to_numbers())
            }
        }
    }
}

/// `"5"`, `"cpu"`, `{"fixed": "5"}`, `{"matcher": {"id": "byName", "options": "cpu"}}`.
fn side(value: &Value) -> Option<Side> {
    if let Some(fixed) = value.get("fixed").filter(|fixed| !fixed.is_null()) {
        return number(fixed).map(Side::Number);
    }
    if let Some(matcher) = value.get("matcher") {
        let named = text(matcher, "id") == Some("byName");
        return text(matcher, "options").filter(|_| named).map(|name| Side::Column(name.to_owned()));
    }
    number(value).map(Side::Number).or_else(|| Some(Side::Column(value.as_str()?.to_owned())))
}

fn operator(id: &str) -> Option<char> {
    match id {
        "+" => Some('+'),
        "-" => Some('-'),
        "*" => Some('*'),
        "/" => Some('/'),
        "**" => Some('^'),
        _ => None,
    }
}

fn calculate(left: f64, operator: char, right: f64) -> f64 {
    match operator {
        '+' => left + right,
        '-' => left - right,
        '*' => left * right,
        '/' => left / right,
        _ => left.powf(right),
    }
}

fn with(frame: Frame, field: Field, alone: bool) -> Frame {
    let kept = frame.fields.into_iter().filter(|other| !alone || other.is_time());
    let fields = kept.chain([field]).collect();
    Frame { fields, ..frame }
}
