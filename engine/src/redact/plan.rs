//! What of a warehouse must go. Changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use esf_schemas::Visibility;
use serde_json::Value;

use super::{
    Mask, RedactError, Result,
    file::{self, Found},
    raw::{is_tombstone, redacted_raw},
    text,
};
use crate::{
    collect::Folder,
    release::{DataFile, Release, ReleaseError, TableState, Warehouse},
    store::{Store, StoreError},
};

/// What a run knows of files it has fetched.
const FETCHED: &str = "fetched.json";

/// Where records of runs lie.
const RUNS: &str = "runs";

/// How a Parquet file begins.
const PARQUET: &[u8] = b"PAR1";

/// A file of a table that is written anew.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The table.
    pub table: String,
    /// The file.
    pub file: DataFile,
    /// How many of its rows hold what must go.
    pub rows: u64,
    /// How many values, by column.
    pub values: BTreeMap<String, u64>,
    /// The releases that name the file, ascending.
    pub releases: Vec<u64>,
    pub(super) state: TableState,
    pub(super) found: Found,
}

/// Where what must go stands: in a column, among the rows of a source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The source, without what must go; empty for tables that are made of those of all sources.
    pub source: String,
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
}

/// How many cells of a place hold what must go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cells {
    /// Those of the files of all releases.
    pub all: u64,
    /// Those of the newest release.
    pub newest: u64,
    /// Those of the newest release that stay, though they hold a word that is kept out of the rows of others.
    pub spared: u64,
    /// Those of the newest release that keep the surname of whom this is about, without the rest of the name.
    pub alone: u64,
}

/// What must go.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The numbers of all releases, ascending.
    pub releases: Vec<u64>,
    /// The releases whose documents change, ascending.
    pub changed: BTreeSet<u64>,
    /// Files of tables that are written anew.
    pub hits: Vec<Hit>,
    /// Where it stands in tables, and in how many cells.
    pub cells: BTreeMap<Place, Cells>,
    /// Ids of operations and organisations that were made from it, which others take the place of.
    pub ids: BTreeSet<String>,
    /// Sources and lists whose names hold it and stay, without it: the operator gave them.
    pub names: BTreeSet<String>,
    /// Declarations that hold it and stay: a source without what must go, and the file.
    pub declarations: BTreeSet<String>,
    /// The sha256 of published bytes that are removed.
    pub raw: BTreeSet<String>,
    /// The sha256 of published bytes that hold it and stay.
    pub kept: BTreeSet<String>,
    /// Source and name of the published bytes of all releases, by sha256, without what must go.
    pub published: BTreeMap<String, String>,
    /// Files of tables that no release names, and caches, which are removed.
    pub unnamed: Vec<String>,
    /// Other documents in which texts are masked.
    pub documents: Vec<String>,
    /// The redactions that the newest release names.
    pub(super) named: BTreeSet<String>,
    /// Published bytes that were looked at, or are never removed.
    pub(super) seen: BTreeSet<String>,
}

impl Plan {
    /// Whether nothing holds what must go.
    pub fn is_empty(&self) -> bool {
        let Self {
            releases: _,
            changed,
            hits,
            raw,
            unnamed,
            documents,
            cells: _,
            ids: _,
            names: _,
            declarations: _,
            kept: _,
            published: _,
            named: _,
            seen: _,
        } = self;
        changed.is_empty()
            && hits.is_empty()
            && raw.is_empty()
            && unnamed.is_empty()
            && documents.is_empty()
    }

    /// Counts what was found in a file of a table.
    fn count(&mut self, table: &str, found: &Found, is_newest: bool, mask: &dyn Mask) {
        self.ids.extend(found.ids.iter().cloned());
        for ((source, column), counted) in &found.cells {
            let place = Place {
                source: mask.mask(source).unwrap_or_else(|| source.clone()),
                table: table.to_owned(),
                column: column.clone(),
            };
            let cells = self.cells.entry(place).or_default();
            cells.all += counted.masked;
            if is_newest {
                cells.newest += counted.masked;
                cells.spared += counted.spared;
                cells.alone += counted.alone;
            }
        }
    }
}

