//! Taking a person's data out of a warehouse: out of every release, out of the published bytes, and out of what later runs
//! write.
//!
//! Owns the record of a redaction (`redactions/<id>.json`, which later runs respect), what of a warehouse holds a text, and
//! the one rewriting of releases that there is. Does not own how a text is recognised: that is a [`Mask`], which the
//! pipelines make of a record.
//!
//! # In which order
//! New files of tables; the record, begun; a release of its own, which holds what the newest held, without the text; the
//! documents of all earlier releases; then, when nothing names them any more, Delta logs, published bytes, old files and
//! caches; texts in records of runs; the record, done. All steps give the same when they are taken again, so whoever finds a
//! record that was begun starts from the top ([`plan`], [`apply`]): the same command, or the next night. In a warehouse
//! without a release, where a first run kept bytes and published nothing, there is no release to make; what such a run
//! publishes later without knowing the record is looked through by the next.
//!
//! # That none is forgotten
//! Every release names the redactions that it and all before it are without ([`crate::release::Release::kept_out_by`]), and what
//! stands in place of published bytes names the one that took them. Whoever publishes looks for the records of all of them
//! ([`all_redactions`], [`redactions_of`]) and does nothing where one is not there. A record that the newest release does not name was
//! not known to whoever published it, such as an older program: the next run looks through everything again and takes out what
//! came back, under the same record and with another release of its own.
//!
//! # Against runs at work
//! There is no lock. The release of its own takes the next number, so a run that began before it finds itself overtaken
//! when it publishes, and what it read of the old state is never seen. A run reads the newest release first and the records
//! after it: whoever stands on that release knows the record, which was durable before. Published bytes that a run archived
//! meanwhile are looked for once that release stands, and by every run of the next day ([`sweep_late`]): what is overtaken
//! may still be archiving.
//!
//! Invariants:
//! - a reader sees each release whole, with the text or without it; a query that is at work on files being removed can fail;
//! - no file is removed while a document names it;
//! - the record holds salted hashes of the text, and never the text;
//! - an id that gives way to another does so in all tables and releases;
//! - names of sources and lists stay everywhere, since rows, documents and records are found by them.

mod apply;
mod cell;
mod document;
mod error;
mod file;
mod late;
mod plan;
mod raw;
mod rows;
#[cfg(test)]
mod tests;
mod text;

pub use apply::{Redacted, apply};
pub use cell::{Cell, held_rows};
pub use document::{
    ChangedFile, ChangedRelease, FOLDER, Owner, Redaction, Term, all_redactions, keep, redactions,
    redactions_of,
};
pub use error::RedactError;
pub use late::sweep_late;
pub use plan::{Cells, Hit, Place, Plan, plan};
pub use raw::{RawTombstone, keep_out, let_in, raw_tombstone, redacted_raw, sweep_raw};
pub use rows::{MaskedRows, RowMask};

/// What stands in place of what was taken away.
pub const MARK: &str = "[redacted]";

/// The result of a redaction.
pub type Result<T, E = RedactError> = std::result::Result<T, E>;

/// Recognises what is to be taken away. Unless a mask says otherwise, texts go wherever they stand, and ids stay.
pub trait Mask: Send + Sync {
    /// The text with [`MARK`] for each part that must go; `None` if none must.
    fn mask(&self, text: &str) -> Option<String>;

    /// The text of a cell with [`MARK`] for each part that must go; `None` if none must. More goes than of a text that stands
    /// by itself: also what is kept out of the rows of one operation or organisation only.
    fn cell(&self, cell: &Cell<'_>) -> Option<String> {
        self.mask(cell.text)
    }

    /// Whether a cell stays though it holds a word that is kept out of the rows of others.
    fn spares(&self, _cell: &Cell<'_>) -> bool {
        false
    }

    /// Whether a cell keeps a word that is the surname of whom this is about, and may be of others: it is counted and stays.
    fn stands_alone(&self, _cell: &Cell<'_>) -> bool {
        false
    }

    /// The id in place of one that was made from what must go; `None` for all others.
    fn id(&self, _id: &str) -> Option<String> {
        None
    }

    /// What tells a text that must go from others, in tables of people whose keys must stay apart, without telling the text.
    fn token(&self, text: &str) -> String;

    /// Whether published bytes of a source hold what must go, whatever format they have. Where nobody knows the source, words
    /// that are kept out of the rows of one operation or organisation count as well.
    fn holds(&self, source: Option<&str>, bytes: &[u8]) -> bool;
}
