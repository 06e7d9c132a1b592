//! Older vintages of a list, as the release before has them.
//!
//! Where each vintage replaces the one before, those before the newest give no operations. What is left of them is what was
//! found in their files, and the states of operations that the vintage after each of them changed. Nothing of it changes as
//! long as every new file comes behind the newest one: then only the files of that one and the new ones are read, however many
//! there were before, and the rows of the others are taken over.
//!
//! Owns which files these are, what the others need to know of them (when operations were first published, since when they are
//! as they are), and when that is not known, so that all files have to be read after all. Does not own how rows of a release
//! are read (`run::pack`). Invariant: the tables are those that all files give.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::datatypes::Date32Type;
use arrow::error::ArrowError;
use jiff::civil::Date;

use super::ListOutput;
use super::rows::Tables;
use super::vintage::{Dated, Vintage, vintages};
use crate::map::{FileInput, days};
use crate::source::{Source, SourceKind, Vintage as VintageKind};

/// Why the rows of a vintage are left out that another one followed.
pub(super) const OLDER: &str = "older_vintage";

/// What the history says of an operation that the next vintage left out.
const GONE: &str = "gone";

/// Small tables in which a file has rows whose operations another one took the place of, or that other files add to.
pub(crate) const TABLES: [&str; 10] = [
    "operation_history",
    "operation_target",
    "source_file",
    "ignored_rows",
    "control_total",
    "quarantine",
    "finding",
    "restricted_source_file",
    "restricted_ignored_rows",
    "restricted_finding",
];

/// A file that a release stands on.
#[derive(Debug, Clone)]
pub(crate) struct PublishedFile {
    /// Its source.
    pub(crate) source: Arc<Source>,
    /// Its hash.
    pub(crate) sha256: String,
    /// When it was published, as the release says.
    pub(crate) published: Option<Date>,
    /// Number of the release in which it was first seen.
    pub(crate) first_seen: u64,
}

impl PublishedFile {
    /// Source and hash.
    pub(super) fn key(&self) -> (&str, &str) {
        (&self.source.source_id, &self.sha256)
    }

    /// What is known of its day.
    pub(super) fn dated(&self) -> Dated<'_> {
        Dated {
            source_id: &self.source.source_id,
            published: self.published,
            first_seen: self.first_seen,
            earlier: &[],
            rank: self.source.toml.rendition_rank,
        }
    }
}

/// The files of a list in a release: those of its newest vintage, and those that are settled.
#[derive(Debug)]
pub(crate) struct Past {
    /// Files of the vintages before the newest.
    files: Vec<PublishedFile>,
    /// The same by source and hash, each with the position of the vintage whose best file it is, if it is that.
    settled: HashMap<(String, String), Option<usize>>,
    /// The days of these vintages, the oldest first.
    days: Vec<Option<i32>>,
    /// The best file of the newest vintage.
    newest: PublishedFile,
    /// The day of the newest vintage.
    day: Option<i32>,
}

impl Past {
    /// Divides the files of a list, none of which was published more than once. `None` where no vintage is settled: there is
    /// only one, newer ones do not stand for the whole list, or nobody can tell their order.
    pub(crate) fn of(files: &[PublishedFile]) -> Option<Self> {
        let kind = files.first()?.source.toml.kind;
        let is_replaced = |file: &PublishedFile| {
            file.source.toml.kind == kind && file.source.toml.vintage == VintageKind::Replace
        };
        if !matches!(kind, SourceKind::Operations | SourceKind::Statistics)
            || !files.iter().all(is_replaced)
        {
            return None;
        }
        let dated: Vec<Dated<'_>> = files.iter().map(PublishedFile::dated).collect();
        let order = vintages(&dated, false).ok()?;
        let (newest, older) = order.split_last().filter(|(_, older)| !older.is_empty())?;
        let day = |vintage: &Vintage| vintage.published.map(days);
        let mut past = Self {
            files: Vec::new(),
            settled: HashMap::new(),
            days: older.iter().map(day).collect(),
            newest: files[*newest.files.first()?].clone(),
            day: day(newest),
        };
        for (position, vintage) in older.iter().enumerate() {
            for (rank, at) in vintage.files.iter().enumerate() {
                let file = files[*at].clone();
                let key = (file.source.source_id.clone(), file.sha256.clone());
                past.settled.insert(key, (rank == 0).then_some(position));
                past.files.push(file);
            }
        }
        Some(past)
    }

