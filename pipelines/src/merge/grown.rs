//! Parts of a list that grows, as the release before has them.
//!
//! Where newer files add to a list, the operations of all of them stand. A file that comes behind them changes nothing of a part
//! whose operations it does not name: not its rows, not what was found in it. So only these are read: the new files; the parts that
//! came last, for what was said of them when they were the newest is said no more; the last of all, which new ones are compared
//! with; and, where a new file names an operation again, the part whose row that has now, with those before it that may have said
//! what that one does not tell: since when it is as it is, or an amount that it leaves out. The rows of the others are taken over,
//! and the history as it was.
//!
//! Owns which parts these are, and when all files have to be read after all. Does not own how rows of a release are read
//! (`run::pack`), or lists whose older vintages are replaced (`settled`). Invariant: the tables are those that all files give, and
//! rows of operations stand in the same order.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::datatypes::Date32Type;
use arrow::error::ArrowError;

use super::change::amounts;
use super::identity::second;
use super::rows::Tables;
use super::settled::{Before, OLDER, PublishedFile, batches, text};
use super::vintage::{Dated, Vintage, overlapping, vintages};
use super::{Behind, Failure, ListOutput, Part, References, assembled, dated, grows, rivals};
use crate::map::{FileInput, days};
use crate::source::{SourceKind, Vintage as VintageKind};

/// The table whose rows stay whatever comes: only operations that a new file names get more of them.
const HISTORY: &str = "operation_history";

/// The files of a list that grows in a release, and which of them are read again.
#[derive(Debug)]
pub(crate) struct Parts {
    files: Vec<PublishedFile>,
    /// Position of the vintage of each, by source and hash.
    positions: HashMap<(String, String), usize>,
    /// The days of the vintages, the oldest first.
    days: Vec<Option<i32>>,
    /// Positions of those that are read.
    read: BTreeSet<usize>,
}

impl Parts {
    /// Divides the files of a list, none of which was published more than once. `None` where all have to be read: all came last,
    /// newer ones do not only add to the list, or nobody can tell their order.
    pub(crate) fn of(files: &[PublishedFile]) -> Option<Self> {
        let is_part = |file: &PublishedFile| {
            let toml = &file.source.toml;
            toml.kind == SourceKind::Operations
                && toml.vintage == VintageKind::Extend
                && file.source.is_public()
        };
        if !files.iter().all(is_part) {
            return None;
        }
        let newest = files.iter().map(|file| file.first_seen).max()?;
        // Parts that came together are in this order where all are read.
        let mut files = files.to_vec();
        files.sort_by_cached_key(|file| {
            let source_id = file.source.source_id.clone();
            (source_id, file.first_seen, file.sha256.clone())
        });
        let all: Vec<Dated<'_>> = files.iter().map(PublishedFile::dated).collect();
        let order = vintages(&all, grows(files.iter().map(|file| &*file.source))).ok()?;
        let last = order.len().checked_sub(1)?;
        let mut positions = HashMap::new();
        let mut read = BTreeSet::from([last]);
        for (position, vintage) in order.iter().enumerate() {
            for file in vintage.files.iter().map(|at| &files[*at]) {
                let key = (file.source.source_id.clone(), file.sha256.clone());
                positions.insert(key, position);
                if file.first_seen == newest {
                    read.insert(position);
                }
            }
        }
        let days = order.iter().map(|vintage| vintage.published.map(days));
        let parts = Self {
            days: days.collect(),
            files,
            positions,
            read,
        };
        parts.is_one_settled().then_some(parts)
    }

