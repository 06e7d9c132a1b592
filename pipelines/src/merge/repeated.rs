//! Lists of which every page was published (or scraped) twice.

use std::collections::HashMap;

use arrow::array::BooleanArray;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::map::{MapError, Mapped};

/// Leaves out the repeated rows of a mapped file and accounts for them as `repeated_page`.
pub(super) fn drop_repeated_pages(mapped: &mut Mapped) -> Result<(), MapError> {
    let options = FormatOptions::default();
    let place = ["row", "line", "byte"];
    let staged = mapped.rows.clone();
    let columns: Vec<ArrayFormatter<'_>> =
        (staged.schema_ref().fields().iter().zip(staged.columns()))
            .filter(|(field, _)| !place.contains(&field.name().as_str()))
            .map(|(_, column)| ArrayFormatter::try_new(column.as_ref(), &options))
            .collect::<Result<_, _>>()?;
    let rows: Vec<String> = (0..staged.num_rows())
        .map(|row| {
            columns
                .iter()
                .map(|c| c.value(row).to_string())
                .collect::<Vec<_>>()
                .join("\u{1f}")
        })
        .collect();
    let keep = keep_half(&rows);
    let dropped = keep.iter().filter(|k| !**k).count() as u64;
    mapped.filter(&BooleanArray::from(keep))?;
    mapped.account.loaded -= dropped;
    mapped.account.ignore("repeated_page", dropped);
    Ok(())
}

/// Rows to keep: of each group of identical rows the first half, rounded up.
///
/// A declared property of a source, never a guess: identical rows of other lists are legitimate vouchers. Rounding up
/// keeps a row that was met once, and two of four where the original holds two identical rows.
pub(super) fn keep_half(rows: &[String]) -> Vec<bool> {
    let mut groups: HashMap<&str, usize> = HashMap::new();
    for row in rows {
        *groups.entry(row).or_default() += 1;
    }
    let mut kept: HashMap<&str, usize> = HashMap::new();
    rows.iter()
        .map(|row| {
            let kept = kept.entry(row).or_default();
            let keep = *kept < groups[row.as_str()].div_ceil(2);
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