    /// Source and hash of each file that is settled.
    pub(crate) fn into_files(self) -> impl Iterator<Item = (String, String)> {
        self.settled.into_keys()
    }

    /// Whether a file is settled.
    pub(crate) fn has(&self, source_id: &str, sha256: &str) -> bool {
        let key = (source_id.to_owned(), sha256.to_owned());
        self.settled.contains_key(&key)
    }

    /// Source and hash of the file that the operations of the release are from.
    pub(crate) fn newest(&self) -> (&str, &str) {
        (&self.newest.source.source_id, &self.newest.sha256)
    }

    /// Positions of the vintages by source and hash of their best files.
    fn vintages(&self) -> HashMap<(&str, &str), usize> {
        let files = self.settled.iter();
        let best = files.filter_map(|((source_id, sha256), vintage)| {
            Some(((source_id.as_str(), sha256.as_str()), (*vintage)?))
        });
        best.collect()
    }

    /// The day of the vintage behind one of the settled ones.
    fn day_behind(&self, vintage: usize) -> Option<i32> {
        let next = self.days.get(vintage + 1);
        next.map_or(self.day, |day| *day)
    }
}

/// What files that are not read say of the operations of those that are. Nothing where all are read.
#[derive(Debug, Default)]
pub(super) struct Before {
    /// The day on which each was first published.
    pub(super) firsts: HashMap<String, Option<i32>>,
    /// The day since which each is published as it is there.
    pub(super) since: HashMap<String, Option<i32>>,
    /// Operations of a list that grows whose rows are those of files that are not read.
    pub(super) elsewhere: HashSet<String>,
    /// Source and hash of the file whose row each operation of a list that grows has, of those that new files name.
    pub(super) stands: HashMap<String, (String, String)>,
    /// The release whose history of a list that grows is taken over; none where it is made of what is read.
    pub(super) release: Option<u64>,
}

impl Before {
    /// Whether what a file says of an operation is compared with what a later one says: as far as it stands, and not as a part of
    /// the history that is taken over.
    pub(super) fn compares(&self, file: &FileInput, id: &str) -> bool {
        let is_new = (self.release).is_none_or(|release| file.first_seen > release);
        let stands = self.stands.get(id);
        is_new
            || stands.is_some_and(|(source_id, sha256)| {
                *source_id == file.source.source_id && *sha256 == file.sha256
            })
    }
}

/// What a release says of the settled files of a list.
#[derive(Debug)]
pub(crate) struct Settled {
    past: Past,
    /// Number of the release: what is first seen in a later one is new.
    release: u64,
    /// The rows of the files.
    rows: Tables,
    before: Before,
    /// Operations of the newest vintage of which it is not known since when they are as they are: they were gone in between.
    unclear: HashSet<String>,
    /// Operations of settled vintages that the newest does not have.
    gone: HashSet<String>,
}

impl Settled {
    /// From the rows that release number `release` has of the settled files in [`TABLES`], and the ids and first days of the
    /// operations of the newest vintage, as they stand in `operation`. `None` where the rows do not say what they must.
    pub(crate) fn new(
        past: Past,
        release: u64,
        rows: Tables,
        operations: &[RecordBatch],
    ) -> Option<Self> {
        let mut settled = Self {
            past,
            release,
            rows,
            before: Before::default(),
            unclear: HashSet::new(),
            gone: HashSet::new(),
        };
        if settled.past.newest.source.toml.kind == SourceKind::Operations {
            settled.take_operations(operations)?;
            settled.take_history()?;
        }
        Some(settled)
    }

