//! Whole-system tests, one module a topic.

// All of this is tests: clippy allows panics only in the `#[test]` functions themselves, not in what they call.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod cli;
mod faults;
mod repo;
mod warehouse;
