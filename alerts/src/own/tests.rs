//! Pictures as events bring them.

use super::*;

fn own(json: &str) -> Result<Own, String> {
    let value: serde_json::Value = serde_json::from_str(json).expect(json);
    let written = match &value["image"] {
        serde_json::Value::Null => serde_json::from_value(value["series"].clone()).map(Written::Series),
        image => serde_json::from_value(image.clone()).map(Written::Image),
    };
    let part = |name: &str| (name == "chart").then(|| Bytes::from_static(b"file"));
    written.map_err(|error| error.to_string())?.own(part)
}

#[test]
fn files_are_given_as_base64_or_as_parts() {
    let check = |image: &str, expected: &[u8]| {
        let Ok(Own::Image { title, file, .. }) = own(&format!(r#"{{"image":{image}}}"#)) else { panic!("{image}") };
        assert_eq!((title.as_str(), file.as_ref()), ("t", expected), "{image}");
    };
    check(r#"{"data":"aGVsbG8=","title":"t"}"#, b"hello");
    check(r#"{"data":"aGVs\nbG8=\n","title":"t","alt":"a"}"#, b"hello");
    check(r#"{"data":"data:image/png;base64,aGVsbG8=","title":"t"}"#, b"hello");
    check(r#"{"part":"chart","title":"t"}"#, b"file");
}

#[test]
fn errors_say_what_and_where() {
    let check = |json: &str, expected: &str| {
        let error = own(json).expect_err(json);
        assert!(error.contains(expected), "{json}: {error}");
    };
    check(r#"{"image":{"data":"aGVsbG8hISEhISEhI!"}}"#, "image.data: not base64 at byte 17");
    check(r#"{"image":{"data":"aGVsbG8"}}"#, "image.data: not base64: the padding");
    check(r#"{"image":{"part":"table"}}"#, r#"no form with a part named "table""#);
    check(r#"{"image":{"data":"","part":"chart"}}"#, "exclude each other");
    check(r#"{"image":{}}"#, "image: data is missing");
    check(r#"{"image":{"dta":""}}"#, "unknown field `dta`");
    check(r#"{"series":{"series":[]}}"#, "nothing to draw");
    check(r#"{"series":{"series":[{"points":[]}]}}"#, "no point in it");
    check(r#"{"series":{"series":[{"points":[[1,2,3]]}]}}"#, "a point as [time, value]");
    check(r#"{"series":{"series":[{"points":[[-1,2]]}]}}"#, "-1 is not a time");
    check(r#"{"series":{"series":[{"points":[[1,"x"]]}]}}"#, r#""x" is not a number"#);
    check(r#"{"series":{"series":[{"points":[[1,2]]}],"thresholds":[{"value":1,"side":"left"}]}}"#, "unknown variant");
    let many = format!(r#"{{"series":{{"series":[{}]}}}}"#, vec![r#"{"points":[[1,2]]}"#; MOST_SERIES + 1].join(","));
    check(&many, "201 series are more than 200");
}

#[test]
fn large_files_are_not_decoded() {
    let data = "A".repeat(LARGEST_FILE * 2);
    let error = own(&format!(r#"{{"image":{{"data":"{data}"}}}}"#)).expect_err("too large");
    assert!(error.contains("image.data: it is longer than 4194304 bytes"), "{error}");
}

#[test]
fn points_have_seconds_or_milliseconds_and_gaps() {
    let json = r#"{"series":{"series":[{"name":"a","points":[[1700000000,1],[1700000000500.4,null],[1700000001.5,"2.5"],[1700000002,"+Inf"]]}]}}"#;
    let Ok(Own::Series(series)) = own(json) else { panic!("{json}") };
    let points: Vec<_> = series.series[0].points.iter().map(|point| (point.at_ms, point.value.to_string())).collect();
    let expected = [
        (1_700_000_000_000, "1".to_owned()),
        (1_700_000_000_500, "NaN".to_owned()),
        (1_700_000_001_500, "2.5".to_owned()),
        (1_700_000_002_000, "inf".to_owned()),
    ];
    assert_eq!(points, expected);
    let kept = serde_json::to_string(&series).expect("numbers and texts");
    let read: OwnSeries = serde_json::from_str(&kept).expect("what was written");
    assert_eq!(format!("{read:?}"), format!("{series:?}"), "{kept}");
}

#[test]
fn only_digests_are_names() {
    assert!(named(&"0f".repeat(32)).is_some());
    for wrong in ["", "../../etc/passwd", &"0F".repeat(32), &"0f".repeat(31), &"é".repeat(32)] {
        assert_eq!(named(wrong), None, "{wrong}");
    }
}
