//! Intervals of a rate and of the difference of two rates.
//!
//! Counts are persons (or other cases), rates 0-1. An interval always lies within what a rate (0 to 1) or a difference
//! of rates (-1 to 1) can be, also at 0 and at all successes, where the textbook interval collapses to a point.
//! The confidence is 95 % unless given. The counts are taken as they are: an interval says nothing about cases that
//! are missing or unknown.

use super::{
    NoValue,
    normal::{CONFIDENCE, critical},
    number::{finite, part_of, square},
};

/// The two ends of an interval, in the unit of the value they surround; `lower <= upper`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The lower end.
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
}

impl Bounds {
    /// The interval between two finite numbers in the right order.
    ///
    /// # Errors
    /// `NotFinite`; `Reversed` if the lower end is above the upper one.
    pub fn new(lower: f64, upper: f64) -> Result<Self, NoValue> {
        let (lower, upper) = (finite(lower)?, finite(upper)?);
        if lower > upper {
            Err(NoValue::Reversed)
        } else {
            Ok(Self { lower, upper })
        }
    }

    /// Both ends times a factor that is not negative.
    ///
    /// # Errors
    /// `NotFinite`; `Reversed` if the factor is negative.
    pub fn times(self, factor: f64) -> Result<Self, NoValue> {
        Self::new(self.lower * factor, self.upper * factor)
    }
}

/// Wilson's score interval of a rate of `successes` in `n` cases, without continuity correction.
///
/// The rates whose distance from the observed one is at most `z` of *their* standard errors:
/// `(p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)` with `p = x/n`. The lower end is computed from the
/// product of the two, which does not cancel.
///
/// Source: Wilson 1927, JASA 22, 209-212; Newcombe 1998, Statistics in Medicine 17, 857-872, method 3.
///
/// # Errors
/// `Negative`; `ZeroDenominator` if `n` is 0; `PartExceedsWhole`; `OutOfRange` unless `0 < confidence < 1`.
pub fn wilson(successes: i64, n: i64, confidence: f64) -> Result<Bounds, NoValue> {
    let (part, whole) = part_of(successes, n)?;
    let z = critical(confidence)?;
    let z_square = square(z);
    let spread = z * (part * ((whole - part) / whole) + z_square / 4.0).sqrt();
    let top = part + z_square / 2.0 + spread;
    let lower = part * (part / whole) / top;
    let upper = if successes == n {
        1.0
    } else {
        (top / (whole + z_square)).min(1.0)
    };
    Bounds::new(lower, upper)
}

/// The lower end of the 95 % interval of [`wilson`].
///
/// # Errors
/// Those of [`wilson`].
pub fn wilson_lower(successes: i64, n: i64) -> Result<f64, NoValue> {
    wilson(successes, n, CONFIDENCE).map(|bounds| bounds.lower)
}

/// The upper end of the 95 % interval of [`wilson`].
///
/// # Errors
/// Those of [`wilson`].
pub fn wilson_upper(successes: i64, n: i64) -> Result<f64, NoValue> {
    wilson(successes, n, CONFIDENCE).map(|bounds| bounds.upper)
}

/// Newcombe's hybrid score interval of the difference `x1/n1 - x2/n2` of two independent rates.
///
/// With the Wilson ends `l`, `u` of either rate and `d = p1 - p2`: from `d - sqrt((p1-l1)^2 + (u2-p2)^2)` to
/// `d + sqrt((u1-p1)^2 + (p2-l2)^2)`.
///
/// Source: Newcombe 1998, Statistics in Medicine 17, 873-890, method 10.
///
/// # Errors
/// Those of [`wilson`], for either rate.
pub fn newcombe(x1: i64, n1: i64, x2: i64, n2: i64, confidence: f64) -> Result<Bounds, NoValue> {
    let ((part1, whole1), (part2, whole2)) = (part_of(x1, n1)?, part_of(x2, n2)?);
    let (first, second) = (wilson(x1, n1, confidence)?, wilson(x2, n2, confidence)?);
    let (p1, p2) = (part1 / whole1, part2 / whole2);
    let below = (square(p1 - first.lower) + square(second.upper - p2)).sqrt();
    let above = (square(first.upper - p1) + square(p2 - second.lower)).sqrt();
    Bounds::new((p1 - p2 - below).max(-1.0), (p1 - p2 + above).min(1.0))
}

/// The lower end of the 95 % interval of [`newcombe`].
///
/// # Errors
/// Those of [`newcombe`].
pub fn newcombe_lower(x1: i64, n1: i64, x2: i64, n2: i64) -> Result<f64, NoValue> {
    newcombe(x1, n1, x2, n2, CONFIDENCE).map(|bounds| bounds.lower)
}

