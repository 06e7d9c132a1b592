//! Rows that stand several times in one file: pages that were published (or scraped) twice, as a source declares, and a list
//! that is in its file twice though nobody declared it.
//!
//! Owns leaving out what is declared, counting the rest, and finding rows that come again one behind the other. Does not own whether
//! a file with such rows is held (`run::control`): identical rows of many lists are vouchers of their own.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;
use std::hash::Hash;

use arrow::array::{AsArray, BooleanArray};
use arrow::datatypes::Int64Type;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use sha2::{Digest, Sha256};

use crate::map::{MapError, Mapped};
use crate::source::Control;

/// Where the header stands between the rows again, so much of the share of repeated rows that passes is too much: vouchers have
/// no header of their own.
pub(crate) const WITH_HEADER: f64 = 0.5;

/// Rows of a file that say the same as others of it, cell by cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Twins {
    /// Rows with at least one other like them.
    pub rows: u64,
    /// Different rows among them.
    pub distinct: u64,
    /// All rows that were loaded.
    pub all: u64,
    /// Whether the header stands between the rows again.
    pub header_again: bool,
    /// Those that come again one behind the other, of several such runs the one with the most different rows.
    pub run: Option<Run>,
}

/// Rows that come again in a file, one behind the other and in the same order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// How many they are.
    pub rows: u64,
    /// Different rows among them.
    pub distinct: u64,
    /// Number of the row with which they begin.
    pub first: i64,
    /// Number of the row with which they begin again.
    pub again: i64,
}

/// Fewer rows than these come again in the same order by chance.
const RUN: usize = 5;

/// Counts the rows of a mapped file that say the same as others of it, where so many share an id or identity (`shared`) that it
/// could matter to its controls. Nothing where less than two different rows are repeated: one row over and over is no list.
pub(super) fn twins(
    mapped: &Mapped,
    shared: &[usize],
    declared: &Control,
) -> Result<Option<Twins>, MapError> {
    let all = mapped.rows.num_rows();
    let least = (declared.repeated_rows * WITH_HEADER * all as f64).min((2 * RUN) as f64);
    if shared.len() < 4 || (shared.len() as f64) < least {
        return Ok(None);
    }
    // Rows that say the same have the same id or identity.
    let mut rows = shared.to_vec();
    rows.sort_unstable();
    let said = said(mapped, rows.iter().copied())?;
    let mut groups: HashMap<Said, u64> = HashMap::new();
    for row in &said {
        *groups.entry(*row).or_default() += 1;
    }
    let repeated: Vec<u64> = groups.into_values().filter(|rows| *rows > 1).collect();
    if repeated.len() < 2 {
        return Ok(None);
    }
    let headers = mapped.account.ignored.get("header").copied();
    let numbers = mapped.row_numbers.as_primitive::<Int64Type>();
    let run = longest_run(&rows, &said).map(|found| Run {
        rows: found.rows as u64,
        distinct: found.distinct as u64,
        first: numbers.value(rows[found.first]),
        again: numbers.value(rows[found.again]),
    });
    Ok(Some(Twins {
        rows: repeated.iter().sum(),
        distinct: repeated.len() as u64,
        all: all as u64,
        header_again: headers.unwrap_or_default() > mapped.frame.header.len() as u64,
        run,
    }))
}

/// A run of rows that comes again, by positions among the rows that were looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Found {
    rows: usize,
    distinct: usize,
    first: usize,
    again: usize,
}

/// The run with the most different rows, at least [`RUN`] of them, of rows at increasing positions in their file; of equal ones the
/// first. Rows that are neighbours of themselves come again in each other: they count as far as both runs have nothing in common.
fn longest_run<T: Eq + Hash>(rows: &[usize], said: &[T]) -> Option<Found> {
    let mut first: HashMap<&[T], usize> = HashMap::new();
    // Begin of the run that goes on, and of its first time.
    let mut open: Option<(usize, usize)> = None;
    let mut longest: Option<Found> = None;
    let mut close = |open: Option<(usize, usize)>, end: usize| {
        let found = open.and_then(|(from, at)| found(said, from, at, end));
        if let Some(found) = found.filter(|f| longest.is_none_or(|l| f.distinct > l.distinct)) {
            longest = Some(found);
        }
    };
    for (at, window) in said.windows(RUN).enumerate() {
        // Where other rows stand between these, they are no run.
        let is_whole = rows[at + RUN - 1] - rows[at] == RUN - 1;
        let from = is_whole.then(|| *first.entry(window).or_insert(at));
        let from = from.filter(|from| *from < at);
        let goes_on = |(begin, again): (usize, usize)| from == Some(begin + (at - again));
        if !open.is_some_and(goes_on) {
            close(open, at + RUN - 1);
            open = from.map(|from| (from, at));
        }
    }
    close(open, said.len());
    longest
}

/// The run that begins at `from` and again at `at`, where it ends before `end`; nothing where it has too few different rows.
fn found<T: Eq + Hash>(said: &[T], from: usize, at: usize, end: usize) -> Option<Found> {
    let rows = (end - at).min(at - from);
    let distinct = said[at..at + rows].iter().collect::<HashSet<_>>().len();
    (distinct >= RUN).then_some(Found {
        rows,
        distinct,
        first: from,
        again: at,
    })
}

