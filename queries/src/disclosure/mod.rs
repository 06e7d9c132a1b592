//! Statistical disclosure control for tables of counts of people: what of a table may be shown.
//!
//! [`control`] takes a [`Table`] as counted, a [`Policy`] and the [`History`] of what was shown before, and decides a
//! [`Status`] for every cell, so that nobody who knows all published values of all releases, all sums and the rules
//! can narrow a hidden value below its protection range ([`Range`]). It computes and does no I/O; the same input in
//! any order gives the same pattern. What it cannot protect, because it was published before, it reports. Between releases
//! a count lags while it has changed too little (`revision`), and what was hidden can come back (`returning`).
//!
//! ```
//! use esf_queries::disclosure::*;
//! # fn main() -> Result<(), DisclosureError> {
//! let region = Dimension::flat("region").hierarchy([("DE1", "DE"), ("DE2", "DE"), ("DE3", "DE")])?;
//! let mut table = Table::new(vec![region]);
//! for (code, n) in [("DE", 42), ("DE1", 2), ("DE2", 10), ("DE3", 30)] {
//!     table.insert(CellKey::new([code]), Cell::counted(Count::new(n)?))?;
//! }
//! let outcome = control(&table, &Policy::minimum(Threshold::new(3)?), &History::new())?;
//! assert_eq!(outcome.statuses[&CellKey::new(["DE1"])], Status::SuppressedPrimary(Rule::MinimumFrequency));
//! assert_eq!(outcome.statuses[&CellKey::new(["DE2"])], Status::SuppressedSecondary(Cause::Protects));
//! assert_eq!(outcome.statuses[&CellKey::new(["DE3"])], Status::Published);
//! assert!(outcome.is_safe());
//! # Ok(()) }
//! ```

mod audit;
mod derived;
mod error;
mod history;
mod parts;
mod returning;
mod revision;
mod rule;
mod secondary;
mod shape;
mod system;
mod table;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use audit::Interval;
pub use derived::{Derived, Input, combined, cost_per_person, rate};
pub use error::DisclosureError;
pub use history::{EarlierStatus, History};
pub(crate) use returning::WayBack;
pub(crate) use revision::held;
pub use rule::{Audience, Minimum, Policy, Range, Revisions, Rule, Scope, Threshold};
pub use system::Measure;
pub use table::{
    Additivity, Cell, CellKey, Contributions, Count, Dimension, Pair, Relation, Rest, Table,
};

use secondary::Effort;
use system::System;

/// Why a cell is hidden although its own value could be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// A hidden cell could be computed from it.
    Protects,
    /// An earlier release hid it.
    SuppressedBefore,
}

/// What was decided about a cell, for the restricted store; readers get [`Status::public`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// The value is shown, in every measure.
    Published,
    /// Hidden in every measure: it breaks a rule itself.
    SuppressedPrimary(Rule),
    /// Hidden in every measure for the sake of others.
    SuppressedSecondary(Cause),
    /// There is no count.
    NotApplicable,
}

/// A [`Status`] without its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Shown.
    Published,
    /// Hidden for itself.
    SuppressedPrimary,
    /// Hidden for others.
    SuppressedSecondary,
    /// No count.
    NotApplicable,
}

impl Status {
    /// The status without its reason.
    pub fn kind(self) -> Kind {
        match self {
            Self::Published => Kind::Published,
            Self::SuppressedPrimary(_) => Kind::SuppressedPrimary,
            Self::SuppressedSecondary(_) => Kind::SuppressedSecondary,
            Self::NotApplicable => Kind::NotApplicable,
        }
    }

    /// The word that readers see. It depends on the audience that the pattern was made for: whoever is told more
    /// than the pattern allows for could narrow hidden cells.
    pub fn public(self, audience: Audience) -> &'static str {
        match (self.kind(), audience) {
            (Kind::Published, _) => "published",
            (Kind::NotApplicable, _) => "not_applicable",
            (_, Audience::SeesSuppressed) => "suppressed",
            (Kind::SuppressedPrimary, Audience::SeesKind) => "suppressed_primary",
            (Kind::SuppressedSecondary, Audience::SeesKind) => "suppressed_secondary",
        }
    }
}

