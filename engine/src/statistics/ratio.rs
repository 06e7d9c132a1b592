//! Ratios of sums, such as cost per participant, and how far they would move with other projects.
//!
//! A metric divides a sum by a sum, it does not average the ratios of projects. Its uncertainty is that between
//! projects: the operations are the clusters, participants within one share its price. Numerators are amounts,
//! denominators counts or amounts; none is negative, a correction belongs to the amount it corrects. All results are
//! in units of numerator per unit of denominator.

use super::{
    NoValue,
    interval::Bounds,
    normal::critical,
    number::{amounts, compensated, denominator, finite, paired, size, square, sum},
    percentile::weighted_percentile,
};

/// With fewer projects than this the range of their ratios stands for an interval.
///
/// The rule of thumb of domain.md section 6 (fewer than about 30 clusters), after Cameron, Gelbach and Miller 2008,
/// Review of Economics and Statistics 90, 414-427.
pub const FEW_PROJECTS: usize = 30;

/// The most resamples [`ratio_bootstrap`] draws; more change no digit that is shown.
pub const MOST_REPLICATES: usize = 100_000;

/// How the bounds of a ratio were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RatioMethod {
    /// [`ratio_delta`] at 95 %.
    Delta,
    /// [`ratio_range`].
    Range,
}

/// The sum of the numerators over the sum of the denominators.
///
/// # Errors
/// `Empty`; `UnequalLengths`; `NotFinite`; `Negative`; `ZeroDenominator` if all denominators are 0.
pub fn ratio(numerators: &[f64], denominators: &[f64]) -> Result<f64, NoValue> {
    paired(numerators, denominators)?;
    amounts(numerators)?;
    amounts(denominators)?;
    finite(sum(numerators.iter().copied()) / denominator(sum(denominators.iter().copied()))?)
}

/// The interval of [`ratio`] by the delta method, projects as clusters.
///
/// `R -+ z sqrt(G/(G-1) sum (y_i - R x_i)^2) / sum x` over `G` projects; the lower end is at least 0.
///
/// Source: Cochran 1977, "Sampling techniques", section 6.4; the factor `G/(G-1)` is that of domain.md section 6.
///
/// # Errors
/// Those of [`ratio`]; `OneMember` for one project; `NoVariance` if all have the same ratio; `OutOfRange`.
pub fn ratio_delta(
    numerators: &[f64],
    denominators: &[f64],
    confidence: f64,
) -> Result<Bounds, NoValue> {
    let value = ratio(numerators, denominators)?;
    let z = critical(confidence)?;
    if numerators.len() < 2 {
        return Err(NoValue::OneMember);
    }
    let squares = numerators
        .iter()
        .zip(denominators)
        .map(|(above, below)| square(above - value * below));
    let projects = size(numerators.len());
    let spread =
        (projects / (projects - 1.0) * sum(squares)).sqrt() / sum(denominators.iter().copied());
    if spread <= 8.0 * f64::EPSILON * value {
        return Err(NoValue::NoVariance);
    }
    Bounds::new((value - z * spread).max(0.0), value + z * spread)
}

/// The smallest and the largest ratio of a single project; not an interval with a confidence.
///
/// # Errors
/// Those of [`ratio`]; `OneMember` for one project; `ZeroDenominator` if any project has a denominator of 0, as its
/// ratio has no upper end.
pub fn ratio_range(numerators: &[f64], denominators: &[f64]) -> Result<Bounds, NoValue> {
    ratio(numerators, denominators)?;
    if numerators.len() < 2 {
        return Err(NoValue::OneMember);
    }
    let (mut lower, mut upper) = (f64::INFINITY, f64::NEG_INFINITY);
    for (above, below) in numerators.iter().zip(denominators) {
        let value = above / denominator(*below)?;
        (lower, upper) = (lower.min(value), upper.max(value));
    }
    Bounds::new(lower, upper)
}

/// The bounds to show beside [`ratio`]: [`ratio_range`] for fewer than [`FEW_PROJECTS`], else [`ratio_delta`] at 95 %.
///
/// # Errors
/// Those of the method that applies.
pub fn ratio_bounds(
    numerators: &[f64],
    denominators: &[f64],
) -> Result<(Bounds, RatioMethod), NoValue> {
    if numerators.len() < FEW_PROJECTS {
        Ok((ratio_range(numerators, denominators)?, RatioMethod::Range))
    } else {
        Ok((
            ratio_delta(numerators, denominators, super::normal::CONFIDENCE)?,
            RatioMethod::Delta,
        ))
    }
}

