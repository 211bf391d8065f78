//! Telegram's formats of text: what must be escaped in each, and what is left of a text once Telegram has read it: that is what
//! its limits count (<https://core.telegram.org/bots/api#formatting-options>).
//!
//! Deliberately unknown here: templates, requests.

use teloxide::types::ParseMode;

/// What MarkdownV2 wants escaped everywhere outside of code.
const V2_MARKS: &str = r"_*[]()~`>#+-=|{}.!\";

/// The same of the older Markdown, which has no escapes inside of its marks.
const MARKDOWN_MARKS: &str = "_*`[";

/// How Telegram is to read a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Tags.
    Html,
    /// Marks that can be escaped.
    MarkdownV2,
    /// Older marks.
    Markdown,
    /// As it stands.
    Plain,
}

impl Mode {
    /// By its name in the configuration: Telegram's own, `plain`, or what Alertmanager (nothing) and Grafana call it.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "HTML" => Some(Mode::Html),
            "MarkdownV2" => Some(Mode::MarkdownV2),
            "Markdown" => Some(Mode::Markdown),
            "plain" | "" | "None" => Some(Mode::Plain),
            _ => None,
        }
    }

    /// What Telegram calls it.
    #[expect(deprecated, reason = "Alertmanager's users have texts in it, and Telegram still reads it")]
    pub const fn parse_mode(self) -> Option<ParseMode> {
        match self {
            Mode::Html => Some(ParseMode::Html),
            Mode::MarkdownV2 => Some(ParseMode::MarkdownV2),
            Mode::Markdown => Some(ParseMode::Markdown),
            Mode::Plain => None,
        }
    }

    /// The text so that it is shown as it stands.
    pub fn escape(self, text: &str) -> String {
        match self {
            Mode::Html => text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"),
            Mode::MarkdownV2 => with_backslashes(text, V2_MARKS),
            Mode::Markdown => with_backslashes(text, MARKDOWN_MARKS),
            Mode::Plain => text.to_owned(),
        }
    }

    /// Words that lead somewhere.
    pub fn link(self, words: &str, url: &str) -> String {
        match self {
            Mode::Html => format!(r#"<a href="{}">{}</a>"#, self.escape(url), self.escape(words)),
            Mode::MarkdownV2 => format!("[{}]({})", self.escape(words), with_backslashes(url, r")\")),
            Mode::Markdown => format!("[{}]({})", words.replace(['[', ']'], " "), url.replace(')', "%29")),
            Mode::Plain => format!("{words}: {url}"),
        }
    }

    /// What is shown of the text, at least: of older Markdown, and of links in MarkdownV2, the marks are left in.
    pub fn visible(self, markup: &str) -> String {
        match self {
            Mode::Html => without_tags(markup),
            Mode::MarkdownV2 => without_backslashes(markup),
            Mode::Markdown | Mode::Plain => markup.to_owned(),
        }
    }
}

fn with_backslashes(text: &str, marks: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if marks.contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

fn without_backslashes(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let next = if c == '\\' { chars.next() } else { None };
        shown.push(next.unwrap_or(c));
    }
    shown
}

fn without_tags(html: &str) -> String {
    let mut shown = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        shown.push_str(&rest[..at]);
        rest = &rest[at..];
        let (read, length) = if rest.starts_with('<') { tag(rest) } else { entity(rest) };
        shown.extend(read);
        rest = &rest[length..];
    }
    shown.push_str(rest);
    shown
}

/// A tag shows nothing; a `<` that begins none is itself.
fn tag(text: &str) -> (Option<char>, usize) {
    let begins = text[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    match text.find('>').filter(|_| begins) {
        Some(end) => (None, end + 1),
        None => (Some('<'), 1),
    }
}

/// Telegram knows four names, and numbers.
fn entity(text: &str) -> (Option<char>, usize) {
    let end = text.bytes().take(12).position(|byte| byte == b';');
    let read = end.and_then(|end| match &text[1..end] {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        number => {
            let number = number.strip_prefix('#')?;
            let hex = number.strip_prefix(['x', 'X']).map(|hex| u32::from_str_radix(hex, 16));
            char::from_u32(hex.unwrap_or_else(|| number.parse()).ok()?)
        }
    });
    match (read, end) {
        (Some(c), Some(end)) => (Some(c), end + 1),
        _ => (Some('&'), 1),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_shown_is_what_is_left_of_markup() {
        let check = |mode: Mode, markup: &str, expected: &str| assert_eq!(mode.visible(markup), expected);
        check(Mode::Html, r#"<b>a</b> &lt;&#43;&#x1F4F7; <a href="http://x?a&amp;b">c</a>"#, "a <+📷 c");
        check(Mode::Html, "a < b & c &unknown; &", "a < b & c &unknown; &");
        check(Mode::Html, "<", "<");
        check(Mode::Html, "ü&ü;", "ü&ü;");
        check(Mode::MarkdownV2, r"*a* \*b\* c\\", r"*a* *b* c\");
        check(Mode::Markdown, r"*a* \*", r"*a* \*");
        check(Mode::Plain, "<b>", "<b>");
    }

    #[test]
    fn links_hold_what_would_end_them() {
        let check = |mode: Mode, expected: &str| assert_eq!(mode.link("a]b", "http://x/(1)?a&b"), expected);
        check(Mode::Html, r#"<a href="http://x/(1)?a&amp;b">a]b</a>"#);
        check(Mode::MarkdownV2, r"[a\]b](http://x/(1\)?a&b)");
        check(Mode::Markdown, "[a b](http://x/(1%29?a&b)");
        check(Mode::Plain, "a]b: http://x/(1)?a&b");
    }

    #[test]
    fn modes_have_telegrams_names() {
        let named = |name| Mode::named(name).map(|mode| format!("{:?}", mode.parse_mode()));
        assert_eq!(named("HTML").as_deref(), Some("Some(Html)"));
        assert_eq!(named("MarkdownV2").as_deref(), Some("Some(MarkdownV2)"));
        assert_eq!(named("Markdown").as_deref(), Some("Some(Markdown)"));
        assert_eq!(named("plain").as_deref(), Some("None"));
        assert_eq!(named("").as_deref(), Some("None"));
        assert_eq!(named("None").as_deref(), Some("None"));
        assert_eq!(named("html"), None);
    }

    proptest! {
        #[test]
        fn what_is_escaped_is_shown_as_it_was(text in r#"[a-c<>&"'_*\[\]()~`>#+=|{}.!\\ ü📷;#-]{0,40}"#) {
            for mode in [Mode::Html, Mode::MarkdownV2, Mode::Plain] {
                prop_assert_eq!(mode.visible(&mode.escape(&text)), text.clone());
            }
        }
    }
}
