//! Files of today that others took the place of on an earlier night, where those are not there: do they count again, or is
//! the newest missing?
//!
//! A publisher who goes back to earlier bytes writes over what stood: they lie where the newest file lay, under its name.
//! Where both have the same day or none, the order of arrival decides, so that they count as first seen now. Under another
//! name lies an older file that a folder keeps beside the newest: that the newest is gone says nothing about it, so what
//! stands stays, and the source is told as absent. A publisher who is asked by address has what is given, whatever its name.
//!
//! A source of pages has a newest file for each name. Pages that lie there together under one name, in several folders, are no
//! states of each other: what is known of them counts as first seen tonight, so that nothing takes its place (`merge::page`).
//!
//! Does not own names with newer dates (`again`). Lists that grow lose nothing by a newer file.

use std::collections::{BTreeMap, BTreeSet};

use esf_engine::release::{Release, SourceFileState, SourceState};
use jiff::civil::Date;

use super::again::Key;
use super::inputs::{Found, first_seen};
use super::standing::{Standing, is_replaced};
use super::unread::Unread;
use crate::redaction::Masks;
use crate::source::{Catalogue, Source, SourceKind, Vintage};

/// What became of the sources of which only files lie there that others took the place of.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Replaced {
    /// Files that count again, each with the day of both publications.
    pub again: BTreeMap<Key, Option<Date>>,
    /// Sources whose newest file is missing in the folders.
    pub missing: BTreeSet<String>,
}

impl Replaced {
    /// That a file cannot be read does not mean that its publisher took it away: where the newest may be one of those, nothing
    /// counts again. A source with such a file is told as one that cannot be read, and not as one whose file is missing too.
    pub(super) fn leave_unread(&mut self, unread: &Unread, in_folders: &dyn Fn(&str) -> bool) {
        let missing = &mut self.missing;
        self.again.retain(|(source_id, _), _| {
            let may_be_there = in_folders(source_id) && unread.may_be_of(source_id);
            if may_be_there {
                missing.insert(source_id.clone());
            }
            !may_be_there
        });
        missing.retain(|source_id| !unread.is_of(source_id));
    }
}

/// Looks at the sources of today of which no file is new and the newest is not there; `in_folders` tells the sources whose
/// files lie in folders, where older ones may be kept.
pub(super) fn replaced(
    catalogue: &Catalogue,
    previous: &Release,
    standing: &Standing,
    found: &[Found],
    masks: &Masks,
    in_folders: &dyn Fn(&str) -> bool,
) -> Replaced {
    let mut today: BTreeMap<&str, Vec<&Found>> = BTreeMap::new();
    for one in found {
        today.entry(one.source_id()).or_default().push(one);
    }
    let mut replaced = Replaced::default();
    for (source_id, files) in today {
        let Some(state) = previous.sources.get(source_id) else {
            continue;
        };
        let of_pages = (catalogue.get(source_id)).is_ok_and(|source| has_pages(source));
        if of_pages {
            let kept = in_folders(source_id);
            let again = pages_again((source_id, state), &files, standing, masks, kept);
            replaced.again.extend(again);
            continue;
        }
        let replaces = (catalogue.get(source_id)).is_ok_and(|source| has_newest(source));
        let Some(newest) = (standing.newest(source_id, state)).filter(|_| replaces) else {
            continue;
        };
        let known = |one: &Found| state.files.iter().find(|file| file.sha256 == one.sha256());
        let is_new = files.iter().any(|one| known(one).is_none());
        if is_new || files.iter().any(|one| one.sha256() == newest.sha256) {
            continue;
        }
        let kept = in_folders(source_id);
        let in_its_place =
            |one: &Found| !kept || (one.names()).any(|name| masks.masked(name) == newest.file_name);
        let back: Option<&SourceFileState> = (files.iter())
            .filter(|one| in_its_place(one))
            .filter_map(|one| known(one))
            .max_by_key(|file| (first_seen(file), file.sha256.as_str()));
        let day = standing.day(source_id, newest);
        let by_arrival = day.is_some() || standing.is_undated(previous, source_id);
        match back.filter(|file| by_arrival && standing.day(source_id, file) == day) {
            Some(file) => {
                let key = (source_id.to_owned(), file.sha256.clone());
                replaced.again.insert(key, day);
            }
            None if kept => {
                replaced.missing.insert(source_id.to_owned());
            }
            None => {}
        }
    }
    replaced
}

