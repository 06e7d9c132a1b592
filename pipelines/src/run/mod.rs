//! A run: from the publishers' files of today to a published release.
//!
//! Owns the order of the steps, each of which is a module: a run begins on the newest release (`begin`), gathers the files of
//! each list (`gather`), derives the lists and writes their tables (`pack`), adds the tables that are made of all lists
//! (`shared`), checks the whole (`checks`), and publishes and records it (`publish`, `report`). A run publishes all or nothing;
//! a source whose newest file cannot be used stays at its previous state and never stops the others.

mod absent;
mod again;
mod alike;
mod aside;
mod begin;
mod carry;
mod checks;
mod chosen;
mod clock;
mod codes;
mod control;
mod error;
mod example;
mod fetching;
mod gather;
mod held;
mod inputs;
mod left_behind;
#[cfg(test)]
mod made;
mod options;
mod pack;
mod publish;
mod reference;
mod region;
mod replaced;
mod report;
mod same_bytes;
mod sample;
mod shared;
mod standing;
#[cfg(test)]
mod tests;
mod together;
mod unmatched;
mod unread;

use std::collections::BTreeMap;
use std::sync::Arc;

use esf_engine::derivation::is_current;
use esf_engine::release::{CheckResult, Release, Warehouse};
use esf_schemas::Vocabulary;
use jiff::tz::TimeZone;

pub use control::ControlReport;
pub use error::RunError;
pub(crate) use inputs::{archived_inputs, archived_references, first_seen};
pub use options::{FromFile, Progress, RunOptions, Silent};
pub(crate) use pack::spec_of;
pub(crate) use publish::sync_logs;
pub use report::{CheckReport, Outcome, RunReport, SourceReport, SourceState, Step, Total};
pub use sample::{CheckedColumn, SourceCheck, check_source, new_source, sample_references};
pub use standing::Standing;

use crate::merge::Reading;
use crate::redaction;
use crate::source::Catalogue;
use clock::Clock;
use fetching::Fetching;
use inputs::Inputs;
use pack::Packed;
use reference::{LazyGazetteer, tell_left_out};

/// Fingerprint of the program that makes steps.
pub const FINGERPRINT: &str = env!("ESF_FINGERPRINT");

/// What the steps of a run share.
struct Run<'a> {
    /// Where it reads and publishes: of a run that is to publish nothing, a rehearsal of the warehouse.
    warehouse: &'a Warehouse,
    options: &'a RunOptions,
    progress: &'a dyn Progress,
    /// Of this run.
    id: &'a str,
    /// The release that it stands on, if there is one.
    previous: Option<&'a Release>,
}

/// Reads, maps, checks and publishes. Fails where nothing could be published, also because another run came before; a source
/// that fails is told in the report.
pub async fn run(
    warehouse: &Warehouse,
    catalogue: &mut Catalogue,
    options: &RunOptions,
    progress: &dyn Progress,
) -> Result<RunReport, RunError> {
    let clock = Clock::new(options.night.clone());
    let run_id = options.run_id.clone().unwrap_or_else(run_id);
    let rehearsal = options.dry_run.then(|| warehouse.rehearsal()).transpose()?;
    let place = rehearsal.as_ref().unwrap_or(warehouse);
    // Boxed, here and below: the futures of whole steps are large.
    let previous = Box::pin(begin::begin(place, options)).await?;
    let run = Run {
        warehouse: place,
        options,
        progress,
        id: &run_id,
        previous: previous.as_ref(),
    };
    let end = Box::pin(run.steps(catalogue, clock)).await;
    match end {
        Err(error) if !options.tries_samples() => {
            let base = previous.as_ref().map_or(0, |previous| previous.number);
            Err(after_all(warehouse, base, &run_id, error).await)
        }
        end => end,
    }
}

/// What a failed run says: where another has published since it began, such as a redaction that takes files away, it was
/// overtaken, whatever it no longer found; where it has published itself, that its release stands.
async fn after_all(warehouse: &Warehouse, base: u64, run_id: &str, error: RunError) -> RunError {
    if !error.may_be_of_another() {
        return error;
    }
    match warehouse.latest().await {
        Ok(Some(newest)) if newest.number > base && newest.run_id != run_id => {
            tracing::debug!("another run published before this one failed");
            RunError::Overtaken {
                number: newest.number,
                run_id: newest.run_id,
            }
        }
        Ok(Some(newest)) if newest.number > base => RunError::Unrecorded {
            number: newest.number,
            cause: Box::new(error),
        },
        _ => error,
    }
}

