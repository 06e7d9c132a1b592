//! Rows whose values stand under the labels beside their own: a cell was lost or inserted, and the row is as long as the
//! others all the same.
//!
//! No single cell shows it for sure. But where most cells of a column are days, or amounts with cents, or five digits, or
//! words, a row that has in two columns what belongs into the columns to their left (or to their right) was moved. So was one
//! that has a day, an amount or five digits where they cannot stand, and nothing out of place if all of its cells are taken
//! one column further to the left or right; there a label tells what belongs into its column where the cells do not, as in a
//! list whose second half was moved. Its amounts are not what their labels say, so it is not loaded.

use esf_schemas::{FieldKind, Vocabulary};

use super::frame::{self, Frame, Sheet};
use super::header::Meaning;

/// What a cell looks like, where that says to which column it belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Look {
    /// Blank, or nothing that tells columns apart.
    Any = 0,
    Day = 1,
    Money = 2,
    Postcode = 3,
    Words = 4,
}

const LOOKS: [Look; 5] = [
    Look::Any,
    Look::Day,
    Look::Money,
    Look::Postcode,
    Look::Words,
];

/// Filled cells that a column needs before anything is said of it.
const FEW: usize = 8;

/// Cells that stand under the label beside their own before a row counts as moved.
const MOVED: usize = 2;

/// Cells of a row taken one column further that must be where they belong: a row with fewer says too little.
const FITTING: usize = 3;

/// Digits of an amount without cents that is no part of one: of `1,000.16` and `1000,16` both parts might be taken for such.
const WHOLE: usize = 4;

/// Fields that hold names, which are words.
const NAMES: [&str; 2] = ["beneficiary_name", "title"];

/// Bytes of a cell that are looked at for digits; longer ones are words.
const LONG: usize = 200;

/// One column: the look of each of its cells, whether each is filled, and the look of most of them.
struct Column {
    /// Position in the sheet, from 0.
    index: usize,
    cells: Vec<Look>,
    filled: Vec<bool>,
    most: Look,
    /// What belongs into it: the look of most cells, else that of what its label means.
    belongs: Look,
}

/// The rows, from the first data row, whose values were moved to the left or right.
pub(super) fn rows(sheet: &Sheet, frame: &Frame) -> Vec<usize> {
    // Items of JSON carry their own labels.
    if sheet.info.keys.is_some() {
        return Vec::new();
    }
    let rows = frame.data_start()..sheet.rows.num_rows();
    let columns = labelled(sheet, frame);
    // Pairs of a column and the one beside it, in each direction.
    let to_the_right: Vec<_> = columns
        .windows(2)
        .map(|pair| (&pair[1], &pair[0]))
        .collect();
    let to_the_left: Vec<_> = columns
        .windows(2)
        .map(|pair| (&pair[0], &pair[1]))
        .collect();
    let moved = |row: usize, pairs: &[(&Column, &Column)]| {
        let strange = pairs.iter().filter(|(own, beside)| {
            let look = own.cells[row];
            look != Look::Any && own.most != Look::Any && look != own.most && look == beside.most
        });
        strange.count() >= MOVED
    };
    (0..rows.len())
        .filter(|row| {
            moved(*row, &to_the_right) || moved(*row, &to_the_left) || fits_beside(&columns, *row)
        })
        .collect()
}

/// The columns that have a label, with the looks of their cells from the first data row on.
fn labelled(sheet: &Sheet, frame: &Frame) -> Vec<Column> {
    let rows = frame.data_start()..sheet.rows.num_rows();
    let labelled = frame.columns.iter().filter(|c| !c.label.is_empty());
    labelled
        .map(|column| {
            let cell = |row| sheet.cell(row, column.index);
            let cells = rows.clone().map(|row| cell(row).map(Look::of));
            Column::of(column.index, cells, Look::of_label(column))
        })
        .collect()
}

