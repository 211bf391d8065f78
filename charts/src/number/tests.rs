//! Values as they are written. The strings are those of Grafana's own tests and source
//! (`packages/grafana-data/src/valueFormats` of <https://github.com/grafana/grafana>), except where a comment says why not.

use super::*;

#[track_caller]
fn check(unit: &str, cases: &[(f64, &str)]) {
    for (value, expected) in cases {
        assert_eq!(format(*value, &Unit::parse(unit), None), *expected, "{value} in {unit}");
    }
}

#[track_caller]
fn check_decimals(cases: &[(&str, f64, u8, &str)]) {
    for (unit, value, decimals, expected) in cases {
        assert_eq!(format(*value, &Unit::parse(unit), Some(*decimals)), *expected, "{value} in {unit}, {decimals}");
    }
}

#[test]
fn values_have_three_significant_digits() {
    check("short", &[(0.0, "0"), (1234.0, "1.23 K"), (999.96, "1 K"), (-2.5e6, "-2.5 Mil"), (0.012_345, "0.0123")]);
    check("short", &[(1e-9, "1.00e-9"), (f64::NAN, "NaN"), (f64::INFINITY, "+Inf")]);
    check("short", &[(4e15, "4 Quadr"), (5e24, "5 Sept"), (1e300, "1.00e276 Sept")]);
    check("none", &[(12_345.0, "12345"), (0.5, "0.5"), (-0.0, "0")]);
    check("percent", &[(95.25, "95.3%"), (100.0, "100%"), (0.0, "0%")]);
    check("percentunit", &[(0.9525, "95.3%"), (0.999_5, "100%"), (1.0, "100%")]);
}

#[test]
fn data_grows_in_its_own_steps() {
    const MI: f64 = 1024.0 * 1024.0;
    check("bytes", &[(0.0, "0 B"), (512.0, "512 B"), (1536.0, "1.5 KiB"), (3.0 * 1024.0 * MI, "3 GiB")]);
    check("kbytes", &[(0.0, "0 KiB"), (1.0, "1 KiB"), (1e7, "9.54 GiB")]);
    check("mbytes", &[(1536.0, "1.5 GiB"), (0.5, "512 KiB")]);
    check("gbytes", &[(2048.0, "2 TiB")]);
    check("tbytes", &[(3.0, "3 TiB")]);
    check("decbytes", &[(1500.0, "1.5 kB"), (2e9, "2 GB")]);
    check("deckbytes", &[(1e7, "10 GB")]);
    check("decmbytes", &[(1500.0, "1.5 GB")]);
    check("decgbytes", &[(250.0, "250 GB")]);
    check("Bps", &[(125e6, "125 MB/s"), (0.5, "500 mB/s"), (0.0, "0 B/s")]);
    check("binBps", &[(1024.0, "1 KiB/s")]);
    check("binbps", &[(2.0 * MI, "2 Mib/s")]);
    check("bits", &[(1024.0, "1 Kib")]);
    check("bps", &[(1e9, "1 Gb/s")]);
    check("MBs", &[(1500.0, "1.5 GB/s")]);
    check("pps", &[(12_500.0, "12.5 kp/s"), (3.0, "3 p/s")]);
}

#[test]
fn times_are_as_grafana_has_them() {
    check(
        "s",
        &[(0.0, "0 s"), (0.25, "250 ms"), (3e-6, "3 µs"), (2e-9, "2 ns"), (90.0, "1.5 min"), (7200.0, "2 hour")],
    );
    check("s", &[(200_000.0, "2.31 day"), (1_209_600.0, "2 week"), (1e8, "3.17 year")]);
    check("ms", &[(0.0, "0 ms"), (283.4, "283 ms"), (1500.0, "1.5 s"), (10_000_086.123, "2.78 hour")]);
    check("ms", &[(0.0024, "0.0024 ms"), (864e6, "10 day"), (31_536e6, "1 year")]);
    check("µs", &[(0.0, "0 µs"), (1500.0, "1.5 ms"), (90e6, "90 s")]);
    check("ns", &[(0.0, "0 ns"), (1500.0, "1.5 µs"), (90e9, "1.5 min")]);
    check("m", &[(45.0, "45 min"), (90.0, "1.5 hour"), (0.0, "0 min"), (2880.0, "2 day")]);
    check("h", &[(6.0, "6 hour"), (36.0, "1.5 day")]);
    check("d", &[(0.5, "0.5 day"), (3.0, "3 day"), (14.0, "2 week"), (730.0, "2 year")]);
}

