//! Figures, compared with the same figures before.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use super::{Change, Factors, standing};
use crate::merge::statistic::FigureFile;
use crate::merge::vintage::Vintage;

/// Columns of keys that say what is measured: figures of one file may be of several units.
const MEASURES: [&str; 4] = ["statistic", "measure", "series", "indicator_code"];

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
        for file in before {
            each(&files[file], &state, |key, _, value| {
                known.insert(key, value);
            });
        }
        let mut factors = Factors::default();
        each(&files[best], &state, |key, of, value| {
            if let Some(then) = known.get(&key) {
                factors.add(of, *then, value);
            }
        });
        files[best].change = Some(Change {
            before: last,
            returning: None,
            ratios: factors.ratios(),
            gone: None,
            slips: Vec::new(),
        });
    }
}

/// Calls `seen` for each figure with a value: a hash of what it is about, what is measured, and the value in units of the last
/// decimal that its column keeps. Of a file of people not even what is measured is repeated.
fn each(file: &FigureFile, state: &RandomState, mut seen: impl FnMut(u64, &str, i128)) {
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
        let Some(value) = figure.cell.value else {
            continue;
        };
        let mut hasher = state.build_hasher();
        for at in &keys {
            figure.cells[*at].hash(&mut hasher);
        }
        figure.region.hash(&mut hasher);
        let of = measure.and_then(|at| figure.cells[at].as_deref());
        let of = of.unwrap_or(declared.value_column.as_str());
        seen(hasher.finish(), of, value);
    }
}
