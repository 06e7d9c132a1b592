//! Renditions and vintages: which files of a list say the same thing, and which says it last.
//!
//! Files with one published date are renditions of one vintage. A file without a date belongs to the dated vintage it
//! was first seen together with, else to the newest one there was. Vintages are ordered by date, never by arrival; only
//! where one source published the same date (or none) twice does the release in which a file was first seen decide,
//! and the caller says so in a finding (`by_arrival`). Where not even that tells files of one source apart, none of them
//! counts, unless the list is one that grows: there they are parts of it, which may not say the same row ([`overlapping`]).

use std::collections::HashSet;
use std::hash::Hash;

use jiff::civil::Date;

use crate::check::{Doubt, Severity};
use crate::map::{FileInput, Issue};

/// Why the rows of a vintage are left out that another one followed.
pub(super) const OLDER: &str = "older_vintage";

/// What is known about one file of a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dated<'a> {
    /// The source it belongs to.
    pub source_id: &'a str,
    /// Date of publication.
    pub published: Option<Date>,
    /// Number of the release in which the file was first seen.
    pub first_seen: u64,
    /// Earlier publications of the same bytes.
    pub earlier: &'a [Issue],
    /// 1 is the better rendition.
    pub rank: u32,
}

impl<'a> Dated<'a> {
    /// What is known about a file that was published on this day.
    pub(super) fn of(file: &'a FileInput, published: Option<Date>) -> Self {
        Self {
            source_id: &file.source.source_id,
            published,
            first_seen: file.first_seen,
            earlier: &file.earlier,
            rank: file.source.toml.rendition_rank,
        }
    }
}

/// Files (positions in the input) of one vintage, the best rendition first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Vintage {
    /// Date of publication, if any of its files states one.
    pub published: Option<Date>,
    /// Positions, by rank.
    pub files: Vec<usize>,
    /// Nothing but the order of releases says that it follows the vintage before it.
    pub by_arrival: bool,
    /// It came together with the vintage before it, and neither is newer: both are parts of a list that grows.
    pub together: bool,
}

/// Groups the files of a list into vintages, the oldest first. Where the list `grows`, files of its one source that were
/// first seen together are parts of it, a vintage each. Otherwise fails with all files of a source that were first seen
/// together and state the same date or none: nobody can say which is the newest.
pub(super) fn vintages(files: &[Dated<'_>], grows: bool) -> Result<Vec<Vintage>, Vec<usize>> {
    let mut keyed: Vec<(Option<Date>, u64, usize)> = (0..files.len())
        .map(|index| (date_of(files, index), files[index].first_seen, index))
        .collect();
    keyed.sort_unstable();
    let mut vintages: Vec<Vintage> = Vec::new();
    // What came together stays together: a source that comes again brings the others of its night along.
    for batch in keyed.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let indices = || batch.iter().map(|(_, _, index)| *index);
        let is_of_one = |a: usize, b: usize| files[a].source_id == files[b].source_id;
        let rivals =
            |index: &usize| indices().filter(|other| is_of_one(*index, *other)).count() > 1;
        let tied: Vec<usize> = indices().filter(rivals).collect();
        if !tied.is_empty() && !grows {
            return Err(tied);
        }
        let published = batch.first().and_then(|(published, _, _)| *published);
        let same_date = vintages
            .last_mut()
            .filter(|last| last.published == published);
        let again = same_date.as_ref().is_some_and(|last| {
            let mut old = last.files.iter();
            old.any(|old| indices().any(|new| is_of_one(*old, new)))
        });
        match same_date {
            Some(last) if !again && tied.is_empty() => last.files.extend(indices()),
            _ if tied.is_empty() => vintages.push(Vintage {
                published,
                files: indices().collect(),
                by_arrival: again,
                together: false,
            }),
            _ => vintages.extend(indices().enumerate().map(|(place, index)| Vintage {
                published,
                files: vec![index],
                by_arrival: again && place == 0,
                together: place > 0,
            })),
        }
    }
    for vintage in &mut vintages {
        vintage
            .files
            .sort_by_key(|index| (files[*index].rank, *index));
    }
    Ok(vintages)
}

/// Files that came together as parts of a list and are none: two of them say the same row, so that the order would matter.
/// All that came together, for nobody can say which of them is right; nothing where all parts add up.
pub(super) fn overlapping<K, R>(
    order: &[Vintage],
    rows_of: impl Fn(usize) -> R,
) -> Option<Vec<usize>>
where
    K: Eq + Hash,
    R: Iterator<Item = K>,
{
    for parts in order.chunk_by(|_, next| next.together) {
        let files: Vec<usize> = parts.iter().flat_map(|part| &part.files).copied().collect();
        if parts.len() < 2 {
            continue;
        }
        let mut said: HashSet<K> = HashSet::new();
        for file in &files {
            // What one file says twice is its own affair.
            let own: HashSet<K> = rows_of(*file).collect();
            if own.iter().any(|row| said.contains(row)) {
                return Some(files);
            }
            said.extend(own);
        }
    }
    None
}

/// What is said of a file of which nothing but the order of releases says that it is newer than the one before it.
pub(super) fn by_arrival() -> Doubt {
    Doubt::of_file(
        "vintage_by_arrival",
        Severity::Warning,
        "an earlier file of the source has the same date of publication or none; this one counts as newer because it came later",
    )
}

