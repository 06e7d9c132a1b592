//! What a run works on: per list all its files, those of earlier releases and those found today, and the key of the step
//! that derives it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bytes::Bytes;
use esf_engine::redact::{Mask, RawTombstone, keep_out, raw_tombstone};
use esf_engine::release::{Release, SourceFileState, SourceState, Warehouse};
use esf_engine::store::{Store, StoreError, raw_path};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::again::Again;
use super::aside::Until;
use super::standing::Standing;
use super::{FINGERPRINT, RunError, RunOptions};
use crate::fetch::RememberedFile;
use crate::map::{FileInput, Issue, MapError};
use crate::merge::Failure;
use crate::read::{Kind, Limits, sniff};
use crate::redaction::Masks;
use crate::region::{CHANGES_ROLE, REGIONS_ROLE};
use crate::snapshot::{self, FoundFile, SnapshotError};
use crate::source::{Catalogue, Source, SourceKind, hex};

/// A file of today.
pub(super) enum Found {
    /// Its bytes are at hand.
    Here {
        /// The file.
        file: FoundFile,
        /// When it was published, where somebody said so.
        published: Option<Date>,
    },
    /// Its publisher has what is in the archive already.
    Kept {
        /// Its source.
        source: Arc<Source>,
        /// The file.
        file: RememberedFile,
    },
}

impl Found {
    /// A file of which nothing more was said.
    pub(super) fn today(file: FoundFile) -> Self {
        Self::Here {
            file,
            published: None,
        }
    }

    /// A file that is in the archive.
    pub(super) fn kept(source: &Arc<Source>, file: RememberedFile) -> Self {
        Self::Kept {
            source: Arc::clone(source),
            file,
        }
    }

    /// When it was published, where somebody said so.
    pub(super) fn given(&self) -> Option<Date> {
        match self {
            Self::Here { published, .. } => *published,
            Self::Kept { .. } => None,
        }
    }

    /// The source that it belongs to.
    pub(super) fn source(&self) -> &Arc<Source> {
        match self {
            Self::Here { file, .. } => &file.source,
            Self::Kept { source, .. } => source,
        }
    }

    /// The id of its source.
    pub(super) fn source_id(&self) -> &str {
        &self.source().source_id
    }

    /// Its name.
    pub(super) fn file_name(&self) -> &str {
        match self {
            Self::Here { file, .. } => &file.file_name,
            Self::Kept { file, .. } => &file.file_name,
        }
    }

    /// All names under which its bytes lie there.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let also: &[String] = match self {
            Self::Here { file, .. } => &file.also,
            Self::Kept { .. } => &[],
        };
        std::iter::once(self.file_name()).chain(also.iter().map(String::as_str))
    }

    /// The hash of its bytes.
    pub(super) fn sha256(&self) -> &str {
        match self {
            Self::Here { file, .. } => &file.sha256,
            Self::Kept { file, .. } => &file.sha256,
        }
    }

    /// As an input that is first seen in this release.
    fn input(self, next: u64, options: &RunOptions, masks: &Masks) -> InputFile {
        let accepted = options.accept.get(self.source_id());
        let accepted = accepted.map(|reason| masks.masked(reason));
        match self {
            Self::Here { file, published } => InputFile {
                source: Arc::clone(&file.source),
                file_name: masks.masked(&file.file_name),
                sha256: file.sha256.clone(),
                bytes: file.bytes,
                first_seen: next,
                published,
                earlier: Vec::new(),
                formerly: None,
                accepted,
                found: Some(file),
                redacted: false,
            },
            Self::Kept { source, file } => InputFile {
                source,
                file_name: masks.masked(&file.file_name),
                sha256: file.sha256,
                bytes: file.bytes,
                first_seen: next,
                published: None,
                earlier: Vec::new(),
                formerly: None,
                accepted,
                found: None,
                redacted: false,
            },
        }
    }
}

