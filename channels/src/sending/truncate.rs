//! Cuts texts to what a vendor takes, counted in the vendor's own unit, between graphemes, with an ellipsis.
//!
//! Deliberately unknown here: markup. What must not be cut inside markup is cut before it is rendered, or by its channel.

use std::borrow::Cow;

use alerts::ports::{TextLimit, TextUnit};
use unicode_segmentation::UnicodeSegmentation;

const ELLIPSIS: &str = "…";

/// How much of its unit a text takes.
pub fn length(text: &str, unit: TextUnit) -> usize {
    match unit {
        TextUnit::Chars => text.chars().count(),
        TextUnit::Bytes => text.len(),
        TextUnit::Utf16 => text.encode_utf16().count(),
    }
}

/// The text if it fits; else as many whole graphemes as fit with an ellipsis behind them, or without one where there
/// is no room for it.
pub fn truncate(text: &str, limit: TextLimit) -> Cow<'_, str> {
    // no unit counts more than bytes
    if text.len() <= limit.max || length(text, limit.unit) <= limit.max {
        return Cow::Borrowed(text);
    }
    match limit.max.checked_sub(length(ELLIPSIS, limit.unit)) {
        Some(room) if room > 0 => Cow::Owned(format!("{}{ELLIPSIS}", prefix(text, limit.unit, room).trim_end())),
        _ => Cow::Borrowed(prefix(text, limit.unit, limit.max)),
    }
}

/// As many whole graphemes as `room` holds; of a first grapheme that is larger by itself, as many characters.
pub fn prefix(text: &str, unit: TextUnit, room: usize) -> &str {
    let end = fitting(text.grapheme_indices(true), unit, room);
    let end = if end == 0 {
        fitting(text.char_indices().map(|(at, c)| (at, &text[at..at + c.len_utf8()])), unit, room)
    } else {
        end
    };
    &text[..end]
}

fn fitting<'a>(pieces: impl Iterator<Item = (usize, &'a str)>, unit: TextUnit, room: usize) -> usize {
    let mut used = 0;
    let mut end = 0;
    for (at, piece) in pieces {
        used += length(piece, unit);
        if used > room {
            break;
        }
        end = at + piece.len();
    }
    end
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, unit: TextUnit, max: usize, expected: &str) {
        assert_eq!(truncate(text, TextLimit { unit, max }), expected);
    }

    #[test]
    fn cuts_in_the_vendors_unit() {
        check("hello", TextUnit::Chars, 5, "hello");
        check("hello!", TextUnit::Chars, 5, "hell…");
        check("hello!", TextUnit::Bytes, 5, "he…");
        check("a🇩🇪b", TextUnit::Chars, 3, "a…");
        check("🇩🇪🇫🇷", TextUnit::Utf16, 5, "🇩🇪…");
        check("e\u{301}e\u{301}e\u{301}", TextUnit::Chars, 4, "e\u{301}…");
        check("hello", TextUnit::Bytes, 3, "hel");
        check("hello", TextUnit::Chars, 1, "h");
        check("hello", TextUnit::Chars, 0, "");
        check("word  wide", TextUnit::Chars, 6, "word…");
    }

    #[test]
    fn one_grapheme_of_many_characters_is_cut_all_the_same() {
        let zalgo = format!("e{}", "\u{301}".repeat(50));
        assert_eq!(truncate(&zalgo, TextLimit::chars(10)).chars().count(), 10);
    }

    proptest! {
        #[test]
        fn never_longer_than_the_limit(text in ".{0,60}", max in 0usize..40, unit in 0usize..3) {
            let unit = [TextUnit::Chars, TextUnit::Bytes, TextUnit::Utf16][unit];
            let cut = truncate(&text, TextLimit { unit, max });
            prop_assert!(length(&cut, unit) <= max);
            prop_assert!(text.starts_with(cut.trim_end_matches('…')) || cut == text);
        }
    }
}
