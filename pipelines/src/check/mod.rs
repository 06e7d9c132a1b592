//! Doubts and accounting: what a file held, what of it was loaded, rejected or ignored, and why.
//!
//! Invariant, checked by [`Account::closes`]: rows read = loaded + quarantined + ignored.

mod integrity;
mod published;

pub use integrity::{Broken, KEYS, OPERATION_IDS, REFERENCES, WEIGHTS, integrity, meaning, told};
pub use published::{Comparison, PublishedTotal, StatedIn};
pub(crate) use published::{fits, kind_in, money};

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::{ArrayRef, Decimal128Array, Int64Array, RecordBatch, StringArray};

use crate::merge::rows::{RowsError, same, table_rows};
use crate::personal::scrub;

/// How grave a doubt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing: something was inferred.
    Info,
    /// A value is missing or may be wrong.
    Warning,
    /// The row or file is not usable.
    Error,
}

impl Severity {
    /// The word in the `finding` table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A doubt about a row or a whole file; in `finding` if the row was loaded, in `quarantine` if not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// Number of the record in its file; none for the file as a whole.
    pub row: Option<i64>,
    /// Where it stands.
    pub location: String,
    /// Fixed short name of the rule.
    pub rule: Cow<'static, str>,
    /// Published label of the column.
    pub column: Option<String>,
    /// Published value; personal data is cut when it is written down.
    pub value: Option<String>,
    /// What is wrong and what was expected.
    pub message: String,
    /// How grave.
    pub severity: Severity,
    /// The operation, where there is one.
    pub operation_id: Option<String>,
}

impl Doubt {
    /// A doubt whose rule is named by a declaration.
    pub fn named(rule: &str, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            rule: rule.to_string().into(),
            ..Self::of_file("", severity, message)
        }
    }

    /// A doubt about a whole file.
    pub fn of_file(rule: &'static str, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            row: None,
            location: "file".into(),
            rule: rule.into(),
            column: None,
            value: None,
            message: message.into(),
            severity,
            operation_id: None,
        }
    }
}

/// Reasons why data rows are ignored: what they say stands elsewhere.
pub(crate) const ELSEWHERE: [&str; 3] = ["other_rendition", "repeated_page", "older_vintage"];

/// Rows of a file by what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// All rows of the file.
    pub read: u64,
    /// Rows that became operations or values.
    pub loaded: u64,
    /// Rows that could not be loaded.
    pub quarantined: u64,
    /// Amounts of the loaded rows that stand there and cannot be read, or stand in a column that nobody understands, and figures that
    /// their file says again with another value.
    pub amounts_unreadable: u64,
    /// Rows left out, by reason.
    pub ignored: BTreeMap<&'static str, u64>,
}

impl Account {
    /// Adds ignored rows.
    pub fn ignore(&mut self, reason: &'static str, rows: u64) {
        if rows > 0 {
            *self.ignored.entry(reason).or_default() += rows;
        }
    }

    /// All ignored rows.
    pub fn ignored_rows(&self) -> u64 {
        self.ignored.values().sum()
    }

    /// Whether every row is accounted for.
    pub fn closes(&self) -> bool {
        self.read == self.loaded + self.quarantined + self.ignored_rows()
    }

    /// Rows of the published table: all but those that are no data.
    pub fn data_rows(&self) -> u64 {
        let kept: u64 = self
            .ignored
            .iter()
            .filter(|(why, _)| ELSEWHERE.contains(why))
            .map(|(_, n)| n)
            .sum();
        self.loaded + self.quarantined + kept
    }
}

/// Sum of one kind and currency over all data rows of a file, as published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlTotal {
    /// Kind of amount.
    pub amount_kind: String,
    /// Currency.
    pub currency: Option<String>,
    /// Column it was summed over.
    pub location: String,
    /// Rows with an amount.
    pub n: i64,
    /// Sum in hundredths.
    pub total: i128,
}

/// Which file something is about.
#[derive(Debug, Clone, Copy)]
pub struct FileRef<'a> {
    /// Source.
    pub source_id: &'a str,
    /// sha256 of the file.
    pub source_file: &'a str,
}

/// What everybody may know of the doubts about a file of people: each once and about the file as a whole, so that neither
/// their number nor their places tell how many records there are. Messages and labels name no value there.
pub(crate) fn without_places(doubts: &[Doubt]) -> Vec<Doubt> {
    let mut said = BTreeSet::new();
    let of_file = |doubt: &Doubt| Doubt {
        column: doubt.column.clone(),
        ..Doubt::named(&doubt.rule, doubt.severity, doubt.message.as_str())
    };
    doubts
        .iter()
        .filter(|doubt| said.insert((&doubt.rule, &doubt.column, &doubt.message)))
        .map(of_file)
        .collect()
}

