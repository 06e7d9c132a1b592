//! The amounts of the rows between candidates, and which of the candidates they add up to.

use arrow::array::Array;

use crate::check::fits;
use crate::map::amount::AmountColumn;
use crate::map::published::WHOLE;

/// Rows of which a sum is one: a single amount is often that of its neighbour.
const ROWS: usize = 2;

/// Candidates that are tried as the other end of a group, and that are tried as its parts.
const REACH: usize = 200;

/// What some rows of a column add up to.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    /// Hundredths.
    cents: i128,
    /// How far rounding may part it from the true sum, in halves of a hundredth, where the amounts say so themselves.
    rounding: i128,
    /// Amounts in it that do not say so.
    plain: i128,
}

/// What all rows up to a place add up to.
#[derive(Debug, Clone)]
struct Mark {
    rows: usize,
    sums: Vec<Sum>,
}

/// On which side of a sum its rows stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    Behind,
    All,
}

/// Candidates amid the amounts of a table.
pub(super) struct Ledger {
    /// For each candidate its amounts by column, with the leeway of their own rounding.
    own: Vec<Vec<Option<Sum>>>,
    /// The start, each candidate, and the end.
    marks: Vec<Mark>,
    /// Columns of which all amounts are whole, so that they may have been rounded.
    whole: Vec<bool>,
}

impl Ledger {
    /// The amounts of rows, of which some are candidates; both in their order.
    pub(super) fn new(amounts: &[AmountColumn], rows: &[usize], candidates: &[usize]) -> Self {
        let mut mark = Mark {
            rows: 0,
            sums: vec![Sum::default(); amounts.len()],
        };
        let mut ledger = Self {
            own: Vec::new(),
            marks: vec![mark.clone()],
            whole: vec![true; amounts.len()],
        };
        let mut next = candidates.iter().peekable();
        for row in rows {
            let amounts = amounts.iter().map(|amount| Sum::of(amount, *row));
            if next.next_if_eq(&row).is_some() {
                ledger
                    .own
                    .push(amounts.map(|own| Some(own?.stated())).collect());
                ledger.marks.push(mark.clone());
                continue;
            }
            mark.rows += 1;
            for (column, amount) in amounts.enumerate() {
                let Some(amount) = amount else { continue };
                ledger.whole[column] &= amount.is_whole();
                let sum = &mut mark.sums[column];
                sum.cents += amount.cents;
                sum.rounding += amount.rounding;
                sum.plain += amount.plain;
            }
        }
        ledger.marks.push(mark);
        ledger
    }

    /// Whether a candidate is to the cent the sum of the rows since the candidate before it, of those up to the next one, or of
    /// all.
    pub(super) fn adds_up(&self, candidate: usize) -> bool {
        self.beside(candidate, false).is_some()
    }

    /// Which candidates are sums, but for rounding: of the rows beside them, of groups below or above them, or together of all.
    /// Those that are `bare` have nothing but a name, so that they may be the sum of a single row where others show on which side
    /// of a sum its rows stand.
    pub(super) fn proven(&self, bare: &[bool]) -> Vec<bool> {
        let sides: Vec<Option<Side>> = (0..self.own.len())
            .map(|at| self.beside(at, true).or_else(|| self.around(at)))
            .collect();
        let mut proven: Vec<bool> = sides.iter().map(Option::is_some).collect();
        // Asked once: of many candidates each would look through all the others.
        let is_before = sides.contains(&Some(Side::Before));
        let is_behind = sides.contains(&Some(Side::Behind));
        for (at, is_bare) in bare.iter().enumerate() {
            let is_row = |from: usize| self.agrees(&self.own[at], from, from + 1, 1, true);
            proven[at] |= *is_bare && ((is_before && is_row(at)) || (is_behind && is_row(at + 1)));
        }
        self.together(&mut proven);
        let rest: Vec<usize> = (0..bare.len())
            .filter(|at| bare[*at] && !proven[*at])
            .collect();
        let sum = rest.iter().fold(Vec::new(), |sum, at| self.with(sum, *at));
        if rest.len() > 1 && self.agrees(&sum, 0, self.end(), ROWS, true) {
            for at in rest {
                proven[at] = true;
            }
        }
        proven
    }

