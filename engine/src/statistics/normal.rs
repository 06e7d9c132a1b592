//! The normal distribution: cumulative probability, quantile, critical values.
//!
//! Own implementations of two published algorithms, both accurate to a few units in the last of 16 digits, so that
//! intervals do not depend on a library. Probabilities are 0-1, `z` is in standard deviations.
//!
//! Sources: Wichura 1988, "Algorithm AS 241: The percentage points of the normal distribution", Applied Statistics 37,
//! 477-484; Cody 1969, "Rational Chebyshev approximations for the error function", Math. Comp. 23, 631-637, in the
//! form of Cody 1993, "Algorithm 715: SPECFUN", ACM TOMS 19, 22-32 (function ANORM).

use super::{
    NoValue,
    number::finite,
    rational::{
        QUANTILE_CENTRE, QUANTILE_SHOULDER, QUANTILE_TAIL, TAIL_FAR, TAIL_MIDDLE, TAIL_NEAR,
    },
};

/// The confidence level of intervals unless another is given.
pub const CONFIDENCE: f64 = 0.95;

/// The probability of a standard normal deviate below `z`, by Cody's rational approximations.
///
/// Small tails keep their relative accuracy: the probability above `z` is `cdf(-z)`, never `1 - cdf(z)`. Below about
/// -38 the probability is smaller than any `f64` and becomes 0.
///
/// # Errors
/// `NotFinite`.
pub fn cdf(z: f64) -> Result<f64, NoValue> {
    let z = finite(z)?;
    let size = z.abs();
    if size <= 0.674_489_75 {
        return Ok(0.5 + z * TAIL_NEAR.at(z * z));
    }
    if size > 40.0 {
        return Ok(if z < 0.0 { 0.0 } else { 1.0 });
    }
    let tail = if size <= 32.0_f64.sqrt() {
        TAIL_MIDDLE.at(size)
    } else {
        let square = 1.0 / (size * size);
        (ROOT_OF_TWO_PI.recip() - square * TAIL_FAR.at(square)) / size
    };
    // exp(-z^2 / 2) in two factors: the first exponent is exact, the second small.
    let sixteenth = (size * 16.0).trunc() / 16.0;
    let rest = (size - sixteenth) * (size + sixteenth);
    let tail = (-0.5 * sixteenth * sixteenth).exp() * (-0.5 * rest).exp() * tail;
    Ok(if z < 0.0 { tail } else { 1.0 - tail })
}

/// The value below which a standard normal deviate lies with probability `p`, by AS 241 (PPND16).
///
/// # Errors
/// `NotFinite`; `OutOfRange` unless `0 < p < 1`, whose quantiles would be infinite.
pub fn quantile(p: f64) -> Result<f64, NoValue> {
    let p = finite(p)?;
    if p <= 0.0 || p >= 1.0 {
        return Err(NoValue::OutOfRange);
    }
    let from_centre = p - 0.5;
    if from_centre.abs() <= 0.425 {
        return finite(from_centre * QUANTILE_CENTRE.at(0.180_625 - from_centre * from_centre));
    }
    let tail = if from_centre < 0.0 { p } else { 1.0 - p };
    let depth = (-tail.ln()).sqrt();
    let z = if depth <= 5.0 {
        QUANTILE_SHOULDER.at(depth - 1.6)
    } else {
        QUANTILE_TAIL.at(depth - 5.0)
    };
    finite(z.copysign(from_centre))
}

/// The `z` between whose negative and itself a standard normal deviate lies with the given probability: 1.959964 for
/// 0.95, 3.090232 for 0.998.
///
/// # Errors
/// `NotFinite`; `OutOfRange` unless `0 < confidence < 1`.
pub fn critical(confidence: f64) -> Result<f64, NoValue> {
    let confidence = finite(confidence)?;
    if confidence <= 0.0 || confidence >= 1.0 {
        return Err(NoValue::OutOfRange);
    }
    // The lower tail rather than (1 + confidence) / 2, whose rounding would matter for levels near one.
    quantile((1.0 - confidence) / 2.0).map(f64::abs)
}

/// The probability of a standard normal deviate at least as far from zero as `z`, in either direction.
///
/// # Errors
/// `NotFinite`.
pub fn two_sided_p(z: f64) -> Result<f64, NoValue> {
    Ok((2.0 * cdf(-z.abs())?).min(1.0))
}

/// The square root of twice pi.
const ROOT_OF_TWO_PI: f64 = 2.506_628_274_631_000_5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::number::testing::{close, printed};

    #[test]
    fn the_critical_values_are_those_in_print() {
        assert!(printed(critical(CONFIDENCE), "1.959964"));
        assert!(printed(critical(0.95), "1.959963984540054"));
        assert!(printed(critical(0.998), "3.090232306167813"));
        assert!(printed(critical(0.99), "2.5758293035489"));
        assert!(printed(critical(0.95), "1.96") && printed(critical(0.998), "3.09"));
    }

    /// Wichura 1988, p. 481: the check values of the paper.
    #[test]
    fn the_quantiles_are_those_of_the_paper() {
        for (p, z) in [
            (0.25, -0.674_489_750_196_081_7),
            (0.001, -3.090_232_306_167_814),
            (1e-20, -9.262_340_089_798_408),
        ] {
            assert!(close(quantile(p).unwrap(), z), "{p}");
        }
        assert_eq!(quantile(0.5).map(f64::to_bits), Ok(0));
    }

    #[test]
    fn the_probabilities_agree_with_forty_digit_arithmetic() {
        for (z, p) in [
            (0.0, 0.5),
            (1.0, 0.841_344_746_068_542_9),
            (-1.959_963_984_540_054, 0.025_000_000_000_000_01),
            (-5.0, 2.866_515_718_791_939e-7),
            (-10.0, 7.619_853_024_160_526e-24),
            (-37.0, 5.725_571_222_524_577e-300),
        ] {
            assert!(close(cdf(z).unwrap(), p), "{z}");
        }
        assert!(close(two_sided_p(-1.0).unwrap(), 0.317_310_507_862_914_1));
        assert_eq!(two_sided_p(0.0), Ok(1.0));
        assert_eq!(
            (cdf(-50.0), cdf(-f64::MAX), cdf(f64::MAX)),
            (Ok(0.0), Ok(0.0), Ok(1.0))
        );
    }

    #[test]
    fn quantile_and_probability_undo_each_other() {
        for step in 1..200_i32 {
            let p = f64::from(step) / 200.0;
            assert!(close(cdf(quantile(p).unwrap()).unwrap(), p), "{p}");
        }
    }

    #[test]
    fn what_would_be_infinite_has_no_value() {
        for p in [0.0, 1.0, -0.1, 1.1] {
            assert_eq!(quantile(p), Err(NoValue::OutOfRange));
            assert_eq!(critical(p), Err(NoValue::OutOfRange));
        }
        assert_eq!(cdf(f64::NAN), Err(NoValue::NotFinite));
        assert_eq!(quantile(f64::NAN), Err(NoValue::NotFinite));
        assert_eq!(two_sided_p(f64::INFINITY), Err(NoValue::NotFinite));
    }
}
