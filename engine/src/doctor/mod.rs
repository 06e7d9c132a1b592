//! What a run stands on, examined one thing at a time: the stores and who may read them, the clock, space, memory and
//! time zones.
//!
//! Owns the examinations that concern a warehouse and the machine; sources and mirrors are the command's to add. Nothing
//! is repaired, and what is written to find out is removed again.

mod clock;
mod machine;
mod private;
mod probe;

use std::path::Path;

use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

pub use machine::{memory, try_temporary, zones};
pub(crate) use machine::{memory_there, size};

use crate::{
    collect::{Folder, YOUNG},
    release::{Release, ReleaseError, Visibility, Warehouse},
    store::{Store, StoreError},
};

/// How many files are looked at side by side.
const AT_ONCE: usize = 16;

/// How something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// As it should be.
    Sound,
    /// A run works, and somebody should look at it.
    Warning,
    /// A run would fail or could do harm.
    Fault,
}

impl Health {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sound => "ok",
            Self::Warning => "warning",
            Self::Fault => "fault",
        }
    }
}

/// One thing examined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// What was examined.
    pub subject: &'static str,
    /// How it was found.
    pub health: Health,
    /// What was found.
    pub found: String,
    /// What to do about it; nothing, where it is as it should be.
    pub advice: Option<String>,
}

impl Diagnosis {
    /// All is well.
    pub fn sound(subject: &'static str, found: impl Into<String>) -> Self {
        Self {
            subject,
            health: Health::Sound,
            found: found.into(),
            advice: None,
        }
    }

    /// Somebody should look at it.
    pub fn warning(
        subject: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            health: Health::Warning,
            advice: Some(advice.into()),
            ..Self::sound(subject, found)
        }
    }

    /// A run would fail or could do harm.
    pub fn fault(
        subject: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            health: Health::Fault,
            advice: Some(advice.into()),
            ..Self::sound(subject, found)
        }
    }
}

/// Examines the releases, the stores, the clock and the space of a warehouse.
pub async fn examine(warehouse: &Warehouse, now: Timestamp) -> Vec<Diagnosis> {
    let (newest, releases) = releases(warehouse).await;
    let mut all = vec![releases];
    all.extend(earlier(warehouse).await);
    let mut written = None;
    if has_place(warehouse.store()) {
        let probed = probe::probe(warehouse.store(), "store").await;
        written = probed.written;
        all.extend(probed.diagnoses);
        all.extend(data_files(warehouse, newest.as_ref()).await);
        all.push(leftovers(warehouse.store(), now).await);
        all.extend(private::examine(warehouse.store(), "private folders"));
    } else {
        let found = format!("there is no {} yet; a run makes it", warehouse.location());
        all.push(unmade(warehouse.store(), Diagnosis::sound("store", found)));
    }
    match warehouse.restricted() {
        None => all.push(Diagnosis::sound(
            "restricted store",
            "none of its own: restricted tables lie in the warehouse's folder restricted/",
        )),
        Some(store) => {
            if has_place(store) {
                all.extend(probe::probe(store, "restricted store").await.diagnoses);
            } else {
                let absent = Diagnosis::warning(
                    "restricted store",
                    format!("there is no {} yet", store.location()),
                    "make it so that nobody else may read it; the next run would make it otherwise",
                );
                all.push(unmade(store, absent));
            }
            all.extend(private::examine(store, "restricted store, folders"));
            all.extend(restricted_files(store, newest.as_ref()).await);
        }
    }
    all.push(clock::examine(now, newest.as_ref(), written));
    let largest = newest.map_or(0, |release| release.files().map(|(_, _, f)| f.bytes).sum());
    all.extend(
        warehouse
            .store()
            .folder()
            .map(|f| machine::space("space", f, largest)),
    );
    all.push(machine::temporary(&std::env::temp_dir()));
    all
}

/// The newest release, and whether it can be read.
async fn releases(warehouse: &Warehouse) -> (Option<Release>, Diagnosis) {
    const SUBJECT: &str = "releases";
    match warehouse.latest().await {
        Ok(Some(newest)) => {
            let found = format!(
                "the newest is {} of {:.0}",
                newest.number, newest.created_at
            );
            (Some(newest), Diagnosis::sound(SUBJECT, found))
        }
        Ok(None) => {
            let found = format!("nothing is published in {} yet", warehouse.location());
            let advice = "run `esf nightly`, or name another place with --warehouse";
            (None, Diagnosis::warning(SUBJECT, found, advice))
        }
        Err(error) => {
            let advice = if matches!(error, ReleaseError::Unreadable { .. }) {
                "restore it from a backup, or if there is none move it out of the folder, so that the next run makes it again; until \
                 then `--as-of` reads the releases before it, and no run publishes"
            } else {
                "check the address, the credentials and who owns the folder"
            };
            (None, Diagnosis::fault(SUBJECT, error.to_string(), advice))
        }
    }
}

