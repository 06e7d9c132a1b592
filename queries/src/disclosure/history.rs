//! What earlier releases published and suppressed: a versioned input of the next release, never collected as garbage.
//!
//! It holds the true values of suppressed cells as well and therefore belongs into the restricted store. A cell is
//! the same statistic in two releases if its key is the same; the key holds the period.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Cause, DisclosureError, Kind, Rule, Status,
    table::{CellKey, Table},
};

/// What an earlier release did with a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EarlierStatus {
    /// It showed the value.
    Published,
    /// It hid the value for itself.
    SuppressedPrimary,
    /// It hid the value for the sake of others.
    SuppressedSecondary,
}

impl EarlierStatus {
    /// What a later release has to remember of a status; nothing for cells that do not apply.
    pub fn of(status: Status) -> Option<Self> {
        match status.kind() {
            Kind::Published => Some(Self::Published),
            Kind::SuppressedPrimary => Some(Self::SuppressedPrimary),
            Kind::SuppressedSecondary => Some(Self::SuppressedSecondary),
            Kind::NotApplicable => None,
        }
    }

    pub(crate) fn as_status(self) -> Status {
        match self {
            Self::Published => Status::Published,
            Self::SuppressedPrimary => Status::SuppressedPrimary(Rule::MinimumFrequency),
            Self::SuppressedSecondary => Status::SuppressedSecondary(Cause::SuppressedBefore),
        }
    }
}

/// One earlier release of the table.
#[derive(Debug, Clone)]
pub(crate) struct Earlier {
    pub(crate) release: u64,
    pub(crate) table: Table,
    pub(crate) statuses: BTreeMap<CellKey, EarlierStatus>,
    /// The cells whose zeros it hid as well.
    pub(crate) attributes: BTreeSet<CellKey>,
}

/// All earlier releases of one table.
#[derive(Debug, Clone, Default)]
pub struct History {
    releases: BTreeMap<u64, Earlier>,
}

impl History {
    /// No earlier release.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a release: its table as counted and what it did with each cell. Fails if a cell with a count has no
    /// status or the other way round. A release that is added twice counts once, the last time.
    pub fn add(
        &mut self,
        release: u64,
        table: Table,
        statuses: BTreeMap<CellKey, EarlierStatus>,
    ) -> Result<(), DisclosureError> {
        let counted = |key: &CellKey| {
            table
                .cells
                .get(key)
                .is_some_and(|cell| cell.count.is_some())
        };
        let lonely = table
            .cells
            .keys()
            .find(|key| counted(key) != statuses.contains_key(*key));
        if let Some(key) = lonely.or_else(|| statuses.keys().find(|key| !counted(key))) {
            return Err(DisclosureError::HistoryIncomplete {
                release,
                key: key.clone(),
            });
        }
        self.releases.insert(
            release,
            Earlier {
                release,
                attributes: table.attributes(),
                table,
                statuses,
            },
        );
        Ok(())
    }

    pub(crate) fn releases(&self) -> impl Iterator<Item = &Earlier> {
        self.releases.values()
    }

    /// Whether any earlier release hid this cell: then it stays hidden until it may come back (`disclosure::returning`).
    pub fn suppressed_before(&self, key: &CellKey) -> bool {
        let hid = |earlier: &Earlier| {
            earlier
                .statuses
                .get(key)
                .is_some_and(|status| *status != EarlierStatus::Published)
        };
        self.releases.values().any(hid)
    }

    /// Whether the newest release that has this cell showed it.
    pub(crate) fn shown_last(&self, key: &CellKey) -> bool {
        let mut newest = self.releases.values().rev();
        newest.find_map(|earlier| earlier.statuses.get(key)) == Some(&EarlierStatus::Published)
    }

    /// How and with which value a cell was hidden for the first time, and whether it could have been zero.
    pub(crate) fn first_suppressed(&self, key: &CellKey) -> Option<(EarlierStatus, i64, bool)> {
        self.releases.values().find_map(|earlier| {
            let status = *earlier
                .statuses
                .get(key)
                .filter(|status| **status != EarlierStatus::Published)?;
            let value = earlier.table.count(key)?;
            Some((status, value, earlier.attributes.contains(key)))
        })
    }

    /// The values of a cell that earlier releases showed, with the release.
    pub(crate) fn published<'a>(
        &'a self,
        key: &'a CellKey,
    ) -> impl Iterator<Item = (u64, i64)> + 'a {
        let shown =
            |earlier: &&Earlier| earlier.statuses.get(key) == Some(&EarlierStatus::Published);
        self.releases.values().filter(shown).filter_map(|earlier| {
            let count = earlier.table.cells.get(key)?.count?;
            Some((earlier.release, count.get()))
        })
    }
}
