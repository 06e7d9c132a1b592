//! What operations are grouped by, as numbers.
//!
//! Every metric of the cube is grouped by the same ten texts and by each dimension of them. So each combination of codes, a
//! grain, gets a number once, and so does each row of the cube that it is part of, a cell; metrics are then grouped by numbers.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray, new_null_array,
};
use datafusion::arrow::compute::{cast, filter};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::arrow::row::{RowConverter, SortField};
use datafusion::catalog::MemTable;
use datafusion::error::{DataFusionError, Result};
use datafusion::prelude::SessionContext;
use futures::TryStreamExt;

use crate::compare::cube::{self, CODES};
use crate::dimension::Dimension;

/// Adds the tables to a session that [`cube::rows`] groups by; `operation_place` has to be there. Says whether any operation
/// has several regions.
pub(super) async fn register(context: &SessionContext) -> Result<bool> {
    let mut grains = Numbering::of_types(grain_types())?;
    let has_divided = of_divided(context, &mut grains).await?;
    of_one_place(context, &mut grains).await?;
    let columns = grains.columns()?;
    let mut cells = Numbering::of_types(cell_types())?;
    let (mut of_grain, mut of_cell) = (Vec::new(), Vec::new());
    let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..grains.len()));
    for by in Dimension::ALL {
        if by == Dimension::Beneficiary {
            continue;
        }
        let kept = is_of(columns[0].as_primitive(), by);
        let of = |column: &str| -> Result<ArrayRef> {
            let place = GRAIN.iter().position(|name| *name == column);
            let none = || DataFusionError::Internal(format!("grains have no {column}"));
            Ok(filter(&columns[place.ok_or_else(none)?], &kept)?)
        };
        let rows = kept.true_count();
        let name: ArrayRef = Arc::new(StringArray::from(vec![by.name(); rows]));
        let (key, level) = if by == Dimension::Region {
            (of("nuts_code")?, of("level")?)
        } else {
            (of(by.name())?, new_null_array(&DataType::Int64, rows))
        };
        of_grain.push(filter(&numbers, &kept)?);
        let columns = [name, key, level, of("country")?, of("period")?, of("fund")?];
        of_cell.push(cells.numbers(&columns)?);
    }
    let pairs = of_grain.into_iter().zip(of_cell);
    let pairs = pairs.map(|(grain, cell)| vec![grain, cell]).collect();
    keep(context, cube::GRAIN_CELL, &["grain", "cell"], pairs)?;
    let mut described = vec![Arc::new(Int64Array::from_iter_values(0..cells.len())) as ArrayRef];
    described.extend(cells.columns()?);
    let names = [
        "cell",
        "dimension",
        "key",
        "level",
        "country",
        "period",
        "fund",
    ];
    keep(context, cube::CELL, &names, vec![described])?;
    Ok(has_divided)
}

/// The columns of a grain.
const GRAIN: [&str; 10] = {
    let [a, b, c, d, e, f, g, h] = CODES;
    ["level", "nuts_code", a, b, c, d, e, f, g, h]
};

fn grain_types() -> Vec<DataType> {
    let mut types = vec![DataType::Utf8; GRAIN.len()];
    types[0] = DataType::Int64;
    types
}

fn cell_types() -> Vec<DataType> {
    use DataType::{Int64, Utf8};
    vec![Utf8, Utf8, Int64, Utf8, Utf8, Utf8]
}

/// Which grains are part of the rows of a dimension. Operations of several regions stand once for each level, and as wholes
/// at level 0, which is what anything but a region is about.
fn is_of(level: &Int64Array, by: Dimension) -> BooleanArray {
    let is_part = |level: i64| (level > 0) == (by == Dimension::Region);
    level
        .iter()
        .map(|level| Some(level.is_none_or(is_part)))
        .collect()
}

/// The grains of operations of one region.
async fn of_one_place(context: &SessionContext, grains: &mut Numbering) -> Result<()> {
    let sql = format!(
        "SELECT operation_id, nuts_code, {} FROM operation_place WHERE weight = 1",
        CODES.join(", ")
    );
    let mut rows = context.sql(&sql).await?.execute_stream().await?;
    let mut kept = Vec::new();
    while let Some(batch) = rows.try_next().await? {
        let mut columns = vec![new_null_array(&DataType::Int64, batch.num_rows())];
        for column in &batch.columns()[1..] {
            columns.push(cast(column, &DataType::Utf8)?);
        }
        let id = cast(batch.column(0), &DataType::Utf8)?;
        kept.push(vec![id, grains.numbers(&columns)?]);
    }
    keep(
        context,
        cube::OPERATION_GRAIN,
        &["operation_id", "grain"],
        kept,
    )
}

