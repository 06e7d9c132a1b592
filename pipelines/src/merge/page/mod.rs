//! Pages as rows of the core tables: the same tables and rules as for lists, one file a page.
//!
//! Of several pages about one operation the newest counts; what earlier ones said goes to `operation_history`.

mod operation;
mod rows;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use esf_schemas::Vocabulary;

use super::assemble::Span;
use super::history::{State, push_history};
use super::identity::{IDENTITY, NATURAL};
use super::report::{FileDoubts, push_file};
use super::rows::{RowsError, Tables};
use super::{FileReport, ListOutput, References};
use crate::check::{Account, ControlTotal, Doubt, Severity};
use crate::map::{FileInput, MapError, days};
use crate::organisation::{id_text, short_id};
use crate::page::{
    PageContext, PageInstrumentLabel, PageOperation, PageReading, PageRules, Place, PlaceResolver,
    read_page,
};
use crate::region::{Gazetteer, Query, Resolved};
use operation::Page;
use rows::{Rows, Value, location, text};

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
    // The newest first, so that what it says of an operation is not said again.
    read.sort_by_key(|(file, reading)| {
        std::cmp::Reverse((published(file, reading), file.first_seen))
    });
    let spans = spans(&read);
    let mut states = States::default();
    let mut output = ListOutput::default();
    for (file, reading) in &read {
        emit(file, reading, references, &spans, &mut states, &mut output)
            .map_err(|e| vec![super::Failure::new(file, MapError::Rows(e))])?;
    }
    let newest = read.first().map(|(file, _)| *file);
    states.push_history(&mut output.tables).map_err(|e| {
        let of = newest.map(|file| super::Failure::new(file, MapError::Rows(e)));
        of.into_iter().collect::<Vec<_>>()
    })?;
    Ok(output)
}

/// First and last day on which a page spoke of each operation.
fn spans(read: &[(&FileInput, PageReading)]) -> BTreeMap<String, Span> {
    let mut spans = BTreeMap::new();
    for (file, reading) in read {
        let day = published(file, reading).map(days);
        for (_, (id, _)) in identified(file, reading) {
            let span: &mut Span = spans.entry(id).or_insert((day, day));
            // The newest comes first.
            span.0 = day.or(span.0);
        }
    }
    spans
}

/// The operations of a page with their ids and what those rest on. Of several that nothing tells apart each but the
/// first has its place in the row in its id.
fn identified<'r>(
    file: &FileInput,
    reading: &'r PageReading,
) -> Vec<(&'r PageOperation, (String, &'static str))> {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let operations = reading.operations().map(|operation| {
        let (first, _) = operation_id(file, operation, 0);
        let n = seen.entry(first).or_default();
        let id = operation_id(file, operation, *n);
        *n += 1;
        (operation, id)
    });
    operations.collect()
}

/// The states of each operation, the newest first.
#[derive(Default)]
struct States {
    operations: BTreeMap<String, Vec<State>>,
    /// Instrument labels that were said already.
    labels: BTreeSet<String>,
}

impl States {
    /// Adds the next older state.
    fn add(&mut self, id: &str, published: Option<i32>, tables: &Tables) -> Result<(), RowsError> {
        let state = State::new(published, tables)?;
        self.operations
            .entry(id.to_owned())
            .or_default()
            .extend(state);
        Ok(())
    }

    fn knows(&self, id: &str) -> bool {
        self.operations.contains_key(id)
    }

    fn push_history(self, tables: &mut Tables) -> Result<(), RowsError> {
        for mut states in self.operations.into_values() {
            states.reverse();
            push_history(&states, true, &HashMap::new(), tables)?;
        }
        Ok(())
    }
}

