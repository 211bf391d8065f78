//! Plans: cases, and what holds of every plan.

use proptest::prelude::*;

use super::*;
use crate::ports::LatePictures;

const PNG: &[Format] = &[Format::Png];
const JPEG: &[Format] = &[Format::Jpeg];
const KB: u64 = 1024;

fn limits(ways: &[Way], max_count: usize, max_bytes: u64, max_total_bytes: u64) -> PictureLimits {
    PictureLimits {
        ways: ways.to_vec(),
        max_count,
        max_bytes,
        max_total_bytes,
        max_pixels: (2000, 2000),
        formats: PNG,
        late: LatePictures::No,
    }
}

fn picture(size: u64) -> Candidate {
    Candidate { size, pixels: (1000, 500), has_bytes: true, has_link: true }
}

/// Prints a plan: `0 embed`, `1 attach<4096`, `sheet 2,3`, `out 4`.
fn print(plan: &Plan) -> String {
    let mut words: Vec<String> = plan
        .shown
        .iter()
        .map(|planned| {
            let target = planned.encode.map_or(String::new(), |target| format!("<{}", target.max_bytes / KB));
            format!("{} {}{target}", planned.picture, format!("{:?}", planned.way).to_lowercase())
        })
        .collect();
    words
        .extend(plan.sheet.as_ref().map(|sheet| format!("sheet {:?}<{}", sheet.pictures, sheet.encode.max_bytes / KB)));
    if !plan.left_out.is_empty() {
        words.push(format!("out {:?}", plan.left_out));
    }
    words.join(", ")
}

fn check(pictures: &[Candidate], limits: &PictureLimits, sheet: usize, expected: &str) {
    assert_eq!(print(&fit(pictures, limits, Policy { sheet })), expected);
}

#[test]
fn takes_the_preferred_way_that_the_picture_allows() {
    let limits = limits(&[Way::Embed, Way::Link], 9, 100 * KB, 900 * KB);
    let no_bytes = Candidate { has_bytes: false, ..picture(KB) };
    let nothing = Candidate { has_link: false, ..no_bytes };
    check(&[picture(KB), no_bytes, nothing], &limits, 0, "0 embed, 1 link, out [2]");
    check(&[picture(KB)], &PictureLimits::none(), 0, "out [0]");
}

#[test]
fn what_exceeds_the_count_is_left_out_or_put_on_a_sheet() {
    let limits = limits(&[Way::Attach], 3, 100 * KB, 900 * KB);
    let five = [picture(KB); 5];
    check(&five, &limits, 0, "0 attach, 1 attach, 2 attach, out [3, 4]");
    check(&five, &limits, 9, "0 attach, 1 attach, sheet [2, 3, 4]<100");
    check(&five, &limits, 2, "0 attach, 1 attach, sheet [2, 3]<100, out [4]");
    check(&five[..3], &limits, 9, "0 attach, 1 attach, 2 attach");
    let one = PictureLimits { max_count: 1, ..limits.clone() };
    check(&five, &one, 9, "sheet [0, 1, 2, 3, 4]<100");
    let none = PictureLimits { max_count: 0, ..limits };
    check(&five, &none, 9, "out [0, 1, 2, 3, 4]");
}

#[test]
fn a_sheet_needs_bytes() {
    let limits = limits(&[Way::Link], 2, 100 * KB, 900 * KB);
    check(&[picture(KB); 4], &limits, 9, "0 link, 1 link, out [2, 3]");
    let mixed = PictureLimits { ways: vec![Way::Link, Way::Attach], ..limits };
    let no_bytes = Candidate { has_bytes: false, ..picture(KB) };
    check(&[picture(KB), picture(KB), no_bytes, picture(KB)], &mixed, 9, "0 link, sheet [1, 3]<100, out [2]");
}

#[test]
fn what_is_too_large_is_encoded_smaller() {
    let limits = limits(&[Way::Embed], 9, 100 * KB, 900 * KB);
    let wide = Candidate { pixels: (3000, 500), ..picture(KB) };
    check(&[picture(100 * KB), picture(101 * KB), wide], &limits, 0, "0 embed, 1 embed<100, 2 embed<100");
    let jpeg = PictureLimits { formats: JPEG, ..limits };
    let plan = fit(&[picture(KB)], &jpeg, Policy::default());
    assert_eq!(plan.shown[0].encode.map(|target| target.format), Some(Format::Jpeg));
}

