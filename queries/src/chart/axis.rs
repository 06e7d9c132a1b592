//! The axis of the bar chart: its range, where a value lies on it, its ticks.

use crate::chart::comparison::{Comparison, FARTHEST, Seen};

/// The range of the numbers, always with zero.
pub(crate) struct Axis {
    low: f64,
    high: f64,
}

impl Axis {
    /// The rows set it, and the overall value where bars are measured by it. Bounds reach at most to two and a half times
    /// the largest row; a wider interval must not flatten all bars.
    pub(crate) fn of(comparison: &Comparison) -> Self {
        let largest = comparison.largest();
        let limit = if largest > 0.0 {
            (largest * FARTHEST).min(f64::MAX)
        } else {
            f64::MAX
        };
        let mut axis = Self {
            low: 0.0,
            high: 0.0,
        };
        let mut hold = |value: f64| {
            axis.low = axis.low.min(value);
            axis.high = axis.high.max(value);
        };
        let numbers = comparison.numbers();
        (numbers.into_iter().chain(comparison.measure())).for_each(&mut hold);
        for row in &comparison.rows {
            if let Seen::Value(_, Some((low, high))) = row.seen() {
                hold(low.clamp(-limit, limit));
                hold(high.clamp(-limit, limit));
            }
        }
        if axis.low >= axis.high {
            axis.high = 1.0;
        }
        axis
    }

    /// Whether a value lies on it.
    pub(crate) fn holds(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// Where a value lies, from 0 to 1. Halved, so that the largest range stays finite.
    pub(crate) fn place(&self, value: f64) -> f64 {
        ((value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0)).clamp(0.0, 1.0)
    }

    /// Four to nine round numbers within the range: more would run into each other.
    pub(crate) fn ticks(&self) -> Vec<f64> {
        // An eighth of the range; halved first, so that the largest range stays finite.
        let rough = (self.high / 2.0 - self.low / 2.0) / 4.0;
        if !rough.is_normal() {
            return vec![0.0];
        }
        let exponent = rough.log10().floor() as i32;
        let lead = rough / 10_f64.powi(exponent);
        let lead = if lead <= 1.0 {
            1.0
        } else if lead <= 2.0 {
            2.0
        } else if lead <= 5.0 {
            5.0
        } else {
            10.0
        };
        let number = |k: f64| {
            if exponent < 0 {
                k * lead / 10_f64.powi(-exponent)
            } else {
                k * lead * 10_f64.powi(exponent)
            }
        };
        let step = number(1.0);
        let (first, last) = (
            (self.low / step - 1e-9).ceil(),
            (self.high / step + 1e-9).floor(),
        );
        if !(step > 0.0 && last - first < 20.0) {
            return vec![0.0];
        }
        (0..=(last - first) as u32)
            .map(|i| number(first + f64::from(i)))
            .filter(|v| v.is_finite())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{comparison::Row, testing::of};

    fn axis(values: &[f64]) -> Axis {
        Axis::of(&of(values
            .iter()
            .map(|v| Row::shown("a", "A", *v))
            .collect()))
    }

    #[test]
    fn the_axis_holds_zero_and_round_ticks() {
        assert_eq!(axis(&[12.0, 47.0]).ticks(), [0.0, 10.0, 20.0, 30.0, 40.0]);
        assert_eq!(axis(&[-0.3, 0.6]).ticks(), [-0.2, 0.0, 0.2, 0.4, 0.6]);
        assert_eq!(axis(&[]).ticks().first(), Some(&0.0));
        let extreme = axis(&[f64::MAX, f64::MIN]);
        assert!((extreme.place(0.0) - 0.5).abs() < 1e-9 && extreme.ticks().contains(&0.0));
        assert_eq!(axis(&[5e-324]).ticks(), [0.0]);
    }

    #[test]
    fn no_range_has_more_ticks_than_fit() {
        for tenth in 10..=1000_u32 {
            let ticks = axis(&[f64::from(tenth) / 10.0]).ticks();
            assert!((4..=9).contains(&ticks.len()), "{tenth}: {ticks:?}");
        }
    }

    #[test]
    fn a_sum_of_the_rows_does_not_set_the_range() {
        let mut comparison = of(vec![Row::shown("a", "A", 3.0), Row::shown("b", "B", 4.0)]);
        comparison.overall = Some(7.0);
        assert!(Axis::of(&comparison).holds(7.0), "a mean could lie there");
        comparison.adds_up = true;
        let axis = Axis::of(&comparison);
        assert!(axis.holds(4.0) && !axis.holds(4.1));
    }
}
