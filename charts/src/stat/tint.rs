//! The colours of a tile: its ground, and words that can be read on it.
//!
//! It does not know where anything stands.

use super::{ColorMode, StatValue};
use crate::raster::{Ink, Painter, Point, Rect, at};
use crate::theme::Colors;
use crate::{Rgb, Theme};

/// The colours of one tile.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tint {
    /// From left to right; none: the panel's own ground.
    pub(super) ground: Option<(Rgb, Rgb)>,
    pub(super) value: Rgb,
    pub(super) name: Rgb,
    pub(super) line: Ink,
    pub(super) fill: Ink,
    /// On a coloured ground a change has the words' colour.
    rises: Rgb,
    falls: Rgb,
    stays: Rgb,
}

const WHITE: Rgb = Rgb(0xff, 0xff, 0xff);
const DARK: Rgb = Rgb(0x18, 0x1b, 0x1f);
/// The least contrast of large words (WCAG 2.1, 1.4.3).
const READABLE: f64 = 3.0;

impl Tint {
    pub(super) fn new(value: &StatValue, mode: ColorMode, theme: Theme) -> Tint {
        let colors = theme.colors();
        let color = value.color.unwrap_or(colors.text);
        let ground = match mode {
            ColorMode::None | ColorMode::Value => return Tint::plain(value.color, mode, colors, theme),
            ColorMode::BackgroundSolid => (color, color),
            ColorMode::Background if theme == Theme::Dark => (turned(color, -0.15, 8.0), turned(color, -0.05, -8.0)),
            ColorMode::Background => (turned(color, 0.105, 8.0), turned(color, 0.035, -8.0)),
        };
        let words = readable_on(ground);
        Tint {
            ground: Some(ground),
            value: words,
            name: words,
            line: Ink::faint(words, 0.75),
            fill: Ink::faint(words, 0.3),
            rises: words,
            falls: words,
            stays: words,
        }
    }

    fn plain(color: Option<Rgb>, mode: ColorMode, colors: &Colors, theme: Theme) -> Tint {
        let line = color.unwrap_or(colors.text);
        let (rises, falls) = match theme {
            Theme::Dark => (Rgb(0x73, 0xbf, 0x69), Rgb(0xf2, 0x49, 0x5c)),
            Theme::Light => (Rgb(0x2f, 0x96, 0x48), Rgb(0xd9, 0x20, 0x38)),
        };
        Tint {
            ground: None,
            value: if mode == ColorMode::Value { line } else { colors.title },
            name: colors.text,
            line: Ink::solid(line),
            fill: Ink::faint(line, 0.25),
            rises,
            falls,
            stays: colors.dim,
        }
    }

    /// The colour of a change.
    pub(super) fn change(&self, change: f64) -> Rgb {
        match change {
            change if change > 0.0 => self.rises,
            change if change < 0.0 => self.falls,
            _ => self.stays,
        }
    }
}

/// Fills a tile with its ground: as many strips as there are shades.
pub(super) fn fill(painter: &mut Painter, tile: &Rect, (from, to): (Rgb, Rgb)) {
    let differences = [(from.0, to.0), (from.1, to.1), (from.2, to.2)].map(|(from, to)| from.abs_diff(to));
    let strips = u16::from(differences.into_iter().max().unwrap_or(0)) + 1;
    for strip in 0..strips {
        let edge = |index: u16| tile.left + f32::from(index) / f32::from(strips) * tile.width();
        let share = (f32::from(strip) + 0.5) / f32::from(strips);
        let rect = Rect { left: edge(strip), right: edge(strip + 1), ..*tile };
        painter.fill(&rect, Ink::solid(between(from, to, share)));
    }
}