/// One file of a list.
#[derive(Clone)]
pub(super) struct InputFile {
    /// Its source.
    pub source: Arc<Source>,
    /// Its name.
    pub file_name: String,
    /// Its hash.
    pub sha256: String,
    /// Its size; 0 for a file of people that is in the archive.
    pub bytes: u64,
    /// Number of the release in which it was first seen.
    pub first_seen: u64,
    /// Date of publication given with it.
    pub published: Option<Date>,
    /// Earlier publications of the same bytes, the oldest first.
    pub earlier: Vec<Issue>,
    /// The name under which it counted, where that is another from this release on.
    pub formerly: Option<String>,
    /// Why somebody took it though its control failed.
    pub accepted: Option<String>,
    /// Where it was found today; otherwise it is in the archive.
    pub found: Option<FoundFile>,
    /// Whether a redaction keeps its bytes out of the archive.
    pub redacted: bool,
}

/// All files of one list.
#[derive(Clone)]
pub(super) struct ListInputs {
    /// The list.
    pub list_id: String,
    /// Its files, by source, first appearance and hash.
    pub files: Vec<InputFile>,
}

impl ListInputs {
    /// The source whose rows lead the list's tables: that of the best rendition.
    pub(super) fn lead(&self) -> &str {
        let best = self.files.iter().min_by_key(|f| f.rendition());
        best.map_or("", |f| f.source.source_id.as_str())
    }

    /// Its files whose bytes were taken away and are nowhere else.
    pub(super) fn lost(&self) -> impl Iterator<Item = &InputFile> {
        self.files.iter().filter(|file| file.is_lost())
    }

    /// Its files that are behind a release, as they are there: what this run changed of them does not hold.
    pub(super) fn as_in(&self, release: Option<&Release>) -> Self {
        let as_it_was = |file: &InputFile| {
            let state = release?.sources.get(&file.source.source_id)?;
            let state = state.files.iter().find(|f| f.sha256 == file.sha256)?;
            Some(InputFile {
                found: file.found.clone(),
                redacted: file.redacted,
                ..archived(&file.source, state)
            })
        };
        Self {
            list_id: self.list_id.clone(),
            files: self.files.iter().filter_map(as_it_was).collect(),
        }
    }

    /// Key of the step that derives the list from these files.
    pub(super) fn key(&self, references: &str) -> String {
        let mut hash = Sha256::new();
        let mut add = |part: &str| {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        };
        add(FINGERPRINT);
        add(references);
        add(&self.list_id);
        for file in &self.files {
            add(&file.source.source_id);
            add(&file.source.declaration_hash);
            add(&file.sha256);
            add(&file.file_name);
            add(&file.first_seen.to_string());
            add(&file.published.map(|d| d.to_string()).unwrap_or_default());
            let earlier = file.earlier.iter();
            let earlier = earlier.map(|issue| format!("{} {}", issue.published, issue.first_seen));
            add(&earlier.collect::<Vec<_>>().join(","));
        }
        hex(&hash.finalize())
    }
}

/// Everything a run works on.
pub(super) struct Inputs {
    /// Lists of operations and pages, by id.
    pub lists: Vec<ListInputs>,
    /// Newest file of every reference.
    pub references: Vec<InputFile>,
    /// Key of the references that lists are read with.
    pub references_key: String,
    /// Key of the references that the tables of regions are made of.
    pub regions_key: String,
    /// Until when files count, where a night is made up for.
    pub until: Option<Until>,
    /// What redactions keep out.
    pub masks: Arc<Masks>,
    /// What the release before holds of its files.
    pub standing: Standing,
}

/// Files that are there today: a named one, the samples, or what the mirrors hold.
pub(super) fn find(
    catalogue: &mut Catalogue,
    options: &RunOptions,
) -> Result<Vec<Found>, RunError> {
    for source_id in options.sources.iter().chain(options.accept.keys()) {
        catalogue.get(source_id)?;
    }
    let wanted = |file: &FoundFile| {
        options.sources.is_empty() || options.sources.contains(&file.source.source_id)
    };
    if let Some(from) = &options.from {
        let bytes = snapshot::read_path(&from.path)?;
        let file_name = from
            .path
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        let source = match options.sources.first() {
            Some(source_id) => Arc::clone(catalogue.get(source_id)?),
            None => source_for(catalogue, &file_name, &bytes, from.name.as_deref())?,
        };
        let source = match &from.name {
            Some(name) if *name != source.source_id => {
                if catalogue.get(name).is_ok_and(|taken| !taken.is_generic()) {
                    return Err(RunError::NameTaken { name: name.clone() });
                }
                let renamed = source.renamed(name)?;
                catalogue.insert(renamed);
                Arc::clone(catalogue.get(name)?)
            }
            _ if source.is_generic() => {
                return Err(RunError::NeedsName {
                    file: file_name,
                    source_id: source.source_id.clone(),
                });
            }
            _ => source,
        };
        return Ok(vec![Found::Here {
            file: snapshot::in_memory(&source, &file_name, bytes),
            published: from.published,
        }]);
    }
    let mut found: Vec<FoundFile> = if options.samples {
        snapshot::from_samples(catalogue)
            .into_iter()
            .filter(wanted)
            .collect()
    } else {
        snapshot::from_mirrors(catalogue, &options.mirrors)?
            .into_iter()
            .filter(wanted)
            .collect()
    };
    // What a generic source reads has no list of its own until somebody names it.
    found.retain(|f| !f.source.is_generic() || options.samples);
    Ok(found.into_iter().map(Found::today).collect())
}

