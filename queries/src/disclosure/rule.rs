//! Primary rules: which cell may not be shown because of its own value, and how much of it an attacker may learn.
//!
//! Sources: domain guide, section 7; code list `disclosure_rule`; Hundepool et al., Handbook on Statistical
//! Disclosure Control (sdctools.github.io/HandbookSDC), 4.2. The protection range of a cell follows from its value
//! and its threshold alone, so that it is the same in every release.

use std::fmt;

use super::{
    DisclosureError,
    table::{Cell, CellKey, Contributions, Table},
};

/// A minimum frequency t: a count x with 0 < x < t is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Threshold(u32);

impl Threshold {
    /// The largest threshold.
    pub const MAX: u32 = 1_000_000;

    /// Fails for 0 and above [`Threshold::MAX`]. A threshold of 1 hides nothing.
    pub fn new(value: u32) -> Result<Self, DisclosureError> {
        if value == 0 || value > Self::MAX {
            return Err(DisclosureError::Threshold { value });
        }
        Ok(Self(value))
    }

    /// The number.
    pub fn get(self) -> i64 {
        i64::from(self.0)
    }
}

/// Which cells a minimum frequency covers. Dimensions are named; a table without the dimension is not covered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every cell.
    All,
    /// Codes of a dimension that begin so: the country of a NUTS code.
    StartsWith(String, String),
    /// These codes of a dimension: the indicators with Art. 9 attributes.
    OneOf(String, Vec<String>),
    /// Codes of a dimension longer than this: NUTS 3 codes have 5 characters.
    LongerThan(String, usize),
}

/// One minimum frequency with where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Minimum {
    /// The cells it covers.
    pub scope: Scope,
    /// The minimum.
    pub threshold: Threshold,
    /// The producer's rule, or that it is this project's own policy.
    pub origin: &'static str,
}

/// Why a cell may not be shown for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Fewer people than the minimum frequency.
    MinimumFrequency,
    /// All members of a group share a sensitive attribute, or none of them has it; the zeros beside it are hidden with it.
    GroupAttribute,
    /// Fewer contributing operations than the minimum.
    FewUnits,
    /// (1,k): the largest contribution is more than k % of the cell.
    Dominance,
    /// p %: the second largest contributor can estimate the largest to within p %.
    PPercent,
    /// The value differs from one published before by less than the threshold.
    SmallRevision,
    /// The parts of a total are more than the total: what is wrong cannot be told, so none of them is shown.
    NotAdditive,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MinimumFrequency => "minimum frequency",
            Self::GroupAttribute => "group attribute",
            Self::FewUnits => "few units",
            Self::Dominance => "dominance",
            Self::PPercent => "p%",
            Self::SmallRevision => "small revision",
            Self::NotAdditive => "not additive",
        })
    }
}

/// What readers are told about a suppressed cell, and so what an attacker knows of it besides the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Audience {
    /// Only that it is suppressed ([`Status::public`](super::Status::public)). The default: the reason of a
    /// suppression is itself information.
    #[default]
    SeesSuppressed,
    /// Whether it is primary or secondary; then a primary cell is known to be below its threshold. The word alone can
    /// narrow a cell (a primary total of two primary cells is at least 2), and then it is reported as exposed
    /// whatever else is hidden. Not recommended.
    SeesKind,
}

/// What to do about a value that differs from an earlier published one by less than the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Revisions {
    /// Report it as a finding. Counts of participants are held back before, so that none is left to report.
    #[default]
    Report,
    /// Suppress the new value as well.
    Suppress,
}

/// All rules of one release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The minimum frequencies; the largest that covers a cell applies.
    pub minimums: Vec<Minimum>,
    /// (1,k) dominance in percent.
    pub dominance: Option<u32>,
    /// p % rule in percent.
    pub p_percent: Option<u32>,
    /// The minimum number of contributing operations.
    pub minimum_units: Option<u32>,
    /// What readers see.
    pub audience: Audience,
    /// Small revisions.
    pub revisions: Revisions,
}

impl Policy {
    /// One minimum frequency for everything and the dominance rules of the domain guide: 85 %, 10 %.
    pub fn minimum(threshold: Threshold) -> Self {
        Self {
            minimums: vec![Minimum {
                scope: Scope::All,
                threshold,
                origin: "one minimum for all",
            }],
            dominance: Some(85),
            p_percent: Some(10),
            minimum_units: None,
            audience: Audience::default(),
            revisions: Revisions::default(),
        }
    }