    /// Source and hash of each file, also of those that are read.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(PublishedFile::key)
    }

    /// Whether a file is one of them, be it read or not.
    pub(crate) fn has(&self, source_id: &str, sha256: &str) -> bool {
        self.position(source_id, sha256).is_some()
    }

    fn position(&self, source_id: &str, sha256: &str) -> Option<usize> {
        let key = (source_id.to_owned(), sha256.to_owned());
        self.positions.get(&key).copied()
    }

    /// The position of the vintage of a file that is not read.
    fn settled(&self, source_id: &str, sha256: &str) -> Option<usize> {
        let position = self.position(source_id, sha256);
        position.filter(|position| !self.read.contains(position))
    }

    fn is_one_settled(&self) -> bool {
        self.read.len() < self.days.len()
    }
}

/// Where an operation stands.
#[derive(Debug, Clone, Copy)]
struct Standing {
    /// Position of the vintage whose rows it has: the last one that names it.
    position: usize,
    /// The day of the first one that does.
    first: Option<i32>,
    /// Position of the last vintage behind which it changed, if it did.
    changed: Option<usize>,
}

/// What a release says of the parts of a list that grows.
#[derive(Debug)]
pub(crate) struct Grown {
    parts: Parts,
    /// Number of the release: what is first seen in a later one is new.
    release: u64,
    /// The rows of all files.
    rows: Tables,
    /// Its operations.
    standing: HashMap<String, Standing>,
    /// Positions of the vintages with rows that a later one says again.
    overridden: BTreeSet<usize>,
}

impl Grown {
    /// From the rows that release number `release` has of all these files. `None` where they do not say what they must.
    pub(crate) fn new(parts: Parts, release: u64, rows: Tables) -> Option<Self> {
        let mut grown = Self {
            parts,
            release,
            rows: Tables::new(),
            standing: HashMap::new(),
            overridden: BTreeSet::new(),
        };
        for batch in batches(&rows, "operation") {
            let (sources, files) = (text(batch, "source_id")?, text(batch, "source_file")?);
            let ids = text(batch, "operation_id")?;
            let first = batch.column_by_name("first_published")?;
            let first = first.as_primitive_opt::<Date32Type>()?;
            let mut at = 0;
            while at < batch.num_rows() {
                let end = run_end(sources, files, at);
                let position = (grown.parts).position(sources.value(at), files.value(at))?;
                for row in at..end {
                    let first = first.is_valid(row).then(|| first.value(row));
                    let standing = Standing {
                        position,
                        first,
                        changed: None,
                    };
                    grown.standing.insert(ids.value(row).to_owned(), standing);
                }
                at = end;
            }
        }
        for batch in batches(&rows, "ignored_rows") {
            let (sources, files) = (text(batch, "source_id")?, text(batch, "source_file")?);
            let reasons = text(batch, "reason")?;
            for row in (0..batch.num_rows()).filter(|row| reasons.value(*row) == OLDER) {
                let position = (grown.parts).position(sources.value(row), files.value(row))?;
                grown.overridden.insert(position);
            }
        }
        for batch in batches(&rows, HISTORY) {
            let (sources, files) = keys(batch).ok()?;
            let ids = text(batch, "operation_id")?;
            for row in 0..batch.num_rows() {
                let position = (grown.parts).position(sources.value(row), files.value(row))?;
                let standing = grown.standing.get_mut(ids.value(row))?;
                standing.changed = standing.changed.max(Some(position));
            }
        }
        grown.rows = rows;
        Some(grown)
    }

    /// Whether a file is not read.
    pub(super) fn has(&self, source_id: &str, sha256: &str) -> bool {
        self.parts.settled(source_id, sha256).is_some()
    }