    /// When the operations of the newest vintage were first published.
    fn take_operations(&mut self, operations: &[RecordBatch]) -> Option<()> {
        for batch in operations {
            let ids = text(batch, "operation_id")?;
            let first = batch.column_by_name("first_published")?;
            let first = first.as_primitive_opt::<Date32Type>()?;
            let of_operations = ids.iter().zip(first.iter());
            let named = of_operations.filter_map(|(id, day)| Some((id?.to_owned(), day)));
            self.before.firsts.extend(named);
        }
        // Without operations it is no state that the next one could change.
        (!self.before.firsts.is_empty()).then_some(())
    }

    /// Since when these are as they are, and which operations are gone.
    fn take_history(&mut self) -> Option<()> {
        let past = &self.past;
        let vintages = past.vintages();
        let mut with_operations: HashSet<usize> = HashSet::new();
        for batch in batches(&self.rows, "ignored_rows") {
            let (sources, files) = (text(batch, "source_id")?, text(batch, "source_file")?);
            let reasons = text(batch, "reason")?;
            for row in (0..batch.num_rows()).filter(|row| reasons.value(*row) == OLDER) {
                with_operations.extend(vintages.get(&(sources.value(row), files.value(row))));
            }
        }
        // A vintage without operations is no state of them, so that what was before it goes on behind it.
        if with_operations.len() < past.days.len() {
            return None;
        }
        // The last vintage with a row of each operation, and whether it was gone behind it.
        let mut last: HashMap<&str, (usize, bool)> = HashMap::new();
        for batch in batches(&self.rows, "operation_history") {
            let (sources, files) = (text(batch, "source_id")?, text(batch, "source_file")?);
            let (ids, changed) = (
                text(batch, "operation_id")?,
                text(batch, "changed_columns")?,
            );
            for row in 0..batch.num_rows() {
                let vintage = vintages.get(&(sources.value(row), files.value(row)))?;
                let state = (*vintage, changed.value(row) == GONE);
                let of_operation = last.entry(ids.value(row)).or_insert(state);
                *of_operation = state.max(*of_operation);
            }
        }
        // Without a row it is as it was first published.
        self.before.since = self.before.firsts.clone();
        for (id, (vintage, was_gone)) in last {
            let stands = self.before.since.contains_key(id);
            match (stands, was_gone) {
                (true, true) => {
                    self.before.since.remove(id);
                    self.unclear.insert(id.to_owned());
                }
                (true, false) => {
                    let since = past.day_behind(vintage);
                    self.before.since.insert(id.to_owned(), since);
                }
                (false, true) => {
                    self.gone.insert(id.to_owned());
                }
                // What only changed would have to be there.
                (false, false) => return None,
            }
        }
        Some(())
    }

    /// Whether a file is settled, so that it is not read.
    pub(crate) fn has(&self, source_id: &str, sha256: &str) -> bool {
        self.past.has(source_id, sha256)
    }

    /// What the vintages that are read need to know of the others.
    pub(super) fn before(&self) -> &Before {
        &self.before
    }

    /// The vintages of the files that were read, the oldest first: the newest of the release, and new ones behind it. `None`
    /// where they are others, so that all files have to be read. Fails as [`vintages`] does.
    pub(super) fn order(&self, read: &[Dated<'_>]) -> Result<Option<Vec<Vintage>>, Vec<usize>> {
        let n = self.past.files.len();
        let settled = self.past.files.iter().map(PublishedFile::dated);
        let all: Vec<Dated<'_>> = settled.chain(read.iter().copied()).collect();
        let order = match vintages(&all, false) {
            Ok(order) => order,
            Err(tied) if tied.iter().any(|at| *at < n) => return Ok(None),
            Err(tied) => return Err(tied.into_iter().map(|at| at - n).collect()),
        };
        let Some(last) = order.get(self.past.days.len()..) else {
            return Ok(None);
        };
        let is_new = |at: &usize| *at >= n && all[*at].first_seen > self.release;
        let is_known = |at: &usize| *at >= n && !is_new(at);
        let is_as_expected = last.split_first().is_some_and(|(newest, behind)| {
            newest.files.iter().all(is_known)
                && !behind.is_empty()
                && behind
                    .iter()
                    .all(|vintage| vintage.files.iter().all(is_new))
        });
        let found: usize = last.iter().map(|vintage| vintage.files.len()).sum();
        if !is_as_expected || found != read.len() {
            return Ok(None);
        }
        let last = last.iter().map(|vintage| Vintage {
            files: vintage.files.iter().map(|at| at - n).collect(),
            ..vintage.clone()
        });
        Ok(Some(last.collect()))
    }

    /// Whether one of these operations of a new file comes back that was gone: findings of settled files may be about it, and
    /// it was published before.
    pub(super) fn has_back<'i>(&self, mut ids: impl Iterator<Item = &'i str>) -> bool {
        ids.any(|id| self.gone.contains(id))
    }

