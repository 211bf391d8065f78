//! Bad files, and exactly what they say: `bad_files.txt` (TOML) and `bad_yaml.txt` have both, rewritten with
//! `UPDATE_GOLDEN=1`.

use super::{golden, read_as};

fn said(name: &str, text: &str) -> String {
    match read_as(name, text) {
        Ok(settings) => panic!("this is right: {text}\n{settings:?}"),
        Err(problems) => problems.to_string(),
    }
}

#[test]
fn bad_files_say_what_is_wrong_and_where() {
    golden::check("bad_files.txt", |text| said("c.toml", text));
}

#[test]
fn bad_yaml_says_what_is_wrong_and_where() {
    golden::check("bad_yaml.txt", |text| said("am.yml", text));
}
