//! The axis of the bar chart: its range, where a value lies on it, its ticks.

use crate::chart::comparison::{Comparison, Seen};

/// The range of the numbers, always with zero.
pub(crate) struct Axis {
    low: f64,
    high: f64,
}

impl Axis {
    /// Bounds reach at most to two and a half times the largest number; a wider interval must not flatten all bars.
    pub(crate) fn of(comparison: &Comparison) -> Self {
        let numbers: Vec<f64> = comparison
            .numbers()
            .into_iter()
            .chain(comparison.whole())
            .collect();
        let largest = numbers.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
        let limit = if largest > 0.0 {
            (largest * 2.5).min(f64::MAX)
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
        numbers.iter().copied().for_each(&mut hold);
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

    /// Some four to eight round numbers within the range.
    pub(crate) fn ticks(&self) -> Vec<f64> {
        let rough = (self.high / 2.0 - self.low / 2.0) / 3.0;
        if !rough.is_normal() {
            return vec![0.0];
        }
        let exponent = rough.log10().floor() as i32;
        let lead = rough / 10_f64.powi(exponent);
        let lead = if lead >= 5.0 {
            5.0
        } else if lead >= 2.0 {
            2.0
        } else {
            1.0
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
        assert_eq!(
            axis(&[12.0, 47.0]).ticks(),
            [0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0, 45.0]
        );
        assert_eq!(
            axis(&[-0.3, 0.6]).ticks(),
            [-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
        );
        assert_eq!(axis(&[]).ticks().first(), Some(&0.0));
        let extreme = axis(&[f64::MAX, f64::MIN]);
        assert!((extreme.place(0.0) - 0.5).abs() < 1e-9 && extreme.ticks().contains(&0.0));
        assert_eq!(axis(&[5e-324]).ticks(), [0.0]);
    }
}
