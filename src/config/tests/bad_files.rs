//! Bad files, and exactly what they say: `bad_files.txt` has both, rewritten with `UPDATE_GOLDEN=1`.

use std::fmt::Write as _;

use super::read;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/config/tests/bad_files.txt");

/// (title, text, what it says) of each case.
fn cases(golden: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    golden.split("== ").filter(|case| !case.is_empty()).map(|case| {
        let (title, rest) = case.split_once('\n').expect("a title on a line of its own");
        let (text, said) = rest.split_once("--\n").expect("a line between a file and what it says");
        (title, text, said.trim_end())
    })
}

fn said(text: &str) -> String {
    match read(text) {
        Ok(settings) => panic!("this is right: {text}\n{settings:?}"),
        Err(problems) => problems.to_string(),
    }
}

#[test]
fn bad_files_say_what_is_wrong_and_where() {
    let golden = std::fs::read_to_string(FILE).expect("the golden file");
    let mut rewritten = String::new();
    for (title, text, _) in cases(&golden) {
        let _ = writeln!(rewritten, "== {title}\n{text}--\n{}\n", said(text));
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(FILE, &rewritten).expect("the golden file can be written");
        return;
    }
    for ((title, _, now), (_, text, before)) in cases(&rewritten).zip(cases(&golden)) {
        assert_eq!(now, before, "{title}\n{text}");
    }
}
