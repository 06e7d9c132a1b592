//! Groups of rows that have their sum in a row that lacks nothing, so that no word and no blank cell tells it.
//!
//! One row that has the money of its neighbours is chance, and so are equal amounts in adjoining rows. Rows that part a whole
//! list into groups, each of which has, to the cent and in all columns of amounts, the money of its group, are not. A place of
//! the list is reached if such groups lead to it, from the start or from the end; each place is looked at once.

use std::collections::HashMap;

use arrow::array::Array;

use super::words::first_word;
use crate::map::amount::AmountColumn;

/// Sums and groups that are needed before anything follows from them.
const LEAST: usize = 2;

/// Groups of different amounts that are no chance even where no word says that their rows are sums.
const TELLING: usize = 3;

/// Groups that are tried as that of a sum that does not add up.
const TRIED: usize = 8;

/// Rows that part a list into groups, in their order.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Groups {
    /// Each is the sum of its group.
    Sums(Vec<usize>),
    /// Each is, but the groups are few and of equal amounts, as lump sums may be by chance.
    Perhaps(Vec<usize>),
    /// Each is but one, which begins with the same word, as no other row does.
    AllButOne {
        /// All of them.
        sums: Vec<usize>,
        /// The one.
        other: usize,
    },
}

/// Groups that lead to a place.
#[derive(Debug, Clone, Copy, Default)]
struct Way {
    sums: usize,
    /// Groups of two rows and more.
    of_rows: usize,
    /// Groups of different amounts.
    telling: usize,
    /// The place before this one.
    last: usize,
}

/// The amounts of rows in the order in which a sum stands before its rows.
struct Chain<'a> {
    rows: &'a [usize],
    columns: usize,
    /// For each row its amounts by column.
    own: Vec<i128>,
    /// For each place what the rows before it add up to, by column.
    before: Vec<i128>,
    /// For each place how many rows before it have other amounts than the one before them.
    changes: Vec<usize>,
}

/// Finds the rows that are sums of groups among all rows with an amount, in their order; `name` is the name of a row.
pub(super) fn find<'n>(
    amounts: &[AmountColumn],
    rows: &[usize],
    name: impl Fn(usize) -> Option<&'n str>,
) -> Option<Groups> {
    let (first, last) = (*rows.first()?, *rows.last()?);
    let word_of = |row: usize| name(row).and_then(first_word);
    // A word with which other rows begin too says nothing: in some lists all rows are of one body.
    let is_alike = |sums: &[usize]| {
        let Some(word) = sums.first().and_then(|row| word_of(*row)) else {
            return false;
        };
        let begins = |row: &usize| word_of(*row).as_ref() == Some(&word);
        let all = rows.iter().filter(|row| begins(row)).count();
        all == sums.len() && sums.iter().all(begins)
    };
    let reversed = |rows: &[usize]| -> Vec<usize> { rows.iter().rev().copied().collect() };
    let back = reversed(rows);
    // One after the other: each holds all amounts.
    let found = |rows: &[usize]| {
        let chain = Chain::new(amounts, rows);
        (chain.whole(), chain.has_all_twice())
    };
    let (behind, is_first_total) = found(rows);
    let (before, is_last_total) = found(&back);
    let mut whole = better(behind, before);
    for (total, rest, is_total) in [
        (first, &rows[1..], is_first_total),
        (last, &rows[..rows.len() - 1], is_last_total),
    ] {
        if whole.is_none() && is_total {
            whole = better(found(rest).0, found(&reversed(rest)).0);
            if let Some((sums, way)) = &mut whole {
                sums.push(total);
                // The whole is a group as well.
                way.telling += 1;
            }
        }
    }
    if let Some((mut sums, way)) = whole {
        let is_sure = way.telling >= TELLING || (way.telling > 0 && is_alike(&sums));
        sums.sort_unstable();
        return Some(if is_sure {
            Groups::Sums(sums)
        } else {
            Groups::Perhaps(sums)
        });
    }
    let differing = |rows: &[usize]| Chain::new(amounts, rows).all_but_one(&is_alike);
    let (mut sums, other) = differing(rows).or_else(|| differing(&back))?;
    sums.sort_unstable();
    Some(Groups::AllButOne { sums, other })
}

/// The one of two divisions that says more.
fn better(
    one: Option<(Vec<usize>, Way)>,
    other: Option<(Vec<usize>, Way)>,
) -> Option<(Vec<usize>, Way)> {
    match (one, other) {
        (Some(one), Some(other)) if other.1.telling > one.1.telling => Some(other),
        (Some(one), _) => Some(one),
        (None, other) => other,
    }
}

impl<'a> Chain<'a> {
    fn new(amounts: &[AmountColumn], rows: &'a [usize]) -> Self {
        let columns = amounts.len();
        let mut chain = Self {
            rows,
            columns,
            own: Vec::with_capacity(rows.len() * columns),
            before: vec![0; columns],
            changes: vec![0],
        };
        let mut changes = 0;
        let mut last: Option<usize> = None;
        for (at, row) in rows.iter().enumerate() {
            for (column, amount) in amounts.iter().enumerate() {
                let is_there = amount.values.is_valid(*row);
                let cents = is_there.then(|| amount.values.value(*row));
                let cents = cents.unwrap_or_default();
                let before = chain.before[at * columns + column];
                chain.own.push(cents);
                chain.before.push(before + cents);
            }
            if chain.has_money(at) {
                changes += usize::from(last.is_none_or(|last| chain.own(last) != chain.own(at)));
                last = Some(at);
            }
            chain.changes.push(changes);
        }
        chain
    }

