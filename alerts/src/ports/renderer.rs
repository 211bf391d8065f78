//! The port of the pictures: which panel belongs to an alert, and the panel as PNG.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;

use crate::{
    alert::{Alert, Transition},
    labels::LabelSet,
    picture::Subject,
    time::Time,
};

/// Chooses the panel of an alert and draws it.
#[async_trait]
pub trait Renderer: Send + Sync {
    /// The panel that belongs to an alert, from the configuration and the alert alone, without asking anybody. Alerts with
    /// equal subjects share one capture.
    fn subject(&self, alert: &Alert) -> Result<Subject, NoPicture>;

    /// Whether there are pictures only for alerts that bring their own: the others need not be asked about.
    fn only_own(&self) -> bool {
        false
    }

    /// Draws the panel as of `capture.at`, within `budget`.
    async fn render(&self, capture: &Capture, budget: Duration) -> Result<Rendered, RenderError>;
}

/// One picture to be taken, for one or many alerts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    /// What to draw.
    pub subject: Subject,
    /// Whether the alerts fired or resolved.
    pub transition: Transition,
    /// The end of the window: the transition, rounded up to a minute for the key, but never later than now.
    pub at: Time,
    /// When the first of the alerts began, as its sender says.
    pub starts_at: Time,
    /// When the first of the alerts fired here, and when the last of them resolved.
    pub fired_at: Time,
    /// When they resolved; none while they fire.
    pub resolved_at: Option<Time>,
    /// The labels that all alerts of the capture share: they narrow the series.
    pub labels: LabelSet,
    /// The annotations that they share.
    pub annotations: LabelSet,
    /// One of the alerts' links to its source.
    pub generator_url: String,
    /// How many alerts wait for the picture so far.
    pub alerts: usize,
}

/// A picture that was taken.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The PNG file.
    pub png: Bytes,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// The panel's title.
    pub title: String,
    /// A sentence that says what is to be seen.
    pub alt: String,
}

/// Why an alert has no panel. The text is for the log, in the words of Grafana's troubleshooting guide where they fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoPicture(pub String);

/// Why a picture could not be taken.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{kind}: {detail}")]
pub struct RenderError {
    /// What kind of failure.
    pub kind: RenderErrorKind,
    /// The source's own words, without secrets.
    pub detail: String,
}

/// The kinds of failure; also the `reason` label of `wirephoto_capture_failures_total`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RenderErrorKind {
    /// The source cannot be reached or answers with an error.
    Source,
    /// The time was not enough.
    Timeout,
    /// The answer is not what it should be, or too large.
    Content,
    /// There is no such panel, rule or expression.
    NotFound,
    /// The drawing failed.
    Drawing,
    /// This renderer does not draw such panels; another may.
    Unsupported,
}

impl RenderErrorKind {
    /// As a metric label.
    pub const fn as_str(self) -> &'static str {
        match self {
            RenderErrorKind::Source => "source",
            RenderErrorKind::Timeout => "timeout",
            RenderErrorKind::Content => "content",
            RenderErrorKind::NotFound => "not_found",
            RenderErrorKind::Drawing => "drawing",
            RenderErrorKind::Unsupported => "unsupported",
        }
    }
}

impl fmt::Display for RenderErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RenderErrorKind::Source => "the source failed",
            RenderErrorKind::Timeout => "out of time",
            RenderErrorKind::Content => "unusable answer",
            RenderErrorKind::NotFound => "not found",
            RenderErrorKind::Drawing => "drawing failed",
            RenderErrorKind::Unsupported => "not for this renderer",
        })
    }
}