impl Run<'_> {
    /// The steps, in order, on the release that it stands on.
    async fn steps(
        &self,
        catalogue: &mut Catalogue,
        mut clock: Clock,
    ) -> Result<RunReport, RunError> {
        let (mut inputs, mut fetching) = Box::pin(self.gather(catalogue, &mut clock)).await?;
        if inputs.is_empty() {
            // There is no release either, and a mistyped location must not become a warehouse.
            let mut report = self.report(Vec::new(), &[]);
            fetching.tell(&mut report);
            return Ok(clock.told(report));
        }
        if let Some(previous) = self.previous
            && self.has_nothing_new(&inputs, previous)
        {
            // A night with nothing to publish is recorded too: by its record one knows that it took place.
            clock.passed("compared with the release before");
            if !self.options.dry_run {
                // What the night before could not bring to its release is completed now.
                sync_logs(self.warehouse, previous).await;
            }
            let report = RunReport::unchanged(self.id.to_owned(), previous, &inputs);
            return self.finish(report, clock, &fetching).await;
        }
        if let Some(warning) = self.on_redaction(&inputs).await? {
            clock.warn(warning);
        }
        clock.passed("files found");
        let lost = self.find_lost_references(&mut inputs).await?;
        fetching.others.extend(lost);
        let mut packed = Box::pin(self.derive_lists(&inputs, catalogue)).await?;
        fetching.forget(self.warehouse, &packed.lost).await?;
        let files = std::mem::take(&mut packed.reports);
        if let Some(damage) = packed.damage.take() {
            clock.warn(damage);
        }
        clock.passed("lists derived and written");
        // A first release without a single list would only hide that nothing could be read.
        if self.previous.is_none()
            && !inputs.lists.is_empty()
            && inputs.lists.len() == packed.unusable
        {
            let mut report = self.report(files, &[]);
            report.outcome = Outcome::NoneUsable;
            return self.finish(report, clock, &fetching).await;
        }
        let draft = Box::pin(self.draft(&inputs, packed)).await?;
        clock.passed("shared tables derived, release checked");
        let mut report = self.report(files, &draft.checks);
        Box::pin(self.publish(draft, &mut report, &clock)).await?;
        clock.passed("published");
        self.finish(report, clock, &fetching).await
    }

    /// Whether every step and every derivation would give what the release has already.
    fn has_nothing_new(&self, inputs: &Inputs, previous: &Release) -> bool {
        let mut derivations = self.options.derivations.iter();
        !self.options.full
            && inputs.unchanged(previous)
            && derivations.all(|one| is_current(one.as_ref(), previous))
    }

    /// What is to be said where the release that it stands on was made by a redaction.
    async fn on_redaction(&self, inputs: &Inputs) -> Result<Option<String>, RunError> {
        let Some(previous) = self.previous.filter(|_| !inputs.masks.is_empty()) else {
            return Ok(None);
        };
        let applied = redaction::behind(self.warehouse, previous).await;
        Ok(applied.map_err(Box::new)?.map(|applied| {
            let day = applied.created_at.to_zoned(TimeZone::UTC).date();
            format!(
                "the redaction of {day} ({}) made release {}: lists are derived again without what it took away, so that a release can follow without new files",
                applied.id, previous.number
            )
        }))
    }

    /// Derives the lists and writes their tables.
    async fn derive_lists(
        &self,
        inputs: &Inputs,
        catalogue: &Catalogue,
    ) -> Result<Packed, RunError> {
        let (warehouse, options) = (self.warehouse, self.options);
        let archive = !options.dry_run;
        // Beside the archiving; nothing waits for it that would not need it anyway.
        tokio::task::spawn_blocking(crate::merge::warm_up);
        if archive {
            inputs.archive_declarations(warehouse).await?;
        }
        let reading = Reading {
            vocabulary: Vocabulary::standard(),
            limits: options.limits.clone(),
            expect_rows: !options.samples,
        };
        let gazetteer = LazyGazetteer::new(warehouse, inputs, archive, &options.limits);
        let (_, mut packed) = tokio::try_join!(
            gazetteer.get(),
            pack::pack(
                warehouse,
                self.previous,
                inputs,
                &reading,
                &gazetteer,
                options,
                self.progress,
            )
        )?;
        tell_left_out(inputs, catalogue, &mut packed.reports);
        inputs.masks.mask_reports(&mut packed.reports);
        Ok(packed)
    }

    /// A report of what became of these files, and of what these checks found.
    fn report(&self, files: Vec<SourceReport>, checks: &[CheckResult]) -> RunReport {
        RunReport::new(self.id.to_owned(), files, checks)
    }

    /// Records what it did, with what became of asking and looking.
    async fn finish(
        &self,
        report: RunReport,
        clock: Clock,
        fetching: &Fetching,
    ) -> Result<RunReport, RunError> {
        let mut report = clock.told(report);
        fetching.tell(&mut report);
        let unmatched = unmatched::nothing_to_take(&report, self.options);
        report.warnings.extend(unmatched);
        if !self.options.dry_run {
            fetching.remember(self.warehouse).await?;
            self.warehouse
                .record_run(&report.run_id, &report.record())
                .await?;
        }
        Ok(report)
    }
}

/// An id for a run. Time (UTC) and process make one that no other run has, and ids sort by time; it is no part of any
/// content hash.
pub fn run_id() -> String {
    let now = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%S%3f");
    format!("{now}-{}", std::process::id())
}

/// Table files of the release in the making, with how each table is written.
pub(crate) type TableFiles = BTreeMap<
    String,
    (
        Arc<esf_engine::write::TableSpec>,
        Vec<esf_engine::release::DataFile>,
    ),
>;
