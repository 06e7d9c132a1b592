//! Trying a source on its sample or a file: what every column was understood as, whether the rows come out as declared, and
//! whether they add up to what the publisher says.
//!
//! Does not own how the rows that came out are compared with those that are declared (`expected`), nor how a source is begun
//! from a file (`begun`).

mod begun;
mod expected;

use std::path::Path;
use std::sync::Arc;

use esf_schemas::Vocabulary;
use serde::Serialize;

use super::control::{self, ControlReport};
use super::example;
use super::report::Total;
use super::{RunError, SourceReport};
use crate::check::StatedIn;
use crate::map::{Column, FileInput, How, Labels, Meaning, choose_sheet, map_file};
use crate::merge::{FileReport, Reading, References, derive_list};
use crate::read::Limits;
use crate::region::{CHANGES_ROLE, Gazetteer, read_changes};
use crate::snapshot;
use crate::source::{Catalogue, Source, SourceKind};

pub use begun::new_source;
use expected::{differences, flat_rows, rows_of};

/// How a column is understood that is not.
const UNKNOWN: &str = "unknown";

/// One column of a tried file.
#[derive(Debug, Clone, Serialize)]
pub struct CheckedColumn {
    /// Published label.
    pub label: String,
    /// Field it was understood as.
    pub field: Option<String>,
    /// How: declared, known, nested, near, ignored (with the reason) or unknown.
    pub how: String,
    /// Nearest known spelling of a label that is not understood.
    pub nearest: Option<String>,
    /// A value as it would be published; of columns that name people, only that they do.
    pub example: Option<String>,
}

/// What trying a source on a file gave.
#[derive(Debug, Clone, Serialize)]
pub struct SourceCheck {
    /// Source.
    pub source_id: String,
    /// File.
    pub file_name: String,
    /// Columns in published order.
    pub columns: Vec<CheckedColumn>,
    /// How values are written, and whether that was declared or inferred.
    pub conventions: Vec<(String, String)>,
    /// What became of the rows and the sums; none if the file could not be mapped.
    pub report: Option<SourceReport>,
    /// What is wrong.
    pub problems: Vec<String>,
    /// Whether nothing is.
    pub passed: bool,
}

impl SourceCheck {
    /// Sums as published.
    pub fn totals(&self) -> &[Total] {
        self.report.as_ref().map_or(&[], |r| &r.totals)
    }
}

/// Tries a source on a file, or on its samples, within bounds.
pub fn check_source(
    catalogue: &Catalogue,
    source_id: &str,
    file: Option<&Path>,
    limits: &Limits,
) -> Result<Vec<SourceCheck>, RunError> {
    let source = catalogue.get(source_id)?;
    let files: Vec<FileInput> = match file {
        Some(path) => {
            let name = path
                .file_name()
                .map(|n| n.to_string_lossy().into_owned())
                .unwrap_or_default();
            vec![input(source, &name, snapshot::read_path(path)?)]
        }
        None => catalogue
            .samples(source_id)
            .map(|s| input(source, &s.name, s.bytes.clone()))
            .collect(),
    };
    if files.is_empty() {
        return Ok(vec![SourceCheck {
            source_id: source_id.into(),
            file_name: String::new(),
            columns: Vec::new(),
            conventions: Vec::new(),
            report: None,
            problems: vec!["the source has no sample: put a small made file in the published form under sample/".into()],
            passed: false,
        }]);
    }
    if source.toml.kind == SourceKind::Reference {
        let checked = files.iter().map(|f| check_reference(source, f, limits));
        return Ok(checked.collect());
    }
    let references = sample_references(catalogue, limits)?;
    let expected = if file.is_none() {
        catalogue.expected(source_id)
    } else {
        None
    };
    let is_sample = file.is_none();
    Ok(files
        .into_iter()
        .map(|f| {
            check_file(
                f,
                &references,
                expected.map(|e| e.bytes.as_ref()),
                is_sample,
            )
        })
        .collect())
}

