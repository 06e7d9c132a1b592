//! The unit and currency that something above or below the table, or the name of its sheet, says its amounts are in.
//!
//! A line that speaks of amounts or money, or that is nothing but a unit, speaks of all amounts; a label over a group of
//! columns and a unit right above an amount speak of those. Where a unit is stated and nothing says of what, also between the
//! rows of the table, no amount is read in it, and that is told: they may be a thousand times what they seem, or a hundredth.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;

use esf_schemas::{FieldKind, Vocabulary};

use super::Places;
use super::classify::Classes;
use super::frame::{Column, Frame, Sheet, row_text};
use crate::check::{Doubt, Severity};
use crate::value;

/// Rows at the end of a sheet in which a remark on units is looked for, whatever else stands between them.
const OUTSIDE: usize = 10;

/// Cells of a row that is more than a sum, a remark or an entry of a legend.
const WHOLE: usize = 3;

/// Rule of the doubt about a stated unit that no amount is read in.
pub(crate) const UNCLEAR: &str = "unit_unclear";

/// Words by which a line speaks of the amounts of its table.
const OF_ALL: [&str; 7] = [
    "beträge", "angaben", "werte", "zahlen", "belopp", "amounts", "figures",
];

/// Words by which a line speaks of money; it may be that of a single operation.
const OF_MONEY: [&str; 14] = [
    "kosten",
    "ausgaben",
    "mittel",
    "förderung",
    "zuwendung",
    "zuschuss",
    "finanzierung",
    "kostnad",
    "stöd",
    "medel",
    "budget",
    "cost",
    "expenditure",
    "funding",
];

/// The columns of amounts.
pub(super) fn amount_columns(frame: &Frame) -> impl Iterator<Item = &Column> {
    let vocabulary = Vocabulary::standard();
    let mapped = frame.mapped().filter(move |(_, mapping)| {
        let field = vocabulary.field(&mapping.field);
        field.is_some_and(|field| field.kind == FieldKind::Amount)
    });
    mapped.map(|(column, _)| column)
}

fn scaled(unit: Option<value::Unit>) -> bool {
    unit.is_some_and(|unit| unit.scale != 0)
}

/// What says of the amounts of each column in which unit they are: its label, a footnote that the label refers to, or
/// something outside the table that speaks of all amounts ("Alle Beträge in Tsd. EUR") or of this column.
pub(super) fn unit_labels(sheet: &Sheet, frame: &Frame) -> BTreeMap<usize, String> {
    let mut found = BTreeMap::new();
    // Columns whose labels say no unit but the whole one.
    let mut open: Vec<(usize, String)> = Vec::new();
    for column in amount_columns(frame) {
        let label = column.label.shown().into_owned();
        if scaled(value::unit_in_label(&label)) {
            found.insert(column.index, label);
        } else {
            open.push((column.index, label));
        }
    }
    for line in lines(sheet, frame) {
        if open.is_empty() {
            return found;
        }
        if speaks(&line, &OF_ALL) {
            // "Alle Beträge in Cent", and not "Beträge auf volle Cent".
            let unit = value::unit_in_label(&line).filter(|unit| unit.scale > 0);
            if scaled(unit.or_else(|| value::unit_of_table(&line))) {
                found.extend(open.drain(..).map(|(column, _)| (column, line.clone())));
            }
            continue;
        }
        if !scaled(value::unit_of_table(&line)) {
            continue;
        }
        let of_money = speaks(&line, &OF_MONEY);
        let is_of = |label: &str| {
            let mark = footnote_mark(label);
            of_money || mark.is_some_and(|mark| note(&line, mark).is_some())
        };
        let of_line = open.extract_if(.., |(_, label)| is_of(label.as_str()));
        found.extend(of_line.map(|(column, _)| (column, line.clone())));
    }
    let statements = statements(sheet, frame);
    for (column, label) in open {
        let speaks_of_it = |statement: &&Statement| match &statement.of {
            Of::All => true,
            Of::Columns(columns) => columns.contains(&column),
            Of::Unclear => false,
        };
        let mut of_it = statements.iter().filter(speaks_of_it);
        let stated = of_it
            .next()
            .filter(|first| of_it.all(|other| other.unit.scale == first.unit.scale))
            // A label that names its currency without a unit says something else, and so do two units.
            .filter(|_| value::unit_in_label(&label).is_none());
        found.insert(column, stated.map_or(label, |first| first.text.clone()));
    }
    found
}

