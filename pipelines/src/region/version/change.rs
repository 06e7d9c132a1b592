//! The declared changes (code list `nuts_change`) from a version of NUTS to the next.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use esf_schemas::code_list;

use crate::region::code::NutsCode;

/// What became of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The same region under another code.
    Recoded,
    /// The whole region became part of another.
    Merged,
    /// Its parts went to several regions.
    Split,
    /// Borders moved, or several regions may have taken it over.
    Boundary,
}

impl Relation {
    /// The word for it in declarations and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Recoded => "recoded",
            Self::Merged => "merged",
            Self::Split => "split",
            Self::Boundary => "boundary",
        }
    }

    /// The relation of this name.
    pub fn of(name: &str) -> Option<Self> {
        [Self::Recoded, Self::Merged, Self::Split, Self::Boundary]
            .into_iter()
            .find(|relation| relation.name() == name)
    }
}

/// A change of one code from a version to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Number of the entry in its list.
    pub entry: i64,
    /// Code in the older version.
    pub from: NutsCode,
    /// Code in the newer version.
    pub to: NutsCode,
    /// The older version.
    pub from_version: String,
    /// The newer version.
    pub to_version: String,
    /// What became of the region.
    pub relation: Relation,
    /// Name of the older region.
    pub name: Option<String>,
    /// Kind of change in the words of its source.
    pub change: Option<String>,
    /// Whether it is confirmed.
    pub status: String,
    /// What else is known.
    pub note: Option<String>,
}

/// The declared changes, in the order of the list.
pub fn changes() -> &'static [Change] {
    static CHANGES: LazyLock<Vec<Change>> = LazyLock::new(|| {
        let entries = code_list("nuts_change").map_or(&[][..], |list| &list.entries);
        let text = |value: Option<&str>| value.map(String::from);
        let read = entries.iter().enumerate().filter_map(|(at, entry)| {
            Some(Change {
                entry: at as i64 + 1,
                from: NutsCode::parse(entry.get("from_code")?)?,
                to: NutsCode::parse(entry.get("to_code")?)?,
                from_version: entry.get("from_version")?.into(),
                to_version: entry.get("to_version")?.into(),
                relation: Relation::of(entry.get("relation")?)?,
                name: text(entry.get("name")),
                change: text(entry.get("change")),
                status: entry.status.clone(),
                note: text(entry.get("note")),
            })
        });
        read.collect()
    });
    &CHANGES
}

/// The codes that a code became, with the position of the change.
pub(super) type Moves = BTreeMap<NutsCode, Vec<(NutsCode, usize)>>;

/// The changes between neighbours, by code and in both directions.
pub(super) fn moves(order: &[String], changes: &[Change]) -> BTreeMap<(usize, usize), Moves> {
    let mut moves: BTreeMap<(usize, usize), Moves> = BTreeMap::new();
    let at = |version: &str| order.iter().position(|v| v == version);
    for (index, change) in changes.iter().enumerate() {
        let (Some(from), Some(to)) = (at(&change.from_version), at(&change.to_version)) else {
            continue;
        };
        for (key, old, new) in [
            ((from, to), change.from, change.to),
            ((to, from), change.to, change.from),
        ] {
            let of_code = moves.entry(key).or_default().entry(old).or_default();
            of_code.push((new, index));
        }
    }
    moves
}
