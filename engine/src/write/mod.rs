//! Writing tables: sorted batches in, one immutable Parquet file out, byte for byte the same for the same rows.
//!
//! Owns: the physical layout (row groups, encodings, compression, page index, bloom filters, metadata) and the name
//! of a file, which is the hash of its bytes. Does not own: sorting (the caller gives rows in the table's order) and
//! which files make up a table (see [`crate::release`]).
//!
//! Invariants:
//! - bytes depend on the rows, the specification and the program only: never on how the rows were cut into batches, on
//!   threads, or on the clock;
//! - at most one row group is held in memory, encoded.

mod digest;
mod error;
mod layout;
mod recut;
mod sort;
mod spec;
mod statistics;
#[cfg(test)]
mod tests;
mod writer;

pub use error::WriteError;
pub use sort::{sorted, sorted_pieces};
pub use spec::TableSpec;
pub use writer::{FinishedFile, TableWriter, write_stream};

/// The result of writing tables.
pub type Result<T, E = WriteError> = std::result::Result<T, E>;
