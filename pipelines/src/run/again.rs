//! Files whose bytes a publisher went back to after others had taken their place: they are published again.
//!
//! Where nothing but the order of arrival decides, what lies where the newest file lay does (`replaced`). Where names say
//! when a list was published, the newest name of the bytes counts, if another file of the list lies between its date and
//! theirs. Without such a file the bytes stand anyway, and a publisher who puts the day into the name would make a release of
//! every night. A date that stands in the file itself comes with the bytes, and no name changes it. Pages whose names were given anew
//! among each other count under the names that they have now (`moved`).
//!
//! The publications before are kept beside the file ([`Issue`]): its operations were first published with the oldest.

use std::collections::{BTreeMap, BTreeSet};

use esf_engine::release::Release;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::control::LATEST;
use super::inputs::{Found, InputFile};
use super::replaced::has_pages;
use super::standing::{Standing, is_replaced};
use crate::map::{Issue, published_in_name};
use crate::night::{Night, date_in};
use crate::redaction::Masks;
use crate::source::Catalogue;

/// A source and the hash of one of its files.
pub(super) type Key = (String, String);

/// The files that were published again.
#[derive(Debug, Default)]
pub(super) struct Again {
    /// Those that lie there in place of the newest, with the date that both have, if they have one.
    pub back: BTreeMap<Key, Option<Date>>,
    /// Those that lie there under a newer name.
    pub renamed: BTreeMap<Key, Renamed>,
}

/// The name under which a file counts from now on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Renamed {
    name: String,
    /// When the same bytes were published before.
    before: Option<Date>,
}

impl Again {
    /// The name under which bytes count, if it is a new one.
    pub(super) fn name(&self, source_id: &str, sha256: &str) -> Option<String> {
        let renamed = self.renamed.get(&(source_id.to_owned(), sha256.to_owned()));
        renamed.map(|renamed| renamed.name.clone())
    }

    /// Lets a file that was published again count as first seen in the release `next`, under its newer name.
    pub(super) fn apply(&self, file: &mut InputFile, next: u64) {
        let key = (file.source.source_id.clone(), file.sha256.clone());
        let renamed = self.renamed.get(&key);
        if let Some(Renamed { name, before }) = renamed {
            let first_seen = file.first_seen;
            file.earlier.extend(before.map(|published| Issue {
                published,
                first_seen,
            }));
            file.formerly = Some(std::mem::replace(&mut file.file_name, name.clone()));
            // A date that was given with the file is that of the publication before.
            file.published = None;
        }
        let back = self.back.get(&key).filter(|_| renamed.is_none());
        if let Some(Some(published)) = back {
            // What came with it then stays a rendition of that publication.
            file.earlier.push(Issue {
                published: *published,
                first_seen: file.first_seen,
            });
        }
        if renamed.is_some() || back.is_some() {
            file.first_seen = next;
        }
    }
}

/// What is said of a file that counts under a newer name.
pub(super) fn told(formerly: &str) -> String {
    format!("it has the bytes of {formerly}, which are published again: the newer name counts")
}

/// The last date of a name that counts: that of the night which is made up for, or what passes for today.
pub(super) fn latest(night: Option<&Night>) -> Date {
    match night {
        Some(night) if night.caught_up => night.date,
        _ => tomorrow(night),
    }
}

/// The last date that passes for today, by the clock and in the time zone of the night.
pub(super) fn tomorrow(night: Option<&Night>) -> Date {
    let zone = night.map_or(TimeZone::UTC, |night| night.time_zone.clone());
    date_in(&zone, Timestamp::now()).saturating_add(LATEST.days())
}

/// A file of a list before it is read.
struct Dated {
    /// When it was published: in the release, or by its first name.
    published: Option<Date>,
    /// The newest of its names of tonight that have dates.
    tonight: Option<(Date, String)>,
}

impl Dated {
    fn dates(&self) -> impl Iterator<Item = Date> {
        let tonight = self.tonight.as_ref().map(|(date, _)| *date);
        self.published.into_iter().chain(tonight)
    }
}

