//! Which rows below the header are data: the others are blank lines, repeated headers, headings, sums, legends and
//! footers.
//!
//! Sums are found by [`Totals`], and so are rows that are none and no operations either. A row is quarantined only if it is
//! such a one, if its identity or all of its amounts cannot be read, or if its values stand under other labels than their
//! own, such as where it has more values than the header. A row whose amounts are blank or say in a known word that there is
//! none is loaded when it otherwise looks like an operation; below the last sound row it is a footer.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray};

use super::amount::AmountColumn;
use super::frame::{Frame, Sheet};
use super::header::Meaning;
use super::plan::columns_of;
use super::total::{Doubtful, Said, Table, Totals, Unproven};
use super::{FileInput, MapError, Places};
use crate::check::{Doubt, Severity};
use crate::value::NullWords;

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Data,
    AmountUnreadable,
    IdentityMissing,
    Shifted,
    Long,
    NoOperation(Unproven),
    Ignored(&'static str),
}

/// The classes of all rows after the header.
pub(super) struct Classes {
    of_rows: Vec<Class>,
    said: Vec<Said>,
    doubtful: Doubtful,
}

/// Fields one of which names an operation.
const NAMES: [&str; 3] = ["natural_id", "beneficiary_name", "title"];

/// Says of every row what it is; `nulls` are the words by which its file says that an amount is missing, `later_headers` the
/// rows that are headers in other words than the first.
pub(super) fn classify(
    sheet: &Sheet,
    frame: &Frame,
    rows: &RecordBatch,
    amounts: &[AmountColumn],
    nulls: &NullWords,
    later_headers: &[usize],
) -> Classes {
    let n = rows.num_rows();
    let start = frame.data_start();
    let names: Vec<&StringArray> = NAMES
        .iter()
        .filter_map(|f| rows.column_by_name(f))
        .map(arrow::array::AsArray::as_string::<i32>)
        .collect();
    let dates: Vec<&ArrayRef> = ["start_date", "end_date", "amount_date"]
        .iter()
        .filter_map(|f| rows.column_by_name(f))
        .collect();
    let has_amount = |row: usize| amounts.iter().any(|a| a.values.is_valid(row));
    let named = |row: usize| names.iter().any(|c| c.is_valid(row));
    let dated = |row: usize| dates.iter().any(|c| c.is_valid(row));
    let table = Table {
        sheet,
        frame,
        names: &names,
        amounts,
        rows: n,
    };
    let totals = Totals::find(&table, dated);
    // Rows behind the last amount are no operations unless they are clearly ones.
    let last_amount = (0..n).rposition(has_amount).unwrap_or(0);
    let items = sheet.info.keys.is_some();
    // A common word says that there is no amount, also in a file that declares words of its own.
    let common = NullWords::common_of_amounts();
    let says_none = |text: &str| nulls.is_null(text) || common.is_null(text);
    let mut follows_data = false;
    let mut classes: Vec<Class> = Vec::with_capacity(n);
    for row in 0..n {
        let class = || {
            if later_headers.binary_search(&row).is_ok() {
                return Class::Ignored("header");
            }
            if has_amount(row) {
                if totals.contains(row) {
                    return Class::Ignored("total");
                }
                // A row number or a year in a legend may look like an amount; an operation has a name.
                return match totals.unproven(row) {
                    _ if !named(row) => Class::IdentityMissing,
                    Some(why) => Class::NoOperation(why),
                    None => Class::Data,
                };
            }
            if sheet.filled(start + row).next().is_none() {
                return Class::Ignored("blank");
            }
            let claims = amounts
                .iter()
                .filter_map(|a| sheet.cell(start + row, a.column))
                .collect::<Vec<_>>();
            if repeats_header(sheet, frame, start + row) {
                return Class::Ignored("header");
            }
            if claims
                .iter()
                .any(|text| text.bytes().any(|b| b.is_ascii_digit()))
                && named(row)
            {
                return Class::AmountUnreadable;
            }
            let filled = mapped_cells(sheet, frame, start + row);
            if amounts.is_empty() && named(row) && filled >= 2 {
                return Class::Data;
            }
            let names = names.iter().filter(|c| c.is_valid(row)).count();
            let is_whole = filled >= 3 || (names >= 2 && (row < last_amount || follows_data));
            if names >= 1 && (items || (is_whole && (dated(row) || dates.is_empty()))) {
                // An operation; its amount may have been left out, but not be anything that nobody understands.
                return if claims.iter().all(|text| says_none(text)) {
                    Class::Data
                } else {
                    Class::AmountUnreadable
                };
            }
            if !claims.is_empty() && named(row) && filled >= 3 {
                return Class::AmountUnreadable;
            }
            Class::Ignored("heading")
        };
        let class = class();
        follows_data = matches!(class, Class::Data | Class::AmountUnreadable);
        classes.push(class);
    }
    let last = classes
        .iter()
        .rposition(|c| *c == Class::Data)
        .map_or(0, |row| row + 1);
    for class in classes.iter_mut().skip(last) {
        match class {
            Class::Ignored("heading") | Class::IdentityMissing => *class = Class::Ignored("footer"),
            _ => {}
        }
    }
    let (said, doubtful) = totals.said_and_doubtful();
    Classes {
        of_rows: classes,
        said,
        doubtful,
    }
}

