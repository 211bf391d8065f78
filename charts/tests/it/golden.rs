//! Every picture against its golden file. `UPDATE_GOLDEN=1 cargo test -p wirephoto-charts` rewrites them: look at each.

use std::path::PathBuf;

use charts::{Panel, Style, Theme, View};

use crate::{looks, panels};

pub const SMALL: Style = Style { width: 1000, height: 500, scale: 1, theme: Theme::Dark };

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.png"))
}

/// Width, height and pixels of a PNG.
pub fn decode(bytes: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    (info.width, info.height, pixels)
}

/// The picture is drawn without SIMD and should be equal to the bit; the tolerance is for another libm.
pub fn check<'a>(name: &str, panel: impl Into<View<'a>>, style: &Style) -> Result<(), String> {
    let picture = charts::render(panel, style).unwrap();
    let file = file(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, &picture.bytes).unwrap();
        return Ok(());
    }
    let golden = std::fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let (width, height, expected) = decode(&golden);
    let (_, _, pixels) = decode(&picture.bytes);
    if (width, height) != (picture.width, picture.height) {
        return Err(format!("{name}: is {}x{}, was {width}x{height}", picture.width, picture.height));
    }
    let differs = |(a, b): (&[u8], &[u8])| a.iter().zip(b).any(|(a, b)| a.abs_diff(*b) > 16);
    let different = pixels.chunks(3).zip(expected.chunks(3)).filter(|pair| differs(*pair)).count();
    if different * 1000 > (width * height) as usize {
        let seen = std::env::temp_dir().join(format!("{name}.png"));
        std::fs::write(&seen, &picture.bytes).unwrap();
        return Err(format!("{name}: {different} pixels differ, see {} and {}", seen.display(), file.display()));
    }
    Ok(())
}

fn check_all(cases: impl Iterator<Item = (String, Panel, Style)>) {
    let failed: Vec<String> = cases.filter_map(|(name, panel, style)| check(&name, &panel, &style).err()).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn every_panel_looks_as_its_golden_picture() {
    check_all(panels::all().into_iter().map(|(name, panel)| (name.to_owned(), panel, SMALL)));
}

#[test]
fn so_does_the_light_theme() {
    let chosen = ["ten_series", "threshold_below", "muted", "no_data", "crowded_marks"];
    let panels = panels::all().into_iter().filter(|(name, _)| chosen.contains(name));
    let style = Style { theme: Theme::Light, ..SMALL };
    check_all(panels.map(|(name, panel)| (format!("{name}_light"), panel, style)));
}

/// At the size of a panel of twelve columns and eight rows on a wide screen.
#[test]
fn looks_of_dashboards_are_the_same_in_both_themes() {
    let style = Style { width: 800, height: 400, ..SMALL };
    check_all(looks::all().into_iter().flat_map(|(name, panel)| {
        let light = (format!("{name}_light"), panel.clone(), Style { theme: Theme::Light, ..style });
        [(name.to_owned(), panel, style), light]
    }));
}

#[test]
fn and_other_sizes() {
    let sizes = [("2x", 1000, 500, 2), ("narrow", 400, 300, 2), ("tiny", 100, 100, 1), ("flat", 800, 160, 1)];
    let case = |(name, width, height, scale)| {
        let style = Style { width, height, scale, ..SMALL };
        (format!("ten_series_{name}"), charts::demo::panel(), style)
    };
    check_all(sizes.into_iter().map(case));
    let looks = [("latency_smooth", 400, 300, 2), ("right_axis", 240, 180, 1), ("cpu_stacked", 120, 100, 1)];
    let case = |(name, width, height, scale)| {
        let name = format!("look_{name}");
        let panel = looks::all().into_iter().find(|(other, _)| *other == name).unwrap().1;
        (format!("{name}_{width}"), panel, Style { width, height, scale, ..SMALL })
    };
    check_all(looks.into_iter().map(case));
}
