//! From mapped files to the core tables of one list: renditions, vintages, ids, organisations and regions.
//!
//! Owns one published list at a time, with all its formats and vintages, as a pure function of the files, the
//! declarations and the reference tables: the same inputs give the same rows in the same order, whatever runs beside
//! it. Tables that need all lists together are made in `run::shared`.
//!
//! Of one list this module owns the order of the steps and which files fail; one file on its way is a `part`, vintages
//! become tables in `assemble`, what is told of each file is made in `report`, and which older files need not be read again is
//! found in `settled` and, of a list that grows, in `grown`; both begin with the files that a release has `published`, and tell
//! what is known of operations `before` the others are read.

mod assemble;
mod before;
mod change;
mod country;
mod doubts;
mod grown;
pub mod history;
pub mod identity;
#[cfg(test)]
mod made;
pub mod operation;
mod organisation;
mod page;
mod part;
mod place;
mod published;
mod rendition;
mod repeated;
mod report;
pub mod rows;
mod settled;
mod statistic;
mod vintage;

use std::sync::Arc;

use arrow::array::StringArray;
use esf_schemas::Vocabulary;

pub use change::{Change, Exchange, Gone, Places, Ratios, Returning, Slips};
pub(crate) use grown::{Grown, Parts};
pub use part::Part;
pub(crate) use place::within;
pub(crate) use published::PublishedFile;
pub(crate) use repeated::WITH_HEADER;
pub use repeated::{Run, Twins};
pub use report::FileReport;
pub(crate) use settled::{Past, Settled, TABLES as SETTLED_TABLES};

use crate::map::{FileInput, MapError};
use crate::read::Limits;
use crate::region::Gazetteer;
use crate::source::{Source, SourceKind, Vintage as VintageKind};
use assemble::assemble;
use before::Before;
use part::{part, with_country};
use rows::Tables;
use statistic::FigureFile;
use vintage::{Dated, Vintage, overlapping, vintages};

/// Makes ready what the first list would otherwise wait for: word lists, legal forms, plans.
pub(crate) fn warm_up() {
    crate::map::warm_up();
    crate::organisation::normalise_column(&StringArray::from(vec!["Muster GmbH"]), "DE");
}

/// What single files are read and mapped with.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Labels of fields.
    pub vocabulary: &'static Vocabulary,
    /// Bounds on single files.
    pub limits: Limits,
    /// Whether declared row ranges hold; bundled samples are small on purpose.
    pub expect_rows: bool,
}

/// What lists are derived with.
#[derive(Debug, Clone)]
pub struct References {
    /// What their files are read with.
    pub reading: Reading,
    /// Places and regions.
    pub gazetteer: Arc<Gazetteer>,
}

/// One file of a list that could not be used; its source is held.
#[derive(Debug)]
pub struct Failure {
    /// The source.
    pub source_id: String,
    /// The file.
    pub file_name: String,
    /// Its hash.
    pub sha256: String,
    /// Why.
    pub error: MapError,
}

impl Failure {
    /// The program failed on this file, or on one that it was read with.
    pub(crate) fn of_panic(file: &FileInput) -> Self {
        let message = "the file made the program fail; please report it with the file's hash";
        Self::new(file, MapError::List(message.into()))
    }

    /// The tables of a list with this file are not what tables must be, though the file could be read; `told` says in
    /// which way ([`crate::check::told`]). A fault of the program or of declarations, and of this list alone.
    pub fn of_broken(file: &FileInput, told: &str) -> Self {
        let message = format!(
            "these rows break what must hold of every list ({told}); please report it with the file's hash"
        );
        Self::new(file, MapError::List(message))
    }

    /// All files of one source of which nobody can say which is the newest.
    fn rivals(files: &[&FileInput]) -> Vec<Self> {
        Self::each(files, MapError::rivals)
    }

    /// All pages that came together and contradict each other.
    fn contradicting(pages: &[&FileInput]) -> Vec<Self> {
        Self::each(pages, MapError::contradicting)
    }

    /// All of these files, each for an error that names them.
    fn each(files: &[&FileInput], error: impl Fn(&[&str]) -> MapError) -> Vec<Self> {
        let names: Vec<&str> = files.iter().map(|file| file.file_name.as_str()).collect();
        let fail = |file: &&FileInput| Self::new(file, error(&names));
        files.iter().map(fail).collect()
    }

    fn new(file: &FileInput, error: MapError) -> Self {
        Self {
            source_id: file.source.source_id.clone(),
            file_name: file.file_name.clone(),
            sha256: file.sha256.clone(),
            error,
        }
    }
}

