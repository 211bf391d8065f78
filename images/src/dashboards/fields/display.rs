//! One value as people read it: mapped, or with its unit; and its colour.
//!
//! Deliberately unknown here: where it is written.

use charts::{Rgb, Theme, format_value_at};
use jiff::tz::TimeZone;

use super::{Dressed, mappings::Mappings, scheme::Scheme};
use crate::dashboards::frames::Cell;

/// How values of a field are shown.
#[derive(Clone, Debug)]
pub(crate) struct Display<'a> {
    field: &'a Dressed<'a>,
    mappings: Mappings,
    scheme: Scheme,
    canvas: &'a Canvas,
}

/// What values are shown on.
#[derive(Clone, Debug)]
pub(crate) struct Canvas {
    /// The colours.
    pub(crate) theme: Theme,
    /// From when "5 minutes ago" counts.
    pub(crate) now_ms: i64,
    /// In which times are written.
    pub(crate) zone: TimeZone,
}

/// A value, shown.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shown {
    /// The words; empty for a value that is missing and that nothing is said about.
    pub(crate) text: String,
    /// The colour; none is transparent.
    pub(crate) color: Option<Rgb>,
}

impl<'a> Display<'a> {
    /// For the values of a field, coloured by `default` where it does not say so. What of its mappings cannot be read is told in
    /// `degraded`.
    pub(crate) fn new(field: &'a Dressed<'a>, default: &str, canvas: &'a Canvas, degraded: &mut Vec<String>) -> Self {
        let mappings = Mappings::new(field.config.get("mappings"), canvas.theme, degraded);
        Self { field, mappings, scheme: field.scheme(default, canvas.theme), canvas }
    }

    /// A value.
    pub(crate) fn show(&self, cell: Cell<'_>) -> Shown {
        let mapped = self.mappings.find(cell).unwrap_or_default();
        let text = mapped.text.unwrap_or_else(|| self.words(cell));
        Shown { text, color: mapped.color.unwrap_or_else(|| self.color(cell)) }
    }

    /// The words of a value that no mapping fits.
    fn words(&self, cell: Cell<'_>) -> String {
        let config = &self.field.config;
        match cell {
            Cell::Null => config.text("noValue").unwrap_or_default().to_owned(),
            Cell::Text(text) => text.to_owned(),
            Cell::Boolean(yes) => match (config.text("unit"), yes) {
                (Some("bool_yes_no"), yes) => if yes { "Yes" } else { "No" }.to_owned(),
                (Some("bool_on_off"), yes) => if yes { "On" } else { "Off" }.to_owned(),
                (_, yes) => if yes { "True" } else { "False" }.to_owned(),
            },
            Cell::Time(millis) => self.written_time(millis),
            Cell::Number(number) => self.written(number),
        }
    }

    fn written(&self, number: f64) -> String {
        let (config, canvas) = (&self.field.config, self.canvas);
        format_value_at(number, &config.unit(), config.decimals(), canvas.now_ms, &canvas.zone)
    }

    /// A time without a unit of its own is written as Grafana does.
    fn written_time(&self, millis: i64) -> String {
        if self.field.config.text("unit").is_some() {
            return self.written(millis as f64);
        }
        let time = jiff::Timestamp::from_millisecond(millis).map(|time| time.to_zoned(self.canvas.zone.clone()));
        time.map_or_else(|_| millis.to_string(), |time| time.strftime("%Y-%m-%d %H:%M:%S").to_string())
    }

    fn color(&self, cell: Cell<'_>) -> Option<Rgb> {
        let place = self.field.place();
        match cell {
            Cell::Boolean(yes) => super::colors::named(if yes { "green" } else { "red" }, self.canvas.theme),
            cell => self.scheme.of_value(place, cell.number().unwrap_or(f64::NEG_INFINITY)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::dashboards::{fields::FieldConfig, frames::Field};

    fn check(config: serde_json::Value, cell: Cell<'_>, expected: &str) {
        let field = Field::default();
        let serde_json::Value::Object(map) = config else { panic!("an object") };
        let config = FieldConfig::new(map);
        let dressed = Dressed { field: &field, frame: 0, name: "x".into(), config, index: 0, range: (0.0, 1.0) };
        let canvas = Canvas { theme: Theme::Dark, now_ms: 1_700_000_060_000, zone: TimeZone::UTC };
        let display = Display::new(&dressed, "thresholds", &canvas, &mut Vec::new());
        assert_eq!(display.show(cell).text, expected, "{cell:?}");
    }

    #[test]
    fn values_have_words() {
        check(json!({"unit": "bytes", "decimals": 1}), Cell::Number(1536.0), "1.5 KiB");
        check(json!({}), Cell::Number(12.5), "12.5");
        check(json!({"noValue": "none"}), Cell::Null, "none");
        check(json!({}), Cell::Null, "");
        check(json!({}), Cell::Boolean(true), "True");
        check(json!({"unit": "bool_on_off"}), Cell::Boolean(false), "Off");
        check(json!({}), Cell::Text("ready"), "ready");
        check(json!({}), Cell::Time(1_700_000_000_000), "2023-11-14 22:13:20");
        check(json!({"unit": "dateTimeFromNow"}), Cell::Number(1_700_000_000_000.0), "a minute ago");
        check(json!({"mappings": [{"type": "value", "options": {"1": {"text": "UP"}}}]}), Cell::Number(1.0), "UP");
    }
}
