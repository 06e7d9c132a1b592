//! From mapped files to the core tables of one list: renditions, vintages, ids, organisations and regions.
//!
//! Owns one published list at a time, with all its formats and vintages, as a pure function of the files, the
//! declarations and the reference tables: the same inputs give the same rows in the same order, whatever runs beside
//! it. Tables that need all lists together are made in `derive`.

mod country;
pub mod history;
pub mod identity;
pub mod operation;
mod organisation;
pub(crate) use organisation::without_words_of;
mod page;
mod place;
mod rendition;
mod repeated;
pub mod rows;
mod statistic;
mod vintage;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, Date32Array, Int64Array, StringArray};
use esf_schemas::Vocabulary;
use jiff::civil::Date;

use crate::check::{
    Account, ControlTotal, Doubt, FileRef, PublishedTotal, Severity, doubt_rows, ignored_rows,
    total_rows, without_places,
};
use crate::map::{FileInput, MapError, Mapped, map_file};
use crate::read::Limits;
use crate::region::Gazetteer;
use crate::source::{SourceKind, Vintage as VintageKind};
use history::State;
use identity::{Ids, operation_ids};
use operation::{Loaded, push_operations};
use rows::{RowsError, Tables, push, same, table_rows};
use vintage::{Dated, Vintage, vintages};

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

    fn new(file: &FileInput, error: MapError) -> Self {
        Self {
            source_id: file.source.source_id.clone(),
            file_name: file.file_name.clone(),
            sha256: file.sha256.clone(),
            error,
        }
    }
}

/// What one file gave.
#[derive(Debug, Clone)]
pub struct FileReport {
    /// The source.
    pub source_id: String,
    /// The list.
    pub list_id: String,
    /// The file.
    pub file_name: String,
    /// Its hash.
    pub sha256: String,
    /// What became of its rows.
    pub account: Account,
    /// Sums of all data rows.
    pub totals: Vec<ControlTotal>,
    /// Sums that the publisher states.
    pub published_totals: Vec<PublishedTotal>,
    /// Operations with a region below the country, of all that it gave; none if it gave none.
    pub with_region: Option<(u64, u64)>,
    /// Number of findings.
    pub findings: u64,
    /// Rows that may be quarantined.
    pub expected_quarantine: u64,
    /// Date of publication.
    pub published: Option<Date>,
    /// The better rendition of the same vintage, whose rows are loaded in place of its own.
    pub rendition_of: Option<String>,
}

/// The core tables of one list.
#[derive(Debug, Default)]
pub struct ListOutput {
    /// Rows by table, in the order of source, file and row.
    pub tables: Tables,
    /// What each file gave.
    pub reports: Vec<FileReport>,
}

/// A file on its way through the list: mapped, its rows with their ids. A page is read later, because it is read with
/// the gazetteer.
pub struct Part {
    file: FileInput,
    mapped: Mapped,
    ids: Ids,
    bodies: Option<crate::organisation::Normalised>,
    /// The file of the better rendition, where there is one.
    rendition_of: Option<String>,
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
    Figures(Box<statistic::FigureFile>),
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
        return statistic::derive_figures(figures, references);
    }
    if let Some(file) = figures.first() {
        let error = "the list has figures and operations; give one of them a list_id of its own";
        return Err(vec![Failure::new(&file.file, MapError::List(error.into()))]);
    }
    if let (Some(part), false) = (parts.first(), pages.is_empty()) {
        let error = "the list has a page and a table; give one of them a list_id of its own";
        return Err(vec![Failure::new(&part.file, MapError::List(error.into()))]);
    }
    if !pages.is_empty() {
        return page::derive_pages(&pages, references);
    }
    let order = match vintages(&dated(&parts)) {
        Ok(order) => order,
        Err((a, b)) => {
            let rivals = [&parts[a].file, &parts[b].file];
            let error = || MapError::Rivals {
                first: rivals[0].file_name.clone(),
                second: rivals[1].file_name.clone(),
            };
            return Err(rivals.map(|file| Failure::new(file, error())).into());
        }
    };
    let files: Vec<FileInput> = parts.iter().map(|p| p.file.clone()).collect();
    // What fails here is about the list as a whole, so that no single file can be left out.
    assemble(parts, &order, references).map_err(|error| {
        let message = error.to_string();
        let fail = |file| Failure::new(file, MapError::List(message.clone()));
        files.iter().map(fail).collect()
    })
}