/// The files that lie there under a newer name, where another file of the list was published in between. Names with a date
/// after `latest` do not count.
pub(super) fn renamed(
    catalogue: &Catalogue,
    previous: Option<&Release>,
    standing: &Standing,
    found: &[Found],
    masks: &Masks,
    latest: Date,
) -> BTreeMap<Key, Renamed> {
    let named = named_anew(previous, found, masks);
    let mut lists: BTreeMap<&str, BTreeMap<(&str, &str), Dated>> = BTreeMap::new();
    for (source_id, state) in previous.map(|p| &p.sources).into_iter().flatten() {
        // `inputs::revive` put the sources of earlier releases back into the catalogue.
        let Ok(source) = catalogue.get(source_id) else {
            continue;
        };
        if !named.contains(source.list_id()) {
            continue;
        }
        let list = lists.entry(source.list_id()).or_default();
        for file in &state.files {
            let dated = Dated {
                published: standing.published(source_id, &file.sha256),
                tonight: None,
            };
            list.insert((source_id.as_str(), file.sha256.as_str()), dated);
        }
    }
    let found = found.iter();
    for one in found.filter(|one| named.contains(one.source().list_id())) {
        let first = || published_in_name(one.source(), &masks.masked(one.file_name()));
        let list = lists.entry(one.source().list_id()).or_default();
        let key = (one.source_id(), one.sha256());
        let file = list.entry(key).or_insert_with(|| Dated {
            published: one.given().or_else(first),
            tonight: None,
        });
        file.tonight = newest_name(one, masks, latest);
    }
    let mut renamed = BTreeMap::new();
    for files in lists.values() {
        for (key, file) in files {
            let Some((date, name)) = &file.tonight else {
                continue;
            };
            let others = files.iter().filter(|(other, _)| *other != key);
            let mut dates = others.flat_map(|(_, other)| other.dates());
            if dates.any(|between| file.published < Some(between) && between < *date) {
                let counts = Renamed {
                    name: name.clone(),
                    before: file.published,
                };
                renamed.insert((key.0.to_owned(), key.1.to_owned()), counts);
            }
        }
    }
    renamed
}

/// The pages that lie there under another name alone, while one that is newer lies under theirs: where names are numbers that are
/// given anew with each page that comes in between, they are states of the page that has the number now. Under its old name each
/// would be gone, for what lies there now takes its place. Pages that only exchange their names stay as they are.
pub(super) fn moved(
    catalogue: &Catalogue,
    previous: Option<&Release>,
    found: &[Found],
    masks: &Masks,
) -> BTreeMap<Key, Renamed> {
    let sources = previous.map(|p| &p.sources).into_iter().flatten();
    let of_pages = sources.filter(|(id, _)| catalogue.get(id).is_ok_and(|one| has_pages(one)));
    // The name by which each is known.
    let mut known: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for (source_id, state) in of_pages {
        for file in &state.files {
            let key = (source_id.as_str(), file.sha256.as_str());
            known.insert(key, file.file_name.as_str());
        }
    }
    if known.is_empty() {
        return BTreeMap::new();
    }
    // What lies under each name tonight.
    let mut lying: BTreeMap<(&str, String), BTreeSet<&str>> = BTreeMap::new();
    for one in found {
        for name in one.names().map(|name| masks.masked(name)) {
            let of_name = lying.entry((one.source_id(), name)).or_default();
            of_name.insert(one.sha256());
        }
    }
    // By the name that each has left: its bytes, and the name that it has now.
    let mut leaving: BTreeMap<(&str, String), Vec<(&str, String)>> = BTreeMap::new();
    for one in found {
        let (source_id, sha256) = (one.source_id(), one.sha256());
        let Some(was) = known.get(&(source_id, sha256)) else {
            continue;
        };
        let is_left = one.names().all(|name| masks.masked(name) != *was);
        // Of several pages under one name none is the page of that name.
        let names = one.names().map(|name| (source_id, masks.masked(name)));
        let alone = names.filter(|name| lying.get(name).is_some_and(|pages| pages.len() == 1));
        if let Some((_, now)) = alone.min().filter(|_| is_left) {
            let left = leaving.entry((source_id, (*was).to_owned())).or_default();
            left.push((sha256, now));
        }
    }
    // The names whose pages give way: to what is new or stays under its name, then to those that give way themselves.
    let gives_way = |(source_id, name): &(&str, String)| {
        let of_name = lying.get(&(*source_id, name.clone()));
        of_name.into_iter().flatten().any(|sha256| {
            let was = known.get(&(*source_id, *sha256));
            was.is_none_or(|was| was == name)
        })
    };
    let mut names: Vec<(&str, String)> = leaving.keys().filter(|n| gives_way(n)).cloned().collect();
    let mut moved = BTreeMap::new();
    while let Some(name) = names.pop() {
        for (sha256, now) in leaving.remove(&name).into_iter().flatten() {
            names.push((name.0, now.clone()));
            let counts = Renamed {
                name: now,
                before: None,
            };
            moved.insert((name.0.to_owned(), sha256.to_owned()), counts);
        }
    }
    moved
}

