//! Control of new files before they are published: is what came in about as large as what it takes the place of?
//!
//! Owns which controls a file goes through, and what is said of one that fails. Each control is a module: the numbers of a new
//! file beside those of the file before it (`compare`, `before`), what the publisher says that it adds up to (`published`), the
//! day that it names (`future`), how files of its source end (`cut`), which of its rows repeat each other (`repeated`), whether
//! its operations are those before it (`identity`), still there (`gone`, also of figures) and where they were (`place`), its values
//! of the same size (`scale`), each by itself too (`slip`), and of the kind that they were of (`exchange`), and which unit it states
//! (`unit`); `same_bytes`, beside this module, knows the bytes of other lists, `standing` what is asked of a file that stands when it
//! is read again, and `reference` what of a table that lists are read with. Does not own what becomes of a file that fails: it is
//! treated like one that cannot be read, so its source stays at its previous state.
//! Somebody who knows better takes a new file with `--accept SOURCE=REASON`; the reason is kept with the file in every later
//! release (`accepted`).

mod accepted;
mod before;
mod compare;
mod cut;
mod exchange;
mod finding;
mod future;
mod gone;
mod identity;
mod place;
mod published;
mod reference;
mod rejected;
mod repeated;
mod scale;
mod slip;
mod standing;
mod unit;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use datafusion::prelude::SessionContext;
use esf_engine::release::Release;
use jiff::civil::Date;
use serde::Serialize;

use accepted::accept;
pub(super) use accepted::{forget_needless, told_accepted};
use before::before;
pub(super) use before::with_region;
use compare::compare;
use finding::unknown_values;
pub(super) use future::LATEST;
use future::in_future;
pub(super) use reference::of_reference;
pub(super) use standing::{
    of_regions, of_standing, refusal_of_regions, refusal_of_standing, regions_accepted,
};

use super::RunError;
use super::inputs::InputFile;
use super::same_bytes::Elsewhere;
use crate::check::PublishedTotal;
use crate::map::days;
use crate::merge::{FileReport, ListOutput, Twins};
use crate::source::{Control, Source, SourceKind, Vintage};

/// What one control found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ControlReport {
    /// Name of the control: rows, expected_rows, total, total_multiple, region_coverage, amount_coverage, amounts_end, date_coverage,
    /// dates_end, quarantined, unknown_values, published_total, published_subtotals, stated_total, published_in_future, same_bytes,
    /// cut, repeated_rows, repeated_run, identities, gone, region_moved, region_inside, scale, tenfold, moved, exchanged, values,
    /// unit_unclear.
    pub control: String,
    /// Amount kind and currency, for totals, or both where two are compared; for values also what is measured; start_date or
    /// end_date, for dates.
    pub of: Option<String>,
    /// What the new file has: totals in units of the currency, shares from 0 to 1, days, or a number of rows, values or files.
    pub found: f64,
    /// What the file before has, where it is compared.
    pub before: Option<f64>,
    /// Least that passes.
    pub least: Option<f64>,
    /// Most that passes.
    pub most: Option<f64>,
    /// Whether it passed, or was accepted.
    pub passed: bool,
    /// Why it was taken though it did not pass.
    pub accepted: Option<String>,
    /// What is wrong, or what was not compared and why, in words; empty otherwise.
    pub message: String,
}

impl ControlReport {
    /// A control that found this much. Without bounds it passes, and nothing is said of it.
    pub(super) fn new(control: &str, found: f64) -> Self {
        Self {
            control: control.to_owned(),
            of: None,
            found,
            before: None,
            least: None,
            most: None,
            passed: true,
            accepted: None,
            message: String::new(),
        }
    }

    /// What it is a control of, where a file has several of its name.
    pub(super) fn of(self, of: &str) -> Self {
        Self {
            of: Some(of.to_owned()),
            ..self
        }
    }

    /// What the file before has of it.
    pub(super) fn beside(self, before: f64) -> Self {
        Self {
            before: Some(before),
            ..self
        }
    }

    /// It passes only where it found no less.
    pub(super) fn at_least(self, least: f64) -> Self {
        Self {
            least: Some(least),
            passed: self.passed && self.found >= least,
            ..self
        }
    }

    /// It passes only where it found no more.
    pub(super) fn at_most(self, most: f64) -> Self {
        Self {
            most: Some(most),
            passed: self.passed && self.found <= most,
            ..self
        }
    }

    /// What is wrong, to be said only where it does not pass. Bounds come before it.
    pub(super) fn or_say(self, wrong: impl FnOnce() -> String) -> Self {
        let message = if self.passed { String::new() } else { wrong() };
        Self { message, ..self }
    }
}

/// What comparing the publisher's own totals with the rows of a file found, as controls.
pub(super) fn own_totals(totals: &[PublishedTotal]) -> Vec<ControlReport> {
    published::controls(totals)
}

/// The controls of rows that a file says more than once; none where they are few.
pub(super) fn repeated_rows(declared: &Control, report: &FileReport) -> Vec<ControlReport> {
    repeated::controls(declared, report)
}

/// The controls of the rows that a new file says more than once, which needs nothing but the file.
pub(super) fn of_twins(file: &InputFile, twins: &Twins) -> Vec<ControlReport> {
    let mut of_file = repeated::of_twins(&file.source.toml.control, twins);
    accept(&mut of_file, file);
    of_file
}

