//! Panels of type `stat`.
//!
//! Deliberately unknown here: how large a number becomes.

use alerts::ports::RenderError;
use charts::{Calculation, ColorMode, Figure, Orientation, Stat, StatValue, TextMode};
use serde_json::{Map, Value};

use super::{Parts, unsupported};
use crate::dashboards::{
    fields::{Candidate, Canvas, Display, Dressed, FieldConfig, Matcher, dress},
    frames::{Cell, Field, Frame, Values},
    model::PanelModel,
};

/// The most values where the panel says nothing; Grafana's limit for rows.
const MOST_ROWS: usize = 25;
/// The most values in a picture, whatever the panel says.
const MOST_VALUES: usize = 100;
/// The colours of values that say nothing of theirs.
const COLORS: &str = "thresholds";

/// The figure.
///
/// # Errors
/// `Unsupported` where a calculation is not known.
pub(super) fn compose(parts: Parts<'_>, degraded: &mut Vec<String>) -> Result<Figure, RenderError> {
    let Parts { panel, frames, title, subtitle, window, timezone, theme, .. } = parts;
    let options = Options::new(&panel.options)?;
    let canvas = Canvas { theme, now_ms: window.to.as_millis(), zone: timezone.clone() };
    let dressed = dress(&frames, panel, degraded);
    let mut values = Vec::new();
    let mut omitted = 0;
    for field in dressed.iter().filter(|field| options.shows(field, &frames)) {
        let room = options.limit.saturating_sub(values.len());
        let wanted = if options.rows { field.field.values.len() } else { options.calculations.len() };
        omitted += wanted.saturating_sub(room);
        if room > 0 {
            let display = Display::new(field, COLORS, &canvas, degraded);
            values.extend(options.values(field, &frames[field.frame], &display).into_iter().take(room));
        }
    }
    let nothing = Field::default();
    let mut no_data = None;
    if values.is_empty() {
        let word = without_values(&nothing, panel, &canvas, degraded);
        match word {
            Some(value) => values.push(value),
            None => no_data = panel.defaults.get("noValue").and_then(Value::as_str).map(str::to_owned),
        }
    }
    Ok(Figure::Stat(Stat {
        subtitle,
        timezone,
        values,
        omitted,
        no_data,
        color_mode: options.color_mode,
        text_mode: options.text_mode,
        orientation: options.orientation,
        centered: options.centered,
        ..Stat::new(title, window.from.as_millis(), window.to.as_millis())
    }))
}

/// What `null` is mapped to, where there is no value at all: often the very word that the panel is for.
fn without_values(
    nothing: &Field,
    panel: &PanelModel,
    canvas: &Canvas,
    degraded: &mut Vec<String>,
) -> Option<StatValue> {
    let mut config = FieldConfig::default();
    config.fill_up(&panel.defaults);
    let mapped = config.get("mappings").is_some();
    let field = Dressed { field: nothing, frame: 0, name: String::new(), config, index: 0, range: (0.0, 100.0) };
    let shown = Display::new(&field, COLORS, canvas, degraded).show(Cell::Null);
    let value = StatValue {
        name: String::new(),
        text: shown.text,
        color: shown.color,
        line: Vec::new(),
        filled: false,
        change: None,
    };
    Some(value).filter(|value| mapped && !value.text.is_empty())
}

/// `options` of the panel.
struct Options {
    /// Every row rather than one value per column.
    rows: bool,
    calculations: Vec<Calculation>,
    limit: usize,
    fields: Option<Matcher>,
    line: bool,
    filled: bool,
    change: bool,
    color_mode: ColorMode,
    text_mode: TextMode,
    orientation: Orientation,
    centered: bool,
}

const COLOR_MODES: [(&str, ColorMode); 4] = [
    ("none", ColorMode::None),
    ("value", ColorMode::Value),
    ("background", ColorMode::Background),
    ("background_solid", ColorMode::BackgroundSolid),
];
const TEXT_MODES: [(&str, TextMode); 5] = [
    ("auto", TextMode::Auto),
    ("value", TextMode::Value),
    ("value_and_name", TextMode::ValueAndName),
    ("name", TextMode::Name),
    ("none", TextMode::None),
];
const ORIENTATIONS: [(&str, Orientation); 3] =
    [("auto", Orientation::Auto), ("horizontal", Orientation::Horizontal), ("vertical", Orientation::Vertical)];

/// What a word means, or the default.
fn one_of<T: Copy + Default>(word: &str, known: &[(&str, T)]) -> T {
    known.iter().find(|(name, _)| *name == word).map(|(_, value)| *value).unwrap_or_default()
}