fn dated(parts: &[Part]) -> Vec<Dated<'_>> {
    parts
        .iter()
        .map(|p| Dated {
            source_id: &p.file.source.source_id,
            published: p.mapped.published,
            first_seen: p.file.first_seen,
            earlier: &p.file.earlier,
            rank: p.file.source.toml.rendition_rank,
        })
        .collect()
}

/// Maps a file of a source without a country once more, as one of the country in which its places are.
fn with_country(part: Part, references: &References) -> Result<Part, Box<Failure>> {
    let says_none = part.file.source.toml.country.is_none()
        && part.mapped.rows.column_by_name("country").is_none();
    let found = says_none.then(|| country::infer(&part.mapped, &references.gazetteer));
    let Some(country) = found.flatten() else {
        return Ok(part);
    };
    let mut source = (*part.file.source).clone();
    source.toml.country = Some(country.to_owned());
    let file = FileInput {
        source: Arc::new(source),
        ..part.file
    };
    let mut part = self::part(&file, &references.reading)
        .map_err(|error| Box::new(Failure::new(&file, error)))?;
    part.mapped.findings.push(Doubt::of_file(
        "inferred_country",
        Severity::Info,
        format!(
            "taken as a list of {country}, where its places are; declare country in source.toml"
        ),
    ));
    Ok(part)
}

/// Maps a file and gives its rows their ids.
fn part(file: &FileInput, reading: &Reading) -> Result<Part, MapError> {
    let mut mapped = map_file(file, reading.vocabulary, &reading.limits)?;
    if reading.expect_rows {
        expect_rows(file, mapped.account.data_rows())?;
    }
    if file.source.toml.pages_published_twice {
        repeated::drop_repeated_pages(&mut mapped)?;
    }
    let ids = ids(file, &mapped)?;
    let country = file.source.toml.country.as_deref().unwrap_or("");
    let bodies = organisation::beneficiaries(&mapped, country);
    if let Some(bodies) = &bodies {
        organisation::hide_persons(&mut mapped, bodies)?;
        organisation::hide_persons_in_doubts(&mut mapped, bodies);
        if bodies.contact_removed.true_count() > 0 {
            let present = mapped.contact_present.as_boolean();
            mapped.contact_present =
                Arc::new(arrow::compute::or(present, &bodies.contact_removed)?);
        }
    }
    Ok(Part {
        file: file.clone(),
        mapped,
        ids,
        bodies,
        rendition_of: None,
    })
}

/// Fails for a file with fewer or more rows than its source declares.
fn expect_rows(file: &FileInput, rows: u64) -> Result<(), MapError> {
    match file.source.toml.expected_rows {
        Some([least, most]) if rows < least || rows > most => {
            Err(MapError::RowRange { rows, least, most })
        }
        _ => Ok(()),
    }
}

fn ids(file: &FileInput, mapped: &Mapped) -> Result<Ids, MapError> {
    let column = |name: &str| mapped.rows.column_by_name(name).map(Arc::clone);
    let default = ["beneficiary_name", "title", "start_date"].map(String::from);
    let declared = &file.source.toml.identity;
    let fields: &[String] = if declared.is_empty() {
        &default
    } else {
        declared
    };
    let identity: Vec<ArrayRef> = fields.iter().filter_map(|f| column(f)).collect();
    let mut content: Vec<ArrayRef> = [
        "summary",
        "end_date",
        "amount_date",
        "place",
        "postcode",
        "support_scheme",
    ]
    .iter()
    .filter_map(|f| column(f))
    .collect();
    content.extend(
        mapped
            .amounts
            .iter()
            .map(|a| Arc::new(a.values.clone()) as ArrayRef),
    );
    let natural = mapped
        .rows
        .column_by_name("natural_id")
        .map(arrow::array::AsArray::as_string::<i32>);
    Ok(operation_ids(
        file.source.list_id(),
        mapped.rows.num_rows(),
        natural,
        &identity,
        &content,
    )?)
}

