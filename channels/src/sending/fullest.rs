//! The fullest form of a message that fits: whole alerts go before anything is cut, so that markup is never torn.
//!
//! Texts are made from values by templates of the user's own; a text that is too long is made again from fewer alerts, then
//! from shorter values. Cutting the finished text would cut through tags, links and escapes.
//!
//! Deliberately unknown here: templates, units, markup: the caller renders, and says whether it fits.

use std::borrow::Cow;

use alerts::{
    LabelSet,
    message::Message,
    ports::TextLimit,
    templates::{SILENCE, fix_links},
};

use super::truncate::truncate;

/// To how many characters values are cut, step by step, once a single alert is too long.
const VALUE_LENGTHS: [usize; 4] = [1_000, 250, 80, 20];

/// Renders the message with as many alerts as fit: `render` gets the message and how many of its alerts were left out. With one
/// alert that is still too long, its values are cut. None: not even that fits.
///
/// The message that `render` gets is not escaped yet: escape in it, so that no escape is torn either.
pub fn fullest<T>(
    message: &Message,
    mut render: impl FnMut(&Message, usize) -> T,
    fits: impl Fn(&T) -> bool,
) -> Option<T> {
    let whole = render(message, 0);
    if fits(&whole) {
        return Some(whole);
    }
    let all = message.alerts.len();
    let mut with = |count: usize| render(&first(message, count), all - count);
    let mut best = None;
    // `low` alerts are known to fit (none at first), `high` are known not to
    let (mut low, mut high) = (0, all);
    while low + 1 < high {
        let middle = usize::midpoint(low, high);
        let rendered = with(middle);
        if fits(&rendered) {
            (low, best) = (middle, Some(rendered));
        } else {
            high = middle;
        }
    }
    best.or_else(|| {
        VALUE_LENGTHS.iter().find_map(|max| {
            let short = shortened(&first(message, 1), *max);
            Some(render(&short, all.saturating_sub(1))).filter(|rendered| fits(rendered))
        })
    })
}

/// The words for what was left out: `and 3 more alerts`.
pub fn and_more(left_out: usize) -> Option<String> {
    match left_out {
        0 => None,
        1 => Some("and 1 more alert".to_owned()),
        more => Some(format!("and {more} more alerts")),
    }
}

/// The words for pictures that were left out: `and 3 more pictures`.
pub fn and_more_pictures(left_out: usize) -> Option<String> {
    match left_out {
        0 => None,
        1 => Some("and 1 more picture".to_owned()),
        more => Some(format!("and {more} more pictures")),
    }
}

fn first(message: &Message, count: usize) -> Message {
    let alerts = message.alerts[..count.min(message.alerts.len())].to_vec();
    Message { alerts, ..message.clone() }
}

fn shortened(message: &Message, max: usize) -> Message {
    let limit = TextLimit::chars(max);
    let form = format!("{}/#/silences/new", message.external_url);
    let short_value = |name: &str, value: &str| match truncate(value, limit) {
        Cow::Owned(_) if name == SILENCE => form.clone(),
        // a link, or a name of something: half of it leads nowhere
        Cow::Owned(_) if name.starts_with("__") => String::new(),
        cut => cut.into_owned(),
    };
    let cut = |set: &LabelSet| -> LabelSet {
        set.iter().map(|(name, value)| (truncate(name, limit).into_owned(), short_value(name, value))).collect()
    };
    let mut short = message.clone();
    // forms to silence want the labels as they are
    fix_links(&mut short);
    for one in &mut short.alerts {
        one.alert.labels = cut(&one.alert.labels);
        one.alert.annotations = cut(&one.alert.annotations);
        // a link that is cut leads nowhere
        if one.alert.generator_url.chars().count() > max {
            one.alert.generator_url = String::new();
        }
    }
    short.group_labels = cut(&short.group_labels);
    short.route_labels = cut(&short.route_labels);
    short.common_labels = cut(&short.common_labels);
    short.common_annotations = cut(&short.common_annotations);
    short
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use alerts::{Alert, Status, message::MessageAlert};
    use proptest::prelude::*;

    use super::*;
    use crate::sending::samples;

    fn message(lengths: &[usize]) -> Message {
        let mut message = samples::message();
        let one = message.alerts[0].clone();
        message.alerts = lengths
            .iter()
            .map(|length| {
                let annotations = [("summary", "x".repeat(*length))].into_iter().collect();
                MessageAlert { status: Status::Firing, alert: Alert { annotations, ..one.alert.clone() } }
            })
            .collect();
        message
    }

    fn rendered(message: &Message, left_out: usize) -> String {
        let texts: Vec<&str> =
            message.alerts.iter().map(|one| one.alert.annotations.get("summary").unwrap_or("")).collect();
        let more = and_more(left_out).unwrap_or_default();
        format!("<b>{}</b>{more}", texts.join("</b><b>"))
    }

    fn check(lengths: &[usize], room: usize, expected: Option<&str>) {
        let found = fullest(&message(lengths), rendered, |text| text.len() <= room);
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    fn alerts_go_before_values_are_cut() {
        check(&[2, 2], 100, Some("<b>xx</b><b>xx</b>"));
        check(&[2, 2, 2], 26, Some("<b>xx</b>and 2 more alerts"));
        check(&[2], 3, None);
        let long = format!("<b>{}…</b>", "x".repeat(79));
        check(&[5_000], 100, Some(&long));
    }

    /// Found by the channel for Teams: a link made of cut labels silences nothing.
    #[test]
    fn links_to_silence_are_those_of_the_whole_labels() {
        let check = |length: usize, expected: &str| {
            let mut long = message(&[10]);
            long.alerts[0].alert.labels = [("alertname", "x".repeat(length))].into_iter().collect();
            let link = |message: &Message, _| message.alerts[0].alert.annotations.value(SILENCE).to_owned();
            let found = fullest(&long, link, |link| !link.is_empty()).expect("a link");
            assert!(found.ends_with(expected), "{found}");
        };
        check(900, &format!("%22{}%22%7D", "x".repeat(900)));
        check(3_000, "/#/silences/new");
    }

    #[test]
    fn few_renderings_are_made() {
        let count = Cell::new(0);
        let render = |message: &Message, left_out: usize| {
            count.set(count.get() + 1);
            rendered(message, left_out)
        };
        let found = fullest(&message(&[10; 1_000]), render, |text| text.len() <= 5_000).unwrap();
        assert!(found.len() > 4_950 && found.ends_with("more alerts"), "{}", found.len());
        assert!(count.get() <= 12, "{}", count.get());
    }

    proptest! {
        #[test]
        fn what_comes_out_fits(lengths in proptest::collection::vec(0usize..300, 1..20), room in 0usize..2_000) {
            let found = fullest(&message(&lengths), rendered, |text| text.len() <= room);
            prop_assert!(found.is_none_or(|text| text.len() <= room && text.starts_with("<b>")));
        }
    }
}
