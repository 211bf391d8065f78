//! Transformations: what a panel does with the answers before it shows them.
//!
//! The meaning of each is that of grafana-data's `transformations/transformers`. One that is not in the list below is refused: a
//! picture without it could say something else. Deliberately unknown here: panels, pixels.

mod calculate;
mod columns;
mod join;
mod rows;

use alerts::ports::{RenderError, RenderErrorKind};
use charts::Calculation;
use serde_json::Value;

use super::{
    fields::{Candidate, Matcher},
    frames::{Field, Frame, Naming},
    model::Transformation,
};
use crate::error::{content, failed};

/// The most cells that a transformation may make.
const MOST_CELLS: usize = 4_000_000;

/// The frames after all transformations, in their order.
///
/// # Errors
/// `Unsupported` for one that is not known, or not in this form.
pub(crate) fn transformed(mut frames: Vec<Frame>, list: &[Transformation]) -> Result<Vec<Frame>, RenderError> {
    for one in list {
        frames = apply(frames, one)?;
        let cells = frames.iter().map(|frame| frame.fields.len().saturating_mul(frame.rows())).sum::<usize>();
        if cells > MOST_CELLS {
            return Err(content(format!("the transformation {:?} makes more than {MOST_CELLS} cells", one.id)));
        }
    }
    Ok(frames)
}

/// The transformations there are. A new one joins here.
fn apply(frames: Vec<Frame>, one: &Transformation) -> Result<Vec<Frame>, RenderError> {
    let options = &one.options;
    Ok(match one.id.as_str() {
        "organize" => columns::organize(frames, options),
        "filterFieldsByName" => columns::filtered(frames, options).ok_or_else(|| in_this_form(one))?,
        "renameByRegex" => columns::renamed(frames, options).ok_or_else(|| in_this_form(one))?,
        "filterByRefId" => columns::of_queries(frames, options).ok_or_else(|| in_this_form(one))?,
        "sortBy" => rows::sorted(frames, options),
        "limit" => rows::limited(frames, options),
        "reduce" => rows::reduced(frames, options).ok_or_else(|| in_this_form(one))?,
        "groupBy" => rows::grouped(frames, options).ok_or_else(|| in_this_form(one))?,
        "merge" => join::merged(frames),
        "joinByField" | "seriesToColumns" => join::joined(frames, options).ok_or_else(|| in_this_form(one))?,
        "calculateField" => calculate::calculated(frames, options).ok_or_else(|| in_this_form(one))?,
        // only another form of the same series, and every form is read
        "prepareTimeSeries" => frames,
        _ => return Err(unsupported(format!("the transformation {:?} is not known here", one.id))),
    })
}

fn in_this_form(one: &Transformation) -> RenderError {
    unsupported(format!("the transformation {:?} is not known in this form", one.id))
}

fn unsupported(detail: String) -> RenderError {
    failed(RenderErrorKind::Unsupported, detail)
}

/// The names of all columns, frame by frame.
fn names(frames: &[Frame]) -> Vec<Vec<String>> {
    let naming = Naming::of(frames);
    let of = |frame: &Frame| frame.fields.iter().map(|field| naming.name(frame, field, &field.config)).collect();
    frames.iter().map(of).collect()
}

/// A text among the options.
fn text<'a>(options: &'a Value, key: &str) -> Option<&'a str> {
    options.get(key)?.as_str().filter(|text| !text.is_empty())
}

/// A yes among the options.
fn yes(options: &Value, key: &str) -> bool {
    options.get(key).and_then(Value::as_bool) == Some(true)
}

/// The calculations of these ids; none if one is not known.
fn calculations(list: Option<&Value>) -> Option<Vec<Calculation>> {
    list?.as_array()?.iter().map(|id| Calculation::parse(id.as_str()?)).collect()
}

/// Where a matcher finds columns in a frame.
fn found(matcher: &Matcher, frame: &Frame, names: &[String]) -> Vec<usize> {
    let fits = |(field, name): (&Field, &String)| matcher.matches(Candidate { field, name, ref_id: &frame.ref_id });
    let all = frame.fields.iter().zip(names).enumerate();
    all.filter(|(_, candidate)| fits(*candidate)).map(|(at, _)| at).collect()
}

#[cfg(test)]
mod tests;
