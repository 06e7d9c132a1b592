//! What operations are grouped by, as numbers.
//!
//! Every metric of the cube is grouped by the same ten texts and by each dimension of them. So each combination of codes, a
//! grain, gets a number once, and so does each row of the cube that it is part of, a cell; metrics are then grouped by numbers.
//!
//! What is held of them counts as memory of the session, like the hash tables of its plans. It cannot go by the disk: where it
//! does not fit, the cube fails and says so.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, AsArray, BooleanArray, Int64Array, RecordBatch, StringArray, new_null_array,
};
use datafusion::arrow::compute::{cast, filter};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::catalog::MemTable;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::prelude::SessionContext;
use futures::TryStreamExt;

use super::numbering::{Numbering, hold};
use crate::compare::cube::{self, CODES};
use crate::dimension::Dimension;

/// The tables that [`cube::rows`] groups by, as long as they are in a session.
pub(super) struct Grains {
    /// Whether any operation has several regions.
    pub(super) has_divided: bool,
    memory: MemoryReservation,
}

impl Grains {
    /// Takes the tables out of the session again, and gives their memory back.
    pub(super) fn remove(self, context: &SessionContext) -> Result<()> {
        for table in TABLES {
            context.deregister_table(table)?;
        }
        self.memory.free();
        Ok(())
    }
}

const TABLES: [&str; 4] = [
    cube::OPERATION_GRAIN,
    cube::DIVIDED_GRAIN,
    cube::GRAIN_CELL,
    cube::CELL,
];

/// Adds the tables to a session that [`cube::rows`] groups by; `operation_place` has to be there. Fails where they are too much
/// for the memory of the session.
pub(super) async fn register(context: &SessionContext) -> Result<Grains> {
    let consumer = MemoryConsumer::new("codes of the cube");
    let memory = consumer.register(&context.runtime_env().memory_pool);
    let mut grains = Numbering::of_types(grain_types(), &memory)?;
    let has_divided = of_divided(context, &mut grains, &memory).await?;
    of_one_place(context, &mut grains, &memory).await?;
    let columns = grains.columns()?;
    let mut cells = Numbering::of_types(cell_types(), &memory)?;
    let mut pairs = Vec::new();
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
        let columns = [name, key, level, of("country")?, of("period")?, of("fund")?];
        let pair = vec![filter(&numbers, &kept)?, cells.numbers(&columns)?];
        hold(&memory, &pair)?;
        pairs.push(pair);
    }
    keep(context, cube::GRAIN_CELL, &["grain", "cell"], pairs)?;
    let mut described = vec![Arc::new(Int64Array::from_iter_values(0..cells.len())) as ArrayRef];
    described.extend(cells.columns()?);
    hold(&memory, &described)?;
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
    Ok(Grains {
        has_divided,
        memory,
    })
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
async fn of_one_place(
    context: &SessionContext,
    grains: &mut Numbering,
    memory: &MemoryReservation,
) -> Result<()> {
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
        let columns = vec![id, grains.numbers(&columns)?];
        hold(memory, &columns)?;
        kept.push(columns);
    }
    keep(
        context,
        cube::OPERATION_GRAIN,
        &["operation_id", "grain"],
        kept,
    )
}

/// The grains of operations of several regions: as wholes, and of each region at each level. Says whether there are any.
async fn of_divided(
    context: &SessionContext,
    grains: &mut Numbering,
    memory: &MemoryReservation,
) -> Result<bool> {
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
    let mut rows = context.sql(&levels).await?.execute_stream().await?;
    let mut kept = Vec::new();
    while let Some(batch) = rows.try_next().await? {
        let level = cast(batch.column(2), &DataType::Int64)?;
        let mut columns = vec![Arc::clone(&level)];
        for column in &batch.columns()[3..] {
            columns.push(cast(column, &DataType::Utf8)?);
        }
        let id = cast(batch.column(0), &DataType::Utf8)?;
        let code = cast(batch.column(1), &DataType::Utf8)?;
        let columns = vec![id, code, level, grains.numbers(&columns)?];
        hold(memory, &columns)?;
        kept.push(columns);
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

#[cfg(test)]
mod tests {
    use esf_engine::session::{SessionOptions, working_session};

    use super::*;

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

    /// The tables for operations that have each a programme of its own, in a session of so much memory.
    async fn registered(operations: usize, memory: usize) -> (SessionContext, Result<Grains>) {
        let context = working_session(&SessionOptions {
            target_partitions: Some(1),
            memory_limit: Some(memory),
            ..SessionOptions::default()
        })
        .unwrap();
        let names = ["operation_id", "nuts_code", "weight", "is_first"];
        let names = names.into_iter().chain(CODES);
        let fields: Vec<Field> = names
            .map(|name| match name {
                "weight" => Field::new(name, DataType::Int64, false),
                "is_first" => Field::new(name, DataType::Boolean, false),
                _ => Field::new(name, DataType::Utf8, false),
            })
            .collect();
        let numbered: Vec<String> = (0..operations).map(|n| format!("number {n}")).collect();
        let columns = fields.iter().map(|field| -> ArrayRef {
            match field.name().as_str() {
                "weight" => Arc::new(Int64Array::from(vec![1; operations])),
                "is_first" => Arc::new(BooleanArray::from(vec![true; operations])),
                "operation_id" | "programme" => Arc::new(StringArray::from_iter_values(&numbered)),
                _ => Arc::new(StringArray::from(vec!["DE"; operations])),
            }
        });
        let columns = columns.collect();
        let schema = Arc::new(Schema::new(fields));
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns).unwrap();
        let places = MemTable::try_new(schema, vec![vec![batch]]).unwrap();
        context
            .register_table("operation_place", Arc::new(places))
            .unwrap();
        let grains = register(&context).await;
        (context, grains)
    }

    #[tokio::test]
    async fn what_is_held_of_grains_is_memory_of_the_session() {
        const OPERATIONS: usize = 2000;
        let (context, grains) = registered(OPERATIONS, 16 << 20).await;
        let reserved = || context.runtime_env().memory_pool.reserved();
        let grains = grains.unwrap();
        assert!(!grains.has_divided);
        // The number of each operation beside its id, and eight pairs of numbers for its grain.
        let least = OPERATIONS * (8 + "number".len() + 8 * 16);
        assert!(reserved() > least, "{} of {least}", reserved());
        grains.remove(&context).unwrap();
        assert_eq!(reserved(), 0);
        assert!(
            TABLES
                .iter()
                .all(|table| !context.table_exist(*table).unwrap())
        );
    }

    #[tokio::test]
    async fn grains_beyond_the_memory_of_the_session_are_an_error_that_says_what_to_do() {
        let (_, grains) = registered(2000, 64 << 10).await;
        let error = grains.err().unwrap();
        let root = error.find_root().to_string();
        assert!(root.contains("raise --memory"), "{root}");
    }
}