/// Finds everything that holds what must go: in every release, in files that none names, in published bytes and in records
/// of runs. Published bytes go if a row of theirs is concerned, or if the mask finds them to hold it; names of sources and
/// declarations stay, and so do `spared` ones: reference tables, without which nothing could be read any more.
///
/// Reads every file. Fails in a warehouse without anything in it, and where something cannot be read: nobody knows then what
/// it holds.
pub async fn plan(
    warehouse: &Warehouse,
    mask: &dyn Mask,
    spared: &BTreeSet<String>,
) -> Result<Plan> {
    let mut plan = Plan::default();
    let mut named: BTreeMap<String, Named> = BTreeMap::new();
    let mut known = Known {
        spared,
        declared: BTreeMap::new(),
        sources: BTreeMap::new(),
    };
    for number in warehouse.numbers().await? {
        let release = warehouse.read(number).await?;
        let mut document = warehouse.document(number).await?;
        if text::mask_release(&mut document, mask) {
            plan.changed.insert(number);
        }
        name(&release, &mut named);
        for (id, source) in &release.sources {
            for file in &source.files {
                let name = format!("{id}: {}", file.file_name);
                let name = mask.mask(&name).unwrap_or(name);
                plan.published.insert(file.sha256.clone(), name);
                known.sources.insert(file.sha256.clone(), id.clone());
            }
            for (name, hash) in &source.declarations {
                let label = mask.mask(id).unwrap_or_else(|| id.clone());
                let label = format!("{label}: {name}");
                known.declared.insert(hash.clone(), label);
            }
            let names = [id, &source.list_id].into_iter();
            plan.names.extend(names.filter_map(|name| mask.mask(name)));
        }
        plan.releases.push(number);
        plan.named = release.redactions();
    }
    if plan.releases.is_empty() && is_new(warehouse.store()).await? {
        let location = warehouse.location().to_owned();
        return Err(ReleaseError::Empty { location }.into());
    }
    let mut concerned = BTreeSet::new();
    for (path, one) in &named {
        let bytes = warehouse.store_of(one.state.visibility).get(path).await?;
        let found = file::search(path, bytes, mask)?;
        let is_newest = one.releases.last() == plan.releases.last();
        plan.count(&one.table, &found, is_newest, mask);
        if found.rows == 0 {
            continue;
        }
        concerned.extend(found.source_files.iter().cloned());
        plan.changed.extend(&one.releases);
        plan.hits.push(one.hit(found));
    }
    find_unnamed(warehouse, &named, mask, &mut plan).await?;
    find_unfinished(warehouse.store(), mask, &mut plan).await?;
    concerned.retain(|hash| plan.published.contains_key(hash));
    find_raw(warehouse.store(), &concerned, &known, mask, &mut plan).await?;
    find_documents(warehouse.store(), mask, &mut plan).await?;
    Ok(plan)
}

