//! Rates, costs and other numbers that are computed from a cell: shown only where nothing can be computed back.
//!
//! Source: domain guide, section 7: a rate is suppressed if x < t or n - x < t or n < t; the pattern of a table is
//! the same for all its measures. Where a table shows both x and n, the complement n - x can be subtracted whatever
//! happens to the rate: declare both with [`Table::pair`](super::Table::pair).

use super::{Kind, Status, rule::Threshold, table::Count};

/// A controlled count as the input of a derived number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Input {
    /// The count, unless it does not apply.
    pub count: Option<Count>,
    /// What was decided about its cell.
    pub status: Status,
}

/// What happens to a derived number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Derived {
    /// It may be shown.
    Published,
    /// It is hidden with a cell that it comes from.
    Suppressed,
    /// There is nothing to show: a part is missing, or the denominator is zero. Null with a reason, never 0.
    NotApplicable,
}

/// A rate x / n of two counts with x a part of n. Zero of n is shown as no rate; x = 0 counts as small, since a rate
/// of 0 % or 100 % tells of every member of the group.
pub fn rate(part: Input, whole: Input, threshold: Threshold) -> Derived {
    let (Some(x), Some(n)) = (part.count, whole.count) else {
        return Derived::NotApplicable;
    };
    if hidden(part.status) || hidden(whole.status) {
        return Derived::Suppressed;
    }
    if n.get() == 0 || x > n {
        return Derived::NotApplicable;
    }
    let (x, n, t) = (x.get(), n.get(), threshold.get());
    if x < t || n - x < t || n < t {
        Derived::Suppressed
    } else {
        Derived::Published
    }
}

/// Money per person. The money of a cell is hidden with its count, and the cost with both.
pub fn cost_per_person(money: Status, people: Input, threshold: Threshold) -> Derived {
    if hidden(money) || hidden(people.status) {
        return Derived::Suppressed;
    }
    match people.count {
        None => Derived::NotApplicable,
        Some(_) if money.kind() == Kind::NotApplicable => Derived::NotApplicable,
        Some(n) if n.get() == 0 => Derived::NotApplicable,
        Some(n) if n.get() < threshold.get() => Derived::Suppressed,
        Some(_) => Derived::Published,
    }
}

/// Any other number of several cells (a change, a mean, a ratio across regions): hidden if one of them is.
pub fn combined(inputs: impl IntoIterator<Item = Status>) -> Derived {
    inputs
        .into_iter()
        .fold(Derived::Published, |worst, status| {
            match (worst, status.kind()) {
                (Derived::Suppressed, _)
                | (_, Kind::SuppressedPrimary | Kind::SuppressedSecondary) => Derived::Suppressed,
                (Derived::NotApplicable, _) | (_, Kind::NotApplicable) => Derived::NotApplicable,
                (Derived::Published, Kind::Published) => Derived::Published,
            }
        })
}

fn hidden(status: Status) -> bool {
    matches!(
        status.kind(),
        Kind::SuppressedPrimary | Kind::SuppressedSecondary
    )
}