fn input(source: &Arc<Source>, name: &str, bytes: bytes::Bytes) -> FileInput {
    let found = snapshot::in_memory(source, name, bytes.clone());
    FileInput {
        source: Arc::clone(source),
        file_name: name.into(),
        sha256: found.sha256,
        content: bytes.into(),
        published: None,
        first_seen: 1,
        earlier: Vec::new(),
    }
}

/// The reference tables of the bundled samples.
pub fn sample_references(catalogue: &Catalogue, limits: &Limits) -> Result<References, RunError> {
    let mut tables = Vec::new();
    for source in catalogue
        .iter()
        .filter(|s| s.toml.kind == SourceKind::Reference)
    {
        let role = source.toml.role.clone().unwrap_or_default();
        if role == CHANGES_ROLE {
            continue;
        }
        for sample in catalogue.samples(&source.source_id) {
            let role = role.clone();
            tables.push((
                role,
                source.toml.country.clone().unwrap_or_default(),
                sample.bytes.clone(),
            ));
        }
    }
    let tables: Vec<(&str, &str, &[u8])> = tables
        .iter()
        .map(|(role, country, bytes)| (role.as_str(), country.as_str(), bytes.as_ref()))
        .collect();
    let gazetteer = Gazetteer::bundled(&tables).map_err(|e| RunError::Reference {
        source_id: "the bundled samples".into(),
        file: "sample/".into(),
        cause: e.to_string(),
    })?;
    Ok(References {
        reading: Reading {
            vocabulary: Vocabulary::standard(),
            limits: limits.clone(),
            expect_rows: false,
        },
        gazetteer: Arc::new(gazetteer),
    })
}

fn check_reference(source: &Source, file: &FileInput, limits: &Limits) -> SourceCheck {
    let role = source.toml.role.clone().unwrap_or_default();
    let country = source.toml.country.clone().unwrap_or_default();
    let problem = match file.content.bytes() {
        Err(error) => Some(error.to_string()),
        Ok(bytes) if role == CHANGES_ROLE => {
            let read = read_changes(&bytes, limits);
            read.err().map(|e| e.to_string())
        }
        Ok(bytes) => {
            let built = Gazetteer::read(&[(&role, &country, &bytes)], limits);
            built.err().map(|e| e.to_string())
        }
    };
    let problems: Vec<String> = problem.into_iter().collect();
    SourceCheck {
        source_id: source.source_id.clone(),
        file_name: file.file_name.clone(),
        columns: Vec::new(),
        conventions: vec![("role".into(), role)],
        report: None,
        passed: problems.is_empty(),
        problems,
    }
}

fn check_file(
    file: FileInput,
    references: &References,
    expected: Option<&[u8]>,
    is_sample: bool,
) -> SourceCheck {
    let (source, file_name) = (Arc::clone(&file.source), file.file_name.clone());
    let is_list = source.toml.kind == SourceKind::Operations;
    let (columns, conventions) = if is_list {
        (columns(&file, references), conventions(&file, references))
    } else {
        (Vec::new(), Vec::new())
    };
    let mut problems: Vec<String> = columns.iter().filter_map(not_understood).collect();
    let mut report = None;
    match derive_list(vec![file], references) {
        Ok(output) => {
            let found = match &source.statistic {
                Some(declared) => Some(rows_of(&output.tables, &declared.table)),
                None => flat_rows(&output.tables),
            };
            if let (Some(expected), Some(found)) = (expected, found) {
                problems.extend(differences(expected, &file_name, &found));
            }
            if let Some(file) = output.reports.first() {
                report = Some(judge(&source, file, is_sample, &mut problems));
            }
        }
        Err(failures) => {
            for failure in failures {
                let text = failure.error.to_string();
                // An unknown column is told above, with its neighbours.
                if !text.contains("is not understood") || problems.is_empty() {
                    problems.push(text);
                }
            }
        }
    }
    SourceCheck {
        source_id: source.source_id.clone(),
        file_name,
        columns,
        conventions,
        report,
        passed: problems.is_empty(),
        problems,
    }
}

