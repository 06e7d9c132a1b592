//! Earlier published states of operations.
//!
//! A vintage is compared with the next one; a state that stays the same over several vintages is one row. A column of
//! `operation_history` is filled where the earlier value differs from the later one, and `changed_columns` names it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Date32Array, RecordBatch, StringArray, UInt32Array};
use arrow::compute::{concat_batches, take};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::rows::{RowsError, Tables, push, table_rows};

/// Columns of `operation` that are compared.
const COMPARED: [&str; 18] = [
    "title",
    "summary",
    "fund",
    "period",
    "programme_id",
    "country",
    "nuts_code",
    "start_date",
    "start_precision",
    "end_date",
    "end_precision",
    "union_rate",
    "intervention_code",
    "intervention_list",
    "priority_axis",
    "objective_code",
    "support_scheme",
    "instrument_id",
];

/// What one vintage published: its operations and their amounts.
pub struct State {
    /// Day of publication, as days since 1970.
    pub published: Option<i32>,
    operation: RecordBatch,
    rows: HashMap<String, usize>,
    amounts: HashMap<String, BTreeMap<String, String>>,
}

impl State {
    /// The state that the derived tables of one vintage describe; none if it has no operations.
    pub fn new(published: Option<i32>, tables: &Tables) -> Result<Option<Self>, RowsError> {
        let Some(operations) = tables.get("operation").filter(|b| !b.is_empty()) else {
            return Ok(None);
        };
        let failed = |cause| RowsError::Arrow {
            table: "operation".into(),
            cause,
        };
        let operation = concat_batches(&operations[0].schema(), operations).map_err(failed)?;
        let ids = operation["operation_id"].as_string::<i32>();
        let rows = ids
            .iter()
            .enumerate()
            .filter_map(|(row, id)| Some((id?.to_string(), row)))
            .collect();
        let mut amounts: HashMap<String, BTreeMap<String, String>> = HashMap::new();
        let options = FormatOptions::default();
        for batch in tables.get("operation_amount").into_iter().flatten() {
            let text = |name: &str| {
                ArrayFormatter::try_new(batch[name].as_ref(), &options).map_err(failed)
            };
            let (id, kind) = (text("operation_id")?, text("amount_kind")?);
            let (currency, amount) = (text("currency")?, text("amount")?);
            for row in 0..batch.num_rows() {
                let key = format!("{}.{}", kind.value(row), currency.value(row));
                amounts
                    .entry(id.value(row).to_string())
                    .or_default()
                    .insert(key, amount.value(row).to_string());
            }
        }
        Ok(Some(Self {
            published,
            operation,
            rows,
            amounts,
        }))
    }

    /// Without the states of operations that are not to be compared.
    pub(super) fn of(mut self, is_compared: impl Fn(&str) -> bool) -> Self {
        self.rows.retain(|id, _| is_compared(id));
        self
    }

    /// A state after this one that names none of its operations.
    pub(super) fn without_operations(&self) -> Self {
        Self {
            published: self.published,
            operation: self.operation.slice(0, 0),
            rows: HashMap::new(),
            amounts: HashMap::new(),
        }
    }

    /// Whether the vintage names the operation.
    pub fn has(&self, operation_id: &str) -> bool {
        self.rows.contains_key(operation_id)
    }
}

/// One earlier state of one operation.
struct Earlier {
    row: usize,
    from: Option<i32>,
    changed: Vec<String>,
    amounts: Option<String>,
}

/// Writes the states before the last one to `operation_history`.
///
/// Where each vintage replaces the one before, an operation that the next one leaves out is gone; where vintages extend
/// each other it stays as it is until one names it again. `before` tells of operations of the first state since when they are
/// published as they are there, where that was before it.
pub(super) fn push_history(
    states: &[State],
    replace: bool,
    before: &HashMap<String, Option<i32>>,
    tables: &mut Tables,
) -> Result<(), RowsError> {
    let failed = |cause| RowsError::Arrow {
        table: "operation_history".into(),
        cause,
    };
    let texts = states
        .iter()
        .map(compared_texts)
        .collect::<Result<Vec<_>, _>>()?;
    // Since when the present state of an operation has been published.
    let mut since: HashMap<&str, Option<i32>> =
        before.iter().map(|(id, day)| (id.as_str(), *day)).collect();
    for (at, state) in states.iter().enumerate() {
        let later = &states[at + 1..];
        let Some(following) = later.first() else {
            break;
        };
        let mut earlier = Vec::new();
        for (id, &row) in &state.rows {
            let from = since.remove(id.as_str()).unwrap_or(state.published);
            let names = |next: &State| next.rows.contains_key(id);
            let next = match later.iter().position(names) {
                Some(0) => Some(0),
                _ if replace => None,
                Some(later) => Some(later),
                None => continue,
            };
            let (changed, amounts) = match next {
                Some(next) => {
                    let (a, b) = (at, at + 1 + next);
                    changes(id, row, state, &states[b], &texts[a], &texts[b])
                }
                None => changes(id, row, state, following, &texts[at], &texts[at + 1]),
            };
            if changed.is_empty() {
                since.insert(id, from);
            } else {
                earlier.push(Earlier {
                    row,
                    from,
                    changed,
                    amounts,
                });
            }
        }
        earlier.sort_by_key(|e| e.row);
        push(
            tables,
            "operation_history",
            history_rows(state, &earlier).map_err(failed)??,
        );
    }
    Ok(())
}

