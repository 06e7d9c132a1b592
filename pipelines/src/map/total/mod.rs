//! Rows that sum others up: grand totals, subtotals, headings of groups that carry their group's sum, and figures about the list.
//!
//! A sum says so ("Zwischensumme Programm 1"), or it adds up: a row without a date and with fewer names than the others
//! whose amounts are, to the cent, those of the rows since the last sum, of the rows up to the next one, or of all. All
//! kinds would count money twice. What else a row is shows by what it lacks beside the others ([`contrast`]):
//!
//! - One that has a name and amounts only is a sum also where it adds up but for rounding, over the groups below it, or together
//!   with others to the whole list. Where it does not, it is no operation either, and is rejected. So are lines of statistics.
//! - One that calls itself a sum and has dates or further names is a sum if it adds up, and an operation if it lacks nothing.
//! - Those that lack nothing are sums where they part the whole list into groups that each of them is the sum of ([`groups`]).
//!
//! Rows that hold nothing more are told and loaded where they are many, for then the list may be one of such operations, and in
//! JSON, whose items are elements of a list for sure.

mod contrast;
mod groups;
mod ledger;
mod words;

use std::collections::BTreeMap;
use std::fmt;

use arrow::array::{Array, BooleanArray, StringArray};

use contrast::{Contrast, hardly_any};
use groups::Groups;
use ledger::Ledger;
pub(super) use words::Extent;
pub(crate) use words::is_sum;
use words::{is_figure, is_plain};

use super::Places;
use super::amount::AmountColumn;
use super::frame::{Frame, Sheet};
use crate::check::{Doubt, Severity, money};

/// Rows with nothing but a name that are few amid the others of a list, and above and below them.
const FEW_AMID: usize = 3;
const FEW_OUTSIDE: usize = 12;

/// Other amounts that a row has the sum of before that is told.
const OTHERS: usize = 3;

/// A table whose rows are looked at.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    pub(super) sheet: &'a Sheet,
    pub(super) frame: &'a Frame,
    /// Its columns of names.
    pub(super) names: &'a [&'a StringArray],
    pub(super) amounts: &'a [AmountColumn],
    /// Rows below the header.
    pub(super) rows: usize,
}

/// The rows that are sums.
pub(super) struct Totals {
    sums: Vec<bool>,
    said: Vec<Said>,
    unproven: BTreeMap<usize, Unproven>,
    doubtful: Doubtful,
}

/// Rows that are told.
#[derive(Debug, Default)]
pub(super) struct Doubtful {
    /// Those that have nothing but a name and are operations all the same, in their order.
    thin: Vec<usize>,
    /// Those that part the list into groups and may be their sums, in their order.
    perhaps: Vec<usize>,
    /// One that is not the sum of its group, as those like it are.
    differs: Option<usize>,
}

/// A row that is known to state a sum: it says so, or those like it are the sums of their groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Said {
    /// The row.
    pub(super) row: usize,
    /// What it says that it sums up.
    pub(super) extent: Extent,
    /// Whether it is one of the rows that part the list into groups, so that it is known which rows it sums up.
    pub(super) parts: bool,
}

/// Why a row is no operation, though no rows add up to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unproven {
    /// It calls itself a sum.
    Said,
    /// It has hardly more than a name: so many cells it lacks, of those that nearly all other rows have.
    Thin { lacks: usize, usual: usize },
}

impl Unproven {
    /// The rule by which such a row is rejected.
    pub(super) fn rule(self) -> &'static str {
        match self {
            Self::Said => "total_unproven",
            Self::Thin { .. } => "row_thin",
        }
    }
}

impl fmt::Display for Unproven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said => f.write_str(
                "the row calls itself a sum, but no rows of the list add up to it; ask its publisher which ones it sums up",
            ),
            Self::Thin { lacks, usual } => write!(
                f,
                "the row has amounts and hardly more than a name: it lacks {lacks} of the {usual} cells that nearly all other rows have, as sums and figures about a list do, and no rows add up to it; if it is an operation, ask its publisher for these cells",
            ),
        }
    }
}

/// What a row may be that is not like the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Known to be a sum.
    Sum,
    /// It calls itself a sum, and has more than a name.
    Says,
    /// It has a name of a figure, and no date.
    Figure,
    /// It has a name and amounts only.
    Thin,
}

impl<'a> Table<'a> {
    fn with_amount(&self) -> Vec<usize> {
        let has_amount = |row: &usize| self.amounts.iter().any(|a| a.values.is_valid(*row));
        (0..self.rows).filter(has_amount).collect()
    }

    fn names_of(&self, row: usize) -> impl Iterator<Item = &'a str> + use<'a> {
        let names = self.names.iter().filter(move |names| names.is_valid(row));
        names.map(move |names| names.value(row))
    }

