//! Tables of figures of one list: which of its files counts, and which regions their codes stand for.

use std::collections::{BTreeMap, HashSet};

use esf_schemas::{Table, Visibility};

use super::change::{Change, compare_figures};
use super::part::expect_rows;
use super::report::{FileDoubts, push_file};
use super::rows::push;
use super::vintage::{Dated, OLDER, Vintage, by_arrival, overlapping, vintages};
use super::{Failure, FileReport, ListOutput, Reading, References, grows};
use crate::check::{Doubt, FileRef, Severity};
use crate::map::{FileInput, MapError};
use crate::region::{Gazetteer, NutsCode, Versions};
use crate::source::Vintage as VintageKind;
use crate::statistic::{Figure, Figures, Regions, Statistic, figure_rows, read_figures};

/// A file of figures on its way through its list.
pub struct FigureFile {
    pub(super) file: FileInput,
    pub(super) read: Figures,
    /// Figures with a value, and all, as they were read.
    pub(super) with_value: (u64, u64),
    /// The file of the better rendition, where there is one.
    rendition_of: Option<String>,
    /// How it compares with what stood before it came.
    pub(super) change: Option<Change>,
}

/// Reads one file.
pub(super) fn figure_file(file: &FileInput, reading: &Reading) -> Result<FigureFile, MapError> {
    let read = read_figures(file, &reading.limits)?;
    if reading.expect_rows {
        let rows = read.account.loaded + read.account.quarantined;
        expect_rows(file, rows)?;
    }
    let figures = read.figures.iter();
    let with = figures.filter(|figure| figure.cell.value.is_some()).count();
    Ok(FigureFile {
        file: file.clone(),
        with_value: (with as u64, read.figures.len() as u64),
        read,
        rendition_of: None,
        change: None,
    })
}

/// The tables of a list of figures.
pub(super) fn derive_figures(
    files: Vec<FigureFile>,
    references: &References,
) -> Result<ListOutput, Vec<Failure>> {
    let grows = grows(files.iter().map(|file| &*file.file.source));
    let order = vintages(&dated(&files), grows).map_err(|tied| rivals(&files, tied))?;
    if let Some(tied) = overlapping(&order, |at| keys(&files[at]).into_iter()) {
        return Err(rivals(&files, tied));
    }
    figures(files, &order, references)
}

/// What is known of the days of files.
pub(super) fn dated(files: &[FigureFile]) -> Vec<Dated<'_>> {
    let files = files.iter();
    files
        .map(|f| Dated::of(&f.file, f.read.published))
        .collect()
}

/// The files of which nobody can say which is the newest.
pub(super) fn rivals(files: &[FigureFile], tied: Vec<usize>) -> Vec<Failure> {
    let files: Vec<&FileInput> = tied.into_iter().map(|at| &files[at].file).collect();
    Failure::rivals(&files)
}

/// The tables of files that are grouped in the order of their vintages.
pub(super) fn figures(
    mut files: Vec<FigureFile>,
    order: &[Vintage],
    references: &References,
) -> Result<ListOutput, Vec<Failure>> {
    let extends = files
        .first()
        .is_some_and(|f| f.file.source.toml.vintage == VintageKind::Extend);
    compare_figures(&mut files, order, extends);
    let mut said: HashSet<Key> = HashSet::new();
    for (position, vintage) in order.iter().enumerate().rev() {
        let newest = position + 1 == order.len();
        let best = vintage.files.first();
        let better = best.map(|best| files[*best].file.file_name.clone());
        for (rank, index) in vintage.files.iter().enumerate() {
            let FigureFile {
                read, rendition_of, ..
            } = &mut files[*index];
            let reason = if rank > 0 {
                rendition_of.clone_from(&better);
                "other_rendition"
            } else if newest || extends {
                continue;
            } else {
                OLDER
            };
            let loaded = std::mem::take(&mut read.account.loaded);
            read.account.ignore(reason, loaded);
            read.figures.clear();
        }
        if let (true, Some(best)) = (extends, vintage.files.first()) {
            drop_said(&mut files[*best], &mut said);
        }
        if let (true, Some(best)) = (vintage.by_arrival, vintage.files.first()) {
            files[*best].read.findings.push(by_arrival());
        }
    }
    let fail = |file: &FileInput, error: MapError| vec![Failure::new(file, error)];
    let mut output = ListOutput::default();
    for file in &mut files {
        emit(file, &references.gazetteer, &mut output).map_err(|e| fail(&file.file, e))?;
    }
    output
        .reports
        .sort_by(|a, b| (&a.source_id, &a.file_name).cmp(&(&b.source_id, &b.file_name)));
    Ok(output)
}