    fn end(&self) -> usize {
        self.rows.len()
    }

    fn own(&self, row: usize) -> &[i128] {
        &self.own[row * self.columns..(row + 1) * self.columns]
    }

    fn before(&self, place: usize) -> &[i128] {
        &self.before[place * self.columns..(place + 1) * self.columns]
    }

    fn has_money(&self, row: usize) -> bool {
        self.own(row).iter().any(|cents| *cents != 0)
    }

    /// What all rows add up to before the place where the group of a sum ends.
    fn goal(&self, sum: usize) -> Vec<i128> {
        let both = self.before(sum).iter().zip(self.own(sum));
        both.map(|(before, own)| *before + 2 * *own).collect()
    }

    /// Whether the first row has, twice, what all others have: in sums and in their rows.
    fn has_all_twice(&self) -> bool {
        let mut both = self.own(0).iter().zip(self.before(self.end()));
        self.has_money(0) && both.all(|(own, all)| 3 * *own == *all)
    }

    /// A way that goes on over the group of a sum.
    fn on(&self, way: Way, sum: usize, end: usize, last: usize) -> Way {
        // The first row of a group differs from its sum, unless it is the only one.
        let changes = self.changes[end] - self.changes[sum + 1];
        Way {
            sums: way.sums + 1,
            of_rows: way.of_rows + usize::from(changes > 0),
            telling: way.telling + usize::from(changes > 1),
            last,
        }
    }

    /// The places that groups lead to from the start.
    fn ways_from_start(&self) -> Vec<Option<Way>> {
        let mut ways = vec![None; self.end() + 1];
        ways[0] = Some(Way::default());
        let mut goals: HashMap<Vec<i128>, (usize, Way)> = HashMap::new();
        for place in 2..=self.end() {
            let sum = place - 2;
            if let Some(way) = ways[sum]
                && self.has_money(sum)
            {
                goals.insert(self.goal(sum), (sum, way));
            }
            let reached = goals.get(self.before(place));
            ways[place] = reached.map(|(sum, way)| self.on(*way, *sum, place, *sum));
        }
        ways
    }

    /// The sums from which groups lead to the end.
    fn to_end(&self) -> Vec<Option<Way>> {
        let mut ways = vec![None; self.end() + 1];
        ways[self.end()] = Some(Way::default());
        let mut ends: HashMap<&[i128], (usize, Way)> = HashMap::new();
        for place in (2..=self.end()).rev() {
            let sum = place - 2;
            if let Some(way) = ways[place] {
                ends.insert(self.before(place), (place, way));
            }
            if self.has_money(sum) {
                let reached = ends.get(self.goal(sum).as_slice());
                ways[sum] = reached.map(|(end, way)| self.on(*way, sum, *end, *end));
            }
        }
        ways
    }

    /// The sums that part the whole list.
    fn whole(&self) -> Option<(Vec<usize>, Way)> {
        let ways = self.ways_from_start();
        let way = ways[self.end()].filter(|way| way.sums >= LEAST && way.of_rows > 0)?;
        Some((self.sums_before(&ways, self.end()), way))
    }

    fn sums_before(&self, ways: &[Option<Way>], place: usize) -> Vec<usize> {
        let back = |place: &usize| ways[*place].filter(|_| *place > 0).map(|way| way.last);
        let places = std::iter::successors(Some(place), back).skip(1);
        places.map(|place| self.rows[place]).collect()
    }

    fn sums_from(&self, ways: &[Option<Way>], place: usize) -> Vec<usize> {
        let next = |place: &usize| ways[*place].filter(|_| *place < self.end());
        let places = std::iter::successors(Some(place), |place| next(place).map(|way| way.last));
        let places = places.take_while(|place| *place < self.end());
        places.map(|place| self.rows[place]).collect()
    }

    /// The rows that part the whole list if one of them, which is also returned, need not add up.
    fn all_but_one(&self, is_alike: &impl Fn(&[usize]) -> bool) -> Option<(Vec<usize>, usize)> {
        let (from, to) = (self.ways_from_start(), self.to_end());
        let ends: Vec<usize> = (0..=self.end()).filter(|end| to[*end].is_some()).collect();
        let starts = (0..self.end()).filter_map(|at| Some((at, from[at]?)));
        let pairs = starts.flat_map(|(at, before)| {
            // Two rows at least stand between.
            let next = ends.partition_point(|end| *end < at + 3);
            let near = ends[next..].iter().take(TRIED);
            near.map(move |end| (at, before, *end))
        });
        let fitting = pairs.filter(|(at, before, end)| {
            let behind = to[*end].unwrap_or_default();
            before.sums + behind.sums >= LEAST
                && before.telling + behind.telling >= LEAST
                && self.is_near(*at, *end)
        });
        fitting.take(TRIED).find_map(|(at, _, end)| {
            let mut sums = self.sums_before(&from, at);
            sums.push(self.rows[at]);
            sums.extend(self.sums_from(&to, end));
            is_alike(&sums).then(|| (sums, self.rows[at]))
        })
    }

    /// Whether a row has about the money of the rows behind it up to a place: no more than half as much parts them.
    fn is_near(&self, row: usize, end: usize) -> bool {
        let group = self.before(end).iter().zip(self.before(row + 1));
        let mut both = self.own(row).iter().zip(group);
        let near = |(own, (end, start)): (&i128, (&i128, &i128))| {
            let sum = end - start;
            2 * (own - sum).abs() <= sum.abs()
        };
        self.has_money(row) && both.all(near)
    }
}
