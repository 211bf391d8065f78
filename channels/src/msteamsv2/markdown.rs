//! The Markdown of cards: what must be escaped. Teams knows emphasis, lists and links, and no headings, tables or HTML
//! (<https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format>).
//!
//! Deliberately unknown here: cards.

use url::Url;

/// Where a text wants the alerts, each in a container of its own: Unicode's object replacement character. The default text is
/// nothing else.
pub const ALERTS_HERE: char = '\u{FFFC}';

/// The longest address that is linked to.
const LONGEST_LINK: usize = 2_000;

/// Text that stays text. A `_` inside of a word is none of Markdown's.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    let mut before = ' ';
    let mut rest = text.chars().filter(|c| *c != ALERTS_HERE).peekable();
    while let Some(c) = rest.next() {
        let in_a_word = c == '_' && before.is_alphanumeric() && rest.peek().is_some_and(|next| next.is_alphanumeric());
        if matches!(c, '\\' | '*' | '[' | ']' | '`' | '_') && !in_a_word {
            escaped.push('\\');
        }
        escaped.push(c);
        before = c;
    }
    escaped
}

/// The text without its escapes, for where it is shown as it is written.
pub fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let escapes = c == '\\' && rest.peek().is_some_and(|next| matches!(next, '\\' | '*' | '[' | ']' | '`' | '_'));
        plain.extend(if escapes { rest.next() } else { Some(c) });
    }
    plain
}

/// A paragraph per line: a single line end is a space to Markdown.
pub fn paragraphs(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// An address that may be linked to, as it can stand inside of `(…)`.
pub fn address(text: &str) -> Option<String> {
    let url = Url::parse(text.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let address = url.as_str().replace('(', "%28").replace(')', "%29").replace('\\', "%5C");
    (address.len() <= LONGEST_LINK).then_some(address)
}

/// A link; the words alone if it leads nowhere.
pub fn link(words: &str, to: &str) -> String {
    address(to).map_or_else(|| words.to_owned(), |address| format!("[{words}]({address})"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_stay_text() {
        let check = |text: &str, expected: &str| assert_eq!(escape(text), expected);
        check("[x](http://evil) **b** `c`", r"\[x\](http://evil) \*\*b\*\* \`c\`");
        check("node_cpu_seconds_total", "node_cpu_seconds_total");
        check("_b_ a_ __x__", r"\_b\_ a\_ \_\_x\_\_");
        check(r"C:\new", r"C:\\new");
        check("a\u{FFFC}b", "ab");
    }

    #[test]
    fn links_lead_to_pages_only() {
        let check = |to: &str, expected: &str| assert_eq!(link("Source", to), expected);
        check("http://prometheus/graph?e=(a)", "[Source](http://prometheus/graph?e=%28a%29)");
        check("javascript:alert(1)", "Source");
        check("https://x/a b", "[Source](https://x/a%20b)");
        check(&format!("https://x/{}", "a".repeat(3_000)), "Source");
    }

    proptest! {
        #[test]
        fn escapes_can_be_taken_back(text in r"[a-c_*\[\]`\\ ü]{0,30}") {
            prop_assert_eq!(unescape(&escape(&text)), text);
        }
    }
}
