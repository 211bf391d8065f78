//! A renderer that draws nothing, slowly if need be, and counts.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use alerts::{
    Alert,
    picture::Subject,
    ports::{Capture, NoPicture, RenderError, RenderErrorKind, Rendered, Renderer},
};
use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;

/// Every alert has the panel of its name; an alert with the label `poison` makes `subject` panic.
#[derive(Default)]
pub struct FakeRenderer {
    delay: Mutex<Duration>,
    failure: Mutex<Option<RenderErrorKind>>,
    running: AtomicUsize,
    most: AtomicUsize,
    captures: Mutex<Vec<Capture>>,
}

impl FakeRenderer {
    /// How long a picture takes.
    pub fn take(&self, delay: Duration) {
        *self.delay.lock() = delay;
    }

    /// From now on pictures fail so, or not.
    pub fn fail(&self, failure: Option<RenderErrorKind>) {
        *self.failure.lock() = failure;
    }

    /// What was captured so far.
    pub fn captures(&self) -> Vec<Capture> {
        self.captures.lock().clone()
    }

    /// The most captures that ever ran at once.
    pub fn most_at_once(&self) -> usize {
        self.most.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Renderer for FakeRenderer {
    fn subject(&self, alert: &Alert) -> Result<Subject, NoPicture> {
        assert!(alert.labels.get("poison").is_none(), "poisoned alert");
        if alert.labels.get("picture") == Some("none") {
            return Err(NoPicture("not associated with a panel".into()));
        }
        Ok(Subject { source: "fake".into(), panel: alert.name().into(), variables: String::new() })
    }

    async fn render(&self, capture: &Capture, _: Duration) -> Result<Rendered, RenderError> {
        let running = self.running.fetch_add(1, Ordering::Relaxed) + 1;
        self.most.fetch_max(running, Ordering::Relaxed);
        self.captures.lock().push(capture.clone());
        let delay = *self.delay.lock();
        tokio::time::sleep(delay).await;
        self.running.fetch_sub(1, Ordering::Relaxed);
        if let Some(kind) = *self.failure.lock() {
            return Err(RenderError { kind, detail: "the fake was told to fail".into() });
        }
        let title = format!("{} {}", capture.subject.panel, capture.transition.as_str());
        let png = Bytes::from(title.clone().into_bytes());
        Ok(Rendered { png, width: 10, height: 5, alt: title.clone(), title })
    }
}