/// A page of tonight, with what the release knows of it.
type Page<'a> = (&'a Found, Option<&'a SourceFileState>);

/// The files of a source of pages that count as first seen now, each with its day: those that lie alone under their name, where a
/// newer one of it lay, and those that lie there under one name together with others that came on another night. What is not `kept`
/// in folders, but given, is the newest.
fn pages_again(
    (source_id, state): (&str, &SourceState),
    files: &[&Found],
    standing: &Standing,
    masks: &Masks,
    kept: bool,
) -> BTreeMap<Key, Option<Date>> {
    let is_given = |file: &SourceFileState| {
        let mut others = state.files.iter();
        let is_other = |other: &SourceFileState| other.sha256 != file.sha256;
        !kept && others.any(|other| is_other(other) && first_seen(other) >= first_seen(file))
    };
    let mut names: BTreeMap<String, Vec<Page<'_>>> = BTreeMap::new();
    for one in files {
        let known = state.files.iter().find(|file| file.sha256 == one.sha256());
        let counts = match known {
            Some(known) => {
                let mut names = one.names().map(|name| masks.masked(name));
                names.find(|name| *name == known.file_name)
            }
            None => Some(masks.masked(one.file_name())),
        };
        if let Some(name) = counts {
            names.entry(name).or_default().push((*one, known));
        }
    }
    let mut again = BTreeMap::new();
    for (name, lying) in names {
        let counts_again: Vec<&SourceFileState> = match lying.as_slice() {
            [(_, Some(alone))] => {
                let is_back =
                    is_given(alone) || is_behind_newest(source_id, &name, alone, state, standing);
                is_back.then_some(*alone).into_iter().collect()
            }
            [_] => Vec::new(),
            together => {
                let nights = together.iter().map(|(_, known)| known.map(first_seen));
                let nights: BTreeSet<Option<u64>> = nights.collect();
                let known = together.iter().filter_map(|(_, known)| *known);
                let is_new = nights.len() > 1 && !is_shared(&name, state);
                known.filter(|_| is_new).collect()
            }
        };
        for file in counts_again {
            let key = (source_id.to_owned(), file.sha256.clone());
            again.insert(key, standing.day(source_id, file));
        }
    }
    again
}

/// Whether a newer state of a page, from which the release has rows, was published on the same day as this one, or both on none.
fn is_behind_newest(
    source_id: &str,
    name: &str,
    file: &SourceFileState,
    state: &SourceState,
    standing: &Standing,
) -> bool {
    let day = standing.day(source_id, file);
    let mut states = state.files.iter().filter(|other| other.file_name == name);
    states.any(|other| {
        standing.rows(source_id, &other.sha256).loaded > 0
            && first_seen(other) > first_seen(file)
            && standing.day(source_id, other) == day
    })
}

/// Whether files came together under a name before, so that none of it takes the place of another one anyway. To count again would
/// undo that, and, where the one that lies beside it is held night after night, make a release of each.
fn is_shared(name: &str, state: &SourceState) -> bool {
    let mut seen = BTreeSet::new();
    let mut of_name = state.files.iter().filter(|file| file.file_name == name);
    of_name.any(|file| !seen.insert(first_seen(file)))
}

/// Whether the files of a source are states of pages, each by its name.
pub(super) fn has_pages(source: &Source) -> bool {
    source.toml.kind == SourceKind::Page && source.toml.vintage == Vintage::Replace
}

