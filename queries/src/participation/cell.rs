//! Cells of participants as rows of tables.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, AsArray, Date32Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::arrow::compute::{
    SortColumn, SortOptions, cast, lexsort_to_indices, take_record_batch,
};
use datafusion::arrow::datatypes::{DataType, Date32Type, Int64Type};
use datafusion::error::DataFusionError;

/// The columns of [`Counted`] in its order, and the count: those whom an indicator is true of, and those of whom it is
/// known whether it is, each a count of its own. Cells come as they were reported and, where there are any, counted from records.
/// What stands for an operation can be any text of the file, so that only ids of operations that lists have are shown.
pub(super) fn sql(has_records: bool) -> String {
    const COLUMNS: &str = "operation_id, programme_id, nuts_code, sex, age_group, education, labour_status, \
         unit_of_count, estimation, period_start, period_end";
    let counted = if has_records {
        let records = include_str!("record.sql");
        format!(
            "UNION ALL SELECT indicator_list, indicator_code, {COLUMNS}, n, n_known FROM ({records}) AS counted"
        )
    } else {
        String::new()
    };
    format!(
        "WITH reported AS (
             SELECT indicator_list, indicator_code, {COLUMNS}, n, n_known FROM participation {counted}
         ),
         cell AS (
             SELECT indicator_list, indicator_code, {COLUMNS}, n, n_known
             FROM reported
             LEFT JOIN (SELECT DISTINCT operation_id AS listed_id FROM operation) AS listed ON listed_id = operation_id
             WHERE operation_id IS NULL OR listed_id IS NOT NULL
         )
         SELECT indicator_list, indicator_code, '{TRUE_OF}', {COLUMNS}, n FROM cell
         UNION ALL
         SELECT indicator_list, indicator_code, '{KNOWN}', {COLUMNS}, n_known FROM cell"
    )
}

/// [`Counted::count_of`] of those whom the indicator is true of.
pub(super) const TRUE_OF: &str = "indicator";
/// [`Counted::count_of`] of those of whom it is known whether the indicator is true.
pub(super) const KNOWN: &str = "known";

/// The programme of each operation that has counts.
pub(super) const PROGRAMMES: &str = "SELECT operation_id, min(programme_id) FROM operation \
     WHERE programme_id IS NOT NULL AND operation_id IN ( \
         SELECT operation_id FROM participation UNION ALL SELECT operation_id FROM participant) \
     GROUP BY operation_id";

/// The newest version of each region.
pub(super) const VERSIONS: &str =
    "SELECT nuts_code, max(nuts_version) FROM region GROUP BY nuts_code";

/// What a count is about. Whether it is a total follows from its codes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Counted {
    pub(super) indicator_list: String,
    pub(super) indicator_code: String,
    pub(super) count_of: String,
    pub(super) operation_id: Option<String>,
    pub(super) programme_id: Option<String>,
    pub(super) nuts_code: Option<String>,
    pub(super) sex: String,
    pub(super) age_group: String,
    pub(super) education: String,
    pub(super) labour_status: String,
    pub(super) unit_of_count: String,
    pub(super) estimation: String,
    pub(super) period_start: Option<i32>,
    pub(super) period_end: Option<i32>,
}

/// Cells with the counts that were given for them: more than one where a file contradicts another.
pub(super) type Counts = BTreeMap<Counted, Vec<i64>>;

/// The rows of [`sql`] that have a count. A negative correction is no count of people and is left out like an unknown one.
pub(super) fn read(batches: &[RecordBatch]) -> Result<Counts, DataFusionError> {
    let mut counts = Counts::new();
    for batch in batches {
        let n = integers(batch, 14)?;
        for (row, key) in keys(batch, 0)?.into_iter().enumerate() {
            if let Some(n) = n[row].filter(|n| *n >= 0) {
                counts.entry(key).or_default().push(n);
            }
        }
    }
    Ok(counts)
}

