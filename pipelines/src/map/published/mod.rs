//! What the publisher says that a list adds up to, beside what its rows add up to.
//!
//! Owns which rows a published sum stands for, and how far rounding may part the two. Does not own which rows are sums
//! (`total`), nor what becomes of a file that does not add up.
//!
//! A wrong alarm would hold a sound list, so a sum is taken for wrong only where no other rows could be meant: the one sum
//! of the whole list, before or behind all of them; or one of several sums of parts, of which most others are those of
//! their rows. Any other that equals no rows is not compared, which is told. A sum that only shows by adding up is none of
//! either: it cannot be wrong, unless it is the one among those that part a list into groups that does not.

mod ledger;

use std::collections::BTreeSet;
use std::ops::Range;

use jiff::civil::Date;

use ledger::{Ledger, Sum};
pub(super) use ledger::{WHOLE, decimals};

use super::amount::AmountColumn;
use super::classify::Classes;
use super::convention::FileConventions;
use super::total::{Extent, Said};
use super::{FileInput, Places};
use crate::check::{Comparison, PublishedTotal, StatedIn, fits};
use crate::value::{NumberConvention, parse_amount, unit_of};

/// Compares all sums that rows of the list, or the source's declaration, state.
pub(super) fn published_totals(
    file: &FileInput,
    published: Option<Date>,
    conventions: &FileConventions,
    amounts: &[AmountColumn],
    classes: &Classes,
    places: &Places<'_>,
) -> Vec<PublishedTotal> {
    if classes.said_sums().is_empty() && file.source.toml.control.stated.is_empty() {
        return Vec::new();
    }
    let ledger = |amount| Ledger::new(amount, conventions, classes, places);
    let ledgers: Vec<Ledger<'_>> = amounts.iter().map(ledger).collect();
    let rows = ledgers.first().map_or(0, Ledger::len);
    let marks = Marks::new(classes, rows);
    let is_doubled = file.source.toml.pages_published_twice;
    let mut totals = Vec::new();
    for ledger in &ledgers {
        totals.extend(in_list(ledger, &marks, classes, places, is_doubled));
    }
    totals.extend(declared(file, published, &ledgers));
    totals
}

/// Why a total of a file with every page twice is not compared.
const DOUBLED: &str = "its pages were published twice";

/// Where groups of rows may begin or end.
struct Marks {
    /// Rows that are sums.
    sums: Vec<usize>,
    /// Rows without an amount, as they stand above groups.
    headings: Vec<usize>,
    /// Whether nothing parts the list but sums that say so.
    is_plain: bool,
}

impl Marks {
    fn new(classes: &Classes, rows: usize) -> Self {
        let of = |reason: &str| -> Vec<usize> {
            let rows = (0..rows).filter(|row| classes.is_ignored(*row, reason));
            rows.collect()
        };
        let sums = of("total");
        Self {
            is_plain: sums.len() == classes.said_sums().len() && of("header").is_empty(),
            headings: of("heading"),
            sums,
        }
    }

    /// The rows that a sum could stand for: those since the last sum, since the last heading, all before it, those up to
    /// the next sum, and all.
    fn readings(&self, row: usize, rows: usize) -> [Range<usize>; 5] {
        let behind = |marks: &[usize]| {
            let before = marks.partition_point(|mark| *mark < row);
            before.checked_sub(1).map_or(0, |last| marks[last] + 1)
        };
        let (sum, heading) = (behind(&self.sums), behind(&self.headings));
        let next = self.sums.partition_point(|mark| *mark <= row);
        let next = self.sums.get(next).copied().unwrap_or(rows);
        [
            sum..row,
            sum.max(heading)..row,
            0..row,
            row + 1..next,
            0..rows,
        ]
    }
}

/// Position of the reading that takes all rows.
const ALL: usize = 4;

/// A sum in the list.
struct Stated {
    row: usize,
    extent: Extent,
    cents: i128,
    rounding: i128,
    /// Whether its row says nothing else, or is one of those that part the list into groups.
    is_clear: bool,
    readings: [Range<usize>; 5],
}

