//! Whole-system tests, one module a topic.

mod cli;
