//! What a panel of log lines shows, as plain data.
//!
//! It does not know where the lines came from or how a level was found.

use jiff::tz::TimeZone;

/// A panel of log lines, the first at the top. Any content is drawable.
#[derive(Debug, Clone)]
pub struct Logs {
    /// The headline.
    pub title: String,
    /// A second, smaller line.
    pub subtitle: Option<String>,
    /// Start of the window.
    pub from_ms: i64,
    /// End of the window.
    pub to_ms: i64,
    /// In which times are written.
    pub timezone: TimeZone,
    /// The lines; those that do not fit are left out.
    pub lines: Vec<LogLine>,
    /// There are more lines than these, nobody counted how many.
    pub cut: bool,
    /// The text in the middle when there are no lines. Without: "No lines".
    pub no_data: Option<String>,
}

impl Logs {
    /// An empty panel in UTC, to be filled in by struct update.
    pub fn new(title: impl Into<String>, from_ms: i64, to_ms: i64) -> Logs {
        Logs {
            title: title.into(),
            subtitle: None,
            from_ms,
            to_ms,
            timezone: TimeZone::UTC,
            lines: Vec::new(),
            cut: false,
            no_data: None,
        }
    }
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When it was written.
    pub at_ms: i64,
    /// How grave it is.
    pub level: LogLevel,
    /// What it says. It is wrapped where there is room below, else cut.
    pub text: String,
}

/// How grave a line is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogLevel {
    /// Nobody says.
    #[default]
    Unknown,
    /// More than debugging needs.
    Trace,
    /// For debugging.
    Debug,
    /// Ordinary.
    Info,
    /// Not yet wrong.
    Warning,
    /// Wrong.
    Error,
    /// Worse.
    Critical,
}
