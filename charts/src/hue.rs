//! Colours turned and made lighter or darker: what Grafana's gradient by hue is made of.
//!
//! It does not know what is painted.

use crate::Rgb;

/// Turns the hue by so many degrees and changes the lightness by a share of all light (as tinycolor's `spin`, `lighten`
/// and `darken` do).
pub(crate) fn turned(color: Rgb, degrees: f32, lighter: f32) -> Rgb {
    let (hue, saturation, lightness) = hsl(color);
    rgb((hue + degrees).rem_euclid(360.0), saturation, (lightness + lighter).clamp(0.0, 1.0))
}

/// Hue in degrees, saturation and lightness as shares.
fn hsl(Rgb(red, green, blue): Rgb) -> (f32, f32, f32) {
    let [red, green, blue] = [red, green, blue].map(|part| f32::from(part) / 255.0);
    let (most, least) = (red.max(green).max(blue), red.min(green).min(blue));
    let (lightness, range) = (0.5 * (most + least), most - least);
    if range == 0.0 {
        return (0.0, 0.0, lightness);
    }
    let sixths = match most {
        most if most == red => (green - blue) / range,
        most if most == green => (blue - red) / range + 2.0,
        _ => (red - green) / range + 4.0,
    };
    ((60.0 * sixths).rem_euclid(360.0), range / (1.0 - (2.0 * lightness - 1.0).abs()), lightness)
}

fn rgb(hue: f32, saturation: f32, lightness: f32) -> Rgb {
    let part = |offset: f32| {
        let turn = (offset + hue / 30.0) % 12.0;
        let amount = saturation * lightness.min(1.0 - lightness);
        let value = lightness - amount * (turn - 3.0).min(9.0 - turn).clamp(-1.0, 1.0);
        (value * 255.0).round() as u8
    };
    Rgb(part(0.0), part(8.0), part(4.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_turn() {
        let check = |color, degrees, lighter, expected| assert_eq!(turned(color, degrees, lighter), expected);
        check(Rgb(255, 0, 0), 120.0, 0.0, Rgb(0, 255, 0));
        check(Rgb(255, 0, 0), -120.0, 0.0, Rgb(0, 0, 255));
        check(Rgb(255, 0, 0), 0.0, 0.25, Rgb(255, 128, 128));
        check(Rgb(100, 100, 100), 77.0, 0.0, Rgb(100, 100, 100));
        check(Rgb(0, 0, 0), 10.0, -0.5, Rgb(0, 0, 0));
        check(Rgb(0x5b, 0x9c, 0xf5), 0.0, 0.0, Rgb(0x5b, 0x9c, 0xf5));
    }
}