#[test]
fn small_pictures_keep_their_bytes_and_large_ones_share_the_rest() {
    let limits = limits(&[Way::Attach], 9, 100 * KB, 100 * KB);
    check(&[picture(80 * KB), picture(20 * KB), picture(90 * KB)], &limits, 0, "0 attach<40, 1 attach, 2 attach<40");
}

#[test]
fn too_many_for_the_total_are_linked_or_left_out_from_the_end() {
    let attach = limits(&[Way::Attach], 9, 8 * KB, 8 * KB);
    check(&[picture(8 * KB); 4], &attach, 0, "0 attach<4, 1 attach<4, out [2, 3]");
    let linked = PictureLimits { ways: vec![Way::Attach, Way::Link], ..attach };
    check(&[picture(8 * KB); 4], &linked, 0, "0 attach<4, 1 attach<4, 2 link, 3 link");
}

fn any_limits() -> impl Strategy<Value = PictureLimits> {
    let ways = prop::sample::subsequence(vec![Way::Embed, Way::Attach, Way::Link], 0..=3).prop_shuffle();
    let formats = prop_oneof![Just(PNG), Just(JPEG), Just(&[] as &[Format])];
    (ways, 0..6usize, 0..200_000u64, 0..400_000u64, 0..3000u32, formats).prop_map(
        |(ways, max_count, max_bytes, max_total_bytes, width, formats)| PictureLimits {
            formats,
            max_pixels: (width, 1000),
            ..limits(&ways, max_count, max_bytes, max_total_bytes)
        },
    )
}

fn any_pictures() -> impl Strategy<Value = Vec<Candidate>> {
    let picture = (0..300_000u64, 1..4000u32, any::<bool>(), any::<bool>());
    let picture = picture.prop_map(|(size, width, has_bytes, has_link)| Candidate {
        size,
        pixels: (width, 500),
        has_bytes,
        has_link,
    });
    prop::collection::vec(picture, 0..10)
}

proptest! {
    #[test]
    fn a_plan_never_exceeds_the_limits(pictures in any_pictures(), limits in any_limits(), sheet in 0..5usize) {
        let plan = fit(&pictures, &limits, Policy { sheet });
        prop_assert!(plan.shown.len() + usize::from(plan.sheet.is_some()) <= limits.max_count);
        let mut total = plan.sheet.as_ref().map_or(0, |sheet| sheet.encode.max_bytes);
        for planned in &plan.shown {
            prop_assert!(limits.ways.contains(&planned.way));
            let candidate = pictures[planned.picture];
            if planned.way == Way::Link {
                prop_assert!(candidate.has_link);
                continue;
            }
            prop_assert!(candidate.has_bytes);
            let size = planned.encode.map_or(candidate.size, |target| target.max_bytes);
            let width = planned.encode.map_or(candidate.pixels.0, |target| target.max_pixels.0);
            let format = planned.encode.map_or(Format::Png, |target| target.format);
            prop_assert!(size <= limits.max_bytes && width <= limits.max_pixels.0);
            prop_assert!(limits.formats.contains(&format));
            total += size;
        }
        prop_assert!(total <= limits.max_total_bytes || total == 0);
        if let Some(made) = &plan.sheet {
            prop_assert!((2..=sheet).contains(&made.pictures.len()));
            prop_assert!(made.encode.max_bytes <= limits.max_bytes);
            prop_assert!(made.pictures.iter().all(|at| pictures[*at].has_bytes));
        }
    }

    #[test]
    fn no_picture_is_lost_or_shown_twice(pictures in any_pictures(), limits in any_limits(), sheet in 0..5usize) {
        let plan = fit(&pictures, &limits, Policy { sheet });
        let shown = plan.shown.iter().map(|planned| planned.picture);
        prop_assert!(shown.clone().is_sorted() && plan.left_out.is_sorted());
        let sheet = plan.sheet.iter().flat_map(|sheet| sheet.pictures.iter().copied());
        let mut all: Vec<usize> = shown.chain(sheet).chain(plan.left_out.iter().copied()).collect();
        all.sort_unstable();
        prop_assert_eq!(all, (0..pictures.len()).collect::<Vec<_>>());
    }

    #[test]
    fn what_fits_as_it_is_stays_as_it_is(count in 0..5usize, size in 0..KB * 10) {
        let limits = limits(&[Way::Embed], 5, 10 * KB, 50 * KB);
        let plan = fit(&vec![picture(size); count], &limits, Policy { sheet: 9 });
        prop_assert!(plan.shown.iter().all(|planned| planned.encode.is_none()));
        prop_assert_eq!(plan.shown.len(), count);
    }
}
