//! Which page tells of which operation, one file after the other.
//!
//! Files of one source under one name are states of one page: what the newest of them that tells an operation does not tell any
//! more is gone, unless another page tells it. A state that tells none ("not found", maintenance) takes nothing away. Where several
//! files lay under one name in one night the name is that of no single page, and each of them is a page of its own; so are files
//! of a source whose newer ones add to the others. Of several pages about one operation the newest counts, and of those that came
//! together, and do not contradict each other, the first by name.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::super::change::{Change, Gone, are_last};
use super::super::vintage::{Dated, date_of};
use super::told::{Identified, Told};
use crate::page::PageOperation;

/// What became of the operations of a list of pages; files are positions in the order of time.
#[derive(Default)]
pub(super) struct Course {
    /// Of each operation the files that its state is from, one after the other; nothing where no page told it any more.
    steps: BTreeMap<String, Vec<Option<usize>>>,
    /// The states of one page that took the place of others.
    after: BTreeMap<usize, After>,
    /// Files that came together and contradict each other, by the operations that they do so about.
    rivals: Vec<BTreeSet<usize>>,
}

/// What a state of a page has of the one before it.
pub(super) struct After {
    /// The state before.
    pub(super) before: usize,
    /// Operations that no page told any more when it came.
    pub(super) gone: u64,
}

/// Puts files into the order of time: by their day, then by the release in which they were first seen.
pub(super) fn in_order<'r>(mut told: Vec<Told<'r>>) -> Vec<Told<'r>> {
    let mut names: BTreeMap<(&'r str, &'r str), Vec<usize>> = BTreeMap::new();
    for (at, one) in told.iter().enumerate() {
        names.entry(one.name()).or_default().push(at);
    }
    for of_name in names.into_values() {
        // What came on other nights, one after the other, are states of one page.
        let mut seen = HashSet::new();
        let is_shared = of_name
            .iter()
            .any(|at| !seen.insert(told[*at].file.first_seen));
        let states = of_name.iter().map(|at| &told[*at]);
        let states: Vec<Dated<'r>> = states
            .map(|state| Dated::of(state.file, state.published))
            .collect();
        for (place, at) in of_name.into_iter().enumerate() {
            let state = &mut told[at];
            state.is_shared = is_shared && state.replaces();
            if state.replaces() {
                state.day = date_of(&states, place);
            }
        }
    }
    told.sort_by_key(Told::order);
    told
}

