//! Runs derivations in the order of their inputs, and reuses what has not changed.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use datafusion::{common::runtime::SpawnedTask, error::DataFusionError};
use futures::{StreamExt, stream::FuturesUnordered};
use sha2::{Digest, Sha256};

use super::{Derivation, DerivationError};
use crate::{
    release::{CheckResult, DataFile, Release, ReleaseDraft, TableState, Warehouse},
    session::{SessionOptions, register_files, working_session},
    store::hex,
    write::{TableSpec, write_stream},
};

/// What became of a derivation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Its name.
    pub name: String,
    /// Whether its tables were carried over from the previous release.
    pub reused: bool,
    /// What it found in checking its tables.
    pub checks: Vec<CheckResult>,
    /// How long it ran; nothing where its tables were carried over.
    pub took: Duration,
}

/// Whether tables of the previous release may be carried over. What derivations remember is read either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reuse {
    /// Where inputs and key are the same.
    Unchanged,
    /// Never: every derivation runs.
    Nothing,
}

/// Derivations that run at the same time: writing takes one processor, and most plans leave another idle now and then.
const AT_ONCE: usize = 2;

/// Bytes that derivations which run at the same time may hold together; what does not fit beside another runs alone.
const TOGETHER: usize = 512 << 20;

/// Adds the tables of all derivations to a draft that holds the tables they start from.
///
/// Derivations may build on each other; those that do not may run at the same time. Their keys go into the draft's steps as
/// `derive/<name>`. Fails if they cannot be brought into an order, or if one of them fails; the draft must then be dropped.
pub async fn derive_all(
    warehouse: &Warehouse,
    draft: &mut ReleaseDraft,
    previous: Option<&Release>,
    reuse: Reuse,
    derivations: &[Arc<dyn Derivation>],
    options: &SessionOptions,
) -> Result<Vec<Ran>, DerivationError> {
    // By name, so that the order does not depend on how the list was put together.
    let mut waiting: BTreeMap<&str, &Arc<dyn Derivation>> =
        derivations.iter().map(|d| (d.name(), d)).collect();
    let mut ran = Vec::new();
    let mut checked = BTreeSet::new();
    while !waiting.is_empty() {
        let has_all = |d: &&Arc<dyn Derivation>| {
            let inputs = d.inputs();
            inputs.iter().all(|table| draft.tables.contains_key(table))
        };
        let ready: Vec<_> = waiting.values().copied().filter(has_all).collect();
        if ready.is_empty() {
            return Err(blocked(&waiting, draft));
        }
        waiting.retain(|name, _| ready.iter().all(|derivation| derivation.name() != *name));
        let mut work = Vec::new();
        for derivation in &ready {
            let next = begin(draft, previous, reuse, derivation, options, &work);
            work.extend(next.map_err(|error| *error)?);
        }
        check_inputs(warehouse, previous, &work, &mut checked).await?;
        let names = work.iter().map(|work| work.derivation.name().to_owned());
        let names: Vec<String> = names.collect();
        let made = derive_some(warehouse, work).await?;
        let took = made.iter().map(|made| made.took);
        let took: BTreeMap<String, Duration> = names.into_iter().zip(took).collect();
        for (spec, file) in made.into_iter().flat_map(|made| made.tables) {
            draft.table(&spec, file);
        }
        for derivation in ready {
            let took = took.get(derivation.name()).copied();
            ran.push(Ran {
                name: derivation.name().to_owned(),
                reused: took.is_none(),
                checks: check(warehouse, draft, derivation.as_ref(), options).await?,
                took: took.unwrap_or_default(),
            });
        }
    }
    Ok(ran)
}

/// Whether a release holds what a derivation would make of its tables.
pub fn is_current(derivation: &dyn Derivation, release: &Release) -> bool {
    let key = step_key(derivation, &release.tables);
    release.steps.get(&step_name(derivation)) == Some(&key)
}

fn step_name(derivation: &dyn Derivation) -> String {
    format!("derive/{}", derivation.name())
}

async fn check(
    warehouse: &Warehouse,
    draft: &ReleaseDraft,
    derivation: &dyn Derivation,
    options: &SessionOptions,
) -> Result<Vec<CheckResult>, DerivationError> {
    let context = working_session(options)?;
    for spec in derivation.outputs() {
        register_files(&context, warehouse, &spec.name, &draft.tables[&spec.name])?;
    }
    let failed = |source| DerivationError::Plan {
        name: derivation.name().to_owned(),
        source,
    };
    derivation.check(&context).await.map_err(failed)
}

/// A derivation that has to run, with the tables it reads.
struct Work {
    derivation: Arc<dyn Derivation>,
    outputs: Vec<Arc<TableSpec>>,
    inputs: Vec<(String, TableState)>,
    options: SessionOptions,
}

/// What a derivation made.
struct Made {
    /// Its tables, each with its file if it has rows.
    tables: Vec<(Arc<TableSpec>, Option<DataFile>)>,
    took: Duration,
}

