//! Where the table stands in a sheet: preamble, header rows, data, and what each column means.
//!
//! A header is the row in which most cells are known labels; rows right after it that repeat the labels in other
//! languages, or that carry words where the data has figures, belong to it. Nothing here reads values.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use arrow::array::{Array, RecordBatch, StringArray, UInt8Array, UInt32Array};

use super::group::{Groups, column, divides_groups, row_number};
use super::header::{Labels, Meaning};
use super::label::Label;
use super::nested;
use crate::read::{SheetInfo, column_letters};
use crate::source::ColumnMapping;
use crate::value;
use esf_schemas::FieldKind;

/// Rows searched for a header.
const HEADER_SEARCH: usize = 80;
/// Rows after the first header row that may still belong to it (three languages with separators need five).
const HEADER_DEPTH: usize = 8;
/// Columns of a batch before its cells: `row`, `line`, `byte`.
const PLACES: usize = 3;
/// A cell longer than this is no label.
const LABEL_LENGTH: usize = 600;

/// Words by which a row below the labels says what is written in a column, without blanks and marks ("v. H.",
/// "TT.MM.JJJJ").
const FORMS: [&str; 51] = [
    "%",
    "prozent",
    "procent",
    "percent",
    "vh",
    "vomhundert",
    "jahr",
    "jahre",
    "jahren",
    "år",
    "year",
    "years",
    "monat",
    "monate",
    "monaten",
    "månader",
    "months",
    "tag",
    "tage",
    "tagen",
    "dagar",
    "days",
    "stunden",
    "timmar",
    "hours",
    "datum",
    "date",
    "text",
    "freitext",
    "fritext",
    "zahl",
    "anzahl",
    "antal",
    "number",
    "nummer",
    "nr",
    "personen",
    "personer",
    "janein",
    "ttmmjjjj",
    "ttmmjj",
    "mmjjjj",
    "jjjj",
    "jjjjmmtt",
    "tagmonatjahr",
    "ddmmyyyy",
    "yyyymmdd",
    "yyyy",
    "ddmmåååå",
    "ååååmmdd",
    "åååå",
];

/// One sheet as read, in one batch.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// What the reader said about it.
    pub info: SheetInfo,
    /// All rows: `row`, `line`, `byte`, `c0`.., and `k0`.. where cells have kinds.
    pub rows: RecordBatch,
    /// For each row the row in which its cell really stands, of columns that have cells which span several.
    published: BTreeMap<usize, UInt32Array>,
}

impl Sheet {
    /// A sheet as its reader gave it.
    pub(super) fn new(info: SheetInfo, rows: RecordBatch) -> Self {
        Self {
            info,
            rows,
            published: BTreeMap::new(),
        }
    }

    /// Cells of one column.
    pub fn cells(&self, column: usize) -> Option<&StringArray> {
        // By position: a search by name costs as much as the sheet is wide, for every cell.
        let cells = self.rows.columns().get(PLACES + column)?;
        cells.as_any().downcast_ref()
    }

    /// Kinds of the cells of one column, where the format has them.
    pub fn kinds(&self, column: usize) -> Option<&UInt8Array> {
        let kinds = self.rows.columns().get(PLACES + self.info.width + column)?;
        kinds.as_any().downcast_ref()
    }

    /// One cell, if it is there and not blank.
    pub fn cell(&self, row: usize, column: usize) -> Option<&str> {
        let cells = self.cells(column)?;
        (row < cells.len() && cells.is_valid(row))
            .then(|| cells.value(row).trim())
            .filter(|text| !text.is_empty())
    }

    /// Gives the rows of each range the value of its first row, and its kind.
    pub(super) fn fill(
        &mut self,
        column: usize,
        ranges: &[(usize, usize)],
    ) -> Result<(), arrow::error::ArrowError> {
        let mut at: Vec<u32> = (0..self.rows.num_rows() as u32).collect();
        for (first, end) in ranges {
            at[*first..*end].fill(*first as u32);
        }
        let at = UInt32Array::from(at);
        let mut columns = self.rows.columns().to_vec();
        for position in [PLACES + column, PLACES + self.info.width + column] {
            if let Some(values) = columns.get_mut(position) {
                *values = arrow::compute::take(values, &at, None)?;
            }
        }
        self.rows = RecordBatch::try_new(self.rows.schema(), columns)?;
        self.published.insert(column, at);
        Ok(())
    }

