//! The reasons for which a statistic has no value.
//!
//! A null in a published table carries one of these. They are few on purpose: each is a sentence a reader of the
//! table understands without knowing the function.

/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum NoValue {
    /// There is nothing to compute from.
    #[error("there are no values")]
    Empty,
    /// Lists that belong together differ in length.
    #[error("the lists differ in length, each value needs its counterpart")]
    UnequalLengths,
    /// An argument, or the result, is NaN or infinite.
    #[error("a number is not finite")]
    NotFinite,
    /// A count, an amount or a weight is negative, such as a correction without the amount it corrects.
    #[error("a count, an amount or a weight is negative")]
    Negative,
    /// The denominator, the sum of the amounts or the sum of the weights is zero.
    #[error("the denominator is zero")]
    ZeroDenominator,
    /// The group has one member, so that nothing can be said about differences within it.
    #[error("the group has one member only")]
    OneMember,
    /// A count of persons or cases is not a whole number, or too large to be told from its neighbours.
    #[error("a count is not a whole number")]
    NotWhole,
    /// More successes than cases.
    #[error("there are more successes than cases")]
    PartExceedsWhole,
    /// A share, a probability or a confidence level lies outside its range.
    #[error("a share, a probability or a confidence level is out of its range")]
    OutOfRange,
    /// An interval ends before it begins.
    #[error("an interval ends before it begins")]
    Reversed,
    /// The estimated variance is zero, so that an interval would claim certainty.
    #[error("the variance is zero, an interval would claim certainty")]
    NoVariance,
    /// A stratum that has weight has no cases.
    #[error("a stratum with weight has no cases")]
    NoSupport,
    /// The numbers are too large to be computed exactly.
    #[error("the numbers are too large to be computed exactly")]
    Overflow,
}

impl NoValue {
    /// The name under which a table shows the reason: lower case, words joined by `_`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::UnequalLengths => "unequal_lengths",
            Self::NotFinite => "not_finite",
            Self::Negative => "negative",
            Self::ZeroDenominator => "zero_denominator",
            Self::OneMember => "one_member",
            Self::NotWhole => "not_whole",
            Self::PartExceedsWhole => "part_exceeds_whole",
            Self::OutOfRange => "out_of_range",
            Self::Reversed => "reversed",
            Self::NoVariance => "no_variance",
            Self::NoSupport => "no_support",
            Self::Overflow => "overflow",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_a_code_and_a_sentence() {
        assert_eq!(NoValue::OneMember.code(), "one_member");
        assert_eq!(
            NoValue::OneMember.to_string(),
            "the group has one member only"
        );
    }
}
