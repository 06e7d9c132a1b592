//! Empirical-Bayes shrinkage: rates of small regions drawn towards the common mean by how uncertain they are.
//!
//! `events` are counts of persons or events, `exposure` the persons (or person-time) they come from; rates are events
//! per exposure. The estimates are for comparing and mapping; money is paid on the raw rate. No distribution is
//! assumed beyond the variance of a rate given its region: mean and variance between regions come from moments.
//!
//! Source: Marshall 1991, "Mapping disease and mortality rates using empirical Bayes estimators", Applied Statistics
//! 40, 283-294 (the global estimator); domain.md section 5.

use super::{
    NoValue,
    number::{amounts, denominator, finite, paired, size, square, sum},
};

/// How a rate varies within its region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variation {
    /// Events are persons among the exposed: variance `m (1 - m) / n`.
    Binomial,
    /// Events are rare or repeatable, exposure may be time: variance `m / n`.
    Poisson,
}

/// The shrunk rates of all regions and what they were shrunk by.
#[derive(Debug, Clone, PartialEq)]
pub struct Shrunk {
    /// The common mean `m`: all events over all exposure.
    pub mean: f64,
    /// The variance between regions `s^2`; 0 if the rates differ no more than by chance, then all estimates are `m`.
    pub variance: f64,
    /// The estimate of each region in the order given; none where the region has no exposure, for `m` would be a
    /// guess there.
    pub estimates: Vec<Option<f64>>,
}

