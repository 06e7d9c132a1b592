//! The rows that a sample must become, beside those that it became: both as text, one row an amount.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::merge::rows::Tables;

/// Rows as texts by the name of their column.
pub(super) type Flat = Vec<BTreeMap<String, String>>;

/// Rows of one table as text.
pub(super) fn rows_of(tables: &Tables, table: &str) -> Flat {
    let batches = tables.get(table).into_iter().flatten();
    batches
        .flat_map(|batch| (0..batch.num_rows()).map(|row| texts(batch, row)))
        .collect()
}

/// A row as text, without what is null.
fn texts(batch: &RecordBatch, row: usize) -> BTreeMap<String, String> {
    let options = FormatOptions::default();
    let columns = batch.schema_ref().fields().iter().zip(batch.columns());
    columns
        .filter(|(_, column)| column.is_valid(row))
        .filter_map(|(field, column)| {
            let text = ArrayFormatter::try_new(column.as_ref(), &options)
                .ok()?
                .value(row)
                .to_string();
            Some((field.name().clone(), text))
        })
        .collect()
}

/// Operations with their amounts as flat rows of text, one per amount (or one without): what `expected.csv` lists.
pub(super) fn flat_rows(tables: &Tables) -> Option<Flat> {
    let by_operation = |table: &str| -> BTreeMap<String, Flat> {
        let mut found: BTreeMap<String, Flat> = BTreeMap::new();
        for batch in tables.get(table).into_iter().flatten() {
            let ids = batch["operation_id"].as_string::<i32>();
            for row in 0..batch.num_rows() {
                found
                    .entry(ids.value(row).to_string())
                    .or_default()
                    .push(texts(batch, row));
            }
        }
        found
    };
    let amounts = by_operation("operation_amount");
    let bodies = by_operation("operation_organisation");
    let regions = by_operation("operation_region");
    let names: BTreeMap<String, String> = tables
        .get("organisation_name")
        .into_iter()
        .flatten()
        .flat_map(|batch| {
            (0..batch.num_rows()).map(|row| {
                let text = |name: &str| batch[name].as_string::<i32>().value(row).to_string();
                (text("organisation_id"), text("name"))
            })
        })
        .collect();
    let mut flat = Flat::new();
    for batch in tables.get("operation")? {
        for row in 0..batch.num_rows() {
            let mut operation = texts(batch, row);
            let id = operation["operation_id"].clone();
            let body = bodies
                .get(&id)
                .and_then(|b| b.first())
                .and_then(|b| b.get("organisation_id"));
            if let Some(name) = body.and_then(|b| names.get(b)) {
                operation.insert("beneficiary_name".into(), name.clone());
            }
            for region in regions
                .get(&id)
                .into_iter()
                .flatten()
                .filter(|r| r.get("role").is_some_and(|r| r == "seat"))
            {
                operation.insert("seat_nuts_code".into(), region["nuts_code"].clone());
            }
            match amounts.get(&id) {
                Some(amounts) => flat.extend(amounts.iter().map(|amount| {
                    let mut row = operation.clone();
                    row.extend(amount.iter().map(|(k, v)| (k.clone(), v.clone())));
                    row
                })),
                None => flat.push(operation),
            }
        }
    }
    Some(flat)
}

/// Differences between the declared rows and those that came out, as sentences.
pub(super) fn differences(expected: &[u8], file_name: &str, found: &Flat) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(expected);
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(e) => return vec![format!("sample/expected.csv: {e}")],
    };
    let mut problems = Vec::new();
    let mut rest: Vec<&BTreeMap<String, String>> = found.iter().collect();
    let mut count = 0;
    for (number, record) in reader.records().enumerate() {
        let record = match record {
            Ok(record) => record,
            Err(e) => return vec![format!("sample/expected.csv: {e}")],
        };
        // A source with several samples says in a column `file` which of them a row is about.
        let about = header.iter().position(|name| name == "file");
        if about.is_some_and(|at| record.get(at) != Some(file_name)) {
            continue;
        }
        count += 1;
        let named = header.iter().zip(record.iter());
        let known: Vec<(&str, &str)> = named.filter(|(name, _)| *name != "file").collect();
        let misses = |row: &BTreeMap<String, String>| {
            known
                .iter()
                .filter(|(name, value)| {
                    !same_value(row.get(*name).map_or("", String::as_str), value)
                })
                .count()
        };
        let Some(best) = rest
            .iter()
            .enumerate()
            .min_by_key(|(_, row)| misses(row))
            .map(|(at, _)| at)
        else {
            continue;
        };
        let row = rest.remove(best);
        for (name, value) in &known {
            let is = row.get(*name).map_or("", String::as_str);
            if !same_value(is, value) {
                problems.push(format!(
                    "expected row {}: {name} should be {value:?} and is {is:?}",
                    number + 1
                ));
            }
        }
    }
    if count != found.len() {
        problems.push(format!(
            "sample/expected.csv has {count} rows, but {} came out",
            found.len()
        ));
    }
    problems
}

/// Equal as text, or as numbers written with other trailing zeros.
fn same_value(is: &str, should: &str) -> bool {
    let number = |text: &str| {
        let digits = !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
        (digits && text.contains('.'))
            .then(|| text.trim_end_matches('0').trim_end_matches('.').to_string())
    };
    let plain = |text: &str| number(text).unwrap_or_else(|| text.to_string());
    is == should || plain(is) == plain(should)
}
