//! Code lists as tables: the codes themselves, crosswalks between lists, programmes, instruments and their names, and
//! figures by country and year. Which table a list fills stands in its `codes.toml`.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray,
};
use esf_schemas::{CodeList, Entry};
use sha2::{Digest, Sha256};

use super::RunError;
use crate::merge::rows::{RowsError, same, table_rows};
use crate::source::hex;
use crate::value::{NumberConvention, parse_decimal};

/// Tables that show a list besides `code`, where its entries are more than codes.
const ALSO_CODES: [&str; 3] = ["programme", "instrument", "instrument_label"];

/// The tables that come from code lists.
pub(super) fn tables() -> Result<Vec<(&'static str, Vec<RecordBatch>)>, RunError> {
    let of = |table: &str, rows: fn(&CodeList) -> Result<RecordBatch, RowsError>| {
        let lists = esf_schemas::code_lists().iter();
        let lists = lists.filter(|list| list.table.as_deref() == Some(table));
        lists.map(rows).collect::<Result<Vec<_>, _>>()
    };
    let codes = esf_schemas::code_lists().iter().filter(|list| {
        list.table
            .as_deref()
            .is_none_or(|t| ALSO_CODES.contains(&t))
    });
    Ok(vec![
        ("programme", of("programme", programmes)?),
        ("instrument", of("instrument", instruments)?),
        (
            "instrument_label",
            of("instrument_label", instrument_labels)?,
        ),
        ("code", codes.map(codes_of).collect::<Result<_, _>>()?),
        ("code_crosswalk", of("code_crosswalk", crosswalk)?),
        ("price_level", of("price_level", price_levels)?),
    ])
}

