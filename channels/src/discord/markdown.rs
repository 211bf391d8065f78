//! Discord's Markdown: what values must not be able to begin, where a text may be cut, and whom a text mentions.
//!
//! Backslashes escape (<https://support.discord.com/hc/en-us/articles/210298617>); in links they would change the address, so
//! there the same characters are percent-encoded. Mentions are parted by a space without width: a backslash does not
//! keep the server from reading them.
//!
//! Deliberately unknown here: messages, embeds, requests.

use alerts::ports::TextUnit;

use crate::sending::truncate::{length, prefix};

/// A space that takes no room.
const NO_WIDTH: char = '\u{200B}';

/// What `@` may not be followed by.
const GROUPS: [&str; 2] = ["everyone", "here"];

/// A value that means nothing but itself: no emphasis, code, heading, list, quote, link with other words, mention.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut at = 0;
    let mut line_starts = true;
    while let Some(c) = text[at..].chars().next() {
        let (before, rest) = text.split_at(at);
        let link = link_length(before, rest);
        if link > 0 {
            encode(&rest[..link], &mut out);
            (at, line_starts) = (at + link, false);
            continue;
        }
        at += c.len_utf8();
        let after = &text[at..];
        match c {
            '\\' | '*' | '`' | '~' | '|' | '[' | ']' | '<' | '>' => out.extend(['\\', c]),
            '_' if !is_inside_of_a_word(before, after) => out.extend(['\\', c]),
            '#' | '-' | '+' if line_starts => out.extend(['\\', c]),
            '@' if may_mention(after) => out.extend([c, NO_WIDTH]),
            c => out.push(c),
        }
        line_starts = c == '\n' || (line_starts && c.is_whitespace());
    }
    out
}

/// The same for texts in which mentions count: behind an `@` of the template, a value is not the name of a group either.
pub fn escape_in_content(text: &str) -> String {
    let escaped = escape(text);
    let names_a_group = GROUPS.iter().any(|group| begins_with(text, group));
    if names_a_group { format!("{NO_WIDTH}{escaped}") } else { escaped }
}

/// At most `max` characters of a text whose values are escaped; no escape is torn.
pub fn cut(text: &str, max: usize) -> String {
    if length(text, TextUnit::Chars) <= max {
        return text.to_owned();
    }
    let head = prefix(text, TextUnit::Chars, max.saturating_sub(1)).trim_end();
    let torn = (head.len() - head.trim_end_matches('\\').len()) % 2;
    format!("{}…", &head[..head.len() - torn])
}

/// Whom a text mentions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// `@everyone` or `@here`.
    pub everyone: bool,
    /// `<@id>`
    pub users: Vec<u64>,
    /// `<@&id>`
    pub roles: Vec<u64>,
}

/// The mentions of a text whose values are escaped: what is left is the template's own.
pub fn mentions(text: &str) -> Mentions {
    let mut found = Mentions::default();
    for (at, _) in text.match_indices('@') {
        let (before, after) = (&text[..at], &text[at + 1..]);
        found.everyone |= !before.ends_with('\\') && GROUPS.iter().any(|group| after.starts_with(group));
        if before.strip_suffix('<').is_none_or(|before| before.ends_with('\\')) {
            continue;
        }
        let (list, after) = match after.strip_prefix('&') {
            Some(after) => (&mut found.roles, after),
            None => (&mut found.users, after.strip_prefix('!').unwrap_or(after)),
        };
        let id = after.split_once('>').and_then(|(id, _)| id.parse().ok()).filter(|id| (1..u64::MAX).contains(id));
        list.extend(id.filter(|id| !list.contains(id)));
    }
    found
}

fn may_mention(after: &str) -> bool {
    // the end of a value may be followed by anything
    let to_be_continued = |group: &&str| begins_with(group, after) || begins_with(after, group);
    after.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '!' | '&')) || GROUPS.iter().any(to_be_continued)
}

fn begins_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

fn is_inside_of_a_word(before: &str, after: &str) -> bool {
    before.ends_with(char::is_alphanumeric) && after.starts_with(char::is_alphanumeric)
}

/// How long the link is that begins here; 0: none does. Punctuation behind it belongs to the sentence.
fn link_length(before: &str, rest: &str) -> usize {
    let begins = begins_with(rest, "http://") || begins_with(rest, "https://");
    if !begins || before.ends_with(char::is_alphanumeric) {
        return 0;
    }
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"')).unwrap_or(rest.len());
    let link = rest[..end].trim_end_matches(['.', ',', ':', ';', '!', '?', '\'', '*', ']', '\\']);
    let link = if link.contains('(') { link } else { link.trim_end_matches(')') };
    // "http://" alone is none
    if link.ends_with('/') && link.len() <= "https://".len() { 0 } else { link.len() }
}

