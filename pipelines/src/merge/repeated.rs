//! Rows that stand several times in one file: pages that were published (or scraped) twice, as a source declares, and a list
//! that is in its file twice though nobody declared it.
//!
//! Owns leaving out what is declared, and counting the rest. Does not own whether a file with such rows is held
//! (`run::control`): identical rows of many lists are vouchers of their own.

use std::collections::HashMap;
use std::fmt::Write;
use std::hash::Hash;

use arrow::array::BooleanArray;
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
}

/// Counts the rows of a mapped file that say the same as others of it, where so many share an id or identity (`shared`) that it
/// could matter to its control. Nothing where less than two different rows are repeated: one row over and over is no list.
pub(super) fn twins(
    mapped: &Mapped,
    shared: usize,
    declared: &Control,
) -> Result<Option<Twins>, MapError> {
    let all = mapped.rows.num_rows();
    if shared < 4 || (shared as f64) < declared.repeated_rows * WITH_HEADER * all as f64 {
        return Ok(None);
    }
    let mut groups: HashMap<Said, u64> = HashMap::new();
    for row in said(mapped)? {
        *groups.entry(row).or_default() += 1;
    }
    let repeated: Vec<u64> = groups.into_values().filter(|rows| *rows > 1).collect();
    let headers = mapped.account.ignored.get("header").copied();
    Ok((repeated.len() > 1).then(|| Twins {
        rows: repeated.iter().sum(),
        distinct: repeated.len() as u64,
        all: all as u64,
        header_again: headers.unwrap_or_default() > mapped.frame.header.len() as u64,
    }))
}

/// Leaves out the repeated rows of a mapped file and accounts for them as `repeated_page`.
pub(super) fn drop_repeated_pages(mapped: &mut Mapped) -> Result<(), MapError> {
    let keep = keep_half(&said(mapped)?);
    let dropped = keep.iter().filter(|k| !**k).count() as u64;
    mapped.filter(&BooleanArray::from(keep))?;
    mapped.account.loaded -= dropped;
    mapped.account.ignore("repeated_page", dropped);
    Ok(())
}

/// What a row says: 128 bits of the hash of its text, which take less room than the text and tell as much.
type Said = [u8; 16];

/// What each row of a mapped file says, wherever it stands.
fn said(mapped: &Mapped) -> Result<Vec<Said>, MapError> {
    let options = FormatOptions::default();
    let place = ["row", "line", "byte"];
    let staged = &mapped.rows;
    let columns: Vec<ArrayFormatter<'_>> =
        (staged.schema_ref().fields().iter().zip(staged.columns()))
            .filter(|(field, _)| !place.contains(&field.name().as_str()))
            .map(|(_, column)| ArrayFormatter::try_new(column.as_ref(), &options))
            .collect::<Result<_, _>>()?;
    let mut text = String::new();
    let rows = (0..staged.num_rows()).map(|row| {
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
}