/// Shrinks the rates of regions to their common mean.
///
/// `m = sum y / sum n`; `s^2 = sum n_i (r_i - m)^2 / sum n - v / n_mean`, at least 0, with `v = m (1 - m)` (binomial)
/// or `m` (Poisson) and `n_mean` the mean exposure; `estimate_i = m + s^2 / (s^2 + v / n_i) (r_i - m)`. Regions without
/// exposure take no part in the mean exposure.
///
/// # Errors
/// `Empty`; `UnequalLengths`; `NotFinite`; `Negative`; `ZeroDenominator` if no region has exposure;
/// `PartExceedsWhole` if there are more events than exposure (binomial) or events without any; `OneMember` if one
/// region has exposure.
pub fn shrink(events: &[f64], exposure: &[f64], variation: Variation) -> Result<Shrunk, NoValue> {
    paired(events, exposure)?;
    amounts(events)?;
    amounts(exposure)?;
    let excess = |(events, exposure): (&f64, &f64)| match variation {
        Variation::Binomial => events > exposure,
        Variation::Poisson => *events > 0.0 && *exposure == 0.0,
    };
    if events.iter().zip(exposure).any(excess) {
        return Err(NoValue::PartExceedsWhole);
    }
    let total = denominator(sum(exposure.iter().copied()))?;
    let regions = exposure.iter().filter(|exposure| **exposure > 0.0).count();
    if regions < 2 {
        return Err(NoValue::OneMember);
    }
    let mean = sum(events.iter().copied()) / total;
    let unit = match variation {
        Variation::Binomial => mean * (1.0 - mean),
        Variation::Poisson => mean,
    };
    let rates = || {
        events
            .iter()
            .zip(exposure)
            .map(|(events, exposure)| (events / exposure, *exposure))
    };
    let squares = rates()
        .filter(|rate| rate.1 > 0.0)
        .map(|(rate, exposure)| exposure * square(rate - mean));
    let by_chance = unit * size(regions) / total;
    let variance = finite((sum(squares) / total - by_chance).max(0.0))?;
    let estimate = |(rate, exposure): (f64, f64)| {
        let kept = if variance > 0.0 {
            variance / (variance + unit / exposure)
        } else {
            0.0
        };
        finite(mean + kept * (rate - mean))
    };
    let estimates = rates().map(|rate| {
        if rate.1 > 0.0 {
            estimate(rate).map(Some)
        } else {
            Ok(None)
        }
    });
    Ok(Shrunk {
        mean: finite(mean)?,
        variance,
        estimates: estimates.collect::<Result<_, _>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::number::testing::{close, printed};

    #[test]
    fn the_estimates_are_those_by_hand() {
        // m = 0.5, s^2 = 0.16 - 0.25 / 50 = 0.155, v_i = 0.005: 0.155 / 0.16 = 0.96875 of the distance stays.
        let shrunk = shrink(&[5.0, 45.0], &[50.0, 50.0], Variation::Binomial).unwrap();
        assert!(close(shrunk.mean, 0.5) && close(shrunk.variance, 0.155));
        assert!(printed(Ok(shrunk.estimates[0].unwrap()), "0.1125"));
        assert!(printed(Ok(shrunk.estimates[1].unwrap()), "0.8875"));
        // m = 0.5, s^2 = 0.16 - 0.5 / 50 = 0.15, v_i = 0.01: 0.9375 stays.
        let counts = shrink(&[5.0, 45.0], &[50.0, 50.0], Variation::Poisson).unwrap();
        assert!(printed(Ok(counts.estimates[0].unwrap()), "0.125"));
    }

    #[test]
    fn a_small_region_moves_more_and_none_leaves_its_side() {
        let shrunk = shrink(
            &[9.0, 900.0, 2000.0],
            &[10.0, 1000.0, 10_000.0],
            Variation::Binomial,
        )
        .unwrap();
        let (small, large) = (shrunk.estimates[0].unwrap(), shrunk.estimates[1].unwrap());
        assert!(shrunk.mean < small && small < large && large < 0.9);
    }

    #[test]
    fn differences_within_chance_vanish() {
        let shrunk = shrink(&[5.0, 6.0], &[10.0, 10.0], Variation::Binomial).unwrap();
        assert_eq!(
            (shrunk.variance, shrunk.estimates),
            (0.0, vec![Some(0.55), Some(0.55)])
        );
        let none = shrink(&[0.0, 0.0], &[10.0, 10.0], Variation::Binomial).unwrap();
        assert_eq!(none.estimates, vec![Some(0.0), Some(0.0)]);
    }

    #[test]
    fn a_region_without_exposure_gets_no_estimate_and_changes_none() {
        let two = shrink(&[5.0, 45.0], &[50.0, 50.0], Variation::Binomial).unwrap();
        let three = shrink(&[5.0, 0.0, 45.0], &[50.0, 0.0, 50.0], Variation::Binomial).unwrap();
        assert_eq!(
            three.estimates,
            vec![two.estimates[0], None, two.estimates[1]]
        );
    }

    #[test]
    fn the_order_of_the_regions_changes_no_bit() {
        let mut regions: Vec<(f64, f64)> = (1..30)
            .map(|region| {
                (
                    f64::from(region % 11),
                    f64::from(region).exp2().sqrt() * 11.0,
                )
            })
            .collect();
        let estimate = |regions: &[(f64, f64)]| {
            let (events, exposure): (Vec<f64>, Vec<f64>) = regions.iter().copied().unzip();
            shrink(&events, &exposure, Variation::Poisson)
                .unwrap()
                .estimates
        };
        let mut first = estimate(&regions);
        for _ in 0..regions.len() {
            regions.rotate_left(1);
            first.rotate_left(1);
            assert_eq!(estimate(&regions), first);
        }
    }

    #[test]
    fn what_cannot_be_shrunk_has_a_reason() {
        let binomial =
            |events: &[f64], exposure: &[f64]| shrink(events, exposure, Variation::Binomial);
        assert_eq!(binomial(&[], &[]), Err(NoValue::Empty));
        assert_eq!(binomial(&[1.0], &[2.0]), Err(NoValue::OneMember));
        assert_eq!(binomial(&[1.0, 0.0], &[2.0, 0.0]), Err(NoValue::OneMember));
        assert_eq!(
            binomial(&[0.0, 0.0], &[0.0, 0.0]),
            Err(NoValue::ZeroDenominator)
        );
        assert_eq!(
            binomial(&[3.0, 1.0], &[2.0, 2.0]),
            Err(NoValue::PartExceedsWhole)
        );
        assert_eq!(binomial(&[-1.0, 1.0], &[2.0, 2.0]), Err(NoValue::Negative));
        assert_eq!(binomial(&[1.0], &[2.0, 2.0]), Err(NoValue::UnequalLengths));
        assert!(shrink(&[3.0, 1.0], &[2.0, 2.0], Variation::Poisson).is_ok());
        assert_eq!(
            shrink(&[3.0, 1.0, 1.0], &[0.0, 2.0, 2.0], Variation::Poisson),
            Err(NoValue::PartExceedsWhole)
        );
    }
}