/// The source for a file of which only the path is known: a declared one that takes the name, else a generic one of the
/// fitting kind.
fn source_for(
    catalogue: &Catalogue,
    file_name: &str,
    bytes: &Bytes,
    name: Option<&str>,
) -> Result<Arc<Source>, RunError> {
    if name.is_none()
        && let Some(source) = catalogue
            .iter()
            .filter(|s| !s.is_generic())
            .filter_map(|s| Some((s.claim(file_name)?, s)))
            .max_by_key(|(narrow, _)| *narrow)
            .map(|(_, source)| source)
    {
        return Ok(Arc::clone(source));
    }
    // What is named like data is read as data, so that an error page saved as .csv is told for what it is.
    let data = [
        ".csv", ".tsv", ".json", ".ndjson", ".jsonl", ".xlsx", ".xls", ".ods",
    ];
    let named_data = data
        .iter()
        .any(|end| file_name.to_lowercase().ends_with(end));
    let page = !named_data
        && sniff(bytes, file_name)
            .is_ok_and(|format| matches!(format.kind, Kind::Html | Kind::Text));
    let kind = if page {
        SourceKind::Page
    } else {
        SourceKind::Operations
    };
    let generic = catalogue
        .iter()
        .find(|s| s.is_generic() && s.toml.kind == kind);
    generic.map(Arc::clone).ok_or_else(|| RunError::NeedsName {
        file: file_name.into(),
        source_id: "none".into(),
    })
}

impl Inputs {
    /// Joins what was found today with what earlier releases stand on; `redacted` are the bytes that are kept out of the archive,
    /// `again` the files that were published again.
    pub(super) fn new(
        catalogue: &Catalogue,
        previous: Option<&Release>,
        found: Vec<Found>,
        options: &RunOptions,
        masks: Masks,
        redacted: &BTreeSet<String>,
        again: &Again,
    ) -> Self {
        let next = previous.map_or(1, |p| p.number + 1);
        let mut files: Vec<InputFile> = Vec::new();
        for (source_id, state) in previous.map(|p| &p.sources).into_iter().flatten() {
            // `revive` put the sources of earlier releases back into the catalogue.
            let Ok(source) = catalogue.get(source_id) else {
                continue;
            };
            files.extend(state.files.iter().map(|file| archived(source, file)));
        }
        for found in found {
            let new = found.input(next, options, &masks);
            let known = |f: &&mut InputFile| {
                f.sha256 == new.sha256 && f.source.source_id == new.source.source_id
            };
            match files.iter_mut().find(known) {
                Some(input) => {
                    input.published = new.published.or(input.published);
                    input.found = new.found;
                }
                None => files.push(new),
            }
        }
        for file in &mut files {
            file.redacted = redacted.contains(&file.sha256);
            again.apply(file, next);
        }
        let mut lists: BTreeMap<String, Vec<InputFile>> = BTreeMap::new();
        let mut references: BTreeMap<String, InputFile> = BTreeMap::new();
        for file in files {
            if file.source.toml.kind == SourceKind::Reference {
                let newer = |old: &InputFile| {
                    (old.first_seen, &old.sha256) < (file.first_seen, &file.sha256)
                };
                if references.get(&file.source.source_id).is_none_or(newer) {
                    references.insert(file.source.source_id.clone(), file);
                }
            } else {
                lists.entry(list_of(&file, options)).or_default().push(file);
            }
        }
        let lists = lists
            .into_iter()
            .map(|(list_id, mut files)| {
                files.sort_by(|a, b| {
                    let key = |f: &InputFile| {
                        (f.source.source_id.clone(), f.first_seen, f.sha256.clone())
                    };
                    key(a).cmp(&key(b))
                });
                ListInputs { list_id, files }
            })
            .collect();
        let references: Vec<InputFile> = references.into_values().collect();
        let key_of = |list_id: &str, takes: &dyn Fn(&str) -> bool| {
            let role = |f: &InputFile| f.source.toml.role.clone().unwrap_or_default();
            let files = references.iter().filter(|f| takes(&role(f)));
            let list = ListInputs {
                list_id: list_id.into(),
                files: files.cloned().collect(),
            };
            list.key("")
        };
        Self {
            lists,
            references_key: key_of("references", &|role| role != CHANGES_ROLE),
            regions_key: key_of("regions", &|role| {
                [REGIONS_ROLE, CHANGES_ROLE].contains(&role)
            }),
            references,
            until: None,
            masks: Arc::new(masks),
            standing: Standing::default(),
        }
    }