/// The columns of a list; none where no table is found in it.
fn columns(file: &FileInput, references: &References) -> Vec<CheckedColumn> {
    let reading = &references.reading;
    let labels = Labels::new(&file.source, reading.vocabulary);
    let Ok(table) = choose_sheet(file, &labels, &reading.limits) else {
        return Vec::new();
    };
    let columns = table.frame.columns.iter();
    columns
        .map(|column| checked_column(column, example::of_column(&table, column)))
        .collect()
}

/// What is said of a column that nobody understands.
fn not_understood(column: &CheckedColumn) -> Option<String> {
    if column.how != UNKNOWN {
        return None;
    }
    let hint = column
        .nearest
        .as_ref()
        .map(|n| format!("; the nearest known label is {n:?}"))
        .unwrap_or_default();
    Some(format!("column {:?} is not understood{hint}", column.label))
}

/// How the values of a list are written; nothing where it cannot be mapped.
fn conventions(file: &FileInput, references: &References) -> Vec<(String, String)> {
    let reading = &references.reading;
    let Ok(mapped) = map_file(file, reading.vocabulary, &reading.limits) else {
        return Vec::new();
    };
    let numbers = mapped.conventions.numbers.to_string();
    let dates = mapped.conventions.dates;
    let dates = dates.map_or("can be read in two ways".into(), |d| d.to_string());
    let inferred = mapped.conventions.inferred;
    [("numbers", numbers), ("dates", dates)]
        .into_iter()
        .map(|(what, written)| {
            let how = if inferred.contains_key(what) {
                "inferred"
            } else {
                "declared, or not needed"
            };
            (what.to_string(), format!("{written} ({how})"))
        })
        .collect()
}

/// The report of a file that could be derived, with its own totals as controls. What is wrong with it goes to the `problems`.
fn judge(
    source: &Source,
    file: &FileReport,
    is_sample: bool,
    problems: &mut Vec<String>,
) -> SourceReport {
    if file.account.quarantined > source.toml.expected_quarantine {
        problems.push(format!(
            "{} rows were quarantined; see `esf quarantine` after an ingest",
            file.account.quarantined
        ));
    }
    if file.account.amounts_unreadable > source.toml.expected_unreadable_amounts {
        problems.push(format!(
            "{} amounts of loaded rows unreadable; `finding` has each with its place after an ingest",
            file.account.amounts_unreadable
        ));
    }
    let controls = own_totals(file, is_sample);
    let repeated = control::repeated_rows(&source.toml.control, file);
    let repeated = repeated.into_iter().filter(|_| !is_sample);
    let judged: Vec<ControlReport> = controls.iter().cloned().chain(repeated).collect();
    problems.extend(control::refusal(&source.source_id, &judged));
    SourceReport {
        controls,
        ..SourceReport::loaded(file, 0.0)
    }
}

/// The totals that a file's publisher states, compared with its rows as a run compares them. What `source.toml` states is of
/// published files, and a sample is made up.
fn own_totals(file: &FileReport, is_sample: bool) -> Vec<ControlReport> {
    let totals = file.published_totals.iter();
    let of_file = totals.filter(|total| !is_sample || total.stated_in != StatedIn::Declaration);
    control::own_totals(&of_file.cloned().collect::<Vec<_>>())
}

fn checked_column(column: &Column, example: Option<String>) -> CheckedColumn {
    let (field, how, nearest) = match &column.meaning {
        Meaning::Field { column, how, .. } => {
            let how = match how {
                How::Declared => "declared",
                How::Known => "known",
                How::Nested => "nested",
                How::Near => "near",
            };
            (Some(column.field.clone()), how.to_string(), None)
        }
        Meaning::Ignored(reason) => (None, format!("ignored: {reason}"), None),
        Meaning::Unknown(nearest) => (None, UNKNOWN.to_string(), nearest.clone()),
    };
    CheckedColumn {
        label: column.label.line(),
        field,
        how,
        nearest,
        example,
    }
}
