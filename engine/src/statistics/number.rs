//! Checks and sums shared by the statistics.
//!
//! The only place where counts become `f64`. Counts above 2^53 lose their last digits there, which is far below the
//! precision of any statistic of them.

use super::NoValue;

/// A count as a real number.
pub(crate) fn real(count: i64) -> f64 {
    count as f64
}

/// A number of members as a real number.
pub(crate) fn size(members: usize) -> f64 {
    members as f64
}

/// The value if it is finite; minus zero becomes zero.
pub(crate) fn finite(value: f64) -> Result<f64, NoValue> {
    if value.is_finite() {
        Ok(value + 0.0)
    } else {
        Err(NoValue::NotFinite)
    }
}

/// The value if it is finite and not negative.
pub(crate) fn amount(value: f64) -> Result<f64, NoValue> {
    let value = finite(value)?;
    if value < 0.0 {
        Err(NoValue::Negative)
    } else {
        Ok(value)
    }
}

/// The value if it lies in 0-1, ends included.
pub(crate) fn share(value: f64) -> Result<f64, NoValue> {
    let value = finite(value)?;
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(NoValue::OutOfRange)
    }
}

/// Checks that there are values and that all are finite and not negative.
pub(crate) fn amounts(values: &[f64]) -> Result<(), NoValue> {
    if values.is_empty() {
        return Err(NoValue::Empty);
    }
    values.iter().try_for_each(|value| amount(*value).map(drop))
}

/// Checks that two lists belong together.
pub(crate) fn paired<A, B>(left: &[A], right: &[B]) -> Result<(), NoValue> {
    if left.len() == right.len() {
        Ok(())
    } else {
        Err(NoValue::UnequalLengths)
    }
}

/// Successes and cases as real numbers, if they are counts, there are cases, and the first are among the second.
pub(crate) fn part_of(successes: i64, cases: i64) -> Result<(f64, f64), NoValue> {
    if successes < 0 || cases < 0 {
        Err(NoValue::Negative)
    } else if cases == 0 {
        Err(NoValue::ZeroDenominator)
    } else if successes > cases {
        Err(NoValue::PartExceedsWhole)
    } else {
        Ok((real(successes), real(cases)))
    }
}

/// The value times itself; `powi` promises no precision, a product is the same everywhere.
pub(crate) fn square(value: f64) -> f64 {
    value * value
}

/// A denominator that is not zero.
pub(crate) fn denominator(value: f64) -> Result<f64, NoValue> {
    let value = finite(value)?;
    if value == 0.0 {
        Err(NoValue::ZeroDenominator)
    } else {
        Ok(value)
    }
}

/// The sum, whichever the order of the terms: they are sorted by `total_cmp`, then added by [`compensated`].
pub(crate) fn sum(terms: impl IntoIterator<Item = f64>) -> f64 {
    let mut terms: Vec<f64> = terms.into_iter().collect();
    terms.sort_unstable_by(f64::total_cmp);
    compensated(terms)
}

/// The sum in the given order with Neumaier's compensation: the rounding error of each step is kept and added last.
///
/// Source: Neumaier 1974, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM 54, 39-51.
pub(crate) fn compensated(terms: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, lost) = terms
        .into_iter()
        .fold((0.0_f64, 0.0_f64), |(sum, lost), term| {
            let next = sum + term;
            let error = if sum.abs() >= term.abs() {
                (sum - next) + term
            } else {
                (term - next) + sum
            };
            (next, lost + error)
        });
    sum + lost
}

#[cfg(test)]
pub(crate) mod testing {
    use crate::statistics::NoValue;

    /// Whether a value agrees with a printed one to the printed digits.
    pub(crate) fn printed(value: Result<f64, NoValue>, digits: &str) -> bool {
        let places = digits
            .split_once('.')
            .map_or(0, |(_, fraction)| fraction.len());
        value.is_ok_and(|value| format!("{value:.places$}") == digits)
    }

    /// Whether two numbers agree to a relative 1e-14.
    pub(crate) fn close(left: f64, right: f64) -> bool {
        (left - right).abs() <= 1e-14 * left.abs().max(right.abs())
    }
}

#[cfg(test)]
mod tests {
    use super::{testing::close, *};

    #[test]
    fn a_sum_keeps_what_plain_addition_loses_in_any_order() {
        let mut terms = vec![1e16, 1.0, -1e16, 1.0, 0.1];
        let first = sum(terms.clone());
        assert!(close(first, 2.1));
        for _ in 0..terms.len() {
            terms.rotate_left(1);
            assert_eq!(sum(terms.clone()).to_bits(), first.to_bits());
        }
    }

    #[test]
    fn a_number_that_is_none_has_a_reason() {
        assert_eq!(finite(f64::NAN), Err(NoValue::NotFinite));
        assert_eq!(finite(-0.0).map(f64::to_bits), Ok(0));
        assert_eq!(amount(-1.0), Err(NoValue::Negative));
        assert_eq!(share(1.5), Err(NoValue::OutOfRange));
        assert_eq!(amounts(&[]), Err(NoValue::Empty));
        assert_eq!(denominator(0.0), Err(NoValue::ZeroDenominator));
        assert_eq!(part_of(3, 2), Err(NoValue::PartExceedsWhole));
    }
}
