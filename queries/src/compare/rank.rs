//! Ranks as intervals: a place that an interval does not settle is not given.
//!
//! A row's best rank is one more than the rows that are surely above it, its worst the rows that are not surely below it
//! (Klein, Wright and Wieczorek 2020, "A joint confidence region for an overall ranking of populations"). Rows without an
//! interval are what they are: their rank is that of their value, and equal values share one.

/// Best and worst rank of each row, the highest value being 1; `None` for a row without a value.
pub(super) fn ranks(rows: &[Option<(f64, f64)>]) -> Vec<Option<(u32, u32)>> {
    let known: Vec<(f64, f64)> = rows.iter().flatten().copied().collect();
    rows.iter()
        .map(|row| {
            let (lower, upper) = (*row)?;
            let above = known.iter().filter(|other| other.0 > upper).count();
            let below = known.iter().filter(|other| other.1 < lower).count();
            Some(((above + 1) as u32, (known.len() - below) as u32))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::ranks;

    #[test]
    fn overlapping_intervals_share_ranks() {
        let rows = [Some((5.0, 6.0)), Some((1.0, 2.0)), Some((1.5, 5.5)), None];
        assert_eq!(
            ranks(&rows),
            [Some((1, 2)), Some((2, 3)), Some((1, 3)), None]
        );
    }

    #[test]
    fn values_without_an_interval_have_their_own() {
        let rows = [Some((3.0, 3.0)), Some((2.0, 2.0)), Some((3.0, 3.0))];
        assert_eq!(ranks(&rows), [Some((1, 2)), Some((3, 3)), Some((1, 2))]);
    }
}
