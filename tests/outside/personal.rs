//! No name of a natural person and no contact person leaves the raw layer. The names are taken from the real lists and
//! pages at run time; messages count them and never show one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use arrow::array::AsArray;
use esf_pipelines::map::{Labels, Meaning, choose_sheet};
use esf_pipelines::personal::{Reason, is_natural_person};
use esf_pipelines::read::Limits;
use esf_schemas::Vocabulary;
use libtest_mimic::Trial;

use crate::command::esf;
use crate::tables::Tables;
use crate::{pages, shared, trial, world};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("personal::no_person_in_any_table", || {
            in_tables(world::warehouse(), persons());
        }),
        trial("personal::no_person_in_any_file", || {
            in_files(world::warehouse(), persons());
        }),
        trial("personal::no_person_in_what_is_printed", printed),
        trial("personal::no_contact_in_any_table", || {
            in_tables(pages::warehouse(), &contacts());
        }),
        trial("personal::no_contact_in_any_file", || {
            in_files(pages::warehouse(), &contacts());
        }),
        trial("personal::no_contact_in_what_is_printed", || {
            let warehouse = pages::warehouse();
            let ids = Tables::open(warehouse).column("SELECT operation_id FROM operation");
            let mut texts = vec![esf(warehouse, ["quarantine"]).expect(0).all()];
            for id in ids {
                texts.push(esf(warehouse, ["trace", &id]).expect(0).all());
            }
            nowhere(
                texts.iter().map(|text| ("output", text.as_str())),
                &contacts(),
            );
        }),
    ]
}

/// Texts that must not occur, and a search for all of them at once.
struct Names {
    search: AhoCorasick,
}

impl Names {
    fn new(names: &BTreeSet<String>) -> Self {
        Self {
            search: AhoCorasick::new(names).unwrap(),
        }
    }

    /// How often one of them stands in a text by itself, not as a piece of a longer word.
    fn count(&self, text: &[u8]) -> usize {
        let letter = |at: Option<&u8>| at.is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 0x80);
        self.search
            .find_overlapping_iter(text)
            .filter(|hit| {
                !letter(hit.start().checked_sub(1).and_then(|at| text.get(at)))
                    && !letter(text.get(hit.end()))
                    && !quoted(&text[..hit.start()])
            })
            .count()
    }
}

/// Whether a quotation opens here, or two words before: a school called after somebody is not the beneficiary.
fn quoted(before: &[u8]) -> bool {
    let tail = String::from_utf8_lossy(&before[before.len().saturating_sub(60)..]);
    tail.rsplit_once(['"', '„', '“', '»'])
        .is_some_and(|(_, words)| {
            words.split_whitespace().count() <= 2 && !words.contains([',', ':', ';'])
        })
}

/// Blanks as one blank, as a reader of the table sees them.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Names of natural persons among the beneficiaries of all lists: at least two words, and no piece of the name of a
/// body, which may be called after its founder.
fn persons() -> &'static Names {
    static PERSONS: OnceLock<Names> = OnceLock::new();
    PERSONS.get_or_init(|| {
        let (mut persons, mut bodies) = (BTreeSet::new(), String::new());
        for cell in beneficiaries() {
            match is_natural_person(&cell) {
                // "Natürliche Person" names nobody.
                Some(Reason::Stated) => {}
                Some(_) if plain(&cell).contains(' ') => {
                    persons.insert(plain(&cell));
                }
                Some(_) => {}
                None => {
                    bodies += &plain(&cell);
                    bodies.push('\n');
                }
            }
        }
        let all: Vec<&String> = persons.iter().collect();
        let search = AhoCorasick::new(&all).unwrap();
        let of_bodies: BTreeSet<String> = search
            .find_overlapping_iter(&bodies)
            .map(|hit| all[hit.pattern().as_usize()].clone())
            .collect();
        persons.retain(|name| !of_bodies.contains(name));
        println!("{} names of natural persons are looked for", persons.len());
        assert!(persons.len() > 5_000, "the lists name sole traders");
        Names::new(&persons)
    })
}

/// The published cells of the columns that name the beneficiary.
fn beneficiaries() -> BTreeSet<String> {
    let mut cells = BTreeSet::new();
    for file in shared::LISTS {
        let source = shared::source_of(file);
        let labels = Labels::new(&source, Vocabulary::standard());
        let table = choose_sheet(&shared::input(&source, file), &labels, &Limits::default())
            .unwrap_or_else(|error| panic!("{file}: {error}"));
        for column in &table.frame.columns {
            let Meaning::Field { column: found, .. } = &column.meaning else {
                continue;
            };
            if found.field == "beneficiary_name" {
                let rows = table.frame.data_start()..table.sheet.rows.num_rows();
                cells.extend(
                    rows.filter_map(|row| table.sheet.cell(row, column.index))
                        .map(str::to_owned),
                );
            }
        }
    }
    cells
}

