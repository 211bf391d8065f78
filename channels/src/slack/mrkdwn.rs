//! Slack's markup: what must be escaped, and where it may be cut.
//!
//! Deliberately unknown here: messages, blocks, the API.

use alerts::ports::TextUnit;

use crate::sending::truncate::{length, prefix};

/// The three characters that begin Slack's markup, links and mentions among it, as it wants them written.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Markup without its marks, for where it is shown as it is written.
pub fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// At most `max` characters of a markup text, with an ellipsis if something was cut; never inside of `<…>` or `&…;`.
pub fn truncate(text: &str, max: usize) -> String {
    if length(text, TextUnit::Chars) <= max {
        return text.to_owned();
    }
    format!("{}…", head(text, max.saturating_sub(1)).trim_end())
}

/// The text in at most `most` pieces of at most `max` characters, cut between lines where there are any; the last one
/// ends with an ellipsis if there would be more.
pub fn pieces(text: &str, max: usize, most: usize) -> Vec<String> {
    let mut rest = text.trim();
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        if pieces.len() + 1 == most {
            pieces.push(truncate(rest, max));
            break;
        }
        let piece = if length(rest, TextUnit::Chars) <= max { rest } else { whole_lines(head(rest, max)) };
        pieces.push(piece.trim_end().to_owned());
        rest = rest[piece.len()..].trim_start_matches('\n');
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// As much as `max` holds without tearing a mark apart.
fn head(text: &str, max: usize) -> &str {
    let head = prefix(text, TextUnit::Chars, max);
    let open = match (head.rfind('<'), head.rfind('>')) {
        (Some(open), close) if close.is_none_or(|close| close < open) => Some(open),
        _ => None,
    };
    let whole = match head.rfind('&') {
        Some(amp) if !head[amp..].contains(';') && text[amp..].chars().take(5).any(|c| c == ';') => Some(amp),
        _ => None,
    };
    let end = open.into_iter().chain(whole).min().unwrap_or(head.len());
    // a single mark that is longer than all the room is torn after all
    if end == 0 { head } else { &head[..end] }
}

fn whole_lines(text: &str) -> &str {
    match text.rfind('\n') {
        Some(end) if end > 0 => &text[..end],
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn mentions_become_text() {
        assert_eq!(escape("<!channel> a&b <@U1>"), "&lt;!channel&gt; a&amp;b &lt;@U1&gt;");
        assert_eq!(unescape(&escape("<!channel> a&lt;b")), "<!channel> a&lt;b");
    }

    #[test]
    fn marks_are_not_torn() {
        let check = |text: &str, max, expected: &str| assert_eq!(truncate(text, max), expected);
        check("see <http://x|here> now", 30, "see <http://x|here> now");
        check("see <http://x|here> now", 12, "see…");
        check("see <http://x|here> now", 22, "see <http://x|here> n…");
        check("a &lt;b", 4, "a…");
        check("a &lt;b and more", 8, "a &lt;b…");
        check("fish & chips forever", 8, "fish &…");
    }

    #[test]
    fn long_texts_are_cut_between_lines() {
        assert_eq!(pieces("aaaa\nbbbb\ncccc", 10, 5), ["aaaa\nbbbb", "cccc"]);
        assert_eq!(pieces("aaaa\nbbbb\ncccc", 4, 2), ["aaaa", "bbb…"]);
        assert_eq!(pieces("aaaabbbb", 4, 5), ["aaaa", "bbbb"]);
        assert!(pieces("  \n ", 4, 5).is_empty());
    }

    proptest! {
        #[test]
        fn pieces_keep_their_bounds(text in "[a-c<>&;\n ü🇩🇪]{0,80}", max in 2usize..20, most in 1usize..5) {
            let pieces = pieces(&text, max, most);
            prop_assert!(pieces.len() <= most);
            prop_assert!(pieces.iter().all(|piece| piece.chars().count() <= max), "{:?}", pieces);
        }
    }
}
