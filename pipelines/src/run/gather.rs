//! What a run works on: the files of today, joined with those that the release before stands on.
//!
//! Owns the order in which files are looked for, left aside and joined, and what of that is told. Does not own the single
//! decisions: where files are found (`inputs`, `fetching`), which of them are left aside (`aside`, `together`, `chosen`), and which
//! are missing or published again (`absent`, `replaced`, `again`).

use std::collections::BTreeSet;

use esf_engine::redact::redacted_raw;
use tracing::info_span;

use super::again::{self, Again, Key};
use super::aside::Until;
use super::clock::Clock;
use super::fetching::{self, Fetching};
use super::inputs::{self, Found, InputFile, Inputs, Today};
use super::standing::Standing;
use super::unread::Unread;
use super::{
    Run, RunError, absent, chosen, left_behind, replaced, same_bytes, together, unmatched,
};
use crate::fetch::raw_sizes;
use crate::named;
use crate::redaction::{self, Masks};
use crate::source::Catalogue;

/// Most files that are named.
const NAMED: usize = 5;

/// What is there today.
struct Looked {
    /// Files of sources, from folders and from publishers.
    found: Vec<Found>,
    /// What became of asking, and what is told of looking.
    fetching: Fetching,
    /// What of the folders cannot be read.
    unread: Unread,
    /// Sources of which publishers have files.
    asked: BTreeSet<String>,
}

