//! What both halves of `esf` stand on: the store, releases, Parquet files, DataFusion sessions and SQL functions.
//!
//! The modules follow the flow: bytes go into a [`store`], tables are written to it by [`write`](mod@write), a
//! [`release`] names a set of them, a [`session`] answers SQL over one release with the [`functions`] registered in
//! one place. [`derivation`] is how other crates contribute tables to a release; [`diff`] and [`verify`] compare and
//! check releases. The engine knows no source and no metric.

pub mod derivation;
pub mod diff;
pub mod functions;
pub mod release;
pub mod session;
pub mod store;
pub mod verify;
pub mod write;

#[cfg(test)]
mod testing;