    /// Whether every step would be the same as in the previous release.
    pub(super) fn unchanged(&self, previous: &Release) -> bool {
        let steps = self.steps();
        steps
            .iter()
            .all(|(name, key)| previous.steps.get(name) == Some(key))
            && previous
                .steps
                .keys()
                .filter(|name| name.starts_with(LIST_STEP))
                .all(|name| steps.contains_key(name))
    }

    /// Keys of all steps, as if every file could be used.
    pub(super) fn steps(&self) -> BTreeMap<String, String> {
        let mut steps: BTreeMap<String, String> = self
            .lists
            .iter()
            .map(|l| (step_name(&l.list_id), l.key(&self.references_key)))
            .collect();
        steps.insert("references".into(), self.references_key.clone());
        steps.insert("regions".into(), self.regions_key.clone());
        steps
    }

    /// Keeps the declarations that files are read with, by hash, before anything is parsed.
    pub(super) async fn archive_declarations(&self, warehouse: &Warehouse) -> Result<(), RunError> {
        let files = self.lists.iter().flat_map(|l| &l.files);
        let mut declared = BTreeSet::new();
        for file in files.chain(&self.references) {
            if declared.insert(&file.source.source_id) {
                for text in file.source.texts.values() {
                    let bytes = text.clone().into_bytes().into();
                    warehouse.store().put_raw(bytes).await?;
                }
            }
        }
        Ok(())
    }

    /// The sources as the release document keeps them.
    pub(super) fn source_states(
        &self,
        used: &BTreeMap<String, BTreeSet<String>>,
        held: &BTreeSet<String>,
    ) -> BTreeMap<String, SourceState> {
        let mut states: BTreeMap<String, SourceState> = BTreeMap::new();
        let of_lists = self.lists.iter().flat_map(|list| {
            let used = used.get(&list.list_id);
            list.files
                .iter()
                .filter(move |f| used.is_none_or(|u| u.contains(&f.sha256)))
        });
        for file in of_lists.chain(&self.references) {
            let state = states
                .entry(file.source.source_id.clone())
                .or_insert_with(|| SourceState {
                    list_id: file.source.list_id().to_string(),
                    held: held.contains(&file.source.source_id),
                    declarations: file
                        .source
                        .texts
                        .iter()
                        .map(|(name, text)| (name.clone(), hex(&Sha256::digest(text.as_bytes()))))
                        .collect(),
                    ..SourceState::default()
                });
            let mut extra = Map::new();
            extra.insert("first_seen".into(), Value::from(file.first_seen));
            if let Some(date) = file.published {
                extra.insert("published".into(), Value::from(date.to_string()));
            }
            if !file.earlier.is_empty() {
                // Dates and numbers always become JSON.
                let earlier = serde_json::to_value(&file.earlier).unwrap_or_default();
                extra.insert(EARLIER.into(), earlier);
            }
            if let Some(reason) = &file.accepted {
                extra.insert("accepted".into(), Value::from(reason.as_str()));
            }
            state.files.push(SourceFileState {
                sha256: file.sha256.clone(),
                file_name: file.file_name.clone(),
                bytes: if file.source.is_public() {
                    file.bytes
                } else {
                    0
                },
                extra,
            });
        }
        states
    }
}