#[test]
fn counts_and_words() {
    check("reqps", &[(12.0, "12 req/s"), (1234.0, "1.23K req/s")]);
    check("ops", &[(0.5, "0.5 ops/s")]);
    check("rps", &[(3.0, "3 rd/s")]);
    check("wps", &[(3.0, "3 wr/s")]);
    check("iops", &[(2e6, "2M io/s")]);
    check("opm", &[(3.0, "3 ops/m")]);
    check("cps", &[(3.0, "3 c/s")]);
    check("eps", &[(3.0, "3 evt/s")]);
    check("mps", &[(3.0, "3 msg/s")]);
    check("celsius", &[(21.5, "21.5 °C"), (-3.0, "-3 °C"), (1200.0, "1200 °C")]);
    check("fahrenheit", &[(70.0, "70 °F")]);
    check("humidity", &[(40.0, "40 %H")]);
    check("dB", &[(-12.0, "-12 dB")]);
    check("rotrpm", &[(5400.0, "5400 rpm")]);
    check("velocityms", &[(5.0, "5 m/s")]);
    check("sishort", &[(1500.0, "1.5 k"), (7.0, "7")]);
    // a word that Grafana does not know follows the plain number
    check("documents/s", &[(5.0, "5 documents/s"), (5500.0, "5500 documents/s")]);
    check("suffix:jobs", &[(5.0, "5 jobs"), (1533.0, "1533 jobs")]);
    check("prefix:b", &[(1533.0, "b1533")]);
    // Grafana writes b-5
    check("prefix:b", &[(-5.0, "-b5")]);
    // a word of our own guesses
    assert_eq!(format(5500.0, &Unit::Suffix("/s".into()), None), "5.5 K /s");
}

#[test]
fn physical_units_have_prefixes() {
    check("hertz", &[(2.4e9, "2.4 GHz"), (50.0, "50 Hz")]);
    check("watt", &[(1500.0, "1.5 kW"), (0.02, "20 mW")]);
    check("kwatt", &[(0.0, "0 kW"), (1.5, "1.5 kW"), (1500.0, "1.5 MW"), (0.5, "500 W")]);
    check("volt", &[(0.0, "0 V"), (999.0, "999 V"), (1e15, "1 PV"), (-1000.0, "-1 kV")]);
    check("amp", &[(0.25, "250 mA")]);
    check("joule", &[(4184.0, "4.18 kJ")]);
    check("pressurembar", &[(1013.0, "1.01 bar")]);
    check("lengthm", &[(1500.0, "1.5 km")]);
    check_decimals(&[
        ("megwatt", 1000.0, 3, "1.000 GW"),
        ("kohm", 1000.0, 3, "1.000 MΩ"),
        ("farad", 1000.0, 3, "1.000 kF"),
        ("µfarad", 1000.0, 3, "1.000 mF"),
        ("ffarad", 1000.0, 3, "1.000 pF"),
        ("mhenry", 1000.0, 3, "1.000 H"),
        ("si:µF", 1234.0, 2, "1.23 mF"),
        ("si:µF", 1_234_000_000.0, 2, "1.23 kF"),
        ("si:µF", 1_234_000_000_000_000.0, 2, "1.23 GF"),
        ("si:V", 1234.0, 2, "1.23 kV"),
    ]);
}

#[test]
fn money_and_custom_counts() {
    check("currencyUSD", &[(0.0, "$0"), (999.0, "$999"), (1e6, "$1M"), (-1000.0, "-$1K"), (1e15, "$1000T")]);
    check("currencyEUR", &[(1500.0, "€1.5K")]);
    check("currencyGBP", &[(5.0, "£5")]);
    check("currencySEK", &[(1000.0, "1Kkr"), (-999.0, "-999kr")]);
    check_decimals(&[
        ("currencyUSD", 1532.82, 2, "$1.53K"),
        ("currencyKRW", 1532.82, 2, "₩1.53K"),
        ("count:xpm", 1_234_567.0, 2, "1.23M xpm"),
        ("count:x/min", 1234.0, 2, "1.23K x/min"),
        ("currency:@", 1_234_567.0, 2, "@1.23M"),
        ("currency:@", 1234.0, 2, "@1.23K"),
        ("currency:suffix:@", 1234.0, 2, "1.23K@"),
    ]);
}

#[test]
fn durations_in_words_and_clocks() {
    check("dtdurations", &[(0.0, "0 seconds"), (1.0, "1 second"), (100_000.0, "1 day"), (1e300, "1.00e+303 ms")]);
    check("dtdurationms", &[(0.0, "0 milliseconds"), (-1.0, "1 millisecond ago"), (38_898_367_008.0, "1 year")]);
    check_decimals(&[
        ("dtdurations", 129_600.0, 2, "1 day, 12 hours, 0 minutes"),
        ("dtdurationms", 38_898_367_008.0, 1, "1 year, 2 months"),
        (
            "dtdurationms",
            38_898_367_008.0,
            20,
            "1 year, 2 months, 3 weeks, 4 days, 5 hours, 6 minutes, 7 seconds, 8 milliseconds",
        ),
        ("clockms", 999.0, 0, "999ms"),
        ("clockms", 59_999.0, 0, "59s"),
        ("clockms", 3_599_999.0, 1, "59m:59s"),
        ("clockms", 7_199_999.0, 0, "01h"),
        ("clocks", 7199.999, 2, "01h:59m:59s"),
    ]);
    check("clockms", &[(59_999.0, "59s:999ms"), (3_599_999.0, "59m:59s:999ms"), (89_999_999.0, "24h:59m:59s:999ms")]);
    check("dthms", &[(1.0, "00:00:01"), (-1.0, "00:00:01 ago"), (36_000.0, "10:00:00")]);
    check("dtdhms", &[(90_061.0, "1 d 01:01:01"), (61.0, "00:01:01")]);
}