    /// Whether the history that was made of the files that were read speaks of an operation whose state may have begun earlier.
    pub(super) fn is_unclear(&self, made: &Tables) -> bool {
        let ids =
            batches(made, "operation_history").filter_map(|batch| text(batch, "operation_id"));
        let mut ids = ids.flat_map(|ids| ids.iter().flatten());
        ids.any(|id| self.unclear.contains(id))
    }

    /// Adds the rows of the settled files. Their findings name no operation that is gone.
    pub(super) fn add_rows(self, output: &mut ListOutput) -> Result<(), ArrowError> {
        let operations = batches(&output.tables, "operation");
        let ids = operations.filter_map(|batch| text(batch, "operation_id"));
        let ids: HashSet<String> = ids
            .flat_map(|ids| ids.iter().flatten().map(str::to_owned))
            .collect();
        for (table, mut rows) in self.rows {
            if table == "finding" {
                rows = rows
                    .iter()
                    .map(|batch| of_operations(batch, &ids))
                    .collect::<Result<_, _>>()?;
            }
            output.tables.entry(table).or_default().extend(rows);
        }
        Ok(())
    }
}

/// The batches of a table.
pub(super) fn batches<'t>(
    tables: &'t Tables,
    table: &str,
) -> impl Iterator<Item = &'t RecordBatch> {
    tables.get(table).into_iter().flatten()
}

/// A column of text.
pub(super) fn text<'b>(batch: &'b RecordBatch, name: &str) -> Option<&'b StringArray> {
    batch.column_by_name(name)?.as_string_opt::<i32>()
}

