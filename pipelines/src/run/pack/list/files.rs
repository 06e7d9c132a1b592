//! The files of one list as its tables: prepared side by side, put together, masked and checked.
//!
//! Owns the threads that this is done on, how many files are prepared at once, and that a panic on one of them harms no other
//! list. Does not own what becomes of a list whose files fail, which of its files need not be read (`settled`), or which of them
//! are not to be published whatever the others say (`mod`).

use std::collections::HashMap;
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt};
use tokio::task::JoinHandle;
use tracing::{Span, info_span};

use super::{Controls, Deriving};
use crate::check::{Broken, integrity};
use crate::map::FileInput;
use crate::merge::rows::Tables;
use crate::merge::{
    Behind, Failure, ListOutput, Prepared, References, TakenOver, prepare, put_behind, put_together,
};
use crate::run::RunError;
use crate::run::inputs::{InputFile, ListInputs};
use crate::run::pack::worker;

/// A file of a list with what it was prepared to.
pub(super) type PreparedInput = (FileInput, Prepared);

/// What a list gave.
pub(super) struct Made {
    /// Its tables, and reports of the files that were read.
    pub(super) output: ListOutput,
    /// What the tables break.
    pub(super) broken: Broken,
    /// The files that were not read, because their rows could be taken over.
    pub(super) settled: Vec<InputFile>,
}

