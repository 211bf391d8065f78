//! The time of day, for signatures: vendors hold it against their own clock.
//!
//! Deliberately unknown here: everything that is decided by time, which is the machine's, on its port `Clock`.

use std::time::SystemTime;

/// Now, as the vendor's clock should have it too.
#[expect(clippy::disallowed_methods, reason = "a signature is dated when it is made, also when it is made again")]
pub fn now() -> SystemTime {
    SystemTime::now()
}
