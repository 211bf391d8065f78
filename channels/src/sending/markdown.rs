//! Values inside of Markdown: they come out as they are written, whatever they hold.
//!
//! Deliberately unknown here: any vendor's dialect beyond what all have in common. A channel adds what its own has.

use alerts::message::Message;
use url::Url;

use crate::attachments;

/// Cuts marks apart without being seen.
const NOTHING: char = '\u{200B}';

/// The characters that a backslash takes the meaning from, in every dialect.
const MARKS: [char; 8] = ['\\', '`', '*', '_', '[', ']', '#', '~'];

/// A value for a Markdown text: no emphasis, link, heading, HTML or mention comes of it. An address stays one.
pub fn escape(text: &str) -> String {
    if let Some(link) = address(text) {
        return link;
    }
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '|' => escaped.push_str("\\|"),
            '@' => escaped.extend([c, NOTHING]),
            c if MARKS.contains(&c) => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A value for where Markdown may count or not: nothing that leads somewhere or calls somebody comes of it, and it reads the
/// same either way.
pub fn neutral(text: &str) -> String {
    if let Some(link) = address(text) {
        return link;
    }
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        escaped.push(c);
        if matches!(c, '@' | '<' | ']') {
            escaped.push(NOTHING);
        }
    }
    escaped
}

/// The words for the pictures that a message does not show, with a link: `[3 more pictures](http://…)`.
pub fn more_pictures(message: &Message) -> Option<String> {
    let words = attachments::more_pictures(message.pictures_left_out)?;
    Some(match Url::parse(&message.external_url) {
        Ok(url) => format!("[{words}]({url})"),
        Err(_) => words,
    })
}

/// The value as an address in which nothing is a mark; none, if it is no address.
fn address(text: &str) -> Option<String> {
    let is_one = (text.starts_with("http://") || text.starts_with("https://")) && !text.contains(char::is_whitespace);
    let url = Url::parse(text).ok().filter(|url| is_one && url.username().is_empty() && url.password().is_none())?;
    let mut link = String::with_capacity(url.as_str().len());
    for c in url.as_str().chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '<' | '>' | '(' | ')' | '|' | '@' | '!' | ';' | '"' | '\'' => {
                link.push_str(&format!("%{:02X}", u32::from(c)));
            }
            c => link.push(c),
        }
    }
    // an address with such a host (IPv6) is not one any more
    Url::parse(&link).ok().map(|_| link)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn marks_are_text() {
        let check = |text: &str, expected: &str| assert_eq!(escape(text), expected);
        check("a & <b> *c* _d_", "a &amp; &lt;b&gt; \\*c\\* \\_d\\_");
        check("[x](http://evil)", "\\[x\\](http://evil)");
        check("<!channel> @all", "&lt;!channel&gt; @\u{200B}all");
        check("# a|b `c` \\", "\\# a\\|b \\`c\\` \\\\");
    }

    #[test]
    fn neutral_texts_read_the_same() {
        let check = |text: &str, expected: &str| assert_eq!(neutral(text), expected);
        check("disk_free *", "disk_free *");
        check("<!here> @all [x](http://evil)", "<\u{200B}!here> @\u{200B}all [x]\u{200B}(http://evil)");
    }

    #[test]
    fn addresses_stay_addresses() {
        let check = |text: &str, expected: &str| {
            assert_eq!((escape(text).as_str(), neutral(text).as_str()), (expected, expected));
        };
        check("http://x/graph?g0.expr=a_b&g1=(c)", "http://x/graph?g0.expr=a%5Fb&g1=%28c%29");
        check("https://x/a@channel#b", "https://x/a%40channel#b");
        assert!(escape("http://x y").starts_with("http://x y"));
        assert!(!escape("http://me@evil/").contains("e@e"));
    }

    proptest! {
        #[test]
        fn nothing_begins_a_mark(text in "[<>@&*_\\[\\]()#~|`!a-z:/ \\\\]{0,40}") {
            let escaped = escape(&text);
            prop_assert!(!escaped.contains(['<', '>']) && !escaped.contains("@a"));
            let unmarked = escaped.replace("\\\\", "");
            for mark in ["*", "_", "[", "`"] {
                prop_assert_eq!(unmarked.matches(mark).count(), unmarked.matches(&format!("\\{mark}")).count(), "{}", escaped);
            }
            let neutral = neutral(&text);
            prop_assert!(!neutral.contains("](") && !neutral.contains("<!") && !neutral.contains("@a"));
        }
    }
}
