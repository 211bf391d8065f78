//! The machine along timelines, in virtual time, on fakes of all ports.

mod timelines;