type Columns = Vec<(&'static str, ArrayRef)>;

fn text(entries: &[Entry], get: impl Fn(&Entry) -> Option<String>) -> ArrayRef {
    Arc::new(entries.iter().map(get).collect::<StringArray>())
}

/// A further column of the list, as it stands there.
fn more(entries: &[Entry], column: &str) -> ArrayRef {
    text(entries, |e| e.get(column).map(String::from))
}

fn date(entries: &[Entry], column: &str) -> ArrayRef {
    let day = |e: &Entry| {
        e.get(column)
            .and_then(|d| d.parse().ok())
            .map(crate::map::days)
    };
    Arc::new(entries.iter().map(day).collect::<Date32Array>())
}

/// A label of just this language: what a list does not translate stays empty.
fn label(entries: &[Entry], language: &str) -> ArrayRef {
    text(entries, |e| e.labels.get(language).cloned())
}

/// Numbers with as many decimals as their column has.
pub(super) fn decimals(
    texts: impl Iterator<Item = Option<String>>,
    precision: u8,
    scale: u8,
) -> Result<ArrayRef, RowsError> {
    let read = |text: String| parse_decimal(&text, NumberConvention::PLAIN, u32::from(scale));
    let values: Vec<Option<i128>> = texts.map(|text| text.and_then(read)).collect();
    let array = Decimal128Array::from(values).with_precision_and_scale(precision, scale as i8);
    Ok(Arc::new(array.map_err(|cause| RowsError::Arrow {
        table: "a code list".into(),
        cause,
    })?))
}

/// A code list is a source of its own; its hash is over its entries, for it is part of the program.
pub(super) fn provenance(list: &CodeList, entries: impl Iterator<Item = i64>) -> Columns {
    let entries: Vec<i64> = entries.collect();
    let n = entries.len();
    let place = |at: &i64| Some(format!("entry {at}"));
    vec![
        ("source_id", same(Some(&format!("codes/{}", list.name)), n)),
        ("source_file", same(Some(&list_hash(list)), n)),
        (
            "source_location",
            Arc::new(entries.iter().map(place).collect::<StringArray>()),
        ),
        (
            "source_row",
            Arc::new(entries.iter().map(|at| Some(*at)).collect::<Int64Array>()),
        ),
    ]
}

/// Hash of the entries of a list.
pub(super) fn list_hash(list: &CodeList) -> String {
    hex(&Sha256::digest(format!("{:?}", list.entries).as_bytes()))
}

fn all(list: &CodeList) -> Columns {
    provenance(list, 1..=list.entries.len() as i64)
}

fn codes_of(list: &CodeList) -> Result<RecordBatch, RowsError> {
    let entries = &list.entries;
    let n = entries.len();
    let authority = format!("{} ({})", list.authority, list.edition);
    let mut columns = all(list);
    columns.extend([
        ("code_list", same(Some(&list.id), n)),
        ("code", text(entries, |e| Some(e.code.clone()))),
        ("label_en", label(entries, "en")),
        ("label_de", label(entries, "de")),
        ("label_sv", label(entries, "sv")),
        ("valid_from", date(entries, "valid_from")),
        ("valid_to", date(entries, "valid_to")),
        ("status", text(entries, |e| Some(e.status.clone()))),
        ("source", text(entries, |e| Some(e.source.clone()))),
        ("note", more(entries, "note")),
        ("list_title", same(Some(&list.title), n)),
        ("authority", same(Some(&authority), n)),
    ]);
    table_rows("code", n, columns)
}

fn crosswalk(list: &CodeList) -> Result<RecordBatch, RowsError> {
    let entries = &list.entries;
    let truth = |e: &Entry| e.get("reversible").map(|text| text == "yes");
    let mut columns = all(list);
    columns.extend([
        ("from_list", more(entries, "from_list")),
        ("from_code", more(entries, "from_code")),
        ("to_list", more(entries, "to_list")),
        ("to_code", more(entries, "to_code")),
        ("relation", more(entries, "relation")),
        (
            "weight",
            decimals(
                entries.iter().map(|e| e.get("weight").map(String::from)),
                9,
                8,
            )?,
        ),
        (
            "reversible",
            Arc::new(entries.iter().map(truth).collect::<BooleanArray>()) as ArrayRef,
        ),
        ("status", text(entries, |e| Some(e.status.clone()))),
        ("source", text(entries, |e| Some(e.source.clone()))),
        ("note", more(entries, "note")),
    ]);
    table_rows("code_crosswalk", entries.len(), columns)
}

fn programmes(list: &CodeList) -> Result<RecordBatch, RowsError> {
    let entries = &list.entries;
    let name = |e: &Entry| {
        let words = e.label("en")?.split_whitespace();
        Some(words.collect::<Vec<_>>().join(" "))
    };
    let mut columns = all(list);
    columns.extend([
        ("programme_id", text(entries, |e| Some(e.code.clone()))),
        ("name", text(entries, name)),
        ("fund", more(entries, "fund")),
        ("period", more(entries, "period")),
        ("country", more(entries, "country")),
    ]);
    table_rows("programme", entries.len(), columns)
}

fn instruments(list: &CodeList) -> Result<RecordBatch, RowsError> {
    let entries = &list.entries;
    let language = |e: &Entry| match e.get("country") {
        Some("SE") => "sv",
        _ => "de",
    };
    let name = |e: &Entry| e.label(language(e)).map(String::from);
    let mut columns = all(list);
    columns.extend([
        ("instrument_id", text(entries, |e| Some(e.code.clone()))),
        ("name", text(entries, name)),
        ("country", more(entries, "country")),
        ("legal_basis", more(entries, "legal_basis")),
        ("valid_from", date(entries, "valid_from")),
        ("valid_to", date(entries, "valid_to")),
        ("lmp_category", more(entries, "lmp_category")),
    ]);
    table_rows("instrument", entries.len(), columns)
}

fn instrument_labels(list: &CodeList) -> Result<RecordBatch, RowsError> {
    let entries = &list.entries;
    // A name in a place is a name in the language of the place: the only one that the entry has.
    let name = |e: &Entry| {
        ["de", "sv", "en"]
            .iter()
            .find_map(|l| e.labels.get(*l).cloned())
    };
    let mut columns = all(list);
    columns.extend([
        ("instrument_id", more(entries, "instrument_id")),
        ("label", text(entries, name)),
        ("nuts_code", more(entries, "nuts_code")),
        ("valid_from", date(entries, "valid_from")),
        ("valid_to", date(entries, "valid_to")),
        ("precision", more(entries, "precision")),
    ]);
    table_rows("instrument_label", entries.len(), columns)
}

/// A figure of a list: entry number, country, year, value, and the series that it belongs to.
type Level<'a> = (
    i64,
    &'a Entry,
    String,
    String,
    String,
    &'a esf_schemas::Series,
);