/// The cells in the columns that begin at `first`, in the order of [`sql`].
pub(super) fn keys(batch: &RecordBatch, first: usize) -> Result<Vec<Counted>, DataFusionError> {
    let texts: Vec<Vec<Option<String>>> = (first..first + 12)
        .map(|column| text(batch, column))
        .collect::<Result<_, _>>()?;
    let days = |column: usize| -> Result<Vec<Option<i32>>, DataFusionError> {
        let values = cast(batch.column(column), &DataType::Date32)?;
        Ok(values.as_primitive::<Date32Type>().iter().collect())
    };
    let (starts, ends) = (days(first + 12)?, days(first + 13)?);
    let key = |row: usize| {
        let one = |column: usize| texts[column][row].clone();
        let must = |column: usize| one(column).unwrap_or_default();
        Counted {
            indicator_list: must(0),
            indicator_code: must(1),
            count_of: must(2),
            operation_id: one(3),
            programme_id: one(4),
            nuts_code: one(5),
            sex: must(6),
            age_group: must(7),
            education: must(8),
            labour_status: must(9),
            unit_of_count: must(10),
            estimation: must(11),
            period_start: starts[row],
            period_end: ends[row],
        }
    };
    Ok((0..batch.num_rows()).map(key).collect())
}

/// A column of text, however it is encoded.
pub(super) fn text(
    batch: &RecordBatch,
    column: usize,
) -> Result<Vec<Option<String>>, DataFusionError> {
    let values = cast(batch.column(column), &DataType::Utf8)?;
    let values = values.as_string::<i32>();
    Ok(values.iter().map(|one| one.map(str::to_owned)).collect())
}

/// A column of whole numbers.
pub(super) fn integers(
    batch: &RecordBatch,
    column: usize,
) -> Result<Vec<Option<i64>>, DataFusionError> {
    let values = cast(batch.column(column), &DataType::Int64)?;
    Ok(values.as_primitive::<Int64Type>().iter().collect())
}

/// The columns of cells, by name.
pub(super) fn columns(keys: &[&Counted]) -> Vec<(&'static str, ArrayRef)> {
    type Get = fn(&Counted) -> Option<&String>;
    let texts: [(&'static str, Get); 12] = [
        ("indicator_list", |key| Some(&key.indicator_list)),
        ("indicator_code", |key| Some(&key.indicator_code)),
        ("count_of", |key| Some(&key.count_of)),
        ("operation_id", |key| key.operation_id.as_ref()),
        ("programme_id", |key| key.programme_id.as_ref()),
        ("nuts_code", |key| key.nuts_code.as_ref()),
        ("sex", |key| Some(&key.sex)),
        ("age_group", |key| Some(&key.age_group)),
        ("education", |key| Some(&key.education)),
        ("labour_status", |key| Some(&key.labour_status)),
        ("unit_of_count", |key| Some(&key.unit_of_count)),
        ("estimation", |key| Some(&key.estimation)),
    ];
    let mut columns: Vec<(&'static str, ArrayRef)> = Vec::new();
    for (name, get) in texts {
        let values: StringArray = keys.iter().map(|key| get(key)).collect();
        columns.push((name, Arc::new(values)));
    }
    let starts: Date32Array = keys.iter().map(|key| key.period_start).collect();
    let ends: Date32Array = keys.iter().map(|key| key.period_end).collect();
    columns.push(("period_start", Arc::new(starts)));
    columns.push(("period_end", Arc::new(ends)));
    columns
}

/// Whole numbers as a column.
pub(super) fn numbers(values: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(values.collect::<Int64Array>())
}

/// Columns by name as the batch of a table, sorted as it is declared.
pub(super) fn sorted(
    table: &esf_schemas::Table,
    columns: &[(&'static str, ArrayRef)],
) -> Result<RecordBatch, DataFusionError> {
    let schema = table.arrow_schema();
    let find = |name: &String| {
        let found = columns.iter().find(|(column, _)| column == name);
        found.map(|(_, values)| values).ok_or_else(|| {
            DataFusionError::Internal(format!("{} has no column {name}", table.name))
        })
    };
    let values = schema
        .fields()
        .iter()
        .map(|field| Ok(cast(find(field.name())?, field.data_type())?))
        .collect::<Result<Vec<ArrayRef>, DataFusionError>>()?;
    let order = table
        .sort
        .iter()
        .map(|name| {
            Ok(SortColumn {
                values: Arc::clone(find(name)?),
                options: Some(SortOptions {
                    descending: false,
                    nulls_first: false,
                }),
            })
        })
        .collect::<Result<Vec<SortColumn>, DataFusionError>>()?;
    let batch = RecordBatch::try_new(schema, values)?;
    let order = lexsort_to_indices(&order, None)?;
    Ok(take_record_batch(&batch, &order)?)
}
