//! A message as a card: the title in the colour of its severity, each alert in a container with its picture and links, what
//! all alerts share below, buttons at the end.
//!
//! Deliberately unknown here: how large it becomes, requests.

use alerts::{
    Status,
    message::{Message, MessageAlert},
    order::Severities,
    picture::Picture,
    ports::TextLimit,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    card::{Action, Card, Element, Expand, Fact, Image, Text, Tone},
    entries::Entry,
    markdown::{ALERTS_HERE, address, escape, link, paragraphs},
};
use crate::sending::{files::mime, fullest::and_more, truncate::truncate, values::one_line};

/// The longest description of a picture.
const ALT: TextLimit = TextLimit::chars(250);

/// The longest title on a button.
const BUTTON: TextLimit = TextLimit::chars(60);

/// Up to so many pictures in one place are as wide as the card.
const WIDE_PICTURES: usize = 2;

/// What a card is made of.
pub struct Parts<'a> {
    /// In Markdown, as the next.
    pub title: String,
    pub text: String,
    /// The alerts that are shown, not escaped, with the pictures.
    pub message: &'a Message,
    /// What is said of each alert, if the text wants them.
    pub entries: Vec<Entry>,
    pub alerts_left_out: usize,
    /// Whether labels of the group were shortened: a link to silence by them would silence nothing.
    pub labels_cut: bool,
}

/// The card.
pub fn card(parts: &Parts<'_>) -> Card {
    let message = parts.message;
    let mut body = vec![heading(&parts.title, message)];
    body.extend(counts(message, parts.alerts_left_out));
    let mut beside = Vec::new();
    let mut told = false;
    for (at, text) in parts.text.split(ALERTS_HERE).enumerate() {
        if at > 0 && !told {
            told = true;
            body.extend(containers(parts, &mut beside));
        }
        body.extend(Some(text.trim()).filter(|text| !text.is_empty()).map(|text| plain(text.to_owned())));
    }
    let rest: Vec<&Picture> = message.pictures.iter().filter(|one| !beside.contains(&one.record.id)).collect();
    body.extend(pictures(&rest));
    body.extend(told.then(|| shared(message)).flatten());
    body.extend(left_out(parts));
    Card::new(body, actions(parts))
}

/// The title and the way to everything else.
pub fn title_alone(title: &str, message: &Message) -> Card {
    let link = address(&message.external_url).map(|url| Action::open("All alerts", url));
    Card::new(vec![heading(title, message)], link.into_iter().collect())
}

/// How serious an alert is. A severity that nobody knows is taken seriously.
fn tone(alert: &MessageAlert) -> Tone {
    match (alert.status, Severities::default().rank(&alert.alert.labels)) {
        (Status::Resolved, _) => Tone::Good,
        (Status::Firing, 2) => Tone::Warning,
        (Status::Firing, 3) => Tone::Accent,
        (Status::Firing, _) => Tone::Attention,
    }
}

fn heading(title: &str, message: &Message) -> Element {
    let color = message.alerts.iter().map(tone).min();
    let title = if title.is_empty() { message.status.as_str().to_uppercase() } else { title.to_owned() };
    Element::TextBlock(Text { color, size: Some("large"), weight: Some("bolder"), ..Text::new(title) })
}

fn plain(text: String) -> Element {
    Element::TextBlock(Text::new(text))
}

fn subtle(text: String) -> Element {
    Element::TextBlock(Text { is_subtle: true, spacing: Some("small"), ..Text::new(text) })
}

/// How many there are of each, if there are several.
fn counts(message: &Message, left_out: usize) -> Option<Element> {
    let of = |status| message.alerts.iter().filter(|one| one.status == status).count();
    let (firing, resolved) = (of(Status::Firing), of(Status::Resolved));
    if left_out > 0 || firing == 0 || resolved == 0 {
        return None;
    }
    Some(subtle(format!("{firing} firing, {resolved} resolved")))
}

/// One for each alert; the pictures that stand in them are noted in `beside`.
fn containers(parts: &Parts<'_>, beside: &mut Vec<alerts::picture::PictureId>) -> Vec<Element> {
    let message = parts.message;
    let alone = is_alone(parts);
    let mut all = Vec::new();
    for (one, entry) in message.alerts.iter().zip(&parts.entries) {
        let belongs = |picture: &&Picture| picture.alerts == [one.alert.fingerprint];
        let own: Vec<&Picture> =
            message.pictures.iter().filter(belongs).filter(|picture| !beside.contains(&picture.record.id)).collect();
        beside.extend(own.iter().map(|picture| picture.record.id.clone()));
        let mut items = said(one, entry, &message.common_labels);
        items.extend(pictures(&own));
        items.extend((!alone).then(|| links(one, entry)).flatten());
        all.push(Element::Container { style: tone(one), items });
    }
    all
}

/// What an alert says: its title, its description, the labels that it does not share, its time.
fn said(one: &MessageAlert, entry: &Entry, shared: &alerts::LabelSet) -> Vec<Element> {
    let title = Some(one_line(&entry.title)).filter(|title| !title.is_empty());
    let title = escape(title.as_deref().unwrap_or("Alert"));
    let mut items = vec![Element::TextBlock(Text { weight: Some("bolder"), ..Text::new(title) })];
    let description = escape(&paragraphs(&entry.description));
    if !description.is_empty() && entry.description != entry.title {
        items.push(Element::TextBlock(Text { spacing: Some("small"), ..Text::new(description) }));
    }
    let own = one.alert.labels.filtered(|name, _| shared.get(name).is_none());
    let own: Vec<String> = public(&own).map(|(name, value)| format!("{name}: {value}")).collect();
    items.extend((!own.is_empty()).then(|| subtle(own.join(" · "))));
    items.push(subtle(format!("{} {}", word(one.status), escape(&entry.time))));
    items
}

