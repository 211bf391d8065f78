//! Texts with the values of labels in them, in Prometheus's form: `http://{{ $labels.instance }}/`, also `{{ .Labels.instance }}`.
//!
//! Nothing else of Prometheus's templates is understood: a panel depends on labels alone, so that equal alerts share it.
//! Deliberately unknown here: what the text is for.

use std::fmt;

use alerts::LabelSet;
use serde::{Deserialize, Deserializer, de::Error as _};

/// A text with places for labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelText(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Label(String),
}

impl LabelText {
    /// Reads a text.
    ///
    /// # Errors
    /// When a place is not closed, or names no label.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let Some((place, behind)) = after.split_once("}}") else {
                return Err(format!("{{{{ is not closed in {text:?}"));
            };
            let place = place.trim();
            let name = place.strip_prefix("$labels.").or_else(|| place.strip_prefix(".Labels."));
            let Some(name) = name.filter(|name| !name.is_empty() && name.chars().all(is_word)) else {
                return Err(format!("{{{{ {place} }}}} is not {{{{ $labels.NAME }}}}: only labels can stand here"));
            };
            pieces.extend((!before.is_empty()).then(|| Piece::Text(before.to_owned())));
            pieces.push(Piece::Label(name.to_owned()));
            rest = behind;
        }
        pieces.extend((!rest.is_empty()).then(|| Piece::Text(rest.to_owned())));
        Ok(Self(pieces))
    }

    /// The text for these labels, each value passed through `escape`; none if one of the labels is missing.
    pub fn fill(&self, labels: &LabelSet, escape: impl Fn(&str) -> String) -> Option<String> {
        self.0.iter().try_fold(String::new(), |text, piece| match piece {
            Piece::Text(piece) => Some(text + piece),
            Piece::Label(name) => labels.get(name).map(|value| text + &escape(value)),
        })
    }

    /// The labels that stand in the text, with their values; what is missing is left out.
    pub(crate) fn values(&self, labels: &LabelSet) -> Vec<(String, String)> {
        let named = self.0.iter().filter_map(|piece| match piece {
            Piece::Label(name) => Some((name.clone(), labels.get(name)?.to_owned())),
            Piece::Text(_) => None,
        });
        named.collect()
    }

    /// The beginning that no label changes.
    pub fn fixed_beginning(&self) -> &str {
        match self.0.first() {
            Some(Piece::Text(text)) => text,
            _ => "",
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

impl fmt::Display for LabelText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|piece| match piece {
            Piece::Text(text) => f.write_str(text),
            Piece::Label(name) => write!(f, "{{{{ $labels.{name} }}}}"),
        })
    }
}

impl<'de> Deserialize<'de> for LabelText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let labels: LabelSet = [("instance", "db-1:9100"), ("größe", "x")].into_iter().collect();
        let filled = LabelText::parse(text).expect("a text").fill(&labels, |value| value.replace(':', "%3A"));
        assert_eq!(filled.as_deref(), expected, "{text}");
    }

    #[test]
    fn labels_stand_in_texts() {
        check("plain", Some("plain"));
        check("", Some(""));
        check("http://{{ $labels.instance }}/{{.Labels.größe}}!", Some("http://db-1%3A9100/x!"));
        check("{{$labels.missing}}", None);
    }

    #[test]
    fn what_is_no_label_is_refused() {
        let refused = |text: &str| LabelText::parse(text).expect_err("refused");
        assert!(refused("{{ $value }}").contains("only labels"), "{}", refused("{{ $value }}"));
        assert!(refused("a {{ $labels.x").contains("not closed"));
        assert!(refused("{{ $labels.a b }}").contains("only labels"));
    }
}