/// The sums of one column.
struct Column<'a> {
    ledger: &'a Ledger<'a>,
    /// The row that sums up the whole list.
    whole: Option<usize>,
    /// Which reading the sums of parts follow.
    parts: Option<usize>,
    is_doubled: bool,
}

fn in_list(
    ledger: &Ledger<'_>,
    marks: &Marks,
    classes: &Classes,
    places: &Places<'_>,
    is_doubled: bool,
) -> Vec<PublishedTotal> {
    let stated = |said: &Said| {
        let (cents, rounding) = ledger.stated(said.row)?;
        Some(Stated {
            row: said.row,
            extent: said.extent,
            cents,
            rounding,
            is_clear: said.parts || is_bare(said.row, places),
            readings: marks.readings(said.row, ledger.len()),
        })
    };
    let sums: Vec<Stated> = classes.said_sums().iter().filter_map(stated).collect();
    if sums.is_empty() || ledger.sum(&(0..ledger.len())).rows == 0 {
        return Vec::new();
    }
    let kind = ledger.one_kind();
    let column = Column::new(ledger, marks, &sums, is_doubled);
    let total = |stated: &Stated| {
        let start = places.frame.data_start();
        let place = places.cell(start + stated.row, ledger.column());
        let comparison = if kind.is_some() {
            column.compare(stated)
        } else {
            Comparison::None("its column has amounts of several kinds or currencies".into())
        };
        let (amount_kind, currency) = kind.clone().unwrap_or_else(|| ("amount".into(), None));
        PublishedTotal {
            amount_kind,
            currency,
            stated_in: if column.whole == Some(stated.row) {
                StatedIn::List(place)
            } else {
                StatedIn::Part(place)
            },
            stated: stated.cents,
            comparison,
        }
    };
    sums.iter().map(total).collect()
}

impl<'a> Column<'a> {
    fn new(ledger: &'a Ledger<'a>, marks: &Marks, sums: &[Stated], is_doubled: bool) -> Self {
        let mut column = Self {
            ledger,
            whole: whole(ledger, marks, sums),
            parts: None,
            is_doubled,
        };
        let (whole, parts): (Vec<&Stated>, Vec<&Stated>) = sums
            .iter()
            .filter(|stated| stated.extent != Extent::Carried)
            .partition(|stated| column.whole == Some(stated.row));
        let agreeing = |reading: &usize| {
            let agree = parts.iter().filter(|part| column.agrees(part, *reading));
            agree.count()
        };
        // Of equally good readings the first, which `max_by_key` meets last.
        let best = (0..ALL).rev().max_by_key(agreeing);
        let best = best.map(|reading| (reading, agreeing(&reading)));
        // Where the whole is there, a part that differs was put together in another way.
        let is_complete = whole.iter().any(|whole| column.agrees(whole, ALL));
        column.parts = best
            .filter(|(_, n)| *n >= 2 && 2 * n > parts.len() && !is_complete)
            .map(|(reading, _)| reading);
        column
    }

    fn sum(&self, stated: &Stated, reading: usize) -> Sum {
        self.ledger.sum(&stated.readings[reading])
    }

    fn agrees(&self, stated: &Stated, reading: usize) -> bool {
        let sum = self.sum(stated, reading);
        sum.rows > 0 && fits(stated.cents, sum.cents, sum.rounding + stated.rounding)
    }

    fn compare(&self, stated: &Stated) -> Comparison {
        if stated.extent == Extent::Carried {
            return Comparison::None("it is carried from one page to the next".into());
        }
        let rows = |reading| {
            let sum = self.sum(stated, reading);
            Comparison::Rows {
                rows: sum.rows,
                sum: sum.cents,
                rounding: sum.rounding + stated.rounding,
            }
        };
        let is_whole = self.whole == Some(stated.row);
        let first = if is_whole { ALL } else { 0 };
        let mut readings = std::iter::once(first).chain(0..=ALL);
        if let Some(reading) = readings.find(|reading| self.agrees(stated, *reading)) {
            return rows(reading);
        }
        // It equals no rows at all: wrong, if it is known which ones it must stand for.
        let must = if is_whole { Some(ALL) } else { self.parts };
        let must = must.map(|reading| (reading, self.sum(stated, reading)));
        match must.filter(|(_, sum)| stated.is_clear && sum.rows > 0) {
            None => Comparison::None("it is not clear which rows it stands for".into()),
            Some(_) if self.is_doubled => Comparison::None(DOUBLED.into()),
            Some((_, sum)) if sum.unclear > 0 => Comparison::None(unclear(sum)),
            Some((reading, _)) => rows(reading),
        }
    }
}

