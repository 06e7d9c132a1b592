//! How unequally an amount is spread over its holders: HHI, Gini, Theil, and Theil within and between groups.
//!
//! Amounts are in any one unit and not negative; the measures have none. Holders of nothing count as holders for Gini
//! and Theil and do not change HHI. The weighted forms take an amount *per head* and the heads (persons), and answer
//! for the heads. A single holder has no inequality to measure, so Gini and Theil have no value there, while HHI
//! is 1: all is held by one.

use super::{
    NoValue,
    member::{Member, Members, divergence},
    number::{amounts, denominator, finite, paired, square, sum},
};

/// The Herfindahl-Hirschman index: the sum of squared shares, from `1/n` (equal) to 1 (all held by one).
///
/// Source: Hirschman 1964, American Economic Review 54, 761; domain.md section 5. Shares are 0-1: the EU merger
/// guidelines (OJ C 31, 5.2.2004, point 16) print the same times 10 000.
///
/// # Errors
/// `Empty`; `NotFinite`; `Negative`; `ZeroDenominator` if all amounts are 0.
pub fn hhi(values: &[f64]) -> Result<f64, NoValue> {
    amounts(values)?;
    let total = denominator(sum(values.iter().copied()))?;
    finite(sum(values.iter().map(|value| square(value / total))).min(1.0))
}

/// The Gini coefficient of the amounts as they are: `sum (2i - n - 1) x_(i) / (n sum x)`, from 0 (equal) to
/// `(n - 1) / n` (all held by one); no small-sample correction.
///
/// Source: Gini 1914; in this form Sen 1973, "On economic inequality", section 2.8; domain.md section 5.
///
/// # Errors
/// `Empty`; `NotFinite`; `Negative`; `OneMember`; `ZeroDenominator` if all amounts are 0.
pub fn gini(values: &[f64]) -> Result<f64, NoValue> {
    gini_weighted(values, &vec![1.0; values.len()])
}

/// The Gini coefficient of an amount per head among heads: half the mean difference between two heads over the mean.
///
/// `sum w_i x_i (2 C_i - w_i - W) / (W sum w x)`, in ascending order of `x`, `C` the running sum of the weights and `W`
/// their sum. With weights of 1 it is [`gini`]; a weight of 2 counts like two members. Members without weight are left
/// out.
///
/// Source: Lerman and Yitzhaki 1989, Journal of Econometrics 42, 43-47.
///
/// # Errors
/// `Empty`; `UnequalLengths`; `NotFinite`; `Negative`; `OneMember` if one member has weight; `ZeroDenominator` if the
/// weights or the amounts are all 0.
pub fn gini_weighted(per_head: &[f64], heads: &[f64]) -> Result<f64, NoValue> {
    let members = Members::new(per_head, heads)?;
    // The weighted places sum to 0, so a common shift of the amounts changes nothing but the rounding of near equals.
    let shift = members.sorted[members.sorted.len() / 2].per_head;
    let mut terms = Vec::with_capacity(members.sorted.len());
    let (mut before, mut lost) = (0.0, 0.0);
    for member in &members.sorted {
        // 2 C_i - w_i is the weight before this member twice, plus its own.
        let place = 2.0 * (before + lost) + member.heads - members.heads;
        terms.push(member.heads * (member.per_head - shift) * place);
        let next = before + member.heads;
        lost += if before >= member.heads {
            (before - next) + member.heads
        } else {
            (member.heads - next) + before
        };
        before = next;
    }
    finite((sum(terms) / members.heads / members.amount).max(0.0))
}

/// The Theil index (T) of the amounts as they are: `(1/n) sum (x/m) ln(x/m)` with the mean `m`, from 0 (equal) to
/// `ln n` (all held by one); a holder of nothing adds 0, the limit.
///
/// Source: Theil 1967, "Economics and information theory", chapter 4; domain.md section 5.
///
/// # Errors
/// `Empty`; `NotFinite`; `Negative`; `OneMember`; `ZeroDenominator` if all amounts are 0.
pub fn theil(values: &[f64]) -> Result<f64, NoValue> {
    theil_weighted(values, &vec![1.0; values.len()])
}

