//! What a release knows of the file that a new one is compared with.
//!
//! Owns which file of a source that is, and what is read of it from the tables of the release: its rows, its totals, how many
//! of its operations have a region or a day or are in the region that is declared, and how many of its rows an amount. Does not own the comparison (`compare`).

use std::collections::BTreeMap;

use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray, RecordBatch, StringArray};
use arrow::datatypes::{ArrowPrimitiveType, Date32Type, Decimal128Type, Int64Type};
use datafusion::prelude::{SessionContext, col, lit};
use esf_engine::release::{Release, SourceFileState};

use crate::check::ELSEWHERE;
use crate::map::DATES;
use crate::merge::within;
use crate::run::RunError;
use crate::source::Source;

/// What is known of a file of an earlier release.
#[derive(Debug, Clone, Default)]
pub(super) struct Before {
    pub(super) file_name: String,
    /// Rows of the published table.
    pub(super) rows: u64,
    /// Sums by amount kind and currency, in hundredths.
    pub(super) totals: BTreeMap<(String, Option<String>), i128>,
    /// Operations with a region below the country, and all.
    pub(super) regions: (u64, u64),
    /// Operations in the region that the source declares, and all that have one or are abroad.
    pub(super) inside: (u64, u64),
    /// Rows with an amount in the column that most rows have one in, and all rows but the quarantined ones.
    pub(super) amounts: (u64, u64),
    /// Operations with a start, and with an end, of all.
    pub(super) dated: [(u64, u64); 2],
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
        let files = text(&batch, "source_file");
        let dates = numbers::<Date32Type>(&batch, "published_date");
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
    let mut files = rows("source_file").await?;
    files.extend(rows("restricted_source_file").await?);
    let mut ignored = rows("ignored_rows").await?;
    ignored.extend(rows("restricted_ignored_rows").await?);
    let sums = rows("control_total").await?;
    let all = data_rows(&files, &ignored);
    let operations = rows("operation").await?;
    Ok(Some(Before {
        file_name: newest.file_name.clone(),
        rows: all,
        totals: totals(&sums),
        regions: with_region(&operations),
        inside: inside(&operations, source.toml.nuts_code.as_deref()),
        dated: DATES.map(|name| with_value(&operations, name)),
        amounts: (
            fullest(&sums),
            all.saturating_sub(sum(&files, "rows_quarantined")),
        ),
    }))
}

/// A number of rows, over all files.
fn sum(files: &[RecordBatch], column: &str) -> u64 {
    let columns = files.iter();
    let columns = columns.filter_map(|batch| numbers::<Int64Type>(batch, column));
    columns.flat_map(|n| n.iter().flatten()).sum::<i64>() as u64
}

/// Amounts of the column that has the most.
fn fullest(totals: &[RecordBatch]) -> u64 {
    let mut columns: BTreeMap<String, u64> = BTreeMap::new();
    for batch in totals {
        let (places, counts) = (
            text(batch, "source_location"),
            numbers::<Int64Type>(batch, "n"),
        );
        if let (Some(places), Some(counts)) = (places, counts) {
            for (place, n) in places.iter().zip(counts.iter()) {
                let (Some(place), Some(n)) = (place, n) else {
                    continue;
                };
                *columns.entry(place.to_owned()).or_default() += n as u64;
            }
        }
    }
    columns.into_values().max().unwrap_or(0)
}

/// Rows of the published table: loaded, quarantined, or ignored because others stand for them.
fn data_rows(files: &[RecordBatch], ignored: &[RecordBatch]) -> u64 {
    let mut rows = sum(files, "rows_loaded") + sum(files, "rows_quarantined");
    for batch in ignored {
        let (reasons, counts) = (text(batch, "reason"), numbers::<Int64Type>(batch, "n"));
        if let (Some(reasons), Some(counts)) = (reasons, counts) {
            let both = reasons.iter().zip(counts.iter());
            rows += both
                .filter(|(reason, _)| reason.is_some_and(|r| ELSEWHERE.contains(&r)))
                .filter_map(|(_, n)| n)
                .sum::<i64>() as u64;
        }
    }
    rows
}

