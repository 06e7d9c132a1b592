//! Two formats of one vintage: the better one gives the operations, the other is compared with it.

use std::collections::{HashMap, HashSet};

use super::part::{Part, doubt_at};
use super::vintage::Vintage;
use crate::check::{Doubt, Severity, money};

/// At most so many single differences are told per file; the count says how many there are.
const TOLD: usize = 20;

/// Compares the other renditions of a vintage with the best one; their rows are then accounted for as
/// `other_rendition`, and what differs is a finding.
pub(super) fn compare(parts: &mut [Part], vintage: &Vintage) {
    let Some((&best, others)) = vintage.files.split_first() else {
        return;
    };
    let known: HashSet<String> = parts[best]
        .ids
        .ids
        .iter()
        .flatten()
        .map(str::to_string)
        .collect();
    let sums = sums(&parts[best]);
    for &other in others {
        let part = &parts[other];
        let here: HashSet<&str> = part.ids.ids.iter().flatten().collect();
        let missing = known
            .iter()
            .filter(|id| !here.contains(id.as_str()))
            .count();
        let mut findings = Vec::new();
        let mut unknown = 0;
        for (row, id) in part.ids.ids.iter().enumerate() {
            let Some(id) = id.filter(|id| !known.contains(*id)) else {
                continue;
            };
            unknown += 1;
            if unknown <= TOLD {
                findings.push(doubt_at(
                    &part.mapped,
                    row,
                    "rendition_difference",
                    Severity::Info,
                    format!(
                        "{id} stands here and not in the better rendition {}",
                        parts[best].file.file_name
                    ),
                ));
            }
        }
        if missing + unknown > 0 {
            findings.push(Doubt::of_file("rendition_difference", Severity::Warning, format!(
                "{unknown} operations are not in the better rendition {}, and {missing} of that one are not here",
                parts[best].file.file_name
            )));
        }
        let here = self::sums(part);
        let rows = |part: &Part| part.mapped.account.loaded + part.mapped.account.quarantined;
        let (rows_here, rows_there) = (rows(part), rows(&parts[best]));
        let mut differing = Vec::new();
        if rows_here != rows_there {
            differing.push(format!("{rows_here} rows here and {rows_there} there"));
        }
        let mut kinds: Vec<&(String, Option<String>)> = sums.keys().chain(here.keys()).collect();
        kinds.sort();
        kinds.dedup();
        for kind in kinds {
            let (a, b) = (
                sums.get(kind).copied().unwrap_or_default(),
                here.get(kind).copied().unwrap_or_default(),
            );
            if a != b {
                let (kind, currency) = (&kind.0, kind.1.as_deref().unwrap_or_default());
                let of = format!("{kind} {currency}");
                let of = of.trim_end();
                differing.push(format!("{of} {} here and {} there", money(b), money(a)));
                findings.push(Doubt::of_file(
                    "rendition_difference",
                    Severity::Warning,
                    format!(
                        "the sum of {kind} is {} here and {} in {}",
                        money(b),
                        money(a),
                        parts[best].file.file_name
                    ),
                ));
            }
        }
        let better = parts[best].file.file_name.clone();
        let part = &mut parts[other];
        part.contradiction = (!differing.is_empty()).then(|| {
            format!(
                "it contradicts {better}, the better rendition, whose rows count: {}",
                differing.join("; ")
            )
        });
        part.rendition_of = Some(better);
        part.mapped.findings.extend(findings);
        let loaded = std::mem::take(&mut part.mapped.account.loaded);
        part.mapped.account.ignore("other_rendition", loaded);
    }
}

fn sums(part: &Part) -> HashMap<(String, Option<String>), i128> {
    let mut sums = HashMap::new();
    // Of pages that were published twice the other rendition may have one.
    let totals = part.totals_once.as_ref().unwrap_or(&part.mapped.totals);
    for total in totals {
        *sums
            .entry((total.amount_kind.clone(), total.currency.clone()))
            .or_default() += total.total;
    }
    sums
}
