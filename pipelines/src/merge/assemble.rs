//! From the parts of one list to its tables: which vintage gives which rows, and what each said of an operation.
//!
//! Owns what becomes of rows that a later vintage says again, and between which days an operation was published. Does not
//! own the order of the vintages (`vintage`), the comparison of renditions (`rendition`), or the rows of each table.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, StringArray};

use super::before::Before;
use super::history::{self, State};
use super::operation::{Loaded, push_operations};
use super::part::{Part, doubt_at, drop_rows};
use super::report::{Located, report};
use super::rows::{Tables, push};
use super::vintage::{OLDER, Vintage, by_arrival};
use super::{ListOutput, References, change, organisation, place, rendition};
use crate::check::{Doubt, Severity};
use crate::map::MapError;
use crate::source::Vintage as VintageKind;

/// The tables of a list from its parts, which are grouped in the order of their vintages. `before` tells what vintages before
/// these said of the operations of the first.
pub(super) fn assemble(
    mut parts: Vec<Part>,
    order: &[Vintage],
    before: &Before,
    references: &References,
) -> Result<ListOutput, MapError> {
    for vintage in order.iter().filter(|v| v.by_arrival) {
        if let Some(best) = vintage.files.first() {
            parts[*best].mapped.findings.push(by_arrival());
        }
    }
    for vintage in order {
        rendition::compare(&mut parts, vintage);
    }
    change::compare_operations(&mut parts, order);
    let replace = parts
        .first()
        .is_none_or(|p| p.file.source.toml.vintage == VintageKind::Replace);
    let spans = published_spans(&parts, order, before);
    let mut output = ListOutput::default();
    let mut states: Vec<State> = Vec::new();
    let mut located: HashMap<usize, Located> = HashMap::new();
    let mut regions: HashMap<usize, StringArray> = HashMap::new();
    let again = if replace {
        HashSet::new()
    } else {
        named_again(&parts, order, before)
    };
    let mut later: HashSet<String> = before.elsewhere.clone();
    for (position, vintage) in order.iter().enumerate().rev() {
        let Some(&best) = vintage.files.first() else {
            continue;
        };
        let newest = position + 1 == order.len();
        let file = parts[best].file.clone();
        let is_compared = |id: &str| replace || (again.contains(id) && before.compares(&file, id));
        let mut ids = parts[best].ids.ids.iter().flatten();
        let mut is_state = order.len() > 1 && ids.any(is_compared);
        if !replace {
            // An extending vintage overrides what it repeats; the rest of the older ones stays.
            let ids = parts[best].ids.ids.iter();
            let overridden: Vec<bool> = ids
                .map(|id| id.is_some_and(|id| later.contains(id)))
                .collect();
            if is_state && overridden.contains(&true) {
                let state = state_of(&mut parts[best], vintage, &spans, references)?;
                states.extend(state.map(|state| state.of(is_compared)));
                is_state = false;
            }
            drop_rows(&mut parts[best], &overridden, OLDER)?;
            later.extend(parts[best].ids.ids.iter().flatten().map(str::to_string));
        }
        let mut tables = Tables::new();
        let (of_file, codes) = emit(&mut parts[best], &spans, references, &mut tables)?;
        if replace {
            regions.insert(best, codes);
        }
        if is_state
            && let Some(state) = State::new(vintage.published.map(crate::map::days), &tables)?
        {
            states.push(state.of(is_compared));
        }
        if newest || !replace {
            located.insert(best, of_file);
            for (table, batches) in tables {
                output.tables.entry(table).or_default().extend(batches);
            }
        } else {
            let account = &mut parts[best].mapped.account;
            let loaded = std::mem::take(&mut account.loaded);
            account.ignore(OLDER, loaded);
        }
    }
    change::compare_places(&mut parts, order, &regions);
    states.reverse();
    history::push_history(&states, replace, &before.since, &mut output.tables)?;
    if replace && order.len() > 1 {
        forget_gone(&mut parts, order);
    }
    for (index, part) in parts.iter().enumerate() {
        let located = located.get(&index).copied().unwrap_or_default();
        report(part, located, &mut output)?;
    }
    output
        .reports
        .sort_by(|a, b| (&a.source_id, &a.file_name).cmp(&(&b.source_id, &b.file_name)));
    Ok(output)
}

/// Operations that more than one vintage of a list that grows names: those whose states can differ. Where parts of the list were
/// not read, only those that a new part names; of the others the history is known.
fn named_again(parts: &[Part], order: &[Vintage], before: &Before) -> HashSet<String> {
    let best: Vec<&Part> = (order.iter())
        .filter_map(|vintage| parts.get(*vintage.files.first()?))
        .collect();
    let mut once: HashSet<&str> = HashSet::new();
    let mut again: HashSet<String> = HashSet::new();
    for id in best.iter().flat_map(|part| part.ids.ids.iter().flatten()) {
        if !once.insert(id) {
            again.insert(id.to_owned());
        }
    }
    if let Some(release) = before.release {
        let new = best.iter().filter(|part| part.file.first_seen > release);
        let new: HashSet<&str> = new.flat_map(|part| part.ids.ids.iter().flatten()).collect();
        again.retain(|id| new.contains(id.as_str()));
    }
    again
}

