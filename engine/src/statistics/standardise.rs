//! Rates of regions made comparable by giving them one composition (sex, age, education, long-term unemployment).
//!
//! A stratum is a cell of that composition; the slices of one call run over the same strata of one region. Counts are
//! persons, rates events per person, weights the pooled composition in any scale. Direct standardisation answers "what
//! would the rate be with the pooled composition" and needs cases in every stratum with weight; where some are
//! missing, indirect standardisation compares the events with those expected at the pooled rates. The two are not
//! comparable with each other, so results carry their method and the share of weight without support.

use super::{
    NoValue,
    indirect::{expected, indirect},
    interval::Bounds,
    normal::critical,
    number::{amounts, denominator, finite, paired, part_of, sum},
};

/// A directly standardised rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Direct {
    /// The rate, 0-1.
    pub rate: f64,
    /// The variance of the rate. A stratum in which none or all had the event adds nothing to it, so with few cases
    /// per stratum it is too small.
    pub variance: f64,
}

impl Direct {
    /// The normal interval of the rate, cut to 0-1.
    ///
    /// # Errors
    /// `NoVariance` if none or all had the event in every stratum; `OutOfRange` unless `0 < confidence < 1`.
    pub fn bounds(&self, confidence: f64) -> Result<Bounds, NoValue> {
        let half = critical(confidence)? * self.variance.sqrt();
        if half <= 0.0 {
            return Err(NoValue::NoVariance);
        }
        Bounds::new((self.rate - half).max(0.0), (self.rate + half).min(1.0))
    }
}

/// The direct rate `sum w_k r_k` with variance `sum w_k^2 r_k (1 - r_k) / n_k`, weights scaled to sum 1.
///
/// Source: domain.md section 5; Breslow and Day 1987, "Statistical methods in cancer research II", IARC 82, section
/// 2.2, with the binomial variance.
///
/// # Errors
/// `Empty`; `UnequalLengths`; `NotFinite`; `Negative`; `PartExceedsWhole`; `ZeroDenominator` if all weights are 0;
/// `NoSupport` if a stratum with weight has no persons, then use [`indirect`].
pub fn direct(weights: &[f64], events: &[i64], persons: &[i64]) -> Result<Direct, NoValue> {
    if unsupported_share(weights, persons)? > 0.0 {
        return Err(NoValue::NoSupport);
    }
    crude(events, persons)?;
    let total = sum(weights.iter().copied());
    let (mut rates, mut variances) = (Vec::new(), Vec::new());
    for ((weight, events), persons) in weights.iter().zip(events).zip(persons) {
        if *weight > 0.0 {
            let (part, whole) = part_of(*events, *persons)?;
            let (weight, rate) = (weight / total, part / whole);
            rates.push(weight * rate);
            variances.push(weight * weight * rate * ((whole - part) / whole) / whole);
        }
    }
    Ok(Direct {
        rate: finite(sum(rates).min(1.0))?,
        variance: finite(sum(variances))?,
    })
}

/// The rate without standardisation: all events over all persons of the region.
///
/// # Errors
/// `Empty`; `UnequalLengths`; `Negative`; `PartExceedsWhole`, also in one stratum; `ZeroDenominator` without persons;
/// `Overflow`.
pub fn crude(events: &[i64], persons: &[i64]) -> Result<f64, NoValue> {
    paired(events, persons)?;
    if events.is_empty() {
        return Err(NoValue::Empty);
    }
    for (events, persons) in events.iter().zip(persons) {
        match part_of(*events, *persons) {
            Err(NoValue::ZeroDenominator) if *events == 0 => {}
            Err(NoValue::ZeroDenominator) => return Err(NoValue::PartExceedsWhole),
            other => drop(other?),
        }
    }
    let (part, whole) = part_of(total(events)?, total(persons)?)?;
    Ok(part / whole)
}

/// The share of the weight, 0-1, that lies on strata without persons; shown beside every standardised rate.
///
/// # Errors
/// `Empty`; `UnequalLengths`; `NotFinite`; `Negative`; `ZeroDenominator` if all weights are 0.
pub fn unsupported_share(weights: &[f64], persons: &[i64]) -> Result<f64, NoValue> {
    paired(weights, persons)?;
    amounts(weights)?;
    if persons.iter().any(|persons| *persons < 0) {
        return Err(NoValue::Negative);
    }
    let total = denominator(sum(weights.iter().copied()))?;
    let without = weights
        .iter()
        .zip(persons)
        .filter(|(_, persons)| **persons == 0)
        .map(|(weight, _)| *weight);
    finite((sum(without) / total).min(1.0))
}

/// Which standardisation gave a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// [`direct`].
    Direct,
    /// [`indirect`].
    Indirect,
}

/// A standardised rate with what must be shown beside it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standardised {
    /// How it was found.
    pub method: Method,
    /// The standardised rate.
    pub rate: f64,
    /// Its interval, or why there is none.
    pub bounds: Result<Bounds, NoValue>,
    /// The rate without standardisation.
    pub crude: f64,
    /// The share of the weight without support; 0 for the direct method.
    pub unsupported_share: f64,
}

