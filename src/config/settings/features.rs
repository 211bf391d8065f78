//! What `--enable-feature` switches on, besides the syntax of matchers, which is [`super::Settings::matcher_syntax`].
//!
//! Deliberately unknown here: the command line.

/// What is switched on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// `receiver-name-in-metrics`: metrics of notifications have the label `receiver_name`.
    pub receiver_name_in_metrics: bool,
}
