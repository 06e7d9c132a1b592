//! Files and declarations of earlier releases, as those and the archive keep them.
//!
//! Owns reading them back. Does not own what of them a run works on.

use std::collections::BTreeMap;
use std::sync::Arc;

use esf_engine::release::{Release, SourceFileState, SourceState, Warehouse};
use serde_json::Value;

use super::file::InputFile;
use super::{EARLIER, Inputs};
use crate::map::FileInput;
use crate::read::Limits;
use crate::redaction::Masks;
use crate::region::Gazetteer;
use crate::run::RunError;
use crate::run::chosen::in_place_of;
use crate::run::reference::gazetteer;
use crate::source::{Catalogue, Source, SourceKind};

/// Number of the release in which a file of a release was first seen.
pub(crate) fn first_seen(file: &SourceFileState) -> u64 {
    let number = file.extra.get("first_seen").and_then(Value::as_u64);
    number.unwrap_or(1)
}

/// A file of a release as an input of a run.
pub(super) fn archived(source: &Arc<Source>, file: &SourceFileState) -> InputFile {
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
        over: in_place_of(file),
        found: None,
        redacted: false,
    }
}

/// Sources that only an earlier release knows, such as files that were given a name or folders that were not given this
/// time: their declarations are in the archive, and what they published stays. Nobody is asked for more of it: who takes a
/// declaration away does not want that.
pub(in crate::run) async fn revive(
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
        named.toml.fetch = None;
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
    let (mut files, masks) = (Vec::new(), Masks::default());
    for (id, state) in release.sources.iter().filter(|(_, s)| s.list_id == list_id) {
        let source = archived_source(warehouse, id, state).await?;
        for file in &state.files {
            let file = archived(&source, file);
            let loading = file.load(warehouse, false, &masks, u64::MAX);
            files.push(loading.await?);
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
) -> Result<Gazetteer, RunError> {
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
        references: references.into_values().collect(),
        ..Inputs::none()
    };
    gazetteer(warehouse, &inputs, false, &Limits::default()).await
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
