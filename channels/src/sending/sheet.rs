//! The contact sheet: several pictures drawn as one, for channels that take fewer than there are.
//!
//! Deliberately unknown here: which pictures go onto it, and how it is sent.

use alerts::{
    fit::Target,
    picture::{Picture, PictureId},
};
use sha2::{Digest, Sha256};

use super::{
    pixels::{Pixels, decode},
    shrink::{ShrinkError, Smaller, fitted},
};

/// The most pictures of a sheet: more would show nothing of any.
pub const MOST: usize = 12;

/// The widest a sheet is drawn, in pixels.
const WIDTH: u32 = 1_600;

/// Between pictures and around them, in pixels.
const GAP: u32 = 8;

/// The colour between pictures: a grey that both themes stand out from.
const BETWEEN: [u8; 3] = [0x80, 0x80, 0x80];

/// Draws the sheet of pictures that have bytes, in order, row by row. Blocks.
///
/// # Errors
/// When a picture cannot be read, or the sheet cannot be made to fit.
pub fn draw(pictures: &[Picture], target: Target) -> Result<Smaller, ShrinkError> {
    let read: Vec<Pixels> =
        pictures.iter().map(|one| decode(one.bytes.as_deref().unwrap_or_default())).collect::<Result<_, _>>()?;
    together(&read, target)
}

fn together(read: &[Pixels], target: Target) -> Result<Smaller, ShrinkError> {
    let columns = columns(read.len());
    let widest = read.iter().map(|one| one.width).max().unwrap_or(1);
    let cell_width = ((WIDTH - GAP) / columns - GAP).min(widest);
    let width = columns * (cell_width + GAP) + GAP;
    let tallest = read.iter().map(|one| f64::from(one.height) / f64::from(one.width)).fold(0.1, f64::max);
    let cell_height = ((f64::from(cell_width) * tallest.min(2.0)) as u32).max(1);
    let rows = (read.len() as u32).div_ceil(columns);
    let mut sheet = Pixels::filled(width, rows * (cell_height + GAP) + GAP, BETWEEN);
    for (at, picture) in read.iter().enumerate() {
        let at = at as u32;
        let (x, y) = (at % columns * (cell_width + GAP) + GAP, at / columns * (cell_height + GAP) + GAP);
        let cell = picture.within(cell_width, cell_height);
        sheet.paste(&cell, x + (cell_width - cell.width) / 2, y + (cell_height - cell.height) / 2);
    }
    fitted(&sheet, target)
}

/// The sheet as a picture: named after what is on it, so that a repeated attempt has the same name.
pub fn picture(of: &[Picture], drawn: Smaller) -> Picture {
    let mut hash = Sha256::new();
    of.iter().for_each(|one| hash.update(one.record.id.0.as_bytes()));
    let id: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let titles: Vec<&str> = of.iter().map(|one| one.record.title.as_str()).collect();
    let alts: Vec<&str> = of.iter().map(|one| one.record.alt.as_str()).collect();
    let mut sheet = of[0].clone();
    sheet.record.id = PictureId(format!("sheet-{id}").into());
    sheet.record.title = format!("{} panels: {}", of.len(), titles.join(", "));
    sheet.record.alt = alts.join("; ");
    sheet.url = None;
    sheet.alerts = of.iter().flat_map(|one| one.alerts.iter().copied()).collect();
    sheet.alerts.sort_unstable();
    sheet.alerts.dedup();
    super::fit::replace(&mut sheet, drawn);
    sheet
}

/// Two beside each other for up to four, three for more.
const fn columns(count: usize) -> u32 {
    match count {
        0 | 1 => 1,
        2..=4 => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use alerts::ports::Format;

    use super::*;
    use crate::sending::pixels::encode;

    fn pixels(width: u32, height: u32, colour: [u8; 3]) -> Vec<u8> {
        encode(&Pixels::filled(width, height, colour), Format::Png).unwrap()
    }

    fn colour_at(sheet: &Pixels, x: u32, y: u32) -> [u8; 3] {
        let at = (y * sheet.width + x) as usize * 3;
        sheet.bytes[at..at + 3].try_into().unwrap()
    }

    #[test]
    fn each_picture_has_its_place() {
        const COLOURS: [[u8; 3]; 5] = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0], [0, 255, 255]];
        let files: Vec<Vec<u8>> = COLOURS.iter().map(|colour| pixels(800, 400, *colour)).collect();
        let read: Vec<Pixels> = files.iter().map(|file| decode(file).unwrap()).collect();
        let target = Target { max_bytes: u64::MAX, max_pixels: (10_000, 10_000), format: Format::Png };
        let drawn = together(&read, target).unwrap();
        let sheet = decode(&drawn.file).unwrap();
        assert_eq!((sheet.width, sheet.height), (1_598, 2 * (261 + GAP) + GAP));
        for (at, colour) in COLOURS.iter().enumerate() {
            let (x, y) = (at as u32 % 3 * 530 + 270, at as u32 / 3 * 269 + 130);
            assert_eq!(colour_at(&sheet, x, y), *colour, "picture {at}");
        }
        assert_eq!(colour_at(&sheet, 1_400, 400), BETWEEN, "the sixth place is empty");
        assert_eq!(colour_at(&sheet, 2, 2), BETWEEN);
    }

    #[test]
    fn a_sheet_keeps_its_target() {
        let read: Vec<Pixels> = (0..12).map(|at| Pixels::filled(1_000, 500, [at * 20, 0, 0])).collect();
        let drawn = together(&read, Target { max_bytes: 9_000, max_pixels: (700, 700), format: Format::Jpeg }).unwrap();
        assert!(drawn.file.len() <= 9_000 && drawn.width <= 700 && drawn.height <= 700, "{}", drawn.file.len());
        assert_eq!(crate::sending::files::mime(&drawn.file), "image/jpeg");
    }
}