/// What tells a figure from the others of its table.
type Key = Vec<Option<String>>;

/// The table that the figures of a file are rows of.
fn table(file: &FigureFile) -> Option<&'static Table> {
    file.file.source.statistic.as_ref()?.core_table()
}

fn key(table: &Table, figure: &Figure) -> Key {
    let cells = table.columns.iter().zip(&figure.cells);
    let of_key = cells.filter(|(column, _)| table.key.contains(&column.name));
    let region = std::iter::once(figure.region.clone());
    of_key.map(|(_, cell)| cell.clone()).chain(region).collect()
}

/// What the figures of a file are about.
fn keys(file: &FigureFile) -> Vec<Key> {
    let Some(table) = table(file) else {
        return Vec::new();
    };
    let figures = file.read.figures.iter();
    figures.map(|figure| key(table, figure)).collect()
}

/// Leaves out what a newer file of an extending list says as well.
fn drop_said(file: &mut FigureFile, said: &mut HashSet<Key>) {
    let Some(table) = table(file) else {
        return;
    };
    let read = &mut file.read;
    let rows = |figures: &[Figure]| figures.iter().map(|f| f.row).collect::<HashSet<_>>().len();
    let before = rows(&read.figures);
    read.figures
        .retain(|figure| said.insert(key(table, figure)));
    let gone = (before - rows(&read.figures)) as u64;
    read.account.loaded -= gone;
    read.account.ignore(OLDER, gone);
}

/// Rows and accounting of one file.
fn emit(
    file: &mut FigureFile,
    gazetteer: &Gazetteer,
    output: &mut ListOutput,
) -> Result<(), MapError> {
    let source = std::sync::Arc::clone(&file.file.source);
    let Some(declared) = source.statistic.as_ref() else {
        return Ok(());
    };
    let mut of_regions = OfRegions::new(declared, &source.toml, gazetteer);
    let place = declared
        .core_table()
        .and_then(|t| t.columns.iter().position(|c| c.name == "place"));
    let regions: Vec<(Option<String>, Option<String>)> = file
        .read
        .figures
        .iter()
        .map(|figure| {
            let name = place.and_then(|at| figure.cells[at].as_deref());
            of_regions.find(figure, name.unwrap_or_default())
        })
        .collect();
    let with_region = of_regions.counts();
    file.read.findings.extend(of_regions.findings());
    let of = FileRef {
        source_id: &source.source_id,
        source_file: &file.file.sha256,
    };
    let figures: Vec<&Figure> = file.read.figures.iter().collect();
    if !figures.is_empty() {
        let rows = figure_rows(declared, of, &figures, &regions)?;
        push(&mut output.tables, &declared.table, rows);
    }
    let doubts = FileDoubts {
        findings: &file.read.findings,
        of_regions: &[],
        quarantine: &file.read.quarantine,
        totals: &[],
    };
    push_file(
        &file.file,
        &file.read.account,
        &doubts,
        file.read.published,
        &mut output.tables,
    )?;
    let told = FileReport::new(
        &file.file,
        file.read.account.clone(),
        &file.read.findings,
        file.read.published,
    );
    output.reports.push(FileReport {
        with_region,
        with_value: Some(file.with_value),
        rendition_of: file.rendition_of.clone(),
        change: file.change.take(),
        ..told
    });
    Ok(())
}

/// Regions of figures, each code looked up once.
struct OfRegions<'a> {
    declared: &'a Statistic,
    version: Option<&'a str>,
    gazetteer: &'a Gazetteer,
    versions: Versions,
    /// By code and name.
    known: BTreeMap<(String, String), Answer>,
}

struct Answer {
    code: Result<NutsCode, &'static str>,
    first: (i64, String),
    figures: u64,
    /// Those that have a value.
    values: u64,
}

