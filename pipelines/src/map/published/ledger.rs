//! The amounts of one column, so that the sum of any rows in sequence is at hand.

use std::collections::BTreeSet;
use std::ops::{AddAssign, Range, Sub};

use arrow::array::Array;

use crate::map::Places;
use crate::map::amount::AmountColumn;
use crate::map::classify::Classes;
use crate::map::convention::FileConventions;
use crate::read::CellKind;

/// What some rows of a column add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sum {
    /// Rows with an amount.
    pub(super) rows: u64,
    /// Hundredths.
    pub(super) cents: i128,
    /// How far rounding may part the sum from that of the true amounts, in halves of a hundredth.
    pub(super) rounding: i128,
    /// Amounts that are not in it: they cannot be read, or their rows are no data.
    pub(super) unclear: u64,
}

impl AddAssign for Sum {
    fn add_assign(&mut self, other: Self) {
        self.rows += other.rows;
        self.cents += other.cents;
        self.rounding += other.rounding;
        self.unclear += other.unclear;
    }
}

impl Sub for Sum {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            rows: self.rows - other.rows,
            cents: self.cents - other.cents,
            rounding: self.rounding - other.rounding,
            unclear: self.unclear - other.unclear,
        }
    }
}

/// Kind of an amount, and its currency where one is known.
pub(super) type Kind = (String, Option<String>);

/// One column of amounts, summed up.
pub(super) struct Ledger<'a> {
    amount: &'a AmountColumn,
    places: &'a Places<'a>,
    decimal_mark: Option<char>,
    /// What the rows add up to before each row, and at the end.
    before: Vec<Sum>,
}

impl<'a> Ledger<'a> {
    /// Sums up the data rows of a column.
    pub(super) fn new(
        amount: &'a AmountColumn,
        conventions: &FileConventions,
        classes: &Classes,
        places: &'a Places<'a>,
    ) -> Self {
        let mut ledger = Self {
            amount,
            places,
            decimal_mark: conventions.numbers.decimal(),
            before: vec![Sum::default()],
        };
        let nulls = conventions.amount_nulls();
        let rows = amount.values.len();
        let has_amount = |row: &usize| classes.is_data(*row) && amount.values.is_valid(*row);
        // Amounts that are all published without cents may have been rounded; a whole one among others is exact.
        let is_whole = (0..rows)
            .filter(has_amount)
            .all(|row| ledger.decimals(row) == 0);
        let mut sum = Sum::default();
        for row in 0..rows {
            let has_value = amount.values.is_valid(row);
            sum += if has_amount(&row) {
                Sum {
                    rows: 1,
                    cents: amount.values.value(row),
                    rounding: ledger.rounding(row, is_whole),
                    unclear: 0,
                }
            } else {
                let is_lost = has_value && !classes.is_ignored(row, "total");
                let is_unread = || {
                    let cell = ledger.cell(row);
                    classes.is_data(row) && cell.is_some_and(|text| !nulls.is_null(text))
                };
                Sum {
                    unclear: u64::from(is_lost || is_unread()),
                    ..Sum::default()
                }
            };
            ledger.before.push(sum);
        }
        ledger
    }

    /// Rows of the table.
    pub(super) fn len(&self) -> usize {
        self.amount.values.len()
    }

    /// Position of the column in the sheet.
    pub(super) fn column(&self) -> usize {
        self.amount.column
    }

    /// What rows in sequence add up to.
    pub(super) fn sum(&self, rows: &Range<usize>) -> Sum {
        if rows.start >= rows.end {
            return Sum::default();
        }
        self.before[rows.end] - self.before[rows.start]
    }

    fn one(&self, row: usize) -> Sum {
        self.before[row + 1] - self.before[row]
    }

    /// What the rows of one kind add up to, and in which currencies they are; all currencies where none is named.
    pub(super) fn of_kind(
        &self,
        kind: &str,
        currency: Option<&str>,
    ) -> (Sum, BTreeSet<Option<String>>) {
        let (mut sum, mut currencies) = (Sum::default(), BTreeSet::new());
        for row in 0..self.len() {
            let one = self.one(row);
            let (of_kind, of) = self.kind_of(row);
            let fits = of_kind == kind && (currency.is_none() || currency == of.as_deref());
            if one.rows > 0 && fits {
                sum += one;
                currencies.insert(of);
            }
        }
        if sum.rows > 0 {
            // Nobody knows of which kind an amount would be that cannot be read.
            sum.unclear = self.sum(&(0..self.len())).unclear;
        }
        (sum, currencies)
    }

    /// The kind of all its amounts; none where there are several, or no amounts.
    pub(super) fn one_kind(&self) -> Option<Kind> {
        let with_amount = |row: &usize| self.one(*row).rows > 0;
        let mut rows = (0..self.len()).filter(with_amount);
        let first = self.kind_of(rows.next()?);
        rows.all(|row| self.kind_of(row) == first).then_some(first)
    }

    fn kind_of(&self, row: usize) -> Kind {
        let kind = self.amount.kind_of(row).unwrap_or("unknown");
        let currency = self.amount.currency.of(row).map(str::to_owned);
        (kind.to_owned(), currency)
    }

    /// What a row that sums others up states: hundredths, and the leeway of its own rounding.
    pub(super) fn stated(&self, row: usize) -> Option<(i128, i128)> {
        let has_value = self.amount.values.is_valid(row);
        has_value.then(|| (self.amount.values.value(row), self.rounding(row, true)))
    }

    /// Half of the last published digit, in halves of a hundredth.
    fn rounding(&self, row: usize, is_whole: bool) -> i128 {
        let stated = self.amount.precision_abs.as_ref();
        if let Some(precision) = stated.filter(|p| p.is_valid(row)) {
            return 2 * precision.value(row);
        }
        match self.decimals(row) {
            0 if is_whole => WHOLE,
            0..=2 => 0,
            // It was rounded to the cent when it was read.
            _ => 1,
        }
    }

    fn decimals(&self, row: usize) -> usize {
        let start = self.places.frame.data_start();
        let kinds = self.places.sheet.kinds(self.column());
        let is_number = kinds.is_some_and(|k| k.value(start + row) == CellKind::Number as u8);
        let mark = if is_number {
            Some('.')
        } else {
            self.decimal_mark
        };
        self.cell(row).map_or(0, |text| decimals(text, mark))
    }

    fn cell(&self, row: usize) -> Option<&str> {
        let start = self.places.frame.data_start();
        self.places.sheet.cell(start + row, self.column())
    }
}

/// Half of a whole unit of the currency, in halves of a hundredth.
pub(in crate::map) const WHOLE: i128 = 100;

/// Digits behind the decimal mark of a published number.
pub(in crate::map) fn decimals(cell: &str, mark: Option<char>) -> usize {
    let behind = mark.and_then(|mark| Some(&cell[cell.rfind(mark)? + mark.len_utf8()..]));
    let digits = behind.unwrap_or_default().bytes();
    digits.take_while(u8::is_ascii_digit).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_counted_behind_the_mark_of_the_file() {
        for (cell, mark, expected) in [
            ("1.234,56", Some(','), 2),
            ("1.234,567 €", Some(','), 3),
            ("1.234", Some(','), 0),
            ("1234.5", Some('.'), 1),
            ("1.234", None, 0),
        ] {
            assert_eq!(decimals(cell, mark), expected, "{cell}");
        }
    }
}