/// Of what a unit outside of the table speaks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Of {
    /// All amounts.
    All,
    /// The amounts of these columns.
    Columns(Range<usize>),
    /// Nothing says of what.
    Unclear,
}

/// A unit other than 1 that is stated outside of the table.
struct Statement {
    /// Where it stands; none for the name of the sheet.
    at: Option<(usize, usize)>,
    text: String,
    unit: value::Unit,
    of: Of,
}

/// The units other than 1 that are stated outside of the table: in the name of its sheet, in cells above it, and in
/// those below its last whole row.
fn statements(sheet: &Sheet, frame: &Frame) -> Vec<Statement> {
    // Items of JSON carry their own labels.
    if sheet.info.keys.is_some() {
        return Vec::new();
    }
    let named = sheet.info.name.as_deref().and_then(|name| {
        let unit = value::unit_alone(name).or_else(|| value::unit_of_table(name));
        Some(Statement {
            at: None,
            text: name.to_owned(),
            unit: unit.filter(|unit| unit.scale != 0)?,
            of: Of::All,
        })
    });
    let amounts: BTreeSet<usize> = amount_columns(frame).map(|column| column.index).collect();
    let rows = (0..frame.header.start).chain(below(sheet, frame));
    let in_rows = rows.flat_map(|row| of_row(sheet, frame, &amounts, row));
    // What is filled down below a table says nothing more.
    let mut said = HashSet::new();
    let is_new =
        |statement: &Statement| said.insert((statement.text.clone(), statement.of.clone()));
    named.into_iter().chain(in_rows.filter(is_new)).collect()
}

/// The units that the cells of a row outside of the table state, or all of them together.
fn of_row(sheet: &Sheet, frame: &Frame, amounts: &BTreeSet<usize>, row: usize) -> Vec<Statement> {
    let cells: Vec<(usize, &str)> = sheet.filled(row).collect();
    if let [(column, first), (_, second)] = cells[..] {
        // "Einheit" beside "TEUR".
        let line = format!("{first} {second}");
        if value::unit_alone(&line).is_some() {
            let whole = stated(&line).map(|unit| Statement {
                at: Some((row, column)),
                text: line,
                unit,
                of: Of::All,
            });
            return whole.into_iter().collect();
        }
    }
    let units: Vec<Option<value::Unit>> = cells.iter().map(|(_, text)| stated(text)).collect();
    if units.iter().all(Option::is_none) {
        return Vec::new();
    }
    let place = RowPlace::of(sheet, frame, amounts, row);
    let statement = |(at, unit): (usize, Option<value::Unit>)| {
        let (column, text) = cells[at];
        let unit = unit?;
        let end = cells
            .get(at + 1)
            .map_or(sheet.info.width, |(next, _)| *next);
        Some(Statement {
            at: Some((row, column)),
            text: text.to_owned(),
            unit,
            of: place.of_cell(frame, column..end, text, unit),
        })
    };
    units
        .into_iter()
        .enumerate()
        .filter_map(statement)
        .collect()
}

/// The unit that a text outside of the table states, if it is another one than 1. Where no currency and no word of
/// money stands beside it ("Hilfe in Millionen Fällen"), it is none.
fn stated(text: &str) -> Option<value::Unit> {
    let in_text = || {
        let of_money = |unit: &value::Unit| {
            unit.currency.is_some() || speaks(text, &OF_ALL) || speaks(text, &OF_MONEY)
        };
        value::unit_of_table(text).filter(of_money)
    };
    let unit = value::unit_alone(text).or_else(in_text);
    unit.filter(|unit| unit.scale != 0)
}

/// Where a row outside of the table stands, which is asked once for all of its cells.
struct RowPlace<'a> {
    /// The columns of amounts.
    amounts: &'a BTreeSet<usize>,
    /// Above the labels, with no blank row between.
    touches: bool,
    /// Above the labels, or with nothing else in it.
    is_line: bool,
    /// It has a unit over each amount.
    of_each_amount: bool,
}

