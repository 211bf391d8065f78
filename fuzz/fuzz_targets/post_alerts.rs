//! Bodies of `POST /api/v2/alerts`: the fast way and the plain one have the same outcome, and neither panics.
//!
//! `cargo fuzz run post_alerts` (nightly Rust). The property tests in `alerts/src/intake/fast/tests.rs` hold the same.
#![no_main]

use alerts::{
    Time,
    intake::{Batch, Rules},
    table::AlertTable,
};
use libfuzzer_sys::fuzz_target;

const NOW: Time = Time::from_secs(1_700_000_000);

fuzz_target!(|body: &[u8]| {
    let rules = Rules::default();
    let either = Batch::of_v2(body, &AlertTable::new(), NOW, &rules);
    assert_eq!(either, Batch::of_v2_plainly(body, &AlertTable::new(), NOW, &rules));
});