fn unclear(sum: Sum) -> String {
    format!(
        "{} of the amounts that it stands for cannot be read",
        sum.unclear
    )
}

/// The one row that sums up the whole list: it says so, or is the only sum of a list that nothing parts, and all rows stand
/// on one side of it.
fn whole(ledger: &Ledger<'_>, marks: &Marks, sums: &[Stated]) -> Option<usize> {
    let of = |extent: Extent| -> Vec<usize> {
        let of = sums.iter().filter(|stated| stated.extent == extent);
        of.map(|stated| stated.row).collect()
    };
    let mut all = of(Extent::Whole);
    if all.is_empty() && marks.is_plain {
        all = of(Extent::Unsaid);
    }
    let [row] = all[..] else {
        return None;
    };
    let none_in = |rows: Range<usize>| ledger.sum(&rows).rows == 0;
    (none_in(0..row) || none_in(row + 1..ledger.len())).then_some(row)
}

/// Whether a row has no other words than one that calls it a sum, and currencies.
fn is_bare(row: usize, places: &Places<'_>) -> bool {
    let cells = places.sheet.filled(places.frame.data_start() + row);
    let is_word = |text: &str| {
        let speaks = text.contains(char::is_alphabetic);
        // "1.234,56 €" and "4,3 Mio. Euro" are amounts.
        speaks && !text.contains(|c: char| c.is_ascii_digit()) && unit_of(text).is_none()
    };
    cells.filter(|(_, text)| is_word(text)).count() <= 1
}

/// Compares the totals that the source declares for files of this day.
fn declared(
    file: &FileInput,
    published: Option<Date>,
    ledgers: &[Ledger<'_>],
) -> Vec<PublishedTotal> {
    let day = published.map(|day| day.to_string());
    let mut totals = Vec::new();
    for stated in &file.source.toml.control.stated {
        if stated.published.is_some() && day.is_some() && stated.published != day {
            continue;
        }
        let is_undated = stated.published.is_some() && day.is_none();
        for (kind, currency, text) in stated.totals() {
            // Checked when the source was read.
            let Ok(Some(amount)) = parse_amount(text, NumberConvention::PLAIN) else {
                continue;
            };
            let (mut sum, mut currencies) = (Sum::default(), BTreeSet::new());
            for (part, of) in ledgers.iter().map(|l| l.of_kind(kind, currency)) {
                sum += part;
                currencies.extend(of);
            }
            let own = if decimals(text, Some('.')) == 0 {
                WHOLE
            } else {
                0
            };
            let rounding = sum.rounding + own;
            let comparison = if is_undated {
                Comparison::None("the file does not say when it was published".into())
            } else if file.source.toml.pages_published_twice {
                Comparison::None(DOUBLED.into())
            } else if currencies.len() > 1 {
                let what = "its rows are of several currencies; name one in source.toml";
                Comparison::None(format!("{what}, as in \"{kind} EUR\""))
            } else if sum.unclear > 0 && !fits(amount.value, sum.cents, rounding) {
                Comparison::None(unclear(sum))
            } else {
                Comparison::Rows {
                    rows: sum.rows,
                    sum: sum.cents,
                    rounding,
                }
            };
            let known = currencies.first().cloned().flatten();
            totals.push(PublishedTotal {
                amount_kind: kind.into(),
                currency: currency.map(str::to_owned).or(known),
                stated_in: StatedIn::Declaration,
                stated: amount.value,
                comparison,
            });
        }
    }
    totals
}

#[cfg(test)]
mod tests;
