//! From the tables of all lists to a published release.
//!
//! Owns what goes into the draft of a release, when it may not be published, and what is recorded of publishing it. Does not
//! own how a release is written (`esf_engine::release`).

use esf_engine::release::{Publication, Release, ReleaseDraft, Warehouse};
use esf_engine::session::SessionOptions;
use tracing::{Instrument, info_span};

use super::clock::Clock;
use super::inputs::Inputs;
use super::pack::Packed;
use super::report::{Outcome, RunReport};
use super::{FINGERPRINT, Run, RunError, checks, held, shared};

/// Bytes that the plans of a run may hold before they spill, where nobody says: enough for lists of a few million rows.
const DEFAULT_MEMORY: usize = 96 << 20;

impl Run<'_> {
    /// The release in the making: the tables of lists, those that are made of all lists together, and what the release-wide
    /// checks found.
    pub(super) async fn draft(
        &self,
        inputs: &Inputs,
        packed: Packed,
    ) -> Result<ReleaseDraft, RunError> {
        let (warehouse, previous, options) = (self.warehouse, self.previous, self.options);
        let mut draft = ReleaseDraft::new(previous, self.id, FINGERPRINT);
        draft.demonstration = options.samples;
        draft.kept_out_by = Some(inputs.masks.settled().clone());
        draft.steps = packed.steps;
        draft.sources = inputs.source_states(&packed.used, &packed.held, &packed.stay, previous);
        for (spec, of_table) in packed.files.into_values() {
            draft.table(&spec, of_table);
        }
        // One partition each, side by side: sorts that share a pool can starve each other instead of going by the disk.
        let session = SessionOptions {
            target_partitions: Some(1),
            memory_limit: Some(options.memory_limit.unwrap_or(DEFAULT_MEMORY)),
            ..SessionOptions::default()
        };
        let of_lists = draft.tables.clone();
        let (of_derivations, mut checks) = tokio::try_join!(
            shared::derive(warehouse, inputs, previous, options, &session, &mut draft)
                .instrument(info_span!("derive")),
            checks::check(warehouse, &of_lists, &packed.broken, &session)
                .instrument(info_span!("check")),
        )?;
        checks.extend(of_derivations);
        draft.checks = checks;
        if let Some(previous) = previous {
            held::settle(&mut draft, previous);
        }
        Ok(draft)
    }

    /// Publishes a draft whose checks all passed, and says in the report how it ended. Fails where another run published
    /// meanwhile, its number was given to other content, or the warehouse cannot be written.
    pub(super) async fn publish(
        &self,
        draft: ReleaseDraft,
        report: &mut RunReport,
        clock: &Clock,
    ) -> Result<(), RunError> {
        if report.checks.iter().any(|c| !c.passed) {
            report.outcome = Outcome::CheckFailed;
            return Ok(());
        }
        if self.options.dry_run {
            report.outcome = Outcome::DryRun;
            return Ok(());
        }
        let number = self.previous.map_or(1, |previous| previous.number + 1);
        let content_hash = draft.content_hash()?;
        self.warehouse.check_number(number, &content_hash).await?;
        // A run that is cut off between publishing and recording has a record too.
        report.outcome = Outcome::Failed {
            exit_code: 1,
            message: "nothing was recorded after publishing began; `esf releases` shows whether a release of this run stands"
                .into(),
        };
        report.night.clone_from(&clock.night);
        report.started_at = clock.started_at;
        self.warehouse
            .record_run(&report.run_id, &report.record())
            .await?;
        let publishing = self.warehouse.publish(draft);
        let (outcome, release) = match publishing.instrument(info_span!("publish")).await? {
            Publication::Published(release) => (published(&release), release),
            Publication::Unchanged(release) => (unchanged(&release), release),
            Publication::Conflict(release) => {
                return Err(RunError::Overtaken {
                    number: release.number,
                    run_id: release.run_id,
                });
            }
        };
        report.outcome = outcome;
        sync_logs(self.warehouse, &release).await;
        Ok(())
    }
}

fn published(release: &Release) -> Outcome {
    Outcome::Published {
        number: release.number,
        content_hash: release.content_hash.clone(),
    }
}

fn unchanged(release: &Release) -> Outcome {
    Outcome::Unchanged {
        number: release.number,
    }
}

/// Brings the Delta logs to a release, which stands whatever becomes of them: the next run completes what is missing.
pub(crate) async fn sync_logs(warehouse: &Warehouse, release: &Release) {
    let syncing = esf_engine::delta::sync_logs(warehouse, release).instrument(info_span!("delta"));
    match syncing.await {
        Ok(commits) => tracing::debug!(commits, "Delta logs brought to the release"),
        Err(error) => tracing::warn!("the Delta logs are behind the release: {error}"),
    }
}