/// What a vintage says of all its operations, also those that a later one says again.
fn state_of(
    part: &mut Part,
    vintage: &Vintage,
    spans: &Spans,
    references: &References,
) -> Result<Option<State>, MapError> {
    let (findings, doubts) = (part.mapped.findings.clone(), part.region_doubts.len());
    let mut tables = Tables::new();
    emit(part, spans, references, &mut tables)?;
    part.mapped.findings = findings;
    part.region_doubts.truncate(doubts);
    Ok(State::new(
        vintage.published.map(crate::map::days),
        &tables,
    )?)
}

/// Findings about older vintages keep the place they speak of, but name no operation that is gone.
fn forget_gone(parts: &mut [Part], order: &[Vintage]) {
    let newest = order.last().and_then(|vintage| vintage.files.first());
    let Some(newest) = newest.and_then(|at| parts.get(*at)) else {
        return;
    };
    let ids: HashSet<String> = newest.ids.ids.iter().flatten().map(str::to_owned).collect();
    for finding in parts.iter_mut().flat_map(|part| &mut part.mapped.findings) {
        finding.operation_id = finding.operation_id.take().filter(|id| ids.contains(id));
    }
    for doubts in parts.iter_mut().flat_map(|part| &mut part.region_doubts) {
        doubts.keep_operations(&ids);
    }
}

/// First and last day on which each operation of the list was published.
type Spans = HashMap<String, Span>;

/// First and last day of publication, as days since 1970.
pub(super) type Span = (Option<i32>, Option<i32>);

fn published_spans(parts: &[Part], order: &[Vintage], before: &Before) -> Spans {
    let mut spans = Spans::new();
    let of_vintages = order.iter().filter_map(|vintage| {
        let best = *vintage.files.first()?;
        Some((vintage.published.map(crate::map::days), best))
    });
    let earlier = parts.iter().enumerate().flat_map(|(at, part)| {
        let issues = part.file.earlier.iter();
        issues.map(move |issue| (Some(crate::map::days(issue.published)), at))
    });
    let mut published: Vec<(Option<i32>, usize)> = of_vintages.chain(earlier).collect();
    if published.len() < 2 {
        return spans;
    }
    // Vintages are in the order of their dates already; sorting is stable.
    published.sort_by_key(|(day, _)| *day);
    for (day, at) in published {
        for id in parts[at].ids.ids.iter().flatten() {
            spans
                .entry(id.to_string())
                .and_modify(|span| span.1 = day)
                .or_insert((day, day));
        }
    }
    for (id, first) in &before.firsts {
        if let Some(span) = spans.get_mut(id) {
            span.0 = *first;
        }
    }
    spans
}

/// Rows of all tables of the operations of one file; returns how many of them have a region, and which.
fn emit(
    part: &mut Part,
    spans: &Spans,
    references: &References,
    tables: &mut Tables,
) -> Result<(Located, StringArray), MapError> {
    let n = part.mapped.rows.num_rows();
    let day = part.mapped.published.map(crate::map::days);
    let of = |pick: fn(&Span) -> Option<i32>| -> ArrayRef {
        if spans.is_empty() {
            return Arc::new(Date32Array::from(vec![day; n]));
        }
        Arc::new(
            part.ids
                .ids
                .iter()
                .map(|id| id.and_then(|id| spans.get(id)).map_or(day, pick))
                .collect::<Date32Array>(),
        )
    };
    let loaded = Loaded {
        file: &part.file,
        mapped: &part.mapped,
        ids: &part.ids,
        first_published: of(|s| s.0),
        last_published: of(|s| s.1),
        constants: Loaded::constants(&part.file, n),
    };
    let regions = place::regions(&loaded, &references.gazetteer)?;
    push_operations(&loaded, Arc::new(regions.main.clone()), tables)?;
    if let Some(rows) = regions.rows {
        push(tables, "operation_region", rows);
    }
    if let Some(bodies) = &part.bodies {
        organisation::push_beneficiaries(&loaded, bodies, regions.seat.as_ref(), tables)?;
    }
    let mut findings = regions.findings;
    for row in &part.ids.repeated_natural {
        findings.push(Doubt {
            operation_id: Some(part.ids.ids.value(*row).to_string()),
            ..doubt_at(
                &part.mapped,
                *row,
                "natural_id_repeated",
                Severity::Warning,
                "the natural id stands on an earlier row too; this row is an operation of its own",
            )
        });
    }
    part.mapped.findings.extend(findings);
    part.region_doubts.extend(regions.doubts);
    let located = Located {
        with_region: Some((regions.coded, n as u64)),
        inside: regions.inside,
    };
    Ok((located, regions.main))
}