    /// The row in which the cell of a row was published: another one where it spans several.
    pub(super) fn published_row(&self, row: usize, column: usize) -> usize {
        let rows = self.published.get(&column).map(UInt32Array::values);
        let at = rows.and_then(|rows| rows.get(row));
        at.map_or(row, |at| *at as usize)
    }

    /// Gives a column other cells.
    pub(super) fn replace(
        &mut self,
        column: usize,
        cells: StringArray,
    ) -> Result<(), arrow::error::ArrowError> {
        let mut columns = self.rows.columns().to_vec();
        if let Some(present) = columns.get_mut(PLACES + column) {
            *present = std::sync::Arc::new(cells);
        }
        self.rows = RecordBatch::try_new(self.rows.schema(), columns)?;
        Ok(())
    }

    /// Filled cells of a row, with their columns.
    pub fn filled(&self, row: usize) -> impl Iterator<Item = (usize, &str)> {
        (0..self.info.width).filter_map(move |column| Some((column, self.cell(row, column)?)))
    }
}

/// A column of the table.
#[derive(Debug, Clone)]
pub struct Column {
    /// Position in the sheet, from 0.
    pub index: usize,
    /// Published label, all header rows joined.
    pub label: Label,
    /// What it means.
    pub meaning: Meaning,
}

impl Column {
    /// Where it stands, for findings about it: labels may repeat, places do not.
    pub(super) fn place(&self) -> String {
        format!("column {}", column_letters(self.index as u32 + 1))
    }
}

/// The table in a sheet.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Rows of the header.
    pub header: Range<usize>,
    /// Columns in published order; columns without any label and value are left out.
    pub columns: Vec<Column>,
    /// By the positions of the columns of amounts, what says in which unit they are, once that has been looked for.
    pub(super) units: BTreeMap<usize, String>,
}

impl Frame {
    /// The first data row.
    pub fn data_start(&self) -> usize {
        self.header.end
    }

    /// What says in which unit the amounts of a column are: its label, or something outside of the table.
    pub(super) fn unit_label<'a>(&'a self, column: &'a Column) -> Cow<'a, str> {
        let outside = self.units.get(&column.index);
        outside.map_or_else(|| column.label.shown(), |text| Cow::Borrowed(text.as_str()))
    }

    /// The columns that mean a field, each with how it is mapped.
    pub fn mapped(&self) -> impl Iterator<Item = (&Column, &ColumnMapping)> {
        self.columns.iter().filter_map(|c| match &c.meaning {
            Meaning::Field { column, .. } => Some((c, column)),
            _ => None,
        })
    }

    /// Number of different fields that the columns mean.
    pub fn fields(&self) -> usize {
        let fields: BTreeSet<&str> = self.mapped().map(|(_, m)| m.field.as_str()).collect();
        fields.len()
    }

    /// Text above the table, one line per row.
    pub fn preamble<'a>(&self, sheet: &'a Sheet) -> impl Iterator<Item = String> + use<'a> {
        let header = self.header.start;
        (0..header)
            .map(move |row| row_text(sheet, row))
            .filter(|line| !line.is_empty())
    }
}

