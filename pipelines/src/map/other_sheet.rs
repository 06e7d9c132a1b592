//! The sheets of a workbook beside the one that is read: does the list go on there?
//!
//! One source reads one sheet, and rows that stand on another one must not be lost unseen. A visible sheet whose columns mean
//! the same holds the file, whatever its labels say, and so does one without a header whose rows look like those of the list.
//! One that only says again what stands in the list is told, as is one that is understood half as well. Hidden sheets and
//! those that `[format.ignore_sheets]` names are left alone. Does not own which sheet is the list (`sheet`).

use std::collections::{BTreeSet, HashMap, VecDeque};

use esf_schemas::FieldKind;

use super::MapError;
use super::frame::{Frame, Sheet, is_words};
use super::shifted::is_day;
use crate::check::{Doubt, Severity};
use crate::named;

/// Fields that two tables have in common before one of them may have another one besides.
const IN_COMMON: usize = 3;

/// Rows that the look of a column is taken from.
const LOOKED_AT: usize = 1_000;

/// Filled cells of a row that have the look of their columns before it fits, in a list with days and in one without.
const FITTING: [usize; 2] = [3, 4];

/// Compares a sheet with the list that is read. Fails where the list may go on there.
pub(super) fn compare(
    sheet: &Sheet,
    frame: &Frame,
    other: &Sheet,
    of_other: Option<&Frame>,
) -> Result<Option<Doubt>, MapError> {
    if other.info.hidden {
        return Ok(None);
    }
    let told = |message: String| Doubt {
        location: name(other),
        ..Doubt::of_file("other_sheet", Severity::Warning, message)
    };
    let rows = other.rows.num_rows();
    if let Some(of_other) = of_other {
        let same_labels = labels_of(of_other) == labels_of(frame);
        if !same_labels
            && means_the_same(frame, of_other)
            && says_again(sheet, frame, other, of_other)
        {
            return Ok(Some(told(format!(
                "says again what stands in the list ({rows} rows) and is not read"
            ))));
        }
        if same_labels || means_the_same(frame, of_other) {
            return Err(MapError::Sheets {
                first: named::short(&name(sheet)),
                second: named::short(&name(other)),
            });
        }
        if of_other.fields() * 2 >= frame.fields() {
            return Ok(Some(told(format!(
                "looks like a list too ({rows} rows) and is not read; declare [format].sheet if it is the right one"
            ))));
        }
    }
    match rows_that_fit(sheet, frame, other) {
        0 => Ok(None),
        rows => Err(MapError::SheetRows {
            first: named::short(&name(sheet)),
            second: named::short(&name(other)),
            rows,
        }),
    }
}

/// The name of a sheet, for messages.
fn name(sheet: &Sheet) -> String {
    let name = sheet.info.name.clone();
    name.unwrap_or_else(|| "another table".into())
}

/// The labels of a table in their order.
fn labels_of(frame: &Frame) -> Vec<&str> {
    frame.columns.iter().map(|c| c.label.published()).collect()
}

/// The fields that the columns of a table mean.
fn fields_of(frame: &Frame) -> BTreeSet<&str> {
    frame.mapped().map(|(_, m)| m.field.as_str()).collect()
}

/// Whether two tables are lists of the same kind: their columns mean the same fields, amounts among them, or many in common
/// and one more.
fn means_the_same(one: &Frame, other: &Frame) -> bool {
    let (one, other) = (fields_of(one), fields_of(other));
    let both: Vec<&str> = one.intersection(&other).copied().collect();
    let apart = one.symmetric_difference(&other).count();
    both.iter().any(|field| is_amount(field))
        && (apart == 0 || (apart == 1 && both.len() >= IN_COMMON))
}

fn is_amount(field: &str) -> bool {
    let field = esf_schemas::Vocabulary::standard().field(field);
    field.is_some_and(|field| field.kind == FieldKind::Amount)
}

/// Whether a table holds hardly a row that the list does not have: a copy of it, mostly without its title and legend.
fn says_again(sheet: &Sheet, frame: &Frame, other: &Sheet, of_other: &Frame) -> bool {
    // Of several columns that mean one field each has its own, from left to right.
    let mut free: HashMap<&str, VecDeque<usize>> = HashMap::new();
    for (own, mapping) in frame.mapped() {
        let of_field = free.entry(mapping.field.as_str()).or_default();
        of_field.push_back(own.index);
    }
    let mut columns: Vec<(usize, usize)> = Vec::new();
    for (column, mapping) in of_other.mapped() {
        let own = free.get_mut(mapping.field.as_str());
        let own = own.and_then(VecDeque::pop_front);
        columns.extend(own.map(|own| (own, column.index)));
    }
    let mut known: HashMap<Vec<Option<&str>>, usize> = HashMap::new();
    for row in frame.data_start()..sheet.rows.num_rows() {
        let cells = columns.iter().map(|(own, _)| sheet.cell(row, *own));
        *known.entry(cells.collect()).or_default() += 1;
    }
    let (mut rows, mut again) = (0, 0);
    for row in of_other.data_start()..other.rows.num_rows() {
        let cells = columns.iter().map(|(_, beside)| other.cell(row, *beside));
        let cells: Vec<Option<&str>> = cells.collect();
        // A title or a note has one cell.
        if cells.iter().flatten().count() < 2 {
            continue;
        }
        rows += 1;
        if let Some(left) = known.get_mut(&cells).filter(|left| **left > 0) {
            *left -= 1;
            again += 1;
        }
    }
    rows > 0 && again * 10 >= rows * 9
}

