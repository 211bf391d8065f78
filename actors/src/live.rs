//! What a reload of the configuration changes for actors that live on: read anew at each use, swapped whole.
//!
//! Deliberately unknown here: who reads it; what is replaced together with its actors (groups, channels, screenshots).

use std::{sync::Arc, time::Duration};

use alerts::{ports::Renderer, silence::SilenceLimits};
use arc_swap::ArcSwap;

use crate::{Settings, group::Router};

/// The part of the settings that is read at each use.
pub(crate) struct Live {
    pub(crate) router: Arc<Router>,
    /// None where pictures are switched off.
    pub(crate) renderer: Option<Arc<dyn Renderer>>,
    /// How long links to pictures live.
    pub(crate) link_lifetime: Duration,
    /// How long pictures are kept after they were last sent.
    pub(crate) retention: Duration,
    pub(crate) silence_limits: SilenceLimits,
    /// How long silences are kept after their end.
    pub(crate) silence_retention: Duration,
}

/// Where it is read.
pub(crate) type LiveCell = Arc<ArcSwap<Live>>;

impl Live {
    /// The settings' part; `renderer` counts only where pictures are switched on.
    pub(crate) fn of(settings: &Settings, router: Arc<Router>, renderer: Option<Arc<dyn Renderer>>) -> Self {
        Self {
            router,
            renderer: renderer.filter(|_| settings.screenshots.is_some()),
            link_lifetime: settings.link_lifetime,
            retention: settings.retention,
            silence_limits: settings.silence_limits,
            silence_retention: settings.silence_retention,
        }
    }
}
