//! Colours by name, as Grafana names them, and the palette of its classic series.
//!
//! The values are those of grafana-data's `createVisualizationColors.ts`. Deliberately unknown here: which colour belongs to a value.

use charts::{Rgb, Theme};

/// What is drawn with a colour that Grafana does not know.
pub(super) const FALLBACK: Rgb = Rgb(0x80, 0x80, 0x80);

const SHADES: [&str; 5] = ["super-light-", "light-", "", "semi-dark-", "dark-"];

/// A hue's six steps from light to dark; the dark theme uses the first five, the light theme the last five.
const HUES: [(&str, [u32; 5], [u32; 5]); 6] = [
    ("red", [0xffa6b0, 0xff7383, 0xf2495c, 0xe02f44, 0xc4162a], [0xff7383, 0xf2495c, 0xe02f44, 0xc4162a, 0xad0317]),
    ("orange", [0xffcb7d, 0xffb357, 0xff9830, 0xff780a, 0xfa6400], [0xffb357, 0xff9830, 0xff780a, 0xfa6400, 0xe55400]),
    ("yellow", [0xfff899, 0xffee52, 0xfade2a, 0xf2cc0c, 0xe0b400], [0xffee52, 0xfade2a, 0xf2cc0c, 0xe0b400, 0xcc9d00]),
    ("green", [0xc8f2c2, 0x96d98d, 0x73bf69, 0x56a64b, 0x37872d], [0x96d98d, 0x73bf69, 0x56a64b, 0x37872d, 0x19730e]),
    ("blue", [0xc0d8ff, 0x8ab8ff, 0x5794f2, 0x3274d9, 0x1f60c4], [0x8ab8ff, 0x5794f2, 0x3274d9, 0x1f60c4, 0x1250b0]),
    ("purple", [0xdeb6f2, 0xca95e5, 0xb877d9, 0xa352cc, 0x8f3bb8], [0xca95e5, 0xb877d9, 0xa352cc, 0x8f3bb8, 0x7c2ea3]),
];

/// The words of the web that dashboards use (<https://www.w3.org/TR/css-color-4/#named-colors>).
const WORDS: [(&str, u32); 44] = [
    ("aqua", 0x00ffff),
    ("black", 0x000000),
    ("brown", 0xa52a2a),
    ("chocolate", 0xd2691e),
    ("coral", 0xff7f50),
    ("crimson", 0xdc143c),
    ("cyan", 0x00ffff),
    ("darkblue", 0x00008b),
    ("darkcyan", 0x008b8b),
    ("darkgray", 0xa9a9a9),
    ("darkgreen", 0x006400),
    ("darkorange", 0xff8c00),
    ("darkred", 0x8b0000),
    ("deeppink", 0xff1493),
    ("deepskyblue", 0x00bfff),
    ("dodgerblue", 0x1e90ff),
    ("firebrick", 0xb22222),
    ("forestgreen", 0x228b22),
    ("fuchsia", 0xff00ff),
    ("gold", 0xffd700),
    ("gray", 0x808080),
    ("grey", 0x808080),
    ("hotpink", 0xff69b4),
    ("indigo", 0x4b0082),
    ("khaki", 0xf0e68c),
    ("lightblue", 0xadd8e6),
    ("lightgray", 0xd3d3d3),
    ("lightgreen", 0x90ee90),
    ("lime", 0x00ff00),
    ("magenta", 0xff00ff),
    ("maroon", 0x800000),
    ("navy", 0x000080),
    ("olive", 0x808000),
    ("orchid", 0xda70d6),
    ("pink", 0xffc0cb),
    ("royalblue", 0x4169e1),
    ("salmon", 0xfa8072),
    ("silver", 0xc0c0c0),
    ("skyblue", 0x87ceeb),
    ("steelblue", 0x4682b4),
    ("teal", 0x008080),
    ("tomato", 0xff6347),
    ("violet", 0xee82ee),
    ("white", 0xffffff),
];