fn assemble(
    mut parts: Vec<Part>,
    order: &[Vintage],
    references: &References,
) -> Result<ListOutput, MapError> {
    for vintage in order.iter().filter(|v| v.by_arrival) {
        let finding = Doubt::of_file(
            "vintage_by_arrival",
            Severity::Warning,
            "an earlier file of the source has the same date of publication or none; this one counts as newer because it came later",
        );
        if let Some(best) = vintage.files.first() {
            parts[*best].mapped.findings.push(finding);
        }
    }
    for vintage in order {
        rendition::compare(&mut parts, vintage);
    }
    let replace = parts
        .first()
        .is_none_or(|p| p.file.source.toml.vintage == VintageKind::Replace);
    let spans = published_spans(&parts, order);
    let mut output = ListOutput::default();
    let mut states: Vec<State> = Vec::new();
    let mut with_region: HashMap<usize, (u64, u64)> = HashMap::new();
    let mut later: HashSet<String> = HashSet::new();
    for (position, vintage) in order.iter().enumerate().rev() {
        let Some(&best) = vintage.files.first() else {
            continue;
        };
        let newest = position + 1 == order.len();
        if !newest && !replace {
            // An extending vintage overrides what it repeats; the rest of the older ones stays.
            let ids = parts[best].ids.ids.iter();
            let overridden: Vec<bool> = ids
                .map(|id| id.is_some_and(|id| later.contains(id)))
                .collect();
            if overridden.contains(&true) {
                states.extend(state_of(&mut parts[best], vintage, &spans, references)?);
            }
            drop_rows(&mut parts[best], &overridden, "older_vintage")?;
        }
        if !replace {
            later.extend(parts[best].ids.ids.iter().flatten().map(str::to_string));
        }
        let mut tables = Tables::new();
        let coded = emit(&mut parts[best], &spans, references, &mut tables)?;
        let is_whole = replace || newest;
        if order.len() > 1
            && is_whole
            && let Some(state) = State::new(vintage.published.map(crate::map::days), &tables)?
        {
            states.push(state);
        }
        if newest || !replace {
            with_region.insert(best, coded);
            for (table, batches) in tables {
                output.tables.entry(table).or_default().extend(batches);
            }
        } else {
            let account = &mut parts[best].mapped.account;
            let loaded = std::mem::take(&mut account.loaded);
            account.ignore("older_vintage", loaded);
        }
    }
    states.reverse();
    history::push_history(&states, replace, &mut output.tables)?;
    if replace && order.len() > 1 {
        forget_gone(&mut parts, order);
    }
    for (index, part) in parts.iter().enumerate() {
        report(part, with_region.get(&index).copied(), &mut output)?;
    }
    output
        .reports
        .sort_by(|a, b| (&a.source_id, &a.file_name).cmp(&(&b.source_id, &b.file_name)));
    Ok(output)
}

/// What a vintage says of all its operations, also those that a later one says again.
fn state_of(
    part: &mut Part,
    vintage: &Vintage,
    spans: &Spans,
    references: &References,
) -> Result<Option<State>, MapError> {
    let findings = part.mapped.findings.clone();
    let mut tables = Tables::new();
    emit(part, spans, references, &mut tables)?;
    part.mapped.findings = findings;
    Ok(State::new(
        vintage.published.map(crate::map::days),
        &tables,
    )?)
}

/// Findings about older vintages keep the place they speak of, but name no operation that is gone.
fn forget_gone(parts: &mut [Part], order: &[Vintage]) {
    let newest = order.last().and_then(|vintage| vintage.files.first());
    let Some(newest) = newest.and_then(|at| parts.get(*at)) else {
        return;
    };
    let ids: HashSet<String> = newest.ids.ids.iter().flatten().map(str::to_owned).collect();
    for finding in parts.iter_mut().flat_map(|part| &mut part.mapped.findings) {
        finding.operation_id = finding.operation_id.take().filter(|id| ids.contains(id));
    }
}

/// First and last day on which each operation of the list was published.
type Spans = HashMap<String, Span>;

/// First and last day of publication, as days since 1970.
type Span = (Option<i32>, Option<i32>);

