//! Code lists as tables: programmes and instruments.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray};
use esf_schemas::{CodeList, Entry};
use sha2::{Digest, Sha256};

use super::RunError;
use crate::merge::rows::{same, table_rows};
use crate::source::hex;

/// The tables that come from code lists.
pub(super) fn tables() -> Result<Vec<(&'static str, Vec<RecordBatch>)>, RunError> {
    let list = |name: &str| esf_schemas::code_lists().iter().find(|l| l.name == name);
    let instruments = esf_schemas::code_lists()
        .iter()
        .filter(|l| l.name.starts_with("instrument_"));
    Ok(vec![
        (
            "programme",
            list("programme")
                .map(programmes)
                .transpose()?
                .into_iter()
                .collect(),
        ),
        (
            "instrument",
            instruments.map(instrument_rows).collect::<Result<_, _>>()?,
        ),
    ])
}

type Columns = Vec<(&'static str, ArrayRef)>;

fn text(entries: &[Entry], get: impl Fn(&Entry) -> Option<String>) -> ArrayRef {
    Arc::new(entries.iter().map(get).collect::<StringArray>())
}

fn date(entries: &[Entry], column: &str) -> ArrayRef {
    let day = |e: &Entry| {
        e.get(column)
            .and_then(|d| d.parse().ok())
            .map(crate::map::days)
    };
    Arc::new(entries.iter().map(day).collect::<Date32Array>())
}

/// A code list is a source of its own; its hash is over its entries, for it is part of the program.
fn provenance(list: &CodeList) -> Columns {
    let n = list.entries.len();
    let hash = Sha256::digest(format!("{:?}", list.entries).as_bytes());
    vec![
        ("source_id", same(Some(&format!("codes/{}", list.name)), n)),
        ("source_file", same(Some(&hex(&hash)), n)),
        (
            "source_location",
            Arc::new(
                (1..=n)
                    .map(|i| Some(format!("entry {i}")))
                    .collect::<StringArray>(),
            ),
        ),
        (
            "source_row",
            Arc::new((1..=n as i64).map(Some).collect::<Int64Array>()),
        ),
    ]
}

fn programmes(list: &CodeList) -> Result<RecordBatch, RunError> {
    let entries = &list.entries;
    let mut columns = provenance(list);
    columns.extend([
        ("programme_id", text(entries, |e| Some(e.code.clone()))),
        (
            "name",
            text(entries, |e| {
                e.label("en")
                    .map(|l| l.split_whitespace().collect::<Vec<_>>().join(" "))
            }),
        ),
        ("fund", text(entries, |e| e.get("fund").map(String::from))),
        (
            "period",
            text(entries, |e| e.get("period").map(String::from)),
        ),
        (
            "country",
            text(entries, |e| e.get("country").map(String::from)),
        ),
    ]);
    Ok(table_rows("programme", entries.len(), columns)?)
}

fn instrument_rows(list: &CodeList) -> Result<RecordBatch, RunError> {
    let entries = &list.entries;
    let language = |e: &Entry| {
        if e.get("country") == Some("SE") {
            "sv"
        } else {
            "de"
        }
    };
    let mut columns = provenance(list);
    columns.extend([
        ("instrument_id", text(entries, |e| Some(e.code.clone()))),
        (
            "name",
            text(entries, |e| e.label(language(e)).map(String::from)),
        ),
        (
            "country",
            text(entries, |e| e.get("country").map(String::from)),
        ),
        (
            "legal_basis",
            text(entries, |e| e.get("legal_basis").map(String::from)),
        ),
        ("valid_from", date(entries, "valid_from")),
        ("valid_to", date(entries, "valid_to")),
        (
            "lmp_category",
            text(entries, |e| e.get("lmp_category").map(String::from)),
        ),
    ]);
    Ok(table_rows("instrument", entries.len(), columns)?)
}