/// The earlier publications of a file in the document of a release.
const EARLIER: &str = "earlier";

/// Names of the steps that derive lists begin so.
pub(super) const LIST_STEP: &str = "list:";

/// Name of the step that derives a list.
pub(super) fn step_name(list_id: &str) -> String {
    format!("{LIST_STEP}{list_id}")
}

/// Samples of a generic source are lists of their own; anything else belongs to the list of its source.
fn list_of(file: &InputFile, options: &RunOptions) -> String {
    if file.source.is_generic() && options.samples {
        return format!("{}:{}", file.source.source_id, file.file_name);
    }
    file.source.list_id().to_string()
}

/// Number of the release in which a file of a release was first seen.
pub(super) fn first_seen(file: &SourceFileState) -> u64 {
    let number = file.extra.get("first_seen").and_then(Value::as_u64);
    number.unwrap_or(1)
}

fn archived(source: &Arc<Source>, file: &SourceFileState) -> InputFile {
    InputFile {
        source: Arc::clone(source),
        file_name: file.file_name.clone(),
        sha256: file.sha256.clone(),
        bytes: file.bytes,
        first_seen: first_seen(file),
        published: file
            .extra
            .get("published")
            .and_then(Value::as_str)
            .and_then(|d| d.parse().ok()),
        earlier: file
            .extra
            .get(EARLIER)
            .and_then(|earlier| serde_json::from_value(earlier.clone()).ok())
            .unwrap_or_default(),
        formerly: None,
        accepted: file
            .extra
            .get("accepted")
            .and_then(Value::as_str)
            .map(str::to_owned),
        found: None,
        redacted: false,
    }
}

impl InputFile {
    /// Which rendition of its list it is: the least is the best.
    pub(super) fn rendition(&self) -> (u32, &str) {
        (
            self.source.toml.rendition_rank,
            self.source.source_id.as_str(),
        )
    }

    /// The file as one that cannot be used.
    pub(super) fn failed(&self, error: &SnapshotError) -> Failure {
        Failure {
            source_id: self.source.source_id.clone(),
            file_name: self.file_name.clone(),
            sha256: self.sha256.clone(),
            error: MapError::List(error.to_string()),
        }
    }

    /// The file as one whose control failed.
    pub(super) fn refused(&self, message: String) -> Failure {
        Failure {
            source_id: self.source.source_id.clone(),
            file_name: self.file_name.clone(),
            sha256: self.sha256.clone(),
            error: MapError::Control(message),
        }
    }

    /// Whether its bytes were taken away and are nowhere else.
    pub(super) fn is_lost(&self) -> bool {
        self.redacted && self.found.is_none()
    }

    /// The bytes, from where it was found today or from the archive. Where `archive` is set, what was found today is
    /// kept there before anybody parses it, unless it holds what a redaction keeps out: then that is noted in its place.
    pub(super) async fn load(
        &self,
        warehouse: &Warehouse,
        archive: bool,
        masks: &Masks,
    ) -> Result<FileInput, RunError> {
        let bytes = match &self.found {
            Some(found) => {
                let found = found.clone();
                let bytes = tokio::task::spawn_blocking(move || found.load())
                    .await
                    .map_err(|e| RunError::Worker(e.to_string()))??;
                // Also what is there already: a run that was cut off may have left half of it, and it then counts as new, so that
                // garbage collection leaves it to this run.
                if archive {
                    self.archive(warehouse.store(), bytes.clone(), masks)
                        .await?;
                }
                bytes
            }
            None => self.archived_bytes(warehouse.store()).await?,
        };
        Ok(FileInput {
            source: Arc::clone(&self.source),
            file_name: self.file_name.clone(),
            sha256: self.sha256.clone(),
            bytes,
            published: self.published,
            first_seen: self.first_seen,
            earlier: self.earlier.clone(),
        })
    }
}

