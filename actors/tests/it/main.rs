//! The machine along timelines, in virtual time, on fakes of all ports.

mod deliveries;
mod dispatcher;
mod episodes;
mod failures;
mod inhibition;
mod pictures;
mod refresh;
mod reloads;
mod resend;
mod restarts;
mod silences;
mod storms;
mod takeover;
mod timelines;
