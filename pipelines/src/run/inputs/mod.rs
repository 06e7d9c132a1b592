//! What a run works on: per list all its files, those of earlier releases and those found today, and the key of the step
//! that derives it.
//!
//! Owns how what was found today joins what earlier releases stand on, and what the release document keeps of it. Does not
//! own where files are found (`found`), their bytes (`file`), or what earlier releases keep of them (`archive`).

mod archive;
mod file;
mod found;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use esf_engine::release::{Release, SourceFileState, SourceState, Warehouse};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

pub(super) use archive::revive;
pub(crate) use archive::{archived_inputs, archived_references, first_seen};
pub(super) use file::InputFile;
pub(super) use found::{Found, Today, find};

use super::again::{Again, Key};
use super::aside::Until;
use super::chosen::IN_PLACE_OF;
use super::standing::Standing;
use super::{FINGERPRINT, RunError, RunOptions};
use crate::merge::Failure;
use crate::redaction::Masks;
use crate::region::{CHANGES_ROLE, REGIONS_ROLE};
use crate::source::{Catalogue, Source, SourceKind, hex};
use archive::archived;

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
    /// Files of references that those took the place of, by source, first appearance and hash. They give no rows; they are kept
    /// so that one which still lies there tomorrow is known to be the older one.
    pub older_references: Vec<InputFile>,
    /// References whose newest file cannot be used, by source: an earlier one stands in its place.
    pub held_references: BTreeSet<String>,
    /// New files of references that cannot be used, and that no earlier one stands in the place of.
    pub left_out_references: Vec<InputFile>,
    /// References whose bytes are needed and are gone from the archive, or damaged there.
    pub lost_references: Vec<Failure>,
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
    /// Whether somebody took a file as it is that the release before has already.
    pub newly_accepted: bool,
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
        let mut files = behind(catalogue, previous);
        let today = found.into_iter();
        let today = today.map(|one| one.input(next, options, &masks));
        join(&mut files, today);
        for file in &mut files {
            file.redacted = redacted.contains(&file.sha256);
            again.apply(file, next);
        }
        let is_reference = |file: &InputFile| file.source.toml.kind == SourceKind::Reference;
        let (of_references, of_lists) = files.into_iter().partition(is_reference);
        let (references, older_references) = newest_and_older(of_references);
        let mut inputs = Self {
            lists: lists(of_lists, options),
            references,
            older_references,
            masks: Arc::new(masks),
            ..Self::none()
        };
        inputs.key_references();
        inputs
    }

    /// Nothing to work on.
    fn none() -> Self {
        Self {
            lists: Vec::new(),
            references: Vec::new(),
            older_references: Vec::new(),
            held_references: BTreeSet::new(),
            left_out_references: Vec::new(),
            lost_references: Vec::new(),
            references_key: String::new(),
            regions_key: String::new(),
            until: None,
            masks: Arc::default(),
            standing: Standing::default(),
            newly_accepted: false,
        }
    }

    /// Makes the keys of the references anew, where others count.
    pub(super) fn key_references(&mut self) {
        let references = &self.references;
        self.references_key = key_of_roles("references", references, |role| role != CHANGES_ROLE);
        self.regions_key = key_of_roles(REGIONS_STEP, references, |role| {
            [REGIONS_ROLE, CHANGES_ROLE].contains(&role)
        });
    }

    /// Takes the newest of the files of a reference out that were replaced.
    pub(super) fn earlier_reference(&mut self, source_id: &str) -> Option<InputFile> {
        let mut older = self.older_references.iter();
        let place = older.rposition(|file| file.source.source_id == source_id)?;
        Some(self.older_references.remove(place))
    }

    /// Why the bytes of a reference with such a role cannot be read; of several that of the first.
    pub(super) fn lost_reference(&self, takes: impl Fn(&str) -> bool) -> Option<&Failure> {
        self.lost_references.iter().find(|lost| {
            let mut references = self.references.iter();
            references.any(|file| file.source.source_id == lost.source_id && takes(role(file)))
        })
    }

    /// All files that were found today, also those of references that others took the place of.
    pub(super) fn found(&self) -> impl Iterator<Item = &InputFile> {
        let of_lists = self.lists.iter().flat_map(|list| &list.files);
        let all = of_lists
            .chain(&self.references)
            .chain(&self.older_references);
        all.filter(|file| file.found.is_some())
    }

    /// Takes files as they are that the release before has, and of which more rows could not be loaded, or amounts read, than
    /// their source expects: those that somebody accepts, or whose source, with the reason.
    pub(super) fn accept_standing(&mut self, options: &RunOptions) {
        for file in self.lists.iter_mut().flat_map(|list| &mut list.files) {
            let source_id = &file.source.source_id;
            let reason = options.accepted(source_id, file.names());
            let Some(reason) = reason.filter(|_| file.accepted.is_none()) else {
                continue;
            };
            let rows = self.standing.rows(source_id, &file.sha256);
            let declared = &file.source.toml;
            let lacks_rows = rows.quarantined > declared.expected_quarantine;
            let lacks_amounts = rows.amounts_unreadable > declared.expected_unreadable_amounts;
            if rows.loaded > 0 && (lacks_rows || lacks_amounts) {
                file.accepted = Some(self.masks.masked(reason));
                self.newly_accepted = true;
            }
        }
    }

    /// The sources of those of these files whose lists are to be derived again, with the references that count.
    pub(super) fn to_be_read(
        &self,
        files: &BTreeSet<Key>,
        previous: Option<&Release>,
        full: bool,
    ) -> BTreeSet<String> {
        let is_same = |list: &ListInputs| {
            let before = previous.filter(|_| !full);
            let before = before.and_then(|p| p.steps.get(&step_name(&list.list_id)));
            before.is_some_and(|before| *before == list.key(&self.references_key))
        };
        let is_one = |file: &&InputFile| {
            files.contains(&(file.source.source_id.clone(), file.sha256.clone()))
        };
        let lists = self.lists.iter();
        lists
            .filter(|list| list.files.iter().any(|file| is_one(&file)) && !is_same(list))
            .flat_map(|list| list.files.iter().filter(is_one))
            .map(|file| file.source.source_id.clone())
            .collect()
    }

    /// Lets files be read from where they were found after all. Gives the sources of which other files were found.
    pub(super) fn find_after_all(&mut self, found: Vec<Found>) -> BTreeSet<String> {
        let mut others = BTreeSet::new();
        for one in found {
            let Found::Here { file, .. } = one else {
                continue;
            };
            let is_it = |input: &&mut InputFile| {
                input.sha256 == file.sha256 && input.source.source_id == file.source.source_id
            };
            let mut files = self.lists.iter_mut().flat_map(|list| &mut list.files);
            match files.find(is_it) {
                Some(input) => input.found = Some(file),
                None => {
                    others.insert(file.source.source_id.clone());
                }
            }
        }
        others
    }

    /// Whether there is nothing to work on, neither of today nor behind a release.
    pub(super) fn is_empty(&self) -> bool {
        self.lists.is_empty() && self.references.is_empty()
    }

    /// Whether every step would be the same as in the previous release, and nothing is to be noted beside them.
    pub(super) fn unchanged(&self, previous: &Release) -> bool {
        let steps = self.steps();
        !self.newly_accepted
            && steps
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
        steps.insert(REGIONS_STEP.into(), self.regions_key.clone());
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

    /// The sources as the release document keeps them; those whose lists `stay` as they were published are as in the release
    /// before, with the declarations that their rows were made with.
    pub(super) fn source_states(
        &self,
        used: &BTreeMap<String, ListInputs>,
        held: &BTreeSet<String>,
        stay: &BTreeSet<String>,
        previous: Option<&Release>,
    ) -> BTreeMap<String, SourceState> {
        let mut states: BTreeMap<String, SourceState> = BTreeMap::new();
        let of_lists = self.lists.iter();
        let of_lists = of_lists.flat_map(|list| &used.get(&list.list_id).unwrap_or(list).files);
        // Of a reference the newest comes last.
        let references = self.older_references.iter().chain(&self.references);
        for file in of_lists.chain(references) {
            let state = states
                .entry(file.source.source_id.clone())
                .or_insert_with(|| SourceState {
                    list_id: file.source.list_id().to_string(),
                    held: held.contains(&file.source.source_id),
                    declarations: declarations(&file.source),
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
            if !file.over.is_empty() {
                // Texts always become JSON.
                let over = serde_json::to_value(&file.over).unwrap_or_default();
                extra.insert(IN_PLACE_OF.into(), over);
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
        for list_id in stay {
            let files = used.get(list_id).into_iter().flat_map(|list| &list.files);
            for source_id in files.map(|file| &file.source.source_id) {
                if let Some(before) = previous.and_then(|p| p.sources.get(source_id)) {
                    let state = SourceState {
                        held: held.contains(source_id),
                        ..before.clone()
                    };
                    states.insert(source_id.clone(), state);
                }
            }
        }
        states
    }
}

/// The files behind a release.
fn behind(catalogue: &Catalogue, release: Option<&Release>) -> Vec<InputFile> {
    let mut files = Vec::new();
    for (source_id, state) in release.map(|p| &p.sources).into_iter().flatten() {
        // `revive` put the sources of earlier releases back into the catalogue.
        let Ok(source) = catalogue.get(source_id) else {
            continue;
        };
        files.extend(state.files.iter().map(|file| archived(source, file)));
    }
    files
}

/// Adds the files of today. Of those that are there already it is known from then on that they were found, the date that
/// somebody gave, and the name that `[fetch]` gives them.
fn join(files: &mut Vec<InputFile>, today: impl Iterator<Item = InputFile>) {
    let key = |file: &InputFile| (file.source.source_id.clone(), file.sha256.clone());
    let mut known: HashMap<(String, String), usize> = HashMap::new();
    for (place, file) in files.iter().enumerate() {
        known.entry(key(file)).or_insert(place);
    }
    for new in today {
        let place = *known.entry(key(&new)).or_insert(files.len());
        match files.get_mut(place) {
            Some(input) => {
                if new.source.fetches_as(&new.file_name) {
                    input.file_name.clone_from(&new.file_name);
                }
                input.published = new.published.or(input.published);
                input.found = new.found;
            }
            None => files.push(new),
        }
    }
}

/// The newest file of each reference, by source, and all others.
fn newest_and_older(files: Vec<InputFile>) -> (Vec<InputFile>, Vec<InputFile>) {
    let mut newest: BTreeMap<String, InputFile> = BTreeMap::new();
    let mut older: Vec<InputFile> = Vec::new();
    let age = |file: &InputFile| (file.first_seen, file.sha256.clone());
    for file in files {
        let source_id = file.source.source_id.clone();
        let (kept, replaced) = match newest.remove(&source_id) {
            Some(other) if age(&file) < age(&other) => (other, Some(file)),
            other => (file, other),
        };
        newest.insert(source_id, kept);
        older.extend(replaced);
    }
    older.sort_by_key(place);
    (newest.into_values().collect(), older)
}

/// Files by the list that they belong to.
fn lists(files: Vec<InputFile>, options: &RunOptions) -> Vec<ListInputs> {
    let mut lists: BTreeMap<String, Vec<InputFile>> = BTreeMap::new();
    for file in files {
        lists.entry(list_of(&file, options)).or_default().push(file);
    }
    (lists.into_iter())
        .map(|(list_id, mut files)| {
            files.sort_by_key(place);
            ListInputs { list_id, files }
        })
        .collect()
}

/// The place of a file among those of its list: by source, first appearance and hash.
fn place(file: &InputFile) -> (String, u64, String) {
    (
        file.source.source_id.clone(),
        file.first_seen,
        file.sha256.clone(),
    )
}

/// What a reference is for.
fn role(file: &InputFile) -> &str {
    file.source.toml.role.as_deref().unwrap_or_default()
}

/// Whether a file is behind a release.
pub(super) fn is_behind(release: Option<&Release>, file: &InputFile) -> bool {
    let state = release.and_then(|release| release.sources.get(&file.source.source_id));
    state.is_some_and(|s| s.files.iter().any(|f| f.sha256 == file.sha256))
}

/// Key of the references whose roles are taken.
fn key_of_roles(name: &str, references: &[InputFile], takes: impl Fn(&str) -> bool) -> String {
    let is_taken = |file: &&InputFile| takes(role(file));
    let list = ListInputs {
        list_id: name.to_owned(),
        files: references.iter().filter(is_taken).cloned().collect(),
    };
    list.key("")
}

/// The hashes of the declarations of a source, by name.
pub(super) fn declarations(source: &Source) -> BTreeMap<String, String> {
    let texts = source.texts.iter();
    texts
        .map(|(name, text)| (name.clone(), hex(&Sha256::digest(text.as_bytes()))))
        .collect()
}

/// The earlier publications of a file in the document of a release.
const EARLIER: &str = "earlier";

/// Name of the step that makes the tables of regions.
pub(super) const REGIONS_STEP: &str = "regions";

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

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use esf_engine::release::{Publication, ReleaseDraft};
    use esf_engine::store::Store;

    use super::*;
    use crate::run::made;
    use crate::snapshot::in_memory;

    #[test]
    fn a_file_has_the_name_that_its_declaration_gives_it() {
        for (declared, expected) in [("", "old.csv"), ("file_name = \"new.csv\"\n", "new.csv")] {
            let declared = format!(
                "kind = \"operations\"\n[fetch]\nurl = \"https://example.org/l.csv\"\n{declared}"
            );
            let source = Arc::new(made::source("made", &declared));
            let found = in_memory(&source, "new.csv", Bytes::from_static(b"a"));
            let mut files = vec![made::file(&source, "old.csv", &found.sha256)];
            let today = Found::today(found).input(2, &RunOptions::default(), &Masks::default());
            join(&mut files, std::iter::once(today));
            let names: Vec<&str> = files.iter().map(|file| file.file_name.as_str()).collect();
            assert_eq!(names, [expected]);
        }
    }

    #[test]
    fn a_file_that_is_kept_out_is_read_where_its_list_is_derived_again() {
        let source = Arc::new(made::source("made", "kind = \"operations\"\n"));
        let found = in_memory(&source, "a.csv", Bytes::from_static(b"a"));
        let file = made::file(&source, "a.csv", &found.sha256);
        let list = ListInputs {
            list_id: "made".to_owned(),
            files: vec![file, made::file(&source, "b.csv", "00")],
        };
        let mut inputs = Inputs {
            lists: vec![list],
            ..Inputs::none()
        };
        inputs.key_references();
        let kept_out = BTreeSet::from([("made".to_owned(), found.sha256.clone())]);
        let none = BTreeSet::new();
        assert_eq!(inputs.to_be_read(&none, None, true), BTreeSet::new());
        let sources = BTreeSet::from(["made".to_owned()]);
        assert_eq!(inputs.to_be_read(&kept_out, None, false), sources);
        // Of what came in between nobody knows yet.
        let other = in_memory(&source, "c.csv", Bytes::from_static(b"c"));
        let sent = vec![Found::today(found), Found::today(other)];
        assert_eq!(inputs.find_after_all(sent), sources);
        let names: Vec<&str> = inputs.found().map(|file| file.file_name.as_str()).collect();
        assert_eq!(names, ["a.csv"]);
    }

    #[tokio::test]
    async fn a_reference_that_keeps_its_old_file_beside_the_new_one_does_not_go_back() {
        let mut catalogue = Catalogue::default();
        let declared = "kind = \"reference\"\nfiles = [\"*.csv\"]\n";
        catalogue.insert(made::source("places", declared));
        let warehouse = Warehouse::new(Store::memory());
        let mut previous: Option<Release> = None;
        let nights: [(&[&str], &str); 4] = [
            (&["old.csv"], "old.csv"),
            (&["new.csv", "old.csv"], "new.csv"),
            (&["new.csv", "old.csv"], "new.csv"),
            (&["old.csv"], "new.csv"),
        ];
        for (number, (names, newest)) in nights.iter().enumerate() {
            let source = catalogue.get("places").unwrap();
            let file = |name: &&str| {
                let bytes = Bytes::copy_from_slice(name.as_bytes());
                Found::today(in_memory(source, name, bytes))
            };
            let inputs = Inputs::new(
                &catalogue,
                previous.as_ref(),
                names.iter().map(file).collect(),
                &RunOptions::default(),
                Masks::default(),
                &BTreeSet::new(),
                &Again::default(),
            );
            let counting: Vec<&str> = (inputs.references.iter())
                .map(|file| file.file_name.as_str())
                .collect();
            assert_eq!(counting, [*newest], "night {number}");
            let none = BTreeSet::new();
            let mut draft = ReleaseDraft::new(previous.as_ref(), format!("run {number}"), "test");
            draft.sources = inputs.source_states(&BTreeMap::new(), &none, &none, previous.as_ref());
            // Whoever reads an old release takes the last.
            let last = draft.sources["places"].files.last().unwrap();
            assert_eq!(last.file_name, *newest, "night {number}");
            previous = Some(match warehouse.publish(draft).await.unwrap() {
                Publication::Published(release) | Publication::Unchanged(release) => release,
                Publication::Conflict(_) => panic!("nobody else publishes"),
            });
        }
    }
}
