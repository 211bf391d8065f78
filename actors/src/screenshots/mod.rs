//! Screenshots: the gate with its bounded workers, the uploader, and the pictures that both leave behind.

mod actor;
mod gate;
mod pictures;
mod uploader;

pub(crate) use actor::Screenshots;
pub(crate) use pictures::Pictures;
pub(crate) use uploader::Uploader;

/// What the lines of the log about missing pictures are marked with; Grafana's are marked `ngalert.image`.
pub(crate) const LOG: &str = "wirephoto::image";
