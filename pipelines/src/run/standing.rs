//! The files that a release stands on, as its table `source_file` tells of them: when they were published, and what became
//! of their rows.
//!
//! Owns reading that table once for all sources, and which file of a source is its newest. Does not own what becomes of
//! files that are published again (`again`, `replaced`). Rows of files of people are not told there, and count as none.

use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, Date32Array, Int64Array};
use arrow::datatypes::{Date32Type, Int64Type};
use esf_engine::release::{Release, SourceFileState, SourceState, Warehouse};
use esf_engine::session::{SessionOptions, register_files, working_session};
use jiff::Span;
use jiff::civil::{Date, date};

use super::RunError;
use super::inputs::{InputFile, ListInputs, first_seen};
use crate::source::{Source, SourceKind, Vintage};

/// The accounting of the files behind a release.
const TABLE: &str = "source_file";

/// Its column of amounts that could not be read.
const UNREADABLE: &str = "amounts_unreadable";

/// What a release holds of one file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Rows {
    /// Rows that became operations or values.
    pub loaded: u64,
    /// Rows that could not be loaded.
    pub quarantined: u64,
    /// Amounts of loaded rows that could not be read.
    pub amounts_unreadable: u64,
    /// When the file was published, where that is known.
    pub published: Option<Date>,
}

/// What a release holds of its files.
#[derive(Debug, Default)]
pub struct Standing {
    /// By source and hash.
    files: BTreeMap<(String, String), Rows>,
}

impl Standing {
    /// Reads what a release holds of its files. Fails if its table cannot be read.
    pub async fn read(warehouse: &Warehouse, release: &Release) -> Result<Self, RunError> {
        let mut standing = Self::default();
        let Some(state) = (release.tables.get(TABLE)).filter(|state| !state.files.is_empty())
        else {
            return Ok(standing);
        };
        let session = working_session(&SessionOptions {
            target_partitions: Some(1),
            ..SessionOptions::default()
        })?;
        register_files(&session, warehouse, TABLE, state)?;
        let table = session.table(TABLE).await?;
        let mut columns = vec![
            "source_id",
            "source_file",
            "published_date",
            "rows_loaded",
            "rows_quarantined",
        ];
        // Releases of earlier programs do not have it.
        if (table.schema()).has_column_with_unqualified_name(UNREADABLE) {
            columns.push(UNREADABLE);
        }
        let rows = table.select_columns(&columns)?;
        for batch in rows.collect().await? {
            let text = |at: usize| batch.column(at).as_string_opt::<i32>();
            let number = |at: usize| batch.column(at).as_primitive_opt::<Int64Type>();
            let dates = batch.column(2).as_primitive_opt::<Date32Type>();
            let (Some(sources), Some(files), Some(dates), Some(loaded), Some(quarantined)) =
                (text(0), text(1), dates, number(3), number(4))
            else {
                continue;
            };
            let unreadable = (batch.column_by_name(UNREADABLE))
                .and_then(|column| column.as_primitive_opt::<Int64Type>());
            let count = |counts: &Int64Array, row: usize| {
                // The value behind an empty cell need not be 0.
                if counts.is_valid(row) {
                    counts.value(row) as u64
                } else {
                    0
                }
            };
            for row in 0..batch.num_rows() {
                let key = (sources.value(row).to_owned(), files.value(row).to_owned());
                let of_file = Rows {
                    loaded: count(loaded, row),
                    quarantined: count(quarantined, row),
                    amounts_unreadable: unreadable.map_or(0, |counts| count(counts, row)),
                    published: date_at(dates, row),
                };
                standing.files.insert(key, of_file);
            }
        }
        Ok(standing)
    }

    /// What the release holds of a file; nothing of one that it does not stand on.
    pub(super) fn rows(&self, source_id: &str, sha256: &str) -> Rows {
        let key = (source_id.to_owned(), sha256.to_owned());
        self.files.get(&key).copied().unwrap_or_default()
    }