    /// The tables with the files that were read; which others have to be read for them where that is not enough.
    pub(super) fn put_together(
        mut self: Box<Self>,
        read: Vec<Part>,
        references: &References,
    ) -> Result<Behind, Vec<Failure>> {
        let order = self.order(&read).map_err(|tied| rivals(&read, tied))?;
        let Some(order) = order else {
            return Ok(Behind::Read(None));
        };
        let behind = order.get(self.parts.read.len()..).unwrap_or_default();
        let best = |vintage: &Vintage| read.get(*vintage.files.first()?);
        let new: Vec<&Part> = behind.iter().filter_map(best).collect();
        let old = self.parts.read.iter().copied().zip(&order);
        let old: BTreeMap<usize, &Part> = old
            .filter_map(|(position, vintage)| Some((position, best(vintage)?)))
            .collect();
        let said = self.said(&old, &new);
        if !said.is_empty() {
            self.parts.read.extend(said);
            let left = Some(self).filter(|grown| grown.parts.is_one_settled());
            return Ok(Behind::Read(left));
        }
        // Of the others it is known that they may stand together.
        if let Some(tied) = overlapping(behind, |at| read[at].ids.ids.iter().flatten()) {
            return Err(rivals(&read, tied));
        }
        let before = self.before(&old, &new);
        let files: Vec<FileInput> = read.iter().map(|part| part.file.clone()).collect();
        let mut output = assembled(read, &order, &before, references)?;
        match self.add_rows(&mut output) {
            Ok(()) => Ok(Behind::Made(output)),
            Err(error) => Err(super::all_failed(&files, &error.into())),
        }
    }

    /// The vintages of the files that were read, the oldest first. `None` where new ones are not a vintage each behind those that
    /// the release has, so that all files have to be read. Fails as [`vintages`] does.
    fn order(&self, read: &[Part]) -> Result<Option<Vec<Vintage>>, Vec<usize>> {
        let old = &self.parts.files;
        let days_read = dated(read);
        let of_read: HashMap<(&str, &str), usize> = (read.iter().enumerate())
            .map(|(at, part)| ((&*part.file.source.source_id, &*part.file.sha256), at))
            .collect();
        let is_unknown = |at: &usize| {
            let file = &read[*at].file;
            !self.parts.has(&file.source.source_id, &file.sha256)
        };
        let new: Vec<usize> = (0..read.len()).filter(is_unknown).collect();
        // Old files, read or not, and new ones behind them, each with its place among those that were read.
        let of_old = old.iter().map(|file| of_read.get(&file.key()).copied());
        let places: Vec<Option<usize>> = of_old.chain(new.iter().copied().map(Some)).collect();
        let all = old.iter().map(PublishedFile::dated);
        let all: Vec<Dated<'_>> = all.chain(new.iter().map(|at| days_read[*at])).collect();
        let sources = old.iter().map(|file| &*file.source);
        let grows = grows(sources.chain(read.iter().map(|part| &*part.file.source)));
        let order = match vintages(&all, grows) {
            Ok(order) => order,
            Err(tied) if tied.iter().any(|at| *at < old.len()) => return Ok(None),
            Err(tied) => return Err(tied.into_iter().filter_map(|at| places[at]).collect()),
        };
        let is_dated_so = |at: usize| {
            places[at].is_none_or(|place| days_read[place].published == all[at].published)
        };
        let (before, behind) = order.split_at(order.len().min(self.parts.days.len()));
        let is_as_before = before.iter().enumerate().all(|(position, vintage)| {
            let is_there = |at: &usize| {
                let file = old.get(*at).map(PublishedFile::key);
                let found =
                    file.and_then(|(source_id, sha256)| self.parts.position(source_id, sha256));
                found == Some(position) && is_dated_so(*at)
            };
            vintage.published.map(days) == self.parts.days[position]
                && vintage.files.iter().all(is_there)
        });
        let found: usize = before.iter().map(|vintage| vintage.files.len()).sum();
        let is_behind = |vintage: &Vintage| {
            let is_new = |at: &usize| *at >= old.len() && all[*at].first_seen > self.release;
            vintage.files.iter().all(is_new)
        };
        if !is_as_before || found != old.len() || behind.is_empty() || !behind.iter().all(is_behind)
        {
            return Ok(None);
        }
        let of_read = order.iter().filter_map(|vintage| {
            let files = vintage.files.iter().map(|at| places[*at]);
            Some(Vintage {
                files: files.collect::<Option<Vec<usize>>>()?,
                ..vintage.clone()
            })
        });
        let of_read: Vec<Vintage> = of_read.collect();
        // A vintage is read whole or not at all.
        Ok((of_read.len() == self.parts.read.len() + behind.len()).then_some(of_read))
    }

