//! What became of one file of one source.
//!
//! Owns what is told of a file that was read, of one that is as it was, and of one of which only its state is known.

use serde::Serialize;

use crate::check::{ControlTotal, kind_in};
use crate::merge::FileReport;
use crate::named;
use crate::run::control::ControlReport;
use crate::run::inputs::{InputFile, ListInputs};
use crate::run::standing::Standing;

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceState {
    /// Read and loaded.
    Loaded,
    /// Read, and nothing in it became a row of any table.
    Empty,
    /// Read, and older than what stands, so that none of its rows is used.
    Older,
    /// Published after the date that is made up for; the state before stays.
    Later,
    /// Another name for the bytes of a file of the source, whose rows count once.
    Repeated,
    /// As in the release before.
    Unchanged,
    /// A rollback left it behind, and nobody has taken it up again; the state before stays.
    RolledBack,
    /// It could not be reached; the state before stays.
    Stale,
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
    /// Amounts that it adds up; of one column, rows with an amount.
    pub n: i64,
    /// Sum in hundredths.
    #[serde(serialize_with = "as_text")]
    pub total_hundredths: i128,
}

fn as_text<S: serde::Serializer>(value: &i128, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

impl Total {
    /// Kind and currency, as in `granted EUR`.
    pub fn of(&self) -> String {
        kind_in(&self.amount_kind, self.currency.as_deref())
    }

    /// The sums of a file: one for each kind and currency, of however many columns or places of a page its amounts are, in the order
    /// in which they come. `control_total` has those of each column and place.
    fn sums(totals: &[ControlTotal]) -> Vec<Self> {
        let mut sums: Vec<Self> = Vec::new();
        for total in totals {
            let same = |sum: &&mut Self| {
                sum.amount_kind == total.amount_kind && sum.currency == total.currency
            };
            match sums.iter_mut().find(same) {
                Some(sum) => {
                    sum.n += total.n;
                    sum.total_hundredths += total.total;
                }
                None => sums.push(Self {
                    amount_kind: total.amount_kind.clone(),
                    currency: total.currency.clone(),
                    n: total.n,
                    total_hundredths: total.total,
                }),
            }
        }
        sums
    }
}

/// Most columns of amounts that are not read, and are told by a report.
const UNREAD_TOLD: usize = 3;

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
    /// Rows that became operations or values, or of a reference table those that lists are read with.
    pub loaded: u64,
    /// Rows that could not be loaded.
    pub quarantined: u64,
    /// Rows left out with a reason.
    pub ignored: u64,
    /// Those of them, and of the data rows, that stand on pages which were published twice.
    pub repeated: u64,
    /// Rows that may be quarantined.
    pub expected_quarantine: u64,
    /// Amounts of loaded rows that stand there and cannot be read.
    pub amounts_unreadable: u64,
    /// Those that may be so.
    pub expected_unreadable_amounts: u64,
    /// Why somebody took the file as it is.
    pub accepted: Option<String>,
    /// Sums as published; rows that stand on pages which were published twice count once.
    pub totals: Vec<Total>,
    /// Operations with a region below the country, of all.
    pub with_region: Option<(u64, u64)>,
    /// Number of findings.
    pub findings: u64,
    /// How it compares with the file before.
    pub controls: Vec<ControlReport>,
    /// The better rendition, whose rows are loaded in place of those of this file.
    pub rendition_of: Option<String>,
    /// What a person needs to know.
    pub message: Option<String>,
    /// Time it took.
    pub seconds: f64,
}

impl SourceReport {
    /// Whether there is more to say of it than that its file has not changed.
    pub fn has_news(&self) -> bool {
        self.state != SourceState::Unchanged || self.message.is_some()
    }

    /// A file that was read.
    pub(in crate::run) fn loaded(report: &FileReport, seconds: f64) -> Self {
        let account = &report.account;
        let is_empty = account.data_rows() == 0;
        let older = account.ignored.get("older_vintage").copied();
        let totals = report.totals_once.as_ref().unwrap_or(&report.totals);
        let is_older = account.loaded == 0 && older.unwrap_or_default() > 0;
        Self {
            source_id: report.source_id.clone(),
            list_id: report.list_id.clone(),
            file_name: report.file_name.clone(),
            state: if is_empty {
                SourceState::Empty
            } else if is_older {
                SourceState::Older
            } else {
                SourceState::Loaded
            },
            rows_read: account.read,
            data_rows: account.data_rows(),
            loaded: account.loaded,
            quarantined: account.quarantined,
            ignored: account.ignored_rows(),
            repeated: account.ignored.get("repeated_page").copied().unwrap_or(0),
            expected_quarantine: report.expected_quarantine,
            amounts_unreadable: account.amounts_unreadable,
            expected_unreadable_amounts: report.expected_unreadable_amounts,
            accepted: None,
            totals: Total::sums(totals),
            with_region: report.with_region,
            findings: report.findings,
            controls: Vec::new(),
            rendition_of: report.rendition_of.clone(),
            message: if is_empty {
                let nothing =
                    "nothing in it became a row of any table; its findings say what stands there";
                Some(nothing.to_owned())
            } else {
                (!report.unread.is_empty()).then(|| named::first(&report.unread, UNREAD_TOLD))
            },
            seconds,
        }
    }

    /// A file that is as in the release before, with what that holds of it.
    pub(in crate::run) fn unchanged(
        list: &ListInputs,
        file: &InputFile,
        standing: &Standing,
    ) -> Self {
        let rows = standing.rows(&file.source.source_id, &file.sha256);
        Self {
            rendition_of: standing.better_rendition(list, file),
            data_rows: rows.loaded + rows.quarantined,
            loaded: rows.loaded,
            quarantined: rows.quarantined,
            expected_quarantine: file.source.toml.expected_quarantine,
            amounts_unreadable: rows.amounts_unreadable,
            expected_unreadable_amounts: file.source.toml.expected_unreadable_amounts,
            accepted: file.accepted.clone(),
            ..Self::bare(
                &file.source.source_id,
                &list.list_id,
                &file.file_name,
                SourceState::Unchanged,
            )
        }
    }

    /// A file of which only the state is known.
    pub(in crate::run) fn bare(
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
            repeated: 0,
            expected_quarantine: 0,
            amounts_unreadable: 0,
            expected_unreadable_amounts: 0,
            accepted: None,
            totals: Vec::new(),
            with_region: None,
            findings: 0,
            controls: Vec::new(),
            rendition_of: None,
            message: None,
            seconds: 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_a_file_are_one_for_each_kind_and_currency() {
        let total = |kind: &str, currency: Option<&str>, n: i64, total: i128| ControlTotal {
            amount_kind: kind.to_owned(),
            currency: currency.map(str::to_owned),
            location: format!("line 1 byte {total}"),
            n,
            total,
        };
        let mut totals = vec![
            total("granted", Some("EUR"), 1, 5),
            total("paid", None, 1, -7),
        ];
        totals.extend((0..2_480).map(|_| total("granted", Some("EUR"), 1, 100)));
        totals.push(total("granted", Some("SEK"), 3, 11));
        let sums = Total::sums(&totals);
        let told: Vec<_> = sums
            .iter()
            .map(|sum| {
                (
                    sum.amount_kind.as_str(),
                    sum.currency.as_deref(),
                    sum.n,
                    sum.total_hundredths,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("granted", Some("EUR"), 2_481, 248_005),
                ("paid", None, 1, -7),
                ("granted", Some("SEK"), 3, 11),
            ]
        );
    }
}
