//! Labels over several rows: what a column's own label says, and what the label of the group it stands in adds.
//!
//! "Laufzeit" stands over "von" and "bis", "Finanzierung in TEUR" over "Gesamtkosten" and "ESF-Mittel": a group label says
//! less than the label below it, but what it says holds for each of its columns.

use std::collections::BTreeMap;

use arrow::array::{Array, UInt32Array};
use esf_schemas::{FieldKind, Vocabulary};

use super::frame::{Column, Sheet};
use super::header::{How, Labels, Meaning};
use super::label::Label;
use crate::value;

/// Columns to the left in which the label of a group is looked for.
const WIDEST: usize = 32;

/// A row right below the first of a header that has words under groups of columns only ("von" and "bis" under "Laufzeit",
/// to the right of which nothing stands): two or more, each beside another one.
pub(super) fn divides_groups(sheet: &Sheet, start: usize, row: usize) -> bool {
    let filled = |row: usize, column: usize| sheet.cell(row, column).is_some();
    let below = |column: usize| filled(row, column) && !filled(start, column);
    let mut cells = 0;
    let mut divides = |(column, text): (usize, &str)| {
        cells += 1;
        let letters = text.chars().filter(|c| c.is_alphabetic()).count();
        let first = filled(start, column) && below(column + 1);
        let further = below(column) && column > 0 && filled(row, column - 1);
        letters >= 2 && !text.contains(|c: char| c.is_ascii_digit()) && (first || further)
    };
    row == start + 1 && sheet.filled(row).all(&mut divides) && cells >= 2
}

/// Number of a row in its sheet, as merged cells name it.
pub(super) fn row_number(sheet: &Sheet, row: usize) -> Option<u32> {
    let numbers = sheet.rows.column_by_name("row")?;
    let numbers: &UInt32Array = numbers.as_any().downcast_ref()?;
    numbers.values().get(row).copied()
}

/// The rows of a header, in the order in which they are asked, and the cells in them that span several columns.
pub(super) struct Groups<'a> {
    header: &'a [usize],
    /// First and last column by row of the sheet and first column, all from 1.
    merged: BTreeMap<(u32, u32), u32>,
    /// The sheet has merged cells, so that what spans columns is merged.
    by_merging: bool,
}

impl<'a> Groups<'a> {
    /// A sheet may claim any number of merged cells, so each is looked at once.
    pub(super) fn of(sheet: &Sheet, header: &'a [usize]) -> Self {
        let numbers: Vec<u32> = header
            .iter()
            .filter_map(|row| row_number(sheet, *row))
            .collect();
        let wide = sheet
            .info
            .merged
            .iter()
            .filter(|m| m.last_column > m.first_column && numbers.contains(&m.first_row));
        Self {
            header,
            merged: wide
                .map(|m| ((m.first_row, m.first_column), m.last_column))
                .collect(),
            by_merging: !sheet.info.merged.is_empty(),
        }
    }

    /// The column of the label that spans a column in a row of the header: a merged cell, or without merged cells one with
    /// nothing to its right where the row below has a label for each.
    fn over(&self, sheet: &Sheet, row: usize, column: usize) -> Option<usize> {
        if self.by_merging {
            let number = row_number(sheet, row)?;
            let at = column as u32 + 1;
            let mut before = self.merged.range((number, 0)..=(number, at));
            let ((_, first), last) = before.next_back()?;
            return (*last >= at).then_some(*first as usize - 1);
        }
        let below = row + 1;
        if !self.header.contains(&below) {
            return None;
        }
        let divided = |column: usize| sheet.cell(below, column).is_some();
        let first = (0..=column)
            .rev()
            .take(WIDEST)
            .take_while(|column| divided(*column))
            .find(|column| sheet.cell(row, *column).is_some())?;
        let next = first + 1;
        (divided(next) && sheet.cell(row, next).is_none()).then_some(first)
    }
}

/// One column: each header row by itself in the order given, a label that spans several columns behind those below it,
/// then all of them together.
pub(super) fn column(
    sheet: &Sheet,
    groups: &Groups<'_>,
    data: usize,
    index: usize,
    labels: &Labels<'_>,
) -> Option<Column> {
    let (mut own, mut single, mut spanning) = (Vec::new(), Vec::new(), Vec::new());
    // Labels of groups that begin further left.
    let mut over: Vec<&str> = Vec::new();
    for row in groups.header {
        let group = || groups.over(sheet, *row, index);
        match sheet.cell(*row, index) {
            Some(part) => {
                own.push(part);
                if group().is_some() {
                    spanning.push(part);
                } else {
                    single.push(part);
                }
            }
            None => over.extend(group().and_then(|first| sheet.cell(*row, first))),
        }
    }
    if own.is_empty() {
        let used = (data..sheet.rows.num_rows()).any(|row| sheet.cell(row, index).is_some());
        return used.then_some(Column {
            index,
            label: Label::new(String::new()),
            meaning: Meaning::Unknown(None),
        });
    }
    let grouped = !(spanning.is_empty() && over.is_empty());
    let own_label = own.join("\n");
    let with_group = (grouped && !single.is_empty()).then(|| {
        let parts = spanning.iter().chain(&over).chain(&single);
        parts.copied().collect::<Vec<_>>().join(" ")
    });
    let mut asked: Vec<&str> = Vec::new();
    // A currency alone ("SEK" beside "EUR") means what its group does.
    let mere_unit = grouped && single.iter().all(|part| is_unit(part));
    if !mere_unit {
        asked.extend(&single);
    }
    asked.extend(with_group.as_deref());
    asked.extend(&spanning);
    if mere_unit {
        asked.extend(&over);
    }
    let parts = own.iter().chain(&over).copied();
    let label = parts.collect::<Vec<_>>().join("\n");
    // What is declared of the whole label comes before what is known of its parts.
    let declared = |meaning: &Meaning| match meaning {
        Meaning::Field { how, .. } => *how == How::Declared,
        Meaning::Ignored(_) => true,
        Meaning::Unknown(_) => false,
    };
    let understood = |meaning: &Meaning| !matches!(meaning, Meaning::Unknown(_));
    let whole = (own.len() + over.len() > 1).then(|| labels.find(&label));
    let mut meaning = whole
        .filter(declared)
        .or_else(|| {
            asked
                .into_iter()
                .map(|part| labels.find(part))
                .find(understood)
        })
        .unwrap_or_else(|| labels.find(&own_label));
    if grouped {
        state_currency(&mut meaning, &label);
    }
    Some(Column {
        index,
        label: Label::new(label),
        meaning,
    })
}

/// Whether a label is a currency or unit and nothing else.
fn is_unit(label: &str) -> bool {
    let mut words = label.split_whitespace();
    words.all(|word| value::unit_of(word.trim_matches(['(', ')', '[', ']', '.'])).is_some())
}

/// Gives a column of amounts the currency that any part of its label states.
pub(super) fn state_currency(meaning: &mut Meaning, label: &str) {
    let Meaning::Field {
        column,
        stated_currency,
        ..
    } = meaning
    else {
        return;
    };
    let field = Vocabulary::standard().field(&column.field);
    if stated_currency.is_none() && field.is_some_and(|f| f.kind == FieldKind::Amount) {
        let currency = value::unit_in_label(label).and_then(|unit| unit.currency);
        *stated_currency = currency.map(|currency| currency.code().to_string());
    }
}
