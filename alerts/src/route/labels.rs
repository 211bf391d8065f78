//! The labels of a route: Go templates that a group fills in, so that a receiver can be told more than the alerts say.
//!
//! Deliberately unknown here: how routes inherit them, who asks for them.

use std::collections::BTreeMap;

use crate::{
    Alert, Status, Time,
    labels::LabelSet,
    message::{Message, MessageAlert, Reason},
    templates::{Data, TemplateError, Templates, TextTemplate},
};

/// What begins an action: a text without it is its own value.
const ACTION: &str = "{{";

/// Labels of a route, own and inherited. Their values are texts until [`RouteLabels::compile`] makes templates of them.
#[derive(Clone, Debug, Default)]
pub struct RouteLabels {
    texts: BTreeMap<String, String>,
    compiled: BTreeMap<String, TextTemplate>,
}

/// A group as route labels see it.
#[derive(Clone, Copy, Debug)]
pub struct RouteGroup<'a> {
    /// The receiver's name.
    pub receiver: &'a str,
    /// Alertmanager's group key.
    pub group_key: &'a str,
    /// The labels that the group was made by.
    pub group_labels: &'a LabelSet,
    /// All alerts of the group, also those that are muted, in Alertmanager's order.
    pub alerts: &'a [Alert],
    /// Where the pages are, without a slash at the end.
    pub external_url: &'a str,
    /// What `now` is; what has ended by then is resolved.
    pub now: Time,
}

impl RouteLabels {
    /// Labels with these texts.
    pub fn new(texts: BTreeMap<String, String>) -> Self {
        Self { texts, compiled: BTreeMap::new() }
    }

    /// The names and texts as they are written.
    pub fn texts(&self) -> &BTreeMap<String, String> {
        &self.texts
    }

    /// Makes templates of the texts; `at` names the route in errors: `route.routes[1]`.
    pub(super) fn compile(&mut self, at: &str, templates: &Templates) -> Vec<(String, TemplateError)> {
        let mut errors = Vec::new();
        for (name, text) in self.texts.iter().filter(|(_, text)| text.contains(ACTION)) {
            let origin = format!("{at}.labels.{name}");
            match templates.text(&origin, text).and_then(|template| template.check().map(|()| template)) {
                Ok(template) => {
                    self.compiled.insert(name.clone(), template);
                }
                Err(error) => errors.push((origin, error)),
            }
        }
        errors
    }

    /// The value of each label for a group. Where a template cannot be executed its text stands, so that one sees which.
    pub(super) fn rendered(&self, group: &RouteGroup<'_>) -> LabelSet {
        if self.compiled.is_empty() {
            return self.texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        }
        let data = Data::new(&message_of(group)).for_route_labels(self.clone());
        let values = self.texts.keys().map(|name| (name.as_str(), self.one(name, &data)));
        values.map(|(name, value)| (name, value.unwrap_or_else(|_| self.texts[name].clone()))).collect()
    }

    /// One label, for templates that ask for it by its name; the empty string if there is none.
    pub(crate) fn one(&self, name: &str, data: &Data) -> Result<String, TemplateError> {
        match self.compiled.get(name) {
            Some(template) => template.render(data),
            None => Ok(self.texts.get(name).cloned().unwrap_or_default()),
        }
    }
}

fn message_of(group: &RouteGroup<'_>) -> Message {
    let shown = |alert: &Alert| MessageAlert {
        status: if alert.is_resolved(group.now) { Status::Resolved } else { Status::Firing },
        alert: alert.clone(),
    };
    let alerts: Vec<MessageAlert> = group.alerts.iter().map(shown).collect();
    let firing = alerts.iter().any(|alert| alert.status == Status::Firing);
    Message {
        idempotency_key: String::new(),
        receiver: group.receiver.to_owned(),
        group_key: group.group_key.to_owned(),
        status: if firing { Status::Firing } else { Status::Resolved },
        // not decided yet; the data leaves it out
        reason: Reason::Repeat,
        common_labels: Message::common(group.alerts.iter().map(|alert| &alert.labels)),
        common_annotations: Message::common(group.alerts.iter().map(|alert| &alert.annotations)),
        alerts,
        group_labels: group.group_labels.clone(),
        route_labels: LabelSet::new(),
        external_url: group.external_url.to_owned(),
        now: group.now,
        pictures: Vec::new(),
        pictures_left_out: 0,
    }
}
