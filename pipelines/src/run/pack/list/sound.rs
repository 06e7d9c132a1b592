//! Files of the release before, compared with their hashes before rows of them are taken over. One that is damaged is made again
//! from the published bytes.
//!
//! Owns when that can be done: where every list of the file's bucket is what this run would make of the files that are behind
//! the release, so that nothing but those bytes is missing. Invariant: what takes the place of a damaged file has the hash that
//! the release names; whatever else comes out is thrown away. A file that is gone stays so: a redaction may have taken it.

use std::collections::HashSet;

use esf_engine::release::{DataFile, Release, ReleaseError};
use esf_engine::store::StoreError;
use esf_schemas::Visibility;

use super::{Controls, Deriving};
use crate::named;
use crate::run::inputs::{LIST_STEP, ListInputs, step_name};
use crate::run::pack::write::Writers;
use crate::run::pack::{bucket_of, table_files};
use crate::run::{FINGERPRINT, RunError};

/// Most files that are named.
const NAMED: usize = 5;

/// What a run knows of the files of the release before.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Paths of those that hold what was written.
    sound: HashSet<String>,
    /// Paths of those of them that were damaged.
    made_again: Vec<String>,
}

impl Deriving<'_> {
    /// Compares a file of the previous release with its hash, unless this run did so before, and makes it again if it is damaged.
    /// Fails with what is wrong with it where that cannot be done.
    pub(super) async fn check(
        &self,
        release: &Release,
        visibility: Visibility,
        file: &DataFile,
    ) -> Result<(), RunError> {
        let mut known = self.known.lock().await;
        if known.sound.contains(&file.path) {
            return Ok(());
        }
        match self.warehouse.check_file(visibility, file).await {
            Ok(()) => {}
            Err(ReleaseError::Store(damaged @ StoreError::Damaged { .. })) => {
                let making = Box::pin(self.make_again(release, &file.partition));
                let made = making.await.unwrap_or_else(|error| {
                    tracing::debug!(%error, bucket = file.partition, "damaged files cannot be made again");
                    Vec::new()
                });
                let is_made = made.contains(&file.path);
                known.sound.extend(made.iter().cloned());
                known.made_again.extend(made);
                if !is_made {
                    return Err(RunError::Store(damaged));
                }
            }
            Err(error) => return Err(error.into()),
        }
        known.sound.insert(file.path.clone());
        Ok(())
    }

    /// What is to be said of the damaged files that were made again, if there were any.
    pub(in crate::run::pack) async fn told_of_damage(&self) -> Option<String> {
        let known = self.known.lock().await;
        let release = self.previous?;
        if known.made_again.is_empty() {
            return None;
        }
        let files = named::first(&known.made_again, NAMED);
        let number = release.number;
        let made = if self.archive {
            "were made again"
        } else {
            "can be made again"
        };
        Some(format!(
            "damaged files of release {number} {made} from the bytes in raw/, as the release names them: {files}; see to the disk"
        ))
    }

    /// Derives the lists of a bucket as they are in the release, and puts the files that come out in the place of those that are
    /// damaged, where they are the release's own. Gives their paths. Fails if a list cannot be derived or a file not be written.
    async fn make_again(&self, release: &Release, bucket: &str) -> Result<Vec<String>, RunError> {
        let Some(lists) = self.lists_in(release, bucket) else {
            return Ok(Vec::new());
        };
        let mut writers = Writers::new(self.warehouse, bucket, &table_files()?);
        // Files that the release has are not controlled by themselves.
        let mut controls = Controls::new();
        for list in &lists {
            let made = self.derive_files(list, &mut None, &mut controls).await?;
            let Some(Ok(made)) = made else {
                return Ok(Vec::new());
            };
            for (table, batches) in made.output.tables {
                writers.write(&table, batches).await?;
            }
        }
        let mut replaced = Vec::new();
        for (table, finished) in writers.end().await? {
            let Some(state) = release.tables.get(&table) else {
                continue;
            };
            let mut files = state.files.iter();
            let Some(own) = files.find(|file| file.path == finished.data().path) else {
                continue;
            };
            let there = self.warehouse.check_file(state.visibility, own).await;
            if let Err(ReleaseError::Store(StoreError::Damaged { .. })) = there {
                finished.replace().await?;
                self.warehouse.check_file(state.visibility, own).await?;
                self.warehouse.store_of(state.visibility).sync().await?;
                replaced.push(own.path.clone());
            }
        }
        Ok(replaced)
    }

    /// The lists of a bucket of the release, in their order, each with the files that it is made of there. None where one of them
    /// would be made in another way now: by another program, declaration or reference table.
    fn lists_in(&self, release: &Release, bucket: &str) -> Option<Vec<ListInputs>> {
        // What another program means by a bucket is not known.
        let count = (release.steps.get("buckets")).filter(|_| release.program == FINGERPRINT);
        let count: u64 = count?.parse().ok()?;
        let mut lists = Vec::new();
        for step in release.steps.keys() {
            let Some(list_id) = step.strip_prefix(LIST_STEP) else {
                continue;
            };
            if bucket_of(list_id, count) != bucket {
                continue;
            }
            let list = self.lists.iter().find(|list| list.list_id == list_id)?;
            let list = list.as_in(Some(release));
            let key = list.key(self.references_key);
            if release.steps.get(&step_name(list_id)) != Some(&key) {
                return None;
            }
            lists.push(list);
        }
        lists.sort_by(|a, b| (a.lead(), &a.list_id).cmp(&(b.lead(), &b.list_id)));
        Some(lists)
    }
}