    /// The name of a row; in one without, what stands first, where many lists have the word under a column of numbers.
    fn label(&self, row: usize) -> Option<&'a str> {
        let Self { sheet, frame, .. } = *self;
        let first = sheet.filled(frame.data_start() + row);
        let names = self.names_of(row);
        names.chain(first.map(|(_, text)| text)).next()
    }

    /// The name by which a row calls itself a sum.
    fn said(&self, row: usize) -> Option<&'a str> {
        let label = || self.label(row).filter(|label| is_sum(label));
        self.names_of(row).find(|name| is_sum(name)).or_else(label)
    }

    /// How many names a row has.
    fn count(&self, row: usize) -> usize {
        self.names_of(row).count()
    }
}

impl Totals {
    /// Looks at all rows of a table; `dated` says which of them have a date.
    pub(super) fn find(table: &Table<'_>, dated: impl Fn(usize) -> bool) -> Self {
        let with_amount = table.with_amount();
        let said = with_amount
            .iter()
            .filter_map(|row| Some((*row, table.said(*row)?)));
        let said: BTreeMap<usize, &str> = said.collect();
        let is_bare = |row: usize| !dated(row) && table.count(row) <= 1;
        let mut totals = Self {
            sums: bare_sums(table, &with_amount, &said, is_bare),
            said: Vec::new(),
            unproven: BTreeMap::new(),
            doubtful: Doubtful::default(),
        };
        totals.beside_others(table, &with_amount, &said, &dated);
        let parting = totals.of_groups(table, &with_amount);
        let sums = said.iter().filter(|(row, _)| totals.sums[**row]);
        let saying = sums.map(|(row, label)| Said {
            row: *row,
            extent: Extent::of(label),
            parts: false,
        });
        totals.said = parting.into_iter().chain(saying).collect();
        // One that says so and parts the list too stands there twice; the first counts.
        totals.said.sort_by_key(|said| said.row);
        totals.said.dedup_by_key(|said| said.row);
        totals
    }

    /// Looks at the rows that part all others into groups. Returned are those to compare with their groups, for one differs.
    fn of_groups(&mut self, table: &Table<'_>, with_amount: &[usize]) -> Vec<Said> {
        let is_open = |row: &usize| !self.sums[*row] && !self.unproven.contains_key(row);
        let rows: Vec<usize> = with_amount.iter().copied().filter(is_open).collect();
        let (sums, other) = match groups::find(table.amounts, &rows, |row| table.label(row)) {
            None => return Vec::new(),
            Some(Groups::Perhaps(rows)) => {
                self.doubtful.perhaps = rows;
                return Vec::new();
            }
            Some(Groups::Sums(sums)) => (sums, None),
            Some(Groups::AllButOne { sums, other }) => (sums, Some(other)),
        };
        for row in &sums {
            self.sums[*row] = true;
        }
        let is_sum = &self.sums;
        self.doubtful.thin.retain(|row| !is_sum[*row]);
        self.doubtful.differs = other;
        let compared = sums.into_iter().filter(|_| other.is_some());
        let said = compared.map(|row| Said {
            row,
            extent: Extent::Part,
            parts: true,
        });
        said.collect()
    }

