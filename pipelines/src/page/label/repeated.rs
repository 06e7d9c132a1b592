//! Pages that describe several projects with the same labels, one behind the other.

use std::collections::BTreeSet;

use super::Pair;

/// Fields that a project has once.
const ONCE: &[&str] = &[
    "natural_id",
    "title",
    "beneficiary_name",
    "duration",
    "start_date",
    "end_date",
    "granted",
    "total_budget",
    "total_cost",
    "total_eligible",
    "eu",
    "paid",
];

/// Cuts the labels of a page where they begin anew: a page that says "Träger, Laufzeit, Fördersumme" three times
/// describes three projects, whether or not a heading stands between them.
///
/// The first label must come back with another value each time, or each time under another one of these headings (their offsets, in
/// order), as where one body has all projects; and every part must share a second label with the first. Otherwise a project has two
/// holders, not the page two projects.
pub(super) fn split_repeated(thing: Vec<Pair>, headings: &[u64]) -> Vec<Vec<Pair>> {
    let once = |pair: &Pair| ONCE.contains(&pair.rule.field.as_str());
    let Some(first) = thing
        .iter()
        .find(|pair| once(pair))
        .map(|p| p.label.clone())
    else {
        return vec![thing];
    };
    let mut parts: Vec<Vec<&Pair>> = vec![Vec::new()];
    for pair in &thing {
        if let Some(part) = parts.last_mut() {
            if pair.label == first && part.iter().any(|old| old.label == first) {
                parts.push(vec![pair]);
            } else {
                part.push(pair);
            }
        }
    }
    let labels = |part: &[&Pair]| -> BTreeSet<String> {
        let once = part.iter().filter(|pair| once(pair));
        once.map(|pair| pair.label.clone()).collect()
    };
    let of_first = labels(&parts[0]);
    let repeats = |part: &Vec<&Pair>| labels(part).intersection(&of_first).count() >= 2;
    let values: BTreeSet<String> = parts
        .iter()
        .filter_map(|part| part.iter().find(|pair| pair.label == first)?.first())
        .map(|(value, _)| value.clone())
        .collect();
    let above = |part: &[&Pair]| {
        let begin = part.first().map_or(0, |pair| pair.byte());
        headings.partition_point(|heading| *heading < begin)
    };
    let mut both = parts.windows(2);
    let is_headed = both.all(|both| above(&both[0]) < above(&both[1]));
    let is_other = values.len() > 1 || is_headed;
    if parts.len() < 2 || !is_other || !parts.iter().all(repeats) {
        return vec![thing];
    }
    let lengths: Vec<usize> = parts.iter().map(Vec::len).collect();
    let mut rest = thing.into_iter();
    let take = |n: usize| rest.by_ref().take(n).collect();
    lengths.into_iter().map(take).collect()
}