impl Options {
    fn new(options: &Map<String, Value>) -> Result<Options, RenderError> {
        let word = |key: &str| options.get(key).and_then(Value::as_str).unwrap_or_default();
        let reduce = options.get("reduceOptions").unwrap_or(&Value::Null);
        let rows = reduce.get("values").and_then(Value::as_bool).unwrap_or(false);
        let limit = reduce.get("limit").and_then(Value::as_u64).and_then(|limit| usize::try_from(limit).ok());
        let limit = limit.filter(|limit| *limit > 0).unwrap_or(if rows { MOST_ROWS } else { MOST_VALUES });
        Ok(Options {
            rows,
            calculations: calculations(reduce)?,
            limit: limit.min(MOST_VALUES),
            fields: fields(reduce)?,
            line: !rows && word("graphMode") != "none",
            filled: word("graphMode") != "line",
            change: options.get("showPercentChange").and_then(Value::as_bool) == Some(true),
            color_mode: one_of(word("colorMode"), &COLOR_MODES),
            text_mode: one_of(word("textMode"), &TEXT_MODES),
            orientation: one_of(word("orientation"), &ORIENTATIONS),
            centered: word("justifyMode") == "center",
        })
    }

    /// Whether a column is shown: the named ones, else those of numbers.
    fn shows(&self, field: &Dressed<'_>, frames: &[Frame]) -> bool {
        match &self.fields {
            Some(matcher) => {
                let ref_id = &frames[field.frame].ref_id;
                matcher.matches(Candidate { field: field.field, name: &field.name, ref_id })
            }
            None => field.field.is_drawable(),
        }
    }

    fn values(&self, field: &Dressed<'_>, frame: &Frame, display: &Display<'_>) -> Vec<StatValue> {
        if self.rows {
            return self.rows(field, frame, display);
        }
        let numbers = field.field.values.to_numbers();
        let line: Vec<(i64, f64)> = match frame.time() {
            Some(times) if self.line && field.field.is_drawable() => {
                times.iter().zip(&numbers).filter_map(|(time, value)| Some(((*time)?, *value))).collect()
            }
            _ => Vec::new(),
        };
        let one = |calculation: &Calculation| {
            let shown = match &field.field.values {
                values if field.field.is_drawable() => display.show(reduced(*calculation, values, &numbers)),
                values => display.show(last(values)),
            };
            let several = self.calculations.len() > 1;
            let name = if several { format!("{} {}", field.name, calculation.title()) } else { field.name.clone() };
            let text = if shown.text.is_empty() { "No data".to_owned() } else { shown.text };
            StatValue {
                name,
                text,
                color: shown.color,
                line: line.clone(),
                filled: self.filled,
                change: self.change.then(|| Calculation::DiffPercent.of(&numbers)).flatten(),
            }
        };
        self.calculations.iter().map(one).collect()
    }

    /// Each row of a table is a value; the words of the row are its name.
    fn rows(&self, field: &Dressed<'_>, frame: &Frame, display: &Display<'_>) -> Vec<StatValue> {
        let row = |row: usize| {
            let shown = display.show(field.field.values.get(row));
            let words: Vec<&str> = frame
                .fields
                .iter()
                .filter(|other| !std::ptr::eq(*other, field.field))
                .filter_map(|other| if let Cell::Text(text) = other.values.get(row) { Some(text) } else { None })
                .collect();
            let name = if words.is_empty() { field.name.clone() } else { words.join(" ") };
            StatValue { name, text: shown.text, color: shown.color, line: Vec::new(), filled: false, change: None }
        };
        (0..field.field.values.len()).map(row).collect()
    }
}

/// The last value, unless the panel says otherwise.
fn calculations(reduce: &Value) -> Result<Vec<Calculation>, RenderError> {
    let ids = reduce.get("calcs").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let known = |id: &str| {
        Calculation::parse(id).ok_or_else(|| unsupported(format!("the calculation {id:?} is not known here")))
    };
    let all = ids.map(known).collect::<Result<Vec<_>, _>>()?;
    Ok(if all.is_empty() { vec![Calculation::LastNotNull] } else { all })
}

fn fields(reduce: &Value) -> Result<Option<Matcher>, RenderError> {
    let named = reduce.get("fields").and_then(Value::as_str).filter(|fields| !fields.is_empty());
    let unreadable = || unsupported("the pattern of the fields to show is not understood here");
    named.map(|pattern| Matcher::new("byRegexp", &pattern.into()).ok_or_else(unreadable)).transpose()
}

/// A calculation over numbers; yes and no stay such where a value itself is the result.
fn reduced<'a>(calculation: Calculation, values: &'a Values, numbers: &[f64]) -> Cell<'a> {
    match (calculation, values) {
        (Calculation::Last | Calculation::LastNotNull, values) if values.kind() == "boolean" => last(values),
        // a value that is NaN is mapped as such
        (Calculation::Last, values) if values.len() > 0 => values.get(values.len() - 1),
        _ => calculation.of(numbers).map_or(Cell::Null, Cell::Number),
    }
}

fn last(values: &Values) -> Cell<'_> {
    (0..values.len()).rev().map(|row| values.get(row)).find(|cell| *cell != Cell::Null).unwrap_or(Cell::Null)
}