impl<'a> RowPlace<'a> {
    fn of(sheet: &Sheet, frame: &Frame, amounts: &'a BTreeSet<usize>, row: usize) -> Self {
        let header = frame.header.start;
        let is_filled = |row: usize| sheet.filled(row).next().is_some();
        let has_unit = |column: &usize| {
            let cell = sheet.cell(row, *column);
            cell.is_some_and(|cell| value::unit_alone(cell).is_some())
        };
        Self {
            amounts,
            touches: row < header && (row..header).all(is_filled),
            is_line: row < header || sheet.filled(row).take(2).count() == 1,
            of_each_amount: amounts.iter().all(has_unit),
        }
    }

    /// Of what the unit in a cell of the row speaks that stands above or below columns, up to the next cell.
    fn of_cell(&self, frame: &Frame, columns: Range<usize>, text: &str, unit: value::Unit) -> Of {
        if speaks(text, &OF_ALL) {
            return Of::All;
        }
        if value::unit_alone(text).is_none() {
            // The label of a group of columns.
            let over = self.amounts.range(columns.clone()).next().is_some();
            return if self.touches && over {
                Of::Columns(columns)
            } else {
                Of::Unclear
            };
        }
        if !self.touches {
            return if self.is_line { Of::All } else { Of::Unclear };
        }
        let column = columns.start;
        if self.amounts.contains(&column) {
            // One unit over the last of several amounts may be that of the table.
            return if self.of_each_amount {
                Of::Columns(column..column + 1)
            } else {
                Of::Unclear
            };
        }
        // Thousands of what is counted below it, unless a currency says otherwise.
        let first = frame
            .columns
            .first()
            .is_none_or(|first| column <= first.index);
        if first || unit.currency.is_some() {
            Of::All
        } else {
            Of::Unclear
        }
    }
}

/// The units other than 1 that are stated between the rows of the table, in rows that are headings or whose amounts
/// cannot be read. They are applied to nothing: what such a row speaks of, it does not say.
fn between(sheet: &Sheet, frame: &Frame, classes: &Classes) -> Vec<Statement> {
    let mut found = Vec::new();
    // Items of JSON carry their own labels.
    if sheet.info.keys.is_some() {
        return found;
    }
    let amounts: Vec<usize> = amount_columns(frame).map(|column| column.index).collect();
    let start = frame.data_start();
    for row in start..below(sheet, frame).start {
        let is_heading = classes.is_ignored(row - start, "heading");
        if !is_heading && !classes.is_unreadable(row - start) {
            continue;
        }
        for (column, text) in sheet.filled(row) {
            let unit = if is_heading {
                stated(text)
            } else {
                value::unit_alone(text).filter(|unit| unit.scale != 0)
            };
            // "Tausend" may be a name.
            let of_money = |unit: &value::Unit| {
                unit.currency.is_some()
                    || amounts.contains(&column)
                    || speaks(text, &OF_ALL)
                    || speaks(text, &OF_MONEY)
            };
            found.extend(unit.filter(of_money).map(|unit| Statement {
                at: Some((row, column)),
                text: text.to_owned(),
                unit,
                of: Of::Unclear,
            }));
        }
    }
    found
}

/// Units that are stated and that no amount is read in, and labels of amounts with a unit that is not known.
pub(super) fn told(
    sheet: &Sheet,
    frame: &Frame,
    classes: &Classes,
    places: &Places<'_>,
) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let mut scales = BTreeSet::new();
    for column in amount_columns(frame) {
        let unit = value::unit_in_label(&frame.unit_label(column));
        scales.extend(unit.map(|unit| unit.scale));
        let label = column.label.shown();
        if let Some(unknown) = value::unknown_unit(&label) {
            doubts.push(Doubt {
                location: column.place(),
                column: Some(label.to_string()),
                value: Some(unknown.to_owned()),
                ..Doubt::of_file(
                    "unit_unknown",
                    Severity::Warning,
                    "the label may state a unit that is not known; the amounts are read as they stand",
                )
            });
        }
    }
    if amount_columns(frame).next().is_none() {
        return doubts;
    }
    let between = between(sheet, frame, classes);
    let unclear = statements(sheet, frame).into_iter().chain(between);
    let unclear = unclear.filter(|statement| !scales.contains(&statement.unit.scale));
    doubts.extend(unclear.map(|statement| {
        let (row, location) = match statement.at {
            Some((row, column)) => (
                Some(i64::from(places.number(row))),
                places.cell(row, column),
            ),
            None => (None, "name of the sheet".to_owned()),
        };
        Doubt {
            row,
            location,
            value: Some(statement.text),
            ..Doubt::of_file(
                UNCLEAR,
                Severity::Warning,
                "states a unit that no amount is read in, because nothing says for sure of which amounts it speaks; if it is that of the amounts, they are many times more or less than what is stored",
            )
        }
    }));
    doubts
}

