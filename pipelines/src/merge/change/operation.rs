//! Operations and their amounts, compared with those of the vintage before.

use std::collections::{HashMap, HashSet};

use super::exchange::exchanges;
use super::gone::gone;
use super::slip::slips;
use super::{Change, Factors, RATE, Returning, rates, standing};
use crate::check::Doubt;
use crate::merge::part::Part;
use crate::merge::vintage::Vintage;
use crate::source::Vintage as VintageKind;

/// Notes with the files that came last how they compare with what stood before them, and what is doubtful about it.
pub(in crate::merge) fn compare_operations(parts: &mut [Part], order: &[Vintage]) {
    for (best, before) in compared(parts, order) {
        let all = &*parts;
        let before: Vec<&Part> = before.iter().map(|file| &all[*file]).collect();
        if let Some((change, doubts)) = change(&all[best], &before) {
            parts[best].change = Some(change);
            parts[best].mapped.findings.extend(doubts);
        }
    }
}

/// The best files of the vintages that came last, each with those that it is compared with, the oldest first.
pub(super) fn compared(parts: &[Part], order: &[Vintage]) -> Vec<(usize, Vec<usize>)> {
    let newest = parts.iter().map(|part| part.file.first_seen).max();
    let mut compared = Vec::new();
    for (at, vintage) in order.iter().enumerate() {
        let Some(&best) = vintage.files.first() else {
            continue;
        };
        if Some(parts[best].file.first_seen) != newest {
            continue;
        }
        let mut before = standing(order, at, &|file| parts[file].file.first_seen);
        if parts[best].file.source.toml.vintage == VintageKind::Replace {
            before = before.split_off(before.len().saturating_sub(1));
        }
        compared.push((best, before));
    }
    compared
}

/// Compares a file with the vintages that it replaces or adds to, the oldest first.
fn change(part: &Part, before: &[&Part]) -> Option<(Change, Vec<Doubt>)> {
    let newest = *before.last()?;
    let ids: HashSet<&str> = part.ids.ids.iter().flatten().collect();
    let earlier: HashSet<&str> = newest.ids.ids.iter().flatten().collect();
    let known = amounts(before);
    let mut factors = Factors::default();
    for (key, now) in amounts(&[part]) {
        if let Some(then) = known.get(&key) {
            let (_, kind, currency, _) = key;
            let of = format!("{kind} {currency}");
            factors.add(of.trim_end(), *then, now);
        }
    }
    let known = union_rates(before);
    for (id, now) in union_rates(&[part]) {
        if let Some(then) = known.get(id) {
            factors.add(RATE, *then, now);
        }
    }
    let (slips, doubts) = slips(part, before);
    let change = Change {
        before: newest.file.file_name.clone(),
        returning: Some(Returning {
            before: earlier.len() as u64,
            now: ids.len() as u64,
            both: ids.intersection(&earlier).count() as u64,
        }),
        ratios: factors.ratios(),
        gone: Some(gone(part, newest, &ids, &earlier)),
        with_value: None,
        slips,
        exchanges: exchanges(part, before),
        places: None,
    };
    Some((change, doubts))
}

/// Rates in millionths by operation; what a later file says of an operation counts.
fn union_rates<'p>(parts: &[&'p Part]) -> HashMap<&'p str, i128> {
    let mut by_operation = HashMap::new();
    for &part in parts {
        let Some(rates) = rates(part) else {
            continue;
        };
        let both = part.ids.ids.iter().zip(rates.iter());
        by_operation.extend(both.filter_map(|(id, rate)| Some((id?, rate?))));
    }
    by_operation
}

/// Operation, kind, currency and who pays.
type Key<'p> = (&'p str, &'p str, &'p str, &'p str);

/// Amounts in hundredths; what a later file says of an operation counts.
pub(in crate::merge) fn amounts<'p>(parts: &[&'p Part]) -> HashMap<Key<'p>, i128> {
    let mut amounts = HashMap::new();
    for &part in parts {
        for column in &part.mapped.amounts {
            for (row, amount) in column.values.iter().enumerate() {
                let (Some(amount), Some(kind)) = (amount, column.kind_of(row)) else {
                    continue;
                };
                let id = part.ids.ids.value(row);
                let currency = column.currency.of(row).unwrap_or_default();
                let payer = column.financing_source.as_str();
                amounts.insert((id, kind, currency, payer), amount);
            }
        }
    }
    amounts
}
