//! What a run did, for people and for machines.

use std::time::Duration;

use esf_engine::release::{CheckResult, Release};
use serde::Serialize;

use super::inputs::Inputs;
use crate::merge::FileReport;

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// A new release.
    Published {
        /// Its number.
        number: u64,
        /// Its content hash.
        content_hash: String,
    },
    /// Nothing changed since this release.
    Unchanged {
        /// Its number.
        number: u64,
    },
    /// Everything but publishing.
    DryRun,
    /// No file was found for any source.
    Nothing,
    /// None of the files could be used, and there is no earlier state that could stay.
    NoneUsable,
    /// A release-wide check failed, so nothing was published.
    CheckFailed,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// Read and loaded.
    Loaded,
    /// As in the release before.
    Unchanged,
    /// Its newest file cannot be used; the state before stays.
    Held,
    /// It cannot be used, and there is no state before.
    LeftOut,
}

/// Sum of one kind and currency of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Total {
    /// Kind of amount.
    pub amount_kind: String,
    /// Currency.
    pub currency: Option<String>,
    /// Rows with an amount.
    pub n: i64,
    /// Sum in hundredths.
    #[serde(serialize_with = "as_text")]
    pub total_hundredths: i128,
}

fn as_text<S: serde::Serializer>(value: &i128, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// What became of one file of one source.
#[derive(Debug, Clone, Serialize)]
pub struct SourceReport {
    /// Source.
    pub source_id: String,
    /// List.
    pub list_id: String,
    /// File.
    pub file_name: String,
    /// What became of it.
    pub state: SourceState,
    /// All rows of the file.
    pub rows_read: u64,
    /// Rows of the published table.
    pub data_rows: u64,
    /// Rows that became operations or values.
    pub loaded: u64,
    /// Rows that could not be loaded.
    pub quarantined: u64,
    /// Rows left out with a reason.
    pub ignored: u64,
    /// Rows that may be quarantined.
    pub expected_quarantine: u64,
    /// Sums as published.
    pub totals: Vec<Total>,
    /// Operations with a region below the country, of all.
    pub with_region: Option<(u64, u64)>,
    /// Number of findings.
    pub findings: u64,
    /// What a person needs to know.
    pub message: Option<String>,
    /// Time it took.
    pub seconds: f64,
}

impl SourceReport {
    /// A file that was read.
    pub(super) fn loaded(report: &FileReport, seconds: f64) -> Self {
        let account = &report.account;
        Self {
            source_id: report.source_id.clone(),
            list_id: report.list_id.clone(),
            file_name: report.file_name.clone(),
            state: SourceState::Loaded,
            rows_read: account.read,
            data_rows: account.data_rows(),
            loaded: account.loaded,
            quarantined: account.quarantined,
            ignored: account.ignored_rows(),
            expected_quarantine: report.expected_quarantine,
            totals: report
                .totals
                .iter()
                .map(|t| Total {
                    amount_kind: t.amount_kind.clone(),
                    currency: t.currency.clone(),
                    n: t.n,
                    total_hundredths: t.total,
                })
                .collect(),
            with_region: report.with_region,
            findings: report.findings,
            message: None,
            seconds,
        }
    }

    /// A file of which only the state is known.
    pub(super) fn bare(
        source_id: &str,
        list_id: &str,
        file_name: &str,
        state: SourceState,
    ) -> Self {
        Self {
            source_id: source_id.into(),
            list_id: list_id.into(),
            file_name: file_name.into(),
            state,
            rows_read: 0,
            data_rows: 0,
            loaded: 0,
            quarantined: 0,
            ignored: 0,
            expected_quarantine: 0,
            totals: Vec::new(),
            with_region: None,
            findings: 0,
            message: None,
            seconds: 0.0,
        }
    }
}

/// A release-wide check.
#[derive(Debug, Clone, Serialize)]
pub struct CheckReport {
    /// Name.
    pub name: String,
    /// Whether it passed.
    pub passed: bool,
    /// What was found.
    pub message: String,
}

/// What a run did.
#[derive(Debug, Clone, Serialize)]
pub struct RunReport {
    /// Version of this form.
    pub schema_version: u32,
    /// Id of the run.
    pub run_id: String,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Files, by source.
    pub sources: Vec<SourceReport>,
    /// Release-wide checks.
    pub checks: Vec<CheckReport>,
    /// Time it took.
    pub seconds: f64,
}

impl RunReport {
    pub(super) fn new(
        run_id: String,
        mut sources: Vec<SourceReport>,
        checks: &[CheckResult],
    ) -> Self {
        sources.sort_by(|a, b| {
            (&a.list_id, &a.source_id, &a.file_name).cmp(&(&b.list_id, &b.source_id, &b.file_name))
        });
        let checks = checks
            .iter()
            .map(|c| CheckReport {
                name: c.name.clone(),
                passed: c.passed,
                message: c.message.clone(),
            })
            .collect();
        Self {
            schema_version: 1,
            run_id,
            outcome: Outcome::Nothing,
            sources,
            checks,
            seconds: 0.0,
        }
    }

    pub(super) fn nothing(run_id: String, took: Duration) -> Self {
        Self {
            seconds: took.as_secs_f64(),
            ..Self::new(run_id, Vec::new(), &[])
        }
    }

    pub(super) fn unchanged(run_id: String, previous: &Release, inputs: &Inputs) -> Self {
        let sources = inputs
            .lists
            .iter()
            .flat_map(|list| {
                list.files.iter().map(|file| {
                    SourceReport::bare(
                        &file.source.source_id,
                        &list.list_id,
                        &file.file_name,
                        SourceState::Unchanged,
                    )
                })
            })
            .collect();
        Self {
            outcome: Outcome::Unchanged {
                number: previous.number,
            },
            ..Self::new(run_id, sources, &[])
        }
    }

    /// The exit code of the contract in design section 8.
    pub fn exit_code(&self) -> u8 {
        let held = |s: &SourceReport| matches!(s.state, SourceState::Held | SourceState::LeftOut);
        let spoiled = |s: &SourceReport| s.quarantined > s.expected_quarantine;
        if self.outcome == Outcome::CheckFailed {
            3
        } else if self.sources.iter().any(|s| held(s) || spoiled(s)) {
            4
        } else {
            0
        }
    }

    /// The report as one JSON value.
    pub fn to_json(&self) -> serde_json::Value {
        // Every field is text, number or list of such, which JSON can always hold.
        serde_json::to_value(self).unwrap_or_default()
    }
}
