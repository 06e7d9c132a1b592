//! What a release knows of the file that a new one is compared with.
//!
//! Owns which file of a source that is, and what is read of it from the tables of the release: its rows, its totals and how many
//! of its operations have a region. Does not own the comparison (`compare`).

use std::collections::BTreeMap;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Date32Type, Decimal128Type, Int64Type};
use datafusion::common::ScalarValue;
use datafusion::prelude::{SessionContext, col, lit};
use esf_engine::release::{Release, SourceFileState};

use crate::check::ELSEWHERE;
use crate::run::RunError;
use crate::source::Source;

/// What is known of a file of an earlier release.
#[derive(Debug, Clone, Default)]
pub(super) struct Before {
    pub(super) file_name: String,
    pub(super) rows: u64,
    pub(super) totals: BTreeMap<(String, Option<String>), i128>,
    /// Operations with a region below the country, and all.
    pub(super) regions: (u64, u64),
}

/// The file of a source that was published last, of those behind a release that were not published after a day (in days since
/// 1970): a file is compared with the one before it also where a newer one stands, for it goes into the history of its list.
pub(super) async fn newest<'r>(
    session: &SessionContext,
    previous: &'r Release,
    source: &Source,
    until: Option<i32>,
) -> Result<Option<&'r SourceFileState>, RunError> {
    let Some(state) = previous.sources.get(&source.source_id) else {
        return Ok(None);
    };
    let mut published: BTreeMap<String, Option<i32>> = BTreeMap::new();
    let rows = session.table("source_file").await?;
    let rows = rows.filter(col("source_id").eq(lit(source.source_id.as_str())))?;
    for batch in rows.collect().await? {
        let files = batch
            .column_by_name("source_file")
            .and_then(|c| c.as_string_opt::<i32>());
        let dates = batch
            .column_by_name("published_date")
            .and_then(|c| c.as_primitive_opt::<Date32Type>());
        if let (Some(files), Some(dates)) = (files, dates) {
            let both = files.iter().zip(dates.iter());
            published.extend(both.filter_map(|(file, date)| Some((file?.to_owned(), date))));
        }
    }
    let date = |file: &SourceFileState| published.get(&file.sha256).copied().flatten();
    let first_seen = |file: &SourceFileState| {
        let extra = file.extra.get("first_seen");
        extra.and_then(serde_json::Value::as_u64)
    };
    let is_before = |file: &&SourceFileState| is_before(date(file), until);
    let before = state.files.iter().filter(is_before);
    Ok(before.max_by_key(|file| (date(file), first_seen(file), &file.sha256)))
}

/// Whether what was published on one day, where that is known, can come before what was published on another.
fn is_before(day: Option<i32>, until: Option<i32>) -> bool {
    day.zip(until).is_none_or(|(day, until)| day <= until)
}

/// What is known of the newest file of a source in a release, of those until a day.
pub(super) async fn before(
    session: &SessionContext,
    previous: &Release,
    source: &Source,
    until: Option<i32>,
) -> Result<Option<Before>, RunError> {
    let Some(newest) = newest(session, previous, source, until).await? else {
        return Ok(None);
    };
    let rows = |table: &'static str| {
        let of_file = col("source_file")
            .eq(lit(newest.sha256.as_str()))
            .and(col("source_id").eq(lit(source.source_id.as_str())));
        async move {
            if !previous.tables.contains_key(table) {
                return Ok::<Vec<RecordBatch>, RunError>(Vec::new());
            }
            Ok(session
                .table(table)
                .await?
                .filter(of_file)?
                .collect()
                .await?)
        }
    };
    let sum = |batches: &[RecordBatch], column: &str| -> u64 {
        let columns = batches.iter().filter_map(|b| b.column_by_name(column));
        let values = columns.filter_map(|c| c.as_primitive_opt::<Int64Type>());
        values.flat_map(|v| v.iter().flatten()).sum::<i64>() as u64
    };
    let mut files = rows("source_file").await?;
    files.extend(rows("restricted_source_file").await?);
    let mut before = Before {
        file_name: newest.file_name.clone(),
        rows: sum(&files, "rows_loaded") + sum(&files, "rows_quarantined"),
        ..Before::default()
    };
    let mut ignored = rows("ignored_rows").await?;
    ignored.extend(rows("restricted_ignored_rows").await?);
    for batch in ignored {
        let reasons = batch
            .column_by_name("reason")
            .and_then(|c| c.as_string_opt::<i32>());
        let counts = batch
            .column_by_name("n")
            .and_then(|c| c.as_primitive_opt::<Int64Type>());
        if let (Some(reasons), Some(counts)) = (reasons, counts) {
            let both = reasons.iter().zip(counts.iter());
            before.rows += both
                .filter(|(reason, _)| reason.is_some_and(|r| ELSEWHERE.contains(&r)))
                .filter_map(|(_, n)| n)
                .sum::<i64>() as u64;
        }
    }
    for batch in rows("control_total").await? {
        for row in 0..batch.num_rows() {
            let text = |name: &str| {
                let value = ScalarValue::try_from_array(batch.column_by_name(name)?, row).ok()?;
                match value {
                    ScalarValue::Utf8(text) => text,
                    _ => None,
                }
            };
            let total = batch
                .column_by_name("total")
                .and_then(|c| c.as_primitive_opt::<Decimal128Type>())
                .map_or(0, |c| c.value(row));
            if let Some(kind) = text("amount_kind") {
                *before.totals.entry((kind, text("currency"))).or_default() += total;
            }
        }
    }
    for batch in rows("operation").await? {
        let codes = batch
            .column_by_name("nuts_code")
            .and_then(|c| c.as_string_opt::<i32>());
        if let Some(codes) = codes {
            let below = codes.iter().flatten().filter(|code| code.len() > 2).count();
            before.regions.0 += below as u64;
            before.regions.1 += batch.num_rows() as u64;
        }
    }
    Ok(Some(before))
}

#[cfg(test)]
mod tests {
    use super::is_before;

    #[test]
    fn a_file_is_compared_with_none_that_was_published_after_it() {
        assert!(is_before(Some(31), Some(32)));
        assert!(is_before(Some(31), Some(31)));
        assert!(!is_before(Some(31), Some(30)));
        assert!(is_before(None, Some(30)));
        assert!(is_before(Some(31), None));
    }
}
