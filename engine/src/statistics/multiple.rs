//! Many comparisons at once: among twenty regions one differs "at 5 %" by chance.
//!
//! p values and their adjusted forms are probabilities 0-1. The tests adjusted together are the family: all regions of
//! one table, not those that look interesting.

use super::{
    NoValue,
    number::{share, size},
};

/// The p values adjusted by Benjamini and Hochberg, in the order given.
///
/// With the `m` p values in ascending order, `q_(i) = min over j >= i of min(1, m p_(j) / j)`. Calling different all
/// regions with `q <= 0.05` keeps the expected share of false calls at 5 %, for independent or positively dependent
/// tests. The adjustment of one p value is itself.
///
/// Source: Benjamini and Hochberg 1995, JRSS B 57, 289-300; as adjusted p values Yekutieli and Benjamini 1999, J. Stat.
/// Planning and Inference 82, 171-196.
///
/// # Errors
/// `Empty`; `NotFinite`; `OutOfRange` for a value outside 0-1.
pub fn benjamini_hochberg(p_values: &[f64]) -> Result<Vec<f64>, NoValue> {
    if p_values.is_empty() {
        return Err(NoValue::Empty);
    }
    let p_values: Vec<f64> = p_values
        .iter()
        .map(|p| share(*p))
        .collect::<Result<_, _>>()?;
    let mut descending: Vec<usize> = (0..p_values.len()).collect();
    descending.sort_by(|left, right| p_values[*right].total_cmp(&p_values[*left]));
    let family = size(p_values.len());
    let mut adjusted = vec![1.0; p_values.len()];
    let mut smallest = 1.0_f64;
    for (above, place) in descending.into_iter().enumerate() {
        // Largest first, so the rank from below is what is left.
        smallest = smallest.min(p_values[place] * (family / (family - size(above))));
        adjusted[place] = smallest;
    }
    Ok(adjusted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::number::testing::{close, printed};

    /// The fifteen p values of Benjamini and Hochberg 1995, section 3.1: four are rejected at 5 %.
    #[test]
    fn the_example_of_the_paper_rejects_four() {
        let p_values = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
            0.5719, 0.6528, 0.7590, 1.0,
        ];
        let adjusted = benjamini_hochberg(&p_values).unwrap();
        assert_eq!(adjusted.iter().filter(|q| **q <= 0.05).count(), 4);
        assert!(printed(Ok(adjusted[3]), "0.035625") && printed(Ok(adjusted[4]), "0.0603"));
        assert!(close(adjusted[14], 1.0));
    }

    #[test]
    fn the_order_given_is_kept() {
        let adjusted = benjamini_hochberg(&[0.04, 0.01, 0.03]).unwrap();
        for (q, expected) in adjusted.iter().zip([0.04, 0.03, 0.04]) {
            assert!(close(*q, expected));
        }
    }

    #[test]
    fn equal_values_stay_equal_and_one_stays_itself() {
        assert_eq!(benjamini_hochberg(&[0.2, 0.2, 0.2]), Ok(vec![0.2; 3]));
        assert_eq!(benjamini_hochberg(&[0.3]), Ok(vec![0.3]));
        assert_eq!(benjamini_hochberg(&[0.0, 1.0]), Ok(vec![0.0, 1.0]));
    }

    #[test]
    fn what_is_no_probability_has_a_reason() {
        assert_eq!(benjamini_hochberg(&[]), Err(NoValue::Empty));
        assert_eq!(benjamini_hochberg(&[0.1, -0.1]), Err(NoValue::OutOfRange));
        assert_eq!(benjamini_hochberg(&[0.1, 1.1]), Err(NoValue::OutOfRange));
        assert_eq!(
            benjamini_hochberg(&[0.1, f64::NAN]),
            Err(NoValue::NotFinite)
        );
    }
}