/// The core tables of one list.
#[derive(Debug, Default)]
pub struct ListOutput {
    /// Rows by table, in the order of source, file and row.
    pub tables: Tables,
    /// What each file gave.
    pub reports: Vec<FileReport>,
}

/// Derives the core tables of one list from all its files: [`prepare`] for each, then [`put_together`].
///
/// Fails with every file that cannot be mapped, so that the caller can hold their sources and try again without them.
pub fn derive_list(
    files: Vec<FileInput>,
    references: &References,
) -> Result<ListOutput, Vec<Failure>> {
    let prepared = files
        .into_iter()
        .map(|file| prepare(file, &references.reading))
        .collect();
    put_together(prepared, references)
}

/// A file that was prepared, or why it could not be.
pub type Prepared = Result<PreparedFile, Box<Failure>>;

/// What [`prepare`] makes of a file.
pub enum PreparedFile {
    /// A file of a list.
    Part(Box<Part>),
    /// A page.
    Page(FileInput),
    /// A table of figures.
    Figures(Box<FigureFile>),
}

impl PreparedFile {
    /// Rows of a list that say the same as others of their file, where there are many.
    pub(crate) fn twins(&self) -> Option<Twins> {
        match self {
            Self::Part(part) => part.twins,
            Self::Page(_) | Self::Figures(_) => None,
        }
    }
}

/// Reads and maps one file, by itself: files of a list can be prepared side by side.
pub fn prepare(file: FileInput, reading: &Reading) -> Prepared {
    if file.source.toml.kind == SourceKind::Page {
        return Ok(PreparedFile::Page(file));
    }
    let prepared = if file.source.toml.kind == SourceKind::Statistics {
        statistic::figure_file(&file, reading).map(|f| PreparedFile::Figures(Box::new(f)))
    } else {
        part(&file, reading).map(|part| PreparedFile::Part(Box::new(part)))
    };
    match prepared {
        Ok(prepared) => Ok(prepared),
        Err(error) => Err(Box::new(Failure::new(&file, error))),
    }
}

/// The core tables of one list from all its prepared files.
pub fn put_together(
    prepared: Vec<Prepared>,
    references: &References,
) -> Result<ListOutput, Vec<Failure>> {
    match of_one_kind(prepared, references)? {
        Files::Figures(files) => statistic::derive_figures(files, references),
        Files::Pages(pages) => page::derive_pages(&pages, references),
        Files::Parts(parts) => {
            let rivals = |tied: Vec<usize>| rivals(&parts, tied);
            let grows = grows(parts.iter().map(|part| &*part.file.source));
            let order = vintages(&dated(&parts), grows).map_err(rivals)?;
            if let Some(tied) = overlapping(&order, |at| parts[at].ids.ids.iter().flatten()) {
                return Err(rivals(tied));
            }
            assembled(parts, &order, &Before::default(), references)
        }
    }
}

/// What a release has of files of a list, so that they are not read.
pub(crate) enum TakenOver {
    /// Older vintages, which others replaced.
    Replaced(Box<Settled>),
    /// Parts, which others added to.
    Grown(Box<Grown>),
}

impl TakenOver {
    /// Whether a file is not read.
    pub(crate) fn has(&self, source_id: &str, sha256: &str) -> bool {
        match self {
            Self::Replaced(settled) => settled.has(source_id, sha256),
            Self::Grown(grown) => grown.has(source_id, sha256),
        }
    }
}

/// What came of files that were read behind others that were not.
pub(crate) enum Behind {
    /// The tables.
    Made(ListOutput),
    /// More files have to be read: all but what is left here.
    Read(Option<Box<Grown>>),
}

/// The core tables of one list from the prepared files that were read of it, as [`put_together`] gives them from all; what
/// is `taken` over was not.
pub(crate) fn put_behind(
    taken: TakenOver,
    prepared: Vec<Prepared>,
    references: &References,
) -> Result<Behind, Vec<Failure>> {
    let files = of_one_kind(prepared, references)?;
    match taken {
        TakenOver::Replaced(settled) => {
            let output = behind_vintages(*settled, files, references)?;
            Ok(output.map_or(Behind::Read(None), Behind::Made))
        }
        TakenOver::Grown(grown) => match files {
            Files::Parts(parts) => grown.put_together(parts, references),
            Files::Pages(_) | Files::Figures(_) => Ok(Behind::Read(None)),
        },
    }
}

