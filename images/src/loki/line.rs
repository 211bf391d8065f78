//! A log line before it is drawn: its level by its labels, without the codes that colour it on a terminal.
//!
//! Deliberately unknown here: what the line says.

use charts::LogLevel;

use super::answer::Labels;

/// The longest line, in characters: more than fits into any picture.
const LONGEST_LINE: usize = 1_000;
/// The labels that name a level, as Grafana knows them; the first that is there counts.
const LEVEL_LABELS: [&str; 5] = ["level", "detected_level", "lvl", "severity", "loglevel"];

/// The level that a label says.
pub(super) fn level(labels: &Labels) -> LogLevel {
    LEVEL_LABELS.into_iter().find_map(|name| labels.get(name)).map_or(LogLevel::Unknown, |name| of_name(name))
}

/// Names as Grafana reads them: <https://grafana.com/docs/grafana/latest/explore/logs-integration/#log-level>
fn of_name(name: &str) -> LogLevel {
    match name.trim().to_ascii_lowercase().as_str() {
        "emerg" | "fatal" | "alert" | "crit" | "critical" | "panic" | "0" | "1" | "2" => LogLevel::Critical,
        "err" | "eror" | "error" | "3" => LogLevel::Error,
        "warn" | "warning" | "4" => LogLevel::Warning,
        "info" | "information" | "informational" | "notice" | "5" | "6" => LogLevel::Info,
        "dbug" | "debug" | "7" => LogLevel::Debug,
        "trace" => LogLevel::Trace,
        _ => LogLevel::Unknown,
    }
}

/// The line without terminal codes and control characters, cut where no picture goes on.
pub(super) fn clean(line: &str) -> String {
    let mut text = String::new();
    let mut characters = line.chars().peekable();
    let mut length = 0;
    while let Some(character) = characters.next() {
        match character {
            '\u{1b}' => skip_escape(&mut characters),
            '\u{9b}' => skip_parameters(&mut characters),
            '\t' | '\n' | '\r' => text.push(' '),
            control if control.is_control() => continue,
            other => text.push(other),
        }
        length += 1;
        if length == LONGEST_LINE {
            break;
        }
    }
    text.trim_end().to_owned()
}

type Characters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// What follows ESC (ECMA-48): `[` with parameters, `]` up to BEL or ESC `\`, or a single character.
fn skip_escape(characters: &mut Characters<'_>) {
    match characters.next_if(|next| !next.is_control()) {
        Some('[') => skip_parameters(characters),
        Some(']' | 'P' | 'X' | '^' | '_') => {
            while let Some(character) = characters.next() {
                match character {
                    '\u{7}' | '\u{9c}' => return,
                    '\u{1b}' => {
                        characters.next_if_eq(&'\\');
                        return;
                    }
                    _ => {}
                }
            }
        }
        // a set of characters is chosen with one more
        Some('(' | ')' | '#' | '%') => {
            characters.next();
        }
        _ => {}
    }
}

/// Parameters up to the letter that ends them.
fn skip_parameters(characters: &mut Characters<'_>) {
    while characters.next_if(|next| ('\u{20}'..='\u{3f}').contains(next)).is_some() {}
    characters.next_if(|next| ('\u{40}'..='\u{7e}').contains(next));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &str) {
        assert_eq!(clean(line), expected);
    }

    #[test]
    fn terminal_codes_and_control_characters_are_removed() {
        check("\u{1b}[31;1mERROR\u{1b}[0m out of memory", "ERROR out of memory");
        check("a\u{9b}38;5;196mb", "ab");
        check("\u{1b}]8;;http://evil\u{1b}\\link\u{1b}]8;;\u{7} end", "link end");
        check("\u{1b}(Bplain\u{1b}7", "plain");
        check("tab\tnew\r\n line\u{0}\u{7}\u{8}", "tab new   line");
        check("half \u{1b}[31", "half");
        check("half \u{1b}", "half");
        check("größe [31m stays", "größe [31m stays");
        check(&"x".repeat(5_000), &"x".repeat(LONGEST_LINE));
    }

    #[test]
    fn labels_name_the_level() {
        let of = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            level(&pairs.collect())
        };
        assert_eq!(of(&[("level", "ERROR"), ("detected_level", "info")]), LogLevel::Error);
        assert_eq!(of(&[("detected_level", "warn")]), LogLevel::Warning);
        assert_eq!(of(&[("severity", "critical")]), LogLevel::Critical);
        assert_eq!(of(&[("level", "unknown"), ("app", "error")]), LogLevel::Unknown);
        assert_eq!(of(&[]), LogLevel::Unknown);
    }
}