    /// The positions of vintages that are not read and have to be, for what the `new` files say of operations. `old` are the parts
    /// that were read, by position.
    fn said(&self, old: &BTreeMap<usize, &Part>, new: &[&Part]) -> BTreeSet<usize> {
        let known: BTreeMap<usize, _> = (old.iter())
            .map(|(position, part)| (*position, amounts(&[*part])))
            .collect();
        // Operations with an amount that the part which says them now does not have: an earlier one may.
        let now = amounts(new);
        let more = now.keys().filter(|key| {
            let standing = self.standing.get(key.0);
            let known = standing.and_then(|standing| known.get(&standing.position));
            known.is_some_and(|known| !known.contains_key(*key))
        });
        let more: HashSet<&str> = more.map(|key| key.0).collect();
        // Many have the same answer.
        let mut asked: BTreeSet<(usize, Option<usize>, Option<i32>, bool)> = BTreeSet::new();
        for id in new.iter().flat_map(|part| part.ids.ids.iter().flatten()) {
            let Some(standing) = self.standing.get(id) else {
                continue;
            };
            // Of equal operations of a part it matters whether one is among them.
            let whole = more.contains(id) || self.standing.contains_key(&second(id));
            asked.insert((standing.position, standing.changed, standing.first, whole));
        }
        let mut said = BTreeSet::new();
        for (last, changed, first, whole) in asked {
            said.insert(last);
            // Whoever named it before has a row that is overridden. It is as it is since the first of those behind its last change.
            let before = self.overridden.range(..last).copied();
            said.extend(before.filter(|position| {
                let is_behind = changed.is_some_and(|changed| *position > changed);
                self.parts.days[*position] >= first && (whole || is_behind)
            }));
        }
        said.retain(|position| !self.parts.read.contains(position));
        said
    }

    /// What the vintages that are read need to know of the others.
    fn before(&self, old: &BTreeMap<usize, &Part>, new: &[&Part]) -> Before {
        let mut before = Before {
            release: Some(self.release),
            ..Before::default()
        };
        for (id, standing) in &self.standing {
            if self.parts.read.contains(&standing.position) {
                before.firsts.insert(id.clone(), standing.first);
            } else {
                before.elsewhere.insert(id.clone());
            }
        }
        let named = new.iter().flat_map(|part| part.ids.ids.iter().flatten());
        let named: HashSet<&str> = named.collect();
        for (position, part) in old {
            for id in part.ids.ids.iter().flatten() {
                let Some(standing) = self.standing.get(id).filter(|_| named.contains(id)) else {
                    continue;
                };
                let since = match standing.changed {
                    None => Some(standing.first),
                    Some(changed) if changed < *position => Some(self.parts.days[*position]),
                    Some(_) => None,
                };
                // The oldest of them comes first.
                if let Some(since) = since {
                    before.since.entry(id.to_owned()).or_insert(since);
                }
                if standing.position == *position {
                    let file = &part.file;
                    let key = (file.source.source_id.clone(), file.sha256.clone());
                    before.stands.insert(id.to_owned(), key);
                }
            }
        }
        before
    }

