//! What the server says that it is.
//!
//! Programs that talk to Alertmanager (karma, for one) choose their dialect by the version in `/api/v2/status` and in
//! `alertmanager_build_info`: so it is the version of the API that is spoken here. Who really answers stands beside it.

/// The Alertmanager whose API this is.
pub const ALERTMANAGER: &str = "0.34.0";
/// Who answers.
pub const BRANCH: &str = "wirephoto";
/// The version of who answers.
pub const REVISION: &str = env!("CARGO_PKG_VERSION");
