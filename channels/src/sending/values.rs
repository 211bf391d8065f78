//! Label and annotation values are anybody's text. Before templates see them, what would change the meaning of the
//! message around them is taken out, or escaped the way the channel's markup wants it.
//!
//! Deliberately unknown here: which channel uses which escape. Payloads for machines get the values as they are.

use std::borrow::Cow;

use alerts::{LabelSet, message::Message, templates::fix_links};

/// The message with every value passed through [`plain`], then through `escape`. Pictures' titles and descriptions too:
/// they are made of labels. Names that Prometheus has always had stay as they are: templates ask for labels by them.
pub fn escaped(message: &Message, escape: impl Fn(&str) -> String) -> Message {
    let value = |text: &str| escape(&plain(text));
    // templates look values up by their names: those that can be written there stay as they are
    let name = |text: &str| if is_identifier(text) { text.to_owned() } else { value(text) };
    let set = |labels: &LabelSet| -> LabelSet { labels.iter().map(|(n, v)| (name(n), value(v))).collect() };
    let mut clean = message.clone();
    fix_links(&mut clean);
    for one in &mut clean.alerts {
        one.alert.labels = set(&one.alert.labels);
        one.alert.annotations = set(&one.alert.annotations);
        one.alert.generator_url = value(&one.alert.generator_url);
    }
    clean.group_labels = set(&clean.group_labels);
    clean.route_labels = set(&clean.route_labels);
    clean.common_labels = set(&clean.common_labels);
    clean.common_annotations = set(&clean.common_annotations);
    clean.group_key = value(&clean.group_key);
    for picture in &mut clean.pictures {
        picture.record.title = value(&picture.record.title);
        picture.record.alt = value(&picture.record.alt);
    }
    clean
}

/// The text without control characters (but line ends and tabs) and without the marks that turn the reading direction
/// of what follows them, which could make one word look like another.
pub fn plain(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_hostile) {
        Cow::Owned(text.chars().filter(|c| !is_hostile(*c)).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// The same in one line: for titles and headers.
pub fn one_line(text: &str) -> String {
    plain(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a name is what Prometheus's classic names are: letters, digits, underscores.
fn is_identifier(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Embeddings, overrides and isolates of Unicode's bidirectional algorithm; single marks (200E, 200F) are ordinary text.
fn is_hostile(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}') || (c.is_control() && !matches!(c, '\n' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sending::samples;

    #[test]
    fn values_are_escaped_and_links_and_plain_names_are_not_torn() {
        let mut message = samples::message();
        let alert = &mut message.alerts[0].alert;
        alert.annotations =
            [("runbook_url", "a_b"), ("odd_name!", "c"), ("__dashboardUid__", "u_1"), ("__panelId__", "3")]
                .into_iter()
                .collect();
        alert.generator_url = "http://grafana.test/alerting/x".into();
        let clean = escaped(&message, |text| text.replace('_', "\\_"));
        let annotation = |name: &str| clean.alerts[0].alert.annotations.value(name).to_owned();
        assert_eq!(annotation("runbook_url"), "a\\_b");
        assert_eq!(annotation("odd\\_name!"), "c");
        assert_eq!(annotation("__panelURL__"), "http://grafana.test/d/u\\_1?viewPanel=3");
    }

    #[test]
    fn what_turns_the_text_around_is_taken_out() {
        let check = |text: &str, expected: &str| assert_eq!(plain(text), expected);
        check("db-\u{202E}gnp.exe", "db-gnp.exe");
        check("a\u{2066}b\u{2069}\u{7}\r\nc\td", "ab\nc\td");
        check("שלום", "שלום");
        assert_eq!(one_line("a\r\nBcc: x\u{202E}\tb"), "a Bcc: x b");
    }

    #[test]
    fn names_that_templates_ask_for_stay() {
        let mut message = super::super::samples::message();
        message.alerts[0].alert.labels = [("pod_name", "a_b"), ("pod*name", "c")].into_iter().collect();
        let clean = escaped(&message, super::super::markdown::escape);
        let labels = &clean.alerts[0].alert.labels;
        assert_eq!((labels.value("pod_name"), labels.value("pod\\*name")), ("a\\_b", "c"));
    }
}