type Texts = Vec<Vec<Option<String>>>;

fn compared_texts(state: &State) -> Result<Texts, RowsError> {
    let failed = |cause| RowsError::Arrow {
        table: "operation".into(),
        cause,
    };
    let options = FormatOptions::default();
    COMPARED
        .iter()
        .map(|name| {
            let column = &state.operation[*name];
            let text = ArrayFormatter::try_new(column.as_ref(), &options).map_err(failed)?;
            let rows = 0..column.len();
            Ok(rows
                .map(|row| column.is_valid(row).then(|| text.value(row).to_string()))
                .collect())
        })
        .collect()
}

fn changes(
    id: &str,
    row: usize,
    state: &State,
    next: &State,
    texts: &Texts,
    later: &Texts,
) -> (Vec<String>, Option<String>) {
    let Some(&next_row) = next.rows.get(id) else {
        return (vec!["gone".into()], None);
    };
    let mut changed: Vec<String> = (0..COMPARED.len())
        .filter(|column| texts[*column][row] != later[*column][next_row])
        .map(|column| COMPARED[column].to_string())
        .collect();
    let none = BTreeMap::new();
    let before = state.amounts.get(id).unwrap_or(&none);
    let after = next.amounts.get(id).unwrap_or(&none);
    let differing: BTreeMap<&String, &String> = before
        .iter()
        .filter(|(key, amount)| after.get(*key) != Some(*amount))
        .collect();
    changed.extend(differing.keys().map(|key| format!("amount.{key}")));
    changed.extend(
        after
            .keys()
            .filter(|key| !before.contains_key(*key))
            .map(|key| format!("amount.{key}")),
    );
    changed.sort();
    let amounts = (!differing.is_empty()).then(|| serde_json::json!(differing).to_string());
    (changed, amounts)
}

fn history_rows(
    state: &State,
    earlier: &[Earlier],
) -> Result<Result<RecordBatch, RowsError>, arrow::error::ArrowError> {
    let at = UInt32Array::from_iter_values(earlier.iter().map(|e| e.row as u32));
    let mut columns: Vec<(&str, ArrayRef)> = Vec::new();
    for name in [
        "source_id",
        "source_file",
        "source_location",
        "source_row",
        "operation_id",
    ] {
        columns.push((name, take(&state.operation[name], &at, None)?));
    }
    for name in COMPARED {
        let values = take(&state.operation[name], &at, None)?;
        let unchanged = earlier
            .iter()
            .map(|e| {
                // Of an operation that is gone everything is kept.
                let gone = e.changed == ["gone"];
                Some(!gone && e.changed.binary_search(&name.to_string()).is_err())
            })
            .collect();
        columns.push((name, arrow::compute::nullif(&values, &unchanged)?));
    }
    let from: Date32Array = earlier.iter().map(|e| e.from).collect();
    let to: Date32Array = earlier.iter().map(|_| state.published).collect();
    let changed: StringArray = earlier.iter().map(|e| Some(e.changed.join(","))).collect();
    let amounts: StringArray = earlier.iter().map(|e| e.amounts.clone()).collect();
    columns.push(("published_from", Arc::new(from)));
    columns.push(("published_to", Arc::new(to)));
    columns.push(("changed_columns", Arc::new(changed)));
    columns.push(("earlier_amounts", Arc::new(amounts)));
    Ok(table_rows("operation_history", earlier.len(), columns))
}

#[cfg(test)]
mod tests {
    use arrow::array::Int64Array;

    use super::*;
    use crate::check::{Broken, integrity};
    use crate::merge::rows::{same, same_bool};

    /// An undated publication of one operation.
    fn published(file: &str, title: &str) -> State {
        let columns = vec![
            ("source_id", same(Some("s"), 1)),
            ("source_file", same(Some(file), 1)),
            ("source_location", same(Some("line 2"), 1)),
            (
                "source_row",
                Arc::new(Int64Array::from(vec![2])) as ArrayRef,
            ),
            ("operation_id", same(Some("o"), 1)),
            ("id_basis", same(Some("identity"), 1)),
            ("list_id", same(Some("l"), 1)),
            ("title", same(Some(title), 1)),
            ("is_aggregate", same_bool(false, 1)),
            ("contact_present", same_bool(false, 1)),
        ];
        let mut tables = Tables::new();
        let rows = table_rows("operation", 1, columns).unwrap();
        push(&mut tables, "operation", rows);
        State::new(None, &tables).unwrap().unwrap()
    }

    #[test]
    fn states_without_dates_have_keys_of_their_own() {
        let states = [
            published("f1", "Brücke"),
            published("f2", "Brücken"),
            published("f3", "Zwei Brücken"),
        ];
        let mut tables = Tables::new();
        push_history(&states, true, &HashMap::new(), &mut tables).unwrap();
        let batches = &tables["operation_history"];
        assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 2);
        assert_eq!(integrity(&tables).unwrap(), Broken::new());
    }
}
