//! Amounts that changed places with those of another kind, as where the labels or the cells of two columns were exchanged.
//!
//! An operation that ends can have been granted and be paid the same amount, so that what was one kind is another one in the next
//! file. In both directions at once that happens where columns were exchanged, whatever their sums say.

use std::collections::{BTreeMap, HashMap};

use super::{Exchange, shared};
use crate::merge::part::Part;

/// Kind of amount, currency and who pays: what a column says.
type What<'p> = (&'p str, &'p str, &'p str);

/// The amounts of an operation, but for zeros, which say the same in every column.
type Amounts<'p> = Vec<(What<'p>, i128)>;

/// Compares the amounts of a file with those of other kinds in the vintages before it, the oldest first.
pub(super) fn exchanges(part: &Part, before: &[&Part]) -> Vec<Exchange> {
    let shared = shared(part, before);
    let now = by_operation(&[part]);
    let mut left: BTreeMap<What<'_>, u64> = BTreeMap::new();
    let mut went: BTreeMap<(What<'_>, What<'_>), u64> = BTreeMap::new();
    for (id, then) in by_operation(before) {
        let Some(now) = now.get(id).filter(|_| !shared.contains(id)) else {
            continue;
        };
        for (what, amount) in then.iter().copied() {
            if amount_of(now, what) == Some(amount) {
                continue;
            }
            *left.entry(what).or_default() += 1;
            for (other, found) in now.iter().copied() {
                if other != what && found == amount && amount_of(&then, other) != Some(amount) {
                    *went.entry((what, other)).or_default() += 1;
                }
            }
        }
    }
    let pairs: Vec<(What<'_>, What<'_>)> = (went.keys().copied())
        .filter(|(one, other)| one < other && went.contains_key(&(*other, *one)))
        .collect();
    let pairs = pairs.into_iter().map(|(one, other)| {
        let of = |what: What<'_>| left.get(&what).copied().unwrap_or_default();
        let to = |pair: (What<'_>, What<'_>)| went.get(&pair).copied().unwrap_or_default();
        Exchange {
            of: [said(one), said(other)],
            left: [of(one), of(other)],
            exchanged: [to((one, other)), to((other, one))],
        }
    });
    pairs.collect()
}

/// The amounts of each operation; what a later file says of one counts.
fn by_operation<'p>(parts: &[&'p Part]) -> HashMap<&'p str, Amounts<'p>> {
    let mut operations: HashMap<&str, Amounts<'_>> = HashMap::new();
    for &part in parts {
        for column in &part.mapped.amounts {
            for (row, amount) in column.values.iter().enumerate() {
                let (Some(amount), Some(kind)) = (amount, column.kind_of(row)) else {
                    continue;
                };
                let currency = column.currency.of(row).unwrap_or_default();
                let what = (kind, currency, column.financing_source.as_str());
                let amounts = operations.entry(part.ids.ids.value(row)).or_default();
                amounts.retain(|(known, _)| *known != what);
                if amount != 0 {
                    amounts.push((what, amount));
                }
            }
        }
    }
    operations
}

/// The amount of a kind.
fn amount_of(amounts: &[(What<'_>, i128)], what: What<'_>) -> Option<i128> {
    let mut amounts = amounts.iter();
    amounts
        .find(|(of, _)| *of == what)
        .map(|(_, amount)| *amount)
}

/// A kind in words.
fn said((kind, currency, payer): What<'_>) -> String {
    let of_payer = if matches!(payer, "" | "unknown") {
        String::new()
    } else {
        format!(" ({payer})")
    };
    let with_currency = format!("{kind} {currency}");
    format!("{}{of_payer}", with_currency.trim_end())
}