fn published_spans(parts: &[Part], order: &[Vintage]) -> Spans {
    let mut spans = Spans::new();
    let of_vintages = order.iter().filter_map(|vintage| {
        let best = *vintage.files.first()?;
        Some((vintage.published.map(crate::map::days), best))
    });
    let earlier = parts.iter().enumerate().flat_map(|(at, part)| {
        let issues = part.file.earlier.iter();
        issues.map(move |issue| (Some(crate::map::days(issue.published)), at))
    });
    let mut published: Vec<(Option<i32>, usize)> = of_vintages.chain(earlier).collect();
    if published.len() < 2 {
        return spans;
    }
    // Vintages are in the order of their dates already; sorting is stable.
    published.sort_by_key(|(day, _)| *day);
    for (day, at) in published {
        for id in parts[at].ids.ids.iter().flatten() {
            spans
                .entry(id.to_string())
                .and_modify(|span| span.1 = day)
                .or_insert((day, day));
        }
    }
    spans
}

/// Leaves marked rows out and counts them as ignored.
fn drop_rows(part: &mut Part, drop: &[bool], reason: &'static str) -> Result<(), MapError> {
    let keep: BooleanArray = drop.iter().map(|d| Some(!d)).collect();
    let dropped = drop.iter().filter(|d| **d).count() as u64;
    if dropped == 0 {
        return Ok(());
    }
    part.mapped.filter(&keep)?;
    let text = |array: &StringArray| -> Result<StringArray, arrow::error::ArrowError> {
        Ok(arrow::compute::filter(array, &keep)?.as_string().clone())
    };
    part.ids = Ids {
        ids: text(&part.ids.ids)?,
        basis: text(&part.ids.basis)?,
        repeated_natural: Vec::new(),
    };
    let country = part.file.source.toml.country.as_deref().unwrap_or("");
    part.bodies = organisation::beneficiaries(&part.mapped, country);
    part.mapped.account.loaded -= dropped;
    part.mapped.account.ignore(reason, dropped);
    Ok(())
}

/// Rows of all tables of the operations of one file; returns how many of them have a region.
fn emit(
    part: &mut Part,
    spans: &Spans,
    references: &References,
    tables: &mut Tables,
) -> Result<(u64, u64), MapError> {
    let n = part.mapped.rows.num_rows();
    let day = part.mapped.published.map(crate::map::days);
    let of = |pick: fn(&Span) -> Option<i32>| -> ArrayRef {
        if spans.is_empty() {
            return Arc::new(Date32Array::from(vec![day; n]));
        }
        Arc::new(
            part.ids
                .ids
                .iter()
                .map(|id| id.and_then(|id| spans.get(id)).map_or(day, pick))
                .collect::<Date32Array>(),
        )
    };
    let loaded = Loaded {
        file: &part.file,
        mapped: &part.mapped,
        ids: &part.ids,
        first_published: of(|s| s.0),
        last_published: of(|s| s.1),
        constants: Loaded::constants(&part.file, n),
    };
    let regions = place::regions(&loaded, &references.gazetteer)?;
    push_operations(&loaded, Arc::new(regions.main.clone()), tables)?;
    if let Some(rows) = regions.rows {
        push(tables, "operation_region", rows);
    }
    if let Some(bodies) = &part.bodies {
        organisation::push_beneficiaries(&loaded, bodies, regions.seat.as_ref(), tables)?;
    }
    let mut findings = regions.findings;
    for row in &part.ids.repeated_natural {
        findings.push(Doubt {
            row: Some(
                part.mapped
                    .row_numbers
                    .as_primitive::<arrow::datatypes::Int64Type>()
                    .value(*row),
            ),
            location: part
                .mapped
                .locations
                .as_string::<i32>()
                .value(*row)
                .to_string(),
            operation_id: Some(part.ids.ids.value(*row).to_string()),
            ..Doubt::of_file(
                "natural_id_repeated",
                Severity::Warning,
                "the natural id stands on an earlier row too; this row is an operation of its own",
            )
        });
    }
    part.mapped.findings.extend(findings);
    Ok((regions.coded, n as u64))
}

/// Accounting, control totals, findings and rejected rows of one file.
fn report(
    part: &Part,
    with_region: Option<(u64, u64)>,
    output: &mut ListOutput,
) -> Result<(), RowsError> {
    let (file, mapped) = (&part.file, &part.mapped);
    let doubts = FileDoubts {
        findings: &mapped.findings,
        quarantine: &mapped.quarantine,
        totals: &mapped.totals,
    };
    push_file(
        file,
        &mapped.account,
        &doubts,
        mapped.published,
        &mut output.tables,
    )?;
    output.reports.push(FileReport {
        source_id: file.source.source_id.clone(),
        list_id: file.source.list_id().to_string(),
        file_name: file.file_name.clone(),
        sha256: file.sha256.clone(),
        account: mapped.account.clone(),
        totals: mapped.totals.clone(),
        published_totals: mapped.published_totals.clone(),
        with_region,
        findings: mapped.findings.len() as u64,
        expected_quarantine: file.source.toml.expected_quarantine,
        published: mapped.published,
        rendition_of: part.rendition_of.clone(),
    });
    Ok(())
}

