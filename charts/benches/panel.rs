//! How long a picture takes on one core, beside the aims: `cargo bench -p wirephoto-charts`.
//!
//! Milliseconds are the median of 200 pictures by the wall clock. Where other programs keep the cores busy, look at the
//! best of the 200 instead. A ratio below 1 is better than the aim.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::time::{Duration, Instant};

use charts::{Style, View, demo};

/// Milliseconds for 10 series of 500 points at scale 1 and 2 (DESIGN.md, section 9).
const AIMS: [(u8, f64); 2] = [(1, 5.0), (2, 12.0)];
const RUNS: usize = 200;

fn main() {
    println!("what       pixels       draw ms  encode ms  total ms  best ms   bytes  aim ms  total / aim  best / aim");
    for (scale, aim) in AIMS {
        let style = Style { scale, ..Style::default() };
        for series in [1, 10, 30] {
            report(&demo::panel_of(series, 500), &style, &format!("{series} series"), (series == 10).then_some(aim));
        }
        report(&demo::stat(), &style, "stat", None);
    }
}

fn report<'a>(panel: impl Into<View<'a>>, style: &Style, what: &str, aim: Option<f64>) {
    let panel = panel.into();
    let (draw, _) = median_and_best(|| drop(charts::draw(panel, style)));
    let (total, best) = median_and_best(|| drop(charts::render(panel, style)));
    let picture = charts::render(panel, style).expect("the style is drawable");
    let pixels = format!("{}x{}", picture.width, picture.height);
    let against = aim.map(|aim| format!("{aim:6.1} {:12.2} {:11.2}", total / aim, best / aim)).unwrap_or_default();
    let (encode, bytes) = ((total - draw).max(0.0), picture.bytes.len());
    println!("{what:<9}  {pixels:<11} {draw:>8.2} {encode:>10.2} {total:>9.2} {best:>8.2} {bytes:>7}  {against}");
}

/// Milliseconds that `work` takes, after a few rounds to warm up.
fn median_and_best(work: impl Fn()) -> (f64, f64) {
    (0..10).for_each(|_| work());
    let mut times: Vec<Duration> = (0..RUNS).map(|_| measure(&work)).collect();
    times.sort();
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    (ms(times[RUNS / 2]), ms(times[0]))
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn measure(work: impl Fn()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}