/// Controls new files of one list; gives the controls by file. `previous` is the release before, `today` the day of the run in
/// the time zone of its night, `elsewhere` tells which of its files other lists have.
pub(super) async fn control(
    session: Option<&SessionContext>,
    previous: Option<&Release>,
    files: &[&InputFile],
    output: &ListOutput,
    today: Date,
    elsewhere: &Elsewhere,
) -> Result<BTreeMap<String, Vec<ControlReport>>, RunError> {
    let mut controls = BTreeMap::new();
    for file in files {
        let Some(report) = report_of(output, file) else {
            continue;
        };
        let published = report.published.map(|day| in_future(day, today));
        let of_bytes = elsewhere.control(file);
        let mut of_file: Vec<ControlReport> = published.into_iter().chain(of_bytes).collect();
        let kind = file.source.toml.kind;
        if is_list(&file.source) || kind == SourceKind::Page {
            for ending in cut::endings(output, &file.sha256, kind) {
                of_file.push(cut::control(session, previous, &file.source, &ending).await?);
            }
        }
        if is_list(&file.source) {
            let (source, sha256) = (&file.source, &file.sha256);
            of_file.extend(unit::control(session, previous, source, output, sha256).await?);
        }
        let declared = &file.source.toml.control;
        if is_list(&file.source) {
            of_file.extend(repeated_rows(declared, report));
            let public = file.source.is_public();
            of_file.extend(scale::controls(declared, kind, public, report));
            let slipped = slip::controls(declared, report, &of_file);
            of_file.extend(slipped);
            of_file.extend(exchange::controls(report));
        }
        if is_controlled(&file.source) {
            let before = match (session, previous) {
                (Some(session), Some(previous)) => {
                    let until = report.published.map(days);
                    before(session, previous, &file.source, until).await?
                }
                _ => None,
            };
            let unknown = unknown_values(output, &file.sha256);
            let mut compared = compare(declared, report, before.as_ref(), unknown.n);
            unknown.explain(&mut compared);
            rejected::explain(&mut compared, output, &file.sha256);
            of_file.extend(compared);
            of_file.extend(identity::control(declared, report));
            let gone = gone::control(&file.source, report, &of_file);
            of_file.extend(gone);
            let region = file.source.toml.nuts_code.as_deref();
            of_file.extend(place::controls(declared, region, report, before.as_ref()));
        } else if kind == SourceKind::Page {
            let gone = gone::control(&file.source, report, &of_file);
            of_file.extend(gone);
        }
        accept(&mut of_file, file);
        controls.insert(file.sha256.clone(), of_file);
    }
    Ok(controls)
}

fn report_of<'o>(output: &'o ListOutput, file: &InputFile) -> Option<&'o FileReport> {
    let mut reports = output.reports.iter();
    reports.find(|r| r.sha256 == file.sha256 && r.source_id == file.source.source_id)
}

/// Pages are of any size, so that only what is gone from one is looked at; and so is what one delivery of a growing list adds.
fn is_controlled(source: &Source) -> bool {
    is_list(source) && source.toml.vintage == Vintage::Replace
}

fn is_list(source: &Source) -> bool {
    matches!(
        source.toml.kind,
        SourceKind::Operations | SourceKind::Statistics
    )
}

/// What does not pass, in one message.
pub(super) fn refusal(source_id: &str, controls: &[ControlReport]) -> Option<String> {
    let wrong = wrong(controls)?;
    Some(format!(
        "{wrong}. Look at the file; if it is right, take it with --accept {source_id}=REASON"
    ))
}

/// Most controls of a file whose messages are put together; a file with many amounts has one for each.
const TOLD: usize = 8;

/// The messages of what does not pass, of the first of them; nothing where all does. `run_control` and the report have all.
fn wrong(controls: &[ControlReport]) -> Option<String> {
    let failed: Vec<&str> = controls
        .iter()
        .filter(|control| !control.passed)
        .map(|control| control.message.as_str())
        .collect();
    // One more takes no more room by itself.
    let most = if failed.len() == TOLD + 1 {
        TOLD + 1
    } else {
        TOLD
    };
    let (told, more) = failed.split_at(failed.len().min(most));
    let mut wrong = told.join("; ");
    if !more.is_empty() {
        // Writing to a string cannot fail.
        let _ = write!(wrong, "; {} more controls do not pass", more.len());
    }
    (!told.is_empty()).then_some(wrong)
}

#[cfg(test)]
mod tests {
    use super::ControlReport;

    #[test]
    fn a_control_passes_within_its_bounds_and_says_what_is_wrong_outside_of_them() {
        for (found, passes) in [
            (0.9, false),
            (1.0, true),
            (2.0, true),
            (2.1, false),
            (f64::NAN, false),
        ] {
            let control = ControlReport::new("rows", found)
                .at_least(1.0)
                .at_most(2.0)
                .or_say(|| "wrong".to_owned());
            assert_eq!(control.passed, passes, "{control:?}");
            let said = if passes { "" } else { "wrong" };
            assert_eq!(control.message, said, "{control:?}");
        }
        assert!(ControlReport::new("rows", f64::NAN).passed, "no bounds");
    }
}
