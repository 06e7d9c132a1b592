//! Verifying a release: that every byte, row and reference it speaks of is still there.
//!
//! Owns the checks; deciding what a fault means (an exit code, a message) is the command's. Nothing is repaired.

mod file;
mod reference;
#[cfg(test)]
mod tests;

use futures::{StreamExt, stream};

use crate::{
    redact::raw_tombstone,
    release::{Release, ReleaseError, Warehouse, content_hash},
    session::{Access, SessionError, SessionOptions},
    store::StoreError,
};

/// How many files are hashed at once.
const FILES_AT_ONCE: usize = 4;

/// What is verified.
#[derive(Debug, Clone)]
pub struct VerifyOptions {
    /// The tables looked at.
    pub access: Access,
    /// Whether the published bytes and declarations are hashed too.
    pub raw: bool,
    /// Whether keys and references between tables are checked too, which reads all rows.
    pub references: bool,
    /// What the checks may use.
    pub session: SessionOptions,
}

impl Default for VerifyOptions {
    fn default() -> Self {
        Self {
            access: Access::Public,
            raw: true,
            references: true,
            session: SessionOptions::default(),
        }
    }
}

/// What was verified and what is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Files of tables.
    pub files: u64,
    /// Their rows.
    pub rows: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Published files and declarations.
    pub raw: u64,
    /// Those of them that a redaction took away.
    pub redacted: u64,
    /// What is wrong; nothing, if the release is sound.
    pub faults: Vec<Fault>,
}

/// Something wrong with a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The check: `document`, `file`, `rows`, `schema`, `raw`, `key` or `reference`; `denied`, where this user may not read what is
    /// to be checked.
    pub check: &'static str,
    /// The object or column.
    pub subject: String,
    /// What is wrong.
    pub message: String,
}

impl Fault {
    /// The check that was not made, because this user may not read what is to be checked.
    pub const DENIED: &'static str = "denied";

    /// That an object cannot be read: the fault of a check, or that this user may not.
    fn unread(check: &'static str, subject: &str, error: &StoreError) -> Self {
        Self {
            check: if error.is_denied() {
                Self::DENIED
            } else {
                check
            },
            subject: subject.to_owned(),
            message: error.to_string(),
        }
    }
}

/// An error that keeps a release from being verified at all.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// Its document cannot be read.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// No session over its tables can be made.
    #[error(transparent)]
    Session(#[from] SessionError),
}

/// Verifies a release: its document's content hash, the hash, rows and columns of every file that the access sees, the
/// raw bytes behind it, and keys and references. Faults are reported and do not stop it.
pub async fn verify(
    warehouse: &Warehouse,
    release: &Release,
    options: &VerifyOptions,
) -> Result<VerifyReport, VerifyError> {
    let mut report = VerifyReport::default();
    let found = content_hash(&warehouse.document(release.number).await?);
    if found != release.content_hash {
        let message = format!(
            "its content has the hash {found} instead of {}; it was altered",
            release.content_hash
        );
        report.faults.push(Fault {
            check: "document",
            subject: Release::path(release.number),
            message,
        });
    }
    let visible = release
        .files()
        .filter(|(_, table, _)| options.access.sees(table.visibility));
    let mut checks = stream::iter(visible)
        .map(|(_, table, data)| async move { (data, file::check(warehouse, table, data).await) })
        .buffered(FILES_AT_ONCE);
    while let Some((data, faults)) = checks.next().await {
        report.files += 1;
        report.rows += data.rows;
        report.bytes += data.bytes;
        report.faults.extend(faults);
    }
    if options.raw {
        check_raw(warehouse, release, &mut report).await;
    }
    report.faults = folded(report.faults);
    // Rows of damaged files cannot be compared.
    if options.references && report.faults.is_empty() {
        report
            .faults
            .extend(reference::check(warehouse, release, options).await?);
    }
    Ok(report)
}

/// The faults, with all that this user may not read as one of them: the first of these, which says how many there are.
fn folded(faults: Vec<Fault>) -> Vec<Fault> {
    let is_denied = |fault: &Fault| fault.check == Fault::DENIED;
    let (mut denied, mut others): (Vec<Fault>, Vec<Fault>) =
        faults.into_iter().partition(is_denied);
    let more = denied.len().saturating_sub(1);
    denied.truncate(1);
    if more > 0 {
        for first in &mut denied {
            first.message = format!("{}, and {more} more files likewise", first.message);
        }
    }
    others.append(&mut denied);
    others
}

async fn check_raw(warehouse: &Warehouse, release: &Release, report: &mut VerifyReport) {
    let sources = release.sources.values();
    let mut hashes: Vec<&String> = sources
        .flat_map(|source| {
            source
                .files
                .iter()
                .map(|file| &file.sha256)
                .chain(source.declarations.values())
        })
        .collect();
    hashes.sort_unstable();
    hashes.dedup();
    let mut checks = stream::iter(hashes)
        .map(|hash| async move { (hash, raw(warehouse, hash).await) })
        .buffered(FILES_AT_ONCE);
    while let Some((hash, found)) = checks.next().await {
        report.raw += 1;
        report.redacted += u64::from(matches!(found, Ok(Raw::Redacted)));
        if let Err(error) = found {
            report.faults.push(Fault::unread("raw", hash, &error));
        }
    }
}

/// How published bytes were found.
#[derive(Debug)]
enum Raw {
    Whole,
    Redacted,
}

/// Looks for published bytes; fails with what is wrong.
async fn raw(warehouse: &Warehouse, hash: &str) -> Result<Raw, StoreError> {
    let Err(error) = warehouse.store().get_raw(hash).await else {
        return Ok(Raw::Whole);
    };
    if matches!(error, StoreError::NotFound { .. })
        && let Ok(Some(_)) = raw_tombstone(warehouse.store(), hash).await
    {
        return Ok(Raw::Redacted);
    }
    Err(error)
}
