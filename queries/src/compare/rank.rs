//! Ranks of rows as intervals (see `esf_engine::statistics::rank`). Rows without an interval are what they are: their rank is
//! that of their value, and equal values share one. A single row has rank 1.

use esf_engine::statistics::interval::Bounds;
use esf_engine::statistics::rank::{Better, RankInterval, rank_intervals};

/// Best and worst rank of each row, the highest value being 1; `None` for a row without a value.
pub(super) fn ranks(rows: &[Option<(f64, f64)>]) -> Vec<Option<(u32, u32)>> {
    let bounds: Vec<Bounds> = rows
        .iter()
        .flatten()
        .map(|&(lower, upper)| Bounds {
            lower: rounded(lower),
            upper: rounded(upper),
        })
        .collect();
    let only = RankInterval { best: 1, worst: 1 };
    // What cannot be ranked (bounds the wrong way round) has no ranks.
    let mut places = match bounds.len() {
        1 => vec![only],
        _ => rank_intervals(&bounds, Better::Higher).unwrap_or_default(),
    }
    .into_iter();
    rows.iter()
        .map(|row| {
            row.as_ref()?;
            let place = places.next()?;
            Some((place.best as u32, place.worst as u32))
        })
        .collect()
}

/// A number to nine digits: sums of doubles differ in their last digits with the order in which they are added up, and a
/// difference there ranks nobody.
fn rounded(value: f64) -> f64 {
    format!("{value:.8e}").parse().unwrap_or(value)
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
    fn the_last_digits_rank_nobody() {
        let rows = [Some((0.1 + 0.2, 0.1 + 0.2)), Some((0.3, 0.3))];
        assert_eq!(ranks(&rows), [Some((1, 2)), Some((1, 2))]);
    }

    #[test]
    fn values_without_an_interval_have_their_own() {
        let rows = [Some((3.0, 3.0)), Some((2.0, 2.0)), Some((3.0, 3.0))];
        assert_eq!(ranks(&rows), [Some((1, 2)), Some((3, 3)), Some((1, 2))]);
    }
}