    /// Marks candidates that follow upon each other and add up to the whole.
    fn together(&self, proven: &mut [bool]) {
        for first in 0..self.own.len() {
            let mut sum = self.own[first].clone();
            let last = self.own.len().min(first + REACH);
            for at in first + 1..last {
                if self.marks[at + 1].rows != self.marks[first + 1].rows {
                    break;
                }
                sum = self.with(sum, at);
                if self.agrees(&sum, 0, self.end(), ROWS, true) {
                    proven[first..=at].fill(true);
                }
            }
        }
    }

    fn end(&self) -> usize {
        self.marks.len() - 1
    }

    /// The rows beside a candidate that it is the sum of.
    fn beside(&self, candidate: usize, rounded: bool) -> Option<Side> {
        let own = &self.own[candidate];
        [
            (Side::Before, candidate, candidate + 1),
            (Side::Behind, candidate + 1, candidate + 2),
            (Side::All, 0, self.end()),
        ]
        .into_iter()
        .find(|(_, from, to)| self.agrees(own, *from, *to, ROWS, rounded))
        .map(|(side, _, _)| side)
    }

    /// The groups beside a candidate that it is the sum of: next to it stands another candidate, which has a part of its rows.
    fn around(&self, candidate: usize) -> Option<Side> {
        let own = &self.own[candidate];
        let at = candidate + 1;
        let rows = |mark: usize| self.marks[mark].rows;
        if rows(at) == rows(at + 1) {
            let last = self.end().min(at + REACH);
            if (at + 2..=last).any(|to| self.agrees(own, at, to, ROWS, true)) {
                return Some(Side::Behind);
            }
        }
        if rows(candidate) == rows(at) {
            let first = candidate.saturating_sub(REACH);
            if (first..candidate).any(|from| self.agrees(own, from, at, ROWS, true)) {
                return Some(Side::Before);
            }
        }
        None
    }

    /// Amounts with those of a candidate.
    fn with(&self, mut sum: Vec<Option<Sum>>, candidate: usize) -> Vec<Option<Sum>> {
        let own = &self.own[candidate];
        sum.resize(own.len(), None);
        for (sum, own) in sum.iter_mut().zip(own) {
            let Some(own) = own else { continue };
            let sum = sum.get_or_insert_default();
            sum.cents += own.cents;
            sum.rounding += own.rounding;
        }
        sum
    }

    /// Whether amounts are the sum of the rows between two marks, which are at least so many.
    fn agrees(
        &self,
        own: &[Option<Sum>],
        from: usize,
        to: usize,
        least: usize,
        rounded: bool,
    ) -> bool {
        let (from, to) = (&self.marks[from], &self.marks[to]);
        if to.rows < from.rows + least {
            return false;
        }
        let fits_all = own.iter().enumerate().all(|(column, own)| {
            let Some(own) = own else { return true };
            let (from, to) = (&from.sums[column], &to.sums[column]);
            let rounding = if rounded {
                let plain = if self.whole[column] { WHOLE } else { 0 };
                own.rounding + to.rounding - from.rounding + plain * (to.plain - from.plain)
            } else {
                0
            };
            fits(own.cents, to.cents - from.cents, rounding)
        });
        fits_all && own.iter().flatten().any(|own| own.cents != 0)
    }
}

impl Sum {
    /// The amount of a row.
    fn of(amount: &AmountColumn, row: usize) -> Option<Self> {
        if amount.values.is_null(row) {
            return None;
        }
        let precision = amount.precision_abs.as_ref();
        let precision = precision.filter(|precision| precision.is_valid(row));
        Some(Self {
            cents: amount.values.value(row),
            rounding: precision.map_or(0, |precision| 2 * precision.value(row)),
            plain: i128::from(precision.is_none()),
        })
    }

    fn is_whole(self) -> bool {
        self.cents % 100 == 0
    }

    /// What a sum states: one in whole units may have been rounded to them.
    fn stated(self) -> Self {
        let rounding = if self.plain > 0 && self.is_whole() {
            WHOLE
        } else {
            self.rounding
        };
        Self { rounding, ..self }
    }
}
