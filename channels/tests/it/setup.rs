//! Builds channels from configurations the way the server does.

use std::sync::{Arc, Mutex, Once};

use alerts::{
    ports::{Channel, Inbox, InboxEntry, InboxPicture, SendError, StoreError},
    templates::Templates,
};
use async_trait::async_trait;
use channels::{
    BuildContext, BuildError, Built, Globals, Receiver,
    sending::{Http, Rehearsal},
};

/// Texts of the tests' own under the names of the defaults, so that a better default text does not change golden files.
const TEMPLATES: &str = r##"
{{ define "test.title" }}[{{ .Status | toUpper }}{{ if eq .Status "firing" }}:{{ .Alerts.Firing | len }}{{ end }}] {{ .GroupLabels.SortedPairs.Values | join " " }}{{ end }}
{{ define "test.text" }}{{ range .Alerts }}{{ .Status }} {{ .Labels.alertname }} {{ .Labels.instance }}: {{ .Annotations.summary }}
{{ end }}{{ end }}
{{ define "inbox.default.title" }}{{ template "test.title" . }}{{ end }}
{{ define "inbox.default.text" }}{{ template "test.text" . }}{{ end }}
{{ define "slack.default.title" }}{{ template "test.title" . }}{{ end }}
{{ define "slack.default.titlelink" }}{{ .ExternalURL }}/#/alerts?receiver={{ .Receiver | urlquery }}&x=1{{ end }}
{{ define "slack.default.text" }}{{ template "test.text" . }}{{ end }}
{{ define "slack.default.fallback" }}{{ template "test.title" . }}{{ end }}
{{ define "slack.default.color" }}{{ if eq .Status "firing" }}danger{{ else }}good{{ end }}{{ end }}
{{ define "mattermost.default.title" }}{{ template "test.title" . }}{{ end }}
{{ define "mattermost.default.titlelink" }}{{ .ExternalURL }}/#/alerts?receiver={{ .Receiver | urlquery }}{{ end }}
{{ define "mattermost.default.text" }}{{ template "test.text" . }}{{ end }}
{{ define "mattermost.default.fallback" }}{{ template "test.title" . }}{{ end }}
{{ define "mattermost.default.username" }}wirephoto{{ end }}
{{ define "rocketchat.default.title" }}{{ template "test.title" . }}{{ end }}
{{ define "rocketchat.default.titlelink" }}{{ .ExternalURL }}/#/alerts?receiver={{ .Receiver | urlquery }}{{ end }}
{{ define "rocketchat.default.text" }}{{ template "test.text" . }}{{ end }}
{{ define "webex.default.message" }}**{{ template "test.title" . }}**

{{ template "test.text" . }}{{ end }}
{{ define "telegram.default.message" }}<b>{{ template "test.title" . }}</b>
{{ template "test.text" . }}{{ end }}
{{ define "email.default.subject" }}{{ template "test.title" . }}{{ end }}
{{ define "email.default.text" }}{{ template "test.text" . }}{{ end }}
{{ define "email.default.html" }}<h1>{{ template "test.title" . }}</h1>
{{ range .Alerts }}<p title="{{ .Labels.alertname }}">{{ .Annotations.summary }}</p>
{{ end }}{{ range .Pictures }}<img src="{{ .Src }}" alt="{{ .Alt }}" width="{{ .Width }}">
{{ end }}{{ if .PicturesLeftOut }}<p>and {{ .PicturesLeftOut }} more pictures</p>{{ end }}{{ end }}
"##;

/// An inbox in memory.
#[derive(Default)]
pub struct Shelf {
    pub entries: Mutex<Vec<InboxEntry>>,
    pub fails: bool,
}

#[async_trait]
impl Inbox for Shelf {
    async fn keep(&self, entry: InboxEntry) -> Result<i64, StoreError> {
        if self.fails {
            return Err(StoreError::Failed("disk full".into()));
        }
        let mut entries = self.entries.lock().unwrap();
        if let Some(at) = entries.iter().position(|kept| kept.idempotency_key == entry.idempotency_key) {
            entries[at] = entry;
            return Ok(at as i64);
        }
        entries.push(entry);
        Ok(entries.len() as i64 - 1)
    }

    async fn add_pictures(&self, id: i64, pictures: Vec<InboxPicture>) -> Result<(), StoreError> {
        self.entries.lock().unwrap()[id as usize].pictures.extend(pictures);
        Ok(())
    }
}

#[derive(Default)]
pub struct Setup {
    pub globals: Globals,
    pub shelf: Arc<Shelf>,
    pub cloud_images: bool,
    /// Stands in for the network.
    pub rehearsal: Option<Arc<Rehearsal>>,
    /// With the default texts, instead of those above.
    pub default_texts: bool,
}

impl Setup {
    pub fn build(&self, receiver: &Receiver) -> Result<Vec<Built>, Vec<BuildError>> {
        static TLS: Once = Once::new();
        TLS.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        let files = if self.default_texts { vec![] } else { vec![("test.tmpl".to_owned(), TEMPLATES.to_owned())] };
        let templates = Templates::load(&files).unwrap();
        let context = BuildContext {
            templates: &templates,
            globals: &self.globals,
            http: &match &self.rehearsal {
                Some(rehearsal) => Http::rehearsing(rehearsal.clone()).unwrap(),
                None => Http::shared().unwrap(),
            },
            inbox: self.shelf.clone(),
            cloud_images: self.cloud_images,
        };
        receiver.build("receivers[0]", &context)
    }

    /// The one channel of a receiver written in TOML.
    pub fn channel(&self, toml: &str) -> Arc<dyn Channel> {
        let mut built = self.build(&receiver(toml)).unwrap();
        assert_eq!(built.len(), 1);
        built.remove(0).channel
    }

    /// What is wrong with a receiver written in TOML.
    pub fn problems(&self, toml: &str) -> Vec<String> {
        let errors = self.build(&receiver(toml)).err().unwrap_or_default();
        errors.iter().map(ToString::to_string).collect()
    }
}

pub fn receiver(toml: &str) -> Receiver {
    toml::from_str(toml).unwrap()
}

/// Adds the integrations of another receiver, written in TOML.
pub fn extend(receiver: &mut Receiver, toml: &str) {
    let more: Receiver = self::receiver(toml);
    receiver.extend(more);
}

/// A failure as all places show it.
pub fn shown(error: &SendError) -> String {
    format!("{error} {error:?}")
}
