//! Mapped rows as rows of `operation`, `operation_amount`, `operation_fund` and `operation_target`.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Decimal128Array, RecordBatch, StringArray, UInt32Array,
};
use arrow::compute::{interleave, is_not_null, take};

use super::identity::Ids;
use super::rows::{RowsError, Tables, push, same, table_rows};
use crate::map::{AmountColumn, FileInput, Mapped};

/// Rows of one file that become operations, with what their list knows about them.
pub struct Loaded<'a> {
    /// The file.
    pub file: &'a FileInput,
    /// Its rows.
    pub mapped: &'a Mapped,
    /// Their ids.
    pub ids: &'a Ids,
    /// Day of the oldest publication that names each of them.
    pub first_published: ArrayRef,
    /// Day of the newest one.
    pub last_published: ArrayRef,
    /// `source_id` and `source_file` of every row; see [`Loaded::constants`].
    pub constants: [ArrayRef; 2],
}

impl Loaded<'_> {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.mapped.rows.num_rows()
    }

    /// A mapped column.
    pub fn column(&self, name: &str) -> Option<ArrayRef> {
        self.mapped.rows.column_by_name(name).map(Arc::clone)
    }

    /// A mapped text column.
    pub fn text(&self, name: &str) -> Option<&StringArray> {
        self.mapped
            .rows
            .column_by_name(name)?
            .as_string_opt::<i32>()
    }

    /// Ids as a column.
    pub fn operation_ids(&self) -> ArrayRef {
        Arc::new(self.ids.ids.clone())
    }

    /// Columns of the source and the file, which are the same in all rows of all tables.
    pub fn constants(file: &FileInput, rows: usize) -> [ArrayRef; 2] {
        [
            same(Some(&file.source.source_id), rows),
            same(Some(&file.sha256), rows),
        ]
    }

    /// The columns that say where each row comes from.
    pub fn provenance(&self) -> Vec<(&'static str, ArrayRef)> {
        let [source_id, source_file] = &self.constants;
        vec![
            ("source_id", Arc::clone(source_id)),
            ("source_file", Arc::clone(source_file)),
            ("source_location", Arc::clone(&self.mapped.locations)),
            ("source_row", Arc::clone(&self.mapped.row_numbers)),
        ]
    }

    /// Provenance and operation of some of the rows.
    pub fn provenance_of(
        &self,
        rows: &UInt32Array,
    ) -> Result<Vec<(&'static str, ArrayRef)>, arrow::error::ArrowError> {
        let mut columns = vec![("operation_id", self.operation_ids())];
        columns.extend(self.provenance());
        // Most tables have one row for every operation, in their order; a column is then shared, not copied.
        if self.is_all(rows) {
            return Ok(columns);
        }
        let constants = self.constants.each_ref();
        for (_, column) in &mut columns {
            let is_constant = constants.iter().any(|c| Arc::ptr_eq(c, column));
            *column = if is_constant && rows.len() <= column.len() {
                column.slice(0, rows.len())
            } else {
                take(column, rows, None)?
            };
        }
        Ok(columns)
    }

    /// Whether these are all rows in their order.
    fn is_all(&self, rows: &UInt32Array) -> bool {
        rows.len() == self.rows()
            && rows
                .values()
                .iter()
                .enumerate()
                .all(|(at, row)| at == *row as usize)
    }

    /// A column at some of the rows.
    pub fn at(
        &self,
        column: &ArrayRef,
        rows: &UInt32Array,
    ) -> Result<ArrayRef, arrow::error::ArrowError> {
        if self.is_all(rows) {
            Ok(Arc::clone(column))
        } else {
            take(column, rows, None)
        }
    }
}

fn failed(table: &str) -> impl Fn(arrow::error::ArrowError) -> RowsError + '_ {
    move |cause| RowsError::Arrow {
        table: table.into(),
        cause,
    }
}

