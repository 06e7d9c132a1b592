//! Figures, compared with the same figures before.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use super::gone::are_last;
use super::{Change, Factors, Gone, standing};
use crate::merge::statistic::FigureFile;
use crate::merge::vintage::Vintage;
use crate::named::first;
use crate::statistic::Figure;

/// Columns of keys that say what is measured: figures of one file may be of several units.
const MEASURES: [&str; 4] = ["statistic", "measure", "series", "indicator_code"];

/// Most years, regions and so on that are named of each kind.
const NAMED: usize = 3;

/// Notes with the files that came last how their figures compare with what stood before them; in a list that `extends`, that is
/// what all earlier files say together.
pub(in crate::merge) fn compare_figures(
    files: &mut [FigureFile],
    order: &[Vintage],
    extends: bool,
) {
    let newest = files.iter().map(|file| file.file.first_seen).max();
    let state = RandomState::new();
    for (at, vintage) in order.iter().enumerate() {
        let Some(&best) = vintage.files.first() else {
            continue;
        };
        if Some(files[best].file.first_seen) != newest {
            continue;
        }
        let mut before = standing(order, at, &|file| files[file].file.first_seen);
        if !extends {
            before = before.split_off(before.len().saturating_sub(1));
        }
        let Some(last) = before
            .last()
            .map(|last| files[*last].file.file_name.clone())
        else {
            continue;
        };
        let mut known: HashMap<u64, i128> = HashMap::new();
        for file in &before {
            each(&files[*file], &state, |key, _, figure| {
                known.extend(figure.cell.value.map(|value| (key, value)));
            });
        }
        let mut factors = Factors::default();
        each(&files[best], &state, |key, of, figure| {
            if let (Some(then), Some(value)) = (known.get(&key), figure.cell.value) {
                factors.add(of, *then, value);
            }
        });
        let replaced = before.last().filter(|_| !extends);
        let replaced = replaced.map(|last| &files[*last]);
        let gone = replaced.map(|replaced| gone(&files[best], replaced, &state));
        let with_value = replaced.map(|replaced| replaced.with_value);
        files[best].change = Some(Change {
            before: last,
            returning: None,
            ratios: factors.ratios(),
            gone,
            with_value,
            slips: Vec::new(),
            exchanges: Vec::new(),
            places: None,
        });
    }
}

/// Counts the figures with a value of a file that another one, which takes its place, says nothing about, not even that it is not
/// known.
fn gone(file: &FigureFile, before: &FigureFile, state: &RandomState) -> Gone {
    let mut now: HashSet<u64> = HashSet::new();
    each(file, state, |key, _, _| {
        now.insert(key);
    });
    let mut all = 0;
    let mut rows: Vec<usize> = Vec::new();
    let mut lost: Vec<&Figure> = Vec::new();
    each(before, state, |key, _, figure| {
        if figure.cell.value.is_some() {
            if !now.contains(&key) {
                rows.push(all);
                lost.push(figure);
            }
            all += 1;
        }
    });
    Gone {
        before: all as u64,
        gone: rows.len() as u64,
        at_end: are_last(&rows, all),
        lacking: lacking(file, &lost),
    }
}

/// What figures that are gone were about, and no figure of the file is: the years that it has no more, or the regions.
fn lacking(file: &FigureFile, lost: &[&Figure]) -> Option<String> {
    let table = file.file.source.statistic.as_ref()?.core_table()?;
    let has = |name: &str| table.key.iter().any(|key| key == name);
    // A period is named once.
    let again = has("period_start").then_some("period_end");
    let is_named = |name: &str| has(name) && Some(name) != again;
    let columns = table.columns.iter().enumerate();
    let of_key = columns.filter(|(_, column)| is_named(&column.name));
    let parts = of_key.filter_map(|(at, column)| {
        let figures = file.read.figures.iter();
        let now: HashSet<&str> = figures.filter_map(|f| f.cells[at].as_deref()).collect();
        let lost: BTreeSet<&str> = (lost.iter())
            .filter_map(|figure| figure.cells[at].as_deref())
            .filter(|text| !now.contains(text))
            .collect();
        let lost: Vec<&str> = lost.into_iter().collect();
        (!lost.is_empty()).then(|| format!("{} {}", column.name, first(&lost, NAMED)))
    });
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// Calls `seen` for each figure: a hash of what it is about, what is measured, and the figure, whose value is in units of the last
/// decimal that its column keeps. Of a file of people not even what is measured is repeated.
fn each<'f>(
    file: &'f FigureFile,
    state: &RandomState,
    mut seen: impl FnMut(u64, &str, &'f Figure),
) {
    let Some(declared) = file.file.source.statistic.as_ref() else {
        return;
    };
    let Some(table) = declared.core_table() else {
        return;
    };
    let position = |name: &str| table.columns.iter().position(|c| c.name == name);
    let keys: Vec<usize> = (table.key.iter())
        .filter_map(|name| position(name))
        .collect();
    let mut measures = MEASURES.iter().filter_map(|name| position(name));
    let measure = measures.find(|at| keys.contains(at) && declared.is_public());
    for figure in &file.read.figures {
        let mut hasher = state.build_hasher();
        for at in &keys {
            figure.cells[*at].hash(&mut hasher);
        }
        figure.region.hash(&mut hasher);
        let of = measure.and_then(|at| figure.cells[at].as_deref());
        let of = of.unwrap_or(declared.value_column.as_str());
        seen(hasher.finish(), of, figure);
    }
}
