//! What must hold of the tables of one list before they are published: keys name one row, ids lead to their row,
//! weights add up. Ids of operations hold the id of their list, so that what holds of each list holds of all together
//! but for equal hashes, which the run looks for in the release as a whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::compute::kernels::cmp::not_distinct;
use arrow::compute::{and, concat_batches};
use arrow::datatypes::Decimal128Type;
use arrow::error::ArrowError;
use arrow::row::{RowConverter, SortField};
use datafusion::common::HashSet;

use crate::merge::rows::Tables;
use crate::region::ONE;

/// Ids of operations that repeat.
pub const OPERATION_IDS: &str = "operation_id_unique";
/// Rows that name an operation or organisation that is not there.
pub const REFERENCES: &str = "references_lead_to_rows";
/// Rows that repeat the key of another.
pub const KEYS: &str = "keys_unique";
/// Operations and roles whose weights do not sum to one.
pub const WEIGHTS: &str = "weights_sum_to_one";

/// Number of rows against each rule, by rule and table; rules that hold are not named.
pub type Broken = BTreeMap<(&'static str, String), u64>;

/// What rows that break a rule are, for messages.
pub fn meaning(rule: &str) -> &'static str {
    match rule {
        OPERATION_IDS => "operation ids that repeat",
        REFERENCES => "rows that name an operation or organisation that is not there",
        KEYS => "rows that repeat the key of another",
        _ => "operations and roles whose weights do not sum to one",
    }
}

/// What is broken, in words: rows, rule and table of each. Empty if nothing is.
pub fn told(broken: &Broken) -> String {
    let told = broken
        .iter()
        .map(|((rule, table), rows)| format!("{table}: {rows} {}", meaning(rule)));
    told.collect::<Vec<_>>().join("; ")
}

/// Tables whose rows of one key may stand apart, because they are put together from several files or columns and sorted
/// only when they are written. The rows of an operation in the others are neighbours.
const APART: [&str; 11] = [
    "operation_history",
    "operation_target",
    "source_file",
    "restricted_source_file",
    "ignored_rows",
    "restricted_ignored_rows",
    "control_total",
    "quarantine",
    "finding",
    "restricted_finding",
    "instrument_label",
];

/// Tables whose rows name an organisation by the spelling that the same list gives it.
const OF_BODIES: [&str; 1] = ["operation_organisation"];

/// Tables that are not asked whether their operations exist: the operations themselves, the one that remembers those that
/// are gone, and counts of participants, whose operations stand in other lists.
const WITH_GONE: [&str; 4] = [
    "operation",
    "operation_history",
    "participation",
    "participant",
];

/// Checks the tables of one list, each sorted as its declaration says.
pub fn integrity(tables: &Tables) -> Result<Broken, ArrowError> {
    let mut broken = Broken::new();
    let mut count = |rule: &'static str, table: &str, rows: u64| {
        if rows > 0 {
            *broken.entry((rule, table.to_owned())).or_default() += rows;
        }
    };
    let ids = column(tables, "operation", "operation_id");
    let mut rows = 0;
    for ids in &ids {
        rows += ids.len();
    }
    let mut operations: HashSet<&str> = HashSet::with_capacity(rows);
    let repeated = ids.iter().flat_map(|ids| ids.iter()).flatten();
    count(
        OPERATION_IDS,
        "operation",
        repeated.filter(|id| !operations.insert(id)).count() as u64,
    );
    let known: HashSet<_> = ids.iter().map(|ids| identity(ids)).collect();
    let bodies: HashSet<&str> = column(tables, "organisation_name", "organisation_id")
        .into_iter()
        .flat_map(|ids| ids.iter().flatten())
        .collect();
    let others = tables
        .keys()
        .filter(|table| !WITH_GONE.contains(&table.as_str()));
    for table in others {
        for batch in column(tables, table, "operation_id") {
            // Most tables share the column of the operations themselves.
            if known.contains(&identity(batch)) {
                continue;
            }
            let lost = batch.iter().flatten().filter(|id| !operations.contains(id));
            count(REFERENCES, table, lost.count() as u64);
        }
    }
    for table in OF_BODIES {
        for batch in column(tables, table, "organisation_id") {
            let lost = batch.iter().flatten().filter(|id| !bodies.contains(id));
            count(REFERENCES, table, lost.count() as u64);
        }
    }
    for (table, batches) in tables {
        if APART.contains(&table.as_str()) {
            count(KEYS, table, keys_repeated_anywhere(table, batches)?);
            continue;
        }
        for batch in batches {
            count(KEYS, table, repeated_keys(table, batch)?);
        }
    }
    count(WEIGHTS, "operation_region", wrong_weights(tables)?);
    Ok(broken)
}

