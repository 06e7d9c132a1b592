//! Sessions: SQL over one release, read-only and bounded.
//!
//! Owns: which tables a session sees, over exactly which files; the settings that keep answers exact and memory
//! bounded; the guard in front of statements; errors that say where in the statement they are. Does not own: the
//! functions (see [`crate::functions`]) and printing.
//!
//! Invariants:
//! - a session sees one release and never lists a folder: a file that is not in the release document is not read;
//! - the public session knows no operator or restricted table, not even by name;
//! - statements cannot write, change settings or read files by path.

mod adjacent;
mod build;
mod error;
mod limits;
mod statement;
mod table;
#[cfg(test)]
mod tests;

pub use build::{Access, SessionError, SessionOptions, register_files, session, working_session};
pub use error::{Place, QueryError};
pub use statement::plan_query;
