//! What providers say when they fail, in words for one log line.
//!
//! Deliberately unknown here: which provider it was.

use alerts::ports::ImageError;

use crate::error::chain;

/// Characters of a provider's words. Their addresses alone take a hundred.
const LONGEST: usize = 400;

/// One line, without control characters, not too long.
pub(super) fn one_line(words: &str) -> String {
    let words: Vec<&str> =
        words.split(|c: char| c.is_control() || c.is_whitespace()).filter(|s| !s.is_empty()).collect();
    words.join(" ").chars().take(LONGEST).collect()
}

pub(super) fn failed(words: impl AsRef<str>) -> ImageError {
    ImageError::Failed(one_line(words.as_ref()))
}

/// An error with the errors behind it.
pub(super) fn failure(error: &dyn std::error::Error) -> ImageError {
    failed(chain(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_strangers_are_one_short_line() {
        assert_eq!(one_line("<a>\n  b\u{1b}[31m\r\n</a>"), "<a> b [31m </a>");
        assert_eq!(one_line(&"x".repeat(9_000)).len(), LONGEST);
    }
}
