//! Renditions and vintages: which files of a list say the same thing, and which says it last.
//!
//! Files with one published date are renditions of one vintage. A file without a date belongs to the dated vintage it
//! was first seen together with, else to the newest one there was. Vintages are ordered by date, never by arrival; only
//! where one source published the same date (or none) twice does the release in which a file was first seen decide,
//! and the caller says so in a finding (`by_arrival`).

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::check::{Doubt, Severity};
use crate::map::{FileInput, Issue};

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
}

/// Groups the files of a list into vintages, the oldest first. Fails with two files of one source that were first seen
/// together and state the same date or none: nobody can say which is newer.
pub(super) fn vintages(files: &[Dated<'_>]) -> Result<Vec<Vintage>, (usize, usize)> {
    let mut keyed: Vec<(Option<Date>, u64, usize)> = (0..files.len())
        .map(|index| (date_of(files, index), files[index].first_seen, index))
        .collect();
    keyed.sort_unstable();
    let mut vintages: Vec<Vintage> = Vec::new();
    // Sources of the last vintage, with the release in which each came.
    let mut sources: BTreeSet<(&str, u64)> = BTreeSet::new();
    for (published, first_seen, index) in keyed {
        let source_id = files[index].source_id;
        let same_date = vintages.last().is_some_and(|v| v.published == published);
        if same_date && sources.contains(&(source_id, first_seen)) {
            let twin = vintages
                .last()
                .and_then(|v| v.files.iter().find(|f| files[**f].source_id == source_id));
            return Err((twin.copied().unwrap_or(index), index));
        }
        let again = same_date && sources.iter().any(|(source, _)| *source == source_id);
        match vintages.last_mut() {
            Some(vintage) if same_date && !again => vintage.files.push(index),
            _ => {
                sources.clear();
                vintages.push(Vintage {
                    published,
                    files: vec![index],
                    by_arrival: again,
                });
            }
        }
        sources.insert((source_id, first_seen));
    }
    for vintage in &mut vintages {
        vintage
            .files
            .sort_by_key(|index| (files[*index].rank, *index));
    }
    Ok(vintages)
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
fn date_of(files: &[Dated<'_>], index: usize) -> Option<Date> {
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

    fn order(files: &[Dated<'_>]) -> Result<Vec<Vec<usize>>, (usize, usize)> {
        Ok(vintages(files)?.into_iter().map(|v| v.files).collect())
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
            let found = vintages(&files).unwrap();
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
        let found = vintages(&files).unwrap();
        let found: Vec<_> = found.into_iter().map(|v| (v.published, v.files)).collect();
        let expected = [
            (Some(date(2016, 1, 1)), vec![2]),
            (Some(date(2017, 1, 1)), vec![1, 3]),
            (Some(date(2018, 1, 1)), vec![0]),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn two_states_that_came_together_without_a_date_are_rivals() {
        let files = [file("xlsx", None, 3), file("xlsx", None, 3)];
        assert_eq!(order(&files), Err((0, 1)));
    }
}