/// A published text as it may be written down: without personal data, and no longer than a message may be.
pub(crate) fn written(text: &str) -> String {
    scrub(text).chars().take(400).collect()
}

/// Doubts as rows of `finding`, `restricted_finding` or `quarantine`.
pub fn doubt_rows(
    table: &str,
    file: FileRef<'_>,
    doubts: &[Doubt],
) -> Result<RecordBatch, RowsError> {
    let text = |get: &dyn Fn(&Doubt) -> Option<String>| -> ArrayRef {
        Arc::new(doubts.iter().map(get).collect::<StringArray>())
    };
    let mut columns: Vec<(&str, ArrayRef)> = vec![
        ("source_id", same(Some(file.source_id), doubts.len())),
        ("source_file", same(Some(file.source_file), doubts.len())),
        ("source_location", text(&|d| Some(d.location.clone()))),
        (
            "source_row",
            Arc::new(doubts.iter().map(|d| d.row).collect::<Int64Array>()),
        ),
        ("rule", text(&|d| Some(d.rule.to_string()))),
        ("column", text(&|d| d.column.as_deref().map(written))),
        ("value", text(&|d| d.value.as_deref().map(written))),
        ("message", text(&|d| Some(written(&d.message)))),
    ];
    if table != "quarantine" {
        columns.push(("severity", text(&|d| Some(d.severity.name().to_string()))));
        columns.push(("operation_id", text(&|d| d.operation_id.clone())));
    }
    table_rows(table, doubts.len(), columns)
}

/// Control totals as rows.
pub fn total_rows(file: FileRef<'_>, totals: &[ControlTotal]) -> Result<RecordBatch, RowsError> {
    let amounts = totals.iter().map(|t| t.total).collect::<Vec<_>>();
    let amounts = Decimal128Array::from(amounts)
        .with_precision_and_scale(18, 2)
        .map_err(|cause| RowsError::Arrow {
            table: "control_total".into(),
            cause,
        })?;
    let text = |get: &dyn Fn(&ControlTotal) -> Option<String>| -> ArrayRef {
        Arc::new(totals.iter().map(get).collect::<StringArray>())
    };
    table_rows(
        "control_total",
        totals.len(),
        vec![
            ("source_id", same(Some(file.source_id), totals.len())),
            ("source_file", same(Some(file.source_file), totals.len())),
            ("source_location", text(&|t| Some(t.location.clone()))),
            ("amount_kind", text(&|t| Some(t.amount_kind.clone()))),
            ("currency", text(&|t| t.currency.clone())),
            (
                "n",
                Arc::new(totals.iter().map(|t| t.n).collect::<Int64Array>()),
            ),
            ("total", Arc::new(amounts)),
        ],
    )
}

/// Reasons for ignored rows as rows of `ignored_rows` or `restricted_ignored_rows`.
pub fn ignored_rows(
    table: &str,
    file: FileRef<'_>,
    account: &Account,
) -> Result<RecordBatch, RowsError> {
    let rows = account.ignored.len();
    table_rows(
        table,
        rows,
        vec![
            ("source_id", same(Some(file.source_id), rows)),
            ("source_file", same(Some(file.source_file), rows)),
            ("source_location", same(Some("file"), rows)),
            (
                "reason",
                Arc::new(
                    account
                        .ignored
                        .keys()
                        .map(|r| Some(*r))
                        .collect::<StringArray>(),
                ),
            ),
            (
                "n",
                Arc::new(
                    account
                        .ignored
                        .values()
                        .map(|n| *n as i64)
                        .collect::<Int64Array>(),
                ),
            ),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubts_about_people_are_told_once_and_without_their_places() {
        let at = |row: i64, column: &str| Doubt {
            row: Some(row),
            location: format!("line {row}"),
            column: Some(column.to_owned()),
            value: Some("4711".to_owned()),
            operation_id: Some("a".to_owned()),
            ..Doubt::of_file("repeated_key", Severity::Warning, "stands there twice")
        };
        let told = without_places(&[at(3, "n"), at(17, "n"), at(17, "n_known")]);
        let columns: Vec<_> = told.iter().map(|doubt| doubt.column.as_deref()).collect();
        assert_eq!(columns, [Some("n"), Some("n_known")]);
        for doubt in told {
            assert_eq!((doubt.row, doubt.location.as_str()), (None, "file"));
            assert_eq!((doubt.value, doubt.operation_id), (None, None));
            assert_eq!(doubt.severity, Severity::Warning);
        }
    }
}