/// Rounds the corners of a tile: what lies outside of them gets the panel's colour back.
pub(super) fn round(painter: &mut Painter, tile: &Rect, radius: f32, outside: Rgb) {
    let inwards = |from: f32, by: f32, sign: f32| from + sign * by;
    for (x, y, right, down) in [
        (tile.left, tile.top, 1.0, 1.0),
        (tile.right, tile.top, -1.0, 1.0),
        (tile.right, tile.bottom, -1.0, -1.0),
        (tile.left, tile.bottom, 1.0, -1.0),
    ] {
        let arc = (0..=6_u8).map(|step| {
            let angle = f32::from(step) / 6.0 * std::f32::consts::FRAC_PI_2;
            let (across, along) = (radius * (1.0 - angle.sin()), radius * (1.0 - angle.cos()));
            at(inwards(x, across, right), inwards(y, along, down))
        });
        let corner: Vec<Point> = std::iter::once(at(x, y)).chain(arc).collect();
        painter.polygon(&corner, Ink::solid(outside));
    }
}

/// White where it can be read, as people expect on a colour; else dark, where that is better.
fn readable_on((from, to): (Rgb, Rgb)) -> Rgb {
    let worst = |words: Rgb| contrast(words, from).min(contrast(words, to));
    if worst(WHITE) >= READABLE || worst(WHITE) >= worst(DARK) { WHITE } else { DARK }
}

/// 1 (none) to 21 (black on white), as WCAG 2.1 has it.
fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn luminance(Rgb(red, green, blue): Rgb) -> f64 {
    let linear = |channel: u8| match f64::from(channel) / 255.0 {
        low if low <= 0.04045 => low / 12.92,
        high => ((high + 0.055) / 1.055).powf(2.4),
    };
    0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

fn between(from: Rgb, to: Rgb, share: f32) -> Rgb {
    let mix = |from: u8, to: u8| (f32::from(from) + share * (f32::from(to) - f32::from(from))).round() as u8;
    Rgb(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

/// The colour made lighter by a share of the whole scale (darker where it is negative), its hue turned by degrees.
fn turned(Rgb(red, green, blue): Rgb, lighter: f32, degrees: f32) -> Rgb {
    let [red, green, blue] = [red, green, blue].map(|channel| f32::from(channel) / 255.0);
    let (high, low) = (red.max(green).max(blue), red.min(green).min(blue));
    let (light, spread) = (0.5 * (high + low), high - low);
    let saturation = if spread > 0.0 { spread / (1.0 - (2.0 * light - 1.0).abs()) } else { 0.0 };
    let hue = match high {
        _ if spread <= 0.0 => 0.0,
        high if high == red => 60.0 * ((green - blue) / spread),
        high if high == green => 60.0 * ((blue - red) / spread + 2.0),
        _ => 60.0 * ((red - green) / spread + 4.0),
    };
    let (hue, light) = ((hue + degrees).rem_euclid(360.0), (light + lighter).clamp(0.0, 1.0));
    let reach = saturation * light.min(1.0 - light);
    let channel = |offset: f32| {
        let place = (offset + hue / 30.0).rem_euclid(12.0);
        let value = light - reach * (place - 3.0).min(9.0 - place).clamp(-1.0, 1.0);
        (255.0 * value).round().clamp(0.0, 255.0) as u8
    };
    Rgb(channel(0.0), channel(8.0), channel(4.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREEN: Rgb = Rgb(0x73, 0xbf, 0x69);

    #[test]
    fn words_can_be_read_on_every_colour() {
        for channel in 0..=255_u8 {
            for ground in [Rgb(channel, channel, channel), Rgb(channel, 0x80, 0), Rgb(0xff, channel, 0x20), GREEN] {
                let words = readable_on((ground, ground));
                assert!(contrast(words, ground) >= READABLE, "{words:?} on {ground:?}");
            }
        }
        assert_eq!(readable_on((Rgb(0xe0, 0x2f, 0x44), Rgb(0xe0, 0x2f, 0x44))), WHITE);
        assert_eq!(readable_on((Rgb(0xfa, 0xde, 0x2a), Rgb(0xfa, 0xde, 0x2a))), DARK);
    }

    #[test]
    fn colours_are_turned_and_made_lighter() {
        assert_eq!(turned(GREEN, 0.0, 0.0), GREEN);
        assert_eq!(turned(Rgb(255, 0, 0), 0.0, 120.0), Rgb(0, 255, 0));
        assert_eq!(turned(Rgb(255, 0, 0), -0.25, 0.0), Rgb(128, 0, 0));
        assert_eq!(turned(Rgb(128, 128, 128), 1.0, 77.0), WHITE);
    }
}