/// The percentile interval of [`ratio`] over `replicates` resamples of whole projects.
///
/// The projects are sorted and drawn by `SplitMix64` from the seed, so the same projects and seed give the same
/// interval in any order. The ends are the percentiles `(1 - confidence) / 2` and its complement of
/// [`weighted_percentile`].
///
/// Source: Efron and Tibshirani 1993, "An introduction to the bootstrap", chapter 13.
///
/// # Errors
/// Those of [`ratio`]; `OneMember` for one project; `Empty` without replicates; `OutOfRange`, also for more
/// than [`MOST_REPLICATES`]; `ZeroDenominator` if a resample has only denominators of 0.
pub fn ratio_bootstrap(
    numerators: &[f64],
    denominators: &[f64],
    confidence: f64,
    replicates: usize,
    seed: u64,
) -> Result<Bounds, NoValue> {
    ratio(numerators, denominators)?;
    critical(confidence)?;
    if numerators.len() < 2 {
        return Err(NoValue::OneMember);
    }
    if replicates > MOST_REPLICATES {
        return Err(NoValue::OutOfRange);
    }
    let mut projects: Vec<(f64, f64)> = numerators
        .iter()
        .copied()
        .zip(denominators.iter().copied())
        .collect();
    projects.sort_unstable_by(|left, right| {
        left.0.total_cmp(&right.0).then(left.1.total_cmp(&right.1))
    });
    let mut random = SplitMix64(seed);
    let mut values = Vec::with_capacity(replicates);
    for _ in 0..replicates {
        let drawn: Vec<(f64, f64)> = (0..projects.len())
            .map(|_| *random.pick(&projects))
            .collect();
        let below = denominator(compensated(drawn.iter().map(|project| project.1)))?;
        values.push(compensated(drawn.iter().map(|project| project.0)) / below);
    }
    let (weights, tail) = (vec![1.0; replicates], (1.0 - confidence) / 2.0);
    let end = |share| weighted_percentile(&values, &weights, share);
    Bounds::new(end(tail)?, end(1.0 - tail)?)
}

/// The generator of Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators", OOPSLA.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One member, all but equally likely: the bias is the length over 2^64.
    fn pick<'a, T>(&mut self, members: &'a [T]) -> &'a T {
        let length = members.len() as u128;
        let place = (u128::from(self.next()) * length) >> 64;
        // The place is below the length, so it is a usize.
        &members[usize::try_from(place).unwrap_or_default()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::number::testing::{close, printed};

    #[test]
    fn a_ratio_divides_sums() {
        assert_eq!(ratio(&[100.0, 300.0], &[10.0, 10.0]), Ok(20.0));
        // domain.md section 8: 4.3 million euro for 260 planned jobs.
        assert!(printed(ratio(&[4_300_000.0], &[260.0]), "16538.46"));
    }

    #[test]
    fn the_delta_interval_is_that_by_hand() {
        // R = 2, residuals -1, 0, 1: variance 3/2 * 2 / 36, standard error 0.288675.
        let bounds = ratio_delta(&[3.0, 4.0, 5.0], &[2.0, 2.0, 2.0], 0.95).unwrap();
        assert!(
            printed(Ok(bounds.lower), "1.434207") && printed(Ok(bounds.upper), "2.565793"),
            "{bounds:?}"
        );
        assert!(close(
            ratio_delta(&[0.0, 9.0], &[1.0, 1.0], 0.95).unwrap().lower,
            0.0
        ));
    }

    #[test]
    fn few_projects_show_their_range() {
        let few = ratio_bounds(&[30.0, 5.0, 8.0], &[10.0, 5.0, 2.0]);
        assert_eq!(
            few,
            Ok((
                Bounds {
                    lower: 1.0,
                    upper: 4.0
                },
                RatioMethod::Range
            ))
        );
        let many: Vec<f64> = (0..30).map(f64::from).collect();
        assert_eq!(
            ratio_bounds(&many, &[2.0; 30]).unwrap().1,
            RatioMethod::Delta
        );
    }

    #[test]
    fn the_bootstrap_depends_on_the_seed_and_not_on_the_order() {
        let interval =
            |above: &[f64], seed| ratio_bootstrap(above, &[1.0; 5], 0.9, 400, seed).unwrap();
        let first = interval(&[1.0, 2.0, 3.0, 4.0, 10.0], 7);
        assert_eq!(first, interval(&[10.0, 4.0, 1.0, 3.0, 2.0], 7));
        assert_ne!(first, interval(&[1.0, 2.0, 3.0, 4.0, 10.0], 8));
        assert!(first.lower < 4.0 && 4.0 < first.upper);
    }

    #[test]
    fn what_is_no_ratio_has_a_reason() {
        assert_eq!(ratio(&[], &[]), Err(NoValue::Empty));
        assert_eq!(ratio(&[1.0], &[1.0, 2.0]), Err(NoValue::UnequalLengths));
        assert_eq!(ratio(&[-1.0, 5.0], &[1.0, 1.0]), Err(NoValue::Negative));
        assert_eq!(
            ratio(&[1.0, 2.0], &[0.0, 0.0]),
            Err(NoValue::ZeroDenominator)
        );
        assert_eq!(
            ratio(&[f64::MAX, f64::MAX], &[1.0, 1.0]),
            Err(NoValue::NotFinite)
        );
        assert_eq!(
            ratio_range(&[1.0, 2.0], &[1.0, 0.0]),
            Err(NoValue::ZeroDenominator)
        );
        assert_eq!(ratio_delta(&[1.0], &[1.0], 0.95), Err(NoValue::OneMember));
        assert_eq!(ratio_range(&[1.0], &[1.0]), Err(NoValue::OneMember));
        assert_eq!(
            ratio_bootstrap(&[1.0], &[1.0], 0.95, 9, 1),
            Err(NoValue::OneMember)
        );
        assert_eq!(
            ratio_bootstrap(&[1.0, 2.0], &[1.0, 1.0], 0.95, 0, 1),
            Err(NoValue::Empty)
        );
        assert_eq!(
            ratio_bootstrap(&[1.0, 2.0], &[1.0, 1.0], 0.95, usize::MAX, 1),
            Err(NoValue::OutOfRange)
        );
        assert_eq!(
            ratio_delta(&[10.0, 20.0], &[1.0, 2.0], 0.95),
            Err(NoValue::NoVariance)
        );
    }
}