impl InputFile {
    /// Keeps the bytes, or what stands in their place.
    async fn archive(&self, store: &Store, bytes: Bytes, masks: &Masks) -> Result<(), RunError> {
        // Names in reference tables are places or public figures, and nothing could be read without them.
        let is_reference = self.source.toml.kind == SourceKind::Reference;
        if let Some((redaction, reason)) = masks.newest().filter(|_| !is_reference) {
            if raw_tombstone(store, &self.sha256).await?.is_some() {
                return Ok(());
            }
            // Also of bytes that are there: a run that the redaction overtook may have kept them.
            if masks.holds(Some(&self.source.source_id), &bytes) {
                let tombstone = RawTombstone {
                    redaction: redaction.to_owned(),
                    redacted_at: Timestamp::now(),
                    reason: reason.to_owned(),
                };
                keep_out(store, &self.sha256, &tombstone).await?;
                if store.has_raw(&self.sha256).await? {
                    store.sync().await?;
                    store.delete(&raw_path(&self.sha256)).await?;
                }
                return Ok(());
            }
        }
        Ok(store.put_raw_as(&self.sha256, bytes).await?)
    }

    /// The bytes from the archive; where they are gone, says whether a redaction took them.
    async fn archived_bytes(&self, store: &Store) -> Result<Bytes, RunError> {
        let error = match store.get_raw(&self.sha256).await {
            Err(error @ StoreError::NotFound { .. }) => error,
            read => return Ok(read?),
        };
        match raw_tombstone(store, &self.sha256).await? {
            Some(tombstone) => Err(RunError::Redacted {
                file: self.file_name.clone(),
                day: tombstone.redacted_at.to_zoned(TimeZone::UTC).date(),
                reason: tombstone.reason,
            }),
            None => Err(error.into()),
        }
    }
}

/// Sources that only an earlier release knows, such as files that were given a name or folders that were not given this
/// time: their declarations are in the archive, and what they published stays.
pub(super) async fn revive(
    warehouse: &Warehouse,
    catalogue: &mut Catalogue,
    previous: &Release,
) -> Result<(), RunError> {
    for (source_id, state) in &previous.sources {
        if catalogue.get(source_id).is_ok() {
            continue;
        }
        let source = archived_source(warehouse, source_id, state).await?;
        let mut named = source.renamed(source_id)?;
        named.toml.list_id = Some(state.list_id.clone());
        catalogue.insert(named);
    }
    Ok(())
}

/// All files behind the list of one source in a release, with the declarations of that release.
pub(crate) async fn archived_inputs(
    warehouse: &Warehouse,
    release: &Release,
    source_id: &str,
) -> Result<Vec<FileInput>, RunError> {
    let list_id = release
        .sources
        .get(source_id)
        .map(|s| s.list_id.clone())
        .unwrap_or_default();
    let mut files = Vec::new();
    for (id, state) in release.sources.iter().filter(|(_, s)| s.list_id == list_id) {
        let source = archived_source(warehouse, id, state).await?;
        for file in &state.files {
            let file = archived(&source, file);
            files.push(file.load(warehouse, false, &Masks::default()).await?);
        }
    }
    files.sort_by(|a, b| {
        let key = |f: &FileInput| (f.source.source_id.clone(), f.first_seen, f.sha256.clone());
        key(a).cmp(&key(b))
    });
    Ok(files)
}

/// The gazetteer that a release was made with.
pub(crate) async fn archived_references(
    warehouse: &Warehouse,
    release: &Release,
) -> Result<crate::region::Gazetteer, RunError> {
    let mut references = BTreeMap::new();
    for (id, state) in &release.sources {
        let source = archived_source(warehouse, id, state).await?;
        if source.toml.kind != SourceKind::Reference {
            continue;
        }
        for file in &state.files {
            references.insert(id.clone(), archived(&source, file));
        }
    }
    let inputs = Inputs {
        lists: Vec::new(),
        references: references.into_values().collect(),
        references_key: String::new(),
        regions_key: String::new(),
        until: None,
        masks: Arc::default(),
        standing: Standing::default(),
    };
    super::reference::gazetteer(warehouse, &inputs, false, &Limits::default()).await
}

async fn archived_source(
    warehouse: &Warehouse,
    source_id: &str,
    state: &SourceState,
) -> Result<Arc<Source>, RunError> {
    let mut texts = BTreeMap::new();
    for (name, hash) in &state.declarations {
        let bytes = warehouse.store().get_raw(hash).await?;
        texts.insert(name.clone(), String::from_utf8_lossy(&bytes).into_owned());
    }
    let mut source = Source::parse(source_id, texts)?;
    source.toml.list_id = Some(state.list_id.clone());
    Ok(Arc::new(source))
}