/// Rows that name an operation only where it is one of these.
fn of_operations(batch: &RecordBatch, ids: &HashSet<String>) -> Result<RecordBatch, ArrowError> {
    let schema = batch.schema();
    let Some((at, _)) = schema.column_with_name("operation_id") else {
        return Ok(batch.clone());
    };
    let named = batch.column(at).as_string::<i32>();
    let kept: StringArray = named
        .iter()
        .map(|id| id.filter(|id| ids.contains(*id)))
        .collect();
    let mut columns: Vec<ArrayRef> = batch.columns().to_vec();
    columns[at] = Arc::new(kept);
    RecordBatch::try_new(schema, columns)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use bytes::Bytes;

    use super::*;
    use crate::merge::made::{Numbers, Release, day, file, references, rows, source, told, whole};
    use crate::merge::{Behind, References, TakenOver, prepare, put_behind};
    use crate::read::Limits;
    use crate::run::sample_references;
    use crate::source::Catalogue;

    /// The tables with new files behind what a release has, and how many files were read for them; `None` where all have to be.
    fn behind(
        before: &Release,
        new: &[(FileInput, Option<Date>)],
        references: &References,
    ) -> Option<(Tables, usize)> {
        let past = Past::of(&before.published())?;
        let older: Vec<_> = past.settled.keys().cloned().collect();
        let of_older = TABLES.iter().map(|table| {
            let rows = rows(&before.tables, table, &older);
            ((*table).to_owned(), rows)
        });
        let of_older: Tables = of_older.filter(|(_, rows)| !rows.is_empty()).collect();
        let (source_id, sha256) = past.newest();
        let newest = [(source_id.to_owned(), sha256.to_owned())];
        let operations = rows(&before.tables, "operation", &newest);
        let settled = Settled::new(past, before.number, of_older, &operations)?;
        let files = before.files.iter().chain(new).map(|(file, _)| file);
        let read: Vec<&FileInput> = files
            .filter(|file| !settled.has(&file.source.source_id, &file.sha256))
            .collect();
        let n = read.len();
        let read = read.into_iter().cloned();
        let prepared = read
            .map(|file| prepare(file, &references.reading))
            .collect();
        let taken = TakenOver::Replaced(Box::new(settled));
        match put_behind(taken, prepared, references).unwrap() {
            Behind::Made(output) => Some((output.tables, n)),
            Behind::Read(left) => {
                assert!(left.is_none());
                None
            }
        }
    }

    /// A list of a few operations that change, leave, come and come back, as it is after each night.
    fn nights(seed: u64) -> Vec<Vec<(usize, u64)>> {
        let mut numbers = Numbers(seed);
        let mut operations: Vec<(bool, u64)> = (0..16).map(|n| (n < 10, 1000)).collect();
        let listed = |operations: &[(bool, u64)]| {
            let all = operations.iter().enumerate();
            let there = all.filter(|(_, (is_there, _))| *is_there);
            there.map(|(n, (_, euro))| (n, *euro)).collect()
        };
        let mut nights = vec![listed(&operations)];
        for _ in 1..12 {
            for (is_there, euro) in &mut operations {
                if *is_there {
                    if numbers.below(12) == 0 {
                        *is_there = false;
                    } else if numbers.below(4) == 0 {
                        *euro = 1000 + 100 * numbers.below(3);
                    }
                } else if numbers.below(24) == 0 {
                    *is_there = true;
                }
            }
            nights.push(listed(&operations));
        }
        nights
    }

    #[test]
    fn a_list_is_as_if_all_its_files_were_read() {
        let references = references();
        let source = source(1, "replace");
        for dated in [true, false] {
            let (mut taken, mut again, mut named) = (0, 0, 0);
            for seed in 1..9 {
                let mut release: Option<Release> = None;
                for (number, operations) in (1..).zip(nights(seed)) {
                    let new = [file(
                        &source,
                        number,
                        dated.then(|| day(number)),
                        &operations,
                    )];
                    let before = release
                        .as_ref()
                        .map_or(&[][..], |before| before.files.as_slice());
                    let all = whole(before, &new, &references);
                    let made = release
                        .as_ref()
                        .and_then(|before| behind(before, &new, &references));
                    if let Some((tables, read)) = made {
                        assert_eq!(told(&tables), told(&all.tables), "night {number} of {seed}");
                        assert_eq!(read, 2, "night {number} of {seed}");
                        let ids = batches(&tables, "finding").map(|b| text(b, "operation_id"));
                        named += ids
                            .map(|ids| ids.unwrap().iter().flatten().count())
                            .sum::<usize>();
                        taken += 1;
                    } else if number > 2 {
                        again += 1;
                    }
                    release = Some(all);
                }
            }
            // Where operations come back that were gone, all files tell since when they are as they are.
            assert!(taken > 60 && again > 5, "{taken} and {again}");
            assert!(named > 0, "no finding names an operation");
        }
    }

    #[test]
    fn both_renditions_of_the_newest_vintage_are_read() {
        let references = references();
        let sources = [source(1, "replace"), source(2, "replace")];
        let of_night = |number: u64| {
            let operations: Vec<(usize, u64)> = (0..6).map(|n| (n, 1000 + number)).collect();
            let [better, other] = &sources;
            let day = Some(day(number));
            // The other one lacks an operation.
            [
                file(better, number, day, &operations),
                file(other, number, day, &operations[1..]),
            ]
        };
        let mut release = whole(&[], &of_night(1), &references);
        for number in 2..6 {
            let new = of_night(number);
            let all = whole(&release.files, &new, &references);
            if number > 2 {
                let (tables, read) = behind(&release, &new, &references).unwrap();
                assert_eq!(told(&tables), told(&all.tables), "night {number}");
                assert_eq!(read, 4, "night {number}");
            }
            release = all;
        }
    }

    #[test]
    fn all_files_are_read_where_a_new_one_does_not_come_behind_the_newest() {
        let references = references();
        let sources = [source(1, "replace"), source(2, "replace")];
        let operations = [(1, 1000), (2, 1000)];
        let first = file(&sources[0], 1, Some(day(10)), &operations);
        let second = file(&sources[0], 2, Some(day(20)), &operations);
        let release = whole(&[first], &[second], &references);
        let new = |source: &Arc<Source>, on: u64| file(source, 3, Some(day(on)), &operations);
        assert!(behind(&release, &[new(&sources[0], 21)], &references).is_some());
        // A correction of the newest counts as newer, because it came later.
        assert!(behind(&release, &[new(&sources[0], 20)], &references).is_some());
        for older in [5, 10, 15] {
            assert!(
                behind(&release, &[new(&sources[0], older)], &references).is_none(),
                "{older}"
            );
        }
        // Other renditions of what stands already, alone or beside a newer file.
        for on in [10, 20] {
            let late = new(&sources[1], on);
            assert!(
                behind(&release, std::slice::from_ref(&late), &references).is_none(),
                "{on}"
            );
            let both = [new(&sources[0], 21), late];
            assert!(behind(&release, &both, &references).is_none(), "{on}");
        }
    }

    #[test]
    fn nothing_is_settled_where_there_is_one_vintage_or_newer_ones_only_add() {
        let published = |source: &Arc<Source>, number: u64| PublishedFile {
            source: Arc::clone(source),
            sha256: number.to_string(),
            published: Some(day(number)),
            first_seen: number,
        };
        let replaced = source(1, "replace");
        let files: Vec<_> = (1..4).map(|number| published(&replaced, number)).collect();
        let past = Past::of(&files).unwrap();
        assert_eq!(past.newest().1, "3");
        let has = |number: &str| past.has("made_1", number);
        assert_eq!(["1", "2", "3"].map(has), [true, true, false]);
        assert!(Past::of(&files[..1]).is_none());
        let grows = source(1, "extend");
        let files: Vec<_> = (1..4).map(|number| published(&grows, number)).collect();
        assert!(Past::of(&files).is_none());
        // Of two files that came together without a date nobody can say which is the newest.
        let tied = |sha256: &str| PublishedFile {
            sha256: sha256.to_owned(),
            published: None,
            ..published(&replaced, 1)
        };
        assert!(Past::of(&[tied("a"), tied("b"), published(&replaced, 2)]).is_none());
    }

    #[test]
    fn figures_of_older_vintages_are_settled_too() {
        let catalogue = Catalogue::embedded().unwrap();
        let references = sample_references(&catalogue, &Limits::default()).unwrap();
        let people = |source: &&Arc<Source>| {
            let declared = source.statistic.as_ref();
            declared.is_some_and(|declared| declared.table == "participant")
        };
        // What a newer file replaces, as files of people do not by their declaration.
        let mut source = Source::clone(catalogue.iter().find(people).unwrap());
        source.toml.vintage = VintageKind::Replace;
        let source = Arc::new(source);
        let of_night = |number: u64| {
            let mut text = "operation_id,programme_id,participant_id,region,entry_date,exit_date,sex,age,education,\
                            labour_status,disability,foreign_background,status_on_leaving,status_6_months\n"
                .to_owned();
            for person in 0..=number {
                writeln!(
                    text,
                    "a,,p{person},nowhere,2016-03-01,,f,30,isced_3_4,unemployed,no,no,,"
                )
                .unwrap();
            }
            let file = FileInput {
                source: Arc::clone(&source),
                file_name: format!("participant_{number}.csv"),
                sha256: format!("{number:064x}"),
                content: Bytes::from(text).into(),
                published: None,
                first_seen: number,
                earlier: Vec::new(),
            };
            [(file, None)]
        };
        let mut release = whole(&[], &of_night(1), &references);
        for number in 2..6 {
            let new = of_night(number);
            let all = whole(&release.files, &new, &references);
            if number > 2 {
                let (tables, read) = behind(&release, &new, &references).unwrap();
                assert_eq!(told(&tables), told(&all.tables), "night {number}");
                assert_eq!(read, 2, "night {number}");
            }
            release = all;
        }
    }
}
