//! A list in another order and with a corrected amount: the same operations, and history where there was one before.

use std::path::{Path, PathBuf};

use libtest_mimic::Trial;

use crate::command::esf;
use crate::tables::Tables;
use crate::world::{folder, text};
use crate::{shared, trial};

/// A list as it was published, and a later state of it.
struct Case {
    file: &'static str,
    /// Column of the amount that is corrected.
    amount: usize,
}

const CASES: [Case; 2] = [
    Case {
        file: "de_be_esf_2014-2020.csv",
        amount: 5,
    },
    Case {
        file: "de_nw_esf_2007-2013.csv",
        amount: 4,
    },
];

pub(crate) fn trials() -> Vec<Trial> {
    CASES
        .iter()
        .flat_map(|case| {
            [
                trial(format!("vintage::reordered::{}", case.file), || {
                    reordered(case);
                }),
                trial(format!("vintage::corrected::{}", case.file), || {
                    corrected(case);
                }),
            ]
        })
        .collect()
}

/// Writes the list with its data rows in another order and one amount corrected; gives the mirror, and the amount
/// before.
fn later_state(case: &Case, name: &str) -> (PathBuf, String) {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_path(shared::list(case.file))
        .unwrap();
    let mut records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let header = records.remove(0);
    // A stride that shares no factor with the number of rows visits each once.
    let n = records.len();
    let stride = (n / 3..n).find(|s| gcd(*s, n) == 1).unwrap();
    let mut shuffled: Vec<csv::StringRecord> =
        (0..n).map(|i| records[i * stride % n].clone()).collect();
    assert_ne!(shuffled, records);
    // Correct an operation that is alone under its beneficiary, so that it cannot change places with a namesake.
    let chosen = (0..n)
        .find(|row| {
            let same = |other: &&csv::StringRecord| {
                other[1] == shuffled[*row][1] && other[0] == shuffled[*row][0]
            };
            shuffled.iter().filter(same).count() == 1
        })
        .unwrap();
    let before = shuffled[chosen][case.amount].to_owned();
    let digit = before.find(|c: char| c.is_ascii_digit()).unwrap();
    let next = char::from(b'1' + (before.as_bytes()[digit] - b'0') % 9);
    let mut after = before.clone();
    after.replace_range(digit..=digit, &next.to_string());
    shuffled[chosen] = shuffled[chosen]
        .iter()
        .enumerate()
        .map(|(column, cell)| if column == case.amount { &after } else { cell })
        .collect();
    let mirror = folder("vintage").join(name).join("later");
    std::fs::create_dir_all(&mirror).unwrap();
    let mut writer = csv::Writer::from_path(mirror.join(case.file)).unwrap();
    writer.write_record(&header).unwrap();
    for record in &shuffled {
        writer.write_record(record).unwrap();
    }
    writer.flush().unwrap();
    (mirror, before)
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Loads one file as published.
fn load_published(case: &Case, warehouse: &Path) {
    let list = shared::list(case.file);
    esf(warehouse, ["ingest", "--mirror", text(&list)]).expect(0);
}

fn ids(warehouse: &Path) -> Vec<String> {
    Tables::open(warehouse).column("SELECT operation_id FROM operation ORDER BY 1")
}

fn reordered(case: &Case) {
    let root = folder("vintage").join(format!("reordered_{}", case.file));
    std::fs::create_dir_all(&root).unwrap();
    let (mirror, _) = later_state(case, &format!("reordered_{}", case.file));
    let (published, later) = (root.join("published"), root.join("changed"));
    load_published(case, &published);
    esf(&later, ["ingest", "--mirror", text(&mirror)]).expect(0);
    assert!(ids(&published) == ids(&later), "the same operation ids");
}

fn corrected(case: &Case) {
    let root = folder("vintage").join(format!("corrected_{}", case.file));
    std::fs::create_dir_all(&root).unwrap();
    let (mirror, before) = later_state(case, &format!("corrected_{}", case.file));
    let warehouse = root.join("warehouse");
    load_published(case, &warehouse);
    let first = ids(&warehouse);
    esf(&warehouse, ["ingest", "--mirror", text(&mirror)]).expect(0);
    let tables = Tables::open(&warehouse);
    assert_eq!(tables.release.number, 2);
    assert!(ids(&warehouse) == first, "a correction makes no operation");

    let history =
        tables.rows("SELECT operation_id, changed_columns, earlier_amounts FROM operation_history");
    assert_eq!(history.len(), 1, "one operation changed: {history:?}");
    let [Some(id), Some(changed), Some(earlier)] = &history[0][..] else {
        panic!("history is not filled: {history:?}");
    };
    assert!(changed.starts_with("amount."), "{changed}");
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let amounts: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(earlier).unwrap();
    let amount = amounts
        .values()
        .next()
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        digits(&amount) == digits(&before) || digits(&amount) == format!("{}00", digits(&before)),
        "the amount before stands in history"
    );

    let diff = esf(&warehouse, ["diff", "1", "2", "--format", "csv"]).expect(0);
    assert!(diff.stdout.contains(id), "{}", diff.all());
    assert!(diff.stdout.contains(&amount), "{}", diff.all());
    let again = esf(&warehouse, ["ingest", "--mirror", text(&mirror)]).expect(0);
    assert_eq!(
        Tables::open(&warehouse).release.number,
        2,
        "nothing new was published: {}",
        again.all()
    );
}
