//! Matchers of routes and inhibition rules, in all the ways in which they can be written.
//!
//! As Alertmanager does by default, a text is read by both parsers; where the UTF-8 parser does not take it, or takes it
//! otherwise, the classic one's reading counts, and a warning says how to write it so that both agree.
//!
//! Deliberately unknown here: whose matchers they are.

use std::collections::BTreeMap;

use alerts::matcher::{MatchOp, Matcher, MatcherSet, Syntax};

use super::{reader::Reader, tree::Path};

/// The old tables; a regular expression that is nothing is an error.
pub(super) type Equal = BTreeMap<String, String>;
pub(super) type Regexes = BTreeMap<String, Option<String>>;

/// The matchers of the two old tables and of the list; `keys` are their names at `path`.
pub(super) fn matchers(
    reader: &mut Reader,
    path: &Path,
    keys: [&str; 3],
    equal: Equal,
    regexes: Regexes,
    lines: &[String],
) -> MatcherSet {
    let mut all = MatcherSet::default();
    let equal = equal.into_iter().map(|(name, value)| (MatchOp::Equal, keys[0], name, Some(value)));
    let regexes = regexes.into_iter().map(|(name, value)| (MatchOp::Regex, keys[1], name, value));
    for (op, key, name, value) in equal.chain(regexes).collect::<Vec<_>>() {
        let at = path.key(key);
        if let Err(why) = check_name(&name, reader.syntax()) {
            reader.another_problem(&at, why);
            continue;
        }
        let Some(value) = value else {
            reader.problem(&at.key(name), "a regular expression is missing");
            continue;
        };
        match Matcher::new(&name, op, &value) {
            Ok(matcher) => all.push(matcher),
            Err(why) => reader.problem(&at.key(name), format!("not a regular expression: {why}")),
        }
    }
    for (index, line) in lines.iter().enumerate() {
        let set = line_of(reader, &path.key(keys[2]).index(index), line);
        set.iter().for_each(|matcher| all.push(matcher.clone()));
    }
    all
}

/// One text of a list of matchers; it may hold several.
fn line_of(reader: &mut Reader, path: &Path, line: &str) -> MatcherSet {
    let set = match MatcherSet::parse(line, reader.syntax()) {
        Ok(set) => set,
        Err(why) => {
            reader.problem(path, format!("not a matcher: {why}"));
            return MatcherSet::default();
        }
    };
    if reader.syntax() == Syntax::Fallback && MatcherSet::parse(line, Syntax::Utf8).as_ref() != Ok(&set) {
        let written = set.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let what = "the UTF-8 parser of matchers reads this otherwise or not at all, so the classic reading counts";
        reader.warn(path, &format!("{what}: write {written}"));
    }
    set
}

/// Whether a label may have this name: in classic mode letters, digits and `_`, otherwise anything.
pub(super) fn check_name(name: &str, syntax: Syntax) -> Result<(), String> {
    let classic =
        |(at, byte): (usize, u8)| byte == b'_' || byte.is_ascii_alphabetic() || (at > 0 && byte.is_ascii_digit());
    match name {
        "" => Err("a label needs a name".to_owned()),
        _ if syntax == Syntax::Classic && !name.bytes().enumerate().all(classic) => {
            Err(format!("invalid label name {name:?}: in classic mode, letters, digits and _ are possible"))
        }
        _ => Ok(()),
    }
}
