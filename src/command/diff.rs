//! `esf diff`: what two releases hold differently, field by field.

use std::collections::BTreeMap;
use std::fmt::Write;

use arrow::array::{Array, AsArray};
use arrow::record_batch::RecordBatch;
use esf_engine::diff::{DiffError, diff, schema};
use esf_engine::release::{AsOf, ReleaseError};
use esf_engine::session::Access;

use super::sql;
use crate::args::Diff;
use crate::context::Context;
use crate::exit::{Exit, Failure, Outcome};
use crate::print::grouped;

/// Compares two releases.
pub(super) async fn run(context: &Context, arguments: &Diff) -> Outcome {
    let warehouse = context.warehouse()?;
    let find = async |text: &str| warehouse.get(text.parse::<AsOf>()?).await;
    let from = find(&arguments.from)
        .await
        .map_err(|error: ReleaseError| Failure::from(error))?;
    let to = find(&arguments.to)
        .await
        .map_err(|error: ReleaseError| Failure::from(error))?;
    let changes = diff(
        &warehouse,
        &from,
        &to,
        Access::Public,
        &sql::options(context),
    )
    .await?;
    let above = summary(from.number, to.number, &changes);
    if changes.is_empty() && context.printer.for_people() {
        context.printer.prose(&above)?;
    } else {
        context.printer.batches(&above, &schema(), &changes)?;
    }
    Ok(Exit::Done)
}

/// How many rows of each table were added, are gone and have changed.
fn summary(from: u64, to: u64, changes: &[RecordBatch]) -> String {
    let mut counts: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let mut last = (None, None);
    for batch in changes {
        let [table, key, change] = [0, 1, 2].map(|i| batch.column(i).as_string::<i32>());
        for row in 0..batch.num_rows() {
            let key = key.is_valid(row).then(|| key.value(row));
            // A changed row has a line for each changed column; they stand together.
            let this = (Some(table.value(row)), key);
            if this != last || key.is_none() {
                *counts
                    .entry((table.value(row), change.value(row)))
                    .or_default() += 1;
            }
            last = this;
        }
    }
    if counts.is_empty() {
        return format!("releases {from} and {to} hold the same\n");
    }
    let mut text = format!("from release {from} to {to}:\n");
    for ((table, change), n) in counts {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {table}: {} {change}", grouped(&n.to_string()));
    }
    text.push('\n');
    text
}

impl From<DiffError> for Failure {
    fn from(error: DiffError) -> Self {
        Self::of(Exit::Internal, &error)
    }
}
