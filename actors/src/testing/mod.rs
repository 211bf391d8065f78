//! Fakes of the ports, a clock that derives from tokio's paused instant, and a timeline to run the whole machine along.
//!
//! For tests of this crate and of others; not part of the server.

#![allow(clippy::missing_panics_doc, clippy::unwrap_used, reason = "test support: a panic is a failed test")]

mod channel;
mod clock;
mod images;
mod renderer;
mod store;
mod timeline;

pub use channel::{Answer, FakeChannel, Told};
pub use clock::VirtualClock;
pub use images::{Cloud, MemoryImages};
pub use renderer::FakeRenderer;
pub use store::MemoryStore;
pub use timeline::{AlertSpec, Setup, World, alert};
