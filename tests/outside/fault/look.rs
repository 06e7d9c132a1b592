//! What a reader finds in a warehouse, read in the process of the tests: hundreds of nights are looked at before and
//! after, and a process for each look would take longer than the nights.
//!
//! Every byte of every release is compared here. Keys and references follow from the bytes: `esf verify` has found
//! nothing in the old release and the new one (see `night`), and no others are accepted.

use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use datafusion::error::DataFusionError;
use esf_engine::release::{AsOf, Release, Warehouse as Opened};
use esf_engine::session::{Access, SessionOptions, session};
use esf_engine::store::Store;
use esf_engine::verify::{VerifyOptions, verify};
use object_store::parse_url_opts;
use object_store::prefix::PrefixStore;
use reqwest::Url;

use super::warehouse::{Releases, Warehouse};

/// Number and content hash of every release. Fails unless each of them is whole.
pub(super) fn releases(warehouse: &Warehouse) -> Result<Releases, String> {
    let opened = open(warehouse);
    on_a_runtime(async {
        let releases = opened.list().await;
        let releases = releases.map_err(|error| format!("what is published: {error}"))?;
        for release in &releases {
            whole(&opened, release).await?;
        }
        let listed = releases.into_iter();
        Ok(listed.map(|one| (one.number, one.content_hash)).collect())
    })
}

/// The same, which must be what the command says: `esf releases` lists it, and `esf verify` finds nothing.
pub(super) fn as_told(warehouse: &Warehouse) -> Result<Releases, String> {
    let (found, told) = (releases(warehouse)?, warehouse.releases()?);
    if told != found {
        return Err(format!("esf releases: {told:?} instead of {found:?}"));
    }
    warehouse.verify()?;
    Ok(found)
}

async fn whole(opened: &Opened, release: &Release) -> Result<(), String> {
    let options = VerifyOptions {
        access: Access::Restricted,
        references: false,
        ..VerifyOptions::default()
    };
    let number = release.number;
    match verify(opened, release, &options).await {
        Ok(report) if report.faults.is_empty() => Ok(()),
        Ok(report) => Err(format!("release {number}: {:?}", report.faults)),
        Err(error) => Err(format!("release {number}: {error}")),
    }
}

/// The numbers in the only row that a query over a release gives; `as_of` is what stands behind `--as-of`.
pub(super) fn numbers(
    warehouse: &Warehouse,
    as_of: &str,
    query: &str,
) -> Result<Vec<usize>, String> {
    let opened = open(warehouse);
    let as_of: AsOf = as_of.parse().expect("a release or a date");
    on_a_runtime(async {
        let release = opened.get(as_of).await.map_err(|e| e.to_string())?;
        let rows = rows(&opened, &release, query).await;
        numbers_of(&rows.map_err(|error| format!("{query}: {error}"))?)
    })
}

async fn rows(
    opened: &Opened,
    release: &Release,
    query: &str,
) -> Result<Vec<RecordBatch>, DataFusionError> {
    let options = SessionOptions {
        target_partitions: Some(1),
        ..SessionOptions::default()
    };
    let context = session(opened, release, Access::Public, &options)
        .map_err(|error| DataFusionError::External(Box::new(error)))?;
    context.sql(query).await?.collect().await
}

fn numbers_of(rows: &[RecordBatch]) -> Result<Vec<usize>, String> {
    let row = rows.iter().find(|batch| batch.num_rows() == 1);
    let columns = row.map_or(&[][..], RecordBatch::columns);
    let number = |column: &Arc<dyn Array>| {
        let number = column.as_primitive_opt::<Int64Type>()?.iter().next()??;
        usize::try_from(number).ok()
    };
    let numbers: Option<Vec<usize>> = columns.iter().map(number).collect();
    numbers.ok_or_else(|| format!("no row of numbers: {rows:?}"))
}

/// The warehouse as the command opens it, reached by its settings and not by the variables of this process.
fn open(warehouse: &Warehouse) -> Opened {
    let location = &warehouse.location;
    if !location.contains("://") {
        return Opened::open(location).unwrap();
    }
    let address = Url::parse(location).unwrap();
    let (bucket, prefix) = parse_url_opts(&address, warehouse.settings.clone()).unwrap();
    let store = Arc::new(PrefixStore::new(bucket, prefix));
    Opened::new(Store::from_object_store(store, location))
}

fn on_a_runtime<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}
