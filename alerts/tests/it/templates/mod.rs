//! Go templates: compared with Go's own output, attacked with random text, and the defaults looked at.

mod defaults;
mod errors;
mod golden;
mod random;
mod support;