impl Course {
    /// Goes through files in the order of time.
    pub(super) fn of(told: &[Told<'_>]) -> Self {
        let mut course = Self::default();
        // The newest state of each page that tells an operation.
        let mut newest: HashMap<(&str, &str), usize> = HashMap::new();
        // The pages that tell each operation now.
        let mut telling: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        // Operations that no page told any more when a file came, by that file.
        let mut taken: HashMap<&str, usize> = HashMap::new();
        let tells = |(_, one): &(usize, &Told<'_>)| !one.operations.is_empty();
        for (at, one) in told.iter().enumerate().filter(tells) {
            let before = if one.replaces() {
                newest.insert(one.name(), at)
            } else {
                None
            };
            for id in one.ids() {
                let pages = telling.entry(id).or_default();
                if let Some(before) = before {
                    pages.remove(&before);
                }
                let steps = course.steps.entry(id.to_owned()).or_default();
                let stands = steps.last().copied().flatten();
                let is_with = |other: &usize| pages.contains(other) && told[*other].came_with(one);
                match stands.filter(is_with) {
                    // Neither is an earlier state: the first by name counts, and one with a day before one without.
                    Some(other) if told[other].is_tied(one) => {}
                    Some(_) => {
                        steps.pop();
                        steps.push(Some(at));
                    }
                    None => {
                        // It stood on another page before, as where a list that goes on from page to page grew.
                        let took = taken.remove(id);
                        let took = took.filter(|took| told[*took].came_with(one));
                        if let Some(took) = took.filter(|_| steps.last() == Some(&None)) {
                            steps.pop();
                            if let Some(after) = course.after.get_mut(&took) {
                                after.gone = after.gone.saturating_sub(1);
                            }
                        }
                        steps.push(Some(at));
                    }
                }
                pages.insert(at);
            }
            let Some(before) = before else {
                continue;
            };
            let ids: HashSet<&str> = one.ids().collect();
            let mut gone = 0;
            for id in told[before].ids().filter(|id| !ids.contains(id)) {
                let pages = telling.entry(id).or_default();
                pages.remove(&before);
                let left = counting(pages, told);
                if left.is_none() {
                    gone += 1;
                    taken.insert(id, at);
                }
                let steps = course.steps.entry(id.to_owned()).or_default();
                if steps.last() != Some(&left) {
                    // A file tells each operation once.
                    steps.retain(|step| step.is_none() || *step != left);
                    steps.push(left);
                }
            }
            course.after.insert(at, After { before, gone });
        }
        // Files of earlier nights were published by programs that did not look for it, and cannot be held any more.
        let last = told.iter().map(|one| one.file.first_seen).max();
        for (id, pages) in telling {
            let stands = counting(&pages, told);
            if let Some(stands) = stands.filter(|at| Some(told[*at].file.first_seen) == last) {
                course.compare(id, stands, &pages, told);
            }
        }
        course
    }

    /// Notes which of the pages that came with the one that stands contradict it about an operation.
    fn compare(&mut self, id: &str, stands: usize, pages: &BTreeSet<usize>, told: &[Told<'_>]) {
        let with = |at: &usize| *at != stands && told[*at].came_with(&told[stands]);
        let others = pages.iter().copied().filter(with);
        let mut rivals: BTreeSet<usize> = others
            .filter(|other| told[stands].contradicts(&told[*other], id))
            .collect();
        if rivals.is_empty() {
            return;
        }
        rivals.insert(stands);
        // Those that two operations have in common are rivals of each other.
        self.rivals.retain(|known| {
            let is_apart = known.is_disjoint(&rivals);
            if !is_apart {
                rivals.extend(known);
            }
            is_apart
        });
        self.rivals.push(rivals);
    }

    /// Files that came together and contradict each other about operations, as far as these hang together.
    pub(super) fn rivals(&self) -> impl Iterator<Item = &BTreeSet<usize>> {
        self.rivals.iter()
    }

    /// The state of a page before this one, and what went with it.
    pub(super) fn after(&self, at: usize) -> Option<&After> {
        self.after.get(&at)
    }

    /// The file whose row of an operation counts; nothing where it is gone.
    pub(super) fn counting(&self, id: &str) -> Option<usize> {
        self.steps(id).last().copied().flatten()
    }

    /// The files that the states of an operation are from, one after the other; nothing where no page told it.
    pub(super) fn steps(&self, id: &str) -> &[Option<usize>] {
        self.steps.get(id).map_or(&[][..], Vec::as_slice)
    }
}

/// Of the pages that tell an operation the one that counts: of those that came last the first.
fn counting(pages: &BTreeSet<usize>, told: &[Told<'_>]) -> Option<usize> {
    let last = &told[*pages.last()?];
    let mut pages = pages.iter().copied();
    pages.find(|at| told[*at].is_tied(last))
}

/// How the operations of a state of a page compare with those of the state before. One is not gone in whose place another came
/// with its amounts, as where a title was corrected, nor one that another page tells now, as where a list goes on there.
pub(super) fn change(before: &Told<'_>, now: &Told<'_>, course: &Course) -> Change {
    let mut came: HashMap<Vec<(&str, i128)>, u64> = HashMap::new();
    for (_, one) in without(now, before) {
        *came.entry(amounts(one.operation)).or_default() += 1;
    }
    let mut gone = Vec::new();
    let is_elsewhere = |id: &str| course.counting(id).is_some();
    for (place, one) in without(before, now).filter(|(_, one)| !is_elsewhere(&one.id)) {
        match came.get_mut(&amounts(one.operation)) {
            Some(left) if *left > 0 => *left -= 1,
            _ => gone.push(place),
        }
    }
    let all = before.operations.len();
    Change {
        before: before.file.file_name.clone(),
        returning: None,
        ratios: Vec::new(),
        gone: Some(Gone {
            before: all as u64,
            gone: gone.len() as u64,
            at_end: are_last(&gone, all),
            lacking: None,
        }),
        with_value: None,
        slips: Vec::new(),
        exchanges: Vec::new(),
        places: None,
    }
}

/// The operations of a file that another one does not have, each with its place.
fn without<'t, 'r>(
    one: &'t Told<'r>,
    other: &'t Told<'r>,
) -> impl Iterator<Item = (usize, &'t Identified<'r>)> {
    let ids: HashSet<&str> = other.ids().collect();
    let operations = one.operations.iter().enumerate();
    operations.filter(move |(_, one)| !ids.contains(one.id.as_str()))
}

/// The amounts of an operation by kind.
fn amounts(operation: &PageOperation) -> Vec<(&str, i128)> {
    let amounts = operation.amounts.iter();
    let mut amounts: Vec<(&str, i128)> = amounts
        .map(|amount| (amount.kind.as_str(), amount.cents))
        .collect();
    amounts.sort_unstable();
    amounts
}
