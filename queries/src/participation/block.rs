//! Cells that hang together as one table of disclosure control: whatever is added up over regions, sexes, ages, education,
//! labour status, programmes, periods and indicators.
//!
//! A block is one list of indicators and one way of estimation, of one operation, or of a programme that has counts of its
//! own with all its operations. Nothing is added up across blocks. Persons and participations of the same people are one
//! block: they are not added up either, but the first are never more than the second.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Codes;
use super::cell::{self, Counted};
use crate::disclosure::{
    Cell, CellKey, Count, Dimension, DisclosureError, Pair, Relation, Rest, Table,
};

pub(super) const REGION: &str = "region";
pub(super) const INDICATOR: &str = "indicator";

/// The code of a total, as in the table `participation`.
const TOTAL: &str = "total";

/// Places of the codes in a key.
const AT_INDICATOR: usize = 1;
const AT_PERIOD: usize = 3;
const AT_UNIT: usize = 8;

/// Places of codes that count the same people in different ways.
pub(super) const SAME_PEOPLE: [usize; 2] = [AT_INDICATOR, AT_UNIT];

/// Units of count: people, and how often they took part.
const PERSONS: &str = "persons";
const ENTRIES: &str = "entries";

/// What a block is named by: list, estimation and the operation or programme.
pub(super) type BlockId = (String, String, String);

/// The operations and programmes that hang together.
#[derive(Debug, Default)]
pub(super) struct Funding {
    above: HashMap<String, String>,
}

impl Funding {
    /// Of all cells with the programme of each; programmes without counts of their own join nothing.
    pub(super) fn of<'a>(
        cells: impl Iterator<Item = (&'a Counted, Option<&'a String>)> + Clone,
    ) -> Self {
        let own: Codes = cells
            .clone()
            .filter(|(key, _)| key.operation_id.is_none())
            .filter_map(|(key, _)| key.programme_id.as_deref().map(programme))
            .collect();
        let mut funding = Self::default();
        for (key, within) in cells {
            let (Some(operation_id), Some(within)) = (&key.operation_id, within) else {
                continue;
            };
            let within = programme(within);
            if own.contains(&within) {
                let (one, other) = (
                    funding.root(&operation(operation_id)),
                    funding.root(&within),
                );
                // The smaller name on top, so that the order of rows makes no difference.
                let (low, high) = if one < other {
                    (one, other)
                } else {
                    (other, one)
                };
                if low != high {
                    funding.above.insert(high, low);
                }
            }
        }
        funding
    }

    fn root(&self, code: &str) -> String {
        let mut code = code;
        while let Some(above) = self.above.get(code) {
            code = above;
        }
        code.to_owned()
    }

    /// The block of a cell.
    pub(super) fn block(&self, key: &Counted) -> BlockId {
        let root = match (&key.operation_id, &key.programme_id) {
            (Some(id), _) => self.root(&operation(id)),
            (None, Some(id)) => self.root(&programme(id)),
            (None, None) => String::new(),
        };
        (key.indicator_list.clone(), key.estimation.clone(), root)
    }
}

fn operation(id: &str) -> String {
    format!("operation {id}")
}

fn programme(id: &str) -> String {
    format!("programme {id}")
}

fn funding_code(key: &Counted) -> String {
    match (&key.operation_id, &key.programme_id) {
        (Some(id), None) => operation(id),
        // Rows of one operation with and without its programme are different cells of the data.
        (Some(id), Some(within)) => format!("{} {}", operation(id), programme(within)),
        (None, Some(id)) => programme(id),
        (None, None) => String::new(),
    }
}

/// An indicator, and those of whom it is known, are two codes of one dimension.
fn indicator_code(key: &Counted) -> String {
    if key.count_of == cell::TRUE_OF {
        key.indicator_code.clone()
    } else {
        format!("{} {}", key.indicator_code, key.count_of)
    }
}

/// The key of a cell in the table of its block.
pub(super) fn cell_key(key: &Counted) -> CellKey {
    let day = |day: Option<i32>| day.map(|day| day.to_string()).unwrap_or_default();
    CellKey::new([
        funding_code(key),
        indicator_code(key),
        key.nuts_code.clone().unwrap_or_default(),
        format!("{}..{}", day(key.period_start), day(key.period_end)),
        key.sex.clone(),
        key.age_group.clone(),
        key.education.clone(),
        key.labour_status.clone(),
        key.unit_of_count.clone(),
    ])
}

/// The table of a block, or of a part of it: cells with their counts and the programme of each.
pub(super) fn table(cells: &[(&Counted, Option<&String>, i64)]) -> Result<Table, DisclosureError> {
    let codes = |get: fn(&Counted) -> &String| -> Codes {
        cells.iter().map(|(key, ..)| get(key).clone()).collect()
    };
    let within = cells.iter().filter_map(|(key, within, _)| {
        key.operation_id.as_ref()?;
        Some((funding_code(key), programme(within.as_ref()?)))
    });
    let regions: Codes = cells
        .iter()
        .filter_map(|(key, ..)| key.nuts_code.clone())
        .collect();
    let mut table = Table::new(vec![
        Dimension::flat("funding").hierarchy(within)?,
        Dimension::flat(INDICATOR),
        Dimension::flat(REGION).hierarchy(regions_up(&regions))?,
        Dimension::flat("period"),
        totals("sex", &codes(|key| &key.sex))?,
        totals("age_group", &codes(|key| &key.age_group))?,
        totals("education", &codes(|key| &key.education))?,
        totals("labour_status", &codes(|key| &key.labour_status))?,
        Dimension::flat("unit_of_count"),
    ]);
    let mut counts = BTreeMap::new();
    for (key, _, n) in cells {
        let at = cell_key(key);
        table.insert(at.clone(), Cell::counted(Count::new(*n)?))?;
        counts.insert(at, *n);
    }
    let list = cells.first().map(|(key, ..)| key.indicator_list.as_str());
    for relation in indicators(&counts, list.unwrap_or_default())
        .into_iter()
        .chain(periods(cells))
    {
        // Not every published total is one: people can be counted in several periods. Then nothing can be subtracted.
        let count = |key: &CellKey| counts.get(key).copied().unwrap_or(0);
        if relation.parts.iter().map(count).sum::<i64>() <= count(&relation.total) {
            table.relate(relation);
        }
    }
    for pair in known(cells).chain(repeats(cells)) {
        table.pair(pair);
    }
    Ok(table)
}