fn price_levels(list: &CodeList) -> Result<RecordBatch, RowsError> {
    let mut levels: Vec<Level<'_>> = Vec::new();
    for (at, entry) in list.entries.iter().enumerate() {
        for series in &list.series {
            let level = match (&series.column, &series.country) {
                (Some(column), Some(country)) => entry
                    .get(column)
                    .map(|value| (country.as_str(), entry.code.as_str(), value)),
                _ if entry.get("series") == Some(series.series.as_str()) => {
                    let of = |column| entry.get(column);
                    match (of("country"), of("year"), of("value")) {
                        (Some(country), Some(year), Some(value)) => Some((country, year, value)),
                        _ => None,
                    }
                }
                _ => None,
            };
            if let Some((country, year, value)) = level {
                let [country, year, value] = [country, year, value].map(String::from);
                levels.push((at as i64 + 1, entry, country, year, value, series));
            }
        }
    }
    let n = levels.len();
    let text = |get: &dyn Fn(&Level<'_>) -> Option<String>| -> ArrayRef {
        Arc::new(levels.iter().map(get).collect::<StringArray>())
    };
    let mut columns = provenance(list, levels.iter().map(|l| l.0));
    columns.extend([
        ("country", text(&|l| Some(l.2.clone()))),
        (
            "year",
            Arc::new(
                levels
                    .iter()
                    .map(|l| l.3.parse().ok())
                    .collect::<Int64Array>(),
            ) as ArrayRef,
        ),
        ("series", text(&|l| Some(l.5.series.clone()))),
        ("name", text(&|l| l.1.label("en").map(String::from))),
        ("kind", text(&|l| Some(l.5.kind.clone()))),
        (
            "value",
            decimals(levels.iter().map(|l| Some(l.4.clone())), 18, 6)?,
        ),
        ("value_status", same(Some("ok"), n)),
        ("unit", text(&|l| Some(l.5.unit.clone()))),
        ("base", text(&|l| l.5.base.clone())),
        ("status", text(&|l| Some(l.1.status.clone()))),
        (
            "note",
            text(&|l| {
                Some(match l.1.get("note") {
                    Some(note) => format!("{note}; source: {}", l.1.source),
                    None => format!("source: {}", l.1.source),
                })
            }),
        ),
    ]);
    table_rows("price_level", n, columns)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use arrow::array::AsArray;
    use arrow::datatypes::Decimal128Type;
    use arrow::util::display::{ArrayFormatter, FormatOptions};

    use super::*;

    fn rows_of(table: &str) -> Vec<RecordBatch> {
        let tables = tables().unwrap();
        tables
            .into_iter()
            .find(|(name, _)| *name == table)
            .unwrap()
            .1
    }

    #[test]
    fn keys_of_all_lists_are_unique() {
        let options = FormatOptions::default();
        for (table, batches) in tables().unwrap() {
            assert!(!batches.is_empty(), "{table}");
            let key = &esf_schemas::table(table).unwrap().key;
            let mut seen = HashSet::new();
            for batch in &batches {
                let columns: Vec<_> = key
                    .iter()
                    .map(|k| ArrayFormatter::try_new(&batch[k.as_str()], &options).unwrap())
                    .collect();
                for row in 0..batch.num_rows() {
                    let key: Vec<String> =
                        columns.iter().map(|c| c.value(row).to_string()).collect();
                    assert!(seen.insert(key.clone()), "{table}: {key:?}");
                }
            }
        }
    }

    #[test]
    fn every_price_of_the_lists_is_a_row_with_its_status() {
        let lists = ["price_annual", "ppp_annual", "eur_sek_annual"];
        let entries = |name: &str| esf_schemas::code_list(name).unwrap().entries.len();
        let expected = entries(lists[0]) + 3 * entries(lists[1]) + entries(lists[2]);
        let rows: usize = rows_of("price_level")
            .iter()
            .map(RecordBatch::num_rows)
            .sum();
        assert_eq!(rows, expected);
        for batch in rows_of("price_level") {
            let values = batch["value"].as_primitive::<Decimal128Type>();
            assert_eq!(arrow::array::Array::null_count(values), 0);
            let (kinds, series) = (
                batch["kind"].as_string::<i32>(),
                batch["series"].as_string::<i32>(),
            );
            for row in 0..batch.num_rows() {
                let harmonised = series.value(row).starts_with("HICP");
                assert_eq!(kinds.value(row) == "harmonised", harmonised);
            }
        }
    }

    #[test]
    fn what_cannot_be_undone_is_marked() {
        let splits: Vec<(String, bool)> = rows_of("code_crosswalk")
            .iter()
            .flat_map(|batch| {
                let relation = batch["relation"].as_string::<i32>();
                let from = batch["from_code"].as_string::<i32>();
                let back = batch["reversible"].as_boolean();
                (0..batch.num_rows())
                    .filter(|row| relation.value(*row) == "split")
                    .map(|row| (from.value(row).to_string(), back.value(row)))
                    .collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(splits, vec![("CO15".to_string(), false); 3]);
    }

    #[test]
    fn section_16e_is_three_instruments() {
        let bases: HashSet<String> = rows_of("instrument")
            .iter()
            .flat_map(|batch| {
                let (ids, bases) = (
                    batch["instrument_id"].as_string::<i32>(),
                    batch["legal_basis"].as_string::<i32>(),
                );
                (0..batch.num_rows())
                    .filter(|row| bases.value(*row).starts_with("§16e"))
                    .map(|row| ids.value(row).to_string())
                    .collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(
            bases,
            HashSet::from(["BEZ", "FAV", "EVL"].map(String::from))
        );
    }
}