/// The grains of operations of several regions: as wholes, and of each region at each level. Says whether there are any.
async fn of_divided(context: &SessionContext, grains: &mut Numbering) -> Result<bool> {
    let codes = CODES.join(", ");
    let divided = format!(
        "SELECT operation_id, nuts_code, weight, is_first, {codes} FROM operation_place WHERE weight <> 1"
    );
    // What no region of a level holds is the country's.
    let levels = format!(
        "SELECT d.operation_id, d.nuts_code, l.level,
            CASE WHEN l.level > 0 AND length(d.nuts_code) >= 2 + l.level THEN substr(d.nuts_code, 1, 2 + l.level)
            ELSE substr(d.nuts_code, 1, 2) END AS region, {codes}
        FROM ({divided}) AS d
        CROSS JOIN (VALUES (0), (1), (2), (3)) AS l (level)"
    );
    let mut kept = Vec::new();
    for batch in context.sql(&levels).await?.collect().await? {
        let level = cast(batch.column(2), &DataType::Int64)?;
        let mut columns = vec![Arc::clone(&level)];
        for column in &batch.columns()[3..] {
            columns.push(cast(column, &DataType::Utf8)?);
        }
        let id = cast(batch.column(0), &DataType::Utf8)?;
        let code = cast(batch.column(1), &DataType::Utf8)?;
        kept.push(vec![id, code, level, grains.numbers(&columns)?]);
    }
    let has_any = !kept.is_empty();
    let names = ["operation_id", "nuts_code", "level", "grain"];
    keep(context, cube::DIVIDED_GRAIN, &names, kept)?;
    Ok(has_any)
}

/// Registers columns of the kinds that are used here: numbers, and texts.
fn keep(
    context: &SessionContext,
    table: &str,
    names: &[&str],
    batches: Vec<Vec<ArrayRef>>,
) -> Result<()> {
    let is_number = |name: &str| matches!(name, "grain" | "cell" | "level");
    let fields: Vec<Field> = names
        .iter()
        .map(|name| {
            let kind = if is_number(name) {
                DataType::Int64
            } else {
                DataType::Utf8
            };
            Field::new(*name, kind, true)
        })
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let batches = batches
        .into_iter()
        .map(|columns| RecordBatch::try_new(Arc::clone(&schema), columns));
    let batches = batches.collect::<std::result::Result<Vec<_>, _>>()?;
    let table_of = MemTable::try_new(schema, vec![batches])?;
    context.register_table(table, Arc::new(table_of))?;
    Ok(())
}

/// Numbers of distinct rows, from 0 in the order in which they are met.
struct Numbering {
    converter: RowConverter,
    known: HashMap<Box<[u8]>, i64>,
    len: i64,
}

impl Numbering {
    fn of_types(types: Vec<DataType>) -> Result<Self> {
        Ok(Self {
            converter: RowConverter::new(types.into_iter().map(SortField::new).collect())?,
            known: HashMap::new(),
            len: 0,
        })
    }

    fn len(&self) -> i64 {
        self.len
    }

    /// The number of each row.
    fn numbers(&mut self, columns: &[ArrayRef]) -> Result<ArrayRef> {
        let rows = self.converter.convert_columns(columns)?;
        let mut numbers = Vec::with_capacity(rows.num_rows());
        for row in &rows {
            let row: &[u8] = row.as_ref();
            let number = if let Some(number) = self.known.get(row) {
                *number
            } else {
                self.known.insert(row.into(), self.len);
                self.len += 1;
                self.len - 1
            };
            numbers.push(number);
        }
        Ok(Arc::new(Int64Array::from(numbers)))
    }

    /// The columns of the distinct rows, in the order of their numbers.
    fn columns(&self) -> Result<Vec<ArrayRef>> {
        let mut rows: Vec<(&[u8], i64)> = self.known.iter().map(|(row, n)| (&**row, *n)).collect();
        rows.sort_unstable_by_key(|(_, number)| *number);
        let parser = self.converter.parser();
        let rows = rows.iter().map(|(row, _)| parser.parse(row));
        Ok(self.converter.convert_rows(rows)?)
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::datatypes::Int64Type;

    use super::*;

    fn texts(values: &[Option<&str>]) -> ArrayRef {
        Arc::new(StringArray::from(values.to_vec()))
    }

    #[test]
    fn equal_rows_have_one_number_and_come_back() {
        let mut rows = Numbering::of_types(vec![DataType::Utf8, DataType::Utf8]).unwrap();
        let first = [
            texts(&[Some("a"), None, Some("a"), Some("")]),
            texts(&[Some("b"), Some("b"), Some("b"), None]),
        ];
        let numbers = rows.numbers(&first).unwrap();
        assert_eq!(
            numbers.as_primitive::<Int64Type>().values()[..],
            [0, 1, 0, 2]
        );
        // What was met before keeps its number; an empty text is not nothing.
        let more = [texts(&[None, Some("")]), texts(&[Some("b"), Some("")])];
        let numbers = rows.numbers(&more).unwrap();
        assert_eq!(numbers.as_primitive::<Int64Type>().values()[..], [1, 3]);
        let columns = rows.columns().unwrap();
        assert_eq!(
            columns[0].as_ref(),
            texts(&[Some("a"), None, Some(""), Some("")]).as_ref()
        );
        assert_eq!(
            columns[1].as_ref(),
            texts(&[Some("b"), Some("b"), None, Some("")]).as_ref()
        );
    }

    #[test]
    fn wholes_are_of_no_region_and_parts_of_nothing_else() {
        let level = Int64Array::from(vec![None, Some(0), Some(2)]);
        assert_eq!(
            is_of(&level, Dimension::Region),
            BooleanArray::from(vec![true, false, true])
        );
        assert_eq!(
            is_of(&level, Dimension::Fund),
            BooleanArray::from(vec![true, true, false])
        );
    }
}