/// Series in their order.
const CLASSIC: [&str; 64] = [
    "green",
    "yellow",
    "blue",
    "orange",
    "red",
    "purple",
    "dark-green",
    "dark-yellow",
    "dark-blue",
    "dark-orange",
    "dark-red",
    "dark-purple",
    "super-light-green",
    "super-light-yellow",
    "super-light-blue",
    "super-light-orange",
    "super-light-red",
    "super-light-purple",
    "#447ebc",
    "#c15c17",
    "#890f02",
    "#0a437c",
    "#6d1f62",
    "#584477",
    "#b7dbab",
    "#f4d598",
    "#70dbed",
    "#f9ba8f",
    "#f29191",
    "#82b5d8",
    "#e5a8e2",
    "#aea2e0",
    "#629e51",
    "#e5ac0e",
    "#64b0c8",
    "#e0752d",
    "#bf1b00",
    "#0a50a1",
    "#962d82",
    "#614d93",
    "#9ac48a",
    "#f2c96d",
    "#65c5db",
    "#f9934e",
    "#ea6460",
    "#5195ce",
    "#d683ce",
    "#806eb7",
    "#3f6833",
    "#967302",
    "#2f575e",
    "#99440a",
    "#58140c",
    "#052b51",
    "#511749",
    "#3f2b5b",
    "#e0f9d7",
    "#fceaca",
    "#cffaff",
    "#f9e2d2",
    "#fce2de",
    "#badff4",
    "#f9d9f9",
    "#dedaf7",
];

/// The colour of this name or notation (`dark-red`, `#e02f44`, `rgba(224, 47, 68, 0.9)`); none if it is transparent. What is
/// half transparent is mixed with the panel's background.
pub(crate) fn named(name: &str, theme: Theme) -> Option<Rgb> {
    let name = name.trim();
    match name {
        "transparent" => return None,
        "panel-bg" => return Some(background(theme)),
        "text" => return Some(by_theme(theme, 0xccccdc, 0x24292e)),
        _ => {}
    }
    if let Some(color) = shade(name, theme) {
        return Some(color);
    }
    let lower = name.to_lowercase();
    if let Some(digits) = lower.strip_prefix('#') {
        return hex(digits).map_or(Some(FALLBACK), |(color, alpha)| mixed(color, alpha, theme));
    }
    if lower.starts_with("rgb") {
        return function(&lower).map_or(Some(FALLBACK), |(color, alpha)| mixed(color, alpha, theme));
    }
    let word = WORDS.iter().find(|(word, _)| *word == lower);
    Some(word.map_or(FALLBACK, |(_, value)| rgb(*value)))
}

/// The colour of the `index`th series.
pub(super) fn classic(index: usize, theme: Theme) -> Rgb {
    named(CLASSIC[index % CLASSIC.len()], theme).unwrap_or(FALLBACK)
}

/// The palette without the colours that are hard to see on the panel: for colours by name.
pub(super) fn visible(theme: Theme) -> Vec<Rgb> {
    /// Grafana's `contrastThreshold`.
    const CONTRAST: f64 = 3.0;
    let all = (0..CLASSIC.len()).map(|index| classic(index, theme));
    all.filter(|color| contrast(*color, background(theme)) >= CONTRAST).collect()
}

/// Behind the series.
pub(super) fn background(theme: Theme) -> Rgb {
    by_theme(theme, 0x181b1f, 0xffffff)
}