fn published(file: &FileInput, reading: &PageReading) -> Option<jiff::civil::Date> {
    file.published
        .or_else(|| reading.published.as_ref().map(|(date, _)| date.date))
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
fn emit(
    file: &FileInput,
    reading: &PageReading,
    references: &References,
    spans: &BTreeMap<String, Span>,
    states: &mut States,
    output: &mut ListOutput,
) -> Result<(), RowsError> {
    let mut account = Account::default();
    let mut totals = Vec::new();
    let mut with_region = (0, 0);
    let day = published(file, reading).map(days);
    for (operation, (id, basis)) in identified(file, reading) {
        account.read += 1;
        let page = Page {
            file,
            reading,
            id: &id,
            published: spans.get(&id).copied().unwrap_or((day, day)),
            gazetteer: &references.gazetteer,
        };
        let mut tables = Tables::new();
        let main = page.regions(operation, &mut tables)?;
        page.operation(operation, basis, &main, &mut tables)?;
        page.amounts(&operation.amounts, &mut tables)?;
        page.organisations(operation, &mut tables)?;
        page.targets_and_funds(operation, &mut tables)?;
        let older = states.knows(&id);
        states.add(&id, day, &tables)?;
        if older {
            account.ignore("older_vintage", 1);
            continue;
        }
        account.loaded += 1;
        with_region.0 += u64::from(main.len() > 2);
        with_region.1 += 1;
        for (table, batches) in tables {
            output.tables.entry(table).or_default().extend(batches);
        }
        totals.extend(operation.amounts.iter().map(|amount| ControlTotal {
            amount_kind: amount.kind.clone(),
            currency: amount.currency.clone(),
            location: location(&amount.place),
            n: 1,
            total: amount.cents,
        }));
    }
    for label in reading.instrument_labels() {
        account.read += 1;
        let key = format!(
            "{}|{}|{:?}|{:?}",
            label.instrument_id, label.label, label.nuts_code, label.valid_from
        );
        if !states.labels.insert(key) {
            account.ignore("older_vintage", 1);
            continue;
        }
        account.loaded += 1;
        instrument_label(file, label, &mut output.tables)?;
    }
    if account.loaded > 0 {
        let unread = (reading.findings.iter()).filter(|finding| finding.is_amount_unread());
        account.amounts_unreadable = unread.count() as u64;
    }
    let mut findings = findings(reading);
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
        published(file, reading),
        &mut output.tables,
    )?;
    output.reports.push(FileReport {
        totals,
        with_region: (with_region.1 > 0).then_some(with_region),
        ..FileReport::new(file, account, &findings, published(file, reading))
    });
    Ok(())
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

fn operation_id(file: &FileInput, operation: &PageOperation, nth: u32) -> (String, &'static str) {
    let nth = if nth == 0 {
        String::new()
    } else {
        nth.to_string()
    };
    let list = file.source.list_id().as_bytes();
    let hashed = |parts: &[&[u8]]| {
        let nth = (!nth.is_empty()).then_some(nth.as_bytes());
        let parts: Vec<&[u8]> = parts.iter().copied().chain(nth).collect();
        id_text(&short_id(&parts)).to_string()
    };
    if let Some(natural) = &operation.natural_id {
        let id = hashed(&[b"operation", list, b"natural", natural.as_bytes()]);
        return (id, NATURAL);
    }
    // The name and the first day stay what they are when a page is corrected; amounts may not. Without a name the body
    // that holds the project stands for it, never a person.
    let holder = || {
        let holders = operation.organisations.iter();
        let mut bodies = holders.filter(|o| o.role == "beneficiary" && !o.natural_person);
        bodies.find_map(|o| o.name.as_ref())
    };
    let title: String = operation
        .title
        .as_ref()
        .or_else(holder)
        .into_iter()
        .flat_map(|t| t.chars())
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    let start = operation
        .start
        .as_ref()
        .map(|d| d.date.to_string())
        .unwrap_or_default();
    let id = hashed(&[
        b"operation",
        list,
        b"identity",
        title.as_bytes(),
        start.as_bytes(),
    ]);
    (id, IDENTITY)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_that_many_things_on_a_page_have_are_told_once() {
        let signs = |signs: &[&str]| -> Vec<String> {
            signs.iter().map(|sign| (*sign).to_owned()).collect()
        };
        let evidence = signs(&["labelled holder", "signs of a call"].repeat(2_480));
        assert_eq!(
            nothing_described(&evidence),
            "the page describes no operation: there is labelled holder (2480 times), signs of a call (2480 times)"
        );
        let once = signs(&["labelled name", "signs of an article"]);
        assert!(nothing_described(&once).ends_with("there is labelled name, signs of an article"));
        assert!(nothing_described(&[]).ends_with("nothing on it speaks of one"));
    }
}
