//! SQL functions: one place where they are registered, for the command, the servers and cluster executors alike.
//!
//! Plans name functions and carry no code, so that they can be serialised; whoever runs a plan calls [`register`]
//! and, for functions of other crates, [`register_set`] first. This module also owns the bounds on functions that
//! turn a short argument into a huge value ([`bounded`]) and the [`statistic`] functions.

mod bounded;
mod set;
mod statistic;
#[cfg(test)]
mod tests;

pub use set::{FunctionSet, register, register_set};
