//! What the server cannot yet, in one place: scenarios that are written and wait for it. Take a line out to have its scenario run.
//!
//! Deliberately unknown here: what the scenarios do.

/// The scenario, and what it waits for.
const PENDING: &[(&str, &str)] = &[
    // acceptance
    ("ClassicMode", "http: silences"),
    ("Silencing", "http: silences"),
    ("SilenceDelete", "http: silences"),
    ("AddSilence", "http: silences"),
    ("AlertGetReturnsCurrentStatus", "http: silences"),
    ("AddUTF8Alerts", "http: groups"),
    ("AddUTF8Silences", "http: silences"),
    ("HarnessFindsItsWay", "http: status"),
    // others
    ("errors", "http: silences, groups"),
    ("amtool", "http: silences, status"),
    ("resolved although silenced", "http: silences"),
    ("takeover", "http: silences"),
];

/// Whether a scenario has to wait.
pub fn is(scenario: &str) -> bool {
    let found = PENDING.iter().find(|(name, _)| *name == scenario);
    if let Some((name, what)) = found {
        println!("{name} waits for {what}");
    }
    found.is_some()
}