/// Whether nothing was ever kept in a store: a first run that published nothing leaves published bytes and its record.
async fn is_new(store: &Store) -> Result<bool> {
    for folder in [Folder::Raw.name(), RUNS] {
        if !store.list(folder).await?.is_empty() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A file that releases name.
struct Named {
    table: String,
    state: TableState,
    file: DataFile,
    releases: Vec<u64>,
}

impl Named {
    fn hit(&self, found: Found) -> Hit {
        Hit {
            table: self.table.clone(),
            file: self.file.clone(),
            rows: found.rows,
            values: found.values.clone(),
            releases: self.releases.clone(),
            state: self.state.clone(),
            found,
        }
    }
}

fn name(release: &Release, named: &mut BTreeMap<String, Named>) {
    for (table, state, file) in release.files() {
        let one = named.entry(file.path.clone()).or_insert_with(|| Named {
            table: table.to_owned(),
            state: TableState {
                files: Vec::new(),
                ..state.clone()
            },
            file: file.clone(),
            releases: Vec::new(),
        });
        one.releases.push(release.number);
    }
}

/// Files of tables that no release names: a run made them that published nothing, or that found itself overtaken by a
/// redaction. Caches are removed whatever they hold: they can always be made again.
async fn find_unnamed(
    warehouse: &Warehouse,
    named: &BTreeMap<String, Named>,
    mask: &dyn Mask,
    plan: &mut Plan,
) -> Result<()> {
    for folder in [Folder::Data, Folder::Operator, Folder::Restricted] {
        let visibility = match folder {
            Folder::Restricted => Visibility::Restricted,
            _ => Visibility::Public,
        };
        let store = warehouse.store_of(visibility);
        for entry in store.list(folder.name()).await? {
            if named.contains_key(&entry.path) || !entry.path.ends_with(".parquet") {
                continue;
            }
            // Another may remove it meanwhile.
            let Some(bytes) = store.get_if_exists(&entry.path).await? else {
                continue;
            };
            // What is no Parquet file was cut off by a crash, and nobody misses it.
            match file::search(&entry.path, bytes, mask) {
                Ok(found) if found.rows == 0 => {}
                Ok(_) | Err(RedactError::File { .. }) => plan.unnamed.push(entry.path),
                Err(error) => return Err(error),
            }
        }
    }
    let staged = warehouse.store().list(Folder::Staged.name()).await?;
    if !plan.hits.is_empty() || !plan.unnamed.is_empty() {
        plan.unnamed
            .extend(staged.into_iter().map(|entry| entry.path));
    }
    Ok(())
}

/// Unfinished files, and files in raw that are named by no hash: what a run that was killed left behind of published bytes and
/// tables. A run that is still writing one is overtaken anyway.
async fn find_unfinished(store: &Store, mask: &dyn Mask, plan: &mut Plan) -> Result<()> {
    let unfinished = store.list(Folder::Temporary.name()).await?.into_iter();
    let unfinished = unfinished.filter(|entry| Folder::Temporary.is_unfinished(&entry.path));
    let raw = store.list(Folder::Raw.name()).await?.into_iter();
    let unknown =
        raw.filter(|entry| Folder::Raw.hash(&entry.path).is_none() && !is_tombstone(&entry.path));
    for entry in unfinished.chain(unknown) {
        let bytes = match store.get_if_exists(&entry.path).await {
            Ok(Some(bytes)) => bytes,
            // Another has moved it, or it has a name that this program gives to nothing.
            Ok(None) | Err(StoreError::Path { .. }) => continue,
            Err(error) => return Err(error.into()),
        };
        let holds = if bytes.starts_with(PARQUET) {
            // One that was cut off, or is being written, cannot be searched; runs remove those that are older than a day.
            file::search(&entry.path, bytes, mask).is_ok_and(|found| found.rows > 0)
        } else {
            mask.holds(None, &bytes)
        };
        if holds {
            plan.unnamed.push(entry.path);
        }
    }
    Ok(())
}

/// What is known of the objects in raw, by their sha256.
struct Known<'a> {
    /// Reference tables, which are never removed.
    spared: &'a BTreeSet<String>,
    /// Declarations, which are never removed either: source and name, without what must go.
    declared: BTreeMap<String, String>,
    /// The sources of published bytes.
    sources: BTreeMap<String, String>,
}

/// Published bytes that are there, and go.
async fn find_raw(
    store: &Store,
    concerned: &BTreeSet<String>,
    known: &Known<'_>,
    mask: &dyn Mask,
    plan: &mut Plan,
) -> Result<()> {
    let kept_out = redacted_raw(store).await?;
    plan.seen.extend(known.declared.keys().cloned());
    plan.seen.extend(known.spared.iter().cloned());
    for entry in store.list(Folder::Raw.name()).await? {
        let Some(hash) = Folder::Raw.hash(&entry.path) else {
            continue;
        };
        plan.seen.insert(hash.to_owned());
        let Some(bytes) = store.get_if_exists(&entry.path).await? else {
            continue;
        };
        if let Some(label) = known.declared.get(hash) {
            if mask.mask(&String::from_utf8_lossy(&bytes)).is_some() {
                plan.declarations.insert(label.clone());
            }
            continue;
        }
        let source = known.sources.get(hash).map(String::as_str);
        let found =
            concerned.contains(hash) || kept_out.contains(hash) || mask.holds(source, &bytes);
        if !found {
            continue;
        }
        if known.spared.contains(hash) {
            plan.kept.insert(hash.to_owned());
        } else {
            plan.raw.insert(hash.to_owned());
        }
    }
    Ok(())
}

/// Records of runs, what is known of fetched files, and what stands in place of published bytes.
async fn find_documents(store: &Store, mask: &dyn Mask, plan: &mut Plan) -> Result<()> {
    let runs = store.list(RUNS).await?;
    let raw = store.list(Folder::Raw.name()).await?.into_iter();
    let tombstones = raw.filter(|entry| is_tombstone(&entry.path));
    let paths = runs.into_iter().chain(tombstones).map(|entry| entry.path);
    for path in paths.chain([FETCHED.to_owned()]) {
        if masked(store, &path, mask).await?.is_some() {
            plan.documents.push(path);
        }
    }
    Ok(())
}

/// A JSON document with its texts masked; `None` if there is nothing to mask, and for what is no JSON.
pub(super) async fn masked(store: &Store, path: &str, mask: &dyn Mask) -> Result<Option<Vec<u8>>> {
    let Some(bytes) = store.get_if_exists(path).await? else {
        return Ok(None);
    };
    let Ok(mut document) = serde_json::from_slice::<Value>(&bytes) else {
        return Ok(None);
    };
    if !text::mask_all(&mut document, mask) {
        return Ok(None);
    }
    Ok(serde_json::to_vec(&document).ok())
}