/// The tables of the newest vintages of a list, with what is settled of the older ones. `None` where these have to be read.
fn behind_vintages(
    settled: Settled,
    files: Files,
    references: &References,
) -> Result<Option<ListOutput>, Vec<Failure>> {
    let (mut output, files) = match files {
        Files::Pages(_) => return Ok(None),
        Files::Figures(figures) => {
            let order = settled.order(&statistic::dated(&figures));
            let order = order.map_err(|tied| statistic::rivals(&figures, tied))?;
            let Some(order) = order else {
                return Ok(None);
            };
            let files: Vec<FileInput> = figures.iter().map(|f| f.file.clone()).collect();
            (statistic::figures(figures, &order, references)?, files)
        }
        Files::Parts(parts) => {
            let order = settled.order(&dated(&parts));
            let Some(order) = order.map_err(|tied| rivals(&parts, tied))? else {
                return Ok(None);
            };
            let ids = parts.iter().flat_map(|part| part.ids.ids.iter().flatten());
            if settled.has_back(ids) {
                return Ok(None);
            }
            let files: Vec<FileInput> = parts.iter().map(|p| p.file.clone()).collect();
            let output = assembled(parts, &order, settled.before(), references)?;
            if settled.is_unclear(&output.tables) {
                return Ok(None);
            }
            (output, files)
        }
    };
    match settled.add_rows(&mut output) {
        Ok(()) => Ok(Some(output)),
        Err(error) => Err(all_failed(&files, &error.into())),
    }
}

/// The prepared files of a list, which are of one kind.
enum Files {
    Parts(Vec<Part>),
    Pages(Vec<FileInput>),
    Figures(Vec<FigureFile>),
}

/// Fails with what could not be prepared, and where a list has files of two kinds.
fn of_one_kind(prepared: Vec<Prepared>, references: &References) -> Result<Files, Vec<Failure>> {
    let (mut parts, mut pages, mut failures) = (Vec::new(), Vec::new(), Vec::new());
    let mut figures = Vec::new();
    for file in prepared {
        match file {
            Ok(PreparedFile::Part(part)) => match with_country(*part, references) {
                Ok(part) => parts.push(part),
                Err(failure) => failures.push(*failure),
            },
            Ok(PreparedFile::Page(page)) => pages.push(page),
            Ok(PreparedFile::Figures(file)) => figures.push(*file),
            Err(failure) => failures.push(*failure),
        }
    }
    if !failures.is_empty() {
        return Err(failures);
    }
    if parts.is_empty() && pages.is_empty() && !figures.is_empty() {
        return Ok(Files::Figures(figures));
    }
    if let Some(file) = figures.first() {
        let error = "the list has figures and operations; give one of them a list_id of its own";
        return Err(vec![Failure::new(&file.file, MapError::List(error.into()))]);
    }
    if let (Some(part), false) = (parts.first(), pages.is_empty()) {
        let error = "the list has a page and a table; give one of them a list_id of its own";
        return Err(vec![Failure::new(&part.file, MapError::List(error.into()))]);
    }
    Ok(if pages.is_empty() {
        Files::Parts(parts)
    } else {
        Files::Pages(pages)
    })
}

/// The tables of parts in the order of their vintages.
fn assembled(
    parts: Vec<Part>,
    order: &[Vintage],
    before: &Before,
    references: &References,
) -> Result<ListOutput, Vec<Failure>> {
    let files: Vec<FileInput> = parts.iter().map(|p| p.file.clone()).collect();
    assemble(parts, order, before, references).map_err(|error| all_failed(&files, &error))
}

/// What fails here is about the list as a whole, so that no single file can be left out.
fn all_failed(files: &[FileInput], error: &MapError) -> Vec<Failure> {
    let message = error.to_string();
    let fail = |file| Failure::new(file, MapError::List(message.clone()));
    files.iter().map(fail).collect()
}

/// The parts of which nobody can say which is the newest.
fn rivals(parts: &[Part], tied: Vec<usize>) -> Vec<Failure> {
    let files: Vec<&FileInput> = tied.into_iter().map(|at| &parts[at].file).collect();
    Failure::rivals(&files)
}

/// Whether files that came together are parts of their list: newer ones add to it, and it comes in one format alone, so that
/// no two of them can be renditions of each other.
fn grows<'a>(mut sources: impl Iterator<Item = &'a Source>) -> bool {
    sources.next().is_some_and(|first| {
        first.toml.vintage == VintageKind::Extend
            && sources.all(|other| other.source_id == first.source_id)
    })
}

fn dated(parts: &[Part]) -> Vec<Dated<'_>> {
    parts
        .iter()
        .map(|p| Dated::of(&p.file, p.mapped.published))
        .collect()
}
