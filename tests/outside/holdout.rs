//! How well a list that nobody has seen is understood: each shared list by the vocabulary alone, without its own mapping
//! and without every label that only it contributed.
//!
//! The floors are what is reached today. They may only rise.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock};

use esf_pipelines::map::{Labels, Meaning, choose_sheet, map_file};
use esf_pipelines::read::Limits;
use esf_pipelines::{Catalogue, Source, SourceKind};
use esf_schemas::{Vocabulary, normalise_label};
use libtest_mimic::Trial;

use crate::truth::{Truth, truths};
use crate::{shared, trial};

/// Per list: columns understood as its own declarations understand them, and whether rows and sums come out as
/// published.
const FLOORS: [(&str, usize, bool); 21] = [
    ("de_bw_esf_2014-2020.xlsx", 11, true),
    ("de_bw_esf_2014-2020.csv", 11, true),
    ("de_by_esf_2007-2013.csv", 5, true),
    ("de_be_esf_2007-2013.json", 3, false),
    ("de_be_esf_2014-2020.csv", 7, false),
    ("de_bb_esf_2014-2020.xlsx", 10, true),
    ("de_hh_esf_2007-2013.csv", 5, false),
    ("de_he_esf_2007-2013.csv", 5, false),
    ("de_he_esf_2014-2020.csv", 8, true),
    ("de_he_esf_2014-2020.xlsx", 8, true),
    ("de_mv_esf_2014-2020.xlsx", 9, true),
    ("de_mv_esf_2014-2020.csv", 9, true),
    ("de_nw_esf_2014-2020.xlsx", 11, true),
    ("de_nw_esf_2007-2013.csv", 4, false),
    ("de_sn_esf_2014-2020_cp1252.csv", 13, true),
    ("de_sn_esf_2014-2020_utf8.csv", 13, true),
    ("de_th_esf_2014-2020.xls", 9, true),
    ("se_erdf_2014-2020_projektbank_redacted.json", 14, true),
    ("de_bb_esf_2014-2020.json", 9, true),
    ("de_nw_erdf_2014-2020.json", 5, false),
    ("se_uppsala_esf_subset_transcribed.csv", 6, false),
];

/// What came of the lists tried so far.
static SHARES: Mutex<Vec<Share>> = Mutex::new(Vec::new());

struct Share {
    right: usize,
    columns: usize,
    whole: bool,
}

/// The share over all lists that were tried, for people.
pub(crate) fn summary() {
    let shares = SHARES.lock().unwrap();
    if shares.is_empty() {
        return;
    }
    let (right, columns): (usize, usize) = shares
        .iter()
        .fold((0, 0), |sum, s| (sum.0 + s.right, sum.1 + s.columns));
    let whole = shares.iter().filter(|s| s.whole).count();
    println!(
        "held out: {right} of {columns} columns ({} %) are understood, {whole} of {} lists have their rows and sums",
        right * 100 / columns,
        shares.len()
    );
}

pub(crate) fn trials() -> Vec<Trial> {
    FLOORS
        .iter()
        .map(|(file, columns, sums)| {
            trial(format!("holdout::{file}"), move || {
                held_out(file, *columns, *sums);
            })
        })
        .collect()
}

/// What the header of a list says, and which labels of the vocabulary it brings up.
struct Header {
    list_id: String,
    /// Label and declared field of each column; no field where the declarations leave it out.
    columns: Vec<(String, Option<String>)>,
    /// Normal forms of the labels.
    contributed: BTreeSet<String>,
}

fn header(file: &str) -> Header {
    let source = shared::source_of(file);
    let vocabulary = Vocabulary::standard();
    let input = shared::input(&source, file);
    let labels = Labels::new(&source, vocabulary);
    let table = choose_sheet(&input, &labels, &Limits::default()).unwrap();
    let columns: Vec<(String, Option<String>)> = table
        .frame
        .columns
        .into_iter()
        .map(|column| {
            let field = match column.meaning {
                Meaning::Field { column, .. } => Some(column.field),
                _ => None,
            };
            (column.label.published().to_string(), field)
        })
        .collect();
    let mut contributed = BTreeSet::new();
    for (label, _) in &columns {
        // A label of several rows has that of its group in some of them, and words of its own in the others.
        let lines: Vec<&str> = label.split('\n').collect();
        for from in 0..lines.len() {
            contributed
                .extend((from..lines.len()).map(|to| normalise_label(&lines[from..=to].join(" "))));
        }
        // The label, its languages, and the known spellings by which any of them is recognised.
        for part in std::iter::once(label.as_str()).chain(label.split(['\n', '/', '(', ')', ';'])) {
            if !part.trim().is_empty() {
                contributed.insert(normalise_label(part));
                contributed.extend(vocabulary.find(part).map(|f| normalise_label(&f.spelling)));
            }
        }
    }
    Header {
        list_id: source.list_id().to_owned(),
        columns,
        contributed,
    }
}