/// What a cell holds by its look, whatever its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Day,
    Number,
    Words,
}

const KINDS: [Kind; 3] = [Kind::Day, Kind::Number, Kind::Words];

impl Kind {
    fn of(text: &str) -> Option<Self> {
        if is_day(text) {
            Some(Self::Day)
        } else if is_number(text) {
            Some(Self::Number)
        } else {
            is_words(text).then_some(Self::Words)
        }
    }

    /// The kind of most cells of a column of the list.
    fn of_column(sheet: &Sheet, frame: &Frame, column: usize) -> Option<Self> {
        let rows = frame.data_start()..sheet.rows.num_rows();
        let cells = rows.take(LOOKED_AT);
        let kinds: Vec<Option<Self>> = cells
            .filter_map(|row| sheet.cell(row, column).map(Self::of))
            .collect();
        let of = |kind: Self| kinds.iter().filter(|l| **l == Some(kind)).count();
        let most = KINDS.into_iter().max_by_key(|kind| of(*kind))?;
        (kinds.len() >= 2 && of(most) * 4 >= kinds.len() * 3).then_some(most)
    }
}

/// A number, with its currency before or behind it or not.
fn is_number(text: &str) -> bool {
    let is_around = |c: char| c.is_alphabetic() || c.is_whitespace() || matches!(c, '€' | '%');
    let number = text.trim_matches(is_around);
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let is_part = |c: char| {
        c.is_ascii_digit() || c.is_whitespace() || matches!(c, '.' | ',' | '\'' | '’' | '-' | '−')
    };
    letters <= 4 && number.contains(|c: char| c.is_ascii_digit()) && number.chars().all(is_part)
}

/// How many rows of a sheet look like those of the list, column by column; 0 where they are less than half of those with
/// more than one cell.
fn rows_that_fit(sheet: &Sheet, frame: &Frame, other: &Sheet) -> usize {
    let kinds: Vec<(usize, Kind, bool)> = frame
        .mapped()
        .filter_map(|(column, mapping)| {
            let kind = Kind::of_column(sheet, frame, column.index)?;
            Some((column.index, kind, is_amount(&mapping.field)))
        })
        .collect();
    let has_days = kinds.iter().any(|(_, kind, _)| *kind == Kind::Day);
    let least = FITTING[usize::from(!has_days)];
    let fits = |row: usize| {
        let cells = kinds.iter().filter_map(|(column, kind, amount)| {
            let text = other.cell(row, *column)?;
            Some((*kind, *amount, Kind::of(text) == Some(*kind)))
        });
        let cells: Vec<(Kind, bool, bool)> = cells.collect();
        cells.len() >= least
            && cells.iter().all(|(_, _, same)| *same)
            && cells.iter().any(|(_, amount, _)| *amount)
            && cells.iter().any(|(kind, _, _)| *kind == Kind::Words)
            && (!has_days || cells.iter().any(|(kind, _, _)| *kind == Kind::Day))
    };
    let rows = || 0..other.rows.num_rows();
    let several = rows().filter(|row| other.filled(*row).nth(1).is_some());
    let (several, fitting) = (several.count(), rows().filter(|row| fits(*row)).count());
    if fitting * 2 >= several { fitting } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_look_like_days_numbers_or_words() {
        for (text, kind) in [
            ("2016-02-01", Some(Kind::Day)),
            ("01.02.16", Some(Kind::Day)),
            ("01-Feb-16", Some(Kind::Day)),
            ("2016-02-01T00:00:00", Some(Kind::Day)),
            ("1.234,56 €", Some(Kind::Number)),
            ("1.234.567", Some(Kind::Number)),
            ("EUR 9000.5", Some(Kind::Number)),
            ("71296", Some(Kind::Number)),
            ("Muster gGmbH", Some(Kind::Words)),
            ("ESF/14-WM-A32-0010", None),
            ("-", None),
        ] {
            assert_eq!(Kind::of(text), kind, "{text}");
        }
    }
}
