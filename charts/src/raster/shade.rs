//! An ink for each row: fills that fade, or change their hue, from one row to another.
//!
//! It does not know what is filled.

use super::Ink;
use crate::Rgb;

/// One ink from a row on, another from another row on, and in between what lies in between.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Shade {
    pub(crate) from: (f32, Ink),
    pub(crate) to: (f32, Ink),
}

impl Shade {
    /// The same ink for all rows.
    pub(crate) fn flat(ink: Ink) -> Shade {
        Shade { from: (0.0, ink), to: (1.0, ink) }
    }

    /// The ink of a row's middle; where both rows are one, the second ink.
    pub(crate) fn at(&self, row: usize) -> Ink {
        let ((from_row, from), (to_row, to)) = (self.from, self.to);
        let share = (row as f32 + 0.5 - to_row) / (from_row - to_row);
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        let color = if from.color == to.color { to.color } else { between(to.color, from.color, share) };
        Ink::faint(color, to.alpha + (from.alpha - to.alpha) * share)
    }
}

fn between(a: Rgb, b: Rgb, share: f32) -> Rgb {
    let mix = |a: u8, b: u8| (f32::from(a) + (f32::from(b) - f32::from(a)) * share).round() as u8;
    Rgb(mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inks_lie_between_their_rows() {
        let (red, blue) = (Rgb(200, 0, 0), Rgb(0, 0, 100));
        let shade = Shade { from: (0.0, Ink::faint(red, 0.5)), to: (10.0, Ink::faint(blue, 0.0)) };
        let check = |row, color, alpha: f32| {
            let ink = shade.at(row);
            assert_eq!((ink.color, (ink.alpha * 1000.0).round()), (color, alpha * 1000.0), "row {row}");
        };
        check(0, Rgb(190, 0, 5), 0.475);
        check(9, Rgb(10, 0, 95), 0.025);
        check(50, blue, 0.0);
        let nowhere = Shade { from: (3.0, Ink::solid(red)), to: (3.0, Ink::solid(blue)) };
        assert_eq!(nowhere.at(2).color, blue);
    }
}
