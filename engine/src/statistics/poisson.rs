//! The interval of a count of events, from which those of rates and of standardised ratios follow by division.
//!
//! The count is one observation of a Poisson variable: events are rare among those exposed, or exposure is time rather
//! than persons. For a rate of persons among persons take [`super::interval::wilson`].

use super::{NoValue, interval::Bounds, normal::critical, number::real};

/// From this count on Byar's approximation stands for the exact interval.
const MANY_EVENTS: i64 = 10;

/// The interval of the expectation of a count: exact for fewer than 10 events, Byar's approximation from 10 on.
///
/// Exact: the expectations under which the count, or one further from them, has a probability of at least
/// `(1 - confidence) / 2`; none below 0 for no events. Byar: `O (1 - 1/9O - z/3 sqrt O)^3` and
/// `(O+1) (1 - 1/9(O+1) + z/3 sqrt(O+1))^3`, within 0.2 % of the exact interval at 95 %.
///
/// Source: Garwood 1936, Biometrika 28, 437-442; Breslow and Day 1987, "Statistical methods in cancer research II",
/// IARC 82, p. 69; the change at 10 follows Public Health England 2018, "Technical guide: confidence intervals".
///
/// # Errors
/// `Negative`; `OutOfRange` unless `0 < confidence < 1`.
pub fn poisson(events: i64, confidence: f64) -> Result<Bounds, NoValue> {
    if events < 0 {
        return Err(NoValue::Negative);
    }
    let z = critical(confidence)?;
    let count = real(events);
    if events >= MANY_EVENTS {
        let byar = |count: f64, z: f64| {
            let root = (1.0 - 1.0 / (9.0 * count) + z / (3.0 * count.sqrt())).max(0.0);
            count * root * root * root
        };
        return Bounds::new(byar(count, -z), byar(count + 1.0, z));
    }
    let tail = (1.0 - confidence) / 2.0;
    // The probability of at least the count grows with the expectation, that of at most the count shrinks.
    let lower = if events == 0 {
        0.0
    } else {
        crossing(0.0, count, |mean| at_least(events, mean) > tail)
    };
    let upper = crossing(count, count + 1.0 - 2.0 * tail.ln() + 20.0, |mean| {
        at_most(events, mean) < tail
    });
    Bounds::new(lower, upper)
}

/// The probability of exactly `events`.
fn exactly(events: i64, mean: f64) -> f64 {
    (1..=events).fold((-mean).exp(), |term, event| term * (mean / real(event)))
}

/// The probability of at most `events`; all terms are positive, nothing cancels.
fn at_most(events: i64, mean: f64) -> f64 {
    (0..=events).map(|event| exactly(event, mean)).sum()
}

/// The probability of at least `events`, as the series of its terms; for means up to the count it falls quickly.
fn at_least(events: i64, mean: f64) -> f64 {
    let mut term = exactly(events, mean);
    let (mut sum, mut event) = (term, events);
    while term > sum * (f64::EPSILON / 8.0) {
        event += 1;
        term *= mean / real(event);
        sum += term;
    }
    sum
}

/// Where a condition that fails at `low` and holds at `high` begins to hold, to the last digit.
fn crossing(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = low.midpoint(high);
        if middle <= low || middle >= high {
            return high;
        }
        if holds(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::number::testing::printed;

    /// Garwood 1936, table: 95 % limits of a Poisson expectation.
    #[test]
    fn few_events_have_the_exact_interval() {
        for (events, lower, upper) in [
            (0, "0.000", "3.689"),
            (1, "0.025", "5.572"),
            (2, "0.242", "7.225"),
            (5, "1.623", "11.668"),
            (9, "4.115", "17.085"),
        ] {
            let bounds = poisson(events, 0.95).unwrap();
            assert!(
                printed(Ok(bounds.lower), lower) && printed(Ok(bounds.upper), upper),
                "{events}: {bounds:?}"
            );
        }
    }

    /// The exact limits are 4.795-18.390 for 10 and 81.364-121.627 for 100 events.
    #[test]
    fn many_events_have_an_interval_within_a_fifth_of_a_percent() {
        for (events, lower, upper) in [(10, 4.795_389, 18.390_356), (100, 81.363_96, 121.627_2)] {
            let bounds = poisson(events, 0.95).unwrap();
            assert!(
                (bounds.lower / lower - 1.0).abs() < 0.002
                    && (bounds.upper / upper - 1.0).abs() < 0.002
            );
        }
    }

    #[test]
    fn the_interval_grows_with_confidence_and_stays_above_zero() {
        for events in [0, 1, 9, 10, 11, 1000] {
            let (narrow, wide) = (
                poisson(events, 0.95).unwrap(),
                poisson(events, 0.998).unwrap(),
            );
            assert!(0.0 <= wide.lower && wide.lower <= narrow.lower && narrow.upper < wide.upper);
        }
        assert!(poisson(10, 1.0 - 1e-12).unwrap().lower >= 0.0);
        assert!(poisson(3, 1.0 - 1e-15).unwrap().upper.is_finite());
        assert!(poisson(9, 1e-9).unwrap().lower <= 9.7);
    }

    #[test]
    fn what_is_no_count_has_a_reason() {
        assert_eq!(poisson(-1, 0.95), Err(NoValue::Negative));
        assert_eq!(poisson(1, 0.0), Err(NoValue::OutOfRange));
    }
}
