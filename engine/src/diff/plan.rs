//! Comparing the rows of one table: a full join on the key, then one row per changed field.

use std::{fmt::Write, sync::Arc};

use arrow::{
    array::{ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray},
    compute::{and, cast, filter, kernels::cmp::distinct},
    datatypes::DataType,
};
use datafusion::{
    error::DataFusionError,
    prelude::{SessionContext, ident},
};
use futures::TryStreamExt;

use super::{DiffError, PLACES, schema};
use crate::{
    release::{TableState, Warehouse},
    session::{SessionOptions, register_files, working_session},
};

/// The changes of a table whose key both states have.
pub(super) async fn changes(
    warehouse: &Warehouse,
    options: &SessionOptions,
    name: &str,
    before: &TableState,
    after: &TableState,
) -> Result<Vec<RecordBatch>, DiffError> {
    let failed = |source: DataFusionError| DiffError::Compare {
        table: name.to_owned(),
        source,
    };
    let context = working_session(options)?;
    register_files(&context, warehouse, "before", before)?;
    register_files(&context, warehouse, "after", after)?;
    let columns = compared(before, after);
    let rows = context
        .sql(&joined(&after.key, &columns))
        .await
        .map_err(failed)?;
    let rows: Vec<RecordBatch> = rows
        .execute_stream()
        .await
        .map_err(failed)?
        .map_err(failed)
        .and_then(|batch| std::future::ready(unpivot(name, &columns, &batch).map_err(failed)))
        .try_collect()
        .await?;
    sorted(&context, rows).await.map_err(failed)
}

/// The columns that both states have and that are neither key nor place.
fn compared(before: &TableState, after: &TableState) -> Vec<String> {
    let both = |name: &String| before.schema.iter().any(|column| column.name == *name);
    let says_what = |name: &String| !after.key.contains(name) && !PLACES.contains(&name.as_str());
    after
        .schema
        .iter()
        .map(|column| column.name.clone())
        .filter(|name| both(name) && says_what(name))
        .collect()
}

/// Rows that are on one side only or differ: whether there was and is one, the key as text, old and new values.
fn joined(key: &[String], columns: &[String]) -> String {
    // The parentheses are needed: the parser takes `x IS DISTINCT FROM y OR z` for `x IS DISTINCT FROM (y OR z)`.
    let quoted = |name: &String| format!("\"{}\"", name.replace('"', "\"\""));
    let on = join(key, " AND ", |k| {
        format!("(b.{k} IS NOT DISTINCT FROM a.{k})", k = quoted(k))
    });
    let texts = join(key, ", ", |k| {
        format!(
            "coalesce(CAST(coalesce(a.{k}, b.{k}) AS VARCHAR), '')",
            k = quoted(k)
        )
    });
    let (mut values, mut differs) = (String::new(), String::new());
    for (i, c) in columns.iter().map(quoted).enumerate() {
        // Writing to a string cannot fail.
        let _ = write!(
            values,
            ", CAST(b.{c} AS VARCHAR) AS old_{i}, CAST(a.{c} AS VARCHAR) AS new_{i}"
        );
        let _ = write!(differs, " OR (b.{c} IS DISTINCT FROM a.{c})");
    }
    format!(
        "SELECT b.was IS NOT NULL AS was, a.is_now IS NOT NULL AS is_now, concat_ws('|', {texts}) AS key{values} \
         FROM (SELECT *, true AS was FROM before) b FULL JOIN (SELECT *, true AS is_now FROM after) a ON {on} \
         WHERE b.was IS NULL OR a.is_now IS NULL{differs}"
    )
}

fn join(names: &[String], separator: &str, text: impl Fn(&String) -> String) -> String {
    names.iter().map(text).collect::<Vec<_>>().join(separator)
}

/// From one row per changed row to one per change.
fn unpivot(
    table: &str,
    columns: &[String],
    batch: &RecordBatch,
) -> Result<RecordBatch, DataFusionError> {
    let (was, is_now) = (batch.column(0).as_boolean(), batch.column(1).as_boolean());
    let stayed = and(was, is_now)?;
    let key = cast(batch.column(2), &DataType::Utf8)?;
    let one_sided = |side: &BooleanArray, change| {
        let keep: BooleanArray = side
            .values()
            .iter()
            .zip(stayed.values())
            .map(|(side, stayed)| Some(side && !stayed))
            .collect();
        part(table, &key, &keep, change, None, None)
    };
    let mut parts = vec![one_sided(is_now, "added")?, one_sided(was, "gone")?];
    for (i, column) in columns.iter().enumerate() {
        let (old, new) = (batch.column(3 + 2 * i), batch.column(4 + 2 * i));
        let changed = and(&stayed, &distinct(old, new)?)?;
        parts.push(part(
            table,
            &key,
            &changed,
            "changed",
            Some(column),
            Some((old, new)),
        )?);
    }
    Ok(arrow::compute::concat_batches(&schema(), &parts)?)
}

/// The changes of one kind: of whole rows, or of one column.
fn part(
    table: &str,
    key: &ArrayRef,
    keep: &BooleanArray,
    change: &str,
    column: Option<&String>,
    values: Option<(&ArrayRef, &ArrayRef)>,
) -> Result<RecordBatch, DataFusionError> {
    let rows = keep.true_count();
    let same = |text: Option<&str>| Arc::new(StringArray::from(vec![text; rows])) as ArrayRef;
    let value = |array: &ArrayRef| filter(cast(array, &DataType::Utf8)?.as_ref(), keep);
    let (old, new) = match values {
        Some((old, new)) => (value(old)?, value(new)?),
        None => (same(None), same(None)),
    };
    let columns = vec![
        same(Some(table)),
        filter(key, keep)?,
        same(Some(change)),
        same(column.map(String::as_str)),
        old,
        new,
    ];
    Ok(RecordBatch::try_new(schema(), columns)?)
}

async fn sorted(
    context: &SessionContext,
    rows: Vec<RecordBatch>,
) -> Result<Vec<RecordBatch>, DataFusionError> {
    if rows.iter().all(|batch| batch.num_rows() == 0) {
        return Ok(Vec::new());
    }
    let order = ["key", "column", "change", "old", "new"].map(|name| ident(name).sort(true, true));
    let batches = context
        .read_batches(rows)?
        .sort(order.to_vec())?
        .collect()
        .await?;
    Ok(batches
        .into_iter()
        .filter(|batch| batch.num_rows() > 0)
        .collect())
}