/// The upper end of the 95 % interval of [`newcombe`].
///
/// # Errors
/// Those of [`newcombe`].
pub fn newcombe_upper(x1: i64, n1: i64, x2: i64, n2: i64) -> Result<f64, NoValue> {
    newcombe(x1, n1, x2, n2, CONFIDENCE).map(|bounds| bounds.upper)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::number::testing::{close, printed};

    /// domain.md section 5, equal to Newcombe 1998, Statistics in Medicine 17, 857-872, table I.
    #[test]
    fn wilson_gives_the_printed_values() {
        for (successes, n, lower, upper) in [
            (0, 10, "0.0000000", "0.2775328"),
            (5, 10, "0.2365931", "0.7634069"),
            (81, 263, "0.2552885", "0.3662096"),
            (15, 148, "0.0623864", "0.1604872"),
            (1, 29, "0.0061132", "0.1717552"),
        ] {
            assert!(
                printed(wilson_lower(successes, n), lower),
                "{successes}/{n}"
            );
            assert!(
                printed(wilson_upper(successes, n), upper),
                "{successes}/{n}"
            );
        }
        assert_eq!(wilson_lower(0, 10), Ok(0.0));
        assert_eq!(wilson_upper(10, 10), Ok(1.0));
    }

    #[test]
    fn wilson_is_symmetric_in_successes_and_failures() {
        for successes in 0..=20 {
            let (one, other) = (
                wilson(successes, 20, 0.998).unwrap(),
                wilson(20 - successes, 20, 0.998).unwrap(),
            );
            assert!((one.lower - (1.0 - other.upper)).abs() < 1e-15);
        }
    }

    /// domain.md section 5 and the contrasts (a), (d)-(h) of Newcombe 1998, Statistics in Medicine 17, 873-890.
    #[test]
    fn newcombe_gives_the_printed_values() {
        assert!(printed(newcombe_lower(56, 70, 48, 80), "0.0524315"));
        assert!(printed(newcombe_upper(56, 70, 48, 80), "0.3338727"));
        for (x1, n1, x2, n2, lower, upper) in [
            (56, 70, 48, 80, "0.0524", "0.3339"),
            (9, 10, 3, 10, "0.1705", "0.8090"),
            (5, 56, 0, 29, "-0.0381", "0.1926"),
            (0, 10, 0, 20, "-0.1611", "0.2775"),
            (10, 10, 0, 20, "0.6791", "1.0000"),
        ] {
            assert!(
                printed(newcombe_lower(x1, n1, x2, n2), lower),
                "{x1}/{n1} {x2}/{n2}"
            );
            assert!(
                printed(newcombe_upper(x1, n1, x2, n2), upper),
                "{x1}/{n1} {x2}/{n2}"
            );
        }
    }

    #[test]
    fn newcombe_turns_with_its_arguments() {
        let (one, other) = (
            newcombe(7, 9, 2, 40, 0.9).unwrap(),
            newcombe(2, 40, 7, 9, 0.9).unwrap(),
        );
        assert!(close(one.lower, -other.upper) && close(one.upper, -other.lower));
    }

    #[test]
    fn what_is_no_rate_has_a_reason() {
        for (successes, n, reason) in [
            (0, 0, NoValue::ZeroDenominator),
            (-1, 10, NoValue::Negative),
            (1, -10, NoValue::Negative),
            (11, 10, NoValue::PartExceedsWhole),
        ] {
            assert_eq!(wilson_lower(successes, n), Err(reason));
            assert_eq!(newcombe_upper(1, 2, successes, n), Err(reason));
            assert_eq!(newcombe_lower(successes, n, 1, 2), Err(reason));
        }
        assert_eq!(wilson(1, 2, 1.0), Err(NoValue::OutOfRange));
        assert_eq!(wilson(1, 2, f64::NAN), Err(NoValue::NotFinite));
        assert_eq!(Bounds::new(2.0, 1.0), Err(NoValue::Reversed));
    }

    #[test]
    fn one_case_and_very_many_have_an_interval() {
        let one = wilson(1, 1, 0.95).unwrap();
        assert!(printed(Ok(one.lower), "0.2065493") && one.upper.to_bits() == 1.0_f64.to_bits());
        let many = wilson(i64::MAX / 2, i64::MAX, 0.95).unwrap();
        assert!(many.lower < 0.5 && 0.5 < many.upper);
    }
}