impl Deriving<'_> {
    /// Derives a list from its files. Older ones are read only where it has to be; `settled` has rows of them.
    /// `controls` gets those of files that are refused before tables are made.
    pub(super) async fn derive_list(
        &self,
        list: &ListInputs,
        settled: &Tables,
        controls: &mut Controls,
    ) -> Result<Result<Made, Vec<Failure>>, RunError> {
        let mut settled = self.settled(list, settled).await?;
        loop {
            let is_settled = |file: &InputFile| {
                let settled = settled.as_ref();
                settled.is_some_and(|settled| settled.has(&file.source.source_id, &file.sha256))
            };
            let (taken, files): (Vec<InputFile>, Vec<InputFile>) =
                list.files.iter().cloned().partition(is_settled);
            let read = ListInputs {
                list_id: list.list_id.clone(),
                files,
            };
            let made = self.derive_files(&read, &mut settled, controls).await?;
            if let Some(made) = made {
                return Ok(made.map(|made| Made {
                    settled: taken,
                    ..made
                }));
            }
            let left = settled.is_some();
            tracing::debug!(
                list = list.list_id,
                left,
                "older files have to be read again"
            );
        }
    }

    /// Prepares the files of a list side by side and puts them together, with what is settled of others. A reader that panics
    /// on a damaged file must not take the other sources with it. Nothing where what is settled is not enough: what is left of it
    /// need not be read.
    pub(super) async fn derive_files(
        &self,
        list: &ListInputs,
        settled: &mut Option<TakenOver>,
        controls: &mut Controls,
    ) -> Result<Option<Result<Made, Vec<Failure>>>, RunError> {
        let mut prepared: Vec<PreparedInput> = Vec::with_capacity(list.files.len());
        for files in self.last_and_earlier(list) {
            match self.prepare_all(&files).await? {
                Ok(files) => prepared.extend(files),
                // What cannot be read now holds its source; the others go on.
                Err(failure) => return Ok(Some(Err(vec![*failure]))),
            }
            // With one of its last files a list fails whatever stands in the earlier ones, which are not read for it every night.
            if prepared.iter().any(|(_, prepared)| prepared.is_err()) {
                let failed = prepared.into_iter().filter_map(|(_, file)| file.err());
                return Ok(Some(Err(failed.map(|failure| *failure).collect())));
            }
            let refused = self.control_by_themselves(list, &prepared, controls);
            if !refused.is_empty() {
                return Ok(Some(Err(refused)));
            }
        }
        prepared.sort_by_cached_key(|(file, _)| {
            let source_id = file.source.source_id.clone();
            (source_id, file.first_seen, file.sha256.clone())
        });
        let (files, prepared): (Vec<FileInput>, Vec<Prepared>) = prepared.into_iter().unzip();
        let references = match self.gazetteer.get().await? {
            Ok(gazetteer) => References {
                reading: self.reading.clone(),
                gazetteer,
            },
            // Nothing is left to be read with it.
            Err(_) if prepared.is_empty() => {
                return Ok(Some(Ok(Made {
                    output: ListOutput::default(),
                    broken: Broken::default(),
                    settled: Vec::new(),
                })));
            }
            Err(lost) => return Ok(Some(Err(self.without_reference(list, &lost)))),
        };
        let masks = Arc::clone(&self.masks);
        let taken = settled.take();
        let together = start(move || {
            let merged = info_span!("merge").in_scope(|| match taken {
                Some(taken) => put_behind(taken, prepared, &references),
                None => put_together(prepared, &references).map(Behind::Made),
            });
            let check = |mut output: ListOutput| {
                let _checking = info_span!("check").entered();
                let masked = masks.mask_tables(&mut output.tables);
                let broken = masked.and_then(|()| integrity(&output.tables));
                (output, broken)
            };
            merged.map(|behind| match behind {
                Behind::Made(output) => Ok(check(output)),
                Behind::Read(left) => Err(left),
            })
        });
        let done = together.await.map_err(worker)?;
        let (output, broken) = match done {
            Some(Ok(Ok(done))) => done,
            Some(Ok(Err(left))) => {
                *settled = left.map(TakenOver::Grown);
                return Ok(None);
            }
            Some(Err(failures)) => return Ok(Some(Err(failures))),
            None => return Ok(Some(Err(files.iter().map(Failure::of_panic).collect()))),
        };
        let broken = broken.map_err(|e| RunError::Plan(e.into()))?;
        if broken.is_empty() {
            return Ok(Some(Ok(Made {
                output,
                broken,
                settled: Vec::new(),
            })));
        }
        // Nobody can say which file broke it: new ones are held first; without any the list stays as it was.
        let told = crate::check::told(&broken);
        let is_new = |file: &&FileInput| {
            let key = (file.source.source_id.as_str(), file.sha256.as_str());
            !self.published.contains(&key)
        };
        let any_new = files.iter().any(|file| is_new(&file));
        let held = files.iter().filter(|file| is_new(file) || !any_new);
        let failures = held.map(|file| Failure::of_broken(file, &told));
        Ok(Some(Err(failures.collect())))
    }

    /// The files of a list that cannot be derived, for a table that it is read with is gone: new ones; without any those that stand.
    fn without_reference(&self, list: &ListInputs, lost: &str) -> Vec<Failure> {
        let is_new = |file: &&InputFile| !self.was_published(file);
        let any_new = list.files.iter().any(|file| is_new(&file));
        let held = list.files.iter().filter(|file| is_new(file) || !any_new);
        held.map(|file| file.without(lost.to_owned())).collect()
    }

    /// New files of a list with the newest one of each of its sources that the release before has, and all others.
    fn last_and_earlier<'l>(&self, list: &'l ListInputs) -> [Vec<&'l InputFile>; 2] {
        let mut newest: HashMap<&str, u64> = HashMap::new();
        for file in list.files.iter().filter(|file| self.was_published(file)) {
            let of_source = newest.entry(&file.source.source_id).or_default();
            *of_source = file.first_seen.max(*of_source);
        }
        let is_last = |file: &&InputFile| {
            let newest = newest.get(file.source.source_id.as_str());
            !self.was_published(file) || newest == Some(&file.first_seen)
        };
        let (last, earlier) = list.files.iter().partition(is_last);
        [last, earlier]
    }

    /// Prepares files side by side, so many at once. Gives why one cannot be used that cannot be read now.
    async fn prepare_all(
        &self,
        files: &[&InputFile],
    ) -> Result<Result<Vec<PreparedInput>, Box<Failure>>, RunError> {
        let preparing = files.iter().map(|file| self.prepare(file));
        let preparing = futures::stream::iter(preparing).buffered(self.at_once);
        let prepared: Vec<_> = preparing.try_collect().await?;
        Ok(prepared.into_iter().collect())
    }

    /// Loads a file and prepares it on a thread of its own. Gives why it cannot be used where it cannot be read now.
    async fn prepare(
        &self,
        file: &InputFile,
    ) -> Result<Result<PreparedInput, Box<Failure>>, RunError> {
        let max_bytes = self.reading.limits.max_bytes;
        let loading = file.load(self.warehouse, self.archive, &self.masks, max_bytes);
        let input = match loading.await {
            Ok(input) => input,
            Err(RunError::Snapshot(error)) => return Ok(Err(Box::new(file.failed(&error)))),
            // What was taken away or damaged harms its own list.
            Err(RunError::Archived { cause, .. }) => return Ok(Err(Box::new(file.unread(&cause)))),
            Err(error) => return Err(error),
        };
        let mut reading = self.reading.clone();
        reading.expect_rows &= file.accepted.is_none();
        let given = input.clone();
        let done = start(move || prepare(given, &reading)).await;
        let prepared = done.map_err(worker)?;
        let prepared = prepared.unwrap_or_else(|| Err(Box::new(Failure::of_panic(&input))));
        Ok(Ok((input, prepared)))
    }
}

/// Starts a step on a thread for work that blocks, within the span that is open here. Gives nothing if it panics.
fn start<T: Send + 'static>(step: impl FnOnce() -> T + Send + 'static) -> JoinHandle<Option<T>> {
    let span = Span::current();
    tokio::task::spawn_blocking(move || span.in_scope(|| unharmed(step)))
}

/// What a step gives, or nothing if it panicked.
fn unharmed<T>(step: impl FnOnce() -> T) -> Option<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(step)).ok()
}
