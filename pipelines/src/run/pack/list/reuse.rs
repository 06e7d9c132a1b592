//! What of the previous release is taken over: whole buckets, lists of a bucket that is written anew, and lists that stay as
//! they were published.
//!
//! Owns when a list is the same as before: when the key of its step is, unless every list is derived again. Does not own
//! reading the rows of a bucket in order (`run::carry`).

use arrow::array::RecordBatch;
use datafusion::prelude::{SessionContext, col, lit};
use esf_engine::release::{DataFile, Release, Warehouse};

use super::Deriving;
use crate::merge::ListOutput;
use crate::merge::rows::Tables;
use crate::run::RunError;
use crate::run::carry::Carried;
use crate::run::inputs::{LIST_STEP, ListInputs, step_name};
use crate::run::pack::write::Writers;
use crate::run::pack::{GATHERED, STREAMED, bucket_of};

impl<'a> Deriving<'a> {
    /// Whether a list is derived as it was in the previous release.
    pub(super) fn is_same(&self, list: &ListInputs) -> bool {
        let before = self
            .previous
            .filter(|_| !self.full)
            .and_then(|p| p.steps.get(&step_name(&list.list_id)));
        before.is_some() && before == self.keys.get(&list.list_id)
    }

    /// The files of a bucket in which nothing changed and from which nothing went away.
    pub(in crate::run::pack) fn whole_bucket(
        &self,
        bucket: &str,
        lists: &[&ListInputs],
    ) -> Option<Vec<(&'a str, &'a DataFile)>> {
        let previous = self.previous.filter(|_| self.same_buckets)?;
        let count: u64 = previous.steps.get("buckets")?.parse().ok()?;
        let before = previous
            .steps
            .keys()
            .filter_map(|step| step.strip_prefix(LIST_STEP));
        let before = before
            .filter(|list_id| bucket_of(list_id, count) == bucket)
            .count();
        if before != lists.len() || !lists.iter().all(|l| self.is_same(l)) {
            return None;
        }
        let tables = STREAMED.iter().chain(&GATHERED);
        Some(
            tables
                .filter_map(|table| Some((table, previous.tables.get(*table)?)))
                .flat_map(|(table, state)| state.files.iter().map(move |file| (*table, file)))
                .filter(|(_, file)| file.partition == bucket)
                .collect(),
        )
    }

    /// What is taken over of a bucket that is written anew; small tables are given to the writers at once.
    pub(in crate::run::pack) async fn carried(
        &self,
        bucket: &str,
        lists: &[&ListInputs],
        writers: &mut Writers<'_>,
    ) -> Result<Option<Carried>, RunError> {
        let Some(previous) = self.previous.filter(|_| self.same_buckets) else {
            return Ok(None);
        };
        let same: Vec<(usize, &ListInputs)> = lists
            .iter()
            .enumerate()
            .filter(|(_, list)| self.is_same(list))
            .map(|(place, list)| (place, *list))
            .collect();
        if same.is_empty() {
            return Ok(None);
        }
        let carried = Carried::open(self.warehouse, previous, bucket, &same, &STREAMED).await?;
        for table in GATHERED {
            let rows = carried.all(self.warehouse, previous, bucket, table).await?;
            if !rows.is_empty() {
                writers.write(table, rows).await?;
            }
        }
        Ok(Some(carried))
    }

    /// Rows of a list that stays as it was, from the previous release. Fails if a file of that release is damaged.
    pub(super) async fn rows_of(
        &self,
        session: &SessionContext,
        previous: Option<&Release>,
        list: &ListInputs,
    ) -> Result<ListOutput, RunError> {
        // All lists that are taken over so come from the same release, so that its files are read for this once.
        self.checked
            .get_or_try_init(|| check_files(self.warehouse, previous))
            .await?;
        rows_of(session, previous, list).await
    }
}

/// Compares all files with rows of lists with their hashes.
async fn check_files(warehouse: &Warehouse, release: Option<&Release>) -> Result<(), RunError> {
    let Some(release) = release else {
        return Ok(());
    };
    for table in STREAMED.iter().chain(&GATHERED) {
        let Some(state) = release.tables.get(*table) else {
            continue;
        };
        for file in &state.files {
            warehouse.check_file(state.visibility, file).await?;
        }
    }
    Ok(())
}

async fn rows_of(
    session: &SessionContext,
    previous: Option<&Release>,
    list: &ListInputs,
) -> Result<ListOutput, RunError> {
    let ids: Vec<_> = list
        .files
        .iter()
        .map(|f| lit(f.source.source_id.as_str()))
        .collect();
    let files: Vec<_> = list.files.iter().map(|f| lit(f.sha256.as_str())).collect();
    let mut tables = Tables::new();
    for table in STREAMED.iter().chain(&GATHERED) {
        if previous
            .and_then(|p| p.tables.get(*table))
            .is_none_or(|t| t.files.is_empty())
        {
            continue;
        }
        let of_list = col("source_id")
            .in_list(ids.clone(), false)
            .and(col("source_file").in_list(files.clone(), false));
        let batches = session
            .table(*table)
            .await?
            .filter(of_list)?
            .collect()
            .await?;
        let batches: Vec<RecordBatch> = batches.into_iter().filter(|b| b.num_rows() > 0).collect();
        tables.insert((*table).to_string(), batches);
    }
    Ok(ListOutput {
        tables,
        reports: Vec::new(),
    })
}
