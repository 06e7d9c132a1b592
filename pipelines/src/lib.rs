//! From what publishers publish to the core tables of `esf`.
//!
//! The flow is the order of the modules: [`source`] says what there is, [`mod@fetch`] asks the publishers for it,
//! [`snapshot`] finds the files, [`read`] turns bytes into staged rows, [`map`] types them, [`check`] keeps the doubts and
//! the accounting, [`merge`] makes the tables of one list. Tables of figures take the short way from [`read`] through
//! [`statistic`] to [`merge`], pages through [`page`]. What [`map`] and [`merge`] know of single cells stands beside them:
//! [`value`]s, [`organisation`]s, places in [`region`], and in [`personal`] who is a person; `spanning` says what rows have of a
//! cell that they share. [`run`] has the steps in their
//! order and publishes, [`trace`] takes them back from one row. [`generate`] makes synthetic tables instead; [`status`] tells
//! how the runs went, and [`night`] for which dates; [`redaction`] keeps out of all of it what was taken away.

pub mod check;
pub mod fetch;
#[cfg(test)]
mod fuzz;
pub mod generate;
pub mod map;
pub mod merge;
mod named;
pub mod night;
pub mod organisation;
pub mod page;
pub mod personal;
pub mod read;
pub mod redaction;
pub mod region;
pub mod run;
pub mod snapshot;
pub mod source;
mod spanning;
pub mod statistic;
pub mod status;
pub mod trace;
pub mod value;

pub use source::{Catalogue, Source, SourceError, SourceKind};