    /// When a file of the release was published, where that is known.
    pub(super) fn published(&self, source_id: &str, sha256: &str) -> Option<Date> {
        self.rows(source_id, sha256).published
    }

    /// Rows of each source that could not be loaded, of those that lack any.
    pub fn quarantined(&self) -> BTreeMap<&str, u64> {
        let mut lacking: BTreeMap<&str, u64> = BTreeMap::new();
        for ((source_id, _), rows) in &self.files {
            if rows.quarantined > 0 {
                *lacking.entry(source_id).or_default() += rows.quarantined;
            }
        }
        lacking
    }

    /// The file whose rows the release has in place of those of this one: of a better rendition of its list, where this one
    /// has none there.
    pub(super) fn better_rendition(&self, list: &ListInputs, file: &InputFile) -> Option<String> {
        let is_loaded =
            |file: &InputFile| self.rows(&file.source.source_id, &file.sha256).loaded > 0;
        if file.source.toml.kind != SourceKind::Operations || is_loaded(file) {
            return None;
        }
        let better = (list.files.iter())
            .filter(|other| other.rendition() < file.rendition() && is_loaded(other));
        let newest = better.max_by_key(|other| (other.first_seen, other.sha256.as_str()));
        newest.map(|newest| newest.file_name.clone())
    }

    /// When a file of a release was published: as its table says, or as it was given with the file.
    pub(super) fn day(&self, source_id: &str, file: &SourceFileState) -> Option<Date> {
        let given = || -> Option<Date> { file.extra.get("published")?.as_str()?.parse().ok() };
        self.published(source_id, &file.sha256).or_else(given)
    }

    /// The file of a source that counts as its newest: by the day of publication, then by arrival. One without a day is as old
    /// as the newest there was when it came.
    pub(crate) fn newest<'r>(
        &self,
        source_id: &str,
        state: &'r SourceState,
    ) -> Option<&'r SourceFileState> {
        let dated: Vec<(u64, Date)> = (state.files.iter())
            .filter_map(|file| Some((first_seen(file), self.day(source_id, file)?)))
            .collect();
        let then = |number: u64| {
            let by_then = dated.iter().filter(|(first_seen, _)| *first_seen <= number);
            by_then.map(|(_, day)| *day).max()
        };
        state.files.iter().max_by_key(|file| {
            let number = first_seen(file);
            let day = self.day(source_id, file).or_else(|| then(number));
            (day, number, file.sha256.as_str())
        })
    }

    /// Whether no file of the list that a source belongs to has a date: dates order the vintages of a list, whatever came last.
    pub(super) fn is_undated(&self, previous: &Release, source_id: &str) -> bool {
        let list = previous.sources.get(source_id).map(|state| &state.list_id);
        let mut of_list = (previous.sources.iter()).filter(|(_, s)| Some(&s.list_id) == list);
        !of_list.any(|(id, state)| state.files.iter().any(|file| self.day(id, file).is_some()))
    }
}

#[cfg(test)]
impl Standing {
    /// One that holds a row of each of these files of a source.
    pub(super) fn of_loaded<'f>(source_id: &str, files: impl Iterator<Item = &'f str>) -> Self {
        let loaded = Rows {
            loaded: 1,
            ..Rows::default()
        };
        let files = files.map(|sha256| ((source_id.to_owned(), sha256.to_owned()), loaded));
        Self {
            files: files.collect(),
        }
    }
}

/// The date in a row of a column.
fn date_at(dates: &Date32Array, row: usize) -> Option<Date> {
    let days = dates.is_valid(row).then(|| dates.value(row))?;
    let days = Span::new().try_days(days).ok()?;
    date(1970, 1, 1).checked_add(days).ok()
}

/// Whether a newer file of a source takes the place of the one before. Of lists that grow none does, of pages one of its name; of a
/// reference only the newest is kept.
pub(super) fn is_replaced(source: &Source) -> bool {
    let toml = &source.toml;
    matches!(toml.kind, SourceKind::Operations | SourceKind::Statistics)
        && toml.vintage == Vintage::Replace
}