/// Whether one file of a source stands for all before it.
pub(super) fn has_newest(source: &Source) -> bool {
    is_replaced(source) || source.toml.kind == SourceKind::Reference
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use esf_engine::release::{Publication, ReleaseDraft, SourceState, Warehouse};
    use esf_engine::store::Store;
    use serde_json::Value;

    use super::*;
    use crate::run::made;
    use crate::snapshot::{self, SnapshotError, in_memory};

    const DAY: &str = "2020-01-01";
    const LIST: &str = "kind = \"operations\"\n";
    const PAGE: &str = "kind = \"page\"\n";

    fn source(more: &str) -> Source {
        made::source("made", &format!("files = [\"*.csv\"]\n{more}"))
    }

    fn file(source: &Arc<Source>, name: &str, bytes: &'static str) -> Found {
        Found::today(in_memory(
            source,
            name,
            Bytes::from_static(bytes.as_bytes()),
        ))
    }

    /// What becomes of these files of today, after such files came one after the other, each with its day.
    async fn after(
        more: &str,
        before: &[(&str, &'static str, Option<&str>)],
        today: &[(&str, &'static str)],
        in_folders: bool,
    ) -> Replaced {
        let mut catalogue = Catalogue::default();
        catalogue.insert(source(more));
        let source = Arc::clone(catalogue.get("made").unwrap());
        let mut state = SourceState {
            list_id: "made".to_owned(),
            ..SourceState::default()
        };
        for (number, &(name, bytes, day)) in (1_u64..).zip(before) {
            let mut behind = SourceFileState {
                sha256: file(&source, name, bytes).sha256().to_owned(),
                file_name: name.to_owned(),
                ..SourceFileState::default()
            };
            behind
                .extra
                .insert("first_seen".into(), Value::from(number));
            if let Some(day) = day {
                behind.extra.insert("published".into(), Value::from(day));
            }
            state.files.push(behind);
        }
        let files = state.files.iter();
        let standing = Standing::of_loaded("made", files.map(|file| file.sha256.as_str()));
        let mut draft = ReleaseDraft::new(None, "made", "test");
        draft.sources.insert("made".to_owned(), state);
        let warehouse = Warehouse::new(Store::memory());
        let Publication::Published(release) = warehouse.publish(draft).await.unwrap() else {
            panic!("it is published");
        };
        let found: Vec<Found> = (today.iter())
            .map(|&(name, bytes)| file(&source, name, bytes))
            .collect();
        let masks = Masks::default();
        let in_folders = |_: &str| in_folders;
        replaced(&catalogue, &release, &standing, &found, &masks, &in_folders)
    }

    fn is_again(replaced: &Replaced) -> bool {
        replaced.again.len() == 1 && replaced.missing.is_empty()
    }

    fn is_missing(replaced: &Replaced) -> bool {
        replaced.again.is_empty() && replaced.missing.len() == 1
    }

    #[tokio::test]
    async fn bytes_that_lie_where_the_newest_lay_count_again() {
        for day in [None, Some(DAY)] {
            let before = [("l.csv", "a", day), ("l.csv", "b", day)];
            let back = after(LIST, &before, &[("l.csv", "a")], true).await;
            assert!(is_again(&back), "{back:?}");
            let days: Vec<Option<String>> = (back.again.values())
                .map(|day| day.map(|day| day.to_string()))
                .collect();
            assert_eq!(days, [day.map(str::to_owned)]);
        }
        let reference = "kind = \"reference\"\n";
        let before = [("l.csv", "a", None), ("l.csv", "b", None)];
        let back = after(reference, &before, &[("l.csv", "a")], true).await;
        assert!(is_again(&back), "{back:?}");
        // Of several days the last stands, whatever lies there.
        let before = [
            ("l.csv", "a", Some("2019-01-01")),
            ("l.csv", "b", Some(DAY)),
        ];
        let back = after(LIST, &before, &[("l.csv", "a")], true).await;
        assert!(is_missing(&back), "{back:?}");
    }

    #[tokio::test]
    async fn an_older_file_says_nothing_new_because_the_newest_is_gone() {
        let before = [("old.csv", "a", None), ("new.csv", "b", None)];
        let gone = after(LIST, &before, &[("old.csv", "a")], true).await;
        assert!(is_missing(&gone), "{gone:?}");
        // Who is asked by address has only what is the newest.
        let asked = after(LIST, &before, &[("old.csv", "a")], false).await;
        assert!(is_again(&asked), "{asked:?}");
        for today in [
            &[("old.csv", "a"), ("new.csv", "b")][..],
            &[("old.csv", "a"), ("newer.csv", "c")][..],
            &[][..],
        ] {
            let none = after(LIST, &before, today, true).await;
            assert_eq!(none, Replaced::default(), "{today:?}");
        }
        let grows = format!("{LIST}vintage = \"extend\"\n");
        let grows = after(&grows, &before, &[("old.csv", "a")], true).await;
        assert_eq!(grows, Replaced::default());
    }

    /// The hashes of files that count again.
    fn hashes(replaced: &Replaced) -> BTreeSet<&str> {
        assert!(replaced.missing.is_empty(), "{replaced:?}");
        let keys = replaced.again.keys();
        keys.map(|(_, sha256)| sha256.as_str()).collect()
    }

    #[tokio::test]
    async fn each_page_goes_back_by_its_name() {
        let source = Arc::new(source(PAGE));
        let of = |bytes| file(&source, "x", bytes).sha256().to_owned();
        let before = [
            ("p.csv", "a", None),
            ("p.csv", "b", None),
            ("q.csv", "c", None),
        ];
        let back = after(PAGE, &before, &[("p.csv", "a"), ("q.csv", "c")], true).await;
        assert_eq!(hashes(&back), BTreeSet::from([of("a").as_str()]));
        for today in [
            &[("p.csv", "b"), ("q.csv", "c")][..],
            &[("p.csv", "d")][..],
            // Under another name it is no state of that page.
            &[("q.csv", "a")][..],
            &[][..],
        ] {
            let none = after(PAGE, &before, today, true).await;
            assert_eq!(none, Replaced::default(), "{today:?}");
        }
        // Who gives one takes it as the newest.
        let given = after(PAGE, &before, &[("p.csv", "b")], false).await;
        assert_eq!(hashes(&given), BTreeSet::from([of("b").as_str()]));
        let given = after(PAGE, &before, &[("q.csv", "c")], false).await;
        assert_eq!(given, Replaced::default());
        // Of several days the last stands.
        let before = [
            ("p.csv", "a", Some("2019-01-01")),
            ("p.csv", "b", Some(DAY)),
        ];
        let none = after(PAGE, &before, &[("p.csv", "a")], true).await;
        assert_eq!(none, Replaced::default());
        let grows = format!("{PAGE}vintage = \"extend\"\n");
        let before = [("p.csv", "a", None), ("p.csv", "b", None)];
        let none = after(&grows, &before, &[("p.csv", "a")], true).await;
        assert_eq!(none, Replaced::default());
    }

    #[tokio::test]
    async fn pages_that_lie_under_one_name_count_as_seen_together() {
        let source = Arc::new(source(PAGE));
        let of = |bytes| file(&source, "x", bytes).sha256().to_owned();
        let before = [("p.csv", "a", None)];
        let both = [("p.csv", "a"), ("p.csv", "b")];
        let together = after(PAGE, &before, &both, true).await;
        assert_eq!(hashes(&together), BTreeSet::from([of("a").as_str()]));
        let before = [("p.csv", "a", None), ("p.csv", "b", None)];
        let together = after(PAGE, &before, &both, true).await;
        let expected = [of("a"), of("b")];
        let expected: BTreeSet<&str> = expected.iter().map(String::as_str).collect();
        assert_eq!(hashes(&together), expected);
    }

    #[test]
    fn a_name_is_shared_where_files_came_together_under_it() {
        let state = |files: &[(&str, u64)]| {
            let files = files.iter().map(|&(name, night)| {
                let mut file = SourceFileState {
                    file_name: name.to_owned(),
                    ..SourceFileState::default()
                };
                file.extra.insert("first_seen".into(), Value::from(night));
                file
            });
            SourceState {
                files: files.collect(),
                ..SourceState::default()
            }
        };
        assert!(is_shared("p", &state(&[("p", 1), ("p", 1), ("p", 3)])));
        assert!(!is_shared("p", &state(&[("p", 1), ("p", 2), ("q", 2)])));
        assert!(!is_shared("p", &state(&[("q", 1), ("q", 1), ("p", 1)])));
    }

    #[tokio::test]
    async fn nothing_counts_again_where_the_newest_may_lie_and_cannot_be_read() {
        let source = Arc::new(source(LIST));
        let unreadable = || SnapshotError::Changed {
            path: "l_new.csv".to_owned(),
        };
        let of_file = snapshot::Unread {
            source,
            file_name: "l_new.csv".to_owned(),
            error: unreadable(),
        };
        let of_folder = Unread::new(Vec::new(), &[unreadable()], false);
        let of_file = Unread::new(vec![of_file], &[], false);
        let before = [("l.csv", "a", None), ("l.csv", "b", None)];
        for (unread, missing) in [(&of_file, 0), (&of_folder, 1)] {
            let mut back = after(LIST, &before, &[("l.csv", "a")], true).await;
            assert!(is_again(&back), "{back:?}");
            back.leave_unread(unread, &|_| true);
            assert!(back.again.is_empty(), "{back:?}");
            assert_eq!(back.missing.len(), missing, "{back:?}");
        }
        // What its publisher gave when asked is the newest, whatever lies in folders.
        let mut asked = after(LIST, &before, &[("l.csv", "a")], false).await;
        asked.leave_unread(&of_folder, &|_| false);
        assert!(is_again(&asked), "{asked:?}");
    }
}
