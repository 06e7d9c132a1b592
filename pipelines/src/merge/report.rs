//! What is told of one file of a list: its report, and its rows in the tables about files.
//!
//! Owns which of it is public: whatever counts the rows of a file of people goes to restricted tables. Does not own the
//! accounting itself (`check`), or the report of a run (`run::report`).

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Int64Array};
use jiff::civil::Date;

use super::change::Change;
use super::doubts::RegionDoubts;
use super::repeated::Twins;
use super::rows::{RowsError, Tables, push, same, table_rows};
use super::{ListOutput, Part};
use crate::check::{
    Account, ControlTotal, Doubt, FileRef, PublishedTotal, doubt_rows, ignored_rows, total_rows,
    without_places, written,
};
use crate::map::{CURRENCY_UNKNOWN, Dated, FileInput, UNREAD};

/// What one file gave.
#[derive(Debug, Clone)]
pub struct FileReport {
    /// The source.
    pub source_id: String,
    /// The list.
    pub list_id: String,
    /// The file.
    pub file_name: String,
    /// Its hash.
    pub sha256: String,
    /// What became of its rows.
    pub account: Account,
    /// Sums of all data rows.
    pub totals: Vec<ControlTotal>,
    /// Sums without the rows of pages that were published twice, where the source has such.
    pub totals_once: Option<Vec<ControlTotal>>,
    /// Sums that the publisher states.
    pub published_totals: Vec<PublishedTotal>,
    /// Operations with a region below the country, of all that it gave; none if it gave none.
    pub with_region: Option<(u64, u64)>,
    /// Figures with a value, of all; none for what is no table of figures.
    pub with_value: Option<(u64, u64)>,
    /// Operations in the region that its source declares, of all that it gave which have one or are abroad; none where it gave none
    /// or no region is declared.
    pub inside: Option<(u64, u64)>,
    /// Number of findings.
    pub findings: u64,
    /// Rows that may be quarantined.
    pub expected_quarantine: u64,
    /// Amounts of loaded rows that may be unreadable.
    pub expected_unreadable_amounts: u64,
    /// Loaded rows behind the last one with an amount.
    pub behind_amounts: u64,
    /// Loaded rows with a start, and with an end; of lists of operations only.
    pub dated: [Dated; 2],
    /// What nobody would see who looks only at its numbers: columns of amounts that are not read, and amounts of which nobody
    /// knows the currency.
    pub unread: Vec<String>,
    /// Date of publication.
    pub published: Option<Date>,
    /// The better rendition of the same vintage, whose rows are loaded in place of its own.
    pub rendition_of: Option<String>,
    /// In what it contradicts that one, in words: its number of rows, its sums.
    pub contradiction: Option<String>,
    /// Rows that say the same as others of it, where there are many.
    pub twins: Option<Twins>,
    /// How it compares with the vintage that stood before it came; none where none did.
    pub change: Option<Change>,
}

impl FileReport {
    /// A file by its accounting alone: no sums, no regions, no other file.
    pub(super) fn new(
        file: &FileInput,
        account: Account,
        findings: &[Doubt],
        published: Option<Date>,
    ) -> Self {
        Self {
            source_id: file.source.source_id.clone(),
            list_id: file.source.list_id().to_string(),
            file_name: file.file_name.clone(),
            sha256: file.sha256.clone(),
            account,
            totals: Vec::new(),
            totals_once: None,
            published_totals: Vec::new(),
            with_region: None,
            with_value: None,
            inside: None,
            findings: findings.len() as u64,
            expected_quarantine: file.source.toml.expected_quarantine,
            expected_unreadable_amounts: file.source.toml.expected_unreadable_amounts,
            behind_amounts: 0,
            dated: [Dated::default(); 2],
            unread: (findings.iter())
                .filter(|doubt| doubt.rule == UNREAD || doubt.rule == CURRENCY_UNKNOWN)
                .map(|doubt| written(&doubt.message))
                .collect(),
            published,
            rendition_of: None,
            contradiction: None,
            twins: None,
            change: None,
        }
    }
}

/// How many operations of a file are where; nothing of a file whose operations do not count.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Located {
    /// As [`FileReport::with_region`].
    pub(super) with_region: Option<(u64, u64)>,
    /// As [`FileReport::inside`].
    pub(super) inside: Option<(u64, u64)>,
}

/// Accounting, control totals, findings and rejected rows of one file.
pub(super) fn report(
    part: &Part,
    located: Located,
    output: &mut ListOutput,
) -> Result<(), RowsError> {
    let (file, mapped) = (&part.file, &part.mapped);
    let doubts = FileDoubts {
        findings: &mapped.findings,
        of_regions: &part.region_doubts,
        quarantine: &mapped.quarantine,
        totals: &mapped.totals,
    };
    push_file(
        file,
        &mapped.account,
        &doubts,
        mapped.published,
        &mut output.tables,
    )?;
    let told = FileReport::new(
        file,
        mapped.account.clone(),
        &mapped.findings,
        mapped.published,
    );
    let of_regions: usize = part.region_doubts.iter().map(RegionDoubts::len).sum();
    output.reports.push(FileReport {
        findings: told.findings + of_regions as u64,
        totals: mapped.totals.clone(),
        behind_amounts: mapped.behind_amounts,
        dated: mapped.dated,
        totals_once: part.totals_once.clone(),
        published_totals: mapped.published_totals.clone(),
        with_region: located.with_region,
        inside: located.inside,
        rendition_of: part.rendition_of.clone(),
        contradiction: part.contradiction.clone(),
        twins: part.twins,
        change: part.change.clone(),
        ..told
    });
    Ok(())
}

