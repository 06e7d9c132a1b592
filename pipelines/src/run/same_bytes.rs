//! Files with the same bytes: of one source under several names, and of two lists.
//!
//! Of one source they count once, under the name that came first, under which they were published again (`again`), or that its
//! `[fetch]` table gives them, and the report says so. Of two lists each would count, and with them the money: a new file whose
//! bytes another list has is held. Mostly it was saved under a wrong name, or an address gives the list of another period. Of
//! two new files nobody can say which one is right, so both wait. Sources that read different parts of a file (two sheets,
//! other figures) repeat nothing.
//!
//! Does not own the operations that two lists of different bytes have in common (`operation_match`).

use std::collections::BTreeMap;
use std::sync::Arc;

use esf_engine::release::{Release, SourceFileState};

use super::again::Again;
use super::control::ControlReport;
use super::inputs::{Found, InputFile, ListInputs};
use super::report::{SourceReport, SourceState};
use super::standing::Standing;
use crate::named;
use crate::redaction::Masks;
use crate::source::{Catalogue, Source, SourceKind};
use crate::statistic;

/// Name of the control.
const CONTROL: &str = "same_bytes";

/// Most files that are named beside the first.
const NAMED: usize = 5;

/// Names of files of today that repeat others of their source, one report for each file that is repeated.
pub(super) fn repeated(
    previous: Option<&Release>,
    found: &[Found],
    masks: &Masks,
    again: &Again,
) -> Vec<SourceReport> {
    let mut files: BTreeMap<(&str, &str), (&Source, Vec<String>)> = BTreeMap::new();
    for one in found {
        let source = one.source();
        // Of a reference only the newest counts, and it gives no rows of its own.
        if source.toml.kind == SourceKind::Reference {
            continue;
        }
        let key = (one.source_id(), one.sha256());
        let (_, names) = files.entry(key).or_insert_with(|| {
            let renamed = again.name(one.source_id(), one.sha256());
            let named = one.source().fetches_as(one.file_name());
            let named = named.then(|| masks.masked(one.file_name()));
            let counts = renamed.or(named).or_else(|| known_as(previous, one));
            (source.as_ref(), counts.into_iter().collect())
        });
        for name in one.names().map(|name| masks.masked(name)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let files = files.into_values();
    files
        .filter_map(|(source, names)| told(source, &names))
        .collect()
}

/// The name under which the release before has the bytes for this source.
fn known_as(previous: Option<&Release>, one: &Found) -> Option<String> {
    let state = previous?.sources.get(one.source_id())?;
    let file = state.files.iter().find(|f| f.sha256 == one.sha256())?;
    Some(file.file_name.clone())
}

/// What is said of several names of the same bytes; nothing of one.
fn told(source: &Source, names: &[String]) -> Option<SourceReport> {
    let [kept, first, more @ ..] = names else {
        return None;
    };
    let more = if more.is_empty() {
        String::new()
    } else {
        format!(", as have {}", named::first(more, NAMED))
    };
    let message = format!("{first} has the bytes of {kept}{more}; their rows count once");
    let repeats = names.len() - 1;
    Some(SourceReport {
        controls: vec![control(repeats, None, message.clone())],
        message: Some(message),
        ..SourceReport::bare(
            &source.source_id,
            source.list_id(),
            first,
            SourceState::Repeated,
        )
    })
}

/// The control of so many files with the same bytes; it passes where any number may be there.
fn control(files: usize, most: Option<f64>, message: String) -> ControlReport {
    let control = ControlReport::new(CONTROL, files as f64);
    let control = match most {
        Some(most) => control.at_most(most),
        None => control,
    };
    // Also where it passes it is to be said which they are.
    ControlReport { message, ..control }
}

/// Whether two sources would read the same rows out of the same bytes.
fn read_alike(one: &Source, other: &Source) -> bool {
    let sheet = |source: &Source| source.toml.format.as_ref().and_then(|f| f.sheet.clone());
    let figures = |source: &Source| source.texts.get(statistic::FILE).cloned();
    // A source that names no sheet reads that of the other as well.
    let apart = sheet(one).zip(sheet(other)).is_some_and(|(a, b)| a != b);
    !apart && figures(one) == figures(other)
}

/// Whether the same bytes count twice because both sources have them.
fn counts_twice(one: &Source, other: &Source) -> bool {
    one.list_id() != other.list_id() && read_alike(one, other)
}

/// The files of all lists whose bytes are in several places, by hash, with the names of the files.
pub(super) struct Elsewhere {
    files: BTreeMap<String, Vec<(Arc<Source>, String)>>,
}

impl Elsewhere {
    /// Of all files that a run works on.
    pub(super) fn of(lists: &[ListInputs]) -> Self {
        let mut files: BTreeMap<String, Vec<(Arc<Source>, String)>> = BTreeMap::new();
        for file in lists.iter().flat_map(|list| &list.files) {
            let of_bytes = files.entry(file.sha256.clone()).or_default();
            of_bytes.push((Arc::clone(&file.source), file.file_name.clone()));
        }
        files.retain(|_, of_bytes| of_bytes.len() > 1);
        Self { files }
    }

    /// The control of a new file, if another list has its bytes.
    pub(super) fn control(&self, file: &InputFile) -> Option<ControlReport> {
        let of_bytes = self.files.get(&file.sha256)?;
        let mut others = of_bytes
            .iter()
            .filter(|(source, _)| counts_twice(&file.source, source));
        let (source, name) = others.next()?;
        let more = others.count();
        let and = if more > 0 {
            format!(" and of {more} more files")
        } else {
            String::new()
        };
        let message = format!(
            "its bytes are those of {name} of {}{and}: the operations and the money of one list would count twice",
            source.source_id
        );
        Some(control(1 + more, Some(0.0), message))
    }
}

/// Lists that a release has twice already though nobody accepted that, in words: programs that did not look for it published
/// them.
pub(super) fn standing_twice(
    previous: &Release,
    catalogue: &Catalogue,
    standing: &Standing,
) -> Vec<String> {
    let mut files: BTreeMap<&str, Vec<(&Arc<Source>, &SourceFileState)>> = BTreeMap::new();
    for (source_id, state) in &previous.sources {
        // `inputs::revive` put the sources of earlier releases back into the catalogue.
        let Ok(source) = catalogue.get(source_id) else {
            continue;
        };
        let counting = (state.files.iter())
            .filter(|file| standing.rows(source_id, &file.sha256).loaded > 0)
            .filter(|file| !file.extra.contains_key("accepted"));
        for file in counting {
            files.entry(&file.sha256).or_default().push((source, file));
        }
    }
    let twice = files.values().filter_map(|of_bytes| {
        let ((source, file), others) = of_bytes.split_first()?;
        let (other, twin) = others.iter().find(|(other, _)| counts_twice(source, other))?;
        Some(format!(
            "{} of {} and {} of {} have the same bytes, so that one list counts twice in release {}",
            file.file_name, source.source_id, twin.file_name, other.source_id, previous.number
        ))
    });
    twice.collect()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use esf_engine::release::{Publication, ReleaseDraft, SourceState as Behind, Warehouse};
    use esf_engine::store::Store;

    use super::*;
    use crate::run::made;
    use crate::snapshot::in_memory;

    fn source(source_id: &str, more: &str) -> Arc<Source> {
        let declared = format!("kind = \"operations\"\nfiles = [\"{source_id}*\"]\n{more}");
        Arc::new(made::source(source_id, &declared))
    }

    fn sheet(name: &str) -> String {
        format!("[format]\nkind = \"xlsx\"\nsheet = \"{name}\"\n")
    }

    fn list(file: InputFile) -> ListInputs {
        ListInputs {
            list_id: file.source.list_id().to_owned(),
            files: vec![file],
        }
    }

    #[test]
    fn a_file_is_held_for_the_bytes_of_another_list_and_of_no_other_sheet() {
        let (one, other) = (source("one", ""), source("other", ""));
        let lists = [
            list(made::file(&one, "one.csv", "a")),
            list(made::file(&other, "other.csv", "a")),
            list(made::file(&source("third", ""), "third.csv", "b")),
        ];
        let elsewhere = Elsewhere::of(&lists);
        let control = elsewhere.control(&lists[0].files[0]).unwrap();
        assert!(!control.passed);
        assert_eq!(
            control.message,
            "its bytes are those of other.csv of other: the operations and the money of one list would count twice"
        );
        assert_eq!(elsewhere.control(&lists[2].files[0]), None);

        let first = source("one", &sheet("First"));
        let second = source("other", &sheet("Second"));
        assert!(!counts_twice(&first, &second), "two sheets of a workbook");
        assert!(counts_twice(&first, &other), "any sheet");
        let same = |id: &str| source(id, "list_id = \"list\"\n");
        assert!(!counts_twice(&same("one"), &same("other")), "renditions");
    }

    #[test]
    fn names_of_the_same_bytes_are_told_once_with_the_first() {
        let one = source("one", "");
        let found = |names: &[&str]| {
            let mut file = in_memory(&one, names[0], Bytes::from_static(b"a;b"));
            file.also = names[1..].iter().map(|name| (*name).to_owned()).collect();
            [Found::today(file)]
        };
        let (masks, again) = (Masks::default(), Again::default());
        assert!(repeated(None, &found(&["a.csv"]), &masks, &again).is_empty());
        let told = repeated(None, &found(&["a.csv", "b.csv"]), &masks, &again);
        let [report] = told.as_slice() else {
            panic!("{told:?}");
        };
        assert_eq!(
            (report.file_name.as_str(), report.state),
            ("b.csv", SourceState::Repeated)
        );
        let message = "b.csv has the bytes of a.csv; their rows count once";
        assert_eq!(report.message.as_deref(), Some(message));
        assert_eq!(report.controls.len(), 1);
        assert!(report.controls[0].passed);
        let many = ["a", "b", "c", "d", "e", "f", "g", "h"];
        let told = repeated(None, &found(&many), &masks, &again);
        let message = told[0].message.as_deref().unwrap_or_default();
        assert!(
            message.starts_with("b has the bytes of a, as have c, d, e, f, g and 1 more;"),
            "{message}"
        );
    }

    #[tokio::test]
    async fn the_name_in_the_release_is_the_first() {
        let one = source("one", "");
        let today = in_memory(&one, "new.csv", Bytes::from_static(b"a;b"));
        let mut draft = ReleaseDraft::new(None, "made", "test");
        let file = SourceFileState {
            sha256: today.sha256.clone(),
            file_name: "old.csv".to_owned(),
            ..SourceFileState::default()
        };
        let state = Behind {
            files: vec![file],
            ..Behind::default()
        };
        draft.sources.insert("one".to_owned(), state);
        let warehouse = Warehouse::new(Store::memory());
        let Publication::Published(release) = warehouse.publish(draft).await.unwrap() else {
            panic!("it is published");
        };
        let (masks, again) = (Masks::default(), Again::default());
        let told = repeated(Some(&release), &[Found::today(today)], &masks, &again);
        assert_eq!(told.len(), 1);
        let message = told[0].message.as_deref().unwrap_or_default();
        assert!(message.contains("the bytes of old.csv;"), "{message}");
        assert_eq!(told[0].file_name, "new.csv");
    }
}
