//! Verifying one file of a table.

use bytes::Bytes;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};

use super::Fault;
use crate::{
    release::{DataFile, TableState, Warehouse},
    store::sha256,
};

/// What is wrong with a file: it must be there, have its hash, and hold the columns and, where it is told, the number of rows
/// that the release says.
pub(super) async fn check(
    warehouse: &Warehouse,
    table: &TableState,
    data: &DataFile,
) -> Vec<Fault> {
    let fault = |check, message| {
        vec![Fault {
            check,
            subject: data.path.clone(),
            message,
        }]
    };
    let bytes = match warehouse.store_of(table.visibility).get(&data.path).await {
        Ok(bytes) => bytes,
        Err(error) => return vec![Fault::unread("file", &data.path, &error)],
    };
    let found = sha256(&bytes);
    if found != data.sha256 || bytes.len() as u64 != data.bytes {
        let message = format!(
            "it has {} bytes with sha256 {found} instead of {} bytes with {}; restore it from a backup",
            bytes.len(),
            data.bytes,
            data.sha256
        );
        return fault("file", message);
    }
    match check_content(table, data, &bytes) {
        Ok(()) => Vec::new(),
        Err((check, message)) => fault(check, message),
    }
}

fn check_content(
    table: &TableState,
    data: &DataFile,
    bytes: &Bytes,
) -> Result<(), (&'static str, String)> {
    let metadata = ArrowReaderMetadata::load(bytes, ArrowReaderOptions::new())
        .map_err(|e| ("file", format!("it is no readable Parquet file: {e}")))?;
    let rows = metadata.metadata().file_metadata().num_rows();
    if data.rows != 0 && rows != data.rows as i64 {
        return Err((
            "rows",
            format!("it holds {rows} rows instead of {}", data.rows),
        ));
    }
    let expected = table
        .arrow_schema()
        .map_err(|e| ("schema", e.to_string()))?;
    let columns = |fields: &arrow::datatypes::Fields| {
        fields
            .iter()
            .map(|f| format!("{} {}", f.name(), f.data_type()))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let (found, expected) = (
        columns(metadata.schema().fields()),
        columns(expected.fields()),
    );
    if found == expected {
        Ok(())
    } else {
        Err((
            "schema",
            format!("its columns are [{found}] instead of [{expected}]"),
        ))
    }
}
