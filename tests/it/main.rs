//! The server's tests from outside, in one binary.

mod database;
mod pages;
mod store_conformance;