    /// The rules of the code list `disclosure_rule` for a table whose dimensions `region` (NUTS codes, "" for none) and
    /// `indicator` are named so: 3 for Germany (BA Statistik), and by the project's own policy 5 for Sweden and without
    /// a region, 10 for Art. 9 indicators and below NUTS 3. SCB states no number; its Cell Key Method is
    /// [`Additivity::Perturbed`](super::Additivity::Perturbed). BA's rounding to 10 belongs to its interactive products
    /// and is not repeated here. Fails if the list cannot be read.
    pub fn project(region: &str, indicator: &str) -> Result<Self, DisclosureError> {
        let entries =
            esf_schemas::code_list("disclosure_rule").map_or(&[][..], |list| &list.entries);
        let mut minimums = Vec::new();
        for entry in entries {
            let (Some(minimum), Some(scope)) = (entry.get("minimum"), entry.get("scope")) else {
                continue;
            };
            let fault = || DisclosureError::RuleList {
                code: entry.code.clone(),
            };
            let scope = match scope.split_once(':') {
                None if scope == "all" => Scope::All,
                None if scope == "no_region" => {
                    Scope::OneOf(region.to_owned(), vec![String::new()])
                }
                None if scope == "below_nuts_3" => Scope::LongerThan(region.to_owned(), 5),
                Some(("region", start)) => Scope::StartsWith(region.to_owned(), start.to_owned()),
                Some(("indicator", codes)) => Scope::OneOf(
                    indicator.to_owned(),
                    codes.split('|').map(str::to_owned).collect(),
                ),
                _ => return Err(fault()),
            };
            minimums.push(Minimum {
                scope,
                threshold: Threshold::new(minimum.parse().map_err(|_| fault())?)?,
                origin: entry.source.as_str(),
            });
        }
        let strictest = minimums.iter().map(|one| one.threshold).max();
        let strictest = strictest.ok_or_else(|| DisclosureError::RuleList {
            code: "every entry".to_owned(),
        })?;
        Ok(Self {
            minimums,
            ..Self::minimum(strictest)
        })
    }

    /// The minimum frequency of a cell: the largest that covers it, else 1.
    pub fn threshold(&self, table: &Table, key: &CellKey) -> Threshold {
        let code = |name: &str| {
            table
                .dimensions
                .iter()
                .position(|dimension| dimension.name == name)
                .map(|at| key.codes()[at].as_str())
        };
        let covers = |scope: &Scope| match scope {
            Scope::All => true,
            Scope::StartsWith(name, start) => {
                code(name).is_some_and(|code| code.starts_with(start))
            }
            Scope::OneOf(name, codes) => {
                code(name).is_some_and(|code| codes.iter().any(|one| one == code))
            }
            Scope::LongerThan(name, length) => {
                code(name).is_some_and(|code| code.chars().count() > *length)
            }
        };
        let covering = self
            .minimums
            .iter()
            .filter(|minimum| covers(&minimum.scope));
        covering
            .map(|minimum| minimum.threshold)
            .max()
            .unwrap_or(Threshold(1))
    }

    /// The rule that a cell breaks by its own value, the group rule apart.
    pub(crate) fn breach(&self, cell: &Cell, threshold: Threshold) -> Option<Rule> {
        let count = cell.count?.get();
        if count > 0 && count < threshold.get() {
            return Some(Rule::MinimumFrequency);
        }
        let Contributions {
            units,
            total,
            first,
            second,
        } = cell.contributions?;
        let (total, first, second) = (
            i128::from(total.get()),
            i128::from(first.get()),
            i128::from(second.get()),
        );
        if total == 0 {
            return None;
        }
        if self.minimum_units.is_some_and(|minimum| units < minimum) {
            return Some(Rule::FewUnits);
        }
        if self
            .dominance
            .is_some_and(|k| first * 100 > total * i128::from(k))
        {
            return Some(Rule::Dominance);
        }
        let near = |p: u32| (total - first - second) * 100 < first * i128::from(p);
        self.p_percent.is_some_and(near).then_some(Rule::PPercent)
    }
}

/// How wide the interval that an attacker can derive has to be (Handbook, 4.2.2: protection levels; Fischetti and
/// Salazar 2000: sliding protection level).
///
/// The Handbook asks only that a cell under a minimum frequency rule cannot be derived exactly (level zero). This
/// project asks for more: t possible whole values, so that the attacker cannot tell that the count is below t.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Range {
    /// How far above the value the upper bound must lie.
    pub up: i64,
    /// How far below the value the lower bound must lie.
    pub down: i64,
    /// How far the bounds must lie apart.
    pub width: i64,
}

impl Range {
    /// A count x with 0 < x < t: the bounds t - 1 apart. Any other suppressed count: not derivable exactly.
    pub fn of_count(value: i64, threshold: Threshold, group: bool) -> Self {
        let small = value > 0 && value < threshold.get();
        let width = if small { threshold.get() - 1 } else { 1 };
        // Of a whole group it must stay possible that some members do not share the attribute.
        let down = if group {
            value.min(threshold.get() - 1)
        } else {
            0
        };
        Self {
            up: 0,
            down,
            width: width.max(down),
        }
    }

    /// What both ask for.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            up: self.up.max(other.up),
            down: self.down.max(other.down),
            width: self.width.max(other.width),
        }
    }

    /// The magnitude of a primary cell: above the value by what the rule asks, `first * 100 / k - total` or
    /// `first * p / 100 - (total - first - second)` (Handbook, table of upper protection levels), and 10 % wide.
    pub(crate) fn of_magnitude(policy: &Policy, cell: &Contributions, primary: bool) -> Self {
        if !primary {
            return Self {
                up: 0,
                down: 0,
                width: 1,
            };
        }
        let (total, first, second) = (cell.total.get(), cell.first.get(), cell.second.get());
        let dominance = policy.dominance.map_or(0, |k| {
            (first * 100).div_euclid(i64::from(k).max(1)) + 1 - total
        });
        let p = policy.p_percent.map_or(0, |p| {
            first * i64::from(p) / 100 + 1 - (total - first - second)
        });
        let up = dominance.max(p).max(0);
        Self {
            up,
            down: 0,
            width: up.max(total / 10).max(1),
        }
    }
}