/// The direct rate of a region where every stratum with weight has persons, else the indirect one.
///
/// The reference rate of the indirect method is `sum w_k r_k` over the pooled rates, weights scaled to sum 1.
///
/// # Errors
/// Those of [`direct`] (without `NoSupport`), [`crude`], [`expected`] and [`indirect`].
pub fn standardise(
    weights: &[f64],
    events: &[i64],
    persons: &[i64],
    reference_rates: &[f64],
    confidence: f64,
) -> Result<Standardised, NoValue> {
    let unsupported_share = unsupported_share(weights, persons)?;
    let crude = crude(events, persons)?;
    let expected = expected(persons, reference_rates)?;
    let (method, rate, bounds) = match direct(weights, events, persons) {
        Ok(direct) => (Method::Direct, direct.rate, direct.bounds(confidence)),
        Err(NoValue::NoSupport) => {
            let weighted = weights
                .iter()
                .zip(reference_rates)
                .map(|(weight, rate)| weight * rate);
            let reference_rate = finite(sum(weighted) / sum(weights.iter().copied()))?;
            let indirect = indirect(total(events)?, expected, reference_rate, confidence)?;
            (Method::Indirect, indirect.rate, Ok(indirect.rate_bounds))
        }
        Err(reason) => return Err(reason),
    };
    Ok(Standardised {
        method,
        rate,
        bounds,
        crude,
        unsupported_share,
    })
}

fn total(counts: &[i64]) -> Result<i64, NoValue> {
    counts
        .iter()
        .try_fold(0_i64, |sum, count| sum.checked_add(*count))
        .ok_or(NoValue::Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::number::testing::{close, printed};

    #[test]
    fn the_direct_rate_is_that_by_hand() {
        // Rates 0.2 and 0.5, weights 1/4 and 3/4; 0.0625 * 0.16 / 10 + 0.5625 * 0.25 / 20.
        let direct = direct(&[1.0, 3.0], &[2, 10], &[10, 20]).unwrap();
        assert!(close(direct.rate, 0.425) && close(direct.variance, 0.008_031_25));
        let bounds = direct.bounds(0.95).unwrap();
        assert!(
            printed(Ok(bounds.lower), "0.249353") && printed(Ok(bounds.upper), "0.600647"),
            "{bounds:?}"
        );
        assert!(close(crude(&[2, 10], &[10, 20]).unwrap(), 0.4));
    }

    #[test]
    fn a_stratum_without_support_changes_the_method_and_shows() {
        let (weights, rates) = ([1.0, 3.0], [0.2, 0.4]);
        let whole = standardise(&weights, &[2, 10], &[10, 20], &rates, 0.95).unwrap();
        assert_eq!(
            (whole.method, whole.unsupported_share),
            (Method::Direct, 0.0)
        );
        let part = standardise(&weights, &[2, 0], &[10, 0], &rates, 0.95).unwrap();
        assert_eq!(
            (part.method, part.unsupported_share),
            (Method::Indirect, 0.75)
        );
        // As many as expected at the pooled rates, so the pooled rate 0.35.
        assert!(close(part.rate, 0.35) && close(part.crude, 0.2) && part.bounds.is_ok());
        let without_weight = standardise(&[1.0, 0.0], &[2, 0], &[10, 0], &rates, 0.95).unwrap();
        assert_eq!(
            (without_weight.method, without_weight.rate),
            (Method::Direct, 0.2)
        );
    }

    #[test]
    fn certainty_is_not_claimed() {
        let all = standardise(&[1.0, 1.0], &[3, 4], &[3, 4], &[0.5, 0.5], 0.95).unwrap();
        assert_eq!((all.rate, all.bounds), (1.0, Err(NoValue::NoVariance)));
    }

    #[test]
    fn what_cannot_be_standardised_has_a_reason() {
        assert_eq!(
            direct(&[1.0, 1.0], &[1, 0], &[2, 0]),
            Err(NoValue::NoSupport)
        );
        assert_eq!(
            direct(&[0.0, 0.0], &[1, 1], &[2, 2]),
            Err(NoValue::ZeroDenominator)
        );
        assert_eq!(direct(&[1.0], &[3], &[2]), Err(NoValue::PartExceedsWhole));
        assert_eq!(direct(&[-1.0], &[1], &[2]), Err(NoValue::Negative));
        assert_eq!(direct(&[], &[], &[]), Err(NoValue::Empty));
        assert_eq!(direct(&[1.0], &[1, 2], &[2]), Err(NoValue::UnequalLengths));
        assert_eq!(crude(&[], &[]), Err(NoValue::Empty));
        assert_eq!(crude(&[0], &[0]), Err(NoValue::ZeroDenominator));
        assert_eq!(crude(&[1, 1], &[0, 9]), Err(NoValue::PartExceedsWhole));
        assert_eq!(crude(&[1, -1], &[2, 9]), Err(NoValue::Negative));
        assert_eq!(crude(&[0, 0], &[i64::MAX, 1]), Err(NoValue::Overflow));
        assert_eq!(
            standardise(&[1.0, 1.0], &[0, 0], &[0, 0], &[0.1, 0.1], 0.95),
            Err(NoValue::ZeroDenominator)
        );
    }
}