/// Where the values of a column are held: two columns of one place and length say the same.
fn identity(column: &StringArray) -> (*const u8, *const i32, usize) {
    let (values, offsets) = (column.value_data(), column.value_offsets());
    (values.as_ptr(), offsets.as_ptr(), column.len())
}

fn column<'a>(tables: &'a Tables, table: &str, name: &str) -> Vec<&'a StringArray> {
    let batches = tables.get(table).into_iter().flatten();
    batches
        .filter_map(|batch| batch.column_by_name(name)?.as_string_opt::<i32>())
        .collect()
}

/// Rows whose key is that of the row before; tables are sorted, so equal keys of an operation are neighbours.
fn repeated_keys(table: &str, batch: &RecordBatch) -> Result<u64, ArrowError> {
    let key = esf_schemas::table(table).map_or(&[][..], |t| &t.key);
    let (rows, pairs) = (batch.num_rows(), batch.num_rows().saturating_sub(1));
    let mut same: Option<arrow::array::BooleanArray> = None;
    for column in key.iter().filter_map(|name| batch.column_by_name(name)) {
        if rows < 2 {
            return Ok(0);
        }
        let equal = not_distinct(&column.slice(0, pairs), &column.slice(1, pairs))?;
        if equal.true_count() == 0 {
            return Ok(0);
        }
        same = Some(match same {
            Some(same) => and(&same, &equal)?,
            None => equal,
        });
    }
    Ok(same.map_or(0, |same| same.true_count() as u64))
}

/// Rows whose key is that of any row before them, in whatever batch that stands.
fn keys_repeated_anywhere(table: &str, batches: &[RecordBatch]) -> Result<u64, ArrowError> {
    let names = esf_schemas::table(table).map_or(&[][..], |t| &t.key);
    let key = |batch: &RecordBatch| -> Vec<ArrayRef> {
        let columns = names.iter().filter_map(|name| batch.column_by_name(name));
        columns.map(Arc::clone).collect()
    };
    let Some(first) = batches.first().map(key).filter(|key| !key.is_empty()) else {
        return Ok(0);
    };
    let fields = first
        .iter()
        .map(|column| SortField::new(column.data_type().clone()));
    let converter = RowConverter::new(fields.collect())?;
    let mut keys = converter.empty_rows(0, 0);
    for batch in batches {
        converter.append(&mut keys, &key(batch))?;
    }
    let mut seen = HashSet::with_capacity(keys.num_rows());
    Ok(keys.iter().filter(|key| !seen.insert(*key)).count() as u64)
}

