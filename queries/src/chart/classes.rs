//! Classes of values for the maps: natural breaks (Fisher's exact grouping, which leaves the least variance within the
//! classes), at most five, their bounds the roundest numbers that part the groups. Equal values never part. A value on
//! a bound belongs to the class above.

use crate::chart::palette::{Colour, RAMP, class_colour};

/// More distinct values than this are thinned out evenly before they are grouped, which keeps the time bounded.
const MOST: usize = 1000;

/// The bounds between classes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Classes {
    bounds: Vec<f64>,
    empty: bool,
}

impl Classes {
    /// Groups these values.
    pub(crate) fn of(values: &[f64]) -> Self {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        sorted.dedup();
        if sorted.len() > MOST {
            let last = sorted.len() - 1;
            sorted = (0..MOST).map(|i| sorted[i * last / (MOST - 1)]).collect();
        }
        let starts = breaks(&sorted, RAMP.len().min(sorted.len()));
        let bounds = starts
            .iter()
            .map(|&i| roundest(sorted[i - 1], sorted[i]))
            .collect();
        Self {
            bounds,
            empty: sorted.is_empty(),
        }
    }

    /// The bounds between classes, ascending; one fewer than there are classes.
    pub(crate) fn bounds(&self) -> &[f64] {
        &self.bounds
    }

    /// How many classes there are.
    pub(crate) fn len(&self) -> usize {
        if self.empty { 0 } else { self.bounds.len() + 1 }
    }

    /// The colour of a class.
    pub(crate) fn colour(&self, class: usize) -> Colour {
        class_colour(class, self.len())
    }

    /// The colour of a value.
    pub(crate) fn colour_of(&self, value: f64) -> Colour {
        self.colour(self.class(value))
    }

    fn class(&self, value: f64) -> usize {
        self.bounds.iter().filter(|&&bound| value >= bound).count()
    }
}

/// Where the second and later of `count` groups of sorted distinct values start.
fn breaks(sorted: &[f64], count: usize) -> Vec<usize> {
    let n = sorted.len();
    if count < 2 {
        return Vec::new();
    }
    // Scaled, so that squares of huge values stay finite.
    let scale = sorted.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
    let (mut sums, mut squares) = (vec![0.0; n + 1], vec![0.0; n + 1]);
    for (i, value) in sorted.iter().enumerate() {
        let x = value / scale;
        sums[i + 1] = sums[i] + x;
        squares[i + 1] = squares[i] + x * x;
    }
    let spread = |from: usize, to: usize| {
        let sum: f64 = sums[to] - sums[from];
        (squares[to] - squares[from] - sum * sum / (to - from) as f64).max(0.0)
    };
    let mut cost: Vec<f64> = (0..=n)
        .map(|to| if to == 0 { 0.0 } else { spread(0, to) })
        .collect();
    let mut from = vec![vec![0; n + 1]; count];
    for (k, starts) in from.iter_mut().enumerate().skip(1) {
        let before = cost.clone();
        for to in (k + 1)..=n {
            cost[to] = f64::INFINITY;
            for (start, cheapest) in before.iter().enumerate().take(to).skip(k) {
                let total = cheapest + spread(start, to);
                if total < cost[to] {
                    (cost[to], starts[to]) = (total, start);
                }
            }
        }
    }
    let mut starts = Vec::new();
    let mut to = n;
    for k in (1..count).rev() {
        to = from[k][to];
        starts.push(to);
    }
    starts.reverse();
    starts
}

/// The roundest number above `low` and not above `high`.
fn roundest(low: f64, high: f64) -> f64 {
    let top = (high.abs().max(low.abs())).log10().ceil() as i32 + 1;
    for exponent in (top - 17..=top).rev() {
        for lead in [5.0, 2.0, 1.0] {
            let number = if exponent >= 0 {
                let step = lead * 10_f64.powi(exponent);
                (high / step).floor() * step
            } else {
                let inverse = 10_f64.powi(-exponent);
                (high * inverse / lead).floor() * lead / inverse
            };
            if number > low && number <= high {
                return number;
            }
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_part_the_classes_at_round_numbers() {
        let classes = Classes::of(&[1.2, 1.3, 1.1, 7.4, 7.9, 31.0, 33.0, 180.0, 950.0]);
        assert_eq!(classes.bounds(), [5.0, 20.0, 100.0, 500.0]);
        assert_eq!(
            (
                classes.len(),
                classes.class(1.3),
                classes.class(5.0),
                classes.class(950.0)
            ),
            (5, 0, 1, 4)
        );
    }

    #[test]
    fn few_values_make_few_classes() {
        assert_eq!(Classes::of(&[]).len(), 0);
        assert_eq!(Classes::of(&[3.0, 3.0, 3.0]).len(), 1);
        assert_eq!(Classes::of(&[0.0]).len(), 1);
        assert_eq!(Classes::of(&[f64::NAN, 1.0, 2.0]).bounds(), [2.0]);
    }

    #[test]
    fn negative_zero_tiny_and_huge_values_are_grouped() {
        assert_eq!(Classes::of(&[-5.0, -4.9, 0.0, 3.0]).class(-5.0), 0);
        assert_eq!(Classes::of(&[1e300, -1e300]).bounds(), [0.0]);
        let close = [0.1, 0.1 + f64::EPSILON];
        let bound = Classes::of(&close).bounds()[0];
        assert!(bound > close[0] && bound <= close[1]);
        let tiny = Classes::of(&[1e-300, 2e-300]);
        assert_eq!((tiny.class(1e-300), tiny.class(2e-300)), (0, 1));
    }

    #[test]
    fn every_class_holds_a_value_and_bounds_ascend() {
        let values: Vec<f64> = (0..4000_u32)
            .map(|i| f64::from(i * 7919 % 4001).powi(2) / 100.0)
            .collect();
        let classes = Classes::of(&values);
        assert!(classes.bounds().windows(2).all(|pair| pair[0] < pair[1]));
        for class in 0..5 {
            assert!(values.iter().any(|v| classes.class(*v) == class));
        }
    }
}