/// The one currency of what speaks of all amounts outside the table ("Samtliga belopp anges i EUR").
pub(super) fn currency_outside(sheet: &Sheet, frame: &Frame) -> Option<&'static str> {
    let units = statements(sheet, frame).into_iter();
    let of_units = units
        .filter(|statement| statement.of == Of::All)
        .filter_map(|statement| statement.unit.currency);
    let mut stated = lines(sheet, frame)
        .filter(|line| speaks(line, &OF_ALL))
        .filter_map(|line| value::unit_in_label(&line)?.currency)
        .chain(of_units);
    let first = stated.next()?;
    stated.all(|other| other == first).then(|| first.code())
}

/// The rows below the last one that has as many cells as an operation, in a sheet whose rows are not items.
fn below(sheet: &Sheet, frame: &Frame) -> Range<usize> {
    let rows = sheet.rows.num_rows();
    let columns: Vec<usize> = frame.mapped().map(|(column, _)| column.index).collect();
    let least = columns.len().min(WHOLE);
    let whole = |row: &usize| {
        let filled = columns.iter().filter(|c| sheet.cell(*row, **c).is_some());
        filled.take(least).count() == least
    };
    let last = (frame.data_start()..rows).rev().find(whole);
    last.map_or(rows, |last| last + 1)..rows
}

/// The lines above the table, at the end of the sheet and below its last whole row.
fn lines<'a>(sheet: &'a Sheet, frame: &Frame) -> impl Iterator<Item = String> + use<'a> {
    let rows = sheet.rows.num_rows();
    let end = frame.data_start().max(rows.saturating_sub(OUTSIDE));
    let first = if sheet.info.keys.is_some() {
        end
    } else {
        end.min(below(sheet, frame).start)
    };
    (0..frame.header.start)
        .chain(first..rows)
        .filter(move |row| (1..=2).contains(&sheet.filled(*row).count()))
        .map(move |row| row_text(sheet, row))
}

fn speaks(line: &str, words: &[&str]) -> bool {
    let line = line.to_lowercase();
    words.iter().any(|word| line.contains(word))
}

/// The mark at the end of a label by which it refers to a footnote: `*`, `**`, `1)`, `¹`.
fn footnote_mark(label: &str) -> Option<&str> {
    let label = label.trim_end();
    let is_mark = |c: char| matches!(c, '*' | '¹' | '²' | '³' | '⁴' | '⁵' | '†');
    let stars = label.trim_end_matches(is_mark);
    if stars.len() < label.len() {
        return Some(&label[stars.len()..]);
    }
    let number = label.rsplit(char::is_whitespace).next()?;
    let digits = number.strip_suffix(')')?;
    let is_number = (1..=2).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then_some(number)
}

/// What a line says behind a footnote's mark.
fn note<'l>(line: &'l str, mark: &str) -> Option<&'l str> {
    let rest = line.trim_start().strip_prefix(mark)?;
    (!rest.starts_with('*')).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_footnotes() {
        for (label, mark) in [
            ("Gesamtkosten*", Some("*")),
            ("Gesamtkosten **", Some("**")),
            ("GESAMTBETRAG 1)", Some("1)")),
            ("Gesamtkosten ¹", Some("¹")),
            ("Gesamtkosten (bewilligt)", None),
            ("Gesamtkosten (2021)", None),
            ("", None),
        ] {
            assert_eq!(footnote_mark(label), mark, "{label}");
        }
        assert_eq!(note("* in TEUR", "*"), Some(" in TEUR"));
        assert_eq!(note("** in TEUR", "*"), None);
    }
}
