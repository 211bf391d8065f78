//! The machine: who tells whom, when. The only crate that knows actix.
//!
//! Every decision is a pure core (`*/state.rs`) beside a thin actor (`*/actor.rs`). Deliberately unknown here: vendors,
//! SDKs, HTTP servers, SQL; the world is met through the ports of [`alerts::ports`].

mod alert;
mod channel;
pub mod clock;
mod group;
mod index;
mod intake;
mod janitor;
mod live;
mod machine;
mod messages;
pub mod metrics;
mod recorder;
mod screenshots;
mod settings;
mod silences;
mod standings;
mod supervise;
mod tell;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod watch_clock;

pub use channel::{DeliveryState, IntegrationStatus};
pub use intake::Intake;
pub use machine::{Machine, ResendError, StartError};
pub use metrics::Metrics;
pub use settings::{Integration, Ports, Receiver, Screenshots, Settings};
pub use standings::{Placement, Standings};
pub use supervise::Fatal;
