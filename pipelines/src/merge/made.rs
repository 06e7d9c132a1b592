//! Lists that tests make, and what came of them as a release has it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use arrow::array::{BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use bytes::Bytes;
use jiff::civil::{Date, date};

use super::published::PublishedFile;
use super::rows::{Tables, batches, of_files};
use super::{Behind, References, TakenOver, derive_list, prepare, put_behind};
use crate::map::FileInput;
use crate::read::Limits;
use crate::run::sample_references;
use crate::source::{Catalogue, Source};

/// A file with the day of its publication.
pub(super) type Dated = (FileInput, Option<Date>);

/// A list as a release has it.
pub(super) struct Release {
    pub(super) number: u64,
    pub(super) files: Vec<Dated>,
    pub(super) tables: Tables,
}

impl Release {
    /// Its files as it knows them.
    pub(super) fn published(&self) -> Vec<PublishedFile> {
        let published = self.files.iter().map(|(file, day)| PublishedFile {
            source: Arc::clone(&file.source),
            sha256: file.sha256.clone(),
            published: *day,
            first_seen: file.first_seen,
        });
        published.collect()
    }
}

/// What the reference tables of the samples say.
pub(super) fn references() -> References {
    let catalogue = Catalogue::embedded().unwrap();
    sample_references(&catalogue, &Limits::default()).unwrap()
}

/// A source of the list, whose files say in their names when they were published, if they say it.
pub(super) fn source(rank: u32, vintage: &str) -> Arc<Source> {
    let toml = format!(
        "title = \"Made\"\npublisher = \"Muster\"\nkind = \"operations\"\nlist_id = \"made\"\ncountry = \"DE\"\n\
         period = \"2014-2020\"\nfund = \"ESF\"\nidentity = [\"beneficiary_name\", \"title\"]\n\
         rendition_rank = {rank}\nvintage = \"{vintage}\"\n\n\
         [published_date]\nfile_name = '_(\\d{{4}}-\\d{{2}}-\\d{{2}})'\n\n\
         [format]\nkind = \"csv\"\nencoding = \"utf-8\"\ndelimiter = \";\"\n"
    );
    let mapping = "[conventions]\nnumbers = \"1.234,56\"\ndates = [\"dd.mm.yyyy\"]\n";
    let texts = BTreeMap::from([
        ("source.toml".to_owned(), toml),
        ("mapping.toml".to_owned(), mapping.to_owned()),
    ]);
    Arc::new(Source::parse(&format!("made_{rank}"), texts).unwrap())
}

/// A file with these operations, each with its amount in euro, first seen in this release.
pub(super) fn file(
    source: &Arc<Source>,
    number: u64,
    day: Option<Date>,
    operations: &[(usize, u64)],
) -> Dated {
    let mut text =
        "Begünstigter;Bezeichnung des Vorhabens;Beginn;Ende;Ort;Gesamtausgaben in EUR\n".to_owned();
    for (operation, euro) in operations {
        // Of some places nobody knows where they are, which is a finding about the operation.
        let place = if operation % 3 == 0 {
            "00000 Nirgendwo"
        } else {
            "10115 Berlin"
        };
        writeln!(
            text,
            "Verein {operation} e.V.;Vorhaben {operation};01.02.2016;31.12.2017;{place};{euro},00"
        )
        .unwrap();
    }
    let rank = source.toml.rendition_rank;
    let name = day.map_or("undated".to_owned(), |day| format!("_{day}"));
    let file = FileInput {
        source: Arc::clone(source),
        file_name: format!("made{rank}{name}.csv"),
        sha256: format!("{number:032x}{rank:032x}"),
        content: Bytes::from(text).into(),
        published: None,
        first_seen: number,
        earlier: Vec::new(),
    };
    (file, day)
}

