//! What is captured for one wish, and for several: what their alerts share. Pure.
//!
//! Deliberately unknown here: which wishes share a capture, when it is made.

use alerts::{Time, Transition, ports::Capture};

use super::ROUND;
use crate::messages::Want;

/// The capture of one wish.
pub(super) fn new_capture(want: &Want, now: Time) -> Capture {
    let alert = &want.alert;
    Capture {
        subject: want.subject.clone(),
        transition: want.transition,
        at: now.min(want.at.round_up(ROUND)),
        starts_at: alert.starts_at,
        fired_at: alert.episode.0,
        resolved_at: (want.transition == Transition::Resolved).then_some(want.at),
        labels: alert.labels.clone(),
        annotations: alert.annotations.clone(),
        generator_url: alert.generator_url.clone(),
        alerts: 1,
    }
}

/// Makes a capture that is not begun serve one more alert.
pub(super) fn widen(capture: &mut Capture, want: &Want) {
    let alert = &want.alert;
    capture.labels = capture.labels.intersection(&alert.labels);
    capture.annotations = capture.annotations.intersection(&alert.annotations);
    capture.starts_at = capture.starts_at.min(alert.starts_at);
    capture.fired_at = capture.fired_at.min(alert.episode.0);
    capture.resolved_at = capture.resolved_at.max((want.transition == Transition::Resolved).then_some(want.at));
    capture.alerts += 1;
}
