//! Renditions and vintages: which files of a list say the same thing, and which says it last.
//!
//! Files with one published date are renditions of one vintage. A file without a date belongs to the dated vintage it
//! was first seen together with. Vintages are ordered by date, never by arrival; only where no file of a list has a
//! date does the release in which it was first seen decide, and a finding says so.

use jiff::civil::Date;

/// What is known about one file of a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dated {
    /// Date of publication.
    pub published: Option<Date>,
    /// Number of the release in which the file was first seen.
    pub first_seen: u64,
    /// 1 is the better rendition.
    pub rank: u32,
}

/// Files (positions in the input) of one vintage, the best rendition first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Vintage {
    /// Date of publication, if any of its files states one.
    pub published: Option<Date>,
    /// Positions, by rank.
    pub files: Vec<usize>,
}

/// Groups the files of a list into vintages, the oldest first.
pub(super) fn vintages(files: &[Dated]) -> Vec<Vintage> {
    let date_of = |file: &Dated| {
        file.published.or_else(|| {
            let together = files.iter().filter(|f| f.first_seen == file.first_seen);
            together.filter_map(|f| f.published).max()
        })
    };
    let mut keyed: Vec<(Option<Date>, u64, u32, usize)> = files
        .iter()
        .enumerate()
        .map(|(index, file)| {
            let date = date_of(file);
            (
                date,
                if date.is_some() { 0 } else { file.first_seen },
                file.rank,
                index,
            )
        })
        .collect();
    keyed.sort_unstable();
    let mut vintages: Vec<Vintage> = Vec::new();
    let mut last = None;
    for (published, seen, _, index) in keyed {
        if last == Some((published, seen)) {
            if let Some(vintage) = vintages.last_mut() {
                vintage.files.push(index);
            }
        } else {
            vintages.push(Vintage {
                published,
                files: vec![index],
            });
            last = Some((published, seen));
        }
    }
    vintages
}

/// Two files of the same rank in one vintage contradict each other: nobody can say which is newer.
pub(super) fn rivals(vintage: &Vintage, files: &[Dated]) -> Option<(usize, usize)> {
    let pairs = vintage.files.windows(2).map(|pair| (pair[0], pair[1]));
    pairs.into_iter().find(|(a, b)| {
        files[*a].rank == files[*b].rank && files[*a].first_seen == files[*b].first_seen
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn file(published: Option<Date>, first_seen: u64, rank: u32) -> Dated {
        Dated {
            published,
            first_seen,
            rank,
        }
    }

    #[test]
    fn a_rendition_without_a_date_belongs_to_the_one_it_came_with() {
        let files = [file(None, 1, 2), file(Some(date(2016, 6, 30)), 1, 1)];
        assert_eq!(
            vintages(&files),
            [Vintage {
                published: Some(date(2016, 6, 30)),
                files: vec![1, 0]
            }]
        );
    }

    #[test]
    fn the_date_orders_vintages_whatever_came_first() {
        let files = [
            file(Some(date(2017, 1, 1)), 1, 1),
            file(Some(date(2016, 1, 1)), 2, 1),
        ];
        let order: Vec<_> = vintages(&files).into_iter().flat_map(|v| v.files).collect();
        assert_eq!(order, [1, 0]);
    }

    #[test]
    fn without_any_date_the_release_decides() {
        let files = [file(None, 7, 1), file(None, 3, 1)];
        let order: Vec<_> = vintages(&files).into_iter().flat_map(|v| v.files).collect();
        assert_eq!(order, [1, 0]);
        assert_eq!(rivals(&vintages(&files)[0], &files), None);
        let same = [file(None, 3, 1), file(None, 3, 1)];
        assert_eq!(rivals(&vintages(&same)[0], &same), Some((0, 1)));
    }
}