/// One row per operation.
fn operation_rows(loaded: &Loaded<'_>, nuts_code: ArrayRef) -> Result<RecordBatch, RowsError> {
    let toml = &loaded.file.source.toml;
    let rows = loaded.rows();
    let declared = |field: &str, value: Option<&str>| {
        let column = loaded.column(field).filter(|c| c.null_count() < c.len());
        column.unwrap_or_else(|| same(value, rows))
    };
    // The country whose programme pays; a place abroad stands in operation_region.
    let country = match toml.country.as_deref() {
        Some(country) => same(Some(country), rows),
        None => declared("country", None),
    };
    let title = loaded.text("title");
    let mut columns = loaded.provenance();
    columns.extend([
        ("operation_id", loaded.operation_ids()),
        ("id_basis", Arc::new(loaded.ids.basis.clone()) as ArrayRef),
        ("list_id", same(Some(loaded.file.source.list_id()), rows)),
        (
            "language",
            same(toml.language.as_deref().filter(|_| title.is_some()), rows),
        ),
        ("fund", declared("fund", toml.fund.as_deref())),
        ("period", declared("funding_period", toml.period.as_deref())),
        (
            "programme_id",
            declared("programme_code", toml.programme_id.as_deref()),
        ),
        ("country", country),
        ("nuts_code", nuts_code),
        (
            "contact_present",
            Arc::clone(&loaded.mapped.contact_present),
        ),
        ("is_aggregate", Arc::clone(&loaded.mapped.is_aggregate)),
        ("first_published", Arc::clone(&loaded.first_published)),
        ("last_published", Arc::clone(&loaded.last_published)),
    ]);
    let as_mapped = [
        "natural_id",
        "title",
        "summary",
        "start_date",
        "start_precision",
        "end_date",
        "end_precision",
        "union_rate",
        "priority_axis",
        "objective_code",
        "support_scheme",
    ];
    for name in as_mapped {
        if let Some(column) = loaded.column(name) {
            columns.push((name, column));
        }
    }
    if let Some(code) = loaded.column("intervention") {
        let (periods, funds) = (
            declared("funding_period", toml.period.as_deref()),
            declared("fund", toml.fund.as_deref()),
        );
        let (periods, funds) = (periods.as_string::<i32>(), funds.as_string::<i32>());
        let value =
            |of: &StringArray, row: usize| of.is_valid(row).then(|| of.value(row).to_string());
        let mut known: std::collections::HashMap<(Option<String>, Option<String>), Option<String>> =
            std::collections::HashMap::new();
        let lists: StringArray = (0..rows)
            .map(|row| {
                if code.is_null(row) {
                    return None;
                }
                let key = (value(periods, row), value(funds, row));
                let list = known.entry(key).or_insert_with_key(|(period, fund)| {
                    intervention_list(period.as_deref()?, fund.as_deref())
                });
                list.clone()
            })
            .collect();
        columns.push(("intervention_code", code));
        columns.push(("intervention_list", Arc::new(lists)));
    }
    table_rows("operation", rows, columns)
}

/// The code list of intervention fields that holds in a funding period: Reg. 1828/2006 Annex II, Reg. 215/2014
/// Annex I and Reg. 2021/1060 Annex I each have their own numbers. The fields of a fund are a list of their own.
pub fn intervention_list(period: &str, fund: Option<&str>) -> Option<String> {
    let years = match period.get(..4)? {
        "2000" => "2000_06",
        "2007" => "2007_13",
        "2014" => "2014_20",
        "2021" => "2021_27",
        _ => return None,
    };
    let fund = fund
        .filter(|f| matches!(*f, "ERDF" | "CF" | "JTF"))
        .unwrap_or("ESF");
    Some(format!("{fund}_{years}"))
}