fn repeats_header(sheet: &Sheet, frame: &Frame, row: usize) -> bool {
    let mut same = 0;
    for column in &frame.columns {
        let Some(cell) = sheet.cell(row, column.index) else {
            continue;
        };
        let label = column.label.published();
        if !label.split('\n').any(|part| part.trim() == cell) && label.trim() != cell {
            return false;
        }
        same += 1;
    }
    same >= 2
}

fn mapped_cells(sheet: &Sheet, frame: &Frame, row: usize) -> usize {
    let known = frame
        .columns
        .iter()
        .filter(|c| matches!(c.meaning, Meaning::Field { .. }));
    known.filter(|c| sheet.cell(row, c.index).is_some()).count()
}

impl Classes {
    /// Takes operations among these rows for rows whose values stand under the labels beside their own.
    pub(super) fn reject(&mut self, shifted: &[usize]) {
        self.reject_as(Class::Shifted, shifted);
    }

    /// Takes operations among these rows for rows with more cells than the header.
    pub(super) fn reject_long(&mut self, long: &[usize]) {
        self.reject_as(Class::Long, long);
    }

    fn reject_as(&mut self, fault: Class, rows: &[usize]) {
        for row in rows {
            if let Some(class) = self.of_rows.get_mut(*row)
                && *class == Class::Data
            {
                *class = fault;
            }
        }
    }

    /// Rows below the header.
    pub(super) fn rows(&self) -> usize {
        self.of_rows.len()
    }

    /// Whether a row is data as published, loaded or not. What is hardly an operation counts in no sum.
    pub(super) fn is_data(&self, row: usize) -> bool {
        !matches!(self.of_rows[row], Class::Ignored(_) | Class::NoOperation(_))
    }

    /// Whether a row was left out for this reason.
    pub(super) fn is_ignored(&self, row: usize, reason: &str) -> bool {
        matches!(self.of_rows[row], Class::Ignored(why) if why == reason)
    }

    /// Whether a row was rejected because none of its amounts can be read.
    pub(super) fn is_unreadable(&self, row: usize) -> bool {
        self.of_rows[row] == Class::AmountUnreadable
    }

    /// The rows that call themselves sums of others, in their order.
    pub(super) fn said_sums(&self) -> &[Said] {
        &self.said
    }

    /// The rows that are told because they may be sums, or do not add up.
    pub(super) fn doubtful(&self) -> &Doubtful {
        &self.doubtful
    }

    /// Rows to load.
    pub(super) fn kept(&self) -> BooleanArray {
        self.of_rows
            .iter()
            .map(|c| Some(*c == Class::Data))
            .collect()
    }