/// A row's filled cells joined by blanks.
pub(super) fn row_text(sheet: &Sheet, row: usize) -> String {
    sheet
        .filled(row)
        .map(|(_, text)| text)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Finds the table of a sheet, or nothing if no row looks like a header.
pub(super) fn find_frame(sheet: &Sheet, labels: &Labels<'_>) -> Option<Frame> {
    if let Some(keys) = &sheet.info.keys {
        let blank = nested::blank_groups(sheet);
        let meaning = |index: usize, key: &str| match sheet.info.paths.get(index) {
            Some(path) if path.len() > 1 => nested::meaning(labels, path),
            _ => labels.find(key),
        };
        let columns = keys
            .iter()
            .enumerate()
            .filter(|(index, _)| blank.binary_search(index).is_err())
            .map(|(index, key)| Column {
                index,
                label: Label::new(key.clone()),
                meaning: meaning(index, key),
            })
            .collect();
        let frame = Frame {
            header: 0..0,
            columns,
            units: BTreeMap::new(),
        };
        return (frame.fields() > 0).then_some(frame);
    }
    let rows = sheet.rows.num_rows();
    let known = |row: usize| known_fields(sheet, row, labels);
    let mut found: Option<(usize, BTreeSet<String>)> = None;
    let mut last = rows.min(HEADER_SEARCH);
    let mut row = 0;
    while row < last {
        let fields = known(row);
        let clear = fields.len() >= 3 && fields.len() * 2 >= sheet.filled(row).count();
        if found
            .as_ref()
            .is_none_or(|(_, best)| fields.len() > best.len())
        {
            found = Some((row, fields));
        }
        // Behind a row that is clearly a header only its further rows can say more.
        if clear {
            last = last.min(row + 1 + HEADER_DEPTH);
        }
        row += 1;
    }
    let (start, best) = found?;
    if best.len() < 2 {
        return None;
    }
    let start = first_language(sheet, labels, start, best.len());
    let figures = columns_labelled(sheet, start, labels, &[FieldKind::Amount, FieldKind::Date]);
    let end = header_end(sheet, start, &figures, labels);
    let top = stacked_above(sheet, start);
    // A group label above says less than the label below it, so it is asked last.
    let header: Vec<usize> = (start..end).chain(top..start).collect();
    let groups = Groups::of(sheet, &header);
    let columns = (0..sheet.info.width)
        .filter_map(|index| column(sheet, &groups, end, index, labels))
        .collect();
    Some(Frame {
        header: top..end,
        columns,
        units: BTreeMap::new(),
    })
}

/// The first row behind the header. Blank rows and separators may stand between its rows, but nothing that looks like
/// data: behind the first row with a figure no row is asked any more.
fn header_end(sheet: &Sheet, start: usize, figures: &[usize], labels: &Labels<'_>) -> usize {
    let mut end = start + 1;
    let mut amounts = columns_labelled(sheet, start, labels, &[FieldKind::Amount]);
    for row in start + 1..sheet.rows.num_rows().min(start + 1 + HEADER_DEPTH) {
        if counts_columns(sheet, row)
            || states_units(sheet, row, &amounts)
            || divides_groups(sheet, start, row)
        {
            amounts.extend(columns_labelled(sheet, row, labels, &[FieldKind::Amount]));
            end = row + 1;
            continue;
        }
        let of_figures = || figures.iter().filter_map(|c| sheet.cell(row, *c));
        // Data may hold words that are labels elsewhere; a header in another language has labels in most cells and no
        // figures where figures belong.
        if repeats(sheet, start, row) || of_figures().any(|cell| !is_words(cell)) {
            break;
        }
        let cells = sheet.filled(row).count();
        let fields = known_fields(sheet, row, labels).len();
        let labelled = fields >= 2 && fields * 2 >= cells;
        // One word where a figure belongs may be a value ("laufend"); a language that is not known has one for each.
        let words = of_figures().count();
        if labelled || (words == figures.len() && (words >= 2 || (words == 1 && fields >= 1))) {
            end = row + 1;
        }
    }
    end
}

/// Whether a row says what another one says, cell by cell.
fn repeats(sheet: &Sheet, first: usize, row: usize) -> bool {
    sheet.filled(row).eq(sheet.filled(first))
}

/// A row that numbers the columns: 1, 2, 3, or (1), (2), (3).
fn counts_columns(sheet: &Sheet, row: usize) -> bool {
    let mut n = 0;
    let counts = sheet.filled(row).all(|(_, text)| {
        n += 1;
        let digits = text.trim_matches(['(', ')', '[', ']', '.', ' ']);
        digits.parse() == Ok(n)
    });
    counts && n >= 3
}

/// A row that says under the label of an amount in which unit it is, and under others nothing but the form of their values.
fn states_units(sheet: &Sheet, row: usize, amounts: &[usize]) -> bool {
    let mut any = false;
    let units = sheet.filled(row).all(|(column, text)| {
        let of_amount = amounts.contains(&column) && names_unit(text);
        any |= of_amount;
        of_amount || names_form(text)
    });
    any && units
}

/// Whether a cell below the label of an amount says in which unit it is.
fn names_unit(text: &str) -> bool {
    let words = text.trim_matches(['(', ')', '[', ']']);
    let is_short = words.split_whitespace().count() <= 3
        && !words.contains(|c: char| c.is_ascii_digit() && c != '0' && c != '1');
    value::unit_alone(text).is_some() || (is_short && value::unit_in_label(words).is_some())
}

/// Whether a cell below a label says how its values are written ("%", "in Jahren", "TT.MM.JJJJ"), or nothing ("-").
fn names_form(text: &str) -> bool {
    let text = text.trim_matches(['(', ')', '[', ']']).trim();
    let mut leading = ["in ", "i "].into_iter();
    let words = leading
        .find_map(|word| text.strip_prefix(word))
        .unwrap_or(text);
    if value::unit_alone(text).is_some() || value::unit_of(words).is_some() {
        return true;
    }
    let kept = words.chars().filter(|c| c.is_alphanumeric() || *c == '%');
    let kept: String = kept.flat_map(char::to_lowercase).collect();
    kept.is_empty() || FORMS.contains(&kept.as_str())
}

/// Rows before the best one that say nearly the same in another language are the header's beginning.
fn first_language(sheet: &Sheet, labels: &Labels<'_>, best: usize, most: usize) -> usize {
    (best.saturating_sub(HEADER_DEPTH)..best)
        .find(|row| {
            let fields = known_fields(sheet, *row, labels).len();
            fields >= 3 && fields * 10 >= most * 6
        })
        .unwrap_or(best)
}

/// A row right above that spans groups of columns ("Laufzeit" over "Beginn" and "Ende") belongs to the header.
fn stacked_above(sheet: &Sheet, start: usize) -> usize {
    if start == 0 {
        return start;
    }
    let above = start - 1;
    let number = row_number(sheet, above);
    let spans = sheet
        .info
        .merged
        .iter()
        .any(|m| Some(m.first_row) == number && m.last_column > m.first_column);
    // Titles and dates above a table are no group labels.
    let several =
        sheet.filled(above).count() >= 2 && sheet.filled(above).all(|(_, text)| is_words(text));
    if spans && several { above } else { start }
}

pub(super) fn known_fields(sheet: &Sheet, row: usize, labels: &Labels<'_>) -> BTreeSet<String> {
    sheet
        .filled(row)
        .filter(|(_, text)| text.len() <= LABEL_LENGTH && text.chars().any(char::is_alphabetic))
        .filter_map(|(_, text)| labels.field(text))
        .collect()
}

/// The columns of which a row of the header says that they mean a field of one of these kinds.
fn columns_labelled(
    sheet: &Sheet,
    header: usize,
    labels: &Labels<'_>,
    kinds: &[FieldKind],
) -> Vec<usize> {
    let vocabulary = esf_schemas::Vocabulary::standard();
    sheet
        .filled(header)
        .filter(|(_, text)| {
            let field = labels
                .field(text)
                .and_then(|field| vocabulary.field(&field));
            field.is_some_and(|f| kinds.contains(&f.kind))
        })
        .map(|(column, _)| column)
        .collect()
}

/// Words rather than a figure; a footnote mark or a legal reference may stand among them. `#REF!` is the place of a
/// figure.
pub(super) fn is_words(text: &str) -> bool {
    if text.starts_with('#') {
        return false;
    }
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    letters >= 3 && letters > 3 * digits
}