/// One row per published amount, in the order of operation and kind.
fn amount_rows(loaded: &Loaded<'_>) -> Result<Option<RecordBatch>, RowsError> {
    let error = failed("operation_amount");
    let rows = loaded.rows();
    let mut columns: Vec<&AmountColumn> = loaded.mapped.amounts.iter().collect();
    columns.sort_by(|a, b| (&a.kind, &a.financing_source).cmp(&(&b.kind, &b.financing_source)));
    // (amount column, row) of every amount, rows first.
    let mut picks: Vec<(usize, usize)> = Vec::with_capacity(rows * columns.len());
    for row in 0..rows {
        for (index, column) in columns.iter().enumerate() {
            let filler = column.zero_is_filler
                && column.values.is_valid(row)
                && column.values.value(row) == 0;
            // An amount of which nobody says what it is has a finding and is not published as some other kind.
            if column.values.is_valid(row) && !filler && column.kind_of(row).is_some() {
                picks.push((index, row));
            }
        }
    }
    if picks.is_empty() {
        return Ok(None);
    }
    let n = picks.len();
    let at = UInt32Array::from_iter_values(picks.iter().map(|(_, row)| *row as u32));
    let values: Vec<&dyn Array> = columns.iter().map(|c| &c.values as &dyn Array).collect();
    let amounts = interleave(&values, &picks).map_err(&error)?;
    let kinds: StringArray = picks
        .iter()
        .map(|(c, row)| columns[*c].kind_of(*row))
        .collect();
    let currencies: StringArray = picks
        .iter()
        .map(|(c, row)| columns[*c].currency.of(*row))
        .collect();
    let certainty: StringArray = picks
        .iter()
        .map(|(c, row)| {
            columns[*c]
                .currency
                .of(*row)
                .map(|_| columns[*c].currency.certainty(*row))
        })
        .collect();
    let sources: StringArray = picks
        .iter()
        .map(|(c, _)| Some(columns[*c].financing_source.as_str()))
        .collect();
    let precision: Decimal128Array = picks
        .iter()
        .map(|(c, row)| {
            columns[*c]
                .precision_abs
                .as_ref()
                .filter(|p| p.is_valid(*row))
                .map(|p| p.value(*row))
        })
        .collect::<Decimal128Array>()
        .with_precision_and_scale(18, 2)
        .map_err(&error)?;
    let derived: BooleanArray = picks
        .iter()
        .map(|(c, _)| Some(columns[*c].derived))
        .collect();
    let mut out = loaded.provenance_of(&at).map_err(&error)?;
    out.extend([
        ("amount_kind", Arc::new(kinds) as ArrayRef),
        ("financing_source", Arc::new(sources)),
        ("amount", amounts),
        ("currency", Arc::new(currencies)),
        ("currency_certainty", Arc::new(certainty)),
        ("precision_abs", Arc::new(precision)),
        ("derived", Arc::new(derived)),
    ]);
    for name in ["amount_date", "amount_date_precision"] {
        if let Some(column) = loaded.column(name) {
            out.push((name, loaded.at(&column, &at).map_err(&error)?));
        }
    }
    table_rows("operation_amount", n, out).map(Some)
}

/// The fund of every operation that has one: stated by a column, or by the list as a whole.
fn fund_rows(
    loaded: &Loaded<'_>,
    operation: &RecordBatch,
) -> Result<Option<RecordBatch>, RowsError> {
    let error = failed("operation_fund");
    let Some(funds) = operation.column_by_name("fund") else {
        return Ok(None);
    };
    let known = is_not_null(funds).map_err(&error)?;
    let at: UInt32Array = (0..loaded.rows() as u32)
        .filter(|row| known.value(*row as usize))
        .collect();
    if at.is_empty() {
        return Ok(None);
    }
    let mut out = loaded.provenance_of(&at).map_err(&error)?;
    out.push(("fund", loaded.at(funds, &at).map_err(&error)?));
    out.push(("certainty", same(Some("stated"), at.len())));
    table_rows("operation_fund", at.len(), out).map(Some)
}

/// Planned participants and jobs of every operation that states them.
fn target_rows(loaded: &Loaded<'_>) -> Result<Vec<RecordBatch>, RowsError> {
    let error = failed("operation_target");
    let mut batches = Vec::new();
    for measure in ["planned_participants", "planned_jobs"] {
        let Some(values) = loaded.column(measure) else {
            continue;
        };
        let at: UInt32Array = (0..loaded.rows() as u32)
            .filter(|row| values.is_valid(*row as usize))
            .collect();
        if at.is_empty() {
            continue;
        }
        let mut out = loaded.provenance_of(&at).map_err(&error)?;
        out.push(("measure", same(Some(measure), at.len())));
        out.push(("value", take(&values, &at, None).map_err(&error)?));
        out.push((
            "certainty",
            same(Some(loaded.mapped.target_certainty), at.len()),
        ));
        if let Some(group) = loaded.column("target_group") {
            out.push(("target_group", take(&group, &at, None).map_err(&error)?));
        }
        batches.push(table_rows("operation_target", at.len(), out)?);
    }
    Ok(batches)
}

/// Adds all tables that need neither regions nor organisations; returns the operations.
pub fn push_operations(
    loaded: &Loaded<'_>,
    nuts_code: ArrayRef,
    tables: &mut Tables,
) -> Result<RecordBatch, RowsError> {
    let operation = operation_rows(loaded, nuts_code)?;
    if let Some(amounts) = amount_rows(loaded)? {
        push(tables, "operation_amount", amounts);
    }
    if let Some(funds) = fund_rows(loaded, &operation)? {
        push(tables, "operation_fund", funds);
    }
    for targets in target_rows(loaded)? {
        push(tables, "operation_target", targets);
    }
    push(tables, "operation", operation.clone());
    Ok(operation)
}