/// Those of some rows that have what belongs into each labelled column, and whose last labelled cell is filled; where it is
/// said of a row that words stand behind it, that cell is a figure: words might be the rest of a text.
pub(super) fn in_place(sheet: &Sheet, frame: &Frame, rows: &[(usize, bool)]) -> Vec<usize> {
    let columns = labelled(sheet, frame);
    let start = frame.data_start();
    let whole = |column: &Column, row: usize| {
        let text = sheet.cell(start + row, column.index).unwrap_or_default();
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | ' ' | '€');
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        column.belongs == Look::Money && digits >= WHOLE && text.chars().all(is_part)
    };
    let fits = |column: &Column, row: usize| {
        !column.filled[row]
            || !column.belongs.is_figure()
            || column.cells[row].may_be(column.belongs)
            || whole(column, row)
    };
    let kept = rows.iter().filter(|(row, before_words)| {
        columns
            .last()
            .is_some_and(|last| last.filled[*row] && (last.belongs.is_figure() || !*before_words))
            && Alignment::of(&columns, *row, 0).strange == 0
            && columns.iter().all(|column| fits(column, *row))
    });
    kept.map(|(row, _)| *row).collect()
}

/// How the cells of a row stand to what belongs into their columns, if each is taken so many columns further.
#[derive(Default)]
struct Alignment {
    /// Cells that are what belongs there.
    fitting: usize,
    /// Cells that are something else.
    strange: usize,
    /// Those of them that are no words: words may stand anywhere ("laufend").
    hard: usize,
    /// Filled cells that have no column.
    outside: usize,
}

impl Alignment {
    fn of(columns: &[Column], row: usize, further: isize) -> Self {
        let mut alignment = Self::default();
        for (at, column) in columns.iter().enumerate() {
            let to = at
                .checked_add_signed(further)
                .and_then(|to| columns.get(to));
            let Some(to) = to else {
                alignment.outside += usize::from(column.filled[row]);
                continue;
            };
            let look = column.cells[row];
            if look == Look::Any || to.belongs == Look::Any {
                continue;
            }
            if look.may_be(to.belongs) {
                alignment.fitting += 1;
            } else {
                alignment.strange += 1;
                alignment.hard += usize::from(look != Look::Words);
            }
        }
        alignment
    }
}

/// Whether a row has something where it cannot stand, and nothing so if its cells are taken one column further.
fn fits_beside(columns: &[Column], row: usize) -> bool {
    let own = Alignment::of(columns, row, 0);
    own.hard > 0
        && [1, -1].into_iter().any(|further| {
            let other = Alignment::of(columns, row, further);
            other.strange == 0
                && other.outside == 0
                && other.fitting >= FITTING
                && other.fitting > own.fitting
        })
}

impl Column {
    fn of(index: usize, cells: impl Iterator<Item = Option<Look>>, of_label: Look) -> Self {
        let mut counts = [0; LOOKS.len()];
        let (filled_cells, cells): (Vec<bool>, Vec<Look>) = cells
            .map(|cell| {
                let look = cell.unwrap_or(Look::Any);
                counts[look as usize] += 1;
                (cell.is_some(), look)
            })
            .unzip();
        let filled = filled_cells.iter().filter(|filled| **filled).count();
        let known = LOOKS.into_iter().filter(|look| *look != Look::Any);
        let most = known
            .max_by_key(|look| counts[*look as usize])
            .filter(|look| filled >= FEW && counts[*look as usize] * 4 >= filled * 3);
        Self {
            index,
            cells,
            filled: filled_cells,
            most: most.unwrap_or(Look::Any),
            belongs: most.unwrap_or(of_label),
        }
    }
}

impl Look {
    fn of(text: &str) -> Self {
        if is_day(text) {
            Self::Day
        } else if is_money(text) {
            Self::Money
        } else if is_postcode(text) {
            Self::Postcode
        } else if is_text(text) {
            Self::Words
        } else {
            Self::Any
        }
    }

