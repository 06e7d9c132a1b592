//! Rows whose values stand under the labels beside their own: a cell was lost or inserted, and the row is as long as the
//! others all the same.
//!
//! No single cell shows it for sure. But where most cells of a column are days, or amounts with cents, or five digits, or
//! words, a row that has in two columns what belongs into the columns to their left (or to their right) was moved. Its
//! amounts are not what their labels say, so it is not loaded.

use super::frame::{Frame, Sheet};

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

/// Bytes of a cell that are looked at for digits; longer ones are words.
const LONG: usize = 200;

/// One column: the look of each of its cells, and of most of them.
struct Column {
    cells: Vec<Look>,
    most: Look,
}

/// The rows, from the first data row, whose values were moved to the left or right.
pub(super) fn rows(sheet: &Sheet, frame: &Frame) -> Vec<usize> {
    // Items of JSON carry their own labels.
    if sheet.info.keys.is_some() {
        return Vec::new();
    }
    let rows = frame.data_start()..sheet.rows.num_rows();
    let labelled = frame.columns.iter().filter(|c| !c.label.is_empty());
    let columns: Vec<Column> = labelled
        .map(|column| {
            let cell = |row| sheet.cell(row, column.index);
            let cells = rows.clone().map(|row| cell(row).map(Look::of));
            Column::of(cells)
        })
        .collect();
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
        .filter(|row| moved(*row, &to_the_right) || moved(*row, &to_the_left))
        .collect()
}

impl Column {
    fn of(cells: impl Iterator<Item = Option<Look>>) -> Self {
        let mut filled = 0;
        let mut counts = [0; LOOKS.len()];
        let cells: Vec<Look> = cells
            .map(|cell| {
                filled += usize::from(cell.is_some());
                let look = cell.unwrap_or(Look::Any);
                counts[look as usize] += 1;
                look
            })
            .collect();
        let known = LOOKS.into_iter().filter(|look| *look != Look::Any);
        let most = known
            .max_by_key(|look| counts[*look as usize])
            .filter(|look| filled >= FEW && counts[*look as usize] * 4 >= filled * 3);
        Self {
            cells,
            most: most.unwrap_or(Look::Any),
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
        } else if is_words(text) {
            Self::Words
        } else {
            Self::Any
        }
    }
}

/// `01.02.2016`, `1/2/16`, `2016-02-01`, with a time behind it or not.
fn is_day(text: &str) -> bool {
    let day = text.split(['T', ' ']).next().unwrap_or_default();
    let mut parts = day.split(['.', '-', '/']);
    let (Some(first), Some(second), Some(third), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let digits = |part: &str| {
        let all = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if all { part.len() } else { 0 }
    };
    matches!(
        (digits(first), digits(second), digits(third)),
        (1..=2, 1..=2, 2 | 4) | (4, 1..=2, 1..=2)
    )
}

/// An amount with cents, perhaps with its currency behind it.
fn is_money(text: &str) -> bool {
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

fn is_words(text: &str) -> bool {
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