/// The headers of all lists.
fn headers() -> &'static [Header] {
    static HEADERS: OnceLock<Vec<Header>> = OnceLock::new();
    HEADERS.get_or_init(|| shared::LISTS.iter().map(|file| header(file)).collect())
}

/// Lines of the domain description, normalised as labels are: what stands there is known without any list.
fn domain() -> &'static str {
    static DOMAIN: OnceLock<String> = OnceLock::new();
    DOMAIN.get_or_init(|| {
        let text = std::fs::read_to_string(shared::path("domain.md")).unwrap();
        let cells = text.split(['\n', '|', ',', ';', '"', '(', ')']);
        cells
            .map(|cell| format!(" {} \n", normalise_label(cell)))
            .collect::<Vec<_>>()
            .concat()
    })
}

/// The vocabulary as it would be without a list (in all its formats).
fn without(list_id: &str) -> Vocabulary {
    let others: BTreeSet<&String> = headers()
        .iter()
        .filter(|header| header.list_id != list_id)
        .flat_map(|header| &header.contributed)
        .collect();
    let only_here: Vec<&String> = headers()
        .iter()
        .filter(|header| header.list_id == list_id)
        .flat_map(|header| &header.contributed)
        .filter(|label| !others.contains(label) && !domain().contains(&format!(" {label} ")))
        .collect();
    Vocabulary::without(&only_here)
}

/// The source of files of unknown publishers.
fn any_list() -> Arc<Source> {
    let catalogue = Catalogue::embedded().unwrap();
    let mut generic = catalogue
        .iter()
        .filter(|source| source.is_generic() && source.toml.kind == SourceKind::Operations);
    Arc::clone(generic.next().expect("any_list is bundled"))
}

fn held_out(file: &str, floor: usize, sums_floor: bool) {
    let at = shared::LISTS
        .iter()
        .position(|list| *list == file)
        .expect("a shared list");
    let header = &headers()[at];
    let vocabulary = without(&header.list_id);
    let input = shared::input(&any_list(), file);
    let limits = Limits::default();
    let labels = Labels::new(&input.source, &vocabulary);
    let (right, wrong): (Vec<_>, Vec<_>) = match choose_sheet(&input, &labels, &limits) {
        Ok(table) => header.columns.iter().partition(|(label, declared)| {
            let found = table
                .frame
                .columns
                .iter()
                .find(|column| column.label.published() == label)
                .map(|column| match &column.meaning {
                    Meaning::Field { column, .. } => Some(column.field.as_str()),
                    _ => None,
                });
            found == Some(declared.as_deref())
        }),
        Err(_) => (Vec::new(), header.columns.iter().collect()),
    };
    let right = right.len();
    let truth = truths()
        .into_iter()
        .find(|truth| truth.file == file)
        .expect("TRUTH.csv has the file");
    let (whole, why) = match map_file(&input, &vocabulary, &limits) {
        Ok(mapped) => {
            let totals = mapped.totals.iter().map(|total| total.total).collect();
            let rows = i64::try_from(mapped.account.data_rows()).unwrap();
            (
                rows == truth.data_rows && same_sums(&truth, totals),
                String::new(),
            )
        }
        Err(error) => (false, format!(" ({error})")),
    };
    println!(
        "held out {file}: {right} of {} columns, rows and sums {}{why}",
        header.columns.len(),
        if whole { "right" } else { "not right" }
    );
    SHARES.lock().unwrap().push(Share {
        right,
        columns: header.columns.len(),
        whole,
    });
    assert!(
        right >= floor,
        "{right} columns are understood; it were {floor}. Not understood: {wrong:?}"
    );
    assert!(whole || !sums_floor, "rows and sums came out once{why}");
}

/// Whether the sums in hundredths are the published ones; columns of zeros do not count.
fn same_sums(truth: &Truth, mut totals: Vec<i128>) -> bool {
    let mut published: Vec<i128> = truth
        .sums
        .iter()
        .map(|sum| sum.total.replace('.', "").parse().unwrap())
        .collect();
    totals.retain(|total| *total != 0);
    totals.sort_unstable();
    published.sort_unstable();
    totals == published
}