/// That documents of releases before the newest cannot be read; nothing, where all can.
async fn earlier(warehouse: &Warehouse) -> Option<Diagnosis> {
    const SUBJECT: &str = "earlier releases";
    let newest = warehouse.numbers().await.ok()?.pop()?;
    // That the store fails is told of the newest.
    let (_, mut others) = warehouse.readable().await.ok()?;
    others.retain(|(number, _)| *number < newest);
    let (_, first) = others.first()?;
    let found = match others.len() {
        1 => first.to_string(),
        many => format!("{many} cannot be read, the first of them: {first}"),
    };
    let advice = "restore it from a backup, or move it out of the folder: that release is gone then; nights go on, but `esf gc` ends \
                  with 1 as long as it lies there";
    Some(Diagnosis::warning(SUBJECT, found, advice))
}

/// Whether the files of the newest release are there, with their sizes; nothing, where there are none. Restricted ones that lie in a
/// store of their own are looked at there. What is in the files is for [`crate::verify`] to say.
async fn data_files(warehouse: &Warehouse, newest: Option<&Release>) -> Option<Diagnosis> {
    const SUBJECT: &str = "data files";
    let newest = newest?;
    let apart = warehouse.restricted().is_some();
    let files: Vec<(String, u64)> = (newest.files())
        .filter(|(_, table, _)| !apart || table.visibility != Visibility::Restricted)
        .map(|(_, _, file)| (file.path.clone(), file.bytes))
        .collect();
    if files.is_empty() {
        return None;
    }
    let (number, all) = (newest.number, files.len());
    let store = warehouse.store();
    let whole =
        stream::iter(files)
            .map(|(path, bytes)| async move {
                Ok::<_, StoreError>(store.size(&path).await? == Some(bytes))
            })
            .buffered(AT_ONCE)
            .try_collect::<Vec<bool>>()
            .await;
    let lacking = match whole {
        Ok(whole) => whole.iter().filter(|whole| !**whole).count(),
        Err(error) => {
            let advice = "check the address, the credentials and who owns the folder";
            return Some(Diagnosis::fault(SUBJECT, error.to_string(), advice));
        }
    };
    Some(if lacking == 0 {
        let found = format!("all {all} of release {number} are there, with their sizes");
        Diagnosis::sound(SUBJECT, found)
    } else {
        Diagnosis::fault(
            SUBJECT,
            format!("{lacking} of the {all} of release {number} are gone or have another size"),
            "`esf verify` names them; `esf nightly --full` makes them again from raw/, or restore them from a backup",
        )
    })
}

/// Whether the restricted files of the newest release lie in the store of their own; nothing, where it has none. A warehouse
/// that was given the store later has them elsewhere.
async fn restricted_files(store: &Store, newest: Option<&Release>) -> Option<Diagnosis> {
    const SUBJECT: &str = "restricted files";
    let newest = newest?;
    let number = newest.number;
    let (mut files, mut lost) = (0, 0);
    for (_, table, file) in newest.files() {
        if table.visibility != Visibility::Restricted {
            continue;
        }
        files += 1;
        match store.size(&file.path).await {
            Ok(found) => lost += i32::from(found.is_none()),
            Err(error) => {
                let advice = "check the address, the credentials and who owns the folder";
                return Some(Diagnosis::fault(SUBJECT, error.to_string(), advice));
            }
        }
    }
    if files == 0 {
        return None;
    }
    Some(if lost == 0 {
        Diagnosis::sound(
            SUBJECT,
            format!("all {files} of release {number} are there"),
        )
    } else {
        Diagnosis::fault(
            SUBJECT,
            format!(
                "{lost} of the {files} of release {number} are not in {}",
                store.location()
            ),
            "move the folder restricted/ there from where it was, or name the store that has it",
        )
    })
}

/// Whether a store can be written without making a folder that nobody has made yet.
fn has_place(store: &Store) -> bool {
    store.folder().is_none_or(Path::exists)
}