/// The release that reads all files of these and new ones.
pub(super) fn whole(before: &[Dated], new: &[Dated], references: &References) -> Release {
    let mut files: Vec<_> = before.iter().chain(new).cloned().collect();
    files.sort_by_key(|(file, _)| {
        let source = file.source.source_id.clone();
        (source, file.first_seen, file.sha256.clone())
    });
    let number = files.iter().map(|(file, _)| file.first_seen).max();
    let inputs = files.iter().map(|(file, _)| file.clone()).collect();
    Release {
        number: number.unwrap(),
        files,
        tables: derive_list(inputs, references).unwrap().tables,
    }
}

/// What comes of new files behind those of a release, and how many are read for it.
pub(super) fn read_behind(
    before: &Release,
    new: &[Dated],
    taken: TakenOver,
    references: &References,
) -> (Behind, usize) {
    let files = before.files.iter().chain(new).map(|(file, _)| file);
    let read: Vec<&FileInput> = files
        .filter(|file| !taken.has(&file.source.source_id, &file.sha256))
        .collect();
    let n = read.len();
    let read = read.into_iter().cloned();
    let prepared = read
        .map(|file| prepare(file, &references.reading))
        .collect();
    (put_behind(taken, prepared, references).unwrap(), n)
}

/// Goes through the nights of a list with one new file each, and gives of every `night` the release before it, if there is one,
/// the new file, and the release of all files.
pub(super) fn each_night(
    source: &Arc<Source>,
    nights: Vec<Vec<(usize, u64)>>,
    dated: bool,
    references: &References,
    mut night: impl FnMut(Option<&Release>, &[Dated], &Release),
) {
    let mut release: Option<Release> = None;
    for (number, operations) in (1..).zip(nights) {
        let day = dated.then(|| day(number));
        let new = [file(source, number, day, &operations)];
        let before = (release.as_ref()).map_or(&[][..], |before| before.files.as_slice());
        let all = whole(before, &new, references);
        night(release.as_ref(), &new, &all);
        release = Some(all);
    }
}

/// A file of a release, which is first seen in it and dated by its number.
pub(super) fn published(source: &Arc<Source>, number: u64) -> PublishedFile {
    PublishedFile {
        source: Arc::clone(source),
        sha256: number.to_string(),
        published: Some(day(number)),
        first_seen: number,
    }
}

/// The rows of files in a table.
pub(super) fn rows(tables: &Tables, table: &str, files: &[(String, String)]) -> Vec<RecordBatch> {
    let kept = batches(tables, table).map(|batch| {
        let (sources, hashes) = of_files(batch).unwrap();
        let both = sources.iter().zip(hashes.iter());
        let kept: BooleanArray = both
            .map(|(source, hash)| {
                let is_it = |(id, sha256): &(String, String)| {
                    source == Some(id.as_str()) && hash == Some(sha256.as_str())
                };
                Some(files.iter().any(is_it))
            })
            .collect();
        filter_record_batch(batch, &kept).unwrap()
    });
    kept.filter(|batch| batch.num_rows() > 0).collect()
}

/// All rows as text, by table, in whatever order they come.
pub(super) fn told(tables: &Tables) -> BTreeMap<String, Vec<String>> {
    let mut told = told_in_order(tables);
    for lines in told.values_mut() {
        lines.sort();
    }
    told
}

/// All rows as text, by table, in the order in which they come.
pub(super) fn told_in_order(tables: &Tables) -> BTreeMap<String, Vec<String>> {
    let options = FormatOptions::default().with_null("null");
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (table, batch) in tables
        .iter()
        .flat_map(|(t, b)| b.iter().map(move |b| (t, b)))
    {
        let columns: Vec<ArrayFormatter<'_>> = batch
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column.as_ref(), &options).unwrap())
            .collect();
        for row in 0..batch.num_rows() {
            let cells = columns.iter().map(|column| column.value(row).to_string());
            let line = cells.collect::<Vec<_>>().join("|");
            told.entry(table.clone()).or_default().push(line);
        }
    }
    told
}

/// Numbers that look random, the same ones each time.
pub(super) struct Numbers(pub(super) u64);

impl Numbers {
    /// One of the first `n`.
    pub(super) fn below(&mut self, n: u64) -> u64 {
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// A day of January.
pub(super) fn day(number: u64) -> Date {
    date(2020, 1, number as i8)
}