/// The lists of which bytes lie under a name tonight that the release does not know them by. In the others nothing is newer than
/// it was, and no pattern need be compiled to read dates from their names: of a thousand sources that takes most of a night.
fn named_anew<'a>(
    previous: Option<&Release>,
    found: &'a [Found],
    masks: &Masks,
) -> BTreeSet<&'a str> {
    let is_known = |one: &Found| {
        let state = previous.and_then(|release| release.sources.get(one.source_id()));
        let mut files = state.into_iter().flat_map(|state| &state.files);
        let known = files.find(|file| file.sha256 == one.sha256());
        known.is_some_and(|known| (one.names()).all(|name| masks.masked(name) == known.file_name))
    };
    let new = found.iter().filter(|one| !is_known(one));
    new.map(|one| one.source().list_id()).collect()
}

/// The newest of the names that bytes lie under tonight, of those that have dates.
fn newest_name(one: &Found, masks: &Masks, latest: Date) -> Option<(Date, String)> {
    let source = one.source();
    // What somebody says of the date comes before the name.
    if one.given().is_some() || !is_replaced(source) {
        return None;
    }
    let names = one.names().map(|name| masks.masked(name));
    let dated = names.filter_map(|name| Some((published_in_name(source, &name)?, name)));
    dated.filter(|(date, _)| *date <= latest).max()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use jiff::civil::date;

    use super::*;
    use crate::run::made;
    use crate::snapshot::in_memory;
    use crate::source::Source;

    const BY_NAME: &str = "[published_date]\nfile_name = '_(\\d{4}-\\d{2}-\\d{2})'\n";

    fn source(more: &str) -> Arc<Source> {
        let declared = format!("kind = \"operations\"\nfiles = [\"a_*\"]\n{more}");
        Arc::new(made::source("made", &declared))
    }

    /// A file of these days of January 2020, each in a name of its own.
    fn of_days(source: &Arc<Source>, bytes: &'static str, days: &[u8]) -> Found {
        let mut names = days.iter().map(|day| format!("a_2020-01-{day:02}.csv"));
        let first = names.next().unwrap();
        let mut file = in_memory(source, &first, Bytes::from_static(bytes.as_bytes()));
        file.also = names.collect();
        Found::today(file)
    }

    /// The names that count from now on, each with the day of January before.
    fn counting(found: &[Found], latest: i8) -> Vec<(String, Option<i8>)> {
        let renamed = renamed(
            &Catalogue::default(),
            None,
            &Standing::default(),
            found,
            &Masks::default(),
            date(2020, 1, latest),
        );
        let mut names: Vec<_> = renamed
            .into_values()
            .map(|renamed| (renamed.name, renamed.before.map(jiff::civil::Date::day)))
            .collect();
        names.sort();
        names
    }

    fn name(day: u8, before: i8) -> (String, Option<i8>) {
        (format!("a_2020-01-{day:02}.csv"), Some(before))
    }

    #[test]
    fn the_newest_name_counts_where_another_file_lies_between() {
        let source = source(BY_NAME);
        let between = |days: &[u8]| {
            let found = [
                of_days(&source, "a", &[1, 3, 2]),
                of_days(&source, "b", days),
            ];
            counting(&found, 31)
        };
        assert_eq!(between(&[2]), [name(3, 1)]);
        for day in [1, 3, 4] {
            assert!(between(&[day]).is_empty(), "{day} is not in between");
        }
        assert_eq!(between(&[2, 4]), [name(3, 1), name(4, 2)]);
        assert!(counting(&[of_days(&source, "a", &[1, 3])], 31).is_empty());
    }

    #[test]
    fn a_name_with_a_date_that_is_still_to_come_does_not_count() {
        let source = source(BY_NAME);
        let found = [
            of_days(&source, "a", &[1, 4, 9]),
            of_days(&source, "b", &[2]),
        ];
        assert_eq!(counting(&found, 9), [name(9, 1)]);
        assert_eq!(counting(&found, 8), [name(4, 1)]);
        assert!(counting(&found, 3).is_empty());
    }

    #[test]
    fn names_count_where_the_source_says_so_and_a_newer_file_replaces_the_list() {
        let more = [
            String::new(),
            format!("vintage = \"extend\"\n{BY_NAME}"),
            format!("{BY_NAME}pattern = 'Stand: (\\S+)'\n"),
            format!("{BY_NAME}value = \"2020-01-02\"\n"),
        ];
        for more in more {
            let source = source(&more);
            let found = [of_days(&source, "a", &[1, 3]), of_days(&source, "b", &[2])];
            assert!(counting(&found, 31).is_empty(), "{more}");
        }
    }

    #[test]
    fn a_file_that_is_published_again_keeps_when_it_was_published_before() {
        let mut file = InputFile {
            first_seen: 2,
            published: Some(date(2020, 1, 1)),
            ..made::file(&source(BY_NAME), "a_2020-01-01.csv", "a")
        };
        let mut again = Again::default();
        let counts = Renamed {
            name: "a_2020-01-03.csv".to_owned(),
            before: Some(date(2020, 1, 1)),
        };
        let key = ("made".to_owned(), "a".to_owned());
        again.renamed.insert(key, counts);
        again.apply(&mut file, 5);
        assert_eq!(file.file_name, "a_2020-01-03.csv");
        assert_eq!((file.first_seen, file.published), (5, None));
        let before = Issue {
            published: date(2020, 1, 1),
            first_seen: 2,
        };
        assert_eq!(file.earlier, [before]);
        assert_eq!(file.formerly.as_deref(), Some("a_2020-01-01.csv"));
        assert_eq!(again.name("made", "a").as_deref(), Some("a_2020-01-03.csv"));
        assert_eq!(again.name("made", "b"), None);
    }

    #[test]
    fn a_file_that_is_put_back_on_its_day_counts_as_first_seen_now() {
        for published in [Some(date(2020, 1, 1)), None] {
            let mut file = InputFile {
                first_seen: 2,
                ..made::file(&source(BY_NAME), "a_2020-01-01.csv", "a")
            };
            let mut again = Again::default();
            let key = ("made".to_owned(), "a".to_owned());
            again.back.insert(key, published);
            again.apply(&mut file, 5);
            assert_eq!((file.first_seen, file.formerly), (5, None));
            let issues: Vec<(Date, u64)> = (file.earlier.iter())
                .map(|issue| (issue.published, issue.first_seen))
                .collect();
            let expected: Vec<(Date, u64)> = published.map(|day| (day, 2)).into_iter().collect();
            assert_eq!(issues, expected);
        }
    }
}
