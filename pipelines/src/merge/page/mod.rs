//! Pages as rows of the core tables: the same tables and rules as for lists, one file a state of a page.
//!
//! A page is known by the name of its files. Its newest state that tells an operation takes the place of those before, and of
//! several pages about one operation the newest counts (`course`); what earlier ones said goes to `operation_history`. What one
//! file tells, and by what an operation is known, is found out in `told`.

mod course;
mod operation;
mod rows;
#[cfg(test)]
mod tests;
mod told;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use esf_schemas::Vocabulary;

use super::assemble::Span;
use super::history::{State, push_history};
use super::report::{FileDoubts, push_file};
use super::rows::{RowsError, Tables};
use super::vintage::OLDER;
use super::{FileReport, ListOutput, References};
use crate::check::{Account, ControlTotal, Doubt, Severity};
use crate::map::{FileInput, MapError, days};
use crate::page::{
    PageContext, PageInstrumentLabel, PageReading, PageRules, Place, PlaceResolver, read_page,
};
use crate::region::{Gazetteer, Query, Resolved};
use course::Course;
use operation::Page;
use rows::{Rows, Value, location, text};
use told::{Identified, Told};

/// Why an operation is left out that stands on the page, or on one that came with it, already.
const AGAIN: &str = "repeated_page";

/// Derives the core tables of a list of pages; of several pages about one operation the newest counts.
pub(super) fn derive_pages(
    files: &[FileInput],
    references: &References,
) -> Result<ListOutput, Vec<super::Failure>> {
    let mut read = Vec::new();
    let mut failures = Vec::new();
    for file in files {
        match read_file(file, references) {
            Ok(reading) => read.push((file, reading)),
            Err(error) => failures.push(super::Failure::new(file, error)),
        }
    }
    if !failures.is_empty() {
        return Err(failures);
    }
    let told = read.iter().map(|(file, reading)| Told::of(file, reading));
    let told = course::in_order(told.collect());
    let course = Course::of(&told);
    for rivals in course.rivals() {
        let rivals: Vec<&FileInput> = rivals.iter().map(|at| told[*at].file).collect();
        failures.extend(super::Failure::contradicting(&rivals));
    }
    if !failures.is_empty() {
        return Err(failures);
    }
    let mut pages = Pages {
        spans: spans(&told),
        told: &told,
        course: &course,
        references,
        states: BTreeMap::new(),
        labels: BTreeSet::new(),
        output: ListOutput::default(),
    };
    let failed = |at: usize, error: RowsError| -> Vec<super::Failure> {
        let of = told.get(at);
        let of = of.map(|one| super::Failure::new(one.file, MapError::Rows(error)));
        of.into_iter().collect()
    };
    // The newest first, so that a name of an instrument is not said again.
    for at in (0..told.len()).rev() {
        pages.emit(at).map_err(|error| failed(at, error))?;
    }
    let last = told.len().saturating_sub(1);
    pages.push_history().map_err(|error| failed(last, error))?;
    Ok(pages.output)
}

/// First and last day on which a page spoke of each operation.
fn spans(told: &[Told<'_>]) -> BTreeMap<String, Span> {
    let mut spans = BTreeMap::new();
    for one in told.iter().rev() {
        let day = one.published.map(days);
        for id in one.ids() {
            let span: &mut Span = spans.entry(id.to_owned()).or_insert((day, day));
            // The newest comes first.
            span.0 = day.or(span.0);
        }
    }
    spans
}

fn read_file(file: &FileInput, references: &References) -> Result<PageReading, MapError> {
    let _reading = tracing::info_span!("read", source = file.source.source_id).entered();
    let text = |name: &str| file.source.texts.get(name).map_or("", String::as_str);
    let rules = PageRules::parse(text("mapping.toml"), text("patterns.toml"))
        .map_err(|e| MapError::Page(Box::new(e)))?;
    let limits = &references.reading.limits;
    if let Some(readers) = &limits.readers {
        readers.try_page(&file.content, limits)?;
    }
    let vocabulary: &Vocabulary = references.reading.vocabulary;
    let label = |label: &str| vocabulary.find_known(label).map(|found| found.field);
    let context = PageContext {
        rules: &rules,
        label: &label,
        places: &PlacesOf(&references.gazetteer),
        country: file.source.toml.country.as_deref(),
        nuts_code: file.source.toml.nuts_code.as_deref(),
    };
    read_page(&file.content.bytes()?, &context).map_err(|e| MapError::Page(Box::new(e)))
}

/// The gazetteer as pages ask it: one code or none.
struct PlacesOf<'a>(&'a Gazetteer);

impl PlaceResolver for PlacesOf<'_> {
    fn place(&self, name: &str, country: &str) -> Option<String> {
        let asked = [
            Query {
                country,
                place: Some(name),
                ..Query::default()
            },
            Query {
                country,
                region: Some(name),
                ..Query::default()
            },
            Query {
                country,
                district: Some(name),
                ..Query::default()
            },
        ];
        asked.iter().find_map(|query| found(self.0.resolve(query)))
    }

    fn postcode(&self, code: &str, country: &str) -> Option<String> {
        found(self.0.resolve(&Query {
            country,
            postcode: Some(code),
            ..Query::default()
        }))
    }
}

