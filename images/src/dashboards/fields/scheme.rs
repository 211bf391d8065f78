//! From a field's `color` to the colour of a series or of a value.
//!
//! The modes are those of grafana-data's `fieldColor.ts`. Deliberately unknown here: where the colour goes.

use charts::{Calculation, Rgb, Theme};
use serde_json::Value;

use super::{
    colors::{FALLBACK, between, classic, named, to_byte, visible},
    config::FieldConfig,
    thresholds::Thresholds,
};

/// What a colour may depend on beside the value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// Which of the panel's series it is.
    pub(crate) index: usize,
    /// Its name.
    pub(crate) name: &'a str,
    /// The smallest and the largest value that are expected: 0 and 100 %.
    pub(crate) range: (f64, f64),
}

/// How a field is coloured.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scheme {
    mode: Mode,
    series_by: Calculation,
    thresholds: Thresholds,
    theme: Theme,
}

#[derive(Clone, Debug, PartialEq)]
enum Mode {
    Classic,
    ByName,
    Fixed(Option<Rgb>),
    Shades(Rgb),
    Thresholds,
    Continuous(Vec<Rgb>),
}

impl Scheme {
    /// Of a field's settings; `default` is the mode where they have none. An unknown mode is `thresholds`, as in Grafana.
    pub(crate) fn new(config: &FieldConfig, default: &str, theme: Theme) -> Scheme {
        let color = config.get("color");
        let text = |key: &str| color.and_then(|color| color.get(key)).and_then(Value::as_str);
        let fixed = || named(text("fixedColor").unwrap_or("gray"), theme);
        let mode = match text("mode").unwrap_or(default) {
            "palette-classic" => Mode::Classic,
            "palette-classic-by-name" => Mode::ByName,
            "fixed" => Mode::Fixed(fixed()),
            "shades" => Mode::Shades(fixed().unwrap_or(FALLBACK)),
            other => continuous(other, theme).map_or(Mode::Thresholds, Mode::Continuous),
        };
        let series_by = text("seriesBy").and_then(Calculation::parse).unwrap_or(Calculation::Last);
        Scheme { mode, series_by, thresholds: Thresholds::new(config, theme), theme }
    }

    /// The steps.
    pub(crate) fn thresholds(&self) -> &Thresholds {
        &self.thresholds
    }

    /// The colour of a whole series.
    pub(crate) fn of_series(&self, place: Place<'_>, values: &[f64]) -> Option<Rgb> {
        let value = match self.mode {
            Mode::Thresholds | Mode::Continuous(_) => self.series_by.of(values).unwrap_or(0.0),
            _ => 0.0,
        };
        self.of_value(place, value)
    }

    /// The colour of a value; none is transparent.
    pub(crate) fn of_value(&self, place: Place<'_>, value: f64) -> Option<Rgb> {
        match &self.mode {
            Mode::Classic => Some(classic(place.index, self.theme)),
            Mode::ByName => {
                let colors = visible(self.theme);
                Some(colors[string_hash(place.name) as usize % colors.len().max(1)])
            }
            Mode::Fixed(color) => *color,
            Mode::Shades(base) => Some(shade_of(*base, place.index)),
            Mode::Thresholds => self.thresholds.color(value, place.range),
            Mode::Continuous(colors) => Some(spline(colors, super::thresholds::share(value, place.range))),
        }
    }
}

/// The colours that a continuous mode goes through.
fn continuous(mode: &str, theme: Theme) -> Option<Vec<Rgb>> {
    let names: &[&str] = match mode {
        "continuous-GrYlRd" => &["green", "yellow", "red"],
        "continuous-RdYlGr" => &["red", "yellow", "green"],
        "continuous-BlYlRd" => &["dark-blue", "super-light-yellow", "dark-red"],
        "continuous-YlRd" => &["super-light-yellow", "dark-red"],
        "continuous-BlPu" => &["blue", "purple"],
        "continuous-YlBl" => &["super-light-yellow", "dark-blue"],
        "continuous-blues" => &["panel-bg", "dark-blue"],
        "continuous-reds" => &["panel-bg", "dark-red"],
        "continuous-greens" => &["panel-bg", "dark-green"],
        "continuous-purples" => &["panel-bg", "dark-purple"],
        // five points of each of matplotlib's scales
        "continuous-viridis" => &["#440154", "#3b528b", "#21918c", "#5ec962", "#fde725"],
        "continuous-magma" => &["#000004", "#51127c", "#b73779", "#fc8961", "#fcfdbf"],
        "continuous-plasma" => &["#0d0887", "#7e03a8", "#cc4778", "#f89540", "#f0f921"],
        "continuous-inferno" => &["#000004", "#57106e", "#bc3754", "#f98e09", "#fcffa4"],
        "continuous-cividis" => &["#00224e", "#434e6c", "#7d7c78", "#bcae6c", "#fee838"],
        _ => return None,
    };
    Some(names.iter().filter_map(|name| named(name, theme)).collect())
}

