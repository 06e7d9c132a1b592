//! Derivations: named steps that compute tables of a release from other tables of it.
//!
//! A release is assembled by a plan of derivations. `esf-queries` contributes the cubes, the command puts them
//! together; neither this crate nor the pipelines know what they compute. A derivation is a pure function of its
//! inputs and its key: where both are as in the previous release, its files are carried over and nothing runs.

mod runner;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::{
    error::DataFusionError, execution::SendableRecordBatchStream, prelude::SessionContext,
};

use crate::{
    release::{CheckResult, ReleaseError},
    session::SessionError,
    write::{TableSpec, WriteError},
};

pub use runner::{Ran, Reuse, derive_all, is_current};

/// Bytes that a plan may hold whose joins and groupings read so many rows: they cannot go by the disk, and fail where several of
/// them share a small pool.
pub fn memory_of_joins(rows: u64) -> usize {
    const OF_PLAN: usize = 64 << 20;
    const OF_ROW: usize = 256;
    let rows = usize::try_from(rows).unwrap_or(usize::MAX);
    rows.saturating_mul(OF_ROW).saturating_add(OF_PLAN)
}

/// A step from tables to tables.
#[async_trait]
pub trait Derivation: Send + Sync {
    /// Its name, unique among the derivations of a release.
    fn name(&self) -> &str;

    /// The tables it reads; it sees no others.
    fn inputs(&self) -> Vec<String>;

    /// The tables it makes.
    fn outputs(&self) -> Vec<Arc<TableSpec>>;

    /// A hash of everything besides its inputs that its result depends on: its declarations and the program.
    fn key(&self) -> String;

    /// Those of its outputs that it reads as the previous release left them, as `previous_<table>`; empty where there is
    /// none. What it remembers is an input that no rebuild derives again, and stays out of its key: the same inputs must
    /// give what the previous release holds already.
    fn remembers(&self) -> Vec<String> {
        Vec::new()
    }

    /// Bytes that its plan may hold whatever the limit of the run is, its inputs having so many rows: for a plan whose joins and
    /// sorts cannot share a small pool ([`memory_of_joins`]).
    fn least_memory(&self, _rows: u64) -> usize {
        0
    }

    /// Checks its outputs, whether they were made or carried over; one that fails keeps the release from being published.
    async fn check(&self, _: &SessionContext) -> Result<Vec<CheckResult>, DataFusionError> {
        Ok(Vec::new())
    }

    /// Computes the outputs: the name of each with its rows, sorted as its specification says.
    async fn derive(
        &self,
        context: &SessionContext,
    ) -> Result<Vec<(String, SendableRecordBatchStream)>, DataFusionError>;
}

impl std::fmt::Debug for dyn Derivation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Derivation").field(&self.name()).finish()
    }
}

/// An error in assembling the tables of a release.
#[derive(Debug, thiserror::Error)]
pub enum DerivationError {
    /// Derivations wait for tables that nothing makes, or for each other.
    #[error(
        "derivations {names} cannot run: there is no table {missing}, or they wait for each other; check their inputs"
    )]
    Blocked {
        /// The derivations.
        names: String,
        /// The tables they wait for.
        missing: String,
    },
    /// Two steps make one table.
    #[error(
        "derivation {name} makes the table {table}, which is there already; rename one of them"
    )]
    Twice {
        /// The derivation.
        name: String,
        /// The table.
        table: String,
    },
    /// A derivation remembers a table that it does not make.
    #[error("derivation {name} remembers the table {table}, which is none of its outputs")]
    Remembers {
        /// The derivation.
        name: String,
        /// The table.
        table: String,
    },
    /// A derivation did not make what it declares.
    #[error("derivation {name} declares the tables [{declared}] but made [{made}]")]
    Outputs {
        /// The derivation.
        name: String,
        /// Its declaration.
        declared: String,
        /// Its result.
        made: String,
    },
    /// The plan of a derivation failed.
    #[error("derivation {name} failed: {source}")]
    Plan {
        /// The derivation.
        name: String,
        /// The cause.
        source: DataFusionError,
    },
    /// Its tables could not be written.
    #[error("derivation {name}: {source}")]
    Write {
        /// The derivation.
        name: String,
        /// The cause.
        source: WriteError,
    },
    /// No session over its inputs could be made.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The release could not be used.
    #[error(transparent)]
    Release(#[from] ReleaseError),
}
