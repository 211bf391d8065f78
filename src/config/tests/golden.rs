//! Tables of texts and what comes of them, in files: `== title`, the text, `--`, the outcome. Rewritten with
//! `UPDATE_GOLDEN=1`.

use std::fmt::Write as _;

/// Compares what comes of each text of a file with what the file says.
pub(super) fn check(file: &str, outcome: impl Fn(&str) -> String) {
    let file = format!("{}/src/config/tests/{file}", env!("CARGO_MANIFEST_DIR"));
    let golden = std::fs::read_to_string(&file).expect("the golden file");
    let mut rewritten = String::new();
    for (title, text, _) in cases(&golden) {
        let _ = writeln!(rewritten, "== {title}\n{text}--\n{}\n", outcome(&text));
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, &rewritten).expect("the golden file can be written");
        return;
    }
    assert!(cases(&golden).count() > 0, "{file}");
    for ((title, text, now), (_, _, before)) in cases(&rewritten).zip(cases(&golden)) {
        assert_eq!(now, before, "{title}\n{text}");
    }
}

/// (title, text) of each case of a file.
pub(super) fn texts(file: &str) -> Vec<(String, String)> {
    let golden = std::fs::read_to_string(format!("{}/src/config/tests/{file}", env!("CARGO_MANIFEST_DIR")));
    cases(&golden.expect("the golden file")).map(|(title, text, _)| (title.to_owned(), text)).collect()
}

/// (title, text, outcome) of each case.
fn cases(golden: &str) -> impl Iterator<Item = (&str, String, &str)> {
    golden.split("== ").filter(|case| !case.is_empty()).map(|case| {
        let (title, rest) = case.split_once('\n').expect("a title on a line of its own");
        let (text, outcome) = rest.split_once("\n--\n").expect("a line between a text and its outcome");
        (title, format!("{text}\n"), outcome.trim_end())
    })
}
