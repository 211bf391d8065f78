//! How an event is written: the bodies of either version.
//!
//! Deliberately unknown here: where the texts come from.

use serde::Serialize;
use serde_json::{Map, Value, json};

/// What an event says.
pub struct Parts {
    pub summary: String,
    pub client: Option<String>,
    pub client_url: Option<String>,
    pub source: String,
    pub severity: &'static str,
    pub timestamp: Option<String>,
    pub class: Option<String>,
    pub component: Option<String>,
    pub group: Option<String>,
    pub images: Vec<Image>,
    pub links: Vec<Link>,
    /// The details; they are what makes an event large.
    pub details: Map<String, Value>,
    /// What went wrong with the texts.
    pub failures: Vec<String>,
}

/// A picture.
#[derive(Serialize)]
pub struct Image {
    pub src: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub href: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub alt: String,
}

/// A link.
#[derive(Serialize)]
pub struct Link {
    pub href: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
}

#[derive(Serialize)]
struct V2<'a> {
    routing_key: &'a str,
    event_action: &'a str,
    dedup_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_url: Option<String>,
    payload: Payload,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<Image>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<Link>,
}

#[derive(Serialize)]
struct Payload {
    summary: String,
    source: String,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    custom_details: Map<String, Value>,
}

/// An event of version 1: pictures and links are its contexts, and only what begins has any.
#[derive(Serialize)]
struct V1<'a> {
    service_key: &'a str,
    event_type: &'a str,
    incident_key: &'a str,
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_url: Option<String>,
    details: Map<String, Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    contexts: Vec<Context>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Context {
    Image(Image),
    Link(Link),
}

impl Parts {
    /// The body of an event of version 2.
    pub fn v2(self, routing_key: &str, event_action: &str, dedup_key: &str) -> String {
        let payload = Payload {
            summary: self.summary,
            source: self.source,
            severity: self.severity,
            timestamp: self.timestamp,
            class: self.class,
            component: self.component,
            group: self.group,
            custom_details: self.details,
        };
        let (client, client_url) = (self.client, self.client_url);
        let (images, links) = (self.images, self.links);
        json!(V2 { routing_key, event_action, dedup_key, client, client_url, payload, images, links }).to_string()
    }

    /// The body of an event of version 1.
    pub fn v1(self, service_key: &str, event_type: &str, incident_key: &str) -> String {
        let begins = event_type == "trigger";
        let contexts = self.images.into_iter().map(Context::Image).chain(self.links.into_iter().map(Context::Link));
        let event = V1 {
            service_key,
            event_type,
            incident_key,
            description: self.summary,
            client: self.client.filter(|_| begins),
            client_url: self.client_url.filter(|_| begins),
            details: self.details,
            contexts: contexts.filter(|_| begins).collect(),
        };
        json!(event).to_string()
    }
}