/// What the caller has to know beside the statuses. For the restricted store: it names hidden values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The value is hidden now and an earlier release showed the same value: the horse has bolted.
    AlreadyPublished {
        /// The cell.
        key: CellKey,
        /// The release that showed it.
        release: u64,
        /// What is decided now.
        status: Status,
    },
    /// The cell can be narrowed below its range and nothing is left to hide: nothing may be published.
    Exposed {
        /// The cell, or the total of the remainder.
        key: CellKey,
        /// The earlier release whose value it is; none for the current one.
        release: Option<u64>,
        /// What is attacked.
        measure: Measure,
        /// Whether it is what the parts leave of the total `key`.
        is_remainder: bool,
        /// What it needs.
        range: Range,
        /// How far above and below the value the bounds are proven to lie.
        proven: (i64, i64),
    },
    /// Both this value and an earlier published one of the same cell are shown, and they differ by less than the
    /// threshold: the difference is a count of its own.
    SmallRevision {
        /// The cell.
        key: CellKey,
        /// The release that showed the other value.
        release: u64,
    },
}

/// The decisions about a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// One status for every cell of the table.
    pub statuses: BTreeMap<CellKey, Status>,
    /// What else there is to know, by cell.
    pub findings: Vec<Finding>,
}

impl Outcome {
    /// Whether every hidden cell has its range; otherwise the table must not be published.
    pub fn is_safe(&self) -> bool {
        !self
            .findings
            .iter()
            .any(|finding| matches!(finding, Finding::Exposed { .. }))
    }

    /// What later releases have to remember, with the table itself.
    pub fn for_history(&self) -> BTreeMap<CellKey, EarlierStatus> {
        let known =
            |(key, status): (&CellKey, &Status)| Some((key.clone(), EarlierStatus::of(*status)?));
        self.statuses.iter().filter_map(known).collect()
    }
}

/// Decides what of a table may be shown. Fails if the input contradicts itself; what cannot be protected is no error
/// but a [`Finding::Exposed`].
pub fn control(
    table: &Table,
    policy: &Policy,
    history: &History,
) -> Result<Outcome, DisclosureError> {
    control_among(table, policy, history, None, &BTreeSet::new())
}

/// [`control`] where these cells are hidden already, and only some may be hidden to protect others.
fn control_among(
    table: &Table,
    policy: &Policy,
    history: &History,
    may_hide: Option<&BTreeSet<CellKey>>,
    hidden: &BTreeSet<CellKey>,
) -> Result<Outcome, DisclosureError> {
    for earlier in history.releases() {
        let names = |table: &Table| {
            table
                .dimensions
                .iter()
                .map(|one| one.name.clone())
                .collect::<Vec<_>>()
        };
        if names(&earlier.table) != names(table) {
            return Err(DisclosureError::OtherDimensions {
                release: earlier.release,
            });
        }
    }
    let mut findings = Vec::new();
    let mut statuses = primary(table, policy, history, &BTreeSet::new(), &mut findings);
    for key in hidden {
        let status = statuses.get_mut(key);
        if let Some(status) = status.filter(|status| **status == Status::Published) {
            *status = Status::SuppressedSecondary(Cause::SuppressedBefore);
        }
    }
    let has_magnitude = table
        .cells
        .values()
        .any(|cell| cell.contributions.is_some());
    let measures = if has_magnitude {
        &[Measure::People, Measure::Magnitude][..]
    } else {
        &[Measure::People]
    };
    loop {
        let mut news = false;
        let mut exposed = Vec::new();
        for measure in measures {
            let mut system = System::build(table, &statuses, policy, history, *measure)?;
            if let Some(may_hide) = may_hide {
                for variable in &mut system.variables {
                    variable.candidate &= may_hide.contains(&variable.key);
                }
            }
            let protection = secondary::protect(table, &mut system, Effort::All)
                .ok_or(DisclosureError::TooManyCodes)?;
            for key in protection.suppressed {
                news |= statuses.insert(key, Status::SuppressedSecondary(Cause::Protects))
                    == Some(Status::Published);
            }
            exposed.extend(protection.exposed.into_iter().map(|at| {
                let variable = &system.variables[at];
                Finding::Exposed {
                    key: variable.key.clone(),
                    release: variable.release,
                    measure: *measure,
                    is_remainder: variable.is_remainder,
                    range: variable.range,
                    proven: (variable.up, variable.down),
                }
            }));
        }
        // The pattern is one for all measures: what one of them hides needs a range in the others.
        if !news || measures.len() == 1 {
            findings.extend(exposed);
            break;
        }
    }
    for (key, status) in &statuses {
        let count = table.cells.get(key).and_then(|cell| cell.count);
        if matches!(
            status.kind(),
            Kind::SuppressedPrimary | Kind::SuppressedSecondary
        ) {
            let same = history
                .published(key)
                .find(|(_, value)| Some(*value) == count.map(Count::get));
            findings.extend(same.map(|(release, _)| Finding::AlreadyPublished {
                key: key.clone(),
                release,
                status: *status,
            }));
        }
    }
    findings.retain(|finding| match finding {
        Finding::SmallRevision { key, .. } => statuses.get(key) == Some(&Status::Published),
        _ => true,
    });
    Ok(Outcome { statuses, findings })
}

