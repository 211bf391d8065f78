//! Text before it is drawn: cleaned of what must not reach a picture, cut to the room there is.
//!
//! It does not know what the text says.

use crate::raster::Font;

/// More characters than fit into any picture; what lies between the ends of a longer text is dropped unseen.
const ENDS: usize = 400;
const ELLIPSIS: char = '…';

/// The text in one line, without control characters, direction overrides and other invisible ones.
pub(crate) fn clean(text: &str) -> String {
    let visible = |text: &str, most: usize| -> String { text.chars().take(most).filter_map(visible).collect() };
    if text.len() <= 2 * ENDS {
        return visible(text, usize::MAX).trim().to_owned();
    }
    let (head, tail) = (text.char_indices().nth(ENDS), text.char_indices().nth_back(ENDS));
    match (head, tail) {
        (Some((head, _)), Some((tail, _))) if head < tail => {
            format!("{}{ELLIPSIS}{}", visible(&text[..head], ENDS), visible(&text[tail..], ENDS + 1)).trim().to_owned()
        }
        _ => visible(text, usize::MAX).trim().to_owned(),
    }
}

/// The character as it is drawn; none for what has no picture of its own.
fn visible(character: char) -> Option<char> {
    match character {
        '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' | '\u{a0}' => Some(' '),
        // soft hyphen, zero widths, direction marks, embeddings and isolates, variation selectors, byte order mark
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => None,
        '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' => None,
        '\u{e0000}'..='\u{e0fff}' => None,
        control if control.is_control() => None,
        other => Some(other),
    }
}

/// How many bytes at their start several names have in common, up to the end of a word; 0 for a single name.
pub(crate) fn shared_start(names: &[&str]) -> usize {
    let Some((first, others)) = names.split_first().filter(|(_, others)| !others.is_empty()) else { return 0 };
    let same = |a: &str, b: &str| a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let shared = others.iter().map(|other| same(first, other)).min().unwrap_or(0);
    let shared = (0..=shared).rev().find(|end| first.is_char_boundary(*end)).unwrap_or(0);
    let end_of_word = |character: char| !character.is_alphanumeric();
    first[..shared].rfind(end_of_word).map_or(0, |last| last + first[last..].chars().next().map_or(0, char::len_utf8))
}

/// Cuts the end of a text that is wider than `room` pixels.
pub(crate) fn cut_end(text: &str, font: Font, room: f32) -> String {
    cut(text, font, room, |room| (room, 0.0))
}

/// Cuts the middle of a text that is wider than `room`: names of series differ at both ends.
pub(crate) fn cut_middle(text: &str, font: Font, room: f32) -> String {
    cut(text, font, room, |room| (0.6 * room, 0.4 * room))
}

fn cut(text: &str, font: Font, room: f32, split: impl Fn(f32) -> (f32, f32)) -> String {
    if font.width(text) <= room {
        return text.to_owned();
    }
    let ellipsis = font.width("…");
    if ellipsis > room {
        return String::new();
    }
    let (head, tail) = split(room - ellipsis);
    let fitting = |room: f32, characters: &mut dyn Iterator<Item = char>| -> Vec<char> {
        let mut used = 0.0;
        let fits = |character: &char| {
            used += font.width(character.encode_utf8(&mut [0; 4]));
            used <= room
        };
        characters.take_while(fits).collect()
    };
    let head: String = fitting(head, &mut text.chars()).into_iter().collect();
    let tail: String = fitting(tail, &mut text.chars().rev()).into_iter().rev().collect();
    format!("{}{ELLIPSIS}{}", head.trim_end(), tail.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Weight;

    const FONT: Font = Font { weight: Weight::Regular, size: 12.0 };

    #[test]
    fn control_and_direction_characters_do_not_reach_the_picture() {
        assert_eq!(clean("a\u{202e}b\u{0}c\nd\u{1b}[0m "), "abc d[0m");
        assert_eq!(clean(""), "");
        assert_eq!(clean(&"x".repeat(1_000_000)).chars().count(), 2 * ENDS + 2);
    }

    #[test]
    fn names_share_whole_words() {
        assert_eq!(shared_start(&["{pod=\"checkout-1\"}", "{pod=\"checkout-22\"}", "{pod=\"cart-3\"}"]), 6);
        assert_eq!(shared_start(&["node-1", "node-2"]), 5);
        assert_eq!(shared_start(&["größe", "grün"]), 0);
        assert_eq!(shared_start(&["alone"]), 0);
    }

    #[test]
    fn long_texts_are_cut_where_they_say_least() {
        assert_eq!(cut_end("short", FONT, 100.0), "short");
        assert!(cut_end(&"long ".repeat(20), FONT, 100.0).ends_with('…'));
        let name = cut_middle("{service=\"checkout\", instance=\"10.0.0.1:9090\"}", FONT, 150.0);
        assert!(name.starts_with("{service") && name.ends_with("90\"}"), "{name}");
        assert!(FONT.width(&name) <= 150.0);
        assert_eq!(cut_middle("anything", FONT, 3.0), "");
    }
}
