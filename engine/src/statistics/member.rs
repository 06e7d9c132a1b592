//! Members of a group for the measures of inequality: an amount per head, and the heads that have it.
//!
//! Members stand in ascending order of the amount, then of the heads, and sums run over sorted terms, so nothing
//! depends on the order of the rows.

use super::{
    NoValue,
    number::{amounts, denominator, finite, paired, sum},
};

/// An amount per head and the heads that have it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member {
    pub(crate) per_head: f64,
    pub(crate) heads: f64,
}

/// Members that have weight, in ascending order, with their sums.
pub(crate) struct Members {
    pub(crate) sorted: Vec<Member>,
    pub(crate) heads: f64,
    pub(crate) amount: f64,
}

impl Members {
    /// The members with weight, if there are two or more and they hold something.
    pub(crate) fn new(per_head: &[f64], heads: &[f64]) -> Result<Self, NoValue> {
        paired(per_head, heads)?;
        amounts(per_head)?;
        amounts(heads)?;
        let pairs = per_head.iter().zip(heads).map(|(per_head, heads)| Member {
            per_head: *per_head,
            heads: *heads,
        });
        let members = Self::of(pairs.filter(|member| member.heads > 0.0).collect());
        if members.sorted.len() == 1 {
            return Err(NoValue::OneMember);
        }
        denominator(members.heads)?;
        denominator(members.amount)?;
        Ok(members)
    }

    /// The members as they are, sorted.
    pub(crate) fn of(mut members: Vec<Member>) -> Self {
        members.sort_unstable_by(|left, right| {
            left.per_head
                .total_cmp(&right.per_head)
                .then(left.heads.total_cmp(&right.heads))
        });
        let heads = sum(members.iter().map(|member| member.heads));
        let amount = sum(members.iter().map(|member| member.heads * member.per_head));
        Self {
            sorted: members,
            heads,
            amount,
        }
    }

    /// The amount per head of all.
    pub(crate) fn mean(&self) -> f64 {
        self.amount / self.heads
    }

    /// The Theil index over the heads.
    pub(crate) fn theil(&self) -> Result<f64, NoValue> {
        let mean = self.mean();
        let terms = self
            .sorted
            .iter()
            .map(|member| member.heads * divergence(member.per_head / mean));
        finite(sum(terms) / self.heads)
    }
}

/// `r ln r - (r - 1)` for a ratio to the mean. The second part has mean zero, so it changes no index, but without it
/// the terms would cancel among each other; with it none is negative.
pub(crate) fn divergence(ratio: f64) -> f64 {
    let excess = ratio - 1.0;
    if ratio > 0.0 {
        (ratio * excess.ln_1p() - excess).max(0.0)
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::number::testing::close;

    #[test]
    fn a_ratio_diverges_from_one_in_both_directions_and_at_zero() {
        assert!(divergence(1.0) == 0.0 && close(divergence(0.0), 1.0));
        assert!(close(divergence(2.0), 2.0 * 2.0_f64.ln() - 1.0));
        assert!(close(divergence(0.5), 0.5 - 0.5 * 2.0_f64.ln()));
        assert!(divergence(1.0 - 1e-9) >= 0.0 && divergence(1.0 + 1e-9) >= 0.0);
    }
}