/// The Theil index of an amount per head among heads: `sum (w/W) (x/m) ln(x/m)` with the mean per head `m`.
///
/// Source: as [`theil`], members repeated by their weight.
///
/// # Errors
/// Those of [`gini_weighted`].
pub fn theil_weighted(per_head: &[f64], heads: &[f64]) -> Result<f64, NoValue> {
    Members::new(per_head, heads)?.theil()
}

/// A Theil index and its two parts; `within + between` is `total` up to rounding.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TheilParts {
    /// The index over all heads.
    pub total: f64,
    /// The part from differences inside groups: each group's index times its share of the amount.
    pub within: f64,
    /// The part from differences between the means of groups.
    pub between: f64,
}

/// The Theil index of an amount per head, divided into the parts within and between groups (such as NUTS 2 regions).
///
/// `total = sum_g s_g T_g + sum_g s_g ln(m_g / m)` with a group's share of the amount `s_g`, its index `T_g` and its
/// mean `m_g`. A group of one member or without any amount adds nothing within. Weights of 1 decompose [`theil`].
///
/// Source: Shorrocks 1980, Econometrica 48, 613-625; domain.md section 5.
///
/// # Errors
/// Those of [`gini_weighted`]; `OneMember` also if there is one group, which has nothing between.
pub fn theil_parts<G: Ord>(
    per_head: &[f64],
    heads: &[f64],
    groups: &[G],
) -> Result<TheilParts, NoValue> {
    paired(per_head, groups)?;
    let all = Members::new(per_head, heads)?;
    let mut by_group: Vec<(&G, Member)> = groups
        .iter()
        .zip(per_head.iter().zip(heads))
        .filter(|(_, (_, heads))| **heads > 0.0)
        .map(|(group, (per_head, heads))| {
            (
                group,
                Member {
                    per_head: *per_head,
                    heads: *heads,
                },
            )
        })
        .collect();
    by_group.sort_by(|left, right| left.0.cmp(right.0));
    let (mut within, mut between) = (Vec::new(), Vec::new());
    for group in by_group.chunk_by(|left, right| left.0 == right.0) {
        let group = Members::of(group.iter().map(|(_, member)| *member).collect());
        between.push(group.heads / all.heads * divergence(group.mean() / all.mean()));
        if group.sorted.len() > 1 && group.amount > 0.0 {
            within.push(group.amount / all.amount * group.theil()?);
        }
    }
    if between.len() < 2 {
        return Err(NoValue::OneMember);
    }
    Ok(TheilParts {
        total: all.theil()?,
        within: finite(sum(within))?,
        between: finite(sum(between))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::number::testing::{close, printed};

    const FOUR: [f64; 4] = [1.0, 2.0, 3.0, 4.0];

    /// domain.md section 5: the test set {1, 2, 3, 4}.
    #[test]
    fn the_measures_give_the_printed_values() {
        assert!(printed(gini(&FOUR), "0.25"));
        assert!(printed(hhi(&FOUR), "0.30"));
        assert!(printed(theil(&FOUR), "0.1064401"));
    }

    #[test]
    fn equal_amounts_have_no_inequality_and_one_holder_of_all_has_the_most() {
        assert_eq!((gini(&[0.1; 7]), theil(&[0.1; 7])), (Ok(0.0), Ok(0.0)));
        assert!(close(hhi(&[0.1; 7]).unwrap(), 1.0 / 7.0));
        assert_eq!(gini(&[0.0, 0.0, 0.0, 5.0]), Ok(0.75));
        assert!(close(theil(&[0.0, 0.0, 0.0, 5.0]).unwrap(), 4.0_f64.ln()));
        assert_eq!(hhi(&[0.0, 0.0, 0.0, 5.0]), Ok(1.0));
    }

    #[test]
    fn a_weight_counts_like_so_many_members() {
        let (values, repeated) = ([1.0, 5.0, 2.0], [1.0, 5.0, 5.0, 5.0, 2.0, 2.0]);
        let heads = [1.0, 3.0, 2.0];
        assert!(close(
            gini_weighted(&values, &heads).unwrap(),
            gini(&repeated).unwrap()
        ));
        assert!(close(
            theil_weighted(&values, &heads).unwrap(),
            theil(&repeated).unwrap()
        ));
        let with_none = gini_weighted(&[1.0, 5.0, 2.0, 99.0], &[1.0, 3.0, 2.0, 0.0]);
        assert_eq!(with_none, gini_weighted(&values, &heads));
    }

    #[test]
    fn all_but_equal_amounts_keep_their_digits() {
        // Two holders: w1 w2 (x2 - x1) / (W sum w x).
        let gini = gini_weighted(&[1e6, 1e6 + 1.0], &[0.3, 0.7]).unwrap();
        assert!(close(gini, 0.3 * 0.7 / (1e6 + 0.7)));
        // For shares of the mean 1 - e and 1 + e the index is e^2 / 2 + e^4 / 12 and so on.
        let theil = theil(&[1e6 - 1.0, 1e6 + 1.0]).unwrap();
        assert!((theil / 5e-13 - 1.0).abs() < 1e-3);
    }

    #[test]
    fn the_parts_add_up_to_the_whole() {
        let parts = theil_parts(&FOUR, &[1.0; 4], &["SE", "DE", "SE", "DE"]).unwrap();
        assert!(close(parts.within + parts.between, parts.total));
        // Group means 2 and 3 about 2.5: 0.4 ln 0.8 + 0.6 ln 1.2.
        assert!(printed(Ok(parts.between), "0.0201355") && printed(Ok(parts.total), "0.1064401"));
        let alone = theil_parts(&FOUR, &[1.0; 4], &[1, 2, 3, 4]).unwrap();
        assert!(alone.within == 0.0 && close(alone.between, alone.total));
        let nothing = theil_parts(&[0.0, 0.0, 1.0, 3.0], &[1.0; 4], &[1, 1, 2, 2]).unwrap();
        assert!(close(nothing.within + nothing.between, nothing.total));
    }

    #[test]
    fn the_order_of_the_rows_changes_no_bit() {
        let mut rows: Vec<(f64, f64, i32)> = (1..=40)
            .map(|row| {
                (
                    f64::from(row).sqrt() * 1e3,
                    f64::from(row % 7 + 1) / 3.0,
                    row % 3,
                )
            })
            .collect();
        let measure = |rows: &[(f64, f64, i32)]| {
            let values: Vec<f64> = rows.iter().map(|row| row.0).collect();
            let heads: Vec<f64> = rows.iter().map(|row| row.1).collect();
            let groups: Vec<i32> = rows.iter().map(|row| row.2).collect();
            (
                hhi(&values),
                gini_weighted(&values, &heads),
                theil_parts(&values, &heads, &groups),
            )
        };
        let first = measure(&rows);
        for _ in 0..rows.len() {
            rows.rotate_left(1);
            assert_eq!(measure(&rows), first);
        }
    }

    #[test]
    fn what_has_no_inequality_to_measure_has_a_reason() {
        for measure in [gini, theil] {
            assert_eq!(measure(&[5.0]), Err(NoValue::OneMember));
        }
        assert_eq!(hhi(&[5.0]), Ok(1.0));
        for measure in [gini, theil, hhi] {
            assert_eq!(measure(&[]), Err(NoValue::Empty));
            assert_eq!(measure(&[0.0, 0.0]), Err(NoValue::ZeroDenominator));
            assert_eq!(measure(&[3.0, -1.0]), Err(NoValue::Negative));
            assert_eq!(measure(&[3.0, f64::NAN]), Err(NoValue::NotFinite));
            assert_eq!(measure(&[f64::MAX, f64::MAX]), Err(NoValue::NotFinite));
        }
        assert_eq!(gini_weighted(&FOUR, &[1.0]), Err(NoValue::UnequalLengths));
        assert_eq!(
            theil_weighted(&FOUR, &[0.0; 4]),
            Err(NoValue::ZeroDenominator)
        );
        assert_eq!(
            theil_parts(&FOUR, &[1.0; 4], &[1]),
            Err(NoValue::UnequalLengths)
        );
        assert_eq!(
            theil_parts(&FOUR, &[1.0; 4], &[1; 4]),
            Err(NoValue::OneMember)
        );
    }
}
