//! How far apart the values of a query are: Grafana's arithmetic.
//!
//! Deliberately unknown here: data sources, what is drawn.

use std::time::Duration;

/// Prometheus's scrape interval where the data source does not say another.
pub(super) const SCRAPE: Duration = Duration::from_secs(15);
/// The most values that Prometheus answers: <https://github.com/prometheus/prometheus/blob/main/web/api/v1/api.go>.
const SAFE_POINTS: u128 = 11_000;

/// (from this on, the next is used; milliseconds): `roundInterval` of packages/grafana-data/src/datetime/rangeutil.ts.
const ROUNDED: [(u128, u64); 28] = [
    (10, 1),
    (15, 10),
    (35, 20),
    (75, 50),
    (150, 100),
    (350, 200),
    (750, 500),
    (1_500, 1_000),
    (3_500, 2_000),
    (7_500, 5_000),
    (12_500, 10_000),
    (17_500, 15_000),
    (25_000, 20_000),
    (45_000, 30_000),
    (90_000, 60_000),
    (210_000, 120_000),
    (450_000, 300_000),
    (750_000, 600_000),
    (1_050_000, 900_000),
    (1_500_000, 1_200_000),
    (2_700_000, 1_800_000),
    (5_400_000, 3_600_000),
    (9_000_000, 7_200_000),
    (16_200_000, 10_800_000),
    (32_400_000, 21_600_000),
    (86_400_000, 43_200_000),
    (604_800_000, 86_400_000),
    (1_814_400_000, 604_800_000),
];
/// What is longer than all of them.
const LONGEST: u64 = 2_592_000_000;

/// A stretch of time cut into at most so many steps of a round length, none shorter than the shortest.
pub(super) fn interval(length: Duration, points: u64, shortest: Duration) -> Duration {
    rounded(length.as_millis() / u128::from(points.max(1))).max(shortest).max(Duration::from_millis(1))
}

fn rounded(millis: u128) -> Duration {
    let step = ROUNDED.into_iter().find(|(below, _)| millis < *below).map_or(LONGEST, |(_, step)| step);
    Duration::from_millis(step)
}

/// The step of a Prometheus query (pkg/promlib/models/query.go, `calculatePrometheusInterval`).
pub(super) fn step(length: Duration, points: u64, shortest: Duration, factor: u64) -> Duration {
    let safe = rounded(length.as_millis() / SAFE_POINTS);
    let factor = u32::try_from(factor.max(1)).unwrap_or(u32::MAX);
    interval(length, points, shortest).max(safe).saturating_mul(factor)
}

/// `$__rate_interval`: long enough that it always holds four scrapes.
pub(super) fn rate_interval(step: Duration, scrape: Duration) -> Duration {
    let scrape = if scrape.is_zero() { SCRAPE } else { scrape };
    step.saturating_add(scrape).max(scrape.saturating_mul(4))
}

/// Reads `1m`, `>30s`, `1M`; none where it is nothing of the kind.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let text = text.trim().trim_start_matches('>').trim();
    if let Some(months) = text.strip_suffix('M') {
        return Some(Duration::from_secs(30 * 86_400).saturating_mul(months.parse().ok()?));
    }
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    alerts::duration::parse(text).ok()
}

/// As queries have it: `15s`, `500ms`.
pub(super) fn print(interval: Duration) -> String {
    let millis = interval.as_millis();
    if millis.is_multiple_of(1_000) { format!("{}s", millis / 1_000) } else { format!("{millis}ms") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(length: &str, points: u64, shortest: &str, expected: &str, rate: &str) {
        let read = |text: &str| parse(text).expect("an interval");
        let step = step(read(length), points, read(shortest), 1);
        assert_eq!(print(step), expected, "{length} in {points}");
        assert_eq!(print(rate_interval(step, SCRAPE)), rate, "{length} in {points}");
    }

    #[test]
    fn steps_are_grafanas() {
        check("1h", 1_000, "15s", "15s", "60s");
        check("6h", 1_000, "15s", "20s", "60s");
        check("24h", 1_000, "15s", "60s", "75s");
        check("7d", 1_000, ">30s", "600s", "615s");
        check("1h", 100_000, "1ms", "200ms", "60s");
        check("2h", 1_000, "1m", "60s", "75s");
        check("5y", 0, "1s", "2592000s", "2592015s");
        assert_eq!(parse("auto"), None);
        assert_eq!(parse("$interval"), None);
        assert_eq!(parse("2M"), Some(Duration::from_secs(60 * 86_400)));
    }
}
