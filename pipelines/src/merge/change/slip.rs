//! Amounts and rates of single operations that slipped: a decimal mark by some digits, or a column by a row.
//!
//! An amount that is exactly a hundred times what it was is mostly no other amount, and one that is what the operation below had
//! is mostly not this operation's. Operations that share what their ids are made of are left out: nothing but their order tells
//! them apart, and a new one among them gives each the amount of its neighbour.

use std::collections::{BTreeMap, HashMap, HashSet};

use arrow::array::{Array, Decimal128Array};

use super::{RATE, Slips, rates, shared};
use crate::check::{Doubt, Severity, money};
use crate::merge::part::{Part, doubt_at};

/// Rule of the finding of an amount or rate whose decimal mark slipped.
const RULE: &str = "amount_tenfold";

/// Findings of a file; of more the first ones are enough.
const TOLD: usize = 100;

/// Hundredths, or millionths of a rate, from which on a rounded value has digits enough to be known again.
const ROUNDED: i128 = 1_000;

/// Operation, kind, currency and who pays; of a rate the first two.
type Key<'p> = (&'p str, &'p str, &'p str, &'p str);

/// An amount or rate of the vintage before, and those of the operations above and below.
struct Known {
    amount: i128,
    above: Option<i128>,
    below: Option<i128>,
}

/// Compares the amounts and rates of a file with those of the vintages before it, the oldest first.
pub(super) fn slips(part: &Part, before: &[&Part]) -> (Vec<Slips>, Vec<Doubt>) {
    let shared = shared(part, before);
    let mut known: HashMap<Key<'_>, Known> = HashMap::new();
    for &part in before {
        each(part, &shared, |key, values, row, amount| {
            let at = |row: Option<usize>| {
                let row = row.filter(|row| *row < values.len())?;
                values.is_valid(row).then(|| values.value(row))
            };
            let found = Known {
                amount,
                above: at(row.checked_sub(1)),
                below: at(row.checked_add(1)),
            };
            known.insert(key, found);
        });
    }
    let mut slips: BTreeMap<String, Slips> = BTreeMap::new();
    let mut tenfold: Vec<(usize, String)> = Vec::new();
    each(part, &shared, |key, _, row, amount| {
        let Some(then) = known.get(&key).filter(|then| then.amount != amount) else {
            return;
        };
        let (_, kind, currency, _) = key;
        let of = format!("{kind} {currency}").trim_end().to_owned();
        let slips = slips.entry(of.clone()).or_insert_with(|| Slips {
            of,
            changed: 0,
            tenfold: 0,
            first: None,
            from_below: 0,
            from_above: 0,
        });
        slips.changed += 1;
        slips.from_below += u64::from(then.below == Some(amount));
        slips.from_above += u64::from(then.above == Some(amount));
        if is_tenfold(then.amount, amount) {
            slips.tenfold += 1;
            let shown: fn(i128) -> String = if kind == RATE { percent } else { money };
            let (now, then) = (shown(amount), shown(then.amount));
            if slips.first.is_none() {
                let place = doubt_at(&part.mapped, row, RULE, Severity::Warning, "").location;
                slips.first = Some(format!("{now} at {place}, where it was {then}"));
            }
            tenfold.push((
                row,
                format!(
                    "{} is {now}, and was {then} before: a decimal mark may have slipped",
                    slips.of
                ),
            ));
        }
    });
    tenfold.sort();
    // Who pays is not said, so that two amounts of a row may say the same.
    tenfold.dedup();
    let told = tenfold.into_iter().take(TOLD);
    let doubts = told.map(|(row, message)| Doubt {
        operation_id: Some(part.ids.ids.value(row).to_owned()),
        ..doubt_at(&part.mapped, row, RULE, Severity::Warning, message)
    });
    let doubts = doubts.collect();
    (slips.into_values().collect(), doubts)
}

/// Calls `seen` for each amount and each rate of an operation that has an id of its own, with its column and row.
fn each<'p>(
    part: &'p Part,
    shared: &HashSet<&str>,
    mut seen: impl FnMut(Key<'p>, &'p Decimal128Array, usize, i128),
) {
    for column in &part.mapped.amounts {
        for (row, amount) in column.values.iter().enumerate() {
            let (Some(amount), Some(kind)) = (amount, column.kind_of(row)) else {
                continue;
            };
            let id = part.ids.ids.value(row);
            if !shared.contains(id) {
                let currency = column.currency.of(row).unwrap_or_default();
                let key = (id, kind, currency, column.financing_source.as_str());
                seen(key, &column.values, row, amount);
            }
        }
    }
    let Some(rates) = rates(part) else {
        return;
    };
    for (row, rate) in rates.iter().enumerate() {
        let id = part.ids.ids.value(row);
        if let Some(rate) = rate.filter(|_| !shared.contains(id)) {
            seen((id, RATE, "", ""), rates, row, rate);
        }
    }
}

/// A rate, which is kept in millionths, in percent.
fn percent(millionths: i128) -> String {
    let (whole, rest) = (millionths / 10_000, millionths % 10_000);
    let text = format!("{whole}.{rest:04}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text} %")
}

/// Whether one of two amounts, in hundredths, is exactly a power of ten of the other one, or that rounded to hundredths.
fn is_tenfold(before: i128, now: i128) -> bool {
    let (small, large) = if before.abs() < now.abs() {
        (before, now)
    } else {
        (now, before)
    };
    if small == 0 || (small < 0) != (large < 0) {
        return false;
    }
    let (small, large) = (small.abs(), large.abs());
    let mut power: i128 = 10;
    // No list is in a unit larger than a million.
    while power <= 1_000_000 {
        let off = (small.saturating_mul(power) - large).abs();
        if off == 0 || (small >= ROUNDED && off * 2 <= power) {
            return true;
        }
        power *= 10;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{is_tenfold, percent};

    #[test]
    fn a_rate_is_told_in_percent() {
        for (millionths, told) in [
            (499_200, "49.92 %"),
            (49_920, "4.992 %"),
            (500_000, "50 %"),
            (1_000_000, "100 %"),
            (500, "0.05 %"),
            (0, "0 %"),
        ] {
            assert_eq!(percent(millionths), told);
        }
    }

    #[test]
    fn an_amount_that_is_a_power_of_ten_of_what_it_was_is_one() {
        for (before, now, is) in [
            (123_456, 12_345_600, true),
            (12_345_600, 123_456, true),
            // 123456.78 in thousands, and as a rounded one.
            (12_345_678, 12_346, true),
            (12_345_678, 12_400, false),
            (500, 5_000, true),
            // Of few digits any amount would be a rounded one.
            (5_432, 5, false),
            (100, 100, false),
            (100, 0, false),
            (100, 200, false),
            (-100, 1_000, false),
            (-100, -1_000, true),
            (i128::MAX, 1, false),
        ] {
            assert_eq!(is_tenfold(before, now), is, "{before} {now}");
        }
    }
}
