//! `${NAME}` in texts becomes the environment's value; `$${NAME}` stays as `${NAME}`.
//!
//! Nothing else that has a dollar is touched: Go templates have `$variables`, regular expressions end in `$`, replacements
//! have `${1}`; neither is Grafana's placeholder `${file}` in `webdav.public_url`. Deliberately unknown here: which keys there are, where the environment comes from.

use super::{
    problem::{Problem, Problems},
    tree::{Node, Path, Value},
};

/// Where variables are looked up.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Stands for a file in an address, if there is no variable of that name.
const PLACEHOLDER: &str = "file";

/// Replaces the variables of all texts of a tree; what is not set is a problem.
pub fn expand(node: &mut Node, path: &Path, environment: Environment<'_>, problems: &mut Problems) {
    match &mut node.value {
        Value::String(text) if text.contains("${") => match expand_text(text, environment) {
            Ok(expanded) => *text = expanded,
            Err(name) => problems.push(Problem::new(node.at, path.clone(), not_set(&name))),
        },
        Value::List(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                expand(item, &path.index(index), environment, problems);
            }
        }
        Value::Table(entries) => {
            for (key, item) in entries {
                expand(item, &path.key(&key.name), environment, problems);
            }
        }
        _ => {}
    }
}

fn not_set(name: &str) -> String {
    format!("the environment variable {name} is not set (for the text itself, write \"$${{{name}}}\")")
}

/// The text with its variables replaced, or the name of the first one that is not set.
fn expand_text(text: &str, environment: Environment<'_>) -> Result<String, String> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, after) = (&rest[..at], &rest[at + 2..]);
        let Some(name) = variable(after) else {
            expanded.push_str(&rest[..at + 2]);
            rest = after;
            continue;
        };
        match before.strip_suffix('$') {
            Some(kept) => expanded.extend([kept, "${", name, "}"]),
            None => {
                let placeholder = || (name == PLACEHOLDER).then(|| format!("${{{name}}}"));
                let value = environment(name).or_else(placeholder).ok_or_else(|| name.to_owned())?;
                expanded.extend([before, value.as_str()]);
            }
        }
        rest = &after[name.len() + 1..];
    }
    expanded.push_str(rest);
    Ok(expanded)
}

/// The name at the start of `text` up to its brace, if it can be a variable's.
fn variable(text: &str) -> Option<&str> {
    let (name, _) = text.split_once('}')?;
    let good =
        |(at, byte): (usize, u8)| byte == b'_' || byte.is_ascii_alphabetic() || (at > 0 && byte.is_ascii_digit());
    (!name.is_empty() && name.bytes().enumerate().all(good)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_variables_are_replaced() {
        let environment = |name: &str| match name {
            "HOST" => Some("db1".to_owned()),
            "DOLLARS" => Some("${HOST}".to_owned()),
            _ => None,
        };
        let check = |text: &str, expected: Result<&str, &str>| {
            assert_eq!(expand_text(text, &environment), expected.map(str::to_owned).map_err(str::to_owned), "{text}");
        };
        check("${HOST}", Ok("db1"));
        check("http://${HOST}:9090/${HOST}", Ok("http://db1:9090/db1"));
        check("$${HOST} ${HOST}", Ok("${HOST} db1"));
        check("${DOLLARS}", Ok("${HOST}"));
        check("pa$$word^${1}$", Ok("pa$$word^${1}$"));
        check("{{ $x := 1 }}${", Ok("{{ $x := 1 }}${"));
        check("${} ${a b} ${ü}", Ok("${} ${a b} ${ü}"));
        check("https://${HOST}/${file}", Ok("https://db1/${file}"));
        check("${HOST} ${MISSING}", Err("MISSING"));
    }
}