/// The bounds of every hidden cell as the attacker's linear program finds them, without the proofs of [`control`]:
/// slow, for checks.
pub fn attack(
    table: &Table,
    policy: &Policy,
    history: &History,
    outcome: &Outcome,
    measure: Measure,
) -> Result<Vec<(CellKey, Range, Option<Interval>)>, DisclosureError> {
    let system = System::build(table, &outcome.statuses, policy, history, measure)?;
    let unknown = (0..system.variables.len()).filter(|at| system.variables[*at].unknown);
    let attacked = unknown.map(|at| {
        let variable = &system.variables[at];
        (
            variable.key.clone(),
            variable.range,
            audit::interval(&system, at),
        )
    });
    Ok(attacked.collect())
}

/// The statuses that follow from each cell itself and from earlier releases, where these of what was hidden come back.
fn primary(
    table: &Table,
    policy: &Policy,
    history: &History,
    returning: &BTreeSet<CellKey>,
    findings: &mut Vec<Finding>,
) -> BTreeMap<CellKey, Status> {
    let mut statuses = BTreeMap::new();
    for (key, cell) in &table.cells {
        let threshold = policy.threshold(table, key);
        let count = cell.count.map(Count::get);
        let small = |value: i64| {
            count.is_some_and(|now| now != value && (now - value).abs() < threshold.get())
        };
        let revised = history
            .published(key)
            .find(|(_, value)| small(*value))
            .map(|(release, _)| release);
        let status = match policy.breach(cell, threshold) {
            _ if count.is_none() => Status::NotApplicable,
            Some(rule) => Status::SuppressedPrimary(rule),
            None if revised.is_some() && policy.revisions == Revisions::Suppress => {
                Status::SuppressedPrimary(Rule::SmallRevision)
            }
            None if history.suppressed_before(key) && !returning.contains(key) => {
                Status::SuppressedSecondary(Cause::SuppressedBefore)
            }
            None => Status::Published,
        };
        findings.extend(revised.map(|release| Finding::SmallRevision {
            key: key.clone(),
            release,
        }));
        statuses.insert(key.clone(), status);
    }
    if table.additivity == Additivity::Exact {
        for key in contradictions(table) {
            let status = statuses.entry(key).or_insert(Status::NotApplicable);
            if !matches!(status, Status::SuppressedPrimary(_)) {
                *status = Status::SuppressedPrimary(Rule::NotAdditive);
            }
        }
        for key in group_disclosures(table)
            .into_iter()
            .chain(table.whole_groups())
        {
            let status = statuses.entry(key).or_insert(Status::NotApplicable);
            if !matches!(status, Status::SuppressedPrimary(_)) {
                *status = Status::SuppressedPrimary(Rule::GroupAttribute);
            }
        }
    }
    statuses
}

/// The totals whose parts are more than they are, with these parts.
fn contradictions(table: &Table) -> Vec<CellKey> {
    let count = |key: &CellKey| {
        let cell = table.cells.get(key).and_then(|cell| cell.count);
        cell.map_or(0, Count::get)
    };
    let mut found = Vec::new();
    for (_, relation) in table.all_relations() {
        if relation.parts.iter().map(count).sum::<i64>() > count(&relation.total) {
            found.extend(relation.parts);
            found.push(relation.total);
        }
    }
    found
}

/// The cells of every line along a sensitive dimension in which all members of a group share one code: that cell and
/// the zeros beside it.
fn group_disclosures(table: &Table) -> Vec<CellKey> {
    let count = |key: &CellKey| {
        table
            .cells
            .get(key)
            .and_then(|cell| cell.count)
            .map_or(0, Count::get)
    };
    let is_sensitive = |at: &Option<usize>| at.is_some_and(|at| table.dimensions[at].sensitive);
    let mut found = Vec::new();
    for (_, relation) in table
        .all_relations()
        .into_iter()
        .filter(|(at, _)| is_sensitive(at))
    {
        let holding = relation.parts.iter().filter(|key| count(key) > 0).count();
        let sum: i64 = relation.parts.iter().map(count).sum();
        if holding == 1 && relation.parts.len() > 1 && sum == count(&relation.total) {
            found.extend(relation.parts);
        }
    }
    found
}