#[test]
fn other_ways_to_write_a_number() {
    check("bool", &[(1.0, "True"), (0.0, "False"), (5.0, "True")]);
    check("bool_yes_no", &[(1.0, "Yes"), (0.0, "No")]);
    check("bool_on_off", &[(1.0, "On"), (0.0, "Off")]);
    check("bool:up/down", &[(1.0, "up"), (0.0, "down")]);
    check("hex0x", &[(255.0, "0xFF"), (-16.0, "-0x10"), (0.0, "0x0")]);
    check("hex", &[(255.0, "FF")]);
    check("sci", &[(1500.0, "1.5e+3"), (0.002, "2e-3")]);
    check("locale", &[(1_234_567.891_2, "1,234,567.891"), (-1234.5, "-1,234.5"), (999.0, "999"), (1000.0, "1,000")]);
    check("string", &[(12_345.678, "12345.678"), (0.0, "0"), (1e22, "1e+22")]);
    check_decimals(&[("sci", 1234.0, 1, "1.2e+3"), ("locale", 1234.567, 1, "1,234.6"), ("string", 5.0, 2, "5")]);
}

#[test]
fn dates_know_their_zone_and_what_now_is() {
    // 2010-07-02 00:00:00 UTC
    const DATE: f64 = 1_278_028_800_000.0;
    check("dateTimeAsIso", &[(DATE, "2010-07-02 00:00:00"), (1e300, "1.00e+300")]);
    check("dateTimeAsUS", &[(DATE, "07/02/2010 12:00:00 am")]);
    check("time:YYYY.MM", &[(DATE, "2010-07-02 00:00:00")]);
    check("dateTimeFromNow", &[(DATE, "2010-07-02 00:00:00")]);
    let berlin = TimeZone::get("Europe/Berlin").expect("the zone is known");
    let at = |value: f64, unit: &str| format_at(value, &Unit::parse(unit), None, DATE as i64, &berlin);
    assert_eq!(at(DATE, "dateTimeAsIso"), "2010-07-02 02:00:00");
    const MINUTE: f64 = 60_000.0;
    for (passed, expected) in [
        (-10_000.0, "a few seconds ago"),
        (-MINUTE, "a minute ago"),
        (-2.0 * MINUTE, "2 minutes ago"),
        (50.0 * MINUTE, "in an hour"),
        (-5.0 * 60.0 * MINUTE, "5 hours ago"),
        (-7.0 * 1440.0 * MINUTE, "7 days ago"),
        (-40.0 * 1440.0 * MINUTE, "a month ago"),
        (-100.0 * 1440.0 * MINUTE, "3 months ago"),
        (800.0 * 1440.0 * MINUTE, "in 2 years"),
    ] {
        assert_eq!(at(DATE + passed, "dateTimeFromNow"), expected, "{passed}");
    }
}

#[test]
fn decimals_are_obeyed() {
    check_decimals(&[
        ("percent", 1.0, 2, "1.00%"),
        ("percent", 1.0, 255, "1.000000000000%"),
        ("ms", 0.0024, 4, "0.0024 ms"),
        ("ms", 1250.0, 2, "1.25 s"),
        ("ms", 1200.0, 0, "1 s"),
        ("short", 9_876_543.0, 2, "9.88 Mil"),
        ("kbytes", 1e7, 3, "9.537 GiB"),
        ("deckbytes", 1e7, 3, "10.000 GB"),
    ]);
}

#[test]
fn ticks_are_written_alike() {
    let written = |unit: &str, ticks: &[f64]| -> Vec<String> {
        let unit = Unit::parse(unit);
        let largest = ticks.iter().fold(0.0, |largest: f64, tick| largest.max(tick.abs()));
        let format = TickFormat::new(&unit, None, ticks[1] - ticks[0], largest);
        ticks.iter().map(|tick| format.write(*tick)).collect()
    };
    assert_eq!(written("volt", &[0.0, 0.25, 2.0]), ["0.00 V", "0.25 V", "2.00 V"]);
    assert_eq!(written("volt", &[0.0, 0.02]), ["0 mV", "20 mV"]);
    assert_eq!(written("currencyUSD", &[-500.0, 0.0, 500.0]), ["-$500", "$0", "$500"]);
    assert_eq!(written("dtdurations", &[0.0, 3600.0]), ["0 seconds", "1 hour"]);
    assert_eq!(written("bool", &[0.0, 1.0]), ["False", "True"]);
}