/// Leaves out the repeated rows of a mapped file and accounts for them as `repeated_page`.
pub(super) fn drop_repeated_pages(mapped: &mut Mapped) -> Result<(), MapError> {
    let keep = keep_half(&said(mapped, 0..mapped.rows.num_rows())?);
    let dropped = keep.iter().filter(|k| !**k).count() as u64;
    mapped.filter(&BooleanArray::from(keep))?;
    mapped.account.loaded -= dropped;
    mapped.account.ignore("repeated_page", dropped);
    Ok(())
}

/// What a row says: 128 bits of the hash of its text, which take less room than the text and tell as much.
type Said = [u8; 16];

/// What each of these rows of a mapped file says, wherever it stands.
fn said(mapped: &Mapped, rows: impl Iterator<Item = usize>) -> Result<Vec<Said>, MapError> {
    let options = FormatOptions::default();
    let place = ["row", "line", "byte"];
    let staged = &mapped.rows;
    let columns: Vec<ArrayFormatter<'_>> =
        (staged.schema_ref().fields().iter().zip(staged.columns()))
            .filter(|(field, _)| !place.contains(&field.name().as_str()))
            .map(|(_, column)| ArrayFormatter::try_new(column.as_ref(), &options))
            .collect::<Result<_, _>>()?;
    let mut text = String::new();
    let rows = rows.map(|row| {
        text.clear();
        for column in &columns {
            // Writing to a string cannot fail.
            let _ = write!(text, "{}\u{1f}", column.value(row));
        }
        let mut said = Said::default();
        said.copy_from_slice(&Sha256::digest(&text)[..16]);
        said
    });
    Ok(rows.collect())
}

/// Rows to keep: of each group of identical rows the first half, rounded up.
///
/// A declared property of a source, never a guess: identical rows of other lists are legitimate vouchers. Rounding up
/// keeps a row that was met once, and two of four where the original holds two identical rows.
fn keep_half<T: Eq + Hash>(rows: &[T]) -> Vec<bool> {
    let mut groups: HashMap<&T, usize> = HashMap::new();
    for row in rows {
        *groups.entry(row).or_default() += 1;
    }
    let mut kept: HashMap<&T, usize> = HashMap::new();
    rows.iter()
        .map(|row| {
            let kept = kept.entry(row).or_default();
            let keep = *kept < groups[row].div_ceil(2);
            *kept += usize::from(keep);
            keep
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_each_group_rounded_up() {
        let rows: Vec<String> = ["a", "b", "a", "c", "b", "b", "b", "d", "d", "d"]
            .map(String::from)
            .to_vec();
        let kept: Vec<&str> = rows
            .iter()
            .zip(keep_half(&rows))
            .filter(|(_, keep)| *keep)
            .map(|(row, _)| row.as_str())
            .collect();
        assert_eq!(kept, ["a", "b", "c", "b", "d", "d"]);
    }

    /// The longest run of rows, of which every letter is one and a dot is one that is like no other.
    fn run(text: &str) -> Option<(usize, usize, usize, usize)> {
        let letters: Vec<char> = text.chars().collect();
        let rows: Vec<usize> = (0..letters.len())
            .filter(|at| letters[*at] != '.')
            .collect();
        let said: Vec<char> = rows.iter().map(|at| letters[*at]).collect();
        let found = longest_run(&rows, &said)?;
        let (first, again) = (rows[found.first], rows[found.again]);
        Some((found.rows, found.distinct, first, again))
    }

    #[test]
    fn different_rows_that_come_again_in_the_same_order_are_a_run() {
        assert_eq!(run("abcde...abcde"), Some((5, 5, 0, 8)));
        assert_eq!(run("x.abcdefg.yabcdefgz"), Some((7, 7, 2, 11)));
        // One behind the other, and three times.
        assert_eq!(run("abcdeabcde"), Some((5, 5, 0, 5)));
        assert_eq!(run("abcdefabcdefabcdef"), Some((6, 6, 0, 6)));
        // Of two runs the longer one, and of two like it the first.
        assert_eq!(run("abcde.fghijk.abcde.fghijk"), Some((6, 6, 6, 19)));
        assert_eq!(run("abcde.fghij.abcde.fghij"), Some((5, 5, 0, 12)));
        // Equal rows in it are no hindrance.
        assert_eq!(run("aabbccddee.aabbccddee"), Some((10, 5, 0, 11)));
    }

    #[test]
    fn equal_rows_without_that_order_are_none() {
        for text in [
            "",
            "abcd.abcd",
            "abcde.edcba",
            "abcde.abc.de",
            "aaaaaaaaaaaa.aaaaaaaaaaaa",
            "abababababababab.abababababababab",
            "aabbccddeeffgg",
            "abcdabcdabcdabcd",
        ] {
            assert_eq!(run(text), None, "{text}");
        }
    }
}
