//! Tables that need all lists together, as named derivations over the tables of the release in the making, and the
//! tables that come from reference files and code lists.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::compute::kernels::cmp::distinct;
use async_trait::async_trait;
use datafusion::error::DataFusionError;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::prelude::{SessionContext, col};
use esf_engine::derivation::{Derivation, Reuse, derive_all, memory_of_joins};
use esf_engine::release::{CheckResult, DataFile, Release, ReleaseDraft, Warehouse};
use esf_engine::session::SessionOptions;
use esf_engine::write::{TableSpec, TableWriter};
use futures::StreamExt;

use super::inputs::{Inputs, REGIONS_STEP};
use super::pack::{sorted, spec_of};
use super::{FINGERPRINT, RunError, RunOptions, region};
use crate::merge::rows::Tables;
use crate::region::{CHANGES_ROLE, REGIONS_ROLE};

/// Partition of tables that are made from all lists at once.
const SHARED: &str = "shared";

/// Adds to a draft with the tables of all lists those that are made from all of them, from reference files and from code
/// lists, and an empty one for every declared table that nothing was found for. Gives what the derivations checked.
pub(super) async fn derive(
    warehouse: &Warehouse,
    inputs: &Inputs,
    previous: Option<&Release>,
    options: &RunOptions,
    session: &SessionOptions,
    draft: &mut ReleaseDraft,
) -> Result<Vec<CheckResult>, RunError> {
    // What they are made of may be gone from the archive: then they stay as they are.
    let roles = [REGIONS_ROLE, CHANGES_ROLE];
    let is_lost = inputs
        .lost_reference(|role| roles.contains(&role))
        .is_some();
    let of_regions = if is_lost {
        Vec::new()
    } else {
        region::tables(warehouse, inputs, &options.limits).await?
    };
    if let Some(previous) = previous.filter(|_| is_lost) {
        take_over_regions(previous, draft)?;
    }
    let named = of_regions.into_iter().chain(super::codes::tables()?);
    let mut tables: Tables = named
        .map(|(table, batches)| (table.to_owned(), batches))
        .collect();
    // As a redaction has masked them in the releases before, whatever their origin.
    let masked = inputs.masks.mask_tables(&mut tables);
    masked.map_err(|error| RunError::Plan(error.into()))?;
    for (table, batches) in tables {
        let spec = Arc::new(spec_of(&table)?);
        let file = one_file(warehouse, &spec, batches).await?;
        // Published files give rows of some of these tables as well.
        let of_lists = draft.tables.get(&table).map_or(&[][..], |t| &t.files);
        let of_lists = of_lists.iter().filter(|f| f.partition != SHARED);
        let files: Vec<DataFile> = of_lists.cloned().chain(file).collect();
        draft.table(&spec, files);
    }
    let mut derivations = derivations()?;
    derivations.extend(options.derivations.iter().cloned());
    let made: Vec<String> = derivations
        .iter()
        .flat_map(|one| one.outputs())
        .map(|spec| spec.name.clone())
        .collect();
    // Before the derivations, which may read a table that nothing was found for.
    for table in esf_schemas::tables() {
        if !draft.tables.contains_key(&table.name)
            && !made.contains(&table.name)
            && table.layer == esf_schemas::Layer::Core
        {
            draft.table(&spec_of(&table.name)?, None);
        }
    }
    let reuse = if options.full {
        Reuse::Nothing
    } else {
        Reuse::Unchanged
    };
    let ran = derive_all(warehouse, draft, previous, reuse, &derivations, session)
        .await
        .map_err(Box::new)?;
    for one in &ran {
        let seconds = one.took.as_secs_f64();
        tracing::debug!(derivation = one.name, one.reused, seconds, "derived");
    }
    Ok(ran.into_iter().flat_map(|one| one.checks).collect())
}

/// The tables of regions as a release has them, with the key of their step, so that the next run tries to make them.
fn take_over_regions(previous: &Release, draft: &mut ReleaseDraft) -> Result<(), RunError> {
    for table in region::TABLES {
        let files = previous.tables.get(table).into_iter();
        let files = files.flat_map(|state| state.files.iter().cloned());
        draft.table(&spec_of(table)?, files);
    }
    if let Some(key) = previous.steps.get(REGIONS_STEP) {
        draft.steps.insert(REGIONS_STEP.to_owned(), key.clone());
    }
    Ok(())
}

async fn one_file(
    warehouse: &Warehouse,
    spec: &Arc<TableSpec>,
    batches: Vec<RecordBatch>,
) -> Result<Option<DataFile>, RunError> {
    if batches.iter().all(|b| b.num_rows() == 0) {
        return Ok(None);
    }
    let mut writer = TableWriter::create(warehouse, spec, SHARED)?;
    writer.write(&sorted(spec, batches)?)?;
    match writer.finish()? {
        Some(finished) => Ok(Some(finished.keep().await?)),
        None => Ok(None),
    }
}