fn totals(name: &str, codes: &Codes) -> Result<Dimension, DisclosureError> {
    let parts = codes.iter().filter(|code| *code != TOTAL);
    Dimension::flat(name).hierarchy(parts.map(|code| (code.clone(), TOTAL.to_owned())))
}

/// Each region and those above it, up to the cell without a region.
fn regions_up(codes: &Codes) -> BTreeSet<(String, String)> {
    let mut pairs = BTreeSet::new();
    for code in codes {
        let mut code = code.as_str();
        while !code.is_empty() {
            let length = match code.len() {
                _ if !code.is_ascii() => 0,
                0..=2 => 0,
                // NUTS 3 codes have five characters; what is longer lies within one.
                length => (length - 1).min(5),
            };
            let parent = &code[..length];
            pairs.insert((code.to_owned(), parent.to_owned()));
            code = parent;
        }
    }
    pairs
}

/// Indicators that are parts of another, by the code list `indicator_part`.
fn indicators(counts: &BTreeMap<CellKey, i64>, list: &str) -> Vec<Relation> {
    let mut found = Vec::new();
    let entries = esf_schemas::code_list("indicator_part").map_or(&[][..], |list| &list.entries);
    for entry in entries
        .iter()
        .filter(|entry| entry.get("list") == Some(list))
    {
        let parts: Vec<&str> = entry.get("parts").unwrap_or_default().split('|').collect();
        let totals = counts
            .keys()
            .filter(|key| Some(key.codes()[AT_INDICATOR].as_str()) == entry.get("total"));
        for total in totals {
            let parts: Vec<CellKey> = parts
                .iter()
                .map(|code| total.with(AT_INDICATOR, code))
                .filter(|key| counts.contains_key(key))
                .collect();
            if !parts.is_empty() {
                found.push(Relation {
                    total: total.clone(),
                    parts,
                });
            }
        }
    }
    found
}

/// Those whom an indicator is true of are a part of those of whom it is known; the rest are those whom it is not true of.
fn known(cells: &[(&Counted, Option<&String>, i64)]) -> impl Iterator<Item = Pair> {
    let of_known = cells.iter().filter(|(key, ..)| key.count_of == cell::KNOWN);
    of_known.map(|(key, ..)| {
        let whole = cell_key(key);
        Pair {
            part: whole.with(AT_INDICATOR, &key.indicator_code),
            whole,
            rest: Rest::People,
        }
    })
}

/// People are at most as many as their participations.
fn repeats(cells: &[(&Counted, Option<&String>, i64)]) -> impl Iterator<Item = Pair> {
    let entries = cells
        .iter()
        .filter(|(key, ..)| key.unit_of_count == ENTRIES);
    entries.map(|(key, ..)| {
        let whole = cell_key(key);
        Pair {
            part: whole.with(AT_UNIT, PERSONS),
            whole,
            rest: Rest::Repeats,
        }
    })
}

/// Periods within others: a year and its quarters, or a half-year from which a quarter can be subtracted.
fn periods(cells: &[(&Counted, Option<&String>, i64)]) -> Vec<Relation> {
    let mut alike: BTreeMap<CellKey, BTreeMap<(i32, i32), CellKey>> = BTreeMap::new();
    for (key, ..) in cells {
        if let (Some(start), Some(end)) = (key.period_start, key.period_end) {
            let own = cell_key(key);
            let rest = own.with(AT_PERIOD, "");
            alike.entry(rest).or_default().insert((start, end), own);
        }
    }
    let mut found = Vec::new();
    for periods in alike.values().filter(|periods| periods.len() > 1) {
        for (outer, total) in periods {
            let holds = |outer: &(i32, i32), inner: &(i32, i32)| {
                outer != inner && outer.0 <= inner.0 && inner.1 <= outer.1
            };
            let inside: Vec<_> = periods.keys().filter(|inner| holds(outer, inner)).collect();
            let next: Vec<_> = inside
                .iter()
                .filter(|inner| !inside.iter().any(|between| holds(between, inner)))
                .collect();
            // In the order of their beginnings.
            let disjoint = next.windows(2).all(|pair| pair[0].1 < pair[1].0);
            let parts: Vec<CellKey> = next.iter().map(|inner| periods[**inner].clone()).collect();
            let groups = if disjoint {
                vec![parts]
            } else {
                parts.into_iter().map(|part| vec![part]).collect()
            };
            let some = groups.into_iter().filter(|parts| !parts.is_empty());
            found.extend(some.map(|parts| Relation {
                total: total.clone(),
                parts,
            }));
        }
    }
    found
}