impl<'a> OfRegions<'a> {
    fn new(
        declared: &'a Statistic,
        toml: &'a crate::source::SourceToml,
        gazetteer: &'a Gazetteer,
    ) -> Self {
        let versions = if declared.regions.is_some() {
            Versions::derive(gazetteer.nuts_version(), gazetteer.regions())
        } else {
            Versions::default()
        };
        Self {
            declared,
            version: toml.nuts_version.as_deref(),
            gazetteer,
            versions,
            known: BTreeMap::new(),
        }
    }

    /// Code and version of NUTS.
    fn find(&mut self, figure: &Figure, place: &str) -> (Option<String>, Option<String>) {
        let (Some(code), Some(regions)) = (&figure.region, self.declared.regions) else {
            return (None, None);
        };
        let key = (code.clone(), place.to_owned());
        if !self.known.contains_key(&key) {
            let answer = Answer {
                code: self.look_up(regions, code, place),
                first: (figure.row, figure.location.clone()),
                figures: 0,
                values: 0,
            };
            self.known.insert(key.clone(), answer);
        }
        let Some(answer) = self.known.get_mut(&key) else {
            return (None, None);
        };
        answer.figures += 1;
        answer.values += u64::from(figure.cell.value.is_some());
        match &answer.code {
            Ok(code) => (Some(code.to_string()), self.version.map(String::from)),
            Err(_) => (None, None),
        }
    }