/// Carries the tables of a derivation over from the previous release where they are the same, else says what has to run;
/// `others` run beside it.
fn begin(
    draft: &mut ReleaseDraft,
    previous: Option<&Release>,
    reuse: Reuse,
    derivation: &Arc<dyn Derivation>,
    options: &SessionOptions,
    others: &[Work],
) -> Result<Option<Work>, Box<DerivationError>> {
    let name = || derivation.name().to_owned();
    let outputs = derivation.outputs();
    let is_made = |table: &str| {
        let mut beside = others.iter().flat_map(|other| &other.outputs);
        draft.tables.contains_key(table) || beside.any(|spec| spec.name == table)
    };
    if let Some(table) = outputs.iter().find(|spec| is_made(&spec.name)) {
        return Err(Box::new(DerivationError::Twice {
            name: name(),
            table: table.name.clone(),
        }));
    }
    let step = step_name(derivation.as_ref());
    let key = step_key(derivation.as_ref(), &draft.tables);
    let kept = previous
        .filter(|release| reuse == Reuse::Unchanged && release.steps.get(&step) == Some(&key));
    draft.steps.insert(step, key);
    if let Some(kept) = kept
        && outputs
            .iter()
            .all(|spec| kept.tables.contains_key(&spec.name))
    {
        for spec in &outputs {
            draft.table(spec, kept.tables[&spec.name].files.iter().cloned());
        }
        return Ok(None);
    }
    let inputs = derivation.inputs().into_iter();
    let mut inputs: Vec<(String, TableState)> = inputs
        .map(|input| (input.clone(), draft.tables[&input].clone()))
        .collect();
    let rows = inputs.iter().map(|(_, table)| table.rows()).sum();
    let least = derivation.least_memory(rows);
    for table in derivation.remembers() {
        let Some(spec) = outputs.iter().find(|spec| spec.name == table) else {
            return Err(Box::new(DerivationError::Remembers {
                name: name(),
                table,
            }));
        };
        let (sort, key) = (spec.sort.clone(), spec.key.clone());
        let none = || TableState::new(spec.visibility, &spec.schema, sort, key);
        let left = previous.and_then(|release| release.tables.get(&table));
        let left = left.cloned().unwrap_or_else(none);
        inputs.push((format!("previous_{table}"), left));
    }
    Ok(Some(Work {
        derivation: Arc::clone(derivation),
        outputs,
        inputs,
        options: SessionOptions {
            memory_limit: options.memory_limit.map(|limit| limit.max(least)),
            ..options.clone()
        },
    }))
}

/// Compares what derivations are about to read with its hash, as far as it comes from the previous release and was not
/// `checked` yet: what this run wrote was hashed on its way.
async fn check_inputs(
    warehouse: &Warehouse,
    previous: Option<&Release>,
    work: &[Work],
    checked: &mut BTreeSet<String>,
) -> Result<(), DerivationError> {
    let Some(previous) = previous else {
        return Ok(());
    };
    let tables = previous.tables.values();
    let carried: BTreeSet<&str> = tables
        .flat_map(|table| &table.files)
        .map(|file| file.path.as_str())
        .collect();
    for one in work {
        for (_, table) in &one.inputs {
            for file in &table.files {
                if carried.contains(file.path.as_str()) && checked.insert(file.path.clone()) {
                    warehouse.check_file(table.visibility, file).await?;
                }
            }
        }
    }
    Ok(())
}

/// Runs derivations of which none reads what another makes, some at the same time; what they made comes in their order.
///
/// Where one fails, no other begins, and those at work end first: of several errors that of the first in order counts.
async fn derive_some(warehouse: &Warehouse, work: Vec<Work>) -> Result<Vec<Made>, DerivationError> {
    let mut made: Vec<Option<Made>> = work.iter().map(|_| None).collect();
    let mut waiting: Vec<(usize, Work)> = work.into_iter().enumerate().collect();
    let mut at_work = FuturesUnordered::new();
    let mut held: BTreeMap<usize, usize> = BTreeMap::new();
    let mut failed: BTreeMap<usize, DerivationError> = BTreeMap::new();
    loop {
        let next = if failed.is_empty() {
            let needs: Vec<usize> = waiting.iter().map(|(_, work)| work.memory()).collect();
            let others: Vec<usize> = held.values().copied().collect();
            next_beside(&needs, &others)
        } else {
            None
        };
        if let Some(next) = next {
            let (at, work) = waiting.remove(next);
            held.insert(at, work.memory());
            let ran = spawned(warehouse.clone(), work);
            at_work.push(async move { (at, ran.await) });
        } else if let Some((at, ran)) = at_work.next().await {
            held.remove(&at);
            match ran {
                Ok(ran) => made[at] = Some(ran),
                Err(error) => {
                    failed.insert(at, error);
                }
            }
        } else {
            break;
        }
    }
    match failed.pop_first() {
        Some((_, error)) => Err(error),
        None => Ok(made.into_iter().flatten().collect()),
    }
}

