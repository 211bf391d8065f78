//! The machine along timelines, in virtual time, on fakes of all ports.

mod deliveries;
mod pictures;
mod restarts;
mod timelines;
