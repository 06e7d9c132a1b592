//! The older files of a list whose rows the previous release has already, where newer ones come behind its newest one.
//!
//! Owns when they are settled: where that release was made of the same files, declarations, reference tables and program. Does
//! not own what of them the others need to know, or whether the order of the files allows it (`merge::settled`, and of a list that
//! grows `merge::grown`).

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use datafusion::prelude::{Expr, SessionContext, col, lit};
use esf_engine::release::Release;

use super::Deriving;
use crate::merge::rows::Tables;
use crate::merge::{Grown, Parts, Past, PublishedFile, Settled, TakenOver};
use crate::run::RunError;
use crate::run::carry::of_files;
use crate::run::inputs::{InputFile, ListInputs, step_name};
use crate::run::pack::STREAMED;

/// The table that says when operations were first published, and in which region they are.
pub(super) const OPERATION: &str = "operation";

impl Deriving<'_> {
    /// The release before, where this is how the rows of a list are in it: made of the files of the list that are behind it,
    /// and of them alone, by the step that would be done today. None where every list is derived again.
    pub(super) fn release_of(&self, list: &ListInputs) -> Option<&Release> {
        let release = self.previous.filter(|_| !self.full)?;
        let before = ListInputs {
            list_id: list.list_id.clone(),
            files: self.files_before(list).cloned().collect(),
        };
        let key = before.key(self.references_key);
        (release.steps.get(&step_name(&list.list_id)) == Some(&key)).then_some(release)
    }

    fn files_before<'l>(&self, list: &'l ListInputs) -> impl Iterator<Item = &'l InputFile> {
        let files = list.files.iter();
        files.filter(move |file| self.was_published(file))
    }

    /// The files of a list that the release before was made of, where it has new ones and that release what they gave.
    fn published_files(&self, list: &ListInputs) -> Option<Vec<PublishedFile>> {
        let is_new = |file: &InputFile| !self.was_published(file);
        // A redaction changes texts and ids of rows that stand; of files that are read they are as they were published.
        if !self.masks.is_empty()
            || !list.files.iter().any(is_new)
            || list.files.iter().any(|file| !file.earlier.is_empty())
        {
            return None;
        }
        self.release_of(list)?;
        let files = self.files_before(list).map(|file| PublishedFile {
            source: Arc::clone(&file.source),
            sha256: file.sha256.clone(),
            published: (self.standing).published(&file.source.source_id, &file.sha256),
            first_seen: file.first_seen,
        });
        Some(files.collect())
    }

    /// Source and hash of each file of a list whose rows in small tables are asked for, because it need not be read again.
    pub(super) fn settled_files(&self, list: &ListInputs) -> Vec<(String, String)> {
        let Some(files) = self.published_files(list) else {
            return Vec::new();
        };
        if let Some(past) = Past::of(&files) {
            return past.into_files().collect();
        }
        let owned = |(source_id, sha256): (&str, &str)| (source_id.to_owned(), sha256.to_owned());
        let parts = Parts::of(&files);
        parts.map_or_else(Vec::new, |parts| parts.files().map(owned).collect())
    }

    /// What need not be read again of a list, with its rows among these of its bucket. Fails if the release before cannot be
    /// read.
    pub(super) async fn settled(
        &self,
        list: &ListInputs,
        rows: &Tables,
    ) -> Result<Option<TakenOver>, RunError> {
        // Where the number of buckets has changed nobody looked for rows.
        let release = self.previous.filter(|_| self.same_buckets);
        let (Some(release), Some(files)) = (release, self.published_files(list)) else {
            return Ok(None);
        };
        if let Some(past) = Past::of(&files) {
            let settled = self.settled_vintages(release, past, list, rows).await?;
            return Ok(settled.map(|settled| TakenOver::Replaced(Box::new(settled))));
        }
        let Some(parts) = Parts::of(&files) else {
            return Ok(None);
        };
        let grown = self.settled_parts(release, parts, list, rows).await?;
        Ok(grown.map(|grown| TakenOver::Grown(Box::new(grown))))
    }

    /// What need not be read again of a list whose vintages replace each other.
    async fn settled_vintages(
        &self,
        release: &Release,
        past: Past,
        list: &ListInputs,
        rows: &Tables,
    ) -> Result<Option<Settled>, RunError> {
        let of_list = of_these(rows, |source_id, sha256| past.has(source_id, sha256))?;
        let session = self.bucket_of_list(release, list, [OPERATION].into_iter());
        let session = session.await?;
        let columns = ["operation_id", "first_published"];
        let newest = [past.newest()];
        let operations = rows_of_files(&session, OPERATION, &newest, Some(&columns)).await?;
        Ok(Settled::new(past, release.number, of_list, &operations))
    }

    /// What need not be read again of a list that grows, with the rows of all its operations.
    async fn settled_parts(
        &self,
        release: &Release,
        parts: Parts,
        list: &ListInputs,
        rows: &Tables,
    ) -> Result<Option<Grown>, RunError> {
        let mut of_list = of_these(rows, |source_id, sha256| parts.has(source_id, sha256))?;
        let session = self.bucket_of_list(release, list, STREAMED.into_iter());
        let session = session.await?;
        let files: Vec<(&str, &str)> = parts.files().collect();
        for table in STREAMED {
            let rows = rows_of_files(&session, table, &files, None).await?;
            if !rows.is_empty() {
                of_list.insert(table.to_owned(), rows);
            }
        }
        Ok(Grown::new(parts, release.number, of_list))
    }
}

/// The rows of these files in each table.
fn of_these(rows: &Tables, is_one: impl Fn(&str, &str) -> bool) -> Result<Tables, RunError> {
    let mut of_these = Tables::new();
    for (table, batches) in rows {
        for batch in batches {
            if let Some(rows) = of_files(batch, &is_one)? {
                of_these.entry(table.clone()).or_default().push(rows);
            }
        }
    }
    Ok(of_these)
}

/// The rows of these files (source and hash) in a table, in the order in which they are stored; nothing where the session has
/// no such table.
pub(super) async fn rows_of_files(
    session: &SessionContext,
    table: &str,
    files: &[(&str, &str)],
    columns: Option<&[&str]>,
) -> Result<Vec<RecordBatch>, RunError> {
    if !session.table_exist(table)? {
        return Ok(Vec::new());
    }
    let mut hashes: BTreeMap<&str, Vec<Expr>> = BTreeMap::new();
    for (source_id, sha256) in files {
        hashes.entry(*source_id).or_default().push(lit(*sha256));
    }
    // Two sources may have the same bytes.
    let of_sources = hashes.into_iter().map(|(source_id, hashes)| {
        let of_source = col("source_id").eq(lit(source_id));
        of_source.and(col("source_file").in_list(hashes, false))
    });
    let of_files = of_sources.reduce(Expr::or).unwrap_or_else(|| lit(false));
    let rows = session.table(table).await?.filter(of_files)?;
    let rows = match columns {
        Some(columns) => rows.select_columns(columns)?,
        None => rows,
    };
    let batches = rows.collect().await?.into_iter();
    Ok(batches.filter(|batch| batch.num_rows() > 0).collect())
}
