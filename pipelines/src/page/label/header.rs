//! The header of a table that lists things: which columns each label heads, and what a row has under them.
//!
//! A label may span columns and rows. Where it spans more columns than a label below it, it names their group, and the label
//! below counts; a header so goes on as long as one of its cells spans the next row and all that stands there are labels. A
//! row of values must have exactly one cell under each label, be it blank or from a row above that spans it.

use std::ops::Range;

use super::reader::{Reader, ShownCell};
use crate::page::rules::LabelRule;

/// A label with the columns below it.
#[derive(Clone)]
pub(super) struct Heading<'a> {
    /// As published.
    pub(super) label: &'a str,
    /// What it means.
    pub(super) rule: LabelRule,
    columns: Range<usize>,
}

/// The labels of a table, from left to right.
pub(super) struct Header<'a>(Vec<Heading<'a>>);

/// The header that begins with a row, if all that stands in it are labels.
pub(super) fn begin<'a>(reader: &Reader<'a>, row: usize) -> Option<Header<'a>> {
    let mut headings = Vec::new();
    for cell in reader.cells(row) {
        let label = cell.text?;
        // A column of numbers or pictures at the left needs no label.
        if label.is_empty() && (headings.is_empty() || cell.row != row) {
            continue;
        }
        // What a label above spans is no beginning.
        if cell.row != row {
            return None;
        }
        headings.push(Heading {
            label,
            rule: reader.known(label)?,
            columns: cell.columns,
        });
    }
    of(headings)
}

/// A header from its first row on with the row below it, if one of its cells spans that row and all others in it are labels.
pub(super) fn go_on<'a>(
    reader: &Reader<'a>,
    (first, row): (usize, usize),
    header: &Header<'a>,
) -> Option<Header<'a>> {
    let mut headings = Vec::new();
    let mut spans = false;
    for cell in reader.cells(row) {
        let label = cell.text?;
        if label.is_empty() {
            continue;
        }
        if cell.row == row {
            headings.push(Heading {
                label,
                rule: reader.known(label)?,
                columns: cell.columns,
            });
        } else {
            spans = true;
            let above = header.at(&cell.columns).filter(|_| cell.row >= first);
            headings.push(header.0[above?].clone());
        }
    }
    of(headings).filter(|_| spans)
}

/// The labels as a header, if they are several and none stands over another.
fn of(headings: Vec<Heading<'_>>) -> Option<Header<'_>> {
    let apart = |pair: &[Heading<'_>]| pair[0].columns.end <= pair[1].columns.start;
    (headings.len() >= 2 && headings.windows(2).all(apart)).then_some(Header(headings))
}

impl<'a> Header<'a> {
    /// The label of exactly these columns.
    fn at(&self, columns: &Range<usize>) -> Option<usize> {
        let found = self
            .0
            .binary_search_by_key(&columns.start, |heading| heading.columns.start);
        found.ok().filter(|at| self.0[*at].columns == *columns)
    }

    /// What a row has under the labels, each with the row in which it was published, if every cell stands under one and the
    /// first is not blank. `first` is the first row of values: what a label spans is no value.
    pub(super) fn values(
        &self,
        cells: &[ShownCell<'a>],
        first: usize,
    ) -> Option<Vec<(&Heading<'a>, &'a str, usize)>> {
        let mut under = vec![Under::Nothing; self.0.len()];
        for cell in cells {
            let text = cell.text?;
            if text.is_empty() {
                let from = self
                    .0
                    .partition_point(|h| h.columns.end <= cell.columns.start);
                let to = self
                    .0
                    .partition_point(|h| h.columns.start < cell.columns.end);
                let blank = under.iter_mut().take(to).skip(from);
                for place in blank.filter(|place| matches!(place, Under::Nothing)) {
                    *place = Under::Blank;
                }
                continue;
            }
            let place = &mut under[self.at(&cell.columns)?];
            if cell.row < first || !matches!(place, Under::Nothing) {
                return None;
            }
            *place = Under::Text(text, cell.row);
        }
        let whole = !under.iter().any(|cell| matches!(cell, Under::Nothing));
        if !whole || !matches!(under.first(), Some(Under::Text(..))) {
            return None;
        }
        let values = self.0.iter().zip(under).filter_map(|(h, cell)| match cell {
            Under::Text(text, row) => Some((h, text, row)),
            _ => None,
        });
        Some(values.collect())
    }
}

/// What a row has under a label.
#[derive(Clone, Copy)]
enum Under<'a> {
    /// No cell.
    Nothing,
    /// A blank cell.
    Blank,
    /// A text, and the row in which it was published.
    Text(&'a str, usize),
}
