//! Figures as rows of their core table.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray,
};
use arrow::datatypes::{DECIMAL128_MAX_PRECISION, DataType};
use esf_schemas::{Column, ColumnType};
use jiff::civil::Date;

use super::declaration::Statistic;
use super::{Figure, positions};
use crate::check::FileRef;
use crate::map::days;
use crate::merge::rows::{RowsError, same, table_rows};

/// The rows of figures that are complete but for their regions, which stand in `regions`: code and version of NUTS.
pub(crate) fn figure_rows(
    declared: &Statistic,
    file: FileRef<'_>,
    figures: &[&Figure],
    regions: &[(Option<String>, Option<String>)],
) -> Result<RecordBatch, RowsError> {
    let table = declared
        .core_table()
        .ok_or_else(|| RowsError::NoTable(declared.table.clone()))?;
    let n = figures.len();
    let text = |get: &dyn Fn(&Figure) -> Option<String>| -> ArrayRef {
        let values = figures.iter().map(|f| get(f));
        Arc::new(values.collect::<StringArray>())
    };
    let mut columns: Vec<(&str, ArrayRef)> = vec![
        ("source_id", same(Some(file.source_id), n)),
        ("source_file", same(Some(file.source_file), n)),
        ("source_location", text(&|f| Some(f.location.clone()))),
        (
            "source_row",
            Arc::new(figures.iter().map(|f| Some(f.row)).collect::<Int64Array>()),
        ),
    ];
    let has = |name: &str| table.column(name).is_some();
    if has("value_status") {
        columns.push(("value_status", text(&|f| Some(f.cell.status.name().into()))));
    }
    if has("flags") {
        columns.push(("flags", text(&|f| f.cell.flags.clone())));
    }
    let by_region = declared.regions.is_some();
    for (name, pick) in [("nuts_code", 0), ("nuts_version", 1)] {
        if by_region && has(name) {
            let values = regions.iter().map(|r| [&r.0, &r.1][pick].clone());
            columns.push((name, Arc::new(values.collect::<StringArray>())));
        }
    }
    for (name, at) in positions(table) {
        if columns.iter().any(|(known, _)| *known == name) {
            continue;
        }
        let Some(column) = table.column(name) else {
            continue;
        };
        let array = if name == declared.value_column {
            let values = figures.iter().map(|f| f.cell.value);
            numbers(column, values.collect())?
        } else {
            let texts: Vec<Option<&str>> = figures.iter().map(|f| f.cells[at].as_deref()).collect();
            typed(column, &texts)?
        };
        columns.push((name, array));
    }
    table_rows(&table.name, n, columns)
}

/// Texts that were checked when they were read, as their column stores them.
fn typed(column: &Column, texts: &[Option<&str>]) -> Result<ArrayRef, RowsError> {
    let texts = texts.iter().copied();
    Ok(match column.column_type {
        ColumnType::Text => Arc::new(texts.collect::<StringArray>()),
        ColumnType::Date => {
            let day = |text: Option<&str>| text.and_then(|t| t.parse::<Date>().ok()).map(days);
            Arc::new(texts.map(day).collect::<Date32Array>())
        }
        ColumnType::Bool => {
            let truth = |text: Option<&str>| text.map(|t| t == "true");
            Arc::new(texts.map(truth).collect::<BooleanArray>())
        }
        _ => {
            let value = |text: Option<&str>| text.and_then(|t| t.parse::<i128>().ok());
            return numbers(column, texts.map(value).collect());
        }
    })
}

/// Whole numbers of the column's smallest unit.
fn numbers(column: &Column, values: Vec<Option<i128>>) -> Result<ArrayRef, RowsError> {
    if column.column_type == ColumnType::Int {
        let values = values
            .into_iter()
            .map(|v| v.and_then(|v| i64::try_from(v).ok()));
        return Ok(Arc::new(values.collect::<Int64Array>()));
    }
    let (precision, decimals) = match column.column_type.arrow() {
        DataType::Decimal128(precision, decimals) => (precision, decimals),
        _ => (DECIMAL128_MAX_PRECISION, 0),
    };
    let array = Decimal128Array::from(values).with_precision_and_scale(precision, decimals);
    let array = array.map_err(|cause| RowsError::Arrow {
        table: column.name.clone(),
        cause,
    })?;
    Ok(Arc::new(array))
}
