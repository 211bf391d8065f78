//! The markup of Jira's older API, and of Data Center: values in it are text, and links lead where they should.
//!
//! Deliberately unknown here: templates, limits.

use url::Url;

/// Keeps a value from becoming a picture, a link, a mention, a macro or a cell: these begin or end with what is escaped.
/// Underscores and asterisks stay: they are in most names, and only change the look.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut after_backslash = false;
    for c in text.chars() {
        if matches!(c, '{' | '}' | '[' | ']' | '!' | '|') {
            if after_backslash {
                out.push(JOINER);
            }
            out.push('\\');
        }
        out.push(c);
        after_backslash = c == '\\';
    }
    if after_backslash {
        out.push(JOINER);
    }
    out
}

/// Two backslashes are a line break, and take the meaning of the second: this, which is not seen, stands between them.
const JOINER: char = '\u{2060}';

/// A link with a name that is escaped already; the name alone if it leads nowhere.
pub fn link(name: &str, url: &str) -> String {
    match Url::parse(url) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => {
            let url = url.as_str().replace('|', "%7C").replace(']', "%5D").replace('[', "%5B");
            format!("[{}|{url}]", name.replace('\n', " "))
        }
        _ => name.to_owned(),
    }
}

/// Lines as a list.
pub fn list(lines: &[String]) -> String {
    lines.iter().map(|line| format!("* {line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_begin_no_markup() {
        let check = |text: &str, expected: &str| assert_eq!(escape(text), expected);
        check("[~admin] !http://evil/x.png! {color:red}", "\\[~admin\\] \\!http://evil/x.png\\! \\{color:red\\}");
        check("node_load1 *b*", "node_load1 *b*");
        check("C:\\data", "C:\\data");
        check("\\[x|y]", "\\\u{2060}\\[x\\|y\\]");
        check("end\\", "end\\\u{2060}");
    }

    #[test]
    fn links_are_whole() {
        assert_eq!(link("a", "https://x/y?a=[1]|2"), "[a|https://x/y?a=%5B1%5D%7C2]");
        assert_eq!(link("a", "javascript:x"), "a");
    }
}
