//! The files of one list as its tables: prepared side by side, put together, masked and checked.
//!
//! Owns the threads that this is done on, and that a panic on one of them harms no other list. Does not own what becomes
//! of a list whose files fail.

use std::sync::Arc;

use tokio::task::JoinHandle;
use tracing::{Span, info_span};

use super::Deriving;
use crate::check::{Broken, integrity};
use crate::map::FileInput;
use crate::merge::{Failure, ListOutput, References, prepare, put_together};
use crate::run::RunError;
use crate::run::inputs::ListInputs;
use crate::run::pack::worker;

impl Deriving<'_> {
    /// Prepares the files of a list side by side and puts them together. A reader that panics on a damaged file must not
    /// take the other sources with it.
    pub(super) async fn derive_files(
        &self,
        list: &ListInputs,
    ) -> Result<Result<(ListOutput, Broken), Vec<Failure>>, RunError> {
        let mut files: Vec<FileInput> = Vec::with_capacity(list.files.len());
        let mut preparing = Vec::with_capacity(list.files.len());
        for file in &list.files {
            let accepted = file.accepted.is_some();
            let max_bytes = self.reading.limits.max_bytes;
            let loading = file.load(self.warehouse, self.archive, &self.masks, max_bytes);
            let file = match loading.await {
                Ok(file) => file,
                // What cannot be read now holds its source; the others go on.
                Err(RunError::Snapshot(error)) => return Ok(Err(vec![file.failed(&error)])),
                Err(error) => return Err(error),
            };
            files.push(file.clone());
            let mut reading = self.reading.clone();
            reading.expect_rows &= !accepted;
            preparing.push(start(move || prepare(file, &reading)));
        }
        let mut prepared = Vec::with_capacity(files.len());
        for (file, preparing) in files.iter().zip(preparing) {
            let done = preparing.await.map_err(worker)?;
            prepared.push(done.unwrap_or_else(|| Err(Box::new(Failure::of_panic(file)))));
        }
        let references = References {
            reading: self.reading.clone(),
            gazetteer: self.gazetteer.get().await?,
        };
        let masks = Arc::clone(&self.masks);
        let together = start(move || {
            let merged = info_span!("merge").in_scope(|| put_together(prepared, &references));
            merged.map(|mut output| {
                let _checking = info_span!("check").entered();
                let masked = masks.mask_tables(&mut output.tables);
                let broken = masked.and_then(|()| integrity(&output.tables));
                (output, broken)
            })
        });
        let done = together.await.map_err(worker)?;
        match done {
            Some(Ok((output, broken))) => {
                let broken = broken.map_err(|e| RunError::Plan(e.into()))?;
                if broken.is_empty() {
                    return Ok(Ok((output, broken)));
                }
                // Nobody can say which file broke it: new ones are held first; without any the list stays as it was.
                let told = crate::check::told(&broken);
                let is_new: Vec<bool> = list.files.iter().map(|f| !self.was_published(f)).collect();
                let any_new = is_new.contains(&true);
                let held = files.iter().zip(is_new).filter(|(_, new)| *new || !any_new);
                Ok(Err(held
                    .map(|(file, _)| Failure::of_broken(file, &told))
                    .collect()))
            }
            Some(Err(failures)) => Ok(Err(failures)),
            None => Ok(Err(files.iter().map(Failure::of_panic).collect())),
        }
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
