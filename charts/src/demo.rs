//! A panel with invented data, always the same: for `wirephoto render`, the benchmark and the golden pictures.
//!
//! It is not random and reads no clock.

use jiff::tz::TimeZone;

use crate::{Axis, Mark, MarkKind, Panel, Rgb, Role, Series, Side, Stat, StatValue, Threshold, Unit};

/// 2026-10-24 20:10 in Berlin, the evening before the clocks go back.
const FROM_MS: i64 = 1_792_865_400_000;
const HOURS: i64 = 7;
const SERVICES: [&str; 10] =
    ["payments", "gateway", "inventory", "recommend", "auth", "shipping", "search", "catalogue", "cart", "checkout"];
const LEVELS: [f64; 10] = [120.0, 235.0, 215.0, 190.0, 165.0, 145.0, 105.0, 85.0, 60.0, 35.0];

/// Ten services' latency over seven hours; one of them goes over the threshold.
pub fn panel() -> Panel {
    panel_of(10, 500)
}

/// The same with any number of series and of points per series.
pub fn panel_of(series: usize, points: usize) -> Panel {
    let length = HOURS * 3_600_000;
    Panel {
        subtitle: Some("histogram_quantile(0.99, sum by (service, le) (rate(request_seconds_bucket[5m])))".to_owned()),
        left: Axis::of(Unit::Milliseconds),
        timezone: TimeZone::get("Europe/Berlin").unwrap_or(TimeZone::UTC),
        series: (0..series).map(|index| service(index, points, length)).collect(),
        thresholds: vec![Threshold::new(250.0, Side::Above)],
        marks: vec![
            Mark { at_ms: FROM_MS + length * 66 / 100, kind: MarkKind::Began, label: "Began".to_owned() },
            Mark { at_ms: FROM_MS + length * 70 / 100, kind: MarkKind::Firing, label: "Firing".to_owned() },
        ],
        ..Panel::new("p99 request latency by service", FROM_MS, FROM_MS + length)
    }
}

/// The last values of five of these services, as a stat panel.
pub fn stat() -> Stat {
    let panel = panel_of(5, 500);
    let value = |series: &Series| {
        let (first, last) = (series.points.first(), series.points.last());
        let (first, last) = (first.map_or(f64::NAN, |point| point.1), last.map_or(f64::NAN, |point| point.1));
        StatValue {
            name: series.name.clone(),
            text: crate::format_value(last, &panel.left.unit, None),
            color: Some(if last > 250.0 { Rgb(0xf2, 0x49, 0x5c) } else { Rgb(0x73, 0xbf, 0x69) }),
            line: series.points.clone(),
            filled: true,
            change: Some(last / first - 1.0),
        }
    };
    Stat {
        subtitle: panel.subtitle.clone(),
        timezone: panel.timezone.clone(),
        values: panel.series.iter().map(value).collect(),
        ..Stat::new(&panel.title, panel.from_ms, panel.to_ms)
    }
}

fn service(index: usize, points: usize, length: i64) -> Series {
    let step = length / points.max(1) as i64;
    let level = LEVELS[index % LEVELS.len()];
    let mut noise = Noise(0x9e37_79b9_7f4a_7c15 ^ (index as u64 + 1).wrapping_mul(0xbf58_476d_1ce4_e5b9));
    let (mut slow, mut fast) = (0.0, 0.0);
    let points = (0..points).map(|point| {
        slow = 0.985 * slow + 5.0 * noise.next();
        fast = 0.4 * fast + 4.0 * noise.next();
        let share = point as f64 / points as f64;
        let rise = if index == 0 { 165.0 * smooth((share - 0.6) / 0.15) } else { 0.0 };
        (FROM_MS + point as i64 * step, (level + slow + fast + rise).max(0.5))
    });
    let name = match SERVICES.get(index) {
        Some(service) => format!("{{service=\"{service}\"}}"),
        None => format!("{{service=\"{}-{index}\"}}", SERVICES[index % SERVICES.len()]),
    };
    let role = if index == 0 { Role::Highlighted } else { Role::Plain };
    Series { role, ..Series::new(name, step, points.collect()) }
}

/// From 0 to 1 without corners.
fn smooth(share: f64) -> f64 {
    let share = share.clamp(0.0, 1.0);
    share * share * (3.0 - 2.0 * share)
}

/// Numbers from -1 to 1 that look random (SplitMix64).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) as f64 / u64::MAX as f64 * 2.0 - 1.0
    }
}
