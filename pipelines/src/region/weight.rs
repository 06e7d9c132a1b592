//! Equal shares of one, exact to the last unit: weights are whole numbers of 1e-8, so that the weights of an operation
//! sum to exactly 1 (design section 5) and no float is ever added.

/// One, in the unit of the weights.
pub const ONE: i64 = 100_000_000;

/// `n` weights in units of 1e-8 that sum to exactly [`ONE`], as equal as that allows: by the method of largest
/// remainder, the units left over going to the first shares. Empty for `n = 0`.
///
/// ```ignore
/// assert_eq!(equal_weights(3), [33_333_334, 33_333_333, 33_333_333]);
/// ```
pub fn equal_weights(n: usize) -> Vec<i64> {
    let Ok(count) = i64::try_from(n) else {
        return Vec::new();
    };
    if count == 0 {
        return Vec::new();
    }
    let (share, left) = (ONE / count, ONE % count);
    (0..count).map(|i| share + i64::from(i < left)).collect()
}

#[cfg(test)]
mod tests {
    use super::{ONE, equal_weights};

    #[test]
    fn shares_sum_to_exactly_one() {
        for n in 1..400 {
            let weights = equal_weights(n);
            assert_eq!(weights.iter().sum::<i64>(), ONE, "{n}");
            assert!(weights[0] - weights[n - 1] <= 1);
        }
        assert!(equal_weights(0).is_empty());
    }
}