    /// Looks at the rows that lack what nearly all others have, and at those that call themselves sums and have more than a name.
    fn beside_others(
        &mut self,
        table: &Table<'_>,
        with_amount: &[usize],
        said: &BTreeMap<usize, &str>,
        dated: &impl Fn(usize) -> bool,
    ) {
        let mut contrast = Contrast::new(table.sheet, table.frame, with_amount);
        let undated: Vec<usize> = with_amount.iter().copied().filter(|r| !dated(*r)).collect();
        // Where some more have no date, that says nothing.
        let lacks_dates =
            hardly_any(undated.len(), with_amount.len()) || undated.len() <= FEW_OUTSIDE;
        let lacks_dates = lacks_dates && 2 * undated.len() < with_amount.len();
        let is_suspect = |row: &usize| {
            self.sums[*row]
                || said.contains_key(row)
                || contrast.is_thin(*row)
                || (lacks_dates && !dated(*row))
        };
        let (suspects, whole): (Vec<usize>, Vec<usize>) =
            with_amount.iter().copied().partition(is_suspect);
        if suspects.is_empty() {
            return;
        }
        contrast.learn(&whole);
        let kind = |row: usize| {
            let lacks = contrast.lacks(row);
            let is_bare = !dated(row) && table.count(row) <= 1;
            if self.sums[row] {
                Some(Kind::Sum)
            } else if said.contains_key(&row) {
                Some(Kind::Says)
            } else if is_bare && lacks > 0 && table.label(row).is_some_and(is_figure) {
                Some(Kind::Figure)
            } else if lacks > 1 && contrast.is_thin(row) && !contrast.goes_on(row) {
                Some(Kind::Thin)
            } else {
                None
            }
        };
        let is_list = table.sheet.info.keys.is_none();
        let is_body = |row: usize| {
            let is_sum_only = said.get(&row).is_some_and(|label| is_plain(label));
            contrast.lacks(row) <= usize::from(!is_sum_only)
        };
        let mut candidates: Vec<(usize, Kind)> = suspects
            .iter()
            .filter_map(|row| Some((*row, kind(*row)?)))
            .collect();
        let mut sums = proven(table, with_amount, &candidates, is_list);
        // A body of such a name is an operation like the others, which the sums have in them.
        let all = candidates.len();
        let mut of = sums.iter();
        candidates.retain(|(row, kind)| {
            let is_proven = of.next().is_some_and(|is_proven| *is_proven);
            *kind != Kind::Says || is_proven || !is_body(*row)
        });
        if candidates.len() < all {
            sums = proven(table, with_amount, &candidates, is_list);
        }
        let usual = contrast.usual();
        for ((row, kind), is_proven) in candidates.into_iter().zip(sums) {
            let lacks = contrast.lacks(row);
            match kind {
                Kind::Sum => {}
                _ if is_proven => self.sums[row] = true,
                // Proven only while another one was taken for no operation.
                Kind::Says if is_body(row) => {}
                Kind::Says => {
                    self.unproven.insert(row, Unproven::Said);
                }
                Kind::Figure => {
                    self.unproven.insert(row, Unproven::Thin { lacks, usual });
                }
                Kind::Thin => self.doubtful.thin.push(row),
            }
        }
        if is_list && self.are_few(&whole, with_amount.len()) {
            for row in std::mem::take(&mut self.doubtful.thin) {
                let lacks = contrast.lacks(row);
                self.unproven.insert(row, Unproven::Thin { lacks, usual });
            }
        }
        self.undated_sums(table, with_amount, |row| {
            let lacks = contrast.lacks(row);
            let is_other = lacks > 1 && 2 * lacks >= usual && !contrast.goes_on(row);
            is_other && !dated(row) && suspects.binary_search(&row).is_ok()
        });
    }

    /// Rows with further names and without the days that others have are sums only if they add up to the cent.
    fn undated_sums(
        &mut self,
        table: &Table<'_>,
        with_amount: &[usize],
        is_other: impl Fn(usize) -> bool,
    ) {
        let is_open = |row: &usize| !self.unproven.contains_key(row);
        let rows: Vec<usize> = with_amount.iter().copied().filter(is_open).collect();
        let is_candidate = |row: &usize| self.sums[*row] || is_other(*row);
        let candidates: Vec<usize> = rows.iter().copied().filter(is_candidate).collect();
        if candidates.iter().any(|row| !self.sums[*row]) {
            let ledger = Ledger::new(table.amounts, &rows, &candidates);
            for (at, row) in candidates.iter().enumerate() {
                self.sums[*row] |= ledger.adds_up(at);
            }
        }
        let sums = &self.sums;
        self.doubtful.thin.retain(|row| !sums[*row]);
    }

    /// Whether the rows with nothing but a name are so few that the others show what an operation of the list is.
    fn are_few(&self, whole: &[usize], with_amount: usize) -> bool {
        let (Some(first), Some(last)) = (whole.first(), whole.last()) else {
            return false;
        };
        let thin = &self.doubtful.thin;
        let is_amid = thin.iter().any(|row| first < row && row < last);
        let few = if is_amid { FEW_AMID } else { FEW_OUTSIDE };
        thin.len() <= few || hardly_any(thin.len(), with_amount)
    }

    /// Whether a row is a sum.
    pub(super) fn contains(&self, row: usize) -> bool {
        self.sums[row]
    }

    /// Why a row is no operation though it is no sum of others.
    pub(super) fn unproven(&self, row: usize) -> Option<Unproven> {
        self.unproven.get(&row).copied()
    }

    /// The rows that are known to state a sum, in their order, and those that are told.
    pub(super) fn said_and_doubtful(self) -> (Vec<Said>, Doubtful) {
        (self.said, self.doubtful)
    }
}

/// The rows with one name and without a date that call themselves sums, or have fewer names than others and add up.
fn bare_sums(
    table: &Table<'_>,
    with_amount: &[usize],
    said: &BTreeMap<usize, &str>,
    is_bare: impl Fn(usize) -> bool,
) -> Vec<bool> {
    let usual = usual(
        with_amount.iter().map(|row| table.count(*row)),
        table.names.len(),
    );
    // With one column of names every row has one name; then only words tell.
    let lacks_names = |row: usize| usual >= 2 && table.count(row) < usual;
    let candidates: Vec<usize> = with_amount
        .iter()
        .copied()
        .filter(|row| is_bare(*row) && (said.contains_key(row) || lacks_names(*row)))
        .collect();
    let mut sums = vec![false; table.rows];
    for row in &candidates {
        sums[*row] = said.contains_key(row);
    }
    if candidates.iter().any(|row| !sums[*row]) {
        let ledger = Ledger::new(table.amounts, with_amount, &candidates);
        for (at, row) in candidates.iter().enumerate() {
            sums[*row] |= ledger.adds_up(at);
        }
    }
    sums
}

