//! Indirect standardisation: the events of a region against those expected at the pooled rates.
//!
//! Takes the place of the direct rate where a stratum has no persons ([`super::standardise`]). Counts are persons,
//! rates events per person, the ratio has no unit; 1 is as expected. Ratios of two regions are not comparable with
//! each other unless their compositions are alike: each has its own weights.

use super::{
    NoValue,
    interval::Bounds,
    number::{amount, amounts, denominator, finite, paired, real, share, sum},
    poisson::poisson,
};

/// The events to expect among the persons of a region at the pooled rates: `E = sum n_k r_k`.
///
/// # Errors
/// `Empty`; `UnequalLengths`; `NotFinite`; `Negative`; `OutOfRange` for a rate above 1.
pub fn expected(persons: &[i64], reference_rates: &[f64]) -> Result<f64, NoValue> {
    paired(persons, reference_rates)?;
    amounts(reference_rates)?;
    reference_rates
        .iter()
        .try_for_each(|rate| share(*rate).map(drop))?;
    if persons.iter().any(|persons| *persons < 0) {
        return Err(NoValue::Negative);
    }
    finite(sum(persons
        .iter()
        .zip(reference_rates)
        .map(|(persons, rate)| real(*persons) * rate)))
}

/// An indirectly standardised ratio and rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Indirect {
    /// Observed over expected events; 1 is as expected.
    pub ratio: f64,
    /// The interval of the ratio.
    pub ratio_bounds: Bounds,
    /// The ratio times the reference rate. It can exceed 1 where the ratio is large.
    pub rate: f64,
    /// The interval of the rate, under the same reserve.
    pub rate_bounds: Bounds,
}

/// The ratio `O/E` and the rate `O/E R`, `R` the pooled rate; the interval is that of the observed count
/// ([`poisson()`]), the expected one is taken as known.
///
/// Source: domain.md section 5; Breslow and Day 1987, section 2.3. For rates that are not small the interval is wider
/// than needed, as the count then varies less than a Poisson variable.
///
/// # Errors
/// `NotFinite`; `Negative`; `ZeroDenominator` if no events are expected; `OutOfRange`.
pub fn indirect(
    observed: i64,
    expected: f64,
    reference_rate: f64,
    confidence: f64,
) -> Result<Indirect, NoValue> {
    let count = poisson(observed, confidence)?;
    let expected = denominator(amount(expected)?)?;
    let reference_rate = amount(reference_rate)?;
    let ratio = finite(real(observed) / expected)?;
    let ratio_bounds = Bounds::new(count.lower / expected, count.upper / expected)?;
    let rate_bounds = ratio_bounds.times(reference_rate)?;
    Ok(Indirect {
        ratio,
        ratio_bounds,
        rate: finite(ratio * reference_rate)?,
        rate_bounds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::number::testing::{close, printed};

    #[test]
    fn the_indirect_rate_is_that_by_hand() {
        let expected = expected(&[10, 20], &[0.1, 0.2]).unwrap();
        assert!(close(expected, 5.0));
        let indirect = indirect(10, expected, 0.3, 0.95).unwrap();
        assert!(close(indirect.ratio, 2.0) && close(indirect.rate, 0.6));
        assert!(
            printed(Ok(indirect.ratio_bounds.lower), "0.957")
                && printed(Ok(indirect.rate_bounds.upper), "1.103")
        );
    }

    #[test]
    fn no_events_have_an_upper_end() {
        let none = indirect(0, 2.0, 0.3, 0.95).unwrap();
        assert!(none.ratio == 0.0 && none.ratio_bounds.lower == 0.0);
        assert!(printed(Ok(none.ratio_bounds.upper), "1.844"));
    }

    #[test]
    fn what_cannot_be_standardised_has_a_reason() {
        assert_eq!(expected(&[1], &[1.5]), Err(NoValue::OutOfRange));
        assert_eq!(expected(&[-1], &[0.5]), Err(NoValue::Negative));
        assert_eq!(indirect(3, 0.0, 0.2, 0.95), Err(NoValue::ZeroDenominator));
        assert_eq!(indirect(-3, 1.0, 0.2, 0.95), Err(NoValue::Negative));
        assert_eq!(expected(&[], &[]), Err(NoValue::Empty));
        assert_eq!(expected(&[1], &[0.5, 0.5]), Err(NoValue::UnequalLengths));
        assert_eq!(indirect(3, -1.0, 0.2, 0.95), Err(NoValue::Negative));
        assert_eq!(indirect(3, f64::NAN, 0.2, 0.95), Err(NoValue::NotFinite));
    }
}
