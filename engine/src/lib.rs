//! What both halves of `esf` stand on: the store, releases, Parquet files, DataFusion sessions and SQL functions.
//!
//! The modules follow the flow: bytes go into a [`store`], tables are written to it by [`write`](mod@write), a
//! [`release`] names a set of them, a [`session`] answers SQL over one release with the [`functions`] registered in
//! one place, among them the [`statistics`]. [`derivation`] is how other crates contribute tables to a release;
//! [`diff`] and [`verify`] compare and check releases, [`delta`] opens them to other engines, [`collect`] removes what none
//! of them names any more, [`redact`] takes a person's data out of all of them, [`doctor`] examines what a run stands on. The
//! engine knows no source and no metric.
//!
//! ```
//! # use std::sync::Arc;
//! # use arrow::{array::{RecordBatch, StringArray}, datatypes::{DataType, Field, Schema}};
//! # use esf_engine::{release::*, session::*, store::Store, write::*};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let schema = Arc::new(Schema::new(vec![Field::new("programme_id", DataType::Utf8, false)]));
//! let rows = RecordBatch::try_new(schema.clone(), vec![Arc::new(StringArray::from(vec!["a", "b"]))])?;
//! let id = || vec!["programme_id".to_owned()];
//! let spec = Arc::new(TableSpec {
//!     name: "programme".to_owned(), schema, sort: id(), key: id(), bloom: id(), visibility: Visibility::Public,
//! });
//!
//! let warehouse = Warehouse::new(Store::memory());
//! let mut writer = TableWriter::create(&warehouse, &spec, "00")?;
//! writer.write(&rows)?;
//! let mut draft = ReleaseDraft::new(None, "run-1", "example");
//! if let Some(file) = writer.finish()? {
//!     draft.table(&spec, [file.keep().await?]);
//! }
//! let Publication::Published(release) = warehouse.publish(draft).await? else { panic!("it is the first") };
//!
//! let context = session(&warehouse, &release, Access::Public, &SessionOptions::default())?;
//! let count = plan_query(&context, "SELECT * FROM programme").await?.count().await?;
//! assert_eq!((release.number, count), (1, 2));
//! # Ok(()) }
//! ```

pub mod collect;
pub mod delta;
pub mod derivation;
pub mod diff;
pub mod doctor;
pub mod functions;
mod nearest;
pub mod redact;
pub mod release;
pub mod session;
pub mod statistics;
pub mod store;
pub mod verify;
pub mod write;

#[cfg(test)]
mod testing;
