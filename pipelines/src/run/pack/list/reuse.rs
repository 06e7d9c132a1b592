//! What of the previous release is taken over: whole buckets, lists of a bucket that is written anew, and lists that stay as
//! they were published.
//!
//! Owns when a list is the same as before: when the key of its step is, unless every list is derived again. Does not own
//! reading the rows of a bucket in order (`run::carry`).

use std::collections::HashSet;

use datafusion::prelude::SessionContext;
use esf_engine::release::{DataFile, Release, TableState};
use esf_engine::session::{SessionOptions, register_files, working_session};

use super::Deriving;
use super::settled::rows_of_files;
use crate::merge::rows::Tables;
use crate::merge::{ListOutput, SETTLED_TABLES};
use crate::run::carry::Carried;
use crate::run::inputs::{LIST_STEP, ListInputs, step_name};
use crate::run::pack::write::Writers;
use crate::run::pack::{GATHERED, STREAMED, bucket_of};
use crate::run::{FINGERPRINT, RunError};

impl<'a> Deriving<'a> {
    /// Whether a list is derived as it was in the previous release.
    pub(super) fn is_same(&self, list: &ListInputs) -> bool {
        let before = self
            .previous
            .filter(|_| !self.full)
            .and_then(|p| p.steps.get(&step_name(&list.list_id)));
        before.is_some() && before == self.keys.get(&list.list_id)
    }

    /// Whether the rows of a list are taken over with those of its bucket, so that nothing of it is held beside others.
    pub(in crate::run::pack) fn is_carried(&self, list: &ListInputs) -> bool {
        self.same_buckets && self.is_same(list)
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

    /// What is taken over of a bucket that is written anew; small tables are given to the writers at once. Beside it the rows of
    /// files that need not be read again of lists that have changed.
    pub(in crate::run::pack) async fn carried(
        &self,
        bucket: &str,
        lists: &[&ListInputs],
        writers: &mut Writers<'_>,
    ) -> Result<(Option<Carried>, Tables), RunError> {
        let mut settled = Tables::new();
        let Some(previous) = self.previous.filter(|_| self.same_buckets) else {
            return Ok((None, settled));
        };
        let (same, changed): (Vec<_>, Vec<_>) =
            (lists.iter().copied().enumerate()).partition(|(_, list)| self.is_same(list));
        let files: HashSet<(String, String)> = (changed.iter())
            .flat_map(|(_, list)| self.settled_files(list))
            .collect();
        if same.is_empty() && files.is_empty() {
            return Ok((None, settled));
        }
        let streamed: &[&'static str] = if same.is_empty() { &[] } else { &STREAMED };
        let of_older = |table: &&str| !files.is_empty() && SETTLED_TABLES.contains(table);
        let gathered = GATHERED.into_iter();
        let gathered: Vec<&str> = gathered
            .filter(|table| !same.is_empty() || of_older(table))
            .collect();
        for table in streamed.iter().chain(&gathered) {
            self.check_bucket(previous, bucket, table).await?;
        }
        let carried = Carried::open(self.warehouse, previous, bucket, &same, streamed).await?;
        for table in gathered {
            let rows = carried.all(self.warehouse, previous, bucket, table, &files);
            let rows = rows.await?;
            if !rows.kept.is_empty() {
                writers.write(table, rows.kept).await?;
            }
            if !rows.settled.is_empty() {
                settled.insert(table.to_owned(), rows.settled);
            }
        }
        Ok((Some(carried), settled))
    }

    /// Compares the files of a bucket of a table with their hashes. Fails if one is damaged and cannot be made again.
    async fn check_bucket(
        &self,
        release: &Release,
        bucket: &str,
        table: &str,
    ) -> Result<(), RunError> {
        let Some(state) = release.tables.get(table) else {
            return Ok(());
        };
        for file in state.files.iter().filter(|file| file.partition == bucket) {
            self.check(release, state.visibility, file).await?;
        }
        Ok(())
    }

    /// Rows of a list that stays as it was, from the previous release. Fails if a file of that release is damaged
    /// and cannot be made again.
    pub(super) async fn rows_of(&self, list: &ListInputs) -> Result<ListOutput, RunError> {
        let mut output = ListOutput::default();
        let Some(release) = self.previous else {
            return Ok(output);
        };
        let all = || STREAMED.iter().chain(&GATHERED).copied();
        let session = self.bucket_of_list(release, list, all()).await?;
        let files = list.files.iter();
        let files: Vec<(&str, &str)> = files
            .map(|file| (file.source.source_id.as_str(), file.sha256.as_str()))
            .collect();
        for table in all() {
            let rows = rows_of_files(&session, table, &files, None).await?;
            if !rows.is_empty() {
                output.tables.insert(table.to_owned(), rows);
            }
        }
        Ok(output)
    }

    /// A session over the files of these tables in which a release has the rows of a list. Fails if one of them is damaged and
    /// cannot be made again.
    pub(super) async fn bucket_of_list(
        &self,
        release: &Release,
        list: &ListInputs,
        tables: impl Iterator<Item = &'static str>,
    ) -> Result<SessionContext, RunError> {
        // One partition keeps the rows in the order of their files.
        let session = working_session(&SessionOptions {
            target_partitions: Some(1),
            ..SessionOptions::default()
        })?;
        // What another program means by a bucket is not known.
        let count = (release.steps.get("buckets")).filter(|_| release.program == FINGERPRINT);
        let count: Option<u64> = count.and_then(|count| count.parse().ok());
        let bucket = count.map(|count| bucket_of(&list.list_id, count));
        let is_in_bucket = |file: &&DataFile| bucket.as_ref().is_none_or(|b| file.partition == *b);
        for table in tables {
            let Some(state) = release.tables.get(table) else {
                continue;
            };
            let files = state.files.iter().filter(is_in_bucket);
            let of_bucket = TableState {
                files: files.cloned().collect(),
                ..state.clone()
            };
            for file in &of_bucket.files {
                self.check(release, of_bucket.visibility, file).await?;
            }
            if !of_bucket.files.is_empty() {
                register_files(&session, self.warehouse, table, &of_bucket)?;
            }
        }
        Ok(session)
    }
}