/// The date of a file: its own, that of the files it came with, or the newest there was when it came.
pub(super) fn date_of(files: &[Dated<'_>], index: usize) -> Option<Date> {
    let file = &files[index];
    let of = |with: &dyn Fn(u64) -> bool| {
        let all = files.iter().flat_map(publications);
        let of_these = all.filter(|(first_seen, _)| with(*first_seen));
        of_these.filter_map(|(_, published)| published).max()
    };
    file.published
        .or_else(|| of(&|first_seen| first_seen == file.first_seen))
        .or_else(|| of(&|first_seen| first_seen < file.first_seen))
}

/// The releases in which the bytes of a file came, each with the date of that publication.
fn publications(file: &Dated<'_>) -> impl Iterator<Item = (u64, Option<Date>)> {
    let earlier = file.earlier.iter();
    let earlier = earlier.map(|issue| (issue.first_seen, Some(issue.published)));
    earlier.chain([(file.first_seen, file.published)])
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn file(source_id: &str, published: Option<Date>, first_seen: u64) -> Dated<'_> {
        Dated {
            source_id,
            published,
            first_seen,
            earlier: &[],
            rank: u32::from(source_id == "csv") + 1,
        }
    }

    fn order(files: &[Dated<'_>]) -> Result<Vec<Vec<usize>>, Vec<usize>> {
        let order = vintages(files, false)?;
        Ok(order.into_iter().map(|v| v.files).collect())
    }

    #[test]
    fn a_rendition_without_a_date_belongs_to_the_one_it_came_with() {
        let files = [
            file("csv", None, 1),
            file("xlsx", Some(date(2016, 6, 30)), 1),
        ];
        assert_eq!(order(&files), Ok(vec![vec![1, 0]]));
    }

    #[test]
    fn the_date_orders_vintages_whatever_came_first() {
        let files = [
            file("xlsx", Some(date(2017, 1, 1)), 1),
            file("xlsx", Some(date(2016, 1, 1)), 2),
        ];
        assert_eq!(order(&files), Ok(vec![vec![1], vec![0]]));
    }

    #[test]
    fn a_new_issue_with_the_same_date_or_none_follows_the_old_one() {
        for day in [Some(date(2016, 6, 30)), None] {
            let files = [file("xlsx", day, 7), file("xlsx", day, 3)];
            let found = vintages(&files, false).unwrap();
            assert_eq!(found.iter().map(|v| v.files[0]).collect::<Vec<_>>(), [1, 0]);
            assert!(found[1].by_arrival);
        }
    }

    #[test]
    fn a_new_file_that_lost_its_date_is_not_older_than_the_dated_ones() {
        let files = [
            file("xlsx", Some(date(2016, 6, 30)), 1),
            file("xlsx", None, 2),
        ];
        assert_eq!(order(&files), Ok(vec![vec![0], vec![1]]));
    }

    #[test]
    fn a_rendition_stays_with_the_publication_it_came_with_when_that_comes_again() {
        let issue = Issue {
            published: date(2016, 1, 1),
            first_seen: 1,
        };
        let again = Dated {
            earlier: &[issue],
            ..file("xlsx", Some(date(2018, 1, 1)), 4)
        };
        let between = file("xlsx", Some(date(2017, 1, 1)), 2);
        let files = [again, between, file("csv", None, 1), file("csv", None, 3)];
        let found = vintages(&files, false).unwrap();
        let found: Vec<_> = found.into_iter().map(|v| (v.published, v.files)).collect();
        let expected = [
            (Some(date(2016, 1, 1)), vec![2]),
            (Some(date(2017, 1, 1)), vec![1, 3]),
            (Some(date(2018, 1, 1)), vec![0]),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn all_states_that_came_together_without_a_date_are_rivals() {
        for number in 2..6 {
            let mut files = vec![file("xlsx", None, 3); number];
            let all: Vec<usize> = (0..number).collect();
            assert_eq!(order(&files), Err(all.clone()));
            // What came on another night is none of them.
            files.push(file("xlsx", None, 1));
            assert_eq!(order(&files), Err(all));
        }
        let day = Some(date(2016, 6, 30));
        let files = [
            file("csv", None, 1),
            file("xlsx", day, 1),
            file("xlsx", day, 1),
        ];
        assert_eq!(order(&files), Err(vec![1, 2]));
    }

    #[test]
    fn renditions_that_came_together_stay_together_whatever_their_sources_are_called() {
        for (one, other) in [("csv", "xlsx"), ("xlsx", "csv")] {
            let mut files = vec![
                file(other, None, 1),
                file(one, None, 2),
                file(other, None, 2),
            ];
            files.sort_by_key(|file| (file.source_id, file.first_seen));
            let found = vintages(&files, false).unwrap();
            let together: Vec<usize> = found.iter().map(|v| v.files.len()).collect();
            assert_eq!(together, [1, 2], "{one}");
        }
    }

    #[test]
    fn of_a_list_that_grows_they_are_parts_and_may_not_say_the_same() {
        let files = [
            file("xlsx", None, 1),
            file("xlsx", None, 2),
            file("xlsx", None, 2),
            file("xlsx", None, 2),
        ];
        let parts = vintages(&files, true).unwrap();
        let shown = |v: &Vintage| (v.files.clone(), v.by_arrival, v.together);
        let expected = [
            (vec![0], false, false),
            (vec![1], true, false),
            (vec![2], false, true),
            (vec![3], false, true),
        ];
        assert_eq!(parts.iter().map(shown).collect::<Vec<_>>(), expected);
        let of = |rows: [&'static [u8]; 4]| overlapping(&parts, |file| rows[file].iter());
        // A later night may say again what an earlier one said, and a file its own row.
        assert_eq!(of([&[1, 2, 3], &[1, 1], &[2], &[3]]), None);
        assert_eq!(of([&[], &[1], &[2], &[3, 1]]), Some(vec![1, 2, 3]));
    }
}