    /// Adds the rows of the files that were not read, and all history that there was. The newest file comes first, as where all are
    /// read.
    fn add_rows(&self, output: &mut ListOutput) -> Result<(), ArrowError> {
        for (table, batches) in &self.rows {
            let of_table = output.tables.entry(table.clone()).or_default();
            if table == HISTORY {
                of_table.extend(batches.iter().cloned());
                continue;
            }
            let mut placed: Vec<(usize, RecordBatch)> = Vec::new();
            for batch in std::mem::take(of_table) {
                let (sources, files) = keys(&batch)?;
                if batch.num_rows() > 0 {
                    // Each batch is of one file, and what is not known is new.
                    let position = self.parts.position(sources.value(0), files.value(0));
                    placed.push((position.unwrap_or(usize::MAX), batch));
                }
            }
            for batch in batches {
                let (sources, files) = keys(batch)?;
                let mut at = 0;
                while at < batch.num_rows() {
                    let end = run_end(sources, files, at);
                    if let Some(position) = self.parts.settled(sources.value(at), files.value(at)) {
                        placed.push((position, batch.slice(at, end - at)));
                    }
                    at = end;
                }
            }
            placed.sort_by_key(|(position, _)| Reverse(*position));
            of_table.extend(placed.into_iter().map(|(_, batch)| batch));
        }
        output.tables.retain(|_, batches| !batches.is_empty());
        Ok(())
    }
}

/// Source and hash of the file of each row.
fn keys(batch: &RecordBatch) -> Result<(&StringArray, &StringArray), ArrowError> {
    let columns = text(batch, "source_id").zip(text(batch, "source_file"));
    columns.ok_or_else(|| ArrowError::SchemaError("rows do not say of which file they are".into()))
}