fn found(resolved: Resolved) -> Option<String> {
    match resolved {
        Resolved::Found { nuts_code, .. } => Some(nuts_code),
        _ => None,
    }
}

/// Pages on their way into the tables.
struct Pages<'t> {
    told: &'t [Told<'t>],
    course: &'t Course,
    references: &'t References,
    /// First and last day on which a page spoke of each operation.
    spans: BTreeMap<String, Span>,
    /// The states of each operation that has several, by file.
    states: BTreeMap<String, HashMap<usize, State>>,
    /// Instrument labels that were said already.
    labels: BTreeSet<String>,
    output: ListOutput,
}

impl Pages<'_> {
    /// Adds what one file gives.
    fn emit(&mut self, at: usize) -> Result<(), RowsError> {
        let (told, course) = (self.told, self.course);
        let one = &told[at];
        let (file, reading) = (one.file, one.reading);
        let mut account = Account::default();
        let mut totals = Vec::new();
        let mut with_region = (0, 0);
        for identified in &one.operations {
            account.read += 1;
            let counting = course.counting(&identified.id);
            if counting != Some(at) {
                let is_state = course.steps(&identified.id).contains(&Some(at));
                account.ignore(if is_state { OLDER } else { AGAIN }, 1);
            }
            let Some((tables, has_region)) = self.operation(at, identified)? else {
                continue;
            };
            if counting != Some(at) {
                continue;
            }
            account.loaded += 1;
            with_region.0 += u64::from(has_region);
            with_region.1 += 1;
            for (table, batches) in tables {
                let of_table = self.output.tables.entry(table).or_default();
                of_table.extend(batches);
            }
            let amounts = identified.operation.amounts.iter();
            totals.extend(amounts.map(|amount| ControlTotal {
                amount_kind: amount.kind.clone(),
                currency: amount.currency.clone(),
                location: location(&amount.place),
                n: 1,
                total: amount.cents,
            }));
        }
        let again = one.again.len() as u64;
        account.read += again;
        account.ignore(AGAIN, again);
        for label in reading.instrument_labels() {
            account.read += 1;
            let key = format!(
                "{}|{}|{:?}|{:?}",
                label.instrument_id, label.label, label.nuts_code, label.valid_from
            );
            if !self.labels.insert(key) {
                account.ignore(OLDER, 1);
                continue;
            }
            account.loaded += 1;
            instrument_label(file, label, &mut self.output.tables)?;
        }
        if account.loaded > 0 {
            let unread = (reading.findings.iter()).filter(|finding| finding.is_amount_unread());
            account.amounts_unreadable = unread.count() as u64;
        }
        let mut findings = findings(reading);
        findings.extend(self.doubts(at));
        if account.read == 0 {
            account.read = 1;
            account.ignore("no_project", 1);
            findings.push(Doubt::of_file(
                "no_operation",
                Severity::Info,
                nothing_described(&reading.evidence),
            ));
        }
        push_file(
            file,
            &account,
            &FileDoubts {
                findings: &findings,
                of_regions: &[],
                quarantine: &[],
                totals: &totals,
            },
            one.published,
            &mut self.output.tables,
        )?;
        let after = course.after(at);
        self.output.reports.push(FileReport {
            totals,
            with_region: (with_region.1 > 0).then_some(with_region),
            change: after.map(|after| course::change(&told[after.before], one, course)),
            ..FileReport::new(file, account, &findings, one.published)
        });
        Ok(())
    }

    /// The rows of an operation, and whether it has a region of its own; nothing where the file is no state of it. Keeps the state
    /// where there are others.
    fn operation(
        &mut self,
        at: usize,
        identified: &Identified<'_>,
    ) -> Result<Option<(Tables, bool)>, RowsError> {
        let (told, course) = (self.told, self.course);
        let one = &told[at];
        let steps = course.steps(&identified.id);
        if !steps.contains(&Some(at)) {
            return Ok(None);
        }
        let day = one.published.map(days);
        let (operation, id) = (identified.operation, identified.id.as_str());
        let page = Page {
            file: one.file,
            reading: one.reading,
            id,
            published: self.spans.get(id).copied().unwrap_or((day, day)),
            gazetteer: &self.references.gazetteer,
        };
        let mut tables = Tables::new();
        let main = page.regions(operation, &mut tables)?;
        page.operation(operation, identified.basis, &main, &mut tables)?;
        page.amounts(&operation.amounts, &mut tables)?;
        page.organisations(operation, &mut tables)?;
        page.targets_and_funds(operation, &mut tables)?;
        if steps.len() > 1
            && let Some(state) = State::new(day, &tables)?
        {
            let of_operation = self.states.entry(id.to_owned()).or_default();
            of_operation.insert(at, state);
        }
        Ok(Some((tables, main.len() > 2)))
    }

    /// What is to be said of a file beside others.
    fn doubts(&self, at: usize) -> Vec<Doubt> {
        let one = &self.told[at];
        let mut doubts = Vec::new();
        if !one.again.is_empty() {
            doubts.push(Doubt::of_file(
                "operations_repeated",
                Severity::Warning,
                format!(
                    "{} of its operations stand there once more, word for word, in another table or block, and count once",
                    one.again.len()
                ),
            ));
        }
        let elsewhere = one
            .ids()
            .filter(|id| !self.course.steps(id).contains(&Some(at)));
        let (contradicted, elsewhere): (Vec<&str>, Vec<&str>) = elsewhere.partition(|id| {
            let counting = self.course.counting(id);
            counting.is_some_and(|counting| self.told[counting].contradicts(one, id))
        });
        if !contradicted.is_empty() {
            doubts.push(Doubt::of_file(
                "operations_contradicted",
                Severity::Warning,
                format!(
                    "{} of its operations stand on another page, which says other things of them and counts",
                    contradicted.len()
                ),
            ));
        }
        if !elsewhere.is_empty() {
            doubts.push(Doubt::of_file(
                "operations_elsewhere",
                Severity::Info,
                format!(
                    "{} of its operations stand on another page that came with it, which says nothing else of them, and count once",
                    elsewhere.len()
                ),
            ));
        }
        if one.is_shared {
            doubts.push(Doubt::of_file(
                "page_name_shared",
                Severity::Warning,
                "other pages lay under its name in one night, so that none of them takes the place of an earlier one; give each a name of its own",
            ));
        }
        if let Some(after) = self.course.after(at).filter(|after| after.gone > 0) {
            doubts.push(Doubt::of_file(
                "operations_gone",
                Severity::Info,
                format!(
                    "{} operations that the page told before are not on it any more; operation_history has them",
                    after.gone
                ),
            ));
        }
        doubts
    }

    /// Adds the earlier states of operations, those of operations that are gone among them.
    fn push_history(&mut self) -> Result<(), RowsError> {
        for (id, mut of_operation) in std::mem::take(&mut self.states) {
            let mut states: Vec<State> = Vec::new();
            for step in self.course.steps(&id) {
                let state = match step {
                    Some(at) => of_operation.remove(at),
                    None => states.last().map(State::without_operations),
                };
                states.extend(state);
            }
            push_history(&states, true, &HashMap::new(), &mut self.output.tables)?;
        }
        Ok(())
    }
}