/// What is said about a file besides its rows.
struct FileDoubts<'a> {
    findings: &'a [Doubt],
    quarantine: &'a [Doubt],
    totals: &'a [ControlTotal],
}

/// Adds the rows about one file to the tables about files. Whatever counts the rows of a file of people, or says where they
/// stand, goes to restricted tables.
fn push_file(
    file: &FileInput,
    account: &Account,
    doubts: &FileDoubts<'_>,
    published: Option<Date>,
    tables: &mut Tables,
) -> Result<(), RowsError> {
    let of = FileRef {
        source_id: &file.source.source_id,
        source_file: &file.sha256,
    };
    let is_public = file.source.is_public();
    if is_public {
        let findings = doubt_rows("finding", of, doubts.findings)?;
        push(tables, "finding", findings);
        let ignored = ignored_rows("ignored_rows", of, account)?;
        push(tables, "ignored_rows", ignored);
    } else {
        let findings = doubt_rows("finding", of, &without_places(doubts.findings))?;
        push(tables, "finding", findings);
        push_restricted(file, of, account, doubts, tables)?;
    }
    push(
        tables,
        "quarantine",
        doubt_rows("quarantine", of, doubts.quarantine)?,
    );
    push(tables, "control_total", total_rows(of, doubts.totals)?);
    let toml = &file.source.toml;
    let mut columns = file_columns(of);
    columns.extend([
        ("list_id", same(Some(file.source.list_id()), 1)),
        ("file_name", same(Some(&file.file_name), 1)),
        (
            "published_date",
            Arc::new(Date32Array::from(vec![published.map(crate::map::days)])) as ArrayRef,
        ),
        ("rendition_rank", one(u64::from(toml.rendition_rank))),
        ("publisher", same(Some(&toml.publisher), 1)),
        ("licence", same(toml.licence.as_deref(), 1)),
        ("url", same(toml.url.as_deref(), 1)),
    ]);
    // What is not named is null: not known to whoever reads this.
    if is_public {
        columns.extend(sizes(file, account));
    }
    push(
        tables,
        "source_file",
        table_rows("source_file", 1, columns)?,
    );
    Ok(())
}

/// What only the restricted store may know of a file of people.
fn push_restricted(
    file: &FileInput,
    of: FileRef<'_>,
    account: &Account,
    doubts: &FileDoubts<'_>,
    tables: &mut Tables,
) -> Result<(), RowsError> {
    let findings = doubt_rows("restricted_finding", of, doubts.findings)?;
    push(tables, "restricted_finding", findings);
    let ignored = ignored_rows("restricted_ignored_rows", of, account)?;
    push(tables, "restricted_ignored_rows", ignored);
    let mut columns = file_columns(of);
    columns.extend(sizes(file, account));
    let row = table_rows("restricted_source_file", 1, columns)?;
    push(tables, "restricted_source_file", row);
    Ok(())
}

/// The columns that name a file in a row about it.
fn file_columns(of: FileRef<'_>) -> Vec<(&'static str, ArrayRef)> {
    vec![
        ("source_id", same(Some(of.source_id), 1)),
        ("source_file", same(Some(of.source_file), 1)),
        ("source_location", same(Some("file"), 1)),
    ]
}

/// How large a file is and what became of its rows.
fn sizes(file: &FileInput, account: &Account) -> [(&'static str, ArrayRef); 5] {
    [
        ("bytes", one(file.bytes.len() as u64)),
        ("rows_read", one(account.read)),
        ("rows_loaded", one(account.loaded)),
        ("rows_quarantined", one(account.quarantined)),
        ("rows_ignored", one(account.ignored_rows())),
    ]
}

/// A column of one number.
fn one(n: u64) -> ArrayRef {
    Arc::new(Int64Array::from(vec![n as i64]))
}