/// Where the rows of one file end.
fn run_end(sources: &StringArray, files: &StringArray, at: usize) -> usize {
    let (source, file) = (sources.value(at), files.value(at));
    let same = |row: &usize| sources.value(*row) == source && files.value(*row) == file;
    at + (at..sources.len()).take_while(same).count()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::compute::concat_batches;
    use bytes::Bytes;
    use jiff::civil::Date;

    use super::*;
    use crate::merge::made::{
        Numbers, Release, day, file, references, rows, source, told, told_in_order, whole,
    };
    use crate::merge::settled::TABLES;
    use crate::merge::{TakenOver, prepare, put_behind};

    /// Tables whose rows are written in the order in which they come.
    const STREAMED: [&str; 6] = [
        "operation",
        "operation_amount",
        "operation_fund",
        "operation_region",
        "operation_organisation",
        "organisation_name",
    ];

    /// A file with the day of its publication.
    type Dated = (FileInput, Option<Date>);

    /// What a release has of its files, each table in one piece.
    fn grown(before: &Release) -> Option<Grown> {
        let parts = Parts::of(&before.published())?;
        let owned = |(source_id, sha256): (&str, &str)| (source_id.to_owned(), sha256.to_owned());
        let files: Vec<(String, String)> = parts.files().map(owned).collect();
        let mut of_files = Tables::new();
        for table in TABLES.into_iter().chain(STREAMED) {
            let rows = rows(&before.tables, table, &files);
            if let Some(first) = rows.first() {
                let rows = concat_batches(&first.schema(), &rows).unwrap();
                of_files.insert(table.to_owned(), vec![rows]);
            }
        }
        Grown::new(parts, before.number, of_files)
    }

    /// The tables with new files behind what a release has, and how many files were read for them; `None` where all have to be.
    fn behind(before: &Release, new: &[Dated], references: &References) -> Option<(Tables, usize)> {
        let mut left = grown(before).map(Box::new);
        loop {
            let grown = left.take()?;
            let files = before.files.iter().chain(new).map(|(file, _)| file);
            let read: Vec<&FileInput> = files
                .filter(|file| !grown.has(&file.source.source_id, &file.sha256))
                .collect();
            let n = read.len();
            let read = read.into_iter().cloned();
            let prepared = read
                .map(|file| prepare(file, &references.reading))
                .collect();
            match put_behind(TakenOver::Grown(grown), prepared, references).unwrap() {
                Behind::Made(output) => return Some((output.tables, n)),
                Behind::Read(fewer) => left = fewer,
            }
        }
    }

    /// The rows of the tables that are not sorted when they are written.
    fn in_order(tables: &Tables) -> BTreeMap<String, Vec<String>> {
        let mut told = told_in_order(tables);
        told.retain(|table, _| STREAMED.contains(&table.as_str()));
        told
    }

    /// Fails where new files give other tables behind a release than with all its files; gives how many were read.
    fn read_for(
        before: &Release,
        new: &[Dated],
        all: &Release,
        references: &References,
    ) -> Option<usize> {
        let (tables, read) = behind(before, new, references)?;
        let night = all.number;
        assert_eq!(told(&tables), told(&all.tables), "night {night}");
        assert_eq!(in_order(&tables), in_order(&all.tables), "night {night}");
        Some(read)
    }

    /// A part of a list each night: new operations, some of them equal to others of the part, and often one of an earlier part.
    fn nights(seed: u64) -> Vec<Vec<(usize, u64)>> {
        let mut numbers = Numbers(seed);
        let mut known = 0;
        let mut nights = Vec::new();
        for _ in 0..14 {
            let mut part = Vec::new();
            if known > 0 && numbers.below(2) == 0 {
                let euro = [1000, 1100, 10_000][numbers.below(3) as usize];
                part.push((numbers.below(known) as usize, euro));
            }
            for _ in 0..=numbers.below(3) {
                part.push((known as usize, 1000));
                if numbers.below(4) == 0 {
                    part.push((known as usize, 1100));
                }
                known += 1;
            }
            nights.push(part);
        }
        nights
    }

    #[test]
    fn a_list_that_grows_is_as_if_all_its_files_were_read() {
        let references = references();
        let source = source(1, "extend");
        for dated in [true, false] {
            let (mut settled, mut said_again, mut changed) = (0, 0, 0);
            for seed in 1..9 {
                let mut release: Option<Release> = None;
                for (number, operations) in (1..).zip(nights(seed)) {
                    let day = dated.then(|| day(number));
                    let new = [file(&source, number, day, &operations)];
                    let before = release
                        .as_ref()
                        .map_or(&[][..], |before| before.files.as_slice());
                    let all = whole(before, &new, &references);
                    let read = release
                        .as_ref()
                        .and_then(|before| read_for(before, &new, &all, &references));
                    if let Some(read) = read {
                        settled += 1;
                        said_again += usize::from(read > 2);
                    }
                    let history = batches(&all.tables, HISTORY).map(RecordBatch::num_rows);
                    changed = changed.max(history.sum::<usize>());
                    release = Some(all);
                }
            }
            assert!(settled > 70 && said_again > 10, "{settled}, {said_again}");
            assert!(changed > 2, "few operations changed: {changed}");
        }
    }

    #[test]
    fn what_a_correction_changed_is_told_whatever_comes_behind_it() {
        let references = references();
        let source = source(1, "extend");
        let parts = [
            &[(1, 1000), (2, 1000)][..],
            &[(1, 1100)],
            &[(3, 1000)],
            &[(1, 1200)],
        ];
        let mut release = whole(
            &[],
            &[file(&source, 1, Some(day(1)), parts[0])],
            &references,
        );
        for (number, expected) in [(2_usize, 1), (3, 1), (4, 2)] {
            let at = number as u64;
            let new = [file(&source, at, Some(day(at)), parts[number - 1])];
            let all = whole(&release.files, &new, &references);
            let history = batches(&all.tables, HISTORY).map(RecordBatch::num_rows);
            assert_eq!(history.sum::<usize>(), expected, "night {number}");
            release = all;
        }
    }

    #[test]
    fn parts_that_came_last_and_those_that_may_say_the_same_are_read() {
        let references = references();
        let source = source(1, "extend");
        let part = |number: u64, operations: &[(usize, u64)]| {
            [file(&source, number, Some(day(number)), operations)]
        };
        // The second and the third one say again what the first one says, all others are new.
        let mut release = whole(&[], &part(1, &[(1, 1000), (2, 1000)]), &references);
        for (number, operation) in [(2, 1), (3, 1), (4, 4), (5, 5), (6, 6)] {
            let new = part(number, &[(operation, 1100)]);
            release = whole(&release.files, &new, &references);
        }
        // Beside the new one and the last one that which says the operation, and who may have said it first since it changed.
        for (operation, expected) in [(7, 2), (6, 2), (4, 3), (2, 3), (1, 4)] {
            let new = part(7, &[(operation, 1200)]);
            let all = whole(&release.files, &new, &references);
            let read = read_for(&release, &new, &all, &references);
            assert_eq!(read, Some(expected), "{operation}");
        }
        // Where all are named all are read.
        let new = part(7, &[(1, 1), (2, 1), (4, 1), (5, 1), (6, 1)]);
        assert!(behind(&release, &new, &references).is_none());
    }

    #[test]
    fn a_list_that_says_all_its_operations_again_is_read_like_one_that_is_replaced() {
        let references = references();
        let source = source(1, "extend");
        let of_night = |number: u64| {
            let operations: Vec<(usize, u64)> = (0..6).map(|n| (n, 1000 + number)).collect();
            [file(&source, number, Some(day(number)), &operations)]
        };
        let mut release = whole(&[], &of_night(1), &references);
        for number in 2..9 {
            let new = of_night(number);
            let all = whole(&release.files, &new, &references);
            let read = read_for(&release, &new, &all, &references);
            assert_eq!(read, (number > 2).then_some(2), "night {number}");
            release = all;
        }
    }

    #[test]
    fn an_amount_that_the_last_part_left_out_is_compared_with_the_one_that_has_it() {
        let references = references();
        let source = source(1, "extend");
        let with_eu = |number: u64, euro: u64| {
            let (plain, day) = file(&source, number, Some(day(number)), &[(1, 1000)]);
            let text = format!(
                "Begünstigter;Bezeichnung des Vorhabens;Beginn;Ende;Ort;Gesamtausgaben in EUR;EU-Betrag in EUR\n\
                 Verein 1 e.V.;Vorhaben 1;01.02.2016;31.12.2017;10115 Berlin;1000,00;{euro},00\n"
            );
            let content = Bytes::from(text).into();
            [(FileInput { content, ..plain }, day)]
        };
        let plain = |number: u64, operation: usize| {
            let operations = [(operation, 1000)];
            [file(&source, number, Some(day(number)), &operations)]
        };
        let mut release = whole(&with_eu(1, 50), &plain(2, 1), &references);
        for number in [3, 4] {
            release = whole(&release.files, &plain(number, 10), &references);
        }
        let new = with_eu(5, 500);
        let all = whole(&release.files, &new, &references);
        let is_told = |line: &String| line.contains("amount_tenfold");
        assert!(told(&all.tables)["finding"].iter().any(is_told));
        // Not the third one, which says something else.
        let read = read_for(&release, &new, &all, &references);
        assert_eq!(read, Some(4));
    }

    #[test]
    fn parts_that_came_together_are_parts_one_by_one() {
        let references = references();
        let source = source(1, "extend");
        let several = |number: u64, parts: &[&[(usize, u64)]]| -> Vec<Dated> {
            let parts = (1_u64..).zip(parts).map(|(place, operations)| {
                let (file, day) = file(&source, number, None, operations);
                let sha256 = format!("{place:064x}");
                let sha256 = format!("{number:x}{}", &sha256[1..]);
                (FileInput { sha256, ..file }, day)
            });
            parts.collect()
        };
        let first = several(1, &[&[(1, 1000)], &[(2, 1000)], &[(3, 1000)], &[(4, 1000)]]);
        let second = several(2, &[&[(5, 1000)], &[(3, 1100)]]);
        let release = whole(&first, &second, &references);
        for (new, expected) in [
            (several(3, &[&[(6, 1000)]]), 3),
            (several(3, &[&[(6, 1000)], &[(2, 1100)]]), 5),
            (several(3, &[&[(3, 1200)], &[(7, 1000)]]), 4),
        ] {
            let all = whole(&release.files, &new, &references);
            assert_eq!(read_for(&release, &new, &all, &references), Some(expected));
        }
        // Two that say the same are none, whatever was read of the others.
        let rivals = several(3, &[&[(6, 1000)], &[(6, 1100)]]);
        let read = release.files.iter().chain(&rivals).map(|(file, _)| file);
        let grown = grown(&release).unwrap();
        let read = read.filter(|file| !grown.has(&file.source.source_id, &file.sha256));
        let prepared = read
            .map(|file| prepare(file.clone(), &references.reading))
            .collect();
        let Err(failures) = put_behind(TakenOver::Grown(Box::new(grown)), prepared, &references)
        else {
            panic!("both were taken");
        };
        assert_eq!(failures.len(), 2);
    }

    #[test]
    fn both_renditions_of_a_part_are_read() {
        let references = references();
        let sources = [source(1, "extend"), source(2, "extend")];
        let of_night = |number: u64| {
            let own = number as usize;
            let operations = [(own, 1000), (100 + own, 1000), (1, 1000 + number)];
            let day = Some(day(number));
            // The other one lacks an operation, and has one that an earlier part has.
            [
                file(&sources[0], number, day, &operations[..2 + own % 2]),
                file(&sources[1], number, day, &operations[1..]),
            ]
        };
        let mut release = whole(&[], &of_night(2), &references);
        for number in 3..9 {
            let new = of_night(number);
            let all = whole(&release.files, &new, &references);
            let read = read_for(&release, &new, &all, &references);
            assert!(number < 6 || read.is_some(), "night {number}");
            assert!(read.is_none_or(|read| read % 2 == 0), "night {number}");
            release = all;
        }
    }

    #[test]
    fn all_files_are_read_where_a_new_one_does_not_come_behind_the_others() {
        let references = references();
        let sources = [source(1, "extend"), source(2, "extend")];
        let part = |source: &Arc<crate::source::Source>, number: u64, on: u64| {
            file(source, number, Some(day(on)), &[(number as usize, 1000)])
        };
        let first = [part(&sources[0], 1, 5), part(&sources[0], 2, 10)];
        let release = whole(&first, &[part(&sources[0], 3, 20)], &references);
        for on in [20, 21] {
            let new = [part(&sources[0], 4, on)];
            assert!(behind(&release, &new, &references).is_some(), "{on}");
        }
        for on in [1, 5, 10, 15] {
            let new = [part(&sources[0], 4, on)];
            assert!(behind(&release, &new, &references).is_none(), "{on}");
        }
        // Another rendition of what stands already.
        for on in [5, 20] {
            let late = part(&sources[1], 4, on);
            assert!(behind(&release, &[late], &references).is_none(), "{on}");
        }
    }

    #[test]
    fn nothing_is_settled_where_all_came_last_or_newer_ones_replace_older_ones() {
        let published = |source: &Arc<crate::source::Source>, number: u64| PublishedFile {
            source: Arc::clone(source),
            sha256: number.to_string(),
            published: Some(day(number)),
            first_seen: number,
        };
        let grows = source(1, "extend");
        let files: Vec<_> = (1..4).map(|number| published(&grows, number)).collect();
        let parts = Parts::of(&files).unwrap();
        assert!(
            ["1", "2", "3"]
                .iter()
                .all(|number| parts.has("made_1", number))
        );
        let settled = ["1", "2", "3"].map(|number| parts.settled("made_1", number));
        assert_eq!(settled, [Some(0), Some(1), None]);
        assert!(Parts::of(&files[..1]).is_none());
        let together = |number: u64| PublishedFile {
            first_seen: 1,
            ..published(&grows, number)
        };
        assert!(Parts::of(&[together(1), together(2), together(3)]).is_none());
        let replaced = source(1, "replace");
        let files: Vec<_> = (1..4).map(|number| published(&replaced, number)).collect();
        assert!(Parts::of(&files).is_none());
    }
}
