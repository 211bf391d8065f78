//! The machine along timelines, in virtual time, on fakes of all ports.

mod deliveries;
mod failures;
mod pictures;
mod restarts;
mod timelines;