fn encode(link: &str, out: &mut String) {
    for (at, c) in link.char_indices() {
        match c {
            '(' => out.push_str("%28"),
            ')' => out.push_str("%29"),
            '*' => out.push_str("%2A"),
            '\\' => out.push_str("%5C"),
            '`' => out.push_str("%60"),
            '|' => out.push_str("%7C"),
            '~' => out.push_str("%7E"),
            '@' if may_mention(&link[at + 1..]) => out.push_str("%40"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(escape(text), expected);
    }

    #[test]
    fn values_mean_nothing_but_themselves() {
        check("**bold** _it_ ~~no~~ ||spoiler|| `code`", r"\*\*bold\*\* \_it\_ \~\~no\~\~ \|\|spoiler\|\| \`code\`");
        check("disk_full on db-1 (#2)", "disk_full on db-1 (#2)");
        check("__init__", r"\_\_init\_\_");
        check("# big\n- item\n > quote", "\\# big\n\\- item\n \\> quote");
        check("-# small", r"\-# small");
        check("[here](http://evil)", r"\[here\](http://evil)");
        check("```\ncode\n```", "\\`\\`\\`\ncode\n\\`\\`\\`");
        check(r"a\*b", r"a\\\*b");
    }

    #[test]
    fn values_mention_nobody() {
        check("@everyone and @HERE", "@\u{200B}everyone and @\u{200B}HERE");
        check("<@1> <@!2> <@&3> <#4>", "\\<@\u{200B}1\\> \\<@\u{200B}!2\\> \\<@\u{200B}&3\\> \\<#4\\>");
        check("ops@example.org", "ops@example.org");
        // what follows may complete it
        check("@", "@\u{200B}");
        check("@ever", "@\u{200B}ever");
        assert_eq!(escape_in_content("everyone"), "\u{200B}everyone");
        assert_eq!(escape_in_content("Here we are"), "\u{200B}Here we are");
        assert_eq!(escape_in_content("there"), "there");
    }

    #[test]
    fn links_stay_links() {
        check("http://x.test/a_b?c=d_*", "http://x.test/a_b?c=d_\\*");
        check("see http://x.test/a_b.", "see http://x.test/a_b.");
        check("(http://x.test/_a_)", "(http://x.test/_a_)");
        check("http://x.test/Foo_(bar)|`", "http://x.test/Foo_%28bar%29%7C%60");
        check("http://x.test/@everyone", "http://x.test/%40everyone");
        check("http://user@x.test/", "http://user@x.test/");
        check("http://", "http://");
        check("http://[x](http://evil)", "http://[x]%28http://evil%29");
    }

    #[test]
    fn escapes_are_not_torn() {
        assert_eq!(cut(r"ab\*c", 10), r"ab\*c");
        assert_eq!(cut(r"ab\*c", 4), "ab…");
        assert_eq!(cut(r"a\\\*c", 4), r"a\\…");
        assert_eq!(cut("ends with…", 10), "ends with…");
    }

    #[test]
    fn the_templates_own_mentions_are_found() {
        let check = |text: &str, everyone, users: &[u64], roles: &[u64]| {
            let expected = Mentions { everyone, users: users.to_vec(), roles: roles.to_vec() };
            assert_eq!(mentions(text), expected, "{text}");
        };
        check("<@12> <@!13> <@&14> @here <@12>", true, &[12, 13], &[14]);
        check("@everyone", true, &[], &[]);
        check(r"\@everyone \<@12> <@> <@x> <@0> <@18446744073709551615>", false, &[], &[]);
        check("ops@example.org", false, &[], &[]);
    }

    proptest! {
        /// However values are put together, and whatever stands around them.
        #[test]
        fn no_values_ever_mention(values in proptest::collection::vec("(<@|<|@|!|&|[0-9]{1,3}|>|everyone|every|here|http://a/|\\\\|[a-z ]){0,4}", 1..4)) {
            let text: String = values.iter().map(|value| escape_in_content(value)).collect();
            prop_assert_eq!(mentions(&text), Mentions::default(), "{}", text);
        }

        #[test]
        fn cuts_keep_their_bounds(text in "[a*_\\\\ü🇩🇪]{0,40}", max in 1usize..30) {
            let cut = cut(&escape(&text), max);
            prop_assert!(cut.chars().count() <= max, "{}", cut);
            let head = cut.trim_end_matches('…');
            prop_assert!((head.len() - head.trim_end_matches('\\').len()).is_multiple_of(2) || cut == escape(&text), "{}", cut);
        }
    }
}