const fn word(status: Status) -> &'static str {
    match status {
        Status::Firing => "Firing",
        Status::Resolved => "Resolved,",
    }
}

fn is_alone(parts: &Parts<'_>) -> bool {
    parts.message.alerts.len() == 1 && parts.alerts_left_out == 0
}

/// Names and values of labels that people are shown, in Markdown.
fn public(labels: &alerts::LabelSet) -> impl Iterator<Item = (String, String)> {
    let shown = labels.iter().filter(|(name, _)| !name.starts_with("__"));
    let shown = shown.map(|(name, value)| (escape(&one_line(name)), escape(&one_line(value))));
    shown.filter(|(_, value)| !value.is_empty())
}

/// The labels that all alerts share.
fn shared(message: &Message) -> Option<Element> {
    let facts: Vec<Fact> = public(&message.common_labels).map(|(title, value)| Fact { title, value }).collect();
    (!facts.is_empty()).then_some(Element::FactSet { facts })
}

/// Where an alert leads: words and addresses.
fn places<'a>(one: &MessageAlert, entry: &'a Entry) -> Vec<(&'static str, &'a str)> {
    // shortened labels would silence nothing
    let silences = one.status == Status::Firing && one.alert.labels.fingerprint() == one.alert.fingerprint;
    let mut places = vec![
        ("Runbook", entry.runbook.as_str()),
        ("Dashboard", entry.dashboard.as_str()),
        ("Source", entry.source.as_str()),
    ];
    places.extend(silences.then_some(("Silence", entry.silence.as_str())));
    places
}

fn links(one: &MessageAlert, entry: &Entry) -> Option<Element> {
    let places = places(one, entry).into_iter().filter(|(_, to)| address(to).is_some());
    let links: Vec<String> = places.map(|(words, to)| link(words, to)).collect();
    (!links.is_empty()).then(|| subtle(links.join(" · ")))
}

/// Of a single alert all its places; of several those of the group.
fn actions(parts: &Parts<'_>) -> Vec<Action> {
    let message = parts.message;
    let all = ("All alerts", message.external_url.as_str());
    let places = match (parts.entries.as_slice(), message.alerts.as_slice()) {
        ([entry], [one]) if is_alone(parts) => places(one, entry),
        _ => Vec::new(),
    };
    let group = if message.status == Status::Firing && !is_alone(parts) && !parts.labels_cut {
        silence_group(message)
    } else {
        String::new()
    };
    let places = places.into_iter().chain([("Silence all", group.as_str()), all]);
    places.filter_map(|(title, to)| Some(Action::open(title, address(to)?))).collect()
}

/// The link that templates have as the message's `.SilenceURL`.
fn silence_group(message: &Message) -> String {
    let mut fixed = message.clone();
    alerts::templates::fix_links(&mut fixed);
    fixed.common_annotations.value("__silenceURL__").to_owned()
}

/// What Teams cannot fetch is linked; what it can is shown.
fn pictures(all: &[&Picture]) -> Vec<Element> {
    let wide = all.len() <= WIDE_PICTURES;
    let (mut shown, mut linked) = (Vec::new(), Vec::new());
    for picture in all {
        match (source(picture), picture.url.as_deref().and_then(address)) {
            (Some(url), _) => shown.push(Element::Image(image(picture, url, wide))),
            (None, Some(url)) => linked.push(Action::open(button(picture), url)),
            (None, None) => {}
        }
    }
    let shown = match shown.len() {
        0..=WIDE_PICTURES => shown,
        _ => vec![Element::ImageSet { image_size: "large", images: shown }],
    };
    let linked = (!linked.is_empty()).then_some(Element::ActionSet { actions: linked });
    shown.into_iter().chain(linked).collect()
}

/// The file itself, or a link that can be fetched from anywhere.
fn source(picture: &Picture) -> Option<String> {
    match &picture.bytes {
        Some(bytes) => Some(format!("data:{};base64,{}", mime(bytes), STANDARD.encode(bytes))),
        None => picture.url.clone().filter(|url| url.starts_with("https://")),
    }
}

fn image(picture: &Picture, url: String, wide: bool) -> Image {
    let alt_text = truncate(&one_line(&picture.record.alt), ALT).into_owned();
    Image { url, alt_text, size: wide.then_some("stretch"), msteams: Expand { allow_expand: true } }
}

fn button(picture: &Picture) -> String {
    let title = one_line(&picture.record.title);
    truncate(&format!("Picture: {}", if title.is_empty() { "panel" } else { &title }), BUTTON).into_owned()
}

/// What is not shown, and where it is.
fn left_out(parts: &Parts<'_>) -> Option<Element> {
    let pictures = match parts.message.pictures_left_out {
        0 => None,
        1 => Some("1 more picture".to_owned()),
        more => Some(format!("{more} more pictures")),
    };
    let words: Vec<String> = and_more(parts.alerts_left_out).into_iter().chain(pictures).collect();
    (!words.is_empty()).then(|| subtle(link(&words.join(", "), &parts.message.external_url)))
}