    fn look_up(&self, regions: Regions, code: &str, place: &str) -> Result<NutsCode, &'static str> {
        let version = self.version.unwrap_or(self.gazetteer.nuts_version());
        let declared = self.declared.region_codes.get(code);
        if regions == Regions::Nuts || declared.is_some() {
            let code = declared.map_or(code, String::as_str);
            let code = NutsCode::parse(code).ok_or("is no NUTS code")?;
            // Without a table of regions nothing can be said against it.
            return if self.versions.is_empty() || self.versions.has(version, code) {
                Ok(code)
            } else {
                Err("is no code of the declared version of NUTS")
            };
        }
        let (now, former) = self.gazetteer.community(code).ok_or(
            "is the code of no region of NUTS: a district that is no more, or a part of one",
        )?;
        let then = self
            .versions
            .namesake(now, self.gazetteer.nuts_version(), version, place)
            .ok_or("leads to several regions of the declared version of NUTS, none of which has its name")?;
        if former && then == now {
            return Err(
                "was dissolved before the declared version of NUTS; no region there is it alone",
            );
        }
        Ok(then)
    }

    /// Values with a region, of all.
    fn counts(&self) -> Option<(u64, u64)> {
        self.declared.regions?;
        let with = self.known.values().filter(|a| a.code.is_ok());
        let of = |answers: &mut dyn Iterator<Item = &Answer>| answers.map(|a| a.values).sum();
        Some((of(&mut with.into_iter()), of(&mut self.known.values())))
    }

    /// What could not be found, a finding for each code. Of a table that is not public neither the text nor how many values
    /// have it is told: they may be people, and the text anything.
    fn findings(self) -> impl Iterator<Item = Doubt> {
        let table = self.declared.core_table();
        let public = table.is_some_and(|table| table.visibility == Visibility::Public);
        self.known
            .into_iter()
            .filter_map(move |((code, place), answer)| {
                let reason = answer.code.err()?;
                let of = match (public, place.is_empty()) {
                    (false, _) => "what stands for a region".to_owned(),
                    (true, true) => code.clone(),
                    (true, false) => format!("{code} ({place})"),
                };
                let values = if public {
                    format!("its {} values", answer.figures)
                } else {
                    "its values".to_owned()
                };
                Some(Doubt {
                    row: Some(answer.first.0),
                    location: answer.first.1,
                    column: Some("region".into()),
                    value: public.then_some(code),
                    ..Doubt::of_file(
                        "region_without_code",
                        Severity::Info,
                        format!("{of} {reason}; {values} are kept without a NUTS code"),
                    )
                })
            })
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, AsArray, RecordBatch};
    use arrow::datatypes::Int64Type;

    use super::*;
    use crate::merge::derive_list;
    use crate::merge::rows::Tables;
    use crate::read::Limits;
    use crate::run::sample_references;
    use crate::source::Catalogue;

    /// The first value of a column of whole numbers.
    fn number(tables: &Tables, table: &str, column: &str) -> Option<i64> {
        let values = tables[table][0].column_by_name(column).unwrap();
        let values = values.as_primitive::<Int64Type>();
        values.is_valid(0).then(|| values.value(0))
    }

    /// A file of people, first seen in release 1: of its four rows one is rejected, and two name no region that is known.
    fn file_of_people(catalogue: &Catalogue) -> FileInput {
        let counts_people = |declared: &Statistic| declared.table == "participant";
        let source = catalogue
            .iter()
            .find(|source| source.statistic.as_deref().is_some_and(counts_people))
            .unwrap();
        let bytes = "operation_id,programme_id,participant_id,region,entry_date,exit_date,sex,age,education,labour_status,\
             disability,foreign_background,status_on_leaving,status_6_months\n\
             a,,p1,DE2,2016-03-01,,f,30,isced_3_4,unemployed,no,no,,\n\
             a,,p2,nowhere,2016-03-01,,f,31,isced_3_4,unemployed,no,no,,\n\
             a,,p3,nothing,2016-03-01,,m,32,isced_3_4,unemployed,no,no,,\n\
             a,,p4,DE2,2016-03-01,,w,33,isced_3_4,unemployed,no,no,,\n";
        FileInput {
            source: std::sync::Arc::clone(source),
            file_name: "participant_made.csv".into(),
            sha256: "0".repeat(64),
            content: bytes::Bytes::from(bytes.to_owned()).into(),
            published: None,
            first_seen: 1,
            earlier: Vec::new(),
        }
    }

    #[test]
    fn of_two_files_without_a_date_the_one_that_came_later_is_newer() {
        let catalogue = Catalogue::embedded().unwrap();
        let references = sample_references(&catalogue, &Limits::default()).unwrap();
        let old = file_of_people(&catalogue);
        let mut new = FileInput {
            file_name: "participant_again.csv".into(),
            sha256: "1".repeat(64),
            ..old.clone()
        };
        // They came together, so that nobody can say which of them is newer.
        let failures = derive_list(vec![old.clone(), new.clone()], &references).unwrap_err();
        assert_eq!(failures.len(), 2);
        for failure in &failures {
            let text = failure.error.to_string();
            let both = "participant_made.csv, participant_again.csv are states of one list";
            assert!(text.starts_with(both), "{text}");
        }
        new.first_seen = 2;
        let tables = derive_list(vec![old, new], &references).unwrap().tables;
        let mut told: Vec<(&str, &str)> = Vec::new();
        for batch in &tables["restricted_finding"] {
            let text = |name: &str| batch.column_by_name(name).unwrap().as_string::<i32>();
            let files = text("source_file").iter().flatten();
            let rules = text("rule").iter().flatten().zip(files);
            told.extend(rules.filter(|(rule, _)| *rule == "vintage_by_arrival"));
        }
        assert_eq!(told, [("vintage_by_arrival", "1".repeat(64).as_str())]);
    }

    #[test]
    fn the_rows_of_a_file_of_people_are_counted_in_restricted_tables_only() {
        let catalogue = Catalogue::embedded().unwrap();
        let references = sample_references(&catalogue, &Limits::default()).unwrap();
        let file = file_of_people(&catalogue);
        let size = file.content.size() as i64;
        let tables = derive_list(vec![file], &references).unwrap().tables;
        let told = [
            "rows_read",
            "rows_loaded",
            "rows_quarantined",
            "rows_ignored",
        ];
        let numbers = |table: &str| told.map(|column| number(&tables, table, column));
        assert_eq!(numbers("source_file"), [None; 4]);
        assert_eq!(number(&tables, "source_file", "bytes"), None);
        assert_eq!(
            numbers("restricted_source_file"),
            [Some(5), Some(3), Some(1), Some(1)]
        );
        assert_eq!(
            number(&tables, "restricted_source_file", "bytes"),
            Some(size)
        );
        assert!(!tables.contains_key("ignored_rows"));
        assert_eq!(number(&tables, "restricted_ignored_rows", "n"), Some(1));
        // Two records name no region: in public it is told once and without a place.
        let rows = |table: &str| {
            let rows = tables[table].iter().map(RecordBatch::num_rows);
            rows.sum::<usize>()
        };
        assert_eq!((rows("finding"), rows("restricted_finding")), (1, 2));
        assert_eq!(number(&tables, "finding", "source_row"), None);
        assert_ne!(number(&tables, "restricted_finding", "source_row"), None);
    }
}