/// Operations and roles whose weights do not add up to exactly one.
fn wrong_weights(tables: &Tables) -> Result<u64, ArrowError> {
    let Some(batches) = tables.get("operation_region").filter(|b| !b.is_empty()) else {
        return Ok(0);
    };
    let one;
    let rows = if let [only] = batches.as_slice() {
        only
    } else {
        one = concat_batches(&batches[0].schema(), batches)?;
        &one
    };
    let text = |name: &str| rows[name].as_string::<i32>();
    let (ids, roles) = (text("operation_id"), text("role"));
    let weights = rows["weight"].as_primitive::<Decimal128Type>();
    let mut wrong = 0;
    let mut row = 0;
    while row < rows.num_rows() {
        let of = |at: usize| (ids.value(at), roles.value(at));
        let begun = row;
        let mut sum = 0;
        while row < rows.num_rows() && of(row) == of(begun) {
            sum += weights.value(row);
            row += 1;
        }
        wrong += u64::from(sum != i128::from(ONE));
    }
    Ok(wrong)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Decimal128Array};

    use super::*;
    use crate::merge::rows::{push, same, same_bool, table_rows};

    fn text(values: &[&str]) -> ArrayRef {
        Arc::new(StringArray::from(values.to_vec()))
    }

    fn provenance(n: usize) -> Vec<(&'static str, ArrayRef)> {
        let rows: Vec<i64> = (1..=n as i64).collect();
        vec![
            ("source_id", same(Some("s"), n)),
            ("source_file", same(Some("f"), n)),
            ("source_location", same(Some("line 1"), n)),
            ("source_row", Arc::new(arrow::array::Int64Array::from(rows))),
        ]
    }

    fn operations(ids: &[&str]) -> Tables {
        let n = ids.len();
        let mut columns = provenance(n);
        columns.extend([
            ("operation_id", text(ids)),
            ("id_basis", same(Some("identity"), n)),
            ("list_id", same(Some("l"), n)),
            ("is_aggregate", same_bool(false, n)),
            ("contact_present", same_bool(false, n)),
        ]);
        let mut tables = Tables::new();
        push(
            &mut tables,
            "operation",
            table_rows("operation", n, columns).unwrap(),
        );
        tables
    }

    fn regions(tables: &mut Tables, ids: &[&str], codes: &[&str], weights: &[i64]) {
        let n = ids.len();
        let weights = weights.iter().map(|w| i128::from(*w));
        let weights = Decimal128Array::from_iter_values(weights)
            .with_precision_and_scale(9, 8)
            .unwrap();
        let mut columns = provenance(n);
        columns.extend([
            ("operation_id", text(ids)),
            ("role", same(Some("implementation"), n)),
            ("nuts_code", text(codes)),
            ("nuts_version", same(Some("2024"), n)),
            ("weight", Arc::new(weights)),
            ("method", same(Some("equal split"), n)),
        ]);
        push(
            tables,
            "operation_region",
            table_rows("operation_region", n, columns).unwrap(),
        );
    }

    #[test]
    fn a_sound_list_breaks_no_rule() {
        let mut tables = operations(&["a", "b"]);
        regions(
            &mut tables,
            &["a", "a", "b"],
            &["SE110", "SE121", "SE110"],
            &[ONE / 2, ONE / 2, ONE],
        );
        assert_eq!(integrity(&tables).unwrap(), Broken::new());
    }

    #[test]
    fn each_rule_is_told_with_its_rows() {
        let mut tables = operations(&["a", "b", "b"]);
        regions(
            &mut tables,
            &["a", "a", "x"],
            &["SE110", "SE110", "SE110"],
            &[ONE / 2, ONE / 2 - 1, ONE],
        );
        let broken = integrity(&tables).unwrap();
        let expected = [
            (OPERATION_IDS, "operation", 1),
            (KEYS, "operation", 1),
            (KEYS, "operation_region", 1),
            (REFERENCES, "operation_region", 1),
            (WEIGHTS, "operation_region", 1),
        ];
        let expected = expected.map(|(rule, table, rows)| ((rule, table.to_owned()), rows));
        assert_eq!(broken, expected.into_iter().collect());
    }

    #[test]
    fn a_key_is_repeated_in_whatever_batch_it_stands() {
        let ignored = |reasons: &[&str]| {
            let n = reasons.len();
            let columns = vec![
                ("source_id", same(Some("s"), n)),
                ("source_file", same(Some("f"), n)),
                ("source_location", same(Some("file"), n)),
                ("reason", text(reasons)),
                (
                    "n",
                    Arc::new(arrow::array::Int64Array::from(vec![1; n])) as ArrayRef,
                ),
            ];
            table_rows("ignored_rows", n, columns).unwrap()
        };
        let mut tables = Tables::new();
        push(&mut tables, "ignored_rows", ignored(&["header", "blank"]));
        assert_eq!(integrity(&tables).unwrap(), Broken::new());
        push(&mut tables, "ignored_rows", ignored(&["footer", "header"]));
        let broken = integrity(&tables).unwrap();
        assert_eq!(
            told(&broken),
            "ignored_rows: 1 rows that repeat the key of another"
        );
    }
}
