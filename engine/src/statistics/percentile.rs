//! Weighted percentiles.
//!
//! The value at or below which the given share of the weight lies. Values may be negative and keep their unit; weights
//! are not negative and may have any scale; the share is 0-1 (0.5 is the median).

use super::{
    NoValue,
    number::{amounts, compensated, denominator, finite, paired, share},
};

/// The weighted percentile, with the average where a share falls exactly between two values.
///
/// With the values in ascending order, `S_j` the sum of the first `j` weights and `W` of all: `x_j` with the smallest
/// `j` for which `S_j > share W`, or the mean of `x_j` and its successor if `S_j = share W`. Equality allows for
/// rounding of 4 units in the last place of `W`. A whole weight counts like so many equal values, members of weight 0
/// like none; with weights of 1 it is definition 2 of Hyndman and Fan, so a median of an even number of values is the
/// mean of the middle two. It is *not* the interpolating percentile (definition 7) of spreadsheets and `quantile_cont`.
///
/// Source: SAS/STAT, procedure UNIVARIATE, PCTLDEF=5 with a WEIGHT statement, as in `DescrStatsW.quantile` of
/// statsmodels; Hyndman and Fan 1996, The American Statistician 50, 361-365.
///
/// # Errors
/// `Empty`; `UnequalLengths`; `NotFinite`; `Negative` weight; `ZeroDenominator` if all weights are 0; `OutOfRange`.
pub fn weighted_percentile(values: &[f64], weights: &[f64], share: f64) -> Result<f64, NoValue> {
    weighted_percentiles(values, weights, &[share])?
        .first()
        .copied()
        .ok_or(NoValue::Empty)
}

/// Several [`weighted_percentile`]s of the same values, sorted once; in the order of the shares.
///
/// # Errors
/// Those of [`weighted_percentile`].
pub fn weighted_percentiles(
    values: &[f64],
    weights: &[f64],
    shares: &[f64],
) -> Result<Vec<f64>, NoValue> {
    paired(values, weights)?;
    amounts(weights)?;
    let mut members = Vec::with_capacity(values.len());
    for (value, weight) in values.iter().zip(weights) {
        let value = finite(*value)?;
        if *weight > 0.0 {
            members.push((value, *weight));
        }
    }
    members.sort_unstable_by(|left, right| {
        left.0.total_cmp(&right.0).then(left.1.total_cmp(&right.1))
    });
    let mut below = Vec::with_capacity(members.len());
    let (mut sum, mut lost) = (0.0, 0.0);
    for (_, weight) in &members {
        // Neumaier's compensation, kept for each partial sum.
        let next: f64 = sum + weight;
        lost += if sum >= *weight {
            (sum - next) + weight
        } else {
            (weight - next) + sum
        };
        sum = next;
        below.push(sum + lost);
    }
    let total = denominator(compensated([sum, lost]))?;
    shares
        .iter()
        .map(|wanted| at(&members, &below, share(*wanted)? * total, total))
        .collect()
}

fn at(members: &[(f64, f64)], below: &[f64], wanted: f64, total: f64) -> Result<f64, NoValue> {
    let rounding = 4.0 * f64::EPSILON * total;
    let first = below
        .partition_point(|sum| *sum < wanted - rounding)
        .min(members.len() - 1);
    let exactly_between = below[first] <= wanted + rounding && wanted > 0.0;
    let second = if exactly_between {
        (first + 1).min(members.len() - 1)
    } else {
        first
    };
    finite(members[first].0.midpoint(members[second].0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::number::testing::close;

    #[test]
    fn without_weights_it_is_the_median_of_the_textbook() {
        assert_eq!(
            weighted_percentile(&[3.0, 1.0, 2.0], &[1.0; 3], 0.5),
            Ok(2.0)
        );
        assert_eq!(
            weighted_percentile(&[4.0, 1.0, 3.0, 2.0], &[1.0; 4], 0.5),
            Ok(2.5)
        );
        assert_eq!(weighted_percentile(&[7.0], &[1.0], 0.5), Ok(7.0));
    }

    #[test]
    fn the_ends_are_the_smallest_and_the_largest_value() {
        let (values, weights) = ([-2.0, 9.0, 4.0, 99.0, -99.0], [0.1, 0.7, 0.2, 0.0, 0.0]);
        assert_eq!(
            weighted_percentiles(&values, &weights, &[1.0, 0.0]),
            Ok(vec![9.0, -2.0])
        );
    }

    #[test]
    fn a_weight_counts_like_so_many_values() {
        let repeated = [1.0, 1.0, 1.0, 5.0, 8.0, 8.0];
        for tenth in 0..=10_i32 {
            let share = f64::from(tenth) / 10.0;
            let weighted = weighted_percentile(&[5.0, 1.0, 8.0], &[0.5, 1.5, 1.0], share);
            assert_eq!(
                weighted,
                weighted_percentile(&repeated, &[1.0; 6], share),
                "{share}"
            );
        }
    }

    #[test]
    fn a_share_between_two_values_is_found_despite_rounding() {
        // 0.1 + 0.2 is more than 0.3 in binary.
        assert_eq!(
            weighted_percentile(&[1.0, 2.0, 3.0], &[0.1, 0.2, 0.7], 0.3),
            Ok(2.5)
        );
        assert_eq!(
            weighted_percentile(&[1.0, 2.0, 3.0], &[1.0, 2.0, 7.0], 0.3),
            Ok(2.5)
        );
        let tenths: Vec<f64> = (1..=10).map(f64::from).collect();
        for (place, value) in (1..10_i32).zip(&tenths) {
            let found = weighted_percentile(&tenths, &[0.1; 10], f64::from(place) / 10.0).unwrap();
            assert!(close(found, value + 0.5), "{place}");
        }
    }

    #[test]
    fn what_has_no_percentile_has_a_reason() {
        assert_eq!(weighted_percentile(&[], &[], 0.5), Err(NoValue::Empty));
        assert_eq!(
            weighted_percentile(&[1.0], &[], 0.5),
            Err(NoValue::UnequalLengths)
        );
        assert_eq!(
            weighted_percentile(&[1.0], &[0.0], 0.5),
            Err(NoValue::ZeroDenominator)
        );
        assert_eq!(
            weighted_percentile(&[1.0], &[-1.0], 0.5),
            Err(NoValue::Negative)
        );
        assert_eq!(
            weighted_percentile(&[1.0], &[1.0], 50.0),
            Err(NoValue::OutOfRange)
        );
        assert_eq!(
            weighted_percentile(&[f64::NAN], &[1.0], 0.5),
            Err(NoValue::NotFinite)
        );
    }
}
