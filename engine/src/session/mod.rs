//! Sessions: SQL over one release, read-only and bounded. What a statement keeps for later ones lies in the session's memory.
//!
//! Owns: which tables a session sees, over exactly which files; the settings that keep answers exact and memory
//! bounded; the guard in front of statements; errors that say where in the statement they are. Does not own: the
//! functions (see [`crate::functions`]) and printing.
//!
//! Invariants:
//! - a session sees one release and never lists a folder: a file that is not in the release document is not read;
//! - the public session knows no operator or restricted table, not even by name;
//! - statements cannot change the warehouse or settings, nor read or write files by path; tables and views that they keep are
//!   the session's own.

mod adjacent;
mod build;
mod error;
mod limits;
mod statement;
mod table;
mod temporary;
#[cfg(test)]
mod tests;

pub use build::{Access, SessionError, SessionOptions, register_files, session, working_session};
pub use error::{Place, QueryError};
pub use limits::plan_size;
pub use statement::{Planned, plan_query, plan_statement};
pub use temporary::{Temporary, kept_schema};