impl Run<'_> {
    /// Gives what the run works on, and what became of asking and looking. Fails where sources or files are named that are not
    /// there, or the warehouse cannot be read; a publisher who cannot be reached is only told.
    pub(super) async fn gather(
        &self,
        catalogue: &mut Catalogue,
        clock: &mut Clock,
    ) -> Result<(Inputs, Fetching), RunError> {
        // Before sources of earlier releases are back: what was ingested under a name given by hand is looked for nowhere.
        let looked_for = self.looked_for(catalogue);
        if let Some(previous) = self.previous {
            clock.compare(previous);
            inputs::revive(self.warehouse, catalogue, previous).await?;
        }
        // After the newest release, so that who stands on the release of a redaction knows what it keeps out.
        let masks = redaction::masks(self.warehouse, self.previous);
        let masks = masks.await.map_err(Box::new)?;
        self.check_redactions(&masks).await?;
        let looking = self.look(catalogue, &looked_for, &masks, clock);
        let mut looked = looking.await?;
        let until = self.leave_late(&mut looked).await?;
        looked.fetching.mask(&masks);
        for doubt in &looked.fetching.doubts {
            clock.warn(doubt.clone());
        }
        let left = together::leave(&mut looked.found, self.previous, self.options, &masks);
        looked.fetching.others.extend(left.told);
        let redacted = if masks.is_empty() {
            BTreeSet::new()
        } else {
            redacted_raw(self.warehouse.store()).await?
        };
        let standing = self.standing(catalogue, clock).await?;
        let again = self.published_again(catalogue, &mut looked, &standing, &masks);
        let repeated = same_bytes::repeated(self.previous, &looked.found, &masks, &again);
        looked.fetching.others.extend(repeated);
        let Looked {
            found,
            mut fetching,
            asked,
            ..
        } = looked;
        let (previous, options) = (self.previous, self.options);
        let not_sent = fetching::not_sent(&found, &redacted);
        let mut inputs = Inputs::new(
            catalogue, previous, found, options, masks, &redacted, &again,
        );
        inputs.pass_over(&left.chosen);
        inputs.until = until;
        inputs.standing = standing;
        inputs.accept_standing(options);
        let tried = Box::pin(self.try_references(&mut inputs, &mut fetching)).await?;
        fetching.others.extend(tried);
        for ((source_id, sha256), named) in left.chosen {
            let is_it =
                |file: &InputFile| file.source.source_id == source_id && file.sha256 == sha256;
            let counts = inputs.references.iter().any(is_it);
            fetching.others.extend(named.settle(counts));
        }
        let asking = self.ask_for_needed(catalogue, &mut inputs, &mut fetching, &not_sent);
        Box::pin(asking).await?;
        if let Some(told) = self.keep_again(&inputs, &asked).await? {
            clock.warn(told);
        }
        Ok((inputs, fetching))
    }

    /// Asks publishers for the bytes of files that a redaction keeps out, and that they did not send since they did not change, where
    /// the lists of these are derived again. What changed in between is for the next run. Fails if the warehouse cannot be read.
    async fn ask_for_needed(
        &self,
        catalogue: &Catalogue,
        inputs: &mut Inputs,
        fetching: &mut Fetching,
        not_sent: &BTreeSet<Key>,
    ) -> Result<(), RunError> {
        let needed = inputs.to_be_read(not_sent, self.previous, self.options.full);
        if needed.is_empty() {
            return Ok(());
        }
        let asking = fetching.ask_whole(self.warehouse, catalogue, self.options, &needed);
        let changed = inputs.find_after_all(asking.await?);
        fetching.forget(self.warehouse, &changed).await?;
        fetching.mask(&inputs.masks);
        Ok(())
    }

    /// Fails where a redaction was done of which whoever published the release did not know: one of both happened just now, for a run
    /// begins by looking through what was published without a record.
    pub(super) async fn check_redactions(&self, masks: &Masks) -> Result<(), RunError> {
        if !masks.is_behind() || self.options.dry_run {
            return Ok(());
        }
        match self.warehouse.latest().await? {
            Some(newest) => Err(RunError::Overtaken {
                number: newest.number,
                run_id: newest.run_id,
            }),
            None => Ok(()),
        }
    }

    /// Keeps bytes again that the release stands on, that were found today, and that the archive has lost or has damaged: whatever is
    /// not new is read by nobody, and tomorrow nobody may have it. What publishers sent though they are asked only for what changed,
    /// and a file that somebody names, are compared byte by byte. Gives what is to be said of it. Fails if the archive cannot be
    /// read or written.
    async fn keep_again(
        &self,
        inputs: &Inputs,
        asked: &BTreeSet<String>,
    ) -> Result<Option<String>, RunError> {
        let standing = |file: &&InputFile| inputs::is_behind(self.previous, file);
        let files: Vec<&InputFile> = inputs.found().filter(standing).collect();
        if files.is_empty() || self.options.dry_run || self.options.samples {
            return Ok(None);
        }
        let store = self.warehouse.store();
        let sizes = raw_sizes(store).await?;
        let mut kept = Vec::new();
        for file in files {
            let source_id = &file.source.source_id;
            let closely = asked.contains(source_id) || self.options.from.is_some();
            let keeping = file.keep_again(store, &inputs.masks, &sizes, closely);
            if keeping.await? {
                kept.push(format!("{} ({source_id})", file.file_name));
            }
        }
        if kept.is_empty() {
            return Ok(None);
        }
        store.sync().await?;
        Ok(Some(format!(
            "published bytes that raw/ had lost or damaged are kept there again: {}; see to the disk",
            named::first(&kept, NAMED)
        )))
    }

    /// The sources that come from folders alone, unless publishers are not asked: then all.
    fn looked_for(&self, catalogue: &Catalogue) -> BTreeSet<String> {
        (catalogue.iter())
            .filter(|source| self.options.fetch.is_none() || source.toml.fetch.is_none())
            .map(|source| source.source_id.clone())
            .collect()
    }

    /// Looks into the folders, and asks the publishers of sources of which they have no file. What was passed over is left out.
    async fn look(
        &self,
        catalogue: &mut Catalogue,
        looked_for: &BTreeSet<String>,
        masks: &Masks,
        clock: &mut Clock,
    ) -> Result<Looked, RunError> {
        let options = self.options;
        let Today {
            mut found,
            unclaimed,
            unread,
        } = info_span!("find").in_scope(|| inputs::find(catalogue, options))?;
        let asking = fetching::ask(self.warehouse, catalogue, options, &found);
        let mut fetching = asking.await?;
        let asked: BTreeSet<String> = (fetching.found.iter())
            .map(|one| one.source_id().to_owned())
            .collect();
        let nothing_there = found.is_empty();
        found.append(&mut fetching.found);
        unread.check(&found)?;
        fetching.unreadable = unread.folders().to_vec();
        fetching.others.extend(unread.reports());
        fetching.asked_for = match &options.from {
            Some(_) => {
                let named = found.iter().map(|one| one.source_id().to_owned());
                named.collect()
            }
            None => options.sources.clone(),
        };
        self.progress.step("files found", found.len(), found.len());
        for told in unmatched::no_such_file(&found, &fetching.others, self.previous, options) {
            clock.warn(masks.masked(&told));
        }
        fetching.looked_nowhere = absent::nowhere(catalogue, options);
        if let Some(previous) = self.previous {
            chosen::leave(&mut found, previous, options, masks);
            let here: BTreeSet<String> =
                (found.iter().map(|one| one.source_id().to_owned())).collect();
            let leaving = left_behind::leave(&mut found, self.warehouse, previous, options, masks);
            fetching.others.extend(leaving.await?);
            fetching.absent = absent::absent(previous, looked_for, &here, &unread, options);
            fetching.not_asked = absent::not_asked(previous, catalogue, looked_for, &here, options);
        }
        let absent = &fetching.absent;
        let wrong = absent::wrong_folder(nothing_there, &unclaimed, &unread, absent, options);
        let wrong = wrong.or_else(|| absent::unnamed(fetching.looked_nowhere, options));
        if let Some(warning) = wrong {
            fetching.nothing_found = true;
            clock.warn(warning);
        }
        fetching.unclaimed = unclaimed;
        Ok(Looked {
            found,
            fetching,
            unread,
            asked,
        })
    }

    /// Leaves reference tables aside that the night which is made up for could not have had; gives until when files count for
    /// such a night, and nothing for any other.
    async fn leave_late(&self, looked: &mut Looked) -> Result<Option<Until>, RunError> {
        let night = self.options.night.as_ref();
        let Some(night) = night.filter(|night| night.caught_up) else {
            return Ok(None);
        };
        let until = Until::of(self.warehouse, night, self.previous).await?;
        if let Some(previous) = self.previous {
            let left = until.leave_references(&mut looked.found, previous);
            looked.fetching.others.extend(left);
        }
        Ok(Some(until))
    }

    /// What the release before holds of its files. Warns of lists that it has twice.
    async fn standing(
        &self,
        catalogue: &Catalogue,
        clock: &mut Clock,
    ) -> Result<Standing, RunError> {
        let Some(previous) = self.previous else {
            return Ok(Standing::default());
        };
        let standing = Standing::read(self.warehouse, previous).await?;
        if !self.options.samples {
            for warning in same_bytes::standing_twice(previous, catalogue, &standing) {
                clock.warn(warning);
            }
        }
        Ok(standing)
    }

    /// The files of today that were published again. Sources whose newest file is missing are told as absent.
    fn published_again(
        &self,
        catalogue: &Catalogue,
        looked: &mut Looked,
        standing: &Standing,
        masks: &Masks,
    ) -> Again {
        let (found, options) = (&looked.found, self.options);
        let (mut again, mut missing) = (Again::default(), BTreeSet::new());
        let night = options.night.as_ref();
        // What was there on a night that is over is not known.
        let is_over = night.is_some_and(|night| night.caught_up);
        if let Some(previous) = self.previous.filter(|_| !is_over) {
            let in_folders = |id: &str| options.from.is_none() && !looked.asked.contains(id);
            let mut replaced =
                replaced::replaced(catalogue, previous, standing, found, masks, &in_folders);
            replaced.leave_unread(&looked.unread, &in_folders);
            (again.back, missing) = (replaced.again, replaced.missing);
        }
        let latest = again::latest(night);
        again.renamed = again::renamed(catalogue, self.previous, standing, found, masks, latest);
        let moved = again::moved(catalogue, self.previous.filter(|_| !is_over), found, masks);
        again.renamed.extend(moved);
        // What lies there under a newer name is the newest now.
        missing.retain(|id| !again.renamed.keys().any(|(renamed, _)| renamed == id));
        looked.fetching.absent.extend(missing);
        looked.fetching.absent.sort();
        again
    }
}
