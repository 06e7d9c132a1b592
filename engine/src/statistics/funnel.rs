//! Funnel limits: how far from a target a rate may lie by chance, given its number of cases.
//!
//! Rates and targets are 0-1, `n` is persons. The limits are those of the target, not of the region: a region outside
//! them differs from the target, one inside need not equal it. The warning level is 95 %, the alarm level 99.8 %.
//!
//! Source: Spiegelhalter 2005, "Funnel plots for comparing institutional performance", Statistics in Medicine 24,
//! 1185-1202; domain.md section 5. Both print z as 1.96 and 3.09; here z belongs exactly to the level named.

use super::{
    NoValue,
    interval::Bounds,
    normal::critical,
    number::{finite, part_of, real, share, size, square, sum},
};

/// The level of the inner limits.
pub const WARNING: f64 = 0.95;

/// The level of the outer limits.
pub const ALARM: f64 = 0.998;

/// How many of the z values are moved in at either end before their mean square, in percent.
const WINSORISED_PERCENT: usize = 10;

/// The inner and the outer limits at one number of cases.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Funnel {
    /// At the level [`WARNING`].
    pub warning: Bounds,
    /// At the level [`ALARM`].
    pub alarm: Bounds,
}

/// Both limits around a target, without overdispersion.
///
/// # Errors
/// Those of [`limits`].
pub fn funnel(target: f64, n: i64) -> Result<Funnel, NoValue> {
    Ok(Funnel {
        warning: limits(target, n, WARNING, 1.0)?,
        alarm: limits(target, n, ALARM, 1.0)?,
    })
}

/// The limits `p0 -+ z sqrt(f p0 (1 - p0) / n)`, cut to 0-1; `f` is the [`dispersion`], or 1 where it is smaller.
///
/// # Errors
/// `NotFinite`; `Negative`; `ZeroDenominator` if `n` is 0; `OutOfRange` unless the target is 0-1 and
/// `0 < confidence < 1`; `NoVariance` for a target of 0 or 1, from which nothing can differ by chance.
pub fn limits(target: f64, n: i64, confidence: f64, dispersion: f64) -> Result<Bounds, NoValue> {
    let half =
        critical(confidence)? * (finite(dispersion)?.max(1.0)).sqrt() * standard_error(target, n)?;
    Bounds::new((target - half).max(0.0), (target + half).min(1.0))
}

/// How many standard errors of the target a rate lies from it: `(x/n - p0) / sqrt(p0 (1 - p0) / n)`.
///
/// # Errors
/// Those of [`limits`]; `PartExceedsWhole`.
pub fn z_score(successes: i64, n: i64, target: f64) -> Result<f64, NoValue> {
    let (part, whole) = part_of(successes, n)?;
    finite((part / whole - target) / standard_error(target, n)?)
}

/// The overdispersion factor: the mean square of the z scores after a tenth at either end is moved in to the nearest
/// score that stays (rounded down, so fewer than ten stay as they are).
///
/// About 1 if regions differ by chance only. Spiegelhalter applies it only where it is significantly above 1;
/// [`limits`] applies any factor above 1, as domain.md says, which gives the wider limits.
///
/// # Errors
/// `Empty`; `NotFinite`; `OneMember`.
pub fn dispersion(z_scores: &[f64]) -> Result<f64, NoValue> {
    let mut sorted: Vec<f64> = z_scores
        .iter()
        .map(|score| finite(*score))
        .collect::<Result<_, _>>()?;
    sorted.sort_unstable_by(f64::total_cmp);
    let moved = sorted.len() * WINSORISED_PERCENT / 100;
    let (lowest, highest) = match sorted.as_slice() {
        [] => return Err(NoValue::Empty),
        [_] => return Err(NoValue::OneMember),
        scores => (scores[moved], scores[scores.len() - 1 - moved]),
    };
    finite(
        sum(sorted
            .iter()
            .map(|score| square(score.clamp(lowest, highest))))
            / size(sorted.len()),
    )
}

fn standard_error(target: f64, n: i64) -> Result<f64, NoValue> {
    let target = share(target)?;
    if n < 0 {
        return Err(NoValue::Negative);
    }
    if n == 0 {
        return Err(NoValue::ZeroDenominator);
    }
    let variance = target * (1.0 - target) / real(n);
    if variance > 0.0 {
        Ok(variance.sqrt())
    } else {
        Err(NoValue::NoVariance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::number::testing::{close, printed};

    #[test]
    fn the_limits_are_those_by_hand() {
        // Standard error 0.05.
        let funnel = funnel(0.5, 100).unwrap();
        assert!(
            printed(Ok(funnel.warning.lower), "0.402")
                && printed(Ok(funnel.warning.upper), "0.598")
        );
        assert!(
            printed(Ok(funnel.alarm.lower), "0.345488")
                && printed(Ok(funnel.alarm.upper), "0.654512")
        );
        assert!(close(z_score(60, 100, 0.5).unwrap(), 2.0));
    }

    #[test]
    fn limits_stay_rates() {
        let funnel = funnel(0.1, 3).unwrap();
        assert!(funnel.warning.lower == 0.0 && funnel.alarm.lower == 0.0);
        assert!(limits(0.9, 1, 0.95, 1.0).unwrap().upper <= 1.0);
    }

    #[test]
    fn overdispersion_widens_and_never_narrows() {
        let plain = limits(0.5, 100, 0.95, 1.0).unwrap();
        assert_eq!(limits(0.5, 100, 0.95, 0.3), Ok(plain));
        let wide = limits(0.5, 100, 0.95, 4.0).unwrap();
        assert!(close(wide.upper - 0.5, 2.0 * (plain.upper - 0.5)));
    }

    #[test]
    fn the_farthest_tenth_is_moved_in() {
        assert_eq!(dispersion(&[1.0, -1.0, 3.0, -3.0]), Ok(5.0));
        let scores = [50.0, 2.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, -2.0, -90.0];
        assert_eq!(dispersion(&scores), Ok((4.0 * 4.0 + 6.0) / 10.0));
    }

    #[test]
    fn what_has_no_limits_has_a_reason() {
        assert_eq!(funnel(0.5, 0), Err(NoValue::ZeroDenominator));
        assert_eq!(funnel(0.5, -1), Err(NoValue::Negative));
        assert_eq!(funnel(1.5, 10), Err(NoValue::OutOfRange));
        assert_eq!(funnel(f64::NAN, 10), Err(NoValue::NotFinite));
        for target in [0.0, 1.0] {
            assert_eq!(funnel(target, 10), Err(NoValue::NoVariance));
            assert_eq!(z_score(1, 10, target), Err(NoValue::NoVariance));
        }
        assert_eq!(z_score(0, 0, 0.5), Err(NoValue::ZeroDenominator));
        assert_eq!(z_score(2, 1, 0.5), Err(NoValue::PartExceedsWhole));
        assert_eq!(
            limits(0.5, 10, 0.95, f64::INFINITY),
            Err(NoValue::NotFinite)
        );
        assert_eq!(dispersion(&[]), Err(NoValue::Empty));
        assert_eq!(dispersion(&[1.0]), Err(NoValue::OneMember));
        assert_eq!(dispersion(&[1.0, f64::NAN]), Err(NoValue::NotFinite));
    }
}
