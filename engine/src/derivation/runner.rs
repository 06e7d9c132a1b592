//! Runs derivations in the order of their inputs, and reuses what has not changed.

use std::{collections::BTreeMap, sync::Arc};

use sha2::{Digest, Sha256};

use super::{Derivation, DerivationError};
use crate::{
    release::{CheckResult, Release, ReleaseDraft, TableState, Warehouse},
    session::{SessionOptions, register_files, working_session},
    store::hex,
    write::write_stream,
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
}

/// Whether tables of the previous release may be carried over. What derivations remember is read either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reuse {
    /// Where inputs and key are the same.
    Unchanged,
    /// Never: every derivation runs.
    Nothing,
}

/// Adds the tables of all derivations to a draft that holds the tables they start from.
///
/// Derivations may build on each other. Their keys go into the draft's steps as `derive/<name>`. Fails if they cannot
/// be brought into an order, or if one of them fails; the draft must then be dropped.
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
    while !waiting.is_empty() {
        let ready = waiting.values().find(|d| {
            d.inputs()
                .iter()
                .all(|table| draft.tables.contains_key(table))
        });
        let Some(derivation) = ready.map(|d| Arc::clone(d)) else {
            return Err(blocked(&waiting, draft));
        };
        waiting.remove(derivation.name());
        let derivation = derivation.as_ref();
        let reused = derive_one(warehouse, draft, previous, reuse, derivation, options).await?;
        ran.push(Ran {
            name: derivation.name().to_owned(),
            reused,
            checks: check(warehouse, draft, derivation, options).await?,
        });
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

async fn derive_one(
    warehouse: &Warehouse,
    draft: &mut ReleaseDraft,
    previous: Option<&Release>,
    reuse: Reuse,
    derivation: &dyn Derivation,
    options: &SessionOptions,
) -> Result<bool, DerivationError> {
    let name = || derivation.name().to_owned();
    let outputs = derivation.outputs();
    if let Some(table) = outputs
        .iter()
        .find(|spec| draft.tables.contains_key(&spec.name))
    {
        return Err(DerivationError::Twice {
            name: name(),
            table: table.name.clone(),
        });
    }
    let step = step_name(derivation);
    let key = step_key(derivation, &draft.tables);
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
        return Ok(true);
    }
    let rows = derivation
        .inputs()
        .iter()
        .map(|input| draft.tables[input].rows())
        .sum();
    let least = derivation.least_memory(rows);
    let options = &SessionOptions {
        memory_limit: options.memory_limit.map(|limit| limit.max(least)),
        ..options.clone()
    };
    let context = working_session(options)?;
    for input in derivation.inputs() {
        register_files(&context, warehouse, &input, &draft.tables[&input])?;
    }
    for table in derivation.remembers() {
        let Some(spec) = outputs.iter().find(|spec| spec.name == table) else {
            return Err(DerivationError::Remembers {
                name: name(),
                table,
            });
        };
        let (sort, key) = (spec.sort.clone(), spec.key.clone());
        let none = TableState::new(spec.visibility, &spec.schema, sort, key);
        let left = previous.and_then(|release| release.tables.get(&table));
        let left = left.unwrap_or(&none);
        register_files(&context, warehouse, &format!("previous_{table}"), left)?;
    }
    let made = derivation
        .derive(&context)
        .await
        .map_err(|source| DerivationError::Plan {
            name: name(),
            source,
        })?;
    let names = |names: Vec<&String>| names.into_iter().cloned().collect::<Vec<_>>().join(", ");
    let mut streams: BTreeMap<String, _> = made.into_iter().collect();
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
    for spec in &outputs {
        let Some(rows) = streams.remove(&spec.name) else {
            continue;
        };
        let file = write_stream(warehouse, spec, "", rows).await;
        draft.table(
            spec,
            file.map_err(|source| DerivationError::Write {
                name: name(),
                source,
            })?,
        );
    }
    Ok(false)
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