/// A uniform B-spline through colours, as d3 has it.
fn spline(colors: &[Rgb], share: f64) -> Rgb {
    let last = colors.len().saturating_sub(1);
    let [first, .., _] = colors else { return colors.first().copied().unwrap_or(FALLBACK) };
    let share = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
    let along = share * last as f64;
    let at = (along.floor() as usize).min(last - 1);
    let t = along - at as f64;
    let part = |of: fn(&Rgb) -> u8| {
        let get = |index: usize| f64::from(of(colors.get(index).unwrap_or(first)));
        let (b, c) = (get(at), get(at + 1));
        let a = if at > 0 { get(at - 1) } else { 2.0 * b - c };
        let d = if at + 2 <= last { get(at + 2) } else { 2.0 * c - b };
        let (t2, t3) = (t * t, t * t * t);
        let sum = (1.0 - 3.0 * t + 3.0 * t2 - t3) * a
            + (4.0 - 6.0 * t2 + 3.0 * t3) * b
            + (1.0 + 3.0 * t + 3.0 * t2 - 3.0 * t3) * c
            + t3 * d;
        to_byte(sum / 6.0)
    };
    Rgb(part(|color| color.0), part(|color| color.1), part(|color| color.2))
}

/// The base colour, then alternately lighter and darker ones, eleven in all.
fn shade_of(base: Rgb, index: usize) -> Rgb {
    let step = index % 11;
    let strength = step.div_ceil(2) as f64 / 6.0 * 0.35;
    match step {
        0 => base,
        step if step % 2 == 1 => between(base, Rgb(255, 255, 255), strength),
        _ => between(base, Rgb(0, 0, 0), strength),
    }
}

/// The npm package string-hash, by which Grafana gives names their colours.
fn string_hash(text: &str) -> u32 {
    let units: Vec<u16> = text.encode_utf16().collect();
    units.iter().rev().fold(5381_u32, |hash, unit| hash.wrapping_mul(33) ^ u32::from(*unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'_> = Place { index: 2, name: "cpu", range: (0.0, 100.0) };

    fn check(config: &str, value: f64, expected: &str) {
        let config = FieldConfig::new(serde_json::from_str(config).expect("JSON"));
        let scheme = Scheme::new(&config, "palette-classic", Theme::Dark);
        assert_eq!(scheme.of_value(PLACE, value), named(expected, Theme::Dark), "{config:?}");
    }

    #[test]
    fn modes() {
        check("{}", 5.0, "blue");
        check(r#"{"color":{"mode":"fixed","fixedColor":"dark-red"}}"#, 5.0, "dark-red");
        check(r#"{"color":{"mode":"fixed","fixedColor":"transparent"}}"#, 5.0, "transparent");
        check(r#"{"color":{"mode":"fixed"}}"#, 5.0, "gray");
        check(r#"{"color":{"mode":7}}"#, 5.0, "blue");
        let steps =
            r#""thresholds":{"mode":"absolute","steps":[{"value":null,"color":"green"},{"value":80,"color":"red"}]}"#;
        check(&format!(r#"{{"color":{{"mode":"thresholds"}},{steps}}}"#), 80.0, "red");
        check(&format!(r#"{{"color":{{"mode":"from-the-future"}},{steps}}}"#), 79.0, "green");
        check(r#"{"color":{"mode":"continuous-GrYlRd"}}"#, 0.0, "green");
        check(r#"{"color":{"mode":"continuous-GrYlRd"}}"#, 1e9, "red");
        check(r#"{"color":{"mode":"continuous-BlPu"}}"#, f64::NAN, "blue");
        check(r#"{"color":{"mode":"shades","fixedColor":"black"}}"#, 0.0, "black");
    }

    #[test]
    fn series_take_the_colour_of_one_value() {
        let config = r#"{"color":{"mode":"thresholds","seriesBy":"max"},"thresholds":{"mode":"percentage","steps":[{"color":"green"},{"value":50,"color":"red"}]}}"#;
        let config = FieldConfig::new(serde_json::from_str(config).expect("JSON"));
        let scheme = Scheme::new(&config, "palette-classic", Theme::Light);
        let wide = Place { range: (0.0, 1_000.0), ..PLACE };
        assert_eq!(scheme.of_series(wide, &[1.0, 600.0, 2.0]), named("red", Theme::Light));
        assert_eq!(scheme.of_series(wide, &[1.0, 400.0, 2.0]), named("green", Theme::Light));
    }

    #[test]
    fn hashes_are_those_of_string_hash() {
        assert_eq!(string_hash(""), 5381);
        assert_eq!(string_hash("a"), 177_604);
    }
}
