//! The server: HTTP, pages, command line, configuration, database, wiring. The only place that composes.
