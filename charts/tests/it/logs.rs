//! Panels of log lines against their golden pictures, and lines that nobody would write on purpose.

use charts::{LogLevel, LogLine, Logs, Style, Theme};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use crate::golden::{SMALL, check, decode};

/// 2026-11-20 14:40:00 UTC.
const END: i64 = 1_795_185_600_000;

fn line(ago_ms: i64, level: LogLevel, text: &str) -> LogLine {
    LogLine { at_ms: END - ago_ms, level, text: text.to_owned() }
}

fn few() -> Logs {
    use LogLevel::{Critical, Debug, Error, Info, Trace, Unknown, Warning};
    let told = [
        (Critical, "order queue is full: 10000 of 10000"),
        (
            Error,
            "payment provider answered 503 after 2.8 s, order 81732 is not placed and will be tried again in thirty seconds, attempt 3 of 5, trace 6f1d2c, customer 4711, basket of 3 articles worth 120.50 EUR, shop eu-west",
        ),
        (Warning, "connection pool of payments is exhausted: 32 of 32 in use, 118 wait"),
        (Info, "GET /api/cart 200 12ms"),
        (Debug, "cache miss\tkey=price:eu:81732"),
        (Trace, "enter place_order"),
        (Unknown, "Größe µ – no level"),
    ];
    let lines = told.iter().enumerate().map(|(at, (level, text))| line(at as i64 * 12_345 + 7, *level, text));
    Logs {
        subtitle: Some("{app=\"checkout\"} |= \"order\"".to_owned()),
        lines: lines.collect(),
        ..Logs::new("Checkout: what it says", END - 3_600_000, END)
    }
}

fn many() -> Logs {
    let lines = few().lines.into_iter().cycle().take(90).enumerate();
    let lines = lines.map(|(at, line)| LogLine { at_ms: END - at as i64 * 901_000, ..line }).collect();
    let timezone = TimeZone::get("Europe/Berlin").unwrap();
    Logs { cut: true, lines, timezone, from_ms: END - 86_400_000, ..few() }
}

#[test]
fn lines_look_as_their_golden_pictures() {
    let light = Style { theme: Theme::Light, ..SMALL };
    let small = Style { width: 400, height: 200, scale: 2, ..SMALL };
    let none = Logs { lines: Vec::new(), ..few() };
    let cases = [
        ("logs", few(), SMALL),
        ("logs_light", few(), light),
        ("logs_many", many(), SMALL),
        ("logs_small", many(), small),
        ("logs_none", none, SMALL),
    ];
    let failed: Vec<String> =
        cases.into_iter().filter_map(|(name, logs, style)| check(name, &logs, &style).err()).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_lines_give_a_picture_of_the_right_size(
        texts in prop::collection::vec((any::<i64>(), ".{0,300}"), 0..60),
        window in any::<(i64, i64)>(),
        (width, height) in (100..900_u32, 100..600_u32),
    ) {
        let lines = texts.into_iter().map(|(at_ms, text)| LogLine { at_ms, level: LogLevel::Error, text }).collect();
        let logs = Logs { lines, ..Logs::new("\u{202e}x", window.0, window.1) };
        let style = Style { width, height, ..SMALL };
        let picture = charts::render(&logs, &style).unwrap();
        let (across, down, _) = decode(&picture.bytes);
        prop_assert_eq!((across, down), (width, height));
        prop_assert!(!charts::alt_text(&logs).is_empty());
    }
}