fn derivations() -> Result<Vec<Arc<dyn Derivation>>, RunError> {
    let organisation = Query {
        spec: Arc::new(spec_of("organisation")?),
        inputs: vec!["organisation_name"],
        sql: include_str!("shared/organisation.sql"),
        first_of: Some("organisation_id"),
        joins: false,
    };
    let operation_match = Query {
        spec: Arc::new(spec_of("operation_match")?),
        inputs: vec!["operation", "operation_organisation"],
        sql: include_str!("shared/operation_match.sql"),
        first_of: None,
        joins: true,
    };
    Ok(vec![Arc::new(organisation), Arc::new(operation_match)])
}

/// A table that one query gives.
struct Query {
    spec: Arc<TableSpec>,
    inputs: Vec<&'static str>,
    sql: &'static str,
    /// The query is sorted by this column, and of rows that share it the first is kept: a window over so many small
    /// partitions takes longer than the sorting.
    first_of: Option<&'static str>,
    /// Whether it joins its inputs, and holds what it joins.
    joins: bool,
}

#[async_trait]
impl Derivation for Query {
    fn name(&self) -> &str {
        &self.spec.name
    }

    fn inputs(&self) -> Vec<String> {
        self.inputs.iter().map(ToString::to_string).collect()
    }

    fn outputs(&self) -> Vec<Arc<TableSpec>> {
        vec![Arc::clone(&self.spec)]
    }

    fn key(&self) -> String {
        // The query is part of the program.
        FINGERPRINT.to_owned()
    }

    fn least_memory(&self, rows: u64) -> usize {
        if self.joins { memory_of_joins(rows) } else { 0 }
    }

    async fn derive(
        &self,
        context: &SessionContext,
    ) -> Result<Vec<(String, SendableRecordBatchStream)>, DataFusionError> {
        // Columns by name, so that the order of a query's columns is not part of the table's meaning.
        let fields = self.spec.schema.fields();
        let names: Vec<&str> = fields.iter().map(|f| f.name().as_str()).collect();
        let rows = context.sql(self.sql).await?.select_columns(&names)?;
        let rows = if let Some(key) = self.first_of {
            firsts(rows.execute_stream().await?, key)
        } else {
            let sort = self.spec.sort.iter();
            let sort = sort.map(|name| col(name.as_str()).sort(true, false));
            rows.sort(sort.collect())?.execute_stream().await?
        };
        Ok(vec![(self.spec.name.clone(), rows)])
    }
}

/// The first row of each run of rows with the same text in a column.
pub(super) fn firsts(
    rows: SendableRecordBatchStream,
    key: &'static str,
) -> SendableRecordBatchStream {
    let schema = rows.schema();
    let mut last: Option<ArrayRef> = None;
    let kept = rows.map(move |batch| {
        let batch = batch?;
        let Some(keys) = batch.column_by_name(key).filter(|k| !k.is_empty()) else {
            return Ok(batch);
        };
        let n = keys.len();
        let first = match &last {
            Some(last) => distinct(last, &keys.slice(0, 1))?.value(0),
            None => true,
        };
        let rest = distinct(&keys.slice(0, n - 1), &keys.slice(1, n - 1))?;
        let keep: BooleanArray = std::iter::once(Some(first)).chain(rest.iter()).collect();
        last = Some(keys.slice(n - 1, 1));
        Ok(filter_record_batch(&batch, &keep)?)
    });
    Box::pin(RecordBatchStreamAdapter::new(schema, kept))
}

#[cfg(test)]
mod tests {
    use arrow::array::{AsArray, StringArray};
    use futures::TryStreamExt;

    use super::*;

    #[test]
    fn what_joins_all_operations_may_hold_them() {
        let all = derivations().unwrap();
        let of = |name: &str| {
            let mut named = all.iter().filter(|one| one.name() == name);
            named.next().unwrap().least_memory(4_000_000)
        };
        // An identity and a key of 32 characters each, and what a hash table adds.
        assert!(of("operation_match") >= 4_000_000 * 128);
        // It is one sort, which goes by the disk.
        assert_eq!(of("organisation"), 0);
    }

    #[tokio::test]
    async fn the_first_row_of_each_run_is_kept_over_borders_of_batches() {
        let batch = |keys: &[&str], values: &[&str]| {
            let text = |v: &[&str]| Arc::new(StringArray::from(v.to_vec())) as ArrayRef;
            RecordBatch::try_from_iter([("key", text(keys)), ("value", text(values))]).unwrap()
        };
        let batches = vec![
            batch(&["a", "a"], &["1", "2"]),
            batch(&[], &[]),
            batch(&["a", "b"], &["3", "4"]),
            batch(&["c", "c"], &["5", "6"]),
        ];
        let schema = batches[0].schema();
        let rows = futures::stream::iter(batches.into_iter().map(Ok));
        let rows = Box::pin(RecordBatchStreamAdapter::new(schema, rows));
        let kept: Vec<RecordBatch> = firsts(rows, "key").try_collect().await.unwrap();
        let values: Vec<&str> = kept
            .iter()
            .flat_map(|b| b["value"].as_string::<i32>().iter().flatten())
            .collect();
        assert_eq!(values, ["1", "4", "5"]);
    }
}