/// The colour between two, `share` of the way from the first.
pub(super) fn between(from: Rgb, to: Rgb, share: f64) -> Rgb {
    let mix = |a: u8, b: u8| to_byte(f64::from(a) + (f64::from(b) - f64::from(a)) * share);
    Rgb(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

pub(super) fn to_byte(value: f64) -> u8 {
    value.round().clamp(0.0, 255.0) as u8
}

fn shade(name: &str, theme: Theme) -> Option<Rgb> {
    let (hue, dark, light) = HUES.iter().find(|(hue, ..)| name.ends_with(hue))?;
    let at = SHADES.iter().position(|shade| name.strip_suffix(hue) == Some(*shade))?;
    Some(by_theme(theme, dark[at], light[at]))
}

fn by_theme(theme: Theme, dark: u32, light: u32) -> Rgb {
    rgb(if theme == Theme::Dark { dark } else { light })
}

fn rgb(hex: u32) -> Rgb {
    let [_, red, green, blue] = hex.to_be_bytes();
    Rgb(red, green, blue)
}

/// Three, four, six or eight digits.
fn hex(digits: &str) -> Option<(Rgb, f64)> {
    if !digits.is_ascii() {
        return None;
    }
    let doubled: String = match digits.len() {
        3 | 4 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
        6 | 8 => digits.to_owned(),
        _ => return None,
    };
    let value = u32::from_str_radix(&doubled, 16).ok()?;
    if doubled.len() == 6 {
        return Some((rgb(value), 1.0));
    }
    let [red, green, blue, alpha] = value.to_be_bytes();
    Some((Rgb(red, green, blue), f64::from(alpha) / 255.0))
}

/// `rgb(1, 2, 3)` and `rgba(1, 2, 3, 0.5)`.
fn function(text: &str) -> Option<(Rgb, f64)> {
    let inside = text.split_once('(')?.1.split(')').next()?;
    let numbers: Vec<f64> = inside.split([',', ' ', '/']).filter_map(|part| part.trim().parse().ok()).collect();
    let [red, green, blue, rest @ ..] = numbers.as_slice() else { return None };
    Some((Rgb(to_byte(*red), to_byte(*green), to_byte(*blue)), rest.first().copied().unwrap_or(1.0)))
}

fn mixed(color: Rgb, alpha: f64, theme: Theme) -> Option<Rgb> {
    (alpha > 0.0).then(|| between(background(theme), color, alpha.min(1.0)))
}

/// The contrast of two colours, 1 to 21 (<https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio>).
fn contrast(a: Rgb, b: Rgb) -> f64 {
    let linear = |value: u8| match f64::from(value) / 255.0 {
        value if value <= 0.03928 => value / 12.92,
        value => ((value + 0.055) / 1.055).powf(2.4),
    };
    let luminance = |Rgb(r, g, b): Rgb| 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, dark: Option<u32>, light: Option<u32>) {
        assert_eq!(named(name, Theme::Dark), dark.map(rgb), "{name}");
        assert_eq!(named(name, Theme::Light), light.map(rgb), "{name}");
    }

    #[test]
    fn names_and_notations() {
        check("green", Some(0x73bf69), Some(0x56a64b));
        check("super-light-blue", Some(0xc0d8ff), Some(0x8ab8ff));
        check("semi-dark-orange", Some(0xff780a), Some(0xfa6400));
        check("dark-red", Some(0xc4162a), Some(0xad0317));
        check("#E02F44", Some(0xe02f44), Some(0xe02f44));
        check("#abc", Some(0xaabbcc), Some(0xaabbcc));
        check("#00000000", None, None);
        check("rgb(1, 2,3)", Some(0x010203), Some(0x010203));
        check("rgba(255, 255, 255, 0)", None, None);
        check("rgba(0, 0, 0, 0.5)", Some(0x0c0e10), Some(0x808080));
        check("transparent", None, None);
        check("Gold", Some(0xffd700), Some(0xffd700));
        for wrong in ["", "#", "#12", "#ééé", "rgb", "rgb(", "rgba(1,2)", "-red", "extra-dark-red", "\u{202e}"] {
            check(wrong, Some(0x808080), Some(0x808080));
        }
    }

    #[test]
    fn the_palette_goes_round() {
        assert_eq!(classic(1, Theme::Dark), rgb(0xfade2a));
        assert_eq!(classic(64, Theme::Dark), classic(0, Theme::Dark));
        let seen = visible(Theme::Dark);
        assert!(seen.len() < 64 && !seen.contains(&rgb(0x052b51)), "{}", seen.len());
    }
}
