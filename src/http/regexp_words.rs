//! Errors of regular expressions in Go's words: clients of Alertmanager's API may look for them, and they fit into one line.
//!
//! Deliberately unknown here: who wrote the expression.

/// What the `regex` crate says at its end, and what Go says of the same. Others keep their own words.
const WORDS: [(&str, &str); 7] = [
    ("unclosed group", "missing closing )"),
    ("unopened group", "unexpected )"),
    ("unclosed character class", "missing closing ]"),
    ("repetition operator missing expression", "missing argument to repetition operator"),
    ("invalid character class range, the start must be <= the end", "invalid character class range"),
    ("look-around, including look-ahead and look-behind, is not supported", "invalid or unsupported Perl syntax"),
    ("backreferences are not supported", "invalid escape sequence"),
];

/// `error parsing regexp: missing closing ): `(``.
pub(super) fn of(error: &str, pattern: &str) -> String {
    let last = error.lines().last().unwrap_or(error);
    let last = last.strip_prefix("error: ").unwrap_or(last);
    let words = WORDS.iter().find(|(ours, _)| *ours == last).map_or(last, |(_, gos)| gos);
    format!("error parsing regexp: {words}: `{pattern}`")
}

/// As [`of`], for a message that need not be about a regular expression; the others stay as they are.
pub(super) fn in_message(message: String, pattern: &str) -> String {
    if message.contains("regex parse error:") { of(&message, pattern) } else { message }
}

#[cfg(test)]
mod tests {
    use alerts::goregex;

    use super::*;

    #[test]
    fn they_are_gos() {
        let check = |pattern: &str, expected: &str| {
            let error = goregex::anchored(pattern).expect_err(pattern);
            assert_eq!(of(&error, pattern), format!("error parsing regexp: {expected}: `{pattern}`"));
        };
        check("(", "missing closing )");
        check(")", "unexpected )");
        check("[a", "missing closing ]");
        check("*", "missing argument to repetition operator");
        check("[z-a]", "invalid character class range");
        check("(?=a)", "invalid or unsupported Perl syntax");
        check(r"(a)\1", "invalid escape sequence");
    }

    #[test]
    fn other_messages_stay() {
        assert_eq!(in_message("bad matcher format: (".to_owned(), "("), "bad matcher format: (");
    }
}
