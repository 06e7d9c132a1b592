//! A list in another order and with a corrected amount: the same operations, and history where there was one before.

use std::path::{Path, PathBuf};

use libtest_mimic::Trial;

use crate::command::{Seen, esf};
use crate::tables::Tables;
use crate::world::{folder, text};
use crate::{shared, trial};

/// A list as it was published, and a later state of it.
struct Case {
    file: &'static str,
    /// Column of the amount that is corrected.
    amount: usize,
}

const BERLIN: Case = Case {
    file: "de_be_esf_2014-2020.csv",
    amount: 5,
};
const BADEN: Case = Case {
    file: "de_bw_esf_2014-2020.csv",
    amount: 5,
};
const BAVARIA: Case = Case {
    file: "de_by_esf_2007-2013.csv",
    amount: 4,
};

pub(crate) fn trials() -> Vec<Trial> {
    let named = |what: &str, case: &Case| format!("vintage::{what}::{}", case.file);
    vec![
        trial(named("reordered", &BERLIN), || reordered(&BERLIN)),
        trial(named("reordered", &BAVARIA), || reordered(&BAVARIA)),
        trial(named("corrected", &BERLIN), || corrected(&BERLIN, true)),
        trial(named("corrected", &BADEN), || corrected(&BADEN, true)),
        // No file says when it was published, nor does anybody: the later one is the one that came later.
        trial(named("corrected_without_date", &BERLIN), || {
            corrected(&BERLIN, false);
        }),
    ]
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
            let amount = &shuffled[*row][case.amount];
            amount.contains(|c: char| c.is_ascii_digit())
                && shuffled.iter().filter(same).count() == 1
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

/// Loads one file, with the day of its publication if that is told.
fn load(warehouse: &Path, file: &Path, published: Option<&str>) -> Seen {
    let mut arguments = vec!["ingest", "--from", text(file)];
    arguments.extend(published.into_iter().flat_map(|day| ["--published", day]));
    esf(warehouse, arguments).expect(0)
}

fn ids(warehouse: &Path) -> Vec<String> {
    Tables::open(warehouse).column("SELECT operation_id FROM operation ORDER BY 1")
}

fn reordered(case: &Case) {
    let root = folder("vintage").join(format!("reordered_{}", case.file));
    std::fs::create_dir_all(&root).unwrap();
    let (mirror, _) = later_state(case, &format!("reordered_{}", case.file));
    let (published, later) = (root.join("published"), root.join("changed"));
    load(&published, &shared::list(case.file), None);
    load(&later, &mirror.join(case.file), None);
    assert!(ids(&published) == ids(&later), "the same operation ids");
}

fn corrected(case: &Case, dated: bool) {
    let name = format!("corrected_{dated}_{}", case.file);
    let root = folder("vintage").join(&name);
    std::fs::create_dir_all(&root).unwrap();
    let (mirror, before) = later_state(case, &name);
    let (warehouse, later) = (root.join("warehouse"), mirror.join(case.file));
    let [earlier_day, later_day] =
        ["2016-06-30", "2016-12-31"].map(|day| Some(day).filter(|_| dated));
    load(&warehouse, &shared::list(case.file), earlier_day);
    let first = ids(&warehouse);
    load(&warehouse, &later, later_day);
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
    let again = load(&warehouse, &later, later_day);
    assert_eq!(
        Tables::open(&warehouse).release.number,
        2,
        "nothing new was published: {}",
        again.all()
    );
}