/// That a page describes no operation, and what on it speaks for one or against it: each sign once, for every thing on the page
/// may have it.
fn nothing_described(evidence: &[String]) -> String {
    let mut signs: Vec<(&str, usize)> = Vec::new();
    for sign in evidence {
        match signs.iter_mut().find(|(known, _)| *known == sign.as_str()) {
            Some((_, times)) => *times += 1,
            None => signs.push((sign.as_str(), 1)),
        }
    }
    let told: Vec<String> = signs
        .into_iter()
        .map(|(sign, times)| match times {
            1 => sign.to_owned(),
            _ => format!("{sign} ({times} times)"),
        })
        .collect();
    let signs = if told.is_empty() {
        "nothing on it speaks of one".to_owned()
    } else {
        format!("there is {}", told.join(", "))
    };
    format!("the page describes no operation: {signs}")
}

fn instrument_label(
    file: &FileInput,
    label: &PageInstrumentLabel,
    tables: &mut Tables,
) -> Result<(), RowsError> {
    let precision = label
        .valid_from
        .as_ref()
        .or(label.valid_to.as_ref())
        .map(|d| d.precision.as_str().to_string());
    let day = |d: &Option<crate::page::PageDate>| Value::Day(d.as_ref().map(|d| days(d.date)));
    let mut rows = Rows::new(file);
    rows.add(
        &label.place,
        [
            ("instrument_id", text(&label.instrument_id)),
            ("label", text(&label.label)),
            ("nuts_code", Value::Text(label.nuts_code.clone())),
            ("valid_from", day(&label.valid_from)),
            ("valid_to", day(&label.valid_to)),
            ("precision", Value::Text(precision)),
        ],
    );
    rows.push("instrument_label", tables)
}
fn findings(reading: &PageReading) -> Vec<Doubt> {
    let doubt = |rule: &str,
                 severity: &str,
                 field: Option<String>,
                 value: Option<String>,
                 message: &str,
                 place: &Place| Doubt {
        row: Some(i64::from(place.line)),
        location: location(place),
        column: field,
        value,
        ..Doubt::named(
            rule,
            if severity == "warning" {
                Severity::Warning
            } else {
                Severity::Info
            },
            message,
        )
    };
    reading
        .findings
        .iter()
        .map(|f| {
            doubt(
                &f.rule,
                &f.severity,
                f.field.clone(),
                f.value.clone(),
                &f.message,
                &f.place,
            )
        })
        .collect()
}