/// Whether a run could make the folder of a store, which nobody has made yet; it is not made to find out. `makeable` is what is
/// said where it could.
fn unmade(store: &Store, makeable: Diagnosis) -> Diagnosis {
    let mut folders = store.folder().into_iter().flat_map(Path::ancestors);
    let Some(above) = folders.find(|folder| folder.exists()) else {
        return makeable;
    };
    match machine::try_temporary(above) {
        Ok(()) => makeable,
        Err(error) => Diagnosis::fault(
            makeable.subject,
            format!(
                "there is no {} yet, and {} cannot be written: {error}",
                store.location(),
                above.display()
            ),
            "give the user that runs esf the right to write there, or make the folder for that user",
        ),
    }
}

/// Unfinished files that no process can still be writing.
async fn leftovers(store: &Store, now: Timestamp) -> Diagnosis {
    const SUBJECT: &str = "unfinished files";
    let entries = match store.list(Folder::Temporary.name()).await {
        Ok(entries) => entries,
        Err(error) => {
            return Diagnosis::fault(SUBJECT, error.to_string(), "check who owns the folder");
        }
    };
    let old = entries.iter().filter(|entry| {
        Folder::Temporary.is_unfinished(&entry.path) && now.duration_since(entry.modified) >= YOUNG
    });
    let (files, bytes) = old.fold((0, 0), |(files, bytes), entry| {
        (files + 1, bytes + entry.bytes)
    });
    if files == 0 {
        return Diagnosis::sound(SUBJECT, "none older than a day");
    }
    Diagnosis::warning(
        SUBJECT,
        format!("{files} older than a day, {}", machine::size(bytes)),
        "a process was ended while it wrote; `esf gc --apply` removes them",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        release::{Publication, ReleaseDraft},
        testing,
    };

    fn health(all: &[Diagnosis], subject: &str) -> Health {
        let found = all.iter().find(|one| one.subject == subject);
        found
            .unwrap_or_else(|| panic!("no {subject} in {all:?}"))
            .health
    }

    #[tokio::test]
    async fn a_new_place_is_not_made_and_nothing_is_left_in_an_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("warehouse");
        let warehouse = Warehouse::open(place.to_str().unwrap()).unwrap();
        let all = examine(&warehouse, Timestamp::now()).await;
        assert_eq!(health(&all, "releases"), Health::Warning);
        assert_eq!(health(&all, "store"), Health::Sound, "{all:?}");
        assert!(!place.exists());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);

        std::fs::create_dir(&place).unwrap();
        let all = examine(&warehouse, Timestamp::now()).await;
        for subject in ["store", "store, create", "unfinished files", "clock"] {
            assert_eq!(health(&all, subject), Health::Sound, "{all:?}");
        }
        assert_eq!(warehouse.store().list(".tmp").await.unwrap(), []);
    }

    #[tokio::test]
    async fn a_release_that_cannot_be_read_is_to_be_restored() {
        let warehouse = Warehouse::new(Store::memory());
        let half = bytes::Bytes::from_static(b"{\"number\": 1, ");
        let document = Release::path(1);
        warehouse.store().put(&document, half).await.unwrap();
        let (newest, diagnosis) = releases(&warehouse).await;
        assert!(newest.is_none());
        assert_eq!(diagnosis.health, Health::Fault);
        assert!(diagnosis.found.contains(&document), "{diagnosis:?}");
        let advice = diagnosis.advice.unwrap();
        assert!(advice.starts_with("restore it from a backup"), "{advice}");
    }

    #[tokio::test]
    async fn earlier_releases_that_cannot_be_read_are_told_and_hide_none_of_the_others() {
        let warehouse = Warehouse::new(Store::memory());
        for number in 1..=3_u64 {
            let base = warehouse.latest().await.unwrap();
            let mut draft = ReleaseDraft::new(base.as_ref(), format!("run-{number}"), "test");
            draft.steps.insert("night".to_owned(), number.to_string());
            warehouse.publish(draft).await.unwrap();
        }
        assert_eq!(earlier(&warehouse).await, None);
        let half = bytes::Bytes::from_static(b"{\"number\": 2, ");
        let document = Release::path(2);
        warehouse.store().put(&document, half).await.unwrap();
        let told = earlier(&warehouse).await.unwrap();
        assert_eq!(told.health, Health::Warning);
        assert!(told.found.contains(&document), "{told:?}");
        let (readable, others) = warehouse.readable().await.unwrap();
        let numbers: Vec<u64> = readable.iter().map(|release| release.number).collect();
        assert_eq!((numbers, others[0].0), (vec![1, 3], 2));
    }

    #[test]
    fn a_place_that_no_run_could_make_is_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "no folder").unwrap();
        let judged = |place: &Path| {
            let store = Store::open(place.to_str().unwrap()).unwrap();
            unmade(&store, Diagnosis::sound("store", "a run makes it"))
        };
        assert_eq!(
            judged(&folder.path().join("new/warehouse")).health,
            Health::Sound
        );
        let refused = judged(&file.join("warehouse"));
        assert_eq!((refused.subject, refused.health), ("store", Health::Fault));
        let above = format!("yet, and {} cannot be written: ", file.display());
        assert!(refused.found.contains(&above), "{}", refused.found);
    }

    #[tokio::test]
    async fn old_unfinished_files_are_counted() {
        let store = Store::memory();
        let file = bytes::Bytes::from_static(b"half");
        store.put(".tmp/esf-1-2-3", file.clone()).await.unwrap();
        store.put(".tmp/notes", file).await.unwrap();
        let now = Timestamp::now();
        assert_eq!(leftovers(&store, now).await.health, Health::Sound);
        let later = leftovers(&store, now + YOUNG + YOUNG).await;
        assert_eq!(later.health, Health::Warning);
        assert!(later.found.starts_with("1 older"), "{}", later.found);
    }

    #[tokio::test]
    async fn a_restricted_store_of_its_own_is_probed() {
        let warehouse = Warehouse::new(Store::memory()).with_restricted(Store::memory());
        let all = examine(&warehouse, Timestamp::now()).await;
        assert_eq!(health(&all, "restricted store, create"), Health::Sound);
    }

    #[tokio::test]
    async fn a_restricted_store_that_nobody_made_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("apart");
        let store = Store::open(place.to_str().unwrap()).unwrap();
        let warehouse = Warehouse::new(Store::memory()).with_restricted(store);
        let all = examine(&warehouse, Timestamp::now()).await;
        assert_eq!(health(&all, "restricted store"), Health::Warning);
        assert!(!place.exists());
    }

    #[tokio::test]
    async fn a_data_file_that_is_gone_or_cut_short_is_a_fault() {
        let warehouse = Warehouse::new(Store::memory());
        let spec = testing::spec(Visibility::Public);
        let file = testing::write(&warehouse, &spec, "", &[testing::rows(&spec, 0, 3)]).await;
        let path = file.path.clone();
        let mut draft = ReleaseDraft::new(None, "run".to_owned(), "test");
        draft.table(&spec, [file]);
        let published = warehouse.publish(draft).await.unwrap();
        assert!(matches!(published, Publication::Published(_)));
        let found = async || {
            let all = examine(&warehouse, Timestamp::now()).await;
            health(&all, "data files")
        };
        assert_eq!(found().await, Health::Sound);
        let whole = warehouse.store().get(&path).await.unwrap();
        let half = whole.slice(..whole.len() / 2);
        warehouse.store().put(&path, half).await.unwrap();
        assert_eq!(found().await, Health::Fault);
        warehouse.store().delete(&path).await.unwrap();
        assert_eq!(found().await, Health::Fault);
        warehouse.store().put(&path, whole).await.unwrap();
        assert_eq!(found().await, Health::Sound);
    }

    #[tokio::test]
    async fn restricted_files_that_lie_elsewhere_are_a_fault() {
        let before = Warehouse::new(Store::memory());
        let spec = testing::spec(Visibility::Restricted);
        let file = testing::write(&before, &spec, "", &[testing::rows(&spec, 0, 3)]).await;
        let mut draft = ReleaseDraft::new(None, "run".to_owned(), "test");
        draft.table(&spec, [file]);
        let published = before.publish(draft).await.unwrap();
        assert!(matches!(published, Publication::Published(_)));
        let apart = Store::memory();
        let warehouse = Warehouse::new(before.store().clone()).with_restricted(apart.clone());
        let all = examine(&warehouse, Timestamp::now()).await;
        assert_eq!(health(&all, "restricted files"), Health::Fault, "{all:?}");
        for entry in before.store().list("restricted").await.unwrap() {
            let bytes = before.store().get(&entry.path).await.unwrap();
            apart.put(&entry.path, bytes).await.unwrap();
        }
        let all = examine(&warehouse, Timestamp::now()).await;
        assert_eq!(health(&all, "restricted files"), Health::Sound, "{all:?}");
    }
}