/// Which of the waiting begins beside those at work, by the memory of each: the first that fits. One alone may take whatever
/// it needs.
fn next_beside(waiting: &[usize], at_work: &[usize]) -> Option<usize> {
    if at_work.len() >= AT_ONCE {
        return None;
    }
    let held = at_work
        .iter()
        .fold(0, |sum: usize, one| sum.saturating_add(*one));
    let fits = |memory: &usize| at_work.is_empty() || held.saturating_add(*memory) <= TOGETHER;
    waiting.iter().position(fits)
}

/// Runs a derivation as a task of its own.
async fn spawned(warehouse: Warehouse, work: Work) -> Result<Made, DerivationError> {
    let name = work.derivation.name().to_owned();
    let task = SpawnedTask::spawn(async move { work.run(&warehouse).await });
    match task.join_unwind().await {
        Ok(made) => made,
        Err(ended) => Err(DerivationError::Plan {
            name,
            source: DataFusionError::ExecutionJoin(Box::new(ended)),
        }),
    }
}

impl Work {
    /// Bytes that its session may hold; 0 where it has no limit.
    fn memory(&self) -> usize {
        self.options.memory_limit.unwrap_or_default()
    }

    async fn run(self, warehouse: &Warehouse) -> Result<Made, DerivationError> {
        let begun = Instant::now();
        let name = || self.derivation.name().to_owned();
        let context = working_session(&self.options)?;
        for (table, state) in &self.inputs {
            register_files(&context, warehouse, table, state)?;
        }
        let made = self.derivation.derive(&context).await;
        let made = made.map_err(|source| DerivationError::Plan {
            name: name(),
            source,
        })?;
        let names = |names: Vec<&String>| names.into_iter().cloned().collect::<Vec<_>>().join(", ");
        let mut streams: BTreeMap<String, _> = made.into_iter().collect();
        let outputs = &self.outputs;
        if streams.len() != outputs.len()
            || outputs.iter().any(|spec| !streams.contains_key(&spec.name))
        {
            let declared = names(outputs.iter().map(|spec| &spec.name).collect());
            return Err(DerivationError::Outputs {
                name: name(),
                declared,
                made: names(streams.keys().collect()),
            });
        }
        let mut tables = Vec::new();
        for spec in outputs {
            let Some(rows) = streams.remove(&spec.name) else {
                continue;
            };
            let file = write_stream(warehouse, spec, "", rows).await;
            let file = file.map_err(|source| DerivationError::Write {
                name: name(),
                source,
            })?;
            tables.push((Arc::clone(spec), file));
        }
        let took = begun.elapsed();
        Ok(Made { tables, took })
    }
}

/// The hash of everything that the outputs depend on.
fn step_key(derivation: &dyn Derivation, tables: &BTreeMap<String, TableState>) -> String {
    let mut hasher = Sha256::new();
    // Every part is followed by a byte that no name or hash contains.
    let mut add = |part: &str| hasher.update([part.as_bytes(), b"\0"].concat());
    add(derivation.name());
    add(&derivation.key());
    for input in derivation.inputs() {
        add(&input);
        let Some(table) = tables.get(&input) else {
            continue;
        };
        table
            .schema
            .iter()
            .for_each(|column| add(&format!("{} {}", column.name, column.data_type)));
        // In the order of the release, which does not depend on the order of the run.
        let mut files: Vec<_> = table
            .files
            .iter()
            .map(|file| (&file.partition, &file.sha256))
            .collect();
        files.sort_unstable();
        for (_, sha256) in files {
            add(sha256);
        }
    }
    hex(&hasher.finalize())
}

fn blocked(
    waiting: &BTreeMap<&str, &Arc<dyn Derivation>>,
    draft: &ReleaseDraft,
) -> DerivationError {
    let inputs = waiting.values().flat_map(|derivation| derivation.inputs());
    let mut missing: Vec<String> = inputs
        .filter(|table| !draft.tables.contains_key(table))
        .collect();
    missing.sort();
    missing.dedup();
    let names = waiting.keys().copied().collect::<Vec<_>>().join(", ");
    DerivationError::Blocked {
        names,
        missing: missing.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_fits_beside_those_at_work_begins() {
        const HALF: usize = TOGETHER / 2;
        assert_eq!(next_beside(&[HALF + 1, HALF, 0], &[HALF]), Some(1));
        assert_eq!(next_beside(&[HALF + 1], &[HALF]), None);
        assert_eq!(next_beside(&[0], &[0, 0]), None);
        assert_eq!(next_beside(&[], &[]), None);
        // What never fits beside another runs all the same, and alone.
        assert_eq!(next_beside(&[usize::MAX], &[]), Some(0));
        assert_eq!(next_beside(&[usize::MAX, 1], &[usize::MAX]), None);
    }
}