/// What is said about a file besides its rows.
pub(super) struct FileDoubts<'a> {
    /// Doubts about what was loaded, or about the file.
    pub(super) findings: &'a [Doubt],
    /// Doubts about the regions of its operations.
    pub(super) of_regions: &'a [RegionDoubts],
    /// Rows that were not loaded.
    pub(super) quarantine: &'a [Doubt],
    /// Sums of all data rows.
    pub(super) totals: &'a [ControlTotal],
}

/// Adds the rows about one file to the tables about files. Whatever counts the rows of a file of people, or says where they
/// stand, goes to restricted tables.
pub(super) fn push_file(
    file: &FileInput,
    account: &Account,
    doubts: &FileDoubts<'_>,
    published: Option<Date>,
    tables: &mut Tables,
) -> Result<(), RowsError> {
    let of = FileRef {
        source_id: &file.source.source_id,
        source_file: &file.sha256,
    };
    let is_public = file.source.is_public();
    if is_public {
        push_findings("finding", of, doubts, tables)?;
        let ignored = ignored_rows("ignored_rows", of, account)?;
        push(tables, "ignored_rows", ignored);
    } else {
        let mut all = doubts.findings.to_vec();
        all.extend(doubts.of_regions.iter().flat_map(RegionDoubts::doubts));
        let findings = doubt_rows("finding", of, &without_places(&all))?;
        push(tables, "finding", findings);
        push_restricted(file, of, account, doubts, tables)?;
    }
    push(
        tables,
        "quarantine",
        doubt_rows("quarantine", of, doubts.quarantine)?,
    );
    push(tables, "control_total", total_rows(of, doubts.totals)?);
    let toml = &file.source.toml;
    let mut columns = file_columns(of);
    columns.extend([
        ("list_id", same(Some(file.source.list_id()), 1)),
        ("file_name", same(Some(&file.file_name), 1)),
        (
            "published_date",
            Arc::new(Date32Array::from(vec![published.map(crate::map::days)])) as ArrayRef,
        ),
        ("rendition_rank", one(u64::from(toml.rendition_rank))),
        ("publisher", same(Some(&toml.publisher), 1)),
        ("licence", same(toml.licence.as_deref(), 1)),
        ("url", same(toml.url.as_deref(), 1)),
    ]);
    // What is not named is null: not known to whoever reads this.
    if is_public {
        columns.extend(sizes(file, account));
        columns.push(("amounts_unreadable", one(account.amounts_unreadable)));
    }
    push(
        tables,
        "source_file",
        table_rows("source_file", 1, columns)?,
    );
    Ok(())
}

/// Adds what was found of a file to `finding` or `restricted_finding`.
fn push_findings(
    table: &str,
    of: FileRef<'_>,
    doubts: &FileDoubts<'_>,
    tables: &mut Tables,
) -> Result<(), RowsError> {
    push(tables, table, doubt_rows(table, of, doubts.findings)?);
    for of_role in doubts.of_regions {
        push(tables, table, of_role.rows(table, of)?);
    }
    Ok(())
}

/// What only the restricted store may know of a file of people.
fn push_restricted(
    file: &FileInput,
    of: FileRef<'_>,
    account: &Account,
    doubts: &FileDoubts<'_>,
    tables: &mut Tables,
) -> Result<(), RowsError> {
    push_findings("restricted_finding", of, doubts, tables)?;
    let ignored = ignored_rows("restricted_ignored_rows", of, account)?;
    push(tables, "restricted_ignored_rows", ignored);
    let mut columns = file_columns(of);
    columns.extend(sizes(file, account));
    let row = table_rows("restricted_source_file", 1, columns)?;
    push(tables, "restricted_source_file", row);
    Ok(())
}

/// The columns that name a file in a row about it.
fn file_columns(of: FileRef<'_>) -> Vec<(&'static str, ArrayRef)> {
    vec![
        ("source_id", same(Some(of.source_id), 1)),
        ("source_file", same(Some(of.source_file), 1)),
        ("source_location", same(Some("file"), 1)),
    ]
}

/// How large a file is and what became of its rows.
fn sizes(file: &FileInput, account: &Account) -> [(&'static str, ArrayRef); 5] {
    [
        ("bytes", one(file.content.size())),
        ("rows_read", one(account.read)),
        ("rows_loaded", one(account.loaded)),
        ("rows_quarantined", one(account.quarantined)),
        ("rows_ignored", one(account.ignored_rows())),
    ]
}

/// A column of one number.
fn one(n: u64) -> ArrayRef {
    Arc::new(Int64Array::from(vec![n as i64]))
}
