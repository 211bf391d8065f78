//! The pictures from outside: golden files, their content, and panels that nobody would draw on purpose.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod content;
mod golden;
mod hostile;
mod logs;
mod looks;
mod panels;
mod stats;
