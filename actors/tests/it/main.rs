//! The machine along timelines, in virtual time, on fakes of all ports.

mod deliveries;
mod dispatcher;
mod failures;
mod inhibition;
mod pictures;
mod reloads;
mod resend;
mod restarts;
mod silences;
mod takeover;
mod timelines;
