//! Money divided by weights so that the cents add up.
//!
//! Totals and parts are whole cents (or any other smallest unit), weights whole numbers in any scale: days, persons,
//! or shares times a power of ten. Everything is integer arithmetic, so the result is exact and the same everywhere.

use super::NoValue;

/// The total divided in proportion to the weights by largest remainder; the parts sum to the total exactly.
///
/// Each part gets the whole cents of `total weight / sum of weights`; the cents left, fewer than there are parts, go
/// one each to the largest remainders, of equal remainders to the first. So the order of the weights matters on ties:
/// give them in the order of their codes. A weight of 0 gets 0, and a negative total the negative of what its size
/// would get.
///
/// Source: Hamilton's method, Balinski and Young 1982, "Fair representation", chapter 3; domain.md section 3.
///
/// # Errors
/// `Empty`; `Negative` weight; `ZeroDenominator` if all weights are 0; `Overflow` if the total times the largest
/// weight, both without common factors of the weights, exceeds 128 bits.
pub fn apportion(total: i128, weights: &[i128]) -> Result<Vec<i128>, NoValue> {
    if weights.is_empty() {
        return Err(NoValue::Empty);
    }
    let weights: Vec<u128> = weights
        .iter()
        .map(|weight| u128::try_from(*weight))
        .collect::<Result<_, _>>()
        .map_err(|_| NoValue::Negative)?;
    let factor = weights
        .iter()
        .fold(0, |factor, weight| greatest_common_divisor(factor, *weight));
    if factor == 0 {
        return Err(NoValue::ZeroDenominator);
    }
    let sum = weights
        .iter()
        .try_fold(0_u128, |sum, weight| sum.checked_add(weight / factor))
        .ok_or(NoValue::Overflow)?;
    let size = total.unsigned_abs();
    let mut parts = Vec::with_capacity(weights.len());
    for weight in &weights {
        let product = size.checked_mul(weight / factor).ok_or(NoValue::Overflow)?;
        parts.push((product / sum, product % sum));
    }
    let given: u128 = parts.iter().map(|part| part.0).sum();
    let mut largest_first: Vec<usize> = (0..parts.len()).collect();
    largest_first.sort_by(|left, right| parts[*right].1.cmp(&parts[*left].1));
    let left = usize::try_from(size - given).map_err(|_| NoValue::Overflow)?;
    for place in largest_first.into_iter().take(left) {
        parts[place].0 += 1;
    }
    let signed = |(part, _): (u128, u128)| {
        // In this direction the smallest i128 has its size as well.
        let part = if total < 0 {
            0_i128.checked_sub_unsigned(part)
        } else {
            0_i128.checked_add_unsigned(part)
        };
        part.ok_or(NoValue::Overflow)
    };
    parts.into_iter().map(signed).collect()
}

fn greatest_common_divisor(mut left: u128, mut right: u128) -> u128 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cents_left_go_to_the_largest_remainders() {
        // 33.33..., 33.33..., 33.33...: the first of equals gets the cent.
        assert_eq!(apportion(100, &[1, 1, 1]), Ok(vec![34, 33, 33]));
        // 16.67, 33.33, 50.00.
        assert_eq!(apportion(100, &[1, 2, 3]), Ok(vec![17, 33, 50]));
        assert_eq!(apportion(5, &[0, 1, 0, 1]), Ok(vec![0, 3, 0, 2]));
    }

    #[test]
    fn an_operation_is_spread_over_its_years_to_the_cent() {
        // S4 of domain.md section 8: 22 399 883.00 over 334 days of 2021 and 365 of 2022.
        assert_eq!(
            apportion(2_239_988_300, &[334, 365]),
            Ok(vec![1_070_323_451, 1_169_664_849])
        );
    }

    #[test]
    fn a_negative_total_is_the_mirror_of_a_positive_one() {
        assert_eq!(apportion(-100, &[1, 1, 1]), Ok(vec![-34, -33, -33]));
        assert_eq!(apportion(0, &[1, 2]), Ok(vec![0, 0]));
    }

    #[test]
    fn the_parts_sum_to_the_total_and_stay_within_a_cent_of_their_share() {
        let mut state = 1_u64;
        let mut next = |below: i64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            i128::from(i64::try_from(state >> 33).unwrap() % below)
        };
        for _ in 0..2000 {
            let total = next(2_000_000_000) - 1_000_000_000;
            let weights: Vec<i128> = (0..=next(9)).map(|_| next(1000)).collect();
            let sum: i128 = weights.iter().sum();
            if sum == 0 {
                continue;
            }
            let parts = apportion(total, &weights).unwrap();
            assert_eq!(parts.iter().sum::<i128>(), total);
            for (part, weight) in parts.iter().zip(&weights) {
                assert!((part * sum - total * weight).abs() < sum);
            }
        }
    }

    #[test]
    fn large_numbers_are_exact_or_refused() {
        let weight = 10_i128.pow(30);
        assert_eq!(
            apportion(10_i128.pow(18) + 1, &[weight, weight]),
            Ok(vec![10_i128.pow(18) / 2 + 1, 10_i128.pow(18) / 2])
        );
        assert_eq!(apportion(i128::MIN, &[7]), Ok(vec![i128::MIN]));
        assert_eq!(apportion(i128::MAX, &[2, 3]), Err(NoValue::Overflow));
        assert_eq!(
            apportion(1, &[i128::MAX, i128::MAX - 1, 4]),
            Err(NoValue::Overflow)
        );
    }

    #[test]
    fn what_cannot_be_divided_has_a_reason() {
        assert_eq!(apportion(1, &[]), Err(NoValue::Empty));
        assert_eq!(apportion(1, &[0, 0]), Err(NoValue::ZeroDenominator));
        assert_eq!(apportion(0, &[0]), Err(NoValue::ZeroDenominator));
        assert_eq!(apportion(1, &[2, -1]), Err(NoValue::Negative));
    }
}