/// Sums by amount kind and currency, in hundredths.
fn totals(batches: &[RecordBatch]) -> BTreeMap<(String, Option<String>), i128> {
    let mut totals: BTreeMap<(String, Option<String>), i128> = BTreeMap::new();
    for batch in batches {
        let (kinds, currencies) = (text(batch, "amount_kind"), text(batch, "currency"));
        let sums = numbers::<Decimal128Type>(batch, "total");
        for row in 0..batch.num_rows() {
            let at = |column: Option<&StringArray>| {
                let column = column.filter(|column| column.is_valid(row));
                column.map(|column| column.value(row).to_owned())
            };
            if let Some(kind) = at(kinds) {
                let sum = sums.map_or(0, |sums| sums.value(row));
                *totals.entry((kind, at(currencies))).or_default() += sum;
            }
        }
    }
    totals
}

/// Operations whose region lies below a country, and all. The code of a country has two characters.
pub(in crate::run) fn with_region(operations: &[RecordBatch]) -> (u64, u64) {
    let (mut with, mut all) = (0, 0);
    for batch in operations {
        if let Some(codes) = text(batch, "nuts_code") {
            with += codes.iter().flatten().filter(|code| code.len() > 2).count() as u64;
            all += batch.num_rows() as u64;
        }
    }
    (with, all)
}

/// Operations in a declared region, and all that have one or are abroad; none where none is declared, or all have that one: the
/// list may have said nothing of places then.
fn inside(operations: &[RecordBatch], declared: Option<&str>) -> (u64, u64) {
    let Some(declared) = declared else {
        return (0, 0);
    };
    let codes = operations.iter();
    let codes = codes.filter_map(|batch| text(batch, "nuts_code"));
    let codes: Vec<&str> = codes.flat_map(|codes| codes.iter().flatten()).collect();
    if codes.iter().all(|code| *code == declared) {
        return (0, 0);
    }
    within(codes.into_iter(), declared)
}

/// Rows with a value in a column, and all.
fn with_value(batches: &[RecordBatch], column: &str) -> (u64, u64) {
    let (mut with, mut all) = (0, 0);
    for batch in batches {
        let empty = |column: &ArrayRef| column.null_count();
        let nulls = batch.column_by_name(column).map_or(batch.num_rows(), empty);
        with += (batch.num_rows() - nulls) as u64;
        all += batch.num_rows() as u64;
    }
    (with, all)
}

fn text<'b>(batch: &'b RecordBatch, column: &str) -> Option<&'b StringArray> {
    batch.column_by_name(column)?.as_string_opt()
}

fn numbers<'b, T: ArrowPrimitiveType>(
    batch: &'b RecordBatch,
    column: &str,
) -> Option<&'b PrimitiveArray<T>> {
    batch.column_by_name(column)?.as_primitive_opt()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::Date32Array;

    use super::*;

    #[test]
    fn a_column_that_is_not_there_has_no_values() {
        let days: ArrayRef = Arc::new(Date32Array::from(vec![Some(1), None, Some(2)]));
        let batch = RecordBatch::try_from_iter_with_nullable([("end_date", days, true)]).unwrap();
        let batches = [batch.clone(), batch];
        assert_eq!(with_value(&batches, "end_date"), (4, 6));
        assert_eq!(with_value(&batches, "start_date"), (0, 6));
        assert_eq!(with_value(&[], "end_date"), (0, 0));
    }

    #[test]
    fn operations_that_all_have_the_declared_region_say_nothing() {
        let codes = |codes: &[&str]| {
            let codes: ArrayRef = Arc::new(StringArray::from(codes.to_vec()));
            RecordBatch::try_from_iter([("nuts_code", codes)]).unwrap()
        };
        let places = [codes(&["DE300", "DE501"]), codes(&["DE3"])];
        assert_eq!(inside(&places, Some("DE3")), (2, 3));
        assert_eq!(inside(&places[1..], Some("DE3")), (0, 0));
        assert_eq!(inside(&places, None), (0, 0));
    }

    #[test]
    fn a_file_is_compared_with_none_that_was_published_after_it() {
        assert!(is_before(Some(31), Some(32)));
        assert!(is_before(Some(31), Some(31)));
        assert!(!is_before(Some(31), Some(30)));
        assert!(is_before(None, Some(30)));
        assert!(is_before(Some(31), None));
    }
}
