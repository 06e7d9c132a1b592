//! Parts of a list that grows, as the release before has them.
//!
//! Where newer files add to a list, the operations of all of them stand. A file that comes behind them changes nothing of a part
//! whose operations it does not name: not its rows, not what was found in it. So only these are read: the new files; the parts that
//! came last, for what was said of them when they were the newest is said no more; the last of all, which new ones are compared
//! with; and, where a new file names an operation again, the part whose row that has now, with those before it that may have said
//! what that one does not tell: since when it is as it is, or an amount that it leaves out. The rows of the others are taken over,
//! and the history as it was.
//!
//! Owns which parts these are (`parts`, `said`), when all files have to be read after all (`order`), and where the rows that are
//! taken over stand (`taken`). Does not own how rows of a release are read (`run::pack`), or lists whose older vintages are
//! replaced (`settled`). Invariant: the tables are those that all files give, and rows of operations stand in the same order.

mod order;
mod parts;
mod said;
mod taken;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use arrow::array::{Array, AsArray};
use arrow::datatypes::Date32Type;

pub(crate) use parts::Parts;

use super::published::overridden;
use super::rows::{Tables, batches, of_files, text};
use super::vintage::{Vintage, overlapping};
use super::{Behind, Failure, Part, References, assembled, rivals};
use crate::map::FileInput;
use taken::run_end;

/// The table whose rows stay whatever comes: only operations that a new file names get more of them.
const HISTORY: &str = "operation_history";

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
            let (sources, files) = of_files(batch)?;
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
        for (source_id, sha256) in overridden(&rows)? {
            let position = grown.parts.position(source_id, sha256)?;
            grown.overridden.insert(position);
        }
        for batch in batches(&rows, HISTORY) {
            let (sources, files) = of_files(batch)?;
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
}