    /// Ignored rows by reason.
    pub(super) fn ignored(&self) -> BTreeMap<&'static str, u64> {
        let mut reasons = BTreeMap::new();
        for class in &self.of_rows {
            if let Class::Ignored(reason) = class {
                *reasons.entry(*reason).or_default() += 1;
            }
        }
        reasons
    }

    /// Rows that cannot be loaded, with place and reason.
    pub(crate) fn quarantine(&self, places: &Places<'_>, frame: &Frame) -> Vec<Doubt> {
        let amounts: Vec<usize> = ["amount"]
            .into_iter()
            .chain(
                esf_schemas::Vocabulary::standard()
                    .fields()
                    .filter(|f| f.kind == esf_schemas::FieldKind::Amount)
                    .map(|f| f.name.as_str()),
            )
            .flat_map(|field| columns_of(frame, field))
            .collect();
        let names = columns_of(frame, "beneficiary_name");
        let mut doubts = Vec::new();
        for (index, class) in self.of_rows.iter().enumerate() {
            let row = frame.data_start() + index;
            let (rule, message) = match class {
                Class::AmountUnreadable => (
                    "amount_unreadable",
                    "no amount of the row can be read by the conventions of its file".to_owned(),
                ),
                Class::IdentityMissing => (
                    "identity_missing",
                    "the row has an amount but neither an id, a beneficiary nor a title".to_owned(),
                ),
                Class::Shifted => (
                    "row_shifted",
                    "the values of the row stand under the labels beside their own (an amount among postcodes, a date among amounts): a cell was lost or inserted; mend the row where it is published".to_owned(),
                ),
                Class::Long => (
                    "row_long",
                    "the row has more cells than the header: a value holds the delimiter without quotes, and what follows it stands under other labels than its own; mend the row where it is published".to_owned(),
                ),
                Class::NoOperation(why) => (why.rule(), why.to_string()),
                Class::Data | Class::Ignored(_) => continue,
            };
            let column = amounts
                .iter()
                .copied()
                .find(|c| places.sheet.cell(row, *c).is_some());
            doubts.push(Doubt {
                row: Some(i64::from(places.number(row))),
                location: column.map_or_else(|| places.of(row), |c| places.cell(row, c)),
                rule: rule.into(),
                column: column.and_then(|c| places.label(c)),
                // Rejected rows have no beneficiary any more by whose kind a name could be kept.
                value: column.and_then(|c| places.sheet.cell(row, c)).map(|value| {
                    names.iter().fold(value.to_string(), |text, c| {
                        let name = places.sheet.cell(row, *c).unwrap_or_default();
                        crate::personal::without_words_of(&text, name)
                    })
                }),
                message,
                severity: Severity::Error,
                operation_id: None,
            });
        }
        doubts
    }
}

/// Marks rows that stand for many operations, and takes away natural ids that are none.
pub(super) fn mark_aggregates(
    file: &FileInput,
    rows: RecordBatch,
) -> Result<(RecordBatch, ArrayRef), MapError> {
    let n = rows.num_rows();
    let text = |name: &str| {
        rows.column_by_name(name)
            .map(|c| c.as_string::<i32>().clone())
    };
    // A title may say how many people take part; only a beneficiary that is "800 persons" is no single one.
    let beneficiary = text("beneficiary_name");
    let aggregate: BooleanArray = match &file.source.aggregate {
        None => BooleanArray::from(vec![false; n]),
        Some(pattern) => {
            let pattern = pattern
                .regex()
                .map_err(|what| MapError::Declared { what })?;
            let is_many = |row| {
                let name = beneficiary.as_ref().filter(|b| b.is_valid(row));
                Some(name.is_some_and(|b| pattern.is_match(b.value(row))))
            };
            (0..n).map(is_many).collect()
        }
    };
    let not_ids = &file.source.mapping.aggregate.not_ids;
    let rows = match text("natural_id") {
        Some(ids) if !not_ids.is_empty() => {
            let is_id = |id: &&str| !not_ids.iter().any(|not| not.eq_ignore_ascii_case(id));
            let ids: StringArray = ids.iter().map(|id| id.filter(is_id)).collect();
            super::outside::with_column(&rows, "natural_id", Arc::new(ids))?
        }
        _ => rows,
    };
    Ok((rows, Arc::new(aggregate)))
}
