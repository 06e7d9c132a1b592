//! Rank intervals: which places in a table a region may hold, given the intervals of all values.
//!
//! Place 1 is the best. Nothing is simulated: a region is certainly better than another if their intervals do not
//! touch. Only regions with an interval are ranked; those without stand outside the table, not at its end.

use super::{
    NoValue,
    interval::Bounds,
    number::{finite, size},
};

/// Which end of the values is the better one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// Such as employment rates.
    Higher,
    /// Such as cost per participant.
    Lower,
}

/// The places a member may hold among all, `1 <= best <= worst <= members`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RankInterval {
    /// One more than the members that are certainly better.
    pub best: usize,
    /// The members that are not certainly worse, itself included.
    pub worst: usize,
}

/// The rank interval of each member, in the order given.
///
/// If the intervals of the values hold together with some confidence (see [`simultaneous_confidence`]), so do all rank
/// intervals; from intervals that hold one by one they are too narrow together. Intervals that touch in a point
/// overlap.
///
/// Source: Klein, Wright and Wieczorek 2020, "A joint confidence region for an overall ranking of populations", JRSS C
/// 69, 589-606.
///
/// # Errors
/// `Empty`; `OneMember`, as there is nothing to be better than; `NotFinite`; `Reversed`.
pub fn rank_intervals(bounds: &[Bounds], better: Better) -> Result<Vec<RankInterval>, NoValue> {
    if bounds.is_empty() {
        return Err(NoValue::Empty);
    }
    if bounds.len() == 1 {
        return Err(NoValue::OneMember);
    }
    // Ascending from the best: a lower value is a better one.
    let towards_best = |bounds: &Bounds| {
        let bounds = Bounds::new(bounds.lower, bounds.upper)?;
        match better {
            Better::Lower => Ok(bounds),
            Better::Higher => Bounds::new(-bounds.upper, -bounds.lower),
        }
    };
    let bounds: Vec<Bounds> = bounds.iter().map(towards_best).collect::<Result<_, _>>()?;
    let sorted = |end: fn(&Bounds) -> f64| {
        let mut ends: Vec<f64> = bounds.iter().map(end).collect();
        ends.sort_unstable_by(f64::total_cmp);
        ends
    };
    let (lowers, uppers) = (sorted(|bounds| bounds.lower), sorted(|bounds| bounds.upper));
    let places = bounds.iter().map(|own| RankInterval {
        best: 1 + uppers.partition_point(|upper| *upper < own.lower),
        worst: lowers.partition_point(|lower| *lower <= own.upper),
    });
    Ok(places.collect())
}

/// The confidence each of so many independent intervals needs for all to hold together with the given one: its root.
///
/// Source: Sidak 1967, JASA 62, 626-633, as used by Klein, Wright and Wieczorek 2020.
///
/// # Errors
/// `NotFinite`; `OutOfRange` unless `0 < confidence < 1`; `Empty` for no interval.
pub fn simultaneous_confidence(confidence: f64, intervals: usize) -> Result<f64, NoValue> {
    let confidence = finite(confidence)?;
    if confidence <= 0.0 || confidence >= 1.0 {
        return Err(NoValue::OutOfRange);
    }
    if intervals == 0 {
        return Err(NoValue::Empty);
    }
    if intervals == 1 {
        return Ok(confidence);
    }
    finite((confidence.ln() / size(intervals)).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::number::testing::{close, printed};

    fn bounds(ends: &[(f64, f64)]) -> Vec<Bounds> {
        ends.iter()
            .map(|(lower, upper)| Bounds {
                lower: *lower,
                upper: *upper,
            })
            .collect()
    }

    fn places(ends: &[(f64, f64)], better: Better) -> Vec<(usize, usize)> {
        rank_intervals(&bounds(ends), better)
            .unwrap()
            .iter()
            .map(|place| (place.best, place.worst))
            .collect()
    }

    #[test]
    fn intervals_apart_have_one_place_each() {
        let ends = [(0.1, 0.2), (0.5, 0.6), (0.3, 0.4)];
        assert_eq!(places(&ends, Better::Higher), [(3, 3), (1, 1), (2, 2)]);
        assert_eq!(places(&ends, Better::Lower), [(1, 1), (3, 3), (2, 2)]);
    }

    #[test]
    fn overlapping_intervals_share_their_places() {
        let ends = [(0.4, 0.6), (0.5, 0.7), (0.65, 0.9), (0.0, 0.1)];
        assert_eq!(
            places(&ends, Better::Higher),
            [(2, 3), (1, 3), (1, 2), (4, 4)]
        );
    }

    #[test]
    fn touching_and_equal_intervals_overlap() {
        assert_eq!(
            places(&[(0.1, 0.2), (0.2, 0.3)], Better::Higher),
            [(1, 2), (1, 2)]
        );
        assert_eq!(
            places(&[(0.2, 0.2), (0.2, 0.2)], Better::Lower),
            [(1, 2), (1, 2)]
        );
        assert_eq!(
            places(&[(0.0, 0.0), (-0.0, -0.0)], Better::Lower),
            [(1, 2), (1, 2)]
        );
    }

    #[test]
    fn many_intervals_need_more_confidence_each() {
        assert_eq!(simultaneous_confidence(0.95, 1), Ok(0.95));
        assert!(printed(simultaneous_confidence(0.95, 10), "0.994884"));
        assert!(close(
            simultaneous_confidence(0.95, 24).unwrap().powi(24),
            0.95
        ));
    }

    #[test]
    fn what_cannot_be_ranked_has_a_reason() {
        assert_eq!(rank_intervals(&[], Better::Higher), Err(NoValue::Empty));
        assert_eq!(
            rank_intervals(&bounds(&[(0.1, 0.2)]), Better::Higher),
            Err(NoValue::OneMember)
        );
        assert_eq!(
            rank_intervals(&bounds(&[(0.1, 0.2), (0.4, 0.3)]), Better::Lower),
            Err(NoValue::Reversed)
        );
        assert_eq!(
            rank_intervals(&bounds(&[(0.1, f64::NAN), (0.4, 0.5)]), Better::Lower),
            Err(NoValue::NotFinite)
        );
        assert_eq!(simultaneous_confidence(0.95, 0), Err(NoValue::Empty));
        assert_eq!(simultaneous_confidence(1.0, 3), Err(NoValue::OutOfRange));
    }
}