/// People to talk to, by the labels of the pages: what follows a label on its line, or stands on the line below.
fn contacts() -> Names {
    const LABELS: [&str; 7] = [
        "Kontaktperson",
        "E-post",
        "E-Mail",
        "Telefon",
        "Telefax",
        "Tel.",
        "Fax",
    ];
    let mut found = BTreeSet::new();
    for page in pages::PAGES {
        let text = fs::read_to_string(pages::path(page)).unwrap();
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for (at, line) in lines.iter().enumerate() {
            for label in LABELS {
                let Some(rest) = line.strip_prefix(label) else {
                    continue;
                };
                let rest = rest.trim_matches([':', ' ', '\u{a0}']);
                let value = if rest.is_empty() {
                    lines[at + 1..]
                        .iter()
                        .find(|line| !line.is_empty())
                        .copied()
                } else {
                    Some(rest)
                };
                found.extend(value.map(str::to_owned));
            }
            // An address wherever it stands.
            found.extend(
                line.split_whitespace()
                    .filter(|word| word.contains('@') || word.contains("(at)"))
                    .map(|word| word.trim_matches(['.', ',', ';', '(', ')']).to_owned()),
            );
        }
    }
    found.retain(|value| value.chars().count() > 4);
    assert!(found.len() >= 4, "the pages hold contacts: {}", found.len());
    Names::new(&found)
}

/// Fails with the number of hits by place.
fn nowhere<'a>(texts: impl Iterator<Item = (&'a str, &'a str)>, names: &Names) {
    let mut hits: BTreeMap<&str, usize> = BTreeMap::new();
    for (place, text) in texts {
        *hits.entry(place).or_default() += names.count(text.as_bytes());
    }
    hits.retain(|_, n| *n > 0);
    assert!(hits.is_empty(), "personal data by place: {hits:?}");
}

/// All text columns of all tables, the operator's included.
fn in_tables(warehouse: &Path, names: &Names) {
    let tables = Tables::open(warehouse);
    let mut hits: BTreeMap<String, usize> = BTreeMap::new();
    for (name, table) in &tables.release.tables {
        if table.rows() == 0 {
            continue;
        }
        let declared = esf_schemas::table(name).expect("a declared table");
        for column in &declared.columns {
            if column.column_type != esf_schemas::ColumnType::Text {
                continue;
            }
            let sql = format!(
                "SELECT DISTINCT CAST(\"{0}\" AS VARCHAR) FROM {name}",
                column.name
            );
            for batch in tables.batches(&sql) {
                let cells =
                    arrow::compute::cast(batch.column(0), &arrow::datatypes::DataType::Utf8)
                        .unwrap();
                for cell in cells.as_string::<i32>().iter().flatten() {
                    let n = names.count(plain(cell).as_bytes());
                    if n > 0 {
                        *hits.entry(format!("{name}.{}", column.name)).or_default() += n;
                    }
                }
            }
        }
    }
    assert!(hits.is_empty(), "personal data by column: {hits:?}");
}

/// The bytes of every published file: Parquet footers, statistics and indexes are not compressed, documents are text.
fn in_files(warehouse: &Path, names: &Names) {
    let mut hits: BTreeMap<String, usize> = BTreeMap::new();
    let mut looked_at = 0;
    for layer in ["data", "operator", "restricted", "releases", "runs"] {
        for file in files(&warehouse.join(layer)) {
            looked_at += 1;
            let n = names.count(&fs::read(&file).unwrap());
            if n > 0 {
                let place = file.strip_prefix(warehouse).unwrap().display().to_string();
                *hits.entry(place).or_default() += n;
            }
        }
    }
    assert!(looked_at > 5, "the warehouse has files");
    assert!(hits.is_empty(), "personal data by file: {hits:?}");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

/// What the main job, the quarantine and traces of natural persons' operations print.
fn printed() {
    let warehouse = world::warehouse();
    let tables = Tables::open(warehouse);
    let ids = tables.column(
        "SELECT operation_id FROM (SELECT o.operation_id, row_number() OVER (PARTITION BY o.list_id \
         ORDER BY md5(o.operation_id)) AS lot FROM operation o \
         JOIN operation_organisation r ON o.operation_id = r.operation_id \
         JOIN organisation b ON r.organisation_id = b.organisation_id WHERE b.natural_person) WHERE lot = 1",
    );
    assert!(ids.len() >= 5, "natural persons in {} lists", ids.len());
    let mut texts = vec![
        ("nightly", world::everything().seen.all()),
        ("quarantine", esf(warehouse, ["quarantine"]).expect(0).all()),
    ];
    for id in &ids {
        texts.push(("trace", esf(warehouse, ["trace", id]).expect(0).all()));
        for table in ["operation_organisation", "operation_amount"] {
            let seen = esf(
                warehouse,
                ["trace", id, "--table", table, "--format", "markdown"],
            );
            texts.push(("trace --table", seen.expect(0).all()));
        }
    }
    let texts: Vec<(&str, String)> = texts
        .into_iter()
        .map(|(place, text)| (place, plain(&text)))
        .collect();
    nowhere(
        texts.iter().map(|(place, text)| (*place, text.as_str())),
        persons(),
    );
}