    /// What belongs into a column by its label.
    fn of_label(column: &frame::Column) -> Self {
        let Meaning::Field {
            column: mapping, ..
        } = &column.meaning
        else {
            return Self::Any;
        };
        let field = Vocabulary::standard().field(&mapping.field);
        match field.map(|field| field.kind) {
            Some(FieldKind::Date) => Self::Day,
            Some(FieldKind::Amount) => Self::Money,
            _ if NAMES.contains(&mapping.field.as_str()) => Self::Words,
            _ => Self::Any,
        }
    }

    /// Whether it is that of figures.
    fn is_figure(self) -> bool {
        matches!(self, Self::Day | Self::Money | Self::Postcode)
    }

    /// Whether a cell that looks so can be what belongs into a column: five digits are an amount without cents, too.
    fn may_be(self, belongs: Self) -> bool {
        self == belongs || (self == Self::Postcode && belongs == Self::Money)
    }
}

/// `01.02.2016`, `1/2/16`, `2016-02-01`, `01-Feb-16`, with a time behind it or not.
pub(super) fn is_day(text: &str) -> bool {
    let day = text.split(['T', ' ']).next().unwrap_or_default();
    let mut parts = day.split(['.', '-', '/']);
    let (Some(first), Some(second), Some(third), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let is_month =
        (3..=9).contains(&second.chars().count()) && second.chars().all(char::is_alphabetic);
    let digits = |part: &str| {
        let all = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if all { part.len() } else { 0 }
    };
    matches!(
        (digits(first), digits(second), digits(third)),
        (1..=2, 1..=2, 2 | 4) | (4, 1..=2, 1..=2)
    ) || (is_month && matches!((digits(first), digits(third)), (1..=2, 2 | 4)))
}

/// An amount with cents, perhaps with its currency behind it.
pub(super) fn is_money(text: &str) -> bool {
    let number =
        text.trim_end_matches(|c: char| c.is_alphabetic() || c.is_whitespace() || c == '€');
    let number = number.strip_prefix('-').unwrap_or(number);
    let Some((whole, cents)) = number.rsplit_once([',', '.']) else {
        return false;
    };
    let grouped =
        |c: char| c.is_ascii_digit() || c.is_whitespace() || matches!(c, '.' | ',' | '\'' | '’');
    cents.len() == 2
        && cents.bytes().all(|b| b.is_ascii_digit())
        && whole.starts_with(|c: char| c.is_ascii_digit())
        && whole.chars().all(grouped)
}

/// `01067`, `D-01067`, `114 55`.
fn is_postcode(text: &str) -> bool {
    let code = text.strip_prefix("D-").unwrap_or(text);
    let (first, second) = code.split_once(' ').unwrap_or((code, ""));
    let digits = |part: &str, n: usize| part.len() == n && part.bytes().all(|b| b.is_ascii_digit());
    (digits(first, 5) && second.is_empty()) || (digits(first, 3) && digits(second, 2))
}

/// Letters, and no digit: what tells columns apart has none, while there may be some among words elsewhere ([`frame::is_words`]).
fn is_text(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).take(2).count();
    letters == 2 && !text.bytes().take(LONG).any(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_by_what_they_look_like() {
        for (text, look) in [
            ("01.02.2016", Look::Day),
            ("2016-02-01T00:00:00", Look::Day),
            ("1/2/16", Look::Day),
            ("01-Mrz-16", Look::Day),
            ("1.234.567", Look::Any),
            ("2.987,38", Look::Money),
            ("-12.50", Look::Money),
            ("1 234,50 EUR", Look::Money),
            ("01067", Look::Postcode),
            ("114 55", Look::Postcode),
            ("86800", Look::Postcode),
            ("868", Look::Any),
            ("Musterstadt", Look::Words),
            ("67547 Worms", Look::Any),
        ] {
            assert_eq!(Look::of(text), look, "{text}");
        }
    }
}