/// Which candidates are sums. In a list, one with hardly more than a name may be the sum of a single row.
fn proven(
    table: &Table<'_>,
    with_amount: &[usize],
    candidates: &[(usize, Kind)],
    is_list: bool,
) -> Vec<bool> {
    let (rows, bare): (Vec<usize>, Vec<bool>) = candidates
        .iter()
        .map(|(row, kind)| (*row, is_list && matches!(kind, Kind::Figure | Kind::Thin)))
        .unzip();
    Ledger::new(table.amounts, with_amount, &rows).proven(&bare)
}

/// How many names most rows have.
fn usual(counts: impl Iterator<Item = usize>, most: usize) -> usize {
    let mut rows = vec![0_usize; most + 1];
    for count in counts {
        rows[count] += 1;
    }
    (0..=most).max_by_key(|names| rows[*names]).unwrap_or(0)
}

/// What is told of rows that are loaded though they may be sums: those that have nothing but a name and are many, those that part
/// a short list into groups, and one whose amounts are those of all others together; and of one that is no sum of its group.
pub(super) fn told(
    doubtful: &Doubtful,
    amounts: &[AmountColumn],
    keep: &BooleanArray,
    places: &Places<'_>,
) -> Vec<Doubt> {
    let start = places.frame.data_start();
    let doubt = |row: usize, rule: &'static str, message: String| Doubt {
        row: Some(i64::from(places.number(start + row))),
        location: places.of(start + row),
        ..Doubt::of_file(rule, Severity::Warning, message)
    };
    let kept: Vec<usize> = (0..keep.len()).filter(|row| keep.value(*row)).collect();
    let of_kept = |rows: &[usize]| -> Vec<usize> {
        let rows = rows.iter().copied();
        rows.filter(|row| keep.value(*row)).collect()
    };
    let thin = of_kept(&doubtful.thin);
    let perhaps = of_kept(&doubtful.perhaps);
    let mut doubts = Vec::new();
    if let Some(first) = thin.first() {
        let message = format!(
            "{} rows have a name and amounts and hardly anything that nearly all other rows have, this one first; they are loaded: if they are sums of others, their money counts twice, so ask for a list without them",
            thin.len()
        );
        doubts.push(doubt(*first, "row_thin", message));
    }
    if let Some(first) = perhaps.first() {
        let message = format!(
            "{} rows part the list into groups and have the money of their groups, this one first; they are loaded, for amounts so few and so alike may add up by chance: if they are sums, the money of the list counts twice",
            perhaps.len()
        );
        doubts.push(doubt(*first, "sum_of_others", message));
    }
    if let Some(row) = doubtful.differs {
        let message = "this row is taken for the sum of its group, as those like it are that part the list, but does not add up; it is not loaded: ask its publisher whether it or a row of its group is wrong";
        doubts.push(doubt(row, "sum_of_others", message.to_owned()));
    }
    if let Some((row, cents)) = sum_of_others(amounts, &kept) {
        let message = format!(
            "the amounts of this row are those of all other rows together ({}); it is loaded: if it is their sum, the money of the list counts twice",
            money(cents)
        );
        doubts.push(doubt(row, "sum_of_others", message));
    }
    doubts
}

/// A row whose amounts are, column by column, those of all other rows together, with the first of them in hundredths.
fn sum_of_others(amounts: &[AmountColumn], kept: &[usize]) -> Option<(usize, i128)> {
    let value = |amount: &AmountColumn, row: usize| {
        let is_there = amount.values.is_valid(row);
        is_there
            .then(|| amount.values.value(row))
            .filter(|cents| *cents != 0)
    };
    let columns: Vec<(usize, i128)> = amounts
        .iter()
        .map(|amount| {
            let cents = kept.iter().filter_map(|row| value(amount, *row));
            cents.fold((0, 0), |(n, sum), cents| (n + 1, sum + cents))
        })
        .collect();
    kept.iter().find_map(|row| {
        let stated = amounts.iter().zip(&columns);
        let mut stated = stated.filter_map(|(amount, of)| Some((value(amount, *row)?, of)));
        let is_all = |(cents, (n, sum)): (i128, &(usize, i128))| *n > OTHERS && 2 * cents == *sum;
        let (first, of) = stated.next()?;
        (is_all((first, of)) && stated.all(is_all)).then_some((*row, first))
    })
}
